//! The plan of a run: all facts known before its first frame is read. The job follows from it and,
//! once frames were measured, the report. It can be stored, for parts that are merged later.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use vmaf_core::feature::cambi;
use vmaf_core::{ColorRange, Format, Gate, Job, Level, Model, ScoreTable, Scorer};
use vmaf_media::{Message, StreamInfo, Wording};

use super::light::Light;
use super::models::{self, Measurements};
use super::reading::Reading;
use super::sample::SampleShare;
use crate::conform;
use crate::error::Result;
use crate::failure::EncodeFailure;
use crate::gates::{self, ColumnGate};
use crate::inputs::{OpenInputs, State, StreamEnds};
use crate::output::report::{self, AutoModel, Encode, Report};
use crate::output::values::Values;
use crate::pairing::Alignment;
use crate::request::values::NamedPool;
use crate::request::{Metric, Options};
use crate::warnings;

/// The plan of a run, complete before its first frame is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunPlan {
    #[serde(rename = "measures")]
    measurements: Measurements,
    pub(crate) reference: StreamInfo,
    reference_steps: Vec<String>,
    /// The scored format, at the reference's own bit depth.
    format: Format,
    pub(crate) encodes: Vec<PlannedEncode>,
    pub(crate) frames: Range<u64>,
    every: u64,
    sample: Option<SampleShare>,
    shortest: bool,
    /// The colour range of videos that state none, if the user says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assumed_range: Option<ColorRange>,
}

/// Facts about an encode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedEncode {
    pub(crate) path: String,
    info: Option<StreamInfo>,
    /// The format it was coded in, if it could be opened and made comparable.
    coded: Option<Format>,
    steps: Vec<String>,
    /// The pairing of its frames, before any was compared.
    alignment: Alignment,
}

/// The values of an encode, or why there are none.
pub(crate) type EncodeScores = Result<Arc<ScoreTable>, EncodeFailure>;

/// The work of a run.
#[derive(Clone)]
pub(crate) struct PlannedJob {
    pub(crate) job: Job,
    pub(crate) models: Vec<Model>,
    auto_model: Option<AutoModel>,
    /// All that is measured; the models' features come first.
    pub(crate) measured: Vec<Metric>,
    /// The same for each encode, with the options that describe it.
    of_encodes: Vec<Vec<Metric>>,
    /// The metrics requested beside models.
    metrics: Vec<Metric>,
}

/// Statistics of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunStats {
    pub(crate) threads: usize,
    pub(crate) level: Level,
    /// The number of frames read.
    pub(crate) count: u64,
    /// The start of this run unless it is over, and the time taken by the runs that it resumes.
    started: Option<Instant>,
    earlier: Duration,
}

impl RunStats {
    /// A run that begins now.
    pub(crate) fn start(threads: usize, level: Level) -> Self {
        Self { threads, level, count: 0, started: Some(Instant::now()), earlier: Duration::ZERO }
    }

    /// A run that is over: it measured this many frames in this time.
    pub(crate) fn finished(threads: usize, frames: u64, elapsed: Duration) -> Self {
        Self { threads, level: Level::best(), count: frames, started: None, earlier: elapsed }
    }

    /// Adds what an earlier run measured.
    pub(crate) fn add_earlier(&mut self, frames: u64, elapsed: Duration) {
        self.count += frames;
        self.earlier += elapsed;
    }

    /// Returns the time taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.earlier + self.started.map_or(Duration::ZERO, |started| started.elapsed())
    }
}

impl PlannedJob {
    /// Returns the part of the plan that the report of one encode needs.
    pub(crate) fn for_encode(&self, encode: usize) -> Self {
        Self { of_encodes: vec![self.of_encodes[encode].clone()], ..self.clone() }
    }
}

impl RunPlan {
    /// Plans a run of open videos.
    pub(super) fn new(
        measurements: Measurements,
        inputs: &OpenInputs,
        options: &Options,
    ) -> Result<Self> {
        let encodes = inputs.encodes().iter().map(|encode| PlannedEncode {
            path: encode.path.clone(),
            info: encode.info.clone(),
            coded: encode.coded.filter(|_| matches!(encode.state, State::Active(_))),
            steps: encode.steps.clone(),
            alignment: encode.alignment.clone(),
        });
        let frames = options.frames.clone().unwrap_or(0..u64::MAX);
        let sample =
            options.sample.map(|sample| SampleShare::new(sample, inputs.reference(), &frames));
        Ok(Self {
            measurements,
            reference: inputs.reference().clone(),
            reference_steps: inputs.reference_steps().to_vec(),
            format: inputs.format().with_bit_depth_of(&inputs.reference().format),
            encodes: encodes.collect(),
            frames,
            every: options.every.get(),
            sample: sample.transpose()?,
            shortest: options.shortest,
            assumed_range: options.conform.assume_range,
        })
    }

    /// Returns the work to do.
    pub(crate) fn job(&self) -> Result<PlannedJob> {
        let (models, auto_model) = self.measurements.models(&self.reference, &self.format)?;
        let (light, reference) = (self.light(), &self.reference);
        let metrics = self.measurements.metrics()?.into_iter();
        let metrics = metrics.map(|metric| light.describe(metric, reference, &self.format));
        let metrics: Vec<Metric> = metrics.collect::<Result<_>>()?;
        let mut job = Job::new(self.format(), self.encodes.len())
            .frames(self.frames.clone())
            .every(self.every)
            .detect_scenes();
        for (index, encode) in self.encodes.iter().enumerate() {
            job = job.encode_bit_depth(index, self.bit_depth_of(encode))?;
            let Some(coded) = &encode.coded else { continue };
            for (name, value) in models::cambi_options(&models, &self.format, coded) {
                job = job.encode_option(index, &cambi::FEATURE, name, &value)?;
            }
        }
        let job = match self.sample {
            Some(sample) => job.sampling(sample.sampling()?),
            None => job,
        };
        let job = models.iter().fold(job, |job, model| job.model(model.clone()));
        let add = |job: Job, (feature, options): &Metric| job.feature(feature, options.clone());
        let job = metrics.iter().fold(job, add);
        let measured = job.features()?;
        let of_encodes = (0..self.encodes.len()).map(|encode| job.features_of(encode));
        let of_encodes = of_encodes.collect::<vmaf_core::Result<_>>()?;
        Ok(PlannedJob { job, models, auto_model, measured, of_encodes, metrics })
    }

    /// Returns the description of the videos for metrics that measure light.
    fn light(&self) -> Light {
        let encodes = self.encodes.iter().filter(|encode| encode.coded.is_some());
        let encodes = encodes.filter_map(|encode| encode.info.as_ref());
        Light::new(&self.reference, encodes, self.assumed_range)
    }

    /// Returns the scored format, at the bit depth of the deepest encode.
    fn format(&self) -> Format {
        let coded = self.encodes.iter().filter_map(|encode| encode.coded);
        let deepest = coded.chain([self.format]).max_by_key(Format::bit_depth);
        self.format.with_bit_depth_of(&deepest.unwrap_or(self.format))
    }

    /// The bit depth at which an encode and its reference are measured unless a model needs more:
    /// the greater of their depths, whatever the other encodes have.
    fn bit_depth_of(&self, encode: &PlannedEncode) -> u8 {
        let own = encode.coded.map_or(0, |coded| coded.bit_depth());
        own.max(self.format.bit_depth())
    }

    /// Returns the conversions of the reference's frames, including promotions.
    fn reference_steps(&self) -> Vec<String> {
        let depths = self.encodes.iter().filter(|encode| encode.coded.is_some());
        let mut depths: Vec<u8> = depths.map(|encode| self.bit_depth_of(encode)).collect();
        depths.sort_unstable();
        depths.dedup();
        let steps = &self.reference_steps;
        let mut steps = conform::reference_steps(steps, self.format.bit_depth(), &depths);
        let (light, reference) = (self.light(), &self.reference);
        let metrics = self.measurements.metrics().into_iter().flatten();
        let metrics = metrics.filter(|(feature, _)| feature.measures_light());
        let metrics: Vec<Metric> = metrics
            .filter_map(|metric| light.describe(metric, reference, &self.format).ok())
            .collect();
        if !metrics.is_empty() {
            steps.extend(light.assumptions());
        }
        #[cfg(feature = "cvvdp")]
        steps.extend(displays(&metrics, &self.format));
        steps
    }

    /// Returns the warnings about a run by `models` before it begins.
    pub(crate) fn warnings(&self, models: &[Model]) -> Vec<Message> {
        let warnings = models.iter().filter_map(|model| warnings::size(model, &self.format));
        warnings.map(Message::from).collect()
    }

    /// Returns `gates` by column.
    ///
    /// # Errors
    /// Fails if one of them judges a column that is not measured.
    pub(crate) fn column_gates(
        &self,
        planned: &PlannedJob,
        gates: &[Gate],
    ) -> Result<Vec<ColumnGate>> {
        gates::resolve(gates, &planned.models, &planned.measured, self.format.chroma())
    }

    /// Returns true if a run of the same videos, wherever they are, is the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let without_paths = |known: &Self| {
            let each = (0..known.encodes.len()).map(|encode| known.for_encode(encode, "", ""));
            each.collect::<Vec<_>>()
        };
        without_paths(self) == without_paths(other)
    }

    pub(super) fn reading(&self) -> Reading {
        Reading { frames: self.frames.clone(), shortest: self.shortest }
    }

    /// Concludes the run: returns the results of each encode, or why there are none, once `scorer`
    /// has all frames up to `ends`. From now on the pairing of frames is known.
    pub(crate) fn conclude(
        &mut self,
        ends: &StreamEnds,
        scorer: Scorer,
    ) -> Result<Vec<EncodeScores>> {
        for (encode, votes) in self.encodes.iter_mut().zip(&ends.votes) {
            encode.alignment.votes = *votes;
        }
        let (of_reference, of_encodes) = &ends.incidents;
        self.reference_steps.extend_from_slice(of_reference);
        for (encode, incidents) in self.encodes.iter_mut().zip(of_encodes) {
            encode.steps.extend_from_slice(incidents);
        }
        let reading = self.reading();
        let failure =
            |(encode, end): (&PlannedEncode, _)| reading.failure(&encode.path, end, ends.read);
        let failures = self.encodes.iter().zip(&ends.encodes).map(failure);
        let failures: Vec<Option<EncodeFailure>> = failures.collect();
        let mut scored = Vec::new();
        if failures.iter().any(Option::is_none) {
            reading.check_reach(&self.reference.path, ends)?;
            scored = scorer.finish()?;
        }
        let scored = scored.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        let scores = self.encodes.iter().zip(failures).zip(scored);
        let scores = scores.map(|((encode, failure), scored)| match (failure, scored) {
            (Some(failure), _) => Err(failure),
            (None, Some(scored)) if !scored.frames().is_empty() => Ok(Arc::new(scored)),
            (None, _) => {
                Err(EncodeFailure::other(format!("{} has no frames to score", encode.path)))
            }
        });
        Ok(scores.collect())
    }

    /// Returns this plan for one of the encodes alone, with the videos' paths as results give them.
    pub(crate) fn for_encode(&self, encode: usize, reference: &str, distorted: &str) -> Self {
        let mut known = Self { encodes: vec![self.encodes[encode].clone()], ..self.clone() };
        known.reference.path = reference.to_owned();
        for encode in &mut known.encodes {
            encode.path = distorted.to_owned();
            if let Some(info) = &mut encode.info {
                info.path = distorted.to_owned();
            }
        }
        known
    }

    /// Adds the encodes of another run. If the runs differ, the error names in what.
    pub(crate) fn join(&mut self, other: &Self) -> Result<(), &'static str> {
        let Self { measurements, reference, reference_steps, format, encodes, .. } = other;
        if (&self.reference, &self.reference_steps, &self.format)
            != (reference, reference_steps, format)
        {
            return Err("references");
        }
        if self.measurements != *measurements {
            return Err("models or metrics");
        }
        let selection = |of: &Self| (of.frames.clone(), of.every, of.sample, of.shortest);
        if selection(self) != selection(other) {
            return Err("frames");
        }
        self.encodes.extend_from_slice(encodes);
        Ok(())
    }

    /// Returns the report of the `scores` of the encodes.
    pub(crate) fn report(
        self,
        planned: PlannedJob,
        scores: Vec<EncodeScores>,
        (gates, pools): (&[Gate], &[NamedPool]),
        stats: RunStats,
    ) -> Result<Report> {
        let PlannedJob { models, auto_model, measured, of_encodes, metrics, .. } = planned;
        let (format, reference_steps) = (self.format(), self.reference_steps());
        let depths: Vec<u8> = self.encodes.iter().map(|it| self.bit_depth_of(it)).collect();
        let gates = gates::resolve(gates, &models, &measured, self.format.chroma())?;
        let mut warnings = self.warnings(&models);
        let encodes = self.encodes.into_iter().zip(scores).zip(of_encodes.into_iter().zip(depths));
        let encodes = encodes.map(|((encode, scores), (measured, bit_depth))| {
            let result = scores.map(Values::new);
            let verdicts =
                result.iter().flat_map(|values| gates.iter().map(|gate| gate.verdict(values)));
            Encode {
                verdicts: verdicts.collect(),
                result,
                path: encode.path,
                info: encode.info,
                steps: match encode.coded {
                    Some(coded) => conform::steps(&encode.steps, coded.bit_depth(), bit_depth),
                    None => encode.steps,
                },
                bit_depth,
                measured,
                alignment: encode.alignment,
            }
        });
        let encodes: Vec<Encode> = encodes.collect();
        warnings
            .extend(encodes.iter().flat_map(|encode| warnings::score_anomalies(encode, &models)));
        let scored = encodes.iter().filter(|encode| encode.result.is_ok());
        warnings.extend(scored.filter_map(warnings::contrast));
        if let Some(sample) = self.sample {
            let undecided_gates =
                |encode| warnings::undecided_gates(encode, &gates, sample.share());
            warnings.extend(encodes.iter().flat_map(undecided_gates));
        }
        Ok(Report {
            encodes,
            reference: self.reference,
            reference_steps,
            format,
            models,
            auto_model,
            measured,
            metrics,
            gates,
            pools: report::pools(pools),
            frames: self.frames,
            every: self.every,
            sample: self.sample,
            shortest: self.shortest,
            warnings,
            wording: Wording::NEUTRAL,
            threads: stats.threads,
            level: stats.level,
            count: stats.count,
            elapsed: stats.elapsed(),
        })
    }
}

/// The displays on which cvvdp shows frames of `format`, in words.
#[cfg(feature = "cvvdp")]
fn displays(metrics: &[Metric], format: &Format) -> impl Iterator<Item = String> {
    use vmaf_core::feature::cvvdp;

    let metrics = metrics.iter().filter(|(feature, _)| feature.name == cvvdp::FEATURE.name);
    metrics.map(|(_, options)| format!("shown by cvvdp on {}", cvvdp::display(options, format)))
}
