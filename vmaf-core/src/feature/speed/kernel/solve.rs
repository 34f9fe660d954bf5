//! The difference of each block from its neighbours: y' K^-1 y / 25 for its pixels y and the
//! covariance matrix K, fast.
//!
//! K is decomposed into a rotation and a triangle by reflections, in single precision and in
//! libvmaf's order, in which each step multiplies whole matrices; here each step skips the rows and
//! columns that it does not change. Vectors go along the rows of the matrix, and then across
//! blocks.

use super::super::settings::BLOCK;
use super::covariance::{Matrix, SIZE, WIDTH};
use super::eigen::{is_tiny, sign};
use super::picture::Small;

/// Blocks that are solved for together.
const CHUNK: usize = 32;

/// For each of `blocks` pixels of a block, a value for each of a chunk of blocks.
type Chunk = [[f32; CHUNK]; SIZE];

/// Writes the value of each block of `picture` to `variances`; false if the matrix can't be
/// inverted.
#[inline(always)]
pub(super) fn variances(matrix: &Matrix, picture: &Small, variances: &mut Vec<f32>) -> bool {
    let (rotation, triangle) = decompose(matrix);
    let mut is_regular = true;
    for (i, row) in triangle.iter().enumerate() {
        is_regular &= !is_tiny(row[i].abs());
    }
    let across = picture.width / BLOCK;
    let count = across * (picture.height / BLOCK);
    variances.clear();
    variances.resize(count, 0.0);
    if !is_regular {
        return false;
    }
    let mut pixels: Chunk = [[0.0; CHUNK]; SIZE];
    for (index, variances) in variances.chunks_mut(CHUNK).enumerate() {
        for lane in 0..variances.len() {
            let block = index * CHUNK + lane;
            let (left, top) = (block % across * BLOCK, block / across * BLOCK);
            for (r, pixels) in pixels.chunks_exact_mut(BLOCK).enumerate() {
                let row = &picture.row(top + r)[left..left + BLOCK];
                for k in 0..BLOCK {
                    pixels[k][lane] = row[k];
                }
            }
        }
        let sums = chunk_variances(&rotation, &triangle, &pixels);
        variances.copy_from_slice(&sums[..variances.len()]);
    }
    true
}

/// A rotation Q and an upper triangle R with Q K = R. Elements below the triangle are arbitrary.
#[inline(always)]
fn decompose(matrix: &Matrix) -> (Matrix, Matrix) {
    // The rotation so far, and beside it the matrix that it has been applied to.
    let mut state = [[0.0_f32; 2 * WIDTH]; SIZE];
    for row in 0..SIZE {
        state[row][row] = 1.0;
        state[row][WIDTH..].copy_from_slice(&matrix[row]);
    }
    for done in 0..SIZE - 1 {
        // The vector of the reflection that turns the column's rest onto an axis.
        let mut v = [0.0; SIZE];
        for row in done..SIZE {
            v[row] = state[row][WIDTH + done];
        }
        v[done] += sign(matrix[done][done]) * norm(&v);
        let length = norm(&v);
        for value in &mut v {
            *value /= length;
        }
        let before = state;
        for row in done..SIZE {
            let mut sum = [0.0_f32; 2 * WIDTH];
            for k in done..SIZE {
                let mut factor = -2.0 * v[row] * v[k];
                if row == k {
                    factor += 1.0;
                }
                let from = &before[k];
                for column in 0..2 * WIDTH {
                    sum[column] += factor * from[column];
                }
            }
            state[row] = sum;
        }
    }
    let (mut rotation, mut triangle) = ([[0.0; WIDTH]; SIZE], [[0.0; WIDTH]; SIZE]);
    for row in 0..SIZE {
        rotation[row].copy_from_slice(&state[row][..WIDTH]);
        let mut sum = [0.0_f32; WIDTH];
        for k in 0..SIZE {
            let factor = rotation[row][k];
            for column in 0..WIDTH {
                sum[column] += factor * matrix[k][column];
            }
        }
        triangle[row] = sum;
    }
    (rotation, triangle)
}

#[inline(always)]
fn norm(v: &[f32; SIZE]) -> f32 {
    let mut sum = 0.0;
    for value in v {
        sum += value * value;
    }
    sum.sqrt()
}

/// The values of a chunk of blocks with these `pixels`: solves R x = Q y from the last row up, and
/// sums x y / 25.
#[inline(always)]
fn chunk_variances(rotation: &Matrix, triangle: &Matrix, pixels: &Chunk) -> [f32; CHUNK] {
    let mut solution: Chunk = [[0.0; CHUNK]; SIZE];
    for row in 0..SIZE {
        let mut sum = [0.0_f32; CHUNK];
        for k in 0..SIZE {
            let factor = rotation[row][k];
            for lane in 0..CHUNK {
                sum[lane] += factor * pixels[k][lane];
            }
        }
        solution[row] = sum;
    }
    for row in (0..SIZE).rev() {
        let mut rest = solution[row];
        for k in row + 1..SIZE {
            let factor = triangle[row][k];
            for lane in 0..CHUNK {
                rest[lane] -= solution[k][lane] * factor;
            }
        }
        let divisor = triangle[row][row];
        for value in &mut rest {
            *value /= divisor;
        }
        solution[row] = rest;
    }
    let mut sums = [0.0; CHUNK];
    for row in 0..SIZE {
        for lane in 0..CHUNK {
            let term = solution[row][lane] * pixels[row][lane] / SIZE as f32;
            sums[lane] = if row == 0 { term } else { sums[lane] + term };
        }
    }
    sums
}
