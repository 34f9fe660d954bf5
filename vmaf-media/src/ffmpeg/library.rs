//! Decoding with FFmpeg's libraries.
//!
//! Packets go from the demuxer to the decoder, which works with threads of its own; frames come
//! back in the order they are shown. When the packets end or fail, the decoder is drained, so that
//! the frames before a failure still come and the failure is put where it belongs.

use ffmpeg_next::{Packet, Stream};
use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame};

use super::container::{self, Crop};
use super::convert::{Conversion, Taking};
use super::decoded::Picture;
use super::decoder::Decoder;
use super::demuxer::{self, Demuxer};
use super::failure::Failure;
use super::ffi;
use super::ffi::log;
use super::joins::{self, Clock};
use super::properties::Properties;
use super::taking::{self, Resampler};
use super::tracks;
use crate::conform::Accepted;
use crate::frame_index::{Entry, FrameIndex};
use crate::incidents::Grain;
use crate::message::Message;
use crate::planar::{check_depth, kept};
use crate::{
    Color, ColorRange, Error, Incidents, Matrix, OpenOptions, Orientation, Rational, Result,
    Source, StreamInfo,
};

/// FFmpeg's names of containers in which a frame can be sought by its time.
const SEEKABLE: [&str; 2] = ["mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"];

/// Reads what FFmpeg's libraries decode.
pub(super) struct LibrarySource {
    info: StreamInfo,
    /// What is kept of a frame.
    kept: Format,
    packets: Packets,
    decoding: Decoding,
    time_base: ffmpeg_next::Rational,
    /// Times of transport streams, which may begin anew.
    clock: Option<Clock>,
    /// The matrix of what is RGB.
    matrix: Matrix,
    resampler: Option<Resampler>,
    /// Whether frames may be of other sizes than the first.
    any_size: bool,
    recycler: Recycler,
    next: u64,
    /// Whether the next frame is decoded already, as the first is when the file is opened.
    ready: bool,
    /// What frames said of their samples so far, and the codes that the latest said it in.
    properties: Properties,
    codes: [i32; 7],
    options: OpenOptions,
    /// Whether times and the container allow for finding frames again.
    can_seek: bool,
    /// The frames of the video, where it was decoded before. Those that are not read are left out.
    seen: Option<Vec<Entry>>,
}

/// The demuxer's side.
struct Packets {
    demuxer: Demuxer,
    packet: Packet,
    stream: usize,
    /// Whether the file's index lists each packet, as that of MP4 does.
    indexed: bool,
    count: u64,
    damage: Damaged,
}

/// What is to be done about packets that are said to be damaged.
enum Damaged {
    /// They are errors.
    Refused,
    /// They may be where transport streams were joined: the file and the number of the stream's
    /// packets.
    Joins(String, u16),
    /// They are decoded.
    Accepted,
}

/// The decoder's side.
struct Decoding {
    decoder: Decoder,
    decoded: Picture,
    /// No more packets go to the decoder.
    drained: bool,
    /// Why they ended, if not because the file did.
    failure: Option<Message>,
    /// Decodes the first frames once more, to see whether they describe film grain; `None` once that
    /// is known.
    grain_probe: Option<(Decoder, Picture)>,
    /// Whether film grain is added.
    with_grain: bool,
    accept_damage: bool,
    /// The latest time of the packets that were sent, and the time of the picture that is sought:
    /// others before it are needed only as far as pictures refer to them.
    latest: Option<i64>,
    sought: Option<i64>,
    /// How many frames were said to be damaged.
    damaged: u64,
    incidents: Incidents,
}

impl LibrarySource {
    /// Opens a file, and says what its container leaves out of frames.
    pub(super) fn new(path: &str, options: &OpenOptions) -> Result<(Self, Option<Crop>)> {
        log::capture();
        log::take_complaint();
        let not_video = |reason: String| Error::not_video(path, reason);
        let demuxer = Demuxer::open(&super::url(path)).map_err(|error| {
            let complaint = log::take_complaint().map(|words| format!(" ({words})"));
            not_video(format!("FFmpeg can't open it: {error}{}", complaint.unwrap_or_default()))
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
        if with_grain && super::WITH_GRAIN.contains(&&codec[..]) {
            let probe = Decoder::open(&stream, 1, false).map_err(cannot_decode)?;
            grain_probe = Some((probe, Picture::new()));
        }
        let accept_damage = options.accepted.contains(&Accepted::Damage);
        let is_transport = demuxer.format_name() == "mpegts";
        let can_seek = SEEKABLE.contains(&&demuxer.format_name()[..]) && !accept_damage;
        let damage = match u16::try_from(stream.id()) {
            _ if accept_damage => Damaged::Accepted,
            Ok(number) if is_transport => Damaged::Joins(path.to_owned(), number),
            _ => Damaged::Refused,
        };
        let packet = Packet::empty();
        let mut packets = Packets { demuxer, packet, stream: index, indexed, count: 0, damage };
        let incidents = Incidents::default();
        // Only a frame tells for certain what the frames are.
        let mut decoding = Decoding {
            decoder,
            decoded: Picture::new(),
            drained: false,
            failure: None,
            grain_probe,
            with_grain,
            accept_damage,
            latest: None,
            sought: None,
            damaged: 0,
            incidents: incidents.clone(),
        };
        let some =
            decoding.advance(&mut packets).map_err(|reason| Error::frame(path, 0, reason))?;
        if !some {
            return Err(not_video("its video stream has no frames".to_owned()));
        }
        let (format, taking) = format_of(&decoding.decoded).map_err(not_video)?;
        let decoded = &decoding.decoded;
        let (mut properties, codes) = (properties_of(decoded, &taking), decoded.codes());
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
            sample_aspect: of_container.or(properties.sample_aspect),
            orientation: orientation
                .filter(|said| *said != Orientation::UPRIGHT)
                .or(decoded.orientation())
                .unwrap_or_default(),
            stream: number,
            notes: notes.into_iter().chain(taking.step()).collect(),
            rgb: taking.is_rgb(),
            incidents,
            index: (options.indexed && can_seek).then(FrameIndex::default),
            ..StreamInfo::new(path, format, &codec)
        };
        let recycler = Recycler::default();
        let source = Self {
            info,
            kept: format,
            packets,
            decoding,
            time_base,
            clock: is_transport.then(Clock::default),
            matrix: Matrix::default(),
            resampler: None,
            any_size: false,
            recycler,
            next: 0,
            ready: true,
            properties,
            codes,
            options: options.clone(),
            can_seek,
            seen: None,
        };
        Ok((source, crop))
    }

    /// Fails where the frame that was decoded means something else by its samples than those before.
    fn check_properties(&mut self) -> Result<(), Message> {
        let decoded = &self.decoding.decoded;
        let codes = decoded.codes();
        if codes == std::mem::replace(&mut self.codes, codes) {
            return Ok(());
        }
        let (_, taking) = format_of(decoded)?;
        let now = properties_of(decoded, &taking);
        // FFmpeg says so of frames between VP9's key frames that can't say it themselves.
        if self.info.codec == "vp9" && now.color.matrix.as_deref() == Some("bt470bg") {
            return Ok(());
        }
        match self.properties.change(now, &self.options.accepted) {
            Some(change) => Err(Properties::refused(change)),
            None => Ok(()),
        }
    }

    /// Decodes the next frame, unless it is already; false after the last.
    fn advance(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.ready) {
            return Ok(true);
        }
        if let Some(seen) = &self.seen {
            let entry = usize::try_from(self.next).ok().and_then(|next| seen.get(next));
            if let Some(entry) = entry
                && self.decoding.find(&mut self.packets, *entry)
            {
                return Ok(true);
            }
            self.start_over()?;
        }
        let advanced = self.decoding.advance(&mut self.packets);
        advanced.map_err(|reason| Error::frame(&self.info.path, self.next, reason))
    }

    /// Opens the video once more, and decodes it up to the frame that is next: what was sought is not
    /// the frame that was meant.
    fn start_over(&mut self) -> Result<()> {
        let (anew, _) = Self::new(&self.info.path, &self.options)?;
        let (kept, matrix, any_size, next) = (self.kept, self.matrix, self.any_size, self.next);
        *self = Self { kept, matrix, any_size, ..anew };
        self.skip(next).map(drop)
    }

    /// Writes the frame that was decoded into the index, if there is one.
    fn note(&self, with_digest: bool) {
        let Some(index) = &self.info.index else { return };
        let decoded = &self.decoding.decoded;
        let digest = with_digest.then(|| seeking::digest(decoded));
        index.push(Entry { timestamp: decoded.timestamp(), digest });
    }

    /// The frame that was decoded, in this library's form; the error is why it can't be.
    fn convert(&mut self) -> Result<Frame, Message> {
        let format = self.info.format;
        let decoded = &self.decoding.decoded;
        let (now, taking) = format_of(decoded)?;
        if now != format.with_size_of(&now) || (now != format && !self.any_size) {
            return Err(format!("is {now}; the frames before it are {format}").into());
        }
        if now != format {
            self.info.incidents.resize(now.size());
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
                taking::take(decoded, taking.pixel, conversion, self.matrix, &mut frame)?;
                frame
            }
        };
        let time = decoded.timestamp().map(|timestamp| seconds(timestamp, self.time_base));
        frame.time = match (&mut self.clock, time) {
            (Some(clock), Some(time)) => {
                let (time, anew) = clock.at(time);
                if anew {
                    self.info.incidents.join();
                }
                Some(time)
            }
            _ => time,
        };
        Ok(frame)
    }

    /// The frame that was decoded, its samples as they are, or promoted where `kept` has more bits.
    fn as_it_is(&self, taking: &Taking, kept: Format) -> Result<Frame, String> {
        let (decoded, pixel) = (&self.decoding.decoded, taking.pixel);
        let mut frame = self.recycler.frame(kept);
        match (self.info.format.bit_depth(), kept.bit_depth()) {
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

impl Source for LibrarySource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn look_at(&mut self, format: &Format) {
        self.kept = kept(self.info.format, format);
    }

    fn convert_with(&mut self, matrix: Matrix) {
        self.matrix = matrix;
    }

    fn allow_sizes(&mut self) {
        self.any_size = true;
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        if !self.advance()? {
            return Ok(None);
        }
        let frame = self.convert().and_then(|frame| {
            self.check_properties()?;
            Ok(frame)
        });
        let frame = frame.map_err(|reason| Error::frame(&self.info.path, self.next, reason))?;
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

    fn revisit(&mut self, index: &FrameIndex) {
        let entries = index.entries().filter(|_| self.can_seek && self.next == 0);
        let Some(entries) = entries else { return };
        // Of Matroska the list of key frames is only read by seeking. Where the beginning can't be
        // sought, the first frame is not found, and all are decoded.
        let start = entries.first().and_then(|entry| entry.timestamp).unwrap_or_default();
        self.ready = false;
        self.packets.indexed = false;
        self.packets.damage = Damaged::Accepted;
        self.decoding.seek(&mut self.packets, start);
        self.seen = Some(entries);
    }
}

impl Packets {
    /// Reads the video's next packet, false after the last; the error is what keeps it from being
    /// read.
    fn advance(&mut self) -> Result<bool, Message> {
        log::take_complaint();
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
        if let Some(complaint) = log::take_complaint() {
            return Err(format!("the file ends early: {complaint}").into());
        }
        let of_video = |stream: &Stream<'_>| self.indexed && stream.index() == self.stream;
        let stream = self.demuxer.streams().find(of_video);
        let promised = stream.map_or(0, |stream| ffi::index_entries(&stream));
        if self.count < promised {
            return Err(format!(
                "the file ends early: its index lists {promised} frames, and {} are there",
                self.count
            )
            .into());
        }
        Ok(())
    }
}

impl Damaged {
    /// Whether packets that are said to be damaged may be decoded.
    fn is_accepted(&mut self) -> bool {
        if let Self::Joins(path, number) = self {
            // What can't be read has failed already, or will.
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
                Err(Failure::AGAIN) if !self.drained => self.feed(packets)?,
                Err(Failure::END) => return self.failure.take().map_or(Ok(false), Err),
                Err(_) if self.accept_damage => self.damaged += 1,
                Err(error) => return Err(format!("FFmpeg can't decode it: {error}").into()),
            }
        }
    }

    /// Hands the decoder the next packet. Where there is none, the frames that the decoder holds
    /// are next, and then the reason.
    fn feed(&mut self, packets: &mut Packets) -> Result<(), Message> {
        let sent = match packets.advance() {
            Ok(true) => {
                self.probe_grain(&packets.packet);
                self.leave_out(&packets.packet);
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
            // What is wrong with the packet the other decoder says.
            _ => {}
        }
        self.grain_probe = None;
    }

    /// Fails if the decoder had to make up parts of the picture, or counts it where that is accepted.
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

/// What a decoded frame is, and how its samples are taken.
fn format_of(decoded: &Picture) -> Result<(Format, Taking), String> {
    let taking = Taking::of(&decoded.pixel_format())?;
    let pixel = taking.pixel;
    Format::new(decoded.width(), decoded.height(), pixel.chroma, pixel.bit_depth)
        .map(|format| (format, taking))
        .map_err(|error| error.to_string())
}

/// What a decoded frame says of its samples. What is converted from RGB is of limited range, and of a
/// matrix that is chosen later.
fn properties_of(decoded: &Picture, taking: &Taking) -> Properties {
    let full_range = decoded.full_range().or(taking.pixel.full_range.then_some(true));
    let full_range = if taking.is_rgb() { Some(false) } else { full_range };
    let mut color = decoded.color();
    if taking.is_rgb() {
        color.matrix = None;
    }
    Properties {
        range: full_range.map(|full| if full { ColorRange::Full } else { ColorRange::Limited }),
        color,
        interlaced: decoded.is_interlaced(),
        sample_aspect: rational(decoded.sample_aspect()),
    }
}

/// A fraction of FFmpeg's as a frame rate, 0 being unknown there.
fn rational(ffmpeg_next::Rational(num, den): ffmpeg_next::Rational) -> Option<Rational> {
    Rational::rate(u32::try_from(num).ok()?, u32::try_from(den).ok()?)
}

/// A timestamp in seconds.
fn seconds(timestamp: i64, ffmpeg_next::Rational(num, den): ffmpeg_next::Rational) -> f64 {
    timestamp as f64 * f64::from(num) / f64::from(den)
}

mod seeking;
#[cfg(test)]
mod tests;
