//! Pictures in single precision, for floating-point features.

use fearless_simd::Simd;

use crate::simd::Kernel;
use crate::{Level, Plane, Sample, memory};

/// A picture of single-precision numbers with contiguous rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FloatPlane {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl FloatPlane {
    /// Resizes the plane to `width` by `height`, reusing its memory; the values are unspecified.
    pub(crate) fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        memory::resize(&mut self.values, width * height);
    }

    /// The number of rows.
    #[inline(always)]
    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// All values, row by row.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// All values, row by row.
    pub(crate) fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// Row `y`, mutable.
    #[inline(always)]
    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[y * self.width..][..self.width]
    }

    /// Row `y`.
    #[inline(always)]
    pub(crate) fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..][..self.width]
    }
}

/// A source of rows of single-precision numbers.
///
/// Kernels take `dyn FloatRows`: they are compiled once, and the type of samples is looked up a row at
/// a time.
pub(crate) trait FloatRows {
    /// The number of values in a row.
    fn width(&self) -> usize;

    /// The number of rows.
    fn height(&self) -> usize;

    /// Writes row `y` to `out`, which has the same length.
    fn read(&self, y: usize, out: &mut [f32]);
}

impl FloatRows for FloatPlane {
    fn width(&self) -> usize {
        self.width
    }

    fn height(&self) -> usize {
        self.height
    }

    fn read(&self, y: usize, out: &mut [f32]) {
        out.copy_from_slice(self.row(y));
    }
}

/// A picture's samples scaled to 8 bits, minus 128: from -128 to below 128.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Centred<'a, T> {
    /// The picture.
    pub(crate) plane: &'a Plane<T>,
    /// The bit depth.
    pub(crate) depth: u8,
    /// The instruction set with which rows are read.
    pub(crate) level: Level,
}

impl<T: Sample> FloatRows for Centred<'_, T> {
    fn width(&self) -> usize {
        self.plane.width()
    }

    fn height(&self) -> usize {
        self.plane.height()
    }

    fn read(&self, y: usize, out: &mut [f32]) {
        // Exact, as the unit is a power of two.
        let unit = 1.0 / (1_u32 << (self.depth - 8)) as f32;
        self.level.run(ReadRow { row: self.plane.row(y), unit, out });
    }
}

/// Reads a row of samples, whose steps are `unit` of an 8-bit one.
struct ReadRow<'a, T> {
    row: &'a [T],
    unit: f32,
    out: &'a mut [f32],
}

impl<T: Sample> Kernel for ReadRow<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let row = &self.row[..self.out.len()];
        for (out, sample) in self.out.iter_mut().zip(row) {
            let value: i32 = (*sample).into();
            *out = value as f32 * self.unit - 128.0;
        }
    }
}

/// The pictures, as kernels take them.
pub(crate) fn as_rows<P: FloatRows>(pictures: &[P]) -> Vec<&dyn FloatRows> {
    pictures.iter().map(|picture| picture as &dyn FloatRows).collect()
}

/// The most recent rows of a picture that is read from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct RowRing {
    values: Vec<f32>,
    /// The distance between the starts of rows.
    stride: usize,
    /// The number of rows that the ring holds.
    capacity: usize,
    /// The number of the picture's rows read so far.
    read: usize,
}

impl RowRing {
    /// Clears the ring and sets it up for `capacity` rows, `stride` apart.
    pub(crate) fn start(&mut self, stride: usize, capacity: usize) {
        (self.stride, self.capacity, self.read) = (stride, capacity, 0);
        if self.values.len() < stride * capacity {
            memory::resize(&mut self.values, stride * capacity);
        }
    }

    /// Reads the picture's rows up to and including `last`.
    #[inline(always)]
    pub(crate) fn reach(&mut self, picture: &dyn FloatRows, last: usize) {
        while self.read <= last {
            let start = self.read % self.capacity * self.stride;
            picture.read(self.read, &mut self.values[start..][..picture.width()]);
            self.read += 1;
        }
    }

    /// Row `y` of the picture, one of the last `capacity` rows read, including its padding.
    #[inline(always)]
    pub(crate) fn row(&self, y: usize) -> &[f32] {
        &self.values[y % self.capacity * self.stride..][..self.stride]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_all_bit_depths_have_one_scale() {
        for depth in 9..=16_u8 {
            let unit = 1_u16 << (depth - 8);
            let samples = vec![0, 128 * unit, 128 * unit + 1, unit * 255];
            let plane = Plane::from_vec(samples, 4, 1).expect("a plane");
            let mut row = [0.0; 4];
            for level in Level::available() {
                Centred { plane: &plane, depth, level }.read(0, &mut row);
                assert_eq!(row, [-128.0, 0.0, 1.0 / f32::from(unit), 127.0]);
            }
        }
        let plane = Plane::from_vec(vec![0_u8, 1, 255], 3, 1).expect("a plane");
        let mut row = [0.0; 3];
        Centred { plane: &plane, depth: 8, level: Level::best() }.read(0, &mut row);
        assert_eq!(row, [-128.0, -127.0, 127.0]);
    }
}
