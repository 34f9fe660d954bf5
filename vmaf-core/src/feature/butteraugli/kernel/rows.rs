//! Rows: the latest ones of a component, and blurs of them.

use fearless_simd::prelude::*;

/// Zeros at both ends of a row that is blurred across: the farthest reach, and a cache line.
pub(super) const PAD: usize = 16;

/// Numbers of a row that are processed together; rows are padded to a multiple.
pub(super) const LANES: usize = 16;

/// Returns a row in groups of numbers that are processed together: one bound is checked for each.
#[inline(always)]
pub(super) fn groups(row: &[f32]) -> &[[f32; LANES]] {
    row.as_chunks().0
}

/// Returns a row in groups, as [`groups`].
#[inline(always)]
pub(super) fn groups_mut(row: &mut [f32]) -> &mut [[f32; LANES]] {
    row.as_chunks_mut().0
}

/// Returns a vector of a group.
#[inline(always)]
pub(super) fn vector<S: Simd>(simd: S, group: &[f32; LANES], part: usize) -> S::f32s {
    S::f32s::from_slice(simd, &group[part * S::f32s::LEN..][..S::f32s::LEN])
}

/// Stores a vector of a group.
#[inline(always)]
pub(super) fn store<S: Simd, V: SimdFloat<S, Element = f32>>(
    vector: V,
    group: &mut [f32; LANES],
    part: usize,
) {
    vector.store_slice(&mut group[part * V::LEN..][..V::LEN]);
}

/// The latest rows of a component, each between [`PAD`] numbers.
#[derive(Debug, Default)]
pub(super) struct Ring {
    values: Vec<f32>,
    rows: usize,
    width: usize,
    stride: usize,
}

impl Ring {
    /// Clears the ring for the latest `rows` rows of `width` numbers; the others are `padding`.
    pub(super) fn start(&mut self, rows: usize, width: usize, padding: f32) {
        let stride = width.next_multiple_of(LANES) + 2 * PAD;
        (self.rows, self.width, self.stride) = (rows, width, stride);
        self.values.clear();
        self.values.resize(rows * stride, padding);
    }

    /// Row `y` with its padding.
    #[inline(always)]
    pub(super) fn padded(&self, y: usize) -> &[f32] {
        &self.values[y % self.rows * self.stride..][..self.stride]
    }

    /// Row `y` with its padding.
    #[inline(always)]
    pub(super) fn padded_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[y % self.rows * self.stride..][..self.stride]
    }

    /// Row `y`.
    #[inline(always)]
    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.padded(y)[PAD..][..self.width]
    }

    /// Row `y`, as long as a multiple of [`LANES`].
    #[inline(always)]
    pub(super) fn lanes(&self, y: usize) -> &[f32] {
        &self.padded(y)[PAD..self.stride - PAD]
    }

    /// Row `y`, as long as a multiple of [`LANES`].
    #[inline(always)]
    pub(super) fn lanes_mut(&mut self, y: usize) -> &mut [f32] {
        let end = self.stride - PAD;
        &mut self.padded_mut(y)[PAD..end]
    }

    /// Row `y`.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        let width = self.width;
        &mut self.padded_mut(y)[PAD..][..width]
    }
}

/// The weights of a Gaussian that reaches 2.25 standard deviations.
#[derive(Debug, Clone)]
pub(super) struct Blur {
    reach: usize,
    /// The weights by distance, with a sum of 1 over both sides.
    weights: [f32; PAD + 1],
    /// The factor that makes the sum of the other weights 1, by the number of columns or rows on
    /// one side, fewer than the reach.
    border: [f32; PAD + 1],
}

impl Blur {
    pub(super) fn new(sigma: f64) -> Self {
        let reach = (2.25 * sigma) as usize;
        let weight = |k: usize| libm::exp(-((k * k) as f64) / (2.0 * sigma * sigma));
        let side = |count: usize| (1..=count).map(weight).sum::<f64>();
        let sum = 1.0 + 2.0 * side(reach);
        let of = |k: usize| if k <= reach { (weight(k) / sum) as f32 } else { 0.0 };
        let border = |count: usize| (sum / (1.0 + side(reach) + side(count.min(reach)))) as f32;
        Self { reach, weights: std::array::from_fn(of), border: std::array::from_fn(border) }
    }

    /// The number of columns or rows on each side.
    pub(super) fn reach(&self) -> usize {
        self.reach
    }

    /// The weight at a distance; 0 beyond the reach.
    fn weight(&self, distance: usize) -> f32 {
        self.weights.get(distance).copied().unwrap_or_default()
    }

    /// The factor at a place among `len`, which makes the sum of the weights inside 1.
    fn factor(&self, at: usize, len: usize) -> f32 {
        let (before, after) = (at.min(self.reach), (len - 1 - at).min(self.reach));
        if before == self.reach {
            return self.border[after];
        }
        if after == self.reach {
            return self.border[before];
        }
        let side = |count: usize| self.weights[1..=count].iter().sum::<f32>();
        1.0 / (self.weights[0] + side(before) + side(after))
    }

    /// Blurs row `y` of `height`: down into `temporary`, then across into `out`, whose length is a
    /// multiple of [`LANES`]. Rows outside the picture are `zeros`.
    // A function of its own, by `vectorize`, so that it is compiled once for all blurs.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(
        &self,
        simd: S,
        ring: &Ring,
        at: (usize, usize),
        zeros: &[f32],
        temporary: &mut [f32],
        out: &mut [f32],
    ) {
        simd.vectorize(
            #[inline(always)]
            move || self.apply_inline(simd, ring, at, zeros, temporary, out),
        );
    }

    #[inline(always)]
    fn apply_inline<S: Simd>(
        &self,
        simd: S,
        ring: &Ring,
        (y, height): (usize, usize),
        zeros: &[f32],
        temporary: &mut [f32],
        out: &mut [f32],
    ) {
        let (width, len) = (ring.width, out.len());
        let factor = self.factor(y, height);
        let above = |k: usize| y.checked_sub(k).map_or(zeros, |y| ring.padded(y));
        let below = |k: usize| if y + k < height { ring.padded(y + k) } else { zeros };
        let inner = PAD..PAD + len;
        let center = &ring.padded(y)[inner.clone()];
        start(self.weights[0] * factor, center, &mut temporary[inner.clone()]);
        let mut k = 1;
        while k <= self.reach {
            let pairs = std::array::from_fn(|i| {
                [&above(k + i)[inner.clone()], &below(k + i)[inner.clone()]]
            });
            let weights = std::array::from_fn(|i| self.weight(k + i) * factor);
            add_pairs(simd, pairs, weights, &mut temporary[inner.clone()]);
            k += AT_ONCE;
        }
        let row = &temporary[..];
        start(self.weights[0], &row[inner], out);
        let mut k = 1;
        while k <= self.reach {
            let pairs = std::array::from_fn(|i| {
                // A pair of weight 0 may be beyond the padding.
                let k = (k + i).min(PAD);
                [&row[PAD - k..][..len], &row[PAD + k..][..len]]
            });
            let weights = std::array::from_fn(|i| self.weight(k + i));
            add_pairs(simd, pairs, weights, out);
            k += AT_ONCE;
        }
        let near = self.reach.min(width);
        for x in (0..near).chain(near.max(width - near)..width) {
            out[x] *= self.factor(x, width);
        }
    }
}

/// `out = weight * row`
#[inline(always)]
fn start(weight: f32, row: &[f32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = weight * value;
    }
}

/// The number of pairs of rows that are added at once; those beyond the reach have a weight of 0.
const AT_ONCE: usize = 4;

/// Adds the weighted sums of pairs of rows.
#[inline(always)]
fn add_pairs<S: Simd>(
    simd: S,
    pairs: [[&[f32]; 2]; AT_ONCE],
    [w0, w1, w2, w3]: [f32; AT_ONCE],
    out: &mut [f32],
) {
    let out = groups_mut(out);
    let n = out.len();
    // Slices of one known length, each with a name, need no checks of bounds.
    let [[a0, a1], [b0, b1], [c0, c1], [d0, d1]] = pairs.map(|pair| pair.map(groups));
    let (a0, a1, b0, b1) = (&a0[..n], &a1[..n], &b0[..n], &b1[..n]);
    let (c0, c1, d0, d1) = (&c0[..n], &c1[..n], &d0[..n], &d1[..n]);
    for i in 0..n {
        for part in 0..LANES / S::f32s::LEN {
            let mut sum = vector(simd, &out[i], part);
            sum += (vector(simd, &a0[i], part) + vector(simd, &a1[i], part)) * w0;
            sum += (vector(simd, &b0[i], part) + vector(simd, &b1[i], part)) * w1;
            sum += (vector(simd, &c0[i], part) + vector(simd, &c1[i], part)) * w2;
            sum += (vector(simd, &d0[i], part) + vector(simd, &d1[i], part)) * w3;
            store(sum, &mut out[i], part);
        }
    }
}

/// The blur of light over five by five pixels: of row `y` of `height`, of rows that are padded with
/// their mirror image.
#[inline(always)]
pub(super) fn blur_light(
    weights: &Blur,
    ring: &Ring,
    (y, height): (usize, usize),
    temporary: &mut [f32],
    out: &mut [f32],
) {
    let [w0, w1, w2] = [0, 1, 2].map(|k| weights.weights[k]);
    let mirrored = |at: isize| {
        let len = height as isize;
        let inside = if at < 0 {
            -at - 1
        } else if at >= len {
            2 * len - 1 - at
        } else {
            at
        };
        inside as usize
    };
    let rows = [-2, -1, 0, 1, 2].map(|k| ring.padded(mirrored(y as isize + k)));
    let n = temporary.len();
    let [r0, r1, r2, r3, r4] = rows.map(|row| &row[..n]);
    for x in 0..n {
        temporary[x] = w0 * r2[x] + w1 * (r1[x] + r3[x]) + w2 * (r0[x] + r4[x]);
    }
    let n = out.len();
    let [r0, r1, r2, r3, r4] = [0, 1, 2, 3, 4].map(|k| &temporary[PAD - 2 + k..][..n]);
    for x in 0..n {
        out[x] = w0 * r2[x] + w1 * (r1[x] + r3[x]) + w2 * (r0[x] + r4[x]);
    }
}

/// Pads a row with two numbers of its mirror image on each side.
pub(super) fn mirror(ring: &mut Ring, y: usize) {
    let width = ring.width;
    let row = ring.padded_mut(y);
    for k in 0..2 {
        row[PAD - 1 - k] = row[PAD + k];
        row[PAD + width + k] = row[PAD + width - 1 - k];
    }
}
