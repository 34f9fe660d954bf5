//! The definition of the differences of two pictures, in double precision.

use super::kernel::Bands;
use super::parameters::PARAMETERS;
use super::score::{self, EPSILON};
use super::{CHANNELS, GREATEST_CONTRAST, LEAST_BACKGROUND, RED_GREEN_GAIN};

/// A plane of numbers, row by row.
#[derive(Debug, Clone)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f64>,
}

impl Plane {
    fn from_fn(width: usize, height: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let values = (0..width * height).map(|i| value(i % width, i / width)).collect();
        Self { width, height, values }
    }

    fn at(&self, x: usize, y: usize) -> f64 {
        self.values[y * self.width + x]
    }

    fn map(&self, value: impl Fn(f64) -> f64) -> Self {
        Self::from_fn(self.width, self.height, |x, y| value(self.at(x, y)))
    }

    fn transposed(&self) -> Self {
        Self::from_fn(self.height, self.width, |x, y| self.at(y, x))
    }

    /// Every other row of the plane filtered down. The last row's mirror is that of a plane with an
    /// odd number of rows if `is_odd`.
    fn reduced_down(&self, is_odd: bool) -> Self {
        const WEIGHTS: [f64; 5] = [0.05, 0.25, 0.4, 0.25, 0.05];
        let rows = self.height.div_ceil(2);
        Self::from_fn(self.width, rows, |x, y| {
            let inside = |tap: usize| {
                let row = (2 * y + tap).checked_sub(2).filter(|row| *row < self.height);
                row.map_or(0.0, |row| WEIGHTS[tap] * self.at(x, row))
            };
            let mut sum: f64 = (0..5).map(inside).sum();
            let last = self.height - 1;
            if y == 0 {
                sum += WEIGHTS[1] * self.at(x, 0) + WEIGHTS[0] * self.at(x, 1);
            }
            if y == rows - 1 {
                sum += if is_odd {
                    WEIGHTS[3] * self.at(x, last) + WEIGHTS[4] * self.at(x, last - 1)
                } else {
                    WEIGHTS[4] * self.at(x, last)
                };
            }
            sum
        })
    }

    /// The next band.
    fn reduced(&self) -> Self {
        let is_odd = self.height % 2 == 1;
        self.reduced_down(is_odd).transposed().reduced_down(is_odd).transposed()
    }

    fn expanded_down(&self, height: usize) -> Self {
        Self::from_fn(self.width, height, |x, y| {
            let row = |row: usize| self.at(x, row.min(self.height - 1));
            let (own, next) = (row(y / 2), row(y / 2 + 1));
            if y % 2 == 1 {
                0.5 * (own + next)
            } else {
                0.1 * (row((y / 2).saturating_sub(1)) + next) + 0.8 * own
            }
        })
    }

    /// The band expanded to the size of the one before.
    fn expanded(&self, width: usize, height: usize) -> Self {
        self.expanded_down(height).transposed().expanded_down(width).transposed()
    }

    fn blurred_down(&self) -> Self {
        let deviation = PARAMETERS.pu_dilate;
        let reach = (2.0 * deviation) as isize;
        let weight = |offset: isize| (-0.5 * (offset as f64 / deviation).powi(2)).exp();
        let sum: f64 = (-reach..=reach).map(weight).sum();
        Self::from_fn(self.width, self.height, |x, y| {
            let row = |offset: isize| {
                let row = (y as isize + offset).unsigned_abs();
                if row < self.height { row } else { 2 * self.height - 2 - row }
            };
            let at = |offset: isize| weight(offset) * self.at(x, row(offset));
            (-reach..=reach).map(at).sum::<f64>() / sum
        })
    }

    fn blurred(&self) -> Self {
        let reach = (2.0 * PARAMETERS.pu_dilate) as usize;
        if self.width <= reach || self.height <= reach {
            return self.clone();
        }
        self.blurred_down().transposed().blurred_down().transposed()
    }

    fn sum_of_powers(&self) -> f64 {
        self.values.iter().map(|value| smooth_pow(*value, PARAMETERS.beta)).sum()
    }
}

fn smooth_pow(x: f64, power: f64) -> f64 {
    (x + EPSILON).powf(power) - EPSILON.powf(power)
}

/// The differences of an encode's channels from the reference's: of each channel's bands, the finest
/// first.
pub(super) fn differences(reference: &[Plane], encode: &[Plane], bands: &Bands) -> Vec<Vec<f64>> {
    let channels = reference.len();
    let mut planes = [reference.to_vec(), encode.to_vec()];
    let mut found = vec![Vec::new(); channels];
    for (band, sensitivity) in bands.sensitivity.iter().enumerate() {
        let Plane { width, height, .. } = planes[0][0];
        let is_coarsest = band + 1 == bands.sensitivity.len();
        let next =
            planes.each_ref().map(|planes| planes.iter().map(Plane::reduced).collect::<Vec<_>>());
        let expanded =
            |picture: usize, channel: usize| next[picture][channel].expanded(width, height);
        let mean = |picture: usize| {
            let values = planes[picture][0].values.iter();
            let sum: f64 = values.map(|value| value.max(LEAST_BACKGROUND)).sum();
            planes[picture][0].map(|_| sum / (width * height) as f64)
        };
        let backgrounds = [0, 1].map(|picture| match is_coarsest {
            true => mean(picture),
            false => expanded(picture, 0).map(|value| value.max(LEAST_BACKGROUND)),
        });
        let gain = if band == 0 || is_coarsest { 1.0 } else { 2.0 };
        let contrast = |picture: usize, channel: usize| {
            let plane = &planes[picture][channel];
            let below = if is_coarsest { plane.map(|_| 0.0) } else { expanded(picture, channel) };
            Plane::from_fn(width, height, |x, y| {
                let value = (plane.at(x, y) - below.at(x, y)) / backgrounds[picture].at(x, y);
                let sensitivity = sensitivity.value(channel, backgrounds[0].at(x, y).log10());
                value.min(GREATEST_CONTRAST) * gain * sensitivity
            })
        };
        let contrasts = [0, 1].map(|picture| {
            (0..channels).map(|channel| contrast(picture, channel)).collect::<Vec<_>>()
        });
        let masked: Vec<Plane> = if is_coarsest {
            let difference = |channel: usize| {
                let [a, b] = contrasts.each_ref().map(|channels| &channels[channel]);
                Plane::from_fn(width, height, |x, y| (b.at(x, y) - a.at(x, y)).abs())
            };
            (0..channels).map(difference).collect()
        } else {
            mask(&contrasts)
        };
        for (differences, plane) in found.iter_mut().zip(masked) {
            differences.push(score::of_band(plane.sum_of_powers(), width * height));
        }
        planes = next;
    }
    found
}

/// The differences of contrasts, masked.
fn mask(contrasts: &[Vec<Plane>; 2]) -> Vec<Plane> {
    let parameters = &*PARAMETERS;
    let gains: [f64; CHANNELS] = [1.0, RED_GREEN_GAIN, 1.0, 1.0];
    let [reference, encode] = contrasts.each_ref().map(|channels| {
        let scaled =
            channels.iter().zip(gains).map(|(plane, gain)| plane.map(|value| value * gain));
        scaled.collect::<Vec<_>>()
    });
    let Plane { width, height, .. } = reference[0];
    let scale = 10_f64.powf(parameters.mask_c);
    let masks: Vec<Plane> = reference
        .iter()
        .zip(&encode)
        .zip(parameters.mask_q)
        .map(|((a, b), power)| {
            let mutual = |x, y| a.at(x, y).abs().min(b.at(x, y).abs());
            let blurred = Plane::from_fn(width, height, mutual).blurred();
            blurred.map(|value| smooth_pow(value * scale, power))
        })
        .collect();
    let limit = 10_f64.powf(parameters.d_max);
    let masked = |channel: usize| {
        Plane::from_fn(width, height, |x, y| {
            let weight = |source: usize| parameters.masking[source][channel];
            let mask: f64 =
                masks.iter().enumerate().map(|(source, mask)| weight(source) * mask.at(x, y)).sum();
            let difference = (encode[channel].at(x, y) - reference[channel].at(x, y)).abs();
            let difference = smooth_pow(difference, parameters.mask_p) / (1.0 + mask);
            limit * difference / (limit + difference)
        })
    };
    (0..reference.len()).map(masked).collect()
}
