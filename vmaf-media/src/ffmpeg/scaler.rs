//! Scaling with FFmpeg's libswscale, by its exact path: no shortcuts, and nothing that depends on
//! the processor. It runs in this process or, if the library is not built in, in an `ffmpeg`
//! program, as its filter.

use vmaf_core::{Format, Frame};

use super::picture;
#[cfg(feature = "ffmpeg")]
use super::sws;
#[cfg(any(test, not(feature = "ffmpeg")))]
use super::{layout::Picture, program_scaler::ProgramScaler};
use crate::Result;
use crate::conform::Scaler;

/// Scales pictures of one format to another. They are given and taken in turns, and come back in
/// order; a program may need several to be given before it returns one.
pub(crate) struct PictureScaler {
    backend: Backend,
}

enum Backend {
    #[cfg(feature = "ffmpeg")]
    Library(Library),
    #[cfg(any(test, not(feature = "ffmpeg")))]
    /// With the pictures that it receives and returns.
    Program(ProgramScaler, Box<[Picture; 2]>),
}

/// The library, and the picture that it scales.
#[cfg(feature = "ffmpeg")]
struct Library {
    scaler: sws::Scaler,
    from: ffmpeg_next::frame::Video,
    /// True if a picture was given and not yet taken.
    has_picture: bool,
}

impl PictureScaler {
    /// Creates a scaler from one format to another for the video at `path`, by the library if it is
    /// built in.
    ///
    /// # Errors
    /// Fails if there is none, with the reason.
    pub(crate) fn new(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        #[cfg(feature = "ffmpeg")]
        return Self::with_library(path, formats, scaler);
        #[cfg(not(feature = "ffmpeg"))]
        Self::with_program(path, formats, scaler)
    }

    #[cfg(feature = "ffmpeg")]
    fn with_library(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        let made = || {
            let [from, to] = formats.map(|format| sws::picture(format, false));
            let from = from?;
            let scaler = sws::Scaler::new(&from, to?, sws::flags(scaler))?;
            Ok(Library { scaler, from, has_picture: false })
        };
        let made: std::result::Result<_, super::failure::Failure> = made();
        let library = made.map_err(|error| {
            let [from, to] = formats;
            let reason = format!("libswscale can't convert {from} to {to}: {error}");
            crate::Error::not_video(path, reason)
        })?;
        Ok(Self { backend: Backend::Library(library) })
    }

    #[cfg(any(test, not(feature = "ffmpeg")))]
    fn with_program(path: &str, formats: [Format; 2], scaler: Scaler) -> Result<Self> {
        let [from, to] = formats.map(Picture::new);
        let program = ProgramScaler::new(path, &from.layout, &to.layout, scaler)?;
        Ok(Self { backend: Backend::Program(program, Box::new([from, to])) })
    }

    /// Gives the next frame, in the source format.
    pub(crate) fn send(&mut self, frame: &Frame) {
        match &mut self.backend {
            #[cfg(feature = "ffmpeg")]
            Backend::Library(library) => {
                picture::fill_picture(&mut library.from, frame);
                library.has_picture = true;
            }
            #[cfg(any(test, not(feature = "ffmpeg")))]
            Backend::Program(program, pictures) => {
                picture::fill_picture(&mut pictures[0], frame);
                program.send(&pictures[0]);
            }
        }
    }

    /// Declares that there are no more frames.
    pub(crate) fn end(&mut self) {
        match &mut self.backend {
            #[cfg(feature = "ffmpeg")]
            Backend::Library(_) => {}
            #[cfg(any(test, not(feature = "ffmpeg")))]
            Backend::Program(program, _) => program.end(),
        }
    }

    /// Takes the next scaled frame into `scaled`, in the target format, and returns true if there
    /// was one. If not, it needs more frames or, after the end, all were taken. The error is the
    /// reason why the program stopped.
    pub(crate) fn receive(&mut self, scaled: &mut Frame) -> Result<bool, String> {
        match &mut self.backend {
            #[cfg(feature = "ffmpeg")]
            Backend::Library(Library { scaler, from, has_picture }) => {
                if !std::mem::take(has_picture) {
                    return Ok(false);
                }
                let to = scaler.scale(from).map_err(|error| error.to_string())?;
                picture::fill_frame(to, scaled);
            }
            #[cfg(any(test, not(feature = "ffmpeg")))]
            Backend::Program(program, pictures) => {
                if !program.receive(&mut pictures[1])? {
                    return Ok(false);
                }
                picture::fill_frame(&pictures[1], scaled);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
