//! VIF at one scale in floating point, fast.
//!
//! With variances and covariance under the scale's Gaussian window at each pixel:
//!
//! ```text
//! g = cov / var_r,  v = max(var_d - g cov, 0)                 gain and residual variance
//! num = sum of log2(1 + min(g, gain_limit)^2 var_r / (v + noise))
//! den = sum of log2(1 + var_r / noise)
//! ```
//!
//! Where `var_r` is below the noise, a pixel contributes `1 - loss * var_d` and 1 instead.
//!
//! The picture is processed in strips of [`ROWS`] rows; the rows under the window lie in a ring.
//! The passes of a strip, in [`Statistics`]:
//!
//! 1. `vertical`: samples, squares and products summed down the columns. Vectors run across columns
//!    and sum the window's taps one after the other, as the definition does, for all rows of a
//!    strip at once, so that each number loaded serves every row whose window covers it.
//! 2. `mirror`: the ends of the sums.
//! 3. `reference_rows` and `distorted_rows`: the sums along the rows; variances and covariances.
//! 4. [`statistics`]: each pixel's contribution, while its sums are in the cache.
//! 5. `add`: a row's pixels in their order, as in libvmaf; rows have sums of their own, which are
//!    computed side by side.
//!
//! Values that depend on the reference alone (two of five filtered rows, and the denominator) are
//! computed once for all encodes. [`Downscale`] makes the next scale's picture: passes 1 and 2 with
//! its window, and `halve`. [`prescale`] resizes pictures before the first scale.

pub(super) mod prescale;
mod statistics;

use fearless_simd::{Select, Simd, SimdBase};

use statistics::{denominator, numerator};

use super::windows::MOST_TAPS;
use crate::numeric::{FloatPlane, FloatRows, RowRing, reflect};
use crate::simd::Kernel;

/// Rows in a strip.
const ROWS: usize = 4;

/// Columns kept free before and after a filtered row, for its mirrored ends.
const MARGIN: usize = MOST_TAPS / 2;

/// Rows are a multiple of this long, so that vectors of every level cover them.
const STEP: usize = 64;

/// The most rows that the windows of a strip cover: a strip downscaled has every other row.
const MOST_ROWS: usize = MOST_TAPS + 2 * (ROWS - 1);

/// A gain limit and noise to measure with; each has sums of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Setting {
    /// The limit of the gain.
    pub(super) gain_limit: f32,
    /// The index of its noise.
    pub(super) noise: usize,
}

/// The sums of a scale.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    /// Information in the distorted picture.
    pub(super) num: f32,
    /// Information in the reference.
    pub(super) den: f32,
}

/// A strip's rows of one map.
type Strip = [Vec<f32>; ROWS];

/// Memory that is reused from strip to strip and frame to frame.
#[derive(Default)]
pub(super) struct Workspace {
    /// The rows that windows cover, of the reference and of each encode.
    rings: Vec<RowRing>,
    /// Vertically filtered: the mean, the square, and the product with the reference.
    filtered: [Strip; 3],
    /// The reference's means and variances.
    mean_r: Strip,
    var_r: Strip,
    /// An encode's variances, and its covariances with the reference.
    var_d: Strip,
    cov: Strip,
    /// The contribution of each pixel.
    added: Strip,
    /// Even and odd columns.
    halves: [Vec<f32>; 2],
}

impl Workspace {
    /// Makes room for rows of `width` and for `pictures`.
    fn reserve(&mut self, width: usize, pictures: usize) {
        let width = width.next_multiple_of(STEP);
        let padded = MARGIN + width + MARGIN;
        let reserve = |row: &mut Vec<f32>, len: usize| {
            if row.len() < len {
                row.resize(len, 0.0);
            }
        };
        self.filtered.iter_mut().flatten().for_each(|row| reserve(row, padded));
        for strip in
            [&mut self.mean_r, &mut self.var_r, &mut self.var_d, &mut self.cov, &mut self.added]
        {
            strip.iter_mut().for_each(|row| reserve(row, width));
        }
        self.halves.iter_mut().for_each(|row| reserve(row, padded));
        if self.rings.len() < pictures {
            self.rings.resize_with(pictures, RowRing::default);
        }
    }
}

/// The rows that a strip's windows cover, `count` from row `first` on, mirrored at the picture's
/// borders. Rows that no window inside of the picture covers may be arbitrary.
#[inline(always)]
fn covered(ring: &RowRing, first: isize, count: usize, height: usize) -> [&[f32]; MOST_ROWS] {
    let mut rows: [&[f32]; MOST_ROWS] = [&[]; MOST_ROWS];
    for (k, row) in rows[..count].iter_mut().enumerate() {
        *row = ring.row(reflect(first + k as isize, height).min(height - 1));
    }
    rows
}

/// The sums of one scale, for each encode and setting.
pub(super) struct Statistics<'a> {
    pub(super) window: &'a [f32],
    pub(super) reference: &'a dyn FloatRows,
    pub(super) distorted: &'a [&'a dyn FloatRows],
    /// The variances of the observer's noise.
    pub(super) noises: &'a [f64],
    pub(super) settings: &'a [Setting],
    pub(super) workspace: &'a mut Workspace,
}

impl Kernel for Statistics<'_> {
    type Output = Vec<Vec<Sums>>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<Vec<Sums>> {
        let (width, height) = (self.reference.width(), self.reference.height());
        let half = self.window.len() / 2;
        let taps = Taps::new(self.window, 1);
        let ws = self.workspace;
        ws.reserve(width, 1 + self.distorted.len());
        for ring in &mut ws.rings {
            ring.start(width.next_multiple_of(STEP), taps.rows);
        }
        let mut all = vec![vec![Sums::default(); self.settings.len()]; self.distorted.len()];
        let mut dens = vec![0.0; self.noises.len()];
        let [of_reference, of_distorted @ ..] = &mut ws.rings[..] else { unreachable!("reserved") };
        for top in (0..height).step_by(ROWS) {
            let valid = ROWS.min(height - top);
            let (first, last) =
                (top as isize - half as isize, (top + ROWS - 1 + half).min(height - 1));
            of_reference.reach(self.reference, last);
            let reference = covered(of_reference, first, taps.rows, height);
            vertical(simd, &taps, &reference, None, &mut ws.filtered);
            mirror(&mut ws.filtered[..2], width, half);
            reference_rows(simd, self.window, &ws.filtered, &mut ws.mean_r, &mut ws.var_r, width);
            for (den, &noise) in dens.iter_mut().zip(self.noises) {
                for (var_r, added) in ws.var_r.iter().zip(&mut ws.added) {
                    denominator(&var_r[..width], noise, &mut added[..width]);
                }
                add(&ws.added, width, valid, den);
            }
            for ((picture, ring), sums) in
                self.distorted.iter().zip(&mut *of_distorted).zip(&mut all)
            {
                ring.reach(*picture, last);
                let distorted = covered(ring, first, taps.rows, height);
                vertical(simd, &taps, &distorted, Some(&reference), &mut ws.filtered);
                mirror(&mut ws.filtered, width, half);
                let variances = (&mut ws.var_d, &mut ws.cov);
                distorted_rows(simd, self.window, &ws.filtered, &ws.mean_r, variances, width);
                for (sums, setting) in sums.iter_mut().zip(self.settings) {
                    for row in 0..ROWS {
                        numerator(
                            (
                                &ws.var_r[row][..width],
                                &ws.var_d[row][..width],
                                &ws.cov[row][..width],
                            ),
                            setting.gain_limit,
                            self.noises[setting.noise],
                            &mut ws.added[row][..width],
                        );
                    }
                    add(&ws.added, width, valid, &mut sums.num);
                }
            }
        }
        for sums in &mut all {
            for (sums, setting) in sums.iter_mut().zip(self.settings) {
                sums.den = dens[setting.noise];
            }
        }
        all
    }
}

/// The next scale's picture: filtered with the next scale's window, every other pixel kept.
pub(super) struct Downscale<'a> {
    pub(super) window: &'a [f32],
    pub(super) picture: &'a dyn FloatRows,
    pub(super) workspace: &'a mut Workspace,
    /// The destination.
    pub(super) out: &'a mut FloatPlane,
}

impl Kernel for Downscale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (width, height) = (self.picture.width(), self.picture.height());
        let half = self.window.len() / 2;
        let taps = Taps::new(self.window, 2);
        let ws = self.workspace;
        ws.reserve(width, 1);
        let ring = &mut ws.rings[0];
        ring.start(width.next_multiple_of(STEP), taps.rows);
        self.out.resize(width / 2, height / 2);
        for top in (0..height / 2).step_by(ROWS) {
            let last = (2 * (top + ROWS - 1) + half).min(height - 1);
            ring.reach(self.picture, last);
            let rows = covered(ring, 2 * top as isize - half as isize, taps.rows, height);
            let [mean, ..] = &mut ws.filtered;
            vertical_means(simd, &taps, &rows, mean);
            mirror(&mut ws.filtered[..1], width, half);
            for (y, row) in (top..(top + ROWS).min(height / 2)).zip(&ws.filtered[0]) {
                halve(simd, self.window, row, &mut ws.halves, self.out.row_mut(y));
            }
        }
    }
}

/// A window, laid out for all rows of a strip.
struct Taps {
    /// The taps, with as many zeros on either side as picture rows lie between the strip's first
    /// and last.
    padded: [f32; MOST_TAPS + 4 * (ROWS - 1)],
    /// The number of rows of the picture that a strip covers.
    rows: usize,
    /// The distance between the strip's rows in the picture.
    apart: usize,
}

impl Taps {
    fn new(window: &[f32], apart: usize) -> Self {
        let zeros = (ROWS - 1) * apart;
        let mut padded = [0.0; MOST_TAPS + 4 * (ROWS - 1)];
        padded[zeros..][..window.len()].copy_from_slice(window);
        Self { padded, rows: window.len() + zeros, apart }
    }

    /// The weight of row `k` of the picture in row `row` of the strip: 0 if its window does not
    /// reach it.
    #[inline(always)]
    fn at<S: Simd>(&self, simd: S, k: usize, row: usize) -> S::f32s {
        S::f32s::splat(simd, self.padded[k + (ROWS - 1 - row) * self.apart])
    }
}

/// Filters a picture's rows vertically: its mean, its square, and its product with another's.
#[inline(always)]
fn vertical<S: Simd>(
    simd: S,
    taps: &Taps,
    rows: &[&[f32]; MOST_ROWS],
    other: Option<&[&[f32]; MOST_ROWS]>,
    [mean, square, cross]: &mut [Strip; 3],
) {
    let lanes = S::f32s::LEN;
    for x in (0..rows[0].len()).step_by(lanes) {
        let zero = S::f32s::splat(simd, 0.0);
        let mut means = [zero; ROWS];
        let mut squares = [zero; ROWS];
        let mut crosses = [zero; ROWS];
        for k in 0..taps.rows {
            let value = S::f32s::from_slice(simd, &rows[k][x..x + lanes]);
            let squared = value * value;
            let product = match other {
                Some(other) => S::f32s::from_slice(simd, &other[k][x..x + lanes]) * value,
                None => zero,
            };
            for row in 0..ROWS {
                let tap = taps.at(simd, k, row);
                means[row] += tap * value;
                squares[row] += tap * squared;
                if other.is_some() {
                    crosses[row] += tap * product;
                }
            }
        }
        for row in 0..ROWS {
            means[row].store_slice(&mut mean[row][MARGIN + x..][..lanes]);
            squares[row].store_slice(&mut square[row][MARGIN + x..][..lanes]);
            if other.is_some() {
                crosses[row].store_slice(&mut cross[row][MARGIN + x..][..lanes]);
            }
        }
    }
}

/// Filters a picture's rows vertically: its mean alone.
#[inline(always)]
fn vertical_means<S: Simd>(simd: S, taps: &Taps, rows: &[&[f32]; MOST_ROWS], mean: &mut Strip) {
    let lanes = S::f32s::LEN;
    for x in (0..rows[0].len()).step_by(lanes) {
        let mut means = [S::f32s::splat(simd, 0.0); ROWS];
        for (k, values) in rows[..taps.rows].iter().enumerate() {
            let value = S::f32s::from_slice(simd, &values[x..x + lanes]);
            for (row, sum) in means.iter_mut().enumerate() {
                *sum += taps.at(simd, k, row) * value;
            }
        }
        for (sum, row) in means.iter().zip(&mut *mean) {
            sum.store_slice(&mut row[MARGIN + x..][..lanes]);
        }
    }
}

/// Mirrors `half` columns at both ends of rows of `width` that begin at [`MARGIN`].
#[inline(always)]
fn mirror(strips: &mut [Strip], width: usize, half: usize) {
    for row in strips.iter_mut().flatten() {
        for k in 1..=half {
            row[MARGIN - k] = row[MARGIN + k];
            row[MARGIN + width - 1 + k] = row[MARGIN + width - 1 - k];
        }
    }
}

/// Vectors of a row that are summed side by side.
const SIDE: usize = 4;

/// Horizontal sums of `SIDE` vectors, the first of which is centred on column `x`.
#[inline(always)]
fn across<S: Simd>(simd: S, window: &[f32], map: &[f32], x: usize) -> [S::f32s; SIDE] {
    let lanes = S::f32s::LEN;
    let mut sums = [S::f32s::splat(simd, 0.0); SIDE];
    let map = &map[MARGIN + x - window.len() / 2..][..SIDE * lanes + window.len() - 1];
    for (tap, values) in window.iter().zip(map.windows(SIDE * lanes)) {
        let tap = S::f32s::splat(simd, *tap);
        for side in 0..SIDE {
            sums[side] += tap * S::f32s::from_slice(simd, &values[side * lanes..][..lanes]);
        }
    }
    sums
}

/// Horizontal sums of rows of several maps.
#[inline(always)]
fn maps_across<S: Simd, const MAPS: usize>(
    simd: S,
    window: &[f32],
    maps: [&[f32]; MAPS],
    x: usize,
) -> [[S::f32s; SIDE]; MAPS] {
    let mut sums = [[S::f32s::splat(simd, 0.0); SIDE]; MAPS];
    for map in 0..MAPS {
        sums[map] = across(simd, window, maps[map], x);
    }
    sums
}

/// Filters the reference's rows horizontally: means and variances, which are at least 0.
#[inline(always)]
fn reference_rows<S: Simd>(
    simd: S,
    window: &[f32],
    filtered: &[Strip; 3],
    mean_r: &mut Strip,
    var_r: &mut Strip,
    width: usize,
) {
    let lanes = S::f32s::LEN;
    for row in 0..ROWS {
        let maps = [&filtered[0][row][..], &filtered[1][row][..]];
        for x in (0..width).step_by(SIDE * lanes) {
            let [means, squares] = maps_across(simd, window, maps, x);
            for side in 0..SIDE {
                let x = x + side * lanes;
                let (mean, square) = (means[side], squares[side]);
                mean.store_slice(&mut mean_r[row][x..][..lanes]);
                at_least_0(simd, square - mean * mean).store_slice(&mut var_r[row][x..][..lanes]);
            }
        }
    }
}

/// Filters an encode's rows horizontally: variances, which are at least 0, and covariances with the
/// reference.
#[inline(always)]
fn distorted_rows<S: Simd>(
    simd: S,
    window: &[f32],
    filtered: &[Strip; 3],
    mean_r: &Strip,
    (var_d, cov): (&mut Strip, &mut Strip),
    width: usize,
) {
    let lanes = S::f32s::LEN;
    for row in 0..ROWS {
        let maps = [&filtered[0][row][..], &filtered[1][row][..], &filtered[2][row][..]];
        for x in (0..width).step_by(SIDE * lanes) {
            let [means, squares, crosses] = maps_across(simd, window, maps, x);
            for side in 0..SIDE {
                let x = x + side * lanes;
                let (mean, square, cross) = (means[side], squares[side], crosses[side]);
                let mean_r = S::f32s::from_slice(simd, &mean_r[row][x..][..lanes]);
                at_least_0(simd, square - mean * mean).store_slice(&mut var_d[row][x..][..lanes]);
                (cross - mean_r * mean).store_slice(&mut cov[row][x..][..lanes]);
            }
        }
    }
}

#[inline(always)]
fn at_least_0<S: Simd>(simd: S, value: S::f32s) -> S::f32s {
    let zero = S::f32s::splat(simd, 0.0);
    value.simd_gt(zero).select(value, zero)
}

/// Filters a row horizontally, keeping every other sum.
#[inline(always)]
fn halve<S: Simd>(
    simd: S,
    window: &[f32],
    row: &[f32],
    halves: &mut [Vec<f32>; 2],
    out: &mut [f32],
) {
    let lanes = S::f32s::LEN;
    let half = window.len() / 2;
    // Column 2 x - half + k of the picture is number x + k / 2 of every other column.
    let needed = out.len() + half + 1;
    let [even, odd] = halves;
    let pairs = row[MARGIN - half..].chunks_exact(2);
    for ((even, odd), pair) in even[..needed].iter_mut().zip(&mut odd[..needed]).zip(pairs) {
        (*even, *odd) = (pair[0], pair[1]);
    }
    let mut sums = [0.0; 16];
    for x in (0..out.len()).step_by(lanes) {
        let mut sum = S::f32s::splat(simd, 0.0);
        for (k, tap) in window.iter().enumerate() {
            let from = &halves[k % 2][x + k / 2..][..lanes];
            sum += S::f32s::splat(simd, *tap) * S::f32s::from_slice(simd, from);
        }
        sum.store_slice(&mut sums[..lanes]);
        let out = &mut out[x..];
        let valid = lanes.min(out.len());
        out[..valid].copy_from_slice(&sums[..valid]);
    }
}

/// Adds each row of a strip up and then to `total`, in the order of rows.
#[inline(always)]
fn add(rows: &Strip, width: usize, valid: usize, total: &mut f32) {
    let [a, b, c, d] = rows;
    let (a, b, c, d) = (&a[..width], &b[..width], &c[..width], &d[..width]);
    let mut sums = [0.0_f32; ROWS];
    for x in 0..width {
        sums[0] += a[x];
        sums[1] += b[x];
        sums[2] += c[x];
        sums[3] += d[x];
    }
    for sum in &sums[..valid] {
        *total += sum;
    }
}
