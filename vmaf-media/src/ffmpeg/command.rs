//! The `ffmpeg` program, and the arguments that all its runs share.

use std::env;
use std::ffi::OsString;
use std::io;
use std::process::Command;

use crate::Error;

/// The environment variable that names the program.
const VARIABLE: &str = "VMAF_FFMPEG";

/// Replaces timestamps: frames are a thousand seconds apart, longer than any is shown. FFmpeg 8 and
/// later fill the duration of a frame with copies of it.
pub(super) const RETIME: &str = "settb=1000,setpts=N";

/// The frame rate that results from [`RETIME`].
pub(super) const RATE: &str = "1/1000";

/// Returns a command that runs the program, with the arguments that all runs share.
pub(super) fn command(log_level: &str) -> Command {
    let mut command = Command::new(ffmpeg_program());
    command.args(["-hide_banner", "-nostdin", "-loglevel", log_level]);
    command
}

/// Adds the file at `path` as the next input.
pub(super) fn add_input(command: &mut Command, path: &str) {
    if let Some(protocols) = super::allowed_protocols(path) {
        command.args(["-protocol_whitelist", protocols]);
    }
    command.args(["-i", &super::url(path)]);
}

/// Returns the name or path of the `ffmpeg` program: the environment variable `VMAF_FFMPEG`, or
/// `ffmpeg`, which is looked for on the `PATH`.
#[must_use]
pub fn ffmpeg_program() -> OsString {
    env::var_os(VARIABLE).filter(|name| !name.is_empty()).unwrap_or_else(|| "ffmpeg".into())
}

/// Returns the error for a program that can't be run for the file at `path`.
pub(super) fn cannot_run(path: &str, error: &io::Error) -> Error {
    let reason = if error.kind() == io::ErrorKind::NotFound {
        format!(
            "FFmpeg is needed to read it, but there is no program {:?}: install ffmpeg (apt-get \
             install ffmpeg), or set {VARIABLE} to the path of one (pip install imageio-ffmpeg \
             installs one), or build vmaf with the feature `ffmpeg`",
            ffmpeg_program().display()
        )
    } else {
        format!("can't run {:?} to read it: {error}", ffmpeg_program().display())
    };
    Error::not_video(path, reason)
}
