//! The kernel against the definition, and the effect of weights.

use super::blocks::Blocks;
use super::kernel::Workspace;
use super::{FEATURE, Order, kernel, reference};
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, plane};
use crate::frame::Rational;
use crate::simd::Level;
use crate::{Chroma, Format, Frame, FrameGroup, Job, Plane, Sample};

fn check_activity<T: Sample>(blocks: &Blocks, planes: [&Plane<T>; 3], depth: u8, what: &str) {
    let [now, before, before_that] = planes;
    for (order, earlier) in [
        (Order::First, [Some(before), None]),
        (Order::Second, [Some(before), Some(before_that)]),
        (Order::Second, [Some(before), None]),
        (Order::First, [None, None]),
    ] {
        let expected = reference::activity(blocks, now, earlier, order);
        for level in Level::available() {
            let mut workspace = Workspace::default();
            // The second time in memory that has been used.
            for _ in 0..2 {
                let found =
                    kernel::activity(level, blocks, now, earlier, order, depth, &mut workspace);
                assert_eq!(found, expected, "{what} {order:?}, {}", level.name());
            }
        }
    }
}

fn check_errors<T: Sample>(a: &Plane<T>, b: &Plane<T>, depth: u8, what: &str) {
    for size in [(4, 4), (44, 22), (200, 200)] {
        let counts = (a.width().div_ceil(size.0), a.height().div_ceil(size.1));
        let expected = reference::errors(a, b, size, counts);
        for level in Level::available() {
            let mut workspace = Workspace::default();
            let found = kernel::errors(level, [a, b], size, counts, depth, &mut workspace);
            assert_eq!(found, expected, "{what} {size:?}, {}", level.name());
        }
    }
}

/// Some patterns of each geometry: over all of them, each with each other's company.
fn check<T: Sample + TryFrom<u32>>(width: usize, height: usize, depth: u8, padding: usize) {
    for first in [width, width + height + 3] {
        let patterns = [0, 1, 2].map(|k| PATTERNS[(first + k) % PATTERNS.len()]);
        let [a, b, c] = &patterns.map(|p| plane::<T>(p, width, height, depth, padding));
        let what = format!("{width}x{height} {depth}-bit {patterns:?}");
        check_errors(a, b, depth, &what);
        let size = if first % 2 == 0 { 4 } else { 44 };
        check_activity(&Blocks { width, height, size }, [a, b, c], depth, &what);
    }
}

#[test]
fn kernel_equals_the_definition() {
    for_each_geometry(1, |width, height, depth, padding| {
        if depth == 8 {
            check::<u8>(width, height, depth, padding);
        } else {
            check::<u16>(width, height, depth, padding);
        }
    });
}

#[test]
fn kernel_equals_the_definition_for_large_pictures() {
    // More than 2048x1152 pixels, in even and odd sizes.
    for (width, height, depth) in [(31_001, 77, 8), (78, 30_250, 16)] {
        let blocks = Blocks { width, height, size: 20 };
        assert!(blocks.is_large());
        let what = format!("{width}x{height} {depth}-bit");
        let patterns = [Pattern::Noise(1), Pattern::Natural(2), Pattern::Extremes(3)];
        if depth == 8 {
            let [a, b, c] = patterns.map(|p| plane::<u8>(p, width, height, depth, 1));
            check_activity(&blocks, [&a, &b, &c], depth, &what);
        } else {
            let [a, b, c] = patterns.map(|p| plane::<u16>(p, width, height, depth, 0));
            check_activity(&blocks, [&a, &b, &c], depth, &what);
        }
    }
}

/// The values of frames of luma at `frame_rate`: of each frame, and of the video.
fn score(frames: &[[Plane<u8>; 2]], frame_rate: u32, option: &str) -> (Vec<f64>, f64) {
    let (width, height) = (frames[0][0].width() as u32, frames[0][0].height() as u32);
    let format = Format::new(width, height, Chroma::Mono, 8).expect("a valid format");
    let mut options = FEATURE.options();
    options.set("frame_rate", option).expect("a valid option");
    let job = Job::new(format, 1).feature(&FEATURE, options);
    let mut scorer = job.start().expect("a valid job");
    for pair in frames {
        let [reference, distorted] = pair.clone().map(|plane| {
            let mut frame = Frame::new(format, u8::pixels(vec![plane])).expect("a frame");
            frame.frame_rate = Rational::rate(frame_rate, 1);
            std::sync::Arc::new(frame)
        });
        scorer.push(FrameGroup::pair(reference, distorted)).expect("pushed");
    }
    let scored = scorer.finish().expect("scored").remove(0);
    (scored.columns()[0].values.clone(), scored.aggregates()[0].1)
}

fn picture(pattern: Pattern, width: usize, height: usize) -> Plane<u8> {
    plane(pattern, width, height, 8, 0)
}

#[test]
fn equal_pictures_have_an_infinite_value() {
    let same = || [picture(Pattern::Natural(1), 64, 64), picture(Pattern::Natural(1), 64, 64)];
    let other = [picture(Pattern::Natural(1), 64, 64), picture(Pattern::Natural(2), 64, 64)];
    let (frames, video) = score(&[same(), same()], 25, "0");
    assert_eq!((&frames[..], video), (&[f64::INFINITY; 2][..], f64::INFINITY));
    // One that is not counts by half its root of the error: by 6.02 dB.
    let (frames, video) = score(&[same(), other], 25, "0");
    assert!((video - frames[1] - 20.0 * 2.0_f64.log10()).abs() < 1e-9, "{frames:?} {video}");
}

#[test]
fn pictures_too_small_for_blocks_have_psnr() {
    let half = Plane::from_vec(vec![100; 40 * 40], 40, 40).expect("a plane");
    let more = Plane::from_vec(vec![110; 40 * 40], 40, 40).expect("a plane");
    let (frames, _) = score(&[[half, more]], 25, "0");
    assert!((frames[0] - 20.0 * 25.5_f64.log10()).abs() < 1e-12, "{frames:?}");
}

#[test]
fn errors_in_noise_and_movement_count_less() {
    let flat = || picture(Pattern::Flat, 128, 128);
    let shifted = |plane: &Plane<u8>| {
        let samples = plane.rows().flatten().map(|sample| sample ^ 1).collect();
        Plane::from_vec(samples, plane.width(), plane.height()).expect("a plane")
    };
    let pair = |plane: Plane<u8>| [plane.clone(), shifted(&plane)];
    let noise = |seed| picture(Pattern::Noise(seed), 128, 128);
    let (still, _) = score(&[pair(flat()), pair(flat())], 25, "0");
    let (busy, _) = score(&[pair(noise(1)), pair(noise(1))], 25, "0");
    let (moving, _) = score(&[pair(noise(1)), pair(noise(2))], 25, "0");
    assert!(still[1] < busy[1] && busy[1] < moving[1], "{still:?} {busy:?} {moving:?}");
}

#[test]
fn the_frame_rate_decides_the_order_of_differences() {
    let frames = [1, 2, 3].map(|seed| [Pattern::Noise(seed), Pattern::Natural(seed)]);
    let frames = frames.map(|pair| pair.map(|pattern| picture(pattern, 96, 80)));
    let (low, high) = (score(&frames, 31, "0"), score(&frames, 32, "0"));
    assert_ne!(low, high);
    assert_eq!(score(&frames, 60, "0"), high);
    assert_eq!(score(&frames, 60, "25"), low);
    assert_eq!(score(&frames, 0, "0"), low);
    assert_eq!(score(&frames, 0, "50"), high);
}
