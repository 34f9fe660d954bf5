//! The functions against `libm`, the kernel against the definition and against itself, and the
//! definition against published values.

use std::f64::consts::PI;
use std::marker::PhantomData;

use super::kernel::color::{BLOCK, Colors, Light, Tint, length};
use super::kernel::difference::{DifferenceMemory, differences};
use super::kernel::functions;
use super::kernel::{Differences, Workspace};
use super::reference;
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, noise, plane};
use crate::simd::{Level, baseline_token};
use crate::{Chroma, Format, Frame, Sample};

/// The greatest error of `found` in parts of `exact`, over numbers from `from` to `to`.
fn worst(from: f64, to: f64, found: impl Fn(f64) -> f64, exact: impl Fn(f64) -> f64) -> f64 {
    let steps = 200_000;
    // Numbers that single precision has, so that functions of either precision get the same.
    let at = |i: i32| f64::from((from + (to - from) * f64::from(i) / f64::from(steps)) as f32);
    let error = |x: f64| if exact(x) == 0.0 { found(x).abs() } else { found(x) / exact(x) - 1.0 };
    (0..=steps).map(|i| error(at(i)).abs()).fold(0.0, f64::max)
}

#[test]
fn functions_equal_libm() {
    let near = |error: f64, bound: f64| assert!(error < bound, "{error}");
    let cube_root = |x: f64| functions::cube_root(x, functions::near_cube_root(x as f32));
    let power = |x: f64| functions::power_2_4(x, functions::near_fifth_root(x as f32));
    near(worst(0.0088, 0.05, cube_root, libm::cbrt), 5e-12);
    near(worst(0.05, 3.0, cube_root, libm::cbrt), 5e-12);
    near(worst(0.08, 2.5, power, |x| libm::pow(x, 2.4)), 2e-11);
    near(worst(-PI / 2.0, PI / 2.0, |x| functions::sine(x as f32).into(), libm::sin), 2e-7);
    near(worst(-19.0, 0.0, |x| functions::exponential(x as f32).into(), libm::exp), 2e-6);
    near(worst(-1.0, 0.0, |x| functions::exponential(x as f32).into(), libm::exp), 2e-7);
    assert!(functions::exponential(-200.0) < 4e-9);
    let angle = |y: f64, x: f64| {
        let (eighth, tangent) = functions::eighth_and_tangent(y, x);
        eighth + functions::arc_tangent(tangent)
    };
    let on_circle = |radius: f64| {
        worst(-3.1, 3.1, |t| angle(radius * libm::sin(t), radius * libm::cos(t)), |t| t)
    };
    near(on_circle(1.0), 2e-12);
    near(on_circle(130.0), 2e-12);
    for i in 0..=60_000 {
        let x = i as f32 / 6000.0;
        let (sin, cos) = functions::sine_cosine(x);
        let (sin, cos, x) = (f64::from(sin), f64::from(cos), f64::from(x));
        near((sin - libm::sin(x)).abs().max((cos - libm::cos(x)).abs()), 3e-7);
    }
    assert_eq!(angle(0.0, 0.0), 0.0);
    assert_eq!(angle(0.0, -3.0), PI);
}

#[test]
fn colors_equal_the_definition() {
    let (mut tint, mut light, mut colors) = (Tint::new(), Light::new(), Colors::new());
    let (mut unequal, mut all) = (0, 0);
    let luma: Vec<u8> = (0..=255).collect();
    for u in (0..=255_u8).step_by(7) {
        for v in (0..=255_u8).step_by(11) {
            tint.read(&[u; BLOCK], &[v; BLOCK], BLOCK, 1.0);
            for luma in luma.chunks(BLOCK) {
                colors.read(baseline_token(), luma, (luma.len(), 0), &tint, 1.0, &mut light);
                for (i, y) in luma.iter().enumerate() {
                    let part =
                        |sample: u8, zero: f64, range: f64| (f64::from(sample) - zero) / range;
                    let exact =
                        [part(*y, 16.0, 219.0), part(u, 128.0, 224.0), part(v, 128.0, 224.0)];
                    let exact = reference::lab(exact);
                    let found = [f64::from(colors.l[i]), colors.a[i], colors.b[i]];
                    for (found, exact) in found.into_iter().zip(exact) {
                        // The last digit of the subtrahend, times 500.
                        let error = (found - exact).abs();
                        assert!(error < 7e-5, "{y} {u} {v}: {found} {exact}");
                        (unequal, all) = (unequal + i32::from(error > 0.0), all + 1);
                    }
                }
            }
        }
    }
    assert!(unequal < all / 2000, "{unequal} of {all} differ in their bits");
}

#[test]
fn rounding_equals_single_precision() {
    for i in 0..400_000 {
        let part = |k: usize| f64::from(noise(9, i, k)) / 4_294_967_296.0;
        let power = f64::from(2.0_f32.powi((noise(9, i, 3) % 40) as i32 - 25));
        let any = (part(0) - 0.5 + part(1) * 1e-10) * power;
        assert_eq!(functions::rounded(any), f64::from(any as f32), "{any}");
        // Half of these have as near a number on either side.
        let few = f64::from((part(0) * 33_554_432.0) as u32) * 500.0 * power;
        for value in [any, few, -few, 0.0, 2.0 - 1e-12, f64::from((part(1) * 3.4e7) as u32)] {
            assert_eq!(functions::rounded_to_even(value), f64::from(value as f32), "{value}");
        }
    }
}

#[test]
fn bright_and_dark_blocks_have_the_same_colors() {
    // A dark pixel in a block keeps it from being bright, and must not change others.
    let (mut tint, mut light) = (Tint::new(), Light::new());
    let mut bright = 0;
    for (u, v) in [(128, 128), (110, 140), (150, 120), (90, 90), (180, 200)] {
        tint.read(&[u as u8; BLOCK], &[v as u8; BLOCK], BLOCK, 1.0);
        for least in 16..=100_u8 {
            let mut luma = [0_u8; BLOCK];
            for (i, luma) in luma.iter_mut().enumerate() {
                *luma = least + (i % 136) as u8;
            }
            let [mut alone, mut beside_dark] = [Colors::new(), Colors::new()];
            alone.read(baseline_token(), &luma, (BLOCK, 0), &tint, 1.0, &mut light);
            luma[BLOCK - 1] = 0;
            beside_dark.read(baseline_token(), &luma, (BLOCK, 0), &tint, 1.0, &mut light);
            let but_last = |numbers: &[f64; BLOCK]| numbers[..BLOCK - 1].to_vec();
            assert_eq!(but_last(&alone.a), but_last(&beside_dark.a));
            assert_eq!(but_last(&alone.b), but_last(&beside_dark.b));
            assert_eq!(alone.l[..BLOCK - 1], beside_dark.l[..BLOCK - 1]);
            bright += i32::from(alone.l[BLOCK - 1] != beside_dark.l[BLOCK - 1]);
        }
    }
    assert!(bright > 0);
}

/// The differences of pairs of colours.
fn found(pairs: &[[[f64; 3]; 2]]) -> Vec<f32> {
    let mut found = Vec::new();
    let mut memory = DifferenceMemory::new();
    for pairs in pairs.chunks(BLOCK) {
        let mut colors = [Colors::new(), Colors::new()];
        for (i, pair) in pairs.iter().enumerate() {
            for (colors, [l, a, b]) in colors.iter_mut().zip(*pair) {
                (colors.l[i], colors.a[i], colors.b[i]) = (l as f32, a, b);
                colors.c[i] = length(a, b);
            }
        }
        let mut block = [0.0; BLOCK];
        differences(baseline_token(), pairs.len(), colors.each_ref(), &mut memory, &mut block);
        found.extend_from_slice(&block[..pairs.len()]);
    }
    found
}

#[test]
fn differences_equal_the_definition() {
    let color = |seed: u64, i: usize| {
        let part = |k: usize| f64::from(noise(seed, i, k) % 1001) / 1000.0;
        reference::lab([part(0), part(1) - 0.5, part(2) - 0.5])
    };
    let pairs: Vec<[[f64; 3]; 2]> = (0..40_000)
        .map(|i| {
            let a = color(1, i);
            // All kinds of colours, some near the first and some as near as single precision
            // resolves.
            let b = color(2, i);
            let scale = [0.0, 1.0, 50.0, 1e4, 1e6][i % 5];
            let b = if i % 5 == 0 { b } else { [0, 1, 2].map(|k| a[k] + b[k] / scale) };
            [a, b.map(|v| f64::from(v as f32))]
        })
        .collect();
    let (mut sum, mut exact_sum) = (0.0, 0.0);
    for (found, [a, b]) in found(&pairs).into_iter().zip(&pairs) {
        let (found, exact) = (f64::from(found), reference::difference(*a, *b));
        (sum, exact_sum) = (sum + found, exact_sum + exact);
        assert!((found - exact).abs() <= 5e-6 * exact, "{a:?} {b:?} {found} {exact}");
    }
    assert!((sum / exact_sum - 1.0).abs() < 1e-7, "{sum} {exact_sum}");
}

#[test]
fn equal_colors_have_no_difference() {
    let part = |i: usize, k: usize| f64::from(noise(3, i, k) % 1001) / 1000.0;
    let pairs: Vec<_> =
        (0..9000).map(|i| [reference::lab([0, 1, 2].map(|k| part(i, k) - 0.5)); 2]).collect();
    assert!(found(&pairs).into_iter().all(|difference| difference == 0.0));
}

#[test]
fn differences_equal_the_published_ones() {
    // From the table of Sharma, Wu and Dalal, where all weights are 1: here saturation, against
    // grey, which has no hue; lightness, whose weight is 1 / 0.65; and both with hue, whose weight
    // is a quarter.
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
        let mut workspace = Workspace::new();
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
fn kernel_equals_the_definition() {
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
fn subsampled_chroma_is_repeated() {
    let of = |chroma| Format::new(34, 6, chroma, 8).expect("valid");
    // Rows of chroma are the same in all, and columns pairs in 4:4:4.
    let (a, b) = (Pattern::Rows, Pattern::Flat);
    let full = frame::<u8>([a, b, b], of(Chroma::Yuv444), 0);
    let half = frame::<u8>([a, b, b], of(Chroma::Yuv420), 0);
    let other = |chroma| frame::<u8>([b, b, b], of(chroma), 1);
    let full = reference::mean::<u8>(&full, &other(Chroma::Yuv444));
    assert_eq!(full, reference::mean::<u8>(&half, &other(Chroma::Yuv420)));
}
