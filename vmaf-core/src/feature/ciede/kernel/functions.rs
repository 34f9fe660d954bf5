//! Roots, angles, sines and exponentials without branches or tables, so that loops over them
//! vectorise and every instruction set gives the same bits.
//!
//! There are two kinds. Functions that end in a *difference* of two colours (the root of light, the
//! angle of hue) are kept in single precision by libvmaf, and their rounding shows where colours
//! are nearly alike: such a function is computed in double precision, to a few parts in 10^11, and
//! rounded, which differs from the exact function rounded in only a few of ten thousand cases.
//! Functions that only weight a difference (sines, the exponential) are computed in single
//! precision.
//!
//! A root begins in single precision, of which a vector holds twice as many numbers: a guess at the
//! root's reciprocal from the number's bits, and a step that leaves an error of some 10^-4. One
//! step in double precision does the rest.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// The value of a polynomial of `x` with up to eight coefficients, from the constant on: neighbours
/// first, then neighbours of those, so that few steps wait for others.
macro_rules! polynomial {
    ($x:expr, [$c0:expr, $c1:expr, $c2:expr, $c3:expr, $c4:expr $(,)?]) => {{
        let (x, square) = ($x, $x * $x);
        (($c0 + $c1 * x) + ($c2 + $c3 * x) * square) + $c4 * (square * square)
    }};
    ($x:expr, [$c0:expr, $c1:expr, $c2:expr, $c3:expr, $c4:expr, $c5:expr $(,)?]) => {
        polynomial!($x, [$c0, $c1, $c2, $c3, $c4 + $c5 * $x])
    };
    ($x:expr, [$c0:expr, $c1:expr, $c2:expr, $c3:expr, $c4:expr, $c5:expr, $c6:expr $(,)?]) => {
        polynomial!($x, [$c0, $c1, $c2, $c3, ($c4 + $c5 * $x) + $c6 * ($x * $x)])
    };
    (
        $x:expr,
        [$c0:expr, $c1:expr, $c2:expr, $c3:expr, $c4:expr, $c5:expr, $c6:expr, $c7:expr $(,)?]
    ) => {
        polynomial!($x, [$c0, $c1, $c2, $c3, ($c4 + $c5 * $x) + ($c6 + $c7 * $x) * ($x * $x)])
    };
}

/// A number rounded to the precision of a single one, but kept. Of two that are as near it is the
/// farther from 0, which only numbers of few digits meet.
#[inline(always)]
pub(in crate::feature::ciede) fn rounded(x: f64) -> f64 {
    const HALF: u64 = 1 << 28;
    f64::from_bits(x.to_bits().wrapping_add(HALF) & !(2 * HALF - 1))
}

/// A number rounded to the precision of a single one, but kept. Of two that are as near it is the
/// even one.
#[inline(always)]
pub(in crate::feature::ciede) fn rounded_to_even(x: f64) -> f64 {
    // Beside 1.5 x 2^29 times its power of two, no more digits have room.
    const FRACTION: u64 = (1 << 52) - 1;
    let large = f64::from_bits((x.to_bits() & (0x7ff << 52)) + (29 << 52) + (FRACTION / 2 + 1));
    (x + large) - large
}

/// The reciprocal of a root to about 3 percent: exponent and fraction of a number are its
/// logarithm, roughly, of which a `part` (in 4096ths) is taken from a constant.
#[inline(always)]
fn rough_root(x: f32, part: i32, from: i32) -> f32 {
    f32::from_bits((from - (x.to_bits() as i32 >> 12) * part) as u32)
}

/// The reciprocal of the cube root of a number from 2^-7 to 4, to 5 parts in 10^5, times
/// (5 / 9)^(1 / 8).
#[inline(always)]
pub(in crate::feature::ciede) fn near_cube_root(x: f32) -> f32 {
    let y = rough_root(x, 1365, 0x54a0_ac00);
    // Where x y^3 is s, the reciprocal is y times the cube root of 1 / s, here about s = 1.
    let s = x * (y * y * y);
    y * (1.448_094_8 + s * (-0.726_880_5 + s * 0.207_944_41))
}

/// The cube root of a number whose [`near_cube_root`] is `near`.
#[inline(always)]
pub(in crate::feature::ciede) fn cube_root(x: f64, near: f32) -> f64 {
    let y = f64::from(near);
    let root = x * (y * y);
    // The series 20/9 - 16/9 s + 5/9 s^2 as a square and a constant, of which near's factor takes
    // the 5/9.
    let s = root * y - 1.283_490_898_192_626_8;
    root * (s * s + 0.926_633_748_230_615_2)
}

/// The reciprocal of the fifth root of a number from 2^-4 to 4, to 9 parts in 10^5, times
/// 0.48^(1 / 13).
#[inline(always)]
pub(in crate::feature::ciede) fn near_fifth_root(x: f32) -> f32 {
    let y = rough_root(x, 819, 0x4c2a_8000);
    let square = y * y;
    let s = (x * y) * (square * square);
    y * (1.250_873_2 + s * (-0.421_022_9 + s * 0.115_247_43))
}

/// The power 2.4 of a number whose [`near_fifth_root`] is `near`: the cube of x times that.
#[inline(always)]
pub(in crate::feature::ciede) fn power_2_4(x: f64, near: f32) -> f64 {
    let y = f64::from(near);
    let (square, root) = (y * y, x * y);
    // The series of s^-0.6, 2.08 - 1.56 s + 0.48 s^2 with a little more for the next power, as a
    // square and a constant, of which near's factor takes the 0.48.
    let s = root * (square * square) - 1.225_332_227_300_693;
    (root * root * root) * (s * s + 0.962_460_835_915_582_2)
}

/// The angle of the point (`x`, `y`), from -pi to pi, in two parts: a multiple of pi/4, and the
/// tangent of what is left; 0 at the origin.
#[inline(always)]
pub(in crate::feature::ciede) fn eighth_and_tangent(y: f64, x: f64) -> (f64, f64) {
    const TAN_PI_8: f64 = 0.414_213_562_373_095;
    let (flat, steep) = (x.abs(), y.abs());
    let (less, more) = if flat > steep { (steep, flat) } else { (flat, steep) };
    // Angles above pi/8 are taken from pi/4.
    let large = less > TAN_PI_8 * more;
    let numerator = if large { less - more } else { less };
    let denominator = if large { less + more } else { more };
    let tangent = numerator / if denominator > 1e-300 { denominator } else { 1e-300 };
    let eighth = if large { FRAC_PI_4 } else { 0.0 };
    let (eighth, sign) = if steep > flat { (FRAC_PI_2 - eighth, -1.0) } else { (eighth, 1.0) };
    let (eighth, sign) = if x < 0.0 { (PI - eighth, -sign) } else { (eighth, sign) };
    let (eighth, sign) = if y < 0.0 { (-eighth, -sign) } else { (eighth, sign) };
    (eighth, sign * tangent)
}

/// The angle whose tangent is `t`, from -pi/8 to pi/8.
#[inline(always)]
pub(in crate::feature::ciede) fn arc_tangent(t: f64) -> f64 {
    let square = t * t;
    #[rustfmt::skip]
    let series = polynomial!(square, [
        0.999_999_999_999_276_9, -0.333_333_332_787_398_35, 0.199_999_932_219_284_7,
        -0.142_853_924_125_714_1, 0.111_035_540_889_405_45, -0.089_933_809_671_890_41,
        0.069_776_983_526_776_57, -0.037_713_270_073_918_44,
    ]);
    t * series
}

/// The sine of an angle from -pi/2 to pi/2.
#[inline(always)]
pub(in crate::feature::ciede) fn sine(x: f32) -> f32 {
    // Of small angles no higher power than this is taken: processors are slow with numbers that
    // single precision has no full digits for.
    let square = x * x;
    let upper = 0.008_333_025 + square * (-0.000_198_074_18 + square * 2.601_903e-6);
    x * ((1.0 - 0.166_666_57 * square) + square * square * upper)
}

/// The cosine of an angle from -pi/2 to pi/2.
#[inline(always)]
fn cosine(x: f32) -> f32 {
    let square = x * x;
    #[rustfmt::skip]
    let series = polynomial!(square, [
        1.0, -0.5, 0.041_666_638, -0.001_388_836_2, 2.476_016_2e-5, -2.605_149_5e-7,
    ]);
    series
}

/// Added to a number below 2^22, it leaves the number rounded to a whole one in the lowest bits.
const WHOLE: f32 = 1.5 * 8_388_608.0;

/// Sine and cosine of an angle from -10 to 10.
#[inline(always)]
pub(in crate::feature::ciede) fn sine_cosine(x: f32) -> (f32, f32) {
    // Pi in two parts, of which the first times a few is exact.
    const PI_UPPER: f32 = 3.140_625;
    const PI_LOWER: f32 = 0.000_967_653_6;
    let turns = x * (1.0 / std::f32::consts::PI) + WHOLE;
    let count = turns - WHOLE;
    let rest = (x - count * PI_UPPER) - count * PI_LOWER;
    // Half turns change the sign.
    let sign = turns.to_bits() << 31;
    let with_sign = |value: f32| f32::from_bits(value.to_bits() ^ sign);
    (with_sign(sine(rest)), with_sign(cosine(rest)))
}

/// The exponential of a number of at most 0; results below 2^-28 become that.
#[inline(always)]
pub(in crate::feature::ciede) fn exponential(x: f32) -> f32 {
    let power = x * std::f32::consts::LOG2_E;
    let power = if power > -28.0 { power } else { -28.0 };
    let whole = power + WHOLE;
    let rest = power - (whole - WHOLE);
    #[rustfmt::skip]
    let series = polynomial!(rest, [
        1.0, std::f32::consts::LN_2, 0.240_226_46, 0.055_503_286, 0.009_618_489, 0.001_339_993_1,
        0.000_153_458_17,
    ]);
    f32::from_bits(series.to_bits().wrapping_add(whole.to_bits() << 23))
}
