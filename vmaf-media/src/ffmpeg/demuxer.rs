//! Open files: their streams and packets.

use ffmpeg_next::codec::packet::Packet;
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::format::{self, context};
use ffmpeg_next::{Dictionary, Rational, Stream, media};

use super::decoded;
use super::failure::Failure;
use super::ffi::{self, SideData};
use super::tracks::Track;
use crate::Orientation;

/// An open file.
pub(super) struct Demuxer {
    input: context::Input,
}

impl Demuxer {
    /// Opens the file at `path` and reads the properties of its streams.
    pub(super) fn open(path: &str) -> Result<Self, Failure> {
        // No file has such a name.
        if path.contains('\0') {
            return Err(Failure::NOT_FOUND);
        }
        let mut options = Dictionary::new();
        if let Some(protocols) = super::allowed_protocols(path) {
            options.set("protocol_whitelist", protocols);
        }
        Ok(Self { input: format::input_with_dictionary(&super::url(path), options)? })
    }

    /// Returns FFmpeg's name of the file's format: names separated by commas.
    pub(super) fn format_name(&self) -> String {
        self.input.format().name().to_owned()
    }

    /// Returns the file's streams, in order.
    pub(super) fn streams(&self) -> impl Iterator<Item = Stream<'_>> {
        self.input.streams()
    }

    /// Reads the next packet, of any stream, into `packet`.
    pub(super) fn read(&mut self, packet: &mut Packet) -> Result<(), Failure> {
        // This frees the memory of the previous packet; reading does not.
        *packet = Packet::empty();
        Ok(packet.read(&mut self.input)?)
    }

    /// Seeks to a key frame of stream `stream` at or before `time`, in units of that stream.
    pub(super) fn seek(&mut self, stream: usize, time: i64) -> Result<(), Failure> {
        Ok(ffi::seek(&mut self.input, stream, time)?)
    }

    /// Returns the timestamp of the last key frame at or before `time` in the index of stream
    /// `stream`: its decoding or its presentation time, whichever the file lists.
    pub(super) fn key_frame_before(&self, stream: usize, time: i64) -> Option<i64> {
        ffi::key_frame_before(&self.input.stream(stream)?, time)
    }
}

/// Returns the facts about a stream that are known before it is chosen, if it is video.
pub(super) fn track(stream: &Stream<'_>) -> Option<Track> {
    if stream.parameters().medium() != media::Type::Video {
        return None;
    }
    let disposition = stream.disposition();
    let (width, height) = ffi::size(stream);
    Some(Track {
        index: u32::try_from(stream.index()).unwrap_or_default(),
        codec: ffi::codec_name(stream),
        width,
        height,
        is_default: disposition.contains(Disposition::DEFAULT),
        // Thumbnails have this disposition beside their own.
        is_cover: disposition.contains(Disposition::ATTACHED_PIC),
        is_still: ffi::is_still(stream),
    })
}

/// Returns the average frame rate of a stream and the rate of its timestamps, 0 if not known.
pub(super) fn frame_rates(stream: &Stream<'_>) -> [Rational; 2] {
    [stream.avg_frame_rate(), stream.rate()]
}

/// Returns the orientation of a stream's frames, if one applies to all of them. Newer versions of
/// FFmpeg state it for each frame instead.
pub(super) fn orientation(stream: &Stream<'_>) -> Option<Orientation> {
    decoded::orientation(&ffi::side_data(stream, SideData::DisplayMatrix)?)
}

/// Returns the profile of Dolby Vision and the compatibility of its base layer, from the stream's
/// configuration record.
pub(super) fn dolby_vision(stream: &Stream<'_>) -> Option<[u8; 2]> {
    // FFmpeg's structure has one byte for each of its fields.
    let record = ffi::side_data(stream, SideData::DolbyVision)?;
    Some([*record.get(2)?, *record.get(7)?])
}
