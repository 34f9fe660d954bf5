//! The kernel against the definition, and values worked by hand.

use super::extractor::FloatMoment;
use super::{kernel, reference};
use crate::feature::testing::{PATTERNS, for_each_geometry, plane};
use crate::simd::Level;
use crate::{Chroma, Format, Frame, Plane, Sample};

fn check<T: Sample>(plane: &Plane<T>, depth: u8, what: &str) {
    let expected = reference::moments(plane);
    for level in Level::available() {
        let found = kernel::moments(level, plane, depth);
        assert_eq!(found, expected, "{what}, {}", level.name());
    }
}

#[test]
fn kernel_equals_the_definition() {
    for_each_geometry(1, |width, height, depth, padding| {
        for pattern in PATTERNS {
            let what = format!("{width}x{height} {depth}-bit {pattern:?}");
            if depth == 8 {
                check(&plane::<u8>(*pattern, width, height, depth, padding), depth, &what);
            } else {
                check(&plane::<u16>(*pattern, width, height, depth, padding), depth, &what);
            }
        }
    });
}

#[test]
fn a_half_white_picture_has_half_of_each_moment() {
    for depth in [8, 10, 12, 16] {
        let format = Format::new(32, 8, Chroma::Mono, depth).expect("a valid format");
        let max = u16::MAX >> (16 - depth);
        let extractor = FloatMoment { format, level: Level::best() };
        let white = f64::from(max) / f64::from(1_u32 << (depth - 8));
        let square = f64::from((white * white) as f32);
        let found = if depth == 8 {
            let frame = Frame::from_luma(format, &[0_u8, 255].repeat(128)).expect("a frame");
            extractor.moments::<u8>(&frame)
        } else {
            let frame = Frame::from_luma(format, &[0, max].repeat(128)).expect("a frame");
            extractor.moments::<u16>(&frame)
        };
        assert_eq!(found, [white / 2.0, square / 2.0], "{depth}");
    }
}
