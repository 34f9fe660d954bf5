//! CAMBI of one picture, fast.
//!
//! ```text
//! c(p) = max over steps k of  weight(k) * n(0) n(k) / (n(0) + n(k))
//! value = sum over scales s of  2^(4 - s) * mean of the greatest c(p) of the scale / window^2
//! ```
//!
//! `n(0)` is the number of pixels in the window around `p` that have its value, `n(k)` the greater
//! of the numbers that are `k` above and `k` below it. Only pixels in smooth places count, and only
//! steps that are visible at that brightness.
//!
//! The passes, in [`Group::measure`]:
//!
//! 1. [`prepare`]: the picture at the size to be measured, in 10 bits, smoothed if there may be
//!    dither, and the mask of its smooth places; a strip of rows at a time. At high resolutions,
//!    `Halve` takes every other sample. Each strip goes through the passes of the first scale at
//!    once.
//! 2. [`scale`]: every sample becomes the most frequent of its neighbourhood, across and then down,
//!    which removes noise; every other sample is the next scale's picture.
//! 3. [`histogram`]: the counts in the window, as it moves down, and the contrasts `c(p)`.
//! 4. [`pooling`]: the mean of the greatest.
//!
//! Passes 2 to 4 are repeated for each of five scales. Measurements whose pictures are prepared in
//! the same way form a [`Group`] and share the first pass.

pub(super) mod histogram;
mod picture;
pub(super) mod pooling;
pub(super) mod prepare;
mod scale;

use picture::{Picture, halve};
use pooling::MeanOfTop;
use prepare::{Prepare, Preparer, STRIP};
use scale::{Measurer, TakeRows};

use super::SCALES;
use super::settings::{Measurement, combined};
use crate::simd::Kernel;
use crate::{Level, Plane, Sample};

/// The pictures that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Encode,
    Reference,
}

/// Measurements with the same preparation.
pub(super) struct Group {
    pub(super) requests: Vec<MeasurementRequest>,
}

/// A requested measurement, and the values that variants take from it.
pub(super) struct MeasurementRequest {
    pub(super) measurement: Measurement,
    /// The shares of pixels that are pooled.
    pub(super) shares: Vec<f64>,
    /// True if it is made of encodes, and of the reference.
    pub(super) sides: [bool; 2],
    /// True if its maps are wanted.
    pub(super) with_maps: bool,
}

/// Memory of one thread for one group.
pub(super) struct Memory {
    preparer: Preparer,
    /// The strip at half the size.
    half: Picture,
    measurers: Vec<Measurer>,
    /// For pooling.
    bin: Vec<f32>,
}

/// The picture that a group measures.
pub(super) struct Source<'a, T> {
    pub(super) plane: &'a Plane<T>,
    pub(super) depth: u8,
    pub(super) side: Side,
}

/// Takes the maps of a picture: the measurement's index, the scale, and the contrast of each pixel.
pub(super) type OnMap<'a> = &'a mut dyn FnMut(usize, usize, &[f32]);

impl Group {
    /// A group that takes one measurement, with maps.
    pub(super) fn with_one(measurement: &Measurement, shares: &[f64]) -> Self {
        let request = MeasurementRequest {
            measurement: measurement.clone(),
            shares: shares.to_vec(),
            sides: [true, false],
            with_maps: true,
        };
        Self { requests: vec![request] }
    }

    /// Memory for sources of a size.
    pub(super) fn memory(&self, source: (usize, usize)) -> Memory {
        let measurer = |request: &MeasurementRequest| {
            let mut measurer = Measurer::new(&request.measurement);
            if request.with_maps {
                measurer.make_maps();
            }
            measurer
        };
        Memory {
            preparer: Preparer::new(&self.requests[0].measurement.preparation, source),
            half: Picture::default(),
            measurers: self.requests.iter().map(measurer).collect(),
            bin: Vec::new(),
        }
    }

    /// The picture's banding, by measurement and share; empty for measurements that are not made of
    /// its side.
    pub(super) fn measure<T: Sample>(
        &self,
        level: Level,
        source: &Source<'_, T>,
        memory: &mut Memory,
        on_map: OnMap<'_>,
    ) -> Vec<Vec<f64>> {
        let taken: Vec<bool> =
            self.requests.iter().map(|request| request.sides[source.side as usize]).collect();
        let mut values = vec![Vec::new(); taken.len()];
        if !taken.contains(&true) {
            return values;
        }
        first_scale(level, source, &taken, memory);
        let bin = &mut memory.bin;
        for (index, measurer) in memory.measurers.iter_mut().enumerate() {
            if !taken[index] {
                continue;
            }
            let MeasurementRequest { measurement, shares, with_maps, .. } = &self.requests[index];
            let mut scales = vec![[0.0; SCALES]; shares.len()];
            for scale in 0..SCALES {
                if scale > 0 {
                    let picture = measurer.start(scale);
                    let rows = picture.rows;
                    level.run(TakeRows { measurer, picture: &picture, first: 0, rows });
                    measurer.give_back(picture);
                }
                let (width, height) = measurement.size(scale);
                for (scales, &share) in scales.iter_mut().zip(shares) {
                    let (values, pixels) = (measurer.values(), width * height);
                    scales[scale] = level.run(MeanOfTop { values, pixels, share, bin: &mut *bin });
                }
                if *with_maps {
                    on_map(index, scale, measurer.map());
                }
            }
            let window = measurement.window;
            values[index] = scales.iter().map(|scales| combined(scales, window)).collect();
        }
        values
    }
}

/// Prepares the picture strip by strip, and measures each strip at the first scale.
fn first_scale<T: Sample>(
    level: Level,
    source: &Source<'_, T>,
    taken: &[bool],
    memory: &mut Memory,
) {
    let Memory { preparer, half, measurers, .. } = memory;
    let (plane, depth) = (source.plane, source.depth);
    let mut taken: Vec<&mut Measurer> =
        measurers.iter_mut().zip(taken).filter(|(_, taken)| **taken).map(|it| it.0).collect();
    for measurer in &mut taken {
        measurer.start(0);
    }
    let halves = |measurer: &Measurer| measurer.measurement().halve;
    let even_rows = taken.iter().all(|measurer| halves(measurer));
    let any_halves = taken.iter().any(|measurer| halves(measurer));
    let height = taken[0].measurement().preparation.height;
    for first in (0..height).step_by(STRIP) {
        level.run(Prepare { plane, depth, first, even_rows, preparer: &mut *preparer });
        let (strip, rows) = (&preparer.strip, preparer.rows());
        if any_halves {
            level.run(Halve { strip, rows, half });
        }
        for measurer in &mut taken {
            level.run(if halves(measurer) {
                TakeRows { picture: half, first: first / 2, rows: half.rows, measurer }
            } else {
                TakeRows { picture: strip, first, rows, measurer }
            });
        }
    }
}

/// Takes every other sample of every other row of a strip.
struct Halve<'a> {
    strip: &'a Picture,
    rows: usize,
    half: &'a mut Picture,
}

impl Kernel for Halve<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: fearless_simd::Simd>(self, _simd: S) {
        let Self { strip, rows, half } = self;
        half.resize(strip.width.div_ceil(2), rows.div_ceil(2));
        let (width, stride) = (half.width, half.stride);
        for row in 0..half.rows {
            let samples = &strip.samples(2 * row)[..strip.width];
            halve(samples, &mut half.samples[row * stride..][..width]);
            let mask = &strip.mask(2 * row)[..strip.width];
            halve(mask, &mut half.mask[row * stride..][..width]);
        }
    }
}
