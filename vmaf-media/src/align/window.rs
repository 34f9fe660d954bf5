//! The frames of two videos that are within reach, and their differences.

use std::collections::VecDeque;

use super::residuals::{Residual, distance, mean_square};
use super::{CELLS, FrameFingerprint, STEPS_PER_LEVEL, Signature};

/// Steps per level of 8 bits, and the limits of the values: squared differences, summed over a
/// group of cells, then fit 31 bits.
const LEVEL_STEPS: f32 = 8.0;
const MAX_VALUE: f32 = 3840.0;
const MIN_VALUE: f32 = -1800.0;

/// The greatest difference of a frame from the one it repeats, as a mean square in levels of 8 bits
/// and as a multiple of its least misfit, and the number of repeats from which frames are frozen.
const MAX_REPEAT_DIFFERENCE: f64 = 0.01;
const MAX_REPEAT_RATIO: f64 = 2.5;
const FROZEN_REPEATS: usize = 4;

/// The number of times that the estimate of the brightness difference is refined.
const REFINEMENTS: usize = 3;

/// The least misfit of a frame that fits nothing, as a fraction of its average misfit.
const MIN_RUINED_SHARE: f64 = 0.25;

/// Observations of a video's frames that are within reach.
#[derive(Debug, Default)]
pub(super) struct FrameWindow {
    fingerprints: VecDeque<FrameFingerprint>,
    /// The number of the first of them, and the number of all frames so far.
    from: usize,
    seen: usize,
    /// The timestamp of the very first frame.
    start: Option<f64>,
    ended: bool,
}

impl FrameWindow {
    /// Adds the next frame, and keeps it; `None` is the end.
    fn push(&mut self, fingerprint: Option<&FrameFingerprint>) {
        if let Some(fingerprint) = fingerprint {
            if self.seen == 0 {
                self.start = fingerprint.time;
            }
            self.fingerprints.push_back(*fingerprint);
        }
        self.count_frame(fingerprint);
    }

    /// Counts the next frame; `None` is the end.
    pub(super) fn count_frame(&mut self, fingerprint: Option<&FrameFingerprint>) {
        match fingerprint {
            Some(_) => self.seen += 1,
            None => self.ended = true,
        }
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Returns the number of frames so far.
    pub(super) fn seen(&self) -> usize {
        self.seen
    }

    /// Returns the number of the first available frame.
    pub(super) fn first(&self) -> usize {
        self.from
    }

    /// Returns frame `index`, if it is available.
    pub(super) fn get(&self, index: usize) -> Option<&FrameFingerprint> {
        self.fingerprints.get(index.checked_sub(self.from)?)
    }

    /// Returns all available frames.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = &FrameFingerprint> {
        self.fingerprints.iter()
    }

    /// Returns the time from the first frame to frame `index`, if the frame is available and has a
    /// timestamp.
    pub(super) fn elapsed(&self, index: usize) -> Option<f64> {
        Some(self.get(index)?.time? - self.start?)
    }
}

/// The frames of a reference and an encode that are within reach.
#[derive(Debug, Default)]
pub(super) struct WindowPair {
    pub(super) reference: FrameWindow,
    pub(super) encode: FrameWindow,
    /// The next frames that are not yet paired or skipped.
    pub(super) next_unpaired: [usize; 2],
    /// The brightness of each part of the encode's picture beyond the reference's, once it is
    /// known.
    brightness_offset: Option<[f32; CELLS]>,
    /// The pictures, with that difference subtracted.
    residuals: [VecDeque<Residual>; 2],
    /// For each frame of the encode: its least difference from any frame of the reference within
    /// reach, the sum and number of all differences, and the distance back to the frame that it
    /// repeats.
    least_misfits: VecDeque<i64>,
    misfit_sums: VecDeque<(i64, i64)>,
    repeat_distances: VecDeque<usize>,
    /// The first frames that are within reach of later ones.
    needed: [usize; 2],
}

impl WindowPair {
    pub(super) fn push_reference(&mut self, fingerprint: Option<&FrameFingerprint>) {
        self.reference.push(fingerprint);
        if let Some(fingerprint) = fingerprint.filter(|_| self.brightness_offset.is_some()) {
            self.add_reference(residual(fingerprint, &[0.0; CELLS]));
        }
    }

    pub(super) fn push_encode(&mut self, fingerprint: Option<&FrameFingerprint>) {
        self.encode.push(fingerprint);
        if let Some((fingerprint, brightness_offset)) =
            fingerprint.zip(self.brightness_offset.as_ref())
        {
            self.add_encode(residual(fingerprint, brightness_offset));
        }
    }

    /// Begins comparing, given an estimate of the brightness difference of each part of the
    /// encode's picture.
    pub(super) fn begin(&mut self, mut offset: [f32; CELLS]) {
        let reference: Vec<Residual> = self
            .reference
            .fingerprints()
            .map(|fingerprint| residual(fingerprint, &[0.0; CELLS]))
            .collect();
        for _ in 0..REFINEMENTS {
            offset = self.refined(&reference, offset);
        }
        self.brightness_offset = Some(offset);
        let encode: Vec<Residual> =
            self.encode.fingerprints().map(|fingerprint| residual(fingerprint, &offset)).collect();
        reference.into_iter().for_each(|residual| self.add_reference(residual));
        encode.into_iter().for_each(|residual| self.add_encode(residual));
    }

    /// Refines the brightness difference `by` of each part: averages it over the better half of the
    /// encode's frames, each compared with the frame of the reference that fits it best.
    fn refined(&self, reference: &[Residual], offset: [f32; CELLS]) -> [f32; CELLS] {
        let fit = |fingerprint: &FrameFingerprint| {
            let residual = residual(fingerprint, &offset);
            let misfits = reference.iter().map(|reference| distance(reference, &residual));
            let (index, misfit) = misfits.enumerate().min_by_key(|(_, misfit)| *misfit)?;
            Some((misfit, [self.reference.get(index)?.signature, fingerprint.signature]))
        };
        let mut fits: Vec<_> = self.encode.fingerprints().filter_map(fit).collect();
        fits.sort_by_key(|(misfit, _)| *misfit);
        let half = fits.len().div_ceil(2);
        brightness_offset(fits.into_iter().take(half).map(|(_, pair)| pair))
    }

    fn add_reference(&mut self, residual: Residual) {
        let passed = self.needed[1].saturating_sub(self.encode.from);
        let differences =
            self.least_misfits.iter_mut().zip(&mut self.misfit_sums).zip(&self.residuals[1]);
        for ((least, (sum, count)), encode) in differences.skip(passed) {
            let distance = distance(&residual, encode);
            *least = distance.min(*least);
            *sum += distance;
            *count += 1;
        }
        self.residuals[0].push_back(residual);
    }

    fn add_encode(&mut self, residual: Residual) {
        let passed = self.needed[0].saturating_sub(self.reference.from);
        let near = self.residuals[0].iter().skip(passed);
        let (mut least, mut sum, mut count) = (i64::MAX, 0, 0);
        for distance in near.map(|reference| distance(reference, &residual)) {
            least = distance.min(least);
            sum += distance;
            count += 1;
        }
        // The first frame that the previous one repeats, or the previous one itself.
        let back = self.repeat_distances.back().map_or(1, |repeats| repeats + 1);
        let first =
            self.residuals[1].len().checked_sub(back).map(|first| &self.residuals[1][first]);
        let same = mean_square(least, 1, LEVEL_STEPS) * MAX_REPEAT_RATIO;
        let repeats = match first {
            Some(first)
                if mean_square(distance(first, &residual), 1, LEVEL_STEPS)
                    <= same.max(MAX_REPEAT_DIFFERENCE) =>
            {
                back
            }
            _ => 0,
        };
        self.least_misfits.push_back(least);
        self.misfit_sums.push_back((sum, count));
        self.repeat_distances.push_back(repeats);
        self.residuals[1].push_back(residual);
    }

    /// Declares that later frames are not compared with those before these.
    pub(super) fn set_needed(&mut self, frames: [usize; 2]) {
        self.needed = frames;
    }

    /// Returns the difference between a frame of the reference and one of the encode, if both are
    /// available: a mean square in levels of 8 bits.
    pub(super) fn misfit(&self, reference: usize, encode: usize) -> Option<f64> {
        let reference = self.residuals[0].get(reference.checked_sub(self.reference.from)?)?;
        let encode = self.residuals[1].get(encode.checked_sub(self.encode.from)?)?;
        Some(mean_square(distance(reference, encode), 1, LEVEL_STEPS))
    }

    /// Returns the least difference of frame `index` of the encode from any of the reference within
    /// reach.
    pub(super) fn least(&self, index: usize) -> f64 {
        let least = index.checked_sub(self.encode.from).and_then(|at| self.least_misfits.get(at));
        least.map_or(f64::INFINITY, |least| mean_square(*least, 1, LEVEL_STEPS))
    }

    /// Returns true if frame `index` of the encode fits no frame of the reference within reach: it
    /// is ruined.
    pub(super) fn fits_nothing(&self, index: usize) -> bool {
        let Some(at) = index.checked_sub(self.encode.from) else { return false };
        self.least_misfits.get(at).zip(self.misfit_sums.get(at)).is_some_and(
            |(least, (sum, count))| {
                *least as f64 > MIN_RUINED_SHARE * *sum as f64 / (*count).max(1) as f64
            },
        )
    }

    /// Returns true if frame `index` of the encode is part of a long run of repeats.
    pub(super) fn is_frozen(&self, index: usize) -> bool {
        let Some(at) = index.checked_sub(self.encode.from) else { return false };
        let mut repeats = self.repeat_distances.range(at.min(self.repeat_distances.len())..);
        let Some(mut most) = repeats.next().copied().filter(|repeats| *repeats > 0) else {
            return false;
        };
        for next in repeats.take_while(|repeats| **repeats > 0).take(FROZEN_REPEATS) {
            most = *next;
        }
        most >= FROZEN_REPEATS
    }

    /// Returns true if frame `index` of the encode repeats the previous one, or is repeated by the
    /// next.
    pub(super) fn is_one_of_several(&self, index: usize) -> bool {
        let Some(at) = index.checked_sub(self.encode.from) else { return false };
        [at, at + 1]
            .iter()
            .any(|at| self.repeat_distances.get(*at).is_some_and(|repeats| *repeats > 0))
    }

    /// Drops the frames before these.
    pub(super) fn drop_before(&mut self, frames: [usize; 2]) {
        let windows = [&mut self.reference, &mut self.encode];
        for ((window, residuals), frame) in windows.into_iter().zip(&mut self.residuals).zip(frames)
        {
            let count = frame.saturating_sub(window.from).min(residuals.len());
            window.fingerprints.drain(..count);
            residuals.drain(..count);
            window.from += count;
        }
        let excess = self.least_misfits.len() - self.residuals[1].len();
        self.least_misfits.drain(..excess);
        self.misfit_sums.drain(..excess);
        self.repeat_distances.drain(..excess);
    }
}

/// Returns a picture with `brightness_offset` subtracted from each part.
fn residual(fingerprint: &FrameFingerprint, brightness_offset: &[f32; CELLS]) -> Residual {
    std::array::from_fn(|cell| {
        let level =
            f32::from(fingerprint.signature.0[cell]) / STEPS_PER_LEVEL - brightness_offset[cell];
        (level * LEVEL_STEPS).round().clamp(MIN_VALUE, MAX_VALUE) as i16
    })
}

/// Returns the mean brightness of each part of the second picture less the first's, in levels of 8
/// bits.
pub(super) fn brightness_offset(pairs: impl Iterator<Item = [Signature; 2]>) -> [f32; CELLS] {
    let (mut sums, mut count) = ([0.0; CELLS], 0_u16);
    for [dark, light] in pairs {
        count += 1;
        for (sum, (light, dark)) in sums.iter_mut().zip(light.0.iter().zip(dark.0)) {
            *sum += f32::from(*light) - f32::from(dark);
        }
    }
    sums.map(|sum| sum / f32::from(count.max(1)) / STEPS_PER_LEVEL)
}
