//! The next scale's picture, fast.
//!
//! Rows are gone through once. A row is split into even and odd columns, and weighted with each
//! weight that the filter has for its distance from a row that is kept; weighted values are shared
//! between the pixels to the left and to the right, above and below. They are added to the sums of
//! the four or five rows that the filter is open for, in the order in which libvmaf goes through
//! the filter, row by row. Products are rounded to single precision, sums are in double.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

use super::LOW_PASS;
use crate::feature::float_ssim::{Floats, Picture, mirror};
use crate::simd::Kernel;

/// Columns that are worked on at once: a whole number of vectors of any instruction set.
const TILE: usize = 64;

/// Weighted columns of a tile: two more on either side, in whole vectors.
const SPAN: usize = TILE + 16;

/// Columns that are read for a tile.
const READ: usize = SPAN + 2;

/// How far the filter reaches.
const REACH: usize = 4;

/// Rows that the filter is open for at once.
const OPEN: usize = 5;

/// A tile's columns, weighted for a distance, from the first that the filter uses to its right.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Weighted([f64; SPAN]);

/// Memory that is used again from frame to frame.
pub(super) struct Workspace {
    /// A row with mirrored ends, and its even and odd columns.
    row: Vec<f32>,
    even: Vec<f32>,
    odd: Vec<f32>,
    /// The sums of the rows that are open.
    sums: [Vec<f64>; OPEN],
    /// By the distance of rows, halved, and of columns.
    weighted: Box<[[Weighted; 5]; 3]>,
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self {
            row: Vec::new(),
            even: Vec::new(),
            odd: Vec::new(),
            sums: Default::default(),
            weighted: Box::new([[Weighted([0.0; SPAN]); 5]; 3]),
        }
    }

    fn resize(&mut self, width: usize) {
        let half = width.div_ceil(2).next_multiple_of(TILE);
        self.row.resize(2 * (half + READ), 0.0);
        self.even.resize(half + READ, 0.0);
        self.odd.resize(half + READ, 0.0);
        for sums in &mut self.sums {
            sums.resize(half, 0.0);
        }
    }
}

/// Makes a picture half as wide and half as high, rounded up.
pub(super) struct Halve<'a, P> {
    pub(super) picture: &'a P,
    pub(super) workspace: &'a mut Workspace,
    /// Where it goes.
    pub(super) out: &'a mut Floats,
}

impl<P: Picture> Kernel for Halve<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (width, height) = (self.picture.width(), self.picture.height());
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        self.workspace.resize(width);
        self.out.resize(half_width, half_height);
        let Workspace { row, even, odd, sums, weighted } = self.workspace;
        // Rows are counted from the first one above the picture that the filter reaches.
        for above in 0..2 * half_height - 1 + 2 * REACH {
            let y = mirror(above as isize - REACH as isize, height);
            self.picture.read(0, y, &mut row[REACH..REACH + width]);
            for k in 0..REACH {
                row[REACH - 1 - k] = row[REACH + k];
                row[REACH + width + k] = row[REACH + width - 1 - k];
            }
            split(row, even, odd);
            // The rows that are kept and lie at most the filter's reach above or below.
            let first = above.saturating_sub(2 * REACH).div_ceil(2);
            let last = (above / 2).min(half_height - 1);
            let parity = above % 2;
            for left in (0..half_width).step_by(TILE) {
                let (even, odd) = (&even[left..][..READ], &odd[left..][..READ]);
                // There are three distances of even rows, and two of odd ones.
                for distance in 0..3 - parity {
                    let weights = &LOW_PASS[2 * distance + parity];
                    weigh(simd, weights, even, odd, &mut weighted[distance]);
                }
                for kept in first..=last {
                    let distance = above.abs_diff(2 * kept + REACH) / 2;
                    let sums = &mut sums[kept % OPEN][left..][..TILE];
                    if above == 2 * kept {
                        sums.fill(0.0);
                    }
                    add(simd, &weighted[distance], sums);
                }
            }
            if above >= 2 * REACH && parity == 0 {
                let kept = above / 2 - REACH;
                let sums = &sums[kept % OPEN][..half_width];
                for (out, &sum) in self.out.row_mut(kept).iter_mut().zip(sums) {
                    *out = sum as f32;
                }
            }
        }
    }
}

/// Splits a row into even and odd columns.
#[inline(always)]
fn split(row: &[f32], even: &mut [f32], odd: &mut [f32]) {
    for ((pair, even), odd) in row.chunks_exact(2).zip(even).zip(odd) {
        *even = pair[0];
        *odd = pair[1];
    }
}

/// Weighs a tile's columns for each distance that they are from a column that is kept.
#[inline(always)]
fn weigh<S: Simd>(
    simd: S,
    weights: &[f32; 5],
    even: &[f32],
    odd: &[f32],
    weighted: &mut [Weighted; 5],
) {
    let [at0, at1, at2, at3, at4] = weighted;
    // From the column that lies so far to the left of the first that is kept.
    weigh_columns(simd, &even[2..], weights[0], at0);
    weigh_columns(simd, &odd[1..], weights[1], at1);
    weigh_columns(simd, &even[1..], weights[2], at2);
    weigh_columns(simd, odd, weights[3], at3);
    weigh_columns(simd, even, weights[4], at4);
}

#[inline(always)]
fn weigh_columns<S: Simd>(simd: S, columns: &[f32], weight: f32, weighted: &mut Weighted) {
    for x in (0..TILE + REACH).step_by(S::f32s::LEN) {
        let columns = S::f32s::from_slice(simd, &columns[x..][..S::f32s::LEN]);
        let (low, high) = (columns * weight).widen();
        let (to_low, to_high) = weighted.0[x..][..S::f32s::LEN].split_at_mut(S::f64s::LEN);
        low.store_slice(to_low);
        high.store_slice(to_high);
    }
}

/// Adds a row of the filter to the tile's sums, from left to right.
#[inline(always)]
fn add<S: Simd>(simd: S, weighted: &[Weighted; 5], sums: &mut [f64]) {
    let [at0, at1, at2, at3, at4] = weighted;
    for x in (0..TILE).step_by(S::f64s::LEN) {
        let sums = &mut sums[x..][..S::f64s::LEN];
        let sum = S::f64s::from_slice(simd, sums);
        let sum = sum + columns(simd, at4, x) + columns(simd, at3, x) + columns(simd, at2, x);
        let sum = sum + columns(simd, at1, x) + columns(simd, at0, x) + columns(simd, at1, x + 1);
        let sum = sum + columns(simd, at2, x + 2) + columns(simd, at3, x + 3);
        (sum + columns(simd, at4, x + 4)).store_slice(sums);
    }
}

/// A vector of weighted columns.
#[inline(always)]
fn columns<S: Simd>(simd: S, weighted: &Weighted, x: usize) -> S::f64s {
    S::f64s::from_slice(simd, &weighted.0[x..][..S::f64s::LEN])
}
