//! Processing of a row in blocks.
//!
//! The compiler keeps an array of [`BLOCK`] values in vector registers and unrolls loops over it.
//! Kernels read a block's inputs into arrays, compute, and write. Columns that do not fill a block
//! are processed one by one with the same code. Loops are written out because the compiler treats
//! `array::map` and `from_fn` as separate functions, compiled for the baseline instruction set.

/// The number of columns in a block.
pub(crate) const BLOCK: usize = 32;

/// `N` values of `row`, starting at `x`.
#[inline(always)]
pub(crate) fn columns<T, const N: usize>(row: &[T], x: usize) -> &[T; N] {
    let (block, _) = row[x..].split_first_chunk().expect("the row covers the block");
    block
}

/// `N` mutable values of `row`, starting at `x`.
#[inline(always)]
pub(crate) fn columns_mut<T, const N: usize>(row: &mut [T], x: usize) -> &mut [T; N] {
    let (block, _) = row[x..].split_first_chunk_mut().expect("the row covers the block");
    block
}

/// Evaluates the body, generic over the block size, for each block that covers `0..width`:
/// `for_blocks!(width, |x, N| body)`, in which `N` is a constant.
macro_rules! for_blocks {
    ($width:expr, |$x:ident, $n:ident| $body:expr) => {{
        let width: usize = $width;
        let whole = width - width % $crate::simd::blocks::BLOCK;
        for $x in (0..whole).step_by($crate::simd::blocks::BLOCK) {
            const $n: usize = $crate::simd::blocks::BLOCK;
            $body;
        }
        for $x in whole..width {
            const $n: usize = 1;
            $body;
        }
    }};
}

pub(crate) use for_blocks;
