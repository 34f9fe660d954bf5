//! The base-2 logarithm in double precision, in a form that runs in vector lanes.
//!
//! A number is split into a power of two and a factor between sqrt(1/2) and sqrt(2), whose
//! logarithm is a series in (factor - 1) / (factor + 1). Every level gives the same result because
//! it performs the same operations; it is within two units in the last place, and after rounding to
//! single precision it equals the result of other libraries.

/// 2 / ln(2), divided by 1, 3, 5 and so on: the series of the logarithm by odd powers. The omitted
/// terms are below 2^-56 of the sum.
const SERIES: [f64; 10] = {
    let mut series = [0.0; 10];
    let mut i = 0;
    while i < series.len() {
        series[i] = 2.0 * std::f64::consts::LOG2_E / (2 * i + 1) as f64;
        i += 1;
    }
    series
};

/// The bits of 1.0 and of sqrt(1/2).
const ONE: u64 = 0x3ff0_0000_0000_0000;
const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;

/// The base-2 logarithm of `x`; NaN for negative numbers, minus infinity for 0.
#[inline(always)]
pub(in crate::feature::speed) fn log2(x: f64) -> f64 {
    if is_normal(x) { log2_normal(x) } else { libm::log2(x) }
}

/// Returns true if [`log2_normal`] is valid for `x`: a positive number, neither tiny nor infinite.
#[inline(always)]
pub(in crate::feature::speed) fn is_normal(x: f64) -> bool {
    (f64::MIN_POSITIVE..f64::INFINITY).contains(&x)
}

/// The base-2 logarithm of an `x` that [`is_normal`].
#[inline(always)]
pub(in crate::feature::speed) fn log2_normal(x: f64) -> f64 {
    let bits = x.to_bits();
    // The exponent, 1023 more than it is, of x / sqrt(1/2) taken down to a power of two.
    let exponent = bits.wrapping_add(ONE - ROOT_HALF) >> 52;
    let factor = f64::from_bits(bits.wrapping_sub(exponent << 52).wrapping_add(ONE));
    // 2^52 + exponent as a number, which not every instruction set can make of a 64-bit integer.
    let exponent =
        f64::from_bits(exponent | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let ratio = (factor - 1.0) / (factor + 1.0);
    let square = ratio * ratio;
    let mut sum = SERIES[SERIES.len() - 1];
    let mut i = SERIES.len() - 1;
    while i > 0 {
        i -= 1;
        sum = sum * square + SERIES[i];
    }
    exponent + ratio * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;

    #[test]
    fn powers_of_two_are_exact() {
        for exponent in -1022..=1023 {
            assert_eq!(log2(libm::exp2(f64::from(exponent))), f64::from(exponent));
        }
    }

    #[test]
    fn log2_is_near_libms() {
        for i in 0..200_000 {
            let bits = u64::from(noise(1, i, 0)) << 32 | u64::from(noise(2, i, 0));
            // Around 1 every other time, anywhere else.
            let x = if i % 2 == 0 {
                0.5 + f64::from(noise(3, i, 0)) / 2_147_483_648.0
            } else {
                f64::from_bits(bits >> 2)
            };
            let (found, expected) = (log2(x), libm::log2(x));
            assert!(
                (found - expected).abs() <= 4.5e-16 * expected.abs(),
                "{x}: {found} {expected}"
            );
        }
    }

    #[test]
    fn log2_of_special_numbers_follows_ieee() {
        assert!(log2(-1.0).is_nan() && log2(f64::NAN).is_nan());
        assert_eq!(log2(0.0), f64::NEG_INFINITY);
        assert_eq!(log2(f64::INFINITY), f64::INFINITY);
        assert_eq!(log2(f64::from_bits(1)), -1074.0);
    }
}
