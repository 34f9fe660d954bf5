//! A source whose frames come conformed.

use std::collections::VecDeque;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Rational, Sample};

use super::range::RangeTables;
use super::scale::Scale;
use super::{Plan, ROUNDED, Rect, score_at, size_of};
use crate::ffmpeg::PictureScaler;
use crate::message::Message;
use crate::setting::Setting;
use crate::{Error, FrameIndex, Result, Source, StreamInfo};

/// A frame of the source.
enum Next {
    /// Of the size that the plan was made for, cropped.
    AsPlanned(Frame),
    /// Of another size, scaled.
    Resized(Frame),
}

impl Next {
    fn into_frame(self) -> Frame {
        match self {
            Self::AsPlanned(frame) | Self::Resized(frame) => frame,
        }
    }
}

pub(super) struct Conformed {
    source: Box<dyn Source>,
    info: StreamInfo,
    plan: Plan,
    /// Made for what is looked at, luma alone or all of it.
    scaler: Option<PictureScaler>,
    /// Scales frames of another size than the first.
    resizer: Option<(Scale, PictureScaler)>,
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
    pub(super) fn new(mut source: Box<dyn Source>, plan: Plan) -> Result<Self> {
        if plan.resizing.is_some() {
            source.allow_sizes();
        }
        let mut info = source.info().clone();
        info.format = plan.format;
        if let Some([_, to]) = plan.range {
            info.range = Some(to);
        }
        let tables = plan.range.map(|ranges| RangeTables::new(ranges, plan.format.bit_depth()));
        // Where chroma is left out luma stays what it is: libswscale takes grey pictures for ones of
        // full range, and would convert it.
        let looked_at =
            if plan.format.chroma() == Chroma::Mono { Chroma::Mono } else { plan.from.chroma() };
        let mut conformed = Self {
            source,
            info,
            plan,
            scaler: None,
            resizer: None,
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
        copy_part(&frame, crop, &self.recycler)
    }

    /// The next frame of the source, cropped.
    fn next(&mut self) -> Result<Option<Next>> {
        let Some(frame) = self.source.read()? else { return Ok(None) };
        if frame.format().size() == self.plan.from.size() {
            return Ok(Some(Next::AsPlanned(self.cropped(frame))));
        }
        self.resized(frame).map(|frame| Some(Next::Resized(frame)))
    }

    /// A frame of another size than the first, scaled.
    fn resized(&mut self, mut frame: Frame) -> Result<Frame> {
        if self.looked_at == Chroma::Mono {
            frame.keep_luma();
        }
        // Frames are scaled at their own bit depth.
        if frame.format().bit_depth() > self.plan.from.bit_depth() {
            frame = demoted(&frame, &self.plan.from, &self.recycler);
        }
        let from = *frame.format();
        let plan = &self.plan;
        let wanted = plan.format;
        let chroma = if self.looked_at == Chroma::Mono { Chroma::Mono } else { wanted.chroma() };
        let to = wanted.with_chroma(chroma).with_bit_depth_of(&from);
        let fail = |reason: Message| {
            let goes_on = Message::from(format!("the video goes on in {} ", size_of(&from)));
            Err(Error::frame(&self.info.path, self.read, goes_on.then(reason)))
        };
        let Some(resizing) = plan.resizing else {
            return fail(format!("after frames of {}", size_of(&plan.from)).into());
        };
        if plan.crop.is_some() {
            let before = size_of(&plan.from);
            return fail(
                Message::from(format!("after frames of {before}, of which a part is scored: "))
                    .remedy(Setting::NoCrop),
            );
        }
        let shape = |format: &Format| f64::from(format.width()) / f64::from(format.height());
        if (shape(&from) / shape(&plan.from) - 1.0).abs() > ROUNDED {
            return fail(format!("after frames of {}, another shape", size_of(&plan.from)).into());
        }
        if (from.width() > to.width() || from.height() > to.height()) && !resizing.may_shrink {
            return fail(
                Message::from(format!("beside {} of the reference: ", size_of(&to)))
                    .remedy(score_at(&to))
                    .text(" scales it down"),
            );
        }
        if from == to {
            return Ok(frame);
        }
        let scale = Scale { from, to, scaler: resizing.scaler };
        let mut scaler = match self.resizer.take() {
            Some((made_for, scaler)) if made_for == scale => scaler,
            _ => PictureScaler::new(&self.info.path, [from, to], scale.scaler)?,
        };
        let mut scaled = self.recycler.frame(to);
        scaler.give(&frame);
        let taken = scaler.take(&mut scaled);
        let bad_frame = |reason: String| Error::frame(&self.info.path, self.read, reason);
        if !taken.map_err(bad_frame)? {
            // Frames of several sizes come from FFmpeg's libraries alone, which scale them at once.
            return Err(bad_frame("FFmpeg's libraries are needed to scale it".to_owned()));
        }
        self.resizer = Some((scale, scaler));
        (scaled.time, scaled.frame_rate) = (frame.time, frame.frame_rate);
        Ok(scaled)
    }

    /// The next frame, scaled by `scaler`.
    fn next_scaled(&mut self, scaler: &mut PictureScaler) -> Result<Option<Frame>> {
        let chroma =
            if self.looked_at == Chroma::Mono { Chroma::Mono } else { self.plan.format.chroma() };
        let mut scaled = self.recycler.frame(self.plan.format.with_chroma(chroma));
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
                Ok(Some(Next::Resized(frame))) => return Ok(Some(frame)),
                Ok(Some(Next::AsPlanned(frame))) => {
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
        if self.looked_at == Chroma::Mono && frame.format().chroma() != self.plan.format.chroma() {
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
        // Frames are scaled, and converted, at their own bit depth.
        let is_changed = self.plan.scale.is_some() || self.plan.range.is_some();
        let own = if is_changed { format.with_bit_depth_of(&self.plan.from) } else { *format };
        self.source.look_at(&own);
        self.looked_at = format.chroma();
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
            None => self.next().map(|next| next.map(Next::into_frame)),
        }?;
        self.read += u64::from(frame.is_some());
        Ok(frame.map(|frame| self.finished(frame)))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let mut passed = 0;
        // Frames that the scaler holds come first.
        while passed < count && (!self.given.is_empty() || self.end.is_some()) {
            if self.read()?.is_none() {
                return Ok(passed);
            }
            passed += 1;
        }
        let skipped = self.source.skip(count - passed)?;
        self.read += skipped;
        Ok(passed + skipped)
    }

    fn revisit(&mut self, index: &FrameIndex) {
        self.source.revisit(index);
    }
}

/// A frame of 8 bits that was promoted, with the bits that it had: those of `from`.
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
    plain
}

/// What of `frame` is within `part`, a rectangle of luma that begins with a sample of chroma.
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
