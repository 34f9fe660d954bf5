//! A frame's change, fast.
//!
//! ```text
//! sum of |G * (current - previous)|
//! ```
//!
//! `G *` is a Gaussian of 5 taps, vertically and then horizontally, rounded after each.
//!
//! The passes of a row, in `Sad`, in 16 bits:
//!
//! 1. `subtract`: the differences of samples, kept for the five rows that the vertical filter
//!    needs.
//! 2. `Vertical`: the vertical filter. A filtered difference has a sign and 16 bits, of which the
//!    uppermost is seldom needed: a row that does need it is filtered again in two parts, half of
//!    each value and its lowest bit.
//! 3. `narrow_sum` or `wide_sum`: the horizontal filter and the sum of absolute values.
//!
//! Filters multiply 16-bit integers and sum neighbouring products in 32 bits; the horizontal one
//! gives even columns with one set of pairs of taps and odd ones with another, of the same three
//! vectors. Where instructions multiply whole vectors instead (Arm), rows and columns are weighted as
//! they are. Samples of more than 14 bits, whose differences don't fit 16, are handled in [`deep`].

mod deep;

use fearless_simd::prelude::*;

use crate::Plane;
use crate::numeric::reflect;
use crate::simd::aligned::{AlignedRow, load, store};
use crate::simd::pairs::{
    adjacent_lanes, adjacent_pairs, dots, narrow, pairs_high, pairs_low, pairs_of_high_halves, taps,
};
use crate::simd::samples::Load;
use crate::simd::weighted::{add_pair_sums, weighted_sum};
use crate::simd::{Kernel, Level};

/// A Gaussian of 5 taps that sum to 2^16.
const FILTER: [i32; 5] = [3571, 16004, 26386, 16004, 3571];

/// Columns in front of a filtered row, of which two are mirrored.
const PAD: usize = 32;

/// Values behind a row's last that whole vectors may read and write.
const SLACK: usize = 128;

/// The greatest bit depth whose differences, and sums of two, fit 16 bits.
const SHALLOW: u8 = 14;

/// Rows that are kept.
pub(super) struct Workspace {
    /// Differences of the last five rows.
    differences: [AlignedRow<i16>; 5],
    /// A vertically filtered row with mirrored borders, or halves and lowest bits.
    filtered: [AlignedRow<i16>; 2],
    deep: Vec<i32>,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        let row = || AlignedRow::new(PAD + width + SLACK);
        Self {
            differences: [row(), row(), row(), row(), row()],
            filtered: [row(), row()],
            deep: vec![0; width + 2 * deep::PAD],
        }
    }
}

/// The sum of differences, as the definition in `reference.rs` gives it.
pub(super) fn sad<T: Load>(
    level: Level,
    previous: &Plane<T>,
    current: &Plane<T>,
    bit_depth: u8,
    workspace: &mut Workspace,
) -> u64 {
    if bit_depth > SHALLOW {
        let row = &mut workspace.deep;
        return level.run(deep::Sad { previous, current, bit_depth, row });
    }
    level.run(Sad { previous, current, bit_depth, workspace })
}

struct Sad<'a, T> {
    previous: &'a Plane<T>,
    current: &'a Plane<T>,
    bit_depth: u8,
    workspace: &'a mut Workspace,
}

impl<T: Load> Kernel for Sad<'_, T> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        let (width, height) = (self.current.width(), self.current.height());
        let Workspace { differences, filtered, .. } = self.workspace;
        let vertical = Vertical::new(simd, self.bit_depth);
        let (mut sum, mut next) = (0, 0);
        for y in 0..height {
            while next < height.min(y + 3) {
                let row = &mut differences[next % 5];
                subtract(simd, self.previous.row(next), self.current.row(next), row);
                next += 1;
            }
            let first = y as isize - 2;
            let rows = [
                &differences[reflect(first, height) % 5][..],
                &differences[reflect(first + 1, height) % 5][..],
                &differences[y % 5][..],
                &differences[reflect(first + 3, height) % 5][..],
                &differences[reflect(first + 4, height) % 5][..],
            ];
            if vertical.narrow(simd, &rows, width, &mut filtered[0]) {
                mirror(&mut filtered[0], width);
                sum += narrow_sum(simd, &filtered[0], width);
            } else {
                vertical.wide(simd, &rows, width, filtered);
                mirror(&mut filtered[0], width);
                mirror(&mut filtered[1], width);
                sum += wide_sum(simd, filtered, width);
            }
        }
        sum
    }
}

/// The differences of two rows.
#[inline(always)]
fn subtract<S: Simd, T: Load>(simd: S, previous: &[T], current: &[T], out: &mut [i16]) {
    let (lanes, two) = (S::i16s::LEN, 2 * S::i16s::LEN);
    let whole = current.len() - current.len() % two;
    // Of one length, so that the compiler checks bounds once.
    let previous = &previous[..current.len()];
    let (out, last) = out.split_at_mut(whole);
    let mut x = 0;
    while x < whole {
        let (a, b) = (T::load(simd, &previous[x..x + two]), T::load(simd, &current[x..x + two]));
        store(a[0] - b[0], out, x);
        store(a[1] - b[1], out, x + lanes);
        x += two;
    }
    if whole < current.len() {
        let (a, b) = (T::load_at(simd, previous, whole), T::load_at(simd, current, whole));
        store(a[0] - b[0], last, 0);
        store(a[1] - b[1], last, lanes);
    }
}

/// The vertical filter.
struct Vertical<S: Simd> {
    outer: S::i16s,
    /// The middle tap, and the rounding constant.
    middle: S::i16s,
    one: S::i16s,
    shift: u32,
}

impl<S: Simd> Vertical<S> {
    #[inline(always)]
    fn new(simd: S, bit_depth: u8) -> Self {
        Self {
            outer: taps(simd, FILTER[0], FILTER[1]),
            middle: taps(simd, FILTER[2], 1 << (bit_depth - 1)),
            one: S::i16s::splat(simd, 1),
            shift: bit_depth.into(),
        }
    }

    /// The columns from `x` on, to be [narrowed](narrow).
    #[inline(always)]
    fn filter(&self, simd: S, rows: &[&[i16]; 5], x: usize) -> [S::i32s; 2] {
        let (a, b): (S::i16s, S::i16s) = (load(simd, rows[0], x), load(simd, rows[1], x));
        let (c, d): (S::i16s, S::i16s) = (load(simd, rows[2], x), load(simd, rows[3], x));
        let e: S::i16s = load(simd, rows[4], x);
        let (outer, inner) = (a + e, b + d);
        let weights = [FILTER[0], FILTER[1], FILTER[2]];
        if let Some([low, high]) = weighted_sum(simd, [outer, inner, c], weights) {
            let rounding = 1 << (self.shift - 1);
            return [(low + rounding) >> self.shift, (high + rounding) >> self.shift];
        }
        let pairs = (pairs_low(simd, outer, inner), pairs_low(simd, c, self.one));
        let low = dots(simd, [(pairs.0, self.outer), (pairs.1, self.middle)]);
        let pairs = (pairs_high(simd, outer, inner), pairs_high(simd, c, self.one));
        let high = dots(simd, [(pairs.0, self.outer), (pairs.1, self.middle)]);
        [low >> self.shift, high >> self.shift]
    }

    /// Filters a row and returns true if all of it fits 16 bits.
    #[inline(always)]
    fn narrow(&self, simd: S, rows: &[&[i16]; 5], width: usize, out: &mut [i16]) -> bool {
        // Of one length, so that the compiler checks bounds once.
        let padded = width.next_multiple_of(S::i16s::LEN);
        let [a, b, c, d, e] = rows;
        let rows = &[&a[..padded], &b[..padded], &c[..padded], &d[..padded], &e[..padded]];
        let out = &mut out[PAD..][..padded];
        let (mut least, mut greatest) = (S::i16s::splat(simd, 0), S::i16s::splat(simd, 0));
        for x in (0..width).step_by(S::i16s::LEN) {
            let [low, high] = self.filter(simd, rows, x);
            let values = narrow(simd, low, high);
            (least, greatest) = (least.min(values), greatest.max(values));
            store(values, out, x);
        }
        // The ends of the range may be the result of saturation.
        let cut = least.simd_eq(S::i16s::splat(simd, i16::MIN))
            | greatest.simd_eq(S::i16s::splat(simd, i16::MAX));
        !cut.any_true()
    }

    /// Filters a row to halves, rounded down, and lowest bits.
    #[inline(always)]
    fn wide(&self, simd: S, rows: &[&[i16]; 5], width: usize, out: &mut [AlignedRow<i16>; 2]) {
        for x in (0..width).step_by(S::i16s::LEN) {
            let [low, high] = self.filter(simd, rows, x);
            store(narrow(simd, low >> 1, high >> 1), &mut out[0], PAD + x);
            store(narrow(simd, low & 1, high & 1), &mut out[1], PAD + x);
        }
    }
}

/// Mirrors the ends of a filtered row.
#[inline(always)]
fn mirror(row: &mut [i16], width: usize) {
    for k in 1..=2 {
        row[PAD - k] = row[PAD + k];
        row[PAD + width - 1 + k] = row[PAD + width - 1 - k];
    }
}

/// A filtered row from each column on that the horizontal filter reaches, of one length, so that the
/// compiler checks bounds once.
#[inline(always)]
fn neighbours<S: Simd>(row: &[i16], width: usize) -> [&[i16]; 5] {
    let padded = width.next_multiple_of(S::i16s::LEN);
    [
        &row[PAD - 2..][..padded],
        &row[PAD - 1..][..padded],
        &row[PAD..][..padded],
        &row[PAD + 1..][..padded],
        &row[PAD + 2..][..padded],
    ]
}

/// The horizontal filter's sums of even columns (in lanes from `x` on), and of odd ones.
#[inline(always)]
fn horizontal<S: Simd>(simd: S, row: [&[i16]; 5], x: usize) -> [S::i32s; 2] {
    let [a, b, c, d, e] = FILTER;
    let before = adjacent_pairs(simd, load(simd, row[0], x));
    let here = adjacent_pairs(simd, load(simd, row[2], x));
    let behind = adjacent_pairs(simd, load(simd, row[4], x));
    let even = [(before, taps(simd, a, b)), (here, taps(simd, c, d)), (behind, taps(simd, e, 0))];
    let odd = [(before, taps(simd, 0, a)), (here, taps(simd, b, c)), (behind, taps(simd, d, e))];
    [dots(simd, even), dots(simd, odd)]
}

/// The sum of the lanes.
#[inline(always)]
fn total<S: Simd>(sums: S::i32s) -> u64 {
    let mut total = 0;
    for lane in sums.as_slice() {
        total += u64::from(lane.unsigned_abs());
    }
    total
}

/// The horizontal filter's values of the columns from `x` on.
#[inline(always)]
fn horizontal_values<S: Simd>(simd: S, row: [&[i16]; 5], x: usize) -> S::i16s {
    let [a, b, c, d, e] = row;
    let columns =
        [load(simd, a, x), load(simd, b, x), load(simd, c, x), load(simd, d, x), load(simd, e, x)];
    if let Some([low, high]) = weighted_sum(simd, columns, FILTER) {
        let (low, high) = ((low + (1 << 15)).bitcast(), (high + (1 << 15)).bitcast());
        return pairs_of_high_halves(simd, low, high).bitcast();
    }
    let [even, odd] = horizontal(simd, row, x);
    let (even, odd): (S::u32s, S::u32s) =
        ((even + (1 << 15)).bitcast(), (odd + (1 << 15)).bitcast());
    // The upper halves, side by side again.
    adjacent_lanes(simd, pairs_of_high_halves(simd, even, odd).bitcast())
}

/// The sum of absolute values of a horizontally filtered row of 16 bits.
#[inline(always)]
fn narrow_sum<S: Simd>(simd: S, row: &[i16], width: usize) -> u64 {
    let lanes = S::i16s::LEN;
    let row = neighbours::<S>(row, width);
    let mut sums = S::i32s::splat(simd, 0);
    let whole = width - width % lanes;
    let mut x = 0;
    while x < whole {
        sums = add_pair_sums(simd, sums, horizontal_values(simd, row, x).abs());
        x += lanes;
    }
    if whole < width {
        let mut values = horizontal_values(simd, row, whole).abs();
        for i in width - whole..lanes {
            values[i] = 0;
        }
        sums = add_pair_sums(simd, sums, values);
    }
    total::<S>(sums)
}

/// The same of a row in two parts. Sums of halves fit 32 bits, though just.
#[inline(always)]
fn wide_sum<S: Simd>(simd: S, [halves, bits]: &[AlignedRow<i16>; 2], width: usize) -> u64 {
    let lanes = S::i16s::LEN;
    let [halves, bits] = [neighbours::<S>(halves, width), neighbours::<S>(bits, width)];
    let mut sums = S::i32s::splat(simd, 0);
    for x in (0..width).step_by(lanes) {
        let (whole, rest) = (horizontal(simd, halves, x), horizontal(simd, bits, x));
        for odd in 0..2 {
            let half = whole[odd] + ((rest[odd] >> 1) + (1 << 14));
            let mut values = (half >> 15).abs();
            if x + lanes > width {
                for i in (width - x + 1 - odd) / 2..S::i32s::LEN {
                    values[i] = 0;
                }
            }
            sums += values;
        }
    }
    total::<S>(sums)
}
