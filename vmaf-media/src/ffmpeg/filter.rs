//! Scaling with an `ffmpeg` program: pictures go through its filter `scale`, as raw video in one pipe
//! and out of another.
//!
//! The program gives a picture only once it has one or more of those behind it, how many depends on
//! its version. So a thread writes, another reads, and pictures are given until one comes back; the
//! end of the first pipe brings the rest.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::command;
use super::layout::{Layout, Picture};
use crate::conform::Scaler;
use crate::{Error, Result};

/// How many pictures are on their way in any case, so that the program has work.
const UNDER_WAY: usize = 3;

/// How long a picture is waited for before more are given.
const PATIENCE: Duration = Duration::from_millis(100);

/// A program that scales what it is given.
pub(super) struct Filter {
    child: Child,
    /// Nothing behind the end.
    to_program: Option<Sender<Vec<u8>>>,
    from_program: Receiver<Vec<u8>>,
    /// How many pictures are on their way.
    under_way: usize,
}

impl Filter {
    /// The program that makes pictures laid out as `to` of those that are as `from`.
    ///
    /// # Errors
    /// Where there is no program, and what to do; `path` is the video that needs it.
    pub(super) fn new(path: &str, from: &Layout, to: &Layout, scaler: Scaler) -> Result<Self> {
        let size = |of: &Layout| format!("{}x{}", of.width, of.height);
        let mut command = command::command("error");
        // Nothing is to be found out of the video: it is what it is said to be.
        command.args(["-probesize", "32", "-analyzeduration", "0", "-threads", "1"]);
        command.args(["-f", "rawvideo", "-pix_fmt", &from.pixel_format]);
        command.args(["-video_size", &size(from), "-i", "pipe:0", "-filter_threads", "1"]);
        command.args(["-vf", &filter(from, to, scaler), "-r", "25", "-threads", "1"]);
        command.args(["-pix_fmt", &to.pixel_format, "-flush_packets", "1"]);
        command.args(["-f", "rawvideo", "pipe:1"]);
        let spawned =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| command::cannot_run(path, &error))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::not_video(path, "ffmpeg can't be spoken to"));
        };
        let (to_program, given) = channel();
        let (sender, from_program) = channel();
        let bytes = sizes(to).map(|(bytes, (_, rows))| bytes * rows).sum();
        thread::spawn(move || write(input, &given));
        thread::spawn(move || read(output, bytes, &sender));
        Ok(Self { child, to_program: Some(to_program), from_program, under_way: 0 })
    }

    /// Gives the next picture.
    pub(super) fn give(&mut self, picture: &Picture) {
        let mut packed = Vec::new();
        for (plane, (bytes, (stride, rows))) in picture.planes.iter().zip(sizes(&picture.layout)) {
            let rows = plane.chunks_exact(stride).take(rows);
            rows.for_each(|row| packed.extend_from_slice(&row[..bytes]));
        }
        self.under_way += 1;
        // Where the program has stopped, no picture comes, and then it is asked why.
        let _ = self.to_program.as_ref().map(|to| to.send(packed));
    }

    /// Says that there are no more pictures.
    pub(super) fn end(&mut self) {
        self.to_program = None;
    }

    /// Takes the next picture that was scaled. Gives whether there was one: if not, it waits for more
    /// to be given, or has given back all. The error is why the program stopped.
    pub(super) fn take(&mut self, picture: &mut Picture) -> Result<bool, String> {
        let is_over = self.to_program.is_none();
        if self.under_way == 0 || (self.under_way < UNDER_WAY && !is_over) {
            return Ok(false);
        }
        let scaled = if is_over {
            self.from_program.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            self.from_program.recv_timeout(PATIENCE)
        };
        let scaled = match scaled {
            Ok(scaled) => scaled,
            Err(RecvTimeoutError::Timeout) => return Ok(false),
            Err(RecvTimeoutError::Disconnected) => return Err(self.complaint()),
        };
        self.under_way -= 1;
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

    /// Ends the program, whatever it is doing.
    pub(super) fn kill(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What the program, which has stopped, said first.
    fn complaint(&mut self) -> String {
        self.kill();
        let mut said = String::new();
        if let Some(mut report) = self.child.stderr.take() {
            // What can't be read was not said.
            let _ = report.read_to_string(&mut said);
        }
        let line = said.lines().map(str::trim).find(|line| !line.is_empty());
        format!("ffmpeg, which was to scale it, stopped: {}", line.unwrap_or("it does not say why"))
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Writes what is `given`, until there is no more or nobody reads.
fn write(mut input: ChildStdin, given: &Receiver<Vec<u8>>) {
    for picture in given {
        if input.write_all(&picture).is_err() {
            return;
        }
    }
}

/// Reads pictures of so many `bytes`, until there is no more or nobody wants them.
fn read(mut output: ChildStdout, bytes: usize, to: &Sender<Vec<u8>>) {
    loop {
        let mut picture = vec![0; bytes];
        if output.read_exact(&mut picture).is_err() || to.send(picture).is_err() {
            return;
        }
    }
}

/// The bytes of a row, and the stride and number of rows, of each plane.
fn sizes(layout: &Layout) -> impl Iterator<Item = (usize, (usize, usize))> + '_ {
    layout.rows.iter().copied().zip(layout.planes.iter().copied())
}

/// The filter that does what the library is told to: chroma is a picture of its own, whose pixels lie
/// in the middle of those of luma.
fn filter(from: &Layout, to: &Layout, scaler: Scaler) -> String {
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
