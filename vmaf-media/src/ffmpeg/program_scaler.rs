//! Scaling with an `ffmpeg` program: pictures go through its filter `scale`, as raw video in one
//! pipe and out of another.
//!
//! The program returns a picture only once it has received one or more after it; the number depends
//! on its version. So one thread writes, another reads, and pictures are given until one comes
//! back; closing the first pipe brings the rest.

use std::io::{Read, Write};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::command;
use super::layout::{Layout, Picture};
use crate::child_program::ChildProgram;
use crate::conform::Scaler;
use crate::{Error, Result};

/// The least number of pictures in flight, so that the program has work.
const MIN_IN_FLIGHT: usize = 3;

/// The time to wait for a picture before giving more.
const RECEIVE_TIMEOUT: Duration = Duration::from_millis(100);

/// A program that scales the pictures it is given.
pub(super) struct ProgramScaler {
    child: ChildProgram,
    /// `None` after the end.
    to_program: Option<Sender<Vec<u8>>>,
    from_program: Receiver<Vec<u8>>,
    /// The number of pictures in flight.
    in_flight: usize,
}

impl ProgramScaler {
    /// Starts the program that scales pictures laid out as `from` to pictures laid out as `to`.
    ///
    /// # Errors
    /// Fails if there is no program, with advice; `path` is the video that needs it.
    pub(super) fn new(path: &str, from: &Layout, to: &Layout, scaler: Scaler) -> Result<Self> {
        let size = |of: &Layout| format!("{}x{}", of.width, of.height);
        let mut command = command::command("error");
        // Nothing needs to be probed: the format is given.
        command.args(["-probesize", "32", "-analyzeduration", "0", "-threads", "1"]);
        command.args(["-f", "rawvideo", "-pix_fmt", &from.pixel_format]);
        command.args(["-video_size", &size(from), "-i", "pipe:0", "-filter_threads", "1"]);
        command.args(["-vf", &scale_filter(from, to, scaler), "-r", "25", "-threads", "1"]);
        command.args(["-pix_fmt", &to.pixel_format, "-flush_packets", "1"]);
        command.args(["-f", "rawvideo", "pipe:1"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let spawned = ChildProgram::spawn(command);
        let mut child = spawned.map_err(|error| command::cannot_run(path, &error))?;
        let (Some(input), Some(output)) = (child.take_stdin(), child.take_stdout()) else {
            return Err(Error::not_video(path, "can't open pipes to the ffmpeg that scales it"));
        };
        let (to_program, pictures) = channel();
        let (sender, from_program) = channel();
        let bytes = sizes(to).map(|(bytes, (_, rows))| bytes * rows).sum();
        let writer = thread::Builder::new().spawn(move || write(input, &pictures));
        let reader = thread::Builder::new().spawn(move || read(output, bytes, &sender));
        writer.and(reader).map_err(|error| Error::io(path, error))?;
        Ok(Self { child, to_program: Some(to_program), from_program, in_flight: 0 })
    }

    /// Gives the next picture.
    pub(super) fn send(&mut self, picture: &Picture) {
        let mut packed = Vec::new();
        for (plane, (bytes, (stride, rows))) in picture.planes.iter().zip(sizes(&picture.layout)) {
            let rows = plane.chunks_exact(stride).take(rows);
            rows.for_each(|row| packed.extend_from_slice(&row[..bytes]));
        }
        self.in_flight += 1;
        // If the program has stopped, no picture comes, and `receive` then reports the reason.
        let _ = self.to_program.as_ref().map(|to| to.send(packed));
    }

    /// Declares that there are no more pictures.
    pub(super) fn end(&mut self) {
        self.to_program = None;
    }

    /// Takes the next scaled picture, and returns true if there was one. If not, it needs more
    /// pictures, or all were returned. The error is the reason why the program stopped.
    pub(super) fn receive(&mut self, picture: &mut Picture) -> Result<bool, String> {
        let is_over = self.to_program.is_none();
        if self.in_flight == 0 || (self.in_flight < MIN_IN_FLIGHT && !is_over) {
            return Ok(false);
        }
        let scaled = if is_over {
            self.from_program.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            self.from_program.recv_timeout(RECEIVE_TIMEOUT)
        };
        let scaled = match scaled {
            Ok(scaled) => scaled,
            Err(RecvTimeoutError::Timeout) => return Ok(false),
            Err(RecvTimeoutError::Disconnected) => return Err(self.stop_reason()),
        };
        self.in_flight -= 1;
        let mut packed = &scaled[..];
        let Picture { layout, planes } = picture;
        for (plane, (bytes, (stride, rows))) in planes.iter_mut().zip(sizes(layout)) {
            let (of_plane, rest) = packed.split_at(bytes * rows);
            for (row, from) in plane.chunks_exact_mut(stride).zip(of_plane.chunks_exact(bytes)) {
                row[..bytes].copy_from_slice(from);
            }
            packed = rest;
        }
        Ok(true)
    }

    /// Kills the program.
    #[cfg(test)]
    pub(super) fn kill(&mut self) {
        // It may have ended by itself, which is fine.
        let _ = self.child.kill();
    }

    /// Returns the first message of the program, which has stopped, or its status.
    fn stop_reason(&mut self) -> String {
        let mut said = String::new();
        if let Some(mut report) = self.child.take_stderr() {
            // Unreadable output counts as none.
            let _ = report.read_to_string(&mut said);
        }
        let line = said.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
        let status = self.child.wait().map(|status| status.to_string());
        let reason = line.or(status.ok()).unwrap_or_else(|| "it gives no reason".to_owned());
        format!("the ffmpeg that scales it stopped: {reason}")
    }
}

/// Writes `pictures`, until there are no more or the reader is gone.
fn write(mut input: ChildStdin, pictures: &Receiver<Vec<u8>>) {
    for picture in pictures {
        if input.write_all(&picture).is_err() {
            return;
        }
    }
}

/// Reads pictures of `bytes` bytes, until there are no more or the receiver is gone.
fn read(mut output: ChildStdout, bytes: usize, to: &Sender<Vec<u8>>) {
    loop {
        let mut picture = vec![0; bytes];
        if output.read_exact(&mut picture).is_err() || to.send(picture).is_err() {
            return;
        }
    }
}

/// Returns the bytes of a row, and the stride and number of rows, of each plane.
fn sizes(layout: &Layout) -> impl Iterator<Item = (usize, (usize, usize))> + '_ {
    layout.rows.iter().copied().zip(layout.planes.iter().copied())
}

/// Returns the filter that scales as the library does: chroma is a picture of its own, whose
/// samples lie in the middle of luma's.
fn scale_filter(from: &Layout, to: &Layout, scaler: Scaler) -> String {
    let name = match scaler {
        Scaler::Bilinear => "bilinear",
        Scaler::Bicubic => "bicubic",
        Scaler::Lanczos => "lanczos",
    };
    let place = |layout: &Layout| match layout.pixel_format.get(..6) {
        Some("yuv420") => (128, 128),
        Some("yuv422") => (128, 0),
        _ => (0, 0),
    };
    let ((x, y), (to_x, to_y)) = (place(from), place(to));
    format!(
        "scale={}:{}:flags={name}+accurate_rnd+full_chroma_inp+bitexact:in_h_chr_pos={x}:\
         in_v_chr_pos={y}:out_h_chr_pos={to_x}:out_v_chr_pos={to_y}",
        to.width, to.height
    )
}
