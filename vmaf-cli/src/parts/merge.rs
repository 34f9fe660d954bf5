//! `vmaf merge`: the result of a run of which all parts were measured.

use std::fs::File;
use std::io::BufReader;

use super::file::{self, Contents, Header, Kept};
use crate::args::MergeArgs;
use crate::args::values::Shard;
use crate::failure::{self, Failure, Result};
use crate::gates::Outcome;
use crate::inputs::Ends;
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
    let parts = arguments.parts.iter().map(|path| read(path));
    let mut parts = parts.collect::<Result<Vec<_>>>()?;
    parts.sort_by_key(|part| part.shard.index);
    check(&parts)?;
    let encodes: Vec<String> =
        parts[0].header.known.encodes.iter().map(|encode| encode.path.clone()).collect();
    score::judged(&arguments.results, &encodes, |gates| {
        let mut known = parts[0].header.known.clone();
        let planned = known.plan()?;
        known.check_gates(&planned, gates)?;
        let writers = Writers::open(&arguments.results, encodes.len())?;
        let mut scorer = planned.job.clone().start()?;
        // One that lies behind the video's end has nothing to add.
        let with_frames = parts.iter().filter(|part| !part.kept.part.frames().is_empty());
        for Named { path, kept, .. } in with_frames {
            let fail = |error| Failure::input(format!("{path}: {error}"));
            scorer.add(kept.part.clone()).map_err(fail)?;
        }
        let ends = Ends::joined(parts.iter().map(|part| &part.kept.ends));
        let went = Kept::went(parts.iter().map(|part| &part.kept));
        let scored = known.conclude(&ends, scorer)?;
        let asked = (gates, &arguments.results.judge.pool[..]);
        let report = known.report(planned, scored, asked, went)?;
        report.warnings.iter().for_each(failure::warning);
        let opened = vec![true; encodes.len()];
        Ok(Run { report, writers, opened })
    })
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
