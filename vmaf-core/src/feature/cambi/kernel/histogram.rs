//! The histogram of sample values in the window around each pixel of a row, and the contrasts that
//! follow from it.
//!
//! A table has a row for each value and a column for each pixel; it moves down the picture one row
//! at a time. Pixels enter and leave in runs of one value, and a run adds a trapezoid to its
//! value's row: pixel by pixel, each would take as many additions as the window is wide. If the row
//! that enters and the one that leaves have the same value, nothing changes.
//!
//! Values are kept as *places*, their row in the table; 0 is a pixel that does not count.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, i32x16, mask32x16, u16x16, u16x32};

use super::super::settings::VisibleContrasts;
use super::picture::{BLOCK, padded};
use crate::memory;
use crate::simd::blocks::columns;

/// Pixels whose contrasts are computed at once.
pub(super) const LANES: usize = 16;

/// Greater than 1 by more than a contrast can lose to rounding, some multiples of 2^-24.
const NEARLY_ONE: f32 = 1.0 + 1.0 / (1 << 20) as f32;

/// The reciprocal of `count`, as in libvmaf's table of decimals of nine digits: for a few counts it
/// is not the nearest number.
pub(in crate::feature::cambi) fn reciprocal(count: usize) -> f32 {
    if count == 0 {
        return 0.0;
    }
    let count = count as u64;
    let mut scale = 100_000_000;
    while scale / count < 100_000_000 {
        scale *= 10;
    }
    let digits = (2 * scale + count) / (2 * count);
    (digits as f64 / scale as f64) as f32
}

/// The table, and the rows that are in its window.
pub(super) struct Histogram {
    contrasts: VisibleContrasts,
    /// The distance that the window reaches to each side.
    reach: usize,
    width: usize,
    height: usize,
    /// The number of counts from one place to the next.
    stride: usize,
    counts: Vec<u16>,
    /// The reciprocal of every number of pixels in a window, up to a power of two.
    reciprocals: Vec<f32>,
    /// The places of the window's rows and of the one that enters, in a ring.
    places: Vec<u16>,
    /// For each of those rows, a bit per block, set if a pixel of the block counts.
    blocks: Vec<u64>,
    /// The number of words of bits in a row.
    words: usize,
}

/// The receiver of contrasts: `LANES` pixels from column `x` of row `y` on.
pub(super) trait ContrastSink {
    fn take(&mut self, x: usize, y: usize, values: &[f32; LANES]);
}

impl Histogram {
    pub(super) fn new(contrasts: &VisibleContrasts, window: usize) -> Self {
        Self {
            contrasts: contrasts.clone(),
            reach: window / 2,
            width: 0,
            height: 0,
            stride: 0,
            counts: Vec::new(),
            reciprocals: (0..(window * window + 1).next_power_of_two()).map(reciprocal).collect(),
            places: Vec::new(),
            blocks: Vec::new(),
            words: 0,
        }
    }

    /// Prepares for a picture of this size. The table is all zeros before and after each picture.
    pub(super) fn start(&mut self, width: usize, height: usize) {
        let blocks = padded(width) / BLOCK;
        // The window's reach on both sides, and a block past the last run. An odd number of cache
        // lines apart, neighbouring rows lie in different sets of the cache.
        let lines = (blocks + 1) * BLOCK + 2 * self.reach;
        let stride = (lines.div_ceil(BLOCK) | 1) * BLOCK;
        (self.width, self.height, self.stride) = (width, height, stride);
        let rows = usize::from(self.contrasts.band) + 2 * self.contrasts.steps + 1;
        if self.counts.len() < rows * stride {
            memory::resize(&mut self.counts, rows * stride);
        }
        self.words = blocks.div_ceil(64);
        let turns = self.turns();
        self.places.resize(turns * padded(width), 0);
        self.blocks.resize(turns * self.words, 0);
    }

    /// The number of rows in the ring.
    fn turns(&self) -> usize {
        2 * self.reach + 2
    }

    /// Takes row `y` of samples, counting those in the mask, and outputs the contrasts of the row
    /// whose window this completes. Rows past the last, up to `rows_after` of them, add no samples.
    #[inline(always)]
    pub(super) fn take<S: Simd>(
        &mut self,
        simd: S,
        y: usize,
        row: Option<(&[u16], &[u8])>,
        out: &mut impl ContrastSink,
    ) {
        match row {
            Some((samples, mask)) => self.place(simd, y, samples, mask),
            None => {
                let turn = y % self.turns();
                self.blocks[turn * self.words..][..self.words].fill(0);
            }
        }
        self.slide(simd, y);
        if let Some(centre) = y.checked_sub(self.reach)
            && centre < self.height
        {
            self.contrasts(simd, centre, out);
        }
    }

    /// The number of rows past the last that complete the picture and empty the table.
    pub(super) fn rows_after(&self) -> usize {
        2 * self.reach + 1
    }

    /// Turns row `y` into places.
    #[inline(always)]
    fn place<S: Simd>(&mut self, simd: S, y: usize, samples: &[u16], mask: &[u8]) {
        let stride = padded(self.width);
        let turn = y % self.turns();
        let places = self.places[turn * stride..][..stride].as_chunks_mut::<BLOCK>().0;
        let blocks = &mut self.blocks[turn * self.words..][..self.words];
        let VisibleContrasts { base, band, steps, .. } = self.contrasts;
        let steps = steps as u16;
        let samples = samples[..stride].as_chunks::<BLOCK>().0;
        let mask = mask[..stride].as_chunks::<BLOCK>().0;
        for (word, blocks) in blocks.iter_mut().enumerate() {
            let mut bits = 0;
            for block in 64 * word..(64 * word + 64).min(places.len()) {
                let (out, samples, mask) = (&mut places[block], &samples[block], &mask[block]);
                for x in 0..BLOCK {
                    let above = samples[x].wrapping_sub(base);
                    let counts = (above < band) & (mask[x] != 0);
                    out[x] = if counts { above + steps } else { 0 };
                }
                let any = u16x32::from_slice(simd, out).simd_ne(0).to_bitmask();
                bits |= u64::from(any != 0) << (block % 64);
            }
            *blocks = bits;
        }
    }

    /// Moves the window: adds row `y` to the counts and removes the row that was the window's
    /// first.
    #[inline(always)]
    fn slide<S: Simd>(&mut self, simd: S, y: usize) {
        let turns = self.turns();
        let stride = padded(self.width);
        let come = y % turns;
        let went = (y >= turns - 1).then(|| (y + 1) % turns);
        for word in 0..self.words {
            let come_bits = self.blocks[come * self.words + word];
            let went_bits = went.map_or(0, |went| self.blocks[went * self.words + word]);
            let mut bits = come_bits | went_bits;
            while bits != 0 {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let x = (64 * word + bit) * BLOCK;
                let zeros = u16x32::splat(simd, 0);
                let load = |turn: usize| {
                    u16x32::from_slice(simd, &self.places[turn * stride + x..][..BLOCK])
                };
                let new = if come_bits >> bit & 1 == 1 { load(come) } else { zeros };
                let old = match went {
                    Some(went) if went_bits >> bit & 1 == 1 => load(went),
                    _ => zeros,
                };
                let same = new.simd_eq(old);
                let new = same.select(zeros, new);
                let old = same.select(zeros, old);
                self.count::<S, true>(simd, x, new);
                self.count::<S, false>(simd, x, old);
            }
        }
    }

    /// Adds the runs of a block of places that begins at column `x` to the counts or, for a row
    /// that leaves, subtracts them.
    #[inline(always)]
    fn count<S: Simd, const COME: bool>(&mut self, simd: S, x: usize, places: u16x32<S>) {
        // A bit where a place differs from the one before it.
        let before = u16x32::splat(simd, 0).slide::<{ BLOCK - 1 }>(places);
        let mut begins = places.simd_ne(before).to_bitmask();
        let places = places.to_array();
        while begins != 0 {
            let begin = begins.trailing_zeros() as usize;
            begins &= begins - 1;
            let end = if begins == 0 { BLOCK } else { begins.trailing_zeros() as usize };
            let place = places[begin];
            if place != 0 {
                self.run::<S, COME>(simd, usize::from(place), x + begin, end - begin);
            }
        }
    }

    /// Counts a run of `length` pixels of one place from column `x` on.
    #[inline(always)]
    fn run<S: Simd, const COME: bool>(&mut self, simd: S, place: usize, x: usize, length: usize) {
        let total = length + 2 * self.reach;
        let greatest = u16x32::splat(simd, length.min(2 * self.reach + 1) as u16);
        let columns = u16x32::from_fn(simd, |i| i as u16);
        // Column x - reach of the picture is column x here. Up to a block past the run's reach has
        // zero added.
        let counts = &mut self.counts[place * self.stride + x..][..padded(total)];
        let mut rising = columns + 1;
        let mut passed = columns;
        for counts in counts.as_chunks_mut::<BLOCK>().0 {
            let falling = u16x32::splat(simd, total as u16).saturating_sub(passed);
            let add = rising.min(falling).min(greatest);
            let old = u16x32::from_slice(simd, counts);
            let new = if COME { old + add } else { old - add };
            new.store_slice(counts);
            rising += BLOCK as u16;
            passed += BLOCK as u16;
        }
    }

    /// Outputs the contrasts of row `y`, the centre of the window.
    #[inline(always)]
    fn contrasts<S: Simd>(&self, simd: S, y: usize, out: &mut impl ContrastSink) {
        let turn = y % self.turns();
        let stride = padded(self.width);
        let VisibleContrasts { base, least, judged, steps, .. } = self.contrasts;
        let least = u16x32::splat(simd, least + steps as u16 - base);
        for word in 0..self.words {
            let mut bits = self.blocks[turn * self.words + word];
            while bits != 0 {
                let x = (64 * word + bits.trailing_zeros() as usize) * BLOCK;
                bits &= bits - 1;
                let places = columns::<_, BLOCK>(&self.places, turn * stride + x);
                let seen = (u16x32::from_slice(simd, places) - least).simd_lt(judged).to_bitmask();
                for half in [0, LANES] {
                    let seen = seen >> half & 0xffff;
                    if seen != 0 {
                        let places = columns(places, half);
                        out.take(x + half, y, &self.contrasts_of(simd, x + half, places, seen));
                    }
                }
            }
        }
    }

    /// The contrasts of the pixels from column `x` on that are `seen`, one value after the other.
    #[inline(always)]
    fn contrasts_of<S: Simd>(
        &self,
        simd: S,
        x: usize,
        places: &[u16; LANES],
        mut seen: u64,
    ) -> [f32; LANES] {
        let zeros = f32x16::splat(simd, 0.0);
        let mut contrasts = zeros;
        let lanes = u16x16::from_slice(simd, places);
        while seen != 0 {
            let place = places[seen.trailing_zeros() as usize & (LANES - 1)];
            let this = lanes.simd_eq(place).to_bitmask();
            seen &= !this;
            let sample = usize::from(place - self.contrasts.steps as u16 + self.contrasts.base);
            let at = usize::from(place) * self.stride + x + self.reach;
            let own = u16x16::from_slice(simd, self.lanes(at));
            let own_number = number(own);
            let mut greatest = zeros;
            for step in usize::from(self.contrasts.first[sample])..self.contrasts.steps {
                let above = u16x16::from_slice(simd, self.lanes(at + (step + 1) * self.stride));
                let below = u16x16::from_slice(simd, self.lanes(at - (step + 1) * self.stride));
                let other = above.max(below);
                let other_number = number(other);
                let product = own_number * VisibleContrasts::weight(step) * other_number;
                // Most steps increase no pixel's contrast, by more than any rounding.
                let might = product * NEARLY_ONE;
                let least = greatest * (own_number + other_number);
                if might.simd_gt(least).to_bitmask() & this != 0 {
                    let contrast = product * self.reciprocals_of(simd, own + other);
                    greatest = contrast.max(greatest);
                }
            }
            contrasts = mask32x16::from_bitmask(simd, this).select(greatest, contrasts);
        }
        contrasts.to_array()
    }

    /// The reciprocals of numbers of pixels; arbitrary for numbers that no window has.
    #[inline(always)]
    fn reciprocals_of<S: Simd>(&self, simd: S, counts: u16x16<S>) -> f32x16<S> {
        let table = &self.reciprocals[..];
        let counts = counts.to_array();
        let mut found = [0.0; LANES];
        for i in 0..LANES {
            found[i] = table[usize::from(counts[i]) & (table.len() - 1)];
        }
        f32x16::from_slice(simd, &found)
    }

    #[inline(always)]
    fn lanes(&self, at: usize) -> &[u16; LANES] {
        columns(&self.counts, at)
    }
}

#[inline(always)]
fn number<S: Simd>(counts: u16x16<S>) -> f32x16<S> {
    let (low, high) = counts.widen();
    low.combine(high).bitcast::<i32x16<S>>().to_float()
}
