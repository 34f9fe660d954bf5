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
use crate::simd::blocks::{columns, columns_mut, for_blocks};
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
    /// What a gain of the reference explains of an encode, and what is taken logarithms of.
    gain: Vec<f64>,
    noise: Vec<f64>,
    total: Vec<f64>,
    log2: Log2,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        let (padded, plain) = (vec![0; width + 2 * PAD], vec![0; width]);
        let numbers = vec![0.0; width];
        Self {
            mean: padded.clone(),
            product: padded.clone(),
            cross: padded,
            mean_r: vec![0; width],
            var_r: plain.clone(),
            var_d: plain.clone(),
            cov: plain,
            gain: numbers.clone(),
            noise: numbers.clone(),
            total: numbers,
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
            denominator(ws, width, &mut shared);
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
    /// Where it goes.
    pub(super) out: &'a mut Plane<u16>,
}

impl<T: Sample> Kernel for Downscale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
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
    fn rows<const TAPS: usize>(self) {
        let (width, height) = (self.picture.width(), self.picture.height());
        let filter = Filter::<TAPS>::new(self.scale + 1, self.scale, self.depth);
        let row = &mut self.workspace.mean[..width + 2 * PAD];
        self.out.resize(width / 2, height / 2);
        for y in 0..height / 2 {
            let rows = window_rows::<T, TAPS>(self.picture, 2 * y);
            for_blocks!(width, |x, N| filter.mean_block::<T, N>(
                &rows,
                x,
                columns_mut(row, PAD + x)
            ));
            mirror(&mut [row], width, TAPS / 2);
            for (x, out) in self.out.row_mut(y).iter_mut().enumerate() {
                let at = &row[PAD + 2 * x - TAPS / 2..][..TAPS];
                let mut sum = filter.taps[TAPS / 2] * at[TAPS / 2];
                for k in 0..TAPS / 2 {
                    sum += filter.taps[k] * (at[k] + at[TAPS - 1 - k]);
                }
                *out = ((sum + (1 << 15)) >> 16) as u16;
            }
        }
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
        out: &mut [u32; N],
    ) {
        let mut sum = [0_u32; N];
        weigh(&mut sum, self.taps[TAPS / 2], columns::<T, N>(rows[TAPS / 2], x));
        for k in 0..TAPS / 2 {
            let above = columns::<T, N>(rows[k], x);
            let below = columns::<T, N>(rows[TAPS - 1 - k], x);
            for i in 0..N {
                sum[i] += self.taps[k] * (wide(above[i]) + wide(below[i]));
            }
        }
        let round = (1 << self.mean_shift) >> 1;
        for i in 0..N {
            out[i] = (sum[i] + round) >> self.mean_shift;
        }
    }

    /// Vertical sums of the products of two pictures' samples, `N` columns from `x` on.
    #[inline(always)]
    fn product_block<T: Sample, const N: usize>(
        &self,
        a: &[&[T]; TAPS],
        b: &[&[T]; TAPS],
        x: usize,
        out: &mut [u32; N],
    ) {
        if size_of::<T>() == 1 {
            // 2^16 times a product of two bytes fits 32 bits, and nothing is shifted out.
            let mut sum = [0_u32; N];
            for k in 0..TAPS {
                let (a, b) = (columns::<T, N>(a[k], x), columns::<T, N>(b[k], x));
                for i in 0..N {
                    sum[i] += self.taps[k] * (wide(a[i]) * wide(b[i]));
                }
            }
            *out = sum;
        } else {
            // A product has 32 bits: its halves are summed apart.
            let (mut high, mut low) = ([0_u32; N], [0_u32; N]);
            for k in 0..TAPS {
                let (a, b) = (columns::<T, N>(a[k], x), columns::<T, N>(b[k], x));
                for i in 0..N {
                    let product = wide(a[i]) * wide(b[i]);
                    high[i] += self.taps[k] * (product >> 16);
                    low[i] += self.taps[k] * (product & 0xffff);
                }
            }
            let round = (1 << self.product_shift) >> 1;
            for i in 0..N {
                let high = high[i] << (16 - self.product_shift);
                out[i] = high + ((low[i] + round) >> self.product_shift);
            }
        }
    }

    /// Horizontal sums of `N` means, the first of which is centred on `row[PAD]`.
    #[inline(always)]
    fn across<const N: usize>(&self, row: &[u32]) -> [u32; N] {
        let first = PAD - TAPS / 2;
        let mut sum = [0_u32; N];
        weigh(&mut sum, self.taps[TAPS / 2], columns::<u32, N>(row, PAD));
        for k in 0..TAPS / 2 {
            let left = columns::<u32, N>(row, first + k);
            let right = columns::<u32, N>(row, first + TAPS - 1 - k);
            for i in 0..N {
                sum[i] += self.taps[k] * (left[i] + right[i]);
            }
        }
        sum
    }

    /// Horizontal sums of `N` products, rounded.
    #[inline(always)]
    fn across_product<const N: usize>(&self, row: &[u32]) -> [u32; N] {
        let first = PAD - TAPS / 2;
        let (mut high, mut low) = ([0_u32; N], [0_u32; N]);
        let middle = columns::<u32, N>(row, PAD);
        for i in 0..N {
            high[i] = self.taps[TAPS / 2] * (middle[i] >> 16);
            low[i] = self.taps[TAPS / 2] * (middle[i] & 0xffff);
        }
        for k in 0..TAPS / 2 {
            let left = columns::<u32, N>(row, first + k);
            let right = columns::<u32, N>(row, first + TAPS - 1 - k);
            for i in 0..N {
                high[i] += self.taps[k] * ((left[i] >> 16) + (right[i] >> 16));
                low[i] += self.taps[k] * ((left[i] & 0xffff) + (right[i] & 0xffff));
            }
        }
        for i in 0..N {
            high[i] += (low[i] + (1 << 15)) >> 16;
        }
        high
    }
}

/// Adds `weight` times each value.
#[inline(always)]
fn weigh<T: Copy + Into<u32>, const N: usize>(sum: &mut [u32; N], weight: u32, values: &[T; N]) {
    for i in 0..N {
        sum[i] += weight * Into::<u32>::into(values[i]);
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
        filter.mean_block::<T, N>(rows, x, columns_mut(mean, PAD + x));
        filter.product_block::<T, N>(rows, rows, x, columns_mut(product, PAD + x));
        if let Some(other) = other {
            filter.product_block::<T, N>(rows, other, x, columns_mut(cross, PAD + x));
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
fn denominator(ws: &mut Workspace, width: usize, sums: &mut Sums) {
    let var_r = &ws.var_r[..width];
    let total = &mut ws.total[..width];
    let mut flat_pixels = 0_i32;
    for x in 0..width {
        let flat = i64::from(var_r[x]) < SIGMA_NOISE;
        flat_pixels += i32::from(flat);
        // A flat pixel adds the logarithm that is taken off again below.
        let information = if flat { 0.0 } else { f64::from(var_r[x]) };
        total[x] = information + SIGMA_NOISE as f64;
    }
    sums.flat_pixels += i64::from(flat_pixels);
    sums.den_log += ws.log2.sum(total) - 2048 * 17 * width as i64;
}

/// Adds a row's share of the numerator, for each gain limit.
///
/// Numbers stay in double precision, in which they are whole and exact. A pixel that does not count
/// gets the noise's logarithm in numerator and denominator.
#[inline(always)]
fn numerator(ws: &mut Workspace, width: usize, gain_limits: &[f64], sums: &mut [Sums]) {
    let (var_r, var_d, cov) = (&ws.var_r[..width], &ws.var_d[..width], &ws.cov[..width]);
    let (noise, gain) = (&mut ws.noise[..width], &mut ws.gain[..width]);
    let mut flat_variance = 0_i64;
    for x in 0..width {
        let flat = i64::from(var_r[x]) < SIGMA_NOISE;
        flat_variance += i64::from(if flat { var_d[x] } else { 0 });
        let counts = !flat & (cov[x] > 0) & (var_d[x] > 0);
        let cov = if counts { f64::from(cov[x]) } else { 0.0 };
        let var_d = if counts { f64::from(var_d[x]) } else { 0.0 };
        gain[x] = cov / (f64::from(var_r[x]) + 65536.0 * 1.0e-10);
        let residual = var_d - gain[x] * cov;
        noise[x] = whole_part(if residual > 0.0 { residual } else { 0.0 }) + SIGMA_NOISE as f64;
    }
    let log_noise = ws.log2.sum(noise);
    let (noise, gain, total) = (&ws.noise[..width], &ws.gain[..width], &mut ws.total[..width]);
    for (sums, &limit) in sums.iter_mut().zip(gain_limits) {
        for x in 0..width {
            let gain = if gain[x] < limit { gain[x] } else { limit };
            total[x] = whole_part(gain * gain * f64::from(var_r[x])) + noise[x];
        }
        sums.num_log += ws.log2.sum(total) - log_noise;
        sums.flat_variance += flat_variance;
    }
}

/// The whole part of a number of at least 0 and below 2^52, with operations that every instruction
/// set has.
#[inline(always)]
fn whole_part(value: f64) -> f64 {
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    let rounded = (value + SHIFT) - SHIFT;
    if rounded > value { rounded - 1.0 } else { rounded }
}
