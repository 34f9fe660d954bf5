//! Weighted sums of whole vectors of 16-bit integers.
//!
//! Arm's instructions multiply and add a half of a vector at a time, whatever rows its lanes come
//! from: a filter of such a level needs no pairs of lanes ([`pairs`](super::pairs)), and no
//! instructions that arrange them.

use fearless_simd::prelude::*;

use super::pairs::dot;
#[cfg(target_arch = "aarch64")]
use super::pairs::same;

/// The sum of `vectors`, each times its weight, of the lower lanes and of the upper ones; `None`
/// where [`dots`](super::pairs::dots) of pairs take fewer instructions.
#[inline(always)]
pub(crate) fn weighted_sum<S: Simd, const N: usize>(
    simd: S,
    vectors: [S::i16s; N],
    weights: [i32; N],
) -> Option<[S::i32s; 2]> {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{
            int16x8_t, int32x4_t, vdupq_n_s16, vget_low_s16, vmlal_high_s16, vmlal_s16,
            vmull_high_s16, vmull_s16,
        };
        fearless_simd::kernel!(
            #[inline(always)]
            fn products(_level: Neon, a: int16x8_t, weight: i32) -> [int32x4_t; 2] {
                let weight = vdupq_n_s16(weight as i16);
                let low = vmull_s16(vget_low_s16(a), vget_low_s16(weight));
                [low, vmull_high_s16(a, weight)]
            }
        );
        fearless_simd::kernel!(
            #[inline(always)]
            fn add(
                _level: Neon,
                sums: [int32x4_t; 2],
                a: int16x8_t,
                weight: i32,
            ) -> [int32x4_t; 2] {
                let weight = vdupq_n_s16(weight as i16);
                let low = vmlal_s16(sums[0], vget_low_s16(a), vget_low_s16(weight));
                [low, vmlal_high_s16(sums[1], a, weight)]
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            let mut sums = products(level, same(vectors[0]), weights[0]);
            for k in 1..N {
                sums = add(level, sums, same(vectors[k]), weights[k]);
            }
            return Some([same(sums[0]), same(sums[1])]);
        }
    }
    let _ = (simd, vectors, weights);
    None
}

/// Adds the sum of each pair of adjacent lanes.
#[inline(always)]
pub(crate) fn add_pair_sums<S: Simd>(simd: S, sums: S::i32s, values: S::i16s) -> S::i32s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{int16x8_t, int32x4_t, vpadalq_s16};
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, sums: int32x4_t, values: int16x8_t) -> int32x4_t {
                vpadalq_s16(sums, values)
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(sums), same(values)));
        }
    }
    sums + dot(simd, values, S::i16s::splat(simd, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    struct All<'a>([&'a [i16]; 3]);

    impl Kernel for All<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let lanes = S::i16s::LEN;
            for x in (0..self.0[0].len()).step_by(lanes) {
                let [a, b, c] = self.0.map(|row| &row[x..][..lanes]);
                let vectors = [a, b, c].map(|row| S::i16s::from_slice(simd, row));
                let sums = weighted_sum(simd, vectors, [3, -2, 26_386]);
                for i in (0..lanes).filter(|_| sums.is_some()) {
                    let [a, b, c] = [a[i], b[i], c[i]].map(i32::from);
                    let half = lanes / 2;
                    let found = sums.map(|sums| sums[i / half][i % half]);
                    assert_eq!(found, Some(3 * a - 2 * b + 26_386 * c));
                }
                let sums = add_pair_sums(simd, S::i32s::splat(simd, 5), vectors[0]);
                let whole: i32 = sums.as_slice().iter().sum();
                let expected: i32 = a.iter().map(|value| i32::from(*value)).sum();
                assert_eq!(whole, expected + 5 * S::i32s::LEN as i32);
            }
        }
    }

    #[test]
    fn lanes_equal_the_definition_at_every_level() {
        let rows = [1, 2, 3].map(|seed| (0..1024).map(|i| noise(seed, i, 0) as i16).collect());
        let [a, b, c]: [Vec<i16>; 3] = rows;
        for level in Level::available() {
            level.run(All([&a, &b, &c]));
        }
    }
}
