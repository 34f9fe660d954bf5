//! The kernel against the definition, and properties of the definition.

use super::csf::Weights;
use super::kernel::{Errors, blocks};
use super::reference;
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, plane};
use crate::simd::Level;
use crate::{Plane, Sample};

fn check<T: Sample>(index: usize, a: &Plane<T>, b: &Plane<T>, depth: u8, what: &str) {
    let weights = Weights::for_plane(index);
    let expected = [reference::error(a, b, &weights), 0.0, reference::error(a, b, &weights)];
    let distorted = [b, a, b];
    for level in Level::available() {
        let found = level.run(Errors {
            reference: a,
            distorted: &distorted,
            weights: &weights,
            bit_depth: depth,
        });
        let bits = |sums: &[f32]| sums.iter().map(|sum| sum.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&found), bits(&expected), "{what} {found:?}, {}", level.name());
    }
}

fn check_patterns(
    a: Pattern,
    b: Pattern,
    (width, height): (usize, usize),
    depth: u8,
    padding: usize,
) {
    let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
    for index in 0..3 {
        if depth == 8 {
            let a = plane::<u8>(a, width, height, depth, padding);
            check(index, &a, &plane(b, width, height, depth, padding), depth, &what);
        } else {
            let a = plane::<u16>(a, width, height, depth, padding);
            check(index, &a, &plane(b, width, height, depth, padding), depth, &what);
        }
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    for_each_geometry(8, |width, height, depth, padding| {
        let (a, b) = pairs.next().expect("endless");
        check_patterns(*a, *b, (width, height), depth, padding);
    });
}

#[test]
fn kernel_equals_the_definition_for_extreme_content() {
    for a in PATTERNS {
        for b in PATTERNS {
            for depth in [8, 9, 10, 11, 12, 13, 16] {
                check_patterns(*a, *b, (135, 22), depth, 1);
            }
        }
    }
}

#[test]
fn long_sums_keep_their_order() {
    for (a, b) in [(Pattern::Natural(1), Pattern::Natural(2)), (Pattern::Flat, Pattern::Columns)] {
        check_patterns(a, b, (700, 500), 8, 0);
        check_patterns(a, b, (700, 500), 10, 0);
    }
}

#[test]
fn blocks_cover_all_whole_blocks_of_a_plane() {
    let found: Vec<usize> = [7, 8, 14, 15, 16, 22, 1920].into_iter().map(blocks).collect();
    assert_eq!(found, [0, 1, 1, 2, 2, 3, 274]);
}

#[test]
fn the_transform_is_a_cosine_transform() {
    for k in 0..8 {
        let cosine = |i: usize| libm::cos(std::f64::consts::PI * (i as f64 + 0.5) * k as f64 / 8.0);
        let found = reference::dct_8(std::array::from_fn(|i| (8000.0 * cosine(i)).round() as i64));
        for (frequency, value) in found.into_iter().enumerate() {
            // As long as the cosine: sqrt(8) of a constant, sqrt(4) of the others.
            let scale = if k == 0 { 8_f64 } else { 4.0 }.sqrt();
            let expected = if frequency == k { 8000.0 * scale } else { 0.0 };
            assert!((value as f64 - expected).abs() < 8.0, "{k} {frequency} {value}");
        }
    }
}

#[test]
fn errors_are_symmetric_and_weighted() {
    let weights = Weights::for_plane(0);
    let (a, b) = (Pattern::Noise(1), Pattern::Natural(2));
    let (a, b) = (plane::<u8>(a, 50, 40, 8, 0), plane::<u8>(b, 50, 40, 8, 0));
    assert_eq!(reference::error(&a, &b, &weights), reference::error(&b, &a, &weights));
    // A flat block 100 brighter differs by 8 * 100 at the lowest frequency alone, which nothing
    // hides; a step of rounding aside.
    let flat = |value| Plane::from_vec(vec![value; 64], 8, 8).expect("a block");
    let found = reference::error(&flat(100_u8), &flat(200), &weights);
    assert!((found.sqrt() / weights.error[0] - 800.0).abs() <= 1.0, "{found}");
}
