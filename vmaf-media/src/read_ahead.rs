//! Reads ahead on a separate thread, so that decoding continues while frames are scored.
//!
//! A bounded channel connects the two: the thread waits while it is full, which bounds memory, and
//! ends at its next frame when the receiving side is dropped. Only one large frame is read ahead:
//! that is enough to keep both sides busy, and more would have left the cache by the time they are
//! used. Small frames are read several at a time, so that the threads wait for each other less
//! often.
//!
//! An input may stall: a pipe whose writer has stopped, a network file system. An [`Interrupt`] ends
//! the wait; the thread remains until the input goes on, or the process ends.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame, memory};

use crate::{Error, Frames, ReadPlan, Result, StreamInfo};

/// The number of bytes read ahead, if that is more than a frame.
const BYTES_AHEAD: usize = 4 << 20;

/// The greatest number of frames read ahead.
const MAX_FRAMES_AHEAD: usize = 8;

/// The interval at which a reader that waits for a frame looks at its interrupt.
const INTERVAL: Duration = Duration::from_millis(50);

/// The condition under which readers give up waiting for a frame. By default they never do.
#[derive(Clone, Default)]
pub struct Interrupt(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Interrupt {
    /// Creates an interrupt that is set once `is_set` returns true.
    #[must_use]
    pub fn new(is_set: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(is_set)))
    }

    fn is_set(&self) -> bool {
        self.0.as_ref().is_some_and(|is_set| is_set())
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interrupt").field(&self.is_set()).finish()
    }
}

/// Reads `frames`, which come as `plan` specifies, on another thread, a few frames ahead of the
/// caller, or one if frames are large. Frames of lower bit depth than the plan's are promoted,
/// whatever their source.
///
/// Otherwise frames and errors come as they would without the thread, and
/// [`Error::Interrupted`] if `interrupt` is set while the caller waits for a frame. Dropping the
/// result ends the thread once it has read its current frame.
///
/// # Panics
/// Panics if the system can't start a thread.
#[must_use]
pub fn read_ahead(
    frames: Box<dyn Frames>,
    plan: &ReadPlan,
    interrupt: &Interrupt,
) -> Box<dyn Frames> {
    start(frames, plan, None, interrupt)
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
    interrupt: &Interrupt,
) -> Box<dyn Frames> {
    start(frames, plan, Some(wanted.into_iter()), interrupt)
}

fn start(
    frames: Box<dyn Frames>,
    plan: &ReadPlan,
    wanted: Option<std::vec::IntoIter<u64>>,
    interrupt: &Interrupt,
) -> Box<dyn Frames> {
    let info = frames.info().clone();
    let bit_depth = plan.bit_depth.unwrap_or(info.format.bit_depth());
    // The thread holds one more frame while it waits for space in the channel.
    let (sender, receiver) = sync_channel(frames_ahead(&info.format, bit_depth) - 1);
    let recycler = Recycler::default();
    let read_thread = ReadThread { frames, wanted, next: 0, bit_depth, recycler, sender };
    let spawned = thread::Builder::new().spawn(move || read_thread.run());
    let failure = spawned.err().map(|source| Error::Io { path: info.path.clone(), source });
    let interrupt = interrupt.clone();
    Box::new(ReadAhead { info, receiver, interrupt, read: 0, failure, has_ended: false })
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
    interrupt: Interrupt,
    read: u64,
    /// The reason why the thread could not be started.
    failure: Option<Error>,
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
            let result = memory::catch(|| {
                self.next_frame().map(|frame| frame.map(|frame| self.promoted(frame)))
            });
            let result = result.unwrap_or_else(|refused| {
                let path = &self.frames.info().path;
                Err(Error::frame(path, self.next.saturating_sub(1), refused.to_string()))
            });
            let has_ended = !matches!(result, Ok(Some(_)));
            if self.sender.send(result).is_err() || has_ended {
                return;
            }
        }
    }

    fn next_frame(&mut self) -> Result<Option<Frame>> {
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
        if let Some(failure) = self.failure.take() {
            self.has_ended = true;
            return Err(failure);
        }
        if self.has_ended {
            return Ok(None);
        }
        let result = loop {
            match self.receiver.recv_timeout(INTERVAL) {
                Ok(result) => break result,
                Err(RecvTimeoutError::Timeout) if self.interrupt.is_set() => {
                    return Err(Error::Interrupted { path: self.info.path.clone() });
                }
                Err(RecvTimeoutError::Timeout) => {}
                // The thread always sends a last result; it is missing only if the reader panicked.
                Err(RecvTimeoutError::Disconnected) => {
                    let reason = "the thread that reads it panicked";
                    break Err(Error::frame(&self.info.path, self.read, reason));
                }
            }
        };
        match &result {
            Ok(Some(_)) => self.read += 1,
            _ => self.has_ended = true,
        }
        result
    }
}
