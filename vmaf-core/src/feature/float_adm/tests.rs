//! The kernel against the definition.

use super::kernel::{MeasureScale, Setting, Workspace};
use super::reference::{self, Grid, grid};
use super::sums::{Bands, Norm};
use crate::feature::adm::scale::{SCALES, Scale};
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, noise, plane};
use crate::feature::{Feature, Options};
use crate::frame::Pixels;
use crate::numeric::{Centred, FloatPlane, FloatRows, as_rows};
use crate::simd::Level;
use crate::{Chroma, Format, Frame, FrameGroup, Job, Plane, Sample, ScoreTable};

fn settings() -> Vec<Setting> {
    let setting = |weights: Bands, gain_limit, unmasked, norm| Setting {
        weights,
        gain_limit,
        unmasked,
        norm: Norm(norm),
    };
    vec![
        setting([0.0173, 0.0173, 0.0059], 100.0, false, 3.0),
        setting([0.0618, 0.0618, 0.0357], 1.0, false, 3.0),
        setting([0.9, 0.9, 0.6], 1.3, true, 3.0),
        setting([0.03, 0.03, 0.02], 1.2, false, 1.7),
    ]
}

fn bits(sums: Bands) -> [u32; 3] {
    sums.map(f32::to_bits)
}

/// Checks a scale at every level and returns the input of the next one.
fn check_scale<P: FloatRows>(
    index: usize,
    pictures: &[P; 3],
    grids: &[Grid; 2],
    workspace: &mut Workspace,
    what: &str,
) -> ([FloatPlane; 3], [Grid; 2]) {
    let [reference, distorted @ ..] = pictures;
    let scale = Scale::from_input(index, reference.width(), reference.height());
    let settings = settings();
    let [o, t] = grids.each_ref().map(|grid| reference::wavelet(&scale, grid));
    let mut out: [FloatPlane; 3] = Default::default();
    let masked = |t: &[Grid; 3]| -> Vec<_> {
        let masked = |setting| reference::masked(&scale, &o.detail, t, setting);
        settings.iter().map(masked).collect()
    };
    let expected = [masked(&t.detail), masked(&o.detail)];
    for level in Level::available() {
        let what = format!("{what} scale {index}, {}", level.name());
        let settings = &settings[..];
        let (distorted, out) = (&as_rows(distorted)[..], &mut out[..]);
        let measured =
            level.run(MeasureScale { scale, reference, distorted, settings, workspace, out });
        assert_eq!(grid(&out[0]), o.approximation, "{what}");
        assert_eq!(grid(&out[1]), t.approximation, "{what}");
        for (setting, plain) in settings.iter().zip(&measured.plain) {
            let Setting { weights, norm, .. } = setting;
            let expected = reference::plain(&scale, &o.detail, *weights, *norm);
            assert_eq!(bits(*plain), bits(expected), "{what}");
        }
        for (found, expected) in measured.masked.iter().zip(&expected) {
            for (found, expected) in found.iter().zip(expected) {
                assert_eq!(bits(found.restored), bits(expected.restored), "{what}");
                assert_eq!(bits(found.additive), bits(expected.additive), "{what}");
            }
        }
    }
    (out, [o.approximation, t.approximation])
}

fn check_scales<T: Sample>(reference: &Plane<T>, distorted: &Plane<T>, depth: u8, what: &str) {
    let pictures = [reference, distorted, reference].map(|plane| Centred {
        plane,
        depth,
        level: Level::best(),
    });
    let grids = [grid(&pictures[0]), grid(&pictures[1])];
    let mut workspace = Workspace::default();
    let (mut pictures, mut grids) = check_scale(0, &pictures, &grids, &mut workspace, what);
    for index in 1..SCALES {
        (pictures, grids) = check_scale(index, &pictures, &grids, &mut workspace, what);
    }
}

fn check(a: Pattern, b: Pattern, size: (usize, usize), depth: u8, padding: usize) {
    let (width, height) = size;
    let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
    if depth == 8 {
        let reference = plane::<u8>(a, width, height, depth, padding);
        check_scales(&reference, &plane(b, width, height, depth, padding), depth, &what);
    } else {
        let reference = plane::<u16>(a, width, height, depth, padding);
        check_scales(&reference, &plane(b, width, height, depth, padding), depth, &what);
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    for_each_geometry(17, |width, height, depth, padding| {
        let (a, b) = pairs.next().expect("endless");
        check(*a, *b, (width, height), depth, padding);
    });
}

#[test]
fn kernel_equals_the_definition_for_extreme_content() {
    for (i, a) in PATTERNS.iter().enumerate() {
        for (j, b) in PATTERNS.iter().enumerate() {
            check(*a, *b, (41, 35), [8, 10, 16][(i + j) % 3], 1);
        }
    }
}

/// The feature's result for a pair of pictures, with these options.
fn measured(set: &[(&str, &str)], reference: &Plane<u8>, distorted: &Plane<u8>) -> ScoreTable {
    let feature = &super::FEATURE;
    let mut options = feature.options();
    for (name, value) in set {
        options.set(name, value).expect("an option");
    }
    measured_by(feature, options, reference, distorted)
}

fn measured_by(
    feature: &'static Feature,
    options: Options,
    reference: &Plane<u8>,
    distorted: &Plane<u8>,
) -> ScoreTable {
    let (width, height) = (reference.width() as u32, reference.height() as u32);
    let format = Format::new(width, height, Chroma::Mono, 8).expect("a format");
    let frame = |plane: &Plane<u8>| {
        std::sync::Arc::new(Frame::new(format, Pixels::U8(vec![plane.clone()])).expect("a frame"))
    };
    let mut scorer = Job::new(format, 1).feature(feature, options).start().expect("a job");
    scorer.push(FrameGroup::pair(frame(reference), frame(distorted))).expect("scored");
    scorer.finish().expect("scored").remove(0)
}

fn value(scored: &ScoreTable, column: &str) -> f64 {
    scored.column(column).unwrap_or_else(|| panic!("no {column}"))[0]
}

#[test]
fn identical_pictures_keep_all_detail_and_add_none() {
    let picture = plane::<u8>(Pattern::Natural(1), 70, 50, 8, 0);
    for (set, suffix) in [
        (&[][..], ""),
        (&[("egl", "1")], "_egl_1"),
        (&[("apn", "2")], "_apn_2"),
        (&[("bcm", "1")], "_bcm_1"),
        (&[("csf", "2")], "_csf_2"),
    ] {
        let scored = measured(set, &picture, &picture);
        let value = |name: &str| value(&scored, &format!("{name}{suffix}"));
        assert_eq!((value("adm2"), value("aim"), value("adm3")), (1.0, 0.0, 1.0), "{set:?}");
        let scales = [0, 1, 2, 3].map(|scale| value(&format!("adm_scale{scale}")));
        assert_eq!(scales, [1.0; 4], "{set:?}");
    }
}

#[test]
fn values_are_near_those_of_fixed_point() {
    // Two implementations of one measure.
    let reference = plane::<u8>(Pattern::Natural(1), 130, 90, 8, 0);
    let samples = reference.rows().flatten().enumerate();
    let samples = samples.map(|(i, &v)| v / 4 * 3 + (noise(5, i, 0) % 9) as u8);
    let distorted = Plane::from_vec(samples.collect(), 130, 90).expect("a plane");
    let float = measured(&[], &reference, &distorted);
    let adm = &crate::feature::adm::FEATURE;
    let fixed = measured_by(adm, adm.options(), &reference, &distorted);
    for name in ["adm2", "aim", "adm3", "adm_scale0", "adm_scale1", "adm_scale2", "adm_scale3"] {
        let (found, expected) = (value(&float, name), value(&fixed, &format!("integer_{name}")));
        assert!((found - expected).abs() < 5e-3, "{name}: {found} {expected}");
    }
}

#[test]
fn adm3_combines_adm2_and_aim() {
    let a = plane::<u8>(Pattern::Natural(1), 60, 60, 8, 0);
    let b = plane::<u8>(Pattern::Natural(2), 60, 60, 8, 0);
    let plain = measured(&[], &a, &b);
    let (adm, aim) = (value(&plain, "adm2"), value(&plain, "aim"));
    assert!(adm < 0.99 && aim > 0.01, "{adm} {aim}");
    let adm3 = |set: &[(&str, &str)], suffix: &str| {
        value(&measured(set, &a, &b), &format!("adm3{suffix}"))
    };
    assert_eq!(adm3(&[("dlmw", "1")], "_dlmw_1"), adm);
    assert_eq!(adm3(&[("dlmw", "0")], "_dlmw_0"), 1.0 - aim);
    assert_eq!(adm3(&[("aah", "true")], "_aah"), 2.0 * adm * aim / (adm + aim));
    assert_eq!(adm3(&[("min", "1")], "_min_1"), 1.0);
}

#[test]
fn scales_can_be_left_out() {
    let a = plane::<u8>(Pattern::Natural(1), 60, 60, 8, 0);
    let b = plane::<u8>(Pattern::Natural(2), 60, 60, 8, 0);
    let plain = measured(&[("debug", "true")], &a, &b);
    let skipped = measured(&[("debug", "true"), ("ssz", "true")], &a, &b);
    assert_eq!(value(&skipped, "adm_scale0_ssz"), 0.0);
    for name in ["adm_scale1", "adm_scale3", "adm_num_scale2", "adm_den_scale2"] {
        assert_eq!(value(&skipped, &format!("{name}_ssz")), value(&plain, name), "{name}");
    }
    let least = value(&skipped, "adm_den_scale0_ssz");
    assert!(least > 0.0 && least < 1.1e-10);
    // Weights by hand: without any, a scale has only noise.
    let set = [("f1s1", "0"), ("f2s1", "0"), ("debug", "true")];
    let unweighted = measured(&set, &a, &b);
    assert_eq!(value(&unweighted, "adm_scale1_f1s1_0_f2s1_0"), 1.0);
    assert_eq!(value(&unweighted, "adm_scale2_f1s1_0_f2s1_0"), value(&plain, "adm_scale2"));
    // Additive impairment of one scale.
    let aim = value(&measured(&[("sasc", "0")], &a, &b), "aim_sasc_0");
    assert!((aim - value(&plain, "aim")).abs() > 1e-4, "{aim}");
}
