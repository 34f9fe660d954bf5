//! The kernel against the definition.

use super::csf::Weights;
use super::kernel::coefficient::Coefficient;
use super::kernel::wavelet::{Band, Input};
use super::kernel::{Approximations, MeasureScale, Workspace};
use super::reference::{self, Grid};
use super::scale::{SCALES, Scale};
use super::setting::Setting;
use crate::Plane;
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, plane};
use crate::simd::Level;
use crate::simd::samples::Load;

fn settings(scale: usize) -> Vec<Setting> {
    let options = |set: &[(&str, &str)]| {
        let mut options = crate::feature::find("adm").expect("adm").options();
        set.iter().for_each(|(name, value)| options.set(name, value).expect("an option"));
        super::csf::weights(&options).expect("defined")[scale]
    };
    let setting = |weights: Weights, gain_limit| Setting { weights, gain_limit, additive: true };
    vec![
        setting(options(&[]), 100.0),
        setting(options(&[("adm_csf_mode", "2")]), 1.0),
        setting(options(&[("adm_csf_mode", "1"), ("adm_csf_scale", "3")]), 1.3),
    ]
}

/// Checks a scale at every level and returns the input of the next one.
fn check_scale<I: Input<Coefficient: Coefficient>>(
    index: usize,
    (reference, distorted): (&I, &I),
    (o, t): (&Grid, &Grid),
    depth: u8,
    what: &str,
) -> ([Band<I::Coefficient>; 2], [Grid; 2])
where
    I::Coefficient: Into<i32> + std::fmt::Debug,
{
    let scale = Scale::from_input(index, o.width, o.height);
    let settings = settings(index);
    let (o, t) = (reference::wavelet(&scale, o, depth), reference::wavelet(&scale, t, depth));
    let mut next = None;
    for level in Level::available() {
        let what = format!("{what} scale {index}, {}", level.name());
        let mut out = Approximations::default();
        let measured = level.run(MeasureScale {
            scale,
            reference,
            distorted: &[distorted, reference],
            depth,
            settings: &settings,
            workspace: &mut Workspace::new(reference.size().0),
            out: &mut out,
        });
        assert_eq!(out.reference.values(), o.approximation.values, "{what}");
        assert_eq!(out.distorted[0].values(), t.approximation.values, "{what}");
        assert_eq!(measured.plain, reference::plain(&scale, &o.detail), "{what}");
        for (setting, masked) in settings.iter().zip(&measured.masked[0]) {
            let Setting { weights, gain_limit, .. } = setting;
            let expected = reference::masked(&scale, &o.detail, &t.detail, weights, *gain_limit);
            assert_eq!(masked.restored, expected.restored, "{what}");
            assert_eq!(masked.additive, expected.additive, "{what}");
        }
        let [distorted, _]: [Band<_>; 2] = out.distorted.try_into().expect("two encodes");
        next = Some([out.reference, distorted]);
    }
    (next.expect("a level"), [o.approximation, t.approximation])
}

fn check<T: Load>(reference: &Plane<T>, distorted: &Plane<T>, depth: u8, what: &str) {
    let [o, t] = [reference, distorted].map(|plane| Grid::from_plane(plane, depth));
    let ([a, b], [o, t]) = check_scale(0, (reference, distorted), (&o, &t), depth, what);
    let (mut bands, mut grids) = check_scale(1, (&a, &b), (&o, &t), depth, what);
    for index in 2..SCALES {
        let ([a, b], [o, t]) = (&bands, &grids);
        (bands, grids) = check_scale(index, (a, b), (o, t), depth, what);
    }
}

fn check_patterns(a: Pattern, b: Pattern, size: (usize, usize), depth: u8, padding: usize) {
    let (width, height) = size;
    let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
    if depth == 8 {
        let reference = plane::<u8>(a, width, height, depth, padding);
        check(&reference, &plane(b, width, height, depth, padding), depth, &what);
    } else {
        let reference = plane::<u16>(a, width, height, depth, padding);
        check(&reference, &plane(b, width, height, depth, padding), depth, &what);
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    for_each_geometry(17, |width, height, depth, padding| {
        let (a, b) = pairs.next().expect("endless");
        check_patterns(*a, *b, (width, height), depth, padding);
    });
}

#[test]
fn kernel_equals_the_definition_for_extreme_content() {
    for a in PATTERNS {
        for b in PATTERNS {
            for depth in [8, 10, 16] {
                check_patterns(*a, *b, (41, 35), depth, 1);
            }
        }
    }
}
