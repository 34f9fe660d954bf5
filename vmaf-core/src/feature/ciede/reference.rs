//! The definition of the difference of two colours.
//!
//! Rounding to single precision, as in libvmaf, decides the result for colours that are nearly
//! alike: [`single`] marks each such place. `libm` gives the functions.

#![cfg(test)]

use std::f64::consts::PI;

use crate::{Frame, Sample};

/// A number rounded to single precision.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

/// The mean difference of two frames.
pub(super) fn mean<T: Sample>(reference: &Frame, distorted: &Frame) -> f64 {
    let (width, height) = reference.format().plane_size(0);
    let mut sum = 0.0;
    for y in 0..height {
        for x in 0..width {
            sum += difference(lab(pixel::<T>(reference, x, y)), lab(pixel::<T>(distorted, x, y)));
        }
    }
    sum / (width * height) as f64
}

/// A pixel's luma and chroma, 0 to 1 and -0.5 to 0.5; the nearest chroma to the left and above.
fn pixel<T: Sample>(frame: &Frame, x: usize, y: usize) -> [f64; 3] {
    let format = frame.format();
    let sample = |index: usize| {
        let (across, down) = if index == 0 { (0, 0) } else { format.chroma.shifts() };
        let (width, height) = format.plane_size(index);
        let row = frame.plane::<T>(index).row((y >> down).min(height - 1));
        let sample: u32 = row[(x >> across).min(width - 1)].into();
        f64::from(sample)
    };
    let unit = f64::from(1_u32 << (format.bit_depth - 8));
    [
        (sample(0) - 16.0 * unit) * (1.0 / (219.0 * unit)),
        (sample(1) - 128.0 * unit) * (1.0 / (224.0 * unit)),
        (sample(2) - 128.0 * unit) * (1.0 / (224.0 * unit)),
    ]
}

/// The CIELAB colour of BT.709 luma and chroma: lightness, green to red, blue to yellow.
pub(super) fn lab([y, u, v]: [f64; 3]) -> [f64; 3] {
    let r = linear(y + 1.28033 * v);
    let g = linear(y - 0.21482 * u - 0.38059 * v);
    let b = linear(y + 2.12798 * u);
    let x = r * 0.4124564390896921 + g * 0.357576077643909 + b * 0.18043748326639894;
    let y = r * 0.21267285140562248 + g * 0.715152155287818 + b * 0.07217499330655958;
    let z = r * 0.019333895582329317 + g * 0.119192025881303 + b * 0.9503040785363677;
    let (x, y, z) = (perceived(x * (1.0 / 0.95047)), perceived(y), perceived(z * (1.0 / 1.08883)));
    [single(116.0 * y - 16.0), single(500.0 * (x - y)), single(200.0 * (y - z))]
}

/// The light that a value of red, green or blue stands for.
fn linear(value: f64) -> f64 {
    if value > 10.0 / 255.0 {
        libm::pow((value + 0.055) * (1.0 / 1.055), 2.4)
    } else {
        value * (1.0 / 12.92)
    }
}

/// The perceived brightness of light.
fn perceived(light: f64) -> f64 {
    single(if light > 216.0 / 24389.0 {
        libm::pow(light, 1.0 / 3.0)
    } else {
        (24389.0 / 27.0 * light + 16.0) * (1.0 / 116.0)
    })
}

/// The CIEDE2000 difference of two colours.
pub(super) fn difference([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    let length = |a: f64, b: f64| single((a * a + b * b).sqrt());

    // Red is stretched among greys.
    let (c1, c2) = (length(a1, b1), length(a2, b2));
    let c_bar = single(c1 + c2) / 2.0;
    let saturated = libm::pow(c_bar, 7.0) / (libm::pow(c_bar, 7.0) + libm::pow(25.0, 7.0));
    let stretched = |a: f64| single(a + a / 2.0 * (1.0 - saturated.sqrt()));
    let (a1, a2) = (stretched(a1), stretched(a2));
    let (c1_prime, c2_prime) = (length(a1, b1), length(a2, b2));
    let c_bar = single(c1_prime + c2_prime) / 2.0;

    let hue_of = |a: f64, b: f64| {
        let angle = single(libm::atan2(b, a));
        if a == 0.0 && b == 0.0 {
            0.0
        } else if angle < 0.0 {
            single(angle + 2.0 * PI)
        } else {
            angle
        }
    };
    let (h1, h2) = (hue_of(a1, b1), hue_of(a2, b2));
    let far = single(h1 - h2).abs() > PI;
    let turn = if c1 == 0.0 || c2 == 0.0 {
        0.0
    } else if !far {
        single(h2 - h1)
    } else if h2 <= h1 {
        single(single(h2 - h1) + 2.0 * PI)
    } else {
        single(single(h2 - h1) - 2.0 * PI)
    };
    let h_bar =
        if far { single((single(h1 + h2) + 2.0 * PI) / 2.0) } else { single(h1 + h2) / 2.0 };

    // The differences of lightness, saturation and hue, and what each is divided by.
    let d_l = single(l2 - l1);
    let d_c = single(c2_prime - c1_prime);
    let d_h = single(2.0 * single(c1_prime * c2_prime).sqrt() * libm::sin(turn / 2.0));
    let from_grey = single(single(l1 + l2) / 2.0 - 50.0);
    let from_grey = from_grey * from_grey;
    let s_l = single(1.0 + 0.015 * from_grey / (20.0 + from_grey).sqrt());
    let s_c = single(1.0 + 0.045 * c_bar);
    let t = single(
        1.0 - 0.17 * libm::cos(h_bar - PI / 6.0)
            + 0.24 * libm::cos(2.0 * h_bar)
            + 0.32 * libm::cos(3.0 * h_bar + PI / 30.0)
            - 0.20 * libm::cos(4.0 * h_bar - 7.0 * PI / 20.0),
    );
    let s_h = single(1.0 + 0.015 * c_bar * t);
    let lightness = single(d_l / single(f64::from(0.65_f32) * s_l));
    let saturation = single(d_c / s_c);
    let hue = single(d_h / single(4.0 * s_h));

    // Among saturated blues, hue and saturation work together.
    let blue = single((single(h_bar * (180.0 / PI)) - 275.0) * (1.0 / 25.0));
    let blue = single(60.0 * libm::exp(-single(blue * blue)));
    let power = single(libm::pow(c_bar, 7.0));
    let saturated = single(power / single(power + single(libm::pow(25.0, 7.0))));
    let rotation = single(-2.0 * saturated.sqrt() * libm::sin(single(blue * (PI / 180.0))));
    let squares = lightness * lightness + saturation * saturation + hue * hue;
    single((squares + single(single(rotation * saturation) * hue)).sqrt())
}
