//! Rows in *segments*: a row is cut into as many equal parts as a vector has lanes, and lane `l` of
//! vector `i` holds column `i` of part `l`.
//!
//! A column's neighbour is then the same lane of the next vector, so that a filter across a row
//! reads whole vectors from aligned places and keeps them in registers, as a filter down columns
//! does, where columns side by side would have to be shifted for each tap. Beyond its last column a
//! part goes on with the first columns of the next part, as far as a filter reaches.

use fearless_simd::prelude::*;

/// The most lanes of a vector of single-precision numbers.
pub(crate) const MAX_LANES: usize = 16;

/// How many numbers a row needs that is laid out in `vectors` vectors, with parts of `part` columns.
#[inline(always)]
pub(crate) fn row_len(lanes: usize, part: usize, vectors: usize) -> usize {
    (lanes - 1) * part + vectors.next_multiple_of(lanes)
}

/// Lays `row` out in segments of `part` columns: `vectors` of them, rounded up to a whole number
/// of squares, that are written one after the other to `out`.
#[inline(always)]
pub(crate) fn lay_out<S: Simd>(simd: S, row: &[f32], part: usize, vectors: usize, out: &mut [f32]) {
    let lanes = S::f32s::LEN;
    for first in (0..vectors).step_by(lanes) {
        let mut square = [S::f32s::splat(simd, 0.0); MAX_LANES];
        for lane in 0..lanes {
            square[lane] = S::f32s::from_slice(simd, &row[lane * part + first..][..lanes]);
        }
        transpose::<S>(simd, &mut square);
        let out = &mut out[first * lanes..][..lanes * lanes];
        for lane in 0..lanes {
            square[lane].store_slice(&mut out[lane * lanes..][..lanes]);
        }
    }
}

/// Makes rows of a square of vectors its columns.
#[inline(always)]
fn transpose<S: Simd>(simd: S, square: &mut [S::f32s; MAX_LANES]) {
    let lanes = S::f32s::LEN;
    let mut done = 1;
    while done < lanes {
        // Each round takes the upper bit of a vector's number to be the lowest of its lanes'.
        let mut next = [S::f32s::splat(simd, 0.0); MAX_LANES];
        for k in 0..lanes / 2 {
            let (low, high) = square[k].interleave(square[k + lanes / 2]);
            next[2 * k] = low;
            next[2 * k + 1] = high;
        }
        *square = next;
        done *= 2;
    }
}

/// Puts segments back into a row: `vectors` one after the other, in which lane `lane_of(place)` is
/// at `place`, as parts of as many columns. Beyond the last part `row` is anything.
#[inline(always)]
pub(crate) fn put_back<S: Simd>(
    simd: S,
    segments: &[f32],
    vectors: usize,
    lane_of: impl Fn(usize) -> usize,
    row: &mut [f32],
) {
    let lanes = S::f32s::LEN;
    // From the last square to the first, and from the first lane to the last: what a square has too
    // many of is written over.
    for square_number in (0..vectors.div_ceil(lanes)).rev() {
        let first = square_number * lanes;
        let segments = &segments[first * lanes..][..lanes * lanes];
        let mut square = [S::f32s::splat(simd, 0.0); MAX_LANES];
        for vector in 0..lanes {
            square[vector] = S::f32s::from_slice(simd, &segments[vector * lanes..][..lanes]);
        }
        transpose::<S>(simd, &mut square);
        let mut of_lane = [0; MAX_LANES];
        for place in 0..lanes {
            of_lane[lane_of(place)] = place;
        }
        for lane in 0..lanes {
            let columns = &mut row[lane * vectors + first..][..lanes];
            square[of_lane[lane]].store_slice(columns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, Level};

    struct LayOut<'a>(&'a mut Vec<f32>, usize, usize);

    impl Kernel for LayOut<'_> {
        type Output = usize;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> usize {
            let Self(out, part, vectors) = self;
            let lanes = S::f32s::LEN;
            let row: Vec<f32> =
                (0..row_len(lanes, part, vectors)).map(|column| column as f32).collect();
            out.resize(vectors.next_multiple_of(lanes) * lanes, 0.0);
            lay_out(simd, &row, part, vectors, out);
            lanes
        }
    }

    #[test]
    fn each_column_is_in_its_place() {
        for level in Level::available() {
            for (part, vectors) in [(1, 1), (1, 11), (7, 7), (8, 18), (16, 16), (30, 40), (61, 71)]
            {
                let mut out = Vec::new();
                let lanes = level.run(LayOut(&mut out, part, vectors));
                for vector in 0..vectors {
                    for lane in 0..lanes {
                        let expected = (lane * part + vector) as f32;
                        assert_eq!(out[vector * lanes + lane], expected, "{}", level.name());
                    }
                }
            }
        }
    }

    struct PutBack<'a>(&'a [f32], usize, &'a mut [f32]);

    impl Kernel for PutBack<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            put_back(simd, self.0, self.1, |place| S::f32s::LEN - 1 - place, self.2);
        }
    }

    #[test]
    fn rows_are_put_back() {
        for level in Level::available() {
            for part in [1, 3, 7, 8, 15, 16, 30, 61] {
                let mut out = Vec::new();
                let lanes = level.run(LayOut(&mut out, part, part));
                for vector in out.chunks_exact_mut(lanes) {
                    vector.reverse();
                }
                let mut row = vec![0.0; row_len(lanes, part, part)];
                level.run(PutBack(&out, part, &mut row));
                for (column, found) in row[..lanes * part].iter().enumerate() {
                    assert_eq!(*found, column as f32, "{} {part}", level.name());
                }
            }
        }
    }
}
