//! From light to XYB.

use super::super::{ABSORBANCE, BIAS};

/// The cube root of [`BIAS`].
const BIAS_ROOT: f32 = 0.155_954_2;

/// Converts a row of red, green and blue.
#[inline(always)]
pub(super) fn convert([red, green, blue]: &[Vec<f32>; 3], [x, y, b]: [&mut [f32]; 3]) {
    let n = x.len();
    let (red, green, blue) = (&red[..n], &green[..n], &blue[..n]);
    let (y, b) = (&mut y[..n], &mut b[..n]);
    let [long, middle, short] = ABSORBANCE.map(|row| row.map(|weight| weight as f32));
    for i in 0..n {
        let (r, g, bl) = (red[i], green[i], blue[i]);
        let l = response(long, r, g, bl);
        let m = response(middle, r, g, bl);
        let s = response(short, r, g, bl);
        let luma = 0.5 * (l + m);
        x[i] = 7.0 * (l - m) + 0.42;
        y[i] = luma + 0.01;
        b[i] = (s - luma) + 0.55;
    }
}

/// The response of one kind of cones.
#[inline(always)]
fn response([of_red, of_green, of_blue]: [f32; 3], r: f32, g: f32, b: f32) -> f32 {
    let light = of_red * r + (of_green * g + (of_blue * b + BIAS as f32));
    cube_root(if light > 0.0 { light } else { 0.0 }) - BIAS_ROOT
}

/// The cube root of a number from 0 to 1000, to 4 parts in 10^7.
#[inline(always)]
pub(in crate::feature::ssimulacra2) fn cube_root(x: f32) -> f32 {
    // The reciprocal of the root, to 3 percent: exponent and fraction of a number are its
    // logarithm, roughly.
    let guess = 0x54a0_ac00 - (x.to_bits() as i32 >> 12) * 1365;
    let y = f32::from_bits(guess as u32);
    // Twice the series of (x y^3)^(-1/3) about 1, to the second power, then to the first.
    let s = (x * y) * (y * y);
    let y = y * (14.0 / 9.0 + s * (-7.0 / 9.0 + s * (2.0 / 9.0)));
    let s = (x * y) * (y * y);
    let y = y * (4.0 / 3.0 - s * (1.0 / 3.0));
    x * (y * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_exact_to_single_precision() {
        assert_eq!(cube_root(0.0), 0.0);
        assert!((f64::from(BIAS_ROOT) - BIAS.cbrt()).abs() < 1e-8);
        let mut x = 1e-4_f32;
        while x < 1000.0 {
            let (found, exact) = (f64::from(cube_root(x)), f64::from(x).cbrt());
            assert!((found / exact - 1.0).abs() < 4e-7, "{x}: {found}, not {exact}");
            x *= 1.000_7;
        }
    }
}
