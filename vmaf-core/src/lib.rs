//! Perceptual video quality for frames in memory.
//!
//! This crate scores how good a distorted video looks compared with its reference, from 0 to 100,
//! as viewers would rate it. For each frame it computes *features* (how much visual information,
//! detail and motion survived). A trained support-vector regressor turns a frame's features into a
//! score, and scores are pooled over time. The numbers are those of the published VMAF models and
//! are identical on every processor and with any number of threads.
//!
//! This crate does not read files; the crate `vmaf`, built on top of it, scores files.
//!
//! # From frames to scores
//!
//! A [`FrameGroup`] holds one reference frame and the matching frame of each encode. Groups are
//! [pushed](Scorer::push) in order into a [`Scorer`], built from a [`Job`] that names the models
//! and features to measure. [`Scorer::finish`] returns one [`ScoreTable`] per encode: a table of
//! columns (features and model scores) by frame, ready for the [`pool`] functions.
//!
//! ```
//! use vmaf_core::ndarray::Array2;
//! use vmaf_core::{Chroma, Format, Frame, Job, Model, pool};
//!
//! # fn main() -> Result<(), vmaf_core::Error> {
//! // What a decoder gives: planes as arrays of rows by columns.
//! let decoded = |index: usize| Array2::from_shape_fn((48, 64), |(y, x)| (x * y + index) as u8);
//! let format = Format::new(64, 48, Chroma::Mono, 8)?;
//! let mut scorer = Job::new(format, 1).model(Model::builtin("vmaf_v0.6.1")?).start()?;
//! for index in 0..3 {
//!     let (reference, encode) = (decoded(index), decoded(index) & 0xf8);
//!     let reference = Frame::from_views(format, [reference.view()])?;
//!     let encode = Frame::from_views(format, [encode.view()])?;
//!     scorer.push_pair(reference, encode)?;
//! }
//! let scored = scorer.finish()?;
//! let vmaf = scored[0].column("vmaf_v0.6.1").expect("the model's column");
//! assert!((1.0..100.0).contains(&pool::mean(vmaf).expect("three frames")));
//! // All features and scores, frames by columns.
//! assert_eq!(scored[0].to_array().dim(), (3, scored[0].columns().len()));
//! # Ok(())
//! # }
//! ```
//!
//! # Arrays
//!
//! Samples and values are exchanged as [`ndarray`] arrays of rows by columns. [`Plane::view`] and
//! [`Map::view`](maps::Map::view) borrow memory without copying it, [`Frame::from_views`] accepts
//! any memory layout, [`ScoreTable::to_array`] returns the table of values, and a [`maps::Map`]
//! converts to and from an `Array2`.
//!
//! # Features of the crate
//!
//! - `serde`, on by default: serialization of [`Format`], [`ScoreTable`] and the signal metadata of
//!   streams. Deserializing a format validates it.
//! - `butteraugli`, `cvvdp` and `ssimulacra2`, on by default: the metrics of these names.

#![cfg_attr(
    not(all(feature = "butteraugli", feature = "cvvdp", feature = "ssimulacra2")),
    allow(
        dead_code,
        unused_imports,
        reason = "shared code may serve only metrics that are left out"
    )
)]

pub mod color;
pub mod error;
pub mod feature;
pub mod frame;
pub mod gate;
pub mod log;
pub mod memory;
pub mod model;
pub mod pool;
pub mod scene;
pub mod score;
pub mod simd;

mod column;
#[cfg(test)]
mod interface_tests;
mod numeric;

pub use error::{Error, Result};
pub use feature::maps;
pub use frame::{Chroma, ColorRange, Format, Frame, FrameGroup, Plane, Rational, Sample};
pub use gate::Gate;
pub use model::Model;
/// The array library used to exchange planes, maps and tables.
pub use ndarray;
pub use score::{Job, ScoreTable, Scorer};
pub use simd::Level;

/// The version of this library, as written to outputs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
