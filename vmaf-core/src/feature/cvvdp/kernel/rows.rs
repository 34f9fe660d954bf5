//! Rows of the pyramid.
//!
//! The pyramid is that of Burt and Adelson with weights of 0.05, 0.25, 0.4, 0.25, 0.05. Beyond its
//! borders a band is mirrored, with its last row or column repeated.

use crate::numeric::FloatPlane;

const W: [f32; 5] = [0.05, 0.25, 0.4, 0.25, 0.05];

/// Makes the next band: filtered, and every other row and column.
///
/// The authors' program treats the last column as the height demands: if just one of width and
/// height is odd, it adds what belongs to the other case. Their calibration includes that.
#[inline(always)]
pub(super) fn reduce(
    plane: &FloatPlane,
    (width, height): (usize, usize),
    out: &mut FloatPlane,
    row: &mut Vec<f32>,
) {
    row.resize(width, 0.0);
    let row = &mut row[..width];
    let mirrored = |index: isize| {
        let index = if index < 0 { -1 - index } else { index } as usize;
        if index < height { index } else { 2 * height - 1 - index }
    };
    for y in 0..height.div_ceil(2) {
        let at = |offset: isize| &plane.row(mirrored(2 * y as isize + offset))[..width];
        let (r0, r1, r2, r3, r4) = (at(-2), at(-1), at(0), at(1), at(2));
        for x in 0..width {
            row[x] = W[0] * (r0[x] + r4[x]) + (W[1] * (r1[x] + r3[x]) + W[2] * r2[x]);
        }
        let out = out.row_mut(y);
        let last = out.len() - 1;
        for (x, out) in out.iter_mut().enumerate().take(last).skip(1) {
            let r = &row[2 * x - 2..][..5];
            *out = W[0] * (r[0] + r[4]) + (W[1] * (r[1] + r[3]) + W[2] * r[2]);
        }
        let value = |index: isize| {
            usize::try_from(index).ok().and_then(|index| row.get(index)).copied().unwrap_or(0.0)
        };
        let inside = |x: usize| -> f32 {
            let center = 2 * x as isize;
            (0..5).map(|tap| W[tap] * value(center + tap as isize - 2)).sum()
        };
        let before = W[1] * row[0] + W[0] * row[1];
        let after = if height % 2 == 1 {
            W[3] * row[width - 1] + W[4] * row[width - 2]
        } else {
            W[4] * row[width - 1]
        };
        out[0] = inside(0) + before;
        out[last] = if last == 0 { out[0] } else { inside(last) } + after;
    }
}

/// Writes row `y` of the next band, expanded to this band's size, to `out`. `between` has the length
/// of the next band's rows.
#[inline(always)]
pub(super) fn expand(
    next: &FloatPlane,
    rows: usize,
    y: usize,
    between: &mut [f32],
    out: &mut [f32],
) {
    let n = between.len();
    let row = |row: usize| &next.row(row.min(rows - 1))[..n];
    let middle = row(y / 2);
    let below = row(y / 2 + 1);
    if y.is_multiple_of(2) {
        let above = row((y / 2).saturating_sub(1));
        for x in 0..n {
            between[x] = 2.0 * (W[0] * (above[x] + below[x]) + W[2] * middle[x]);
        }
    } else {
        for x in 0..n {
            between[x] = 2.0 * W[1] * (middle[x] + below[x]);
        }
    }
    let pair = |before: f32, own: f32, after: f32| {
        [2.0 * (W[0] * (before + after) + W[2] * own), 2.0 * W[1] * (own + after)]
    };
    let at = |x: usize| between[x.min(n - 1)];
    let (pairs, rest) = out.as_chunks_mut::<2>();
    for (window, out) in between.windows(3).zip(&mut pairs[1..]) {
        *out = pair(window[0], window[1], window[2]);
    }
    for x in [0, pairs.len() - 1] {
        pairs[x] = pair(at(x.saturating_sub(1)), at(x), at(x + 1));
    }
    if let [last] = rest {
        [*last, _] = pair(at(n.saturating_sub(2)), at(n - 1), at(n));
    }
}

/// The rows and columns on each side that the blur of masks reads.
pub(super) const REACH: usize = 6;

/// The rows and columns that the blur reads.
pub(super) const TAPS: usize = 2 * REACH + 1;

/// The weights of a Gaussian of this standard deviation, from the middle outwards.
pub(super) fn blur_weights(deviation: f64) -> [f32; REACH + 1] {
    let weight = |offset: usize| libm::exp(-0.5 * (offset as f64 / deviation).powi(2));
    let sum: f64 = weight(0) + 2.0 * (1..=REACH).map(weight).sum::<f64>();
    std::array::from_fn(|offset| (weight(offset) / sum) as f32)
}

/// Blurs rows of equal length, the middle one in the middle.
#[inline(always)]
pub(super) fn blur(rows: [&[f32]; TAPS], weights: &[f32; REACH + 1], out: &mut [f32]) {
    let n = out.len();
    let [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12] = rows.map(|row| &row[..n]);
    let [w0, w1, w2, w3, w4, w5, w6] = *weights;
    for x in 0..n {
        let near = w0 * r6[x] + w1 * (r5[x] + r7[x]) + w2 * (r4[x] + r8[x]);
        let middle = w3 * (r3[x] + r9[x]) + w4 * (r2[x] + r10[x]);
        let far = w5 * (r1[x] + r11[x]) + w6 * (r0[x] + r12[x]);
        out[x] = near + (middle + far);
    }
}

/// Writes `row` to `out`, mirrored by [`REACH`] at both ends without its border.
#[inline(always)]
pub(super) fn mirror(row: &[f32], out: &mut Vec<f32>) {
    let n = row.len();
    out.resize(n + 2 * REACH, 0.0);
    out[REACH..REACH + n].copy_from_slice(row);
    for k in 1..=REACH {
        out[REACH - k] = row[k];
        out[REACH + n - 1 + k] = row[n - 1 - k];
    }
}
