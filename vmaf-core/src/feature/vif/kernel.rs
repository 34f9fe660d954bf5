//! VIF at one scale, fast.
//!
//! The picture is gone through row by row. For each row the window's rows are summed vertically
//! into one row of means and products, which is mirrored at its ends, summed horizontally, and
//! turned into statistics while it is in the cache. What depends on the reference alone (two of
//! five filtered rows, and the denominator) is computed once for all encodes; gain limits share all
//! but the last step.
//!
//! Windows are symmetric: columns and rows at the same
//! distance are added before they are multiplied. A 32-bit product is filtered horizontally in
//! halves of 16 bits, so that all sums fit 32 bits; the halves recombine exactly because there is
//! one rounding, at the end.

use fearless_simd::Simd;

use super::filter::FILTERS;
use super::log2::Log2;
use super::sums::{SIGMA_NOISE, Sums};
use crate::numeric::reflect;
use crate::simd::Kernel;
use crate::simd::blocks::{columns, for_blocks};
use crate::{Plane, Sample};

/// Columns mirrored on either side of a row: half of the widest window.
const PAD: usize = 8;

/// Rows that are reused from row to row and frame to frame.
pub(super) struct Workspace {
    /// Vertically filtered, with mirrored ends: a mean and up to two products.
    mean: Vec<u32>,
    product: Vec<u32>,
    cross: Vec<u32>,
    /// The reference's window means and variances.
    mean_r: Vec<u32>,
    var_r: Vec<i32>,
    /// An encode's variances, and its covariances with the reference.
    var_d: Vec<i32>,
    cov: Vec<i32>,
    log2: Log2,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        let (padded, plain) = (vec![0; width + 2 * PAD], vec![0; width]);
        Self {
            mean: padded.clone(),
            product: padded.clone(),
            cross: padded,
            mean_r: vec![0; width],
            var_r: plain.clone(),
            var_d: plain.clone(),
            cov: plain,
            log2: Log2::new(),
        }
    }
}

/// The sums of one scale, for each encode and gain limit.
pub(super) struct Statistics<'a, T> {
    pub(super) scale: usize,
    pub(super) reference: &'a Plane<T>,
    pub(super) distorted: &'a [&'a Plane<T>],
    pub(super) depth: u8,
    pub(super) gain_limits: &'a [f64],
    pub(super) workspace: &'a mut Workspace,
}

impl<T: Sample> Kernel for Statistics<'_, T> {
    type Output = Vec<Vec<Sums>>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Vec<Vec<Sums>> {
        match self.scale {
            0 => self.rows::<17>(),
            // Only the finest scale has samples of 8 bits.
            _ if size_of::<T>() == 1 => unreachable!("coarser scales have 16 bits"),
            1 => self.rows::<9>(),
            2 => self.rows::<5>(),
            _ => self.rows::<3>(),
        }
    }
}

impl<T: Sample> Statistics<'_, T> {
    #[inline(always)]
    fn rows<const TAPS: usize>(self) -> Vec<Vec<Sums>> {
        let (width, height) = (self.reference.width(), self.reference.height());
        let filter = Filter::<TAPS>::new(self.scale, self.scale, self.depth);
        let ws = self.workspace;
        let mut all = vec![vec![Sums::default(); self.gain_limits.len()]; self.distorted.len()];
        let mut shared = Sums::default();
        for y in 0..height {
            let reference = window_rows::<T, TAPS>(self.reference, y);
            vertical(&filter, &reference, None, &mut ws.mean, &mut ws.product, &mut ws.cross);
            mirror(&mut [&mut ws.mean, &mut ws.product], width, TAPS / 2);
            reference_row(&filter, width, ws);
            denominator(&ws.var_r[..width], &ws.log2, &mut shared);
            for (distorted, sums) in self.distorted.iter().zip(&mut all) {
                let distorted = window_rows::<T, TAPS>(distorted, y);
                let (mean, product) = (&mut ws.mean, &mut ws.product);
                vertical(&filter, &distorted, Some(&reference), mean, product, &mut ws.cross);
                mirror(&mut [&mut ws.mean, &mut ws.product, &mut ws.cross], width, TAPS / 2);
                distorted_row(&filter, width, ws);
                numerator(ws, width, self.gain_limits, sums);
            }
        }
        for sums in all.iter_mut().flatten() {
            sums.den_log = shared.den_log;
            sums.flat_pixels = shared.flat_pixels;
        }
        all
    }
}

/// The next scale's picture: filtered with the next scale's window, every other pixel kept.
pub(super) struct Downscale<'a, T> {
    /// The scale that `picture` is at.
    pub(super) scale: usize,
    pub(super) picture: &'a Plane<T>,
    pub(super) depth: u8,
    pub(super) workspace: &'a mut Workspace,
}

impl<T: Sample> Kernel for Downscale<'_, T> {
    type Output = Plane<u16>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Plane<u16> {
        match self.scale {
            0 => self.rows::<9>(),
            _ if size_of::<T>() == 1 => unreachable!("coarser scales have 16 bits"),
            1 => self.rows::<5>(),
            _ => self.rows::<3>(),
        }
    }
}

impl<T: Sample> Downscale<'_, T> {
    #[inline(always)]
    fn rows<const TAPS: usize>(self) -> Plane<u16> {
        let (width, height) = (self.picture.width(), self.picture.height());
        let filter = Filter::<TAPS>::new(self.scale + 1, self.scale, self.depth);
        let row = &mut self.workspace.mean[..width + 2 * PAD];
        let mut out = Plane::new(width / 2, height / 2);
        for y in 0..out.height() {
            let rows = window_rows::<T, TAPS>(self.picture, 2 * y);
            for_blocks!(width, |x, N| filter.mean_block::<T, N>(&rows, x, &mut row[PAD + x..]));
            mirror(&mut [row], width, TAPS / 2);
            for (x, out) in out.row_mut(y).iter_mut().enumerate() {
                let at = &row[PAD + 2 * x - TAPS / 2..][..TAPS];
                let mut sum = filter.taps[TAPS / 2] * at[TAPS / 2];
                for k in 0..TAPS / 2 {
                    sum += filter.taps[k] * (at[k] + at[TAPS - 1 - k]);
                }
                *out = ((sum + (1 << 15)) >> 16) as u16;
            }
        }
        out
    }
}

/// A window, and the rounding of vertical sums.
struct Filter<const TAPS: usize> {
    taps: [u32; TAPS],
    mean_shift: u32,
    product_shift: u32,
}

impl<const TAPS: usize> Filter<TAPS> {
    /// The window of scale `window`, for samples of scale `scale`.
    fn new(window: usize, scale: usize, depth: u8) -> Self {
        debug_assert_eq!(super::filter::TAPS[window], TAPS);
        let depth = u32::from(depth);
        let (mean_shift, product_shift) =
            if scale == 0 { (depth, 2 * (depth - 8)) } else { (16, 16) };
        let taps = std::array::from_fn(|k| u32::from(FILTERS[window][k]));
        Self { taps, mean_shift, product_shift }
    }

    /// Vertical sums of `N` columns from `x` on.
    #[inline(always)]
    fn mean_block<T: Sample, const N: usize>(
        &self,
        rows: &[&[T]; TAPS],
        x: usize,
        out: &mut [u32],
    ) {
        let rows = rows.map(|row| columns::<T, N>(row, x));
        let middle = TAPS / 2;
        let mut sum = rows[middle].map(|sample| self.taps[middle] * wide(sample));
        for k in 0..middle {
            let (above, below) = (rows[k], rows[TAPS - 1 - k]);
            for i in 0..N {
                sum[i] += self.taps[k] * (wide(above[i]) + wide(below[i]));
            }
        }
        let round = (1 << self.mean_shift) >> 1;
        for (out, sum) in out[..N].iter_mut().zip(sum) {
            *out = (sum + round) >> self.mean_shift;
        }
    }

    /// Vertical sums of the products of two pictures' samples, `N` columns from `x` on.
    #[inline(always)]
    fn product_block<T: Sample, const N: usize>(
        &self,
        a: &[&[T]; TAPS],
        b: &[&[T]; TAPS],
        x: usize,
        out: &mut [u32],
    ) {
        let a = a.map(|row| columns::<T, N>(row, x));
        let b = b.map(|row| columns::<T, N>(row, x));
        let middle = TAPS / 2;
        if size_of::<T>() == 1 {
            // 2^16 times a product of two bytes fits 32 bits, and nothing is shifted out.
            let product = |k: usize, i: usize| wide(a[k][i]) * wide(b[k][i]);
            let mut sum: [u32; N] = std::array::from_fn(|i| self.taps[middle] * product(middle, i));
            for k in 0..middle {
                for (i, sum) in sum.iter_mut().enumerate() {
                    *sum += self.taps[k] * (product(k, i) + product(TAPS - 1 - k, i));
                }
            }
            out[..N].copy_from_slice(&sum);
        } else {
            let product = |k: usize, i: usize| u64::from(wide(a[k][i]) * wide(b[k][i]));
            let mut sum: [u64; N] =
                std::array::from_fn(|i| u64::from(self.taps[middle]) * product(middle, i));
            for k in 0..middle {
                for (i, sum) in sum.iter_mut().enumerate() {
                    let tap = u64::from(self.taps[k]);
                    *sum += tap * product(k, i) + tap * product(TAPS - 1 - k, i);
                }
            }
            let round = (1_u64 << self.product_shift) >> 1;
            for (out, sum) in out[..N].iter_mut().zip(sum) {
                *out = ((sum + round) >> self.product_shift) as u32;
            }
        }
    }

    /// Horizontal sums of `N` means, the first of which is centred on `row[PAD]`.
    #[inline(always)]
    fn across<const N: usize>(&self, row: &[u32]) -> [u32; N] {
        let at = |k: usize| columns::<u32, N>(row, PAD - TAPS / 2 + k);
        let middle = TAPS / 2;
        let mut sum = at(middle).map(|value| self.taps[middle] * value);
        for k in 0..middle {
            let (left, right) = (at(k), at(TAPS - 1 - k));
            for i in 0..N {
                sum[i] += self.taps[k] * (left[i] + right[i]);
            }
        }
        sum
    }

    /// Horizontal sums of `N` products, rounded.
    #[inline(always)]
    fn across_product<const N: usize>(&self, row: &[u32]) -> [u32; N] {
        let at = |k: usize| columns::<u32, N>(row, PAD - TAPS / 2 + k);
        let middle = TAPS / 2;
        let mut high = at(middle).map(|value| self.taps[middle] * (value >> 16));
        let mut low = at(middle).map(|value| self.taps[middle] * (value & 0xffff));
        for k in 0..middle {
            let (left, right) = (at(k), at(TAPS - 1 - k));
            for i in 0..N {
                high[i] += self.taps[k] * ((left[i] >> 16) + (right[i] >> 16));
                low[i] += self.taps[k] * ((left[i] & 0xffff) + (right[i] & 0xffff));
            }
        }
        std::array::from_fn(|i| high[i] + ((low[i] + (1 << 15)) >> 16))
    }
}

#[inline(always)]
fn wide<T: Sample>(sample: T) -> u32 {
    sample.into()
}

/// The rows that the window covers when centred on row `y`, mirrored at the borders.
#[inline(always)]
fn window_rows<T: Sample, const TAPS: usize>(plane: &Plane<T>, y: usize) -> [&[T]; TAPS] {
    let half = (TAPS / 2) as isize;
    std::array::from_fn(|k| plane.row(reflect(y as isize + k as isize - half, plane.height())))
}

/// Mirrors `pad` columns at both ends of rows of `width` that begin at [`PAD`].
#[inline(always)]
fn mirror(rows: &mut [&mut [u32]], width: usize, pad: usize) {
    for row in rows {
        for k in 1..=pad {
            row[PAD - k] = row[PAD + k];
            row[PAD + width - 1 + k] = row[PAD + width - 1 - k];
        }
    }
}

/// Filters a picture's rows vertically: its mean, its square, and its product with another's.
#[inline(always)]
fn vertical<T: Sample, const TAPS: usize>(
    filter: &Filter<TAPS>,
    rows: &[&[T]; TAPS],
    other: Option<&[&[T]; TAPS]>,
    mean: &mut [u32],
    product: &mut [u32],
    cross: &mut [u32],
) {
    for_blocks!(rows[0].len(), |x, N| {
        filter.mean_block::<T, N>(rows, x, &mut mean[PAD + x..]);
        filter.product_block::<T, N>(rows, rows, x, &mut product[PAD + x..]);
        if let Some(other) = other {
            filter.product_block::<T, N>(rows, other, x, &mut cross[PAD + x..]);
        }
    });
}

/// Filters the reference's row horizontally: means and variances.
#[inline(always)]
fn reference_row<const TAPS: usize>(filter: &Filter<TAPS>, width: usize, ws: &mut Workspace) {
    for_blocks!(width, |x, N| reference_block::<TAPS, N>(filter, x, ws));
}

#[inline(always)]
fn reference_block<const TAPS: usize, const N: usize>(
    filter: &Filter<TAPS>,
    x: usize,
    ws: &mut Workspace,
) {
    let mean = filter.across::<N>(&ws.mean[x..]);
    let product = filter.across_product::<N>(&ws.product[x..]);
    let (mean_r, var_r) = (&mut ws.mean_r[x..x + N], &mut ws.var_r[x..x + N]);
    for i in 0..N {
        mean_r[i] = mean[i];
        var_r[i] = variance(product[i], mean[i], mean[i]);
    }
}

/// Filters an encode's row horizontally: variances, and covariances with the reference.
#[inline(always)]
fn distorted_row<const TAPS: usize>(filter: &Filter<TAPS>, width: usize, ws: &mut Workspace) {
    for_blocks!(width, |x, N| distorted_block::<TAPS, N>(filter, x, ws));
}

#[inline(always)]
fn distorted_block<const TAPS: usize, const N: usize>(
    filter: &Filter<TAPS>,
    x: usize,
    ws: &mut Workspace,
) {
    let mean = filter.across::<N>(&ws.mean[x..]);
    let product = filter.across_product::<N>(&ws.product[x..]);
    let cross = filter.across_product::<N>(&ws.cross[x..]);
    let mean_r = columns::<u32, N>(&ws.mean_r, x);
    let (var_d, cov) = (&mut ws.var_d[x..x + N], &mut ws.cov[x..x + N]);
    for i in 0..N {
        var_d[i] = variance(product[i], mean[i], mean[i]).max(0);
        cov[i] = variance(cross[i], mean[i], mean_r[i]);
    }
}

/// The mean of products less the product of means, which wraps as libvmaf's does.
#[inline(always)]
fn variance(product: u32, a: u32, b: u32) -> i32 {
    let of_means = (u64::from(a) * u64::from(b) + (1 << 31)) >> 32;
    product.wrapping_sub(of_means as u32) as i32
}

/// Adds a row's share of the denominator, which is the reference's alone.
#[inline(always)]
fn denominator(var_r: &[i32], log2: &Log2, sums: &mut Sums) {
    for &var_r in var_r {
        let var_r = i64::from(var_r);
        if var_r >= SIGMA_NOISE {
            sums.den_log += log2.of((SIGMA_NOISE + var_r) as u64) - 2048 * 17;
        } else {
            sums.flat_pixels += 1;
        }
    }
}

/// Adds a row's share of the numerator, for each gain limit.
#[inline(always)]
fn numerator(ws: &Workspace, width: usize, gain_limits: &[f64], sums: &mut [Sums]) {
    let (var_r, var_d, cov) = (&ws.var_r[..width], &ws.var_d[..width], &ws.cov[..width]);
    let mut flat_variance = 0;
    for x in 0..width {
        if i64::from(var_r[x]) < SIGMA_NOISE {
            flat_variance += i64::from(var_d[x]);
        } else if cov[x] > 0 && var_d[x] > 0 {
            let (var_r, cov) = (f64::from(var_r[x]), f64::from(cov[x]));
            let gain = cov / (var_r + 65536.0 * 1.0e-10);
            let residual = (f64::from(var_d[x]) - gain * cov) as i64;
            let noise = residual.max(0) + SIGMA_NOISE;
            let log_noise = ws.log2.of(noise as u64);
            for (sums, limit) in sums.iter_mut().zip(gain_limits) {
                let gain = gain.min(*limit);
                let signal = (gain * gain * var_r) as i64;
                sums.num_log += ws.log2.of((signal + noise) as u64) - log_noise;
            }
        }
    }
    for sums in sums {
        sums.flat_variance += flat_variance;
    }
}
