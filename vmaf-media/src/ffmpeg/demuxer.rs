//! Open files: their streams and packets.

use ffmpeg_next::codec::packet::Packet;
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::format::{self, context};
use ffmpeg_next::{Rational, Stream, media};

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
    /// Opens a file and looks at its streams.
    pub(super) fn open(url: &str) -> Result<Self, Failure> {
        // No file has such a name.
        if url.contains('\0') {
            return Err(Failure::NOT_FOUND);
        }
        Ok(Self { input: format::input(url)? })
    }

    /// FFmpeg's name of the file's format: names with commas between them.
    pub(super) fn format_name(&self) -> String {
        self.input.format().name().to_owned()
    }

    /// The file's streams, in order.
    pub(super) fn streams(&self) -> impl Iterator<Item = Stream<'_>> {
        self.input.streams()
    }

    /// Reads the next packet, of any stream, into `packet`.
    pub(super) fn read(&mut self, packet: &mut Packet) -> Result<(), Failure> {
        // The memory of the packet before is freed by this, and not by reading.
        *packet = Packet::empty();
        Ok(packet.read(&mut self.input)?)
    }

    /// Goes to a key frame of stream `stream` at or before `time`, in units of that stream.
    pub(super) fn seek(&mut self, stream: usize, time: i64) -> Result<(), Failure> {
        Ok(ffi::seek(&mut self.input, stream, time)?)
    }

    /// The time at which the last key frame at or before `time` that is listed of stream `stream` is
    /// decoded or shown, whichever the file lists.
    pub(super) fn key_frame_before(&self, stream: usize, time: i64) -> Option<i64> {
        ffi::key_frame_before(&self.input.stream(stream)?, time)
    }
}

/// The facts of a stream that are known before it is chosen, if it is video.
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

/// The average frame rate of a stream and that of its time stamps, 0 where they are not known.
pub(super) fn frame_rates(stream: &Stream<'_>) -> [Rational; 2] {
    [stream.avg_frame_rate(), stream.rate()]
}

/// The orientation of a stream's frames, where one is given for all of them. Newer versions of FFmpeg
/// give it for each frame instead.
pub(super) fn orientation(stream: &Stream<'_>) -> Option<Orientation> {
    decoded::orientation(&ffi::side_data(stream, SideData::DisplayMatrix)?)
}

/// The profile of Dolby Vision and the compatibility of its base layer, by the stream's configuration
/// record.
pub(super) fn dolby_vision(stream: &Stream<'_>) -> Option<[u8; 2]> {
    // FFmpeg's structure is a byte for each of its fields.
    let record = ffi::side_data(stream, SideData::DolbyVision)?;
    Some([*record.get(2)?, *record.get(7)?])
}
