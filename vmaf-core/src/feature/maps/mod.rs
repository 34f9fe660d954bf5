//! Maps of a frame's quality: the contribution of each place to vif, adm, cambi and butteraugli.
//!
//! A feature's value for a frame is pooled from many small values: one for each pixel of each scale
//! in vif and cambi, one for each wavelet coefficient in adm. [`Maps`] keeps them. Each map has the
//! size of its scale and samples of 32-bit floating point, and [`Maps::values`] pools them to the
//! feature's columns again:
//!
//! | feature | maps of a scale | pool |
//! |---|---|---|
//! | vif | numerator `n` and denominator `d`, in bits, at each pixel | scale: `sum(n) / sum(d)` |
//! | adm | of each of three bands the reference's details `d`, what is kept of them `n`, and what was added `a`, in just visible differences | band: `N = cbrt(sum(n^3)) + cbrt(area * noise_weight)`, `D` in the same way, `A = cbrt(sum(a^3))`; scale: the sum of its bands' `N` by that of `D`; `adm2` the sum of all `N` by that of all `D`, `aim` that of all `A` by that of all `D` |
//! | cambi | contrast `c` at each pixel | scale: the mean of the greatest 60 % (`topk`) of `c`; their sum weighted 16, 8, 4, 2, 1, by the window's number of pixels |
//! | butteraugli | difference at each pixel, one scale only | the greatest; the mean of the 3-, 6- and 12-norms |
//!
//! adm sums the part in [`MapPlane::counted`], all but a tenth at each border, and `area` is the
//! number of places in it; the others sum everything.
//!
//! # Accuracy
//!
//! `cambi` is the feature's value to the last bit. The logarithms of vif are multiples of 1/2048,
//! which 32 bits hold; a sample is rounded only if the reference is flat, by at most 2^-25, so that
//! the value is within 2^-25 and three roundings to single precision of the feature's: 4e-7. adm's
//! samples are cube roots rounded to 24 bits, which moves a norm by less than 2^-23 of it, and the
//! feature rounds the sums of rows in fixed point as well: together less than 1e-6 of the value if
//! any detail is visible, and up to 3e-3 in pictures that are flat except for traces below that.
//!
//! # A part of the picture
//!
//! [`Maps::values_within`] pools with a weight from 0 to 1 for each place, such as 1 inside of a
//! rectangle and 0 outside: sums become weighted sums, `area` the sum of weights, and cambi takes
//! the greatest contrasts until their weights make up 60 % of all. Weights are averaged over the
//! part of the picture that a place of a scale stands for. If all are 1, the value is
//! [`Maps::values`].
//!
//! # For viewing
//!
//! [`Maps::heat`] is one plane of the picture's size with the loss at each place, 0 to 1.
//!
//! ```
//! use vmaf_core::maps::{Maps, Rect, Weights};
//! use vmaf_core::{Chroma, Format, Frame, feature};
//!
//! # fn main() -> Result<(), vmaf_core::Error> {
//! let format = Format::new(64, 48, Chroma::Mono, 8)?;
//! let luma: Vec<u8> = (0..64 * 48).map(|i| (i * i % 251) as u8).collect();
//! let blurred: Vec<u8> = (0..64 * 48).map(|i| (i * i % 251) as u8 / 2 + 60).collect();
//! let (reference, distorted) =
//!     (Frame::from_luma(format, &luma)?, Frame::from_luma(format, &blurred)?);
//! let vif = feature::find("vif")?;
//! let maps = Maps::new(vif, &vif.options(), &reference, &distorted)?;
//! for value in maps.values() {
//!     println!("{} {}", value.column, value.value);
//! }
//! let left = Weights::rect(64, 48, Rect { x: 0, y: 0, width: 32, height: 48 })?;
//! assert_ne!(maps.values_within(&left)?, Some(maps.values()));
//! # Ok(())
//! # }
//! ```

mod plane;
mod resample;
mod weights;

#[cfg(test)]
mod tests;

use std::fmt::Debug;

pub use plane::{Band, Map, MapPlane, Part, Rect};
pub use weights::Weights;

pub(crate) use resample::{RowAverages, add_resampled, smoothed};

use super::{Feature, MAPPED, Options};
use crate::error::MapError;
use crate::frame::Pixels;
use crate::simd::samples::Load;
use crate::simd::transpose::Transpose;
use crate::{Error, Format, Frame, Result};

/// A feature that has maps.
pub(crate) trait Mapped {
    /// Makes the maps of a pair of frames with samples of type `T`.
    ///
    /// # Errors
    /// If the feature is not defined for the frames under the options.
    fn make<T: Load + Transpose>(pair: &Pair<'_>) -> Result<PooledMaps>;

    /// Makes the heat of a picture of `size` (see [`Maps::heat_at`]). A feature may do so with less
    /// memory than its maps take.
    ///
    /// # Errors
    /// Fails as [`make`](Self::make) does.
    fn heat<T: Load + Transpose>(pair: &Pair<'_>, size: (usize, usize)) -> Result<Map> {
        let PooledMaps { planes, pool } = Self::make::<T>(pair)?;
        Ok(pool.heat(&planes, size))
    }
}

/// The functions of a feature that has maps, for frames with samples of either type.
pub(super) struct MapFunctions {
    make: fn(&Pair<'_>) -> Result<PooledMaps>,
    heat: fn(&Pair<'_>, (usize, usize)) -> Result<Map>,
}

impl MapFunctions {
    /// The functions of `F`.
    pub(super) const fn new<F: Mapped>() -> Self {
        Self {
            make: |pair| match pair.reference.pixels() {
                Pixels::U8(_) => F::make::<u8>(pair),
                Pixels::U16(_) => F::make::<u16>(pair),
            },
            heat: |pair, size| match pair.reference.pixels() {
                Pixels::U8(_) => F::heat::<u8>(pair, size),
                Pixels::U16(_) => F::heat::<u16>(pair, size),
            },
        }
    }
}

/// The features that have maps: vif, adm, cambi and butteraugli.
pub fn features() -> impl Iterator<Item = &'static Feature> {
    MAPPED.iter().map(|(feature, _)| *feature)
}

/// The heat of a pair of frames in a picture of `width` by `height`, at least 1 each, as
/// [`Maps::heat_at`] gives it. vif needs less time and little memory for it if the picture is
/// much smaller than the frames.
///
/// # Errors
/// Fails as [`Maps::new`] does.
pub fn heat_at(
    feature: &'static Feature,
    options: &Options,
    reference: &Frame,
    distorted: &Frame,
    (width, height): (usize, usize),
) -> Result<Map> {
    let (functions, pair) = check_pair(feature, options, reference, distorted)?;
    (functions.heat)(&pair, (width.max(1), height.max(1)))
}

/// The functions of `feature`, and their input if it is valid.
fn check_pair<'a>(
    feature: &'static Feature,
    options: &'a Options,
    reference: &'a Frame,
    distorted: &'a Frame,
) -> Result<(&'static MapFunctions, Pair<'a>)> {
    let mapped = MAPPED.iter().find(|(mapped, _)| mapped.name == feature.name);
    let Some((_, functions)) = mapped else {
        let names = MAPPED.iter().map(|(mapped, _)| mapped.name);
        return Err(Error::unknown("feature with maps", feature.name, names));
    };
    let (format, other) = (*reference.format(), *distorted.format());
    let alike = |format: &Format| (format.width, format.height, format.bit_depth);
    if alike(&format) != alike(&other) {
        return Err(MapError::Formats { reference: format, distorted: other }.into());
    }
    feature.check_size(&format)?;
    Ok((functions, Pair { options, format, reference, distorted }))
}

/// The input of maps: two frames of one format, and the options.
pub(crate) struct Pair<'a> {
    pub(crate) options: &'a Options,
    pub(crate) format: Format,
    pub(crate) reference: &'a Frame,
    pub(crate) distorted: &'a Frame,
}

/// The maps of a pair, and their pool.
pub(crate) struct PooledMaps {
    pub(crate) planes: Vec<MapPlane>,
    pub(crate) pool: Box<dyn Pool>,
}

/// The pooling of a feature's maps to its values.
pub(crate) trait Pool: Debug + Send + Sync {
    /// All outputs of the feature, in order; none if no place that counts has any weight.
    fn outputs(&self, planes: &[MapPlane], weights: &Weights) -> Option<Vec<f64>>;

    /// The constants that pooling needs beside the samples.
    fn constants(&self) -> Vec<(&'static str, f64)>;

    /// The loss at each place of a picture of `size`, 0 to 1.
    fn heat(&self, planes: &[MapPlane], size: (usize, usize)) -> Map;
}

/// The contribution of each place of a frame to a feature.
#[derive(Debug)]
pub struct Maps {
    feature: &'static Feature,
    options: Options,
    format: Format,
    planes: Vec<MapPlane>,
    pool: Box<dyn Pool>,
}

/// A column of a feature, and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The column's name, as tables of scores have it.
    pub column: String,
    /// The value.
    pub value: f64,
}

impl Maps {
    /// The maps of `feature` under `options`, of a reference frame and the matching frame of an
    /// encode.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a feature that has no maps, [`MapError::Formats`] if the frames
    /// differ in size or bit depth (see [`Frame::promoted`]), [`Error::TooSmall`] and
    /// [`Error::Unsupported`] if the feature is not defined for them.
    pub fn new(
        feature: &'static Feature,
        options: &Options,
        reference: &Frame,
        distorted: &Frame,
    ) -> Result<Self> {
        let (functions, pair) = check_pair(feature, options, reference, distorted)?;
        let PooledMaps { planes, pool } = (functions.make)(&pair)?;
        Ok(Self { feature, options: options.clone(), format: pair.format, planes, pool })
    }

    /// The feature.
    #[must_use]
    pub fn feature(&self) -> &'static Feature {
        self.feature
    }

    /// The picture's width and height.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.format.plane_size(0)
    }

    /// The maps, from the finest scale on.
    #[must_use]
    pub fn planes(&self) -> &[MapPlane] {
        &self.planes
    }

    /// The feature's columns, pooled from the maps.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        let (width, height) = self.size();
        self.pooled(&Weights::uniform(width, height)).unwrap_or_default()
    }

    /// The feature's columns, pooled from the maps with each place weighted; `None` if no place
    /// that counts has any weight, as in the border that adm leaves out.
    ///
    /// # Errors
    /// [`MapError::WeightsSize`] if `weights` are not of the picture's size.
    pub fn values_within(&self, weights: &Weights) -> Result<Option<Vec<Value>>> {
        if weights.size() != self.size() {
            let (weights, picture) = (weights.size(), self.size());
            return Err(MapError::WeightsSize { weights, picture }.into());
        }
        Ok(self.pooled(weights))
    }

    /// The constants that pooling needs beside the maps, by name: adm's `noise_weight`; cambi's
    /// `topk`, the side of its `window`, and `source_window` with `full_ref`.
    #[must_use]
    pub fn constants(&self) -> Vec<(&'static str, f64)> {
        self.pool.constants()
    }

    fn pooled(&self, weights: &Weights) -> Option<Vec<Value>> {
        let outputs = self.pool.outputs(&self.planes, weights)?;
        let present: Vec<_> =
            self.feature.outputs_under(&self.options, self.format.chroma).collect();
        let all = self.feature.outputs.iter().zip(outputs);
        let there = all.filter(|(output, _)| present.contains(output));
        let value =
            |(output, value)| Value { column: self.feature.column(output, &self.options), value };
        Some(there.map(value).collect())
    }

    /// The loss at each pixel of the picture, 0 for nothing and 1 for everything.
    ///
    /// For vif it is 1 less the feature's own quotient over all scales of that place alone; for adm
    /// twice the loss of the nine coefficients around it, and at most 1: a place that lost half of
    /// its detail is ruined. For cambi it is a tenth of the value that the picture would have if
    /// all of it were like that place, and at most 1: above 5 banding starts to annoy. For
    /// butteraugli it is a third of the difference, and at most 1: 1 is just visible.
    #[must_use]
    pub fn heat(&self) -> Map {
        self.pool.heat(&self.planes, self.size())
    }

    /// The [heat](Self::heat) in a picture of `width` by `height`, at least 1 each, which may be
    /// smaller: each pixel has the loss of the area that it stands for.
    #[must_use]
    pub fn heat_at(&self, width: usize, height: usize) -> Map {
        self.pool.heat(&self.planes, (width.max(1), height.max(1)))
    }
}
