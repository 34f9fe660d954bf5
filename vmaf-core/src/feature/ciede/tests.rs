//! The functions against `libm`, the kernel against the definition and against itself, and the
//! definition against published values.

use std::f64::consts::PI;
use std::marker::PhantomData;

use super::kernel::{Differences, Workspace, difference};
use super::{functions, reference};
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, noise, plane};
use crate::simd::Level;
use crate::{Chroma, Format, Frame, Sample};

/// The greatest error of `found` in parts of `exact`, over numbers from `from` to `to`.
fn worst(from: f64, to: f64, found: impl Fn(f64) -> f64, exact: impl Fn(f64) -> f64) -> f64 {
    let steps = 200_000;
    let at = |i: i32| from + (to - from) * f64::from(i) / f64::from(steps);
    let error = |x: f64| if exact(x) == 0.0 { found(x).abs() } else { found(x) / exact(x) - 1.0 };
    (0..=steps).map(|i| error(at(i)).abs()).fold(0.0, f64::max)
}

#[test]
fn functions_are_those_of_libm() {
    let near = |error: f64, bound: f64| assert!(error < bound, "{error}");
    near(worst(0.0088, 0.05, functions::cube_root, libm::cbrt), 1e-12);
    near(worst(0.05, 12.0, functions::cube_root, libm::cbrt), 1e-12);
    near(worst(0.08, 2.5, functions::power_2_4, |x| libm::pow(x, 2.4)), 5e-12);
    near(worst(-PI / 2.0, PI / 2.0, functions::sine, libm::sin), 2e-13);
    near(worst(-50.0, 0.0, functions::exponential, libm::exp), 1e-13);
    let on_circle = |radius: f64| {
        worst(-PI, PI, |t| functions::angle(radius * libm::sin(t), radius * libm::cos(t)), |t| t)
    };
    near(on_circle(1.0), 1e-14);
    near(on_circle(130.0), 1e-14);
    for i in 0..=60_000 {
        let x = f64::from(i) / 6000.0;
        let (sin, cos) = functions::sine_cosine(x);
        near((sin - libm::sin(x)).abs().max((cos - libm::cos(x)).abs()), 1e-13);
    }
    assert_eq!(functions::angle(0.0, 0.0), 0.0);
    assert_eq!(functions::angle(0.0, -3.0), PI);
}

#[test]
fn differences_are_the_definition_s() {
    let color = |seed: u64, i: usize| {
        let part = |k: usize| f64::from(noise(seed, i, k) % 1001) / 1000.0;
        reference::lab([part(0), part(1) - 0.5, part(2) - 0.5])
    };
    let mut unequal = 0;
    for i in 0..40_000 {
        let a = color(1, i);
        // All kinds of colours, and ones near the first.
        let b = if i % 2 == 0 { color(2, i) } else { color(1, i + 1).map(|v| v / 50.0) };
        let b = if i % 2 == 0 { b } else { [a[0] + b[0], a[1] + b[1], a[2] + b[2]] };
        let b = b.map(|v| f64::from(v as f32));
        let (found, exact) = (difference(a, b), reference::difference(a, b));
        unequal += i32::from(f64::from(found) != exact);
        assert!((f64::from(found) - exact).abs() <= 1e-5 * exact, "{a:?} {b:?} {found} {exact}");
    }
    assert!(unequal < 40, "{unequal} of 40000 differ in their bits");
}

#[test]
fn differences_are_the_published_ones() {
    // From the table of Sharma, Wu and Dalal, where all counts for 1: here saturation, against
    // grey, where there is no hue; lightness, which counts for 1 / 0.65; and both with hue, which
    // counts for a quarter.
    let near = |found: f64, exact: f64| assert!((found - exact).abs() < 1e-4, "{found} {exact}");
    let grey = |l: f64| [l, 0.0, 0.0];
    near(reference::difference(grey(50.0), grey(50.0)), 0.0);
    let s_l = 1.0 + 0.015 * 100.0 / f64::sqrt(120.0);
    near(reference::difference(grey(55.0), grey(65.0)), 10.0 / 0.65 / s_l);
    near(reference::difference([50.0, -1.0, 2.0], grey(50.0)), 2.3669);
    near(reference::difference(grey(50.0), [50.0, -1.0, 2.0]), 2.3669);
    let published = 4.3065;
    let found = reference::difference([50.0, 2.5, 0.0], [50.0, 0.0, -2.5]);
    assert!(found < published && found > published / 4.0, "{found}");
}

fn frame<T: Sample + TryFrom<u32>>(
    patterns: [Pattern; 3],
    format: Format,
    padding: usize,
) -> Frame {
    let planes = patterns.iter().enumerate().map(|(index, pattern)| {
        let (width, height) = format.plane_size(index);
        plane::<T>(*pattern, width, height, format.bit_depth, padding)
    });
    Frame::new(format, T::pixels(planes.collect())).expect("planes of the format")
}

fn check<T: Sample + TryFrom<u32>>(
    a: [Pattern; 3],
    b: [Pattern; 3],
    format: Format,
    padding: usize,
) {
    let (a, b) = (frame::<T>(a, format, padding), frame::<T>(b, format, padding));
    let pixels = f64::from(format.width * format.height);
    let expected = reference::mean::<T>(&a, &b);
    let mut first = None;
    for level in Level::available() {
        let mut workspace = Workspace::new(format.width as usize);
        let distorted = [&b, &a, &b];
        let (workspace, samples) = (&mut workspace, PhantomData::<T>);
        let found =
            level.run(Differences { reference: &a, distorted: &distorted, workspace, samples });
        let bits: Vec<u64> = found.iter().map(|sum| sum.to_bits()).collect();
        assert_eq!(*first.get_or_insert_with(|| bits.clone()), bits, "{format} {}", level.name());
        assert_eq!((found[0], found[1]), (found[2], 0.0));
        // 20 log10 of this moves by less than 1e-5.
        let error = found[0] / pixels / expected - 1.0;
        assert!(error.abs() < 1e-6 || expected == 0.0, "{format} {} {error}", level.name());
    }
}

#[test]
fn kernel_is_the_definition() {
    let mut patterns = PATTERNS.iter().copied().cycle();
    let chromas = [Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444];
    let mut turn = 0;
    for_each_geometry(2, |width, height, depth, padding| {
        let mut next = || [0; 3].map(|_| patterns.next().expect("endless"));
        let (width, height) = (width as u32, height.min(11) as u32);
        turn += 1;
        let format = Format::new(width, height, chromas[turn % 3], depth).expect("valid");
        if depth == 8 {
            check::<u8>(next(), next(), format, padding);
        } else {
            check::<u16>(next(), next(), format, padding);
        }
    });
}

#[test]
fn chroma_is_repeated() {
    let of = |chroma| Format::new(34, 6, chroma, 8).expect("valid");
    // Rows of chroma are the same in all, and columns pairs in 4:4:4.
    let (a, b) = (Pattern::Rows, Pattern::Flat);
    let full = frame::<u8>([a, b, b], of(Chroma::Yuv444), 0);
    let half = frame::<u8>([a, b, b], of(Chroma::Yuv420), 0);
    let other = |chroma| frame::<u8>([b, b, b], of(chroma), 1);
    let full = reference::mean::<u8>(&full, &other(Chroma::Yuv444));
    assert_eq!(full, reference::mean::<u8>(&half, &other(Chroma::Yuv420)));
}
