//! Frames of a video that was decoded before, found again by seeking.
//!
//! A picture is decoded from the nearest key frame before it, or from where the decoder is if that is
//! nearer, without the pictures in between that none refers to. It is the frame that was meant if its
//! time and its samples say so; where they don't, the source decodes the video from its beginning.

use ffmpeg_next::Packet;

use super::{Decoding, Packets};
use crate::ffmpeg::decoded::Picture;
use crate::frame_index::{self, Entry};

/// Of how many rows one is looked at: what is decoded wrongly is wrong in blocks.
const APART: usize = 4;

/// A digest of a picture's first plane.
pub(super) fn digest(decoded: &Picture) -> u64 {
    // Formats of more bits or components have more bytes a row, of which these are a part.
    let bytes = decoded.width() as usize;
    let rows = (0..decoded.height() as usize).step_by(APART);
    frame_index::digest(rows.filter_map(|y| decoded.row(0, y, bytes)))
}

impl Decoding {
    /// Goes to the last key frame at or before `time`.
    pub(super) fn seek(&mut self, packets: &mut Packets, time: i64) {
        // What stays where it is gives another frame, which is noticed.
        let _ = packets.demuxer.seek(packets.stream, time);
        self.decoder.flush();
        // Whatever the decoder makes of what refers to pictures before the key frame: the digest
        // tells whether it is the picture that was meant.
        self.accept_damage = true;
        self.grain_probe = None;
        (self.drained, self.failure, self.latest, self.sought) = (false, None, None, Some(time));
    }

    /// Decodes the frame of `entry`; false where it can't be found, or is not the same.
    pub(super) fn find(&mut self, packets: &mut Packets, entry: Entry) -> bool {
        let Entry { timestamp: Some(time), digest: Some(samples) } = entry else { return false };
        let key_frame = packets.demuxer.key_frame_before(packets.stream, time);
        if key_frame.is_some_and(|key_frame| self.latest.is_some_and(|latest| key_frame > latest)) {
            self.seek(packets, time);
        }
        self.sought = Some(time);
        while let Ok(true) = self.advance(packets) {
            match self.decoded.timestamp() {
                Some(earlier) if earlier < time => {}
                Some(found) => return found == time && digest(&self.decoded) == samples,
                None => return false,
            }
        }
        false
    }

    /// Has the decoder leave out the picture of `packet` if it comes before the one that is sought,
    /// and none refers to it.
    pub(super) fn leave_out(&mut self, packet: &Packet) {
        let Some(sought) = self.sought else { return };
        let time = packet.pts();
        self.decoder.leave_out_unreferenced(time.is_some_and(|time| time < sought));
        self.latest = self.latest.max(time);
    }
}
