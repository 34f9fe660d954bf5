//! Everything that FFmpeg can decode.
//!
//! Two ways lead to the same frames and times:
//!
//! - [`library`]: FFmpeg's libraries in this process, if the crate is built with its feature
//!   `ffmpeg` and they are installed. Faster, and it knows more of the file.
//! - [`program`]: an `ffmpeg` program that writes y4m into a pipe.
//!
//! What is to be scaled goes the same two ways ([`scaler`]).
//!
//! Frames keep the pixel format they were coded in where that can be scored (see [`convert`] for
//! others), and are not rotated. Times are the stream's own, neither rebased nor regularised, but
//! for transport streams that were joined ([`joins`]). Where decoding fails or the file ends before
//! it should, the read fails: no picture is made up for a damaged one unless that is wished.

mod convert;
mod filter;
mod joins;
mod key_frames;
mod picture;
mod pixel;
mod program;
mod properties;
mod report;
mod scaler;
mod times;
mod tracks;

#[cfg(feature = "ffmpeg")]
mod ffi;
#[cfg(feature = "ffmpeg")]
mod library;
#[cfg(feature = "ffmpeg")]
mod loaded;
#[cfg(feature = "ffmpeg")]
mod log;
#[cfg(feature = "ffmpeg")]
mod sws;
#[cfg(feature = "ffmpeg")]
mod taking;

pub(crate) use scaler::PictureScaler;

use crate::name::is_remote;
use crate::{Decoder, Error, OpenOptions, Result, Source};

/// The codecs that can describe film grain.
const WITH_GRAIN: [&str; 4] = ["av1", "h264", "hevc", "vvc"];

/// Opens `path`, a regular file or a URL, with FFmpeg.
pub(crate) fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    if options.decoder != Decoder::Process {
        match libraries(path, options) {
            Ok(Err(error)) if options.decoder == Decoder::Auto => {
                return by_program(path, options, error);
            }
            Ok(opened) => return opened,
            Err(why) if options.decoder == Decoder::InProcess => {
                return Err(Error::not_video(path, why));
            }
            Err(_) => {}
        }
    }
    Ok(Box::new(program::ProgramSource::new(path, options)?))
}

/// What a program reads of `path` that FFmpeg's libraries can't for the reason of `error`: it may be
/// of another version, with more decoders. Where it can't either, that is the error.
fn by_program(path: &str, options: &OpenOptions, error: Error) -> Result<Box<dyn Source>> {
    let Error::NotVideo { reason, .. } = &error else { return Err(error) };
    match program::ProgramSource::new(path, options) {
        Ok(source) => {
            let step = format!("decoded by an ffmpeg program: FFmpeg's libraries can't ({reason})");
            Ok(Box::new(source.with_step(step)))
        }
        Err(_) => Err(error),
    }
}

/// What FFmpeg's libraries read of `path`; the outer error is why they can't be used.
#[cfg(feature = "ffmpeg")]
fn libraries(path: &str, options: &OpenOptions) -> Result<Result<Box<dyn Source>>, String> {
    let av = loaded::Functions::get()
        .map_err(|error| format!("FFmpeg's libraries are needed to read it: {error}"))?;
    Ok(library::LibrarySource::new(av, path, options).map(|source| Box::new(source) as _))
}

/// As above: they can't.
#[cfg(not(feature = "ffmpeg"))]
fn libraries(_: &str, _: &OpenOptions) -> Result<Result<Box<dyn Source>>, String> {
    let reason =
        "FFmpeg is needed to read it, and is not built in: build with the feature `ffmpeg`";
    Err(reason.to_owned())
}

/// The file as FFmpeg is to be told of it: a URL, or a name that can't be taken for a protocol, a
/// pattern or an option.
fn url(path: &str) -> String {
    if is_remote(path) {
        return path.to_owned();
    }
    let absolute = std::path::absolute(path).ok();
    let absolute = absolute.as_deref().and_then(|path| path.to_str());
    format!("file:{}", absolute.unwrap_or(path))
}

/// An angle of a display matrix, counterclockwise, as a number of quarter turns clockwise, in
/// degrees.
fn clockwise(angle: f64) -> u32 {
    let quarters = (-angle / 90.0).round().rem_euclid(4.0);
    quarters as u32 * 90
}

/// Whether a stream with such a configuration record of Dolby Vision has no base layer that means
/// anything without it: profile 5, and later profiles that say so.
fn is_dolby_vision_alone(profile: u8, compatibility: u8) -> bool {
    profile == 5 || (profile >= 8 && compatibility == 0)
}

/// Whether a message is one that decoders write where they make up parts of a picture. Not all of
/// them say so in the frame, and with several threads some say it too late.
fn tells_damage(message: &str) -> bool {
    ["error while decoding MB", "concealing ", "slice CRC mismatch", "CRC mismatch"]
        .iter()
        .any(|damage| message.starts_with(damage))
}
