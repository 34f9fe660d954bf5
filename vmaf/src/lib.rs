//! Scores how good an encode looks beside its source, 0 to 100, as a viewer would.
//!
//! The scores are those of the published VMAF models, the same on every processor. Any file is read
//! that FFmpeg decodes, and y4m, raw video and stills. Videos that differ in size, range or bit
//! depth are made comparable, and what was done is reported; videos that show different moments or
//! parts of the picture are refused, with the setting that resolves it.
//!
//! # One pair
//!
//! ```no_run
//! let run = vmaf::score("source.mp4", "encode.mp4")?;
//! println!("{:.2}", run.score().unwrap_or(f64::NAN));
//! # Ok::<(), vmaf::Error>(())
//! ```
//!
//! # A ladder
//!
//! One pass measures any number of encodes by any number of models and metrics:
//!
//! ```no_run
//! let run = vmaf::Request::new("source.mp4")
//!     .encodes(["low.mp4", "high.mp4"])
//!     .model("v1".parse()?)
//!     .metric("psnr".parse()?)
//!     .gate("mean>=93".parse()?)
//!     .run()?;
//! for encode in run.encodes() {
//!     match encode.failure() {
//!         None => println!("{}: {:?}", encode.distorted(), encode.score()),
//!         Some(reason) => println!("{}: {reason}", encode.distorted()),
//!     }
//! }
//! run.write("scores.json")?;
//! run.write_report("report.html")?;
//! # Ok::<(), vmaf::Error>(())
//! ```
//!
//! # Failures
//!
//! The [`EncodeFailure`] of an encode has a [`Finding`] and remedies to match on. Its message, as
//! that of an [`Error`], names settings in plain English, or in the [`Wording`] of a front end.
//!
//! ```no_run
//! use vmaf::{Finding, FrameFinding, Request};
//!
//! let mut request = Request::new("source.mp4").encode("encode.mp4");
//! let run = request.run()?;
//! if let Some(failure) = run.encodes()[0].failure() {
//!     println!("{failure}");
//!     if let Finding::Frames(FrameFinding::Offset { frames, .. }) = failure.finding() {
//!         request.options.offset = i32::try_from(*frames).unwrap_or_default();
//!         println!("{:?}", request.run()?.score());
//!     }
//! }
//! # Ok::<(), vmaf::Error>(())
//! ```
//!
//! # Structure
//!
//! A [`Request`] is plain data. [`Request::run_with`] takes a [`RunHandle`], which shows progress
//! and stops the run. A [`Run`] has an [`EncodeResult`] for each encode: one that can't be scored
//! costs no other. Frames in memory are scored by a [`FrameRun`]. [`batch`] scores all encodes of a
//! list and resumes after interruption; [`search`] finds the setting of an encoder that just meets a
//! target; [`parts`] split a video over machines; [`maps`] show where the quality of a frame went.
//!
//! The crate prints nothing, reads no arguments of the process, and never ends it.

pub mod batch;
mod conform;
mod digest;
mod encode_result;
mod error;
mod failure;
mod frames;
mod gates;
mod geometry;
mod handle;
#[doc(hidden)]
pub mod heatmaps;
#[doc(hidden)]
pub mod inputs;
mod jobs;
mod locks;
pub mod maps;
#[doc(hidden)]
pub mod output;
mod pairing;
pub mod parts;
mod pictures;
mod report_frames;
mod request;
mod result;
mod run;
pub mod search;
mod thumbnails;
mod warnings;

pub use vmaf_core::{Chroma, Format, Frame, Gate, Level, Model, Plane, Sample, ndarray};
pub use vmaf_media::align::Finding as FrameFinding;
pub use vmaf_media::conform::{Accepted, Rect, Scaler};
pub use vmaf_media::geometry::Finding as PictureFinding;
pub use vmaf_media::{
    ColorRange, Matrix, Message, Mismatch, Rational, RawVideo, Remedy, RgbConverter, Segment,
    Setting, Wording, decoder_version, one_line,
};

pub use self::encode_result::{EncodeResult, Judgement};
pub use self::error::{Error, Result};
pub use self::failure::{EncodeFailure, Finding};
pub use self::frames::FrameRun;
pub use self::handle::{Event, RunHandle};
pub use self::output::format::OutputFormat;
#[doc(hidden)]
pub use self::request::check_labels;
pub use self::request::{
    ConformOptions, Crop, DEFAULT_MODEL, MetricSpec, ModelSpec, Options, Pairing, Request,
    StreamChoice, VERSION as REQUEST_VERSION, find_feature, values,
};
pub use self::result::{Outcome, Page, Run, write_failed_junit};
#[doc(hidden)]
pub use self::warnings::size as model_warning;

/// Scores one encode against its reference by the default model.
///
/// # Errors
/// Fails if a file can't be read, or the videos don't belong together.
pub fn score(reference: &str, encode: &str) -> Result<Run> {
    let run = Request::new(reference).encode(encode).run()?;
    match run.encodes().iter().find_map(EncodeResult::failure) {
        Some(failure) => Err(failure.clone().into()),
        None => Ok(run),
    }
}
