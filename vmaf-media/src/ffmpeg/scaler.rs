//! Scaling with FFmpeg's libswscale, by its exact path: no shortcuts, and nothing that depends on
//! the processor. Its library in this process does it, or an `ffmpeg` program whose filter it is.

use vmaf_core::{Format, Frame};

use super::filter::Filter;
use super::picture::Picture;
#[cfg(feature = "ffmpeg")]
use crate::Error;
use crate::Result;
use crate::conform::Scaler;

/// Makes pictures of one format into those of another: they are given and taken in turns, and come
/// back in order, later ones given before earlier ones are taken where a program does it.
pub(crate) struct PictureScaler {
    way: Way,
    from: Picture,
    to: Picture,
}

enum Way {
    #[cfg(feature = "ffmpeg")]
    /// With whether a picture was scaled and not taken.
    Library(super::sws::Scaler, bool),
    Program(Filter),
}

impl PictureScaler {
    /// A scaler from one format to another of the video at `path`, by the library where there is one.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn new(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        #[cfg(feature = "ffmpeg")]
        if let Ok(av) = super::loaded::Functions::get() {
            return Self::by_library(av, path, formats, scaler);
        }
        Self::by_program(path, formats, scaler)
    }

    #[cfg(feature = "ffmpeg")]
    fn by_library(
        av: &'static super::loaded::Functions,
        path: &str,
        formats: [Format; 2],
        scaler: Scaler,
    ) -> Result<Self> {
        use ffmpeg_sys_next as sys;

        let filter = match scaler {
            Scaler::Bilinear => sys::SWS_BILINEAR,
            Scaler::Bicubic => sys::SWS_BICUBIC,
            Scaler::Lanczos => sys::SWS_LANCZOS,
        };
        let exact = sys::SWS_ACCURATE_RND | sys::SWS_BITEXACT | sys::SWS_FULL_CHR_H_INP;
        let [from, to] = formats.map(Picture::new);
        let scaler = super::sws::Scaler::new(av, &from.layout, &to.layout, filter | exact);
        let scaler = scaler.map_err(|error| {
            let [from, to] = formats;
            Error::not_video(path, format!("libswscale can't make {to} of {from}: {error}"))
        })?;
        Ok(Self { way: Way::Library(scaler, false), from, to })
    }

    fn by_program(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        let [from, to] = formats.map(Picture::new);
        let filter = Filter::new(path, &from.layout, &to.layout, scaler)?;
        Ok(Self { way: Way::Program(filter), from, to })
    }

    /// Gives it the next frame, of the format that it scales from.
    pub(crate) fn give(&mut self, frame: &Frame) {
        self.from.take(frame);
        match &mut self.way {
            #[cfg(feature = "ffmpeg")]
            Way::Library(scaler, is_scaled) => {
                scaler.scale(&self.from, &mut self.to);
                *is_scaled = true;
            }
            Way::Program(filter) => filter.give(&self.from),
        }
    }

    /// Says that there are no more frames.
    pub(crate) fn end(&mut self) {
        match &mut self.way {
            #[cfg(feature = "ffmpeg")]
            Way::Library(..) => {}
            Way::Program(filter) => filter.end(),
        }
    }

    /// Takes the next frame that was scaled into `scaled`, of the format that it scales to. Gives
    /// whether there was one: if not, it waits for more to be given, or, behind the end, all were
    /// taken. The error is why the program stopped.
    pub(crate) fn take(&mut self, scaled: &mut Frame) -> Result<bool, String> {
        let is_there = match &mut self.way {
            #[cfg(feature = "ffmpeg")]
            Way::Library(_, is_scaled) => std::mem::take(is_scaled),
            Way::Program(filter) => filter.take(&mut self.to)?,
        };
        if is_there {
            self.to.give(scaled);
        }
        Ok(is_there)
    }
}

#[cfg(test)]
mod tests;
