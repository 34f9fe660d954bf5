//! Raw planar YUV: frames and nothing else, as FFmpeg's `rawvideo` writes them.
//!
//! The file does not tell its layout; [`RawVideo`] does. A wrong one shows in two ways, and both
//! are errors that say so: the file ends in the middle of a frame, or samples exceed the bit depth.

use std::io::BufReader;

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame};

use crate::input::{Bytes, Input};
use crate::planar::{BUFFER, Layout, Missing};
use crate::{Error, OpenOptions, Rational, RawVideo, Result, Source, StreamInfo};

/// The frame rate of video that has none.
pub(crate) const DEFAULT_RATE: Rational = Rational { num: 25, den: 1 };

/// Reads raw video.
pub(crate) struct RawSource {
    info: StreamInfo,
    layout: Layout,
    reader: BufReader<Bytes>,
    recycler: Recycler,
    next: u64,
    rate: Rational,
}

impl RawSource {
    pub(crate) fn new(input: Input, raw: RawVideo, options: &OpenOptions) -> Result<Self> {
        let Input { path, reader, size, .. } = input;
        let RawVideo { width, height, chroma, bit_depth } = raw;
        let format = Format::new(width, height, chroma, bit_depth)
            .map_err(|error| Error::not_video(&path, error.to_string()))?;
        let layout = Layout::new(format, false).ok_or_else(|| {
            Error::not_video(&path, format!("a frame of {format} does not fit in memory"))
        })?;
        let rate = options.frame_rate.unwrap_or(DEFAULT_RATE);
        let info = StreamInfo {
            frame_rate: Some(rate),
            frames: size.map(|size| size / layout.bytes() as u64),
            has_times: false,
            ..StreamInfo::new(&path, format, "rawvideo")
        };
        let reader = BufReader::with_capacity(BUFFER, reader);
        Ok(Self { info, layout, reader, recycler: Recycler::default(), next: 0, rate })
    }
}

impl Source for RawSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn look_at(&mut self, format: &Format) {
        self.layout.look_at(format);
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let path = &self.info.path;
        let mut frame = match self.layout.read(&mut self.reader, &self.recycler) {
            Ok(frame) => frame,
            Err(Missing::All) => return Ok(None),
            Err(Missing::Io(source)) => return Err(Error::io(path, source)),
            Err(Missing::Bad(reason)) => return Err(Error::frame(path, self.next, reason)),
            Err(Missing::From(bytes)) => {
                let reason = format!(
                    "the file ends in the middle of it, after {bytes} of {} bytes: is it really \
                     {}?",
                    self.layout.bytes(),
                    self.info.format
                );
                return Err(Error::frame(path, self.next, reason));
            }
        };
        frame.time = Some(self.rate.time_of(self.next));
        self.next += 1;
        Ok(Some(frame))
    }
}
