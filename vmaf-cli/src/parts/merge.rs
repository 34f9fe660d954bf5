//! `vmaf merge`: the result of a run of which all parts were measured.

use std::fs::File;
use std::io::BufReader;

use super::file::{self, Contents, Header, Kept};
use crate::args::MergeArgs;
use crate::args::values::Shard;
use crate::failure::{self, Failure, Result};
use crate::gates::Outcome;
use crate::inputs::Ends;
use crate::score::known::{Found, Known, Planned, Went};
use crate::score::{self, Run};
use crate::writers::Writers;

/// A part, with the path of its file.
struct Named<'a> {
    path: &'a str,
    header: Header,
    shard: Shard,
    kept: Kept,
}

/// Runs `vmaf merge`.
pub(crate) fn run(arguments: &MergeArgs) -> Result<Outcome> {
    let parts = Parts::read(&arguments.parts)?;
    let known = parts.known().clone();
    let encodes: Vec<String> = known.encodes.iter().map(|encode| encode.path.clone()).collect();
    score::judged(&arguments.results, &encodes, |gates| {
        let planned = known.plan()?;
        known.check_gates(&planned, gates)?;
        let writers = Writers::open(&arguments.results, encodes.len())?;
        let (known, scored, went) = parts.joined(known, &planned)?;
        let asked = (gates, &arguments.results.judge.pool[..]);
        let report = known.report(planned, scored, asked, went)?;
        report.warnings.iter().for_each(failure::warning);
        let opened = vec![true; encodes.len()];
        Ok(Run { report, writers, opened })
    })
}

/// All parts of a run, in order.
pub(crate) struct Parts<'a>(Vec<Named<'a>>);

impl<'a> Parts<'a> {
    /// Reads the files at `paths`, which are in any order.
    ///
    /// # Errors
    /// Where one can't be read, or they are not all parts of one run.
    pub(crate) fn read(paths: &'a [String]) -> Result<Self> {
        let mut parts = paths.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
        parts.sort_by_key(|part| part.shard.index);
        check(&parts)?;
        Ok(Self(parts))
    }

    /// What was known of the run before its first frame.
    pub(crate) fn known(&self) -> &Known {
        &self.0[0].header.known
    }

    /// What the parts make together, of the run of which this is `known` and `planned`.
    pub(crate) fn joined(
        &self,
        mut known: Known,
        planned: &Planned,
    ) -> Result<(Known, Vec<Found>, Went)> {
        let mut scorer = planned.job.clone().start()?;
        // One that lies behind the video's end has nothing to add.
        let with_frames = self.0.iter().filter(|part| !part.kept.part.frames().is_empty());
        for Named { path, kept, .. } in with_frames {
            let fail = |error| Failure::input(format!("{path}: {error}"));
            scorer.add(kept.part.clone()).map_err(fail)?;
        }
        let ends = Ends::joined(self.0.iter().map(|part| &part.kept.ends));
        let found = known.conclude(&ends, scorer)?;
        Ok((known, found, Kept::went(self.0.iter().map(|part| &part.kept))))
    }
}

/// The part in the file at `path`.
fn read(path: &str) -> Result<Named<'_>> {
    let fail = |reason: String| Failure::input(format!("{path}: {reason}"));
    let open = File::open(path).map_err(|error| fail(error.to_string()))?;
    let Contents { header, kept, is_torn, .. } = file::read(BufReader::new(open)).map_err(fail)?;
    let shard = header.shard.ok_or_else(|| fail("it is no shard's".to_owned()))?;
    match <[Kept; 1]>::try_from(kept) {
        Ok([kept]) if !is_torn => Ok(Named { path, header, shard, kept }),
        _ => Err(fail(format!("it is damaged: measure shard {shard} again"))),
    }
}

/// Fails unless `parts`, in order, are all parts of one run.
fn check(parts: &[Named<'_>]) -> Result<()> {
    let first = &parts[0];
    let of = first.shard.of;
    for part in &parts[1..] {
        if let Some(what) = difference(first, part) {
            return Err(Failure::input(format!(
                "{} and {} are not of one run: their {what} differ",
                first.path, part.path
            )));
        }
    }
    for pair in parts.windows(2) {
        if pair[0].shard == pair[1].shard {
            return Err(Failure::input(format!(
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
        [one] => Err(Failure::input(format!("part {one} is missing"))),
        several => Err(Failure::input(format!("parts {} are missing", several.join(", ")))),
    }
}

/// In what the runs of two parts differ, if they do.
fn difference(one: &Named<'_>, other: &Named<'_>) -> Option<&'static str> {
    let (ours, theirs) = (&one.header, &other.header);
    let contents = |header: &Header| (header.reference.clone(), header.distorted.clone());
    if one.shard.of != other.shard.of {
        Some("numbers of parts")
    } else if contents(ours) != contents(theirs) {
        Some("videos")
    } else if !ours.known.is_same(&theirs.known) {
        Some("models, metrics or options")
    } else {
        None
    }
}
