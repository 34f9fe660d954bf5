//! The frames of a video that FFmpeg's libraries decode.

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame};

use super::{Damaged, LibrarySource, format_of, properties_of, seconds, seeking};
use crate::ffmpeg::convert::{Conversion, Taking};
use crate::ffmpeg::properties::Properties;
use crate::ffmpeg::taking::{self, Resampler};
use crate::frame_index::Entry;
use crate::message::Message;
use crate::planar::{check_depth, kept};
use crate::{Error, FrameIndex, Frames, ReadPlan, Result, Source, StreamInfo};

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
    ready: bool,
    /// The entries of the video's frames, if it was decoded before. Skipped frames are not decoded
    /// then.
    seen: Option<Vec<Entry>>,
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
        self.note(true);
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        if count == 0 {
            return Ok(0);
        }
        if self.seen.as_ref().is_some_and(|seen| self.next + count < seen.len() as u64) {
            self.ready = false;
            self.next += count;
            return Ok(count);
        }
        for passed in 0..count {
            if !self.advance()? {
                return Ok(passed);
            }
            self.note(false);
            self.next += 1;
        }
        Ok(count)
    }
}

impl LibraryFrames {
    fn new(mut video: LibrarySource, plan: ReadPlan) -> Self {
        let earlier = plan.earlier.as_ref().filter(|_| video.can_seek);
        let seen = earlier.and_then(FrameIndex::entries);
        if let Some(entries) = &seen {
            // Matroska's list of key frames is only read by seeking. If the beginning can't be
            // sought, the first frame is not found, and all are decoded.
            let start = entries.first().and_then(|entry| entry.timestamp).unwrap_or_default();
            video.packets.indexed = false;
            video.packets.damage = Damaged::Accepted;
            video.decoding.seek(&mut video.packets, start);
        }
        Self {
            kept: kept(video.info.format, &plan),
            video,
            plan,
            resampler: None,
            recycler: Recycler::default(),
            next: 0,
            ready: seen.is_none(),
            seen,
        }
    }

    /// Fails if the samples of the decoded frame mean something else than those of earlier frames.
    fn check_properties(&mut self) -> Result<(), Message> {
        let decoded = &self.video.decoding.decoded;
        let codes = decoded.codes();
        if codes == std::mem::replace(&mut self.video.codes, codes) {
            return Ok(());
        }
        let (_, taking) = format_of(decoded)?;
        let now = properties_of(decoded, &taking);
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
        if std::mem::take(&mut self.ready) {
            return Ok(true);
        }
        if let Some(seen) = &self.seen {
            let entry = usize::try_from(self.next).ok().and_then(|next| seen.get(next));
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
        let (anew, _) = LibrarySource::new(&self.video.info.path, &self.video.options)?;
        let next = self.next;
        *self = Self::new(anew, ReadPlan { earlier: None, ..self.plan.clone() });
        self.skip(next).map(drop)
    }

    /// Adds the decoded frame to the index, if there is one.
    fn note(&self, with_digest: bool) {
        let Some(index) = &self.video.info.index else { return };
        let decoded = &self.video.decoding.decoded;
        let digest = with_digest.then(|| seeking::digest(decoded));
        index.push(Entry { timestamp: decoded.timestamp(), digest });
    }

    /// Converts the decoded picture to a frame; the error is the reason why it can't be.
    fn convert(&mut self) -> Result<Frame, Message> {
        let format = self.video.info.format;
        let decoded = &self.video.decoding.decoded;
        let (now, taking) = format_of(decoded)?;
        if now != format.with_size_of(&now) || (now != format && !self.plan.any_size) {
            return Err(format!("is {now}; the frames before it are {format}").into());
        }
        if now != format {
            self.video.info.incidents.resize(now.size());
        }
        let mut frame = match taking.conversion {
            None => self.as_it_is(&taking, self.kept.with_size_of(&now))?,
            Some(Conversion::Resampled) => {
                let mut frame = self.recycler.frame(now);
                Resampler::take(&mut self.resampler, decoded, &taking, &mut frame)?;
                frame
            }
            Some(conversion) => {
                let mut frame = self.recycler.frame(now);
                taking::take(
                    decoded,
                    taking.pixel,
                    conversion,
                    self.plan.matrix.unwrap_or_default(),
                    &mut frame,
                )?;
                frame
            }
        };
        let time = decoded.timestamp().map(|timestamp| seconds(timestamp, self.video.time_base));
        frame.time = match (&mut self.video.clock, time) {
            (Some(clock), Some(time)) => {
                let (time, anew) = clock.at(time);
                if anew {
                    self.video.info.incidents.join();
                }
                Some(time)
            }
            _ => time,
        };
        Ok(frame)
    }

    /// Copies the samples of the decoded picture, promoted if `kept` has a higher bit depth.
    fn as_it_is(&self, taking: &Taking, kept: Format) -> Result<Frame, String> {
        let (decoded, pixel) = (&self.video.decoding.decoded, taking.pixel);
        let mut frame = self.recycler.frame(kept);
        match (self.video.info.format.bit_depth(), kept.bit_depth()) {
            (8, 8) => taking::copy(decoded, pixel, &mut frame, |[byte]: [u8; 1]| byte)?,
            (8, promoted) => {
                let shift = promoted - 8;
                let promote = |[byte]: [u8; 1]| u16::from(byte) << shift;
                taking::copy(decoded, pixel, &mut frame, promote)?;
            }
            _ => {
                let mut bits = 0;
                taking::copy(decoded, pixel, &mut frame, |bytes: [u8; 2]| {
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
