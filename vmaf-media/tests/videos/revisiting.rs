//! Frames that are found again by an index: the same ones as in order, from every kind of file, or
//! from files whose times and key frames mislead.

use crate::common::{Folder, collect, ffmpeg, read_with};
use crate::ffmpeg::{encode, run};
use vmaf_core::Frame;
use vmaf_media::{Decoder, FrameIndex, Interrupt, OpenOptions, ReadPlan, read_ahead_of};

/// Four seconds of moving test picture.
const PICTURE: &str = "testsrc2=size=160x96:rate=25:duration=4,noise=alls=20:allf=t";

fn options() -> OpenOptions {
    OpenOptions { decoder: Decoder::InProcess, threads: 3, indexed: true, ..OpenOptions::default() }
}

/// The frames of a video, and its index, if there is one.
fn all(file: &str) -> (Option<FrameIndex>, Vec<Frame>) {
    let (info, frames) = read_with(file, &options()).expect(file);
    (info.index, frames)
}

/// The `wanted` frames of a video, found by `index`.
fn find(file: &str, index: &FrameIndex, wanted: &[u64]) -> Vec<Frame> {
    let source = vmaf_media::open(file, &options()).expect(file);
    let plan = ReadPlan { earlier: Some(index.clone()), ..ReadPlan::default() };
    let frames = source.frames(&plan).expect(file);
    collect(read_ahead_of(frames, &plan, wanted.to_vec(), &Interrupt::default())).expect(file)
}

fn assert_found(file: &str, (index, frames): &(Option<FrameIndex>, Vec<Frame>), wanted: &[u64]) {
    let Some(index) = index else { return };
    let found = find(file, index, wanted);
    assert_eq!(found.len(), wanted.len(), "{file} {wanted:?}");
    for (found, number) in found.iter().zip(wanted) {
        assert!(*found == frames[*number as usize], "{file}: frame {number} of {wanted:?}");
    }
}

/// Fills a part of a file with zeros, from one share of its length to another.
fn damage(file: &str, from: f64, to: f64) {
    let mut bytes = std::fs::read(file).expect("a file");
    let [from, to] = [from, to].map(|share| (bytes.len() as f64 * share) as usize);
    bytes[from..to].fill(0);
    std::fs::write(file, bytes).expect("the file can be written");
}

#[test]
fn revisited_frames_are_identical() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let x264 = "-c:v libx264 -preset veryfast -g 25 -bf 3";
    for (name, arguments, is_indexed) in [
        ("pyramid.mp4", format!("{x264} -x264-params b-pyramid=normal:b-adapt=0"), true),
        ("one.mp4", format!("{x264} -g 250"), true),
        ("open.mp4", format!("{x264} -x264-params open-gop=1:b-adapt=0"), true),
        ("open.mkv", format!("{x264} -x264-params open-gop=1:b-adapt=0"), true),
        ("refresh.mp4", format!("{x264} -x264-params intra-refresh=1:bframes=0"), true),
        ("fragments.mp4", format!("{x264} -movflags frag_keyframe+empty_moov"), true),
        ("no_edit_list.mov", format!("{x264} -use_editlist 0"), true),
        ("interlaced.mkv", format!("{x264} -flags +ildct+ilme -x264-params tff=1"), true),
        (
            "rates.mkv",
            format!("{x264} -vf setpts=(N+0.4*mod(N\\,3))/25/TB -fps_mode passthrough"),
            true,
        ),
        (
            "open.hevc.mkv",
            "-c:v libx265 -preset ultrafast -x265-params keyint=25:open-gop=1:bframes=4".into(),
            true,
        ),
        ("a.webm", "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -g 25".into(), true),
        (
            "alternate.webm",
            "-c:v libvpx-vp9 -cpu-used 5 -g 25 -auto-alt-ref 1 -lag-in-frames 16".into(),
            true,
        ),
        ("av1.mp4", "-c:v libsvtav1 -preset 12 -g 25".into(), true),
        ("intra.mkv", "-c:v ffv1".into(), true),
        ("mpeg4.mkv", "-c:v mpeg4 -bf 2 -g 25".into(), true),
        ("a.ts", x264.into(), false),
        ("a.avi", "-c:v mpeg4 -bf 2 -g 25".into(), false),
        ("a.h264", x264.into(), false),
    ] {
        let file = folder.path(name);
        encode(&program, PICTURE, &arguments, &file);
        let seen = all(&file);
        assert_eq!(seen.0.is_some(), is_indexed, "{name}");
        let last = seen.1.len() as u64 - 1;
        assert!((99..=101).contains(&last), "{name}: {last}");
        let every: Vec<u64> = (0..=last).collect();
        let some = [0, 1, 2, 3, 7, 23, 24, 25, 26, 48, 52, 53, 74, 75, 77, 90, last];
        for wanted in [&every[..], &some, &[last], &[49, 50, 51], &[24, 76]] {
            assert_found(&file, &seen, wanted);
        }
    }
}

#[test]
fn frames_after_edit_lists_and_cuts_are_found() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let whole = folder.path("whole.mp4");
    let x264 = "-c:v libx264 -preset veryfast -g 25 -bf 3 -x264-params open-gop=1";
    encode(&program, PICTURE, x264, &whole);
    for name in ["hidden.mp4", "cut.mkv"] {
        let file = folder.path(name);
        run(&program, &["-ss", "1.3", "-i", &whole, "-c", "copy", &file]);
        let seen = all(&file);
        for wanted in [&[0, 1, 2][..], &[5, 30], &[1, 40, 41, 60]] {
            assert_found(&file, &seen, wanted);
        }
    }
}

#[test]
fn frames_in_between_are_not_decoded() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    for name in ["a.mp4", "a.mkv"] {
        let file = folder.path(name);
        encode(&program, PICTURE, "-c:v libx264 -preset veryfast -g 25", &file);
        let (index, frames) = all(&file);
        damage(&file, 0.4, 0.6);
        // In order the damage is met.
        assert!(read_with(&file, &options()).is_err(), "{name}");
        let found = find(&file, &index.expect("an index"), &[2, 98]);
        assert!(found == [frames[2].clone(), frames[98].clone()], "{name}");
    }
}

#[test]
fn frames_that_differ_are_counted_from_the_start() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = |name: &str, more: &str| {
        let file = folder.path(name);
        encode(&program, PICTURE, &format!("-c:v libx264 -preset veryfast -g 25 {more}"), &file);
        file
    };
    let (one, other) = (file("a.mp4", "-crf 23"), file("b.mp4", "-crf 40"));
    let later = file("c.mp4", "-crf 23 -output_ts_offset 0.5");
    let (_, frames) = all(&one);
    for another in [&other, &later] {
        // An index of another video leads to frames that are not the ones it was written of.
        let (index, _) = all(another);
        let found = find(&one, &index.expect("an index"), &[3, 60, 61, 99]);
        let numbers = [3, 60, 61, 99];
        assert_eq!(found.len(), 4);
        for (found, number) in found.iter().zip(numbers) {
            assert!(*found == frames[number], "{another} {number}");
        }
    }
}
