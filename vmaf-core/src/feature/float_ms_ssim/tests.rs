//! The kernel against the definition, and properties of MS-SSIM.

use super::extractor::values;
use super::kernel::{Halve, Workspace};
use super::reference::halved;
use super::{LOW_PASS, SCALES, WEIGHTS, score};
use crate::feature::float_ssim::{
    Definition, Floats, Picture, Samples, computed, means, run, samples,
};
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, noise, plane};
use crate::simd::Level;
use crate::{Error, Plane, Sample};

fn check<T: Sample>(plane: &Plane<T>, depth: u8, what: &str) {
    // Halved twice: first from samples, then from numbers.
    let once = halved(&samples(plane, depth));
    let twice = halved(&once);
    for level in Level::available() {
        let workspace = &mut Workspace::new();
        let (mut first, mut second) = (Floats::default(), Floats::default());
        let picture = &Samples::new(plane, depth);
        level.run(Halve { picture, workspace, out: &mut first });
        same(&first, &once, &format!("{what}, {}", level.name()));
        level.run(Halve { picture: &first, workspace, out: &mut second });
        same(&second, &twice, &format!("{what} again, {}", level.name()));
    }
}

fn same(found: &Floats, expected: &Definition, what: &str) {
    assert_eq!((found.width(), found.height()), (expected.width, expected.height), "{what}");
    for (y, expected) in expected.pixels.chunks_exact(found.width()).enumerate() {
        let bits = |row: &[f32]| row.iter().map(|pixel| pixel.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(found.row(y).0), bits(expected), "{what}, row {y}");
    }
}

#[test]
fn kernel_equals_the_definition() {
    for_each_geometry(11, |width, height, depth, padding| {
        for i in [0, 3] {
            let pattern = PATTERNS[(width + i) % PATTERNS.len()];
            let what = format!("{width}x{height} {depth}-bit {pattern:?}");
            if depth == 8 {
                check(&plane::<u8>(pattern, width, height, depth, padding), depth, &what);
            } else {
                check(&plane::<u16>(pattern, width, height, depth, padding), depth, &what);
            }
        }
    });
}

/// Pixels that are tiny, large or negative in some rows, whose products may not sum exactly.
#[test]
fn pixels_out_of_bounds_equal_the_definition() {
    for (case, width) in [(0, 40), (1, 47), (2, 130), (3, 1100)] {
        let picture = Definition::from_fn(width, 61, |x, y| {
            let pixel = f32::from(noise(case, x, y) as u16) / 257.0;
            match (case, y) {
                (0, 20) => pixel * 1e-7,
                (1, 30..33) => 0.3 - pixel * 1e-2,
                (2, 40) if x == 70 => 1e6,
                (3, 0) => -pixel * 1e-12,
                _ => pixel,
            }
        });
        let expected = halved(&picture);
        let picture = &computed(&picture);
        for level in Level::available() {
            let (mut found, workspace) = (Floats::default(), &mut Workspace::new());
            level.run(Halve { picture, workspace, out: &mut found });
            same(&found, &expected, &format!("{case}, {}", level.name()));
        }
    }
}

#[test]
fn columns_equal_the_definition() {
    let (width, height) = (177, 168);
    let found = run(&super::FEATURE, &[("enable_lcs", "true")], width, height).expect("columns");
    let picture = |seed| {
        let plane = plane::<u8>(Pattern::Natural(seed), width as usize, height as usize, 8, 0);
        samples(&plane, 8)
    };
    let (mut reference, mut distorted) = (picture(1), picture(2));
    let scales = [0; SCALES].map(|_| {
        let means = means(&reference, &distorted);
        (reference, distorted) = (halved(&reference), halved(&distorted));
        means
    });
    let found: Vec<f64> = found.into_iter().map(|(_, value)| value).collect();
    assert_eq!(found, values(scales));
    // Without them luminance is not measured where it does not count.
    let alone = run(&super::FEATURE, &[], width, height).expect("a column");
    assert_eq!(alone, [("float_ms_ssim".to_owned(), found[0])]);
}

#[test]
fn the_filter_keeps_flat_pictures() {
    let sum: f32 = (0..81).map(|i: usize| LOW_PASS[(i / 9).abs_diff(4)][(i % 9).abs_diff(4)]).sum();
    assert!((sum - 1.0).abs() < 1e-4, "{sum}");
}

#[test]
fn scores_weigh_terms_by_scale() {
    assert_eq!(score(1.0, &[(1.0, 1.0); SCALES]), 1.0);
    // Contrast counts as much as structure, and a scale as much as its weight.
    for (scale, weight) in WEIGHTS.into_iter().enumerate() {
        let mut terms = [(1.0, 1.0); SCALES];
        terms[scale].0 = 0.5;
        let low = score(1.0, &terms);
        assert!((low - 0.5_f64.powf(f64::from(weight))).abs() < 1e-12);
        terms[scale] = (1.0, 0.5);
        assert_eq!(score(1.0, &terms), low);
    }
    assert!(score(0.5, &[(1.0, 1.0); SCALES]) < 1.0);
    assert!(score(1.0, &[(1.0, -0.1); SCALES]).is_nan());
}

/// libvmaf refuses sizes below 176.
#[test]
fn the_window_must_fit_the_coarsest_scale() {
    let refused = |result| matches!(result, Err(Error::TooSmall { .. }));
    assert!(refused(run(&super::FEATURE, &[], 160, 300)));
    assert!(refused(run(&super::FEATURE, &[], 300, 160)));
    run(&super::FEATURE, &[], 161, 161).expect("11 pixels at the coarsest scale");
}
