//! The definition of a plane's change.

#![cfg(test)]

use crate::numeric::reflect;
use crate::{Plane, Sample};

/// The mean absolute difference of two planes blurred with `taps`, in steps of an 8-bit sample, and
/// with `add_half_size` that of the blurred planes at half the size.
pub(super) fn change<T: Sample>(
    previous: &Plane<T>,
    current: &Plane<T>,
    bit_depth: u8,
    taps: &[f32],
    add_half_size: bool,
) -> f32 {
    let blurred = |plane| Picture::from_plane(plane, bit_depth).blurred(taps);
    let (previous, current) = (blurred(previous), blurred(current));
    let change = previous.difference(&current);
    if add_half_size { change + previous.halved().difference(&current.halved()) } else { change }
}

/// Samples in single precision.
struct Picture {
    width: usize,
    height: usize,
    rows: Vec<Vec<f32>>,
}

impl Picture {
    fn new(width: usize, height: usize, at: impl Fn(usize, usize) -> f32) -> Self {
        let row = |y: usize| (0..width).map(|x| at(x, y)).collect();
        Self { width, height, rows: (0..height).map(row).collect() }
    }

    /// A plane's samples around 0.
    fn from_plane<T: Sample>(plane: &Plane<T>, bit_depth: u8) -> Self {
        let unit = f32::from(1_u16 << (bit_depth - 8));
        Self::new(plane.width(), plane.height(), |x, y| {
            let sample: u32 = plane.row(y)[x].into();
            sample as f32 / unit - 128.0
        })
    }

    /// Filtered down, then across, mirrored at the borders.
    fn blurred(&self, taps: &[f32]) -> Self {
        let half = (taps.len() / 2) as isize;
        let sum = |at: &dyn Fn(isize) -> f32| {
            taps.iter().zip(-half..).fold(0.0, |sum, (tap, k)| sum + tap * at(k))
        };
        let down = Self::new(self.width, self.height, |x, y| {
            sum(&|k| self.rows[reflect(y as isize + k, self.height)][x])
        });
        Self::new(self.width, self.height, |x, y| {
            sum(&|k| down.rows[y][reflect(x as isize + k, self.width)])
        })
    }

    /// Half the size, rounded up: each value between the four around its place.
    fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let place = |i: usize, from: usize, to: usize| {
            let ratio = from as f32 / to as f32;
            let place = ((i as f64 + 0.5) * f64::from(ratio) - 0.5) as f32;
            let (before, after) = (place.floor() as usize, place.ceil() as usize);
            (before, reflect(after as isize, from), place - before as f32)
        };
        Self::new(width, height, |x, y| {
            let (left, right, dx) = place(x, self.width, width);
            let (above, below, dy) = place(y, self.height, height);
            let (above, below) = (&self.rows[above], &self.rows[below]);
            (1.0 - dy) * (1.0 - dx) * above[left]
                + (1.0 - dy) * dx * above[right]
                + dy * (1.0 - dx) * below[left]
                + dy * dx * below[right]
        })
    }

    /// The mean absolute difference: rows are summed up, then their sums.
    fn difference(&self, other: &Self) -> f32 {
        let mut sum = 0.0;
        for (a, b) in self.rows.iter().zip(&other.rows) {
            sum += a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b).abs());
        }
        sum / (self.width * self.height) as f32
    }
}
