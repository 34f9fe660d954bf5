//! Numeric functions shared by several features.
//!
//! Transcendental functions are pure Rust, from `libm` or this crate, so that scores are identical
//! on every machine.

mod float_plane;
mod powf;

pub(crate) use float_plane::{Centred, FloatPlane, FloatRows, RowRing, as_rows};
pub(crate) use powf::powf;

/// The least `n` with 2^n >= `x`; 0 for `x` of 0 or 1.
pub(crate) fn ceil_log2(x: usize) -> u32 {
    x.max(1).next_power_of_two().trailing_zeros()
}

/// Half of 2^`shift`, added before a right shift to round; 0 for a shift of 0.
pub(crate) fn rounding(shift: u32) -> i64 {
    (1_i64 << shift) >> 1
}

/// Index `i` mirrored at the borders of `0..len` without repeating the border sample (`-1` becomes
/// `1`, `len` becomes `len - 2`). `len` has to be large enough for a single reflection.
pub(crate) fn reflect(i: isize, len: usize) -> usize {
    let last = len as isize - 1;
    let i = i.abs();
    (if i > last { 2 * last - i } else { i }) as usize
}

/// Formats `value` as C's `%g` does: six significant digits, no trailing zeros.
pub(crate) fn format_g(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let scientific = format!("{value:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |digits: &str| {
        if digits.contains('.') {
            digits.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            digits.to_owned()
        }
    };
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    } else {
        trim(&format!("{value:.*}", (5 - exponent) as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reflect_does_not_repeat_the_border() {
        let row: Vec<usize> = (-2..7).map(|i| reflect(i, 5)).collect();
        assert_eq!(row, [2, 1, 0, 1, 2, 3, 4, 3, 2]);
    }

    #[test]
    fn format_g_equals_that_of_c() {
        for (value, text) in [
            (1.0, "1"),
            (100.0, "100"),
            (0.02, "0.02"),
            (1.5, "1.5"),
            (0.031_25, "0.03125"),
            (1234567.0, "1.23457e+06"),
            (0.000_012_345_67, "1.23457e-05"),
            (1080.0, "1080"),
            (0.1, "0.1"),
        ] {
            assert_eq!(format_g(value), text);
        }
    }

    #[test]
    fn ceil_log2_rounds_up() {
        let found: Vec<u32> = [1, 2, 3, 4, 5, 960].into_iter().map(ceil_log2).collect();
        assert_eq!(found, [0, 1, 2, 2, 3, 10]);
    }
}
