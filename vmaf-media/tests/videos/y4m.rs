//! y4m files and pipes, whole.

use std::io::Write;
use std::thread;

use crate::common::{Folder, Picture, assert_skipped_like, bad_frame, not_video, read};
use vmaf_core::Chroma;
use vmaf_media::{Error, OpenOptions, Rational, ReadPlan};

/// A file of `count` pictures with the chroma tag `tag`.
fn y4m(tag: &str, picture: impl Fn(usize) -> Picture, count: usize) -> Vec<u8> {
    let Picture { width, height, .. } = picture(0);
    let mut file = format!("YUV4MPEG2 W{width} H{height} F24000:1001 Ip {tag}\n").into_bytes();
    for seed in 0..count {
        file.extend(b"FRAME\n");
        file.extend(picture(seed).bytes());
    }
    file
}

fn tag(chroma: Chroma, bit_depth: u8) -> String {
    let name = match chroma {
        Chroma::Mono => "mono",
        Chroma::Yuv420 => "420",
        Chroma::Yuv422 => "422",
        Chroma::Yuv444 => "444",
    };
    match (chroma, bit_depth) {
        (_, 8) => format!("C{name}"),
        (Chroma::Mono, _) => format!("C{name}{bit_depth}"),
        _ => format!("C{name}p{bit_depth}"),
    }
}

#[test]
fn every_chroma_depth_and_size_is_read() {
    let folder = Folder::new();
    for chroma in [Chroma::Mono, Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444] {
        for bit_depth in [8, 9, 10, 12, 14, 16] {
            for (width, height) in [(16, 8), (17, 9), (17, 8), (16, 9), (1, 1), (2, 3)] {
                let picture = |seed| Picture::new(width, height, chroma, bit_depth, seed);
                let file = folder.write("a.y4m", y4m(&tag(chroma, bit_depth), picture, 3));
                let (info, frames) = read(&file).expect("a video");
                assert_eq!(info.frame_rate, Some(Rational { num: 24000, den: 1001 }));
                assert_eq!(info.frames, Some(3));
                assert_eq!(frames.len(), 3);
                for (seed, frame) in frames.iter().enumerate() {
                    picture(seed).assert_shown(frame);
                    let time = seed as f64 * 1001.0 / 24000.0;
                    assert_eq!(frame.time, Some(time));
                }
            }
        }
    }
}

#[test]
fn alpha_is_skipped() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(5, 3, Chroma::Yuv444, 8, seed);
    let mut file = b"YUV4MPEG2 W5 H3 C444alpha\n".to_vec();
    for seed in 0..2 {
        file.extend(b"FRAME\n");
        file.extend(picture(seed).bytes());
        file.extend([77; 15]);
    }
    let (_, frames) = read(&folder.write("a.y4m", file)).expect("a video");
    assert_eq!(frames.len(), 2);
    for (seed, frame) in frames.iter().enumerate() {
        picture(seed).assert_shown(frame);
        assert_eq!(frame.time, None);
    }
}

#[test]
fn frame_parameters_are_ignored() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(4, 4, Chroma::Yuv420, 8, seed);
    let mut file = b"YUV4MPEG2 W4 H4 F25:1\n".to_vec();
    for seed in 0..2 {
        file.extend(b"FRAME Ip XQUANT=7\n");
        file.extend(picture(seed).bytes());
    }
    let (info, frames) = read(&folder.write("a.y4m", file)).expect("a video");
    assert_eq!(info.frames, None);
    assert_eq!(frames.len(), 2);
    picture(1).assert_shown(&frames[1]);
}

#[test]
fn frames_have_the_properties_of_the_stream() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(4, 4, Chroma::Yuv420, 10, seed);
    let header = "YUV4MPEG2 W4 H4 F24000:1001 C420p10 XCOLORRANGE=FULL\n";
    let mut file = header.as_bytes().to_vec();
    for seed in 0..2 {
        file.extend(b"FRAME\n");
        file.extend(picture(seed).bytes());
    }
    let (_, frames) = read(&folder.write("a.y4m", file)).expect("a video");
    let frame = &frames[1];
    assert_eq!(frame.format().bit_depth(), 10);
    assert_eq!(frame.frame_rate, Some(vmaf_media::Rational { num: 24000, den: 1001 }));
    assert_eq!(frame.range, Some(vmaf_media::ColorRange::Full));
    assert_eq!(frame.time, Some(1001.0 / 24000.0));
}

#[test]
fn skipped_frames_count() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(5, 3, Chroma::Yuv420, 8, seed);
    let file = folder.write("a.y4m", y4m("C420", picture, 4));
    let (_, all) = read(&file).expect("a video");
    let source = vmaf_media::open(&file, &OpenOptions::default()).expect("a video");
    let mut frames = source.frames(&ReadPlan::luma()).expect("frames");
    assert_eq!(frames.skip(2).expect("skipped"), 2);
    let frame = frames.read().expect("read").expect("a third frame");
    assert_eq!(frame.plane::<u8>(0), all[2].plane::<u8>(0));
    assert_eq!(frame.time, all[2].time);
    assert_eq!(frames.skip(3).expect("skipped"), 1);
    assert!(frames.read().expect("read").is_none());
}

#[test]
fn a_video_can_have_no_frames() {
    let folder = Folder::new();
    let (info, frames) = read(&folder.write("a.y4m", "YUV4MPEG2 W4 H4\n")).expect("a video");
    assert_eq!((info.frames, frames.len()), (Some(0), 0));
}

#[test]
fn a_file_truncated_at_any_byte_is_reported_with_the_frame() {
    let folder = Folder::new();
    for (chroma, bit_depth) in [(Chroma::Yuv420, 8), (Chroma::Yuv422, 10)] {
        let picture = |seed| Picture::new(5, 3, chroma, bit_depth, seed);
        let whole = y4m(&tag(chroma, bit_depth), picture, 3);
        let frame = picture(0).bytes().len() + 6;
        let header = whole.len() - 3 * frame;
        for cut in 0..whole.len() {
            let file = folder.write("a.y4m", &whole[..cut]);
            let result = read(&file);
            assert_skipped_like(&file, &OpenOptions::default(), &result);
            match (cut.checked_sub(header), result) {
                (None, result) => {
                    not_video(result);
                }
                (Some(after), Ok((_, frames))) => {
                    assert_eq!(after % frame, 0, "a cut at {cut} was not noticed");
                    assert_eq!(frames.len(), after / frame);
                }
                (Some(after), result) => {
                    let (number, reason) = bad_frame(result);
                    assert_eq!(number as usize, after / frame);
                    assert!(reason.contains("ends in the middle"), "{reason}");
                }
            }
        }
    }
}

#[test]
fn invalid_headers_are_refused() {
    let folder = Folder::new();
    let long = format!("YUV4MPEG2 W4 H4 X{}\n", "x".repeat(10_000));
    for (file, words) in [
        ("YUV4MPEG2 W0 H4\n", "no pixels"),
        ("YUV4MPEG2 W4 H99999\n", "larger"),
        ("YUV4MPEG2 W4 H4 C411\n", "4:1:1"),
        ("YUV4MPEG2\n", "no width"),
        ("YUV4MPEG2 W4 H4", "ends in the middle"),
        (&long, "is longer than 4096 bytes"),
    ] {
        let reason = not_video(read(&folder.write("a.y4m", file)));
        assert!(reason.contains(words), "{file}: {reason}");
    }
}

#[test]
fn a_header_with_the_wrong_size_is_refused() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(16, 16, Chroma::Yuv420, 8, seed);
    let mut file = y4m("C420", picture, 4);
    file.splice(..17, *b"YUV4MPEG2 W12 H16");
    let (frame, reason) = bad_frame(read(&folder.write("a.y4m", file)));
    assert_eq!(frame, 1);
    assert!(reason.contains("12x16"), "{reason}");

    // The largest frame there can be is not asked memory for on the word of a header.
    let file = folder.write("a.y4m", "YUV4MPEG2 W32768 H32768 C444p16\nFRAME\nabc");
    let (frame, reason) = bad_frame(read(&file));
    assert_eq!(frame, 0);
    assert!(reason.contains("after 3 of"), "{reason}");
}

#[test]
fn samples_above_the_bit_depth_are_refused() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(4, 4, Chroma::Yuv420, 10, seed);
    let mut file = y4m("C420p10", picture, 2);
    let last = file.len() - 1;
    file[last] = 4;
    let (frame, reason) = bad_frame(read(&folder.write("a.y4m", file)));
    assert_eq!(frame, 1);
    assert!(reason.contains("hold at most 1023"), "{reason}");
}

#[cfg(unix)]
#[test]
fn pipes_and_files_give_equal_frames() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let picture = |seed| Picture::new(33, 17, Chroma::Yuv420, 8, seed);
    let bytes = y4m("C420", picture, 5);
    let writer = thread::spawn({
        let pipe = pipe.clone();
        move || {
            let mut file = std::fs::OpenOptions::new().write(true).open(pipe).expect("the pipe");
            for part in bytes.chunks(7) {
                file.write_all(part).expect("the reader listens");
            }
        }
    });
    let (info, frames) = read(&pipe).expect("a video");
    writer.join().expect("the writer ends");
    assert_eq!(info.frames, None);
    assert_eq!(frames.len(), 5);
    for (seed, frame) in frames.iter().enumerate() {
        picture(seed).assert_shown(frame);
    }
}

#[test]
fn unreadable_files_are_refused_with_the_reason() {
    let folder = Folder::new();
    assert!(not_video(read(&folder.write("empty", ""))).contains("empty"));
    assert!(not_video(read(&folder.path(""))).contains("directory"));
    let missing = folder.path("missing.mp4");
    match read(&missing) {
        Err(error @ Error::Io { .. }) => assert!(error.to_string().contains("missing.mp4")),
        other => panic!("{other:?}"),
    }
}
