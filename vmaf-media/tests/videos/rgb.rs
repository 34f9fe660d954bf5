//! The RGB that frames were converted from: only where it is planned, as the file holds it, and
//! rotated, cropped and scaled with the frames.

use crate::common::{Folder, collect, ffmpeg, planes};
use crate::ffmpeg::{DECODERS, PICTURE, encode, run};
use vmaf_core::{Format, Frame};
use vmaf_media::conform::{Plan, PlanOptions, Rect};
use vmaf_media::{OpenOptions, ReadPlan, Source, open};

fn frames(source: Box<dyn Source>, rgb: bool) -> Vec<Frame> {
    let plan = ReadPlan { rgb, ..ReadPlan::default() };
    collect(source.frames(&plan).expect("a plan that can be met")).expect("frames")
}

/// The RGB of each frame.
fn rgb_of(frames: &[Frame]) -> Vec<&Frame> {
    frames.iter().map(|frame| frame.rgb.as_deref().expect("RGB")).collect()
}

#[test]
fn lossless_video_holds_the_rgb_of_its_stills() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let pattern = folder.path("%d.png");
    encode(&program, PICTURE, "-frames:v 3 -pix_fmt rgb24", &pattern);
    let stills = frames(open(&pattern, &OpenOptions::default()).expect("stills"), true);
    let expected = rgb_of(&stills);
    let still = image::open(folder.path("1.png")).expect("a still").into_rgb8();
    for (plane, channel) in planes(expected[0]).iter().zip([1, 2, 0]) {
        let samples = still.pixels().map(|pixel| u16::from(pixel.0[channel]) * 257);
        assert!(plane.concat() == samples.collect::<Vec<_>>(), "channel {channel}");
    }
    for (name, codec) in [
        ("a.mkv", "-c:v ffv1 -pix_fmt bgr0"),
        ("b.mkv", "-c:v libx264rgb -qp 0"),
        ("c.mov", "-c:v png -pix_fmt rgb24"),
        ("d.avi", "-c:v huffyuv -pix_fmt rgb24"),
        ("e.nut", "-c:v rawvideo -pix_fmt argb"),
        ("f.nut", "-c:v rawvideo -pix_fmt gbrp"),
    ] {
        let file = folder.path(name);
        let codec: Vec<&str> = codec.split(' ').collect();
        run(&program, &[&["-i", &pattern][..], &codec, &[&file]].concat());
        for &decoder in DECODERS {
            let options = OpenOptions { decoder, ..OpenOptions::default() };
            let source = || open(&file, &options).expect(name);
            let planned = frames(source(), true);
            assert!(rgb_of(&planned) == expected, "{name} {decoder:?}");
            let plain = frames(source(), false);
            assert!(plain.iter().all(|frame| frame.rgb.is_none()), "{name} {decoder:?}");
            let same = |(a, b): (&Frame, &Frame)| a.pixels() == b.pixels();
            assert!(plain.iter().zip(&planned).all(same), "{name} {decoder:?}");
        }
    }
}

#[test]
fn rgb_of_every_depth_and_palettes_is_the_same_by_both_decoders() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    for (name, codec) in [
        ("a.mkv", "-c:v ffv1 -pix_fmt gbrp9le"),
        ("b.mkv", "-c:v ffv1 -pix_fmt gbrp10le"),
        ("c.mkv", "-c:v ffv1 -pix_fmt gbrp16le"),
        ("d.nut", "-c:v rawvideo -pix_fmt rgb48le"),
        ("e.gif", ""),
    ] {
        let file = folder.path(name);
        encode(&program, PICTURE, &format!("-frames:v 2 {codec}"), &file);
        let mut seen = Vec::new();
        for &decoder in DECODERS {
            let options = OpenOptions { decoder, ..OpenOptions::default() };
            let frames = frames(open(&file, &options).expect(name), true);
            let bits = rgb_of(&frames).iter().map(|rgb| rgb.format().bit_depth()).max();
            assert_eq!(bits, Some(16), "{name}");
            seen.push(frames);
        }
        assert!(seen.iter().all(|frames| *frames == seen[0]), "{name}");
    }
}

#[test]
fn rgb_is_cropped_and_scaled_with_its_frames() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let file = folder.path("a.mkv");
    encode(&program, PICTURE, "-frames:v 5 -c:v ffv1 -pix_fmt bgr0", &file);
    let source = || open(&file, &OpenOptions::default()).expect("a video");
    let whole = frames(source(), true);
    let crop = Rect { width: 40, height: 30, x: 7, y: 3 };
    let conformed = |options: &PlanOptions| {
        let source = source();
        let plan = Plan::for_reference(source.info(), Some(crop), options).expect("a plan");
        frames(plan.apply(source), true)
    };
    let cropped = conformed(&PlanOptions::default());
    for (cropped, whole) in rgb_of(&cropped).into_iter().zip(rgb_of(&whole)) {
        for (cropped, whole) in planes(cropped).iter().zip(planes(whole)) {
            let expected = whole[3..33].iter().map(|row| row[7..47].to_vec());
            assert!(*cropped == expected.collect::<Vec<_>>());
        }
    }
    let score_at = Some((64, 48));
    let scaled = conformed(&PlanOptions { score_at, ..PlanOptions::default() });
    let size = |frame: &&Frame| frame.format().size();
    assert!(scaled.len() == 5 && rgb_of(&scaled).iter().map(size).all(|size| size == (64, 48)));
    // Each frame has its own RGB: converted, it is near the scaled frame.
    for frame in &scaled {
        let converted = to_luma(frame.rgb.as_deref().expect("RGB"));
        let luma = planes(frame)[0].concat();
        let distance = |(a, b): (&f64, &u16)| (a - f64::from(*b)).abs();
        let distances = converted.iter().zip(&luma).map(distance);
        let mean = distances.sum::<f64>() / luma.len() as f64;
        assert!(mean < 0.6, "{mean}");
    }
}

/// The luma of BT.709 in 8 bits of planes of green, blue and red of 16.
fn to_luma(rgb: &Frame) -> Vec<f64> {
    let format = Format::new(64, 48, vmaf_core::Chroma::Yuv444, 16).expect("a format");
    assert_eq!(*rgb.format(), format);
    let planes = planes(rgb);
    let [green, blue, red] = [0, 1, 2].map(|index| planes[index].concat());
    let luma = |index: usize| {
        let [r, g, b] = [&red, &green, &blue].map(|plane| f64::from(plane[index]) / 65_535.0);
        16.0 + 219.0 * (0.2126 * r + 0.7152 * g + 0.0722 * b)
    };
    (0..green.len()).map(luma).collect()
}
