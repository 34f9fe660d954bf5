//! Everything that FFmpeg can decode.
//!
//! Two ways lead to the same frames and times:
//!
//! - [`library`]: FFmpeg's libraries in this process, if the crate is built with its feature
//!   `ffmpeg`. Faster, and it knows more of the file.
//! - [`program`]: an `ffmpeg` program that writes y4m into a pipe.
//!
//! Scaling uses whichever of the two is built in ([`scaler`]).
//!
//! Frames keep the pixel format they were coded in if it can be scored (see [`convert`] for
//! others). They are cropped as the [`container`] states, and not rotated. Timestamps are the
//! stream's own, neither rebased nor regularised, except for transport streams that were joined
//! ([`joins`]). If decoding fails, or the file is truncated, the read fails: damaged pictures are
//! not concealed unless that is accepted.

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
mod timestamps;
mod tracks;
mod version;

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
mod to_frame;

// FFmpeg's library scales if it is built in; tests compare the two.
#[cfg(any(test, not(feature = "ffmpeg")))]
mod layout;
#[cfg(any(test, not(feature = "ffmpeg")))]
mod program_scaler;

pub use command::ffmpeg_program;
use cropped::cropped;
pub(crate) use scaler::PictureScaler;
pub use version::decoder_version;

use crate::accepted::Accepted;
use crate::message::Message;
use crate::name::is_remote;
use crate::setting::Setting;
use crate::{Decoder, Error, OpenOptions, Result, Source};

/// The codecs that can describe film grain.
const GRAIN_CODECS: [&str; 4] = ["av1", "h264", "hevc", "vvc"];

/// Opens `path`, a regular file or a URL, with FFmpeg.
pub(crate) fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    if options.decoder != Decoder::Process {
        match libraries(path, options) {
            Some(Err(error)) if options.decoder == Decoder::Auto => {
                return open_with_program(path, options, error);
            }
            Some(opened) => return opened,
            None if options.decoder == Decoder::InProcess => {
                let reason = "FFmpeg is needed to read it, but is not built in: build with the \
                              feature `ffmpeg`";
                return Err(Error::not_video(path, reason));
            }
            None => {}
        }
    }
    program(path, options, None)
}

/// Opens `path` with a program; `why` is noted as the reason if given.
fn program(path: &str, options: &OpenOptions, why: Option<String>) -> Result<Box<dyn Source>> {
    let (mut source, crop) = program::ProgramSource::new(path, options)?;
    if let Some(step) = why {
        source = source.with_step(step);
    }
    Ok(cropped(Box::new(source), crop))
}

/// Opens `path` with a program after FFmpeg's libraries failed with `error`: the program may be
/// another version, with more decoders. If it fails too, `error` is returned.
fn open_with_program(path: &str, options: &OpenOptions, error: Error) -> Result<Box<dyn Source>> {
    let Error::NotVideo { reason, .. } = &error else { return Err(error) };
    let step = format!("decoded by an ffmpeg program, since FFmpeg's libraries can't ({reason})");
    program(path, options, Some(step)).map_err(|_| error)
}

/// Opens `path` with FFmpeg's libraries; `None` if they are not built in.
#[cfg(feature = "ffmpeg")]
fn libraries(path: &str, options: &OpenOptions) -> Option<Result<Box<dyn Source>>> {
    let opened = library::LibrarySource::new(path, options);
    Some(opened.map(|(source, crop)| cropped(Box::new(source), crop)))
}

/// Without the feature, the libraries are not built in.
#[cfg(not(feature = "ffmpeg"))]
fn libraries(_: &str, _: &OpenOptions) -> Option<Result<Box<dyn Source>>> {
    None
}

/// Returns the file's name for FFmpeg: a URL, or a name that can't be mistaken for a protocol, a
/// pattern or an option.
fn url(path: &str) -> String {
    if is_remote(path) {
        return path.to_owned();
    }
    let absolute = std::path::absolute(path).ok();
    let absolute = absolute.as_deref().and_then(|path| path.to_str());
    format!("file:{}", absolute.unwrap_or(path))
}

/// The protocols that a file on this machine may lead to: a playlist must not reach the network on
/// its own.
const LOCAL_PROTOCOLS: &str = "file,crypto,data";

/// Returns the protocols that the file at `path` may lead to; `None` for a URL, from which FFmpeg
/// follows others of its kind only.
fn allowed_protocols(path: &str) -> Option<&'static str> {
    (!is_remote(path)).then_some(LOCAL_PROTOCOLS)
}

/// Returns true if a stream with such a Dolby Vision configuration record has no base layer that
/// can be shown on its own: profile 5, and profiles from 8 on that state it.
fn is_dolby_vision_alone(profile: u8, compatibility: u8) -> bool {
    profile == 5 || (profile >= 8 && compatibility == 0)
}

/// Formats a message about damage, with the remedy that accepts it.
fn damage(message: &str) -> Message {
    Message::from(format!("{message}; pass "))
        .remedy(Setting::Accept(Accepted::Damage))
        .text(" to score damaged frames as the decoder conceals them")
}

/// Returns true if decoders write the message when they conceal parts of a picture. Not all of them
/// mark the frame, and with several threads some mark it too late.
fn is_damage_message(message: &str) -> bool {
    ["error while decoding MB", "concealing ", "slice CRC mismatch", "CRC mismatch"]
        .iter()
        .any(|damage| message.starts_with(damage))
}
