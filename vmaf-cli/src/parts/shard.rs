//! `vmaf score --shard I/N`: measures one of N parts of the frames.
//!
//! Each shard finds the cuts by itself, from how many frames the files say to have. That this is
//! true does not matter: the first part begins with the video, the last one ends with it, and
//! those in between lie between the same cuts.

use std::io::BufWriter;
use std::ops::Range;

use super::file::{Header, Kept};
use crate::args::ScoreArgs;
use crate::args::values::Shard;
use crate::digest;
use crate::failure::{self, Failure, Result};
use crate::inputs::End;
use crate::output::target::Target;
use crate::score::asked::Asked;
use crate::score::{self, Begun};

/// Measures a shard, and writes what was measured.
pub(crate) fn run(arguments: &ScoreArgs, shard: Shard) -> Result<()> {
    let [output] = &arguments.results.output[..] else {
        return Err(Failure::input("a shard is written to one file: give -o once"));
    };
    let asked = Asked::of(&arguments.measure)?;
    let target = Target::open(output)?;
    let (reference, distorted) = (&arguments.reference, &arguments.distorted);
    let mut begun = Begun::of(asked, reference, distorted, &arguments.measure)?;
    let quiet = arguments.results.quiet;
    let count = match begun.inputs.frames() {
        Some(count) => count,
        None => {
            if !quiet {
                failure::note(format!(
                    "{reference} does not tell how many frames it has: counting them"
                ));
            }
            score::count(reference, &arguments.measure)?
        }
    };
    if shard.index < shard.of {
        // The last shard reads all frames, and proves that they belong together.
        begun.inputs.trust();
    }
    let part = frames(shard, &begun.known.frames, count);
    begun.planned.job = begun.planned.job.part(part);
    let (mut begun, mut scorer) = begun.start()?;
    let opened = begun.tell();
    let (ends, went) = begun.read(&mut scorer, quiet)?;
    if ends.encodes.iter().all(|end| matches!(end, End::Failed(_))) {
        for (end, _) in ends.encodes.iter().zip(opened).filter(|(_, opened)| *opened) {
            if let End::Failed(reason) = end {
                failure::error(reason);
            }
        }
        return Err(Failure::Told);
    }
    let part = scorer.part()?;
    let (threads, frames, elapsed) = (went.threads, went.count, went.elapsed());
    let kept = Kept { part, ends, threads, frames, elapsed };
    let digests = distorted.iter().map(|path| digest::of_video(path));
    // One that is missing is told of when all parts are there.
    let digests = digests.map(Result::unwrap_or_default).collect();
    let reference = digest::of_video(reference)?;
    let header = Header::of_shard(shard, (reference, digests), begun.known);
    target.write(|out| {
        let mut out = BufWriter::new(out);
        header.write(&mut out)?;
        kept.write(&mut out)
    })?;
    if !quiet {
        let frames = kept.part.frames();
        let what = match frames.end.checked_sub(1) {
            Some(last) if !frames.is_empty() => format!("frames {} to {last}", frames.start),
            _ => format!("nothing, the videos end before frame {}", frames.start),
        };
        failure::note(format!(
            "{output}: part {shard}, {what}; 'vmaf merge' makes the result of all {}",
            shard.of
        ));
    }
    Ok(())
}

/// The frames that a shard measures, of the `wanted` ones of a video of about `count` frames.
fn frames(shard: Shard, wanted: &Range<u64>, count: u64) -> Range<u64> {
    let length = wanted.end.min(count).saturating_sub(wanted.start);
    let cut = |index: u32| {
        // Neither factor is near the range of the product.
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
    fn shards_follow_each_other_without_a_gap() {
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
