//! Products rounded to single precision and summed in double precision.
//!
//! Widening a vector of products costs the most, apart from the additions. A shift is cheaper than
//! a conversion: the bits of a non-negative single-precision number, shifted left by 29 in a
//! double-precision number, represent exactly 2^-896 times that number, and so do sums of such
//! numbers. If even and odd lanes are separated before the multiplication, each needs only one
//! shift.

use fearless_simd::prelude::*;

/// The factor that undoes the scaling of [`Half::times`]: 2^896, from the difference of the
/// exponent biases 1023 and 127. The multiplication is exact.
const SCALE_UP: f64 = f64::from_bits((1023 + 896) << 52);

/// The number of additional fraction bits in double precision.
const MORE_BITS: u32 = 29;

/// The even or the odd lanes of a vector, ready to be multiplied.
#[derive(Clone, Copy)]
pub(crate) struct Half<S: Simd, const ODD: bool, const SIGNED: bool> {
    /// The magnitudes of these lanes; other lanes are 0.
    lanes: S::f32s,
    /// The signs of these lanes, at the position of the products' signs.
    signs: S::u64s,
}

impl<S: Simd, const ODD: bool, const SIGNED: bool> Half<S, ODD, SIGNED> {
    /// Selects the lanes of `values`, which must not be negative unless `SIGNED`.
    #[inline(always)]
    pub(crate) fn of(simd: S, values: S::f32s) -> Self {
        const SIGN: u64 = 1 << 63;
        let bits: S::u64s = values.bitcast();
        let kept: u64 = if ODD { 0xffff_ffff << 32 } else { 0xffff_ffff };
        if SIGNED {
            let signs = (if ODD { bits } else { bits << 32 }) & SIGN;
            Self { lanes: (bits & (kept & 0x7fff_ffff_7fff_ffff)).bitcast(), signs }
        } else {
            Self { lanes: (bits & kept).bitcast(), signs: S::u64s::splat(simd, 0) }
        }
    }

    /// The products with `factor`, which must not be negative, rounded to single precision and
    /// scaled by 2^-896.
    #[inline(always)]
    pub(crate) fn times(self, factor: f32) -> S::f64s {
        let products: S::u64s = (self.lanes * factor).bitcast();
        let wide = if ODD { products >> (32 - MORE_BITS) } else { products << MORE_BITS };
        if SIGNED { wide | self.signs } else { wide }.bitcast()
    }
}

/// Sums of such products without the scaling.
#[inline(always)]
pub(crate) fn scaled_up<S: Simd>(sums: S::f64s) -> S::f64s {
    sums * SCALE_UP
}

/// Rounds sums of such products to single precision and writes them: half a vector.
#[inline(always)]
pub(crate) fn write_half<S: Simd>(sums: S::f64s, to: &mut [f32]) {
    let sums = scaled_up::<S>(sums);
    let rounded = sums.narrow(sums);
    let rounded = rounded.as_slice();
    to[..S::f64s::LEN].copy_from_slice(&rounded[..S::f64s::LEN]);
}

/// The lane of a vector of `lanes` that is at `place` if even lanes are written first, then odd
/// ones.
#[inline(always)]
pub(crate) fn lane_at(place: usize, lanes: usize) -> usize {
    if place < lanes / 2 { 2 * place } else { 2 * (place - lanes / 2) + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    /// Computes the sum of each value's products with two factors.
    struct Products<'a>(&'a [f32], [f32; 2]);

    impl Kernel for Products<'_> {
        type Output = Vec<f32>;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Vec<f32> {
            let Self(values, factors) = self;
            let lanes = S::f32s::LEN;
            let mut found = vec![0.0; values.len()];
            for x in (0..values.len()).step_by(lanes) {
                let vector = S::f32s::from_slice(simd, &values[x..][..lanes]);
                let mut out = vec![0.0; lanes];
                let even = Half::<S, false, true>::of(simd, vector);
                write_half::<S>(even.times(factors[0]) + even.times(factors[1]), &mut out);
                let odd = Half::<S, true, true>::of(simd, vector);
                let sums = odd.times(factors[0]) + odd.times(factors[1]);
                write_half::<S>(sums, &mut out[lanes / 2..]);
                for place in 0..lanes {
                    found[x + lane_at(place, lanes)] = out[place];
                }
                // Without signs, the magnitudes are the same.
                let even = Half::<S, false, false>::of(simd, vector.abs());
                write_half::<S>(even.times(factors[0]) + even.times(factors[1]), &mut out);
                for place in 0..lanes / 2 {
                    assert_eq!(out[place], found[x + 2 * place].abs());
                }
            }
            found
        }
    }

    #[test]
    fn sums_equal_those_of_converted_products() {
        let mut values = vec![0.0, 1.0, f32::MIN_POSITIVE, 1e-38, -1.0, -1e-40, 255.0, 65_025.0];
        for i in 0..4088 {
            let exponent = (noise(1, i, 2) % 60) as i32 - 30;
            values.push((noise(1, i, 1) as i32) as f32 * 2.0_f32.powi(exponent - 24));
        }
        let factors = [0.266_012, 0.001_028];
        let expected: Vec<f32> = values
            .iter()
            .map(|v| (f64::from(v * factors[0]) + f64::from(v * factors[1])) as f32)
            .collect();
        for level in Level::available() {
            assert_eq!(level.run(Products(&values, factors)), expected, "{}", level.name());
        }
    }
}
