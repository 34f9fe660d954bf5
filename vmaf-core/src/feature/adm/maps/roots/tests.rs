use super::*;
use crate::feature::adm::csf;
use crate::feature::adm::reference::{decoupled, masked_cubes, plain_cubes, wavelet};
use crate::feature::testing::{PATTERNS, frame};
use crate::feature::{Feature, adm};

/// The roots of the definition over the whole picture.
fn defined(details: &Details<'_>) -> Roots {
    let Details { scale, weights, details: [o, t], gain_limit } = *details;
    let parts = decoupled(o, t, gain_limit);
    let masked = |part| {
        let shifts = CubeShifts::masked(scale);
        let mut band = 0..;
        masked_cubes(scale, &parts, part, weights).map(|cubes| {
            let unit = band.next().map_or(0.0, |band| shifts.unit(band));
            cubes.iter().map(|&cube| cube_root(cube as f64 * unit) as f32).collect()
        })
    };
    let shifts = CubeShifts::plain(scale);
    let mut band = 0..;
    let reference = plain_cubes(scale, o).map(|cubes| {
        let band = band.next().unwrap_or_default();
        let (unit, weight) = (shifts.unit(band), f64::from(weights.exact[band]));
        cubes.iter().map(|&cube| (cube_root(cube as f64 * unit) * weight) as f32).collect()
    });
    Roots { kept: masked(KEPT), reference, added: masked(ADDED) }
}

#[test]
fn roots_of_strips_equal_the_definition() {
    let feature: &'static Feature = &adm::FEATURE;
    let weights = csf::weights(&feature.options()).expect("defined");
    let mut turn = 0;
    for a in PATTERNS {
        for b in PATTERNS {
            let (width, height) = [(17, 33), (34, 64), (40, 67), (130, 36)][turn % 4];
            turn += 1;
            let mut inputs = [a, b].map(|&pattern| {
                Grid::from_plane(frame(pattern, width, height, 10).plane::<u16>(0), 10)
            });
            for (index, weights) in weights.iter().enumerate() {
                let scale = Scale::from_input(index, inputs[0].width, inputs[0].height);
                let [o, t] = inputs.map(|input| wavelet(&scale, &input, 10));
                let details = [&o.detail, &t.detail];
                let details = Details { scale: &scale, weights, details, gain_limit: 1.5 };
                let (roots, expected) = (details.roots(), defined(&details));
                assert_eq!(roots.kept, expected.kept, "{width}x{height}, scale {index}");
                assert_eq!(roots.reference, expected.reference, "{width}x{height}, scale {index}");
                assert_eq!(roots.added, expected.added, "{width}x{height}, scale {index}");
                inputs = [o.approximation, t.approximation];
            }
        }
    }
}

#[test]
fn cube_roots_are_exact_to_forty_bits() {
    assert_eq!(cube_root(0.0), 0.0);
    assert_eq!(cube_root(-27.0), -cube_root(27.0));
    let mut value = 1e-30_f64;
    while value < 1e30 {
        let (root, exact) = (cube_root(value), libm::cbrt(value));
        assert!((root - exact).abs() <= exact * 2.0_f64.powi(-40), "{value}: {root} {exact}");
        value *= 1.0173;
    }
}
