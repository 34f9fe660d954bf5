//! ADM at one scale in floating point, fast.
//!
//! Of the reference's wavelet coefficients `o` and an encode's `t`, in the horizontal, vertical and
//! diagonal band of a scale:
//!
//! ```text
//! r = o * clamp(t / o, 0, 1)            restored: the part of t that follows o; where o and t have
//!                                       one direction, t itself up to gain_limit times that part
//! a = t - r                             additive: the rest
//! T(p) = sum over the bands of |w p| / 15 at the place and |w p| / 30 at each of its 8 neighbours
//!
//! plain    = sum of |w o|^norm
//! restored = sum of max(|w r| - T(a), 0)^norm
//! additive = sum of max(|w a| - T(r), 0)^norm
//! ```
//!
//! The sums are taken for each band over all but a tenth at each border; `w` are the weights of
//! contrast sensitivity. [`sums`](super::sums) makes norms of the sums.
//!
//! Each row of bands goes through these passes, in [`MeasureScale`], before the next one begins:
//!
//! 1. [`wavelet`]: the reference's row of each band, and of the next scale's input; `add_plain`
//!    adds its powers. Then, for each encode:
//! 2. [`wavelet`]: the encode's row.
//! 3. `SharedParts::compare`: following part and direction, once for all settings.
//! 4. `split`: both parts under each setting, and their shares of the thresholds.
//! 5. `add_masked`: thresholds, excess and powers of the row above, which now has all its
//!    neighbours.
//!
//! Loops run across columns, without branches, so that they vectorise; a row's numbers are added in
//! their order, as in libvmaf, all bands and both parts side by side.

pub(super) mod wavelet;

use fearless_simd::Simd;

use wavelet::{Detail, FilteredRow, RING, transform_row};

use super::sums::{Bands, Norm};
use crate::feature::adm::scale::{Region, Scale, mirrored};
use crate::numeric::{FloatPlane, FloatRows, RowRing};
use crate::simd::Kernel;

/// A way to weight and limit, with sums of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    /// The weights of the horizontal, vertical and diagonal band.
    pub(super) weights: Bands,
    pub(super) gain_limit: f64,
    /// True if parts don't mask each other.
    pub(super) unmasked: bool,
    pub(super) norm: Norm,
}

/// A scale's results.
pub(super) struct BandSums {
    /// For each setting, sums of the powers of the reference's weighted details.
    pub(super) plain: Vec<Bands>,
    /// For each encode, for each setting.
    pub(super) masked: Vec<Vec<MaskedSums>>,
}

/// Sums of the powers of the details that remain after masking.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct MaskedSums {
    /// The part that follows the reference, masked by the rest.
    pub(super) restored: Bands,
    /// The rest, masked by the part that follows the reference.
    pub(super) additive: Bands,
}

/// Memory that is reused from scale to scale and frame to frame.
#[derive(Default)]
pub(super) struct Workspace {
    /// The rows that the wavelet covers, of the reference and of each encode.
    rings: Vec<RowRing>,
    filtered: FilteredRow,
    detail: [Detail; 2],
    shared: SharedParts,
    threshold: Vec<f32>,
    /// The contribution of each coefficient: of both parts, or of the reference.
    added: [[Vec<f32>; 3]; 2],
    /// For each encode, for each setting.
    encodes: Vec<Vec<EncodeRows>>,
}

/// The values of a row's coefficients that all gain limits share.
#[derive(Default)]
struct SharedParts {
    /// The part of each band's coefficient that follows the reference, before enhancement.
    restored: [Vec<f32>; 3],
    /// The bound of enhancement: the whole coefficient if the direction is kept.
    most: [Vec<f32>; 3],
}

/// One encode under one setting: the last three rows.
#[derive(Default)]
struct EncodeRows {
    rows: [SplitRow; 3],
}

/// For both parts and each band: weighted magnitudes, and their masking of a neighbour, with a
/// mirrored column at either end.
#[derive(Default)]
struct SplitRow {
    magnitude: [[Vec<f32>; 3]; 2],
    neighbour: [[Vec<f32>; 3]; 2],
}

const RESTORED: usize = 0;
const ADDITIVE: usize = 1;

/// The shares of a coefficient that mask its neighbours and its own place: a 30th and a 15th,
/// rounded as in libvmaf.
const NEIGHBOUR: f64 = 0.033_333_335_1;
const PLACE: f64 = 0.066_666_670_1;

fn reserve<'a>(rows: impl IntoIterator<Item = &'a mut Vec<f32>>, len: usize) {
    for row in rows {
        row.resize(row.len().max(len), 0.0);
    }
}

impl Workspace {
    /// Makes room for bands of `width`.
    fn reserve(&mut self, encodes: usize, settings: usize, width: usize) {
        if self.rings.len() < 1 + encodes {
            self.rings.resize_with(1 + encodes, RowRing::default);
        }
        for ring in &mut self.rings {
            ring.start(2 * width, RING);
        }
        self.filtered.reserve(2 * width);
        self.detail.iter_mut().for_each(|detail| detail.reserve(width));
        reserve(self.shared.restored.iter_mut().chain(&mut self.shared.most), width);
        reserve(self.added.iter_mut().flatten().chain([&mut self.threshold]), width);
        if self.encodes.len() < encodes {
            self.encodes.resize_with(encodes, Vec::new);
        }
        for rows in &mut self.encodes {
            if rows.len() < settings {
                rows.resize_with(settings, EncodeRows::default);
            }
            for row in rows.iter_mut().flat_map(|encode| &mut encode.rows) {
                reserve(row.magnitude.iter_mut().flatten(), width);
                reserve(row.neighbour.iter_mut().flatten(), width + 2);
            }
        }
    }
}

/// A scale to be measured.
pub(super) struct MeasureScale<'a> {
    pub(super) scale: Scale,
    pub(super) reference: &'a dyn FloatRows,
    pub(super) distorted: &'a [&'a dyn FloatRows],
    /// None to transform only.
    pub(super) settings: &'a [Setting],
    pub(super) workspace: &'a mut Workspace,
    /// The destination of the approximations, the reference's first.
    pub(super) out: &'a mut [FloatPlane],
}

impl Kernel for MeasureScale<'_> {
    type Output = BandSums;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> BandSums {
        let Scale { width, height, .. } = self.scale;
        let region = self.scale.region();
        let surround = region.with_surround(width, height);
        let mut measured = BandSums {
            plain: vec![[0.0; 3]; self.settings.len()],
            masked: vec![vec![MaskedSums::default(); self.settings.len()]; self.distorted.len()],
        };
        let ws = self.workspace;
        ws.reserve(self.distorted.len(), self.settings.len(), width);
        self.out.iter_mut().for_each(|out| out.resize(width, height));
        let [of_reference, of_distorted] = &mut ws.detail;
        for y in 0..height {
            let wanted = !self.settings.is_empty() && (surround.top..surround.bottom).contains(&y);
            let detail = wanted.then_some(&mut *of_reference);
            let row = self.out[0].row_mut(y);
            let (ring, filtered) = (&mut ws.rings[0], &mut ws.filtered);
            transform_row(self.reference, ring, y, filtered, row, detail);
            if wanted && (region.top..region.bottom).contains(&y) {
                for (setting, sums) in self.settings.iter().zip(&mut measured.plain) {
                    add_plain(setting, of_reference, &region, &mut ws.added[0], sums);
                }
            }
            for (encode, distorted) in self.distorted.iter().enumerate() {
                let row = self.out[1 + encode].row_mut(y);
                let detail = wanted.then_some(&mut *of_distorted);
                transform_row(*distorted, &mut ws.rings[1 + encode], y, filtered, row, detail);
                if !wanted {
                    continue;
                }
                let columns = (surround.left, surround.right);
                ws.shared.compare(&of_reference.rows, &of_distorted.rows, columns);
                for (index, setting) in self.settings.iter().enumerate() {
                    let kept = &mut ws.encodes[encode][index];
                    let row = &mut kept.rows[y % 3];
                    split(setting, &ws.shared, &of_distorted.rows, columns, width, row);
                    // The row above has now all its neighbours; the last has them too.
                    let last = (y == height - 1).then_some(y);
                    for y in y.checked_sub(1).into_iter().chain(last) {
                        if (region.top..region.bottom).contains(&y) {
                            let rows = [-1, 0, 1]
                                .map(|by| &kept.rows[mirrored(y as isize + by, height) % 3]);
                            let sums = &mut measured.masked[encode][index];
                            let (threshold, added) = (&mut ws.threshold, &mut ws.added);
                            add_masked(setting, rows, &region, threshold, added, sums);
                        }
                    }
                }
            }
        }
        measured
    }
}

/// Adds a row of the reference's powers.
#[inline(always)]
fn add_plain(
    setting: &Setting,
    detail: &Detail,
    region: &Region,
    added: &mut [Vec<f32>; 3],
    sums: &mut Bands,
) {
    let len = region.right - region.left;
    for band in 0..3 {
        let weight = setting.weights[band];
        let values = &detail.rows[band][region.left..region.right];
        let added = &mut added[band][..len];
        for (added, value) in added.iter_mut().zip(values) {
            *added = (weight * value).abs();
        }
        raise_to_power(setting.norm, added);
    }
    let rows = [&added[0][..len], &added[1][..len], &added[2][..len]];
    let row = sum_rows(rows);
    for band in 0..3 {
        sums[band] += row[band];
    }
}

/// Raises magnitudes to the norm's power.
#[inline(always)]
fn raise_to_power(norm: Norm, magnitudes: &mut [f32]) {
    if norm.is_cubic() {
        for magnitude in magnitudes {
            *magnitude = *magnitude * *magnitude * *magnitude;
        }
    } else {
        for magnitude in magnitudes {
            *magnitude = norm.power(*magnitude);
        }
    }
}

/// Adds up each of some rows of one length, in the order of columns.
#[inline(always)]
fn sum_rows<const N: usize>(rows: [&[f32]; N]) -> [f32; N] {
    let mut sums = [0.0; N];
    let len = rows[0].len();
    for x in 0..len {
        for (sum, row) in sums.iter_mut().zip(&rows) {
            *sum += row[x];
        }
    }
    sums
}

impl SharedParts {
    /// Compares a row's columns `from..to` of the distorted bands with the reference's.
    #[inline(always)]
    fn compare(
        &mut self,
        reference: &[Vec<f32>; 3],
        distorted: &[Vec<f32>; 3],
        (from, to): (usize, usize),
    ) {
        let len = to - from;
        let o = [&reference[0][from..to], &reference[1][from..to], &reference[2][from..to]];
        let t = [&distorted[0][from..to], &distorted[1][from..to], &distorted[2][from..to]];
        let [restored_h, restored_v, restored_d] = &mut self.restored;
        let restored = [&mut restored_h[..len], &mut restored_v[..len], &mut restored_d[..len]];
        let [most_h, most_v, most_d] = &mut self.most;
        let most = [&mut most_h[..len], &mut most_v[..len], &mut most_d[..len]];
        // Within a degree.
        let cos = libm::cos(std::f64::consts::PI / 180.0);
        let cos_squared = (cos * cos) as f32;
        for x in 0..len {
            let (oh, ov, th, tv) = (o[0][x], o[1][x], t[0][x], t[1][x]);
            let along = oh * th + ov * tv;
            let of_o = oh * oh + ov * ov;
            let of_t = th * th + tv * tv;
            let same = (along >= 0.0) & (along * along >= cos_squared * of_o * of_t);
            for band in 0..3 {
                let (o, t) = (o[band][x], t[band][x]);
                let ratio = t / (o + 1e-30);
                let ratio = if ratio < 0.0 { 0.0 } else { ratio };
                let ratio = if ratio > 1.0 { 1.0 } else { ratio };
                let follows = ratio * o;
                restored[band][x] = follows;
                most[band][x] = if same { t } else { follows };
            }
        }
    }
}

/// Splits a row of an encode under a setting, and computes how its parts mask each other.
#[inline(always)]
fn split(
    setting: &Setting,
    shared: &SharedParts,
    distorted: &[Vec<f32>; 3],
    (from, to): (usize, usize),
    width: usize,
    row: &mut SplitRow,
) {
    let len = to - from;
    let limit = setting.gain_limit;
    let [magnitude_r, magnitude_a] = &mut row.magnitude;
    let [neighbour_r, neighbour_a] = &mut row.neighbour;
    for band in 0..3 {
        let weight = setting.weights[band];
        let distorted = &distorted[band][from..to];
        let restored = &shared.restored[band][..len];
        let most = &shared.most[band][..len];
        let magnitude_r = &mut magnitude_r[band][from..to];
        let magnitude_a = &mut magnitude_a[band][from..to];
        for x in 0..len {
            // A gain is at least 1: if nothing may be enhanced, this leaves the part unchanged.
            let (plain, most) = (restored[x], most[x]);
            let enhanced = (f64::from(plain) * limit) as f32;
            let lesser = if enhanced < most { enhanced } else { most };
            let greater = if enhanced > most { enhanced } else { most };
            let kept = if plain < 0.0 { greater } else { plain };
            let kept = if plain > 0.0 { lesser } else { kept };
            magnitude_r[x] = (weight * kept).abs();
            magnitude_a[x] = (weight * (distorted[x] - kept)).abs();
        }
        if setting.unmasked {
            continue;
        }
        for (magnitude, neighbour) in
            [(magnitude_r, &mut neighbour_r[band]), (magnitude_a, &mut neighbour_a[band])]
        {
            let shares = &mut neighbour[1 + from..][..len];
            for (share, magnitude) in shares.iter_mut().zip(magnitude) {
                *share = (NEIGHBOUR * f64::from(*magnitude)) as f32;
            }
            neighbour[0] = neighbour[1 + 1];
            neighbour[1 + width] = neighbour[width];
        }
    }
}

/// Adds a row of each part, masked by the other, to the norm's power; the rows are those above,
/// here and below.
#[inline(always)]
fn add_masked(
    setting: &Setting,
    rows: [&SplitRow; 3],
    region: &Region,
    threshold: &mut [f32],
    added: &mut [[Vec<f32>; 3]; 2],
    sums: &mut MaskedSums,
) {
    let len = region.right - region.left;
    let threshold = &mut threshold[..len];
    for (part, mask) in [(RESTORED, ADDITIVE), (ADDITIVE, RESTORED)] {
        if setting.unmasked {
            threshold.fill(0.0);
        } else {
            thresholds(rows, mask, region.left, threshold);
        }
        for band in 0..3 {
            let magnitude = &rows[1].magnitude[part][band][region.left..region.right];
            let added = &mut added[part][band][..len];
            for x in 0..len {
                let left = magnitude[x] - threshold[x];
                added[x] = if left < 0.0 { 0.0 } else { left };
            }
            raise_to_power(setting.norm, added);
        }
    }
    let [restored, additive] = added;
    let row = sum_rows([
        &restored[0][..len],
        &restored[1][..len],
        &restored[2][..len],
        &additive[0][..len],
        &additive[1][..len],
        &additive[2][..len],
    ]);
    for band in 0..3 {
        sums.restored[band] += row[band];
        sums.additive[band] += row[3 + band];
    }
}

/// The thresholds that the part `mask` sets from column `left` on: for each band its neighbours'
/// shares and its own in their order, then the bands.
#[inline(always)]
fn thresholds(rows: [&SplitRow; 3], mask: usize, left: usize, threshold: &mut [f32]) {
    let len = threshold.len();
    for band in 0..3 {
        let above = &rows[0].neighbour[mask][band][left..][..len + 2];
        let middle = &rows[1].neighbour[mask][band][left..][..len + 2];
        let below = &rows[2].neighbour[mask][band][left..][..len + 2];
        let place = &rows[1].magnitude[mask][band][left..][..len];
        for x in 0..len {
            let sum = above[x] + above[x + 1] + above[x + 2] + middle[x];
            let sum = (f64::from(sum) + PLACE * f64::from(place[x])) as f32;
            let sum = sum + middle[x + 2] + below[x] + below[x + 1] + below[x + 2];
            threshold[x] = if band == 0 { sum } else { threshold[x] + sum };
        }
    }
}
