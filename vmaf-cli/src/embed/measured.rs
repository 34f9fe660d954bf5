//! What was measured of one encode: the values of every frame, and all that a report tells.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vmaf_core::gate::Verdict;
use vmaf_core::pool::{self, Pool};
use vmaf_core::{Gate, VERSION};

use super::command::Command;
use super::parsed;
use crate::album::Album;
use crate::args::StreamArgs;
use crate::failure::{Failure, Result};
use crate::inputs::Opening;
use crate::monitor::Monitor;
use crate::output::report::{Judged, Report, plain_name};
use crate::output::target::Target;
use crate::output::{self, html, json, verdicts};
use crate::score;
use crate::score::known::{Found, Known, Planned, Went};
use crate::writers;

/// How the name of a page for people ends.
const PAGE: [&str; 2] = ["html", "htm"];

/// What was measured of one encode beside its reference, or why nothing was. It is complete in
/// itself: all outputs of the command can be made of it.
///
/// Equal are results of the same videos, measured alike, to the same bits; when and how fast does not
/// matter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// The version of this library.
    version: String,
    known: Known,
    found: Found,
    /// What outputs call each column.
    names: Vec<String>,
    /// What the models' scores are called, the first model's first.
    models: Vec<String>,
    /// The columns of metrics that were asked for beside models.
    metrics: Vec<String>,
    warnings: Vec<String>,
    threads: usize,
    frames: u64,
    seconds: f64,
    /// The command line of the whole run; there is none where frames came from memory.
    command: Option<Command>,
}

/// What came of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The gate, with the column that it judges.
    pub gate: String,
    /// The value, whether it is on the right side of the bound, and by how much.
    pub verdict: Verdict,
    /// When the worst stretch ends, in seconds, where the verdict has one.
    pub end: Option<f64>,
    /// A failure in one sentence.
    pub sentence: String,
}

impl Measured {
    /// What was measured of each encode of a run.
    pub(super) fn all(
        known: &Known,
        planned: &Planned,
        found: Vec<Found>,
        went: Went,
        command: Option<&Command>,
    ) -> Result<Vec<Self>> {
        let each = found.into_iter().enumerate().map(|(index, found)| {
            let encode = known.encodes[index].path.clone();
            let known = known.only(index, &known.reference.path, &encode);
            let report =
                known.clone().report(planned.only(index), vec![found], (&[], &[]), went)?;
            let models = report.models.iter().map(|model| model.label().to_owned()).collect();
            let metrics = report.metric_columns();
            let metrics = metrics.iter().map(|column| report.name(column).to_owned()).collect();
            let Report { encodes, measured, warnings, .. } = report;
            let found = encodes.into_iter().next().map(|encode| encode.result);
            let found = found.map_or_else(|| Err(String::new()), |found| found.map(|v| v.scored));
            let columns = found.iter().flat_map(|scored| scored.columns());
            let names = columns.map(|column| plain_name(&measured, &column.name).to_owned());
            Ok(Self {
                version: VERSION.to_owned(),
                names: names.collect(),
                known,
                found,
                models,
                metrics,
                warnings,
                threads: went.threads,
                frames: went.count,
                seconds: went.elapsed().as_secs_f64(),
                command: command.cloned(),
            })
        });
        each.collect()
    }

    /// The reference's path, or name.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.known.reference.path
    }

    /// The encode's path, or name.
    #[must_use]
    pub fn distorted(&self) -> &str {
        self.known.encodes.first().map_or("", |encode| &encode.path)
    }

    /// Why nothing was measured, if nothing was.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.found.as_ref().err().map(String::as_str)
    }

    /// What the models' scores are called, in the order asked for.
    #[must_use]
    pub fn models(&self) -> &[String] {
        &self.models
    }

    /// The columns of metrics that were asked for beside models.
    #[must_use]
    pub fn metrics(&self) -> &[String] {
        &self.metrics
    }

    /// What people should know.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The numbers of the scored frames, from 0 at the video's start.
    #[must_use]
    pub fn frames(&self) -> &[u64] {
        self.found.as_ref().map_or(&[], |scored| scored.frames())
    }

    /// When each scored frame is shown, in seconds, where that is known.
    #[must_use]
    pub fn times(&self) -> &[Option<f64>] {
        self.found.as_ref().map_or(&[], |scored| scored.times())
    }

    /// All columns, each with what outputs call it and a value a frame.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &[f64])> {
        let columns = self.found.iter().flat_map(|scored| scored.columns());
        self.names.iter().map(String::as_str).zip(columns.map(|column| &column.values[..]))
    }

    /// Values of the whole video that are no pool of a column, by name.
    #[must_use]
    pub fn aggregates(&self) -> &[(String, f64)] {
        self.found.as_ref().map_or(&[], |scored| scored.aggregates())
    }

    /// Pools the values of `column`: "mean", "p5", "window(2s)". `None` where they pool to nothing:
    /// one is not defined, or a window needs times that are not known.
    ///
    /// # Errors
    /// Where there is no such column or pool, or nothing was measured.
    pub fn pool(&self, column: &str, pool: &str) -> Result<Option<f64>> {
        let pool: Pool = pool.parse()?;
        if let Some(failure) = self.failure() {
            return Err(Failure::input(failure));
        }
        let found = self.columns().find(|(name, _)| *name == column);
        let scored = self.found.iter().flat_map(|scored| scored.columns());
        let in_full = || scored.clone().find(|other| other.name == column);
        let values = found.map(|(_, values)| values).or_else(|| in_full().map(|c| &c.values[..]));
        let Some(values) = values else {
            let names = self.names.iter().map(String::as_str);
            return Err(vmaf_core::unknown("column", column, names).into());
        };
        let times = pool::complete_times(self.frames(), self.times());
        Ok(pool.apply(values, &times.unwrap_or_default()))
    }

    /// Judges by `gates`, as "mean>=90" or "psnr_y:p5>=38".
    ///
    /// # Errors
    /// Where a gate is wrong, is of a column that is not measured, or can't be judged, and where
    /// nothing was measured.
    pub fn judge(&self, gates: &[String]) -> Result<Vec<Judgement>> {
        let gates: Vec<Gate> =
            gates.iter().map(|gate| gate.parse()).collect::<vmaf_core::Result<_>>()?;
        let report = report(&[self], &gates)?;
        let judged = report.encodes.iter().flat_map(|encode| report.judged(encode));
        let judgement = |Judged { gate, verdict, encode }| match verdict {
            Ok((verdict, values)) => Ok(Judgement {
                gate: gate.to_string(),
                verdict,
                end: verdict.worst.map(|worst| values.end(&worst)),
                sentence: verdicts::sentence(&report, gate, verdict, values),
            }),
            Err(reason) => Err(Failure::input(format!("{}: gate '{gate}': {reason}", encode.path))),
        };
        judged.map(judgement).collect()
    }

    /// The document that `vmaf score -o result.json` writes.
    ///
    /// # Errors
    /// Where a model can't be loaded any more.
    pub fn to_json(&self) -> Result<String> {
        let mut bytes = Vec::new();
        let written = json::document(&report(&[self], &[])?, &mut bytes);
        written.map_err(|error| Failure::output("the result", error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// All of it as bytes (MessagePack), which [`from_bytes`](Self::from_bytes) reads.
    ///
    /// # Errors
    /// None are known.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        rmp_serde::to_vec_named(self).map_err(|error| Failure::input(error.to_string()))
    }

    /// What was measured, from its bytes.
    ///
    /// # Errors
    /// Where they are not those of a result, or of one that another version wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let read: Self = rmp_serde::from_slice(bytes).map_err(|error| {
            Failure::input(format!("these bytes are no result of version {VERSION}: {error}"))
        })?;
        if read.version != VERSION {
            return Err(Failure::input(format!(
                "version {} made this result, this is {VERSION}",
                read.version
            )));
        }
        Ok(read)
    }

    fn went(&self) -> Went {
        let elapsed = Duration::try_from_secs_f64(self.seconds).unwrap_or_default();
        Went::lasted(self.threads, self.frames, elapsed)
    }
}

impl PartialEq for Measured {
    fn eq(&self, other: &Self) -> bool {
        // As bytes, in which what is no number equals itself.
        let bytes = |of: &Self| {
            let Self { version, known, found, names, models, metrics, warnings, .. } = of;
            rmp_serde::to_vec(&(version, known, found, names, models, metrics, warnings)).ok()
        };
        bytes(self) == bytes(other)
    }
}

/// Writes what was measured to the file at `path`, as its extension says: html (the page for
/// people, which has pictures where the videos are still there), json, jsonl, csv or xml. Several
/// are encodes of one reference that were measured alike.
///
/// # Errors
/// Where the extension is another, the results don't belong together, nothing was measured, or the
/// file can't be written. `monitor` stops reading the videos again.
pub fn save(measured: &[&Measured], path: &str, monitor: &Monitor) -> Result<()> {
    let extension = std::path::Path::new(path).extension().unwrap_or_default();
    let is_page = PAGE.iter().any(|page| extension.eq_ignore_ascii_case(page));
    let format = if is_page {
        None
    } else {
        let format = writers::format(path, None).map_err(|_| {
            Failure::input(format!("{path}: its extension should be html, json, jsonl, xml or csv"))
        })?;
        writers::check_count(path, format, measured.len())?;
        Some(format)
    };
    let mut report = report(measured, &[])?;
    let problem = report.encodes.iter().find_map(|encode| encode.result.as_ref().err());
    if let Some(problem) = problem.filter(|_| !report.has_results()) {
        return Err(Failure::input(problem.clone()));
    }
    let target = Target::open(path)?;
    if let Some(format) = format {
        return target.write(|out| writers::write(&report, format, out));
    }
    let command = measured.iter().find_map(|measured| measured.command.as_ref());
    report.album = match command {
        Some(command) => album(&report, command, monitor),
        None => {
            Album { reason: Some("the frames came from memory".to_owned()), ..Album::default() }
        }
    };
    let words = command.map(Command::words).unwrap_or_default();
    target.write(|out| html::write(&report, &words, out))
}

/// The table that `vmaf score` prints of results of one reference that were measured alike.
///
/// # Errors
/// Where they don't belong together.
pub fn table(measured: &[&Measured]) -> Result<String> {
    Ok(output::table::lines(&report(measured, &[])?, false).join("\n"))
}

/// The pictures of a run of files.
fn album(report: &Report, command: &Command, monitor: &Monitor) -> Album {
    let distorted: Vec<String> = report.encodes.iter().map(|encode| encode.path.clone()).collect();
    let again = || {
        let mut arguments = parsed(&command.with_encodes(distorted.clone()))?;
        // Those of the whole run may be of other encodes.
        let infos = report.encodes.iter().map(|encode| encode.info.as_ref());
        let streams = std::iter::once(Some(&report.reference)).chain(infos);
        let streams = streams.map(|info| info.and_then(|info| info.stream));
        arguments.measure.streams = StreamArgs::exactly(streams);
        let opening = score::opening(&arguments.measure)?;
        let opening = Opening { monitor: monitor.clone(), ..opening };
        score::open(&arguments.reference, &distorted, &opening)
    };
    Album::of(report, again, true)
}

/// The report of results that belong together.
fn report(measured: &[&Measured], gates: &[Gate]) -> Result<Report> {
    let Some((first, others)) = measured.split_first() else {
        return Err(Failure::input("there is no result"));
    };
    let mut known = first.known.clone();
    for other in others {
        known.join(&other.known).map_err(|what| {
            Failure::input(format!(
                "{} and {} can't be in one report: their {what} differ",
                first.distorted(),
                other.distorted()
            ))
        })?;
    }
    let planned = known.plan()?;
    let found = measured.iter().map(|measured| measured.found.clone()).collect();
    known.report(planned, found, (gates, &[]), first.went())
}
