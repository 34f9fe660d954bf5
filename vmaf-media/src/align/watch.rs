//! Takes the signature of each frame as it is read.

use std::sync::mpsc::{Receiver, Sender, channel};

use vmaf_core::Frame;

use super::Signature;
use crate::conform::black_edges_of;
use crate::{Frames, Result, StreamInfo};

/// The number of frames at the beginning whose edges are examined, and their distance.
const LOOKED_AT: u64 = 240;
const APART: u64 = 6;

/// Observations of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Its signature.
    pub signature: Signature,
    /// Its timestamp in seconds, if the file itself states it.
    pub time: Option<f64>,
    /// The numbers of black rows and columns at its edges: top, bottom, left, right. `None` if it
    /// is entirely black, or was not examined.
    pub black: Option<[usize; 4]>,
}

/// Observations of a video's frames, as they are read.
#[derive(Debug)]
pub struct Sights(Receiver<Sight>);

impl Iterator for Sights {
    type Item = Sight;

    /// Waits until the next frame is read, and returns its observations; `None` once the source is
    /// dropped.
    fn next(&mut self) -> Option<Sight> {
        self.0.recv().ok()
    }
}

/// Returns `frames` unchanged, and the observations of each.
#[must_use]
pub fn watch(frames: Box<dyn Frames>) -> (Box<dyn Frames>, Sights) {
    let (sender, receiver) = channel();
    (Box::new(WatchedFrames { frames, sender, read: 0 }), Sights(receiver))
}

struct WatchedFrames {
    frames: Box<dyn Frames>,
    sender: Sender<Sight>,
    read: u64,
}

impl Frames for WatchedFrames {
    fn info(&self) -> &StreamInfo {
        self.frames.info()
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let frame = self.frames.read()?;
        if let Some(frame) = &frame {
            let looks = self.read < LOOKED_AT && self.read.is_multiple_of(APART);
            let sight = Sight {
                signature: Signature::of(frame),
                time: frame.time.filter(|_| self.frames.info().has_times),
                black: if looks { black_edges_of(frame) } else { None },
            };
            self.read += 1;
            // Frames are still read if the receiver is gone.
            let _ = self.sender.send(sight);
        }
        Ok(frame)
    }
}
