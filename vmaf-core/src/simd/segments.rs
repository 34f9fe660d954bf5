//! Rows in *segments*: a row is cut into as many equal parts as a vector has lanes, and lane `l` of
//! vector `i` holds column `i` of part `l`.
//!
//! A column's neighbour is then the same lane of the next vector. A filter across a row therefore
//! reads whole vectors from aligned addresses and keeps them in registers, like a filter down
//! columns; with adjacent columns in a vector, each tap would need a shift. Beyond its last column,
//! a part continues with the first columns of the next part, as far as a filter reaches.

use fearless_simd::prelude::*;

use crate::Sample;

/// The maximum number of lanes in a vector of single-precision numbers.
pub(crate) const MAX_LANES: usize = 16;

/// An element of a row to lay out: a sample or a single-precision number.
pub(crate) trait Number: Copy {
    /// The value as a single-precision number; samples are multiplied by `unit`.
    fn value(self, unit: f32) -> f32;

    /// Loads one vector of values.
    #[inline(always)]
    fn load<S: Simd>(simd: S, row: &[Self], unit: f32) -> S::f32s {
        let lanes = S::f32s::LEN;
        let mut values = [0.0; MAX_LANES];
        let row = &row[..lanes];
        for k in 0..lanes {
            values[k] = row[k].value(unit);
        }
        S::f32s::from_slice(simd, &values[..lanes])
    }
}

impl<T: Sample> Number for T {
    #[inline(always)]
    fn value(self, unit: f32) -> f32 {
        Into::<i32>::into(self) as f32 * unit
    }
}

impl Number for f32 {
    #[inline(always)]
    fn value(self, _unit: f32) -> f32 {
        self
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, row: &[Self], _unit: f32) -> S::f32s {
        S::f32s::from_slice(simd, &row[..S::f32s::LEN])
    }
}

/// Lays a row out in segments of `part` columns, the first of which starts at column `start`.
/// Writes `vectors` vectors, rounded up to a whole number of squares, consecutively to `out`.
/// Beyond both ends the row is mirrored once, and 0 farther out.
#[inline(always)]
pub(crate) fn lay_out<S: Simd, N: Number>(
    simd: S,
    (row, unit): (&[N], f32),
    start: isize,
    part: usize,
    vectors: usize,
    out: &mut [f32],
) {
    let lanes = S::f32s::LEN;
    for first in (0..vectors).step_by(lanes) {
        let left = start + first as isize;
        let right = left + ((lanes - 1) * part + lanes) as isize;
        let mut square = [S::f32s::splat(simd, 0.0); MAX_LANES];
        if left >= 0 && right <= row.len() as isize {
            let row = &row[left as usize..right as usize];
            for lane in 0..lanes {
                square[lane] = N::load(simd, &row[lane * part..], unit);
            }
        } else {
            let mut values = [[0.0; MAX_LANES]; MAX_LANES];
            for lane in 0..lanes {
                let column = left + (lane * part) as isize;
                let values = &mut values[lane][..lanes];
                if column >= 0 && column as usize + lanes <= row.len() {
                    N::load(simd, &row[column as usize..], unit).store_slice(values);
                } else {
                    read_beyond((row, unit), column, values);
                }
            }
            for lane in 0..lanes {
                square[lane] = S::f32s::from_slice(simd, &values[lane][..lanes]);
            }
        }
        transpose::<S>(simd, &mut square);
        let out = &mut out[first * lanes..][..lanes * lanes];
        for lane in 0..lanes {
            square[lane].store_slice(&mut out[lane * lanes..][..lanes]);
        }
    }
}

/// Reads columns of a row from `left` on, some of which are beyond its ends.
#[inline(never)]
fn read_beyond<N: Number>((row, unit): (&[N], f32), left: isize, out: &mut [f32]) {
    for (k, out) in out.iter_mut().enumerate() {
        let column = left + k as isize;
        let mirrored = if column < 0 { -1 - column } else { column } as usize;
        let last = 2 * row.len() - 1;
        let mirrored = if mirrored < row.len() { mirrored } else { last.wrapping_sub(mirrored) };
        *out = row.get(mirrored).map_or(0.0, |number| number.value(unit));
    }
}

/// Transposes a square of vectors.
#[inline(always)]
fn transpose<S: Simd>(simd: S, square: &mut [S::f32s; MAX_LANES]) {
    let lanes = S::f32s::LEN;
    let mut done = 1;
    while done < lanes {
        // Each round moves the highest bit of a vector's index to the lowest bit of the lane index.
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

/// Converts segments back to a row. `segments` holds `vectors` consecutive vectors with lane
/// `lane_of(place)` at `place`; a part has `vectors` columns. Values of `row` beyond the last part
/// are unspecified.
#[inline(always)]
pub(crate) fn put_back<S: Simd>(
    simd: S,
    segments: &[f32],
    vectors: usize,
    lane_of: impl Fn(usize) -> usize,
    row: &mut [f32],
) {
    let lanes = S::f32s::LEN;
    // From the last square to the first, and from the first lane to the last, so that later writes
    // overwrite the excess columns of a square.
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

    struct LayOut<'a, N>(&'a mut Vec<f32>, &'a [N], isize, usize, usize);

    impl<N: Number> Kernel for LayOut<'_, N> {
        type Output = usize;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> usize {
            let Self(out, row, start, part, vectors) = self;
            let lanes = S::f32s::LEN;
            out.resize(vectors.next_multiple_of(lanes) * lanes, 0.0);
            lay_out(simd, (row, 0.5), start, part, vectors, out);
            lanes
        }
    }

    fn check<N: Number>(row: &[N]) {
        let length = row.len() as isize;
        let sizes = [(1, 1), (1, 11), (7, 7), (8, 18), (16, 16), (30, 40), (61, 71)];
        for level in Level::available() {
            for (part, vectors) in sizes {
                for start in [0, -4, 5] {
                    let mut out = Vec::new();
                    let lanes = level.run(LayOut(&mut out, row, start, part, vectors));
                    for (place, found) in out[..vectors * lanes].iter().enumerate() {
                        let column = start + (place % lanes * part + place / lanes) as isize;
                        let mirrored = if column < 0 { -1 - column } else { column };
                        let mirrored = mirrored.min(2 * length - 1 - mirrored);
                        let number = usize::try_from(mirrored).map(|column| row[column].value(0.5));
                        assert_eq!(*found, number.unwrap_or(0.0), "{} {part}", level.name());
                    }
                }
            }
        }
    }

    #[test]
    fn each_column_is_in_its_place() {
        for length in [5, 47, 300, 1100] {
            check(&(0..length).map(|column| column as f32 - 9.0).collect::<Vec<_>>());
            check(&(0..length).map(|column| 40_000 + column as u16).collect::<Vec<_>>());
            check(&(0..length).map(|column| (column % 251) as u8).collect::<Vec<_>>());
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
                let row: Vec<f32> = (0..16 * part).map(|column| column as f32).collect();
                let lanes = level.run(LayOut(&mut out, &row, 0, part, part));
                for vector in out.chunks_exact_mut(lanes) {
                    vector.reverse();
                }
                let mut row = vec![0.0; lanes * part + lanes];
                level.run(PutBack(&out, part, &mut row));
                for (column, found) in row[..lanes * part].iter().enumerate() {
                    assert_eq!(*found, column as f32, "{} {part}", level.name());
                }
            }
        }
    }
}
