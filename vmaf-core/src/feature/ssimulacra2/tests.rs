//! The kernel against the definition, and properties of SSIMULACRA2.

use std::marker::PhantomData;

use super::WHITE;
use super::kernel::{Comparison, Workspace};
use super::reference::{Picture, sums};
use super::score::{ScaleSums, score};
use crate::color::{ColorSpace, LightReader, Screen};
use crate::feature::light;
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, measured, planar};
use crate::frame::Pixels;
use crate::simd::Level;
use crate::{Chroma, Error, Format, Frame, Job};

fn kernel(level: Level, frames: &[&Frame]) -> Vec<Vec<ScaleSums>> {
    let reader =
        LightReader::new(frames[0].format(), &ColorSpace::default(), &Screen::ideal(WHITE), None);
    let mut workspace = Workspace::default();
    // The workspace was used for a picture of another size before.
    let other = Format::new(70, 41, Chroma::Yuv420, 8).expect("a format");
    let before = planar([Pattern::Noise(9); 3], other, 0);
    let earlier = LightReader::new(&other, &ColorSpace::default(), &Screen::ideal(WHITE), None);
    level.run(Comparison::<u8> {
        frames: &[&before, &before],
        reader: &earlier,
        workspace: &mut workspace,
        samples: PhantomData,
    });
    let (reader, workspace) = (&reader, &mut workspace);
    match frames[0].pixels() {
        Pixels::U8(_) => {
            level.run(Comparison::<u8> { frames, reader, workspace, samples: PhantomData })
        }
        Pixels::U16(_) => {
            level.run(Comparison::<u16> { frames, reader, workspace, samples: PhantomData })
        }
    }
}

fn light(frame: &Frame) -> Picture {
    let (width, height) = frame.format().plane_size(0);
    Picture { width, height, components: light::testing::light(frame, WHITE) }
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
        let found = kernel(Level::baseline(), &frames);
        let reference = light(frames[0]);
        for (found, distorted) in found.iter().zip(&frames[1..]) {
            let expected = sums(&reference, &light(distorted));
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
            assert_eq!(kernel(level, &frames), found, "{format} {}", level.name());
        }
    });
}

fn natural(seed: u64, width: u32, height: u32) -> Frame {
    let format = Format::new(width, height, Chroma::Yuv420, 8).expect("a format");
    planar([seed, seed + 1, seed + 2].map(Pattern::Natural), format, 0)
}

fn scored(reference: &Frame, distorted: &Frame, set: &[(&str, &str)]) -> f64 {
    let mut options = super::FEATURE.options();
    for (name, value) in set {
        options.set(name, value).expect("an option");
    }
    measured(&super::FEATURE, &options, reference, distorted)["ssimulacra2"]
}

#[test]
fn equal_pictures_score_100_and_others_less() {
    let (a, b) = (natural(1, 150, 90), natural(5, 150, 90));
    assert_eq!(scored(&a, &a, &[]), 100.0);
    assert!(scored(&a, &b, &[]) < 60.0);
}

#[test]
fn the_number_of_encodes_does_not_matter() {
    let [a, b, c] = [1, 5, 9].map(|seed| natural(seed, 101, 77));
    let together = kernel(Level::best(), &[&a, &b, &c]);
    for (alone, together) in [&b, &c].into_iter().zip(&together) {
        assert_eq!(&kernel(Level::best(), &[&a, alone])[0], together);
    }
}

#[test]
fn options_change_the_light_but_no_name() {
    let (a, b) = (natural(1, 64, 48), natural(2, 64, 48));
    let plain = scored(&a, &b, &[]);
    for option in [
        ("matrix", "bt709"),
        ("matrix", "bt2020"),
        ("range", "full"),
        ("transfer", "srgb"),
        ("transfer", "pq"),
        ("transfer", "hlg"),
        ("primaries", "bt2020"),
        ("primaries", "bt601-525"),
        ("primaries", "bt601-625"),
        ("primaries", "p3"),
        ("siting", "center"),
        ("siting", "topleft"),
    ] {
        let other = scored(&a, &b, &[option]);
        assert!((other - plain).abs() > 1e-6, "{option:?}: {other} {plain}");
    }
}

#[test]
fn rgb_needs_planes_of_one_size() {
    let format = |chroma| Format::new(32, 32, chroma, 8).expect("a format");
    let mut options = super::FEATURE.options();
    options.set("matrix", "rgb").expect("an option");
    let start =
        |chroma| Job::new(format(chroma), 1).feature(&super::FEATURE, options.clone()).start();
    assert!(start(Chroma::Yuv444).is_ok());
    assert!(matches!(start(Chroma::Yuv420), Err(Error::Unsupported { .. })));
}

#[test]
fn small_pictures_are_refused() {
    let format = Format::new(7, 64, Chroma::Yuv420, 8).expect("a format");
    let error = Job::new(format, 1).feature(&super::FEATURE, super::FEATURE.options()).start();
    assert!(matches!(error.err(), Some(Error::TooSmall { .. })));
}
