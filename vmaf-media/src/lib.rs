//! Reads video for scoring: y4m, raw YUV, stills, and everything FFmpeg can decode.
//!
//! [`open`] looks at a file and gives a [`Source`]: what is known of the stream before its first
//! frame, and the frames one by one, each with its time.

mod error;
mod source;

pub use error::{Error, Result};
pub use source::{ColorRange, OpenOptions, Rational, RawVideo, Source, StreamInfo, open};
