//! Reads video for scoring: y4m, raw YUV, stills, and everything FFmpeg can decode.
//!
//! A video is read in three steps. [`open()`] looks at a file and returns a [`Source`] with the
//! facts about the stream; a [`ReadPlan`] states what will be read of it; [`Source::frames`] then
//! returns its [`Frames`], which come one by one, each with its time:
//!
//! ```no_run
//! use vmaf_media::{OpenOptions, ReadPlan, open};
//!
//! let source = open("encode.mp4", &OpenOptions::default())?;
//! println!("{} of {}", source.info().format, source.info().codec);
//! let mut frames = source.frames(&ReadPlan::luma())?;
//! while let Some(frame) = frames.read()? {
//!     println!("{:?}", frame.time);
//! }
//! # Ok::<(), vmaf_media::Error>(())
//! ```
//!
//! Everything between opening and reading is a [`Source`] wrapped around another, such as those
//! that [`conform`] makes: it maps the facts and translates the plan.
//!
//! The first bytes of a file determine its format, not its name; only raw video, which has no
//! header, must be announced in [`OpenOptions`]. Names are paths, `file:` URLs, and the `http:` and
//! `https:` URLs that FFmpeg reads over the network.
//!
//! | what | how it is recognised | how it is read |
//! |---|---|---|
//! | y4m | first bytes | here; from pipes too |
//! | raw planar YUV | [`OpenOptions::raw`] | here; from pipes too |
//! | PNG, TIFF, JPEG, WebP | first bytes | crate `image`; RGB becomes limited-range 4:4:4, by a [`Matrix`] |
//! | numbered stills | a pattern, `shot%04d.png` | as stills; one by one by FFmpeg where they are others (BMP, JPEG XL) |
//! | all else | | FFmpeg's libraries, or an `ffmpeg` program (see [`Decoder`]) |
//!
//! Chroma of odd sizes is rounded down, as everywhere in `vmaf-core`. A file that is truncated or
//! damaged is an error that names the frame, never a shorter video.
//!
//! # FFmpeg in this process
//!
//! With the feature `ffmpeg` (on by default) the crate is linked with FFmpeg's libraries, 5.0 or
//! newer, through `ffmpeg-next`, and decodes with them. Opening the first file sets FFmpeg's log
//! callback, which the whole process shares: FFmpeg's messages are put into errors instead of being
//! written to standard error.

mod accepted;
pub mod align;
mod child_program;
pub mod conform;
mod error;
mod ffmpeg;
mod frame_index;
pub mod geometry;
mod incidents;
mod input;
mod message;
mod name;
mod open;
mod orientation;
mod planar;
mod raw;
mod read_ahead;
mod rect;
mod rgb;
mod setting;
mod source;
mod still;
mod y4m;

pub use child_program::ChildProgram;
pub use error::{Error, Mismatch, Result};
pub use ffmpeg::{decoder_version, ffmpeg_program};
pub use frame_index::FrameIndex;
pub use incidents::Incidents;
pub use message::{Message, Segment, Wording, one_line};
pub use name::{is_remote, local_path};
pub use open::{files, is_named_raw, open};
pub use orientation::Orientation;
pub use read_ahead::{Interrupt, read_ahead, read_ahead_of};
pub use rgb::RgbConverter;
pub use setting::{Remedy, Setting};
pub use source::{Color, Decoder, Frames, OpenOptions, RawVideo, ReadPlan, Source, StreamInfo};
pub use vmaf_core::color::Matrix;
pub use vmaf_core::{ColorRange, Rational};
