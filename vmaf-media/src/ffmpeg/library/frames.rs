//! The frames of a video that FFmpeg's libraries decode.

use std::sync::Arc;

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame};

use super::{DamagedPackets, LibrarySource, format_of, properties_of, seconds, seeking};
use crate::ffmpeg::convert::{Conversion, InputFormat};
use crate::ffmpeg::properties::Properties;
use crate::ffmpeg::to_frame::{self, Resampler};
use crate::frame_index::Entry;
use crate::message::Message;
use crate::planar::{check_depth, kept};
use crate::{Error, FrameIndex, Frames, ReadPlan, Result, Source, StreamInfo, rgb};

/// Decodes a video frame by frame.
struct LibraryFrames {
    video: LibrarySource,
    plan: ReadPlan,
    /// The format in which frames are read.
    kept: Format,
    resampler: Option<Resampler>,
    recycler: Recycler,
    next: u64,
    /// True if the next frame is decoded already, as the first is when the file is opened.
    is_decoded: bool,
    /// The entries of the video's frames, if it was decoded before. Skipped frames are not decoded
    /// then.
    known_frames: Option<Vec<Entry>>,
}

impl Source for LibrarySource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        Ok(Box::new(LibraryFrames::new(*self, plan.clone())))
    }
}

impl Frames for LibraryFrames {
    fn info(&self) -> &StreamInfo {
        &self.video.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        if !self.advance()? {
            return Ok(None);
        }
        let frame = self.convert().and_then(|frame| {
            self.check_properties()?;
            Ok(frame)
        });
        let frame =
            frame.map_err(|reason| Error::frame(&self.video.info.path, self.next, reason))?;
        self.add_to_index(true);
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        if count == 0 {
            return Ok(0);
        }
        if self
            .known_frames
            .as_ref()
            .is_some_and(|known_frames| self.next + count < known_frames.len() as u64)
        {
            self.is_decoded = false;
            self.next += count;
            return Ok(count);
        }
        for passed in 0..count {
            if !self.advance()? {
                return Ok(passed);
            }
            self.add_to_index(false);
            self.next += 1;
        }
        Ok(count)
    }
}

impl LibraryFrames {
    fn new(mut video: LibrarySource, plan: ReadPlan) -> Self {
        let earlier = plan.earlier.as_ref().filter(|_| video.can_seek);
        let known_frames = earlier.and_then(FrameIndex::entries);
        if let Some(entries) = &known_frames {
            // Matroska's list of key frames is only read by seeking. If the beginning can't be
            // sought, the first frame is not found, and all are decoded.
            let start = entries.first().and_then(|entry| entry.timestamp).unwrap_or_default();
            video.packets.indexed = false;
            video.packets.damage = DamagedPackets::Accepted;
            video.decoding.seek(&mut video.packets, start);
        }
        Self {
            kept: kept(video.info.format, &plan),
            video,
            plan,
            resampler: None,
            recycler: Recycler::default(),
            next: 0,
            is_decoded: known_frames.is_none(),
            known_frames,
        }
    }

    /// Fails if the samples of the decoded frame mean something else than those of earlier frames.
    fn check_properties(&mut self) -> Result<(), Message> {
        let decoded = &self.video.decoding.decoded;
        let codes = decoded.codes();
        if codes == std::mem::replace(&mut self.video.codes, codes) {
            return Ok(());
        }
        let (_, input_format) = format_of(decoded)?;
        let now = properties_of(decoded, &input_format);
        // FFmpeg reports this matrix for VP9 frames between key frames, which can't state their
        // own.
        if self.video.info.codec == "vp9" && now.color.matrix.as_deref() == Some("bt470bg") {
            return Ok(());
        }
        match self.video.properties.change(now, &self.video.options.accepted) {
            Some(change) => Err(Properties::refused(change)),
            None => Ok(()),
        }
    }

    /// Decodes the next frame, unless it is decoded already; false after the last.
    fn advance(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.is_decoded) {
            return Ok(true);
        }
        if let Some(known_frames) = &self.known_frames {
            let entry = usize::try_from(self.next).ok().and_then(|next| known_frames.get(next));
            if let Some(entry) = entry
                && self.video.decoding.find(&mut self.video.packets, *entry)
            {
                return Ok(true);
            }
            self.start_over()?;
        }
        let advanced = self.video.decoding.advance(&mut self.video.packets);
        advanced.map_err(|reason| Error::frame(&self.video.info.path, self.next, reason))
    }

    /// Reopens the video, and decodes it up to the next frame: seeking did not find the right
    /// frame.
    fn start_over(&mut self) -> Result<()> {
        let (restarted, _) = LibrarySource::new(&self.video.info.path, &self.video.options)?;
        let next = self.next;
        *self = Self::new(restarted, ReadPlan { earlier: None, ..self.plan.clone() });
        self.skip(next).map(drop)
    }

    /// Adds the decoded frame to the index, if there is one.
    fn add_to_index(&self, with_digest: bool) {
        let Some(index) = &self.video.info.index else { return };
        let decoded = &self.video.decoding.decoded;
        let digest = with_digest.then(|| seeking::digest(decoded));
        index.push(Entry { timestamp: decoded.timestamp(), digest });
    }

    /// Converts the decoded picture to a frame; the error is the reason why it can't be.
    fn convert(&mut self) -> Result<Frame, Message> {
        let format = self.video.info.format;
        let decoded = &self.video.decoding.decoded;
        let (now, input_format) = format_of(decoded)?;
        if now != format.with_size_of(&now) || (now != format && !self.plan.any_size) {
            return Err(format!("is {now}; the frames before it are {format}").into());
        }
        if now != format {
            self.video.info.incidents.resize(now.size());
        }
        let mut frame = match input_format.conversion {
            None => self.copied(&input_format, self.kept.with_size_of(&now))?,
            Some(Conversion::Resampled) => {
                let mut frame = self.recycler.frame(now);
                Resampler::resample(&mut self.resampler, decoded, &input_format, &mut frame)?;
                frame
            }
            Some(conversion) => {
                let mut frame = self.recycler.frame(now);
                let unconverted = || self.recycler.frame(rgb::unconverted_format(&now));
                let mut rgb = (self.plan.rgb && input_format.is_rgb()).then(unconverted);
                let matrix = self.plan.matrix.unwrap_or_default();
                let to = (&mut frame, rgb.as_mut());
                to_frame::convert(decoded, input_format.pixel, conversion, matrix, to)?;
                frame.rgb = rgb.map(Arc::new);
                frame
            }
        };
        let time = decoded.timestamp().map(|timestamp| seconds(timestamp, self.video.time_base));
        frame.time = match (&mut self.video.clock, time) {
            (Some(clock), Some(time)) => {
                let (time, restarted) = clock.at(time);
                if restarted {
                    self.video.info.incidents.join();
                }
                Some(time)
            }
            _ => time,
        };
        Ok(frame)
    }

    /// Copies the samples of the decoded picture, promoted if `kept` has a higher bit depth.
    fn copied(&self, input_format: &InputFormat, kept: Format) -> Result<Frame, String> {
        let (decoded, pixel) = (&self.video.decoding.decoded, input_format.pixel);
        let mut frame = self.recycler.frame(kept);
        match (self.video.info.format.bit_depth(), kept.bit_depth()) {
            (8, 8) => to_frame::copy_samples(decoded, pixel, &mut frame, |[byte]: [u8; 1]| byte)?,
            (8, promoted) => {
                let shift = promoted - 8;
                let promote = |[byte]: [u8; 1]| u16::from(byte) << shift;
                to_frame::copy_samples(decoded, pixel, &mut frame, promote)?;
            }
            _ => {
                let mut bits = 0;
                to_frame::copy_samples(decoded, pixel, &mut frame, |bytes: [u8; 2]| {
                    let sample = u16::from_le_bytes(bytes) >> pixel.shift;
                    bits |= sample;
                    sample
                })?;
                check_depth(&frame, bits)?;
            }
        }
        Ok(frame)
    }
}
