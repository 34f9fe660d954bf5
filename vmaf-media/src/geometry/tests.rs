//! Pictures made up of smooth noise, which can be sampled anywhere.

use vmaf_core::{Chroma, Format, Frame};

use super::*;
use crate::conform::Plan;

/// A number from 0 to 1 for each integer position.
fn hash(x: i64, y: i64, salt: u64) -> f64 {
    let mut hash = (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^=
        (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f) ^ salt.wrapping_mul(0x1656_67b1_9e37_79f9);
    hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (hash >> 40) as f64 / (1_u64 << 24) as f64
}

/// Noise with details of several sizes, at any position.
fn scene(x: f64, y: f64) -> f64 {
    let layer = |size: f64, salt: u64| {
        let (x, y) = (x / size, y / size);
        let (left, above) = (x.floor(), y.floor());
        let at = |dx: i64, dy: i64| hash(left as i64 + dx, above as i64 + dy, salt);
        let (across, down) = (x - left, y - above);
        let row = |dy: i64| at(0, dy) * (1.0 - across) + at(1, dy) * across;
        row(0) * (1.0 - down) + row(1) * down
    };
    30.0 + 90.0 * layer(70.0, 1) + 60.0 * layer(23.0, 2) + 40.0 * layer(7.0, 3)
}

/// A frame whose sample at `(x, y)` has the brightness at its centre.
fn frame((width, height): (u32, u32), brightness: impl Fn(f64, f64) -> f64) -> Frame {
    let format = Format::new(width, height, Chroma::Mono, 8).expect("valid");
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let samples: Vec<u8> = places
        .map(|(x, y)| brightness(f64::from(x) + 0.5, f64::from(y) + 0.5).clamp(0.0, 255.0) as u8)
        .collect();
    Frame::from_luma(format, &samples).expect("a frame")
}

const SIZE: (u32, u32) = (480, 270);

/// Returns the areas found in the reference and an encode of another size.
fn areas(encode: &Frame) -> Option<[String; 2]> {
    let reference = frame(SIZE, scene);
    let bounds = [&reference, encode].map(|frame| Rect::whole(frame.format()));
    let lines = ReferenceSample::new(&reference).lines(encode, bounds[1]);
    let [Some(x), Some(y)] = lines else { return None };
    let areas = SharedAreas::new([x, y], bounds, [Chroma::Yuv420; 2]);
    Some([areas.reference.to_string(), areas.encode.to_string()])
}

fn assert_areas(encode: &Frame, reference: &str, own: &str) {
    let found = areas(encode).expect("it can tell");
    assert_eq!(found, [reference.to_owned(), own.to_owned()]);
}

#[test]
fn crops_shifts_and_zooms_are_found_to_a_sample() {
    assert_areas(&frame(SIZE, scene), "480:270:0:0", "480:270:0:0");
    assert_areas(&frame((480, 266), |x, y| scene(x, y + 2.0)), "480:266:0:2", "480:266:0:0");
    assert_areas(&frame((472, 270), |x, y| scene(x + 8.0, y)), "472:270:8:0", "472:270:0:0");
    let padded =
        frame((480, 274), |x, y| if (2.0..272.0).contains(&y) { scene(x, y - 2.0) } else { 16.0 });
    assert_areas(&padded, "480:270:0:0", "480:270:0:2");
    // In a frame of the same size.
    assert_areas(&frame(SIZE, |x, y| scene(x + 1.0, y - 3.0)), "479:267:1:0", "479:267:0:3");
    let zoomed = |x: f64, y: f64| scene(4.0 + x * 472.0 / 480.0, 2.0 + y * 266.0 / 270.0);
    assert_areas(&frame(SIZE, zoomed), "472:266:4:2", "480:270:0:0");
    // Far away, and in half the size.
    assert_areas(
        &frame((440, 240), |x, y| scene(x + 24.0, y + 16.0)),
        "440:240:24:16",
        "440:240:0:0",
    );
    let half = |x: f64, y: f64| scene(2.0 * x, 4.0 + 2.0 * y);
    assert_areas(&frame((240, 131), half), "480:262:0:4", "240:131:0:0");
}

#[test]
fn noise_blur_and_levels_do_not_move_a_picture() {
    let noisy = frame(SIZE, |x, y| scene(x, y) + 50.0 * hash(x as i64, y as i64, 9) - 25.0);
    assert_areas(&noisy, "480:270:0:0", "480:270:0:0");
    let blurred = |x: f64, y: f64| {
        let around = (-4..=4).flat_map(|dx| (-4..=4).map(move |dy| (dx, dy)));
        around.map(|(dx, dy)| scene(x + f64::from(dx), y + f64::from(dy))).sum::<f64>() / 81.0
    };
    assert_areas(&frame(SIZE, blurred), "480:270:0:0", "480:270:0:0");
    let faded = frame(SIZE, |x, y| 40.0 + 0.4 * scene(x, y));
    assert_areas(&faded, "480:270:0:0", "480:270:0:0");
    // Blocks of 16 by 16.
    let blocks =
        frame(SIZE, |x, y| scene((x / 8.0).floor() * 8.0 + 4.0, (y / 8.0).floor() * 8.0 + 4.0));
    let lines =
        ReferenceSample::new(&frame(SIZE, scene)).lines(&blocks, Rect::whole(blocks.format()));
    let mut check =
        Check::new(blocks.format(), Rect::whole(blocks.format()), Rect::whole(blocks.format()));
    check.push(&ReferenceSample::new(&frame(SIZE, scene)), &blocks);
    assert!(!matches!(check.verdict(), Verdict::Different { .. }), "{lines:?}");
}

#[test]
fn flat_and_repeating_pictures_are_inconclusive() {
    let stripes = |x: f64, y: f64| 100.0 + 40.0 * ((x + y) * 0.5).sin();
    let grain = |salt: u64| move |x: f64, y: f64| 100.0 + 40.0 * hash(x as i64, y as i64, salt);
    let pairs = [
        (frame(SIZE, |_, _| 16.0), frame(SIZE, |_, _| 16.0)),
        (frame(SIZE, |_, y| y / 3.0), frame(SIZE, |_, y| y / 3.0 + 1.0)),
        (frame(SIZE, stripes), frame(SIZE, |x, y| stripes(x + 2.0, y))),
        (frame(SIZE, grain(1)), frame(SIZE, grain(2))),
        (frame(SIZE, scene), frame(SIZE, |x, y| scene(x + 5000.0, y))),
    ];
    for (index, (reference, encode)) in pairs.iter().enumerate() {
        let whole = Rect::whole(reference.format());
        let mut check = Check::new(reference.format(), whole, whole);
        check.push(&ReferenceSample::new(reference), encode);
        assert_eq!(check.verdict(), Verdict::Unknown, "{index}");
    }
}

#[test]
fn a_displacement_needs_most_pairs_to_agree() {
    let reference = frame(SIZE, scene);
    let whole = Rect::whole(reference.format());
    let sample = ReferenceSample::new(&reference);
    let mut check = Check::new(reference.format(), whole, whole);
    let moved = |by: f64| frame(SIZE, move |x, y| scene(x + by, y));
    // A moving picture that stands still for a while.
    for by in [0.0, 0.0, 3.0, 0.0, 0.0] {
        check.push(&sample, &moved(by));
    }
    assert_eq!(check.verdict(), Verdict::Alike);
    for by in [3.0, 6.0, 9.0, 12.0] {
        check.push(&sample, &moved(by));
    }
    assert_eq!(check.verdict(), Verdict::Unknown);
    let mut check = Check::new(reference.format(), whole, whole);
    for _ in 0..3 {
        check.push(&sample, &moved(2.0));
    }
    let verdict = check.verdict();
    let format = Format::new(SIZE.0, SIZE.1, Chroma::Yuv420, 8).expect("valid");
    let info = crate::StreamInfo::new("enc.mp4", format, "h264");
    let plan =
        Plan::for_reference(&info, None, &crate::conform::PlanOptions::default()).expect("a plan");
    let finding = Finding::new(verdict, [&plan, &plan]).expect("a finding");
    let words = finding.to_string();
    for part in [
        "shows 478:270:2:0",
        "in 478:270:0:0",
        "3 of 3",
        "a crop of 478:270:2:0 and a crop of 478:270:0:0 of the encode or automatic",
        "unchecked geometry",
    ] {
        assert!(words.contains(part), "'{part}' is not in: {words}");
    }
    // Half a sample is no crop, and odd ones can't be made of subsampled chroma.
    let mut check = Check::new(reference.format(), whole, whole);
    (0..3).for_each(|_| check.push(&sample, &moved(0.4)));
    assert_eq!(Finding::new(check.verdict(), [&plan, &plan]), None);
    let mut check = Check::new(reference.format(), whole, whole);
    (0..3).for_each(|_| check.push(&sample, &moved(1.0)));
    let finding = Finding::new(check.verdict(), [&plan, &plan]).expect("a finding");
    assert!(finding.crops().is_none() && finding.to_string().contains("even"), "{finding}");
}

#[test]
fn long_videos_are_checked_at_fewer_frames() {
    let flat = frame((64, 64), |_, _| 16.0);
    let whole = Rect::whole(flat.format());
    let mut check = Check::new(flat.format(), whole, whole);
    let sample = ReferenceSample::new(&flat);
    let mut looked = 0;
    for index in 0..10_000 {
        if check.examines(index) {
            check.push(&sample, &flat);
            looked += 1;
        }
    }
    assert!((24..150).contains(&looked), "{looked}");
}
