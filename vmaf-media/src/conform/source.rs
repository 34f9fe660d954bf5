//! A source whose frames come conformed.

use std::collections::VecDeque;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Rational, Sample};

use super::range::RangeTables;
use super::{Plan, Rect};
use crate::ffmpeg::PictureScaler;
use crate::{Error, Result, Source, StreamInfo};

pub(super) struct Conformed {
    source: Box<dyn Source>,
    info: StreamInfo,
    plan: Plan,
    /// Made for what is looked at, luma alone or all of it.
    scaler: Option<PictureScaler>,
    tables: Option<RangeTables>,
    looked_at: Chroma,
    recycler: Recycler,
    /// How many frames were read.
    read: u64,
    /// The times and rates of frames that were given to the scaler and are yet to come back, and how
    /// the source ended.
    given: VecDeque<(Option<f64>, Option<Rational>)>,
    end: Option<Result<()>>,
}

impl Conformed {
    pub(super) fn new(source: Box<dyn Source>, plan: Plan) -> Result<Self> {
        let mut info = source.info().clone();
        info.format = plan.format;
        if let Some([_, to]) = plan.range {
            info.range = Some(to);
        }
        let tables = plan.range.map(|ranges| RangeTables::new(ranges, plan.format.bit_depth));
        let looked_at = plan.from.chroma;
        let mut conformed = Self {
            source,
            info,
            plan,
            scaler: None,
            tables,
            looked_at,
            recycler: Recycler::default(),
            read: 0,
            given: VecDeque::new(),
            end: None,
        };
        conformed.scaler = conformed.new_scaler()?;
        Ok(conformed)
    }

    /// A scaler for what is looked at, if it has anything to do.
    fn new_scaler(&self) -> Result<Option<PictureScaler>> {
        let Some(scale) = &self.plan.scale else { return Ok(None) };
        let luma = scale.of_luma();
        let scale = if self.looked_at == Chroma::Mono { &luma } else { scale };
        if !scale.is_any() {
            return Ok(None);
        }
        PictureScaler::new(&self.info.path, [scale.from, scale.to], scale.scaler).map(Some)
    }

    /// What is left of the frame where a crop is asked for.
    fn cropped(&self, frame: Frame) -> Frame {
        let Some(crop) = self.plan.crop else { return frame };
        let format = Format { width: crop.width, height: crop.height, ..*frame.format() };
        let mut cropped = self.recycler.frame(format);
        if format.bit_depth == 8 {
            copy_part::<u8>(&frame, crop, &mut cropped);
        } else {
            copy_part::<u16>(&frame, crop, &mut cropped);
        }
        (cropped.time, cropped.frame_rate) = (frame.time, frame.frame_rate);
        cropped
    }

    /// The next frame of the source, cropped.
    fn next(&mut self) -> Result<Option<Frame>> {
        let frame = self.source.read()?;
        Ok(frame.map(|frame| self.cropped(frame)))
    }

    /// The next frame, scaled by `scaler`.
    fn next_scaled(&mut self, scaler: &mut PictureScaler) -> Result<Option<Frame>> {
        let chroma =
            if self.looked_at == Chroma::Mono { Chroma::Mono } else { self.plan.format.chroma };
        let mut scaled = self.recycler.frame(Format { chroma, ..self.plan.format });
        loop {
            let taken = scaler.take(&mut scaled);
            if taken.map_err(|reason| Error::frame(&self.info.path, self.read, reason))? {
                (scaled.time, scaled.frame_rate) = self.given.pop_front().unwrap_or_default();
                return Ok(Some(scaled));
            }
            if let Some(end) = self.end.take() {
                return end.map(|()| None);
            }
            // What breaks the source comes behind the frames before it.
            match self.next() {
                Ok(Some(frame)) => {
                    self.given.push_back((frame.time, frame.frame_rate));
                    scaler.give(&frame);
                }
                end => {
                    self.end = Some(end.map(drop));
                    scaler.end();
                }
            }
        }
    }

    /// What is left to do once a frame has its size.
    fn finished(&self, mut frame: Frame) -> Frame {
        // Where luma alone is looked at chroma is not resampled: then it is not the reference's.
        if self.looked_at == Chroma::Mono && frame.format().chroma != self.plan.format.chroma {
            frame.keep_luma();
        }
        if let Some(tables) = &self.tables {
            tables.convert(&mut frame);
        }
        frame.range = self.info.range;
        frame
    }
}

impl Source for Conformed {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn look_at(&mut self, format: &Format) {
        // Frames are scaled at their own bit depth.
        let bit_depth = self.plan.from.bit_depth;
        self.source.look_at(&Format { bit_depth, ..*format });
        self.looked_at = format.chroma;
        // It was made once already, with more to do.
        self.scaler = self.new_scaler().ok().flatten();
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let frame = match self.scaler.take() {
            Some(mut scaler) => {
                let frame = self.next_scaled(&mut scaler);
                self.scaler = Some(scaler);
                frame
            }
            None => self.next(),
        }?;
        self.read += u64::from(frame.is_some());
        Ok(frame.map(|frame| self.finished(frame)))
    }
}

/// Copies what of `frame` is within `part`, a rectangle of luma.
fn copy_part<T: Sample>(frame: &Frame, part: Rect, to: &mut Frame) {
    let (shift_x, shift_y) = frame.format().chroma.shifts();
    for index in 0..frame.format().chroma.planes() {
        let (shift_x, shift_y) = if index == 0 { (0, 0) } else { (shift_x, shift_y) };
        let (left, top) = ((part.x >> shift_x) as usize, (part.y >> shift_y) as usize);
        let (plane, to) = (frame.plane::<T>(index), to.plane_mut::<T>(index));
        for y in 0..to.height() {
            let width = to.width();
            to.row_mut(y).copy_from_slice(&plane.row(top + y)[left..][..width]);
        }
    }
}
