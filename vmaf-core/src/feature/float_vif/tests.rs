//! The kernel against the definition.

use super::kernel::{Downscale, Setting, Statistics, Workspace};
use super::reference::{self, Grid, grid};
use super::windows::{self, SCALES};
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, plane};
use crate::frame::Pixels;
use crate::numeric::{Centred, FloatPlane, FloatRows, as_rows};
use crate::simd::Level;
use crate::{Chroma, Error, Format, Frame, FrameGroup, Job, Plane, Result, Sample, ScoreTable};

const NOISES: [f64; 3] = [2.0, 0.0, 0.7];
const SETTINGS: [Setting; 4] = [
    Setting { gain_limit: 100.0, noise: 0 },
    Setting { gain_limit: 1.0, noise: 0 },
    Setting { gain_limit: 1.2, noise: 1 },
    Setting { gain_limit: 100.0, noise: 2 },
];

fn bits(sums: (f32, f32)) -> (u32, u32) {
    (sums.0.to_bits(), sums.1.to_bits())
}

/// Checks one scale at every level and returns the pictures of the next one.
fn check_scale<P: FloatRows>(
    (scale, kernel_scale): (usize, f32),
    pictures: &[P; 3],
    grids: &[Grid; 3],
    workspace: &mut Workspace,
    what: &str,
) -> [FloatPlane; 3] {
    let window = windows::window(scale, kernel_scale);
    let next = (scale + 1 < SCALES).then(|| windows::window(scale + 1, kernel_scale));
    let expected: Vec<Vec<_>> = grids[1..]
        .iter()
        .map(|distorted| {
            let sums = |setting: &Setting| {
                let noise = NOISES[setting.noise];
                reference::sums(&window, &grids[0], distorted, setting.gain_limit, noise)
            };
            SETTINGS.iter().map(sums).map(bits).collect()
        })
        .collect();
    let downscaled = next.as_ref().map(|next| reference::downscaled(next, &grids[0]));
    let mut smaller: [FloatPlane; 3] = Default::default();
    for level in Level::available() {
        let what = format!("{what} scale {scale} of {kernel_scale}, {}", level.name());
        let [reference, distorted @ ..] = pictures;
        let found = level.run(Statistics {
            window: &window,
            reference,
            distorted: &as_rows(distorted),
            noises: &NOISES,
            settings: &SETTINGS,
            workspace,
        });
        let found: Vec<Vec<_>> = found
            .iter()
            .map(|encode| encode.iter().map(|sums| bits((sums.num, sums.den))).collect())
            .collect();
        assert_eq!(found, expected, "{what}");
        let (Some(window), Some(downscaled)) = (&next, &downscaled) else { continue };
        for (picture, out) in pictures.iter().zip(&mut smaller) {
            level.run(Downscale { window, picture, workspace, out });
        }
        assert_eq!(&grid(&smaller[0]), downscaled, "{what}, the next");
    }
    smaller
}

/// Checks as many scales as the picture is large enough for.
fn check_scales<T: Sample>(pictures: [&Plane<T>; 3], kernel_scale: f32, depth: u8, what: &str) {
    let pictures = pictures.map(|plane| Centred { plane, depth, level: Level::best() });
    let fits = |scale: usize, width: usize, height: usize| {
        width.min(height) > windows::taps(scale, kernel_scale) / 2
    };
    let mut workspace = Workspace::default();
    let grids = pictures.each_ref().map(grid);
    if !fits(0, pictures[0].width(), pictures[0].height()) {
        return;
    }
    let mut smaller = check_scale((0, kernel_scale), &pictures, &grids, &mut workspace, what);
    for scale in 1..SCALES {
        if !fits(scale, smaller[0].width(), smaller[0].height()) {
            return;
        }
        let grids = smaller.each_ref().map(grid);
        let scale = (scale, kernel_scale);
        smaller = check_scale(scale, &smaller, &grids, &mut workspace, what);
    }
}

fn check(patterns: (Pattern, Pattern), size: (usize, usize), depth: u8, padding: usize, wide: f32) {
    let (width, height) = size;
    let what = format!("{width}x{height} {depth}-bit {patterns:?}");
    if depth == 8 {
        let a = plane::<u8>(patterns.0, width, height, depth, padding);
        let b = plane::<u8>(patterns.1, width, height, depth, padding);
        check_scales([&a, &b, &a], wide, depth, &what);
    } else {
        let a = plane::<u16>(patterns.0, width, height, depth, padding);
        let b = plane::<u16>(patterns.1, width, height, depth, padding);
        check_scales([&a, &b, &a], wide, depth, &what);
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    for_each_geometry(16, |width, height, depth, padding| {
        let (a, b) = pairs.next().expect("endless");
        check((*a, *b), (width, height), depth, padding, 1.0);
    });
}

#[test]
fn kernel_equals_the_definition_for_other_windows() {
    for (i, &wide) in windows::KERNEL_SCALES.iter().enumerate() {
        let patterns = (PATTERNS[i % PATTERNS.len()], PATTERNS[(i + 1) % PATTERNS.len()]);
        check(patterns, (40 + i, 43), [8, 10][i % 2], i % 3, wide);
    }
}

#[test]
fn kernel_equals_the_definition_for_extreme_content() {
    for (i, a) in PATTERNS.iter().enumerate() {
        for (j, b) in PATTERNS.iter().enumerate() {
            check((*a, *b), (37, 21), [8, 10, 16][(i + j) % 3], 1, 1.0);
        }
    }
}

/// The feature's result for a pair of pictures, with these options.
fn measured(
    set: &[(&str, &str)],
    reference: &Plane<u8>,
    distorted: &Plane<u8>,
) -> Result<ScoreTable> {
    let (width, height) = (reference.width() as u32, reference.height() as u32);
    let format = Format::new(width, height, Chroma::Mono, 8)?;
    let mut options = super::FEATURE.options();
    for (name, value) in set {
        options.set(name, value)?;
    }
    let frame = |plane: &Plane<u8>| {
        Frame::new(format, Pixels::U8(vec![plane.clone()])).map(std::sync::Arc::new)
    };
    let mut scorer = Job::new(format, 1).feature(&super::FEATURE, options).start()?;
    scorer.push(FrameGroup::pair(frame(reference)?, frame(distorted)?))?;
    Ok(scorer.finish()?.remove(0))
}

fn value(scored: &ScoreTable, column: &str) -> f64 {
    scored.column(column).unwrap_or_else(|| panic!("no {column}"))[0]
}

/// `picture` with its contrast multiplied.
fn stretched(picture: &Plane<u8>, factor: f64) -> Plane<u8> {
    let samples = picture.rows().flatten();
    let samples = samples.map(|&v| ((f64::from(v) - 100.0) * factor + 100.0).round() as u8);
    Plane::from_vec(samples.collect(), picture.width(), picture.height()).expect("a plane")
}

#[test]
fn identical_pictures_score_1() {
    let picture = plane::<u8>(Pattern::Natural(1), 70, 50, 8, 0);
    let options: [&[(&str, &str)]; 3] = [
        &[],
        &[("vif_enhn_gain_limit", "1"), ("vif_sigma_nsq", "0.5")],
        &[("vif_prescale", "0.7"), ("vif_prescale_method", "bicubic"), ("debug", "true")],
    ];
    for set in options {
        let scored = measured(set, &picture, &picture).expect("measured");
        for column in scored.columns().iter().take(4) {
            assert!((column.values[0] - 1.0).abs() < 1e-4, "{}: {}", column.name, column.values[0]);
        }
    }
}

#[test]
fn contrast_counts_up_to_the_gain_limit() {
    let picture = stretched(&plane::<u8>(Pattern::Natural(1), 70, 50, 8, 0), 0.5);
    let more = stretched(&picture, 1.6);
    let plain = measured(&[], &picture, &more).expect("measured");
    let limited = measured(&[("egl", "1")], &picture, &more).expect("measured");
    let less = measured(&[], &more, &picture).expect("measured");
    for scale in 0..4 {
        let column = format!("vif_scale{scale}");
        let limited = value(&limited, &format!("{column}_egl_1"));
        let (plain, less) = (value(&plain, &column), value(&less, &column));
        assert!(plain > 1.05 && limited < 1.0 && less < 0.95, "{plain} {limited} {less}");
    }
}

#[test]
fn values_are_near_those_of_fixed_point() {
    // Two implementations of one measure.
    let reference = plane::<u8>(Pattern::Natural(1), 130, 90, 8, 0);
    let distorted = stretched(&reference, 0.8);
    let float = measured(&[], &reference, &distorted).expect("measured");
    let format = Format::new(130, 90, Chroma::Mono, 8).expect("a format");
    let frame = |plane: Plane<u8>| {
        std::sync::Arc::new(Frame::new(format, Pixels::U8(vec![plane])).expect("a frame"))
    };
    let vif = &crate::feature::vif::FEATURE;
    let mut scorer = Job::new(format, 1).feature(vif, vif.options()).start().expect("a job");
    scorer.push(FrameGroup::pair(frame(reference), frame(distorted))).expect("scored");
    let fixed = scorer.finish().expect("scored").remove(0);
    for scale in 0..4 {
        let found = value(&float, &format!("vif_scale{scale}"));
        let expected = value(&fixed, &format!("integer_vif_scale{scale}"));
        assert!((found - expected).abs() < 2e-2, "scale {scale}: {found} {expected}");
    }
}

#[test]
fn least_values_and_skipped_scales_follow_the_options() {
    let a = plane::<u8>(Pattern::Noise(1), 40, 40, 8, 0);
    let b = plane::<u8>(Pattern::Noise(2), 40, 40, 8, 0);
    let set = [("s1miv", "0.5"), ("s3miv", "0.75"), ("ssclz", "true"), ("debug", "true")];
    let scored = measured(&set, &a, &b).expect("measured");
    let value = |name: &str| value(&scored, &format!("{name}_s1miv_0.5_s3miv_0.75_ssclz"));
    let scales = [0, 1, 2, 3].map(|scale| value(&format!("vif_scale{scale}")));
    assert!(scales[2] < 0.5, "{scales:?}");
    assert_eq!((scales[0], scales[1], scales[3]), (0.0, 0.5, 0.75));
    assert_eq!((value("vif_num_scale0"), value("vif_den_scale0")), (0.0, -1.0));
    let sum: f64 = [1, 2, 3].map(|scale| value(&format!("vif_den_scale{scale}"))).iter().sum();
    assert_eq!(value("vif_den"), sum);
}

#[test]
fn bad_options_and_small_pictures_are_refused() {
    let of = |set: &[(&str, &str)], size: usize| {
        let picture = plane::<u8>(Pattern::Natural(1), size, size, 8, 0);
        measured(set, &picture, &picture).map(|_| ())
    };
    let bad = of(&[("vif_kernelscale", "1.2")], 64).expect_err("no such window").to_string();
    assert!(bad.contains("within 0.001 of one of 1, 0.5, 1.5"), "{bad}");
    of(&[("vif_prescale_method", "area")], 64).expect_err("no such method");
    for (set, least) in [
        (&[("ks", "2")][..], 32),
        (&[("ks", "3.711")], 56),
        (&[("ps", "0.5")], 31),
        (&[("ps", "0.25"), ("pm", "lanczos4")], 62),
    ] {
        assert_eq!(of(set, least), Ok(()), "{set:?}");
        let Err(Error::TooSmall { least_width, .. }) = of(set, least - 1) else {
            panic!("{set:?} is not too small")
        };
        assert_eq!(least_width as usize, least, "{set:?}");
    }
}
