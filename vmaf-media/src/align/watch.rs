//! Takes the signature of each frame where it is read.

use std::sync::mpsc::{Receiver, Sender, channel};

use vmaf_core::{Format, Frame};

use super::Signature;
use crate::conform::black_edges_of;
use crate::{Result, Source, StreamInfo};

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

/// A source that gives the frames of `source`, and what was seen of each.
#[must_use]
pub fn watch(source: Box<dyn Source>) -> (Box<dyn Source>, Sights) {
    let (sender, receiver) = channel();
    (Box::new(Watched { source, sender, read: 0 }), Sights(receiver))
}

struct Watched {
    source: Box<dyn Source>,
    sender: Sender<Sight>,
    read: u64,
}

impl Source for Watched {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn look_at(&mut self, format: &Format) {
        self.source.look_at(format);
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let frame = self.source.read()?;
        if let Some(frame) = &frame {
            let looks = self.read < LOOKED_AT && self.read.is_multiple_of(APART);
            let sight = Sight {
                signature: Signature::of(frame),
                time: frame.time.filter(|_| self.source.info().has_times),
                black: if looks { black_edges_of(frame) } else { None },
            };
            self.read += 1;
            // Where nobody looks any more, frames are still read.
            let _ = self.sender.send(sight);
        }
        Ok(frame)
    }
}
