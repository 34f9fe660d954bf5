//! From samples to colours of the CIELAB space, a block of pixels at a time.
//!
//! Each step is a plain loop over the block that vectorises, and leaves its results in the
//! first-level cache for the next. Steps in single precision are apart from those in double
//! precision, since they do twice as many pixels at once; and steps are short, so that a processor
//! has several pixels' at hand while it waits for one. What the definition keeps in single precision
//! is rounded so but stays in double: converting it to and fro costs more than rounding.
//!
//! The pixels of a block have a sample of chroma each: where chroma has half the columns they are
//! every other one of a row.

use std::hint::select_unpredictable;

use fearless_simd::Simd;

use super::functions::{
    cube_root, near_cube_root, near_fifth_root, power_2_4, rounded, rounded_to_even,
};
use crate::Sample;

/// Most pixels in a block.
pub(in crate::feature::ciede) const BLOCK: usize = 240;

/// Numbers that the least is looked for among at once; divides [`BLOCK`].
const LEAST: usize = 16;

/// A number of each pixel of a block.
pub(in crate::feature::ciede) type Block<T> = [T; BLOCK];

/// The colours of a block.
#[derive(Clone)]
#[repr(align(64))]
pub(in crate::feature::ciede) struct Colors {
    /// Lightness.
    pub(in crate::feature::ciede) l: Block<f32>,
    /// Green to red.
    pub(in crate::feature::ciede) a: Block<f64>,
    /// Blue to yellow.
    pub(in crate::feature::ciede) b: Block<f64>,
    /// Saturation: the length of `a` and `b`.
    pub(in crate::feature::ciede) c: Block<f64>,
}

impl Colors {
    pub(in crate::feature::ciede) const fn new() -> Self {
        let zeros = [0.0; BLOCK];
        Self { l: [0.0; BLOCK], a: zeros, b: zeros, c: zeros }
    }
}

/// The contribution of chroma to red, green and blue, for the pixels of a block: the same for all
/// rows and columns that share chroma.
#[repr(align(64))]
pub(in crate::feature::ciede) struct Tint {
    exact: [Block<f64>; 3],
    near: [Block<f32>; 3],
    /// The least of all.
    least: f32,
}

/// Numbers of a block between steps.
#[repr(align(64))]
pub(in crate::feature::ciede) struct Light {
    samples: Block<f32>,
    /// The samples, scaled.
    luma: Block<f64>,
    /// Light: first red, green and blue, then the light of the three kinds that the eye
    /// distinguishes, then the perceived brightness of each.
    exact: [Block<f64>; 3],
    /// The starting value of each root.
    near: [Block<f32>; 3],
}

impl Light {
    pub(in crate::feature::ciede) const fn new() -> Self {
        Self {
            samples: [0.0; BLOCK],
            luma: [0.0; BLOCK],
            exact: [[0.0; BLOCK]; 3],
            near: [[0.0; BLOCK]; 3],
        }
    }
}

/// The greatest value of red, green or blue that is proportional to light.
const DARK: f64 = 10.0 / 255.0;

/// Brighter values stand for the power 2.4 of `(value + OFFSET) / (1 + OFFSET)`, which is computed
/// from `luma / (1 + OFFSET)` and a tint that holds the rest.
const OFFSET: f64 = 0.055;

/// [`DARK`] in that form.
const DARK_POWER: f64 = (DARK + OFFSET) / (1.0 + OFFSET);

/// The least light whose perceived brightness is its cube root.
const DIM: f64 = 216.0 / 24389.0;

/// If red, green and blue all exceed this value, whose power is a light above [`DIM`], so does each
/// kind of light, which is a mean of theirs.
const BRIGHT_POWER: f64 = 0.14;

impl Tint {
    pub(in crate::feature::ciede) const fn new() -> Self {
        Self { exact: [[0.0; BLOCK]; 3], near: [[0.0; BLOCK]; 3], least: 0.0 }
    }

    /// Computes the tint of `n` columns of a row of chroma; past the end of the row its last sample
    /// is repeated. `unit` is one step of 8-bit samples.
    #[inline(always)]
    pub(in crate::feature::ciede) fn read<T: Sample>(
        &mut self,
        u: &[T],
        v: &[T],
        n: usize,
        unit: f64,
    ) {
        let scale = 1.0 / (224.0 * unit * (1.0 + OFFSET));
        let constant = (OFFSET - 16.0 / 219.0) / (1.0 + OFFSET);
        let [red, green, blue] = &mut self.exact;
        let there = n.min(u.len()).min(BLOCK);
        let (u, v) = (&u[..there], &v[..there]);
        for i in 0..there {
            let (u, v): (i32, i32) = (u[i].into(), v[i].into());
            let u = (f64::from(u) - 128.0 * unit) * scale;
            let v = (f64::from(v) - 128.0 * unit) * scale;
            red[i] = constant + 1.28033 * v;
            green[i] = constant - 0.21482 * u - 0.38059 * v;
            blue[i] = constant + 2.12798 * u;
        }
        let mut least = [f32::MAX; LEAST];
        for (near, exact) in self.near.iter_mut().zip(&mut self.exact) {
            let last = exact[there - 1];
            exact[there..n.next_multiple_of(LEAST)].fill(last);
            for (near, exact) in near[..n.next_multiple_of(LEAST)]
                .chunks_exact_mut(LEAST)
                .zip(exact.chunks_exact(LEAST))
            {
                for k in 0..LEAST {
                    near[k] = exact[k] as f32;
                    least[k] = if near[k] < least[k] { near[k] } else { least[k] };
                }
            }
        }
        self.least = least.into_iter().fold(f32::MAX, f32::min);
    }
}

impl Colors {
    /// Reads the first `n` pixels of the block from `luma`, of which every pixel or, if `across` is
    /// 1, every other one belongs to the block, with this tint.
    #[inline(always)]
    pub(in crate::feature::ciede) fn read<S: Simd, T: Sample>(
        &mut self,
        simd: S,
        luma: &[T],
        (n, across): (usize, u32),
        tint: &Tint,
        unit: f64,
        light: &mut Light,
    ) {
        let scale = 1.0 / (219.0 * unit * (1.0 + OFFSET));
        let (samples, scaled) = (&mut light.samples[..n], &mut light.luma[..n]);
        let least = if across == 0 {
            read_every::<T, 1>(luma, scale, samples, scaled)
        } else {
            read_every::<T, 2>(luma, scale, samples, scaled)
        };
        let is_bright = f64::from(least) * scale + f64::from(tint.least) > BRIGHT_POWER;
        self.convert_block(simd, is_bright, n, scale, tint, light);
    }

    /// Converts the luma in `light` to colours.
    // A function of its own, by `vectorize`, so that it is compiled once for all types of samples.
    #[inline(always)]
    fn convert_block<S: Simd>(
        &mut self,
        simd: S,
        is_bright: bool,
        n: usize,
        scale: f64,
        tint: &Tint,
        light: &mut Light,
    ) {
        simd.vectorize(
            #[inline(always)]
            move || match is_bright {
                true => self.convert::<true>(n, scale, tint, light),
                false => self.convert::<false>(n, scale, tint, light),
            },
        );
    }

    /// Converts the luma in `light` to colours. With `BRIGHT` no value is dark or dim enough for
    /// the linear part of either curve.
    #[inline(always)]
    fn convert<const BRIGHT: bool>(
        &mut self,
        n: usize,
        scale: f64,
        tint: &Tint,
        light: &mut Light,
    ) {
        assert!(n <= BLOCK, "pixels of a block");
        let Light { samples, luma, exact: [x, y, z], near: [near_x, near_y, near_z] } = light;
        let [red, green, blue] = &tint.near;
        for i in 0..n {
            let luma = samples[i] * scale as f32;
            near_x[i] = near_power::<BRIGHT>(luma + red[i]);
            near_y[i] = near_power::<BRIGHT>(luma + green[i]);
            near_z[i] = near_power::<BRIGHT>(luma + blue[i]);
        }
        let lights = [(&mut *x, &*near_x), (&mut *y, &*near_y), (&mut *z, &*near_z)];
        for (tint, (light, near)) in tint.exact.iter().zip(lights) {
            for i in 0..n {
                light[i] = linear::<BRIGHT>(luma[i] + tint[i], near[i]);
            }
        }
        for i in 0..n {
            let (r, g, b) = (x[i], y[i], z[i]);
            x[i] = r * (0.4124564390896921 / 0.95047)
                + g * (0.357576077643909 / 0.95047)
                + b * (0.18043748326639894 / 0.95047);
            y[i] = r * 0.21267285140562248 + g * 0.715152155287818 + b * 0.07217499330655958;
            z[i] = r * (0.019333895582329317 / 1.08883)
                + g * (0.119192025881303 / 1.08883)
                + b * (0.9503040785363677 / 1.08883);
            (near_x[i], near_y[i], near_z[i]) = (x[i] as f32, y[i] as f32, z[i] as f32);
        }
        for i in 0..n {
            near_x[i] = near_perceived::<BRIGHT>(near_x[i]);
            near_y[i] = near_perceived::<BRIGHT>(near_y[i]);
            near_z[i] = near_perceived::<BRIGHT>(near_z[i]);
        }
        for i in 0..n {
            x[i] = perceived::<BRIGHT>(x[i], near_x[i]);
            y[i] = perceived::<BRIGHT>(y[i], near_y[i]);
            z[i] = perceived::<BRIGHT>(z[i], near_z[i]);
        }
        for i in 0..n {
            let (x, y, z) = (x[i], y[i], z[i]);
            self.l[i] = (116.0 * y - 16.0) as f32;
            self.a[i] = rounded_to_even(500.0 * (x - y));
            self.b[i] = rounded_to_even(200.0 * (y - z));
            self.c[i] = length(self.a[i], self.b[i]);
        }
    }
}

/// Copies every `STEP`th sample, as it is and scaled; returns the least.
#[inline(always)]
fn read_every<T: Sample, const STEP: usize>(
    from: &[T],
    scale: f64,
    to: &mut [f32],
    scaled: &mut [f64],
) -> i32 {
    let Some(last) = to.len().checked_sub(1) else { return 0 };
    let (from, scaled) = (&from[..STEP * last + 1], &mut scaled[..to.len()]);
    let mut least = i32::MAX;
    for i in 0..to.len() {
        let sample: i32 = from[STEP * i].into();
        least = least.min(sample);
        to[i] = sample as f32;
        scaled[i] = f64::from(sample) * scale;
    }
    least
}

/// The length of a vector, as single precision has it.
#[inline(always)]
pub(in crate::feature::ciede) fn length(a: f64, b: f64) -> f64 {
    rounded((a * a + b * b).sqrt())
}

/// The greater of two numbers.
#[inline(always)]
fn at_least(value: f32, least: f32) -> f32 {
    if value > least { value } else { least }
}

/// The starting value for the power of a value of red, green or blue.
#[inline(always)]
fn near_power<const BRIGHT: bool>(value: f32) -> f32 {
    near_fifth_root(if BRIGHT { value } else { at_least(value, DARK_POWER as f32) })
}

/// The starting value for the cube root of light.
#[inline(always)]
fn near_perceived<const BRIGHT: bool>(light: f32) -> f32 {
    near_cube_root(if BRIGHT { light } else { at_least(light, DIM as f32) })
}

/// The light that a value of red, green or blue stands for. Both branches are computed: behind a
/// branch even reading `near` would be masked.
#[inline(always)]
fn linear<const BRIGHT: bool>(value: f64, near: f32) -> f64 {
    let dark = value * ((1.0 + OFFSET) / 12.92) - OFFSET / 12.92;
    select_unpredictable(BRIGHT || value > DARK_POWER, power_2_4(value, near), dark)
}

/// The perceived brightness of light, rounded to single precision.
#[inline(always)]
fn perceived<const BRIGHT: bool>(light: f64, near: f32) -> f64 {
    let dim = light * (24389.0 / 27.0 / 116.0) + 16.0 / 116.0;
    rounded(select_unpredictable(BRIGHT || light > DIM, cube_root(light, near), dim))
}
