//! The command as its users run it: real processes, files and logs.
//!
//! One program holds all of these tests, so that they are linked once and run side by side.

mod common;
mod support;

mod bad_input;
mod batch;
#[cfg(feature = "ffmpeg")]
mod colour;
mod conform;
#[cfg(feature = "ffmpeg")]
mod decoding;
mod dropin;
mod gates;
#[cfg(feature = "ffmpeg")]
mod geometry;
mod goldens;
mod heatmaps;
#[cfg(feature = "ffmpeg")]
mod inputs;
#[cfg(feature = "ffmpeg")]
mod ladders;
mod maps;
#[cfg(feature = "ffmpeg")]
mod missing_times;
#[cfg(feature = "ffmpeg")]
mod pictures;
#[cfg(feature = "ffmpeg")]
mod presentation;
#[cfg(feature = "ffmpeg")]
mod real_files;
mod recorded;
mod report;
mod sampling;
mod score;
mod shards;
#[cfg(feature = "ffmpeg")]
mod timing;
mod xpsnr;
