//! Decoding with FFmpeg's libraries.
//!
//! Packets go from the demuxer to the decoder, which works with threads of its own; frames come
//! back in the order they are shown. When the packets end or fail, the decoder is drained, so that
//! the frames before a failure still come and the failure is put where it belongs.

use ffmpeg_next as av;
use ffmpeg_next::format::stream::Disposition;
use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Sample};

use super::ffi;
use super::pixel::PixelFormat;
use crate::planar::check_depth;
use crate::{ColorRange, Error, OpenOptions, Rational, Result, Source, StreamInfo};

/// AVERROR(EAGAIN): the decoder wants a packet before it gives a frame.
const AGAIN: av::Error = av::Error::Other { errno: av::error::EAGAIN };

/// Reads what FFmpeg's libraries decode.
pub(super) struct LibrarySource {
    info: StreamInfo,
    /// What is kept of a frame.
    kept: Format,
    packets: Packets,
    decoding: Decoding,
    time_base: av::Rational,
    recycler: Recycler,
    next: u64,
    /// Whether the next frame is decoded already, as the first is when the file is opened.
    ready: bool,
}

/// The demuxer's side.
struct Packets {
    input: av::format::context::Input,
    stream: usize,
    /// Whether the file's index lists each packet, as that of MP4 does.
    indexed: bool,
    count: u64,
}

/// The decoder's side.
struct Decoding {
    decoder: av::decoder::Video,
    watch: ffi::Watch,
    codec: String,
    decoded: av::frame::Video,
    /// No more packets go to the decoder.
    drained: bool,
    /// Why they ended, if not because the file did.
    failure: Option<String>,
}

impl LibrarySource {
    pub(super) fn new(path: &str, options: &OpenOptions) -> Result<Self> {
        ffi::capture_log();
        ffi::take_complaint();
        let not_video = |reason: String| Error::not_video(path, reason);
        let input = av::format::input(&super::url(path)).map_err(|error| {
            let complaint = ffi::take_complaint().map(|words| format!(" ({words})"));
            not_video(format!("FFmpeg can't open it: {error}{}", complaint.unwrap_or_default()))
        })?;
        let stream = input.streams().find(is_video).ok_or_else(|| {
            not_video("has no video stream: is it sound, or a picture on its cover?".to_owned())
        })?;
        let (decoder, watch) = open_decoder(&stream, options)
            .map_err(|error| not_video(format!("FFmpeg can't decode it: {error}")))?;
        let index = stream.index();
        let time_base = stream.time_base();
        let frame_rate = rational(stream.avg_frame_rate()).or_else(|| rational(stream.rate()));
        let frames = u64::try_from(stream.frames()).ok().filter(|&frames| frames > 0);
        let mut packets = Packets {
            indexed: input.format().name().split(',').any(|name| name == "mp4"),
            input,
            stream: index,
            count: 0,
        };
        // Only a frame tells for certain what the frames are.
        let mut decoding = Decoding {
            codec: decoder.id().name().to_owned(),
            decoder,
            watch,
            decoded: av::frame::Video::empty(),
            drained: false,
            failure: None,
        };
        let some =
            decoding.advance(&mut packets).map_err(|reason| Error::frame(path, 0, reason))?;
        if !some {
            return Err(not_video("its video stream has no frames".to_owned()));
        }
        let (format, pixel) = format_of(&decoding.decoded).map_err(not_video)?;
        let info = StreamInfo {
            path: path.to_owned(),
            format,
            frame_rate,
            frames,
            range: match decoding.decoded.color_range() {
                av::color::Range::JPEG => Some(ColorRange::Full),
                av::color::Range::MPEG => Some(ColorRange::Limited),
                av::color::Range::Unspecified => pixel.full_range.then_some(ColorRange::Full),
            },
            codec: decoding.codec.clone(),
            interlaced: decoding.decoded.is_interlaced(),
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
        })
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
        if format.bit_depth == 8 {
            copy(decoded, pixel, &mut frame, |[byte]: [u8; 1]| byte)?;
        } else {
            let mut bits = 0;
            copy(decoded, pixel, &mut frame, |bytes: [u8; 2]| {
                let sample = u16::from_le_bytes(bytes) >> pixel.shift;
                bits |= sample;
                sample
            })?;
            check_depth(&frame, bits)?;
        }
        frame.time = decoded.timestamp().map(|timestamp| seconds(timestamp, self.time_base));
        Ok(frame)
    }
}

impl Source for LibrarySource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn luma_alone(&mut self) {
        self.kept.chroma = Chroma::Mono;
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let bad_frame = |reason| Error::frame(&self.info.path, self.next, reason);
        if !self.ready && !self.decoding.advance(&mut self.packets).map_err(bad_frame)? {
            return Ok(None);
        }
        self.ready = false;
        let frame = self.convert().map_err(bad_frame)?;
        self.next += 1;
        Ok(Some(frame))
    }
}

impl Packets {
    /// The video's next packet; the error is what keeps it from being read.
    fn next(&mut self) -> Result<Option<av::Packet>, String> {
        ffi::take_complaint();
        loop {
            let mut packet = av::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() != self.stream => {}
                Ok(()) if packet.is_corrupt() => {
                    return Err("the file is damaged or ends in the middle of it".to_owned());
                }
                Ok(()) => {
                    self.count += 1;
                    return Ok(Some(packet));
                }
                Err(av::Error::Eof) => return self.check_end().map(|()| None),
                Err(error) => return Err(format!("can't be read: {error}")),
            }
        }
    }

    /// Fails if the end of the packets is not the end of the video.
    fn check_end(&self) -> Result<(), String> {
        if let Some(complaint) = ffi::take_complaint() {
            return Err(format!("the file ends early: {complaint}"));
        }
        let stream = self.input.stream(self.stream).filter(|_| self.indexed);
        let promised = stream.map_or(0, |stream| ffi::index_entries(&stream));
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
            match self.decoder.receive_frame(&mut self.decoded) {
                Ok(()) => return self.check_decoded().map(|()| true),
                Err(AGAIN) if !self.drained => self.feed(packets)?,
                Err(av::Error::Eof) => return self.failure.take().map_or(Ok(false), Err),
                Err(error) => return Err(format!("FFmpeg can't decode it: {error}")),
            }
        }
    }

    /// Hands the decoder the next packet. Where there is none, the frames that the decoder holds
    /// are next, and then the reason.
    fn feed(&mut self, packets: &mut Packets) -> Result<(), String> {
        let sent = match packets.next() {
            Ok(Some(packet)) => self
                .decoder
                .send_packet(&packet)
                .map_err(|error| Some(format!("FFmpeg can't decode it: {error}"))),
            Ok(None) => Err(None),
            Err(reason) => Err(Some(reason)),
        };
        if let Err(failure) = sent {
            self.drained = true;
            self.failure = failure;
            self.decoder.send_eof().map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Fails if the decoder had to make up parts of the picture.
    fn check_decoded(&self) -> Result<(), String> {
        if self.decoded.has_decode_errors() || self.decoded.is_corrupt() {
            return Err("is damaged: FFmpeg could decode it only in part".to_owned());
        }
        if self.watch.saw_damage() {
            let words =
                "it or a frame soon after it is damaged: FFmpeg could decode it only in part";
            return Err(words.to_owned());
        }
        Ok(())
    }
}

fn is_video(stream: &av::Stream<'_>) -> bool {
    stream.parameters().medium() == av::media::Type::Video
        && !stream.disposition().contains(Disposition::ATTACHED_PIC)
}

fn open_decoder(
    stream: &av::Stream<'_>,
    options: &OpenOptions,
) -> Result<(av::decoder::Video, ffi::Watch), av::Error> {
    let mut decoder = av::codec::Context::from_parameters(stream.parameters())?.decoder();
    decoder.set_packet_time_base(stream.time_base());
    ffi::set_threads(&mut decoder, options.threads);
    let watch = ffi::Watch::new(&mut decoder);
    Ok((decoder.video()?, watch))
}

/// What a decoded frame is.
fn format_of(decoded: &av::frame::Video) -> Result<(Format, PixelFormat), String> {
    let name = decoded.format().descriptor().map_or("none", |descriptor| descriptor.name());
    let pixel = PixelFormat::by_name(name)?;
    Format::new(decoded.width(), decoded.height(), pixel.chroma, pixel.bit_depth)
        .map(|format| (format, pixel))
        .map_err(|error| error.to_string())
}

/// Brings the samples of a decoded frame over to `frame`, each made by `sample` from its bytes.
fn copy<T: Sample, const BYTES: usize>(
    decoded: &av::frame::Video,
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
                let row = ffi::row(decoded, 1, y, width * 2 * BYTES).ok_or_else(no_picture)?;
                let samples = row.as_chunks::<BYTES>().0;
                for (pair, to) in samples.as_chunks::<2>().0.iter().zip(to) {
                    *to = sample(pair[index - 1]);
                }
            } else {
                let row = ffi::row(decoded, index, y, width * BYTES).ok_or_else(no_picture)?;
                for (bytes, to) in row.as_chunks::<BYTES>().0.iter().zip(to) {
                    *to = sample(*bytes);
                }
            }
        }
    }
    Ok(())
}

/// A fraction of FFmpeg's as a frame rate, 0 being unknown there.
fn rational(value: av::Rational) -> Option<Rational> {
    let positive = |part: i32| u32::try_from(part).ok();
    Rational::rate(positive(value.numerator())?, positive(value.denominator())?)
}

/// A timestamp in seconds.
fn seconds(timestamp: i64, time_base: av::Rational) -> f64 {
    timestamp as f64 * f64::from(time_base.numerator()) / f64::from(time_base.denominator())
}

#[cfg(test)]
mod tests;
