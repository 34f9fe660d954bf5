//! Reads video for scoring: y4m, raw YUV, stills, and everything FFmpeg can decode.
//!
//! [`open`] looks at a file and gives a [`Source`]: what is known of the stream before its first
//! frame, and the frames one by one, each with its time. What a file is, its first bytes say, not
//! its name; only raw video, which has no header, must be announced in [`OpenOptions`].

mod error;
mod ffmpeg;
mod input;
mod open;
mod planar;
mod raw;
mod read_ahead;
mod source;
mod still;
mod y4m;

pub use error::{Error, Result};
pub use open::open;
pub use read_ahead::read_ahead;
pub use source::{ColorRange, Decoder, OpenOptions, Rational, RawVideo, Source, StreamInfo};
