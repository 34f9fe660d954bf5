//! Reads ahead on a thread of its own, so that decoding goes on while frames are scored.
//!
//! A bounded channel lies between the two: the thread waits when it is full, which bounds memory,
//! and ends at its next frame when the receiving side is dropped.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use vmaf_core::Frame;

use crate::{Error, Result, Source, StreamInfo};

/// A source that reads `source` on another thread, up to `frames` frames ahead (at least 1).
///
/// Frames and errors come as they would from `source` itself. Dropping the result ends the thread
/// when it has read the frame that it is at.
///
/// # Panics
/// Where the system can't start a thread.
#[must_use]
pub fn read_ahead(source: Box<dyn Source>, frames: usize) -> Box<dyn Source> {
    let info = source.info().clone();
    let (sender, receiver) = sync_channel(frames.max(1));
    thread::spawn(move || pump(source, &sender));
    Box::new(ReadAhead { info, receiver, read: 0, over: false })
}

struct ReadAhead {
    info: StreamInfo,
    receiver: Receiver<Result<Option<Frame>>>,
    read: u64,
    over: bool,
}

fn pump(mut source: Box<dyn Source>, sender: &SyncSender<Result<Option<Frame>>>) {
    loop {
        let result = source.read();
        let over = !matches!(result, Ok(Some(_)));
        if sender.send(result).is_err() || over {
            return;
        }
    }
}

impl Source for ReadAhead {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        if self.over {
            return Ok(None);
        }
        // The thread always sends its last word; it is missing only if the reader panicked.
        let result = self.receiver.recv().unwrap_or_else(|_| {
            Err(Error::frame(&self.info.path, self.read, "its reader stopped without a word"))
        });
        match &result {
            Ok(Some(_)) => self.read += 1,
            _ => self.over = true,
        }
        result
    }
}
