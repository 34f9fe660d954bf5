//! Takes the signature of each frame where it is read.

use std::sync::mpsc::{Receiver, Sender, channel};

use vmaf_core::Frame;

use super::Signature;
use crate::conform::black_edges_of;
use crate::{Frames, Result, StreamInfo};

/// Of how many frames at the beginning, every how many, the edges are looked at.
const LOOKED_AT: u64 = 240;
const APART: u64 = 6;

/// What was seen of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Its signature.
    pub signature: Signature,
    /// When it is shown, in seconds, if the file itself tells.
    pub time: Option<f64>,
    /// How many rows and columns at its edges are black: above, below, left, right. `None` where
    /// all are, or where that was not looked at.
    pub black: Option<[usize; 4]>,
}

/// What was seen of a video's frames so far.
#[derive(Debug)]
pub struct Sights(Receiver<Sight>);

impl Iterator for Sights {
    type Item = Sight;

    /// What was seen of the next frame, which is waited for until it is read; `None` once the
    /// source is gone.
    fn next(&mut self) -> Option<Sight> {
        self.0.recv().ok()
    }
}

/// Returns `frames` as they are, and what is seen of each.
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
            // Where nobody looks any more, frames are still read.
            let _ = self.sender.send(sight);
        }
        Ok(frame)
    }
}
