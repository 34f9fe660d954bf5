//! The kernel against the definition, and values worked by hand.

use super::{FEATURE, Variant, kernel, reference};
use crate::feature::testing::{PATTERNS, for_each_geometry, plane};
use crate::simd::Level;
use crate::{Chroma, Format, Plane, Sample};

fn check<T: Sample>(a: &Plane<T>, b: &Plane<T>, depth: u8, what: &str) {
    let expected = reference::squared_error(a, b);
    for level in Level::available() {
        let found = kernel::squared_error(level, a, b, depth);
        assert_eq!(found, expected, "{what}, {}", level.name());
    }
    assert_eq!(kernel::squared_error(Level::best(), b, a, depth), expected, "{what} swapped");
}

#[test]
fn kernel_is_the_definition() {
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
fn no_error_has_the_greatest_value() {
    for (depth, max) in [(8, 60.0), (10, 72.0), (12, 84.0), (16, 108.0)] {
        assert_eq!(variant(depth, &[]).psnr(0.0, 0), max);
    }
    // 255^2 over an error of 1 in 3072 samples is 83.004 dB, in 768 samples 76.98.
    let bounded = variant(8, &[("min_sse", "1")]);
    assert_eq!([0, 1, 2].map(|plane| bounded.psnr(0.0, plane)), [84.0, 77.0, 77.0]);
    assert_eq!(variant(8, &[]).psnr_of_video(0.0, 3072.0), 87.0);
}

#[test]
fn the_reduced_peak_makes_depths_alike() {
    let set = [("reduced_hbd_peak", "true")];
    let expected = variant(8, &set).psnr(20.0, 0);
    for depth in 9..=16 {
        let scale = f64::from(1_u32 << (depth - 8));
        let found = variant(depth, &set).psnr(20.0 * scale * scale, 0);
        assert!((found - expected).abs() < 1e-12, "{depth}: {found} {expected}");
    }
}
