//! How rows of a picture lie in memory: columns across the lanes of vectors.
//!
//! A row is cut into as many segments as a vector has lanes. Vector `i` of the row holds column `i`
//! of every segment, so that a column's neighbour to the right is in the *next vector, same lane*:
//! a horizontal window is summed like a vertical one, from whole, aligned vectors, each loaded once
//! for many sums, and nothing is shuffled. Every other column, as the next scale wants it, is every
//! other vector, and those are laid out in the same way: the segments are half as long.
//!
//! Two things are left to do at the ends. Beyond its last column a picture is mirrored, into the
//! columns of the segments that it doesn't fill. And a segment's neighbours before its first and
//! behind its last column are in the neighbouring lanes: a *halo* of a few vectors at either end of
//! the row repeats them, moved by a lane.

use fearless_simd::{Simd, prelude::*, u8x16, u16x8, u64x2};

use crate::Sample;
use crate::simd::blocks::columns;

/// The most lanes of 32 bits that a vector has.
const MOST_LANES: usize = 16;

/// The columns of the finest scale that are in one piece, and its windows' reach.
const PIECE: usize = 8;

/// How the columns of one scale lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// The picture's width.
    pub(super) width: usize,
    /// Lanes of 32 bits in a vector: segments in a row.
    pub(super) lanes: usize,
    /// Columns in a segment: vectors in a row.
    pub(super) vectors: usize,
}

impl Layout {
    /// The layout of the finest scale.
    pub(super) fn new(width: usize, lanes: usize) -> Self {
        // Segments can be halved three times, and are longer than windows reach. A row that doesn't
        // fill its segments has room for the columns that are mirrored.
        let fitting = |columns: usize| columns.div_ceil(lanes).next_multiple_of(PIECE);
        let vectors = fitting(width).max(2 * PIECE);
        let filled = vectors * lanes == width;
        let vectors = if filled { vectors } else { vectors.max(fitting(width + PIECE)) };
        Self { width, lanes, vectors }
    }

    /// The layout of every other column.
    pub(super) fn halved(self) -> Self {
        Self { width: self.width / 2, vectors: self.vectors / 2, ..self }
    }

    /// Where a column is in a row.
    pub(super) fn place(self, column: usize) -> usize {
        column % self.vectors * self.lanes + column / self.vectors
    }

    /// The length of a row, of a whole number of pairs of vectors.
    pub(super) fn row_length(self) -> usize {
        self.vectors.next_multiple_of(2) * self.lanes
    }

    /// Up to which vector each lane holds columns of the picture.
    pub(super) fn limit(self, lane: usize) -> u32 {
        self.width.saturating_sub(lane * self.vectors).min(self.vectors) as u32
    }

    /// Mirrors `reach` columns beyond the last one, where they are in segments.
    pub(super) fn mirror<T: Copy>(self, row: &mut [T], reach: usize) {
        let room = self.lanes * self.vectors - self.width;
        for k in 1..=reach.min(room).min(self.width - 1) {
            row[self.place(self.width - 1 + k)] = row[self.place(self.width - 1 - k)];
        }
    }

    /// Lays a picture's row out; `padded` may be used to fill the segments.
    #[inline(always)]
    pub(super) fn spread<S: Simd, T: Transpose>(
        self,
        simd: S,
        row: &[T],
        padded: &mut Vec<T>,
        out: &mut [T],
    ) {
        let (lanes, length) = (S::u32s::LEN, S::u32s::LEN * self.vectors);
        debug_assert_eq!((row.len(), self.lanes), (self.width, lanes));
        let row = if row.len() == length {
            row
        } else {
            padded.resize(length, T::default());
            padded[..row.len()].copy_from_slice(row);
            padded
        };
        for piece in 0..self.vectors / PIECE {
            let out = &mut out[piece * PIECE * lanes..][..PIECE * lanes];
            T::transpose(simd, &row[piece * PIECE..], self.vectors, out);
        }
    }

    /// Joins two rows to pairs of samples, the first row's in the lower half, and adds a halo of
    /// `reach` vectors at both ends. Vectors go to `pairs` `step` numbers apart.
    #[inline(always)]
    pub(super) fn join<S: Simd, T: Sample>(
        self,
        simd: S,
        [first, second]: [&[T]; 2],
        reach: usize,
        pairs: &mut [u32],
        step: usize,
    ) {
        let lanes = S::u32s::LEN;
        for vector in 0..self.vectors {
            let first = &first[vector * lanes..][..lanes];
            let second = &second[vector * lanes..][..lanes];
            let out = &mut pairs[(reach + vector) * step..][..lanes];
            for lane in 0..lanes {
                let (low, high): (u32, u32) = (first[lane].into(), second[lane].into());
                out[lane] = low | high << 16;
            }
        }
        let last = lanes - 1;
        for k in 1..=reach {
            // Before the row, lanes have what the lane before them ends with, and the first one has
            // mirrored columns.
            let from =
                S::u32s::from_slice(simd, &pairs[(reach + self.vectors - k) * step..][..lanes]);
            let moved = from.shift_elements_right::<1>(pairs[(reach + k) * step]);
            moved.store_slice(&mut pairs[(reach - k) * step..][..lanes]);
            // Behind it they have what the lane after them begins with. The last one has mirrored
            // columns if it is full, or else what doesn't matter.
            let from = S::u32s::from_slice(simd, &pairs[(reach + k - 1) * step..][..lanes]);
            let mirrored =
                pairs[(reach + self.vectors - 1 - k.min(self.vectors - 1)) * step + last];
            let moved = from.shift_elements_left::<1>(mirrored);
            moved.store_slice(&mut pairs[(reach + self.vectors + k - 1) * step..][..lanes]);
        }
    }
}

/// Samples that are transposed in pieces, of as many rows as a vector has lanes: the rows' first
/// samples come first, then their second ones.
///
/// Interleaving row `k` with the one half of all rows further, for each `k`, gives as many rows
/// whose neighbours are half as far apart; when that was done for each doubling of lanes, columns
/// are adjacent.
pub(super) trait Transpose: Sample {
    /// Transposes a piece of rows that begin `stride` samples apart.
    fn transpose<S: Simd>(simd: S, rows: &[Self], stride: usize, out: &mut [Self]);
}

impl Transpose for u16 {
    #[inline(always)]
    fn transpose<S: Simd>(simd: S, rows: &[u16], stride: usize, out: &mut [u16]) {
        let lanes = S::u32s::LEN;
        let mut vectors = [u16x8::splat(simd, 0); MOST_LANES];
        for lane in 0..lanes {
            vectors[lane] = u16x8::from_slice(simd, &rows[lane * stride..][..PIECE]);
        }
        for _ in 0..lanes.ilog2() {
            let before = vectors;
            for k in 0..lanes / 2 {
                let (a, b) = (before[k], before[k + lanes / 2]);
                (vectors[2 * k], vectors[2 * k + 1]) = (a.zip_low(b), a.zip_high(b));
            }
        }
        for lane in 0..lanes {
            vectors[lane].store_slice(&mut out[lane * PIECE..][..PIECE]);
        }
    }
}

impl Transpose for u8 {
    #[inline(always)]
    fn transpose<S: Simd>(simd: S, rows: &[u8], stride: usize, out: &mut [u8]) {
        // A row fills half of a vector: the first step makes one vector of two rows.
        let half = S::u32s::LEN / 2;
        let mut vectors = [u8x16::splat(simd, 0); MOST_LANES / 2];
        for (lane, vector) in vectors.iter_mut().enumerate().take(half) {
            let a = half_vector(simd, columns(rows, lane * stride));
            let b = half_vector(simd, columns(rows, (lane + half) * stride));
            *vector = a.zip_low(b);
        }
        for _ in 0..half.ilog2() {
            let before = vectors;
            for k in 0..half / 2 {
                let (a, b) = (before[k], before[k + half / 2]);
                (vectors[2 * k], vectors[2 * k + 1]) = (a.zip_low(b), a.zip_high(b));
            }
        }
        for k in 0..half {
            vectors[k].store_slice(&mut out[2 * k * PIECE..][..2 * PIECE]);
        }
    }
}

/// A vector whose first half is `bytes`.
#[inline(always)]
fn half_vector<S: Simd>(simd: S, bytes: &[u8; PIECE]) -> u8x16<S> {
    u64x2::load_array(simd, [u64::from_le_bytes(*bytes), 0]).bitcast()
}
