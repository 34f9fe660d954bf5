//! Crops and orientations that containers and streams say: both decoders tell and apply the same.

use vmaf_core::Frame;
use vmaf_media::conform::oriented;
use vmaf_media::{Decoder, OpenOptions, Orientation, StreamInfo, open};

use crate::common::{Folder, drain, ffmpeg, planes, read_with};
use crate::ffmpeg::{DECODERS, PICTURE, encode, run};
#[cfg(feature = "ffmpeg")]
use crate::urls::served;

fn decode(file: &str, decoder: Decoder) -> (StreamInfo, Vec<Frame>) {
    let options = OpenOptions { decoder, threads: 1, ..OpenOptions::default() };
    read_with(file, &options).unwrap_or_else(|error| panic!("{decoder:?}: {error}"))
}

/// Facts that the decoders state of a file, which have to be the same.
fn told(file: &str) -> StreamInfo {
    let mut all = DECODERS.iter().map(|decoder| decode(file, *decoder));
    let (info, frames) = all.next().expect("a decoder");
    for (other, other_frames) in all {
        assert_eq!((other.format, other.orientation), (info.format, info.orientation), "{file}");
        assert_eq!(other.notes, info.notes, "{file}");
        assert_eq!(frames.len(), other_frames.len(), "{file}");
        let alike = |(a, b): (&Frame, &Frame)| planes(a) == planes(b);
        assert!(frames.iter().zip(&other_frames).all(alike), "{file}");
    }
    info
}

/// A file's bytes with a clean aperture in its video track; the header is at the end.
fn with_aperture(file: &str, numbers: [i32; 8]) -> Vec<u8> {
    let mut bytes = std::fs::read(file).expect("a file");
    let mut places = Vec::new();
    let mut from = 0;
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"] {
        from += bytes[from..].windows(4).position(|four| four == kind).expect("a box") + 4;
        places.push(from - 8);
    }
    // Behind version, flags and count.
    places.push(from + 8);
    let mut end = 0;
    for place in places {
        let size: [u8; 4] = bytes[place..place + 4].try_into().expect("four bytes");
        let size = u32::from_be_bytes(size);
        bytes[place..place + 4].copy_from_slice(&(size + 40).to_be_bytes());
        end = place + size as usize;
    }
    let numbers = numbers.iter().flat_map(|number| number.to_be_bytes());
    let aperture: Vec<u8> = [0, 0, 0, 40].into_iter().chain(*b"clap").chain(numbers).collect();
    bytes.splice(end..end, aperture);
    bytes
}

#[test]
fn both_decoders_apply_crops_equally() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let plain = folder.path("plain.mp4");
    for (name, numbers, part) in [
        ("even", [80, 1, 56, 1, -4, 1, 0, 1], "80:56:4:4"),
        // 81:55:7:5, and what begins within samples: chroma comes in pairs.
        ("odd", [81, 1, 55, 1, -1, 2, 1, 2], "80:54:6:4"),
        ("half", [81, 1, 55, 1, 0, 1, 0, 1], "80:54:6:4"),
        ("all", [96, 1, 64, 1, 0, 1, 0, 1], ""),
        ("larger", [97, 1, 64, 1, 0, 1, 0, 1], ""),
    ] {
        encode(&program, PICTURE, "-c:v libx264 -pix_fmt yuv420p -frames:v 5", &plain);
        let file = folder.write(&format!("{name}.mp4"), with_aperture(&plain, numbers));
        let info = told(&file);
        let size = format!("{}:{}:", info.format.width(), info.format.height());
        if part.is_empty() {
            assert!(size == "96:64:" && info.notes.is_empty(), "{name}: {:?}", info.notes);
            continue;
        }
        assert!(part.starts_with(&size), "{name}: {size}");
        assert_eq!(info.notes, [format!("cropped from 96x64 to {part}, as the container states")]);
        // As the program crops by itself, where it does.
        let by_itself = folder.path(&format!("{name}.y4m"));
        run(&program, &["-i", &file, &by_itself]);
        let (own, frames) = decode(&by_itself, Decoder::Auto);
        assert_eq!(own.format, info.format, "{name}");
        let (_, ours) = decode(&file, DECODERS[0]);
        let alike = |(a, b): (&Frame, &Frame)| planes(a) == planes(b);
        assert!(frames.iter().zip(&ours).all(alike), "{name}");
        // The same, in another container.
        let copied = folder.path(&format!("{name}.mkv"));
        run(&program, &["-i", &file, "-c", "copy", &copied]);
        assert_eq!(told(&copied).notes, info.notes, "{name}");
    }
}

#[test]
#[cfg(feature = "ffmpeg")]
fn crops_and_orientations_are_read_over_the_network() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let plain = folder.path("plain.mp4");
    encode(&program, PICTURE, "-c:v libx264 -pix_fmt yuv420p -frames:v 5", &plain);
    let turned = folder.path("turned.mp4");
    run(&program, &["-display_vflip", "-i", &plain, "-c", "copy", &turned]);
    let bytes = with_aperture(&turned, [80, 1, 56, 1, -4, 1, 0, 1]);
    for ranges in [true, false] {
        let info = told(&format!("{}/a.mp4", served(bytes.clone(), ranges)));
        assert_eq!(info.orientation.to_string(), "mirrored top to bottom");
        assert_eq!(info.notes, ["cropped from 96x64 to 80:56:4:4, as the container states"]);
    }
}

#[test]
fn both_decoders_report_equal_orientations() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let plain = folder.path("plain.mp4");
    encode(&program, PICTURE, "-c:v libx264 -pix_fmt yuv420p -frames:v 5", &plain);
    let (_, stored) = decode(&plain, DECODERS[0]);
    for (index, options) in [
        "-display_hflip",
        "-display_vflip",
        "-display_rotation 90",
        "-display_rotation 180",
        "-display_rotation 270 -display_hflip",
        "-display_rotation 90 -display_hflip",
        "-display_rotation 20",
    ]
    .into_iter()
    .enumerate()
    {
        let file = folder.path(&format!("{index}.mp4"));
        let mut arguments: Vec<&str> = options.split(' ').collect();
        arguments.extend(["-i", &plain, "-c", "copy", &file]);
        run(&program, &arguments);
        let info = told(&file);
        assert_ne!(info.orientation, Orientation::UPRIGHT, "{options}");
        // Frames come as they are stored.
        let (_, frames) = decode(&file, DECODERS[0]);
        assert!(frames.iter().zip(&stored).all(|(a, b)| planes(a) == planes(b)), "{options}");
        if !info.orientation.is_exact() {
            continue;
        }
        let copied = folder.path(&format!("{index}.mkv"));
        run(&program, &["-i", &file, "-c", "copy", &copied]);
        assert_eq!(told(&copied).orientation, info.orientation, "{options}");
        // Shown as the program shows it.
        let shown = folder.path(&format!("{index}.y4m"));
        run(&program, &["-i", &file, &shown]);
        let (_, expected) = decode(&shown, Decoder::Auto);
        let source = open(&file, &OpenOptions::default()).expect("a source");
        let upright = oriented(source, Orientation::UPRIGHT).expect("right angles");
        let ours = drain(upright).expect("frames");
        assert!(ours.iter().zip(&expected).all(|(a, b)| planes(a) == planes(b)), "{options}");
    }
}

/// A message that frames are to be mirrored, across or down, and turned counterclockwise by so many
/// quarters.
fn orientation_message([across, down]: [bool; 2], quarters: u32, is_hevc: bool) -> Vec<u8> {
    let flags = u32::from(across) << 22 | u32::from(down) << 21 | quarters << 19;
    // It holds on; of H.264 for as many frames as are not told otherwise.
    let [_, payload @ ..] = (flags | if is_hevc { 0b11000 } else { 0b01001 }).to_be_bytes();
    let header: &[u8] = if is_hevc { &[39 << 1, 1] } else { &[6] };
    [&[0, 0, 0, 1], header, &[47, 3], &payload, &[0x80]].concat()
}

#[test]
fn both_decoders_report_equal_orientations_of_coded_streams() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    for (codec, options) in
        [("h264", "-c:v libx264"), ("hevc", "-c:v libx265 -x265-params log-level=error")]
    {
        let plain = folder.path(&format!("plain.{codec}"));
        let is_hevc = codec == "hevc";
        // Each frame is a key frame, and says it.
        encode(&program, PICTURE, &format!("{options} -pix_fmt yuv420p -frames:v 3 -g 1"), &plain);
        let stream = std::fs::read(&plain).expect("a stream");
        let is_picture = |unit: u8| match is_hevc {
            true => (16..=21).contains(&(unit >> 1 & 0x3f)),
            false => unit & 0x1f == 5,
        };
        for (index, (mirrored, quarters, words)) in [
            ([false, false], 1, "rotated by 270 degrees"),
            ([false, false], 3, "rotated by 90 degrees"),
            ([true, false], 0, "mirrored left to right"),
            ([false, true], 0, "mirrored top to bottom"),
        ]
        .into_iter()
        .enumerate()
        {
            let message = orientation_message(mirrored, quarters, is_hevc);
            let mut said = Vec::new();
            for (place, byte) in stream.iter().enumerate() {
                let rest = &stream[place..];
                if rest.starts_with(&[0, 0, 1]) && is_picture(rest[3]) {
                    said.extend_from_slice(&message);
                }
                said.push(*byte);
            }
            let file = folder.write(&format!("{index}.{codec}"), said);
            assert_eq!(told(&file).orientation.to_string(), words, "{file}");
            let copied = folder.path(&format!("{codec}{index}.mp4"));
            run(&program, &["-i", &file, "-c", "copy", &copied]);
            assert_eq!(told(&copied).orientation.to_string(), words, "{copied}");
        }
    }
}
