//! `vmaf maps`: files that hold what they say, and what can't be done.

use std::collections::BTreeSet;

use crate::common::{CLIP, Clip, Place};
use serde_json::Value;

/// Large enough for all features.
const LARGE: Clip = Clip { width: 250, height: 219, frames: 3, ..CLIP };

fn large() -> Place {
    let place = Place::new();
    place.file("ref.y4m", LARGE.y4m());
    place.file("enc.y4m", LARGE.noisy(25).y4m());
    place
}

/// The samples of the map called `name`, with its entry.
fn map(place: &Place, index: &Value, name: &str) -> (Vec<f64>, Value) {
    let maps = index["maps"].as_array().expect("maps");
    let entry = maps.iter().find(|map| map["name"] == name).expect("the map").clone();
    assert_eq!(entry["dtype"], "<f4");
    let file = entry["file"].as_str().expect("a name");
    let bytes = std::fs::read(place.path("maps").join(file)).expect("a file");
    let samples = bytes.as_chunks::<4>().0.iter();
    let samples: Vec<f64> = samples.map(|bytes| f32::from_le_bytes(*bytes).into()).collect();
    let side = |name: &str| entry[name].as_u64().expect("a number") as usize;
    assert_eq!(samples.len(), side("width") * side("height"), "{name}");
    (samples, entry)
}

/// The entry of a feature's column.
fn column<'a>(index: &'a Value, name: &str) -> &'a Value {
    let features = index["features"].as_array().expect("features");
    let columns = features.iter().flat_map(|feature| feature["columns"].as_array().expect("some"));
    columns.into_iter().find(|column| column["name"] == name).expect("the column")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn map_files_pool_to_the_scores_of_the_frame() {
    let place = large();
    let ran = place.vmaf("maps ref.y4m enc.y4m --frame 2 -o maps");
    assert_eq!((ran.status, &ran.stderr[..]), (0, ""), "{}", ran.stdout);
    let index = place.json("maps/maps.json");
    assert_eq!(
        (&index["frame"], &index["width"], &index["bit_depth"]),
        (&2.into(), &250.into(), &8.into())
    );
    // The values are those of a score of this frame.
    let scored = place
        .score("ref.y4m enc.y4m --no-model --metric vif --metric adm --metric cambi --frames 2..3");
    let values = scored["distorted"][0]["frames"].as_object().expect("columns").clone();
    assert!(values.len() >= 12, "{values:?}");
    for (name, expected) in &values {
        let entry = column(&index, name);
        assert_eq!(number(&entry["value"]), number(&expected[0]), "{name}");
        let off = (number(&entry["pooled"]) - number(&entry["value"])).abs();
        assert!(off < 1e-6, "{name} is off by {off}");
        assert_eq!(entry["roi"], Value::Null);
    }
    // The documented pools, of the files alone.
    for scale in 0..4 {
        let sum = |part: &str| -> f64 {
            map(&place, &index, &format!("vif_scale{scale}_{part}")).0.iter().sum()
        };
        let value = number(&column(&index, &format!("integer_vif_scale{scale}"))["value"]);
        assert!((sum("num") / sum("den") - value).abs() < 1e-6);
    }
    let noise = number(&index["features"][1]["constants"]["noise_weight"]);
    let norm = |part: &str| -> f64 {
        let band = |(scale, band): (usize, char)| {
            let (samples, entry) = map(&place, &index, &format!("adm_scale{scale}_{part}_{band}"));
            let of = |name: &str| entry["counted"][name].as_u64().expect("a number") as usize;
            let (width, counted) = (number(&entry["width"]) as usize, (of("width"), of("height")));
            let rows = samples.chunks(width).skip(of("y")).take(counted.1);
            let cubes = rows.flat_map(|row| &row[of("x")..][..counted.0]).map(|x| x.powi(3));
            cubes.sum::<f64>().cbrt() + ((counted.0 * counted.1) as f64 * noise).cbrt()
        };
        (0..4).flat_map(|scale| ['h', 'v', 'd'].map(|band| (scale, band))).map(band).sum()
    };
    let adm2 = number(&column(&index, "integer_adm2")["value"]);
    assert!((norm("num") / norm("den") - adm2).abs() < 1e-6, "{adm2}");
    let constants = &index["features"][2]["constants"];
    let (topk, window) = (number(&constants["topk"]), number(&constants["window"]));
    let scale = |scale: i32| {
        let mut contrasts = map(&place, &index, &format!("cambi_scale{scale}_contrast")).0;
        contrasts.sort_by(|a, b| b.total_cmp(a));
        let count = (topk * contrasts.len() as f64) as usize;
        2.0_f64.powi(4 - scale) * contrasts[..count].iter().sum::<f64>() / count as f64
    };
    let banding = (0..5).map(scale).sum::<f64>() / (window * window);
    assert!((banding - number(&column(&index, "cambi")["value"])).abs() < 1e-9);
    // No file but those told of, and each has its size in its name.
    let maps = index["maps"].as_array().expect("maps").iter();
    let mut told: BTreeSet<String> =
        maps.map(|map| map["file"].as_str().expect("a name").to_owned()).collect();
    assert!(told.contains("vif_scale3_den_31x27.f32"), "{told:?}");
    told.extend(["maps.json", "vif_heat.png", "adm_heat.png", "cambi_heat.png"].map(String::from));
    let entries = std::fs::read_dir(place.path("maps")).expect("the folder");
    let there: BTreeSet<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(there, told);
    for feature in ["vif", "adm", "cambi"] {
        let path = place.path("maps").join(format!("{feature}_heat.png"));
        let picture = image::open(path).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (250, 219));
        let tells = |text: &str| assert!(ran.stdout.contains(text), "{}", ran.stdout);
        tells(&format!("{feature}_heat.png"));
    }
}

#[test]
fn butteraugli_is_mapped_on_request_as_the_videos_describe_it() {
    let place = large();
    let ran = place.vmaf("maps ref.y4m enc.y4m --frame 2 --feature butteraugli -o maps");
    assert_eq!(ran.status, 0, "{ran:?}");
    let index = place.json("maps/maps.json");
    let score = "score ref.y4m enc.y4m --no-model --frames 2..3 --metric butteraugli";
    let scored = place.score(&score["score ".len()..]);
    let frames = &scored["distorted"][0]["frames"];
    for name in ["butteraugli", "butteraugli_3norm"] {
        let entry = column(&index, name);
        assert_eq!(number(&entry["value"]), number(&frames[name][0]));
        assert!((number(&entry["pooled"]) / number(&entry["value"]) - 1.0).abs() < 1e-9);
    }
    // The size of the picture decides the matrix that is assumed.
    assert_eq!(index["features"][0]["options"]["matrix"], "bt601");
    let picture = image::open(place.path("maps/butteraugli_heat.png")).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (250, 219));
}

#[test]
fn regions_can_be_rectangles_or_pictures() {
    let place = large();
    // The encode is like its source on the left, and noise on the right.
    let (good, bad) = (LARGE.y4m(), LARGE.noisy(40).y4m());
    let frame = 6 + 250 * 219 + 2 * 125 * 110;
    let header = good.len() - 3 * frame;
    let half: Vec<u8> = (0..good.len())
        .map(|i| {
            let place = i.saturating_sub(header) % frame;
            let is_right = place >= 6 && (place - 6) < 250 * 219 && (place - 6) % 250 >= 125;
            if i >= header && is_right { bad[i] } else { good[i] }
        })
        .collect();
    place.file("enc.y4m", half);
    let run = |roi: &str| {
        let ran = place.vmaf(&format!(
            "maps ref.y4m enc.y4m --frame 1 --feature vif --feature adm --roi {roi} -o maps"
        ));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        place.json("maps/maps.json")
    };
    let roi = |index: &Value, name: &str| number(&column(index, name)["roi"]);
    let (left, right) = (run("100:219:0:0"), run("100:219:150:0"));
    assert_eq!(left["roi"]["width"], 100);
    for name in ["integer_vif_scale0", "integer_adm2"] {
        let (left, right) = (roi(&left, name), roi(&right, name));
        assert!(left > 0.98 && right < 0.95, "{name}: {left} {right}");
    }
    // A rectangle as a picture, and all of it.
    let white = |x: u32| image::Luma([if x < 100 { 255_u8 } else { 0 }]);
    let image = image::ImageBuffer::from_fn(250, 219, |x, _| white(x));
    image.save(place.path("left.png")).expect("a picture");
    let pictured = run("left.png");
    assert_eq!(pictured["roi"]["image"], "left.png");
    for (a, b) in [("integer_vif_scale2", &pictured), ("integer_aim", &pictured)] {
        assert_eq!(roi(b, a), roi(&left, a));
    }
    let whole = run("250:219:0:0");
    for name in ["integer_vif_scale3", "integer_adm3"] {
        assert_eq!(roi(&whole, name), number(&column(&whole, name)["pooled"]));
    }
    // A corner, where adm looks at nothing.
    let ran = place.vmaf("maps ref.y4m enc.y4m --frame 1 --roi 5:5:0:0 -o maps");
    assert_eq!(ran.status, 0);
    assert!(ran.stderr.starts_with("warning: ") && ran.stderr.contains("adm"), "{}", ran.stderr);
    let corner = place.json("maps/maps.json");
    assert_eq!(column(&corner, "integer_adm2")["roi"], Value::Null);
    assert!(column(&corner, "cambi")["roi"].is_number());
}

#[test]
fn maps_follow_feature_options_and_bit_depth() {
    let place = Place::new();
    place.file("ref.y4m", Clip { depth: 10, ..CLIP }.y4m());
    place.file("enc.y4m", CLIP.noisy(9).y4m());
    let ran = place.vmaf(
        "maps ref.y4m enc.y4m --frame 0 --feature vif=vif_enhn_gain_limit=1 --feature vif \
         --feature adm=adm_skip_aim=true -o maps -q",
    );
    assert_eq!((ran.status, &ran.stdout[..], &ran.stderr[..]), (0, "", ""));
    let index = place.json("maps/maps.json");
    assert_eq!(index["bit_depth"], 10);
    assert!(index["conformed"]["distorted"][0].as_str().expect("a step").contains("10 bits"));
    assert_eq!(index["features"][0]["name"], "vif_egl_1");
    assert_eq!(index["features"][0]["options"]["vif_enhn_gain_limit"], "1");
    assert!(place.path("maps/vif_egl_1_heat.png").is_file());
    let names = index["maps"].as_array().expect("maps").iter().map(|map| map["name"].to_string());
    assert!(!names.into_iter().any(|name| name.contains("_add_")));
    let value = |name: &str| number(&column(&index, name)["value"]);
    assert!(value("integer_vif_scale0_egl_1") <= value("integer_vif_scale0"));
}

#[test]
fn videos_too_small_for_a_feature_are_refused() {
    let place = Place::with_pair();
    // Not asked for, it is left out; asked for, it can't be.
    let ran = place.vmaf("maps ref.y4m enc.y4m --frame 0 -o maps");
    assert_eq!(ran.status, 0);
    assert!(ran.stderr.starts_with("warning: cambi: "), "{}", ran.stderr);
    assert_eq!(place.json("maps/maps.json")["features"].as_array().map(Vec::len), Some(2));
    let asked = place.vmaf("maps ref.y4m enc.y4m --frame 0 --feature vif --feature cambi -o other");
    assert!(asked.error().contains("at least 216"), "{}", asked.error());
    assert!(!place.path("other").exists());
}

#[test]
fn errors_are_one_line() {
    let place = Place::with_pair();
    place.file("short.y4m", CLIP.noisy(9).frames(3).y4m());
    place.file("broken.png", "no picture");
    place.file("black.png", "");
    image::GrayImage::new(96, 64).save(place.path("black.png")).expect("a picture");
    image::GrayImage::new(9, 9).save(place.path("small.png")).expect("a picture");
    for (arguments, reason) in [
        ("ref.y4m enc.y4m --frame 6", "ref.y4m has 6 frames: there is no frame 6"),
        ("ref.y4m short.y4m --frame 4", "short.y4m has 3 frames: there is no frame 4"),
        ("ref.y4m short.y4m --frame 3", "short.y4m has 3 frames: there is no frame 3"),
        ("ref.y4m none.y4m --frame 0", "none.y4m"),
        ("ref.y4m enc.y4m --frame -1", "'-1'"),
        ("ref.y4m enc.y4m", "--frame <N>"),
        (
            "ref.y4m enc.y4m --frame 0 --feature psnr",
            "psnr has no maps; these features have: vif, adm, cambi, butteraugli",
        ),
        ("ref.y4m enc.y4m --frame 0 --feature viff", "did you mean 'vif'"),
        ("ref.y4m enc.y4m --frame 0 --feature adm --feature adm=debug=true", "called 'adm'"),
        ("ref.y4m enc.y4m --frame 0 --roi 90:10:10:0", "not a part of a picture of 96x64"),
        ("ref.y4m enc.y4m --frame 0 --roi 0:10:10:0", "WIDTH:HEIGHT:X:Y"),
        ("ref.y4m enc.y4m --frame 0 --roi none.png", "nor an existing image"),
        ("ref.y4m enc.y4m --frame 0 --roi broken.png", "broken.png"),
        ("ref.y4m enc.y4m --frame 0 --roi black.png", "all weights are 0"),
        ("ref.y4m enc.y4m --frame 0 --roi small.png", "small.png is 9x9"),
    ] {
        let ran = place.vmaf(&format!("maps {arguments} -o maps"));
        assert!(ran.error().contains(reason), "{arguments}: {}", ran.error());
        assert!(!place.path("maps").exists(), "{arguments}");
    }
    let ran = place.vmaf("maps ref.y4m enc.y4m --frame 0 --feature vif -o ref.y4m");
    assert!(ran.error().contains("can't write ref.y4m"), "{}", ran.error());
}

#[test]
fn help_explains_the_maps() {
    let ran = Place::new().vmaf("maps --help");
    assert_eq!(ran.status, 0);
    for text in ["--roi", "--frame 240", "maps.json", "numpy.fromfile"] {
        assert!(ran.stdout.contains(text), "{text}");
    }
}
