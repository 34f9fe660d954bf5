//! Perceptual video quality for frames in memory.
//!
//! This crate scores how good a distorted video looks beside its reference, 0 to 100, as a viewer
//! would. Per frame it computes *features* (how much visual information, detail and motion
//! survived), a trained support-vector regressor turns the features of a frame into a score, and
//! scores are pooled over time. The numbers are those of the published VMAF models, the same on
//! every processor and with any number of threads.
//!
//! It knows nothing of files: `vmaf-media` reads them, `vmaf-cli` is the command.
//!
//! # The way of a frame
//!
//! A [`FrameGroup`] holds one reference frame and the matching frame of each encode. Groups are
//! [pushed](Scorer::push) in order into a [`Scorer`], built from a [`Job`] that names the models
//! and features wanted. [`Scorer::finish`] gives one [`Scored`] for each encode: a table of
//! columns (features and model scores) by frame, ready for the [`pool`] functions.
//!
//! ```
//! use std::sync::Arc;
//! use vmaf_core::{Chroma, Format, Frame, FrameGroup, Job, Model, pool};
//!
//! # fn main() -> Result<(), vmaf_core::Error> {
//! let format = Format::new(64, 48, Chroma::Mono, 8)?;
//! let mut scorer = Job::new(format, 1).model(Model::builtin("vmaf_v0.6.1")?).start()?;
//! for index in 0..3_u8 {
//!     let luma: Vec<u8> = (0..64 * 48).map(|i| (i % 61) as u8 * 3 + index).collect();
//!     let frame = Arc::new(Frame::from_luma(format, &luma)?);
//!     scorer.push(FrameGroup::pair(frame.clone(), frame))?;
//! }
//! let scored = scorer.finish()?;
//! let vmaf = scored[0].column("vmaf_v0.6.1").expect("the model's column");
//! assert!(pool::mean(vmaf).expect("three frames") > 90.0);
//! # Ok(())
//! # }
//! ```

pub mod feature;
pub mod frame;
pub mod gate;
pub mod model;
pub mod pool;
pub mod score;
pub mod simd;

mod column;
mod error;
mod numeric;

pub use error::{Error, Result, unknown};
pub use feature::maps;
pub use frame::{Chroma, ColorRange, Format, Frame, FrameGroup, Plane, Rational, Sample};
pub use gate::Gate;
pub use model::Model;
pub use score::{Job, Scored, Scorer};
pub use simd::Level;

/// The version of this library, as outputs state it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
