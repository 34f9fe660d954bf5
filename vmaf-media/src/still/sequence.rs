//! Numbered stills that FFmpeg decodes: BMP, GIF, JPEG XL, AVIF. One is opened after the other.

use vmaf_core::{Format, Frame};

use super::Pattern;
use crate::raw::DEFAULT_RATE;
use crate::{Error, Matrix, OpenOptions, Rational, Result, Source, StreamInfo, ffmpeg};

/// The stills that a pattern names.
pub(crate) struct Sequence {
    info: StreamInfo,
    pattern: Pattern,
    options: OpenOptions,
    rate: Rational,
    /// The first still, opened to know its format.
    first: Option<Box<dyn Source>>,
    /// What is chosen for all of them.
    matrix: Option<Matrix>,
    looked_at: Option<Format>,
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
        Ok(Self { info, pattern, options, rate, first, matrix: None, looked_at: None, next: 0 })
    }

    /// The only frame of the next still.
    fn frame(&mut self) -> Result<Frame> {
        let file = self.pattern.file(self.next);
        let bad_frame =
            |reason: &str| Error::frame(&self.info.path, self.next, format!("{file} {reason}"));
        let mut still = match self.first.take() {
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
            return Err(bad_frame("says another range, other colours or another orientation"));
        }
        if let Some(matrix) = self.matrix {
            still.convert_with(matrix);
        }
        if let Some(format) = &self.looked_at {
            still.look_at(format);
        }
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

    fn look_at(&mut self, format: &Format) {
        self.looked_at = Some(*format);
    }

    fn convert_with(&mut self, matrix: Matrix) {
        if self.info.rgb {
            self.matrix = Some(matrix);
        }
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
