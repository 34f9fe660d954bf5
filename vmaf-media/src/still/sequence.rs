//! Numbered stills that FFmpeg decodes: BMP, GIF, JPEG XL, AVIF. They are opened one after another.

use vmaf_core::Frame;

use super::Pattern;
use crate::raw::DEFAULT_RATE;
use crate::{Error, Frames, OpenOptions, Rational, ReadPlan, Result, Source, StreamInfo, ffmpeg};

/// The stills that a pattern names.
pub(crate) struct Sequence {
    info: StreamInfo,
    pattern: Pattern,
    options: OpenOptions,
    rate: Rational,
    /// The first still, opened to know its format.
    first: Option<Box<dyn Source>>,
    /// The plan by which each of them is read.
    plan: ReadPlan,
    next: u64,
}

impl Sequence {
    pub(super) fn new(
        path: &str,
        pattern: Pattern,
        count: u64,
        options: &OpenOptions,
    ) -> Result<Self> {
        let rate = options.frame_rate.unwrap_or(DEFAULT_RATE);
        let first = ffmpeg::open(&pattern.file(0), options)?;
        let info = StreamInfo {
            path: path.to_owned(),
            frame_rate: Some(rate),
            frames: Some(count),
            has_times: false,
            ..first.info().clone()
        };
        let options = options.clone();
        let first = Some(first);
        let plan = ReadPlan::default();
        Ok(Self { info, pattern, options, rate, first, plan, next: 0 })
    }

    /// Returns the only frame of the next still.
    fn frame(&mut self) -> Result<Frame> {
        let file = self.pattern.file(self.next);
        let bad_frame =
            |reason: &str| Error::frame(&self.info.path, self.next, format!("{file} {reason}"));
        let still = match self.first.take() {
            Some(first) => first,
            None => ffmpeg::open(&file, &self.options)?,
        };
        let (own, all) = (still.info(), &self.info);
        if own.format != all.format {
            let reason = format!("is {}; the frames before it are {}", own.format, all.format);
            return Err(bad_frame(&reason));
        }
        let meaning = |info: &StreamInfo| (info.range, info.color.clone(), info.orientation);
        if meaning(own) != meaning(all) {
            return Err(bad_frame("has another range, colour description or orientation"));
        }
        let mut still = still.frames(&self.plan)?;
        let frame = still.read()?.ok_or_else(|| bad_frame("has no picture"))?;
        if still.read()?.is_some() {
            return Err(bad_frame("has several pictures: extract them to numbered stills first"));
        }
        Ok(frame)
    }
}

impl Source for Sequence {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(mut self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        // Each still has a single frame, which is never skipped.
        self.plan = ReadPlan { any_size: false, earlier: None, ..plan.clone() };
        Ok(self)
    }
}

impl Frames for Sequence {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        if self.info.frames.is_none_or(|count| self.next >= count) {
            return Ok(None);
        }
        let mut frame = self.frame()?;
        frame.time = Some(self.rate.time_of(self.next));
        self.next += 1;
        Ok(Some(frame))
    }
}
