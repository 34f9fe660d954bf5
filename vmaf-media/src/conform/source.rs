//! A source whose frames come conformed.

use std::sync::Arc;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Sample};

use super::frame_scaler::FrameScaler;
use super::options::ASPECT_TOLERANCE;
use super::plan::{Plan, score_at, size_of};
use super::range::RangeTables;
use super::scale::Scale;
use crate::message::Message;
use crate::rect::Rect;
use crate::setting::Setting;
use crate::{Error, Frames, ReadPlan, Result, Source, StreamInfo};

impl Plan {
    /// Returns `source` with its frames conformed. Reading it fails with [`Error::NotVideo`] if
    /// scaling is needed and neither libswscale nor an `ffmpeg` program is available.
    #[must_use]
    pub fn apply(self, source: Box<dyn Source>) -> Box<dyn Source> {
        if self.is_identity() && self.resizing.is_none() {
            return source;
        }
        Box::new(ConformedSource::new(source, self))
    }
}

/// A frame of the source.
enum SourceFrame {
    /// A frame of the size that the plan was made for, cropped.
    AsPlanned(Frame),
    /// A frame of another size, scaled.
    Resized(Frame),
}

impl SourceFrame {
    fn into_frame(self) -> Frame {
        match self {
            Self::AsPlanned(frame) | Self::Resized(frame) => frame,
        }
    }
}

pub(super) struct ConformedSource {
    source: Box<dyn Source>,
    info: StreamInfo,
    plan: Plan,
}

impl ConformedSource {
    pub(super) fn new(source: Box<dyn Source>, plan: Plan) -> Self {
        let mut info = source.info().clone();
        info.format = plan.format;
        if let Some([_, to]) = plan.range {
            info.range = Some(to);
        }
        Self { source, info, plan }
    }
}

impl Source for ConformedSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(self: Box<Self>, read_plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        let Self { source, info, plan } = *self;
        // Frames are scaled and converted at their own bit depth.
        let is_changed = plan.scale.is_some() || plan.range.is_some();
        let frames = source.frames(&ReadPlan {
            bit_depth: read_plan.bit_depth.filter(|_| !is_changed),
            any_size: plan.resizing.is_some(),
            ..read_plan.clone()
        })?;
        // Luma is scaled as luma even if chroma is left out: libswscale takes grey pictures to be
        // full range, and would convert it.
        let luma_only = read_plan.luma_only || plan.format.chroma() == Chroma::Mono;
        let scale = plan.scale.as_ref();
        let scale =
            scale.map(|scale| if luma_only { scale.luma_only_step() } else { scale.clone() });
        let scaler = match scale.filter(Scale::is_needed) {
            Some(scale) => Some(FrameScaler::new(&info.path, &scale)?),
            None => None,
        };
        let tables = plan.range.map(|ranges| RangeTables::new(ranges, plan.format.bit_depth()));
        Ok(Box::new(ConformedFrames {
            frames,
            info,
            plan,
            scaler,
            resizer: None,
            tables,
            luma_only,
            recycler: Recycler::default(),
            read: 0,
            end: None,
        }))
    }
}

struct ConformedFrames {
    frames: Box<dyn Frames>,
    info: StreamInfo,
    plan: Plan,
    /// Made for the planes that are read: luma only, or all.
    scaler: Option<FrameScaler>,
    /// Scales frames of another size than the first.
    resizer: Option<(Scale, FrameScaler)>,
    tables: Option<RangeTables>,
    luma_only: bool,
    recycler: Recycler,
    /// The number of frames read.
    read: u64,
    /// The result with which the source ended, while the scaler still has frames.
    end: Option<Result<()>>,
}

impl ConformedFrames {
    /// Returns the part of the frame that the crop keeps, if there is a crop.
    fn cropped(&self, frame: Frame) -> Frame {
        let Some(crop) = self.plan.crop else { return frame };
        copy_part(&frame, crop, &self.recycler)
    }

    /// Returns the next frame of the source, cropped.
    fn next(&mut self) -> Result<Option<SourceFrame>> {
        let Some(frame) = self.frames.read()? else { return Ok(None) };
        if frame.format().size() == self.plan.from.size() {
            return Ok(Some(SourceFrame::AsPlanned(self.cropped(frame))));
        }
        self.resized(frame).map(|frame| Some(SourceFrame::Resized(frame)))
    }

    /// Returns a frame of another size than the first, scaled.
    fn resized(&mut self, mut frame: Frame) -> Result<Frame> {
        if self.luma_only {
            frame.keep_luma();
        }
        // Frames are scaled at their own bit depth.
        if frame.format().bit_depth() > self.plan.from.bit_depth() {
            frame = demoted(&frame, &self.plan.from, &self.recycler);
        }
        let from = *frame.format();
        let plan = &self.plan;
        let wanted = plan.format;
        let chroma = if self.luma_only { Chroma::Mono } else { wanted.chroma() };
        let to = wanted.with_chroma(chroma).with_bit_depth_of(&from);
        let fail = |reason: Message| {
            let (before, now) = (size_of(&plan.from), size_of(&from));
            let change = Message::from(format!("the frame size changes from {before} to {now}"));
            Err(Error::frame(&self.info.path, self.read, change.then(reason)))
        };
        let Some(resizing) = plan.resizing else { return fail(Message::default()) };
        if plan.crop.is_some() {
            return fail(
                Message::from(", to which the crop does not apply: ").remedy(Setting::NoCrop),
            );
        }
        let shape = |format: &Format| f64::from(format.width()) / f64::from(format.height());
        if (shape(&from) / shape(&plan.from) - 1.0).abs() > ASPECT_TOLERANCE {
            return fail(", which has another aspect ratio".into());
        }
        if (from.width() > to.width() || from.height() > to.height()) && !resizing.may_shrink {
            return fail(
                Message::from(format!(", larger than the reference's {}: pass ", size_of(&to)))
                    .remedy(score_at(&to))
                    .text(" to scale it down"),
            );
        }
        if from == to {
            return Ok(frame);
        }
        let scale = Scale { from, to, scaler: resizing.scaler };
        let mut scaler = match self.resizer.take() {
            Some((made_for, scaler)) if made_for == scale => scaler,
            _ => FrameScaler::new(&self.info.path, &scale)?,
        };
        scaler.send(&frame)?;
        let received = scaler.receive();
        let bad_frame = |reason: String| Error::frame(&self.info.path, self.read, reason);
        // Only FFmpeg's libraries return frames of several sizes, and they scale them at once.
        let scaled = received.map_err(bad_frame)?.ok_or_else(|| {
            bad_frame("its size changes, which only FFmpeg's libraries can scale".into())
        })?;
        self.resizer = Some((scale, scaler));
        Ok(scaled)
    }

    /// Returns the next frame, scaled by `scaler`.
    fn next_scaled(&mut self, scaler: &mut FrameScaler) -> Result<Option<Frame>> {
        loop {
            let received = scaler.receive();
            let received =
                received.map_err(|reason| Error::frame(&self.info.path, self.read, reason))?;
            if received.is_some() {
                return Ok(received);
            }
            if let Some(end) = self.end.take() {
                return end.map(|()| None);
            }
            // An error of the source is reported after the frames before it.
            match self.next() {
                Ok(Some(SourceFrame::Resized(frame))) => return Ok(Some(frame)),
                Ok(Some(SourceFrame::AsPlanned(frame))) => scaler.send(&frame)?,
                end => {
                    self.end = Some(end.map(drop));
                    scaler.end();
                }
            }
        }
    }

    /// Completes a frame that has its final size: leaves out chroma, converts the range.
    fn finish_frame(&self, mut frame: Frame) -> Frame {
        // If only luma is read, chroma is not resampled, so it may differ from the reference's.
        if self.luma_only && frame.format().chroma() != self.plan.format.chroma() {
            frame.keep_luma();
        }
        if let Some(tables) = &self.tables {
            tables.convert(&mut frame);
        }
        frame.range = self.info.range;
        frame
    }
}

impl Frames for ConformedFrames {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let frame = match self.scaler.take() {
            Some(mut scaler) => {
                let frame = self.next_scaled(&mut scaler);
                self.scaler = Some(scaler);
                frame
            }
            None => self.next().map(|next| next.map(SourceFrame::into_frame)),
        }?;
        self.read += u64::from(frame.is_some());
        Ok(frame.map(|frame| self.finish_frame(frame)))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let mut passed = 0;
        // Frames that the scaler holds come first.
        let is_scaling = |scaler: &FrameScaler| !scaler.is_empty();
        while passed < count && (self.scaler.as_ref().is_some_and(is_scaling) || self.end.is_some())
        {
            if self.read()?.is_none() {
                return Ok(passed);
            }
            passed += 1;
        }
        let skipped = self.frames.skip(count - passed)?;
        self.read += skipped;
        Ok(passed + skipped)
    }
}

/// Returns a promoted frame at its original 8 bits, the bit depth of `from`.
fn demoted(frame: &Frame, from: &Format, recycler: &Recycler) -> Frame {
    let shift = frame.format().bit_depth() - from.bit_depth();
    let mut plain = recycler.frame(frame.format().with_bit_depth_of(from));
    for index in 0..frame.format().chroma().planes() {
        let (promoted, plain) = (frame.plane::<u16>(index), plain.plane_mut::<u8>(index));
        for (y, row) in promoted.rows().enumerate() {
            for (to, sample) in plain.row_mut(y).iter_mut().zip(row) {
                *to = (sample >> shift) as u8;
            }
        }
    }
    (plain.time, plain.frame_rate, plain.range) = (frame.time, frame.frame_rate, frame.range);
    plain.rgb.clone_from(&frame.rgb);
    plain
}

/// Copies the `part` of `frame`, a rectangle of luma whose origin lies on a chroma sample.
pub(crate) fn copy_part(frame: &Frame, part: Rect, recycler: &Recycler) -> Frame {
    let format = frame.format().with_size(part.width, part.height);
    let format = format.expect("a part of a frame is a frame");
    let mut copy = recycler.frame(format);
    if format.bit_depth() == 8 {
        copy_planes::<u8>(frame, part, &mut copy);
    } else {
        copy_planes::<u16>(frame, part, &mut copy);
    }
    (copy.time, copy.frame_rate, copy.range) = (frame.time, frame.frame_rate, frame.range);
    let rgb = frame.rgb.as_deref();
    copy.rgb = rgb.map(|rgb| Arc::new(copy_part(rgb, part, recycler)));
    copy
}

fn copy_planes<T: Sample>(frame: &Frame, part: Rect, to: &mut Frame) {
    let (shift_x, shift_y) = frame.format().chroma().shifts();
    for index in 0..frame.format().chroma().planes() {
        let (shift_x, shift_y) = if index == 0 { (0, 0) } else { (shift_x, shift_y) };
        let (left, top) = ((part.x >> shift_x) as usize, (part.y >> shift_y) as usize);
        let (plane, to) = (frame.plane::<T>(index), to.plane_mut::<T>(index));
        for y in 0..to.height() {
            let width = to.width();
            to.row_mut(y).copy_from_slice(&plane.row(top + y)[left..][..width]);
        }
    }
}
