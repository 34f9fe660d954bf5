//! Checks by content that two videos have the same orientation.
//!
//! A display matrix can be wrong: a picture was rotated and the matrix that rotated it was kept, or
//! a matrix was set that no encoder applied. The means over the cells of a square grid keep their
//! pattern under compression and scaling, and one grid can be laid over another in eight ways. If
//! another way than the upright one fits clearly better, the orientations differ. Symmetric and
//! flat pictures are inconclusive.

use vmaf_core::{Frame, Plane, Sample};

use crate::{Orientation, ReadPlan, Result, Source};

/// The number of grid cells along each side.
const SIDE: usize = 16;

/// The number of frames examined, and their distance.
const EXAMINED_FRAMES: usize = 8;
const FRAME_STEP: usize = 3;

/// The least correlation of both grids in the best orientation, and its least margin over the
/// upright one.
const MIN_CORRELATION: f64 = 0.8;
const MIN_MARGIN: f64 = 0.25;

/// The least variance of a usable grid, in squares of 8-bit levels.
const MIN_VARIANCE: f64 = 4.0;

type Grid = [[f64; SIDE]; SIDE];

/// Returns the rotation of `encode` that would make it show what `reference` shows, if its pictures
/// prove that it is rotated.
///
/// # Errors
/// Fails if one of them can't be read.
pub fn detect_rotation(
    reference: Box<dyn Source>,
    encode: Box<dyn Source>,
) -> Result<Option<Orientation>> {
    let mut reference = reference.frames(&ReadPlan::luma())?;
    let mut encode = encode.frames(&ReadPlan::luma())?;
    let orientations = Orientation::all();
    let mut sums = [0.0; 8];
    let mut count = 0;
    'looks: for _ in 0..EXAMINED_FRAMES {
        let mut pair = None;
        for _ in 0..FRAME_STEP {
            let (Some(one), Some(other)) = (reference.read()?, encode.read()?) else {
                break 'looks;
            };
            pair.get_or_insert((one, other));
        }
        let Some((one, other)) = pair else { break };
        let Some(correlations) = correlations(&grid(&one), &grid(&other), &orientations) else {
            continue;
        };
        count += 1;
        for (sum, correlation) in sums.iter_mut().zip(correlations) {
            *sum += correlation;
        }
    }
    if count == 0 {
        return Ok(None);
    }
    let means = sums.map(|sum| sum / f64::from(count));
    let best = (0..8).fold(
        0,
        |best, orientation| if means[orientation] > means[best] { orientation } else { best },
    );
    let is_clear = means[best] > MIN_CORRELATION && means[best] > means[0] + MIN_MARGIN;
    Ok(is_clear.then_some(orientations[best]))
}

/// Returns the correlation of `reference` with `encode` in each orientation; `None` if either is
/// flat.
fn correlations(
    reference: &Grid,
    encode: &Grid,
    orientations: &[Orientation; 8],
) -> Option<[f64; 8]> {
    let [reference, encode] = [normalised(reference)?, normalised(encode)?];
    Some(orientations.map(|orientation| {
        let mut sum = 0.0;
        for (y, row) in reference.iter().enumerate() {
            for (x, value) in row.iter().enumerate() {
                sum += value * at(&encode, orientation, x, y);
            }
        }
        sum
    }))
}

/// Returns the cell at (x, y) of a grid after it is rotated.
fn at(grid: &Grid, orientation: Orientation, x: usize, y: usize) -> f64 {
    let [across, down] = orientation.is_reversed();
    let x = if across { SIDE - 1 - x } else { x };
    let y = if down { SIDE - 1 - y } else { y };
    if orientation.is_transposed() { grid[x][y] } else { grid[y][x] }
}

/// Returns a grid scaled to mean 0 and length 1; `None` if it is flat.
fn normalised(grid: &Grid) -> Option<Grid> {
    let parts = (SIDE * SIDE) as f64;
    let mean = grid.iter().flatten().sum::<f64>() / parts;
    let square = grid.iter().flatten().map(|part| (part - mean).powi(2)).sum::<f64>();
    (square / parts > MIN_VARIANCE)
        .then(|| grid.map(|row| row.map(|part| (part - mean) / square.sqrt())))
}

/// Returns the mean luma of the cells of a frame, in levels of 8 bits.
fn grid(frame: &Frame) -> Grid {
    match frame.format().bit_depth() {
        8 => means(frame.plane::<u8>(0), 1.0),
        depth => means(frame.plane::<u16>(0), f64::from(1_u32 << (depth - 8))),
    }
}

fn means<T: Sample>(plane: &Plane<T>, unit: f64) -> Grid {
    let (width, height) = (plane.width(), plane.height());
    let mut grid = [[0.0; SIDE]; SIDE];
    let mut counts = [[0_u32; SIDE]; SIDE];
    for y in 0..height {
        let down = y * SIDE / height;
        for (x, sample) in plane.row(y).iter().enumerate() {
            let across = x * SIDE / width;
            grid[down][across] += f64::from(Into::<u32>::into(*sample));
            counts[down][across] += 1;
        }
    }
    for (part, count) in grid.iter_mut().flatten().zip(counts.iter().flatten()) {
        *part /= f64::from((*count).max(1)) * unit;
    }
    grid
}

#[cfg(test)]
mod tests {
    use std::array;

    use super::*;

    fn grid_of(value: impl Fn(f64, f64) -> f64) -> Grid {
        array::from_fn(|y| array::from_fn(|x| value(x as f64, y as f64)))
    }

    #[test]
    fn each_rotation_is_recognised() {
        let reference =
            grid_of(|x, y| 100.0 + 30.0 * (0.5 * x).sin() + 4.0 * y + 12.0 * (0.3 * x * y).cos());
        let orientations = Orientation::all();
        for orientation in orientations {
            let encode: Grid = array::from_fn(|y| {
                array::from_fn(|x| at(&reference, orientation.inverse(), x, y) * 0.9 + 8.0)
            });
            let found = correlations(&reference, &encode, &orientations).expect("contrast");
            for (correlation, other) in found.into_iter().zip(orientations) {
                assert_eq!(
                    correlation > 0.999,
                    other == orientation,
                    "{orientation}, {other}: {correlation}"
                );
            }
        }
    }

    #[test]
    fn the_rotation_of_flat_pictures_is_unknown() {
        let flat = grid_of(|_, _| 16.0);
        let slope = grid_of(|x, _| 16.0 + x);
        assert!(correlations(&flat, &slope, &Orientation::all()).is_none());
        // What is symmetric fits both ways.
        let found = correlations(&slope, &slope, &Orientation::all()).expect("contrast");
        let upside_down = Orientation::new([false, true], 0.0);
        let place = Orientation::all()
            .iter()
            .position(|orientation| *orientation == upside_down)
            .expect("one");
        assert!(found[0] > 0.999 && (found[place] - found[0]).abs() < 1e-9, "{found:?}");
    }
}
