//! Reads ahead on a separate thread, so that decoding continues while frames are scored.
//!
//! A bounded channel connects the two: the thread waits while it is full, which bounds memory, and
//! ends at its next frame when the receiving side is dropped. Only one large frame is read ahead:
//! that is enough to keep both sides busy, and more would have left the cache by the time they are
//! used. Small frames are read several at a time, so that the threads wait for each other less
//! often.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame};

use crate::{Error, Frames, ReadPlan, Result, StreamInfo};

/// The number of bytes read ahead, if that is more than a frame.
const BYTES_AHEAD: usize = 4 << 20;

/// The greatest number of frames read ahead.
const MAX_FRAMES_AHEAD: usize = 8;

/// Reads `frames`, which come as `plan` specifies, on another thread, a few frames ahead of the
/// caller, or one if frames are large. Frames of lower bit depth than the plan's are promoted,
/// whatever their source.
///
/// Otherwise frames and errors come as they would without the thread. Dropping the result ends the
/// thread once it has read its current frame.
///
/// # Panics
/// Panics if the system can't start a thread.
#[must_use]
pub fn read_ahead(frames: Box<dyn Frames>, plan: &ReadPlan) -> Box<dyn Frames> {
    start(frames, plan, None)
}

/// Reads ahead as [`read_ahead`] does, but only the `wanted` frames, given as increasing numbers:
/// the others are [skipped](Frames::skip).
///
/// # Panics
/// Panics if the system can't start a thread.
#[must_use]
pub fn read_ahead_of(
    frames: Box<dyn Frames>,
    plan: &ReadPlan,
    wanted: Vec<u64>,
) -> Box<dyn Frames> {
    start(frames, plan, Some(wanted.into_iter()))
}

fn start(
    frames: Box<dyn Frames>,
    plan: &ReadPlan,
    wanted: Option<std::vec::IntoIter<u64>>,
) -> Box<dyn Frames> {
    let info = frames.info().clone();
    let bit_depth = plan.bit_depth.unwrap_or(info.format.bit_depth());
    // The thread holds one more frame while it waits for space in the channel.
    let (sender, receiver) = sync_channel(frames_ahead(&info.format, bit_depth) - 1);
    let recycler = Recycler::default();
    let read_thread = ReadThread { frames, wanted, next: 0, bit_depth, recycler, sender };
    thread::spawn(move || read_thread.run());
    Box::new(ReadAhead { info, receiver, read: 0, has_ended: false })
}

fn frames_ahead(format: &Format, bit_depth: u8) -> usize {
    let planes = (0..format.chroma().planes()).map(|index| format.plane_size(index));
    let samples: usize = planes.map(|(width, height)| width * height).sum();
    let bytes = samples * if format.bit_depth().max(bit_depth) > 8 { 2 } else { 1 };
    (BYTES_AHEAD / bytes.max(1)).clamp(1, MAX_FRAMES_AHEAD)
}

struct ReadAhead {
    info: StreamInfo,
    receiver: Receiver<Result<Option<Frame>>>,
    read: u64,
    has_ended: bool,
}

/// The thread's side.
struct ReadThread {
    frames: Box<dyn Frames>,
    /// The frames still to be read, if the others are skipped.
    wanted: Option<std::vec::IntoIter<u64>>,
    /// The number of the next frame.
    next: u64,
    bit_depth: u8,
    recycler: Recycler,
    sender: SyncSender<Result<Option<Frame>>>,
}

impl ReadThread {
    fn run(mut self) {
        loop {
            let result = self.read().map(|frame| frame.map(|frame| self.promoted(frame)));
            let has_ended = !matches!(result, Ok(Some(_)));
            if self.sender.send(result).is_err() || has_ended {
                return;
            }
        }
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        if let Some(wanted) = &mut self.wanted {
            let Some(wanted) = wanted.next() else { return Ok(None) };
            let to_skip = wanted.saturating_sub(self.next);
            if self.frames.skip(to_skip)? < to_skip {
                return Ok(None);
            }
            self.next += to_skip;
        }
        self.next += 1;
        self.frames.read()
    }

    fn promoted(&self, frame: Frame) -> Frame {
        if frame.format().bit_depth() >= self.bit_depth {
            return frame;
        }
        frame.promoted_in(self.bit_depth, &self.recycler)
    }
}

impl Frames for ReadAhead {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        if self.has_ended {
            return Ok(None);
        }
        // The thread always sends a last result; it is missing only if the reader panicked.
        let result = self.receiver.recv().unwrap_or_else(|_| {
            Err(Error::frame(&self.info.path, self.read, "the thread that reads it panicked"))
        });
        match &result {
            Ok(Some(_)) => self.read += 1,
            _ => self.has_ended = true,
        }
        result
    }
}
