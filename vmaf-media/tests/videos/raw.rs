//! Raw video, whole, and reading ahead.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{
    Folder, Picture, assert_skipped_like, bad_frame, collect, drain, drain_ahead, not_video,
    planes, read, read_with,
};
use vmaf_core::{Chroma, Format, Frame};
use vmaf_media::{
    Frames, Interrupt, OpenOptions, Rational, RawVideo, ReadPlan, Result, StreamInfo, open,
    read_ahead, read_ahead_of,
};

fn raw(width: u32, height: u32, chroma: Chroma, bit_depth: u8) -> OpenOptions {
    let raw = Some(RawVideo { width, height, chroma, bit_depth });
    OpenOptions { raw, ..OpenOptions::default() }
}

fn bytes(picture: impl Fn(usize) -> Picture, count: usize) -> Vec<u8> {
    (0..count).flat_map(|seed| picture(seed).bytes()).collect()
}

#[test]
fn every_raw_layout_is_read() {
    let folder = Folder::new();
    for chroma in [Chroma::Mono, Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444] {
        for bit_depth in 8..=16 {
            for (width, height) in [(16, 8), (17, 9), (1, 1)] {
                let picture = |seed| Picture::new(width, height, chroma, bit_depth, seed);
                let file = folder.write("a.yuv", bytes(picture, 3));
                let options = raw(width as u32, height as u32, chroma, bit_depth);
                let (info, frames) = read_with(&file, &options).expect("a video");
                assert_eq!((info.frames, frames.len()), (Some(3), 3));
                for (seed, frame) in frames.iter().enumerate() {
                    picture(seed).assert_shown(frame);
                    assert_eq!(frame.time, Some(seed as f64 / 25.0));
                }
            }
        }
    }
}

#[test]
fn raw_timestamps_follow_the_given_frame_rate() {
    let folder = Folder::new();
    let file = folder.write("a.yuv", [9; 32]);
    let frame_rate = Some(Rational { num: 30000, den: 1001 });
    let options = OpenOptions { frame_rate, ..raw(4, 4, Chroma::Mono, 8) };
    let (info, frames) = read_with(&file, &options).expect("a video");
    assert_eq!(info.frame_rate, frame_rate);
    assert_eq!(frames[1].time, Some(1001.0 / 30000.0));
}

#[test]
fn a_file_truncated_at_any_byte_is_reported_with_the_frame() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(5, 3, Chroma::Yuv420, 8, seed);
    let whole = bytes(picture, 3);
    let frame = whole.len() / 3;
    let options = raw(5, 3, Chroma::Yuv420, 8);
    for cut in 0..whole.len() {
        let file = folder.write("a.yuv", &whole[..cut]);
        let result = read_with(&file, &options);
        assert_skipped_like(&file, &options, &result);
        if cut == 0 {
            assert!(not_video(result).contains("empty"));
        } else if cut % frame == 0 {
            assert_eq!(result.expect("a video").1.len(), cut / frame);
        } else {
            let (number, reason) = bad_frame(result);
            assert_eq!(number as usize, cut / frame);
            assert!(reason.contains("5x3 4:2:0 8-bit"), "{reason}");
        }
    }
}

#[test]
fn a_wrong_bit_depth_is_refused() {
    let folder = Folder::new();
    let mut samples = vec![512_u16; 32];
    samples[20] = 5000;
    let bytes: Vec<u8> = samples.into_iter().flat_map(u16::to_le_bytes).collect();
    let file = folder.write("a.yuv", bytes);
    let (frame, reason) = bad_frame(read_with(&file, &raw(4, 4, Chroma::Mono, 10)));
    assert_eq!(frame, 1);
    assert!(reason.contains("5000") && reason.contains("10-bit"), "{reason}");
    read_with(&file, &raw(4, 4, Chroma::Mono, 13)).expect("13 bits hold 5000");
}

#[test]
fn missing_and_invalid_layouts_are_refused() {
    let folder = Folder::new();
    let file = folder.write("a.yuv", [0; 64]);
    assert!(not_video(read_with(&file, &raw(0, 4, Chroma::Mono, 8))).contains("no pixels"));
    assert!(not_video(read_with(&file, &raw(4, 4, Chroma::Mono, 17))).contains("17 bits"));
    assert!(not_video(read_with(&file, &raw(4, 40_000, Chroma::Mono, 8))).contains("larger"));
    assert!(not_video(read(&file)).contains("width, height"));
}

#[test]
fn reading_ahead_gives_the_same_frames_and_errors() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(9, 5, Chroma::Yuv420, 8, seed);
    let mut file = bytes(picture, 7);
    let options = raw(9, 5, Chroma::Yuv420, 8);
    let path = folder.write("a.yuv", &file);
    let source = open(&path, &options).expect("a video");
    let info = source.info().clone();
    let plan = ReadPlan::new(&info.format);
    let frames = read_ahead(
        source.frames(&plan).expect("a plan that can be met"),
        &plan,
        &Interrupt::default(),
    );
    assert_eq!(*frames.info(), info);
    let frames = collect(frames).expect("all frames");
    assert_eq!(frames.len(), 7);
    frames.iter().enumerate().for_each(|(seed, frame)| picture(seed).assert_shown(frame));
    file.truncate(file.len() - 1);
    let source = open(&folder.write("a.yuv", &file), &options).expect("a video");
    let info = source.info().clone();
    let frames = drain_ahead(source, &plan);
    let (frame, _) = bad_frame(frames.map(|frames| (info, frames)));
    assert_eq!(frame, 6);
}

#[test]
fn unwanted_frames_are_skipped() {
    let folder = Folder::new();
    let picture = |seed| Picture::new(9, 5, Chroma::Yuv420, 8, seed);
    let path = folder.write("a.yuv", bytes(picture, 7));
    let read = |wanted: &[u64]| {
        let source = open(&path, &raw(9, 5, Chroma::Yuv420, 8)).expect("a video");
        let plan = ReadPlan::default();
        let frames = source.frames(&plan).expect("a plan that can be met");
        collect(read_ahead_of(frames, &plan, wanted.to_vec(), &Interrupt::default()))
            .expect("frames")
    };
    for wanted in [&[0, 1, 4][..], &[6], &[]] {
        let frames = read(wanted);
        assert_eq!(frames.len(), wanted.len());
        for (frame, seed) in frames.iter().zip(wanted) {
            picture(*seed as usize).assert_shown(frame);
        }
    }
    assert_eq!(read(&[5, 7, 9]).len(), 1);
}

#[test]
fn kept_frames_do_not_change() {
    let folder = Folder::new();
    for (depth, width) in [(8, 9), (8, 8), (10, 9), (10, 8)] {
        let picture = |seed| Picture::new(width, 5, Chroma::Yuv420, depth, seed);
        let path = folder.write("a.yuv", bytes(picture, 9));
        let options = raw(width as u32, 5, Chroma::Yuv420, depth);
        let source = open(&path, &options).expect("a video");
        let mut frames = source.frames(&ReadPlan::default()).expect("a plan that can be met");
        let mut kept = Vec::new();
        for seed in 0..9 {
            let frame = frames.read().expect("sound").expect("a frame");
            picture(seed).assert_shown(&frame);
            // The memory of the others is used again.
            if seed % 3 == 0 {
                kept.push((seed, frame));
            }
        }
        assert!(frames.read().expect("sound").is_none());
        kept.iter().for_each(|(seed, frame)| picture(*seed).assert_shown(frame));
    }
}

#[test]
fn frames_are_returned_in_the_planned_format() {
    let folder = Folder::new();
    for (depth, width) in [(8, 8), (8, 9), (10, 8), (10, 9)] {
        let picture = |seed| Picture::new(width, 5, Chroma::Yuv420, depth, seed);
        let path = folder.write("a.yuv", bytes(picture, 3));
        let options = raw(width as u32, 5, Chroma::Yuv420, depth);
        let whole = drain(open(&path, &options).expect("a video")).expect("all frames");
        let format = *whole[0].format();
        for required in [
            format.with_chroma(Chroma::Mono),
            format.with_bit_depth(12).expect("valid"),
            format.with_chroma(Chroma::Mono).with_bit_depth(12).expect("valid"),
        ] {
            let plan = ReadPlan::new(&required);
            let source = open(&path, &options).expect("a video");
            let frames = source.frames(&plan).expect("a plan that can be met");
            assert_eq!(frames.info().format, format);
            let frames =
                collect(read_ahead(frames, &plan, &Interrupt::default())).expect("all frames");
            assert_eq!(frames.len(), whole.len());
            for (frame, whole) in frames.iter().zip(&whole) {
                assert_eq!(*frame.format(), required);
                let expected = whole.promoted(required.bit_depth());
                assert_eq!(planes(frame), planes(&expected)[..required.chroma().planes()]);
                assert_eq!(frame.time, whole.time);
            }
        }
    }
}

/// Frames without end that tell how far they were read and when they are dropped.
struct Endless {
    info: StreamInfo,
    read: Arc<AtomicUsize>,
    dropped: Arc<AtomicBool>,
}

impl Frames for Endless {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        self.read.fetch_add(1, Ordering::SeqCst);
        let frame = Picture::new(4, 4, Chroma::Mono, 8, 0);
        Frame::from_luma(self.info.format, &frame.bytes()).map(Some).map_err(|_| unreachable!())
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::SeqCst);
    }
}

#[test]
fn reading_ahead_is_bounded_and_ends_when_dropped() {
    let format = Format::new(4, 4, Chroma::Mono, 8).expect("valid");
    let info = StreamInfo::new("a.yuv", format, "rawvideo");
    let (read, dropped) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
    let endless = Endless { info, read: read.clone(), dropped: dropped.clone() };
    let mut frames = read_ahead(Box::new(endless), &ReadPlan::default(), &Interrupt::default());
    frames.read().expect("a frame");
    thread::sleep(Duration::from_millis(50));
    // One was taken, seven wait in the channel, one is in the thread's hand.
    assert!(read.load(Ordering::SeqCst) <= 9);
    drop(frames);
    let start = Instant::now();
    while !dropped.load(Ordering::SeqCst) {
        assert!(start.elapsed() < Duration::from_secs(60), "the thread goes on");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn samples_of_16_bits_are_not_read_as_8_bits() {
    let folder = Folder::new();
    let picture = |depth| move |seed| Picture::new(48, 32, Chroma::Yuv420, depth, seed);
    let options = raw(48, 32, Chroma::Yuv420, 8);
    for (depth, words) in [(10, "yuv420p10le"), (12, "yuv420p12le")] {
        // Black at first: nothing tells yet.
        let black = [0_u8; 48 * 32 * 3];
        let wide = [&black[..], &bytes(picture(depth), 2)].concat();
        let (frame, reason) = bad_frame(read_with(&folder.write("a.yuv", &wide), &options));
        assert!(frame >= 2 && reason.contains(words), "{frame}: {reason}");
        let swapped: Vec<u8> =
            wide.as_chunks::<2>().0.iter().flat_map(|[low, high]| [*high, *low]).collect();
        let (_, reason) = bad_frame(read_with(&folder.write("a.yuv", &swapped), &options));
        assert!(reason.contains("high byte first"), "{reason}");
    }
    // Columns of black and white, dark pictures and plain ones are pictures.
    let striped: Vec<u8> = (0..48 * 32 * 3).map(|index| [235, 0][index % 2]).collect();
    let dark: Vec<u8> = (0..48 * 32 * 3).map(|index| (index * 7 % 13) as u8).collect();
    for content in [&bytes(picture(8), 2)[..], &striped, &dark, &[0; 48 * 32 * 3]] {
        let (_, frames) = read_with(&folder.write("a.yuv", content), &options).expect("a video");
        assert_eq!(frames.len(), 2);
    }
}
