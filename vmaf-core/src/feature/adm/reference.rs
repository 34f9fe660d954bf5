//! The definition of ADM at each scale, in fixed point.

#![cfg(test)]

use super::csf::Weights;
use super::scale::{HIGH, LOW, Scale, mirrored};
use super::sums::{Bands, CubeShifts};
use crate::numeric::rounding;
use crate::{Plane, Sample};

/// A picture or band as numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<i32>,
}

impl Grid {
    fn from_fn(width: usize, height: usize, value: impl Fn(usize, usize) -> i32) -> Self {
        let values = (0..width * height).map(|i| value(i % width, i / width)).collect();
        Self { width, height, values }
    }

    /// A picture's samples, centred on 0.
    pub(super) fn of_plane<T: Sample>(plane: &Plane<T>, depth: u8) -> Self {
        let centre = 1 << (depth - 1);
        Self::from_fn(plane.width(), plane.height(), |x, y| {
            let sample: i32 = plane.row(y)[x].into();
            sample - centre
        })
    }

    fn at(&self, x: usize, y: usize) -> i32 {
        self.values[y * self.width + x]
    }
}

/// One level of the wavelet transform.
pub(super) struct Wavelet {
    /// Low-pass in both directions: what the next scale transforms.
    pub(super) approximation: Grid,
    /// Horizontal (high-pass vertically), vertical (high-pass horizontally) and diagonal detail.
    pub(super) detail: Bands<Grid>,
}

/// Transforms `input`, which has `depth` bits if this is the finest scale.
pub(super) fn wavelet(scale: &Scale, input: &Grid, depth: u8) -> Wavelet {
    let (vertical, horizontal) = (scale.vertical_shift(depth), scale.horizontal_shift());
    let filter =
        |taps: &[i32; 4], place: usize, len: usize, shift: u32, at: &dyn Fn(usize) -> i32| {
            let tap = |k: usize| {
                let place = mirrored(2 * place as isize + k as isize - 1, len);
                i64::from(taps[k]) * i64::from(at(place))
            };
            (((0..4).map(tap).sum::<i64>() + rounding(shift)) >> shift) as i32
        };
    let band = |down: &[i32; 4], across: &[i32; 4]| {
        let column = |x: usize, y: usize| {
            filter(down, y, input.height, vertical, &|place| input.at(x, place))
        };
        Grid::from_fn(scale.width, scale.height, |x, y| {
            filter(across, x, input.width, horizontal, &|place| column(place, y))
        })
    };
    Wavelet {
        approximation: band(&LOW, &LOW),
        detail: [band(&HIGH, &LOW), band(&LOW, &HIGH), band(&HIGH, &HIGH)],
    }
}

/// A distorted coefficient triple taken apart: what follows the reference, and the rest.
fn decouple(o: Bands<i32>, t: Bands<i32>, gain_limit: f64) -> (Bands<i32>, Bands<i32>) {
    let product = |a: Bands<i32>, b: Bands<i32>| {
        i64::from(a[0]) * i64::from(b[0]) + i64::from(a[1]) * i64::from(b[1])
    };
    // Within a degree, computed in the precision that libvmaf does.
    let number = |value: i64| f64::from(value as f32) / 4096.0;
    let cos = libm::cos(std::f64::consts::PI / 180.0);
    let cos_squared = f64::from((cos * cos) as f32);
    let along = number(product(o, t));
    let same_direction = along >= 0.0
        && along * along >= cos_squared * number(product(o, o)) * number(product(t, t));
    let restored = std::array::from_fn(|band| {
        let (o, t) = (o[band], t[band]);
        // The quotient t / o between 0 and 1, in units of 2^-15; o by its highest 15 bits.
        let ratio = if o == 0 {
            1 << 15
        } else {
            let magnitude = o.unsigned_abs();
            let shift = 17_u32.saturating_sub(magnitude.leading_zeros());
            let leading = (i64::from(magnitude) + rounding(shift)) >> shift;
            let reciprocal = (1 << 30) / leading;
            let signed = reciprocal * i64::from(t) * i64::from(o.signum());
            ((signed + (1 << (14 + shift))) >> (15 + shift)).clamp(0, 1 << 15)
        };
        let restored = (ratio * i64::from(o) + (1 << 14)) >> 15;
        let enhanced = restored as f64 * gain_limit;
        if !same_direction || ratio == 0 || o == 0 {
            restored as i32
        } else if o > 0 {
            enhanced.min(f64::from(t)) as i32
        } else {
            enhanced.max(f64::from(t)) as i32
        }
    });
    (restored, std::array::from_fn(|band| t[band] - restored[band]))
}

/// A signal's part in the threshold below which the other is masked: of a neighbour, and of the
/// place itself.
fn masking(scale: &Scale, weights: &Weights, signal: Bands<i32>) -> (i32, i32) {
    let mut sums = (0, 0);
    for band in 0..3 {
        let weighted = i64::from(signal[band]) * i64::from(weights.fixed[band]);
        // A 30th and a 15th of the weighted magnitude. The finest scale keeps 16 bits. At coarser
        // scales libvmaf's rounding constant is negative: its sums are one less.
        let (neighbour, place) = if scale.index == 0 {
            let (add, shift) = [(1 << 14, 15), (1 << 14, 15), ((1 << 16) - 1, 17)][band];
            let magnitude = i32::from(((weighted + add) >> shift) as i16).abs();
            let part = |factor: i32| i32::from(((factor * magnitude + (1 << 11)) >> 12) as i16);
            (part(4369), part(8738))
        } else {
            let magnitude = i64::from(((weighted + (1 << 27)) >> 28) as i32).abs();
            let part = |factor: i64| ((factor * magnitude - (1 << 31)) >> 32) as i32;
            (part(143_165_577), part(286_331_153))
        };
        sums = (sums.0 + neighbour, sums.1 + place);
    }
    sums
}

/// What of a weighted coefficient is above `threshold`, cubed, in fixed point.
fn masked_cube(
    scale: &Scale,
    weights: &Weights,
    shifts: &CubeShifts,
    band: usize,
    coefficient: i32,
    threshold: i32,
) -> i64 {
    let weighted = i64::from(coefficient) * i64::from(weights.fixed[band]);
    let above = if scale.index == 0 {
        i64::from((weighted as i32).abs().wrapping_sub(threshold << [10, 10, 12][band]))
    } else {
        i64::from((((weighted + (1 << 27)) >> 28) as i32).abs().wrapping_sub(threshold))
    };
    let above = above.max(0);
    let square = (above * above + rounding(shifts.square[band])) >> shifts.square[band];
    (i64::from(square as i32) * above + rounding(shifts.cube[band])) >> shifts.cube[band]
}

/// Sums of the cubes of what is left of the masked details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Masked {
    /// Of what follows the reference, masked by the rest.
    pub(super) restored: Bands<i64>,
    /// Of the rest, masked by what follows the reference.
    pub(super) additive: Bands<i64>,
}

/// The sums of an encode.
pub(super) fn masked(
    scale: &Scale,
    reference: &Bands<Grid>,
    distorted: &Bands<Grid>,
    weights: &Weights,
    gain_limit: f64,
) -> Masked {
    let triple = |bands: &Bands<Grid>, x, y| [0, 1, 2].map(|band| bands[band].at(x, y));
    let parts =
        |x: usize, y: usize| decouple(triple(reference, x, y), triple(distorted, x, y), gain_limit);
    let sums = |signal: &dyn Fn(usize, usize) -> Bands<i32>,
                mask: &dyn Fn(usize, usize) -> Bands<i32>| {
        let shifts = CubeShifts::masked(scale);
        let region = scale.region();
        let mut sums = [0; 3];
        for y in region.top..region.bottom {
            let mut row = [0; 3];
            for x in region.left..region.right {
                let mut threshold = masking(scale, weights, mask(x, y)).1;
                for (dx, dy) in (0..9).map(|i| (i % 3 - 1, i / 3 - 1)).filter(|&d| d != (0, 0)) {
                    let x = mirrored(x as isize + dx, scale.width);
                    let y = mirrored(y as isize + dy, scale.height);
                    threshold += masking(scale, weights, mask(x, y)).0;
                }
                for (band, row) in row.iter_mut().enumerate() {
                    let coefficient = signal(x, y)[band];
                    *row += masked_cube(scale, weights, &shifts, band, coefficient, threshold);
                }
            }
            for (sum, row) in sums.iter_mut().zip(row) {
                *sum += (row + rounding(shifts.row)) >> shifts.row;
            }
        }
        sums
    };
    let (restored, additive) = (&|x, y| parts(x, y).0, &|x, y| parts(x, y).1);
    Masked { restored: sums(restored, additive), additive: sums(additive, restored) }
}

/// The sums of cubes of the reference's details.
pub(super) fn plain(scale: &Scale, reference: &Bands<Grid>) -> Bands<u64> {
    let shifts = CubeShifts::plain(scale);
    let region = scale.region();
    [0, 1, 2].map(|band| {
        let cube = |x: usize, y: usize| {
            let magnitude = u64::from(reference[band].at(x, y).unsigned_abs());
            // Rounded by a whole unit, not by half of one.
            let shift = shifts.square[band];
            let square = if shift == 0 {
                magnitude * magnitude
            } else {
                (magnitude * magnitude + (1 << shift)) >> shift
            };
            (square * magnitude + rounding(shifts.cube[band]) as u64) >> shifts.cube[band]
        };
        let row = |y: usize| (region.left..region.right).map(|x| cube(x, y)).sum::<u64>();
        let rounded = |y: usize| (row(y) + rounding(shifts.row) as u64) >> shifts.row;
        (region.top..region.bottom).map(rounded).sum()
    })
}
