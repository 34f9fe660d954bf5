//! Planes of floating-point samples, and what they hold.

use std::fmt;

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::{Error, Result};

/// A plane of 32-bit floating-point samples, row by row.
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
    /// [`Error::Format`] where there are not `width * height` of them.
    pub fn new(width: usize, height: usize, values: Vec<f32>) -> Result<Self> {
        if values.len() != width * height {
            return Err(Error::Format(format!(
                "{} values can't be a map of {width}x{height}",
                values.len()
            )));
        }
        Ok(Self { width, height, values })
    }

    /// A plane of `values`, row by row, one for each place.
    pub(crate) fn from_rows(width: usize, height: usize, values: Vec<f32>) -> Self {
        debug_assert_eq!(values.len(), width * height);
        Self { width, height, values }
    }

    /// A plane of one value everywhere.
    pub(crate) fn uniform(width: usize, height: usize, value: f32) -> Self {
        Self { width, height, values: vec![value; width * height] }
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
        debug_assert_eq!((self.width, self.height), (other.width, other.height));
        self.rows_mut().enumerate().for_each(|(y, row)| {
            for (value, other) in row.iter_mut().zip(other.row(y)) {
                *value = combine(*value, *other);
            }
        });
        self
    }
}

/// A part of a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// The first column.
    pub x: usize,
    /// The first row.
    pub y: usize,
    /// How many columns.
    pub width: usize,
    /// How many rows.
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

/// What a map holds of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What is left of the reference: information in vif, detail in adm.
    Numerator,
    /// What the reference has.
    Denominator,
    /// What the encode has that the reference lacks, in adm.
    Added,
    /// The contrast of steps in slopes of the encode, in cambi.
    Contrast,
    /// The same of the reference, for cambi's `full_ref`.
    SourceContrast,
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
pub struct MapPlane {
    /// The scale, 0 for the finest.
    pub scale: usize,
    /// What it holds.
    pub part: Part,
    /// The band that it is of, in adm.
    pub band: Option<Band>,
    /// The part of it that is pooled.
    pub counted: Rect,
    /// The samples.
    pub map: Map,
}

impl MapPlane {
    /// A map of which everything is pooled.
    pub(crate) fn whole(scale: usize, part: Part, map: Map) -> Self {
        let counted = Rect { x: 0, y: 0, width: map.width, height: map.height };
        Self { scale, part, band: None, counted, map }
    }

    /// The sum over what is pooled of what `value` gives for a sample, weighted where there are
    /// weights; and the sum of the weights.
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
    /// The scale and what is held, as in `scale0_num_h`: `num`, `den`, `add`, `contrast` or
    /// `source_contrast`, and the band's first letter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Numerator => "num",
            Part::Denominator => "den",
            Part::Added => "add",
            Part::Contrast => "contrast",
            Part::SourceContrast => "source_contrast",
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
