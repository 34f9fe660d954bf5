//! A video's signatures with what lasts subtracted, for the frames that are still needed.

use std::collections::VecDeque;

use super::Signature;
use super::signature::{PARTS, STEPS};

/// How many frames before and after one make up what lasts.
const AROUND: usize = 8;

/// Steps to a level of 8 bits, of what is left.
pub(super) const FINE: f32 = 32.0;

/// The most that is left: squares of differences, summed over a picture, then fit 31 bits.
const MOST: f32 = 1800.0;

/// What is left of a signature.
pub(super) type Left = [i16; PARTS];

/// The mean square, in levels of 8 bits, that a sum of squares over `frames` pictures is, of values
/// with so many `steps` a level.
pub(super) fn mean_square(sum: i64, frames: usize, steps: f32) -> f64 {
    sum as f64 / (frames * PARTS) as f64 / f64::from(steps * steps)
}

/// The sum of squared differences.
pub(super) fn distance(a: &Left, b: &Left) -> i64 {
    let squares = a.iter().zip(b).map(|(a, b)| {
        let difference = a.wrapping_sub(*b);
        i32::from(difference) * i32::from(difference)
    });
    i64::from(squares.sum::<i32>())
}

/// The sum of squares.
pub(super) fn energy(left: &Left) -> i64 {
    distance(left, &[0; PARTS])
}

/// The frames of a video, with what lasts subtracted.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// The latest signatures, and the number of the first of them.
    signatures: VecDeque<Signature>,
    from: usize,
    /// Their sum.
    sum: Sums,
    /// What is left of frames, and the number of the first of them.
    left: VecDeque<Left>,
    first: usize,
    ended: bool,
}

#[derive(Debug)]
struct Sums([u32; PARTS]);

impl Default for Sums {
    fn default() -> Self {
        Self([0; PARTS])
    }
}

impl Trace {
    /// Takes the next frame's signature.
    pub(super) fn push(&mut self, signature: Signature) {
        for (sum, part) in self.sum.0.iter_mut().zip(signature.0) {
            *sum += u32::from(part);
        }
        self.signatures.push_back(signature);
        if self.seen() > AROUND {
            self.advance();
        }
    }

    /// Says that there are no more frames.
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

    /// How many frames there were.
    pub(super) fn seen(&self) -> usize {
        self.from + self.signatures.len()
    }

    /// The number behind the last frame that can be had.
    pub(super) fn ready(&self) -> usize {
        self.first + self.left.len()
    }

    /// The number of the first frame that can be had.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// Frame `index`, which can be had.
    pub(super) fn get(&self, index: usize) -> &Left {
        &self.left[index - self.first]
    }

    /// Lets go of the frames before `index`.
    pub(super) fn forget(&mut self, index: usize) {
        let count = index.saturating_sub(self.first).min(self.left.len());
        self.left.drain(..count);
        self.first += count;
    }

    /// Makes one more frame ready, around which all signatures are there that will be.
    fn advance(&mut self) {
        let index = self.ready();
        while self.from + AROUND < index {
            if let Some(old) = self.signatures.pop_front() {
                for (sum, part) in self.sum.0.iter_mut().zip(old.0) {
                    *sum -= u32::from(part);
                }
            }
            self.from += 1;
        }
        let count = self.signatures.len() as f32;
        let signature = &self.signatures[index - self.from];
        let mut left = [0; PARTS];
        for ((left, part), sum) in left.iter_mut().zip(signature.0).zip(self.sum.0) {
            let value = (f32::from(part) - sum as f32 / count) * (FINE / STEPS);
            *left = value.round().clamp(-MOST, MOST) as i16;
        }
        self.left.push_back(left);
    }
}
