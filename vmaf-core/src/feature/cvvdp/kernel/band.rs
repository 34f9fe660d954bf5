//! The contrasts of a band, and their differences.

use super::super::csf::{LUMINANCES, Sensitivity};
use super::super::parameters::PARAMETERS;
use super::super::{CHANNELS, GREATEST_CONTRAST, LEAST_BACKGROUND, RED_GREEN_GAIN};
use super::functions::{SmoothPower, exp2, log2};
use super::rows::{REACH, TAPS, blur, blur_weights, expand, mirror};
use crate::numeric::FloatPlane;

/// Numbers that are processed together; rows are padded to a multiple with zeros.
const LANES: usize = 16;

/// The sums of each channel.
type Sums = [f64; CHANNELS];

/// Memory that is reused from band to band.
#[derive(Default)]
pub(super) struct BandMemory {
    /// A row of the next band, and its mirror.
    between: Vec<f32>,
    mirrored: Vec<f32>,
    /// A picture's expanded rows.
    expanded: [Vec<f32>; CHANNELS],
    /// The place of each pixel's background in the table of sensitivities, and the share of the
    /// entry after it.
    places: Vec<(u32, f32)>,
    sensitivity: [Vec<f32>; CHANNELS],
    /// The reference's contrasts.
    reference: [Vec<f32>; CHANNELS],
    encodes: Vec<EncodeMemory>,
    /// Rows of masks of each channel.
    masks: [Vec<f32>; CHANNELS],
}

/// The latest rows of an encode.
#[derive(Default)]
struct EncodeMemory {
    /// Differences of contrast, and the least contrast of both pictures, blurred across.
    differences: [RowRing; CHANNELS],
    mutual: [RowRing; CHANNELS],
    sums: [[f64; LANES]; CHANNELS],
}

/// The latest rows, as many as the blur reads.
#[derive(Debug, Default)]
struct RowRing {
    values: Vec<f32>,
    len: usize,
}

impl RowRing {
    fn start(&mut self, len: usize) {
        self.len = len;
        self.values.clear();
        self.values.resize(TAPS * len, 0.0);
    }

    #[inline(always)]
    fn row(&self, y: usize) -> &[f32] {
        &self.values[y % TAPS * self.len..][..self.len]
    }

    #[inline(always)]
    fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[y % TAPS * self.len..][..self.len]
    }
}

/// The table of a band's sensitivities, as base-2 logarithms over base-2 logarithms of luminance.
struct SensitivityTable {
    channels: [[f32; LUMINANCES]; CHANNELS],
    least: f32,
    /// Entries per doubling of luminance.
    density: f32,
}

impl SensitivityTable {
    fn new(sensitivity: &Sensitivity) -> Self {
        let gains = [1.0, RED_GREEN_GAIN, 1.0, 1.0];
        let (_, [least, greatest]) = sensitivity.channel(0);
        let channels = [0, 1, 2, 3].map(|channel: usize| {
            let (values, _) = sensitivity.channel(channel);
            let gain = libm::log2(gains[channel]);
            values.map(|value| (value * std::f64::consts::LOG2_10 + gain) as f32)
        });
        let range = (greatest - least) * std::f64::consts::LOG2_10;
        let density = ((LUMINANCES - 1) as f64 / range) as f32;
        Self { channels, least: (least * std::f64::consts::LOG2_10) as f32, density }
    }

    /// Finds the places of a row of backgrounds.
    #[inline(always)]
    fn find(&self, backgrounds: &[f32], places: &mut [(u32, f32)]) {
        const LAST: f32 = (LUMINANCES - 1) as f32;
        for (place, &background) in places.iter_mut().zip(backgrounds) {
            let at = ((log2(background) - self.least) * self.density).clamp(0.0, LAST);
            let entry = (at as u32).min(LUMINANCES as u32 - 2);
            *place = (entry, at - entry as f32);
        }
    }

    /// Computes a row of a channel's sensitivities.
    #[inline(always)]
    fn row(&self, channel: usize, places: &[(u32, f32)], out: &mut [f32]) {
        let table = &self.channels[channel];
        for (out, &(entry, share)) in out.iter_mut().zip(places) {
            let entry = entry as usize % LUMINANCES;
            let next = table[(entry + 1) % LUMINANCES];
            *out = table[entry] * (1.0 - share) + next * share;
        }
        for out in out.iter_mut() {
            *out = exp2(*out);
        }
    }
}

/// Compares the pictures' `planes` of a band, to which `next` is the next one. Returns each encode's
/// sums.
#[inline(always)]
pub(super) fn compare_band(
    (planes, next): (&[[FloatPlane; CHANNELS]], &[[FloatPlane; CHANNELS]]),
    (width, height): (usize, usize),
    channels: usize,
    (sensitivity, gain): (&Sensitivity, f32),
    memory: &mut BandMemory,
) -> Vec<Sums> {
    let table = SensitivityTable::new(sensitivity);
    let masking = Masking::new(channels);
    let weights = blur_weights(PARAMETERS.pu_dilate);
    // Small bands are not blurred.
    let reach = if width > REACH && height > REACH { REACH } else { 0 };
    memory.start(width, planes.len() - 1);
    for y in 0..height + reach {
        if y < height {
            memory.contrasts(planes, next, (width, height, y), channels, (&table, gain));
            for encode in &mut memory.encodes {
                for ring in encode.mutual.iter_mut().take(channels).filter(|_| reach > 0) {
                    mirror(&ring.row(y)[..width], &mut memory.mirrored);
                    let rows = std::array::from_fn(|tap| &memory.mirrored[tap..]);
                    blur(rows, &weights, &mut ring.row_mut(y)[..width]);
                }
            }
        }
        let Some(y) = y.checked_sub(reach) else { continue };
        for EncodeMemory { differences, mutual, sums } in &mut memory.encodes {
            for (ring, mask) in mutual.iter().zip(&mut memory.masks).take(channels) {
                if reach > 0 {
                    let mirrored = |row: isize| {
                        let row = row.unsigned_abs();
                        if row < height { row } else { 2 * height - 2 - row }
                    };
                    let row = |tap: usize| ring.row(mirrored((y + tap) as isize - REACH as isize));
                    blur(std::array::from_fn(row), &weights, mask);
                } else {
                    mask.copy_from_slice(ring.row(y));
                }
            }
            masking.apply(&mut memory.masks, differences.each_ref().map(|ring| ring.row(y)), sums);
        }
    }
    let total = |encode: &EncodeMemory| encode.sums.each_ref().map(|lanes| lanes.iter().sum());
    memory.encodes.iter().map(total).collect()
}

impl BandMemory {
    fn start(&mut self, width: usize, encodes: usize) {
        let stride = width.next_multiple_of(LANES);
        self.between.resize(width.div_ceil(2), 0.0);
        self.places.resize(width, (0, 0.0));
        self.encodes.resize_with(encodes, EncodeMemory::default);
        let Self { expanded, sensitivity, reference, .. } = self;
        for row in expanded.iter_mut().chain(sensitivity).chain(reference) {
            row.resize(width, 0.0);
        }
        for row in &mut self.masks {
            row.clear();
            row.resize(stride, 0.0);
        }
        for encode in &mut self.encodes {
            for ring in encode.differences.iter_mut().chain(&mut encode.mutual) {
                ring.start(stride);
            }
            encode.sums = [[0.0; LANES]; CHANNELS];
        }
    }

    /// Computes row `y` of the contrasts of all pictures, and of their differences.
    #[inline(always)]
    fn contrasts(
        &mut self,
        planes: &[[FloatPlane; CHANNELS]],
        next: &[[FloatPlane; CHANNELS]],
        (width, height, y): (usize, usize, usize),
        channels: usize,
        (table, gain): (&SensitivityTable, f32),
    ) {
        let Self { between, expanded, places, sensitivity, reference, encodes, .. } = self;
        let rows = height.div_ceil(2);
        for (picture, (planes, next)) in planes.iter().zip(next).enumerate() {
            for (next, out) in next.iter().zip(&mut *expanded).take(channels) {
                expand(next, rows, y, between, out);
            }
            if picture == 0 {
                let places = &mut places[..width];
                for value in &mut expanded[0][..] {
                    *value = value.max(LEAST_BACKGROUND as f32);
                }
                table.find(&expanded[0], places);
                for (channel, out) in sensitivity.iter_mut().enumerate().take(channels) {
                    table.row(channel, places, out);
                }
            }
            // The achromatic channel's own expansion is its background too.
            let (background, _) = (&expanded[0][..width], ());
            for channel in 0..channels {
                let own = &expanded[channel][..width];
                let (plane, sensitivity) =
                    (&planes[channel].row(y)[..width], &sensitivity[channel][..width]);
                match encodes.get_mut(picture.wrapping_sub(1)) {
                    None => {
                        let out = &mut reference[channel][..width];
                        for x in 0..width {
                            out[x] =
                                contrast(plane[x], own[x], background[x], gain) * sensitivity[x];
                        }
                    }
                    Some(encode) => {
                        let reference = &reference[channel][..width];
                        let differences = &mut encode.differences[channel].row_mut(y)[..width];
                        let mutual = &mut encode.mutual[channel].row_mut(y)[..width];
                        for x in 0..width {
                            let own =
                                contrast(plane[x], own[x], background[x], gain) * sensitivity[x];
                            differences[x] = (own - reference[x]).abs();
                            mutual[x] = own.abs().min(reference[x].abs());
                        }
                    }
                }
            }
        }
    }
}

/// The contrast of a value to its background.
#[inline(always)]
fn contrast(value: f32, expanded: f32, background: f32, gain: f32) -> f32 {
    let background = background.max(LEAST_BACKGROUND as f32);
    ((value - expanded) / background).min(GREATEST_CONTRAST as f32) * gain
}

/// The model of masking.
struct Masking {
    channels: usize,
    /// The scale of masking contrast.
    scale: f32,
    powers: [SmoothPower; CHANNELS],
    difference: SmoothPower,
    weights: [[f32; CHANNELS]; CHANNELS],
    limit: f32,
}

impl Masking {
    fn new(channels: usize) -> Self {
        let parameters = &*PARAMETERS;
        Self {
            channels,
            scale: libm::exp10(parameters.mask_c) as f32,
            powers: parameters.mask_q.map(SmoothPower::new),
            difference: SmoothPower::new(parameters.mask_p),
            weights: parameters.masking.map(|row| row.map(|weight| weight as f32)),
            limit: libm::exp10(parameters.d_max) as f32,
        }
    }

    /// Adds the squares of a row's masked differences to the sums. `masks` are the blurred contrasts
    /// that mask.
    #[inline(always)]
    fn apply(
        &self,
        masks: &mut [Vec<f32>; CHANNELS],
        differences: [&[f32]; CHANNELS],
        sums: &mut [[f64; LANES]; CHANNELS],
    ) {
        for (mask, power) in masks.iter_mut().zip(self.powers).take(self.channels) {
            for value in mask.iter_mut() {
                *value = power.of(*value * self.scale);
            }
        }
        let masks = masks.each_ref().map(|mask| mask.as_chunks::<LANES>().0);
        for channel in 0..self.channels {
            let differences = differences[channel].as_chunks::<LANES>().0;
            let mut row = [0.0_f32; LANES];
            for (chunk, differences) in differences.iter().enumerate() {
                let mut mask = [1.0_f32; LANES];
                for (masks, weights) in masks.iter().zip(&self.weights).take(self.channels) {
                    let (weight, values) = (weights[channel], &masks[chunk]);
                    for lane in 0..LANES {
                        mask[lane] += weight * values[lane];
                    }
                }
                for lane in 0..LANES {
                    let difference = self.difference.of(differences[lane]) / mask[lane];
                    let limited = self.limit * difference / (self.limit + difference);
                    row[lane] += squared(limited);
                }
            }
            for (sum, row) in sums[channel].iter_mut().zip(row) {
                *sum += f64::from(row);
            }
        }
    }
}

/// The square that sums over pixels take, smooth near 0.
#[inline(always)]
fn squared(x: f32) -> f32 {
    x * (x + 2.0 * super::score::EPSILON as f32)
}

/// Compares the pictures' `planes` of the coarsest band. Returns each encode's sums.
#[inline(always)]
pub(super) fn compare_coarsest(
    planes: &[[FloatPlane; CHANNELS]],
    (width, height): (usize, usize),
    channels: usize,
    sensitivity: &Sensitivity,
) -> Vec<Sums> {
    let pixels = (width * height) as f64;
    let background = |plane: &FloatPlane| {
        let values = (0..height).flat_map(|y| plane.row(y));
        values.map(|value| f64::from(*value).max(LEAST_BACKGROUND)).sum::<f64>() / pixels
    };
    let backgrounds: Vec<f64> = planes.iter().map(|planes| background(&planes[0])).collect();
    let contrast = |picture: usize, channel: usize, x: usize, y: usize| {
        let value = f64::from(planes[picture][channel].row(y)[x]) / backgrounds[picture];
        value.min(GREATEST_CONTRAST)
    };
    let luminance = libm::log10(backgrounds[0]);
    let sum = |picture: usize, channel: usize| {
        let sensitivity = sensitivity.value(channel, luminance);
        let mut sum = 0.0;
        for y in 0..height {
            for x in 0..width {
                let [own, reference] = [picture, 0].map(|it| contrast(it, channel, x, y));
                let difference = (own - reference).abs() * sensitivity;
                sum += difference * (difference + 2.0 * super::score::EPSILON);
            }
        }
        sum
    };
    let of_encode = |picture: usize| {
        let mut sums = [0.0; CHANNELS];
        for (channel, total) in sums.iter_mut().enumerate().take(channels) {
            *total = sum(picture, channel);
        }
        sums
    };
    (1..planes.len()).map(of_encode).collect()
}
