//! The definition of a picture's banding.

#![cfg(test)]

use super::kernel::histogram::reciprocal;
use super::kernel::prepare::{SIDE, mask_threshold, places};
use super::settings::{Measurement, VisibleContrasts, combined};
use super::{LEVELS, SCALES};
use crate::{Plane, Sample};

/// A picture, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Image<T> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<T>,
}

impl<T: Copy> Image<T> {
    fn new(width: usize, height: usize, mut value: impl FnMut(usize, usize) -> T) -> Self {
        let values = (0..width * height).map(|i| value(i % width, i / width)).collect();
        Self { width, height, values }
    }

    fn at(&self, x: usize, y: usize) -> T {
        self.values[y * self.width + x]
    }

    /// Every other sample of every other row.
    fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        Self::new(width, height, |x, y| self.at(2 * x, 2 * y))
    }
}

/// The banding of a picture, and each scale's contrasts.
pub(super) fn banding<T: Sample>(
    plane: &Plane<T>,
    depth: u8,
    measurement: &Measurement,
    share: f64,
) -> (f64, Vec<Image<f32>>) {
    let mut samples = prepared(plane, depth, measurement);
    let mut mask = mask(&samples);
    let mut values = [0.0; SCALES];
    let mut scales = Vec::new();
    for (scale, value) in values.iter_mut().enumerate() {
        if scale > 0 || measurement.halve {
            (samples, mask) = (samples.halved(), mask.halved());
        }
        samples = filtered(&samples);
        let contrasts = contrasts(&samples, &mask, measurement);
        *value = mean_of_top(&contrasts.values, share);
        scales.push(contrasts);
    }
    (combined(&values, measurement.window), scales)
}

/// The picture in samples of 10 bits, at the size and with the smoothing asked for.
fn prepared<T: Sample>(plane: &Plane<T>, depth: u8, measurement: &Measurement) -> Image<u16> {
    let preparation = &measurement.preparation;
    let (width, height) = (preparation.width, preparation.height);
    let columns = places(plane.width(), width);
    let rows = places(plane.height(), height);
    let samples = Image::new(width, height, |x, y| {
        let sample: u32 = plane.row(rows[y])[columns[x]].into();
        let in_10_bits = if depth <= 10 {
            sample << (10 - depth)
        } else {
            (sample + (1 << (depth - 11))) >> (depth - 10)
        };
        in_10_bits.min(LEVELS.into()) as u16
    });
    if !preparation.smooth {
        return samples;
    }
    Image::new(width, height, |x, y| {
        // Of a pixel, its right, its lower, and its lower right neighbour, those that there are.
        let (right, below) = ((x + 2).min(width), (y + 2).min(height));
        let square = (y..below).flat_map(|y| (x..right).map(move |x| (x, y)));
        let count = ((right - x) * (below - y)) as u16;
        square.map(|(x, y)| samples.at(x, y)).sum::<u16>() / count
    })
}

/// Marks each pixel in a smooth place: more than a threshold of the pixels around it equal their
/// right and lower neighbours.
fn mask(samples: &Image<u16>) -> Image<bool> {
    let (width, height) = (samples.width, samples.height);
    let threshold = mask_threshold(width, height);
    let equal = Image::new(width, height, |x, y| {
        let own = samples.at(x, y);
        (x + 1 == width || own == samples.at(x + 1, y))
            && (y + 1 == height || own == samples.at(x, y + 1))
    });
    Image::new(width, height, |x, y| {
        let around = square(x, y, SIDE / 2, width, height);
        around.filter(|&(x, y)| equal.at(x, y)).count() > threshold.into()
    })
}

/// The pixels of the picture that are at most `reach` away in both directions.
fn square(
    x: usize,
    y: usize,
    reach: usize,
    width: usize,
    height: usize,
) -> impl Iterator<Item = (usize, usize)> {
    let columns = x.saturating_sub(reach)..(x + reach + 1).min(width);
    let rows = y.saturating_sub(reach)..(y + reach + 1).min(height);
    rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
}

/// Replaces each sample by the most frequent of itself and its neighbours: across, except in the
/// first and last column, then down. The first and the last row are unchanged.
fn filtered(samples: &Image<u16>) -> Image<u16> {
    let (width, height) = (samples.width, samples.height);
    let across = Image::new(width, height, |x, y| {
        if x == 0 || x + 1 == width {
            return samples.at(x, y);
        }
        most_frequent([samples.at(x - 1, y), samples.at(x, y), samples.at(x + 1, y)])
    });
    Image::new(width, height, |x, y| {
        if y == 0 || y + 1 == height {
            return samples.at(x, y);
        }
        most_frequent([across.at(x, y - 1), across.at(x, y), across.at(x, y + 1)])
    })
}

/// The value that occurs more than once, or the least.
fn most_frequent(mut values: [u16; 3]) -> u16 {
    values.sort_unstable();
    if values[1] == values[2] { values[1] } else { values[0] }
}

/// The contrast of each pixel in the mask with those of the window around it that are in the mask.
fn contrasts(samples: &Image<u16>, mask: &Image<bool>, measurement: &Measurement) -> Image<f32> {
    let (width, height) = (samples.width, samples.height);
    let VisibleContrasts { steps, first, .. } = &measurement.contrasts;
    Image::new(width, height, |x, y| {
        let own = samples.at(x, y);
        let first_seen = usize::from(first[usize::from(own)]);
        if !mask.at(x, y) || first_seen == *steps {
            return 0.0;
        }
        // The number of pixels of the window by their difference, from -steps to steps.
        let mut counts = vec![0_u16; 2 * steps + 1];
        for (x, y) in square(x, y, measurement.window / 2, width, height) {
            let index = usize::from(samples.at(x, y)) + steps;
            if let Some(index) = index.checked_sub(own.into())
                && mask.at(x, y)
                && index < counts.len()
            {
                counts[index] += 1;
            }
        }
        let equal = f32::from(counts[*steps]);
        let contrast = |step: usize| {
            let other = counts[steps + step + 1].max(counts[steps - step - 1]);
            let sum = counts[*steps] + other;
            VisibleContrasts::weight(step) * equal * f32::from(other) * reciprocal(sum.into())
        };
        (first_seen..*steps).map(contrast).fold(0.0, f32::max)
    })
}

/// The mean of the greatest `share` of the values.
fn mean_of_top(values: &[f32], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let count = ((share * values.len() as f64) as usize).clamp(1, values.len());
    sorted[..count].iter().map(|value| f64::from(*value)).sum::<f64>() / count as f64
}
