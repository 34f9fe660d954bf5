//! The kernel against the definition, and properties of the definition.

use super::kernel::{Blur, Change, Workspace};
use super::reference;
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, plane};
use crate::numeric::Centred;
use crate::simd::Level;
use crate::{Plane, Sample};

fn check<T: Sample>(previous: &Plane<T>, current: &Plane<T>, bit_depth: u8, what: &str) {
    for blur in [Blur::None, Blur::Three, Blur::Five] {
        for add_half_size in [false, true] {
            let expected =
                reference::change(previous, current, bit_depth, blur.taps(), add_half_size);
            for level in Level::available() {
                // Wider than the plane, as it is for chroma, and used before.
                let mut workspace = Workspace::new(current.width() + 3);
                for _ in 0..2 {
                    let workspace = &mut workspace;
                    let found = level.run(Change {
                        previous: &Centred { plane: previous, depth: bit_depth, level },
                        current: &Centred { plane: current, depth: bit_depth, level },
                        blur,
                        add_half_size,
                        workspace,
                    });
                    let level = level.name();
                    assert_eq!(found.to_bits(), expected.to_bits(), "{what} {blur:?} {level}");
                }
            }
        }
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    for_each_geometry(3, |width, height, depth, padding| {
        for _ in 0..2 {
            let (a, b) = pairs.next().expect("endless");
            let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
            if depth == 8 {
                let previous = plane::<u8>(*a, width, height, depth, padding);
                check(&previous, &plane(*b, width, height, depth, padding), depth, &what);
            } else {
                let previous = plane::<u16>(*a, width, height, depth, padding);
                check(&previous, &plane(*b, width, height, depth, padding), depth, &what);
            }
        }
    });
}

#[test]
fn kernel_equals_the_definition_for_extreme_content() {
    for a in PATTERNS {
        for b in PATTERNS {
            let what = format!("{a:?} {b:?}");
            let previous = plane::<u8>(*a, 70, 37, 8, 1);
            check(&previous, &plane(*b, 70, 37, 8, 0), 8, &what);
        }
    }
}

#[test]
fn change_is_in_steps_of_an_8_bit_sample() {
    for depth in [10_u8, 12, 16] {
        let flat =
            |value: u16| Plane::from_vec(vec![value << (depth - 8); 80], 10, 8).expect("flat");
        let found = reference::change(&flat(50), &flat(53), depth, Blur::Five.taps(), false);
        assert!((found - 3.0).abs() < 1e-4, "{found}");
        let found = reference::change(&flat(50), &flat(53), depth, Blur::Five.taps(), true);
        assert!((found - 6.0).abs() < 1e-4, "{found}");
    }
}

#[test]
fn change_is_symmetric_and_lessened_by_the_blur() {
    let a = plane::<u8>(Pattern::Noise(1), 40, 30, 8, 0);
    let b = plane::<u8>(Pattern::Noise(2), 40, 30, 8, 0);
    let of = |a, b, blur: Blur| reference::change(a, b, 8, blur.taps(), false);
    let changes = [Blur::None, Blur::Three, Blur::Five].map(|blur| of(&a, &b, blur));
    assert!(changes[0] > changes[1] && changes[1] > changes[2], "{changes:?}");
    assert_eq!(changes[2], of(&b, &a, Blur::Five));
    assert_eq!(of(&a, &a, Blur::Five), 0.0);
}
