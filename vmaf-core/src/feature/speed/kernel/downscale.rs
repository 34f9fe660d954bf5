//! From a plane to the small picture whose blocks are analysed, fast.
//!
//! The plane is blurred and every 16th pixel kept in both directions: only those pixels are
//! computed. For each row of the small picture the window's rows are summed into one row, of which
//! the window's columns are then summed around every 16th. A prescaled plane's pixels are made only
//! where a window reads them, from rows of samples that are picked once.

use fearless_simd::Simd;

use super::super::filter;
use super::super::settings::{BLOCK, Geometry, Scaling};
use super::picture::{Picture, Small};
use super::resample::{Axis, MAX_TAPS, mirror};
use crate::numeric::reflect;
use crate::simd::Kernel;
use crate::simd::blocks::{columns, columns_mut, for_blocks};

/// The conversion of planes of one size to small pictures: windows and tables.
#[derive(Debug)]
pub(in crate::feature::speed) struct Scaler {
    pub(in crate::feature::speed) geometry: Geometry,
    antialias: Vec<f32>,
    local_mean: Vec<f32>,
    /// The rows of the scaled plane that each row of the small picture is made of.
    rows: Vec<usize>,
    /// The columns, as positions in the row that is left by the vertical sum: those of the window's
    /// first tap for all columns of the small picture, then of its second, and so on.
    columns: Vec<usize>,
    resampling: Option<Resampling>,
}

/// The scaling of a plane's pixels: all rows, and the columns that are needed.
#[derive(Debug)]
struct Resampling {
    rows: Axis,
    columns: Axis,
    is_normalized: bool,
}

impl Scaler {
    pub(in crate::feature::speed) fn new(scaling: &Scaling, size: (usize, usize)) -> Self {
        let geometry = scaling.geometry(size);
        let antialias = filter::antialias(scaling.kernel_scale);
        let half = antialias.len() as isize / 2;
        let (small, scaled) = (geometry.small, geometry.scaled);
        let tap =
            |i: usize, tap: usize, len: usize| reflect(16 * i as isize + tap as isize - half, len);
        let taps = antialias.len();
        let rows = (0..small.1).flat_map(|y| (0..taps).map(move |k| tap(y, k, scaled.1)));
        let columns = (0..taps).flat_map(|k| (0..small.0).map(move |x| tap(x, k, scaled.0)));
        let (rows, mut columns): (Vec<usize>, Vec<usize>) = (rows.collect(), columns.collect());
        let is_scaled = scaling.is_scaling() && scaled != size;
        let resampling = is_scaled.then(|| {
            let all_rows: Vec<usize> = (0..scaled.1).collect();
            Resampling {
                rows: Axis::new(scaling.method, size.1, scaled.1, &all_rows),
                columns: Axis::new(scaling.method, size.0, scaled.0, &columns),
                is_normalized: scaling.method.is_normalized(),
            }
        });
        if resampling.is_some() {
            // Only the needed columns are made, in order.
            columns = (0..columns.len()).collect();
        }
        let local_mean = filter::local_mean(scaling.kernel_scale);
        Self { geometry, antialias, local_mean, rows, columns, resampling }
    }
}

/// Memory that is used from frame to frame.
#[derive(Debug, Default)]
pub(in crate::feature::speed) struct Memory {
    /// Sums of the window's rows.
    sums: Vec<f32>,
    /// A row of pixels, before columns are picked.
    line: Vec<f32>,
    picked: PickedRows,
    /// The small picture with its local mean.
    blurred: Vec<f32>,
}

/// Rows of samples of which the columns that scaled pixels are made of are picked.
#[derive(Debug, Default)]
struct PickedRows {
    /// The row that each slot holds.
    held: [Option<usize>; SLOTS],
    /// A slot after the other.
    values: Vec<f32>,
}

/// Enough for the rows that make one scaled pixel, which are less than this apart.
const SLOTS: usize = 16;

/// Makes the small picture of a plane.
pub(in crate::feature::speed) struct Downscale<'a, P> {
    pub(in crate::feature::speed) picture: P,
    pub(in crate::feature::speed) scaler: &'a Scaler,
    pub(in crate::feature::speed) memory: &'a mut Memory,
    pub(in crate::feature::speed) out: &'a mut Small,
}

impl<P: Picture> Kernel for Downscale<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let Self { picture, scaler, memory, out } = self;
        let Geometry { small: (width, height), .. } = scaler.geometry;
        memory.blurred.resize(width * height, 0.0);
        memory.picked.held = [None; SLOTS];
        let taps = scaler.antialias.len();
        for y in 0..height {
            let rows = &scaler.rows[y * taps..][..taps];
            match &scaler.resampling {
                None => sum_rows(picture, scaler, rows, &mut memory.sums),
                Some(resampling) => {
                    sum_scaled_rows(picture, scaler, resampling, rows, memory);
                }
            }
            let blurred = &mut memory.blurred[y * width..][..width];
            blurred.fill(0.0);
            for (columns, weight) in scaler.columns.chunks_exact(width).zip(&scaler.antialias) {
                for (value, &column) in blurred.iter_mut().zip(columns) {
                    *value += weight * memory.sums[column];
                }
            }
        }
        subtract_mean(scaler, &memory.blurred, &mut memory.sums, out);
    }
}

/// The vertical sum of the window, for every column of the plane.
#[inline(always)]
fn sum_rows<P: Picture>(picture: P, scaler: &Scaler, rows: &[usize], sums: &mut Vec<f32>) {
    let width = scaler.geometry.scaled.0;
    sums.resize(width, 0.0);
    let sums = &mut sums[..width];
    for_blocks!(width, |x, N| {
        let mut block = [0.0; N];
        for (&y, weight) in rows.iter().zip(&scaler.antialias) {
            let pixels = picture.pixels::<N>(x, y);
            for k in 0..N {
                block[k] += weight * pixels[k];
            }
        }
        *columns_mut(sums, x) = block;
    });
}

/// The vertical sum of the window over a prescaled plane, for the columns that are needed.
#[inline(always)]
fn sum_scaled_rows<P: Picture>(
    picture: P,
    scaler: &Scaler,
    resampling: &Resampling,
    rows: &[usize],
    memory: &mut Memory,
) {
    let Resampling { rows: down, columns: across, is_normalized } = resampling;
    let (len, taps) = (across.len(), across.taps);
    let (width, height) = scaler.geometry.plane;
    let Memory { sums, line, picked, .. } = memory;
    sums.resize(len, 0.0);
    let sums = &mut sums[..len];
    sums.fill(0.0);
    picked.values.resize(SLOTS * taps * len, 0.0);
    for (&row, &weight) in rows.iter().zip(&scaler.antialias) {
        let mut slots = [0; MAX_TAPS];
        let mut weights = [0.0; MAX_TAPS];
        for tap in 0..taps {
            let y = mirror(down.first[row] + tap as isize, height);
            slots[tap] = y % SLOTS;
            weights[tap] = down.weights[tap * down.len() + row];
            if picked.held[slots[tap]].replace(y) != Some(y) {
                fill_line(picture, width, y, line);
                let slot = &mut picked.values[slots[tap] * taps * len..][..taps * len];
                match taps {
                    1 => pick::<1>(line, &across.first, slot),
                    2 => pick::<2>(line, &across.first, slot),
                    4 => pick::<4>(line, &across.first, slot),
                    _ => pick::<MAX_TAPS>(line, &across.first, slot),
                }
            }
        }
        for_blocks!(len, |x, N| {
            let (mut block, mut total) = ([0.0; N], [0.0; N]);
            for (slot, row_weight) in slots[..taps].iter().zip(&weights) {
                let slot = &picked.values[slot * taps * len..][..taps * len];
                for tap in 0..taps {
                    let pixels: &[f32; N] = columns(slot, tap * len + x);
                    let column_weights: &[f32; N] = columns(&across.weights, tap * len + x);
                    for k in 0..N {
                        let weight = column_weights[k] * row_weight;
                        block[k] += pixels[k] * weight;
                        total[k] += weight;
                    }
                }
            }
            let sums: &mut [f32; N] = columns_mut(sums, x);
            if *is_normalized {
                for k in 0..N {
                    sums[k] += weight * (block[k] / total[k]);
                }
            } else {
                for k in 0..N {
                    sums[k] += weight * block[k];
                }
            }
        });
    }
}

/// Pixels on either side of a line, mirrored.
const PAD: usize = 8;

/// Makes `line` row `y` of the picture, with mirrored ends.
#[inline(always)]
fn fill_line<P: Picture>(picture: P, width: usize, y: usize, line: &mut Vec<f32>) {
    line.resize(width + 2 * PAD, 0.0);
    let middle = &mut line[PAD..][..width];
    for_blocks!(width, |x, N| *columns_mut(middle, x) = picture.pixels::<N>(x, y));
    for k in 1..=PAD {
        line[PAD - k] = line[PAD + k];
        line[PAD + width - 1 + k] = line[PAD + width - 1 - k];
    }
}

/// Picks `TAPS` neighbours from each of `first` on: the first ones, then the second ones, and so on.
#[inline(always)]
fn pick<const TAPS: usize>(line: &[f32], first: &[isize], picked: &mut [f32]) {
    let mut picked = picked.chunks_exact_mut(first.len());
    let taps: [&mut [f32]; TAPS] =
        std::array::from_fn(|_| picked.next().expect("a row for each tap"));
    for (i, &first) in first.iter().enumerate() {
        let pixels: &[f32; TAPS] = columns(line, (first + PAD as isize) as usize);
        for k in 0..TAPS {
            taps[k][i] = pixels[k];
        }
    }
}

/// Subtracts the local mean from the small picture's whole blocks.
#[inline(always)]
fn subtract_mean(scaler: &Scaler, blurred: &[f32], sums: &mut Vec<f32>, out: &mut Small) {
    let Geometry { small: (width, height), blocks, .. } = scaler.geometry;
    out.resize(blocks.0 * BLOCK, blocks.1 * BLOCK);
    let half = scaler.local_mean.len() / 2;
    let padded = width + 2 * half;
    sums.resize(padded.max(sums.len()), 0.0);
    for y in 0..out.height {
        let sums = &mut sums[..padded];
        let middle = &mut sums[half..][..width];
        middle.fill(0.0);
        for (tap, weight) in scaler.local_mean.iter().enumerate() {
            let source = reflect((y + tap) as isize - half as isize, height);
            for (sum, pixel) in middle.iter_mut().zip(&blurred[source * width..][..width]) {
                *sum += weight * pixel;
            }
        }
        for k in 1..=half {
            sums[half - k] = sums[half + k];
            sums[half + width - 1 + k] = sums[half + width - 1 - k];
        }
        let row = &mut out.pixels[y * out.stride..][..out.width];
        row.fill(0.0);
        for (tap, weight) in scaler.local_mean.iter().enumerate() {
            for (mean, sum) in row.iter_mut().zip(&sums[tap..]) {
                *mean += weight * sum;
            }
        }
        for (mean, pixel) in row.iter_mut().zip(&blurred[y * width..]) {
            *mean = pixel - *mean;
        }
    }
}
