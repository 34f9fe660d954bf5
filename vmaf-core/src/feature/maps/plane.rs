//! Planes of floating-point samples, and their meaning.

use std::fmt;

use ndarray::{Array2, ArrayView2};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::Result;
use crate::error::MapError;

/// A plane of 32-bit floating-point samples, row by row. It converts into and from an `Array2` of
/// rows by columns without copying them.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Map {
    /// A plane of `values`, row by row.
    ///
    /// # Errors
    /// [`MapError::SampleCount`] if there are not `width * height` of them.
    pub fn new(width: usize, height: usize, values: Vec<f32>) -> Result<Self> {
        if values.len() != width * height {
            return Err(MapError::SampleCount { count: values.len(), width, height }.into());
        }
        Ok(Self { width, height, values })
    }

    /// A plane of `values`, row by row, one for each place.
    pub(crate) fn from_rows(width: usize, height: usize, values: Vec<f32>) -> Self {
        assert_eq!(values.len(), width * height);
        Self { width, height, values }
    }

    /// A plane of one value everywhere.
    pub(crate) fn uniform(width: usize, height: usize, value: f32) -> Self {
        Self { width, height, values: vec![value; width * height] }
    }

    /// The samples as an array of rows by columns, without copying them.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, f32> {
        let shape = (self.height, self.width);
        ArrayView2::from_shape(shape, &self.values).expect("a sample for each place")
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

    /// All samples, row by row.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Row `y`.
    #[must_use]
    pub fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..][..self.width]
    }

    /// Each sample replaced by what `change` gives for it.
    #[must_use]
    pub fn map(mut self, change: impl Fn(f32) -> f32) -> Self {
        for value in &mut self.values {
            *value = change(*value);
        }
        self
    }

    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[y * self.width..][..self.width]
    }

    /// The rows, to be worked on in parallel.
    pub(crate) fn rows_mut(&mut self) -> impl IndexedParallelIterator<Item = &mut [f32]> {
        self.values.par_chunks_mut(self.width)
    }

    /// Each sample replaced by what `combine` gives for it and for `other`'s in its place.
    pub(crate) fn with(mut self, other: &Self, combine: impl Fn(f32, f32) -> f32 + Sync) -> Self {
        assert_eq!((self.width, self.height), (other.width, other.height));
        self.rows_mut().enumerate().for_each(|(y, row)| {
            for (value, other) in row.iter_mut().zip(other.row(y)) {
                *value = combine(*value, *other);
            }
        });
        self
    }
}

impl From<Map> for Array2<f32> {
    /// The samples as an array of rows by columns, in the same memory.
    fn from(map: Map) -> Self {
        let shape = (map.height, map.width);
        Self::from_shape_vec(shape, map.values).expect("a sample for each place")
    }
}

impl From<Array2<f32>> for Map {
    /// The map of an array of rows by columns; in the same memory if its rows are adjacent.
    fn from(array: Array2<f32>) -> Self {
        let (height, width) = array.dim();
        if array.is_standard_layout() {
            let (mut values, offset) = array.into_raw_vec_and_offset();
            values.drain(..offset.unwrap_or(0));
            values.truncate(width * height);
            return Self { width, height, values };
        }
        Self { width, height, values: array.iter().copied().collect() }
    }
}

/// A part of a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// The first column.
    pub x: usize,
    /// The first row.
    pub y: usize,
    /// The number of columns.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
}

impl Rect {
    /// The samples of `row`, a whole one, that are within the columns.
    pub(crate) fn of_row<'a>(&self, row: &'a [f32]) -> &'a [f32] {
        &row[self.x..][..self.width]
    }

    /// The rows.
    pub(crate) fn rows(&self) -> std::ops::Range<usize> {
        self.y..self.y + self.height
    }
}

/// The quantity that a map holds for a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The part of the reference that is left: information in vif, detail in adm.
    Numerator,
    /// The reference's own information or detail.
    Denominator,
    /// The detail of the encode that the reference lacks, in adm.
    Added,
    /// The contrast of steps in slopes of the encode, in cambi.
    Contrast,
    /// The same of the reference, for cambi's `full_ref`.
    SourceContrast,
    /// The visible difference, in butteraugli.
    Difference,
}

/// A band of a wavelet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Horizontal detail.
    Horizontal,
    /// Vertical detail.
    Vertical,
    /// Diagonal detail.
    Diagonal,
}

impl Band {
    /// All of them, in the order in which features have them.
    pub const ALL: [Self; 3] = [Self::Horizontal, Self::Vertical, Self::Diagonal];
}

/// One map of a feature.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MapPlane {
    /// The scale, 0 for the finest.
    pub scale: usize,
    /// The quantity it holds.
    pub part: Part,
    /// Its wavelet band, in adm.
    pub band: Option<Band>,
    /// The part of it that is pooled.
    pub counted: Rect,
    /// The samples.
    pub map: Map,
}

impl MapPlane {
    /// A map that is pooled as a whole.
    pub(crate) fn whole(scale: usize, part: Part, map: Map) -> Self {
        let counted = Rect { x: 0, y: 0, width: map.width, height: map.height };
        Self { scale, part, band: None, counted, map }
    }

    /// The sum of `value` over the pooled samples, weighted if there are weights; and the sum of
    /// the weights.
    pub(crate) fn sums(&self, weights: Option<&Map>, value: impl Fn(f64) -> f64) -> (f64, f64) {
        let Some(weights) = weights else {
            let rows = self.counted.rows().map(|y| self.counted.of_row(self.map.row(y)));
            let sum = rows.flatten().fold(0.0, |sum, sample| sum + value(f64::from(*sample)));
            return (sum, (self.counted.width * self.counted.height) as f64);
        };
        let (mut sum, mut area) = (0.0, 0.0);
        for y in self.counted.rows() {
            let samples = self.counted.of_row(self.map.row(y));
            for (sample, weight) in samples.iter().zip(self.counted.of_row(weights.row(y))) {
                let weight = f64::from(*weight);
                sum += weight * value(f64::from(*sample));
                area += weight;
            }
        }
        (sum, area)
    }
}

impl fmt::Display for MapPlane {
    /// Writes the scale and the quantity, as in `scale0_num_h`: `num`, `den`, `add`, `contrast`,
    /// `source_contrast` or `difference`, and the band's first letter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Numerator => "num",
            Part::Denominator => "den",
            Part::Added => "add",
            Part::Contrast => "contrast",
            Part::SourceContrast => "source_contrast",
            Part::Difference => "difference",
        };
        let band = match self.band {
            None => "",
            Some(Band::Horizontal) => "_h",
            Some(Band::Vertical) => "_v",
            Some(Band::Diagonal) => "_d",
        };
        write!(f, "scale{}_{part}{band}", self.scale)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::s;

    use super::*;

    #[test]
    fn views_share_the_memory_of_maps() {
        let map = Map::new(3, 2, vec![0.0, 1.0, 2.0, 10.0, 11.0, 12.0]).expect("six samples");
        assert_eq!((map.view().dim(), map.view()[[1, 2]]), ((2, 3), 12.0));
        let memory = map.values().as_ptr();
        let array = Array2::from(map.clone());
        assert_eq!(array.row(1).to_slice(), Some(map.row(1)));
        let memories = [Array2::from(map).as_ptr(), memory];
        assert_eq!(memories[0], memories[1]);
        let kept = array.as_ptr();
        let map = Map::from(array.clone());
        assert_eq!(map.row(1), [10.0, 11.0, 12.0]);
        assert_eq!(Map::from(array.clone()).values().len(), 6);
        let back = Map::from(array);
        assert_eq!((back.values().as_ptr(), &back), (kept, &map));
        let turned = Map::from(Array2::from(back).reversed_axes());
        assert_eq!((turned.width(), turned.row(1)), (2, &[1.0, 11.0][..]));
        let mut part = Array2::from(map);
        part.slice_collapse(s![1.., ..]);
        assert_eq!(Map::from(part).values(), [10.0, 11.0, 12.0]);
    }
}
