//! A video's signatures with the average of their neighbours subtracted, for the frames still
//! needed.

use std::collections::VecDeque;

use super::{CELLS, STEPS_PER_LEVEL, Signature};

/// The number of frames before and after one that are averaged.
const NEIGHBOURS: usize = 8;

/// Steps per level of 8 bits in the residuals.
pub(super) const RESIDUAL_STEPS: f32 = 32.0;

/// The greatest residual: its squared differences, summed over a [`GROUP`] of cells, then fit 31
/// bits.
const MAX_RESIDUAL: f32 = 1800.0;

/// A signature less the average of its neighbours.
pub(super) type Residual = [i16; CELLS];

/// Returns the mean square, in levels of 8 bits, for a sum of squares over `frames` pictures of
/// values with `steps` steps per level.
pub(super) fn mean_square(sum: i64, frames: usize, steps: f32) -> f64 {
    sum as f64 / (frames * CELLS) as f64 / f64::from(steps * steps)
}

/// The number of cells whose squared differences are summed in 32 bits; it divides their number.
const GROUP: usize = 64;

/// Returns the sum of squared differences.
pub(super) fn distance(a: &Residual, b: &Residual) -> i64 {
    let (a, b) = (a.as_chunks::<GROUP>().0, b.as_chunks::<GROUP>().0);
    let mut sum = 0;
    for (a, b) in a.iter().zip(b) {
        // Nothing overflows; checks, in builds that have them, would keep this from being
        // vectorised.
        let mut squares = 0_i32;
        for (a, b) in a.iter().zip(b) {
            let difference = i32::from(a.wrapping_sub(*b));
            squares = squares.wrapping_add(difference.wrapping_mul(difference));
        }
        sum += i64::from(squares);
    }
    sum
}

/// Returns the sum of squares.
pub(super) fn energy(residual: &Residual) -> i64 {
    distance(residual, &[0; CELLS])
}

/// The residuals of a video's frames.
#[derive(Debug, Default)]
pub(super) struct Residuals {
    /// The latest signatures, and the number of the first of them.
    signatures: VecDeque<Signature>,
    from: usize,
    /// Their sum.
    sum: SignatureSum,
    /// The residuals of frames, and the number of the first of them.
    residuals: VecDeque<Residual>,
    first: usize,
    ended: bool,
}

#[derive(Debug)]
struct SignatureSum([u32; CELLS]);

impl Default for SignatureSum {
    fn default() -> Self {
        Self([0; CELLS])
    }
}

impl Residuals {
    /// Adds the next frame's signature.
    pub(super) fn push(&mut self, signature: Signature) {
        for (sum, cell) in self.sum.0.iter_mut().zip(signature.0) {
            *sum += u32::from(cell);
        }
        self.signatures.push_back(signature);
        if self.seen() > NEIGHBOURS {
            self.advance();
        }
    }

    /// Ends the video.
    pub(super) fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            while self.ready() < self.seen() {
                self.advance();
            }
        }
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Returns the number of frames so far.
    pub(super) fn seen(&self) -> usize {
        self.from + self.signatures.len()
    }

    /// Returns the number after the last available frame.
    pub(super) fn ready(&self) -> usize {
        self.first + self.residuals.len()
    }

    /// Returns the number of the first available frame.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// Returns the residual of frame `index`, which must be available.
    pub(super) fn get(&self, index: usize) -> &Residual {
        &self.residuals[index - self.first]
    }

    /// Drops the frames before `index`.
    pub(super) fn drop_before(&mut self, index: usize) {
        let count = index.saturating_sub(self.first).min(self.residuals.len());
        self.residuals.drain(..count);
        self.first += count;
    }

    /// Makes one more frame available, all of whose neighbouring signatures are known.
    fn advance(&mut self) {
        let index = self.ready();
        while self.from + NEIGHBOURS < index {
            if let Some(old) = self.signatures.pop_front() {
                for (sum, cell) in self.sum.0.iter_mut().zip(old.0) {
                    *sum -= u32::from(cell);
                }
            }
            self.from += 1;
        }
        let count = self.signatures.len() as f32;
        let signature = &self.signatures[index - self.from];
        let mut residual = [0; CELLS];
        for ((residual, cell), sum) in residual.iter_mut().zip(signature.0).zip(self.sum.0) {
            let value = (f32::from(cell) - sum as f32 / count) * (RESIDUAL_STEPS / STEPS_PER_LEVEL);
            *residual = value.round().clamp(-MAX_RESIDUAL, MAX_RESIDUAL) as i16;
        }
        self.residuals.push_back(residual);
    }
}
