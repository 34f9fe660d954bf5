//! The energies of signal and noise, fast.
//!
//! ```text
//! signal = sum of (N * r)^2
//! noise  = sum of (N * r - W * d)^2
//! ```
//!
//! `r` and `d` are the pictures' samples in 8 bits around 0, `N *` is a narrow filter of 3 by 3
//! taps and `W *` a wide one of 5 by 5.
//!
//! The passes of a row, in `Energies`:
//!
//! 1. `narrow` and `wide`: rows as far below as the filters reach, filtered across. The rows of the
//!    wide filter mirror each other, so that of each row of samples three sums over its columns
//!    serve all five rows that they are taps of.
//! 2. `vertical` and `noise`: the filtered rows down, and the squares.
//! 3. `sum`: the squares of a strip of rows, pixel by pixel as in libvmaf; the rows of the strip
//!    are summed side by side, each in its own order.
//!
//! The narrow filter's taps are powers of two: it is exact in any order.

use fearless_simd::Simd;

use crate::simd::samples::{read_f32, to_8_bits};
use crate::simd::{Kernel, Level};
use crate::{Plane, Sample};

/// Columns mirrored on either side of a row.
const PAD: usize = 2;

/// Rows under the wide filter.
const TAPS: usize = 5;

/// Rows that are summed side by side.
const STRIP: usize = 8;

/// The energies of a pair of pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Energy {
    /// The energy of the filtered reference.
    pub(super) signal: f32,
    /// The energy of the difference of the filtered pictures.
    pub(super) noise: f32,
}

/// A row of samples, filtered horizontally by the wide filter's three kinds of rows.
#[derive(Debug, Clone, Default)]
struct FilteredRow {
    outer: Vec<f32>,
    inner: Vec<f32>,
    middle: Vec<f32>,
}

/// A distorted picture's memory.
#[derive(Debug, Clone)]
struct DistortedMemory {
    /// The latest rows, each at its number modulo [`TAPS`].
    rows: [FilteredRow; TAPS],
    /// The squared noise of the strip's rows.
    noise: [Vec<f32>; STRIP],
    energy: f32,
}

/// Memory for a few rows.
pub(super) struct Workspace {
    width: usize,
    /// A row of samples with its mirrored borders.
    samples: Vec<f32>,
    /// The reference's latest rows, filtered horizontally, each at its number modulo 3.
    reference: [Vec<f32>; 3],
    /// A row of the filtered reference, and the strip's rows of its squares.
    filtered: Vec<f32>,
    signal: [Vec<f32>; STRIP],
    distorted: Vec<DistortedMemory>,
}

impl DistortedMemory {
    fn new(width: usize) -> Self {
        let row = || vec![0.0; width];
        let filtered = || FilteredRow { outer: row(), inner: row(), middle: row() };
        Self {
            rows: std::array::from_fn(|_| filtered()),
            noise: std::array::from_fn(|_| row()),
            energy: 0.0,
        }
    }
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        let row = || vec![0.0; width];
        Self {
            width,
            samples: vec![0.0; width + 2 * PAD],
            reference: [row(), row(), row()],
            filtered: row(),
            signal: std::array::from_fn(|_| row()),
            distorted: Vec::new(),
        }
    }
}

/// The energies of `reference` and each of `distorted`, as the definition in `reference.rs` gives
/// them.
pub(super) fn energies<T: Sample>(
    level: Level,
    reference: &Plane<T>,
    distorted: &[&Plane<T>],
    depth: u8,
    workspace: &mut Workspace,
) -> Vec<Energy> {
    let width = workspace.width;
    workspace.distorted.resize_with(distorted.len(), || DistortedMemory::new(width));
    let signal = level.run(Energies { reference, distorted, depth, workspace });
    let noise = workspace.distorted.iter().map(|distorted| distorted.energy);
    noise.map(|noise| Energy { signal, noise }).collect()
}

/// Leaves the noise in the workspace and returns the signal.
struct Energies<'a, T> {
    reference: &'a Plane<T>,
    distorted: &'a [&'a Plane<T>],
    depth: u8,
    workspace: &'a mut Workspace,
}

impl<T: Sample> Kernel for Energies<'_, T> {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> f32 {
        let Workspace { samples, reference, filtered, signal, distorted, .. } = self.workspace;
        let scale = to_8_bits(self.depth);
        let height = self.reference.height();
        let last = height - 1;
        for distorted in &mut *distorted {
            distorted.energy = 0.0;
        }
        let mut energy = 0.0;
        // Rows of each picture that are filtered horizontally.
        let (mut done, mut wide_done) = (0, 0);
        for y in 0..height {
            while done <= last.min(y + 1) {
                read(self.reference.row(done), scale, samples);
                narrow(samples, &mut reference[done % 3]);
                done += 1;
            }
            let above = &reference[mirrored(y as isize - 1, height) % 3];
            let below = &reference[mirrored(y as isize + 1, height) % 3];
            vertical(above, &reference[y % 3], below, filtered, &mut signal[y % STRIP]);

            let first_new = wide_done;
            wide_done = last.min(y + 2) + 1;
            for (plane, memory) in self.distorted.iter().zip(&mut *distorted) {
                for new in first_new..wide_done {
                    read(plane.row(new), scale, samples);
                    wide(samples, &mut memory.rows[new % TAPS]);
                }
                let row = |i: isize| &memory.rows[mirrored(y as isize + i, height) % TAPS];
                let outer = [&row(-2).outer[..], &row(2).outer[..]];
                let inner = [&row(-1).inner[..], &row(1).inner[..]];
                noise(filtered, outer, inner, &row(0).middle, &mut memory.noise[y % STRIP]);
            }
            if y % STRIP == STRIP - 1 || y == last {
                let rows = y % STRIP + 1;
                energy = sum(energy, signal, rows);
                for memory in &mut *distorted {
                    memory.energy = sum(memory.energy, &memory.noise, rows);
                }
            }
        }
        energy
    }
}

/// Index `i` mirrored at the borders of `0..len`, the last sample repeated but not the first.
#[inline(always)]
fn mirrored(i: isize, len: usize) -> usize {
    let i = i.unsigned_abs();
    if i < len { i } else { 2 * len - i - 1 }
}

/// Reads a row, around 0, with its mirrored borders.
#[inline(always)]
fn read<T: Sample>(row: &[T], scale: f32, out: &mut [f32]) {
    let width = row.len();
    read_f32(row, scale, -128.0, &mut out[PAD..PAD + width]);
    for i in 1..=PAD {
        out[PAD - i] = out[PAD + i];
        out[PAD + width - 1 + i] = out[PAD + width - i];
    }
}

/// Filters a row by 1 2 1.
#[inline(always)]
fn narrow(samples: &[f32], out: &mut [f32]) {
    let width = out.len();
    let (left, middle) = (&samples[PAD - 1..][..width], &samples[PAD..][..width]);
    let right = &samples[PAD + 1..][..width];
    for x in 0..width {
        out[x] = left[x] + 2.0 * middle[x] + right[x];
    }
}

/// Filters three such rows by 1 2 1; returns the result, of taps that sum to 1, and its square.
#[inline(always)]
fn vertical(above: &[f32], middle: &[f32], below: &[f32], out: &mut [f32], squares: &mut [f32]) {
    let width = out.len();
    let (above, middle, below) = (&above[..width], &middle[..width], &below[..width]);
    let squares = &mut squares[..width];
    for x in 0..width {
        let value = (above[x] + 2.0 * middle[x] + below[x]) * (1.0 / 16.0);
        out[x] = value;
        squares[x] = value * value;
    }
}

/// The taps of one row of the wide filter: outer, inner, middle.
#[inline(always)]
const fn taps(outer: f64, inner: f64, middle: f64) -> [f32; 3] {
    [(outer / 571.0) as f32, (inner / 571.0) as f32, (middle / 571.0) as f32]
}

const OUTER: [f32; 3] = taps(2.0, 7.0, 12.0);
const INNER: [f32; 3] = taps(7.0, 31.0, 52.0);
const MIDDLE: [f32; 3] = taps(12.0, 52.0, 127.0);

/// Filters a row by each kind of row of the wide filter.
#[inline(always)]
fn wide(samples: &[f32], out: &mut FilteredRow) {
    let width = out.outer.len();
    let (outer, inner) = (&mut out.outer[..width], &mut out.inner[..width]);
    let middle = &mut out.middle[..width];
    let (s0, s1, s2) = (&samples[..width], &samples[1..][..width], &samples[2..][..width]);
    let (s3, s4) = (&samples[3..][..width], &samples[4..][..width]);
    for x in 0..width {
        let s = [s0[x], s1[x], s2[x], s3[x], s4[x]];
        outer[x] = dot(OUTER, s);
        inner[x] = dot(INNER, s);
        middle[x] = dot(MIDDLE, s);
    }
}

#[inline(always)]
fn dot(taps: [f32; 3], s: [f32; 5]) -> f32 {
    taps[0] * s[0] + taps[1] * s[1] + taps[2] * s[2] + taps[1] * s[3] + taps[0] * s[4]
}

/// The squared differences of the filtered reference and a row of the filtered distorted picture.
#[inline(always)]
fn noise(
    reference: &[f32],
    outer: [&[f32]; 2],
    inner: [&[f32]; 2],
    middle: &[f32],
    out: &mut [f32],
) {
    let width = out.len();
    let (reference, middle) = (&reference[..width], &middle[..width]);
    let (outer0, outer1) = (&outer[0][..width], &outer[1][..width]);
    let (inner0, inner1) = (&inner[0][..width], &inner[1][..width]);
    for x in 0..width {
        let filtered = outer0[x] + inner0[x] + middle[x] + inner1[x] + outer1[x];
        let noise = reference[x] - filtered;
        out[x] = noise * noise;
    }
}

/// Adds the sums of the first `count` rows to `energy`, one after the other.
#[inline(always)]
fn sum(mut energy: f32, rows: &[Vec<f32>; STRIP], count: usize) -> f32 {
    let width = rows[0].len();
    let mut sums = [0.0_f32; STRIP];
    let row = |i: usize| &rows[i][..width];
    let rows = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
    for x in 0..width {
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum += row[x];
        }
    }
    for sum in &sums[..count] {
        energy += sum;
    }
    energy
}
