//! The layout of a picture's rows in memory: columns across the lanes of vectors.
//!
//! A row is cut into as many segments as a vector has lanes. Vector `i` of the row holds column `i`
//! of every segment, so that a column's neighbour to the right is in the *next vector, same lane*:
//! a horizontal window is summed like a vertical one, from whole, aligned vectors, each loaded once
//! for many sums, and nothing is shuffled. Every other column, as the next scale wants it, is every
//! other vector, and those are laid out in the same way: the segments are half as long.
//!
//! The ends need two more steps. Beyond its last column a picture is mirrored, into the columns of
//! the segments that it doesn't fill. And the neighbours of a segment's first and last columns are
//! in the neighbouring lanes: a *halo* of a few vectors at either end of the row repeats them,
//! moved by a lane.

use fearless_simd::prelude::*;

use crate::Sample;
use crate::simd::aligned::{load, store};
use crate::simd::pairs::{adjacent_lanes, adjacent_pairs};
use crate::simd::transpose::{PIECE, Segments, Transpose};

// A piece is as long as the widest window's reach.
const _: () = assert!(PIECE == super::super::filter::REACH[0]);

/// The layout of the columns of one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feature::vif) struct Layout {
    /// The picture's width.
    pub(in crate::feature::vif) width: usize,
    /// Lanes of 32 bits in a vector: segments in a row.
    pub(in crate::feature::vif) lanes: usize,
    /// Columns in a segment: vectors in a row.
    pub(in crate::feature::vif) vectors: usize,
}

impl Layout {
    /// The layout of the finest scale.
    pub(in crate::feature::vif) fn new(width: usize, lanes: usize) -> Self {
        // Segments can be halved three times, and are longer than windows reach. A row that doesn't
        // fill its segments has room for the columns that are mirrored.
        let fitting = |columns: usize| columns.div_ceil(lanes).next_multiple_of(PIECE);
        let vectors = fitting(width).max(2 * PIECE);
        let filled = vectors * lanes == width;
        let vectors = if filled { vectors } else { vectors.max(fitting(width + PIECE)) };
        Self { width, lanes, vectors }
    }

    /// The layout of every other column.
    pub(in crate::feature::vif) fn halved(self) -> Self {
        Self { width: self.width / 2, vectors: self.vectors / 2, ..self }
    }

    /// The length of a row, of a whole number of pairs of vectors.
    pub(in crate::feature::vif) fn row_length(self) -> usize {
        self.vectors.next_multiple_of(2) * self.lanes
    }

    /// The number of vectors in which `lane` holds columns of the picture.
    pub(in crate::feature::vif) fn limit(self, lane: usize) -> u32 {
        self.width.saturating_sub(lane * self.vectors).min(self.vectors) as u32
    }

    /// The columns of segments that the picture doesn't fill.
    fn room(self) -> usize {
        self.lanes * self.vectors - self.width
    }
}

/// The destination of the pairs of samples of two rows: a vector for each column, and a copy of it.
pub(in crate::feature::vif) struct Pairs<'a> {
    pub(in crate::feature::vif) memory: &'a mut [u32],
    /// From a column to the next.
    pub(in crate::feature::vif) step: usize,
    /// From a vector to its copy.
    pub(in crate::feature::vif) copy: usize,
}

impl Pairs<'_> {
    /// Stores a column's `pairs`, whose samples are adjacent.
    #[inline(always)]
    fn set<S: Simd>(&mut self, simd: S, column: usize, pairs: S::u32s) {
        self.store::<S>(column, adjacent_pairs(simd, pairs.bitcast()));
    }

    #[inline(always)]
    fn store<S: Simd>(&mut self, column: usize, pairs: S::i16s) {
        let out = &mut self.memory[column * self.step..][..self.copy + S::u32s::LEN];
        store(pairs.bitcast::<S::u32s>(), out, 0);
        store(pairs.bitcast::<S::u32s>(), out, self.copy);
    }

    /// A column's pairs, with adjacent samples.
    #[inline(always)]
    fn get<S: Simd>(&self, simd: S, column: usize) -> S::u32s {
        let pairs: S::u32s = load(simd, self.memory, column * self.step);
        adjacent_lanes(simd, pairs.bitcast()).bitcast()
    }

    /// Mirrors `reach` columns beyond the last one, where they are in segments, and adds a halo of
    /// as many vectors at both ends. The row begins behind the halo.
    #[inline(always)]
    pub(in crate::feature::vif) fn surround<S: Simd>(
        &mut self,
        simd: S,
        layout: Layout,
        reach: usize,
    ) {
        let Layout { width, lanes, vectors } = layout;
        for k in 1..=reach.min(layout.room()).min(width - 1) {
            let (from, to) = (width - 1 - k, width - 1 + k);
            let mirrored = self.get(simd, reach + from % vectors)[from / vectors];
            let mut column = self.get(simd, reach + to % vectors);
            column[to / vectors] = mirrored;
            self.set(simd, reach + to % vectors, column);
        }
        for k in 1..=reach {
            // Before the row, lanes have what the lane before them ends with, and the first one has
            // mirrored columns.
            let mirrored = self.get(simd, reach + k)[0];
            let before = self.get(simd, reach + vectors - k);
            self.set(simd, reach - k, before.shift_elements_right::<1>(mirrored));
            // Behind it they have what the lane after them begins with. The last one has mirrored
            // columns if it is full, or else what doesn't matter.
            let mirrored = self.get(simd, reach + vectors - 1 - k.min(vectors - 1))[lanes - 1];
            let behind = self.get(simd, reach + k - 1);
            self.set(simd, reach + vectors + k - 1, behind.shift_elements_left::<1>(mirrored));
        }
    }

    /// Joins two rows that are laid out, and puts them behind a halo of `reach` vectors.
    #[inline(always)]
    pub(in crate::feature::vif) fn join<S: Simd>(
        &mut self,
        simd: S,
        [first, second]: [&[u16]; 2],
        reach: usize,
    ) {
        let lanes = S::u16s::LEN;
        for (two, (first, second)) in
            first.chunks_exact(lanes).zip(second.chunks_exact(lanes)).enumerate()
        {
            let first: S::i16s = S::u16s::from_slice(simd, first).bitcast();
            let second: S::i16s = S::u16s::from_slice(simd, second).bitcast();
            self.store::<S>(reach + 2 * two, adjacent_pairs(simd, first.zip_low(second)));
            self.store::<S>(reach + 2 * two + 1, adjacent_pairs(simd, first.zip_high(second)));
        }
    }

    /// Lays two rows of a picture out, joined, behind a halo of `reach` vectors; `padded` may be
    /// used to fill the segments.
    #[inline(always)]
    pub(in crate::feature::vif) fn lay_out<S: Simd, T: Transpose>(
        &mut self,
        simd: S,
        layout: Layout,
        rows: [&[T]; 2],
        padded: &mut [Vec<T>; 2],
        reach: usize,
    ) {
        let length = layout.lanes * layout.vectors;
        let [first_padded, second_padded] = padded;
        let first = filled(rows[0], length, first_padded);
        let second = filled(rows[1], length, second_padded);
        let segments = Segments::new(simd, [first, second], layout.vectors);
        let mut pairs = [S::u32s::splat(simd, 0); PIECE];
        for x in (0..layout.vectors).step_by(PIECE) {
            T::transpose(segments, x, &mut pairs);
            for (column, pairs) in pairs.iter().enumerate() {
                self.set(simd, reach + x + column, *pairs);
            }
        }
    }
}

/// A row of at least `length`, in `padded` if it is shorter.
#[inline(always)]
fn filled<'a, T: Sample>(row: &'a [T], length: usize, padded: &'a mut Vec<T>) -> &'a [T] {
    if row.len() == length {
        return row;
    }
    padded.resize(length, T::default());
    padded[..row.len()].copy_from_slice(row);
    padded
}
