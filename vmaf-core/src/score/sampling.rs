//! Stratified samples of a video's frames: one random frame from each stretch of equal length.
//!
//! Frames at a fixed distance repeatedly fall on the same level of an encoder's frame pyramid, and
//! the quality of frames differs by level. In a stretch, every frame is equally likely to be drawn,
//! so the mean of the sample has no bias, and stretches of equal length represent every part of the
//! video. A draw depends only on the seed and the number of the stretch: every run, every machine
//! and every part of a run draws the same frames.

use crate::Result;
use crate::error::JobError;

/// A sample of frames: `count` of every `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    count: u64,
    of: u64,
    seed: u64,
}

impl Sampling {
    /// Draws `count` of every `of` frames, one from each stretch of `of / count` frames.
    ///
    /// # Errors
    /// [`Error::Job`](crate::Error::Job) if `count` or `of` is 0.
    pub fn new(count: u64, of: u64) -> Result<Self> {
        if count == 0 || of == 0 {
            return Err(JobError::EmptySample.into());
        }
        Ok(Self { count: count.min(of), of, seed: 0 })
    }

    /// The same sample with different draws.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The text that tells this sample from others, for fingerprints.
    pub(super) fn identity(self) -> String {
        format!("sample {} {} {}", self.count, self.of, self.seed)
    }

    /// The sampled share of the frames, at most 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.count as f64 / self.of as f64
    }

    /// Returns true if the sample contains frame `index`, counted from the start of the sampled
    /// frames.
    #[must_use]
    pub fn takes(&self, index: u64) -> bool {
        let stretch = u128::from(index) * u128::from(self.count) / u128::from(self.of);
        let start = self.start(stretch);
        let length = self.start(stretch + 1) - start;
        let drawn = (u128::from(random(self.seed, stretch as u64)) * length) >> 64;
        u128::from(index) == start + drawn
    }

    /// The first frame of a stretch.
    fn start(&self, stretch: u128) -> u128 {
        (stretch * u128::from(self.of)).div_ceil(u128::from(self.count))
    }
}

/// A random number that depends only on `seed` and `index`, by SplitMix64.
fn random(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(count: u64, of: u64, frames: u64) -> Vec<u64> {
        let sampling = Sampling::new(count, of).expect("a sample");
        (0..frames).filter(|index| sampling.takes(*index)).collect()
    }

    #[test]
    fn every_stretch_has_one_sampled_frame() {
        for (count, of) in [(1, 10), (7, 100), (33, 100), (100, 101), (3, 3), (9, 5), (2, 7)] {
            let found = drawn(count, of, 2 * of);
            assert_eq!(found.len() as u64, 2 * count.min(of), "{count} of {of}");
            for (stretch, frame) in found.iter().enumerate() {
                assert_eq!(frame * count.min(of) / of, stretch as u64, "{count} of {of}");
            }
        }
    }

    #[test]
    fn draws_are_reproducible_and_uniform() {
        assert_eq!(drawn(1, 8, 40), drawn(1, 8, 40));
        let mut places = [0; 8];
        for frame in drawn(1, 8, 8 * 4000) {
            places[frame as usize % 8] += 1;
        }
        assert!(places.iter().all(|count| (400..600).contains(count)), "{places:?}");
        Sampling::new(0, 5).expect_err("no frame");
    }

    #[test]
    fn sampling_works_up_to_the_last_frame_number() {
        let sampling = Sampling::new(u64::MAX, u64::MAX).expect("a sample");
        assert!(sampling.takes(u64::MAX - 1));
        let rare = Sampling::new(1, u64::MAX).expect("a sample");
        assert!(rare.share() > 0.0 && !rare.takes(5));
    }
}
