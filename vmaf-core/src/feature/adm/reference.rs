//! The definition of ADM at each scale, in fixed point.
//!
//! Tests compare the kernel's sums with it; [`maps`](super::maps) keep each place's contribution.

use std::sync::LazyLock;

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

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
    fn from_fn(width: usize, height: usize, value: impl Fn(usize, usize) -> i32 + Sync) -> Self {
        Self { width, height, values: by_rows(width, height, value) }
    }

    /// A picture's samples, centred on 0.
    pub(super) fn from_plane<T: Sample>(plane: &Plane<T>, depth: u8) -> Self {
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

/// A value for each place of a picture, by its column and row; rows are computed in parallel.
fn by_rows<T: Copy + Default + Send>(
    width: usize,
    height: usize,
    value: impl Fn(usize, usize) -> T + Sync,
) -> Vec<T> {
    let mut values = vec![T::default(); width * height];
    values.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        row.iter_mut().enumerate().for_each(|(x, out)| *out = value(x, y));
    });
    values
}

/// The same for each band.
#[cfg(test)]
fn bands_by_rows<T: Copy + Default + Send>(
    width: usize,
    height: usize,
    value: impl Fn(usize, usize) -> Bands<T> + Sync,
) -> Bands<Vec<T>> {
    let mut bands: Bands<Vec<T>> = std::array::from_fn(|_| vec![T::default(); width * height]);
    let [first, second, third] = bands.each_mut().map(|band| band.par_chunks_mut(width));
    first.zip(second).zip(third).enumerate().for_each(|(y, ((first, second), third))| {
        for x in 0..width {
            [first[x], second[x], third[x]] = value(x, y);
        }
    });
    bands
}

/// The values of three bands at a place.
pub(super) fn triple(bands: &Bands<Grid>, x: usize, y: usize) -> Bands<i32> {
    [0, 1, 2].map(|band| bands[band].at(x, y))
}

/// One level of the wavelet transform.
pub(super) struct Wavelet {
    /// Low-pass in both directions: the input of the next scale.
    pub(super) approximation: Grid,
    /// Horizontal (high-pass vertically), vertical (high-pass horizontally) and diagonal detail.
    pub(super) detail: Bands<Grid>,
}

/// Transforms `input`, which has `depth` bits if this is the finest scale.
pub(super) fn wavelet(scale: &Scale, input: &Grid, depth: u8) -> Wavelet {
    let (vertical, horizontal) = (scale.vertical_shift(depth), scale.horizontal_shift());
    let [low, high] = [&LOW, &HIGH].map(|taps| {
        Grid::from_fn(input.width, scale.height, |x, y| {
            filtered(taps, y, input.height, vertical, |place| input.at(x, place))
        })
    });
    let along = |columns: &Grid, taps: &[i32; 4]| {
        Grid::from_fn(scale.width, scale.height, |x, y| {
            filtered(taps, x, input.width, horizontal, |place| columns.at(place, y))
        })
    };
    Wavelet {
        approximation: along(&low, &LOW),
        detail: [along(&high, &LOW), along(&low, &HIGH), along(&high, &HIGH)],
    }
}

/// A distorted coefficient's parts: restored, which follows the reference, and additive, the rest.
pub(super) type Parts = [Bands<i32>; 2];

pub(super) const KEPT: usize = 0;
pub(super) const ADDED: usize = 1;

/// The output of the filter `taps` at a place of a signal of `len` samples that it halves.
fn filtered(
    taps: &[i32; 4],
    place: usize,
    len: usize,
    shift: u32,
    at: impl Fn(usize) -> i32,
) -> i32 {
    let tap = |k: usize| {
        let place = mirrored(2 * place as isize + k as isize - 1, len);
        i64::from(taps[k]) * i64::from(at(place))
    };
    (((0..4).map(tap).sum::<i64>() + rounding(shift)) >> shift) as i32
}

/// The square of the cosine of a degree, in the precision that libvmaf has it in.
static COS_SQUARED: LazyLock<f64> = LazyLock::new(|| {
    let cos = libm::cos(std::f64::consts::PI / 180.0);
    f64::from((cos * cos) as f32)
});

/// Splits a distorted coefficient triple into the part that follows the reference and the rest.
pub(super) fn decouple(o: Bands<i32>, t: Bands<i32>, gain_limit: f64) -> Parts {
    let product = |a: Bands<i32>, b: Bands<i32>| {
        i64::from(a[0]) * i64::from(b[0]) + i64::from(a[1]) * i64::from(b[1])
    };
    // Within a degree, computed in the precision that libvmaf does.
    let number = |value: i64| f64::from(value as f32) / 4096.0;
    let along = number(product(o, t));
    let same_direction = along >= 0.0
        && along * along >= *COS_SQUARED * number(product(o, o)) * number(product(t, t));
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
    [restored, std::array::from_fn(|band| t[band] - restored[band])]
}

/// A signal's part in the threshold below which the other is masked: of a neighbour, and of the
/// place itself.
pub(super) fn masking(scale: &Scale, weights: &Weights, signal: Bands<i32>) -> (i32, i32) {
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
            let magnitude = i64::from(((weighted + (1 << 27)) >> 28) as i32).wrapping_abs();
            let part = |factor: i64| ((factor * magnitude - (1 << 31)) >> 32) as i32;
            (part(143_165_577), part(286_331_153))
        };
        sums = (sums.0 + neighbour, sums.1 + place);
    }
    sums
}

/// The part of a weighted coefficient above `threshold`, cubed, in fixed point.
pub(super) fn masked_cube(
    scale: &Scale,
    weights: &Weights,
    shifts: &CubeShifts,
    band: usize,
    coefficient: i32,
    threshold: i32,
) -> i64 {
    let weighted = i64::from(coefficient) * i64::from(weights.fixed[band]);
    let above = if scale.index == 0 {
        i64::from((weighted as i32).wrapping_abs().wrapping_sub(threshold << [10, 10, 12][band]))
    } else {
        i64::from((((weighted + (1 << 27)) >> 28) as i32).wrapping_abs().wrapping_sub(threshold))
    };
    let above = above.max(0);
    let square = (above * above + rounding(shifts.square[band])) >> shifts.square[band];
    (i64::from(square as i32) * above + rounding(shifts.cube[band])) >> shifts.cube[band]
}

/// The cube of a coefficient of the reference before weighting, in fixed point.
pub(super) fn plain_cube(shifts: &CubeShifts, band: usize, coefficient: i32) -> u64 {
    let magnitude = u64::from(coefficient.unsigned_abs());
    // Rounded by a whole unit, not by half of one.
    let shift = shifts.square[band];
    let square = if shift == 0 {
        magnitude * magnitude
    } else {
        (magnitude * magnitude + (1 << shift)) >> shift
    };
    let cube = square.wrapping_mul(magnitude);
    cube.wrapping_add(rounding(shifts.cube[band]) as u64) >> shifts.cube[band]
}

/// The distorted details split under a gain limit, at every place.
#[cfg(test)]
pub(super) fn decoupled(
    reference: &Bands<Grid>,
    distorted: &Bands<Grid>,
    gain_limit: f64,
) -> Vec<Parts> {
    by_rows(reference[0].width, reference[0].height, |x, y| {
        decouple(triple(reference, x, y), triple(distorted, x, y), gain_limit)
    })
}

/// The cubes of what remains of one `part` after masking by the other, at every place of each band.
#[cfg(test)]
pub(super) fn masked_cubes(
    scale: &Scale,
    parts: &[Parts],
    part: usize,
    weights: &Weights,
) -> Bands<Vec<i64>> {
    let shifts = CubeShifts::masked(scale);
    let (width, height) = (scale.width, scale.height);
    let shares =
        by_rows(width, height, |x, y| masking(scale, weights, parts[y * width + x][1 - part]));
    bands_by_rows(width, height, |x, y| {
        let around = (0..9).map(|i| (i % 3 - 1, i / 3 - 1)).filter(|&d| d != (0, 0));
        let neighbours = around.map(|(dx, dy)| {
            let x = mirrored(x as isize + dx, width);
            let y = mirrored(y as isize + dy, height);
            shares[y * width + x].0
        });
        let threshold = neighbours.fold(shares[y * width + x].1, i32::wrapping_add);
        let coefficients = parts[y * width + x][part];
        std::array::from_fn(|band| {
            masked_cube(scale, weights, &shifts, band, coefficients[band], threshold)
        })
    })
}

/// The cubes of the reference's details before weighting, at every place of each band.
#[cfg(test)]
pub(super) fn plain_cubes(scale: &Scale, reference: &Bands<Grid>) -> Bands<Vec<u64>> {
    let shifts = CubeShifts::plain(scale);
    bands_by_rows(scale.width, scale.height, |x, y| {
        std::array::from_fn(|band| plain_cube(&shifts, band, reference[band].at(x, y)))
    })
}

/// Sums of the cubes of the details that remain after masking.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MaskedSums {
    /// The part that follows the reference, masked by the rest.
    pub(super) restored: Bands<i64>,
    /// The rest, masked by the part that follows the reference.
    pub(super) additive: Bands<i64>,
}

/// The sums of an encode.
#[cfg(test)]
pub(super) fn masked(
    scale: &Scale,
    reference: &Bands<Grid>,
    distorted: &Bands<Grid>,
    weights: &Weights,
    gain_limit: f64,
) -> MaskedSums {
    let parts = decoupled(reference, distorted, gain_limit);
    let sums = |part| {
        masked_cubes(scale, &parts, part, weights)
            .map(|cubes| total(scale, CubeShifts::masked(scale).row, &cubes))
    };
    MaskedSums { restored: sums(KEPT), additive: sums(ADDED) }
}

/// The sums of cubes of the reference's details.
#[cfg(test)]
pub(super) fn plain(scale: &Scale, reference: &Bands<Grid>) -> Bands<u64> {
    plain_cubes(scale, reference).map(|cubes| {
        let cubes: Vec<i64> = cubes.iter().map(|&cube| cube as i64).collect();
        total(scale, CubeShifts::plain(scale).row, &cubes) as u64
    })
}

/// The sum over the region that counts, of rows that are each rounded and shifted.
#[cfg(test)]
fn total(scale: &Scale, shift: u32, cubes: &[i64]) -> i64 {
    let region = scale.region();
    let row = |y: usize| cubes[y * scale.width..][region.left..region.right].iter().sum::<i64>();
    region.rows().map(|y| (row(y) + rounding(shift)) >> shift).sum()
}
