//! The kernel against the definition, and against the PSNR of integers.

use super::extractor::FloatPsnr;
use super::{kernel, reference};
use crate::feature::psnr;
use crate::feature::testing::{PATTERNS, for_each_geometry, plane};
use crate::simd::Level;
use crate::{Chroma, Format, Plane, Sample};

fn check<T: Sample>(a: &Plane<T>, b: &Plane<T>, depth: u8, what: &str) {
    let expected = reference::squared_error(a, b);
    for level in Level::available() {
        let found = kernel::squared_error(level, a, b, depth);
        assert_eq!(found, expected, "{what}, {}", level.name());
    }
    let exact = psnr::squared_error(Level::best(), a, b, depth);
    if depth <= 12 {
        assert_eq!(exact, expected, "{what} rounded");
    } else {
        // Half a step of 24 bits.
        assert!(exact.abs_diff(expected) <= exact >> 24, "{what} {exact} {expected}");
    }
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

#[test]
fn values_are_in_the_range_of_8_bits() {
    for (depth, max) in [(8, 60.0), (10, 72.0), (12, 84.0), (16, 108.0)] {
        let format = Format::new(64, 48, Chroma::Mono, depth).expect("a valid format");
        let extractor = FloatPsnr { format, level: Level::baseline() };
        assert_eq!(extractor.psnr(0), max);
        let peak = (1_u64 << depth) - 1;
        assert_eq!(extractor.psnr(peak * peak * 64 * 48), 0.0);
    }
}
