//! Vectors of 16-bit lanes assembled from blocks of 8.

use fearless_simd::prelude::*;
use fearless_simd::u16x8;

/// Concatenates the first of `blocks`, as many as the vector holds.
#[inline(always)]
pub(crate) fn of_blocks<S: Simd>(simd: S, blocks: [u16x8<S>; 4]) -> S::u16s {
    let [a, b, c, d] = blocks;
    match S::u16s::LEN {
        8 => S::u16s::from_slice(simd, a.as_slice()),
        16 => S::u16s::from_slice(simd, a.combine(b).as_slice()),
        32 => S::u16s::from_slice(simd, a.combine(b).combine(c.combine(d)).as_slice()),
        lanes => unreachable!("vectors of {lanes} lanes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, Level};

    struct Blocks;

    impl Kernel for Blocks {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let lanes: Vec<u16> = (0..32).collect();
            let mut blocks = [u16x8::splat(simd, 0); 4];
            for (block, lanes) in blocks.iter_mut().zip(lanes.chunks_exact(8)) {
                *block = u16x8::from_slice(simd, lanes);
            }
            assert_eq!(of_blocks(simd, blocks).as_slice(), &lanes[..S::u16s::LEN]);
        }
    }

    #[test]
    fn blocks_keep_their_order() {
        for level in Level::available() {
            level.run(Blocks);
        }
    }
}
