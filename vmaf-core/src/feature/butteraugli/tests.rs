//! The kernel against the definition, and properties of butteraugli.

use super::extractor::Butteraugli;
use super::reference;
use super::score::MapSums;
use super::{FEATURE, WHITE};
use crate::feature::light::testing::{
    Picture, check_encodes, check_options, check_refusals, kernel_sums, light, natural, scored,
};
use crate::feature::testing::{PATTERNS, for_each_geometry, measured, planar};
use crate::simd::Level;
use crate::{Chroma, Format};

/// The sums of the definition's map.
fn definition(reference: &Picture, distorted: &Picture) -> MapSums {
    let map = reference::map(reference, distorted);
    let max = map.iter().copied().fold(0.0, f64::max) as f32;
    let powers = [3, 6, 12].map(|power| map.iter().map(|value| value.powi(power)).sum());
    MapSums { max, powers, pixels: map.len() as f64 }
}

#[test]
fn kernel_equals_the_definition() {
    let chroma = [Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444, Chroma::Mono];
    for_each_geometry(8, |width, height, depth, padding| {
        let chroma = chroma[width / 2 % 4];
        let format = Format::new(width as u32, height as u32, chroma, depth).expect("a format");
        let pick = |i: usize| [0, 1, 2].map(|k| PATTERNS[(width + i + k) % PATTERNS.len()]);
        let frames = [0, 1, 3].map(|i| planar(pick(i), format, padding));
        let frames = frames.each_ref();
        let found = kernel_sums::<Butteraugli>(Level::baseline(), WHITE, &frames);
        let reference = light(frames[0], WHITE);
        for (found, distorted) in found.iter().zip(&frames[1..]) {
            let expected = definition(&reference, &light(distorted, WHITE));
            assert_eq!(found.pixels, expected.pixels);
            for (found, wanted) in found.values().iter().zip(expected.values()) {
                // Values near zero have errors of 1e-6.
                let bound = 1e-4 * wanted + 1e-5;
                assert!((found - wanted).abs() < bound, "{format}: {found}, not {wanted}");
            }
        }
        for level in Level::available() {
            assert_eq!(
                kernel_sums::<Butteraugli>(level, WHITE, &frames),
                found,
                "{format} {}",
                level.name()
            );
        }
    });
}

#[test]
fn equal_pictures_differ_by_0_and_others_by_more() {
    let (a, b) = (natural(1, 150, 90), natural(5, 150, 90));
    assert_eq!(scored((&FEATURE, "butteraugli"), [&a, &a], &[]), 0.0);
    assert!(scored((&FEATURE, "butteraugli"), [&a, &b], &[]) > 2.0);
}

#[test]
fn the_mean_of_norms_is_below_the_greatest_difference() {
    let (a, b) = (natural(1, 97, 61), natural(2, 97, 61));
    let found = measured(&FEATURE, &FEATURE.options(), &a, &b);
    let (max, norm) = (found["butteraugli"], found["butteraugli_3norm"]);
    assert!(norm > 0.0 && norm < max, "{norm} and {max}");
    // A map of one value has that value in every norm.
    let flat =
        MapSums { max: 2.0, powers: [3, 6, 12].map(|p| 50.0 * 2.0_f64.powi(p)), pixels: 50.0 };
    assert!(flat.values().iter().all(|value| (value - 2.0).abs() < 1e-12));
}

#[test]
fn the_number_of_encodes_does_not_matter() {
    check_encodes::<Butteraugli>(WHITE);
}

#[test]
fn options_change_the_light_but_no_name() {
    check_options(&FEATURE, "butteraugli");
}

#[test]
fn small_pictures_and_subsampled_rgb_are_refused() {
    check_refusals(&FEATURE);
}
