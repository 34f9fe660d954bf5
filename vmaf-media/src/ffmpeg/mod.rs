//! Everything that FFmpeg can decode.
//!
//! Two ways lead to the same frames and times:
//!
//! - [`library`]: FFmpeg's libraries in this process, if the crate is built with its feature
//!   `ffmpeg`. Faster, and it knows more of the file.
//! - [`program`]: an `ffmpeg` program that writes y4m into a pipe.
//!
//! What is to be scaled goes the way that is built in ([`scaler`]).
//!
//! Frames keep the pixel format they were coded in where that can be scored (see [`convert`] for
//! others). They are cropped as the [`container`] says, and not rotated. Times are the stream's own, neither rebased nor regularised, but
//! for transport streams that were joined ([`joins`]). Where decoding fails or the file ends before
//! it should, the read fails: no picture is made up for a damaged one unless that is wished.

mod command;
mod container;
mod convert;
mod cropped;
mod display_sei;
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
mod decoded;
#[cfg(feature = "ffmpeg")]
mod decoder;
#[cfg(feature = "ffmpeg")]
mod demuxer;
#[cfg(feature = "ffmpeg")]
mod failure;
#[cfg(feature = "ffmpeg")]
mod ffi;
#[cfg(feature = "ffmpeg")]
mod library;
#[cfg(feature = "ffmpeg")]
mod sws;
#[cfg(feature = "ffmpeg")]
mod taking;

// FFmpeg's library scales where it is built in; tests hold the two against each other.
#[cfg(any(test, not(feature = "ffmpeg")))]
mod filter;
#[cfg(any(test, not(feature = "ffmpeg")))]
mod layout;

use cropped::cropped;
pub(crate) use scaler::PictureScaler;

use crate::accepted::Accepted;
use crate::message::Message;
use crate::name::is_remote;
use crate::setting::Setting;
use crate::{Decoder, Error, OpenOptions, Result, Source};

/// The codecs that can describe film grain.
const WITH_GRAIN: [&str; 4] = ["av1", "h264", "hevc", "vvc"];

/// Opens `path`, a regular file or a URL, with FFmpeg.
pub(crate) fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    if options.decoder != Decoder::Process {
        match libraries(path, options) {
            Some(Err(error)) if options.decoder == Decoder::Auto => {
                return by_program(path, options, error);
            }
            Some(opened) => return opened,
            None if options.decoder == Decoder::InProcess => {
                let reason = "FFmpeg is needed to read it, and is not built in: build with the \
                              feature `ffmpeg`";
                return Err(Error::not_video(path, reason));
            }
            None => {}
        }
    }
    program(path, options, None)
}

/// What a program reads of `path`, where it is told why a program has to.
fn program(path: &str, options: &OpenOptions, why: Option<String>) -> Result<Box<dyn Source>> {
    let (mut source, crop) = program::ProgramSource::new(path, options)?;
    if let Some(step) = why {
        source = source.with_step(step);
    }
    Ok(cropped(Box::new(source), crop))
}

/// What a program reads of `path` that FFmpeg's libraries can't for the reason of `error`: it may be
/// of another version, with more decoders. Where it can't either, that is the error.
fn by_program(path: &str, options: &OpenOptions, error: Error) -> Result<Box<dyn Source>> {
    let Error::NotVideo { reason, .. } = &error else { return Err(error) };
    let step = format!("decoded by an ffmpeg program: FFmpeg's libraries can't ({reason})");
    program(path, options, Some(step)).map_err(|_| error)
}

/// Opens `path` with FFmpeg's libraries; `None` where they are not built in.
#[cfg(feature = "ffmpeg")]
fn libraries(path: &str, options: &OpenOptions) -> Option<Result<Box<dyn Source>>> {
    let opened = library::LibrarySource::new(path, options);
    Some(opened.map(|(source, crop)| cropped(Box::new(source), crop)))
}

/// As above: they are not.
#[cfg(not(feature = "ffmpeg"))]
fn libraries(_: &str, _: &OpenOptions) -> Option<Result<Box<dyn Source>>> {
    None
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

/// Whether a stream with such a configuration record of Dolby Vision has no base layer that means
/// anything without it: profile 5, and later profiles that say so.
fn is_dolby_vision_alone(profile: u8, compatibility: u8) -> bool {
    profile == 5 || (profile >= 8 && compatibility == 0)
}

/// A message about damage, with the remedy where that is meant to be there.
fn damage(message: &str) -> Message {
    Message::from(format!("{message}; "))
        .remedy(Setting::Accept(Accepted::Damage))
        .text(" scores what the decoder makes of damaged frames")
}

/// Whether a message is one that decoders write where they make up parts of a picture. Not all of
/// them say so in the frame, and with several threads some say it too late.
fn tells_damage(message: &str) -> bool {
    ["error while decoding MB", "concealing ", "slice CRC mismatch", "CRC mismatch"]
        .iter()
        .any(|damage| message.starts_with(damage))
}
