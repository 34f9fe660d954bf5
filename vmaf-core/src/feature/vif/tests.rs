//! The kernel against the definition.

use super::kernel::{Downscale, Statistics, Workspace};
use super::log2::Log2;
use super::reference;
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, plane};
use crate::simd::Level;
use crate::{Plane, Sample};

const LIMITS: [f64; 3] = [100.0, 1.0, 1.2];

fn check_scale<T: Sample>(scale: usize, a: &Plane<T>, b: &Plane<T>, depth: u8, what: &str) {
    let expected = LIMITS.map(|limit| reference::sums(scale, a, b, depth, limit));
    let identical = LIMITS.map(|limit| reference::sums(scale, a, a, depth, limit));
    let smaller = (scale < 3).then(|| reference::downscaled(scale, a, depth));
    for level in Level::available() {
        let mut workspace = Workspace::new(a.width());
        let found = level.run(Statistics {
            scale,
            reference: a,
            distorted: &[b, a],
            depth,
            gain_limits: &LIMITS,
            workspace: &mut workspace,
        });
        assert_eq!(found, [expected, identical], "{what} scale {scale}, {}", level.name());
        let Some(smaller) = &smaller else { continue };
        let workspace = &mut workspace;
        // What memory held before does not matter.
        let mut found = plane::<u16>(Pattern::Noise(9), 200, 3, 16, 5);
        level.run(Downscale { scale, picture: a, depth, workspace, out: &mut found });
        assert!(found.rows().eq(smaller.rows()), "{what} below scale {scale}, {}", level.name());
    }
}

fn check(a: Pattern, b: Pattern, (width, height): (usize, usize), depth: u8, padding: usize) {
    let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
    if depth == 8 {
        let a = plane::<u8>(a, width, height, depth, padding);
        check_scale(0, &a, &plane(b, width, height, depth, padding), depth, &what);
    } else {
        let a = plane::<u16>(a, width, height, depth, padding);
        check_scale(0, &a, &plane(b, width, height, depth, padding), depth, &what);
    }
    // Coarser scales have 16 bits whatever the picture had.
    let a = plane::<u16>(a, width, height, 16, padding);
    let b = plane::<u16>(b, width, height, 16, padding);
    for scale in 1..4 {
        check_scale(scale, &a, &b, 16, &what);
    }
}

#[test]
fn kernel_is_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    for_each_geometry(9, |width, height, depth, padding| {
        let (a, b) = pairs.next().expect("endless");
        check(*a, *b, (width, height.min(14)), depth, padding);
    });
}

#[test]
fn extreme_content() {
    for a in PATTERNS {
        for b in PATTERNS {
            for depth in [8, 10, 16] {
                check(*a, *b, (37, 11), depth, 1);
            }
        }
    }
}

#[test]
fn logarithms_are_libvmafs() {
    let log2 = Log2::new();
    // Facts: 2048 log2(2^15), and of powers of two above.
    assert_eq!(log2.of(1 << 15), 15 * 2048);
    assert_eq!(log2.of(1 << 47), 47 * 2048);
    // The sum over the table that a C program gives with log2f.
    let sum: i64 = (1 << 15..1 << 16).map(|value| log2.of(value)).sum();
    assert_eq!(sum, 1_044_032_097);
    let values: Vec<u64> = (0..2000).map(|i| (1 << 15) + i * i * i * 7919).collect();
    let numbers: Vec<f64> = values.iter().map(|value| *value as f64).collect();
    assert_eq!(log2.sum(&numbers), values.iter().map(|value| log2.of(*value)).sum::<i64>());
    for value in [40_000_u64, 65_535, 131_072 + 77, 1 << 40 | 12_345 << 20] {
        let exact = (value as f64).log2() * 2048.0;
        // One step for rounding, and what the dropped low bits are worth.
        assert!((log2.of(value) as f64 - exact).abs() < 1.2, "{value}");
    }
}
