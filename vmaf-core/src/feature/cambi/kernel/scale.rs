//! A measurement of a picture, scale by scale.

use fearless_simd::Simd;

use super::super::SCALES;
use super::super::settings::Measurement;
use super::histogram::{ContrastSink, Histogram, LANES};
use super::picture::{Picture, halve, padded};
use crate::memory;
use crate::simd::Kernel;

/// Measuring pictures of one kind, with the memory for it.
pub(super) struct Measurer {
    measurement: Measurement,
    scale: usize,
    width: usize,
    height: usize,
    histogram: Histogram,
    /// The latest rows, filtered horizontally, in a ring.
    filtered: [Vec<u16>; 3],
    /// A row filtered both ways.
    row: Vec<u16>,
    /// The mask of the row before, and its samples if it is the first or the last.
    mask: Vec<u8>,
    border: Vec<u16>,
    /// The next scale's picture, and memory for the one after it.
    next: Picture,
    spare: Picture,
    contrasts: ScaleContrasts,
}

/// A scale's contrasts.
#[derive(Default)]
struct ScaleContrasts {
    /// The contrasts of the pixels that have any, and of their neighbours.
    values: Vec<f32>,
    /// All contrasts, at their places, if a map is wanted; and the number of its columns.
    map: Option<Vec<f32>>,
    width: usize,
}

impl ContrastSink for ScaleContrasts {
    #[inline(always)]
    fn take(&mut self, x: usize, y: usize, values: &[f32; LANES]) {
        self.values.extend_from_slice(values);
        if let Some(map) = &mut self.map {
            let row = &mut map[y * self.width..][..self.width][x..];
            for (out, value) in row.iter_mut().zip(values) {
                *out = *value;
            }
        }
    }
}

impl Measurer {
    pub(super) fn new(measurement: &Measurement) -> Self {
        let width = padded(measurement.size(0).0);
        Self {
            measurement: measurement.clone(),
            scale: 0,
            width: 0,
            height: 0,
            histogram: Histogram::new(&measurement.contrasts, measurement.window),
            filtered: [vec![0; width], vec![0; width], vec![0; width]],
            row: vec![0; width],
            mask: vec![0; width],
            border: vec![0; width],
            next: Picture::default(),
            spare: Picture::default(),
            contrasts: ScaleContrasts::default(),
        }
    }

    pub(super) fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    /// Begins `scale` and returns its picture, unless it is the first.
    pub(super) fn start(&mut self, scale: usize) -> Picture {
        let (width, height) = self.measurement.size(scale);
        (self.scale, self.width, self.height) = (scale, width, height);
        self.histogram.start(width, height);
        self.contrasts.width = width;
        self.contrasts.values.clear();
        if let Some(map) = &mut self.contrasts.map {
            map.clear();
            memory::resize(map, width * height);
        }
        let picture = std::mem::replace(&mut self.next, std::mem::take(&mut self.spare));
        if scale + 1 < SCALES {
            let (width, height) = self.measurement.size(scale + 1);
            self.next.resize(width, height);
        }
        picture
    }

    /// Takes back the picture of a finished scale.
    pub(super) fn give_back(&mut self, picture: Picture) {
        self.spare = picture;
    }

    /// The contrasts of the scale's pixels, without most that are 0.
    pub(super) fn values(&self) -> &[f32] {
        &self.contrasts.values
    }

    /// Makes maps from now on.
    pub(super) fn make_maps(&mut self) {
        self.contrasts.map.get_or_insert_default();
    }

    /// The scale's map: the contrast of each pixel, row by row. Empty if no map was wanted.
    pub(super) fn map(&self) -> &[f32] {
        self.contrasts.map.as_deref().unwrap_or_default()
    }
}

/// Takes the next rows of a scale's picture: `rows` of `picture`, of which the first is the scale's
/// row `first`.
pub(super) struct TakeRows<'a> {
    pub(super) measurer: &'a mut Measurer,
    pub(super) picture: &'a Picture,
    pub(super) first: usize,
    pub(super) rows: usize,
}

impl Kernel for TakeRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { measurer, picture, first, rows } = self;
        let height = measurer.height;
        let mut end = first + rows;
        if end == height {
            // A row is done when the next one is there, and the histogram empties after the last.
            end += 1 + measurer.histogram.rows_after();
        }
        for y in first..end {
            if y < height {
                measurer.filter_across(y, picture.samples(y - first));
            }
            if let Some(done) = y.checked_sub(1) {
                let row = if done < height {
                    measurer.filter_down(done);
                    measurer.shrink(done);
                    Some((&measurer.row[..], &measurer.mask[..]))
                } else {
                    None
                };
                measurer.histogram.take(simd, done, row, &mut measurer.contrasts);
            }
            if y < height {
                let (samples, mask) = (picture.samples(y - first), picture.mask(y - first));
                measurer.mask[..mask.len()].copy_from_slice(mask);
                if y == 0 || y + 1 == height {
                    measurer.border[..samples.len()].copy_from_slice(samples);
                }
            }
        }
    }
}

impl Measurer {
    /// Filters row `y` across, but for its first and last column.
    #[inline(always)]
    fn filter_across(&mut self, y: usize, samples: &[u16]) {
        let width = self.width;
        let out = &mut self.filtered[y % 3][..width];
        let samples = &samples[..width];
        out[0] = samples[0];
        out[width - 1] = samples[width - 1];
        if width > 2 {
            let inner = &mut out[1..width - 1];
            let (left, middle, right) = (samples, &samples[1..], &samples[2..]);
            let (left, middle) = (&left[..inner.len()], &middle[..inner.len()]);
            for x in 0..inner.len() {
                inner[x] = most_frequent(left[x], middle[x], right[x]);
            }
        }
    }

    /// Makes row `y` of the filtered picture, whose first and last row are not filtered at all.
    #[inline(always)]
    fn filter_down(&mut self, y: usize) {
        let width = self.width;
        let out = &mut self.row[..width];
        if y == 0 || y + 1 == self.height {
            out.copy_from_slice(&self.border[..width]);
            return;
        }
        let [a, b, c] = &self.filtered;
        let (a, b, c) = (&a[..width], &b[..width], &c[..width]);
        for x in 0..width {
            out[x] = most_frequent(a[x], b[x], c[x]);
        }
    }

    /// Puts row `y`, if it is even, into the next scale's picture.
    #[inline(always)]
    fn shrink(&mut self, y: usize) {
        if self.scale + 1 < SCALES && y.is_multiple_of(2) {
            let Picture { width, stride, samples, mask, .. } = &mut self.next;
            halve(&self.row[..self.width], &mut samples[y / 2 * *stride..][..*width]);
            halve(&self.mask[..self.width], &mut mask[y / 2 * *stride..][..*width]);
        }
    }
}

/// The value that two of the three have; the least if all differ.
#[inline(always)]
fn most_frequent(a: u16, b: u16, c: u16) -> u16 {
    let least = a.min(b).min(c);
    let other = if b == c { b } else { least };
    if (a == b) | (a == c) { a } else { other }
}
