//! The kernel against the definition, and properties of ColorVideoVDP.

use std::sync::Arc;

use super::cache::Light;
use super::kernel::{Bands, Comparison, Workspace, exp2, log2};
use super::reference::{Plane, differences};
use super::temporal;
use crate::feature::testing::{PATTERNS, Pattern, noise, plane};
use crate::simd::Level;
use crate::{Chroma, Format, Frame, FrameGroup, Job};

/// Light of a kind of content, in cd/m².
fn light(width: usize, height: usize, seed: usize) -> Light {
    let value = |channel: usize, i: usize| {
        let (x, y) = (i % width, i / width);
        let noise = noise((seed * 3 + channel) as u64, x, y) % 1000;
        let base =
            [60.0, 4.0, -3.0][channel] * (1.0 + (x + 2 * y) as f32 / (width + height) as f32);
        let contrast = [0.002, 0.03, 0.0, 0.0009][seed % 4];
        base * (1.0 + contrast * (noise as f32 - 500.0))
    };
    let plane = |channel| (0..width * height).map(|i| value(channel, i)).collect();
    Light { channels: [plane(0), plane(1), plane(2)] }
}

/// The pictures' channels: their latest frames combined.
fn combined(
    frames: &[&Light],
    filters: Option<&[Vec<f32>; 4]>,
    size: (usize, usize),
) -> Vec<Plane> {
    let channels = if filters.is_some() { 4 } else { 3 };
    let plane = |channel: usize| {
        let value = |i: usize| match filters {
            None => f64::from(frames[0].channels[channel][i]),
            Some(filters) => {
                let frame = |age: usize| frames[age.min(frames.len() - 1)];
                let weighted = filters[channel].iter().enumerate().map(|(age, weight)| {
                    f64::from(*weight) * f64::from(frame(age).channels[channel % 3][i])
                });
                weighted.sum()
            }
        };
        Plane { width: size.0, height: size.1, values: (0..size.0 * size.1).map(value).collect() }
    };
    (0..channels).map(plane).collect()
}

fn kernel(
    level: Level,
    pictures: &[Vec<&Light>],
    filters: Option<&[Vec<f32>; 4]>,
    bands: &Bands,
    size: (usize, usize),
) -> Vec<Vec<Vec<f64>>> {
    let mut workspace = Workspace::default();
    // The workspace was used for pictures of another size before.
    let (other, all) = (light(72, 200, 1), Bands::new((72, 200), 40.0));
    let before = vec![vec![&other]; 3];
    for (pictures, bands, size) in [(&before[..], &all, (72, 200)), (pictures, bands, size)] {
        let workspace = &mut workspace;
        let found = level.run(Comparison { pictures, filters, bands, size, workspace });
        if size != (72, 200) {
            return found;
        }
    }
    unreachable!("the second size is another")
}

#[test]
fn kernel_equals_the_definition() {
    let filters = temporal::filters(25.0).map(|filter| filter.iter().map(|w| *w as f32).collect());
    for width in 16..=130_usize {
        let size = (width, 16 + width * 7 % 31);
        let bands = Bands::new(size, [20.0, 37.0, 75.0][width % 3]);
        let frames: Vec<Light> = (0..6).map(|seed| light(size.0, size.1, seed + width)).collect();
        let frames: Vec<&Light> = frames.iter().collect();
        let pictures = [frames[..2].to_vec(), frames[1..4].to_vec(), frames[4..].to_vec()];
        let filters = (width % 4 > 0).then_some(&filters);
        let found = kernel(Level::baseline(), &pictures, filters, &bands, size);
        let reference = combined(&pictures[0], filters, size);
        for (found, picture) in found.iter().zip(&pictures[1..]) {
            let expected = differences(&reference, &combined(picture, filters, size), &bands);
            for (channel, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(found.len(), expected.len());
                for (band, (found, expected)) in found.iter().zip(expected).enumerate() {
                    assert!(
                        (found - expected).abs() < 1e-4 * expected + 1e-4,
                        "{size:?} channel {channel} band {band}: {found}, not {expected}"
                    );
                }
            }
        }
        for level in Level::available() {
            assert_eq!(kernel(level, &pictures, filters, &bands, size), found, "{}", level.name());
        }
    }
}

#[test]
fn powers_are_exact_to_single_precision() {
    let mut x = 1e-6_f32;
    while x < 1e6 {
        let exact = f64::from(x).log2();
        assert!((f64::from(log2(x)) - exact).abs() < 3e-7 * exact.abs().max(1.0), "{x}");
        x *= 1.003;
    }
    for i in -4000..=4000_i16 {
        let x = f32::from(i) / 32.0;
        let exact = f64::from(x.clamp(-126.0, 126.0)).exp2();
        assert!((f64::from(exp2(x)) / exact - 1.0).abs() < 3e-7, "{x}");
    }
}

#[test]
fn bands_halve_down_to_the_coarsest() {
    let frequencies = Bands::frequencies((1920, 1080), 37.8);
    assert_eq!(frequencies.len(), 8);
    assert_eq!((frequencies[0], frequencies[7]), (18.9, 0.1));
    assert!((frequencies[1] / frequencies[2] - 2.0).abs() < 1e-12);
    // Small pictures have fewer.
    assert_eq!(Bands::frequencies((16, 16), 37.8).len(), 4);
}

fn frame(pattern: Pattern) -> Arc<Frame> {
    let format = Format::new(64, 48, Chroma::Yuv420, 8).expect("a format");
    let planes = (0..3).map(|index| {
        let (width, height) = format.plane_size(index);
        plane::<u8>(pattern, width, height, 8, 0)
    });
    Arc::new(Frame::from_planes(format, planes.collect()).expect("a frame"))
}

/// The video's quality and each frame's.
fn scored(frames: &[(Pattern, Pattern)], threads: usize, set: &[(&str, &str)]) -> (f64, Vec<f64>) {
    let format = Format::new(64, 48, Chroma::Yuv420, 8).expect("a format");
    let mut options = super::FEATURE.options();
    for (name, value) in set {
        options.set(name, value).expect("an option");
    }
    let job = Job::new(format, 1).feature(&super::FEATURE, options).threads(threads);
    let mut scorer = job.start().expect("a job");
    for (reference, distorted) in frames {
        scorer.push(FrameGroup::pair(frame(*reference), frame(*distorted))).expect("a pair");
    }
    let table = scorer.finish().expect("scores").remove(0);
    let video = table.aggregates().iter().map(|(_, value)| *value).next().expect("a value");
    (video, table.columns()[0].values.clone())
}

#[test]
fn equal_videos_score_10_and_others_less() {
    let equal: Vec<_> = PATTERNS.iter().map(|pattern| (*pattern, *pattern)).collect();
    let (video, frames) = scored(&equal, 1, &[]);
    assert_eq!((video, frames), (10.0, vec![10.0; PATTERNS.len()]));
    let other = [(Pattern::Natural(1), Pattern::Natural(2))];
    assert!(scored(&other, 1, &[]).0 < 9.0);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let frames: Vec<_> =
        (0..12).map(|seed| (Pattern::Natural(seed), Pattern::Natural(seed % 5 + 20))).collect();
    let alone = scored(&frames, 1, &[]);
    assert_eq!(scored(&frames, 3, &[]), alone);
    // The first frames have the same value in a shorter video.
    assert_eq!(scored(&frames[..5], 1, &[]).1, alone.1[..5]);
}

#[test]
fn options_matter() {
    let frames = [(Pattern::Natural(1), Pattern::Natural(2)); 3];
    let plain = scored(&frames, 1, &[]).0;
    for option in [
        ("display", "standard_4k"),
        ("display", "iphone_14_pro"),
        ("distance", "4"),
        ("transfer", "pq"),
        ("transfer", "hlg"),
        ("matrix", "bt2020"),
        ("primaries", "p3"),
        ("range", "full"),
        ("siting", "center"),
        ("frame_rate", "60"),
    ] {
        let other = scored(&frames, 1, &[option]).0;
        assert!((other - plain).abs() > 1e-7, "{option:?}: {other} {plain}");
    }
}
