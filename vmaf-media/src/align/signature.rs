//! Fingerprint of a frame: the mean brightness of the cells of a grid.

use vmaf_core::{Frame, Plane, Sample};

/// The number of cells horizontally and vertically.
const COLUMNS: usize = 32;
const ROWS: usize = 18;

/// The number of cells in a picture.
pub(super) const CELLS: usize = COLUMNS * ROWS;

/// Steps per level of 8 bits.
pub(super) const STEPS_PER_LEVEL: f32 = 64.0;

/// The approximate number of rows examined, evenly spaced: more would cost time and tell no more.
pub(crate) const SAMPLED_ROWS: usize = 135;

/// The mean brightness of 32 by 18 parts of a picture, in 64ths of a level of 8 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub(super) [u16; CELLS]);

impl Signature {
    /// Computes the signature of a frame's luma.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Self {
        if frame.format().bit_depth() == 8 {
            Self::from_plane(frame.plane::<u8>(0), 8)
        } else {
            Self::from_plane(frame.plane::<u16>(0), frame.format().bit_depth())
        }
    }

    fn from_plane<T: Sample>(plane: &Plane<T>, bit_depth: u8) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let bound = |index: usize, parts: usize, of: usize| index * of / parts;
        let row_step = (height / SAMPLED_ROWS).max(1);
        let scale = STEPS_PER_LEVEL / f32::from(1_u16 << (bit_depth - 8));
        let mut means = [0; CELLS];
        for down in 0..ROWS {
            let rows = bound(down, ROWS, height)..bound(down + 1, ROWS, height);
            let count = rows.len().div_ceil(row_step);
            let mut sums = [0_u64; COLUMNS];
            for row in rows.step_by(row_step).map(|y| plane.row(y)) {
                for (across, sum) in sums.iter_mut().enumerate() {
                    let cell =
                        &row[bound(across, COLUMNS, width)..bound(across + 1, COLUMNS, width)];
                    *sum += sum_samples(cell);
                }
            }
            for (across, sum) in sums.into_iter().enumerate() {
                let wide = bound(across + 1, COLUMNS, width) - bound(across, COLUMNS, width);
                let samples = (count * wide).max(1);
                means[down * COLUMNS + across] =
                    (sum as f32 / samples as f32 * scale).round() as u16;
            }
        }
        Self(means)
    }

    /// Returns the mean absolute difference to another frame's, in levels of 8 bits.
    pub(crate) fn distance(&self, other: &Self) -> f32 {
        let differences = self.0.iter().zip(&other.0).map(|(a, b)| u32::from(a.abs_diff(*b)));
        differences.sum::<u32>() as f32 / CELLS as f32 / STEPS_PER_LEVEL
    }

    /// Returns the mean brightness along each edge of the picture, in levels of 8 bits: top,
    /// bottom, left, right.
    pub(super) fn edges(&self) -> [f32; 4] {
        let mean = |of: &dyn Fn(usize) -> usize, count: usize| {
            let sum: f32 = (0..count).map(|index| f32::from(self.0[of(index)])).sum();
            sum / count as f32 / STEPS_PER_LEVEL
        };
        [
            mean(&|index| index, COLUMNS),
            mean(&|index| (ROWS - 1) * COLUMNS + index, COLUMNS),
            mean(&|index| index * COLUMNS, ROWS),
            mean(&|index| index * COLUMNS + COLUMNS - 1, ROWS),
        ]
    }
}

/// Returns the sum, computed in lanes, which the compiler vectorises. A row is short enough for 32
/// bits.
pub(crate) fn sum_samples<T: Sample>(samples: &[T]) -> u64 {
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
