//! The sample of a run: which share of its frames is scored, once it is known how many there are.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use vmaf_core::score::Sampling;
use vmaf_media::StreamInfo;

use crate::error::{Error, Result};
use crate::request::values::Sample;

/// A share of the frames, as so many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SampleShare {
    pub(crate) count: u64,
    pub(crate) of: u64,
}

impl SampleShare {
    /// The share that `sample` is of those of `frames` that the reference says to have. Where there
    /// are more or fewer after all, that many more or fewer are drawn.
    pub(super) fn new(sample: Sample, reference: &StreamInfo, frames: &Range<u64>) -> Result<Self> {
        let count = match sample {
            Sample::Share(count, of) => return Ok(Self { count, of }),
            Sample::Frames(count) => count,
        };
        // The reference's, so that the draw does not depend on which encodes are beside it.
        let all = reference.frames.ok_or_else(|| {
            Error::input(format!(
                "{} does not state its number of frames, so {count} of them can't be sampled: \
                 sample a share, as 10%",
                reference.path
            ))
        })?;
        let of = all.min(frames.end).saturating_sub(frames.start).max(1);
        let count = count.min(of);
        let common = greatest_common_divisor(count, of);
        Ok(Self { count: count / common, of: of / common })
    }

    /// The frames that are drawn.
    pub(super) fn sampling(self) -> Result<Sampling> {
        Ok(Sampling::new(self.count, self.of)?)
    }

    /// The share, up to 1.
    pub(crate) fn share(self) -> f64 {
        self.count as f64 / self.of as f64
    }
}

/// The greatest number that divides both, of which `b` is not 0.
fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while a > 0 {
        (a, b) = (b % a, a);
    }
    b
}
