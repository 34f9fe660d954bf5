//! The sums over blocks, fast.
//!
//! ```text
//! spatial  = sum over the block of |H * luma|                    H: a high-pass filter
//! temporal = sum over the block of |luma - previous|             or of differences of differences
//! error    = sum over the block of (reference - distorted)^2
//! ```
//!
//! [`blocks`](super::blocks) makes weights of the first two, and weighs the third.
//!
//! A row of blocks is processed row by row over the picture's whole width, with sums for each
//! column, so that vectors run along whole rows, whatever the width of blocks. The passes:
//!
//! 1. [`activity`]: `spatial_narrow` or `spatial_wide` and `temporal_pixels` for each row; in large
//!    pictures `spatial_cells` and `temporal_cells`, which compute the sums for all columns, of
//!    which every other one begins a cell. Columns are summed to blocks at the end.
//! 2. [`errors`]: `add_squares` for each row, columns to blocks whenever 32 bits are full.

use fearless_simd::Simd;

use super::Order;
use super::blocks::{Activity, Blocks};
use crate::simd::{Kernel, Level};
use crate::{Plane, Sample};

/// The greatest bit depth of which 12 times a sample fits 16 bits.
const NARROW: u8 = 11;

/// Memory for sums of columns and for a few rows.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    spatial: Vec<u32>,
    temporal: Vec<u32>,
    /// A row of changes, or sums of two rows, and a column more.
    rows: [Vec<i32>; 3],
}

/// The activity of each block, as the definition in `reference.rs` gives it.
pub(super) fn activity<T: Sample>(
    level: Level,
    blocks: &Blocks,
    now: &Plane<T>,
    earlier: [Option<&Plane<T>>; 2],
    order: Order,
    depth: u8,
    workspace: &mut Workspace,
) -> Vec<Activity> {
    level.run(BlockActivity { blocks, now, earlier, order, depth, workspace })
}

struct BlockActivity<'a, T> {
    blocks: &'a Blocks,
    now: &'a Plane<T>,
    earlier: [Option<&'a Plane<T>>; 2],
    order: Order,
    depth: u8,
    workspace: &'a mut Workspace,
}

impl<T: Sample> Kernel for BlockActivity<'_, T> {
    type Output = Vec<Activity>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Vec<Activity> {
        let (across, down) = self.blocks.counts();
        let Blocks { width, height, size } = *self.blocks;
        let Workspace { spatial, temporal, rows } = &mut *self.workspace;
        for sums in [&mut *spatial, &mut *temporal] {
            sums.resize(width, 0);
        }
        for row in &mut *rows {
            row.resize(width + 1, 0);
        }
        let black = vec![T::default(); if self.earlier[1].is_none() { width } else { 0 }];
        let pictures =
            Pictures { now: self.now, earlier: self.earlier, black: &black, order: self.order };
        let is_large = self.blocks.is_large();
        let border = self.blocks.border();
        let inner = border..height.saturating_sub(border);
        let mut activity = vec![Activity::default(); across * down];
        for (row, activity) in activity.chunks_exact_mut(across).enumerate() {
            // Sums of a column: at most 2^16 * 48 * 2^11 of activity.
            spatial.fill(0);
            temporal.fill(0);
            let end = height.min((row + 1) * size);
            for y in (row * size..end).step_by(if is_large { 2 } else { 1 }) {
                if is_large {
                    if inner.contains(&y) {
                        spatial_cells(self.now, y, rows, spatial);
                    }
                    pictures.temporal_cells(y, &mut rows[0], temporal);
                } else {
                    if inner.contains(&y) {
                        let [a, b, c] = [y - 1, y, y + 1].map(|y| self.now.row(y));
                        if self.depth <= NARROW {
                            spatial_narrow(a, b, c, spatial);
                        } else {
                            spatial_wide(a, b, c, spatial);
                        }
                    }
                    pictures.temporal_pixels(y, temporal);
                }
            }
            let step = if is_large { 2 } else { 1 };
            for (column, activity) in activity.iter_mut().enumerate() {
                let columns = column * size..width.min((column + 1) * size);
                let sum = |sums: &[u32]| -> u64 {
                    sums[columns.clone()].iter().step_by(step).map(|sum| u64::from(*sum)).sum()
                };
                *activity = Activity { spatial: sum(spatial), temporal: sum(temporal) };
            }
        }
        activity
    }
}

/// Adds the absolute values of the filtered middle row but its ends, of at most 11 bits.
#[inline(always)]
fn spatial_narrow<T: Sample>(above: &[T], middle: &[T], below: &[T], sums: &mut [u32]) {
    let Some(count) = middle.len().checked_sub(2) else { return };
    let [a0, a1, a2] = [&above[..count], &above[1..][..count], &above[2..][..count]];
    let [b0, b1, b2] = [&middle[..count], &middle[1..][..count], &middle[2..][..count]];
    let [c0, c1, c2] = [&below[..count], &below[1..][..count], &below[2..][..count]];
    let sums = &mut sums[1..][..count];
    for x in 0..count {
        let edges = narrow(b0[x]) + narrow(b2[x]) + narrow(a1[x]) + narrow(c1[x]);
        let corners = narrow(a0[x]) + narrow(a2[x]) + narrow(c0[x]) + narrow(c2[x]);
        let filtered = 12 * narrow(b1[x]) - 2 * edges - corners;
        sums[x] += u32::from(filtered.unsigned_abs());
    }
}

#[inline(always)]
fn narrow<T: Sample>(sample: T) -> i16 {
    let sample: i32 = sample.into();
    sample as i16
}

/// As [`spatial_narrow`], of any bit depth.
#[inline(always)]
fn spatial_wide<T: Sample>(above: &[T], middle: &[T], below: &[T], sums: &mut [u32]) {
    let Some(count) = middle.len().checked_sub(2) else { return };
    let [a0, a1, a2] = [&above[..count], &above[1..][..count], &above[2..][..count]];
    let [b0, b1, b2] = [&middle[..count], &middle[1..][..count], &middle[2..][..count]];
    let [c0, c1, c2] = [&below[..count], &below[1..][..count], &below[2..][..count]];
    let sums = &mut sums[1..][..count];
    for x in 0..count {
        let edges = wide(b0[x]) + wide(b2[x]) + wide(a1[x]) + wide(c1[x]);
        let corners = wide(a0[x]) + wide(a2[x]) + wide(c0[x]) + wide(c2[x]);
        let filtered = 12 * wide(b1[x]) - 2 * edges - corners;
        sums[x] += filtered.unsigned_abs();
    }
}

#[inline(always)]
fn wide<T: Sample>(sample: T) -> i32 {
    sample.into()
}

/// Adds the absolute values of the filtered cells that begin in row `y`.
#[inline(always)]
fn spatial_cells<T: Sample>(
    plane: &Plane<T>,
    y: usize,
    rows: &mut [Vec<i32>; 3],
    sums: &mut [u32],
) {
    let (width, last) = (plane.width(), plane.height() - 1);
    let Some(count) = width.checked_sub(4) else { return };
    let [outer, inner, middle] = rows;
    add_rows(plane.row(y - 2), plane.row(last.min(y + 3)), outer);
    add_rows(plane.row(y - 1), plane.row(y + 2), inner);
    add_rows(plane.row(y), plane.row(y + 1), middle);
    let (m0, m1, m2) = (&middle[..count], &middle[1..][..count], &middle[2..][..count]);
    let (m3, m4, m5) = (&middle[3..][..count], &middle[4..][..count], &middle[5..][..count]);
    let (i0, i1, i2) = (&inner[..count], &inner[1..][..count], &inner[2..][..count]);
    let (i3, i4, i5) = (&inner[3..][..count], &inner[4..][..count], &inner[5..][..count]);
    let (o1, o2) = (&outer[1..][..count], &outer[2..][..count]);
    let (o3, o4) = (&outer[3..][..count], &outer[4..][..count]);
    let sums = &mut sums[2..][..count];
    for x in 0..count {
        let twelve = m2[x] + m3[x];
        let three = m1[x] + m4[x] + i2[x] + i3[x];
        let two = i1[x] + i4[x];
        let one = m0[x] + m5[x] + i0[x] + i5[x] + o1[x] + o2[x] + o3[x] + o4[x];
        let filtered = 12 * twelve - 3 * three - 2 * two - one;
        sums[x] += filtered.unsigned_abs();
    }
}

/// The sum of two rows, with the last column once more.
#[inline(always)]
fn add_rows<T: Sample>(a: &[T], b: &[T], out: &mut [i32]) {
    let width = a.len();
    let b = &b[..width];
    let sums = &mut out[..width];
    for x in 0..width {
        sums[x] = wide(a[x]) + wide(b[x]);
    }
    out[width] = out[width - 1];
}

/// A picture and those before it.
struct Pictures<'a, T> {
    now: &'a Plane<T>,
    earlier: [Option<&'a Plane<T>>; 2],
    /// A row for pictures that are not there.
    black: &'a [T],
    order: Order,
}

impl<T: Sample> Pictures<'_, T> {
    /// Row `y` of the picture and of the two before it.
    #[inline(always)]
    fn rows(&self, y: usize) -> (&[T], &[T], &[T]) {
        let before = match self.earlier[0] {
            Some(plane) => plane.row(y),
            None => self.black,
        };
        let before_that = match self.earlier[1] {
            Some(plane) => plane.row(y),
            None => self.black,
        };
        (self.now.row(y), before, before_that)
    }

    /// Adds the absolute changes of row `y`.
    #[inline(always)]
    fn temporal_pixels(&self, y: usize, sums: &mut [u32]) {
        let (now, before, before_that) = self.rows(y);
        let width = now.len();
        let (before, sums) = (&before[..width], &mut sums[..width]);
        match self.order {
            Order::First => {
                for x in 0..width {
                    sums[x] += (wide(now[x]) - wide(before[x])).unsigned_abs();
                }
            }
            Order::Second => {
                let before_that = &before_that[..width];
                for x in 0..width {
                    let change = wide(now[x]) - 2 * wide(before[x]) + wide(before_that[x]);
                    sums[x] += change.unsigned_abs();
                }
            }
        }
    }

    /// Adds the absolute changes of the cells that begin in row `y`.
    #[inline(always)]
    fn temporal_cells(&self, y: usize, changes: &mut [i32], sums: &mut [u32]) {
        let (now0, before0, before_that0) = self.rows(y);
        let (now1, before1, before_that1) = self.rows((y + 1).min(self.now.height() - 1));
        let width = now0.len();
        let (now1, before0, before1) = (&now1[..width], &before0[..width], &before1[..width]);
        let change = &mut changes[..width];
        for x in 0..width {
            change[x] = wide(now0[x]) + wide(now1[x]) - wide(before0[x]) - wide(before1[x]);
        }
        if self.order == Order::Second {
            let (before_that0, before_that1) = (&before_that0[..width], &before_that1[..width]);
            for x in 0..width {
                let earlier = wide(before_that0[x]) + wide(before_that1[x]);
                change[x] += earlier - wide(before0[x]) - wide(before1[x]);
            }
        }
        changes[width] = changes[width - 1];
        let (left, right) = (&changes[..width], &changes[1..][..width]);
        let sums = &mut sums[..width];
        for x in 0..width {
            sums[x] += (left[x] + right[x]).unsigned_abs();
        }
    }
}

/// The squared errors of blocks of `size` pixels (width, height), `counts` of them side by side
/// and on top of each other, as the definition in `reference.rs` gives.
pub(super) fn errors<T: Sample>(
    level: Level,
    [reference, distorted]: [&Plane<T>; 2],
    size: (usize, usize),
    counts: (usize, usize),
    depth: u8,
    workspace: &mut Workspace,
) -> Vec<u64> {
    let sums = &mut workspace.spatial;
    level.run(Errors { reference, distorted, size, counts, depth, sums })
}

struct Errors<'a, T> {
    reference: &'a Plane<T>,
    distorted: &'a Plane<T>,
    size: (usize, usize),
    counts: (usize, usize),
    depth: u8,
    sums: &'a mut Vec<u32>,
}

impl<T: Sample> Kernel for Errors<'_, T> {
    type Output = Vec<u64>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Vec<u64> {
        let (width, height) = (self.reference.width(), self.reference.height());
        let (across, down) = self.counts;
        self.sums.clear();
        self.sums.resize(width, 0);
        let sums = &mut self.sums[..];
        // As many rows as a column's sum of 32 bits holds.
        let greatest = (1_u32 << self.depth) - 1;
        let run = (u32::MAX / (greatest * greatest)) as usize;
        let mut errors = vec![0; across * down];
        for (row, errors) in errors.chunks_exact_mut(across).enumerate() {
            let end = height.min((row + 1) * self.size.1);
            let mut first = row * self.size.1;
            while first < end {
                let after = end.min(first + run);
                for y in first..after {
                    add_squares(self.reference.row(y), self.distorted.row(y), sums);
                }
                for (error, sums) in errors.iter_mut().zip(sums.chunks_mut(self.size.0)) {
                    let mut sum = 0;
                    for column in sums {
                        sum += u64::from(std::mem::take(column));
                    }
                    *error += sum;
                }
                first = after;
            }
        }
        errors
    }
}

/// Adds the squared differences of two rows.
#[inline(always)]
fn add_squares<T: Sample>(a: &[T], b: &[T], sums: &mut [u32]) {
    let width = sums.len();
    let (a, b) = (&a[..width], &b[..width]);
    for x in 0..width {
        let error = (wide(a[x]) - wide(b[x])).unsigned_abs();
        sums[x] += error * error;
    }
}
