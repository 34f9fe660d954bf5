//! MPEG transport streams that were joined by appending one file to another.
//!
//! Each packet of a transport stream carries a counter, by which a demuxer detects lost packets. If
//! a stream was appended to another, the counter and the timestamps restart, and FFmpeg reports the
//! frame before that place as damaged. [`is_joined`] distinguishes such places from losses: a
//! segment begins with the tables that list its streams, and the next packet of the video begins a
//! frame. Within a frame nothing may be missing. [`Clock`] continues timestamps from one segment to
//! the next.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

/// The length of a transport packet.
const PACKET: usize = 188;

/// The first byte of each packet.
const SYNC: u8 = 0x47;

/// The packets that carry the table of programs, with which a segment begins.
const TABLES: u16 = 0;

/// Returns true if the stream with packet identifier `pid` is complete, except at joins of
/// segments.
pub(super) fn is_joined(path: &Path, pid: u16) -> io::Result<bool> {
    check(BufReader::with_capacity(PACKET << 12, File::open(path)?), pid)
}

fn check(mut reader: impl Read, pid: u16) -> io::Result<bool> {
    let mut packet = [0; PACKET];
    let (mut last, mut tables) = (None, false);
    loop {
        match reader.read_exact(&mut packet) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(true),
            Err(error) => return Err(error),
        }
        let header = Header::parse(&packet);
        if packet[0] != SYNC || (header.pid == pid && header.is_damaged) {
            return Ok(false);
        }
        if header.pid == TABLES {
            tables = true;
        }
        if header.pid != pid || !header.has_payload {
            continue;
        }
        let goes_on = last.is_none_or(|last: u8| {
            // A packet may be sent twice.
            header.counter == last || header.counter == (last + 1) % 16
        });
        let is_join = header.begins && tables;
        if !(goes_on || is_join || header.is_discontinuous) {
            return Ok(false);
        }
        (last, tables) = (Some(header.counter), false);
    }
}

/// The header of a transport packet.
struct Header {
    pid: u16,
    counter: u8,
    /// True if the sender marked the packet as damaged.
    is_damaged: bool,
    /// True if a frame begins in the packet.
    begins: bool,
    has_payload: bool,
    /// True if the packet's counter is meant to restart.
    is_discontinuous: bool,
}

impl Header {
    fn parse(packet: &[u8; PACKET]) -> Self {
        let has_adaptation = packet[3] & 0x20 != 0 && packet[4] > 0;
        Self {
            pid: u16::from_be_bytes([packet[1] & 0x1f, packet[2]]),
            counter: packet[3] & 0x0f,
            is_damaged: packet[1] & 0x80 != 0,
            begins: packet[1] & 0x40 != 0,
            has_payload: packet[3] & 0x10 != 0,
            is_discontinuous: has_adaptation && packet[5] & 0x80 != 0,
        }
    }
}

/// The greatest step between timestamps, in seconds; a larger one is a restart, as in FFmpeg.
const MAX_STEP: f64 = 10.0;

/// Timestamps in seconds, continued when a stream's own restart.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The offset added to timestamps.
    added: f64,
    last: Option<f64>,
    /// The latest distance between frames.
    apart: f64,
}

impl Clock {
    /// Returns the timestamp of the next frame, and true if the stream's own timestamps restarted
    /// there.
    pub(super) fn at(&mut self, time: f64) -> (f64, bool) {
        let mut time = time + self.added;
        let mut restarted = false;
        if let Some(last) = self.last {
            let apart = time - last;
            restarted = !(0.0..=MAX_STEP).contains(&apart);
            if restarted {
                self.added += last + self.apart - time;
                time = last + self.apart;
            } else {
                self.apart = apart;
            }
        }
        self.last = Some(time);
        (time, restarted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet of `pid` with a counter, in which a frame begins or not.
    fn packet(pid: u16, counter: u8, begins: bool) -> Vec<u8> {
        let [high, low] = pid.to_be_bytes();
        let mut packet =
            vec![SYNC, high | if begins { 0x40 } else { 0 }, low, 0x10 | (counter & 0x0f)];
        packet.resize(PACKET, 0xff);
        packet
    }

    fn is_whole(packets: &[Vec<u8>]) -> bool {
        check(&packets.concat()[..], 256).expect("read")
    }

    #[test]
    fn joined_segments_are_not_lost_frames() {
        let segment =
            [packet(0, 0, true), packet(256, 0, true), packet(256, 1, false), packet(256, 2, true)];
        let twice = [&segment[..], &segment[..]].concat();
        assert!(is_whole(&segment) && is_whole(&twice));
        // Of other streams nothing matters.
        let sound = [&segment[..2], &[packet(257, 9, false)], &segment[2..]].concat();
        assert!(is_whole(&sound));
        // In the middle of a frame one is lost, be it behind tables.
        let lost = [&segment[..2], &[packet(0, 1, true), packet(256, 5, false)]].concat();
        assert!(!is_whole(&lost));
        // Between frames, but no segment begins there.
        assert!(!is_whole(&[&segment[..2], &[packet(256, 5, true)]].concat()));
        // A segment that was cut off within a packet.
        let mut cut = twice.concat();
        cut.remove(300);
        assert!(!check(&cut[..], 256).expect("read"));
    }

    #[test]
    fn timestamps_that_restart_continue() {
        let mut clock = Clock::default();
        let times = [1.0, 1.5, 2.0, 1.0, 1.5, 100.0, 100.5].map(|time| clock.at(time));
        let expected = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0];
        assert_eq!(times.map(|(time, _)| time), expected);
        assert_eq!(
            times.map(|(_, restarted)| restarted),
            [false, false, false, true, false, true, false]
        );
    }
}
