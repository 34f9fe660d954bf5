//! The result of one encode: the values of every frame, and all that outputs state.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vmaf_core::gate::Verdict;
use vmaf_core::pool::{self, Pool, Presentation};
use vmaf_core::{Gate, VERSION};
use vmaf_media::{Message, Wording};

use crate::error::{Error, Result};
use crate::failure::EncodeFailure;
use crate::output::names::plain_name;
use crate::output::report::{GateResult, Report};
use crate::output::{json, verdicts};
use crate::request::Request;
use crate::run::plan::{EncodeScores, PlannedJob, RunPlan, RunStats};

/// The result of one encode against its reference, or the reason why there is none. It is
/// self-contained: every output can be made from it.
///
/// Results are equal if they are of the same videos, were measured with the same settings, and are
/// equal to the bit, whenever they were measured and however long it took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EncodeResult {
    /// The version of this library.
    version: String,
    plan: RunPlan,
    #[serde(rename = "found")]
    scores: EncodeScores,
    /// The name of each column in outputs.
    names: Vec<String>,
    /// The names of the models' scores, the first model's first.
    models: Vec<String>,
    /// The columns of metrics beside models.
    metrics: Vec<String>,
    warnings: Vec<Message>,
    threads: usize,
    frames: u64,
    seconds: f64,
    /// The request of the whole run; `None` where frames came from memory, or parts were merged.
    request: Option<Request>,
}

/// The verdict of a gate.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Judgement {
    /// The gate, with the column that it judges.
    pub gate: String,
    /// The value, whether it is on the right side of the bound, and by how much.
    pub verdict: Verdict,
    /// The end of the worst stretch in seconds, where the verdict has one.
    pub end: Option<f64>,
    /// A failure in one sentence.
    pub sentence: String,
}

impl EncodeResult {
    /// Returns the result of each encode of a run.
    pub(crate) fn all(
        plan: &RunPlan,
        planned: &PlannedJob,
        scores: Vec<EncodeScores>,
        stats: RunStats,
        request: Option<&Request>,
    ) -> Result<Vec<Self>> {
        let each = scores.into_iter().enumerate().map(|(index, scores)| {
            let encode = plan.encodes[index].path.clone();
            let plan = plan.for_encode(index, &plan.reference.path, &encode);
            let report = plan.clone().report(
                planned.for_encode(index),
                vec![scores.clone()],
                (&[], &[]),
                stats,
            )?;
            let models = report.models.iter().map(|model| model.label().to_owned()).collect();
            let metrics = report.metric_columns();
            let metrics = metrics.iter().map(|column| report.name(column).to_owned()).collect();
            let Report { measured, warnings, .. } = report;
            let columns = scores.iter().flat_map(|scored| scored.columns());
            let names = columns.map(|column| plain_name(&measured, &column.name).to_owned());
            Ok(Self {
                version: VERSION.to_owned(),
                names: names.collect(),
                plan,
                scores,
                models,
                metrics,
                warnings,
                threads: stats.threads,
                frames: stats.count,
                seconds: stats.elapsed().as_secs_f64(),
                request: request.cloned(),
            })
        });
        each.collect()
    }

    /// Returns the reference's path, or name.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.plan.reference.path
    }

    /// Returns the encode's path, or name.
    #[must_use]
    pub fn distorted(&self) -> &str {
        self.plan.encodes.first().map_or("", |encode| &encode.path)
    }

    /// Returns the reason why there are no values.
    #[must_use]
    pub fn failure(&self) -> Option<&EncodeFailure> {
        self.scores.as_ref().err()
    }

    /// Returns the mean score of the first model, 0 to 100; `None` if nothing was measured, or no
    /// model was requested.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.pool(self.models.first()?, "mean").ok().flatten()
    }

    /// Returns the names of the models' scores, in the order of the request.
    #[must_use]
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// Returns the columns of metrics beside models.
    #[must_use]
    pub fn metrics(&self) -> &[String] {
        &self.metrics
    }

    /// Returns notes about the values.
    #[must_use]
    pub fn warnings(&self) -> &[Message] {
        &self.warnings
    }

    /// Returns the request of the run; `None` where frames came from memory, or parts were merged.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    /// Returns the numbers of the scored frames, counted from 0 at the video's start.
    #[must_use]
    pub fn frames(&self) -> &[u64] {
        self.scores.as_ref().map_or(&[], |scored| scored.frames())
    }

    /// Returns the time of each scored frame in seconds, if it is known.
    #[must_use]
    pub fn times(&self) -> &[Option<f64>] {
        self.scores.as_ref().map_or(&[], |scored| scored.times())
    }

    /// Returns the scenes of the reference by frame number, in order and without gaps.
    #[must_use]
    pub fn scenes(&self) -> &[Range<u64>] {
        self.scores.as_ref().map_or(&[], |scored| scored.scenes())
    }

    /// Returns all columns, each with its name in outputs and one value per frame.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &[f64])> {
        let columns = self.scores.iter().flat_map(|scored| scored.columns());
        self.names.iter().map(String::as_str).zip(columns.map(|column| &column.values[..]))
    }

    /// Returns the values of the column called `name`, one per frame.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        let named = self.columns().find(|(other, _)| *other == name);
        let full = || self.scores.iter().flat_map(|scored| scored.columns());
        let in_full = || full().find(|column| column.name == name).map(|column| &column.values[..]);
        named.map(|(_, values)| values).or_else(in_full)
    }

    /// Returns values for the whole video that are not pools of a column, by name.
    #[must_use]
    pub fn aggregates(&self) -> &[(String, f64)] {
        self.scores.as_ref().map_or(&[], |scored| scored.aggregates())
    }

    /// Pools the values of `column`: "mean", "p5", "window(2s)", "scene(min)". `None` if there is no
    /// pooled value: a value is undefined, or a window needs timestamps that are unknown.
    ///
    /// # Errors
    /// Fails if there is no such column or pool, or nothing was measured.
    pub fn pool(&self, column: &str, pool: &str) -> Result<Option<f64>> {
        let pool: Pool = pool.parse()?;
        if let Some(failure) = self.failure() {
            return Err(failure.clone().into());
        }
        let Some(values) = self.column(column) else {
            let names = self.names.iter().map(String::as_str);
            return Err(vmaf_core::Error::unknown("column", column, names).into());
        };
        let Ok(scored) = &self.scores else { return Ok(None) };
        let times = pool::complete_times(scored.frames(), scored.times()).unwrap_or_default();
        let shown = Presentation { times: &times, scenes: &scored.scene_rows() };
        Ok(pool.apply(values, shown))
    }

    /// Judges the result by `gates`.
    ///
    /// # Errors
    /// Fails if a gate judges a column that is not measured, or can't be judged, and if nothing was
    /// measured.
    pub fn judge(&self, gates: &[Gate]) -> Result<Vec<Judgement>> {
        let report = self.report(gates)?;
        let judged = report.encodes.iter().flat_map(|encode| report.gate_results(encode));
        let judgement = |GateResult { gate, verdict, encode }| match verdict {
            Ok((verdict, values)) => Ok(Judgement {
                gate: gate.to_string(),
                verdict,
                end: verdict.worst.map(|worst| values.end(&worst)),
                sentence: verdicts::sentence(&report, gate, verdict, values),
            }),
            Err(reason) => {
                let gate = format!("{}: gate '{gate}': ", encode.path);
                Err(Error::input(Message::from(gate).then(reason)))
            }
        };
        judged.map(judgement).collect()
    }

    /// Returns the JSON document of this result, as [`Run::write`](crate::Run::write) writes it.
    ///
    /// # Errors
    /// Fails if a model can't be loaded any more.
    pub fn to_json(&self) -> Result<String> {
        self.to_json_in(Wording::NEUTRAL)
    }

    /// Returns the JSON document as [`to_json`](Self::to_json) does, in the words of a front end.
    ///
    /// # Errors
    /// Fails as [`to_json`](Self::to_json) does.
    pub fn to_json_in(&self, wording: Wording) -> Result<String> {
        let mut bytes = Vec::new();
        let report = Report { wording, ..self.report(&[])? };
        let written = json::document(&report, &mut bytes);
        written.map_err(|error| Error::output("the result", error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Returns all of it as bytes (MessagePack), which [`from_bytes`](Self::from_bytes) reads.
    ///
    /// # Errors
    /// None are known.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        rmp_serde::to_vec_named(self).map_err(|error| Error::input(error.to_string()))
    }

    /// Reads a result from its bytes.
    ///
    /// # Errors
    /// Fails if the bytes are not a result, or another version wrote them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let read: Self = rmp_serde::from_slice(bytes).map_err(|error| {
            Error::input(format!("these bytes are not a result of version {VERSION}: {error}"))
        })?;
        if read.version != VERSION {
            return Err(Error::input(format!(
                "this result is of version {}, this library is version {VERSION}",
                read.version
            )));
        }
        Ok(read)
    }

    /// Returns the report of this result alone.
    fn report(&self, gates: &[Gate]) -> Result<Report> {
        report(std::slice::from_ref(self), gates, &[])
    }

    fn stats(&self) -> RunStats {
        let elapsed = Duration::try_from_secs_f64(self.seconds).unwrap_or_default();
        RunStats::finished(self.threads, self.frames, elapsed)
    }
}

impl PartialEq for EncodeResult {
    fn eq(&self, other: &Self) -> bool {
        // Compared as bytes, in which NaN equals itself.
        let bytes = |of: &Self| {
            let Self { version, plan, scores, names, models, metrics, warnings, .. } = of;
            rmp_serde::to_vec(&(version, plan, scores, names, models, metrics, warnings)).ok()
        };
        bytes(self) == bytes(other)
    }
}

/// Returns the report of results that belong together.
pub(crate) fn report(
    results: &[EncodeResult],
    gates: &[Gate],
    pools: &[crate::request::values::NamedPool],
) -> Result<Report> {
    let Some((first, others)) = results.split_first() else {
        return Err(Error::input("there are no results"));
    };
    let mut plan = first.plan.clone();
    for other in others {
        plan.join(&other.plan).map_err(|what| {
            Error::input(format!(
                "{} and {} can't be in one report: their {what} differ",
                first.distorted(),
                other.distorted()
            ))
        })?;
    }
    let planned = plan.job()?;
    let scores = results.iter().map(|result| result.scores.clone()).collect();
    plan.report(planned, scores, (gates, pools), first.stats())
}
