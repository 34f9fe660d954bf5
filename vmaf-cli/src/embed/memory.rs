//! Frames from memory, pushed one after the other.
//!
//! Each video is a [`Source`] at the end of a channel, and a thread reads the run as it reads files:
//! frames are paired, and found to be others than the reference's, by the same code. The channels
//! hold a few frames, so that whoever pushes waits for the run and memory stays bounded.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame, Rational};
use vmaf_media::{Source, StreamInfo};

use super::command::Command;
use super::{Measured, measured, parsed};
use crate::failure::{Failure, Result};
use crate::inputs::{Inputs, Opening};
use crate::monitor::Monitor;
use crate::pairing::Pairing;
use crate::score::asked::Asked;
use crate::score::{self, Begun};

/// How many frames of each video wait to be read.
const WAITING: usize = 1;

/// Frames a second, where nothing is said; as of raw video.
const FRAME_RATE: Rational = Rational { num: 25, den: 1 };

/// A run whose frames are pushed. Dropping it stops it.
#[derive(Debug)]
pub struct Pushed {
    /// What frames are pushed in: the run's format, without chroma where nothing looks at it.
    pushed_in: Format,
    recycler: Recycler,
    frame_rate: Rational,
    count: u64,
    monitor: Monitor,
    /// What goes to the reference, and to each encode that has not dropped out.
    reference: SyncSender<Frame>,
    encodes: Vec<Option<SyncSender<Frame>>>,
    run: Run,
}

#[derive(Debug)]
enum Run {
    /// It reads what is pushed.
    Reading(JoinHandle<Result<Vec<Measured>>>),
    /// It has read all that it wants.
    Over(Vec<Measured>),
    /// It failed, and why was told.
    Failed,
}

impl Pushed {
    /// Begins a run under `options`, which are those of `vmaf score`, of frames of `format`. The
    /// videos go by the names given.
    ///
    /// # Errors
    /// Where an option is wrong, or frames of this format can't be measured so.
    pub fn begin(
        options: &[String],
        format: Format,
        reference: &str,
        distorted: &[String],
    ) -> Result<Self> {
        let arguments = parsed(&Command::of(options, reference, distorted))?.measure;
        let asked = Asked::of(&arguments)?;
        let monitor = Monitor::default();
        let opening = score::opening(&arguments)?;
        let opening = Opening { monitor: monitor.clone(), ..opening };
        if opening.pairing == Pairing::Content {
            return Err(Failure::input(
                "--align content reads the videos twice, which frames from memory can't be",
            ));
        }
        let frame_rate = opening.frame_rate.unwrap_or(FRAME_RATE);
        let video = |name: &str| {
            let (sender, receiver) = sync_channel(WAITING);
            let source = Channel { info: info(name, format, frame_rate), receiver };
            (sender, monitor.watching(Box::new(source)))
        };
        let (to_reference, source) = video(reference);
        let (senders, sources): (Vec<_>, Vec<_>) = distorted.iter().map(|name| video(name)).unzip();
        let encodes = distorted.iter().map(String::as_str).zip(sources.into_iter().map(Ok));
        let inputs = Inputs::of(source, encodes, &opening)?;
        let (begun, scorer) = Begun::of_inputs(asked, inputs, &arguments)?.start()?;
        let chroma = scorer.looked_at().chroma;
        let seen = monitor.clone();
        let thread = thread::spawn(move || measured(begun, scorer, &seen, None));
        Ok(Self {
            pushed_in: Format { chroma, ..format },
            recycler: Recycler::default(),
            frame_rate,
            count: 0,
            monitor,
            reference: to_reference,
            encodes: senders.into_iter().map(Some).collect(),
            run: Run::Reading(thread),
        })
    }

    /// A frame to be written to and pushed. Its samples are anything.
    #[must_use]
    pub fn frame(&self) -> Frame {
        self.recycler.frame(self.pushed_in)
    }

    /// How many frames of each video were pushed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Pushes the next frame of the reference, and of each encode, and waits until there is room.
    /// Frames behind those that are asked for are passed over.
    ///
    /// # Errors
    /// Why the run ended, if it failed: nothing more can be measured of it.
    pub fn push(&mut self, reference: Frame, distorted: Vec<Frame>) -> Result<()> {
        if distorted.len() != self.encodes.len() {
            return Err(Failure::input(format!(
                "frame {} comes with {} encodes, those before it with {}",
                self.count,
                distorted.len(),
                self.encodes.len()
            )));
        }
        let (time, frame_rate) = (self.frame_rate.time_of(self.count), self.frame_rate);
        let shown = |mut frame: Frame| {
            (frame.time, frame.frame_rate) = (Some(time), Some(frame_rate));
            frame
        };
        self.count += 1;
        let is_read = self.reference.send(shown(reference)).is_ok();
        for (sender, frame) in self.encodes.iter_mut().zip(distorted) {
            if sender.as_ref().is_some_and(|to| to.send(shown(frame)).is_err()) {
                *sender = None;
            }
        }
        if is_read {
            return Ok(());
        }
        let measured = self.concluded()?;
        let failures: Vec<&str> = measured.iter().filter_map(Measured::failure).collect();
        if failures.len() == measured.len() {
            return Err(Failure::input(failures.join("; ")));
        }
        self.run = Run::Over(measured);
        Ok(())
    }

    /// Ends the videos where they are, and gives what was measured of each encode.
    ///
    /// # Errors
    /// Why the run failed, if it did.
    pub fn finish(mut self) -> Result<Vec<Measured>> {
        // What they are replaced by nobody reads.
        self.reference = sync_channel(0).0;
        self.encodes.clear();
        self.concluded()
    }

    /// What came of the run, once it ends.
    fn concluded(&mut self) -> Result<Vec<Measured>> {
        match std::mem::replace(&mut self.run, Run::Failed) {
            Run::Reading(thread) => {
                thread.join().unwrap_or_else(|_| Err(Failure::input("the run broke off")))
            }
            Run::Over(measured) => Ok(measured),
            Run::Failed => Err(Failure::input("the run failed before")),
        }
    }
}

impl Drop for Pushed {
    fn drop(&mut self) {
        self.monitor.stop();
    }
}

/// A video whose frames come through a channel.
struct Channel {
    info: StreamInfo,
    receiver: Receiver<Frame>,
}

impl Source for Channel {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> vmaf_media::Result<Option<Frame>> {
        // The other end is dropped behind the last frame.
        Ok(self.receiver.recv().ok())
    }
}

/// What is known of frames from memory: as much as of raw video.
fn info(name: &str, format: Format, frame_rate: Rational) -> StreamInfo {
    StreamInfo {
        frame_rate: Some(frame_rate),
        has_times: false,
        ..StreamInfo::new(name, format, "rawvideo")
    }
}
