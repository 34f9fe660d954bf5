//! Reading videos: every kind of file, whole, damaged and hostile.
//!
//! One program holds all of these tests, so that they are linked once and run side by side.

mod common;

mod faults;
mod ffmpeg;
mod grain;
mod presentation;
mod properties;
mod raw;
#[cfg(feature = "ffmpeg")]
mod revisiting;
mod rgb;
mod stills;
mod streams;
mod urls;
mod y4m;
