//! The kernels against the definition, and properties of SSIM.

use super::decibels::Unit;
use super::kernel::picture::{Floats, Picture, Samples};
use super::kernel::shrink::{self, Shrink, shrunk};
use super::kernel::{Means, Statistics, Workspace};
use super::reference::{Definition, means, means_by_rows, samples};
use super::window::{C1, TAPS};
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, noise, plane};
use crate::simd::Level;
use crate::{Chroma, Error, Format, Frame, FrameGroup, Job, Plane, Sample};

fn bits(means: &Means) -> [u32; 4] {
    [means.luminance, means.contrast, means.structure, means.score].map(f32::to_bits)
}

fn kernel<P: Picture>(level: Level, reference: &P, distorted: &[P], all: bool) -> Vec<Means> {
    let workspace = &mut Workspace::new();
    level.run(Statistics { reference, distorted, all, workspace })
}

/// Compares one reference and two encodes.
fn check<T: Sample>(planes: &[Plane<T>; 3], depth: u8, what: &str) {
    let [reference, a, b] = planes.each_ref().map(|plane| samples(plane, depth));
    let expected = [means(&reference, &a), means(&reference, &b)];
    let [reference, a, b] = planes.each_ref().map(|plane| Samples::new(plane, depth));
    let distorted = [a, b];
    for level in Level::available() {
        let what = format!("{what}, {}", level.name());
        let found = kernel(level, &reference, &distorted, true);
        assert_eq!(
            found.iter().map(bits).collect::<Vec<_>>(),
            expected.each_ref().map(bits),
            "{what}"
        );
        for (some, all) in kernel(level, &reference, &distorted, false).iter().zip(&expected) {
            assert_eq!(bits(some)[1..3], bits(all)[1..3], "{what}: contrast and structure alone");
        }
    }
}

#[test]
fn kernel_equals_the_definition() {
    for_each_geometry(TAPS, |width, height, depth, padding| {
        let pick = |i: usize| PATTERNS[(width + i) % PATTERNS.len()];
        for i in [0, 2, 3] {
            let [a, b, c] = [pick(i), pick(i + 1), pick(i + 3)];
            let what = format!("{width}x{height} {depth}-bit {a:?} {b:?} {c:?}");
            if depth == 8 {
                let planes = [a, b, c].map(|p| plane::<u8>(p, width, height, depth, padding));
                check(&planes, depth, &what);
            } else {
                let planes = [a, b, c].map(|p| plane::<u16>(p, width, height, depth, padding));
                check(&planes, depth, &what);
            }
        }
    });
}

/// A picture that was computed, as those of MS-SSIM's scales: it may have negative pixels.
pub(in crate::feature) fn computed(picture: &Definition) -> Floats {
    let mut floats = Floats::default();
    floats.resize(picture.width, picture.height);
    for (y, row) in picture.pixels.chunks_exact(picture.width).enumerate() {
        floats.room(y)[..row.len()].copy_from_slice(row);
        floats.finish(y);
    }
    floats
}

#[test]
fn negative_pixels_equal_the_definition() {
    // The pictures that have negative pixels; one has them in its last rows alone.
    for (i, negative) in [[true; 3], [true, false, false], [false, true, false]].iter().enumerate()
    {
        let height = 40 + 3 * i;
        let picture = |k: usize| {
            let from = if k == 1 { height - 2 } else { 0 };
            Definition::from_fn(50 + i, height, |x, y| {
                let pixel = f32::from(noise(k as u64, x, y) as u16) / 300.0;
                if negative[k] && y >= from { pixel - 60.0 } else { pixel }
            })
        };
        let pictures = [0, 1, 2].map(picture);
        let [reference, a, b] = &pictures;
        let expected = [means(reference, a), means(reference, b)].each_ref().map(bits);
        let [reference, a, b] = pictures.each_ref().map(computed);
        let distorted = [a, b];
        for level in Level::available() {
            let found = kernel(level, &reference, &distorted, true);
            assert_eq!(found.iter().map(bits).collect::<Vec<_>>(), expected, "{}", level.name());
        }
    }
}

#[test]
fn wide_pictures_equal_the_definition() {
    for width in [522, 523, 1100, 2058, 2059, 2100] {
        let planes = [Pattern::Natural(1), Pattern::Noise(2), Pattern::Extremes(3)]
            .map(|pattern| plane::<u8>(pattern, width, 13, 8, 0));
        check(&planes, 8, &format!("{width} columns"));
    }
}

fn check_shrink<T: Sample>(plane: &Plane<T>, bit_depth: u8, factor: usize, what: &str) {
    let expected = samples(plane, bit_depth).shrunk(factor);
    for level in Level::available() {
        let (mut out, workspace) = (Floats::default(), &mut shrink::Workspace::default());
        level.run(Shrink { plane, bit_depth, factor, workspace, out: &mut out });
        assert_eq!(pixels(&out), expected, "{what}, {}", level.name());
    }
}

fn pixels(picture: &Floats) -> Definition {
    let (width, height) = (picture.width(), picture.height());
    let mut pixels = vec![0.0; width * height];
    for (y, row) in pixels.chunks_exact_mut(width).enumerate() {
        row.copy_from_slice(picture.row(y).0);
    }
    Definition { width, height, pixels }
}

#[test]
fn smaller_pictures_equal_the_definition() {
    for_each_geometry(24, |width, height, depth, padding| {
        let factor = [2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 17][width % 11];
        let pattern = PATTERNS[width % PATTERNS.len()];
        let what = format!("{width}x{height} {depth}-bit {pattern:?} by {factor}");
        if depth == 8 {
            let plane = plane::<u8>(pattern, width, height, depth, padding);
            check_shrink(&plane, depth, factor, &what);
        } else {
            let plane = plane::<u16>(pattern, width, height, depth, padding);
            check_shrink(&plane, depth, factor, &what);
        }
    });
}

#[test]
fn odd_sizes_shrink_to_one_pixel_more() {
    assert_eq!(
        [(10, 1), (10, 2), (11, 2), (1081, 4), (33, 3)].map(|(s, f)| shrunk(s, f)),
        [10, 5, 6, 271, 12]
    );
}

/// libvmaf sums row by row, the kernel column by column: in double precision either order gives the
/// same single-precision mean, but for a rounding in many millions.
#[test]
fn the_order_of_sums_does_not_affect_the_score() {
    for (i, &a) in PATTERNS.iter().enumerate() {
        for &b in &PATTERNS[i..] {
            let [a, b] = [a, b].map(|p| samples(&plane::<u8>(p, 150, 90, 8, 0), 8));
            assert_eq!(bits(&means(&a, &b)), bits(&means_by_rows(&a, &b)));
        }
    }
}

fn measured(a: &Plane<u8>, b: &Plane<u8>) -> Means {
    let distorted = [Samples::new(b, 8)];
    kernel(Level::best(), &Samples::new(a, 8), &distorted, true)[0]
}

#[test]
fn equal_pictures_score_1_in_all_terms() {
    for &pattern in PATTERNS {
        let picture = plane(pattern, 77, 40, 8, 0);
        let found = measured(&picture, &picture);
        // Denominators are rounded to single precision, numerators are not.
        for term in [found.luminance, found.contrast, found.structure, found.score] {
            assert!((term - 1.0).abs() < 1e-6, "{pattern:?}: {found:?}");
        }
    }
}

#[test]
fn ssim_is_symmetric() {
    let (a, b) = (plane(Pattern::Natural(1), 60, 50, 8, 0), plane(Pattern::Noise(2), 60, 50, 8, 0));
    assert_eq!(bits(&measured(&a, &b)), bits(&measured(&b, &a)));
}

#[test]
fn flat_pictures_differ_in_luminance_alone() {
    let flat = |value: u8| Plane::from_vec(vec![value; 900], 30, 30).expect("a plane");
    for (a, b) in [(0_u8, 255_u8), (100, 110), (0, 0), (3, 250)] {
        let found = measured(&flat(a), &flat(b));
        let (x, y, c1) = (f64::from(a), f64::from(b), f64::from(C1));
        let luminance = (2.0 * x * y + c1) / (x * x + y * y + c1);
        assert!((f64::from(found.luminance) - luminance).abs() < 1e-6, "{a} {b}: {found:?}");
        // Rounding errors of variances are small compared with the constants that keep the terms
        // defined.
        assert!((found.contrast - 1.0).abs() < 1e-3 && (found.structure - 1.0).abs() < 1e-3);
    }
}

#[test]
fn a_negative_has_the_opposite_structure() {
    let picture = plane::<u8>(Pattern::Noise(5), 64, 64, 8, 0);
    let negative = picture.rows().flatten().map(|sample| 255 - sample).collect();
    let negative = Plane::from_vec(negative, 64, 64).expect("a plane");
    let found = measured(&picture, &negative);
    assert!(found.structure < -0.98 && found.contrast > 0.9999, "{found:?}");
}

#[test]
fn scores_convert_to_decibels() {
    let format = Format::new(1920, 1080, Chroma::Mono, 8).expect("a format");
    let unit = |set: &[(&str, &str)]| {
        let mut options = super::FEATURE.options();
        for (name, value) in set {
            options.set(name, value).expect("an option");
        }
        Unit::from_options(&options, &format)
    };
    let on = [("enable_db", "true"), ("clip_db", "true")];
    assert_eq!(unit(&on[1..]).convert(1.0), 1.0);
    let open = unit(&on[..1]);
    assert_eq!(open.convert(0.99).round(), 20.0);
    assert_eq!((open.convert(1.0), open.convert(1.5)), (f64::INFINITY, f64::INFINITY));
    // 10 log10(255^2 * 2 * 1920 * 1080) = 114.3, rounded up.
    let clipped = unit(&on);
    assert_eq!((clipped.convert(1.0), clipped.convert(1.5)), (115.0, 115.0));
    assert_eq!(clipped.convert(0.9), open.convert(0.9));
}

/// The columns of a job on one pair, or why there are none.
pub(in crate::feature) fn run(
    feature: &'static crate::feature::Feature,
    set: &[(&str, &str)],
    width: u32,
    height: u32,
) -> Result<Vec<(String, f64)>, Error> {
    let format = Format::new(width, height, Chroma::Mono, 8)?;
    let mut options = feature.options();
    for (name, value) in set {
        options.set(name, value)?;
    }
    let mut scorer = Job::new(format, 1).feature(feature, options).start()?;
    let frame = |seed| {
        let plane = plane::<u8>(Pattern::Natural(seed), width as usize, height as usize, 8, 0);
        Frame::new(format, crate::frame::Pixels::U8(vec![plane])).map(std::sync::Arc::new)
    };
    scorer.push(FrameGroup::pair(frame(1)?, frame(2)?))?;
    let scored = scorer.finish()?;
    Ok(scored[0].columns().iter().map(|column| (column.name.clone(), column.values[0])).collect())
}

#[test]
fn too_small_pictures_are_refused() {
    let refused = |result| matches!(result, Err(Error::TooSmall { .. }));
    assert!(refused(run(&super::FEATURE, &[], 64, 10)));
    run(&super::FEATURE, &[], 11, 11).expect("as large as the window");
    assert!(refused(run(&super::FEATURE, &[("scale", "4")], 64, 42)));
    run(&super::FEATURE, &[("scale", "4")], 64, 44).expect("still as large as the window");
}

#[test]
fn terms_are_present_on_request() {
    let names = |set: &[(&str, &str)]| -> Vec<String> {
        let columns = run(&super::FEATURE, set, 40, 40).expect("columns");
        columns.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&[("enable_db", "true"), ("scale", "2")]), ["float_ssim"]);
    let all = ["float_ssim", "float_ssim_l", "float_ssim_c", "float_ssim_s"];
    assert_eq!(names(&[("enable_lcs", "true")]), all);
}
