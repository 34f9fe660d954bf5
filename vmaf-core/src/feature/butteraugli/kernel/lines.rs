//! Comparisons of bands: sums of differences along short lines, and squared differences.
//!
//! ```text
//! difference = (f1 (a - b) + f2 beyond) / (norm + (|a| + |b|) / 2)
//! out       += (sum of differences along a line)^2            for each of sixteen lines
//! ```
//!
//! where `beyond` is how far b is from the values between 0.55 a and 1.05 a. Lines pass through the
//! pixel and are symmetric to it, so that a line is half as many pairs.

use fearless_simd::prelude::*;

use super::super::LineWeights;
use super::rows::{LANES, PAD, Ring, groups, groups_mut, store, vector};

/// Rows above and below that lines reach.
pub(super) const REACH: usize = 4;

/// The weights of a comparison along lines, in single precision.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineFactors {
    plain: f32,
    beyond: f32,
    norm: f32,
}

impl LineFactors {
    pub(super) fn new(weights: LineWeights) -> Self {
        let LineWeights { weight, norm, scale } = weights;
        let factor = |share: f64| (scale * libm::sqrt(share * weight) / 8.5 * norm) as f32;
        Self { plain: factor(0.5), beyond: factor(0.33), norm: norm as f32 }
    }

    /// Writes the differences of a row.
    #[inline(always)]
    pub(super) fn differences(&self, a: &[f32], b: &[f32], out: &mut [f32]) {
        for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
            let strength = self.norm + 0.5 * (a.abs() + b.abs());
            let sum = self.plain * (a - b) + self.beyond * beyond(a, b, 0.55, 1.05);
            *out = sum / strength;
        }
    }
}

/// The distance of `b` from the values between `small` and `large` times `a`: positive towards
/// zero and beyond, for positive `a`.
#[inline(always)]
fn beyond(a: f32, b: f32, small: f32, large: f32) -> f32 {
    let is_negative = a < 0.0;
    let (strength, b) = (a.abs(), if is_negative { -b } else { b });
    let (under, over) = (small * strength - b, b - large * strength);
    let outside = if under > 0.0 { under } else { 0.0 } - if over > 0.0 { over } else { 0.0 };
    if is_negative { -outside } else { outside }
}

/// Adds weighted squares of the differences of a row.
#[inline(always)]
pub(super) fn add_squares(a: &[f32], b: &[f32], weight: f32, out: &mut [f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out += (a - b) * (a - b) * weight;
    }
}

/// Adds weighted squares of the differences of a row, and of how far `b` is from the values between
/// 0.4 `a` and `a`.
#[inline(always)]
pub(super) fn add_asymmetric_squares(a: &[f32], b: &[f32], weight: f32, out: &mut [f32]) {
    let weight = 0.8 * weight;
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        let beyond = beyond(a, b, 0.4, 1.0);
        *out += ((a - b) * (a - b) + beyond * beyond) * weight;
    }
}

/// The offsets (down, right) of a pair of points; the other is on the opposite side.
type Offset = (isize, isize);

/// The rows of differences around row `y`, zeros outside the picture.
///
/// Each length of line has a loop of its own, written out: in one loop over an array of rows, the
/// pointers to the rows are not kept in registers, and the whole metric takes twice as long.
struct Around<'a>([&'a [f32]; 2 * REACH + 1]);

impl<'a> Around<'a> {
    #[inline(always)]
    fn new(ring: &'a Ring, (y, height): (usize, usize), zeros: &'a [f32]) -> Self {
        Self(std::array::from_fn(|k| match (y + k).checked_sub(REACH) {
            Some(row) if row < height => ring.padded(row),
            _ => zeros,
        }))
    }

    #[inline(always)]
    fn at(&self, (down, right): Offset) -> &'a [[f32; LANES]] {
        let row = self.0[(REACH as isize + down) as usize];
        groups(&row[(PAD as isize + right) as usize..])
    }

    #[inline(always)]
    fn pair(&self, (down, right): Offset) -> Pair<'a> {
        [self.at((down, right)), self.at((-down, -right))]
    }

    /// Adds `weight` times the squared sum along a line of seven points.
    #[inline(always)]
    fn add_seven<S: Simd>(&self, simd: S, offsets: [Offset; 3], weight: f32, out: &mut [f32]) {
        let out = groups_mut(out);
        let n = out.len();
        let center = &self.at((0, 0))[..n];
        let [[a0, a1], [b0, b1], [c0, c1]] = offsets.map(|offset| self.pair(offset));
        let (a0, a1, b0, b1) = (&a0[..n], &a1[..n], &b0[..n], &b1[..n]);
        let (c0, c1) = (&c0[..n], &c1[..n]);
        for i in 0..n {
            for part in 0..LANES / S::f32s::LEN {
                let mut sum = vector(simd, &center[i], part);
                sum += vector(simd, &a0[i], part) + vector(simd, &a1[i], part);
                sum += vector(simd, &b0[i], part) + vector(simd, &b1[i], part);
                sum += vector(simd, &c0[i], part) + vector(simd, &c1[i], part);
                store(vector(simd, &out[i], part) + sum * sum * weight, &mut out[i], part);
            }
        }
    }

    /// Adds `weight` times the squared sum along a line of nine points.
    #[inline(always)]
    fn add_nine<S: Simd>(&self, simd: S, offsets: [Offset; 4], weight: f32, out: &mut [f32]) {
        let out = groups_mut(out);
        let n = out.len();
        let center = &self.at((0, 0))[..n];
        let [[a0, a1], [b0, b1], [c0, c1], [d0, d1]] = offsets.map(|offset| self.pair(offset));
        let (a0, a1, b0, b1) = (&a0[..n], &a1[..n], &b0[..n], &b1[..n]);
        let (c0, c1, d0, d1) = (&c0[..n], &c1[..n], &d0[..n], &d1[..n]);
        for i in 0..n {
            for part in 0..LANES / S::f32s::LEN {
                let mut sum = vector(simd, &center[i], part);
                sum += vector(simd, &a0[i], part) + vector(simd, &a1[i], part);
                sum += vector(simd, &b0[i], part) + vector(simd, &b1[i], part);
                sum += vector(simd, &c0[i], part) + vector(simd, &c1[i], part);
                sum += vector(simd, &d0[i], part) + vector(simd, &d1[i], part);
                store(vector(simd, &out[i], part) + sum * sum * weight, &mut out[i], part);
            }
        }
    }

    /// Adds the squared sum along a line of five points.
    #[inline(always)]
    fn add_five<S: Simd>(&self, simd: S, offsets: [Offset; 2], out: &mut [f32]) {
        let out = groups_mut(out);
        let n = out.len();
        let center = &self.at((0, 0))[..n];
        let [[a0, a1], [b0, b1]] = offsets.map(|offset| self.pair(offset));
        let (a0, a1, b0, b1) = (&a0[..n], &a1[..n], &b0[..n], &b1[..n]);
        for i in 0..n {
            for part in 0..LANES / S::f32s::LEN {
                let mut sum = vector(simd, &center[i], part);
                sum += vector(simd, &a0[i], part) + vector(simd, &a1[i], part);
                sum += vector(simd, &b0[i], part) + vector(simd, &b1[i], part);
                store(vector(simd, &out[i], part) + sum * sum, &mut out[i], part);
            }
        }
    }

    /// Adds the squared sums along three lines of five points, of which the inner three are the
    /// same.
    #[inline(always)]
    fn add_fan<S: Simd>(&self, simd: S, inner: Offset, outer: [Offset; 3], out: &mut [f32]) {
        let out = groups_mut(out);
        let n = out.len();
        let center = &self.at((0, 0))[..n];
        let [i0, i1] = self.pair(inner);
        let [[a0, a1], [b0, b1], [c0, c1]] = outer.map(|offset| self.pair(offset));
        let (i0, i1, a0, a1) = (&i0[..n], &i1[..n], &a0[..n], &a1[..n]);
        let (b0, b1, c0, c1) = (&b0[..n], &b1[..n], &c0[..n], &c1[..n]);
        for i in 0..n {
            for part in 0..LANES / S::f32s::LEN {
                let inner = vector(simd, &i0[i], part) + vector(simd, &i1[i], part);
                let base = vector(simd, &center[i], part) + inner;
                let a = base + (vector(simd, &a0[i], part) + vector(simd, &a1[i], part));
                let b = base + (vector(simd, &b0[i], part) + vector(simd, &b1[i], part));
                let c = base + (vector(simd, &c0[i], part) + vector(simd, &c1[i], part));
                let total = vector(simd, &out[i], part) + a * a + b * b + c * c;
                store(total, &mut out[i], part);
            }
        }
    }
}

/// Rows of points on opposite sides, in groups.
type Pair<'a> = [&'a [[f32; LANES]]; 2];

/// Adds the comparison along sparse lines, of five points.
#[inline(always)]
pub(super) fn add_sparse<S: Simd>(
    simd: S,
    ring: &Ring,
    at: (usize, usize),
    zeros: &[f32],
    out: &mut [f32],
) {
    let around = Around::new(ring, at, zeros);
    around.add_five(simd, [(0, 2), (0, 4)], out);
    around.add_five(simd, [(2, 0), (4, 0)], out);
    around.add_five(simd, [(2, 2), (3, 3)], out);
    around.add_five(simd, [(2, -2), (3, -3)], out);
    around.add_fan(simd, (2, -1), [(4, -1), (3, -2), (4, -2)], out);
    around.add_fan(simd, (2, 1), [(4, 1), (3, 2), (4, 2)], out);
    around.add_fan(simd, (1, 2), [(1, 4), (2, 3), (2, 4)], out);
    around.add_fan(simd, (1, -2), [(1, -4), (2, -3), (2, -4)], out);
}

/// Adds the comparison along dense lines, of seven or nine points; four of them count twice.
#[inline(always)]
pub(super) fn add_dense<S: Simd>(
    simd: S,
    ring: &Ring,
    at: (usize, usize),
    zeros: &[f32],
    out: &mut [f32],
) {
    let around = Around::new(ring, at, zeros);
    around.add_nine(simd, [(0, 1), (0, 2), (0, 3), (0, 4)], 1.0, out);
    around.add_nine(simd, [(1, 0), (2, 0), (3, 0), (4, 0)], 1.0, out);
    around.add_nine(simd, [(1, 0), (2, -1), (3, -1), (4, -1)], 2.0, out);
    around.add_nine(simd, [(1, 0), (2, 1), (3, 1), (4, 1)], 2.0, out);
    around.add_nine(simd, [(0, 1), (1, 2), (1, 3), (1, 4)], 2.0, out);
    around.add_nine(simd, [(0, 1), (-1, 2), (-1, 3), (-1, 4)], 2.0, out);
    around.add_seven(simd, [(1, 1), (2, 2), (3, 3)], 1.0, out);
    around.add_seven(simd, [(1, -1), (2, -2), (3, -3)], 1.0, out);
    around.add_seven(simd, [(1, 1), (2, 1), (3, 2)], 1.0, out);
    around.add_seven(simd, [(1, -1), (2, -1), (3, -2)], 1.0, out);
    around.add_seven(simd, [(1, 1), (1, 2), (2, 3)], 1.0, out);
    around.add_seven(simd, [(1, -1), (1, -2), (2, -3)], 1.0, out);
}
