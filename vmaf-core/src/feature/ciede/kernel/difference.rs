//! The CIEDE2000 difference of two blocks of colours, in two steps: first the quantities that are
//! compared, in double precision and rounded as in the definition; then the differences and their
//! weights, in single precision.

use std::f64::consts::PI;

use fearless_simd::Simd;

use super::color::{BLOCK, Block, Colors, length};
use super::functions::{
    arc_tangent, eighth_and_tangent, exponential, rounded, rounded_to_even, sine, sine_cosine,
};

/// 25^7: the saturation, to the power 7, about which the formula bends.
const BEND: f64 = 6_103_515_625.0;

/// The numbers between the steps of the formula: colours of both pictures with red stretched among
/// greys, and what follows from them.
#[repr(align(64))]
pub(in crate::feature::ciede) struct DifferenceMemory {
    eighth: Block<f64>,
    tangent: Block<f64>,
    pictures: [Polar; 2],
    hue: Block<f32>,
    weight: Block<f32>,
    rotation: Block<f32>,
}

/// A block's colours by saturation and hue.
struct Polar {
    /// Green to red, stretched.
    a: Block<f64>,
    /// Saturation.
    c: Block<f32>,
    /// Hue, from 0 to 2 pi.
    h: Block<f32>,
}

impl DifferenceMemory {
    pub(in crate::feature::ciede) const fn new() -> Self {
        const ZEROS: Block<f32> = [0.0; BLOCK];
        const POLAR: Polar = Polar { a: [0.0; BLOCK], c: ZEROS, h: ZEROS };
        let numbers = [0.0; BLOCK];
        Self {
            eighth: numbers,
            tangent: numbers,
            pictures: [POLAR; 2],
            hue: ZEROS,
            weight: ZEROS,
            rotation: ZEROS,
        }
    }
}

/// The differences of the first `n` pixels of two blocks.
// A function of its own, by `vectorize`, so that it is compiled once for all types of samples.
#[inline(always)]
pub(in crate::feature::ciede) fn differences<S: Simd>(
    simd: S,
    n: usize,
    [reference, distorted]: [&Colors; 2],
    memory: &mut DifferenceMemory,
    out: &mut Block<f32>,
) {
    simd.vectorize(
        #[inline(always)]
        move || differences_of(n, reference, distorted, memory, out),
    );
}

/// As [`differences`]. The arguments are apart so that the compiler knows that they don't overlap.
#[inline(always)]
fn differences_of(
    n: usize,
    reference: &Colors,
    distorted: &Colors,
    memory: &mut DifferenceMemory,
    differences: &mut Block<f32>,
) {
    assert!(n <= BLOCK, "pixels of a block");
    let DifferenceMemory { eighth, tangent, pictures: [first, second], hue, weight, rotation } =
        memory;
    for i in 0..n {
        let c_bar = rounded_to_even(reference.c[i] + distorted.c[i]) * 0.5;
        let power = c_bar * c_bar * c_bar;
        let power = power * power * c_bar;
        let stretch = 1.5 - 0.5 * (power / (power + BEND)).sqrt();
        first.a[i] = rounded(reference.a[i] * stretch);
        second.a[i] = rounded(distorted.a[i] * stretch);
    }
    for (picture, colors) in [(&mut *first, reference), (&mut *second, distorted)] {
        let Polar { a, c, h } = picture;
        for i in 0..n {
            (eighth[i], tangent[i]) = eighth_and_tangent(colors.b[i], a[i]);
        }
        for i in 0..n {
            c[i] = length(a[i], colors.b[i]) as f32;
            let hue = rounded(eighth[i] + arc_tangent(tangent[i]));
            h[i] = (hue + if hue < 0.0 { 2.0 * PI } else { 0.0 }) as f32;
        }
    }
    for i in 0..n {
        hue[i] = mean_hue(first.h[i], second.h[i]);
        weight[i] = hue_weight(hue[i]);
    }
    for i in 0..n {
        rotation[i] = rotation_of_blue(hue[i], (first.c[i] + second.c[i]) * 0.5);
    }
    for i in 0..n {
        let (lightness, saturation) = ((reference.l[i], distorted.l[i]), (first.c[i], second.c[i]));
        let hue = (first.h[i], second.h[i]);
        differences[i] = weighted(lightness, saturation, hue, weight[i], rotation[i]);
    }
}

/// A whole turn; and what single precision leaves out of it.
const TURN: f32 = 2.0 * std::f32::consts::PI;
const TURN_REST: f32 = -1.748_455_6e-7;

/// Returns true if two hues are more than half a turn apart, given their difference. Single
/// precision has no number between pi and pi's rounded value, which is greater.
#[inline(always)]
fn is_far(between: f32) -> bool {
    between.abs() >= std::f32::consts::PI
}

/// The hue half-way between two.
#[inline(always)]
fn mean_hue(h1: f32, h2: f32) -> f32 {
    ((h1 + h2) + if is_far(h2 - h1) { TURN } else { 0.0 }) * 0.5
}

/// The visibility of a difference of hue at this hue, relative to other hues: the formula's T.
#[inline(always)]
fn hue_weight(hue: f32) -> f32 {
    // The cosines of multiples of the hue are polynomials of its own cosine and sine.
    let (sin, cos) = sine_cosine(hue);
    let even = 1.206_384_8 + cos * (1.272_988 - cos * 0.726_384_8);
    let odd = 0.712_805_2 + cos * (-0.133_796_43 - cos * 1.425_610_4);
    let even = 0.669_201_9 + cos * (-1.101_965_3 + cos * even);
    even + sin * (-0.051_550_89 + cos * odd)
}

/// The interaction of hue and saturation among saturated blues.
#[inline(always)]
fn rotation_of_blue(hue: f32, c_bar: f32) -> f32 {
    let blue = (hue * (180.0 / PI) as f32 - 275.0) * (1.0 / 25.0);
    let power = c_bar * c_bar * c_bar;
    let power = power * power * c_bar;
    let saturated = (power / (power + BEND as f32)).sqrt();
    -2.0 * saturated * sine((PI / 3.0) as f32 * exponential(-(blue * blue)))
}

/// The difference of two colours.
#[inline(always)]
fn weighted(
    (l1, l2): (f32, f32),
    (c1, c2): (f32, f32),
    (h1, h2): (f32, f32),
    hue_weight: f32,
    rotation: f32,
) -> f32 {
    let between = h2 - h1;
    // Subtracting most of a turn from more than half a turn is exact.
    let back = (between - TURN) - TURN_REST;
    let on = (between + TURN) + TURN_REST;
    let turned = if between <= 0.0 { on } else { back };
    let turn = if is_far(between) { turned } else { between };

    let d_l = l2 - l1;
    let d_c = c2 - c1;
    let d_h = 2.0 * (c1 * c2).sqrt() * sine(turn * 0.5);
    let from_grey = (l1 + l2) * 0.5 - 50.0;
    let from_grey = from_grey * from_grey;
    let c_bar = (c1 + c2) * 0.5;
    let s_l = 1.0 + 0.015 * from_grey / (20.0 + from_grey).sqrt();
    let s_c = 1.0 + 0.045 * c_bar;
    let s_h = 1.0 + 0.015 * c_bar * hue_weight;
    let lightness = d_l / (0.65 * s_l);
    let saturation = d_c / s_c;
    let hue = d_h / (4.0 * s_h);
    let squares = lightness * lightness + saturation * saturation + hue * hue;
    (squares + rotation * saturation * hue).sqrt()
}
