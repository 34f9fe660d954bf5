//! The kernel against the definition, and properties that hold for any picture.

use std::sync::Arc;

use super::kernel::Analyse;
use super::kernel::covariance::{Matrix, SIZE, WIDTH};
use super::kernel::downscale::{Downscale, Memory, Scaler};
use super::kernel::entropy::{Compare, Entropies, Score, Statistics};
use super::kernel::picture::{Centred, Difference, Picture, Small};
use super::kernel::{covariance, eigen};
use super::settings::{Comparison, METHODS, Method, Scaling};
use super::{CHROMA, TEMPORAL, reference};
use crate::feature::testing::{PATTERNS, Pattern, noise, plane};
use crate::feature::{Feature, Plan};
use crate::frame::Pixels;
use crate::simd::Level;
use crate::{Chroma, Error, Format, Frame, FrameGroup, Job, Sample, ScoreTable};

const PLAIN: Scaling = Scaling { kernel_scale: 1.0, prescale: 1.0, method: Method::Nearest };

const MODES: [Comparison; 7] = {
    let mut modes = [Comparison { sigma: 0.29, floor: 0.0, weighting: 0 }; 7];
    let mut i = 1;
    while i < 7 {
        modes[i] = Comparison { sigma: 0.1 * i as f32, floor: 0.1 * i as f32, weighting: i as u8 };
        i += 1;
    }
    modes
};

/// The analysis of `picture` at `level`, checked against the definition's.
fn analyse<P: Picture>(
    picture: P,
    defined: &reference::Picture,
    scaling: &Scaling,
    what: &str,
) -> (Statistics, Statistics) {
    let expected_small = reference::small(defined, scaling);
    let expected = reference::analyse(&expected_small);
    let scaler = Scaler::new(scaling, (defined[0].len(), defined.len()));
    let mut last = None;
    for level in Level::available() {
        let what = format!("{what}, {scaling:?}, {}", level.name());
        let mut small = Small::default();
        // The old contents of memory do not matter.
        small.resize(7, 3);
        let (mut rows, mut covariance) = (Memory::default(), covariance::Memory::default());
        for _ in 0..2 {
            let (scaler, memory, out) = (&scaler, &mut rows, &mut small);
            level.run(Downscale { picture, scaler, memory, out });
        }
        for (y, expected) in expected_small[..small.height].iter().enumerate() {
            let expected = bits(&expected[..small.width]);
            assert_eq!(bits(&small.row(y)[..small.width]), expected, "{what}, row {y}");
        }
        let mut found = Statistics::default();
        level.run(Analyse { picture: &small, memory: &mut covariance, out: &mut found });
        assert_eq!(bits(&found.eigenvalues), bits(&expected.eigenvalues), "{what}");
        assert_eq!(found.is_singular, expected.is_singular, "{what}");
        if !found.is_singular {
            assert_eq!(bits(&found.variances), bits(&expected.variances), "{what}");
        }
        last = Some(found);
    }
    (last.expect("a level"), expected)
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn compare(level: Level, comparison: &Comparison, r: &Statistics, d: &Statistics) -> Score {
    let entropies = [r, d].map(|statistics| {
        let mut entropies = vec![9.0; 3];
        let sigma = comparison.sigma;
        level.run(Entropies { statistics, sigma, entropies: &mut entropies });
        entropies
    });
    level.run(Compare { comparison, reference: (r, &entropies[0]), distorted: (d, &entropies[1]) })
}

/// Checks two pictures, on their own and beside each other, and their difference.
fn check<T: Sample + TryFrom<u32>>(
    (a, b): (Pattern, Pattern),
    (width, height): (usize, usize),
    depth: u8,
    padding: usize,
    scaling: &Scaling,
) {
    let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
    let planes = [a, b].map(|pattern| plane::<T>(pattern, width, height, depth, padding));
    let defined = [0, 1].map(|i| reference::centred(&planes[i], depth));
    let (r, expected_r) = analyse(Centred(&planes[0], depth), &defined[0], scaling, &what);
    let difference = reference::difference(&defined[0], &defined[1]);
    let picture = Difference(&planes[0], &planes[1], depth);
    let (d, expected_d) = analyse(picture, &difference, scaling, &what);
    for comparison in &MODES {
        let expected = reference::score(comparison, &expected_r, &expected_d);
        for level in Level::available() {
            let found = compare(level, comparison, &r, &d);
            let what = format!("{what} {comparison:?} {}", level.name());
            assert_eq!(found.value.to_bits(), expected.value.to_bits(), "{what}");
            assert_eq!(found.is_singular, expected.is_singular, "{what}");
        }
    }
}

fn check_depth(
    patterns: (Pattern, Pattern),
    size: (usize, usize),
    depth: u8,
    padding: usize,
    scaling: &Scaling,
) {
    if depth == 8 {
        check::<u8>(patterns, size, depth, padding, scaling);
    } else {
        check::<u16>(patterns, size, depth, padding, scaling);
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    let depths = [8, 10, 12, 16, 9];
    for width in 80..=130 {
        let (a, b) = pairs.next().expect("endless");
        let size = (width, 80 + width * 7 % 23);
        check_depth((*a, *b), size, depths[width % depths.len()], width % 3, &PLAIN);
    }
    // With more than one block in both directions, and more than a stretch of pixels in a row.
    for (i, size) in [(161, 163), (320, 170), (97, 245), (1280, 85)].into_iter().enumerate() {
        let patterns = (Pattern::Natural(3), Pattern::Noise(i as u64));
        check_depth(patterns, size, depths[i], i, &PLAIN);
    }
}

#[test]
fn kernel_equals_the_definition_for_every_kernel_scale_and_prescale() {
    for (i, kernel_scale) in super::settings::KERNEL_SCALES.into_iter().enumerate() {
        let scaling = Scaling { kernel_scale, ..PLAIN };
        let patterns = (Pattern::Noise(7), Pattern::Natural(8));
        check_depth(patterns, (170 + i, 165), [8, 10][i % 2], 1, &scaling);
    }
    let methods = [Method::Nearest, Method::Bilinear, Method::Bicubic, Method::Lanczos4];
    for (i, method) in methods.into_iter().enumerate() {
        for prescale in [0.5, 0.6, 0.93, 0.9995, 1.0004, 1.004, 1.7, 4.0] {
            let kernel_scale = if prescale == 0.93 { 3.0 } else { 1.0 };
            let scaling = Scaling { kernel_scale, prescale, method };
            let side = (80.0 / prescale) as usize + 1;
            let patterns = (Pattern::Noise(9), Pattern::Natural(2));
            check_depth(patterns, (side + 17, side + i), [8, 12][i % 2], 2, &scaling);
        }
    }
}

fn statistics(pattern: Pattern) -> Statistics {
    let plane = plane::<u8>(pattern, 330, 250, 8, 0);
    reference::analyse(&reference::small(&reference::centred(&plane, 8), &PLAIN))
}

#[test]
fn identical_pictures_score_0() {
    let level = Level::best();
    for pattern in PATTERNS {
        let statistics = statistics(*pattern);
        for comparison in MODES.iter().take(4) {
            assert_eq!(compare(level, comparison, &statistics, &statistics).value, 0.0);
        }
    }
}

#[test]
fn weightings_0_and_3_are_symmetric() {
    let (r, d) = (statistics(Pattern::Natural(1)), statistics(Pattern::Noise(2)));
    let score = |weighting: usize, r, d| compare(Level::best(), &MODES[weighting], r, d).value;
    for weighting in [0, 3] {
        assert_eq!(score(weighting, &r, &d), score(weighting, &d, &r));
        assert!(score(weighting, &r, &d) > 0.0);
    }
    assert_ne!(score(5, &r, &d), score(5, &d, &r));
}

#[test]
fn flat_pictures_are_singular() {
    let (flat, noise) = (statistics(Pattern::Flat), statistics(Pattern::Noise(1)));
    assert!(flat.is_singular && !noise.is_singular);
    let expected = Score { value: 0.0, is_singular: true };
    for (r, d) in [(&flat, &noise), (&noise, &flat), (&flat, &flat)] {
        assert_eq!(compare(Level::best(), &MODES[0], r, d), expected);
    }
}

#[test]
fn variances_are_near_one_on_average() {
    // y' K^-1 y / 25, averaged over the blocks that K is the covariance of, is 1.
    let statistics = statistics(Pattern::Noise(5));
    let mean = statistics.variances.iter().sum::<f32>() / statistics.variances.len() as f32;
    assert!((0.5..2.0).contains(&mean), "{mean}");
}

#[test]
fn eigenvalues_of_known_matrices() {
    // 2 on the diagonal and -1 beside it: 2 - 2 cos(k pi / 26).
    let mut matrix: Matrix = [[0.0; WIDTH]; SIZE];
    for i in 0..SIZE {
        matrix[i][i] = 2.0;
        if i > 0 {
            matrix[i][i - 1] = -1.0;
            matrix[i - 1][i] = -1.0;
        }
    }
    let mut found = eigen::eigenvalues(matrix);
    found.sort_by(f32::total_cmp);
    for (k, found) in (1..).zip(found) {
        let expected = 2.0 - 2.0 * libm::cos(f64::from(k) * std::f64::consts::PI / 26.0);
        assert!((f64::from(found) - expected).abs() < 1e-5, "{found} {expected}");
    }
    // A full matrix: they sum to the trace, their squares to that of the square.
    let mut matrix: Matrix = [[0.0; WIDTH]; SIZE];
    for (i, row) in matrix.iter_mut().enumerate() {
        for (j, value) in row[..SIZE].iter_mut().enumerate() {
            *value = (noise(4, i.max(j), i.min(j)) % 1000) as f32 / 500.0 - 1.0;
        }
    }
    let found = eigen::eigenvalues(matrix);
    let trace: f32 = (0..SIZE).map(|i| matrix[i][i]).sum();
    let squares: f32 = matrix.iter().flatten().map(|value| value * value).sum();
    assert!((found.iter().sum::<f32>() - trace).abs() < 1e-4);
    assert!((found.iter().map(|value| value * value).sum::<f32>() / squares - 1.0).abs() < 1e-5);
}

fn plan(
    feature: &'static Feature,
    (width, height): (u32, u32),
    chroma: Chroma,
    set: &[(&str, &str)],
) -> crate::Result<()> {
    let format = Format::new(width, height, chroma, 8).expect("a valid format");
    let mut options = feature.options();
    for (name, value) in set {
        options.set(name, value).expect("a valid option");
    }
    let variants = &[options];
    let plan = Plan { format, level: Level::best(), variants, named: variants, maps: None };
    feature.plan(&plan).map(|_| ())
}

#[test]
fn least_sizes_follow_options_and_subsampling() {
    let least = |feature, chroma, set| {
        let Err(Error::TooSmall { least_width, least_height, .. }) =
            plan(feature, (16, 16), chroma, set)
        else {
            panic!("16x16 is enough");
        };
        plan(feature, (least_width, least_height), chroma, set).expect("large enough");
        for size in [(least_width - 1, least_height), (least_width, least_height - 1)] {
            plan(feature, size, chroma, set).expect_err("too small");
        }
        (least_width, least_height)
    };
    assert_eq!(least(&TEMPORAL, Chroma::Mono, &[]), (80, 80));
    assert_eq!(least(&TEMPORAL, Chroma::Yuv420, &[("ps", "0.5")]), (159, 159));
    assert_eq!(least(&TEMPORAL, Chroma::Yuv420, &[("ps", "4")]), (20, 20));
    assert_eq!(least(&CHROMA, Chroma::Yuv420, &[]), (160, 160));
    assert_eq!(least(&CHROMA, Chroma::Yuv422, &[]), (160, 80));
    assert_eq!(least(&CHROMA, Chroma::Yuv444, &[]), (80, 80));
    assert_eq!(least(&CHROMA, Chroma::Yuv420, &[("ps", "0.1")]), (1590, 1590));
}

#[test]
fn impossible_options_are_refused_with_the_reason() {
    let error = |feature, chroma, set: &[(&str, &str)]| {
        plan(feature, (200, 200), chroma, set).expect_err("refused").to_string()
    };
    let mono = error(&CHROMA, Chroma::Mono, &[]);
    assert!(mono.contains("mono frames have no chroma"), "{mono}");
    let scale = error(&TEMPORAL, Chroma::Mono, &[("ks", "1.1")]);
    assert!(scale.contains("one of 0.44444445, 0.5,") && scale.contains("'1.1'"), "{scale}");
    let mut options = CHROMA.options();
    let method = options.set("psm", "linear").expect_err("no method").to_string();
    assert!(METHODS.iter().all(|name| method.contains(name)), "{method}");
    options.set("wvm", "7").expect_err("no weighting");
}

#[test]
fn columns_have_the_names_that_models_use() {
    let mut options = CHROMA.options();
    for (name, value) in [
        ("speed_nn_floor", "0.1"),
        ("speed_sigma_nn", "0.19"),
        ("speed_weight_var_mode", "5"),
        ("speed_prescale", "0.6"),
        ("speed_prescale_method", "bilinear"),
        ("speed_max_val", "45.0"),
        ("speed_kernelscale", "1.0"),
    ] {
        options.set(name, value).expect("an option");
    }
    let column = CHROMA.column(&CHROMA.outputs[2], &options);
    assert_eq!(column, "speed_chroma_uv_mxv_45_nnf_0.1_ps_0.6_psm_bilinear_snn_0.19_wvm_5");
}

/// A frame of 4:4:4 whose planes have these patterns.
fn frame(patterns: [Pattern; 3]) -> Arc<Frame> {
    let format = Format::new(170, 165, Chroma::Yuv444, 8).expect("a valid format");
    let planes = patterns.map(|pattern| plane::<u8>(pattern, 170, 165, 8, 0));
    Arc::new(Frame::new(format, Pixels::U8(planes.into())).expect("a valid frame"))
}

/// One frame's scores beside each of `encodes`, with each of these sets of options.
fn score(
    reference: &Arc<Frame>,
    encodes: &[Arc<Frame>],
    sets: &[&[(&str, &str)]],
) -> Vec<ScoreTable> {
    let mut job = Job::new(*reference.format(), encodes.len());
    for set in sets {
        let mut options = CHROMA.options();
        for (name, value) in *set {
            options.set(name, value).expect("an option");
        }
        job = job.feature(&CHROMA, options);
    }
    let mut scorer = job.start().expect("a valid job");
    let distorted = encodes.iter().cloned().map(Some).collect();
    scorer.push(FrameGroup { reference: reference.clone(), distorted }).expect("scored");
    scorer.finish().expect("scored")
}

#[test]
fn the_score_of_a_flat_chroma_plane_is_the_others() {
    use Pattern::{Flat, Natural, Noise};
    let reference = frame([Flat, Natural(1), Noise(2)]);
    let encodes = [
        frame([Flat, Noise(3), Noise(4)]),
        frame([Flat, Flat, Noise(4)]),
        frame([Flat, Noise(3), Flat]),
        frame([Flat, Flat, Flat]),
    ];
    let values = |scored: &ScoreTable| {
        [0, 1, 2].map(|i| scored.column(CHROMA.outputs[i].column).expect("a column")[0])
    };
    let found: Vec<_> = score(&reference, &encodes, &[&[]]).iter().map(values).collect();
    let [u, v, uv] = found[0];
    assert!(u > 0.0 && v > 0.0 && ((u + v) / 2.0 - uv).abs() < 1e-4, "{found:?}");
    assert_eq!(found[1..], [[0.0, v, v], [u, 0.0, u], [0.0; 3]]);
}

#[test]
fn variants_have_the_same_values_alone_and_together() {
    use Pattern::{Flat, Natural, Noise};
    let reference = frame([Flat, Natural(1), Noise(2)]);
    let encodes = [frame([Flat, Noise(3), Noise(4)]), frame([Flat, Natural(5), Natural(6)])];
    let sets: [&[(&str, &str)]; 6] = [
        &[],
        &[("wvm", "5"), ("snn", "0.19")],
        &[("snn", "0.19"), ("nnf", "0.2")],
        &[("ps", "1.6"), ("psm", "bilinear")],
        &[("ps", "1.6"), ("psm", "bilinear"), ("snn", "0.19"), ("mxv", "2")],
        &[("ks", "2")],
    ];
    let together = score(&reference, &encodes, &sets);
    for set in sets {
        for (encode, together) in encodes.iter().zip(&together) {
            let alone = score(&reference, std::slice::from_ref(encode), &[set]);
            for column in alone[0].columns() {
                let found = together.column(&column.name).expect("the same column");
                assert_eq!(found, column.values, "{}", column.name);
                assert!(found[0] > 0.0 && (found[0] <= 2.0 || !column.name.contains("mxv")));
            }
        }
    }
}
