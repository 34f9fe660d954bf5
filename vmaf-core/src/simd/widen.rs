//! Products that are rounded to single precision and summed in double.
//!
//! Widening a vector of products is what costs most after the additions. There is a cheaper way
//! than to convert it: a single-precision number that isn't negative, moved 29 bits up in a
//! double-precision one, is that number times 2^-896, to the last bit, and so are sums of such
//! numbers. If even and odd lanes are taken apart before they are multiplied, a shift each is all.

use fearless_simd::prelude::*;

/// What [`Half::times`] gives is less than the product by this factor: 2^-896, by the biases of the
/// exponents, 127 and 1023. Multiplying by its inverse is exact.
const SCALE_UP: f64 = f64::from_bits((1023 + 896) << 52);

/// How many bits more a double-precision number's fraction has.
const MORE_BITS: u32 = 29;

/// The even or the odd lanes of a vector, to be multiplied.
#[derive(Clone, Copy)]
pub(crate) struct Half<S: Simd, const ODD: bool, const SIGNED: bool> {
    /// Their magnitudes; other lanes are 0.
    lanes: S::f32s,
    /// Their signs, as those of the products.
    signs: S::u64s,
}

impl<S: Simd, const ODD: bool, const SIGNED: bool> Half<S, ODD, SIGNED> {
    /// The lanes of `values`, which must not be negative unless they are `SIGNED`.
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
    /// 2^-896 of what they are.
    #[inline(always)]
    pub(crate) fn times(self, factor: f32) -> S::f64s {
        let products: S::u64s = (self.lanes * factor).bitcast();
        let wide = if ODD { products >> (32 - MORE_BITS) } else { products << MORE_BITS };
        if SIGNED { wide | self.signs } else { wide }.bitcast()
    }
}

/// Sums of such products as they are.
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

/// Which lane of a vector of `lanes` is at `place` where even lanes have been written first, then
/// odd ones.
#[inline(always)]
pub(crate) fn lane_at(place: usize, lanes: usize) -> usize {
    if place < lanes / 2 { 2 * place } else { 2 * (place - lanes / 2) + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    /// The sums of each value's products with two factors.
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
                // Without signs it is the same.
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
    fn sums_are_those_of_converted_products() {
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
