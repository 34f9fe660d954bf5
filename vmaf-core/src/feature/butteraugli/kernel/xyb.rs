//! From light to XYB, with sensitivity adapted to the surroundings.

use fearless_simd::prelude::*;

use super::super::{ABSORBANCE, GAMMA, LEAST_RESPONSE, WHITE};

/// Converts a row of light: red, green and blue. `around` is the blurred light. The length of rows
/// is a multiple of [`LANES`](super::rows::LANES).
#[inline(always)]
pub(super) fn convert<S: Simd>(
    simd: S,
    light: [&[f32]; 3],
    around: [&[f32]; 3],
    [x, y, b]: [&mut [f32]; 3],
) {
    let lanes = S::f32s::LEN;
    let [long, middle, short] = [0, 1, 2].map(Cone::new);
    for start in (0..x.len()).step_by(lanes) {
        let range = start..start + lanes;
        let [red, green, blue] = light;
        let light = [
            S::f32s::from_slice(simd, &red[range.clone()]),
            S::f32s::from_slice(simd, &green[range.clone()]),
            S::f32s::from_slice(simd, &blue[range.clone()]),
        ];
        let [red, green, blue] = around;
        let around = [
            S::f32s::from_slice(simd, &red[range.clone()]),
            S::f32s::from_slice(simd, &green[range.clone()]),
            S::f32s::from_slice(simd, &blue[range.clone()]),
        ];
        let l = long.response::<S>(light, around);
        let m = middle.response::<S>(light, around);
        (l - m).store_slice(&mut x[range.clone()]);
        (l + m).store_slice(&mut y[range.clone()]);
        short.response::<S>(light, around).store_slice(&mut b[range]);
    }
}

/// One kind of cones.
#[derive(Debug, Clone, Copy)]
struct Cone {
    /// The weights of red, green and blue.
    weights: [f32; 3],
    /// The response to darkness.
    dark: f32,
}

impl Cone {
    fn new(index: usize) -> Self {
        let [red, green, blue, dark] = ABSORBANCE[index];
        let weights = [red, green, blue].map(|weight| (weight * WHITE) as f32);
        Self { weights, dark: dark as f32 }
    }

    /// The response before adaptation.
    #[inline(always)]
    fn absorbed<S: Simd>(&self, light: [S::f32s; 3]) -> S::f32s {
        let [red, green, blue] = self.weights;
        light[0] * red + (light[1] * green + (light[2] * blue + self.dark))
    }

    /// The adapted response. `around` is the blurred light.
    #[inline(always)]
    fn response<S: Simd>(&self, light: [S::f32s; 3], around: [S::f32s; 3]) -> S::f32s {
        let [factor, bias, offset] = GAMMA;
        let adapted = self.absorbed::<S>(around).max(self.dark);
        let response = logarithm::<S>(adapted + bias as f32) * factor as f32 + offset as f32;
        let sensitivity = (response / adapted).max(LEAST_RESPONSE as f32);
        (self.absorbed::<S>(light) * sensitivity).max(self.dark)
    }
}

/// The natural logarithm of normal positive numbers, to 2 parts in 10^7 of themselves or of 1.
#[inline(always)]
fn logarithm<S: Simd>(x: S::f32s) -> S::f32s {
    // A number is 2^exponent times a fraction from 2/3 to 4/3.
    const TWO_THIRDS: i32 = 0x3f2a_aaab;
    let bits = x.bitcast::<S::i32s>() - TWO_THIRDS;
    let exponent = S::f32s::float_from(bits >> 23);
    let fraction = ((bits & 0x7f_ffff) + TWO_THIRDS).bitcast::<S::f32s>();
    // The series of 2 artanh((f - 1) / (f + 1)).
    let s = (fraction - 1.0) / (fraction + 1.0);
    let square = s * s;
    let series = square * (2.0 / 11.0) + 2.0 / 9.0;
    let series = square * (square * (square * series + 2.0 / 7.0) + 2.0 / 5.0) + 2.0 / 3.0;
    exponent * std::f32::consts::LN_2 + (s * 2.0 + s * square * series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, Level};

    struct Logarithms<'a>(&'a mut [f32]);

    impl Kernel for Logarithms<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            for values in self.0.chunks_exact_mut(S::f32s::LEN) {
                logarithm::<S>(S::f32s::from_slice(simd, values)).store_slice(values);
            }
        }
    }

    #[test]
    fn logarithms_are_exact_to_single_precision() {
        let numbers: Vec<f32> = (0..20_000).map(|i| 1.000_7_f32.powi(i)).collect();
        let mut found = numbers.clone();
        Level::best().run(Logarithms(&mut found));
        for (number, found) in numbers.into_iter().zip(found) {
            let exact = f64::from(number).ln();
            let error = (f64::from(found) - exact).abs();
            assert!(error < 2e-7 * exact.max(1.0), "{number}: {found}, not {exact}");
        }
    }
}
