//! A plane of samples, and the two sample types.

use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2, Ix2, ShapeBuilder, StrideShape};

use super::recycler::{Recycler, Samples, Shelf};
use super::{FormatError, Pixels, Result};
use crate::memory;

mod sealed {
    use super::{Arc, Recycler, Shelf};

    pub trait Sealed: Sized + bytemuck::Zeroable {
        /// The shelf that keeps the memory of planes of this type.
        fn shelf(recycler: &Recycler) -> &Arc<Shelf<Self>>;
    }

    impl Sealed for u8 {
        fn shelf(recycler: &Recycler) -> &Arc<Shelf<Self>> {
            &recycler.bytes
        }
    }

    impl Sealed for u16 {
        fn shelf(recycler: &Recycler) -> &Arc<Shelf<Self>> {
            &recycler.words
        }
    }
}

/// A stored sample: `u8` for 8 bits, `u16` for 9 to 16.
pub trait Sample:
    sealed::Sealed
    + Copy
    + Default
    + PartialEq
    + Send
    + Sync
    + Into<i32>
    + Into<u32>
    + Into<u64>
    + 'static
{
    /// The planes of `pixels`, if they are of this type.
    fn planes(pixels: &Pixels) -> Option<&[Plane<Self>]>;

    /// The planes of `pixels`, mutable, if they are of this type.
    fn planes_mut(pixels: &mut Pixels) -> Option<&mut [Plane<Self>]>;

    /// Wraps planes of this type.
    fn pixels(planes: Vec<Plane<Self>>) -> Pixels;

    /// Returns the sum of the samples of a row, or part of one, which is short enough for sums of
    /// 32 bits in each of the lanes.
    #[must_use]
    fn sum(samples: &[Self]) -> u64 {
        const LANES: usize = 16;
        // The compiler vectorises this.
        let mut lanes = [0_u32; LANES];
        let (pieces, rest) = samples.as_chunks::<LANES>();
        for piece in pieces {
            for (lane, sample) in lanes.iter_mut().zip(piece) {
                *lane += Into::<u32>::into(*sample);
            }
        }
        let rest = rest.iter().map(|sample| Into::<u64>::into(*sample)).sum::<u64>();
        lanes.into_iter().map(u64::from).sum::<u64>() + rest
    }
}

impl Sample for u8 {
    fn planes(pixels: &Pixels) -> Option<&[Plane<Self>]> {
        match pixels {
            Pixels::U8(planes) => Some(planes),
            Pixels::U16(_) => None,
        }
    }

    fn planes_mut(pixels: &mut Pixels) -> Option<&mut [Plane<Self>]> {
        match pixels {
            Pixels::U8(planes) => Some(planes),
            Pixels::U16(_) => None,
        }
    }

    fn pixels(planes: Vec<Plane<Self>>) -> Pixels {
        Pixels::U8(planes)
    }
}

impl Sample for u16 {
    fn planes(pixels: &Pixels) -> Option<&[Plane<Self>]> {
        match pixels {
            Pixels::U16(planes) => Some(planes),
            Pixels::U8(_) => None,
        }
    }

    fn planes_mut(pixels: &mut Pixels) -> Option<&mut [Plane<Self>]> {
        match pixels {
            Pixels::U16(planes) => Some(planes),
            Pixels::U8(_) => None,
        }
    }

    fn pixels(planes: Vec<Plane<Self>>) -> Pixels {
        Pixels::U16(planes)
    }
}

/// Rows of samples whose starts are `stride` samples apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane<T> {
    samples: Samples<T>,
    /// The position of the first sample.
    start: usize,
    width: usize,
    height: usize,
    stride: usize,
}

impl<T: Sample> Plane<T> {
    /// Creates a plane of zeros with contiguous rows.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self::contiguous(memory::buffer(width * height).into(), width, height)
    }

    /// Creates a plane from `samples` with contiguous rows.
    ///
    /// # Errors
    /// [`FormatError::SampleCount`] if there are not `width * height` samples.
    pub fn from_vec(samples: Vec<T>, width: usize, height: usize) -> Result<Self> {
        if width.checked_mul(height) != Some(samples.len()) {
            return Err(FormatError::SampleCount { count: samples.len(), width, height });
        }
        Ok(Self::contiguous(samples.into(), width, height))
    }

    /// Creates a plane with unspecified samples and contiguous rows, in memory of `shelf`.
    pub(super) fn recycled(shelf: &Arc<Shelf<T>>, width: usize, height: usize) -> Self {
        Self::contiguous(shelf.take(width * height), width, height)
    }

    fn contiguous(samples: Samples<T>, width: usize, height: usize) -> Self {
        Self { samples, start: 0, width, height, stride: width }
    }

    /// Creates a plane from `samples` whose rows start `stride` samples apart.
    ///
    /// # Errors
    /// [`FormatError::Stride`] if the stride is below the width or the last row does not fit.
    pub fn with_stride(
        samples: Vec<T>,
        width: usize,
        height: usize,
        stride: usize,
    ) -> Result<Self> {
        Self::with_offset(samples, 0, width, height, stride)
    }

    /// Creates a plane from `samples` whose first row starts at `start` and whose rows start
    /// `stride` samples apart. Aligned memory can thus be used without copying it.
    ///
    /// # Errors
    /// [`FormatError::Stride`] if the stride is below the width or the last row does not fit.
    pub fn with_offset(
        samples: Vec<T>,
        start: usize,
        width: usize,
        height: usize,
        stride: usize,
    ) -> Result<Self> {
        let needed = match height.checked_sub(1) {
            Some(above) => stride
                .checked_mul(above)
                .and_then(|last| last.checked_add(width)?.checked_add(start)),
            None => Some(start),
        };
        if stride < width || needed.is_none_or(|needed| needed > samples.len()) {
            let count = samples.len();
            return Err(FormatError::Stride { count, stride, width, height });
        }
        Ok(Self { samples: samples.into(), start, width, height, stride })
    }

    /// The samples as an array of rows by columns, without copying them.
    ///
    /// ```
    /// use vmaf_core::Plane;
    ///
    /// // Two rows of three samples, four samples apart.
    /// let plane = Plane::with_stride(vec![1_u8, 2, 3, 0, 4, 5, 6], 3, 2, 4)?;
    /// assert_eq!(plane.view()[[1, 2]], 6);
    /// # Ok::<(), vmaf_core::Error>(())
    /// ```
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, T> {
        ArrayView2::from_shape(self.shape(), &self.samples[self.start..])
            .expect("rows lie in the samples")
    }

    /// The samples as a mutable array of rows by columns.
    #[must_use]
    pub fn view_mut(&mut self) -> ArrayViewMut2<'_, T> {
        let shape = self.shape();
        let start = self.start;
        ArrayViewMut2::from_shape(shape, &mut self.samples[start..])
            .expect("rows lie in the samples")
    }

    fn shape(&self) -> StrideShape<Ix2> {
        (self.height, self.width).strides((self.stride, 1))
    }

    /// Width in samples.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in samples.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Row `y`, without padding.
    #[must_use]
    pub fn row(&self, y: usize) -> &[T] {
        &self.samples[self.start + y * self.stride..][..self.width]
    }

    /// Row `y`, mutable, without padding.
    #[must_use]
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        let start = self.start + y * self.stride;
        &mut self.samples[start..][..self.width]
    }

    /// All samples, mutable, if rows have no padding between them.
    #[must_use]
    pub fn adjacent_mut(&mut self) -> Option<&mut [T]> {
        let count = self.width * self.height;
        let start = self.start;
        (self.stride == self.width).then(|| &mut self.samples[start..][..count])
    }

    /// All rows, top to bottom.
    pub fn rows(&self) -> impl Iterator<Item = &[T]> {
        (0..self.height).map(|y| self.row(y))
    }
}

impl<T: Sample> From<ArrayView2<'_, T>> for Plane<T> {
    /// Copies the samples of an array of rows by columns with any memory layout.
    fn from(view: ArrayView2<'_, T>) -> Self {
        let (height, width) = view.dim();
        let mut samples = Vec::with_capacity(width * height);
        for row in view.rows() {
            match row.to_slice() {
                Some(row) => samples.extend_from_slice(row),
                None => samples.extend(row),
            }
        }
        Self::contiguous(samples.into(), width, height)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ShapeBuilder, s};

    use super::*;

    #[test]
    fn views_have_the_samples_at_their_rows_and_columns() {
        let samples: Vec<u16> = (0..23).collect();
        let mut plane = Plane::with_stride(samples, 3, 4, 6).expect("the last row ends at 21");
        assert_eq!(plane.view().dim(), (4, 3));
        for y in 0..4 {
            assert_eq!(plane.view().row(y).to_slice(), Some(plane.row(y)));
        }
        assert_eq!(plane.view().as_ptr(), plane.row(0).as_ptr());
        plane.view_mut()[[2, 1]] = 999;
        assert_eq!(plane.row(2), [12, 999, 14]);
        assert_eq!(Plane::<u8>::new(0, 0).view().dim(), (0, 0));
        assert_eq!(Plane::<u8>::new(0, 5).view().dim(), (5, 0));
    }

    #[test]
    fn a_plane_may_start_within_its_samples() {
        let samples: Vec<u8> = (0..30).collect();
        let mut plane = Plane::with_offset(samples.clone(), 5, 3, 4, 6).expect("ends at 26");
        assert_eq!((plane.row(0), plane.row(3)), (&[5, 6, 7][..], &[23, 24, 25][..]));
        assert_eq!(plane.view()[[2, 1]], 18);
        plane.row_mut(1)[0] = 99;
        plane.view_mut()[[0, 2]] = 98;
        assert_eq!((plane.view()[[1, 0]], plane.row(0)[2]), (99, 98));
        assert_eq!(plane.adjacent_mut(), None);
        let mut adjacent = Plane::with_offset(samples.clone(), 2, 4, 7, 4).expect("ends at 30");
        assert_eq!(adjacent.adjacent_mut().map(|all| (all[0], all.len())), Some((2, 28)));
        assert!(Plane::with_offset(samples, 3, 4, 7, 4).is_err(), "ends at 31");
    }

    #[test]
    fn arrays_of_any_layout_become_planes() {
        let by_rows = Array2::from_shape_fn((4, 6), |(y, x)| (10 * y + x) as u8);
        let plane = Plane::from(by_rows.view());
        assert_eq!((plane.width(), plane.height()), (6, 4));
        assert_eq!(plane.row(3), [30, 31, 32, 33, 34, 35]);
        let by_columns = Array2::from_shape_fn((4, 6).f(), |(y, x)| (10 * y + x) as u8);
        assert_eq!(Plane::from(by_columns.view()), plane);
        let part = Plane::from(by_rows.slice(s![1..3, 2..5]));
        assert_eq!((part.row(0), part.row(1)), (&[12, 13, 14][..], &[22, 23, 24][..]));
        let backwards = Plane::from(by_rows.slice(s![..;-1, ..;2]));
        assert_eq!(backwards.row(0), [30, 32, 34]);
    }

    #[test]
    fn planes_reject_a_wrong_number_of_samples() {
        let count = Plane::from_vec(vec![0_u8; 5], 2, 3).expect_err("one too few");
        assert_eq!(count, FormatError::SampleCount { count: 5, width: 2, height: 3 });
        let huge = Plane::from_vec(Vec::<u8>::new(), usize::MAX / 2 + 1, 2).expect_err("too many");
        assert!(matches!(huge, FormatError::SampleCount { count: 0, .. }));
        for (height, stride) in [(3, 2), (3, 4), (usize::MAX, 9)] {
            let error = Plane::with_stride(vec![0_u8; 10], 3, height, stride).expect_err("no fit");
            assert_eq!(error, FormatError::Stride { count: 10, stride, width: 3, height });
        }
    }
}
