//! One of N parts of the frames.
//!
//! Each shard computes the cuts itself, from the number of frames that the files state. That number
//! need not be right: the first part begins with the video, the last one ends with it, and the
//! parts between them use the same cuts.

use std::io::BufWriter;
use std::ops::Range;

use super::file::{Header, MeasuredPart};
use crate::digest;
use crate::error::{Error, Result};
use crate::handle::{Event, RunHandle};
use crate::inputs::EncodeEnd;
use crate::output::target::Target;
use crate::request::Request;
use crate::request::values::Shard;
use crate::run::models::Measurements;
use crate::run::{self, OpenRun};

/// A measured part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartSummary {
    /// The frames of the part; `None` if the videos end before it.
    pub frames: Range<u64>,
}

/// Measures one of several parts of the frames, and writes it to the file at `path`.
///
/// # Errors
/// Fails if the request can't be fulfilled, no encode can be read, the file can't be written, or
/// the run was stopped.
pub fn measure(
    request: &Request,
    shard: Shard,
    path: &str,
    handle: &RunHandle,
) -> Result<PartSummary> {
    handle.outcome(measure_part(request, shard, path, handle))
}

fn measure_part(
    request: &Request,
    shard: Shard,
    path: &str,
    handle: &RunHandle,
) -> Result<PartSummary> {
    let Request { reference, encodes, options, .. } = request;
    let measurements = Measurements::new(options)?;
    let target = Target::open(path)?;
    let mut opened = OpenRun::open(measurements, reference, encodes, options, handle)?;
    let count = match opened.inputs.frames() {
        Some(count) => count,
        None => {
            let note = format!("{reference} does not state its number of frames: counting them");
            handle.event(Event::Note(&note));
            run::count(reference, options, handle)?
        }
    };
    if shard.index < shard.of {
        // The last shard reads all frames, and proves that they belong together.
        opened.inputs.skip_verification();
    }
    let part = frames(shard, &opened.plan.frames, count);
    opened.planned.job = opened.planned.job.part(part);
    let (mut started, mut scorer) = opened.start()?;
    let failed_at_start = started.report_failed();
    let (ends, stats) = started.read(&mut scorer)?;
    let failures = ends.encodes.iter().enumerate().filter_map(|(encode, end)| match end {
        EncodeEnd::Failed(error) => Some((encode, error)),
        _ => None,
    });
    if failures.clone().count() == ends.encodes.len() {
        let late = failures.filter(|(encode, _)| !failed_at_start.contains(encode));
        late.for_each(|(encode, error)| handle.event(Event::Failed { encode, error }));
        return Err(Error::AllFailed);
    }
    let part = scorer.part()?;
    let (threads, frames, elapsed) = (stats.threads, stats.count, stats.elapsed());
    let kept = MeasuredPart { part, ends, threads, frames, elapsed };
    let digests = encodes.iter().map(|path| digest::of_video(path));
    // A missing part is reported when the parts are merged.
    let digests = digests.map(Result::unwrap_or_default).collect();
    let reference = digest::of_video(reference)?;
    let header = Header::for_shard(shard, (reference, digests), started.plan);
    target.write(|out| {
        let mut out = BufWriter::new(out);
        header.write(&mut out)?;
        kept.write(&mut out)
    })?;
    Ok(PartSummary { frames: kept.part.frames() })
}

/// Returns the frames that a shard measures, of the `wanted` ones of a video of about `count`
/// frames.
fn frames(shard: Shard, wanted: &Range<u64>, count: u64) -> Range<u64> {
    let length = wanted.end.min(count).saturating_sub(wanted.start);
    let cut = |index: u32| {
        // Neither factor is large enough to overflow the product.
        let cut = u128::from(length) * u128::from(index) / u128::from(shard.of);
        wanted.start + u64::try_from(cut).unwrap_or(length)
    };
    let start = if shard.index == 1 { 0 } else { cut(shard.index - 1) };
    let end = if shard.index == shard.of { u64::MAX } else { cut(shard.index) };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_contiguous() {
        for (wanted, count) in [(0..u64::MAX, 100), (0..u64::MAX, 3), (40..60, 100), (90..200, 10)]
        {
            for of in [1, 2, 3, 7] {
                let mut end = 0;
                for index in 1..=of {
                    let part = frames(Shard { index, of }, &wanted, count);
                    assert_eq!(part.start, end, "{index}/{of} of {wanted:?}");
                    assert!(part.start <= part.end);
                    end = part.end;
                }
                assert_eq!(end, u64::MAX);
            }
        }
        let part = frames(Shard { index: 2, of: 3 }, &(0..u64::MAX), 100);
        assert_eq!(part, 33..66);
        assert_eq!(frames(Shard { index: 2, of: 2 }, &(40..60), 100).start, 50);
    }
}
