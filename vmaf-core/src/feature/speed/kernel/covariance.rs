//! The covariance of the pixels of a block, over all places in a picture, fast.
//!
//! As the block moves over the picture, each of its 25 pixels covers a part of the picture; the
//! matrix holds the covariances of these parts. Its sums are in double precision and in the order
//! of the picture's pixels, one after the other; vectors run across the matrix. A few rows of it
//! stay in registers for a stretch of pixels at a time.

use fearless_simd::{Simd, SimdFrom, f64x8};

use super::super::settings::BLOCK;
use super::picture::Small;
use crate::simd::blocks::columns;

/// Pixels in a block.
pub(in crate::feature::speed) const SIZE: usize = BLOCK * BLOCK;

/// [`SIZE`], rounded up to whole vectors.
pub(in crate::feature::speed) const WIDTH: usize = 32;

/// A square matrix whose rows are padded with arbitrary values.
pub(in crate::feature::speed) type Matrix = [[f32; WIDTH]; SIZE];

/// The number of pixels that are processed for one part of the matrix after the other.
const STRETCH: usize = 64;

/// Memory that is used from frame to frame.
#[derive(Debug)]
pub(in crate::feature::speed) struct Memory {
    /// For each pixel of a stretch the block at it, without the means.
    blocks: Vec<[f64; WIDTH]>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { blocks: vec![[0.0; WIDTH]; STRETCH] }
    }
}

/// The covariance matrix of the blocks of `picture`.
#[inline(always)]
pub(in crate::feature::speed) fn covariance<S: Simd>(
    simd: S,
    picture: &Small,
    memory: &mut Memory,
) -> Matrix {
    let (width, height) = (picture.width + 1 - BLOCK, picture.height + 1 - BLOCK);
    let means = means(picture, width, height);
    let blocks = &mut memory.blocks[..];
    let mut sums = [[0.0; WIDTH]; SIZE];
    for y in 0..height {
        for start in (0..width).step_by(STRETCH) {
            let blocks = &mut blocks[..STRETCH.min(width - start)];
            for (x, block) in blocks.iter_mut().enumerate() {
                for r in 0..BLOCK {
                    let pixels: &[f32; 8] = columns(picture.row(y + r), start + x);
                    for k in 0..8 {
                        block[r * BLOCK + k] = f64::from(pixels[k]) - means[r][k];
                    }
                }
            }
            // The lower triangle: rows five at a time, columns eight.
            add_products::<S, 0, 0>(simd, blocks, &mut sums);
            add_products::<S, 1, 0>(simd, blocks, &mut sums);
            add_products::<S, 1, 1>(simd, blocks, &mut sums);
            add_products::<S, 2, 0>(simd, blocks, &mut sums);
            add_products::<S, 2, 1>(simd, blocks, &mut sums);
            add_products::<S, 3, 0>(simd, blocks, &mut sums);
            add_products::<S, 3, 1>(simd, blocks, &mut sums);
            add_products::<S, 3, 2>(simd, blocks, &mut sums);
            add_products::<S, 4, 0>(simd, blocks, &mut sums);
            add_products::<S, 4, 1>(simd, blocks, &mut sums);
            add_products::<S, 4, 2>(simd, blocks, &mut sums);
            add_products::<S, 4, 3>(simd, blocks, &mut sums);
        }
    }
    let count = (width * height) as f64;
    let mut matrix = [[0.0; WIDTH]; SIZE];
    for row in 0..SIZE {
        for column in 0..=row {
            let covariance = (sums[row][column] / count) as f32;
            matrix[row][column] = covariance;
            matrix[column][row] = covariance;
        }
    }
    matrix
}

/// The mean of the part that each pixel of a block covers, by rows of the block, with arbitrary
/// values after them. In single precision, in the order of the picture's pixels.
#[inline(always)]
fn means(picture: &Small, width: usize, height: usize) -> [[f64; 8]; BLOCK] {
    let mut sums = [[0.0_f32; 8]; BLOCK];
    for y in 0..height {
        for x in 0..width {
            for (r, sums) in sums.iter_mut().enumerate() {
                let pixels: &[f32; 8] = columns(picture.row(y + r), x);
                for k in 0..8 {
                    sums[k] += pixels[k];
                }
            }
        }
    }
    let count = (width * height) as f32;
    let mut means = [[0.0; 8]; BLOCK];
    for r in 0..BLOCK {
        for k in 0..8 {
            means[r][k] = f64::from(sums[r][k] / count);
        }
    }
    means
}

/// Adds the products of the `ROWS`-th five and the `COLUMNS`-th eight values of each block.
#[inline(always)]
fn add_products<S: Simd, const ROWS: usize, const COLUMNS: usize>(
    simd: S,
    blocks: &[[f64; WIDTH]],
    sums: &mut [[f64; WIDTH]; SIZE],
) {
    let load = |values: &[f64; WIDTH]| f64x8::simd_from(simd, *columns(values, 8 * COLUMNS));
    let mut a = load(&sums[5 * ROWS]);
    let mut b = load(&sums[5 * ROWS + 1]);
    let mut c = load(&sums[5 * ROWS + 2]);
    let mut d = load(&sums[5 * ROWS + 3]);
    let mut e = load(&sums[5 * ROWS + 4]);
    for block in blocks {
        let values = load(block);
        a += values * block[5 * ROWS];
        b += values * block[5 * ROWS + 1];
        c += values * block[5 * ROWS + 2];
        d += values * block[5 * ROWS + 3];
        e += values * block[5 * ROWS + 4];
    }
    for (row, sum) in [a, b, c, d, e].into_iter().enumerate() {
        sums[5 * ROWS + row][8 * COLUMNS..8 * COLUMNS + 8].copy_from_slice(&*sum);
    }
}
