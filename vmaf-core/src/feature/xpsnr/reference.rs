//! The definition of the sums over a block.

#![cfg(test)]

use super::Order;
use super::blocks::{Activity, Blocks};
use crate::{Plane, Sample};

/// The taps of a high-pass filter of 3 by 3 pixels.
const FILTER: [[i64; 3]; 3] = [[-1, -2, -1], [-2, 12, -2], [-1, -2, -1]];

/// The taps of one for a cell of 2 by 2 pixels, which lies in the middle.
const CELL_FILTER: [[i64; 6]; 6] = [
    [0, -1, -1, -1, -1, 0],
    [-1, -2, -3, -3, -2, -1],
    [-1, -3, 12, 12, -3, -1],
    [-1, -3, 12, 12, -3, -1],
    [-1, -2, -3, -3, -2, -1],
    [0, -1, -1, -1, -1, 0],
];

/// The activity of each block of `now`, row by row. Pictures that are not in `earlier` are black.
pub(super) fn activity<T: Sample>(
    blocks: &Blocks,
    now: &Plane<T>,
    earlier: [Option<&Plane<T>>; 2],
    order: Order,
) -> Vec<Activity> {
    let (across, down) = blocks.counts();
    let Blocks { width, height, size } = *blocks;
    let step = if blocks.is_large() { 2 } else { 1 };
    let border = blocks.border();
    let mut activity = vec![Activity::default(); across * down];
    for y in (0..height).step_by(step) {
        for x in (0..width).step_by(step) {
            let block = &mut activity[y / size * across + x / size];
            if (border..height - border).contains(&y) && (border..width - border).contains(&x) {
                let filtered = if step == 1 {
                    filtered(now, &FILTER, x - 1, y - 1)
                } else {
                    filtered(now, &CELL_FILTER, x - 2, y - 2)
                };
                block.spatial += filtered.unsigned_abs();
            }
            let sum = |plane: &Plane<T>| -> i64 {
                let places = (0..step).flat_map(|i| (0..step).map(move |j| (x + j, y + i)));
                places.map(|(x, y)| sample(plane, x, y)).sum()
            };
            let [before, before_that] = earlier.map(|plane| plane.map_or(0, sum));
            let change = match order {
                Order::First => sum(now) - before,
                Order::Second => sum(now) - 2 * before + before_that,
            };
            block.temporal += change.unsigned_abs();
        }
    }
    activity
}

fn filtered<T: Sample, const N: usize>(
    plane: &Plane<T>,
    filter: &[[i64; N]; N],
    x: usize,
    y: usize,
) -> i64 {
    let taps = filter.iter().enumerate().flat_map(|(i, row)| {
        row.iter().enumerate().map(move |(j, tap)| tap * sample(plane, x + j, y + i))
    });
    taps.sum()
}

/// A sample of the plane; the last row and column go on past the border.
fn sample<T: Sample>(plane: &Plane<T>, x: usize, y: usize) -> i64 {
    let sample: i32 = plane.row(y.min(plane.height() - 1))[x.min(plane.width() - 1)].into();
    i64::from(sample)
}

/// The sum of squared differences in each block of a plane, in blocks of `size` pixels (width,
/// height), `across` in a row.
pub(super) fn errors<T: Sample>(
    reference: &Plane<T>,
    distorted: &Plane<T>,
    size: (usize, usize),
    counts: (usize, usize),
) -> Vec<u64> {
    let (across, down) = counts;
    let mut errors = vec![0; across * down];
    for y in 0..reference.height() {
        for x in 0..reference.width() {
            let error = sample(reference, x, y) - sample(distorted, x, y);
            errors[y / size.1 * across + x / size.0] += (error * error) as u64;
        }
    }
    errors
}
