//! Seeks to frames of a video that was decoded before.
//!
//! A picture is decoded from the nearest key frame before it, or from the decoder's position if
//! that is nearer, leaving out unreferenced pictures in between. It is the right frame if its
//! timestamp and the digest of its samples match; if they don't, the source decodes the video from
//! its beginning.

use ffmpeg_next::Packet;

use super::{Decoding, Packets};
use crate::ffmpeg::decoded::Picture;
use crate::frame_index::{self, Entry};

/// The distance of the rows in the digest: decoding errors affect whole blocks.
const APART: usize = 4;

/// A digest of a picture's first plane.
pub(super) fn digest(decoded: &Picture) -> u64 {
    // Formats of higher bit depth or more components have more bytes per row; only the first are
    // used.
    let bytes = decoded.width() as usize;
    let rows = (0..decoded.height() as usize).step_by(APART);
    frame_index::digest(rows.filter_map(|y| decoded.row(0, y, bytes)))
}

impl Decoding {
    /// Seeks to the last key frame at or before `time`.
    pub(super) fn seek(&mut self, packets: &mut Packets, time: i64) {
        // If seeking fails, another frame is decoded, which is noticed.
        let _ = packets.demuxer.seek(packets.stream, time);
        self.decoder.flush();
        // Damage is accepted, since pictures may refer to others before the key frame: the digest
        // shows if the picture is the right one.
        self.accept_damage = true;
        self.grain_probe = None;
        (self.drained, self.failure, self.latest, self.seek_target) =
            (false, None, None, Some(time));
    }

    /// Decodes the frame of `entry`; false if it can't be found, or is not the same.
    pub(super) fn find(&mut self, packets: &mut Packets, entry: Entry) -> bool {
        let Entry { timestamp: Some(time), digest: Some(samples) } = entry else { return false };
        let key_frame = packets.demuxer.key_frame_before(packets.stream, time);
        if key_frame.is_some_and(|key_frame| self.latest.is_some_and(|latest| key_frame > latest)) {
            self.seek(packets, time);
        }
        self.seek_target = Some(time);
        while let Ok(true) = self.advance(packets) {
            match self.decoded.timestamp() {
                Some(earlier) if earlier < time => {}
                Some(found) => return found == time && digest(&self.decoded) == samples,
                None => return false,
            }
        }
        false
    }

    /// Has the decoder leave out the picture of `packet` if it comes before the one that is sought
    /// and no other refers to it.
    pub(super) fn skip_unneeded(&mut self, packet: &Packet) {
        let Some(seek_target) = self.seek_target else { return };
        let time = packet.pts();
        self.decoder.skip_unreferenced(time.is_some_and(|time| time < seek_target));
        self.latest = self.latest.max(time);
    }
}
