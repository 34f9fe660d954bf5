//! The kernel against the definition, and against known values.

use super::extractor::FloatAnsnr;
use super::kernel::{Energy, Workspace};
use super::{kernel, reference};
use crate::feature::testing::{PATTERNS, for_each_geometry, plane};
use crate::simd::Level;
use crate::{Chroma, Format, Plane, Sample};

fn bits(energy: Energy) -> [u32; 2] {
    [energy.signal.to_bits(), energy.noise.to_bits()]
}

fn check<T: Sample>(reference: &Plane<T>, distorted: [&Plane<T>; 2], depth: u8, what: &str) {
    let expected = distorted.map(|distorted| bits(reference::energy(reference, distorted, depth)));
    for level in Level::available() {
        let mut workspace = Workspace::new(reference.width());
        // The second time in memory that has been used.
        for _ in 0..2 {
            let found = kernel::energies(level, reference, &distorted, depth, &mut workspace);
            assert_eq!([bits(found[0]), bits(found[1])], expected, "{what}, {}", level.name());
        }
    }
}

#[test]
fn kernel_equals_the_definition() {
    for_each_geometry(3, |width, height, depth, padding| {
        for (a, b) in PATTERNS.iter().zip(PATTERNS.iter().cycle().skip(1)) {
            let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
            if depth == 8 {
                let [a, b] = [a, b].map(|p| plane::<u8>(*p, width, height, depth, padding));
                check(&a, [&b, &a], depth, &what);
            } else {
                let [a, b] = [a, b].map(|p| plane::<u16>(*p, width, height, depth, padding));
                check(&a, [&b, &a], depth, &what);
            }
        }
    });
}

fn flat(value: u8) -> Plane<u8> {
    Plane::from_vec(vec![value; 64 * 48], 64, 48).expect("a plane")
}

fn values(reference: u8, distorted: u8) -> [f64; 2] {
    let format = Format::new(64, 48, Chroma::Mono, 8).expect("a valid format");
    let extractor = FloatAnsnr { format, level: Level::best() };
    let mut workspace = Workspace::new(64);
    let (reference, distorted) = (flat(reference), flat(distorted));
    let found = kernel::energies(extractor.level, &reference, &[&distorted], 8, &mut workspace);
    extractor.values(found[0])
}

#[test]
fn mid_grey_has_neither_signal_nor_noise() {
    // Both filters leave nothing of 0.
    assert_eq!(values(128, 128), [60.0, 60.0]);
    assert_eq!(values(128, 129)[0], f64::NEG_INFINITY);
}

#[test]
fn flat_pictures_have_the_ratio_of_their_levels() {
    // A signal of 64 beside a noise of 16: 12.04 dB; a peak of 255: 24.05 dB.
    let found = values(192, 176);
    let expected = [64.0, 255.0].map(|level: f64| 20.0 * (level / 16.0).log10());
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found - expected).abs() < 1e-3, "{found} {expected}");
    }
}
