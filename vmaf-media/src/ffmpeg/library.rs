//! Decoding with FFmpeg's libraries.
//!
//! Packets go from the demuxer to the decoder, which works with threads of its own; frames come
//! back in the order they are shown. When the packets end or fail, the decoder is drained, so that
//! the frames before a failure still come and the failure is put where it belongs.

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame, Sample};

use super::clockwise;
use super::ffi::{Decoder, Demuxer, Failure, Packet, Picture, Stream};
use super::loaded::Functions;
use super::log;
use super::pixel::PixelFormat;
use super::properties::Properties;
use super::tracks;
use crate::conform::Accepted;
use crate::planar::{check_depth, kept};
use crate::{Color, ColorRange, Error, OpenOptions, Rational, Result, Source, StreamInfo};

/// Reads what FFmpeg's libraries decode.
pub(super) struct LibrarySource {
    info: StreamInfo,
    /// What is kept of a frame.
    kept: Format,
    packets: Packets,
    decoding: Decoding,
    time_base: [i32; 2],
    recycler: Recycler,
    next: u64,
    /// Whether the next frame is decoded already, as the first is when the file is opened.
    ready: bool,
    /// What frames said of their samples so far, and the codes that the latest said it in.
    properties: Properties,
    codes: [i32; 7],
    accepted: Vec<Accepted>,
}

/// The demuxer's side.
struct Packets {
    demuxer: Demuxer,
    packet: Packet,
    stream: i32,
    /// Whether the file's index lists each packet, as that of MP4 does.
    indexed: bool,
    count: u64,
}

/// The decoder's side.
struct Decoding {
    decoder: Decoder,
    decoded: Picture,
    /// No more packets go to the decoder.
    drained: bool,
    /// Why they ended, if not because the file did.
    failure: Option<String>,
}

impl LibrarySource {
    pub(super) fn new(av: &'static Functions, path: &str, options: &OpenOptions) -> Result<Self> {
        log::capture(av);
        log::take_complaint();
        let not_video = |reason: String| Error::not_video(path, reason);
        let demuxer = Demuxer::open(av, &super::url(path)).map_err(|error| {
            let complaint = log::take_complaint().map(|words| format!(" ({words})"));
            not_video(format!("FFmpeg can't open it: {error}{}", complaint.unwrap_or_default()))
        })?;
        let (tracks, mut streams): (Vec<_>, Vec<_>) =
            demuxer.streams().filter_map(|stream| Some((stream.track()?, stream))).unzip();
        let choice = tracks::choose(&tracks, options.stream).map_err(not_video)?;
        let stream = streams.swap_remove(choice.place);
        let cannot_decode = |error| not_video(format!("FFmpeg can't decode it: {error}"));
        let decoder = Decoder::open(&stream, options.threads).map_err(cannot_decode)?;
        let decoded = Picture::new(av).map_err(cannot_decode)?;
        let packet = Packet::new(av).map_err(cannot_decode)?;
        drop(streams);
        let (number, notes) = choice.into_parts();
        let (index, time_base) = (stream.index(), stream.time_base());
        let (codec, interlaced) = (stream.codec_name(), stream.is_interlaced());
        let rotation = stream.rotation();
        let dolby_vision = stream.dolby_vision();
        let frame_rate = stream.frame_rates().into_iter().find_map(rational);
        let frames = u64::try_from(stream.frames()).ok().filter(|&frames| frames > 0);
        let indexed = demuxer.format_name().split(',').any(|name| name == "mp4");
        let mut packets = Packets { demuxer, packet, stream: index, indexed, count: 0 };
        // Only a frame tells for certain what the frames are.
        let mut decoding = Decoding { decoder, decoded, drained: false, failure: None };
        let some =
            decoding.advance(&mut packets).map_err(|reason| Error::frame(path, 0, reason))?;
        if !some {
            return Err(not_video("its video stream has no frames".to_owned()));
        }
        let (format, pixel) = format_of(&decoding.decoded).map_err(not_video)?;
        let decoded = &decoding.decoded;
        let (mut properties, codes) = (properties_of(decoded, pixel), decoded.codes());
        properties.interlaced |= interlaced;
        let is_dolby_vision = dolby_vision.is_some_and(|[profile, compatibility]| {
            super::is_dolby_vision_alone(profile, compatibility)
        });
        let info = StreamInfo {
            frame_rate,
            frames,
            range: properties.range,
            interlaced: properties.interlaced,
            color: if is_dolby_vision { Color::dolby_vision() } else { properties.color.clone() },
            sample_aspect: properties.sample_aspect,
            rotation: rotation.or(decoded.rotation()).map_or(0, clockwise),
            stream: number,
            notes,
            ..StreamInfo::new(path, format, &codec)
        };
        let recycler = Recycler::default();
        Ok(Self {
            info,
            kept: format,
            packets,
            decoding,
            time_base,
            recycler,
            next: 0,
            ready: true,
            properties,
            codes,
            accepted: options.accepted.clone(),
        })
    }

    /// Fails where the frame that was decoded means something else by its samples than those before.
    fn check_properties(&mut self) -> Result<(), String> {
        let decoded = &self.decoding.decoded;
        let codes = decoded.codes();
        if codes == std::mem::replace(&mut self.codes, codes) {
            return Ok(());
        }
        let (_, pixel) = format_of(decoded)?;
        let now = properties_of(decoded, pixel);
        // FFmpeg says so of frames between VP9's key frames that can't say it themselves.
        if self.info.codec == "vp9" && now.color.matrix.as_deref() == Some("bt470bg") {
            return Ok(());
        }
        match self.properties.change(now, &self.accepted) {
            Some((change, flag)) => {
                Err(format!("{change}, or pass {flag} to score its frames as they are"))
            }
            None => Ok(()),
        }
    }

    /// The frame that was decoded, in this library's form; the error is why it can't be.
    fn convert(&self) -> Result<Frame, String> {
        let decoded = &self.decoding.decoded;
        let format = self.info.format;
        let (now, pixel) = format_of(decoded)?;
        if now != format {
            return Err(format!("is {now}; the frames before it are {format}"));
        }
        let mut frame = self.recycler.frame(self.kept);
        match (format.bit_depth, self.kept.bit_depth) {
            (8, 8) => copy(decoded, pixel, &mut frame, |[byte]: [u8; 1]| byte)?,
            (8, promoted) => {
                let shift = promoted - 8;
                copy(decoded, pixel, &mut frame, |[byte]: [u8; 1]| u16::from(byte) << shift)?;
            }
            _ => {
                let mut bits = 0;
                copy(decoded, pixel, &mut frame, |bytes: [u8; 2]| {
                    let sample = u16::from_le_bytes(bytes) >> pixel.shift;
                    bits |= sample;
                    sample
                })?;
                check_depth(&frame, bits)?;
            }
        }
        frame.time = decoded.timestamp().map(|timestamp| seconds(timestamp, self.time_base));
        Ok(frame)
    }
}

impl Source for LibrarySource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn look_at(&mut self, format: &Format) {
        self.kept = kept(self.info.format, format);
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let bad_frame = |reason| Error::frame(&self.info.path, self.next, reason);
        if !self.ready && !self.decoding.advance(&mut self.packets).map_err(bad_frame)? {
            return Ok(None);
        }
        self.ready = false;
        let frame = self.convert().map_err(bad_frame)?;
        let (checked, next) = (self.check_properties(), self.next);
        checked.map_err(|reason| Error::frame(&self.info.path, next, reason))?;
        self.next += 1;
        Ok(Some(frame))
    }
}

impl Packets {
    /// Reads the video's next packet, false after the last; the error is what keeps it from being
    /// read.
    fn advance(&mut self) -> Result<bool, String> {
        log::take_complaint();
        loop {
            match self.demuxer.read(&mut self.packet) {
                Ok(()) if self.packet.stream() != self.stream => {}
                Ok(()) if self.packet.is_corrupt() => {
                    return Err("the file is damaged or ends in the middle of it".to_owned());
                }
                Ok(()) => {
                    self.count += 1;
                    return Ok(true);
                }
                Err(Failure::END) => return self.check_end().map(|()| false),
                Err(error) => return Err(format!("can't be read: {error}")),
            }
        }
    }

    /// Fails if the end of the packets is not the end of the video.
    fn check_end(&self) -> Result<(), String> {
        if let Some(complaint) = log::take_complaint() {
            return Err(format!("the file ends early: {complaint}"));
        }
        let of_video = |stream: &Stream<'_>| self.indexed && stream.index() == self.stream;
        let stream = self.demuxer.streams().find(of_video);
        let promised = stream.map_or(0, |stream| stream.index_entries());
        if self.count < promised {
            return Err(format!(
                "the file ends early: its index lists {promised} frames, and {} are there",
                self.count
            ));
        }
        Ok(())
    }
}

impl Decoding {
    /// Decodes the next frame; false after the last.
    fn advance(&mut self, packets: &mut Packets) -> Result<bool, String> {
        loop {
            match self.decoder.receive(&mut self.decoded) {
                Ok(()) => return self.check_decoded().map(|()| true),
                Err(Failure::AGAIN) if !self.drained => self.feed(packets)?,
                Err(Failure::END) => return self.failure.take().map_or(Ok(false), Err),
                Err(error) => return Err(format!("FFmpeg can't decode it: {error}")),
            }
        }
    }

    /// Hands the decoder the next packet. Where there is none, the frames that the decoder holds
    /// are next, and then the reason.
    fn feed(&mut self, packets: &mut Packets) -> Result<(), String> {
        let sent = match packets.advance() {
            Ok(true) => self
                .decoder
                .send(Some(&packets.packet))
                .map_err(|error| Some(format!("FFmpeg can't decode it: {error}"))),
            Ok(false) => Err(None),
            Err(reason) => Err(Some(reason)),
        };
        if let Err(failure) = sent {
            self.drained = true;
            self.failure = failure;
            self.decoder.send(None).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Fails if the decoder had to make up parts of the picture.
    fn check_decoded(&self) -> Result<(), String> {
        if self.decoded.is_damaged() {
            return Err("is damaged: FFmpeg could decode it only in part".to_owned());
        }
        if self.decoder.saw_damage() {
            let words =
                "it or a frame soon after it is damaged: FFmpeg could decode it only in part";
            return Err(words.to_owned());
        }
        Ok(())
    }
}

/// What a decoded frame is.
fn format_of(decoded: &Picture) -> Result<(Format, PixelFormat), String> {
    let pixel = PixelFormat::by_name(&decoded.pixel_format())?;
    Format::new(decoded.width(), decoded.height(), pixel.chroma, pixel.bit_depth)
        .map(|format| (format, pixel))
        .map_err(|error| error.to_string())
}

/// What a decoded frame says of its samples.
fn properties_of(decoded: &Picture, pixel: PixelFormat) -> Properties {
    let full_range = decoded.full_range().or(pixel.full_range.then_some(true));
    Properties {
        range: full_range.map(|full| if full { ColorRange::Full } else { ColorRange::Limited }),
        color: decoded.color(),
        interlaced: decoded.is_interlaced(),
        sample_aspect: decoded.sample_aspect().and_then(rational),
    }
}

/// Brings the samples of a decoded frame over to `frame`, each made by `sample` from its bytes.
fn copy<T: Sample, const BYTES: usize>(
    decoded: &Picture,
    pixel: PixelFormat,
    frame: &mut Frame,
    mut sample: impl FnMut([u8; BYTES]) -> T,
) -> Result<(), String> {
    let no_picture = || "has no picture".to_owned();
    for index in 0..frame.format().chroma.planes() {
        let plane = frame.plane_mut(index);
        let width = plane.width();
        for y in 0..plane.height() {
            let to = plane.row_mut(y).iter_mut();
            if pixel.interleaved && index > 0 {
                let row = decoded.row(1, y, width * 2 * BYTES).ok_or_else(no_picture)?;
                let samples = row.as_chunks::<BYTES>().0;
                for (pair, to) in samples.as_chunks::<2>().0.iter().zip(to) {
                    *to = sample(pair[index - 1]);
                }
            } else {
                let row = decoded.row(index, y, width * BYTES).ok_or_else(no_picture)?;
                for (bytes, to) in row.as_chunks::<BYTES>().0.iter().zip(to) {
                    *to = sample(*bytes);
                }
            }
        }
    }
    Ok(())
}

/// A fraction of FFmpeg's as a frame rate, 0 being unknown there.
fn rational(fraction: [i32; 2]) -> Option<Rational> {
    let [num, den] = fraction.map(|part| u32::try_from(part).ok());
    Rational::rate(num?, den?)
}

/// A timestamp in seconds.
fn seconds(timestamp: i64, [num, den]: [i32; 2]) -> f64 {
    timestamp as f64 * f64::from(num) / f64::from(den)
}

#[cfg(test)]
mod tests;
