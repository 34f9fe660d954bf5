//! The results of a run in the form that all writers use.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use vmaf_core::feature::{Options, Output, When, vif};
use vmaf_core::gate::Verdict;
use vmaf_core::pool::{self, Interval, Pool};
use vmaf_core::score::Column;
use vmaf_core::{Format, Gate, Level, Model};
use vmaf_media::{Message, StreamInfo, Wording};

use super::names::{find, only_cambi, plain_name};
use super::timeline::Timeline;
use super::values::Values;
use crate::failure::EncodeFailure;
use crate::gates::ColumnGate;
use crate::pairing::Alignment;
use crate::request::Metric;
use crate::request::values::NamedPool;
use crate::run::sample::SampleShare;

/// The reason why a gate has no verdict.
pub(crate) const NOT_JUDGED: &str =
    "a frame's value is undefined, or a window needs timestamps that are unknown";

/// The pools that every column gets.
pub(crate) const POOLS: [Pool; 6] = [
    Pool::Mean,
    Pool::HarmonicMean,
    Pool::Min,
    Pool::Max,
    Pool::Percentile(1.0),
    Pool::Percentile(5.0),
];

/// Returns the pools of a run that requests `more`.
pub(crate) fn pools(more: &[NamedPool]) -> Vec<NamedPool> {
    let named = |pool: Pool| NamedPool { name: pool.to_string(), pool };
    let mut pools: Vec<NamedPool> = POOLS.map(named).into();
    for asked in more {
        if !pools.iter().any(|pool| pool.name == asked.name) {
            pools.push(asked.clone());
        }
    }
    pools
}

/// A run and its results.
pub(crate) struct Report {
    pub(crate) reference: StreamInfo,
    /// Conversions of the reference's frames before scoring.
    pub(crate) reference_steps: Vec<String>,
    /// The scored format.
    pub(crate) format: Format,
    pub(crate) encodes: Vec<Encode>,
    pub(crate) models: Vec<Model>,
    pub(crate) auto_model: Option<AutoModel>,
    /// All that was measured; the models' features come first.
    pub(crate) measured: Vec<Metric>,
    /// The metrics requested beside models.
    pub(crate) metrics: Vec<Metric>,
    /// The gates of the run.
    pub(crate) gates: Vec<ColumnGate>,
    /// The pools of each column.
    pub(crate) pools: Vec<NamedPool>,
    pub(crate) frames: Range<u64>,
    pub(crate) every: u64,
    /// The share of the frames that was sampled.
    pub(crate) sample: Option<SampleShare>,
    pub(crate) shortest: bool,
    pub(crate) warnings: Vec<Message>,
    /// The wording of failures and warnings.
    pub(crate) wording: Wording,
    pub(crate) threads: usize,
    pub(crate) level: Level,
    /// Statistics: the measured frames of the reference, and the time taken.
    pub(crate) count: u64,
    pub(crate) elapsed: Duration,
}

/// A model that was chosen for the reference.
#[derive(Debug, Clone)]
pub(crate) struct AutoModel {
    pub(crate) label: String,
    /// The reference's height and frame rate, as the reason.
    pub(crate) reason: String,
}

/// An encode and its result.
pub(crate) struct Encode {
    pub(crate) path: String,
    /// Facts about the stream, if it could be opened.
    pub(crate) info: Option<StreamInfo>,
    /// Conversions of its frames before scoring.
    pub(crate) steps: Vec<String>,
    /// The bit depth that it was measured at, unless a model needs more.
    pub(crate) bit_depth: u8,
    /// The run's metrics, with the options that describe this encode.
    pub(crate) measured: Vec<Metric>,
    /// The pairing of its frames with the reference's.
    pub(crate) alignment: Alignment,
    /// Its values, or why there are none.
    pub(crate) result: Result<Values, EncodeFailure>,
    /// The verdict of each gate of the run; empty if there are no values.
    pub(crate) verdicts: Vec<Option<Verdict>>,
}

/// A gate and its result for an encode: a verdict on its values, or why there is none.
pub(crate) struct GateResult<'a> {
    pub(crate) encode: &'a Encode,
    pub(crate) gate: &'a Gate,
    pub(crate) verdict: Result<(Verdict, &'a Values), Message>,
}

impl Report {
    /// Returns the frames for which any encode has a value.
    pub(crate) fn timeline(&self) -> Timeline {
        let scored = self.encodes.iter().filter_map(|encode| encode.result.as_ref().ok());
        let mut frames: BTreeMap<u64, Option<f64>> = BTreeMap::new();
        for values in scored {
            let shown = values.scored.frames().iter().zip(values.scored.times());
            frames.extend(shown.map(|(frame, time)| (*frame, *time)));
        }
        let times: Vec<Option<f64>> = frames.values().copied().collect();
        let frames: Vec<u64> = frames.into_keys().collect();
        let times = pool::complete_times(&frames, &times);
        Timeline::new(frames, times)
    }

    /// Returns true if every encode has a result.
    pub(crate) fn is_complete(&self) -> bool {
        self.encodes.iter().all(|encode| encode.result.is_ok())
    }

    /// Returns true if any encode has a result.
    pub(crate) fn has_results(&self) -> bool {
        self.encodes.iter().any(|encode| encode.result.is_ok())
    }

    /// Returns true if any encode has more than one scene.
    pub(crate) fn has_cuts(&self) -> bool {
        let mut scored = self.encodes.iter().filter_map(|encode| encode.result.as_ref().ok());
        scored.any(|values| values.scenes().len() > 1)
    }

    /// The encodes that have a result.
    pub(crate) fn scored(&self) -> impl Iterator<Item = &Encode> + Clone {
        self.encodes.iter().filter(|encode| encode.result.is_ok())
    }

    /// Returns the reason for choosing `model`, if `auto` chose it.
    pub(crate) fn chosen_for(&self, model: &Model) -> Option<&str> {
        let chosen_for = self.auto_model.as_ref()?;
        (chosen_for.label == model.label()).then_some(&chosen_for.reason)
    }

    /// Returns the bits per sample that `model` was measured at, for the deepest encode.
    pub(crate) fn bit_depth(&self, model: &Model) -> u8 {
        model.bit_depth_for(self.format.bit_depth())
    }

    /// Returns the bits per sample that `model` was measured at, for the shallowest encode and the
    /// deepest.
    pub(crate) fn bit_depths(&self, model: &Model) -> [u8; 2] {
        let depths = self.scored().map(|encode| encode.bit_depth);
        let [least, most] = [depths.clone().min(), depths.max()];
        [least, most].map(|depth| model.bit_depth_for(depth.unwrap_or(self.format.bit_depth())))
    }

    /// Returns a metric of the run as it was measured, with the options that describe the encodes
    /// if those are the same for all.
    pub(crate) fn common_options<'a>(&'a self, metric: &'a Metric) -> &'a Metric {
        let is_it = |(feature, options): &Metric| {
            feature.name == metric.0.name && options.suffix() == metric.1.suffix()
        };
        let Some(place) = self.measured.iter().position(is_it) else { return metric };
        let mut own = self.scored().filter_map(|encode| encode.measured.get(place));
        let Some(first) = own.next() else { return metric };
        if own.all(|other| other.1 == first.1) { first } else { metric }
    }

    /// Returns the options that `column` of `encode` was measured with, unless its name, in outputs
    /// other than libvmaf's logs, includes them.
    pub(crate) fn unnamed_options<'a>(
        &self,
        encode: &'a Encode,
        column: &str,
    ) -> Option<&'a Options> {
        let (place, _) = find(&self.measured, column)?;
        let (_, own) = encode.measured.get(place)?;
        let is_unnamed =
            *own != self.measured[place].1 || only_cambi(&self.measured, column).is_some();
        is_unnamed.then_some(own)
    }

    /// Returns libvmaf's name of `column` of `encode`, which includes options that describe the
    /// encode.
    pub(crate) fn full_name(&self, encode: &Encode, column: &str) -> Option<String> {
        let (place, output) = find(&self.measured, column)?;
        let (feature, own) = encode.measured.get(place)?;
        (*own != self.measured[place].1).then(|| feature.column(output, own))
    }

    /// Returns the name of `column` in outputs other than libvmaf's logs.
    pub(crate) fn name<'a>(&self, column: &'a str) -> &'a str {
        plain_name(&self.measured, column)
    }

    /// Returns each gate and its result for `encode`.
    pub(crate) fn gate_results<'a>(
        &'a self,
        encode: &'a Encode,
    ) -> impl Iterator<Item = GateResult<'a>> {
        self.gates.iter().enumerate().map(move |(index, gate)| {
            let verdict = match &encode.result {
                Ok(values) => {
                    let verdict = encode.verdicts[index].map(|verdict| (verdict, values));
                    verdict.ok_or_else(|| NOT_JUDGED.into())
                }
                Err(failure) => Err(failure.message().clone()),
            };
            GateResult { encode, gate: &gate.gate, verdict }
        })
    }

    /// Returns the interval of the pool of `column` over all frames, if a sample was scored and
    /// gives one.
    pub(crate) fn interval(&self, column: &Column, pool: Pool) -> Option<Interval> {
        pool::interval(pool, &column.values, self.sample?.share())
    }

    /// Returns the frames measured per second; `None` if the run was too short to tell.
    pub(crate) fn frames_per_second(&self) -> Option<f64> {
        Some(self.count as f64 / self.elapsed.as_secs_f64()).filter(|rate| rate.is_finite())
    }

    /// Returns the metric whose heat maps show where quality was lost: the first one requested that
    /// has maps, if there is no model; else vif.
    pub(crate) fn heat_metric(&self) -> Metric {
        let has_maps = |(feature, _): &&Metric| {
            vmaf_core::maps::features().any(|mapped| mapped.name == feature.name)
        };
        let requested = self.metrics.iter().find(has_maps).filter(|_| self.models.is_empty());
        requested.map_or_else(
            || (&vif::FEATURE, vif::FEATURE.options()),
            |metric| self.common_options(metric).clone(),
        )
    }

    /// Returns the warnings as text.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        self.warnings.iter().map(|warning| warning.worded(&self.wording))
    }

    /// Returns the columns of the requested metrics, in order, without those that only `debug`
    /// adds.
    pub(crate) fn metric_columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for (feature, options) in &self.metrics {
            let outputs = feature.outputs_under(options, self.format.chroma());
            let is_column = |output: &&Output| matches!(output.when, When::Frame | When::End);
            for output in outputs.filter(is_column).filter(|output| !output.summary.is_empty()) {
                let column = feature.column(output, options);
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        columns
    }
}
