//! The values that maps pool to, and the meaning of weights and heat.

use super::*;
use crate::feature::testing::{PATTERNS, Pattern, frame, measured, noise};
use crate::{Chroma, Error, feature};

fn options(feature: &'static Feature, set: &str) -> Options {
    let mut options = feature.options();
    for (name, value) in set.split(':').filter_map(|pair| pair.split_once('=')) {
        options.set(name, value).expect("a valid option");
    }
    options
}

fn named(name: &str, set: &str) -> (&'static Feature, Options) {
    let feature = feature::find(name).expect("a feature");
    (feature, options(feature, set))
}

/// Checks that maps pool to the feature's values, within `bound`.
fn check(name: &str, set: &str, reference: &Frame, distorted: &Frame, bound: f64) {
    let (feature, options) = named(name, set);
    let maps = Maps::new(feature, &options, reference, distorted).expect("maps");
    let expected = measured(feature, &options, reference, distorted);
    let values = maps.values();
    let names: Vec<&String> = values.iter().map(|value| &value.column).collect();
    assert!(names.iter().all(|name| expected.contains_key(*name)), "{names:?} {expected:?}");
    assert_eq!(names.len(), expected.len(), "{names:?} {expected:?}");
    for Value { column, value } in values {
        let expected = expected[&column];
        let off = (value - expected).abs();
        let what = format!("{name} {set} {}: {column} {value} {expected}", reference.format());
        assert!(off <= bound * expected.abs(), "{what}");
    }
}

/// All depths and all patterns, at sizes from the least on.
fn for_each_pair(least: usize, mut test: impl FnMut(&Frame, &Frame)) {
    let sizes = [(0, 0), (1, 2), (24, 17), (47, 30), (80, 9)];
    let depths = [8, 10, 12, 16, 9];
    let mut turn = 0;
    for a in PATTERNS {
        for b in PATTERNS {
            let (width, height) = sizes[turn % sizes.len()];
            let depth = depths[turn / sizes.len() % depths.len()];
            let of = |pattern| frame(pattern, least + width, least + height, depth);
            test(&of(*a), &of(*b));
            turn += 1;
        }
    }
}

#[test]
fn the_pooled_map_equals_butteraugli() {
    for_each_pair(8, |a, b| {
        // The sums of rows run in lanes, those of the map one by one.
        check("butteraugli", "", a, b, 1e-12);
    });
    let of = |seed| frame(Pattern::Natural(seed), 90, 70, 8);
    check("butteraugli", "transfer=pq:matrix=bt2020", &of(1), &of(2), 1e-12);
}

#[test]
fn a_part_of_butteraugli_is_that_of_its_pixels() {
    let (a, b) = (frame(Pattern::Natural(1), 96, 64, 8), frame(Pattern::Natural(2), 96, 64, 8));
    let (feature, options) = named("butteraugli", "");
    let maps = Maps::new(feature, &options, &a, &b).expect("maps");
    let rect = Rect { x: 8, y: 16, width: 24, height: 32 };
    let weights = Weights::rect(96, 64, rect).expect("inside");
    let within = maps.values_within(&weights).expect("the size").expect("pixels");
    let map = maps.planes()[0].map.view();
    let part = map.slice(ndarray::s![16..48, 8..32]);
    let greatest = part.iter().copied().fold(0.0, f32::max);
    assert_eq!(within[0].value, f64::from(greatest));
    assert!(within[0].value <= maps.values()[0].value);
    let heat = maps.heat();
    let is_third = |(heat, map): (&f32, &f32)| (heat - (map / 3.0).min(1.0)).abs() < 1e-6;
    assert!(heat.values().iter().zip(&map).all(is_third));
}

/// In the worst case a flat reference's numerator is off by 2^-25 of it; the rest is three
/// roundings to single precision, of both sums and of the quotient.
const VIF_BOUND: f64 = 1.0 / (1 << 25) as f64 + 3.0 / (1 << 23) as f64;

#[test]
fn pooled_maps_equal_vif() {
    for_each_pair(16, |a, b| {
        for set in ["", "debug=true:vif_enhn_gain_limit=1", "vif_skip_scale0=true"] {
            check("vif", set, a, b, VIF_BOUND);
        }
    });
}

#[test]
fn pooled_maps_equal_cambi() {
    let sets = [
        "",
        "topk=0.1:max_log_contrast=4",
        "enc_width=230:enc_height=180:enc_bitdepth=8",
        "cambi_high_res_speedup=1080:cambi_max_val=3",
        "full_ref=true",
    ];
    for (index, set) in sets.into_iter().enumerate() {
        for (width, height) in [(217, 19), (256, 170)] {
            let depth = [8, 10, 12, 16][index % 4];
            let pattern = |i: usize| PATTERNS[(index + i) % PATTERNS.len()];
            let (width, height) =
                if set.contains("enc_width") { (301, 216) } else { (width, height) };
            let [a, b] = [0, 1].map(|i| frame(pattern(i), width, height, depth));
            check("cambi", set, &a, &b, 0.0);
            check("cambi", set, &a, &slope(width, height, depth), 0.0);
            check("cambi", set, &slope(width, height, depth), &slope(width, height, depth), 0.0);
        }
    }
}

/// A slope in steps, banded.
fn slope(width: usize, height: usize, depth: u8) -> Frame {
    let format = format(width, height, depth);
    let sample = |i: usize| (40 + (i % width + 2 * (i / width)) / 23) << (depth - 8);
    if depth == 8 {
        let samples: Vec<u8> = (0..width * height).map(|i| sample(i) as u8).collect();
        Frame::from_luma(format, &samples).expect("a frame")
    } else {
        let samples: Vec<u16> = (0..width * height).map(|i| sample(i) as u16).collect();
        Frame::from_luma(format, &samples).expect("a frame")
    }
}

fn format(width: usize, height: usize, depth: u8) -> Format {
    Format::new(width as u32, height as u32, Chroma::Mono, depth).expect("valid")
}

#[test]
fn maps_have_the_size_of_their_scale() {
    let (a, b) = (frame(Pattern::Natural(1), 250, 219, 8), frame(Pattern::Natural(2), 250, 219, 8));
    let sizes = |name: &str| {
        let (feature, options) = named(name, "");
        let maps = Maps::new(feature, &options, &a, &b).expect("maps");
        let of = |plane: &MapPlane| {
            let (map, Rect { x, y, width, height }) = (&plane.map, plane.counted);
            assert!(x + width <= map.width() && y + height <= map.height());
            format!("{plane} {}x{}", map.width(), map.height())
        };
        maps.planes().iter().map(of).collect::<Vec<_>>()
    };
    let vif = [
        ["scale0_num 250x219", "scale0_den 250x219"],
        ["scale1_num 125x109", "scale1_den 125x109"],
        ["scale2_num 62x54", "scale2_den 62x54"],
        ["scale3_num 31x27", "scale3_den 31x27"],
    ];
    assert_eq!(sizes("vif"), vif.concat());
    let mut adm = Vec::new();
    for (scale, size) in ["125x110", "63x55", "32x28", "16x14"].iter().enumerate() {
        for part in ["num", "den", "add"] {
            adm.extend(["h", "v", "d"].map(|band| format!("scale{scale}_{part}_{band} {size}")));
        }
    }
    assert_eq!(sizes("adm"), adm);
    let cambi = [
        "scale0_contrast 250x219",
        "scale1_contrast 125x110",
        "scale2_contrast 63x55",
        "scale3_contrast 32x28",
        "scale4_contrast 16x14",
    ];
    assert_eq!(sizes("cambi"), cambi);
}

/// A picture like its reference in its left half, and noise or flat in its right half.
fn half_lost() -> (Frame, Frame) {
    let (width, height) = (256, 224);
    let sample = |x: usize, y: usize| (100 + noise(3, x / 2, y / 2) % 50) as u8;
    let lost = |x: usize, y: usize| if x < width / 2 { sample(x, y) } else { 125 };
    let frame = |sample: &dyn Fn(usize, usize) -> u8| {
        let samples: Vec<u8> = (0..width * height).map(|i| sample(i % width, i / width)).collect();
        Frame::from_luma(format(width, height, 8), &samples).expect("a frame")
    };
    (frame(&sample), frame(&lost))
}

#[test]
fn heat_and_regions_locate_the_loss() {
    let (reference, distorted) = half_lost();
    for (name, column) in [("vif", "integer_vif_scale0"), ("adm", "integer_adm2")] {
        let (feature, options) = named(name, "");
        let maps = Maps::new(feature, &options, &reference, &distorted).expect("maps");
        let heat = maps.heat();
        assert_eq!((heat.width(), heat.height()), maps.size());
        assert!(heat.values().iter().all(|value| (0.0..=1.0).contains(value)), "{name}");
        let mean = |columns: std::ops::Range<usize>| {
            let rows = (0..heat.height()).map(|y| heat.row(y)[columns.clone()].iter().sum::<f32>());
            rows.sum::<f32>() / (heat.height() * columns.len()) as f32
        };
        // Away from the middle, which windows of both sides reach.
        let (kept, lost) = (mean(0..96), mean(160..256));
        assert!(kept < 0.02 && lost > 0.6, "{name}: {kept} {lost}");
        let of = |x: usize| {
            let rect = Rect { x, y: 40, width: 90, height: 120 };
            let weights = Weights::rect(256, 224, rect).expect("inside");
            let values = maps.values_within(&weights).expect("its size").expect("values");
            values.into_iter().find(|value| value.column == column).expect("a column").value
        };
        let (kept, lost) = (of(0), of(166));
        assert!(kept > 0.98 && lost < 0.4, "{name}: {kept} {lost}");
    }
    let (feature, options) = named("cambi", "");
    let maps = Maps::new(feature, &options, &reference, &slope(256, 224, 8)).expect("maps");
    assert!(maps.values()[0].value > 1.0, "{:?}", maps.values());
    assert!(maps.heat().values().iter().any(|value| *value > 0.3));
}

#[test]
fn heat_without_maps_equals_heat_of_maps() {
    let (reference, distorted) = half_lost();
    for name in ["vif", "vif skipping", "adm", "cambi"] {
        let (feature, options) = match name {
            "vif skipping" => named("vif", "vif_skip_scale0=true"),
            name => named(name, ""),
        };
        let maps = Maps::new(feature, &options, &reference, &distorted).expect("maps");
        // Smaller by whole and by other factors, as large, and larger along one side.
        for size in [(64, 56), (100, 60), (256, 224), (31, 300), (1, 1), (0, 0)] {
            let heat = heat_at(feature, &options, &reference, &distorted, size).expect("heat");
            assert!(heat == maps.heat_at(size.0, size.1), "{name} {size:?}");
        }
    }
}

#[test]
fn weights_of_one_give_the_features_value() {
    let (reference, distorted) = half_lost();
    for feature in features() {
        let maps = Maps::new(feature, &feature.options(), &reference, &distorted).expect("maps");
        let (width, height) = maps.size();
        let whole = Rect { x: 0, y: 0, width, height };
        let ones = Map::new(width, height, vec![1.0; width * height]).expect("its size");
        for weights in [
            Weights::rect(width, height, whole).expect("inside"),
            Weights::new(ones).expect("weights"),
        ] {
            assert_eq!(maps.values_within(&weights).expect("its size"), Some(maps.values()));
        }
    }
}

#[test]
fn vif_does_not_depend_on_the_scale_of_weights() {
    // A half everywhere: the quotients of vif are the same.
    let (reference, distorted) = half_lost();
    let (feature, options) = named("vif", "");
    let maps = Maps::new(feature, &options, &reference, &distorted).expect("maps");
    let half = Map::new(256, 224, vec![0.5; 256 * 224]).expect("its size");
    let half = maps.values_within(&Weights::new(half).expect("weights")).expect("its size");
    assert_eq!(half, Some(maps.values()));
}

#[test]
fn weights_are_averaged_over_the_area_of_a_place() {
    let rect = Rect { x: 4, y: 0, width: 3, height: 7 };
    let weights = Weights::rect(10, 7, rect).expect("inside");
    let at = weights.at(5, 1).expect("not uniform");
    assert_eq!(at.values(), [0.0, 0.0, 1.0, 0.5, 0.0]);
    // Three places of three and a third pixels: the middle one stands for 3.33 to 6.67.
    let at = weights.at(3, 2).expect("not uniform");
    let middle = (6.0 + 2.0 / 3.0 - 4.0) / (10.0 / 3.0);
    for row in [at.row(0), at.row(1)] {
        assert!((row[1] - middle as f32).abs() < 1e-6 && row[0] == 0.0, "{row:?}");
        assert!((row[2] - 0.1).abs() < 1e-6, "{row:?}");
    }
    assert_eq!(Weights::uniform(37, 23).at(5, 3), None);
}

#[test]
fn adm_pools_nothing_of_the_border() {
    let (reference, distorted) = half_lost();
    let corner = Weights::rect(256, 224, Rect { x: 0, y: 0, width: 4, height: 4 }).expect("inside");
    let within = |name: &str| {
        let (feature, options) = named(name, "");
        let maps = Maps::new(feature, &options, &reference, &distorted).expect("maps");
        maps.values_within(&corner).expect("its size")
    };
    assert_eq!(within("adm"), None);
    assert!(within("vif").is_some() && within("cambi").is_some());
}

#[test]
fn bad_arguments_are_refused() {
    let (reference, distorted) = half_lost();
    let message = |result: Result<Maps>| result.expect_err("a failure").to_string();
    let psnr = feature::find("psnr").expect("a feature");
    let unknown = Maps::new(psnr, &psnr.options(), &reference, &distorted);
    assert!(matches!(unknown, Err(Error::Unknown { .. })), "{unknown:?}");
    let (vif, options) = named("vif", "");
    let small = frame(Pattern::Flat, 15, 40, 8);
    let too_small = message(Maps::new(vif, &options, &small, &small));
    assert!(too_small.contains("at least 16x16"), "{too_small}");
    let differ = message(Maps::new(vif, &options, &reference, &distorted.promoted(10)));
    assert!(differ.contains("10-bit"), "{differ}");
    let (cambi, options) = named("cambi", "");
    let small = frame(Pattern::Flat, 100, 200, 8);
    let too_small = message(Maps::new(cambi, &options, &small, &small));
    assert!(too_small.contains("216"), "{too_small}");

    let outside = Rect { x: 250, y: 0, width: 7, height: 1 };
    assert!(Weights::rect(256, 224, outside).is_err());
    assert!(Weights::rect(256, 224, Rect { x: usize::MAX, ..outside }).is_err());
    for bad in [-0.1, 1.5, f32::NAN] {
        assert!(Weights::new(Map::uniform(4, 4, bad)).is_err(), "{bad}");
    }
    assert!(Weights::new(Map::uniform(4, 4, 0.0)).is_err());
    let maps = Maps::new(vif, &vif.options(), &reference, &distorted).expect("maps");
    assert!(maps.values_within(&Weights::uniform(224, 256)).is_err());
}
