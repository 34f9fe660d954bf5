//! The command as its users run it: real processes, files and logs.
//!
//! One program holds all of these tests, so that they are linked once and run side by side. Real
//! files are scored in builds with and without FFmpeg's libraries: by both decoders.

mod common;
mod support;

mod bad_input;
mod batch;
mod butteraugli;
mod colour;
mod conform;
mod cvvdp;
mod decoding;
mod dropin;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod full_disk;
mod gates;
mod geometry;
mod goldens;
mod hdr;
mod heatmaps;
mod inputs;
#[cfg(feature = "ffmpeg")]
mod ladders;
mod maps;
mod missing_times;
mod packaging;
#[cfg(feature = "ffmpeg")]
mod pictures;
mod presentation;
mod real_files;
mod recorded;
mod report;
mod rgb;
mod sampling;
mod scenes;
mod score;
#[cfg(feature = "ffmpeg")]
mod search;
mod shards;
mod ssimulacra2;
mod timing;
mod xpsnr;
