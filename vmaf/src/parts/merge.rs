//! The merged result of a run whose parts were all measured.

use std::fs::File;
use std::io::BufReader;

use vmaf_core::Gate;

use super::file::{self, Contents, Header, MeasuredPart};
use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};
use crate::inputs::StreamEnds;
use crate::request::values::{NamedPool, Shard};
use crate::result::Run;
use crate::run::plan::{EncodeScores, PlannedJob, RunPlan, RunStats};

/// A part, with the path of its file.
struct PartFile<'a> {
    path: &'a str,
    header: Header,
    shard: Shard,
    kept: MeasuredPart,
}

/// Returns the result of a run whose parts are in the files at `paths`, in any order.
///
/// # Errors
/// Fails if the files are not all parts of one run.
pub fn merge(paths: &[String]) -> Result<Run> {
    merge_with(paths, &[], &[])
}

/// Returns the result of a run as [`merge`] does, judged by `gates`, with `pools` in outputs.
///
/// # Errors
/// Fails as [`merge`] does, and if a gate is of a column that is not measured.
pub fn merge_with(paths: &[String], gates: &[Gate], pools: &[NamedPool]) -> Result<Run> {
    if paths.is_empty() {
        return Err(Error::input("no parts were given"));
    }
    let parts = Parts::read(paths)?;
    let plan = parts.plan().clone();
    let planned = plan.job()?;
    plan.column_gates(&planned, gates)?;
    let (plan, scores, stats) = parts.joined(plan, &planned)?;
    Run::new(EncodeResult::all(&plan, &planned, scores, stats, None)?, gates, pools)
}

/// All parts of a run, in order.
struct Parts<'a>(Vec<PartFile<'a>>);

impl<'a> Parts<'a> {
    /// Reads the files at `paths`, which are in any order.
    ///
    /// # Errors
    /// Fails if one can't be read, or they are not all parts of one run.
    fn read(paths: &'a [String]) -> Result<Self> {
        let mut parts = paths.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
        parts.sort_by_key(|part| part.shard.index);
        check(&parts)?;
        Ok(Self(parts))
    }

    /// Returns the plan of the run.
    fn plan(&self) -> &RunPlan {
        &self.0[0].header.plan
    }

    /// Joins the parts of a run.
    fn joined(
        &self,
        mut plan: RunPlan,
        planned: &PlannedJob,
    ) -> Result<(RunPlan, Vec<EncodeScores>, RunStats)> {
        let mut scorer = planned.job.clone().start()?;
        // A part after the video's end has nothing to add.
        let with_frames = self.0.iter().filter(|part| !part.kept.part.frames().is_empty());
        for PartFile { path, kept, .. } in with_frames {
            let fail = |error| Error::input(format!("{path}: {error}"));
            scorer.add(kept.part.clone()).map_err(fail)?;
        }
        let ends = StreamEnds::joined(self.0.iter().map(|part| &part.kept.ends));
        let scores = plan.conclude(&ends, scorer)?;
        Ok((plan, scores, MeasuredPart::stats(self.0.iter().map(|part| &part.kept))))
    }
}

/// The part in the file at `path`.
fn read(path: &str) -> Result<PartFile<'_>> {
    let fail = |reason: String| Error::input(format!("{path}: {reason}"));
    let open = File::open(path).map_err(|error| fail(error.to_string()))?;
    let Contents { header, kept, is_truncated, .. } =
        file::read(BufReader::new(open)).map_err(fail)?;
    let shard = header.shard.ok_or_else(|| fail("it is not a shard of a run".to_owned()))?;
    match <[MeasuredPart; 1]>::try_from(kept) {
        Ok([kept]) if !is_truncated => Ok(PartFile { path, header, shard, kept }),
        _ => Err(fail(format!("it is damaged: measure shard {shard} again"))),
    }
}

/// Fails unless `parts`, in order, are all parts of one run.
fn check(parts: &[PartFile<'_>]) -> Result<()> {
    let first = &parts[0];
    let of = first.shard.of;
    for part in &parts[1..] {
        if let Some(what) = difference(first, part) {
            return Err(Error::input(format!(
                "{} and {} are parts of different runs: their {what} differ",
                first.path, part.path
            )));
        }
    }
    for pair in parts.windows(2) {
        if pair[0].shard == pair[1].shard {
            return Err(Error::input(format!(
                "{} and {} are both part {}",
                pair[0].path, pair[1].path, pair[0].shard
            )));
        }
    }
    let is_there = |index: &u32| parts.iter().any(|part| part.shard.index == *index);
    let missing: Vec<String> =
        (1..=of).filter(|index| !is_there(index)).map(|index| format!("{index}/{of}")).collect();
    match &missing[..] {
        [] => Ok(()),
        [one] => Err(Error::input(format!("part {one} is missing"))),
        several => Err(Error::input(format!("parts {} are missing", several.join(", ")))),
    }
}

/// Returns in what the runs of two parts differ, if they do.
fn difference(one: &PartFile<'_>, other: &PartFile<'_>) -> Option<&'static str> {
    let (ours, theirs) = (&one.header, &other.header);
    let contents = |header: &Header| (header.reference.clone(), header.distorted.clone());
    if one.shard.of != other.shard.of {
        Some("numbers of parts")
    } else if contents(ours) != contents(theirs) {
        Some("videos")
    } else if !ours.plan.is_same(&theirs.plan) {
        Some("models, metrics or options")
    } else {
        None
    }
}
