//! Blocks of rows: their sizes, their windows' weights, and the initial values and destinations of
//! sums.

use super::super::filter::{REACH, pair_weights};
use super::information::InformationRow;
use super::layout::Layout;
use super::windows::{BIAS, HALF};
use crate::simd::aligned::AlignedRow;
use crate::simd::pairs::Taps;

/// Rows that are worked on at once.
pub(super) const ROWS: usize = 4;

/// Rows of those that the next scale keeps.
pub(super) const KEPT: usize = ROWS / 2;

/// The most pairs that windows reach: those of a block's rows, of two columns.
const MOST_PAIRS: usize = REACH[0] + ROWS / 2;

/// The weights of pairs in some windows.
pub(super) type Weights<const WINDOWS: usize> = [[Taps; WINDOWS]; MOST_PAIRS];

/// The maps of a picture that are summed along: means, and products in halves.
pub(super) const MEAN: usize = 0;
pub(super) const SQUARE: usize = 1;
pub(super) const CROSS: usize = 3;
pub(super) const MAPS: usize = 5;

/// Sums down the columns of a block, of one picture, as pairs of signed words: two columns' in a
/// lane.
#[derive(Debug, Default)]
pub(super) struct Maps {
    /// Row after row, pair of columns after pair, map after map. Products are in halves, the upper
    /// ones first: as many times 2^16 as leave a signed word.
    pub(super) sums: AlignedRow<u32>,
    /// The same with the next scale's window, of one map, for the rows that it keeps.
    pub(super) smaller: AlignedRow<u32>,
}

/// Means and variances from the sums along a block's rows, and what follows from them.
#[derive(Debug, Default)]
pub(super) struct Moments {
    /// The reference's means and variances, row after row.
    pub(super) mean_r: AlignedRow<u32>,
    pub(super) var_r: AlignedRow<u32>,
    /// An encode's variances and covariances with the reference in one row.
    pub(super) var_d: AlignedRow<u32>,
    pub(super) cov: AlignedRow<u32>,
    /// The information of one row of an encode.
    pub(super) information: InformationRow,
}

/// Sizes and shifts of a scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks<const SCALE: usize> {
    pub(super) layout: Layout,
    /// The vectors of a row with its halo.
    pub(super) vectors: usize,
    /// The right shifts of sums down columns.
    pub(super) mean_shift: u32,
    pub(super) product_shift: u32,
    /// The initial values of sums down columns, which round them before the shift and make the
    /// results signed words: for samples, and for the halves of products.
    pub(super) mean_start: u32,
    pub(super) high_start: u32,
    pub(super) low_start: u32,
}

impl<const SCALE: usize> Blocks<SCALE> {
    /// The distance that windows reach up, down, left and right.
    pub(super) const REACH: usize = REACH[SCALE];
    /// The next scale's windows reach less far.
    pub(super) const NEXT: usize = if SCALE < 3 { SCALE + 1 } else { SCALE };
    pub(super) const NEXT_REACH: usize = REACH[Self::NEXT];
    pub(super) const NEXT_SKIP: usize = Self::REACH - Self::NEXT_REACH;

    /// Pairs of rows that the windows of a block reach, and the pairs' weights in its rows.
    pub(super) const PAIRS: usize = Self::REACH + ROWS / 2;
    pub(super) const DOWN: &Weights<ROWS> = &pair_weights(SCALE, 0, 1);
    pub(super) const DOWN_NEXT: &Weights<KEPT> = &pair_weights(Self::NEXT, Self::NEXT_SKIP, 2);

    /// Pairs of columns that the windows of two columns reach, and the pairs' weights in them.
    pub(super) const ACROSS: usize = Self::REACH + 1;
    pub(super) const ALONG: &Weights<2> = &pair_weights(SCALE, 0, 1);
    /// The same for two columns of the next scale.
    pub(super) const ACROSS_NEXT: usize = Self::NEXT_REACH + 2;
    pub(super) const ALONG_NEXT: &Weights<2> = &pair_weights(Self::NEXT, 0, 2);

    pub(super) fn new(layout: Layout, depth: u8, bytes: bool) -> Self {
        let depth = u32::from(depth);
        let (mean_shift, product_shift) =
            if SCALE == 0 { (depth, 2 * (depth - 8)) } else { (16, 16) };
        let vectors = layout.vectors.next_multiple_of(2) + 2 * Self::REACH;
        // Sums of words lack the bias. Means should be less by half of 2^16.
        let bias = if bytes { 0 } else { BIAS };
        let mean_start = rounding(mean_shift).wrapping_add(bias).wrapping_sub(HALF << mean_shift);
        // Products should lack the bias, and be greater by the half that signs their lower words.
        // Shifted to their place upper halves lose their bias, except for the shift of 0.
        let up = 16 - product_shift;
        let wanted = HALF.wrapping_sub(BIAS).wrapping_add(if up == 0 { BIAS } else { 0 });
        let (high_start, low_start) =
            if bytes { (0, HALF) } else { (wanted >> up, BIAS + rounding(product_shift)) };
        Self { layout, vectors, mean_shift, product_shift, mean_start, high_start, low_start }
    }

    /// The length of a ring of pairs of rows: vector after vector, pair after pair. All are there
    /// twice, so that as many as windows reach are always in one piece.
    pub(super) fn ring_length(&self) -> usize {
        2 * self.vectors * Self::PAIRS * self.layout.lanes
    }

    /// The pairs of columns in a row, and one more that is read and not used.
    pub(super) fn pairs_along(&self) -> usize {
        self.vectors / 2 + 1
    }

    pub(super) fn prepare(&self, limits: usize, maps: &mut Maps, moments: &mut Moments) {
        let row = self.pairs_along() * self.layout.lanes;
        maps.sums.resize(ROWS * MAPS * row);
        maps.smaller.resize(KEPT * row);
        moments.mean_r.resize(ROWS * self.layout.row_length());
        moments.var_r.resize(ROWS * self.layout.row_length());
        moments.var_d.resize(self.layout.row_length());
        moments.cov.resize(self.layout.row_length());
        moments.information.resize(self.layout.row_length(), limits);
    }
}

/// Half of the unit of numbers that are shifted by `shift`.
const fn rounding(shift: u32) -> u32 {
    (1 << shift) >> 1
}
