//! The weight of each place of a picture.

use super::plane::{Map, Rect};
use super::resample::averaged;
use crate::Result;
use crate::error::MapError;

/// A weight from 0 to 1 for each pixel of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// 1 everywhere, in a picture of that width and height.
    Uniform(usize, usize),
    Each(Map),
}

impl Weights {
    /// 1 everywhere, in a picture of `width` by `height`.
    #[must_use]
    pub fn uniform(width: usize, height: usize) -> Self {
        Self(Kind::Uniform(width, height))
    }

    /// 1 inside of `rect` and 0 outside, in a picture of `width` by `height`.
    ///
    /// # Errors
    /// [`MapError::Rect`] if the rectangle is empty or not inside of the picture.
    pub fn rect(width: usize, height: usize, rect: Rect) -> Result<Self> {
        let fits = |start: usize, length: usize, side: usize| {
            length > 0 && start.checked_add(length).is_some_and(|end| end <= side)
        };
        if !fits(rect.x, rect.width, width) || !fits(rect.y, rect.height, height) {
            return Err(MapError::Rect {
                x: rect.x,
                y: rect.y,
                width: rect.width,
                height: rect.height,
                picture: (width, height),
            }
            .into());
        }
        let mut map = Map::uniform(width, height, 0.0);
        for y in rect.rows() {
            map.row_mut(y)[rect.x..][..rect.width].fill(1.0);
        }
        Ok(Self(Kind::Each(map)))
    }

    /// The samples of `map`.
    ///
    /// # Errors
    /// [`MapError::Weight`] if one is not a number from 0 to 1, [`MapError::NoWeight`] if all are
    /// 0.
    pub fn new(map: Map) -> Result<Self> {
        if let Some(weight) = map.values().iter().find(|weight| !(0.0..=1.0).contains(*weight)) {
            return Err(MapError::Weight { weight: *weight }.into());
        }
        if map.values().iter().all(|weight| *weight == 0.0) {
            return Err(MapError::NoWeight.into());
        }
        Ok(Self(Kind::Each(map)))
    }

    /// The picture's width and height.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        match &self.0 {
            Kind::Uniform(width, height) => (*width, *height),
            Kind::Each(map) => (map.width(), map.height()),
        }
    }

    /// The weights of the places of a scale of this size: means over the pixels that each stands
    /// for; `None` if all are 1.
    pub(crate) fn at(&self, width: usize, height: usize) -> Option<Map> {
        match &self.0 {
            Kind::Uniform(..) => None,
            Kind::Each(map) => Some(averaged(map, width, height)),
        }
    }
}
