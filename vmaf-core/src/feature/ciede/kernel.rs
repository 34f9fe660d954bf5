//! The differences of colours, fast: row by row, each of its two steps a plain loop over
//! [`functions`](super::functions) that vectorises across pixels. The reference's colours are
//! computed once for all encodes.

use std::f64::consts::PI;

use fearless_simd::Simd;

use super::functions::{angle, cube_root, exponential, power_2_4, sine, sine_cosine};
use crate::simd::Kernel;
use crate::{Frame, Sample};

/// A row's colours: lightness, green to red, blue to yellow.
struct Colors {
    l: Vec<f32>,
    a: Vec<f32>,
    b: Vec<f32>,
}

impl Colors {
    fn new(width: usize) -> Self {
        let row = vec![0.0; width];
        Self { l: row.clone(), a: row.clone(), b: row }
    }
}

/// Rows that are reused.
pub(super) struct Workspace {
    /// Luma and chroma at luma's resolution.
    samples: [Vec<i32>; 3],
    reference: Colors,
    distorted: Colors,
    differences: Vec<f32>,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        Self {
            samples: [vec![0; width], vec![0; width], vec![0; width]],
            reference: Colors::new(width),
            distorted: Colors::new(width),
            differences: vec![0.0; width],
        }
    }
}

/// Partial sums that run side by side, the same number at every level.
const SUMS: usize = 16;

/// The sum over the frame of the difference of colours, for each encode.
pub(super) struct Differences<'a, T> {
    pub(super) reference: &'a Frame,
    pub(super) distorted: &'a [&'a Frame],
    pub(super) workspace: &'a mut Workspace,
    /// The type of samples.
    pub(super) samples: std::marker::PhantomData<T>,
}

impl<T: Sample> Kernel for Differences<'_, T> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Vec<f64> {
        let format = self.reference.format();
        let unit = f64::from(1_u32 << (format.bit_depth - 8));
        let mut sums = vec![[0.0; SUMS]; self.distorted.len()];
        let Workspace { samples, reference, distorted, differences } = self.workspace;
        for y in 0..format.height as usize {
            read::<T>(self.reference, y, samples);
            to_lab(samples, unit, reference);
            for (frame, sums) in self.distorted.iter().zip(&mut sums) {
                read::<T>(frame, y, samples);
                to_lab(samples, unit, distorted);
                compare(reference, distorted, differences);
                add(differences, sums);
            }
        }
        sums.iter().map(|sums| sums.iter().sum()).collect()
    }
}

/// Reads row `y`, with chroma repeated to luma's resolution.
#[inline(always)]
fn read<T: Sample>(frame: &Frame, y: usize, samples: &mut [Vec<i32>; 3]) {
    let (across, down) = frame.format().chroma.shifts();
    for (to, from) in samples[0].iter_mut().zip(frame.plane::<T>(0).row(y)) {
        *to = (*from).into();
    }
    for index in 1..3 {
        let plane = frame.plane::<T>(index);
        // Planes of odd sizes are rounded down: the last row and column are there once more.
        let row = plane.row((y >> down).min(plane.height() - 1));
        let samples = &mut samples[index][..];
        if across == 0 {
            for (to, from) in samples.iter_mut().zip(row) {
                *to = (*from).into();
            }
        } else {
            for (to, from) in samples.chunks_exact_mut(2).zip(row) {
                let sample = (*from).into();
                to[0] = sample;
                to[1] = sample;
            }
            if samples.len() % 2 == 1 {
                samples[samples.len() - 1] = row[row.len() - 1].into();
            }
        }
    }
}

/// A number as single precision keeps it.
#[inline(always)]
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

#[inline(always)]
fn to_lab(samples: &[Vec<i32>; 3], unit: f64, colors: &mut Colors) {
    let width = colors.l.len();
    let [y, u, v] = samples;
    let (y, u, v) = (&y[..width], &u[..width], &v[..width]);
    let (l, a, b) = (&mut colors.l[..width], &mut colors.a[..width], &mut colors.b[..width]);
    let (luma, chroma) = (1.0 / (219.0 * unit), 1.0 / (224.0 * unit));
    for i in 0..width {
        let y = (f64::from(y[i]) - 16.0 * unit) * luma;
        let u = (f64::from(u[i]) - 128.0 * unit) * chroma;
        let v = (f64::from(v[i]) - 128.0 * unit) * chroma;
        let red = linear(y + 1.28033 * v);
        let green = linear(y - 0.21482 * u - 0.38059 * v);
        let blue = linear(y + 2.12798 * u);
        let x = red * 0.4124564390896921 + green * 0.357576077643909 + blue * 0.18043748326639894;
        let y = red * 0.21267285140562248 + green * 0.715152155287818 + blue * 0.07217499330655958;
        let z = red * 0.019333895582329317 + green * 0.119192025881303 + blue * 0.9503040785363677;
        let x = perceived(x * (1.0 / 0.95047));
        let y = perceived(y);
        let z = perceived(z * (1.0 / 1.08883));
        l[i] = (116.0 * y - 16.0) as f32;
        a[i] = (500.0 * (x - y)) as f32;
        b[i] = (200.0 * (y - z)) as f32;
    }
}

/// What light a value of red, green or blue stands for.
#[inline(always)]
fn linear(value: f64) -> f64 {
    let bright = value > 10.0 / 255.0;
    let power = power_2_4((if bright { value } else { 1.0 } + 0.055) * (1.0 / 1.055));
    if bright { power } else { value * (1.0 / 12.92) }
}

/// How bright light looks.
#[inline(always)]
fn perceived(light: f64) -> f64 {
    let bright = light > 216.0 / 24389.0;
    let root = cube_root(if bright { light } else { 1.0 });
    single(if bright { root } else { (24389.0 / 27.0 * light + 16.0) * (1.0 / 116.0) })
}

#[inline(always)]
fn compare(reference: &Colors, distorted: &Colors, differences: &mut [f32]) {
    let width = differences.len();
    let (l1, a1, b1) = (&reference.l[..width], &reference.a[..width], &reference.b[..width]);
    let (l2, a2, b2) = (&distorted.l[..width], &distorted.a[..width], &distorted.b[..width]);
    for i in 0..width {
        let first = [f64::from(l1[i]), f64::from(a1[i]), f64::from(b1[i])];
        let second = [f64::from(l2[i]), f64::from(a2[i]), f64::from(b2[i])];
        differences[i] = difference(first, second);
    }
}

/// The length of a vector.
#[inline(always)]
fn length(a: f64, b: f64) -> f64 {
    single((a * a + b * b).sqrt())
}

/// The seventh power.
#[inline(always)]
fn seventh(x: f64) -> f64 {
    let square = x * x;
    let cube = square * x;
    cube * cube * x
}

/// A colour's hue, from 0 to 2 pi.
#[inline(always)]
fn hue(a: f64, b: f64) -> f64 {
    let angle = single(angle(b, a));
    if angle < 0.0 { single(angle + 2.0 * PI) } else { angle }
}

/// The definition's difference, with the cosines of multiples of the hue from that of the hue.
#[inline(always)]
pub(super) fn difference([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f32 {
    const SEVENTH_OF_25: f64 = 6_103_515_625.0;

    let (c1, c2) = (length(a1, b1), length(a2, b2));
    let power = seventh(single(c1 + c2) * 0.5);
    let stretch = 1.0 - (power / (power + SEVENTH_OF_25)).sqrt();
    let (a1, a2) = (single(a1 + a1 * 0.5 * stretch), single(a2 + a2 * 0.5 * stretch));
    let (c1_prime, c2_prime) = (length(a1, b1), length(a2, b2));
    let c_bar = single(c1_prime + c2_prime) * 0.5;

    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let between = single(h2 - h1);
    let far = between.abs() > PI;
    let whole_turn = if between <= 0.0 { 2.0 * PI } else { -2.0 * PI };
    let turn = if far { single(between + whole_turn) } else { between };
    let turn = if (c1 == 0.0) | (c2 == 0.0) { 0.0 } else { turn };
    let h_bar = single((single(h1 + h2) + if far { 2.0 * PI } else { 0.0 }) * 0.5);

    let d_l = single(l2 - l1);
    let d_c = single(c2_prime - c1_prime);
    let d_h = single(2.0 * single(c1_prime * c2_prime).sqrt() * sine(turn * 0.5));
    let from_grey = single(single(l1 + l2) * 0.5 - 50.0);
    let from_grey = from_grey * from_grey;
    let s_l = single(1.0 + 0.015 * from_grey / (20.0 + from_grey).sqrt());
    let s_c = single(1.0 + 0.045 * c_bar);

    let (sin, cos) = sine_cosine(h_bar);
    let (sin_2, cos_2) = (2.0 * sin * cos, cos * cos - sin * sin);
    let (sin_3, cos_3) = (sin_2 * cos + cos_2 * sin, cos_2 * cos - sin_2 * sin);
    let (sin_4, cos_4) = (2.0 * sin_2 * cos_2, cos_2 * cos_2 - sin_2 * sin_2);
    // Cosine and sine of 30, 6 and 63 degrees.
    let t = single(
        1.0 - 0.17 * (cos * 0.866_025_403_784_438_6 + sin * 0.5)
            + 0.24 * cos_2
            + 0.32 * (cos_3 * 0.994_521_895_368_273_3 - sin_3 * 0.104_528_463_267_653_46)
            - 0.20 * (cos_4 * 0.453_990_499_739_546_8 + sin_4 * 0.891_006_524_188_367_8),
    );
    let s_h = single(1.0 + 0.015 * c_bar * t);
    let lightness = single(d_l / single(0.65_f32 as f64 * s_l));
    let saturation = single(d_c / s_c);
    let hue = single(d_h / single(4.0 * s_h));

    let blue = single((single(h_bar * (180.0 / PI)) - 275.0) * (1.0 / 25.0));
    let blue = single(60.0 * exponential(-single(blue * blue)));
    let power = single(seventh(c_bar));
    let saturated = single(power / single(power + single(SEVENTH_OF_25)));
    let rotation = single(-2.0 * saturated.sqrt() * sine(single(blue * (PI / 180.0))));
    let squares = lightness * lightness + saturation * saturation + hue * hue;
    (squares + single(single(rotation * saturation) * hue)).sqrt() as f32
}

/// Adds a row's differences.
#[inline(always)]
fn add(differences: &[f32], sums: &mut [f64; SUMS]) {
    let mut sum = *sums;
    let blocks = differences.chunks_exact(SUMS);
    for (k, value) in blocks.remainder().iter().enumerate() {
        sum[k] += f64::from(*value);
    }
    for block in blocks {
        for k in 0..SUMS {
            sum[k] += f64::from(block[k]);
        }
    }
    *sums = sum;
}
