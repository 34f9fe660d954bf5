//! Decoding with FFmpeg's libraries.
//!
//! Packets go from the demuxer to the decoder, which uses threads of its own; frames come back in
//! presentation order. When the packets end or fail, the decoder is drained, so that the frames
//! before a failure still come, and the failure is reported at the right frame.

use ffmpeg_next::{Packet, Stream};
use vmaf_core::Format;

use super::container::{self, Crop};
use super::convert::InputFormat;
use super::decoded::Picture;
use super::decoder::Decoder;
use super::demuxer::{self, Demuxer};
use super::failure::Failure;
use super::ffi;
use super::ffi::log;
use super::joins::{self, Clock};
use super::properties::Properties;
use super::tracks;
use crate::accepted::Accepted;
use crate::frame_index::FrameIndex;
use crate::incidents::Grain;
use crate::message::Message;
use crate::{
    Color, ColorRange, Error, Incidents, OpenOptions, Orientation, Rational, Result, StreamInfo,
};

/// FFmpeg's names of containers in which a frame can be sought by its timestamp.
const SEEKABLE: [&str; 2] = ["mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"];

/// A video opened with FFmpeg's libraries: its first frame is decoded.
pub(super) struct LibrarySource {
    info: StreamInfo,
    packets: Packets,
    decoding: Decoding,
    time_base: ffmpeg_next::Rational,
    /// Continues the timestamps of transport streams, which may restart.
    clock: Option<Clock>,
    /// The properties of the frames' samples so far, and the codes in which the latest frame states
    /// them.
    properties: Properties,
    codes: [i32; 7],
    options: OpenOptions,
    /// True if frames can be sought: the container allows it, and damage is not accepted.
    can_seek: bool,
}

/// The demuxer and its packets.
struct Packets {
    demuxer: Demuxer,
    packet: Packet,
    stream: usize,
    /// True if the file's index lists each packet, as MP4's does.
    indexed: bool,
    count: u64,
    damage: DamagedPackets,
}

/// Treatment of packets that are marked as damaged.
enum DamagedPackets {
    /// They are errors.
    Refused,
    /// They are errors unless they come from joined transport streams: the path, and the stream's
    /// packet identifier.
    Joins(String, u16),
    /// They are decoded.
    Accepted,
}

/// The decoder and its state.
struct Decoding {
    decoder: Decoder,
    decoded: Picture,
    /// No more packets go to the decoder.
    drained: bool,
    /// The reason why packets ended, unless the file did.
    failure: Option<Message>,
    /// Decodes the first frames a second time, to see if they describe film grain; `None` once that
    /// is known.
    grain_probe: Option<(Decoder, Picture)>,
    /// True if film grain is added.
    with_grain: bool,
    accept_damage: bool,
    /// The latest timestamp of the packets sent, and the timestamp of the picture that is sought:
    /// earlier pictures are needed only as references.
    latest: Option<i64>,
    seek_target: Option<i64>,
    /// The number of frames reported as damaged.
    damaged: u64,
    incidents: Incidents,
}

impl LibrarySource {
    /// Opens a file, and returns the crop that its container states.
    pub(super) fn new(path: &str, options: &OpenOptions) -> Result<(Self, Option<Crop>)> {
        log::capture();
        log::take_error();
        let not_video = |reason: String| Error::not_video(path, reason);
        let demuxer = Demuxer::open(path).map_err(|error| {
            let error_text = log::take_error().map(|words| format!(" ({words})"));
            not_video(format!("FFmpeg can't open it: {error}{}", error_text.unwrap_or_default()))
        })?;
        let (tracks, mut streams): (Vec<_>, Vec<_>) =
            demuxer.streams().filter_map(|stream| Some((demuxer::track(&stream)?, stream))).unzip();
        let choice = tracks::choose(&tracks, options.stream).map_err(not_video)?;
        let stream = streams.swap_remove(choice.place);
        let cannot_decode = |error| not_video(format!("FFmpeg can't decode it: {error}"));
        let with_grain = !options.no_film_grain;
        let decoder = Decoder::open(&stream, options.threads, with_grain).map_err(cannot_decode)?;
        drop(streams);
        let place = tracks::place_in_container(&tracks, choice.place);
        let (number, notes) = choice.into_parts();
        let (index, time_base) = (stream.index(), stream.time_base());
        let (codec, interlaced) = (ffi::codec_name(&stream), ffi::is_interlaced(&stream));
        let id = u32::try_from(stream.id()).ok();
        let shown = container::presentation(path, &demuxer.format_name(), id, place);
        let crop = shown.as_ref().and_then(|shown| shown.crop);
        let of_container = crop.and_then(|crop| crop.sample_aspect);
        let orientation = match &shown {
            Some(shown) => Some(shown.orientation),
            None => demuxer::orientation(&stream),
        };
        let dolby_vision = demuxer::dolby_vision(&stream);
        let frame_rate = demuxer::frame_rates(&stream).into_iter().find_map(rational);
        let frames = u64::try_from(stream.frames()).ok().filter(|&frames| frames > 0);
        let indexed = demuxer.format_name().split(',').any(|name| name == "mp4");
        let mut grain_probe = None;
        if with_grain && super::GRAIN_CODECS.contains(&&codec[..]) {
            let probe = Decoder::open(&stream, 1, false).map_err(cannot_decode)?;
            grain_probe = Some((probe, Picture::new()));
        }
        let accept_damage = options.accepted.contains(&Accepted::Damage);
        let is_transport = demuxer.format_name() == "mpegts";
        let can_seek = SEEKABLE.contains(&&demuxer.format_name()[..]) && !accept_damage;
        let damage = match u16::try_from(stream.id()) {
            _ if accept_damage => DamagedPackets::Accepted,
            Ok(number) if is_transport => DamagedPackets::Joins(path.to_owned(), number),
            _ => DamagedPackets::Refused,
        };
        let packet = Packet::empty();
        let mut packets = Packets { demuxer, packet, stream: index, indexed, count: 0, damage };
        let incidents = Incidents::default();
        // Only a decoded frame shows the format for certain.
        let mut decoding = Decoding {
            decoder,
            decoded: Picture::new(),
            drained: false,
            failure: None,
            grain_probe,
            with_grain,
            accept_damage,
            latest: None,
            seek_target: None,
            damaged: 0,
            incidents: incidents.clone(),
        };
        let some =
            decoding.advance(&mut packets).map_err(|reason| Error::frame(path, 0, reason))?;
        if !some {
            return Err(not_video("its video stream has no frames".to_owned()));
        }
        let (format, input_format) = format_of(&decoding.decoded).map_err(not_video)?;
        let decoded = &decoding.decoded;
        let (mut properties, codes) = (properties_of(decoded, &input_format), decoded.codes());
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
            siting: decoded.siting(),
            sample_aspect: of_container.or(properties.sample_aspect),
            orientation: orientation
                .filter(|stated| *stated != Orientation::UPRIGHT)
                .or(decoded.orientation())
                .unwrap_or_default(),
            stream: number,
            notes: notes.into_iter().chain(input_format.step()).collect(),
            rgb: input_format.is_rgb(),
            incidents,
            index: (options.indexed && can_seek).then(FrameIndex::default),
            ..StreamInfo::new(path, format, &codec)
        };
        let source = Self {
            info,
            packets,
            decoding,
            time_base,
            clock: is_transport.then(Clock::default),
            properties,
            codes,
            options: options.clone(),
            can_seek,
        };
        Ok((source, crop))
    }
}

impl Packets {
    /// Reads the video's next packet; false after the last. The error is the reason why it can't be
    /// read.
    fn advance(&mut self) -> Result<bool, Message> {
        log::take_error();
        loop {
            match self.demuxer.read(&mut self.packet) {
                Ok(()) if self.packet.stream() != self.stream => {}
                Ok(()) if self.packet.is_corrupt() && !self.damage.is_accepted() => {
                    return Err(super::damage("the file is damaged or ends in the middle of it"));
                }
                Ok(()) => {
                    self.count += 1;
                    return Ok(true);
                }
                Err(Failure::END) => return self.check_end().map(|()| false),
                Err(error) => return Err(format!("can't be read: {error}").into()),
            }
        }
    }

    /// Fails if the end of the packets is not the end of the video.
    fn check_end(&self) -> Result<(), Message> {
        if let Some(error_text) = log::take_error() {
            return Err(format!("the file ends early: {error_text}").into());
        }
        let of_video = |stream: &Stream<'_>| self.indexed && stream.index() == self.stream;
        let stream = self.demuxer.streams().find(of_video);
        let promised = stream.map_or(0, |stream| ffi::index_entries(&stream));
        if self.count < promised {
            return Err(format!(
                "the file ends early: its index lists {promised} frames, but it has only {}",
                self.count
            )
            .into());
        }
        Ok(())
    }
}

impl DamagedPackets {
    /// Returns true if packets that are marked as damaged may be decoded.
    fn is_accepted(&mut self) -> bool {
        if let Self::Joins(path, number) = self {
            // If the file can't be read, reading has failed already, or will.
            let is_joined = joins::is_joined(path.as_ref(), *number).unwrap_or(false);
            *self = if is_joined { Self::Accepted } else { Self::Refused };
        }
        matches!(self, Self::Accepted)
    }
}

impl Decoding {
    /// Decodes the next frame; false after the last.
    fn advance(&mut self, packets: &mut Packets) -> Result<bool, Message> {
        loop {
            match self.decoder.receive(&mut self.decoded) {
                Ok(()) => return self.check_decoded().map(|()| true),
                Err(Failure::AGAIN) if !self.drained => self.send_packet(packets)?,
                Err(Failure::END) => return self.failure.take().map_or(Ok(false), Err),
                Err(_) if self.accept_damage => self.damaged += 1,
                Err(error) => return Err(format!("FFmpeg can't decode it: {error}").into()),
            }
        }
    }

    /// Sends the decoder the next packet. If there is none, the frames that the decoder holds come
    /// next, and then the reason.
    fn send_packet(&mut self, packets: &mut Packets) -> Result<(), Message> {
        let sent = match packets.advance() {
            Ok(true) => {
                self.probe_grain(&packets.packet);
                self.skip_unneeded(&packets.packet);
                match self.decoder.send(Some(&packets.packet)) {
                    Err(_) if self.accept_damage => {
                        self.damaged += 1;
                        Ok(())
                    }
                    sent => sent
                        .map_err(|error| Some(format!("FFmpeg can't decode it: {error}").into())),
                }
            }
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

    /// Looks for film grain in the first frame that `packet` may complete.
    fn probe_grain(&mut self, packet: &Packet) {
        let Some((decoder, picture)) = &mut self.grain_probe else { return };
        let found = decoder.send(Some(packet)).and_then(|()| decoder.receive(picture));
        match found {
            Err(Failure::AGAIN) => return,
            Ok(()) if picture.lacks_grain() => self.incidents.grain(Grain::Added),
            // The main decoder reports any error in the packet.
            _ => {}
        }
        self.grain_probe = None;
    }

    /// Fails if the decoder had to conceal parts of the picture, or counts it if damage is
    /// accepted.
    fn check_decoded(&mut self) -> Result<(), Message> {
        if !self.with_grain && self.decoded.lacks_grain() {
            self.incidents.grain(Grain::LeftOut);
        }
        if self.accept_damage {
            self.damaged += u64::from(self.decoded.is_damaged());
            self.incidents.conceal(self.damaged.max(self.decoder.concealed()));
            return Ok(());
        }
        if self.decoded.is_damaged() {
            return Err(super::damage("is damaged: FFmpeg could decode it only in part"));
        }
        if self.decoder.saw_damage() {
            return Err(super::damage(
                "it or a frame soon after it is damaged: FFmpeg could decode it only in part",
            ));
        }
        Ok(())
    }
}

/// Returns the format of a decoded picture, and the conversion of its samples.
fn format_of(decoded: &Picture) -> Result<(Format, InputFormat), String> {
    let input_format = InputFormat::from_name(&decoded.pixel_format())?;
    let pixel = input_format.pixel;
    Format::new(decoded.width(), decoded.height(), pixel.chroma, pixel.bit_depth)
        .map(|format| (format, input_format))
        .map_err(|error| error.to_string())
}

/// Returns the properties of a decoded picture's samples. RGB is converted to limited range, by a
/// matrix that is chosen later.
fn properties_of(decoded: &Picture, input_format: &InputFormat) -> Properties {
    let full_range = decoded.full_range().or(input_format.pixel.full_range.then_some(true));
    let full_range = if input_format.is_rgb() { Some(false) } else { full_range };
    let mut color = decoded.color();
    if input_format.is_rgb() {
        color.matrix = None;
    }
    Properties {
        range: full_range.map(|full| if full { ColorRange::Full } else { ColorRange::Limited }),
        color,
        interlaced: decoded.is_interlaced(),
        sample_aspect: rational(decoded.sample_aspect()),
    }
}

/// Converts FFmpeg's fraction to a rational; `None` if it is unknown, which FFmpeg states as 0.
fn rational(ffmpeg_next::Rational(num, den): ffmpeg_next::Rational) -> Option<Rational> {
    Rational::rate(u32::try_from(num).ok()?, u32::try_from(den).ok()?)
}

/// Converts a timestamp to seconds.
fn seconds(timestamp: i64, ffmpeg_next::Rational(num, den): ffmpeg_next::Rational) -> f64 {
    timestamp as f64 * f64::from(num) / f64::from(den)
}

mod frames;
mod seeking;
#[cfg(test)]
mod tests;
