//! Makes an encode comparable with its reference, and reports every conversion.
//!
//! A player crops, scales up, and converts range and chroma silently; a score has to account for
//! it. [`Plan::new`] compares the facts about two streams and returns the steps that make one
//! comparable with the other, or an [`Error::Mismatch`](crate::Error::Mismatch) if no step is right
//! in every case: then the user has to say what is meant. [`Plan::apply`] returns a source whose
//! frames come conformed. Its scaler is built when reading begins, for the planes that are read.
//!
//! Before that, if the files' display matrices differ, pictures are rotated and mirrored to be
//! compared as they are shown ([`oriented`]).
//!
//! The order of the steps: bars are cropped, the picture is scaled and its chroma resampled at its
//! own bit depth (by FFmpeg's libswscale, on its exact path, so that all processors give the same
//! samples), and the range is converted. The [RGB](vmaf_core::Frame::rgb) that frames were converted
//! from is rotated, cropped and scaled as they are. Bit depths are left alone: frames are
//! [promoted](vmaf_core::Frame::promoted) when they are read.

mod bars;
mod frame_scaler;
mod options;
mod orient;
mod plan;
mod range;
mod rgb;
mod rotation;
mod scale;
mod size;
mod source;

pub(crate) use self::bars::black_edges_of;
pub use self::bars::{BarDetector, picture_area};
pub(crate) use self::options::ASPECT_TOLERANCE;
pub use self::options::{PlanOptions, Scaler};
pub use self::orient::oriented;
pub use self::plan::Plan;
pub(crate) use self::plan::canonical_name;
pub use self::rgb::{converted, estimate_matrix};
pub use self::rotation::detect_rotation;
pub(crate) use self::source::copy_part;
pub use crate::accepted::Accepted;
pub use crate::rect::Rect;
