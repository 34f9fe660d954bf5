//! Going through a row in blocks.
//!
//! The compiler keeps an array of [`BLOCK`] values in vector registers and unrolls loops over it.
//! Kernels read a block's inputs into arrays, compute, and write; columns that fill no block are
//! done one by one with the same code.

/// Columns in a block.
pub(crate) const BLOCK: usize = 32;

/// `N` values of `row` from `x` on.
#[inline(always)]
pub(crate) fn columns<T: Copy, const N: usize>(row: &[T], x: usize) -> [T; N] {
    let slice = &row[x..x + N];
    std::array::from_fn(|i| slice[i])
}

/// Calls a function generic over the block size for each block that covers `0..width`:
/// `for_blocks!(width, |x, N| body)`, where `N` is a constant.
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
