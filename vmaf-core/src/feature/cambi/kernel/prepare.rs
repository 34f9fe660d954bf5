//! From a source picture to samples of 10 bits and the mask of its smooth places, a strip of rows
//! at a time.

use fearless_simd::Simd;

use super::super::LEVELS;
use super::super::settings::Preparation;
use super::picture::Picture;
use crate::numeric::ceil_log2;
use crate::simd::Kernel;
use crate::{Plane, Sample};

/// Rows of a strip, even: with the rows of all stages it fits the second-level cache.
pub(super) const STRIP: usize = 16;

/// The side of the square around each pixel that the mask is computed from.
pub(in crate::feature::cambi) const SIDE: usize = 7;
const REACH: usize = SIDE / 2;

/// Rows of samples that a strip holds beyond its own: the mask of a row needs `REACH` rows after
/// it, and each of those the next one.
const AHEAD: usize = REACH + 1;

/// The threshold of the mask: more pixels of the square than this must equal their right and lower
/// neighbours.
pub(in crate::feature::cambi) fn mask_threshold(width: usize, height: usize) -> u8 {
    let octaves = ceil_log2((width >> 6) * (height >> 6)) as usize;
    ((SIDE * SIDE + 3 * octaves - 33 - 1) / 2) as u8
}

/// The positions along a side of `from` samples at which the `to` samples of another size are
/// taken, added up in single precision as in libvmaf.
pub(in crate::feature::cambi) fn places(from: usize, to: usize) -> Vec<usize> {
    let ratio = from as f32 / to as f32;
    let mut place = (f64::from(ratio / 2.0) - 0.5) as f32;
    let mut places = Vec::with_capacity(to);
    for _ in 0..to {
        let nearest = (f64::from(place) + 0.5) as usize;
        places.push(nearest.min(from - 1));
        place += ratio;
    }
    places
}

/// Brings samples of `depth` bits to 10. The greatest of 16 bits are rounded up to 1024, which is
/// also the bound for samples of a broken source.
#[derive(Clone, Copy)]
struct DepthConversion {
    left: u32,
    rounding: u32,
    right: u32,
}

impl DepthConversion {
    fn new(depth: u8) -> Self {
        let (left, right) = (10_u32.saturating_sub(depth.into()), u32::from(depth).max(10) - 10);
        Self { left, rounding: (1 << right) >> 1, right }
    }

    #[inline(always)]
    fn convert<T: Sample>(self, sample: T) -> u16 {
        let sample: u32 = sample.into();
        (((sample << self.left) + self.rounding) >> self.right).min(LEVELS.into()) as u16
    }
}

/// Preparing pictures of one size, with the memory for it.
pub(super) struct Preparer {
    width: usize,
    height: usize,
    smooth: bool,
    threshold: u8,
    /// The source columns and rows; none if the size stays.
    places: Option<[Vec<usize>; 2]>,
    /// Two source rows in 10 bits, used alternately.
    converted: [Vec<u16>; 2],
    /// 1 for pixels equal to their neighbours, of the latest rows; from `SIDE` on.
    equal: Vec<Vec<u8>>,
    /// Their sums over the latest rows, with a border of zeros.
    sums: Vec<u8>,
    /// The strip's rows, and those ahead of it. Only its own rows have a mask.
    pub(super) strip: Picture,
    /// The number of the strip's first row.
    pub(super) first: usize,
}

impl Preparer {
    /// For pictures of `source` width and height.
    pub(super) fn new(preparation: &Preparation, source: (usize, usize)) -> Self {
        let (width, height) = (preparation.width, preparation.height);
        let same = source == (width, height);
        let mut strip = Picture::default();
        strip.resize(width, STRIP + AHEAD);
        let stride = strip.stride;
        Self {
            width,
            height,
            smooth: preparation.smooth,
            threshold: mask_threshold(width, height),
            places: (!same).then(|| [places(source.0, width), places(source.1, height)]),
            converted: [vec![0; stride + 1], vec![0; stride + 1]],
            equal: vec![vec![0; stride]; SIDE],
            sums: vec![0; stride + 2 * REACH],
            strip,
            first: 0,
        }
    }

    /// The number of rows of the picture that the strip holds.
    pub(super) fn rows(&self) -> usize {
        STRIP.min(self.height - self.first)
    }
}

/// Prepares the strip that begins at `first`. The strips of a picture go from top to bottom.
pub(super) struct Prepare<'a, T> {
    pub(super) plane: &'a Plane<T>,
    pub(super) depth: u8,
    pub(super) first: usize,
    /// True if the masks of rows with odd numbers are not needed.
    pub(super) even_rows: bool,
    pub(super) preparer: &'a mut Preparer,
}

impl<T: Sample> Kernel for Prepare<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let Self { plane, first, even_rows, preparer, .. } = self;
        let depth = DepthConversion::new(self.depth);
        preparer.first = first;
        let stride = preparer.strip.stride;
        // The first row of samples that is still missing.
        let start = if first == 0 {
            preparer.sums.fill(0);
            preparer.convert(plane, depth, 0);
            0
        } else {
            preparer.strip.samples.copy_within(STRIP * stride.., 0);
            first + AHEAD
        };
        for row in start..first + STRIP + AHEAD {
            if row < preparer.height {
                preparer.samples(plane, depth, row);
            }
            if row > 0 {
                preparer.sum(row - 1);
            }
            if let Some(row) = row.checked_sub(AHEAD)
                && row < preparer.height
                && (!even_rows || row.is_multiple_of(2))
            {
                preparer.mask(row);
            }
        }
    }
}

impl Preparer {
    /// Converts row `row` to 10 bits.
    #[inline(always)]
    fn convert<T: Sample>(&mut self, plane: &Plane<T>, depth: DepthConversion, row: usize) {
        let converted = &mut self.converted[row % 2][..self.width];
        match &self.places {
            None => {
                let source = &plane.row(row)[..converted.len()];
                for (out, sample) in converted.iter_mut().zip(source) {
                    *out = depth.convert(*sample);
                }
            }
            Some([columns, rows]) => {
                let source = plane.row(rows[row]);
                for (out, &column) in converted.iter_mut().zip(columns) {
                    *out = depth.convert(source[column]);
                }
            }
        }
    }

    /// Puts row `row` into the strip.
    #[inline(always)]
    fn samples<T: Sample>(&mut self, plane: &Plane<T>, depth: DepthConversion, row: usize) {
        let below = row + 1 < self.height;
        if below {
            self.convert(plane, depth, row + 1);
        }
        let width = self.width;
        let out = &mut self.strip.samples[(row - self.first) * self.strip.stride..][..width];
        let this = &self.converted[row % 2][..width];
        if !self.smooth {
            out.copy_from_slice(this);
            return;
        }
        let last = width - 1;
        let (left, right) = (&this[..last], &this[1..]);
        if below {
            let next = &self.converted[1 - row % 2][..width];
            let (next_left, next_right) = (&next[..last], &next[1..]);
            for x in 0..last {
                out[x] = (left[x] + right[x] + next_left[x] + next_right[x]) >> 2;
            }
            out[last] = (this[last] + next[last]) >> 1;
        } else {
            for x in 0..last {
                out[x] = (left[x] + right[x]) >> 1;
            }
            out[last] = this[last];
        }
    }

    /// Adds row `row` to the sums over the latest rows and subtracts the row `SIDE` before it. Past
    /// the bottom nothing is added.
    #[inline(always)]
    fn sum(&mut self, row: usize) {
        let width = self.width;
        let sums = &mut self.sums[REACH..][..width];
        let equal = &mut self.equal[row % SIDE][..width];
        if row >= SIDE {
            for (sum, equal) in sums.iter_mut().zip(&*equal) {
                *sum -= equal;
            }
        }
        if row >= self.height {
            equal.fill(0);
            return;
        }
        let strip = &self.strip;
        let this = &strip.samples[(row - self.first) * strip.stride..][..width];
        let last = width - 1;
        let (left, right) = (&this[..last], &this[1..]);
        if row + 1 < self.height {
            let below = &strip.samples[(row + 1 - self.first) * strip.stride..][..width];
            let (equal, below_left) = (&mut equal[..last], &below[..last]);
            for x in 0..last {
                equal[x] = u8::from((left[x] == right[x]) & (left[x] == below_left[x]));
            }
        } else {
            let equal = &mut equal[..last];
            for x in 0..last {
                equal[x] = u8::from(left[x] == right[x]);
            }
        }
        let at_end = row + 1 == self.height
            || this[last] == strip.samples[(row + 1 - self.first) * strip.stride + last];
        equal[last] = u8::from(at_end);
        for (sum, equal) in sums.iter_mut().zip(&*equal) {
            *sum += equal;
        }
    }

    /// Makes the mask of row `row`, whose square is in the sums.
    #[inline(always)]
    fn mask(&mut self, row: usize) {
        let width = self.width;
        let out = &mut self.strip.mask[(row - self.first) * self.strip.stride..][..width];
        let sums: [&[u8]; SIDE] = [
            &self.sums[..width],
            &self.sums[1..][..width],
            &self.sums[2..][..width],
            &self.sums[3..][..width],
            &self.sums[4..][..width],
            &self.sums[5..][..width],
            &self.sums[6..][..width],
        ];
        let threshold = self.threshold;
        for x in 0..width {
            let mut sum = 0;
            for row in sums {
                sum += row[x];
            }
            out[x] = u8::from(sum > threshold);
        }
    }
}
