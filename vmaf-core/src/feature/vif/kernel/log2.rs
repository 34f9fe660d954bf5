//! Logarithms to base 2 in steps of 1/2048, as libvmaf's table gives them.
//!
//! The table has 32,768 entries, more than a first-level cache holds. A polynomial of degree 8 in
//! single precision, rounded, gives each of them, with and without fused multiplication and
//! addition: a test compares all entries at every instruction set level.

use fearless_simd::{Simd, prelude::*};

/// 2048 log2(1.5 + z) - 1198 for z from -1/2 to 1/2, the constant term first. libvmaf scales a
/// logarithm rounded to 1/512 of a step, so that values 1/1024 below a half round up: the constant
/// includes that. Fitted by least squares at Chebyshev's points, then varied in the last bits until
/// all entries were right.
const POLYNOMIAL: [f32; 9] = [
    0.004_165_289_5,
    1969.7582,
    -656.583,
    291.8941,
    -145.98671,
    76.72412,
    -42.364613,
    30.266787,
    -18.175354,
];

/// The amount by which the polynomial's value is too small.
const OFFSET: u32 = 1198;

/// Added to a small number it rounds it to a whole one, in the sum's lowest bits.
const ROUNDER: f32 = 12_582_912.0;

/// The value that [`log2`] gives for 2^17.
pub(in crate::feature::vif) const LOG2_OF_2_17: u32 = BASE + 17 * 2048;

/// The value that [`log2`] gives for 1.
const BASE: u32 = (127 << 11) + ROUNDER.to_bits() - OFFSET;

/// 2048 log2(value) by the value's highest 16 bits, plus a constant; the sum wraps. Values are at
/// least 2^16 and below 2^31. Several vectors at once keep the processor busy: each step waits for
/// the one before.
#[inline(always)]
pub(in crate::feature::vif) fn log2<S: Simd, const N: usize>(
    simd: S,
    values: [S::u32s; N],
) -> [S::u32s; N] {
    let mut z = [S::f32s::splat(simd, 0.0); N];
    let mut logs = values;
    for k in 0..N {
        // Without the 17th bit, converting rounds none of the highest 16.
        let value: S::i32s = (values[k] & !(values[k] >> 16)).bitcast();
        let bits: S::u32s = value.to_float::<S::f32s>().bitcast();
        logs[k] = (bits >> 12) & !0x7ff;
        z[k] = ((bits & 0x007f_ff00) | 0x3f80_0000).bitcast::<S::f32s>() - 1.5;
    }
    add_fractions(simd, logs, z)
}

/// The same of whole numbers in double precision, given by their upper halves, with another
/// constant added.
#[inline(always)]
pub(in crate::feature::vif) fn log2_of_double<S: Simd, const N: usize>(
    simd: S,
    values: [S::u32s; N],
) -> [S::u32s; N] {
    let mut z = [S::f32s::splat(simd, 0.0); N];
    let mut logs = values;
    for k in 0..N {
        logs[k] = (values[k] >> 9) & !0x7ff;
        let fraction = (values[k] & 0x000f_ffe0) << 3;
        z[k] = (fraction | 0x3f80_0000).bitcast::<S::f32s>() - 1.5;
    }
    add_fractions(simd, logs, z)
}

/// Adds the logarithms of 1.5 + `z`, in steps.
#[inline(always)]
fn add_fractions<S: Simd, const N: usize>(
    simd: S,
    mut logs: [S::u32s; N],
    z: [S::f32s; N],
) -> [S::u32s; N] {
    let mut sum = [S::f32s::splat(simd, POLYNOMIAL[8]); N];
    for power in (0..8).rev() {
        let coefficient = S::f32s::splat(simd, POLYNOMIAL[power]);
        for k in 0..N {
            sum[k] = sum[k].mul_add(z[k], coefficient);
        }
    }
    for k in 0..N {
        logs[k] += (sum[k] + ROUNDER).bitcast::<S::u32s>();
    }
    logs
}
