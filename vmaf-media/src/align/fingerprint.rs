//! Takes the signature of each frame as it is read.

use std::sync::mpsc::{Receiver, Sender, channel};

use vmaf_core::Frame;

use super::Signature;
use crate::conform::black_edges_of;
use crate::{Frames, Result, StreamInfo};

/// The number of frames at the beginning whose edges are examined, and their distance.
const EDGE_FRAMES: u64 = 240;
const EDGE_FRAME_STEP: u64 = 6;

/// Observations of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameFingerprint {
    /// Its signature.
    pub signature: Signature,
    /// Its timestamp in seconds, if the file itself states it.
    pub time: Option<f64>,
    /// The numbers of black rows and columns at its edges: top, bottom, left, right. `None` if it
    /// is entirely black, or was not examined.
    pub black_edges: Option<[usize; 4]>,
}

/// Observations of a video's frames, as they are read.
#[derive(Debug)]
pub struct FrameFingerprints(Receiver<FrameFingerprint>);

impl Iterator for FrameFingerprints {
    type Item = FrameFingerprint;

    /// Waits until the next frame is read, and returns its observations; `None` once the source is
    /// dropped.
    fn next(&mut self) -> Option<FrameFingerprint> {
        self.0.recv().ok()
    }
}

/// Returns `frames` unchanged, and the observations of each.
#[must_use]
pub fn with_fingerprints(frames: Box<dyn Frames>) -> (Box<dyn Frames>, FrameFingerprints) {
    let (sender, receiver) = channel();
    (Box::new(FingerprintedFrames { frames, sender, read: 0 }), FrameFingerprints(receiver))
}

struct FingerprintedFrames {
    frames: Box<dyn Frames>,
    sender: Sender<FrameFingerprint>,
    read: u64,
}

impl Frames for FingerprintedFrames {
    fn info(&self) -> &StreamInfo {
        self.frames.info()
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let frame = self.frames.read()?;
        if let Some(frame) = &frame {
            let examine_edges =
                self.read < EDGE_FRAMES && self.read.is_multiple_of(EDGE_FRAME_STEP);
            let fingerprint = FrameFingerprint {
                signature: Signature::from_frame(frame),
                time: frame.time.filter(|_| self.frames.info().has_times),
                black_edges: if examine_edges { black_edges_of(frame) } else { None },
            };
            self.read += 1;
            // Frames are still read if the receiver is gone.
            let _ = self.sender.send(fingerprint);
        }
        Ok(frame)
    }
}
