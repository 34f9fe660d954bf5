//! Fingerprint of a frame: the mean brightness of the cells of a grid.

use vmaf_core::{Frame, Plane, Sample};

/// The number of cells horizontally and vertically.
const ACROSS: usize = 32;
const DOWN: usize = 18;

/// The number of cells in a picture.
pub(super) const PARTS: usize = ACROSS * DOWN;

/// Steps per level of 8 bits.
pub(super) const STEPS: f32 = 64.0;

/// The approximate number of rows examined, evenly spaced: more would cost time and tell no more.
const ROWS: usize = 135;

/// The mean brightness of 32 by 18 parts of a picture, in 64ths of a level of 8 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub(super) [u16; PARTS]);

impl Signature {
    /// Computes the signature of a frame's luma.
    #[must_use]
    pub fn of(frame: &Frame) -> Self {
        if frame.format().bit_depth() == 8 {
            Self::of_plane(frame.plane::<u8>(0), 8)
        } else {
            Self::of_plane(frame.plane::<u16>(0), frame.format().bit_depth())
        }
    }

    fn of_plane<T: Sample>(plane: &Plane<T>, bit_depth: u8) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let bound = |index: usize, parts: usize, of: usize| index * of / parts;
        let apart = (height / ROWS).max(1);
        let scale = STEPS / f32::from(1_u16 << (bit_depth - 8));
        let mut means = [0; PARTS];
        for down in 0..DOWN {
            let rows = bound(down, DOWN, height)..bound(down + 1, DOWN, height);
            let count = rows.len().div_ceil(apart);
            let mut sums = [0_u64; ACROSS];
            for row in rows.step_by(apart).map(|y| plane.row(y)) {
                for (across, sum) in sums.iter_mut().enumerate() {
                    let part = &row[bound(across, ACROSS, width)..bound(across + 1, ACROSS, width)];
                    *sum += sum_of(part);
                }
            }
            for (across, sum) in sums.into_iter().enumerate() {
                let wide = bound(across + 1, ACROSS, width) - bound(across, ACROSS, width);
                let samples = (count * wide).max(1);
                means[down * ACROSS + across] =
                    (sum as f32 / samples as f32 * scale).round() as u16;
            }
        }
        Self(means)
    }

    /// Returns the mean brightness along each edge of the picture, in levels of 8 bits: top,
    /// bottom, left, right.
    pub(super) fn edges(&self) -> [f32; 4] {
        let mean = |of: &dyn Fn(usize) -> usize, count: usize| {
            let sum: f32 = (0..count).map(|index| f32::from(self.0[of(index)])).sum();
            sum / count as f32 / STEPS
        };
        [
            mean(&|index| index, ACROSS),
            mean(&|index| (DOWN - 1) * ACROSS + index, ACROSS),
            mean(&|index| index * ACROSS, DOWN),
            mean(&|index| index * ACROSS + ACROSS - 1, DOWN),
        ]
    }
}

/// Returns the sum, computed in lanes, which the compiler vectorises. A row is short enough for 32
/// bits.
pub(crate) fn sum_of<T: Sample>(samples: &[T]) -> u64 {
    const LANES: usize = 16;
    let mut lanes = [0_u32; LANES];
    let (pieces, rest) = samples.as_chunks::<LANES>();
    for piece in pieces {
        for (lane, sample) in lanes.iter_mut().zip(piece) {
            *lane += Into::<u32>::into(*sample);
        }
    }
    let rest = rest.iter().map(|sample| Into::<u64>::into(*sample)).sum::<u64>();
    lanes.into_iter().map(u64::from).sum::<u64>() + rest
}
