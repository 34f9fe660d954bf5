//! Makes an encode comparable with its reference, and says what it did.
//!
//! What a player does without a word (it crops, scales up, converts range and chroma) a score has
//! to know of. [`Plan::new`] compares what is known of two streams and gives the steps that make
//! the one comparable with the other, or an [`Error::Mismatch`](crate::Error::Mismatch) where no
//! step is right whatever the reason: then people have to say what is meant. [`Plan::apply`] returns a
//! source whose frames come conformed. Its scaler is built when reading begins, for the planes that
//! are read.
//!
//! Before that, where files say that one is to be turned or mirrored otherwise than the other, both are
//! turned as they are shown ([`oriented`]).
//!
//! In order: bars are cropped, the picture is scaled and its chroma resampled at its own bit depth
//! (FFmpeg's libswscale, its exact path, so that all processors give the same samples), and the
//! range is converted. Bit depths are left alone: frames are [promoted](vmaf_core::Frame::promoted) when they
//! are read.

mod bars;
mod orient;
mod plan;
mod range;
mod rgb;
mod scale;
mod size;
mod source;
mod upright;
mod wishes;

pub(crate) use self::bars::black_edges_of;
pub use self::bars::{Bars, picture_area};
pub use self::orient::oriented;
pub use self::plan::Plan;
pub(crate) use self::plan::alike;
pub use self::rgb::{converted, estimate_matrix};
pub(crate) use self::source::copy_part;
pub use self::upright::turned_apart;
pub(crate) use self::wishes::ROUNDED;
pub use self::wishes::{Scaler, Wishes};
pub use crate::accepted::Accepted;
pub use crate::rect::Rect;
