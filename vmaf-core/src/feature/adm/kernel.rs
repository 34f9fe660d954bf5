//! ADM at one scale, fast.
//!
//! Bands are gone through row by row: the reference's row is transformed and summed, each encode's
//! is transformed, taken apart, and measured as soon as the row below it, which masks it too, is
//! there. Nothing of a band is kept but three rows, and the approximation for the next scale. The
//! reference's transform and sums are computed once for all encodes, and the comparison once for
//! all gain limits.

use fearless_simd::Simd;

use super::csf::Weights;
use super::decouple::Followed;
use super::scale::{Region, Scale, mirrored};
use super::sums::{Bands, CubeShifts};
use super::wavelet::{Band, Detail, Filtered, Input, transform_row};
use crate::simd::Kernel;

/// A way to weight and limit, with sums of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) weights: Weights,
    pub(super) gain_limit: f64,
    /// Whether additive impairment is measured too.
    pub(super) additive: bool,
}

/// Sums of the cubes of what is left of the masked details.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Masked {
    /// Of what follows the reference, masked by the rest.
    pub(super) restored: Bands<i64>,
    /// Of the rest, masked by what follows the reference.
    pub(super) additive: Bands<i64>,
}

/// A scale's results.
pub(super) struct Measured {
    /// Sums of the cubes of the reference's details.
    pub(super) plain: Bands<u64>,
    /// For each encode, for each setting.
    pub(super) masked: Vec<Vec<Masked>>,
}

/// What a scale leaves for the next one to transform.
#[derive(Debug, Default)]
pub(super) struct Approximations {
    pub(super) reference: Band,
    pub(super) distorted: Vec<Band>,
}

impl Approximations {
    /// Makes them of `scale`'s size, using their memory again.
    fn resize(&mut self, scale: &Scale, encodes: usize) {
        self.distorted.resize_with(encodes, Band::default);
        for band in self.distorted.iter_mut().chain([&mut self.reference]) {
            band.resize(scale.width, scale.height);
        }
    }
}

/// Memory that is reused from scale to scale and frame to frame.
pub(super) struct Workspace {
    filtered: Filtered,
    detail: [Detail; 2],
    followed: Followed,
    threshold: Vec<i32>,
    /// For each encode, for each setting.
    lanes: Vec<Vec<Lane>>,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        let half = width.div_ceil(2);
        Self {
            filtered: Filtered::new(width),
            detail: std::array::from_fn(|_| Detail::new(half)),
            followed: Followed::new(half),
            threshold: vec![0; half],
            lanes: Vec::new(),
        }
    }

    fn reserve(&mut self, encodes: usize, settings: usize, width: usize) {
        self.lanes.resize_with(encodes, Vec::new);
        for lanes in &mut self.lanes {
            lanes.resize_with(lanes.len().max(settings), || Lane::new(width));
        }
    }
}

/// One encode under one setting: the last three rows.
struct Lane {
    rows: [LaneRow; 3],
}

struct LaneRow {
    /// What follows the reference, and the rest.
    parts: [[Vec<i32>; 3]; 2],
    /// How each part masks: a neighbour, with a mirrored column at either end, and the same place.
    neighbour: [Vec<i32>; 2],
    place: [Vec<i32>; 2],
}

const RESTORED: usize = 0;
const ADDITIVE: usize = 1;

impl Lane {
    fn new(width: usize) -> Self {
        let row = || LaneRow {
            parts: std::array::from_fn(|_| std::array::from_fn(|_| vec![0; width])),
            neighbour: std::array::from_fn(|_| vec![0; width + 2]),
            place: std::array::from_fn(|_| vec![0; width]),
        };
        Self { rows: std::array::from_fn(|_| row()) }
    }
}

/// A scale to be measured.
pub(super) struct Measure<'a, I> {
    pub(super) scale: Scale,
    pub(super) reference: &'a I,
    pub(super) distorted: &'a [&'a I],
    pub(super) depth: u8,
    /// None to transform only.
    pub(super) settings: &'a [Setting],
    pub(super) workspace: &'a mut Workspace,
    /// Where the approximations go.
    pub(super) out: &'a mut Approximations,
}

impl<I: Input> Kernel for Measure<'_, I> {
    type Output = Measured;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Measured {
        let Scale { width, height, .. } = self.scale;
        let region = self.scale.region();
        let surround = region.with_surround(width, height);
        let sizes = CubeShifts::plain(&self.scale);
        self.workspace.reserve(self.distorted.len(), self.settings.len(), width);
        let mut measured = Measured {
            plain: [0; 3],
            masked: vec![vec![Masked::default(); self.settings.len()]; self.distorted.len()],
        };
        self.out.resize(&self.scale, self.distorted.len());
        let ws = self.workspace;
        let [of_reference, of_distorted] = &mut ws.detail;
        for y in 0..height {
            let wanted = !self.settings.is_empty() && (surround.top..surround.bottom).contains(&y);
            let row = self.out.reference.row_mut(y);
            let detail = wanted.then_some(&mut *of_reference);
            let (scale, filtered) = (&self.scale, &mut ws.filtered);
            transform_row(scale, self.reference, self.depth, y, filtered, row, detail);
            if wanted && (region.top..region.bottom).contains(&y) {
                add_plain(&sizes, of_reference, &region, &mut measured.plain);
            }
            for (encode, distorted) in self.distorted.iter().enumerate() {
                let row = self.out.distorted[encode].row_mut(y);
                let detail = wanted.then_some(&mut *of_distorted);
                transform_row(scale, *distorted, self.depth, y, filtered, row, detail);
                if !wanted {
                    continue;
                }
                let columns = (surround.left, surround.right);
                let (reference, distorted) = (&of_reference.rows, &of_distorted.rows);
                ws.followed.compare(reference, distorted, columns, scale.index == 0);
                for (index, setting) in self.settings.iter().enumerate() {
                    let lane = &mut ws.lanes[encode][index];
                    let row = &mut lane.rows[y % 3];
                    fill(scale, setting, &ws.followed, distorted, &surround, row);
                    // The row above has now all its neighbours; the last has them too.
                    let last = (y == height - 1).then_some(y);
                    for y in y.checked_sub(1).into_iter().chain(last) {
                        if (region.top..region.bottom).contains(&y) {
                            let sums = &mut measured.masked[encode][index];
                            add_masked(scale, setting, lane, y, &region, &mut ws.threshold, sums);
                        }
                    }
                }
            }
        }
        measured
    }
}

/// Adds a row of the reference's cubes.
#[inline(always)]
fn add_plain(shifts: &CubeShifts, detail: &Detail, region: &Region, sums: &mut Bands<u64>) {
    for (band, sum) in sums.iter_mut().enumerate() {
        let (square, cube) = (shifts.square[band], shifts.cube[band]);
        // Rounded by a whole unit, not by half of one.
        let add_square = if square == 0 { 0 } else { 1_u64 << square };
        let add_cube = (1_u64 << cube) >> 1;
        let mut row = 0_u64;
        for value in &detail.rows[band][region.left..region.right] {
            let magnitude = u64::from(value.unsigned_abs());
            let squared = (magnitude * magnitude + add_square) >> square;
            row += (squared * magnitude + add_cube) >> cube;
        }
        *sum += (row + ((1_u64 << shifts.row) >> 1)) >> shifts.row;
    }
}

/// Takes a row of an encode apart under a setting, and computes how its parts mask each other.
#[inline(always)]
fn fill(
    scale: &Scale,
    setting: &Setting,
    followed: &Followed,
    distorted: &[Vec<i32>; 3],
    surround: &Region,
    row: &mut LaneRow,
) {
    let columns = (surround.left, surround.right);
    let [restored, additive] = &mut row.parts;
    for band in 0..3 {
        let (restored, additive) = (&mut restored[band], &mut additive[band]);
        followed.split(band, &distorted[band], columns, setting.gain_limit, restored, additive);
    }
    let masks = if setting.additive { &[ADDITIVE, RESTORED][..] } else { &[ADDITIVE] };
    for &part in masks {
        let parts = row.parts[part].each_ref().map(|values| &values[columns.0..columns.1]);
        let neighbour = &mut row.neighbour[part];
        let place = &mut row.place[part][columns.0..columns.1];
        mask(scale, &setting.weights, parts, &mut neighbour[1 + columns.0..1 + columns.1], place);
        neighbour[0] = neighbour[1 + 1];
        neighbour[1 + scale.width] = neighbour[scale.width];
    }
}

/// A part's share of the threshold below which the other is masked, summed over the bands: a 30th
/// of its weighted magnitude for a neighbour, a 15th for the same place.
#[inline(always)]
fn mask(
    scale: &Scale,
    weights: &Weights,
    parts: [&[i32]; 3],
    neighbour: &mut [i32],
    place: &mut [i32],
) {
    let len = place.len();
    let parts = parts.map(|part| &part[..len]);
    let neighbour = &mut neighbour[..len];
    for i in 0..len {
        let mut sums = (0, 0);
        for (band, part) in parts.iter().enumerate() {
            let shares = if scale.index == 0 {
                finest_shares(part[i], weights.fixed[band], band)
            } else {
                coarser_shares(part[i], weights.fixed[band])
            };
            sums = (sums.0 + shares.0, sums.1 + shares.1);
        }
        neighbour[i] = sums.0;
        place[i] = sums.1;
    }
}

/// The shares of one coefficient at the finest scale, where libvmaf keeps 16 bits.
#[inline(always)]
fn finest_shares(value: i32, weight: u32, band: usize) -> (i32, i32) {
    let (add, shift) = [(1 << 14, 15), (1 << 14, 15), ((1 << 16) - 1, 17)][band];
    let weighted = (value * weight as i32 + add) >> shift;
    let magnitude = i32::from(weighted as i16).abs();
    let near = ((4369 * magnitude + (1 << 11)) >> 12) as i16;
    let here = ((8738 * magnitude + (1 << 11)) >> 12) as i16;
    (near.into(), here.into())
}

/// The shares of one coefficient at a coarser scale. libvmaf's rounding constant is negative here:
/// they are one less than they would be.
#[inline(always)]
fn coarser_shares(value: i32, weight: u32) -> (i32, i32) {
    let magnitude = i64::from(weighted(value, weight)).abs();
    let near = (143_165_577 * magnitude - (1 << 31)) >> 32;
    let here = (286_331_153 * magnitude - (1 << 31)) >> 32;
    (near as i32, here as i32)
}

/// A coefficient of a coarser scale, weighted.
#[inline(always)]
fn weighted(value: i32, weight: u32) -> i32 {
    ((i64::from(value) * i64::from(weight) + (1 << 27)) >> 28) as i32
}

/// Adds row `y` of what is left of each part once the other masks it, cubed.
#[inline(always)]
fn add_masked(
    scale: &Scale,
    setting: &Setting,
    lane: &Lane,
    y: usize,
    region: &Region,
    threshold: &mut [i32],
    sums: &mut Masked,
) {
    let threshold = &mut threshold[..region.right - region.left];
    thresholds(scale, lane, y, region, ADDITIVE, threshold);
    add_cubes(scale, setting, lane, y, region, RESTORED, threshold, &mut sums.restored);
    if setting.additive {
        thresholds(scale, lane, y, region, RESTORED, threshold);
        add_cubes(scale, setting, lane, y, region, ADDITIVE, threshold, &mut sums.additive);
    }
}

/// The thresholds of row `y` that the part `mask` sets: its neighbours' shares and its own.
#[inline(always)]
fn thresholds(
    scale: &Scale,
    lane: &Lane,
    y: usize,
    region: &Region,
    mask: usize,
    threshold: &mut [i32],
) {
    let len = threshold.len();
    let y = y as isize;
    let above = &lane.rows[mirrored(y - 1, scale.height) % 3].neighbour[mask];
    let here = &lane.rows[y as usize % 3];
    let below = &lane.rows[mirrored(y + 1, scale.height) % 3].neighbour[mask];
    let above = &above[region.left..][..len + 2];
    let below = &below[region.left..][..len + 2];
    let middle = &here.neighbour[mask][region.left..][..len + 2];
    let place = &here.place[mask][region.left..][..len];
    for i in 0..len {
        let left = above[i] + middle[i] + below[i];
        let right = above[i + 2] + middle[i + 2] + below[i + 2];
        threshold[i] = left + right + above[i + 1] + below[i + 1] + place[i];
    }
}

/// Adds a row's cubes of what `part` has above the thresholds.
#[expect(clippy::too_many_arguments, reason = "a step of one loop, apart to be read")]
#[inline(always)]
fn add_cubes(
    scale: &Scale,
    setting: &Setting,
    lane: &Lane,
    y: usize,
    region: &Region,
    part: usize,
    threshold: &[i32],
    sums: &mut Bands<i64>,
) {
    let shifts = CubeShifts::masked(scale);
    for (band, sum) in sums.iter_mut().enumerate() {
        let values = &lane.rows[y % 3].parts[part][band][region.left..region.right];
        let weight = setting.weights.fixed[band];
        let row = cubes(scale, &shifts, band, weight, values, threshold);
        *sum += (row + ((1_i64 << shifts.row) >> 1)) >> shifts.row;
    }
}

/// The sum of the cubes of what a row's weighted coefficients have above their thresholds.
#[inline(always)]
fn cubes(
    scale: &Scale,
    shifts: &CubeShifts,
    band: usize,
    weight: u32,
    values: &[i32],
    threshold: &[i32],
) -> i64 {
    let (square, cube) = (shifts.square[band], shifts.cube[band]);
    let (add_square, add_cube) = ((1_i64 << square) >> 1, (1_i64 << cube) >> 1);
    let mut sum = 0;
    for (&value, &threshold) in values.iter().zip(threshold) {
        let above = if scale.index == 0 {
            let weighted = value * weight as i32;
            weighted.abs().wrapping_sub(threshold << [10, 10, 12][band])
        } else {
            weighted(value, weight).abs().wrapping_sub(threshold)
        };
        let above = i64::from(above.max(0));
        let squared = i64::from(((above * above + add_square) >> square) as i32);
        sum += (squared * above + add_cube) >> cube;
    }
    sum
}
