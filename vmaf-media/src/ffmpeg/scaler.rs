//! Scaling with FFmpeg's libswscale, by its exact path: no shortcuts, and nothing that depends on
//! the processor. It runs in this process or, if the library is not built in, in an `ffmpeg`
//! program, as its filter.

use vmaf_core::{Format, Frame};

use super::picture;
#[cfg(feature = "ffmpeg")]
use super::sws;
#[cfg(any(test, not(feature = "ffmpeg")))]
use super::{filter::Filter, layout::Picture};
use crate::Result;
use crate::conform::Scaler;

/// Scales pictures of one format to another. They are given and taken in turns, and come back in
/// order; a program may need several to be given before it returns one.
pub(crate) struct PictureScaler {
    way: Way,
}

enum Way {
    #[cfg(feature = "ffmpeg")]
    Library(Library),
    #[cfg(any(test, not(feature = "ffmpeg")))]
    /// With the pictures that it receives and returns.
    Program(Filter, Box<[Picture; 2]>),
}

/// The library, and the picture that it scales.
#[cfg(feature = "ffmpeg")]
struct Library {
    scaler: sws::Scaler,
    from: ffmpeg_next::frame::Video,
    /// True if a picture was given and not yet taken.
    is_given: bool,
}

impl PictureScaler {
    /// Creates a scaler from one format to another for the video at `path`, by the library if it is
    /// built in.
    ///
    /// # Errors
    /// Fails if there is none, with the reason.
    pub(crate) fn new(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        #[cfg(feature = "ffmpeg")]
        return Self::by_library(path, formats, scaler);
        #[cfg(not(feature = "ffmpeg"))]
        Self::by_program(path, formats, scaler)
    }

    #[cfg(feature = "ffmpeg")]
    fn by_library(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        let made = || {
            let [from, to] = formats.map(|format| sws::picture(format, false));
            let from = from?;
            let scaler = sws::Scaler::new(&from, to?, sws::flags(scaler))?;
            Ok(Library { scaler, from, is_given: false })
        };
        let made: std::result::Result<_, super::failure::Failure> = made();
        let library = made.map_err(|error| {
            let [from, to] = formats;
            let reason = format!("libswscale can't make {to} of {from}: {error}");
            crate::Error::not_video(path, reason)
        })?;
        Ok(Self { way: Way::Library(library) })
    }

    #[cfg(any(test, not(feature = "ffmpeg")))]
    fn by_program(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        let [from, to] = formats.map(Picture::new);
        let filter = Filter::new(path, &from.layout, &to.layout, scaler)?;
        Ok(Self { way: Way::Program(filter, Box::new([from, to])) })
    }

    /// Gives the next frame, in the source format.
    pub(crate) fn give(&mut self, frame: &Frame) {
        match &mut self.way {
            #[cfg(feature = "ffmpeg")]
            Way::Library(library) => {
                picture::take(&mut library.from, frame);
                library.is_given = true;
            }
            #[cfg(any(test, not(feature = "ffmpeg")))]
            Way::Program(filter, pictures) => {
                picture::take(&mut pictures[0], frame);
                filter.give(&pictures[0]);
            }
        }
    }

    /// Declares that there are no more frames.
    pub(crate) fn end(&mut self) {
        match &mut self.way {
            #[cfg(feature = "ffmpeg")]
            Way::Library(_) => {}
            #[cfg(any(test, not(feature = "ffmpeg")))]
            Way::Program(filter, _) => filter.end(),
        }
    }

    /// Takes the next scaled frame into `scaled`, in the target format, and returns true if there
    /// was one. If not, it needs more frames or, after the end, all were taken. The error is the
    /// reason why the program stopped.
    pub(crate) fn take(&mut self, scaled: &mut Frame) -> Result<bool, String> {
        match &mut self.way {
            #[cfg(feature = "ffmpeg")]
            Way::Library(Library { scaler, from, is_given }) => {
                if !std::mem::take(is_given) {
                    return Ok(false);
                }
                let to = scaler.scale(from).map_err(|error| error.to_string())?;
                picture::give(to, scaled);
            }
            #[cfg(any(test, not(feature = "ffmpeg")))]
            Way::Program(filter, pictures) => {
                if !filter.take(&mut pictures[1])? {
                    return Ok(false);
                }
                picture::give(&pictures[1], scaled);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
