//! The kernels against the definition, through the extractor's own path, and properties of banding
//! that hold for any implementation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::kernel::histogram::reciprocal;
use super::kernel::prepare::{mask_threshold, places};
use super::kernel::{Group, Memory, Side, Source};
use super::luminance::Transfer;
use super::reference;
use super::settings::{Measurement, Preparation, Settings, VisibleContrasts};
use crate::feature::testing::{PATTERNS, for_each_geometry, noise, plane};
use crate::feature::{FeatureMap, MapSink};
use crate::simd::Level;
use crate::{Chroma, Error, Format, Frame, FrameGroup, Job, Plane, Sample, feature};

/// The settings that `options` (`name=value:name=value`) give for frames of a size.
fn settings(options: &str, width: u32, height: u32, depth: u8) -> crate::Result<Settings> {
    let mut set = feature::find("cambi").expect("a feature").options();
    for (name, value) in options.split(':').filter_map(|pair| pair.split_once('=')) {
        set.set(name, value).expect("a valid option");
    }
    let format = Format::new(width, height, Chroma::Mono, depth).expect("a valid format");
    Settings::new(&set, &format)
}

fn contrasts(steps: usize, ratio: f64, visible: Option<u16>) -> VisibleContrasts {
    let seen: Vec<u16> =
        (1..=steps).map(|step| Transfer::Bt1886.greatest_seen(step as i32, ratio)).collect();
    VisibleContrasts::new(steps, &seen, visible)
}

/// Slopes with some grain, in large steps so that windows hold several values; banded.
fn slopes<T: Sample + TryFrom<u32>>(
    seed: u64,
    width: usize,
    height: usize,
    depth: u8,
    padding: usize,
) -> Plane<T> {
    let stride = width + padding;
    let sample = |i: usize| {
        let (x, y) = (i % stride, i / stride);
        let grain = u32::from(noise(seed, x, y).is_multiple_of(7));
        let level = 20 + (x + 2 * y) as u32 / (9 + seed as u32 % 20) + grain;
        let level = if noise(seed, x / 40, y / 9).is_multiple_of(5) { level + 40 } else { level };
        T::try_from(level << (depth - 8) >> (seed % 2)).ok().expect("in range")
    };
    Plane::with_stride((0..stride * height).map(sample).collect(), width, height, stride)
        .expect("a valid plane")
}

/// The values of the group's one measurement, and its maps.
fn measured<T: Sample>(
    group: &Group,
    level: Level,
    plane: &Plane<T>,
    depth: u8,
    memory: &mut Memory,
) -> (Vec<f64>, Vec<Vec<f32>>) {
    let mut maps = Vec::new();
    let source = Source { plane, depth, side: Side::Encode };
    let mut values =
        group.measure(level, &source, memory, &mut |_, _, map| maps.push(map.to_vec()));
    (values.remove(0), maps)
}

/// The same at the best level, pooled as by default.
fn measured_at_best<T: Sample>(
    plane: &Plane<T>,
    depth: u8,
    measurement: &Measurement,
) -> (f64, Vec<Vec<f32>>) {
    let group = Group::with_one(measurement, &[0.6]);
    let mut memory = group.memory((plane.width(), plane.height()));
    let (values, maps) = measured(&group, Level::best(), plane, depth, &mut memory);
    (values[0], maps)
}

fn check<T: Sample>(
    plane: &Plane<T>,
    depth: u8,
    measurement: &Measurement,
    shares: &[f64],
    what: &str,
) {
    let expected: Vec<_> =
        shares.iter().map(|share| reference::banding(plane, depth, measurement, *share)).collect();
    for level in Level::available() {
        let group = Group::with_one(measurement, shares);
        let mut memory = group.memory((plane.width(), plane.height()));
        // The second time, memory holds the contents left by the first.
        for _ in 0..2 {
            let (values, maps) = measured(&group, level, plane, depth, &mut memory);
            for ((value, share), (expected, _)) in values.iter().zip(shares).zip(&expected) {
                let equal = value.to_bits() == expected.to_bits();
                assert!(equal, "{what}, {share}, {}: {value} {expected}", level.name());
            }
            let expected = expected[0].1.iter().map(|image| &image.values);
            assert!(maps.iter().eq(expected), "maps of {what}, {}", level.name());
        }
    }
}

#[test]
fn kernel_equals_the_definition() {
    let mut seed = 0;
    let steps = [4, 4, 1, 2, 8, 16, 32];
    let mut patterns = PATTERNS.iter().cycle();
    for_each_geometry(1, |width, height, depth, padding| {
        seed += 1;
        let scaled = seed % 5 == 0;
        let side = |side: usize| if scaled { (side * 2).div_ceil(3) } else { side };
        let preparation = Preparation {
            width: side(width),
            height: side(height),
            smooth: (depth < 10) != (seed % 11 == 0),
        };
        let steps = steps[seed % steps.len()];
        let visible = [Some(0), Some(0), Some(170), None][seed % 13 % 4];
        let measurement = Measurement {
            preparation,
            halve: seed % 3 == 0,
            window: [1, 5, 9, 17, 33][seed % 17 % 5],
            contrasts: contrasts(steps, 0.019, visible),
        };
        let what = format!("{width}x{height} {depth}-bit, {measurement:?}");
        let shares = [0.6, 0.05];
        let pattern = patterns.next().expect("endless");
        if depth == 8 {
            let picture = slopes::<u8>(seed as u64, width, height, depth, padding);
            check(&picture, depth, &measurement, &shares, &what);
            let picture = plane::<u8>(*pattern, width, height, depth, padding);
            check(&picture, depth, &measurement, &shares, &format!("{pattern:?} {what}"));
        } else {
            let picture = slopes::<u16>(seed as u64, width, height, depth, padding);
            check(&picture, depth, &measurement, &shares, &what);
            let picture = plane::<u16>(*pattern, width, height, depth, padding);
            check(&picture, depth, &measurement, &shares, &format!("{pattern:?} {what}"));
        }
    });
}

#[test]
fn kernel_equals_the_definition_for_samples_above_the_bit_depth() {
    // Samples above the bit depth.
    let picture = plane::<u16>(PATTERNS[2], 70, 30, 16, 0);
    for depth in [9, 10, 12] {
        let preparation = Preparation { width: 70, height: 30, smooth: true };
        let contrasts = contrasts(32, 0.0001, Some(0));
        let measurement = Measurement { preparation, halve: false, window: 9, contrasts };
        check(&picture, depth, &measurement, &[0.6], "a broken source");
    }
}

#[test]
fn reciprocals_equal_libvmafs() {
    for count in [1, 2, 3, 7, 81, 1000, 4225] {
        assert_eq!(reciprocal(count), 1.0 / count as f32);
    }
    // Known exceptions: libvmaf's are not the nearest numbers.
    assert_eq!(
        [82, 83, 244].map(|count| reciprocal(count).to_bits() - (1.0 / count as f32).to_bits()),
        [1, 1, 1]
    );
    let differing = (1..=4225).filter(|&count| reciprocal(count) != 1.0 / count as f32).count();
    assert_eq!(differing, 42);
    for count in 1..=65_536 {
        let decimal = format!("{:.8e}", 1.0 / count as f64);
        let decimal: f32 = decimal.parse().expect("a number");
        assert_eq!(reciprocal(count), decimal, "{count}");
    }
}

#[test]
fn two_halves_have_the_contrast_of_the_formula() {
    // Left of the window's middle one value, right of it another: at the edge, with a window of 9,
    // 45 pixels of one and 36 of the other.
    let row = |x: usize| if x < 64 { 100_u8 } else { 101 };
    let samples = (0..128 * 64).map(|i| row(i % 128)).collect();
    let picture = Plane::from_vec(samples, 128, 64).expect("a valid plane");
    let preparation = Preparation { width: 128, height: 64, smooth: false };
    let contrasts = contrasts(4, 0.019, Some(0));
    let measurement = Measurement { preparation, halve: false, window: 9, contrasts };
    let (_, maps) = measured_at_best(&picture, 8, &measurement);
    let expected = 4.0 * 45.0 * 36.0 * reciprocal(81);
    let row = &maps[0][32 * 128..][..128];
    assert_eq!((row[63], row[64]), (expected, expected));
    assert!(row[..59].iter().chain(&row[69..]).all(|contrast| *contrast == 0.0));
}

#[test]
fn banding_grows_with_coarser_levels() {
    // The same slope in ever coarser levels of 10 bits.
    let preparation = Preparation { width: 600, height: 300, smooth: false };
    let contrasts = contrasts(4, 0.019, Some(0));
    let measurement = Measurement { preparation, halve: false, window: 9, contrasts };
    let values: Vec<f64> = [0, 1, 2]
        .into_iter()
        .map(|dropped| {
            let level = |x: usize, y: usize| 100 + (x + y) as u16 / 8;
            let sample = |i: usize| level(i % 600, i / 600) >> dropped << dropped;
            let picture = Plane::from_vec((0..600 * 300).map(sample).collect(), 600, 300);
            let picture = picture.expect("a valid plane");
            measured_at_best::<u16>(&picture, 10, &measurement).0
        })
        .collect();
    assert!(values[0] > 0.0 && values.is_sorted(), "{values:?}");
}

#[test]
fn sizes_follow_the_options() {
    let encode = |options: &str, width, height| {
        let encode = settings(options, width, height, 8).expect("a size that can be").encode;
        (encode.preparation.width, encode.preparation.height, encode.halve, encode.window)
    };
    assert_eq!(encode("", 3840, 2160), (3840, 2160, false, 65));
    assert_eq!(encode("", 1920, 1080), (1920, 1080, false, 33));
    assert_eq!(encode("hrs=1080", 1920, 1080), (1920, 1080, true, 17));
    assert_eq!(encode("hrs=1440", 1920, 1080), (1920, 1080, false, 33));
    assert_eq!(encode("hrs=1000", 3840, 2160), (3840, 2160, false, 65));
    assert_eq!(encode("encw=960:ench=540", 1920, 1080), (960, 540, false, 17));
    // The option is not meant for enlarging.
    assert_eq!(encode("encw=960:ench=1200", 1920, 1080), (1920, 1080, false, 33));
    assert_eq!(encode("encw=960", 1920, 1080), (1920, 1080, false, 33));
    // libvmaf refuses windows above 65.
    assert_eq!(encode("", 7680, 4320), (7680, 4320, false, 131));
    let reference = settings("full_ref=true:encw=960:ench=540", 1920, 1080, 8);
    let reference = reference.expect("a size that can be").reference.expect("full_ref");
    assert_eq!((reference.preparation.width, reference.window), (1920, 33));
}

#[test]
fn impossible_options_are_refused_with_the_reason() {
    let error = |options: &str, width, height| {
        let error = settings(options, width, height, 8).expect_err("an error");
        assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        error.to_string()
    };
    let text = error("", 215, 215);
    assert!(text.contains("a side of at least 216 pixels; this one is 215x215"), "{text}");
    settings("", 216, 1, 8).expect("one side is enough");
    let text = error("full_ref=true:srcw=1280:srch=1200", 1920, 1080);
    assert!(text.contains("a source of 1280x1200"), "{text}");
    settings("srcw=1280:srch=1200", 1920, 1080, 8).expect("of no matter without full_ref");
    let text = error("ws=127", 32768, 32768);
    assert!(text.contains("choose one of at most 2"), "{text}");
}

#[test]
fn topk_takes_precedence_over_cambi_topk() {
    let share = |options: &str| settings(options, 640, 360, 8).expect("a size that can be").share;
    assert_eq!([share(""), share("topk=0.5:ctpk=0.4"), share("ctpk=0.4")], [0.6, 0.5, 0.4]);
}

#[test]
fn thresholds_of_the_mask_equal_libvmafs() {
    let found = [(216, 216), (576, 324), (1920, 1080), (3840, 2160)]
        .map(|(width, height)| mask_threshold(width, height));
    assert_eq!(found, [13, 16, 21, 24]);
}

#[test]
fn resized_places_lie_inside_the_source() {
    assert_eq!(places(4, 4), [0, 1, 2, 3]);
    assert_eq!(places(8, 4), [1, 3, 5, 7]);
    assert_eq!(places(2, 4), [0, 0, 1, 1]);
    for (from, to) in [(3840, 7680), (1920, 1279), (1, 7680), (7680, 1), (999, 7679)] {
        let places = places(from, to);
        assert!(places.is_sorted() && places[to - 1] < from, "{from} to {to}");
    }
}

/// Counts the maps of each frame and encode.
#[derive(Debug, Default)]
struct Counter(Mutex<BTreeMap<(u64, usize), usize>>);

impl MapSink for Counter {
    fn wants(&self, column: &str) -> bool {
        column == "cambi_ws_127"
    }

    fn take(&self, map: &FeatureMap<'_>) -> crate::Result<()> {
        assert_eq!((map.column, map.picture), ("cambi_ws_127", (240, 217)));
        assert_eq!(map.values.len(), map.width * map.height);
        *self.0.lock().expect("no panic").entry((map.frame, map.encode)).or_default() += 1;
        Ok(())
    }
}

#[test]
fn variants_have_the_same_values_alone_and_together() {
    let format = Format::new(240, 217, Chroma::Mono, 8).expect("a valid format");
    let frame = |seed: u64| {
        let plane = slopes::<u8>(seed, 240, 217, 8, 0);
        let samples: Vec<u8> = plane.rows().flatten().copied().collect();
        Arc::new(Frame::from_luma(format, &samples).expect("a frame"))
    };
    let sets = [
        "full_ref=true",
        "ws=127",
        "ws=127:topk=0.1",
        "encw=230:ench=210",
        "encbd=10",
        "mlc=4:vlt=1",
    ];
    let run = |sets: &[&str], threads: usize, sink: Option<Arc<Counter>>| {
        let feature = feature::find("cambi").expect("a feature");
        let mut job = Job::new(format, 2).threads(threads);
        for set in sets {
            let mut options = feature.options();
            for (name, value) in set.split(':').filter_map(|pair| pair.split_once('=')) {
                options.set(name, value).expect("a valid option");
            }
            job = job.feature(feature, options);
        }
        if let Some(sink) = sink {
            job = job.maps(sink);
        }
        let mut scorer = job.start().expect("a job");
        for index in 0..3 {
            // The second encode drops out after a frame.
            let distorted = vec![Some(frame(10 + index)), (index == 0).then(|| frame(30))];
            scorer.push(FrameGroup { reference: frame(index), distorted }).expect("a group");
        }
        scorer.finish().expect("scores")
    };
    let sink = Arc::new(Counter::default());
    let together = run(&sets, 3, Some(sink.clone()));
    for set in sets {
        let alone = run(&[set], 1, None);
        for (alone, together) in alone.iter().zip(&together) {
            for column in alone.columns() {
                let values = together.column(&column.name).expect("the column");
                assert_eq!(values, column.values, "{}", column.name);
            }
        }
    }
    let [first, second] = &together[..] else { panic!("two encodes") };
    assert_eq!((first.frames().len(), second.frames().len()), (3, 1));
    let column = |name: &str| first.column(name).expect("the column");
    for (index, value) in column("cambi_full_reference").iter().enumerate() {
        let difference = column("cambi")[index] - column("cambi_source")[index];
        assert_eq!(*value, difference.max(0.0));
    }
    let maps = sink.0.lock().expect("no panic");
    let expected = [((0, 0), 5), ((0, 1), 5), ((1, 0), 5), ((2, 0), 5)];
    assert!(maps.iter().map(|(place, count)| (*place, *count)).eq(expected), "{maps:?}");
}

#[test]
fn full_ref_is_refused_for_two_sets_of_options() {
    let format = Format::new(240, 217, Chroma::Mono, 8).expect("a valid format");
    let feature = feature::find("cambi").expect("a feature");
    let mut first = feature.options();
    first.set("full_ref", "true").expect("a valid option");
    let mut second = first.clone();
    second.set("topk", "0.5").expect("a valid option");
    let job = Job::new(format, 1).feature(feature, first).feature(feature, second);
    let error = job.start().map(|_| ()).expect_err("an error").to_string();
    assert!(error.contains("one set of options only"), "{error}");
}
