//! The region of interest of a picture.

use vmaf_core::maps::{Map, Rect, Weights};

use crate::error::{Error, Result};
use crate::request::values;

/// The part of a picture that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roi {
    /// A rectangle of the picture.
    Rect(Rect),
    /// A grey image: white counts, black does not.
    Image(String),
}

impl Roi {
    /// Parses width, height and position as `1920:800:0:140`, or else takes the path of an image.
    ///
    /// # Errors
    /// Fails if it is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        match values::rect(text) {
            Some(part) => {
                let [x, y, width, height] =
                    [part.x, part.y, part.width, part.height].map(|number| number as usize);
                Ok(Self::Rect(Rect { x, y, width, height }))
            }
            _ if std::path::Path::new(text).is_file() => Ok(Self::Image(text.to_owned())),
            _ => {
                Err("neither WIDTH:HEIGHT:X:Y, as 320:400:800:100, nor an existing image"
                    .to_owned())
            }
        }
    }

    /// The weights of the pixels of a picture of this size.
    pub(crate) fn weights(&self, (width, height): (usize, usize)) -> Result<Weights> {
        let fail = |reason: String| Error::input(format!("the region: {reason}"));
        let path = match self {
            Self::Rect(rect) => {
                return Weights::rect(width, height, *rect)
                    .map_err(|error| fail(error.to_string()));
            }
            Self::Image(path) => path,
        };
        let image = image::ImageReader::open(path)
            .and_then(image::ImageReader::with_guessed_format)
            .map_err(|error| fail(format!("{path}: {error}")))?;
        let image = image.decode().map_err(|error| match error {
            image::ImageError::Unsupported(_) => {
                fail(format!("{path} is not a PNG, TIFF, JPEG or WebP image"))
            }
            error => fail(format!("{path}: {error}")),
        })?;
        let image = image.to_luma16();
        let size = (image.width() as usize, image.height() as usize);
        if size != (width, height) {
            return Err(fail(format!(
                "{path} is {}x{}, but the measured picture is {width}x{height}",
                size.0, size.1
            )));
        }
        let weights = image.into_raw().iter().map(|grey| f32::from(*grey) / 65535.0).collect();
        let weights = Map::new(width, height, weights).and_then(Weights::new);
        weights.map_err(|error| fail(format!("{path}: {error}")))
    }
}
