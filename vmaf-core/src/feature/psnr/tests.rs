//! The kernel against the definition, and values worked by hand.

use super::extractor::Variant;
use super::{FEATURE, kernel, reference};
use crate::feature::testing::{PATTERNS, for_each_geometry, plane};
use crate::simd::Level;
use crate::{Chroma, Format, Frame, Job, Plane, Sample};

fn check<T: Sample>(a: &Plane<T>, b: &Plane<T>, depth: u8, what: &str) {
    let expected = reference::squared_error(a, b);
    for level in Level::available() {
        let found = kernel::squared_error(level, a, b, depth);
        assert_eq!(found, expected, "{what}, {}", level.name());
    }
    assert_eq!(kernel::squared_error(Level::best(), b, a, depth), expected, "{what} swapped");
}

#[test]
fn kernel_equals_the_definition() {
    for_each_geometry(1, |width, height, depth, padding| {
        for (a, b) in PATTERNS.iter().zip(PATTERNS.iter().cycle().skip(1)) {
            let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
            if depth == 8 {
                let [a, b] = [a, b].map(|p| plane::<u8>(*p, width, height, depth, padding));
                check(&a, &b, depth, &what);
            } else {
                let [a, b] = [a, b].map(|p| plane::<u16>(*p, width, height, depth, padding));
                check(&a, &b, depth, &what);
            }
        }
    });
}

fn variant(depth: u8, set: &[(&str, &str)]) -> Variant {
    let mut options = FEATURE.options();
    for (name, value) in set {
        options.set(name, value).expect("a valid option");
    }
    let format = Format::new(64, 48, Chroma::Yuv420, depth).expect("a valid format");
    Variant::new(&format, &options)
}

#[test]
fn an_error_of_the_peak_is_0_db() {
    for depth in 8..=16 {
        let variant = variant(depth, &[]);
        assert_eq!(variant.psnr(variant.peak, 0), 0.0, "{depth}");
        assert_eq!(variant.psnr_of_video(variant.peak * 100.0, 100.0).abs().round(), 0.0);
    }
}

#[test]
fn identical_pictures_have_the_greatest_value() {
    for (depth, max) in [(8, 60.0), (10, 72.0), (12, 84.0), (16, 108.0)] {
        assert_eq!(variant(depth, &[]).psnr(0.0, 0), max);
    }
    // 255^2 over an error of 1 in 3072 samples is 83.004 dB, in 768 samples 76.98.
    let bounded = variant(8, &[("min_sse", "1")]);
    assert_eq!([0, 1, 2].map(|plane| bounded.psnr(0.0, plane)), [84.0, 77.0, 77.0]);
    assert_eq!(variant(8, &[]).psnr_of_video(0.0, 3072.0), 87.0);
}

#[test]
fn the_reduced_peak_gives_all_depths_the_same_psnr() {
    let set = [("reduced_hbd_peak", "true")];
    let expected = variant(8, &set).psnr(20.0, 0);
    for depth in 9..=16 {
        let scale = f64::from(1_u32 << (depth - 8));
        let found = variant(depth, &set).psnr(20.0 * scale * scale, 0);
        assert!((found - expected).abs() < 1e-12, "{depth}: {found} {expected}");
    }
}

/// For a video whose frame `i` has an error of `i` in each sample: the number of frames reported,
/// and the PSNR of the whole.
fn of_video(frames: std::ops::Range<u64>, every: u64) -> (usize, f64) {
    let format = Format::new(8, 4, Chroma::Mono, 8).expect("a valid format");
    let mut options = FEATURE.options();
    options.set("enable_apsnr", "true").expect("a valid option");
    let job = Job::new(format, 1).feature(&FEATURE, options).frames(frames).every(every);
    let mut scorer = job.start().expect("a valid job");
    for index in scorer.frames_to_push().start..scorer.frames_to_push().end.min(10) {
        let flat = |value: u64| Frame::from_luma(format, &[value as u8; 32]).expect("a frame");
        scorer.push_pair(flat(100), flat(100 + index)).expect("pushed");
    }
    let scored = scorer.finish().expect("scored").remove(0);
    (scored.frames().len(), scored.aggregates()[0].1)
}

#[test]
fn the_value_of_the_video_covers_all_frames_of_the_job() {
    let expected = |frames: std::ops::Range<u32>| {
        let mse = frames.clone().map(|error| error * error).sum::<u32>();
        20.0 * 255_f64.log10()
            - 10.0 * (f64::from(mse) / f64::from(frames.end - frames.start)).log10()
    };
    for (frames, every, count) in [(0..10, 1, 10), (0..10, 3, 4), (2..9, 1, 7), (2..9, 4, 2)] {
        let (found, psnr) = of_video(frames.clone(), every);
        assert_eq!(found, count);
        let expected = expected(frames.start as u32..frames.end as u32);
        assert!((psnr - expected).abs() < 1e-9, "{frames:?} {every}: {psnr} {expected}");
    }
    // No error in one frame alone is as good as can be.
    assert_eq!(of_video(0..1, 1).1, 67.0);
}
