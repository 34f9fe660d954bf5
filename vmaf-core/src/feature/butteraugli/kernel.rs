//! Butteraugli's map of differences, fast.
//!
//! All pictures are processed together from top to bottom, a row at a time. Each stage needs rows
//! below, so it is some rows behind the one before it, and only the rows that a later stage still
//! needs are kept. The stages of a row, in [`Workspace::run_pass`]:
//!
//! 1. The row as light, [converted](crate::color) from samples, and every other row that of half the
//!    size.
//! 2. [`xyb::convert`], beside the blurred light.
//! 3. [`Bands`]: the low band, then the medium one, then the two high ones; differences of the bands
//!    of the reference and each encode are [squared](lines::add_squares) at once, or kept for lines.
//! 4. [`mask`]: activity is blurred; differences of activity are squared.
//! 5. [`lines::add_sparse`] and [`lines::add_dense`]; [`mask::erode`] and [`mask::combine`]: a row of
//!    the map.
//!
//! A second pass does the same with half the size, and adds its map to that of the first. The
//! reference's share is computed once for all encodes. Passes are plain loops over rows of single
//! precision, which vectorise at the width of each level; sums have a fixed number of lanes. So all
//! levels give the same bits.

mod bands;
mod lines;
mod mask;
pub(super) mod rows;
pub(super) mod xyb;

use fearless_simd::Simd;

use bands::Bands;
use lines::LineFactors;
use mask::LaneSums;
use rows::{Blur, LANES, PAD, Ring};

use super::score::MapSums;
use super::{
    FULL_SHARE, HALF_SHARE, HIGH_LINES, HIGH_SIGMA, HIGH_SQUARES, LEAST_SIZE, LIGHT_SIGMA,
    LOW_SIGMA, LOW_SQUARES, MASK_SIGMA, MEDIUM_LINES, MEDIUM_SIGMA, MEDIUM_SQUARES, ULTRA_LINES,
};
use crate::Frame;
use crate::color::{LightReader, RowMemory, halve};
use crate::numeric::FloatPlane;
use crate::simd::Kernel;

/// The number of rows by which each stage is behind the light.
const XYB: usize = 2;
const LOW: usize = XYB + 16;
const MEDIUM: usize = LOW + 7;
const HIGH: usize = MEDIUM + 3;
const MASK: usize = HIGH + 6;
const MAP: usize = MASK + super::EROSION_STEP;

/// The blurs of all stages.
#[derive(Debug)]
struct Blurs {
    light: Blur,
    low: Blur,
    medium: Blur,
    high: Blur,
    mask: Blur,
}

impl Default for Blurs {
    fn default() -> Self {
        let [light, low, medium, high, mask] =
            [LIGHT_SIGMA, LOW_SIGMA, MEDIUM_SIGMA, HIGH_SIGMA, MASK_SIGMA].map(Blur::new);
        Self { light, low, medium, high, mask }
    }
}

/// The pass over pictures of one size.
#[derive(Debug, Clone, Copy)]
struct Pass {
    width: usize,
    height: usize,
    is_half: bool,
}

/// Memory of the reference or of one encode.
#[derive(Default)]
struct PictureMemory {
    /// The latest rows as light: red, green and blue.
    light: [Ring; 3],
    bands: Bands,
    /// The latest rows of activity.
    activity: Ring,
    /// The light of half the size, as far as it is known.
    half: [FloatPlane; 3],
}

/// Comparisons of one encode with the reference.
#[derive(Default)]
struct Differences {
    /// The squared differences of the low band, and of the rest.
    low: Ring,
    rest: Ring,
    /// The differences to be summed along lines, of X and Y.
    medium_lines: [Ring; 2],
    high_lines: [Ring; 2],
    ultra_lines: [Ring; 2],
    /// The map: of the first pass, then of both.
    map: FloatPlane,
}

/// Rows for intermediate results.
#[derive(Default)]
struct Scratch {
    zeros: Vec<f32>,
    infinite: Vec<f32>,
    /// A row that is blurred down, between zeros.
    temporary: Vec<f32>,
    /// A row of light that is blurred down, between its mirror images.
    mirrored: Vec<f32>,
    /// The blurred light.
    around: [Vec<f32>; 3],
    row: Vec<f32>,
    /// A row of the map of half the size.
    half: Vec<f32>,
    /// A row of the map of full size, followed by zeros.
    full: Vec<f32>,
}

/// Memory that is reused from frame to frame.
#[derive(Default)]
pub(super) struct Workspace {
    blurs: Blurs,
    chroma: RowMemory,
    /// The reference's memory, then each encode's.
    pictures: Vec<PictureMemory>,
    differences: Vec<Differences>,
    /// The latest rows of the reference's blurred activity.
    masks: Ring,
    scratch: Scratch,
}

/// The sums over the map, for each encode.
pub(super) struct Comparison<'a> {
    /// The reference, then the encodes.
    pub(super) frames: &'a [&'a Frame],
    pub(super) reader: &'a LightReader,
    pub(super) workspace: &'a mut Workspace,
}

impl Kernel for Comparison<'_> {
    type Output = Vec<MapSums>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<MapSums> {
        let Self { frames, reader, workspace } = self;
        workspace.pictures.resize_with(frames.len(), PictureMemory::default);
        workspace.differences.resize_with(frames.len() - 1, Differences::default);
        let (width, height) = frames[0].format().plane_size(0);
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        let full = Pass { width, height, is_half: false };
        let half = Pass { width: half_width, height: half_height, is_half: true };
        let has_half = half_width >= LEAST_SIZE && half_height >= LEAST_SIZE;
        // The passes share a loop, so that its code exists once.
        for pass in [full, half].into_iter().take(1 + usize::from(has_half)) {
            workspace.start(pass);
            for step in 0..pass.height + MAP {
                if step < pass.height {
                    for (index, frame) in frames.iter().enumerate() {
                        workspace.read(pass, index, frame, reader, step);
                    }
                }
                workspace.advance(simd, pass, step);
            }
        }
        workspace.sums(full)
    }
}

impl Workspace {
    fn start(&mut self, pass: Pass) {
        let Pass { width, height, is_half } = pass;
        let stride = width.next_multiple_of(LANES) + 2 * PAD;
        for picture in &mut self.pictures {
            picture.light.iter_mut().for_each(|ring| ring.start(5, width, 0.0));
            picture.bands.start(pass, &self.blurs);
            picture.activity.start(2 * self.blurs.mask.reach() + 1, width, 0.0);
            if !is_half {
                let size = (width.div_ceil(2), height.div_ceil(2));
                picture.half.iter_mut().for_each(|plane| plane.resize(size.0, size.1));
            }
        }
        for differences in &mut self.differences {
            // A row is kept from the stage that writes it to the last one.
            differences.low.start(MAP - LOW + 1, width, 0.0);
            differences.rest.start(MAP - MEDIUM + 1, width, 0.0);
            let below = lines::REACH + 1;
            for ring in &mut differences.medium_lines {
                ring.start(MAP - MEDIUM + below, width, 0.0);
            }
            for ring in differences.high_lines.iter_mut().chain(&mut differences.ultra_lines) {
                ring.start(MAP - HIGH + below, width, 0.0);
            }
            if !is_half {
                differences.map.resize(width, height);
            }
        }
        self.masks.start(2 * super::EROSION_STEP + 1, width, f32::INFINITY);
        let Scratch { zeros, infinite, temporary, mirrored, around, row, half, .. } =
            &mut self.scratch;
        for (row, value) in [(zeros, 0.0), (infinite, f32::INFINITY), (temporary, 0.0)] {
            row.clear();
            row.resize(stride, value);
        }
        mirrored.resize(stride, 0.0);
        around.iter_mut().for_each(|row| row.resize(stride - 2 * PAD, 0.0));
        row.resize(stride - 2 * PAD, 0.0);
        half.resize(width, 0.0);
    }

    /// Reads row `y` of picture `index`.
    #[inline(always)]
    fn read(&mut self, pass: Pass, index: usize, frame: &Frame, reader: &LightReader, y: usize) {
        let PictureMemory { light, half, .. } = &mut self.pictures[index];
        if pass.is_half {
            for (ring, plane) in light.iter_mut().zip(&*half) {
                ring.row_mut(y).copy_from_slice(plane.row(y));
            }
        } else {
            let mut rgb = light.each_mut().map(|ring| ring.row_mut(y));
            reader.read(frame, y, &mut self.chroma, &mut rgb);
            if y % 2 == 1 || y + 1 == pass.height {
                for (ring, plane) in light.iter().zip(half) {
                    // The last row of an odd number is taken twice.
                    halve(ring.row(y - y % 2), ring.row(y), plane.row_mut(y / 2));
                }
            }
        }
        light.iter_mut().for_each(|ring| rows::mirror(ring, y));
    }

    /// Takes each stage a row further.
    #[inline(always)]
    fn advance<S: Simd>(&mut self, simd: S, pass: Pass, step: usize) {
        let height = pass.height;
        let row = |delay: usize| step.checked_sub(delay).filter(|y| *y < height);
        let Self { blurs, pictures, differences, masks, scratch, .. } = self;
        if let Some(y) = row(XYB) {
            for picture in pictures.iter_mut() {
                for (ring, out) in picture.light.iter().zip(&mut scratch.around) {
                    rows::blur_light(&blurs.light, ring, (y, height), &mut scratch.mirrored, out);
                }
                let light = picture.light.each_ref().map(|ring| ring.lanes(y));
                let around = scratch.around.each_ref().map(|row| &row[..]);
                let xyb = &mut picture.bands.xyb;
                xyb::convert(simd, light, around, xyb.each_mut().map(|ring| ring.lanes_mut(y)));
                // What blurs read beyond the last column is zero.
                xyb.iter_mut().for_each(|ring| ring.lanes_mut(y)[pass.width..].fill(0.0));
            }
        }
        if let Some(y) = row(LOW) {
            for picture in pictures.iter_mut() {
                picture.bands.separate_low(simd, (y, height), blurs, scratch);
            }
            compare(pictures, differences, |a, b, differences| differences.add_low(a, b, y));
        }
        if let Some(y) = row(MEDIUM) {
            for picture in pictures.iter_mut() {
                picture.bands.separate_medium(simd, (y, height), blurs, scratch);
            }
            compare(pictures, differences, |a, b, differences| differences.add_medium(a, b, y));
        }
        if let Some(y) = row(HIGH) {
            for PictureMemory { bands, activity, .. } in pictures.iter_mut() {
                bands.separate_high(simd, (y, height), blurs, scratch);
                mask::activity(&bands.high, &bands.ultra, activity.row_mut(y));
            }
            compare(pictures, differences, |a, b, differences| differences.add_high(a, b, y));
        }
        if let Some(y) = row(MASK) {
            let Scratch { zeros, temporary, row, .. } = &mut *scratch;
            let [reference, encodes @ ..] = &pictures[..] else { return };
            let at = (y, height);
            blurs.mask.apply(simd, &reference.activity, at, zeros, temporary, row);
            masks.row_mut(y).copy_from_slice(&row[..pass.width]);
            for (encode, differences) in encodes.iter().zip(&mut *differences) {
                blurs.mask.apply(simd, &encode.activity, at, zeros, temporary, row);
                mask::add_differences(masks.row(y), row, differences.rest.row_mut(y));
            }
        }
        if let Some(y) = row(MAP) {
            let Scratch { infinite, row, .. } = &mut *scratch;
            mask::erode(simd, masks, (y, height), infinite, row);
            for differences in differences {
                differences.complete(simd, pass, y, scratch);
            }
        }
    }

    /// Takes the map of the first encode.
    pub(super) fn take_map(self) -> Vec<f32> {
        let mut differences = self.differences.into_iter();
        differences.next().map(|first| first.map.into_values()).unwrap_or_default()
    }

    /// Returns the sums of each encode's map.
    #[inline(always)]
    fn sums(&mut self, full: Pass) -> Vec<MapSums> {
        let row = &mut self.scratch.full;
        row.clear();
        row.resize(full.width.next_multiple_of(LANES), 0.0);
        let pixels = (full.width * full.height) as f64;
        let mut totals = Vec::with_capacity(self.differences.len());
        // A closure would not be compiled for the level.
        for Differences { map, .. } in &self.differences {
            let mut sums = LaneSums::default();
            for y in 0..full.height {
                row[..full.width].copy_from_slice(map.row(y));
                sums.add(row);
            }
            totals.push(sums.total(pixels));
        }
        totals
    }
}

/// Compares the bands of the reference with those of each encode.
#[inline(always)]
fn compare(
    pictures: &[PictureMemory],
    differences: &mut [Differences],
    add: impl Fn(&Bands, &Bands, &mut Differences),
) {
    let [reference, encodes @ ..] = pictures else { return };
    for (encode, differences) in encodes.iter().zip(differences) {
        add(&reference.bands, &encode.bands, differences);
    }
}

impl Differences {
    #[inline(always)]
    fn add_low(&mut self, a: &Bands, b: &Bands, y: usize) {
        let out = self.low.row_mut(y);
        out.fill(0.0);
        for (c, weight) in LOW_SQUARES.into_iter().enumerate() {
            lines::add_squares(&a.low[c], &b.low[c], weight as f32, out);
        }
    }

    #[inline(always)]
    fn add_medium(&mut self, a: &Bands, b: &Bands, y: usize) {
        let out = self.rest.row_mut(y);
        out.fill(0.0);
        for (c, weight) in MEDIUM_SQUARES.into_iter().enumerate() {
            lines::add_squares(&a.medium[c], &b.medium[c], weight as f32, out);
        }
        for (c, ring) in self.medium_lines.iter_mut().enumerate() {
            let factors = LineFactors::new(MEDIUM_LINES[c]);
            factors.differences(&a.medium[c], &b.medium[c], ring.row_mut(y));
        }
    }

    #[inline(always)]
    fn add_high(&mut self, a: &Bands, b: &Bands, y: usize) {
        for c in 0..2 {
            let (high, ultra) = ([&a.high[c], &b.high[c]], [&a.ultra[c], &b.ultra[c]]);
            let weight = HIGH_SQUARES[c] as f32;
            lines::add_asymmetric_squares(high[0], high[1], weight, self.rest.row_mut(y));
            let factors = LineFactors::new(HIGH_LINES[c]);
            factors.differences(high[0], high[1], self.high_lines[c].row_mut(y));
            let factors = LineFactors::new(ULTRA_LINES[c]);
            factors.differences(ultra[0], ultra[1], self.ultra_lines[c].row_mut(y));
        }
    }

    /// Completes row `y` of the pass's map. The second pass adds its own to the first's.
    #[inline(always)]
    fn complete<S: Simd>(&mut self, simd: S, pass: Pass, y: usize, scratch: &mut Scratch) {
        let Scratch { zeros, row: activity, half, .. } = scratch;
        let (at, activity) = ((y, pass.height), &activity[..pass.width]);
        let rest = self.rest.lanes_mut(y);
        for ring in self.medium_lines.iter().chain(&self.high_lines) {
            lines::add_sparse(simd, ring, at, zeros, rest);
        }
        for ring in &self.ultra_lines {
            lines::add_dense(simd, ring, at, zeros, rest);
        }
        let (low, rest) = (self.low.row(y), self.rest.row(y));
        if !pass.is_half {
            mask::combine(activity, low, rest, self.map.row_mut(y));
            return;
        }
        mask::combine(activity, low, rest, &mut half[..pass.width]);
        for y in 2 * y..(2 * y + 2).min(self.map.height()) {
            add_half(self.map.row_mut(y), half);
        }
    }
}

/// Adds a row of the map of half the size to one of the full size.
#[inline(always)]
fn add_half(map: &mut [f32], half: &[f32]) {
    let (full_share, half_share) = (FULL_SHARE as f32, HALF_SHARE as f32);
    for (pair, half) in map.chunks_mut(2).zip(half) {
        for value in pair {
            *value = *value * full_share + half * half_share;
        }
    }
}
