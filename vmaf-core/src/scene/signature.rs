//! Fingerprint of a frame: the mean brightness of the cells of a grid.

use crate::{Frame, Plane, Sample};

/// The mean brightness of 32 by 18 parts of a picture, row by row, in 64ths of a level of 8 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u16; Self::CELLS]);

impl Signature {
    /// The number of cells horizontally.
    pub const COLUMNS: usize = 32;
    /// The number of cells vertically.
    pub const ROWS: usize = 18;
    /// The number of cells in a picture.
    pub const CELLS: usize = Self::COLUMNS * Self::ROWS;
    /// Steps per level of 8 bits.
    pub const STEPS_PER_LEVEL: f32 = 64.0;
    /// The approximate number of rows examined, evenly spaced: more would cost time and tell no
    /// more.
    pub const SAMPLED_ROWS: usize = 135;

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
        let row_step = (height / Self::SAMPLED_ROWS).max(1);
        let scale = Self::STEPS_PER_LEVEL / f32::from(1_u16 << (bit_depth - 8));
        let mut means = [0; Self::CELLS];
        for down in 0..Self::ROWS {
            let rows = bound(down, Self::ROWS, height)..bound(down + 1, Self::ROWS, height);
            let count = rows.len().div_ceil(row_step);
            let mut sums = [0_u64; Self::COLUMNS];
            for row in rows.step_by(row_step).map(|y| plane.row(y)) {
                for (across, sum) in sums.iter_mut().enumerate() {
                    let cell = &row[bound(across, Self::COLUMNS, width)
                        ..bound(across + 1, Self::COLUMNS, width)];
                    *sum += T::sum(cell);
                }
            }
            for (across, sum) in sums.into_iter().enumerate() {
                let wide =
                    bound(across + 1, Self::COLUMNS, width) - bound(across, Self::COLUMNS, width);
                let samples = (count * wide).max(1);
                means[down * Self::COLUMNS + across] =
                    (sum as f32 / samples as f32 * scale).round() as u16;
            }
        }
        Self(means)
    }

    /// Returns the mean absolute difference to another frame's, in levels of 8 bits.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f32 {
        let differences = self.0.iter().zip(&other.0).map(|(a, b)| u32::from(a.abs_diff(*b)));
        differences.sum::<u32>() as f32 / Self::CELLS as f32 / Self::STEPS_PER_LEVEL
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chroma, Format};

    #[test]
    fn signatures_are_means_of_grid_cells() {
        let format = Format::new(128, 72, Chroma::Mono, 10).expect("valid");
        // Each cell is 4 by 4.
        let level = |part: usize| part % 251;
        let samples: Vec<u16> = (0..128 * 72)
            .map(|at| level(at % 128 / 4 + at / 128 / 4 * 32) as u16 * 4 + (at % 2) as u16 * 2)
            .collect();
        let Signature(parts) =
            Signature::from_frame(&Frame::from_luma(format, &samples).expect("a frame"));
        for (index, part) in parts.into_iter().enumerate() {
            // A level of 8 bits is 4 of 10, and 64 steps.
            assert_eq!(usize::from(part), level(index) * 64 + 16);
        }
        // Pictures that are smaller than the grid have parts of no pixels.
        let tiny = Format::new(5, 3, Chroma::Mono, 8).expect("valid");
        let Signature(parts) =
            Signature::from_frame(&Frame::from_luma(tiny, &[9_u8; 15]).expect("a frame"));
        assert!(parts.iter().all(|part| [0, 9 * 64].contains(part)));
        assert!(parts.contains(&(9 * 64)));
    }
}
