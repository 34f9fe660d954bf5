//! The orientation stated in an H.264 or H.265 stream itself, in a supplemental enhancement
//! information (SEI) message. An `ffmpeg` program reports only its angle, not the mirroring.

use super::command;
use crate::{ChildProgram, Orientation};

/// The payload type of the message.
const DISPLAY_ORIENTATION: usize = 47;

/// Returns the orientation stated by the first frame of a stream of the file at `path`, if there is
/// one.
pub(super) fn orientation(path: &str, codec: &str, stream: u32) -> Option<Orientation> {
    let mut command = command::command("error");
    command::add_input(&mut command, path);
    command.args(["-map", &format!("0:{stream}"), "-c", "copy"]);
    command.args(["-frames:v", "1", "-f", codec, "pipe:1"]);
    let output = ChildProgram::output(command).ok()?;
    let units = split(&output.stdout);
    units.into_iter().find_map(|unit| message(unit, codec))
}

/// Splits a stream into its NAL units, each of which follows a start code.
fn split(stream: &[u8]) -> Vec<&[u8]> {
    let starts = stream.windows(3).enumerate().filter(|(_, code)| *code == [0, 0, 1]);
    let starts: Vec<usize> = starts.map(|(place, _)| place + 3).collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len() + 3]);
    starts.iter().zip(ends).map(|(start, end)| &stream[*start..(end - 3).max(*start)]).collect()
}

/// Returns the orientation in a unit, if it is an SEI unit with this message.
fn message(unit: &[u8], codec: &str) -> Option<Orientation> {
    let first = *unit.first()?;
    let header = match codec {
        "h264" if first & 0x1f == 6 => 1,
        "hevc" if first >> 1 & 0x3f == 39 => 2,
        _ => return None,
    };
    let bytes = unescaped(unit.get(header..)?);
    let mut rest = &bytes[..];
    // The last message is followed by a single bit.
    while rest.len() > 2 {
        let kind = number(&mut rest)?;
        let size = number(&mut rest)?;
        if kind == DISPLAY_ORIENTATION {
            return parse(rest.first_chunk::<3>()?);
        }
        rest = rest.get(size..)?;
    }
    None
}

/// Parses the flags and the angle, in 65536ths of a turn.
fn parse(bytes: &[u8; 3]) -> Option<Orientation> {
    let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
    let flag = |place: u32| bits >> (23 - place) & 1 == 1;
    let angle = f64::from(bits >> 5 & 0xffff) / 65536.0 * 360.0;
    // The first flag cancels the orientation.
    (!flag(0)).then(|| Orientation::new([flag(1), flag(2)], angle))
}

/// Reads a number written as a sum of bytes, of which all but the last are 255.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let mut sum = 0;
    loop {
        let (first, after) = rest.split_first()?;
        *rest = after;
        sum += usize::from(*first);
        if *first != 255 {
            return Some(sum);
        }
    }
}

/// Removes the bytes that prevent false start codes.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        plain.push(*byte);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_display_orientation_message_is_found_among_others() {
        // Not cancelled, mirrored left to right, a quarter of a turn counterclockwise.
        let bits = [0b0100_1000, 0, 0];
        let of = |bytes: &[u8], codec: &str| {
            split(bytes).into_iter().find_map(|unit| message(unit, codec))
        };
        let escaped = [bits[0], 0, 0, 3, 1];
        let h264 =
            [&[0, 0, 0, 1, 0x67, 9, 9, 0, 0, 1, 6, 5, 2, 1, 1, 47, 4][..], &escaped, &[0x80]];
        let found = of(&h264.concat(), "h264").expect("an orientation");
        assert_eq!(found, Orientation::new([true, false], 90.0));
        let hevc = [&[0, 0, 1, 78, 1, 47, 3][..], &[0b0001_0000, 0, 0x20, 0x80]].concat();
        let found = of(&hevc, "hevc").expect("an orientation");
        assert_eq!(found.to_string(), "rotated by 180 degrees");
        assert_eq!(of(&hevc, "h264"), None);
        // Cancelled, cut off, or none.
        assert_eq!(of(&[0, 0, 1, 6, 47, 3, 0x80, 0, 0, 0x80], "h264"), None);
        assert_eq!(of(&[0, 0, 1, 6, 47, 3, 0x80], "h264"), None);
        assert_eq!(of(&[0, 0, 1, 6, 255, 255], "h264"), None);
        assert_eq!(of(&[0, 0, 1], "h264"), None);
    }
}
