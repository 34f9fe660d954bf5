//! Roots, angles and exponentials in double precision, without branches or tables, so that loops
//! over them vectorise and every instruction set gives the same bits.
//!
//! Each is within a few parts in 10^12 of the exact value, and colours are kept in single
//! precision, of 6 parts in 10^8: they are those of the exact functions but in a few of a million.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E, PI};

/// The value of a polynomial, from the constant on.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut value = coefficients[N - 1];
    for k in 1..N {
        value = value * x + coefficients[N - 1 - k];
    }
    value
}

/// The `n`th root's reciprocal to about a tenth: exponent and fraction of a number are its
/// logarithm, roughly, which is divided by `n` (times `part`, 2^32 / n) and taken from a constant.
#[inline(always)]
fn rough_root(x: f64, part: u64, from: u64) -> f64 {
    f64::from_bits((from - (((x.to_bits() >> 32) * part) >> 32)) << 32)
}

/// The cube root of a number from 2^-6 to 2^9.
#[inline(always)]
pub(super) fn cube_root(x: f64) -> f64 {
    // With x y^3 = 1 - e the root's reciprocal is y times a series in e; twice is enough.
    let mut y = rough_root(x, 0x5555_5556, 0x553e_e978);
    let e = 1.0 - x * (y * y * y);
    y += y * (e * (1.0 / 3.0 + e * (2.0 / 9.0 + e * (14.0 / 81.0))));
    let e = 1.0 - x * (y * y * y);
    y += y * (e * (1.0 / 3.0 + e * (2.0 / 9.0)));
    x * (y * y)
}

/// The power 2.4 of a number from 2^-6 to 2^9: the cube of x times the reciprocal of its fifth
/// root.
#[inline(always)]
pub(super) fn power_2_4(x: f64) -> f64 {
    let mut y = rough_root(x, 0x3333_3334, 0x4cb8_9ba5);
    let square = y * y;
    let e = 1.0 - (x * y) * (square * square);
    y += y * (e * (0.2 + e * (0.12 + e * 0.088)));
    let square = y * y;
    let e = 1.0 - (x * y) * (square * square);
    y += y * (e * (0.2 + e * 0.12));
    let root = x * y;
    root * root * root
}

/// The angle of the point (`x`, `y`), from -pi to pi; 0 at the origin.
#[inline(always)]
pub(super) fn angle(y: f64, x: f64) -> f64 {
    const TAN_PI_8: f64 = 0.414_213_562_373_095;
    let (flat, steep) = (x.abs(), y.abs());
    let (less, more) = if flat > steep { (steep, flat) } else { (flat, steep) };
    // Angles above pi/8 are taken from pi/4.
    let large = less > TAN_PI_8 * more;
    let numerator = if large { less - more } else { less };
    let denominator = if large { less + more } else { more };
    let t = numerator / if denominator > 1e-300 { denominator } else { 1e-300 };
    #[rustfmt::skip]
    let series = polynomial(t * t, [
        0.999_999_999_999_999, -0.333_333_333_332_213_43, 0.199_999_999_783_768_7,
        -0.142_857_126_606_590_53, 0.111_110_488_205_851_45, -0.090_895_293_573_625_55,
        0.076_735_290_984_678_27, -0.065_059_441_555_033_11, 0.050_246_342_455_960_435,
        -0.025_314_729_731_942_33,
    ]);
    let angle = t * series + if large { FRAC_PI_4 } else { 0.0 };
    let angle = if steep > flat { FRAC_PI_2 - angle } else { angle };
    let angle = if x < 0.0 { PI - angle } else { angle };
    if y < 0.0 { -angle } else { angle }
}

/// The sine of an angle from -pi/2 to pi/2.
#[inline(always)]
pub(super) fn sine(x: f64) -> f64 {
    #[rustfmt::skip]
    let series = polynomial(x * x, [
        0.999_999_999_999_949_6, -0.166_666_666_664_665_5, 0.008_333_333_320_351_9,
        -0.000_198_412_666_818_767_87, 2.755_695_280_400_059e-6, -2.503_026_387_632_415e-8,
        1.541_115_620_698_822e-10,
    ]);
    x * series
}

/// The cosine of an angle from -pi/2 to pi/2.
#[inline(always)]
fn cosine(x: f64) -> f64 {
    #[rustfmt::skip]
    let series = polynomial(x * x, [
        0.999_999_999_999_998_1, -0.499_999_999_999_899_3, 0.041_666_666_665_809_22,
        -0.001_388_888_886_107_336_6, 2.480_158_286_861_363_3e-5, -2.755_693_531_752_599_7e-7,
        2.085_831_438_175_94e-9, -1.100_791_117_624_281e-11,
    ]);
    series
}

/// Added to a number below 2^51, it leaves the number rounded to a whole one in the lowest bits.
const WHOLE: f64 = 1.5 * 4_503_599_627_370_496.0;

/// Sine and cosine of an angle from -10 to 10.
#[inline(always)]
pub(super) fn sine_cosine(x: f64) -> (f64, f64) {
    let turns = x * (1.0 / PI) + WHOLE;
    let rest = x - (turns - WHOLE) * PI;
    // Half turns change the sign.
    let sign = turns.to_bits() << 63;
    let with_sign = |value: f64| f64::from_bits(value.to_bits() ^ sign);
    (with_sign(sine(rest)), with_sign(cosine(rest)))
}

/// The exponential of a number from -700 to 0.
#[inline(always)]
pub(super) fn exponential(x: f64) -> f64 {
    let power = x * LOG2_E + WHOLE;
    let rest = x - (power - WHOLE) * LN_2;
    #[rustfmt::skip]
    let series = polynomial(rest, [
        1.000_000_000_000_013_5, 1.000_000_000_000_001_3, 0.499_999_999_994_340_8,
        0.166_666_666_666_152_37, 0.041_666_667_042_802_46, 0.008_333_333_367_516_108,
        0.001_388_880_140_023_506_1, 0.000_198_411_903_300_313_38, 2.488_462_582_529_225e-5,
        2.763_279_158_266_233_3e-6,
    ]);
    series * f64::from_bits((power.to_bits().wrapping_add(1023)) << 52)
}
