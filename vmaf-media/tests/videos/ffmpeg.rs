//! Files that FFmpeg decodes, in process and through its program, against clips that the program
//! makes.
//!
//! The environment variable `VMAF_FFMPEG` names the program; without it these tests say that they
//! are skipped.

use std::path::Path;
use std::process::Command;

use crate::common::{Folder, bad_frame, drain_ahead, ffmpeg, not_video, planes, read, read_with};
use vmaf_core::{Chroma, Frame};
use vmaf_media::conform::Accepted;
use vmaf_media::{
    ColorRange, Decoder, Interrupt, OpenOptions, Rational, ReadPlan, Result, StreamInfo,
};

/// The ways of decoding that this build has.
pub(crate) const DECODERS: &[Decoder] = if cfg!(feature = "ffmpeg") {
    &[Decoder::InProcess, Decoder::Process]
} else {
    &[Decoder::Process]
};

/// A second of moving test picture.
pub(crate) const PICTURE: &str = "testsrc2=size=96x64:rate=25:duration=1";

pub(crate) fn run(program: &Path, arguments: &[&str]) {
    let output = Command::new(program)
        .args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"])
        .args(arguments)
        .output()
        .expect("ffmpeg runs");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {words}");
}

/// Encodes `picture` into `file` as `arguments` say.
pub(crate) fn encode(program: &Path, picture: &str, arguments: &str, file: &str) {
    let mut all = vec!["-f", "lavfi", "-i", picture];
    all.extend(arguments.split_whitespace());
    all.push(file);
    run(program, &all);
}

fn decode(file: &str, decoder: Decoder) -> Result<(StreamInfo, Vec<Frame>)> {
    read_with(file, &OpenOptions { decoder, threads: 2, ..OpenOptions::default() })
}

fn times(frames: &[Frame]) -> Vec<f64> {
    frames.iter().map(|frame| frame.time.expect("a time")).collect()
}

#[test]
fn frames_equal_those_of_the_ffmpeg_program() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    for (name, arguments, codec, chroma, bit_depth) in [
        ("a.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 3", "h264", Chroma::Yuv420, 8),
        ("b.mp4", "-c:v libx264 -pix_fmt yuv422p10le", "h264", Chroma::Yuv422, 10),
        ("c.mp4", "-c:v libx265 -pix_fmt yuv420p10le", "hevc", Chroma::Yuv420, 10),
        ("d.webm", "-c:v libvpx-vp9 -pix_fmt yuv420p -b:v 200k", "vp9", Chroma::Yuv420, 8),
        ("e.mkv", "-c:v ffv1 -pix_fmt yuv444p12le", "ffv1", Chroma::Yuv444, 12),
        ("f.mkv", "-c:v ffv1 -pix_fmt gray", "ffv1", Chroma::Mono, 8),
        ("g.mkv", "-c:v ffv1 -pix_fmt gray10le", "ffv1", Chroma::Mono, 10),
        ("h.mkv", "-c:v ffv1 -pix_fmt yuv420p16le", "ffv1", Chroma::Yuv420, 16),
        ("i.mkv", "-c:v ffv1 -pix_fmt yuv420p -s 97x63", "ffv1", Chroma::Yuv420, 8),
        ("j.ts", "-c:v libx264 -pix_fmt yuv420p", "h264", Chroma::Yuv420, 8),
    ] {
        let file = folder.path(name);
        encode(&program, PICTURE, arguments, &file);
        let y4m = folder.path("expected.y4m");
        run(&program, &["-i", &file, "-strict", "-1", &y4m]);
        let (_, expected) = read(&y4m).expect("a y4m file");
        assert_eq!(expected.len(), 25, "{name}");
        let mut seen: Vec<Vec<f64>> = Vec::new();
        for &decoder in DECODERS {
            let (info, frames) = decode(&file, decoder).expect(name);
            assert_eq!(info.codec, codec, "{name} {decoder:?}");
            assert_eq!((info.format.chroma(), info.format.bit_depth()), (chroma, bit_depth));
            assert_eq!(info.frame_rate, Some(Rational { num: 25, den: 1 }), "{name} {decoder:?}");
            assert_eq!(frames.len(), 25, "{name} {decoder:?}");
            for (index, (frame, expected)) in frames.iter().zip(&expected).enumerate() {
                assert!(frame.pixels() == expected.pixels(), "{name} {decoder:?} {index}");
            }
            let required = info.format.with_chroma(Chroma::Mono);
            let required = required.with_bit_depth(bit_depth.max(10)).expect("valid");
            let options = OpenOptions { decoder, ..OpenOptions::default() };
            let source = vmaf_media::open(&file, &options).expect(name);
            let luma = drain_ahead(source, &ReadPlan::new(&required)).expect(name);
            for (luma, frame) in luma.iter().zip(&frames) {
                assert_eq!(*luma.format(), required, "{name} {decoder:?}");
                assert!(planes(luma) == planes(&frame.promoted(10))[..1], "{name} {decoder:?}");
            }
            seen.push(times(&frames));
            let start = seen[0][0];
            for (index, time) in seen[0].iter().enumerate() {
                assert!((time - start - index as f64 / 25.0).abs() < 1e-3, "{name} {time}");
            }
        }
        assert!(seen.iter().all(|times| *times == seen[0]), "{name}");
    }
}

#[test]
fn frames_are_equal_for_every_sample_layout() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    for (planar, others) in [
        ("yuv420p", &["nv12", "yuva420p"][..]),
        ("yuv444p", &["yuva444p"]),
        ("yuv420p10le", &["yuva420p10le"]),
    ] {
        let write = |format: &str| {
            let file = folder.path(&format!("{format}.nut"));
            // By way of the planar format, so that no other way of converting is taken.
            let filter = format!("-vf format={planar},format={format} -c:v rawvideo");
            encode(&program, PICTURE, &filter, &file);
            file
        };
        let (_, expected) = decode(&write(planar), Decoder::Auto).expect(planar);
        for other in others {
            let file = write(other);
            for &decoder in DECODERS {
                let (_, frames) = decode(&file, decoder).expect(other);
                assert!(frames == expected, "{other} {decoder:?}");
            }
        }
    }
}

#[test]
fn the_colour_range_is_reported() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    for (name, arguments, range) in [
        ("a.webm", "-c:v libvpx-vp9 -pix_fmt yuv420p", ColorRange::Limited),
        ("b.mp4", "-c:v libx264 -x264-params fullrange=on -pix_fmt yuv420p", ColorRange::Full),
        ("c.avi", "-c:v mjpeg -pix_fmt yuvj420p", ColorRange::Full),
    ] {
        let file = folder.path(name);
        encode(&program, PICTURE, arguments, &file);
        let mut seen = Vec::new();
        for &decoder in DECODERS {
            let (info, frames) = decode(&file, decoder).expect(name);
            assert_eq!(info.range, Some(range), "{name} {decoder:?}");
            seen.push(frames);
        }
        assert!(seen.iter().all(|frames| *frames == seen[0]), "{name}");
    }
}

#[test]
fn timestamps_are_those_of_the_stream() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.mkv");
    // Frames at 3, 3.04, 3.16, 3.36, ... seconds: late, and at no constant rate.
    let arguments = "-vf setpts=N*N*0.04/TB+3/TB -fps_mode passthrough -enc_time_base 1:1000 \
                     -frames:v 6 -c:v ffv1 -pix_fmt yuv420p";
    encode(&program, PICTURE, arguments, &file);
    for &decoder in DECODERS {
        let (_, frames) = decode(&file, decoder).expect("a video");
        assert_eq!(times(&frames), [3.0, 3.04, 3.16, 3.36, 3.64, 4.0], "{decoder:?}");
    }
}

#[test]
fn frames_of_long_duration_are_returned_once() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let rates = ["setpts=N*2/25/TB", "setpts=(N+gt(N\\,9)*(N-9)*(N-9)*3)/25/TB"];
    for (rate, name) in rates.iter().zip(["slow.mp4", "variable.mp4"]) {
        let picture = format!("{PICTURE},{rate}");
        let file = folder.path(name);
        encode(&program, &picture, "-fps_mode passthrough -c:v libx264 -qp 0", &file);
        let mut seen: Vec<(Vec<f64>, Vec<Frame>)> = Vec::new();
        for &decoder in DECODERS {
            let (_, frames) = decode(&file, decoder).expect(name);
            assert_eq!(frames.len(), 25, "{name} {decoder:?}");
            let repeated = frames.windows(2).any(|pair| pair[0].pixels() == pair[1].pixels());
            assert!(!repeated, "{name} {decoder:?}");
            seen.push((times(&frames), frames));
        }
        let (first_times, first) = &seen[0];
        for (times, frames) in &seen {
            assert_eq!(times, first_times, "{name}");
            assert!(frames.iter().zip(first).all(|(a, b)| a.pixels() == b.pixels()), "{name}");
        }
    }
}

#[test]
fn a_truncated_file_is_reported_with_the_frame() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    for (name, arguments) in [
        ("a.mp4", "-c:v libx264 -pix_fmt yuv420p -movflags +faststart"),
        ("b.webm", "-c:v libvpx-vp9 -pix_fmt yuv420p -b:v 200k"),
        ("c.mkv", "-c:v ffv1 -pix_fmt yuv420p"),
    ] {
        let file = folder.path(name);
        encode(&program, PICTURE, arguments, &file);
        let whole = std::fs::read(&file).expect("the clip");
        for percent in [40, 60, 80] {
            let cut = folder.write(&format!("cut-{name}"), &whole[..whole.len() * percent / 100]);
            for &decoder in DECODERS {
                let (frame, reason) = bad_frame(decode(&cut, decoder));
                assert!(frame < 25, "{name} {decoder:?}: {reason}");
            }
        }
    }
}

#[test]
fn a_missing_index_is_reported() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.mp4");
    encode(&program, PICTURE, "-c:v libx264 -pix_fmt yuv420p", &file);
    let whole = std::fs::read(&file).expect("the clip");
    let cut = folder.write("cut.mp4", &whole[..whole.len() / 2]);
    for &decoder in DECODERS {
        let reason = not_video(decode(&cut, decoder));
        assert!(reason.contains("moov atom not found"), "{decoder:?}: {reason}");
    }
}

#[test]
fn damage_is_refused() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.mkv");
    let picture = "testsrc2=size=320x240:rate=25:duration=1";
    encode(&program, picture, "-c:v libx264 -crf 10 -pix_fmt yuv420p", &file);
    let mut bytes = std::fs::read(&file).expect("the clip");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 200].fill(0x55);
    let file = folder.write("damaged.mkv", bytes);
    for &decoder in DECODERS {
        for _ in 0..10 {
            let (frame, reason) = bad_frame(decode(&file, decoder));
            assert!((1..20).contains(&frame), "{decoder:?}: {frame}: {reason}");
        }
    }
}

#[test]
fn accepted_damage_is_counted() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.h264");
    let picture = "testsrc2=size=320x180:rate=25:duration=1";
    encode(&program, picture, "-c:v libx264 -pix_fmt yuv420p -bf 0 -g 10", &file);
    let mut bytes = std::fs::read(&file).expect("a stream");
    let middle = bytes.len() * 6 / 10;
    bytes[middle..middle + 300].fill(0x5a);
    let damaged = folder.write("damaged.h264", bytes);
    for &decoder in DECODERS {
        decode(&damaged, decoder).expect_err("damage");
        let accepted = vec![Accepted::Damage];
        let options = OpenOptions { decoder, threads: 1, accepted, ..OpenOptions::default() };
        let (info, frames) = read_with(&damaged, &options).expect("frames all the same");
        assert!((20..=25).contains(&frames.len()), "{decoder:?}: {}", frames.len());
        let steps = info.incidents.steps().join(" ");
        assert!(steps.contains("concealed by the decoder"), "{decoder:?}: {steps}");
    }
}

#[test]
fn wrong_checksums_are_refused() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.mkv");
    encode(&program, PICTURE, "-c:v ffv1 -level 3 -slicecrc 1 -pix_fmt yuv420p", &file);
    let mut bytes = std::fs::read(&file).expect("the clip");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0x55);
    let file = folder.write("damaged.mkv", bytes);
    for &decoder in DECODERS {
        let (frame, reason) = bad_frame(decode(&file, decoder));
        assert!(frame > 0, "{decoder:?}: {frame}: {reason}");
    }
}

#[test]
fn a_change_of_size_is_reported_with_the_frame() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let (first, second) = (folder.path("1.m2v"), folder.path("2.m2v"));
    let arguments = "-c:v mpeg2video -pix_fmt yuv420p -bf 0 -frames:v 5";
    encode(&program, PICTURE, arguments, &first);
    encode(&program, PICTURE, &format!("-s 128x96 {arguments}"), &second);
    let mut both = std::fs::read(first).expect("the clip");
    both.extend(std::fs::read(second).expect("the clip"));
    let file = folder.write("both.m2v", both);
    for &decoder in DECODERS {
        let (frame, reason) = bad_frame(decode(&file, decoder));
        // The decoder lets go of the last frame of the old size.
        assert!((4..=5).contains(&frame), "{decoder:?}: {frame}: {reason}");
        assert!(reason.contains("128x96"), "{decoder:?}: {reason}");
    }
}

#[test]
fn both_decoders_convert_rare_pixel_formats_equally() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.nut");
    for (format, codec, chroma, bit_depth) in [
        ("gbrp", "utvideo", Chroma::Yuv444, 8),
        ("gbrp12le", "ffv1", Chroma::Yuv444, 12),
        ("gbrap", "utvideo", Chroma::Yuv444, 8),
        ("argb", "rawvideo", Chroma::Yuv444, 8),
        ("bgr0", "rawvideo", Chroma::Yuv444, 8),
        ("rgb48le", "rawvideo", Chroma::Yuv444, 16),
        ("yuyv422", "rawvideo", Chroma::Yuv422, 8),
        ("uyvy422", "rawvideo", Chroma::Yuv422, 8),
        ("yuv411p", "ffv1", Chroma::Yuv422, 8),
        ("yuv410p", "ffv1", Chroma::Yuv420, 8),
        ("yuv440p", "ffv1", Chroma::Yuv444, 8),
        ("yuv420p10be", "rawvideo", Chroma::Yuv420, 10),
    ] {
        let picture = "testsrc2=size=97x63:rate=25:duration=0.12";
        encode(&program, picture, &format!("-c:v {codec} -pix_fmt {format}"), &file);
        let mut seen: Vec<Vec<Frame>> = Vec::new();
        for &decoder in DECODERS {
            let (info, frames) = decode(&file, decoder).expect(format);
            assert_eq!((info.format.chroma(), info.format.bit_depth()), (chroma, bit_depth));
            let step = format!("converted from {format} to");
            assert!(info.notes.iter().any(|told| told.starts_with(&step)), "{:?}", info.notes);
            assert_eq!(frames.len(), 3, "{format}, {decoder:?}");
            seen.push(frames);
        }
        for [one, other] in seen.array_windows() {
            for (one, other) in one.iter().zip(other) {
                assert!(one.pixels() == other.pixels(), "{format}");
            }
        }
    }
}

#[test]
fn files_without_video_are_refused_with_the_reason() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let sound = folder.path("sound.m4a");
    encode(&program, "sine=duration=1", "-c:a aac", &sound);
    let rgb = folder.path("rgb.nut");
    encode(&program, PICTURE, "-c:v rawvideo -pix_fmt rgb565le", &rgb);
    let text = folder.write("text.mp4", "This is no video.\n".repeat(100));
    for &decoder in DECODERS {
        let reason = not_video(decode(&sound, decoder));
        assert!(reason.contains("no video stream"), "{decoder:?}: {reason}");
        let reason = not_video(decode(&rgb, decoder));
        assert!(
            reason.contains("pixel format") && reason.contains("ffmpeg -i"),
            "{decoder:?}: {reason}"
        );
        let reason = not_video(decode(&text, decoder));
        assert!(reason.contains("can't open"), "{decoder:?}: {reason}");
    }
}

#[test]
fn audio_and_cover_art_are_ignored() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let (video, both) = (folder.path("video.mp4"), folder.path("both.mp4"));
    encode(&program, PICTURE, "-c:v libx264 -pix_fmt yuv420p", &video);
    let sound = ["-f", "lavfi", "-i", "sine=duration=3", "-i", &video];
    run(&program, &[&sound[..], &["-map", "0", "-map", "1", "-c:v", "copy", &both]].concat());
    for &decoder in DECODERS {
        let (_, alone) = decode(&video, decoder).expect("a video");
        let (_, beside) = decode(&both, decoder).expect("a video");
        assert!(alone == beside, "{decoder:?}");
    }
}

#[test]
fn a_source_can_be_dropped_at_any_frame() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.mp4");
    encode(&program, "testsrc2=size=640x360:rate=25:duration=4", "-c:v libx264", &file);
    for &decoder in DECODERS {
        for frames in [0, 1, 3] {
            let options = OpenOptions { decoder, ..OpenOptions::default() };
            let source = vmaf_media::open(&file, &options).expect("a video");
            let plan = ReadPlan::default();
            let all = source.frames(&plan).expect("a plan that can be met");
            let mut all = vmaf_media::read_ahead(all, &plan, &Interrupt::default());
            for _ in 0..frames {
                all.read().expect("sound").expect("a frame");
            }
        }
    }
}

/// Runs in a process of its own, with a program that isn't there: see the next test.
#[test]
fn without_a_program() {
    if std::env::var_os("VMAF_MEDIA_TEST_ALONE").is_none() {
        return;
    }
    let folder = Folder::new();
    let file = folder.write("a.mp4", "This is no video.\n".repeat(100));
    let reason = not_video(decode(&file, Decoder::Process));
    assert!(reason.contains("/missing/ffmpeg"), "{reason}");
    assert!(reason.contains("install") && reason.contains("VMAF_FFMPEG"), "{reason}");
}

#[test]
fn a_missing_program_is_reported_with_how_to_install_it() {
    let status = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "without_a_program"])
        .env("VMAF_MEDIA_TEST_ALONE", "1")
        .env("VMAF_FFMPEG", "/missing/ffmpeg")
        .status()
        .expect("the test runs");
    assert!(status.success());
}
