//! The kernel against the definition, and properties of SSIMULACRA2.

use super::extractor::Ssimulacra2;
use super::reference::sums;
use super::score::score;
use super::{FEATURE, WHITE};
use crate::feature::light::testing::{
    check_encodes, check_options, check_refusals, kernel_sums, light, natural, scored,
};
use crate::feature::testing::{PATTERNS, for_each_geometry, planar};
use crate::simd::Level;
use crate::{Chroma, Format};

#[test]
fn kernel_equals_the_definition() {
    let chroma = [Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444, Chroma::Mono];
    for_each_geometry(8, |width, height, depth, padding| {
        let chroma = chroma[width / 2 % 4];
        let format = Format::new(width as u32, height as u32, chroma, depth).expect("a format");
        let pick = |i: usize| [0, 1, 2].map(|k| PATTERNS[(width + i + k) % PATTERNS.len()]);
        let frames = [0, 1, 3].map(|i| planar(pick(i), format, padding));
        let frames = frames.each_ref();
        let found = kernel_sums::<Ssimulacra2>(Level::baseline(), WHITE, &frames);
        let reference = light(frames[0], WHITE);
        for (found, distorted) in found.iter().zip(&frames[1..]) {
            let expected = sums(&reference, &light(distorted, WHITE));
            assert_eq!(found.len(), expected.len());
            for (scale, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let pixels = expected.pixels;
                assert_eq!(found.pixels, pixels);
                let components = found.components.iter().zip(&expected.components);
                for (component, (found, expected)) in components.enumerate() {
                    let values = found.values.iter().zip(&expected.values);
                    let powers = found.fourth_powers.iter().zip(&expected.fourth_powers);
                    for (map, (found, wanted)) in values.chain(powers).enumerate() {
                        // Values near 0.5 and their means have errors of 1e-7.
                        let bound = 1e-4 * wanted + 2e-7 * pixels;
                        assert!(
                            (found - wanted).abs() < bound,
                            "{format} scale {scale} component {component} map {map}: {found}, \
                             not {wanted}"
                        );
                    }
                }
            }
            let (found, expected) = (score(found), score(&expected));
            assert!(
                (found - expected).abs() < 1e-4 * expected.abs().max(1.0),
                "{format}: {found} {expected}"
            );
        }
        for level in Level::available() {
            assert_eq!(
                kernel_sums::<Ssimulacra2>(level, WHITE, &frames),
                found,
                "{format} {}",
                level.name()
            );
        }
    });
}

#[test]
fn equal_pictures_score_100_and_others_less() {
    let (a, b) = (natural(1, 150, 90), natural(5, 150, 90));
    assert_eq!(scored((&FEATURE, "ssimulacra2"), [&a, &a], &[]), 100.0);
    assert!(scored((&FEATURE, "ssimulacra2"), [&a, &b], &[]) < 60.0);
}

#[test]
fn the_number_of_encodes_does_not_matter() {
    check_encodes::<Ssimulacra2>(WHITE);
}

#[test]
fn options_change_the_light_but_no_name() {
    check_options(&FEATURE, "ssimulacra2");
}

#[test]
fn small_pictures_and_subsampled_rgb_are_refused() {
    check_refusals(&FEATURE);
}
