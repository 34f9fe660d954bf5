//! From samples to colours of the CIELAB space, a block of pixels at a time.
//!
//! Each step is a plain loop over the block that vectorises, and leaves its results in the
//! first-level cache for the next. Steps in single precision are apart from those in double
//! precision, since they do twice as many pixels at once; and steps are short, so that a processor
//! has several pixels' at hand while it waits for one.
//!
//! The pixels of a block have a sample of chroma each: where chroma has half the columns they are
//! every other one of a row.

use super::functions::{cube_root, near_cube_root, near_fifth_root, power_2_4};
use crate::Sample;

/// Most pixels in a block.
pub(super) const BLOCK: usize = 240;

/// A number of each pixel of a block.
pub(super) type Block<T> = [T; BLOCK];

/// The colours of a block.
#[derive(Clone)]
pub(super) struct Colors {
    /// Lightness.
    pub(super) l: Block<f32>,
    /// Green to red.
    pub(super) a: Block<f32>,
    /// Blue to yellow.
    pub(super) b: Block<f32>,
    /// Saturation: the length of `a` and `b`.
    pub(super) c: Block<f32>,
}

impl Colors {
    pub(super) const fn new() -> Self {
        let zeros = [0.0; BLOCK];
        Self { l: zeros, a: zeros, b: zeros, c: zeros }
    }
}

/// What chroma adds to red, green and blue, for the pixels of a block: the same in all rows and for
/// all columns that share chroma.
pub(super) struct Tint {
    exact: [Block<f64>; 3],
    near: [Block<f32>; 3],
}

/// Numbers of a block between steps.
pub(super) struct Light {
    luma: Block<f32>,
    /// Light: first red, green and blue, then that of the three kinds that the eye tells apart.
    exact: [Block<f64>; 3],
    /// Of each three what begins its root, then how bright it looks.
    near: [Block<f32>; 3],
}

impl Light {
    pub(super) const fn new() -> Self {
        Self { luma: [0.0; BLOCK], exact: [[0.0; BLOCK]; 3], near: [[0.0; BLOCK]; 3] }
    }
}

/// The greatest value of red, green or blue that stands for light in proportion.
const DARK: f64 = 10.0 / 255.0;

/// Brighter values stand for the power 2.4 of `(value + OFFSET) / (1 + OFFSET)`. That is what is
/// computed, from `luma / (1 + OFFSET)` and a tint that holds the rest.
const OFFSET: f64 = 0.055;

/// [`DARK`] so.
const DARK_POWER: f64 = (DARK + OFFSET) / (1.0 + OFFSET);

/// The least light whose cube root tells how bright it looks.
const DIM: f64 = 216.0 / 24389.0;

impl Tint {
    pub(super) const fn new() -> Self {
        Self { exact: [[0.0; BLOCK]; 3], near: [[0.0; BLOCK]; 3] }
    }

    /// That of `n` columns of a row of chroma; what lies beyond the row is as its last sample.
    /// `unit` is a step of 8-bit samples.
    #[inline(always)]
    pub(super) fn read<T: Sample>(&mut self, u: &[T], v: &[T], n: usize, unit: f64) {
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
        for (near, exact) in self.near.iter_mut().zip(&mut self.exact) {
            let last = exact[there - 1];
            exact[there..n].fill(last);
            for i in 0..n {
                near[i] = exact[i] as f32;
            }
        }
    }
}

impl Colors {
    /// Those of the first `n` of the pixels of `luma`, of which every one or, with `across` 1,
    /// every other belongs to the block, with this tint.
    #[inline(always)]
    pub(super) fn read<T: Sample>(
        &mut self,
        luma: &[T],
        (n, across): (usize, u32),
        tint: &Tint,
        unit: f64,
        light: &mut Light,
    ) {
        assert!(n <= BLOCK, "pixels of a block");
        let scale = 1.0 / (219.0 * unit * (1.0 + OFFSET));
        let Light { luma: samples, exact: [x, y, z], near: [near_x, near_y, near_z] } = light;

        if across == 0 {
            read_every::<T, 1>(luma, &mut samples[..n]);
        } else {
            read_every::<T, 2>(luma, &mut samples[..n]);
        }
        let [red, green, blue] = &tint.near;
        for i in 0..n {
            let luma = samples[i] * scale as f32;
            near_x[i] = near_fifth_root(at_least(luma + red[i], DARK_POWER as f32));
            near_y[i] = near_fifth_root(at_least(luma + green[i], DARK_POWER as f32));
            near_z[i] = near_fifth_root(at_least(luma + blue[i], DARK_POWER as f32));
        }
        let [red, green, blue] = &tint.exact;
        for i in 0..n {
            let luma = f64::from(samples[i]) * scale;
            let r = linear(luma + red[i], near_x[i]);
            let g = linear(luma + green[i], near_y[i]);
            let b = linear(luma + blue[i], near_z[i]);
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
            near_x[i] = near_cube_root(at_least(near_x[i], DIM as f32));
            near_y[i] = near_cube_root(at_least(near_y[i], DIM as f32));
            near_z[i] = near_cube_root(at_least(near_z[i], DIM as f32));
        }
        for i in 0..n {
            near_x[i] = perceived(x[i], near_x[i]);
            near_y[i] = perceived(y[i], near_y[i]);
            near_z[i] = perceived(z[i], near_z[i]);
        }
        for i in 0..n {
            let (x, y, z) = (f64::from(near_x[i]), f64::from(near_y[i]), f64::from(near_z[i]));
            self.l[i] = (116.0 * y - 16.0) as f32;
            (self.a[i], self.b[i]) = ((500.0 * (x - y)) as f32, (200.0 * (y - z)) as f32);
            self.c[i] = length(self.a[i], self.b[i]);
        }
    }
}

/// Copies every `STEP`th sample.
#[inline(always)]
fn read_every<T: Sample, const STEP: usize>(from: &[T], to: &mut [f32]) {
    let Some(last) = to.len().checked_sub(1) else { return };
    let from = &from[..STEP * last + 1];
    for i in 0..to.len() {
        let sample: i32 = from[STEP * i].into();
        to[i] = sample as f32;
    }
}

/// The length of a vector.
#[inline(always)]
pub(super) fn length(a: f32, b: f32) -> f32 {
    let (a, b) = (f64::from(a), f64::from(b));
    (a * a + b * b).sqrt() as f32
}

/// The greater of two numbers.
#[inline(always)]
fn at_least(value: f32, least: f32) -> f32 {
    if value > least { value } else { least }
}

/// What light a value of red, green or blue stands for.
#[inline(always)]
fn linear(value: f64, near: f32) -> f64 {
    let dark = value * ((1.0 + OFFSET) / 12.92) - OFFSET / 12.92;
    if value > DARK_POWER { power_2_4(value, near) } else { dark }
}

/// How bright light looks, as single precision keeps it.
#[inline(always)]
fn perceived(light: f64, near: f32) -> f32 {
    let dim = light * (24389.0 / 27.0 / 116.0) + 16.0 / 116.0;
    (if light > DIM { cube_root(light, near) } else { dim }) as f32
}
