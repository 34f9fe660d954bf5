//! Raw planar YUV: frames and nothing else, as FFmpeg's `rawvideo` writes them.
//!
//! The file doesn't state its layout; [`RawVideo`] does. A wrong layout shows in three ways, each
//! reported as an error: the file ends in the middle of a frame, samples exceed the bit depth, or
//! supposed 8-bit samples are halves of 16-bit ones, so that every second byte is close to zero.

use std::io::BufReader;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Plane, Sample};

use crate::input::{Input, InputBytes};
use crate::message::Message;
use crate::planar::{BUFFER, Layout, ReadFailure};
use crate::setting::Setting;
use crate::{Error, Frames, OpenOptions, Rational, RawVideo, ReadPlan, Result, Source, StreamInfo};

/// The frame rate of video that doesn't state one.
pub(crate) const DEFAULT_RATE: Rational = Rational { num: 25, den: 1 };

/// Reads raw video.
pub(crate) struct RawSource {
    info: StreamInfo,
    layout: Layout,
    reader: BufReader<InputBytes>,
    recycler: Recycler,
    next: u64,
    rate: Rational,
    /// Statistics of the bytes, as long as they may be halves of 16-bit samples.
    byte_statistics: Option<ByteStatistics>,
}

/// The greatest high byte considered: that of 12-bit samples.
const MAX_HIGH_BYTE: u8 = 15;

/// The number of distinct greater values that the other bytes must have, and the least share of
/// those bytes that have one. No real picture has so many samples with only black neighbours.
const MIN_DISTINCT_VALUES: usize = 12;
const MIN_SHARE: f64 = 0.1;

/// Statistics of the bytes at even and at odd positions, one of which would hold the low and the
/// other the high bytes of 16-bit samples.
#[derive(Debug, Clone)]
struct ByteStatistics {
    /// The number of times each value occurred.
    counts: [[u64; 256]; 2],
}

impl Default for ByteStatistics {
    fn default() -> Self {
        Self { counts: [[0; 256]; 2] }
    }
}

impl ByteStatistics {
    /// Counts the luma bytes of a frame whose first byte has the parity of `first`. Returns true if
    /// bytes may still be halves of samples.
    fn add_frame(&mut self, frame: &Frame, first: usize) -> bool {
        match frame.format().bit_depth() {
            8 => self.add_plane(frame.plane::<u8>(0), first, 0),
            promoted => self.add_plane(frame.plane::<u16>(0), first, promoted - 8),
        }
    }

    fn add_plane<T: Sample>(&mut self, plane: &Plane<T>, first: usize, shift: u8) -> bool {
        for (y, row) in plane.rows().enumerate() {
            for (x, sample) in row.iter().enumerate() {
                let byte = (Into::<u32>::into(*sample) >> shift) as u8;
                let half = (first + y * plane.width() + x) % 2;
                self.counts[half][usize::from(byte)] += 1;
            }
            if (0..2).all(|half| self.counts_above_high(half).any(|count| count > 0)) {
                return false;
            }
        }
        true
    }

    /// Returns the counts of the values that no high byte has.
    fn counts_above_high(&self, half: usize) -> impl Iterator<Item = u64> {
        self.counts[half].iter().skip(usize::from(MAX_HIGH_BYTE) + 1).copied()
    }

    /// Returns the reason why samples of `chroma` can't be single bytes, if they can't.
    fn problem(&self, chroma: Chroma) -> Option<Message> {
        let is_low = |half: usize| {
            let all: u64 = self.counts[half].iter().sum();
            let enough = self.counts_above_high(half).filter(|count| *count > 0).count()
                >= MIN_DISTINCT_VALUES;
            enough && self.counts_above_high(half).sum::<u64>() as f64 >= MIN_SHARE * all as f64
        };
        let is_high = |half: usize| self.counts_above_high(half).all(|count| count == 0);
        let high = (0..2).find(|&high| is_high(high) && is_low(1 - high))?;
        let greatest = self.counts[high].iter().rposition(|count| *count > 0)?;
        let bits = if greatest <= 3 { 10 } else { 12 };
        let name = match chroma {
            Chroma::Mono => "gray",
            Chroma::Yuv420 => "yuv420p",
            Chroma::Yuv422 => "yuv422p",
            Chroma::Yuv444 => "yuv444p",
        };
        let message = Message::from(format!(
            "every second byte is at most {greatest}, as if samples had {bits} bits in two bytes \
             each"
        ));
        let name = format!("{name}{bits}le");
        Some(if high == 1 {
            message.text(": pass ").remedy(Setting::PixelFormat { name, bit_depth: bits })
        } else {
            message
                .text(format!(", high byte first: convert them to {name} (ffmpeg -pix_fmt {name})"))
        })
    }
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
        let byte_statistics = (bit_depth == 8).then(ByteStatistics::default);
        Ok(Self {
            info,
            layout,
            reader,
            recycler: Recycler::default(),
            next: 0,
            rate,
            byte_statistics,
        })
    }

    /// Returns the result of reading or skipping a frame; `None` at the end of the file.
    fn unless_ended<T>(&self, result: Result<T, ReadFailure>) -> Result<Option<T>> {
        let path = &self.info.path;
        match result {
            Ok(value) => Ok(Some(value)),
            Err(ReadFailure::End) => Ok(None),
            Err(ReadFailure::Io(source)) => Err(Error::io(path, source)),
            Err(ReadFailure::Invalid(reason)) => Err(Error::frame(path, self.next, reason)),
            Err(ReadFailure::Truncated(bytes)) => {
                let reason = format!(
                    "the file ends in the middle of it, after {bytes} of {} bytes: is it really \
                     {}?",
                    self.layout.bytes(),
                    self.info.format
                );
                Err(Error::frame(path, self.next, reason))
            }
        }
    }
}

impl Source for RawSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(mut self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        self.layout.plan(plan);
        Ok(self)
    }
}

impl Frames for RawSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let read = self.layout.read(&mut self.reader, &self.recycler);
        let Some(mut frame) = self.unless_ended(read)? else { return Ok(None) };
        if let Some(byte_statistics) = &mut self.byte_statistics {
            let first = self.layout.bytes() % 2 * (self.next % 2) as usize;
            if !byte_statistics.add_frame(&frame, first) {
                self.byte_statistics = None;
            } else if let Some(problem) = byte_statistics.problem(self.info.format.chroma()) {
                return Err(Error::frame(&self.info.path, self.next, problem));
            }
        }
        frame.time = Some(self.rate.time_of(self.next));
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        for passed in 0..count {
            let skipped = self.layout.skip(&mut self.reader);
            if self.unless_ended(skipped)?.is_none() {
                return Ok(passed);
            }
            self.next += 1;
        }
        Ok(count)
    }
}
