//! The kernel against the definition.

use fearless_simd::{Simd, SimdBase};

use super::kernel::layout::Layout;
use super::kernel::log2::{LOG2_OF_2_17, log2, log2_of_double};
use super::kernel::picture::{Picture, SegmentedPicture};
use super::kernel::{Scale, Workspace};
use super::pixels::Pixels;
use super::reference::{self, Information, LOG2, Variances};
use crate::feature::testing::{PATTERNS, Pattern, for_each_geometry, plane};
use crate::simd::transpose::Transpose;
use crate::simd::{Kernel, Level};
use crate::{Plane, Sample};

const LIMITS: [f64; 3] = [100.0, 1.0, 1.2];

/// The number of 32-bit lanes of a level.
struct Lanes;

impl Kernel for Lanes {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> usize {
        S::u32s::LEN
    }
}

/// The position of a column in a row.
fn place(layout: Layout, column: usize) -> usize {
    column % layout.vectors * layout.lanes + column / layout.vectors
}

/// The layout of a scale's pictures of `width`.
fn layout(width: usize, scale: usize, level: Level) -> Layout {
    (0..scale).fold(Layout::new(width << scale, level.run(Lanes)), |layout, _| layout.halved())
}

fn lay_out(plane: &Plane<u16>, scale: usize, level: Level) -> SegmentedPicture {
    let layout = layout(plane.width(), scale, level);
    let mut lay_out = SegmentedPicture::default();
    lay_out.resize(layout, plane.height());
    for y in 0..plane.height() {
        for (x, sample) in plane.row(y).iter().enumerate() {
            lay_out.row_mut(y)[place(layout, x)] = *sample;
        }
    }
    lay_out
}

/// Checks that the kernel's sums for `a` as the reference of `b` and of itself equal the
/// definition's.
fn check_scale<T: Sample, P: Picture, const SCALE: usize>(
    (a, b): (&Plane<T>, &Plane<T>),
    depth: u8,
    what: &str,
    picture: impl Fn(&Plane<T>, Level) -> P,
) {
    let variances = reference::variances(SCALE, (a, b), depth);
    let of_identical = reference::variances(SCALE, (a, a), depth);
    let expected = LIMITS.map(|limit| variances.sums(limit));
    let identical = LIMITS.map(|limit| of_identical.sums(limit));
    let smaller: Vec<_> = [a, b]
        .into_iter()
        .filter(|_| SCALE < 3)
        .map(|picture| reference::downscaled(SCALE, picture, depth))
        .collect();
    for level in Level::available() {
        let what = format!("{what} scale {SCALE}, {}", level.name());
        let mut workspace = Workspace::default();
        // The old contents of memory do not matter.
        let before = |_: &Plane<u16>| lay_out(&plane(Pattern::Noise(9), 200, 90, 16, 5), 0, level);
        let mut next: Vec<SegmentedPicture> = smaller.iter().map(before).collect();
        let scale = Scale::<P, SCALE> {
            full_width: a.width() << SCALE,
            pictures: &[picture(a, level), picture(b, level), picture(a, level)],
            depth,
            gain_limits: &LIMITS,
            next: &mut next,
            workspace: &mut workspace,
            pixels: None,
        };
        let found = scale.measure(level);
        assert_eq!(found, [expected, identical], "{what}");
        let pictures = [picture(a, level), picture(b, level)];
        let kept = (&pictures, (a.width(), a.height()));
        check_pixels::<_, SCALE>(&variances, kept, depth, level, &what);
        for (found, smaller) in next.iter().zip(&smaller) {
            let layout = layout(a.width(), SCALE, level).halved();
            for y in 0..smaller.height() {
                let places = (0..smaller.width()).map(|x| found.row(y)[place(layout, x)]);
                assert!(places.eq(smaller.row(y).iter().copied()), "{what} next scale, row {y}");
            }
        }
    }
}

/// Checks that the pixels that are kept equal the definition's.
fn check_pixels<P: Picture, const SCALE: usize>(
    variances: &Variances,
    (pictures, size): (&[P; 2], (usize, usize)),
    depth: u8,
    level: Level,
    what: &str,
) {
    let limit = LIMITS[2];
    let mut pixels = Pixels::new(size, size);
    let scale = Scale::<P, SCALE> {
        full_width: size.0 << SCALE,
        pictures,
        depth,
        gain_limits: &[limit],
        next: &mut [],
        workspace: &mut Workspace::default(),
        pixels: Some(&mut pixels),
    };
    scale.measure(level);
    let expected = variances.information(limit).map(Information::bits);
    let (num, den): (Vec<_>, Vec<_>) = expected.map(|[num, den]| (num, den)).unzip();
    let maps = pixels.into_maps();
    assert!(maps[0].values() == num && maps[1].values() == den, "{what}");
}

fn check(a: Pattern, b: Pattern, (width, height): (usize, usize), depth: u8, padding: usize) {
    let what = format!("{width}x{height} {depth}-bit {a:?} {b:?}");
    if depth == 8 {
        let [a, b] = [a, b].map(|pattern| plane::<u8>(pattern, width, height, depth, padding));
        check_finest((&a, &b), depth, &what);
    } else {
        let [a, b] = [a, b].map(|pattern| plane::<u16>(pattern, width, height, depth, padding));
        check_finest((&a, &b), depth, &what);
    }
    // Coarser scales have 16 bits whatever the picture had.
    let [a, b] = [a, b].map(|pattern| plane::<u16>(pattern, width, height, 16, padding));
    let pair = (&a, &b);
    check_scale::<_, _, 1>(pair, 16, &what, |plane, level| lay_out(plane, 1, level));
    check_scale::<_, _, 2>(pair, 16, &what, |plane, level| lay_out(plane, 2, level));
    check_scale::<_, _, 3>(pair, 16, &what, |plane, level| lay_out(plane, 3, level));
}

fn check_finest<T: Transpose>((a, b): (&Plane<T>, &Plane<T>), depth: u8, what: &str) {
    let variances = reference::variances(0, (a, b), depth);
    let expected = LIMITS.map(|limit| variances.sums(limit));
    let smaller = reference::downscaled(0, b, depth);
    for level in Level::available() {
        let mut next = [SegmentedPicture::default(), SegmentedPicture::default()];
        let scale = Scale::<_, 0> {
            full_width: a.width(),
            pictures: &[a, b],
            depth,
            gain_limits: &LIMITS,
            next: &mut next,
            workspace: &mut Workspace::default(),
            pixels: None,
        };
        let found = scale.measure(level);
        assert_eq!(found, [expected], "{what} scale 0, {}", level.name());
        let layout = layout(a.width(), 0, level).halved();
        for y in 0..smaller.height() {
            let places = (0..smaller.width()).map(|x| next[1].row(y)[place(layout, x)]);
            assert!(places.eq(smaller.row(y).iter().copied()), "{what} next scale, row {y}");
        }
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut pairs = PATTERNS.iter().zip(PATTERNS.iter().skip(1)).cycle();
    for_each_geometry(9, |width, height, depth, padding| {
        let (a, b) = pairs.next().expect("endless");
        check(*a, *b, (width, height.min(14)), depth, padding);
    });
}

#[test]
fn kernel_equals_the_definition_for_extreme_content() {
    for a in PATTERNS {
        for b in PATTERNS {
            for depth in [8, 10, 16] {
                check(*a, *b, (37, 11), depth, 1);
            }
        }
    }
}

/// Widths that fill all segments, and those around them.
#[test]
fn kernel_equals_the_definition_for_filled_segments() {
    for width in [64, 128, 191, 192, 193, 248, 249, 255, 256, 257, 384, 512] {
        for depth in [8, 10] {
            check(Pattern::Natural(1), Pattern::Noise(2), (width, 10), depth, 0);
        }
    }
}

/// The logarithms of some values, as many as fill vectors, by each of the two functions.
struct Logarithms<'a>(&'a [u32]);

impl Kernel for Logarithms<'_> {
    type Output = [Vec<i64>; 2];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [Vec<i64>; 2] {
        let upper = |value: u32| (f64::from(value).to_bits() >> 32) as u32;
        let [one] = log2_of_double(simd, [S::u32s::splat(simd, upper(1 << 17))]);
        let [mut of_words, mut of_doubles] = [Vec::new(), Vec::new()];
        for values in self.0.chunks_exact(S::u32s::LEN) {
            let mut doubles = S::u32s::from_slice(simd, values);
            let [logs] = log2(simd, [doubles]);
            for (double, value) in doubles.as_mut_slice().iter_mut().zip(values) {
                *double = upper(*value);
            }
            let [logs_of_doubles] = log2_of_double(simd, [doubles]);
            let whole = |logs: S::u32s| -> Vec<i64> {
                logs.as_slice().iter().map(|log| i64::from(*log as i32) + 17 * 2048).collect()
            };
            of_words.extend(whole(logs - LOG2_OF_2_17));
            of_doubles.extend(whole(logs_of_doubles - one));
        }
        [of_words, of_doubles]
    }
}

#[test]
fn logarithms_equal_the_table() {
    // Every entry, at some magnitudes, with nothing and all ones below the highest 16 bits.
    let entries = 1 << 15..1_u32 << 16;
    for shift in [1, 2, 7, 8, 9, 15] {
        let low = |i: u32| i << shift;
        let high = |i: u32| (i << shift) | ((1 << shift) - 1);
        for values in
            [entries.clone().map(low).collect::<Vec<_>>(), entries.clone().map(high).collect()]
        {
            let expected: Vec<i64> = values.iter().map(|v| LOG2.of(u64::from(*v))).collect();
            for level in Level::available() {
                for found in level.run(Logarithms(&values)) {
                    assert!(found == expected, "{shift} {}", level.name());
                }
            }
        }
    }
}

#[test]
fn the_table_equals_libvmafs() {
    // Facts: 2048 log2(2^15), and of powers of two above.
    assert_eq!(LOG2.of(1 << 15), 15 * 2048);
    assert_eq!(LOG2.of(1 << 47), 47 * 2048);
    // The sum over the table that a C program gives with log2f.
    let sum: i64 = (1 << 15..1 << 16).map(|value| LOG2.of(value)).sum();
    assert_eq!(sum, 1_044_032_097);
    for value in [40_000_u64, 65_535, 131_072 + 77, 1 << 40 | 12_345 << 20] {
        let exact = (value as f64).log2() * 2048.0;
        // One step for rounding, and the value of the dropped low bits.
        assert!((LOG2.of(value) as f64 - exact).abs() < 1.2, "{value}");
    }
}
