//! Scaling of frames, and of the RGB that they were converted from.
//!
//! RGB is scaled plane by plane in its own values, as samples of Y'CbCr are: libswscale is told that
//! green, blue and red are luma and chroma of one size, since it scales RGB by way of Y'CbCr.

use std::collections::VecDeque;
use std::sync::Arc;

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame, Rational};

use super::options::Scaler;
use super::scale::Scale;
use crate::Result;
use crate::ffmpeg::PictureScaler;

/// Scales frames of one format to another. They are given and taken in turns, and come back in
/// order, as from [`PictureScaler`].
pub(super) struct FrameScaler {
    path: String,
    to: Format,
    filter: Scaler,
    samples: PictureScaler,
    /// Made for the first frame that has RGB.
    rgb: Option<PictureScaler>,
    /// The frames that were given and not yet taken.
    in_flight: VecDeque<FrameFacts>,
    /// The next frame, if its RGB is still awaited.
    scaled: Option<Frame>,
    recycler: Recycler,
}

/// Facts about a frame that scaling keeps.
struct FrameFacts {
    time: Option<f64>,
    frame_rate: Option<Rational>,
    has_rgb: bool,
}

impl FrameScaler {
    /// Creates a scaler for the video at `path`.
    ///
    /// # Errors
    /// As [`PictureScaler::new`].
    pub(super) fn new(path: &str, scale: &Scale) -> Result<Self> {
        let Scale { from, to, scaler: filter } = *scale;
        Ok(Self {
            path: path.to_owned(),
            to,
            filter,
            samples: PictureScaler::new(path, [from, to], filter)?,
            rgb: None,
            in_flight: VecDeque::new(),
            scaled: None,
            recycler: Recycler::default(),
        })
    }

    /// Gives the next frame, in the source format.
    ///
    /// # Errors
    /// As [`PictureScaler::new`], for RGB.
    pub(super) fn send(&mut self, frame: &Frame) -> Result<()> {
        if let Some(rgb) = &frame.rgb {
            let scaler = match &mut self.rgb {
                Some(scaler) => scaler,
                none => {
                    let formats = [*rgb.format(), rgb.format().with_size_of(&self.to)];
                    none.insert(PictureScaler::new(&self.path, formats, self.filter)?)
                }
            };
            scaler.send(rgb);
        }
        self.samples.send(frame);
        let Frame { time, frame_rate, .. } = *frame;
        self.in_flight.push_back(FrameFacts { time, frame_rate, has_rgb: frame.rgb.is_some() });
        Ok(())
    }

    /// Declares that there are no more frames.
    pub(super) fn end(&mut self) {
        self.samples.end();
        if let Some(rgb) = &mut self.rgb {
            rgb.end();
        }
    }

    /// Returns true if all frames that were given were taken.
    pub(super) fn is_empty(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Takes the next scaled frame, in the target format. If there is none, more frames are needed
    /// or, after the end, all were taken. The error is the reason why the scaler stopped.
    pub(super) fn receive(&mut self) -> Result<Option<Frame>, String> {
        let Some(facts) = self.in_flight.front() else { return Ok(None) };
        let mut scaled = match self.scaled.take() {
            Some(scaled) => scaled,
            None => {
                let mut scaled = self.recycler.frame(self.to);
                if !self.samples.receive(&mut scaled)? {
                    return Ok(None);
                }
                scaled
            }
        };
        if let Some(scaler) = self.rgb.as_mut().filter(|_| facts.has_rgb) {
            let mut rgb = self.recycler.frame(crate::rgb::unconverted_format(&self.to));
            if !scaler.receive(&mut rgb)? {
                self.scaled = Some(scaled);
                return Ok(None);
            }
            scaled.rgb = Some(Arc::new(rgb));
        }
        (scaled.time, scaled.frame_rate) = (facts.time, facts.frame_rate);
        self.in_flight.pop_front();
        Ok(Some(scaled))
    }
}
