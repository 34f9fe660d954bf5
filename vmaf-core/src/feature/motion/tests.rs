//! The kernel against the definition, and the temporal part against values worked by hand.

use super::temporal::Temporal;
use super::{kernel, reference};
use crate::Plane;
use crate::feature::testing::{PATTERNS, for_each_geometry, plane};
use crate::simd::Level;
use crate::simd::samples::Load;

fn check<T: Load>(previous: &Plane<T>, current: &Plane<T>, depth: u8, what: &str) {
    let expected = reference::sad(previous, current, depth);
    for level in Level::available() {
        let mut workspace = kernel::Workspace::new(current.width());
        let found = kernel::sad(level, previous, current, depth, &mut workspace);
        assert_eq!(found, expected, "{what}, {}", level.name());
    }
}

#[test]
fn kernel_equals_the_definition() {
    for_each_geometry(3, |width, height, depth, stride| {
        for (a, b) in PATTERNS.iter().zip(PATTERNS.iter().cycle().skip(1)) {
            let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
            if depth == 8 {
                let previous = plane::<u8>(*a, width, height, depth, stride);
                check(&previous, &plane(*b, width, height, depth, stride), depth, &what);
            } else {
                let previous = plane::<u16>(*a, width, height, depth, stride);
                check(&previous, &plane(*b, width, height, depth, stride), depth, &what);
            }
        }
    });
}

const PLAIN: Temporal = Temporal {
    distance: 1,
    blend_factor: 1.0,
    blend_offset: 40.0,
    max: 10_000.0,
    moving_average: false,
};

fn finish(temporal: &Temporal, first: u64, change: &[f64]) -> Vec<(f64, f64)> {
    let mut values = Vec::new();
    temporal.finish(first, change, &mut |_, row| values.push((row[0], row[1])));
    values
}

#[test]
fn motion2_is_the_lesser_of_two_frames() {
    let found = finish(&PLAIN, 0, &[0.0, 5.0, 3.0, 8.0]);
    assert_eq!(found, [(0.0, 5.0), (3.0, 3.0), (3.0, 3.0), (8.0, 8.0)]);
}

#[test]
fn one_frame_has_no_motion() {
    assert_eq!(finish(&PLAIN, 0, &[0.0]), [(0.0, 0.0)]);
    assert_eq!(finish(&Temporal { distance: 2, ..PLAIN }, 0, &[0.0, 0.0]), [(0.0, 0.0); 2]);
}

#[test]
fn the_five_frame_window_skips_the_middle() {
    let found = finish(&Temporal { distance: 2, ..PLAIN }, 0, &[0.0, 0.0, 4.0, 9.0, 2.0, 7.0]);
    // Frame 2 has no earlier value; 3 takes the lesser of 2 and 4; the last is its own.
    assert_eq!(found.iter().map(|v| v.0).collect::<Vec<_>>(), [0.0, 0.0, 9.0, 2.0, 7.0, 7.0]);
    assert_eq!((found[0].1, found[1].1), (4.0, 4.0));
}

#[test]
fn motion3_blends_averages_and_bounds() {
    let temporal = Temporal {
        blend_factor: 0.5,
        blend_offset: 10.0,
        max: 18.0,
        moving_average: true,
        ..PLAIN
    };
    let found = finish(&temporal, 0, &[0.0, 20.0, 30.0, 12.0, 4.0]);
    // Blended motion2 is 15 15 11 4 4; each is averaged with the one before.
    assert_eq!(found.iter().map(|v| v.1).collect::<Vec<_>>(), [15.0, 15.0, 13.0, 7.5, 4.0]);
}

#[test]
fn an_excerpt_has_the_values_of_the_whole_video() {
    let change: Vec<f64> = (0..20).map(|i| f64::from(i * i * 7 % 23)).collect();
    for distance in [1, 2] {
        for moving_average in [false, true] {
            let temporal = Temporal { distance, moving_average, ..PLAIN };
            let mut change = change.clone();
            change[..distance].fill(0.0);
            let whole = finish(&temporal, 0, &change);
            let around = temporal.neighbours();
            for from in 0..20_usize {
                for to in from + 1..=20 {
                    let start = from.saturating_sub(around.before as usize);
                    let end = (to + around.after as usize).min(20);
                    let part = finish(&temporal, start as u64, &change[start..end]);
                    assert_eq!(part[from - start..to - start], whole[from..to], "{from}..{to}");
                }
            }
        }
    }
}
