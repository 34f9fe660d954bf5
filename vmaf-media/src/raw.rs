//! Raw planar YUV: frames and nothing else, as FFmpeg's `rawvideo` writes them.
//!
//! The file does not tell its layout; [`RawVideo`] does. A wrong one shows in three ways, and all
//! are errors that say so: the file ends in the middle of a frame, samples exceed the bit depth, or
//! what are to be samples of a byte are those of two, every second byte being next to nothing.

use std::io::BufReader;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Plane, Sample};

use crate::input::{Bytes, Input};
use crate::message::Message;
use crate::planar::{BUFFER, Layout, Missing};
use crate::setting::Setting;
use crate::{Error, Frames, OpenOptions, Rational, RawVideo, ReadPlan, Result, Source, StreamInfo};

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
    /// What bytes were so far, while they may be halves of samples.
    halves: Option<Halves>,
}

/// The greatest high byte that is looked for: that of samples of 12 bits.
const GREATEST_HIGH: u8 = 15;

/// How many greater values the other bytes must have had, and the least share of them that had one.
/// In no picture are all neighbours of so many black.
const ENOUGH_VALUES: usize = 12;
const LEAST_SHARE: f64 = 0.1;

/// What bytes at even places and bytes at odd ones were, as one is the low and the other the high
/// half where samples have two bytes.
#[derive(Debug, Clone)]
struct Halves {
    /// How often each value was there.
    counts: [[u64; 256]; 2],
}

impl Default for Halves {
    fn default() -> Self {
        Self { counts: [[0; 256]; 2] }
    }
}

impl Halves {
    /// Looks at luma, whose first byte is at a place as even or odd as `first`. Gives whether bytes
    /// may still be halves.
    fn look(&mut self, frame: &Frame, first: usize) -> bool {
        match frame.format().bit_depth() {
            8 => self.look_at_plane(frame.plane::<u8>(0), first, 0),
            promoted => self.look_at_plane(frame.plane::<u16>(0), first, promoted - 8),
        }
    }

    fn look_at_plane<T: Sample>(&mut self, plane: &Plane<T>, first: usize, shift: u8) -> bool {
        for (y, row) in plane.rows().enumerate() {
            for (x, sample) in row.iter().enumerate() {
                let byte = (Into::<u32>::into(*sample) >> shift) as u8;
                let half = (first + y * plane.width() + x) % 2;
                self.counts[half][usize::from(byte)] += 1;
            }
            if (0..2).all(|half| self.greater(half).any(|count| count > 0)) {
                return false;
            }
        }
        true
    }

    /// How often each value was there that no high byte has.
    fn greater(&self, half: usize) -> impl Iterator<Item = u64> {
        self.counts[half].iter().skip(usize::from(GREATEST_HIGH) + 1).copied()
    }

    /// Why samples of `chroma` can't be of a byte each, if they can't.
    fn problem(&self, chroma: Chroma) -> Option<Message> {
        let is_low = |half: usize| {
            let all: u64 = self.counts[half].iter().sum();
            let enough = self.greater(half).filter(|count| *count > 0).count() >= ENOUGH_VALUES;
            enough && self.greater(half).sum::<u64>() as f64 >= LEAST_SHARE * all as f64
        };
        let is_high = |half: usize| self.greater(half).all(|count| count == 0);
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
            "every second byte is at most {greatest}, as where samples have {bits} bits in two \
             bytes each: "
        ));
        let name = format!("{name}{bits}le");
        Some(if high == 1 {
            message.text("pass ").remedy(Setting::PixelFormat { name, bit_depth: bits })
        } else {
            message.text(format!(
                "with the high byte first: convert them to {name} (ffmpeg -pix_fmt {name})"
            ))
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
        let halves = (bit_depth == 8).then(Halves::default);
        Ok(Self { info, layout, reader, recycler: Recycler::default(), next: 0, rate, halves })
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
        if let Some(halves) = &mut self.halves {
            let first = self.layout.bytes() % 2 * (self.next % 2) as usize;
            if !halves.look(&frame, first) {
                self.halves = None;
            } else if let Some(problem) = halves.problem(self.info.format.chroma()) {
                return Err(Error::frame(path, self.next, problem));
            }
        }
        frame.time = Some(self.rate.time_of(self.next));
        self.next += 1;
        Ok(Some(frame))
    }
}
