//! Decoding with an `ffmpeg` program.
//!
//! The program is run twice: once to ask what the file is, and once to decode it into a y4m pipe.
//! y4m has no times, so the filter `showinfo` reports each frame's timestamp on standard error,
//! where a thread picks them up. No frame is dropped or doubled for the sake of a constant frame
//! rate: frames get artificial times a second apart behind `showinfo`, in which nothing can
//! collide.

use std::env;
use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};

use vmaf_core::Frame;

use super::pixel::PixelFormat;
use super::report::{self, Event, Probe, Report};
use crate::input::Input;
use crate::y4m::Y4mSource;
use crate::{Error, OpenOptions, Result, Source, StreamInfo};

/// The environment variable that names the program.
const VARIABLE: &str = "VMAF_FFMPEG";

/// Reads what an `ffmpeg` program decodes.
pub(super) struct ProgramSource {
    info: StreamInfo,
    video: Y4mSource,
    child: Running,
    events: Receiver<Event>,
    time_base: Option<(i64, i64)>,
    next: u64,
}

/// The program at work. Dropping it ends it.
#[derive(Clone)]
struct Running(Arc<Mutex<Child>>);
