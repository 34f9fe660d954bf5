//! Film grain that a stream of H.264 or H.265 describes in a message, and the decoder adds.

use vmaf_media::OpenOptions;

use crate::common::{Folder, ffmpeg, planes, read_with};
use crate::ffmpeg::{DECODERS, encode};

/// Bits, written one after the other.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn number(&mut self, value: u32, bits: u32) {
        self.0.extend((0..bits).rev().map(|bit| value >> bit & 1 == 1));
    }

    /// A number of a length that it tells itself.
    fn exp_golomb(&mut self, value: u32) {
        let bits = 32 - (value + 1).leading_zeros();
        self.number(0, bits - 1);
        self.number(value + 1, bits);
    }

    fn bytes(mut self) -> Vec<u8> {
        // As at the end of a message.
        self.0.push(true);
        self.0.resize(self.0.len().next_multiple_of(8), false);
        let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

/// A message that describes grain of luma at all levels, for all frames that follow.
fn message(is_hevc: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    // Not cancelled; by frequencies; colours as the stream's; added; a scale of 2^5.
    for (value, length) in [(0, 1), (0, 2), (0, 1), (0, 2), (5, 4)] {
        bits.number(value, length);
    }
    // Of luma alone, one interval with one value.
    for (value, length) in [(1, 1), (0, 1), (0, 1), (0, 8), (0, 3), (0, 8), (255, 8)] {
        bits.number(value, length);
    }
    // A strength of 120, as a signed number, and then for how long.
    bits.exp_golomb(2 * 120 - 1);
    if is_hevc {
        bits.number(1, 1);
    } else {
        bits.exp_golomb(1);
    }
    let payload = bits.bytes();
    let header: &[u8] = if is_hevc { &[39 << 1, 1] } else { &[6] };
    let size = u8::try_from(payload.len()).expect("a short message");
    [&[0, 0, 0, 1], header, &[19, size], &payload, &[0x80]].concat()
}

#[test]
fn film_grain_of_h264_and_h265_is_reported_and_can_be_left_out() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let picture = "color=gray:size=96x64:rate=25:duration=0.2";
    for (name, codec, is_hevc) in [
        ("a.h264", "-c:v libx264 -bf 0", false),
        ("a.hevc", "-c:v libx265 -x265-params log-level=error:bframes=0:info=0", true),
    ] {
        let file = folder.path(name);
        encode(&program, picture, &format!("{codec} -pix_fmt yuv420p"), &file);
        let plain = std::fs::read(&file).expect("a stream");
        // Before the first unit of a picture.
        let is_picture = |unit: u8| match is_hevc {
            true => (16..=21).contains(&(unit >> 1 & 0x3f)),
            false => unit & 0x1f == 5,
        };
        let place = plain.windows(4).position(|four| four[..3] == [0, 0, 1] && is_picture(four[3]));
        let place = place.expect("a picture");
        let place = if plain[place - 1] == 0 { place - 1 } else { place };
        let grainy = [&plain[..place], &message(is_hevc), &plain[place..]].concat();
        let grainy = folder.write(&format!("grain_{name}"), grainy);
        for &decoder in DECODERS {
            let decode = |path: &str, no_film_grain: bool| {
                let options =
                    OpenOptions { decoder, threads: 1, no_film_grain, ..OpenOptions::default() };
                let (info, frames) = read_with(path, &options).expect(path);
                let frames: Vec<_> = frames.iter().map(planes).collect();
                (info.incidents.steps(), frames)
            };
            let (told, without) = decode(&file, false);
            assert!(told.is_empty(), "{name} {decoder:?}: {told:?}");
            let (told, with) = decode(&grainy, false);
            assert_eq!(told, ["film grain synthesised by the decoder"], "{name} {decoder:?}");
            assert_eq!(with.len(), without.len());
            assert!(with[0] != without[0], "{name} {decoder:?}");
            let (told, left_out) = decode(&grainy, true);
            assert_eq!(told, ["film grain left out"], "{name} {decoder:?}");
            assert!(left_out == without, "{name} {decoder:?}");
        }
    }
}
