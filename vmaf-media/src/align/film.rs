//! The frames of two videos that are within reach, and their differences.

use std::collections::VecDeque;

use super::signature::{PARTS, STEPS};
use super::trace::{Left, distance, mean_square};
use super::{Sight, Signature};

/// Steps per level of 8 bits, and the limits of the values: squared differences, summed over 64
/// parts, then fit 31 bits.
const COARSE: f32 = 8.0;
const MOST: f32 = 3840.0;
const LEAST: f32 = -1800.0;

/// The greatest difference of a frame from the one it repeats, as a mean square in levels of 8 bits
/// and as a multiple of its least misfit, and the number of repeats from which frames are frozen.
const SAME: f64 = 0.01;
const SAME_AS: f64 = 2.5;
const FROZEN: usize = 4;

/// The number of times that the estimate of the brightness difference is refined.
const ROUNDS: usize = 3;

/// The least misfit of a frame that fits nothing, as a fraction of its average misfit.
const NOTHING: f64 = 0.25;

/// Observations of a video's frames that are within reach.
#[derive(Debug, Default)]
pub(super) struct Film {
    sights: VecDeque<Sight>,
    /// The number of the first of them, and the number of all frames so far.
    from: usize,
    seen: usize,
    /// The timestamp of the very first frame.
    start: Option<f64>,
    ended: bool,
}

impl Film {
    /// Adds the next frame, and keeps it; `None` is the end.
    fn push(&mut self, sight: Option<&Sight>) {
        if let Some(sight) = sight {
            if self.seen == 0 {
                self.start = sight.time;
            }
            self.sights.push_back(*sight);
        }
        self.pass(sight);
    }

    /// Counts the next frame; `None` is the end.
    pub(super) fn pass(&mut self, sight: Option<&Sight>) {
        match sight {
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
    pub(super) fn get(&self, index: usize) -> Option<&Sight> {
        self.sights.get(index.checked_sub(self.from)?)
    }

    /// Returns all available frames.
    pub(super) fn sights(&self) -> impl Iterator<Item = &Sight> {
        self.sights.iter()
    }

    /// Returns the time from the first frame to frame `index`, if the frame is available and has a
    /// timestamp.
    pub(super) fn elapsed(&self, index: usize) -> Option<f64> {
        Some(self.get(index)?.time? - self.start?)
    }
}

/// The frames of a reference and an encode that are within reach.
#[derive(Debug, Default)]
pub(super) struct Frames {
    pub(super) reference: Film,
    pub(super) encode: Film,
    /// The next frames that are not yet paired or skipped.
    pub(super) taken: [usize; 2],
    /// The brightness of each part of the encode's picture beyond the reference's, once it is
    /// known.
    brighter: Option<[f32; PARTS]>,
    /// The pictures, with that difference subtracted.
    left: [VecDeque<Left>; 2],
    /// For each frame of the encode: its least difference from any frame of the reference within
    /// reach, the sum and number of all differences, and the distance back to the frame that it
    /// repeats.
    least: VecDeque<i64>,
    all: VecDeque<(i64, i64)>,
    repeats: VecDeque<usize>,
    /// The first frames that are within reach of later ones.
    needed: [usize; 2],
}

impl Frames {
    pub(super) fn push_reference(&mut self, sight: Option<&Sight>) {
        self.reference.push(sight);
        if let Some(sight) = sight.filter(|_| self.brighter.is_some()) {
            self.add_reference(left(sight, &[0.0; PARTS]));
        }
    }

    pub(super) fn push_encode(&mut self, sight: Option<&Sight>) {
        self.encode.push(sight);
        if let Some((sight, brighter)) = sight.zip(self.brighter.as_ref()) {
            self.add_encode(left(sight, brighter));
        }
    }

    /// Begins comparing, given an estimate of the brightness difference of each part of the
    /// encode's picture.
    pub(super) fn begin(&mut self, mut by: [f32; PARTS]) {
        let reference: Vec<Left> =
            self.reference.sights().map(|sight| left(sight, &[0.0; PARTS])).collect();
        for _ in 0..ROUNDS {
            by = self.refined(&reference, by);
        }
        self.brighter = Some(by);
        let encode: Vec<Left> = self.encode.sights().map(|sight| left(sight, &by)).collect();
        reference.into_iter().for_each(|left| self.add_reference(left));
        encode.into_iter().for_each(|left| self.add_encode(left));
    }

    /// Refines the brightness difference `by` of each part: averages it over the better half of the
    /// encode's frames, each compared with the frame of the reference that fits it best.
    fn refined(&self, reference: &[Left], by: [f32; PARTS]) -> [f32; PARTS] {
        let fit = |sight: &Sight| {
            let left = left(sight, &by);
            let misfits = reference.iter().map(|reference| distance(reference, &left));
            let (index, misfit) = misfits.enumerate().min_by_key(|(_, misfit)| *misfit)?;
            Some((misfit, [self.reference.get(index)?.signature, sight.signature]))
        };
        let mut fits: Vec<_> = self.encode.sights().filter_map(fit).collect();
        fits.sort_by_key(|(misfit, _)| *misfit);
        let half = fits.len().div_ceil(2);
        brighter(fits.into_iter().take(half).map(|(_, pair)| pair))
    }

    fn add_reference(&mut self, left: Left) {
        let passed = self.needed[1].saturating_sub(self.encode.from);
        let differences = self.least.iter_mut().zip(&mut self.all).zip(&self.left[1]);
        for ((least, (sum, count)), encode) in differences.skip(passed) {
            let distance = distance(&left, encode);
            *least = distance.min(*least);
            *sum += distance;
            *count += 1;
        }
        self.left[0].push_back(left);
    }

    fn add_encode(&mut self, left: Left) {
        let passed = self.needed[0].saturating_sub(self.reference.from);
        let near = self.left[0].iter().skip(passed);
        let (mut least, mut sum, mut count) = (i64::MAX, 0, 0);
        for distance in near.map(|reference| distance(reference, &left)) {
            least = distance.min(least);
            sum += distance;
            count += 1;
        }
        // The first frame that the previous one repeats, or the previous one itself.
        let back = self.repeats.back().map_or(1, |repeats| repeats + 1);
        let first = self.left[1].len().checked_sub(back).map(|first| &self.left[1][first]);
        let same = mean_square(least, 1, COARSE) * SAME_AS;
        let repeats = match first {
            Some(first) if mean_square(distance(first, &left), 1, COARSE) <= same.max(SAME) => back,
            _ => 0,
        };
        self.least.push_back(least);
        self.all.push_back((sum, count));
        self.repeats.push_back(repeats);
        self.left[1].push_back(left);
    }

    /// Declares that later frames are not compared with those before these.
    pub(super) fn leave(&mut self, frames: [usize; 2]) {
        self.needed = frames;
    }

    /// Returns the difference between a frame of the reference and one of the encode, if both are
    /// available: a mean square in levels of 8 bits.
    pub(super) fn misfit(&self, reference: usize, encode: usize) -> Option<f64> {
        let reference = self.left[0].get(reference.checked_sub(self.reference.from)?)?;
        let encode = self.left[1].get(encode.checked_sub(self.encode.from)?)?;
        Some(mean_square(distance(reference, encode), 1, COARSE))
    }

    /// Returns the least difference of frame `index` of the encode from any of the reference within
    /// reach.
    pub(super) fn least(&self, index: usize) -> f64 {
        let least = index.checked_sub(self.encode.from).and_then(|at| self.least.get(at));
        least.map_or(f64::INFINITY, |least| mean_square(*least, 1, COARSE))
    }

    /// Returns true if frame `index` of the encode fits no frame of the reference within reach: it
    /// is ruined.
    pub(super) fn fits_nothing(&self, index: usize) -> bool {
        let Some(at) = index.checked_sub(self.encode.from) else { return false };
        self.least.get(at).zip(self.all.get(at)).is_some_and(|(least, (sum, count))| {
            *least as f64 > NOTHING * *sum as f64 / (*count).max(1) as f64
        })
    }

    /// Returns true if frame `index` of the encode is part of a long run of repeats.
    pub(super) fn is_frozen(&self, index: usize) -> bool {
        let Some(at) = index.checked_sub(self.encode.from) else { return false };
        let mut repeats = self.repeats.range(at.min(self.repeats.len())..);
        let Some(mut most) = repeats.next().copied().filter(|repeats| *repeats > 0) else {
            return false;
        };
        for next in repeats.take_while(|repeats| **repeats > 0).take(FROZEN) {
            most = *next;
        }
        most >= FROZEN
    }

    /// Returns true if frame `index` of the encode repeats the previous one, or is repeated by the
    /// next.
    pub(super) fn is_one_of_several(&self, index: usize) -> bool {
        let Some(at) = index.checked_sub(self.encode.from) else { return false };
        [at, at + 1].iter().any(|at| self.repeats.get(*at).is_some_and(|repeats| *repeats > 0))
    }

    /// Drops the frames before these.
    pub(super) fn forget(&mut self, frames: [usize; 2]) {
        let films = [&mut self.reference, &mut self.encode];
        for ((film, left), frame) in films.into_iter().zip(&mut self.left).zip(frames) {
            let count = frame.saturating_sub(film.from).min(left.len());
            film.sights.drain(..count);
            left.drain(..count);
            film.from += count;
        }
        let excess = self.least.len() - self.left[1].len();
        self.least.drain(..excess);
        self.all.drain(..excess);
        self.repeats.drain(..excess);
    }
}

/// Returns a picture with `brighter` subtracted from each part.
fn left(sight: &Sight, brighter: &[f32; PARTS]) -> Left {
    std::array::from_fn(|part| {
        let level = f32::from(sight.signature.0[part]) / STEPS - brighter[part];
        (level * COARSE).round().clamp(LEAST, MOST) as i16
    })
}

/// Returns the mean brightness of each part of the second picture less the first's, in levels of 8
/// bits.
pub(super) fn brighter(pairs: impl Iterator<Item = [Signature; 2]>) -> [f32; PARTS] {
    let (mut sums, mut count) = ([0.0; PARTS], 0_u16);
    for [dark, light] in pairs {
        count += 1;
        for (sum, (light, dark)) in sums.iter_mut().zip(light.0.iter().zip(dark.0)) {
            *sum += f32::from(*light) - f32::from(dark);
        }
    }
    sums.map(|sum| sum / f32::from(count.max(1)) / STEPS)
}
