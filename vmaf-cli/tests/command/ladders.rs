//! Ladders of encodes that were coded in different sizes and bit depths, in one pass under every
//! model: each encode has what it has alone, to the last digit.
//!
//! The files are made by the FFmpeg program that `VMAF_FFMPEG` names, or the one on the path.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::common::Place;
use crate::real_files::{LOSSLESS, make, moving};

/// The encodes: small, deep, and as the reference is.
const ENCODES: [&str; 4] = ["180p.mp4", "270p10.mp4", "180p10.mp4", "270p.mp4"];

/// The models and metrics that are measured.
const MEASURES: &str = "--model v1 --model v0 --metric psnr --frames ..8";

/// A reference of 480x270 and its encodes.
fn ladder() -> &'static Place {
    static LADDER: OnceLock<Place> = OnceLock::new();
    LADDER.get_or_init(|| {
        let place = Place::new();
        make(&place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mp4", moving("25", 10)));
        let x264 = "-c:v libx264 -crf 34 -preset veryfast";
        let encodes = [
            "-vf scale=320:180:flags=bicubic -pix_fmt yuv420p",
            "-pix_fmt yuv420p10le",
            "-vf scale=320:180:flags=bicubic -pix_fmt yuv420p10le",
            "-pix_fmt yuv420p",
        ];
        let outputs = encodes.iter().zip(ENCODES).map(|(how, name)| format!("{x264} {how} {name}"));
        let outputs: Vec<String> = outputs.collect();
        make(&place, &format!("-i ref.mp4 {}", outputs.join(" ")));
        place
    })
}

/// The document of each encode alone.
fn alone() -> &'static [Value; 4] {
    static ALONE: OnceLock<[Value; 4]> = OnceLock::new();
    ALONE.get_or_init(|| ENCODES.map(|name| ladder().score(&format!("ref.mp4 {name} {MEASURES}"))))
}

/// The ladder's document has of each encode what its own has.
fn assert_each_as_alone(document: &Value) {
    for (index, (name, alone)) in ENCODES.iter().zip(alone()).enumerate() {
        let (found, alone) = (&document["distorted"][index], &alone["distorted"][0]);
        assert_eq!(found["path"], *name);
        assert_eq!(found, alone, "{name}");
    }
}

#[test]
fn a_ladder_of_sizes_and_depths_has_the_scores_of_separate_runs() {
    let place = ladder();
    let files = ENCODES.join(" ");
    let outputs = "-o ladder.json -o ladder.csv --report ladder.html";
    let ran = place.vmaf(&format!("score ref.mp4 {files} {MEASURES} {outputs}"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let document: Value = serde_json::from_str(&place.read("ladder.json")).expect("JSON");
    assert_each_as_alone(&document);

    // The options that describe an encode are its own, under the names of all columns.
    let cambi = |index: usize| &document["distorted"][index]["metrics"]["cambi"];
    let described = |index: usize| {
        ["enc_width", "enc_height", "enc_bitdepth"].map(|name| &cambi(index)["options"][name])
    };
    assert_eq!(described(0), [&json!("320"), &json!("180"), &json!("8")]);
    assert_eq!(described(1), [&Value::Null; 3]);
    assert_eq!(described(2), [&json!("320"), &json!("180"), &Value::Null]);
    assert_eq!(described(3), [&Value::Null, &Value::Null, &json!("8")]);
    let of_run = document["measured"].as_array().expect("a list");
    let of_run = of_run.iter().find(|it| it["feature"] == "cambi").expect("measured");
    assert_eq!(of_run["options"]["enc_bitdepth"], Value::Null);
    // Of one encode they are the run's.
    let of_run = alone()[0]["measured"].as_array().expect("a list");
    let of_run = of_run.iter().find(|it| it["feature"] == "cambi").expect("measured");
    assert_eq!(of_run["options"]["enc_bitdepth"], "8");
    assert_eq!(
        document["reference"]["conformed"],
        json!(["promoted from 8 to 10 bits for deeper encodes"])
    );

    let csv = place.read("ladder.csv");
    let header = csv.lines().next().expect("a header");
    assert!(header.contains(",cambi,") && header.contains(",psnr_y,"), "{header}");
    assert_eq!(csv.lines().count(), 1 + 4 * 8);
    let page = place.read("ladder.html");
    let own = "cambi:cambi_high_res_speedup=1080:cambi_max_val=17:cambi_vis_lum_threshold=0.06:\
               enc_bitdepth=8:enc_height=180:enc_width=320";
    assert!(page.contains("Features of 180p.mp4") && page.contains(own), "{own}");
    assert!(
        ran.stdout.contains("v0 is the model vmaf_v0.6.1, measured at 8 to 10 bits"),
        "{ran:?}"
    );

    // The scores are those of pictures that differ.
    let v1 = |index: usize| document["distorted"][index]["scores"]["v1"]["mean"].as_f64();
    assert!(v1(0) < v1(3) && v1(2) < v1(1), "{:?}", [0, 1, 2, 3].map(v1));
}

#[test]
fn libvmaf_logs_describe_the_encode() {
    let place = ladder();
    let ran = place.vmaf(&format!("score ref.mp4 180p.mp4 {MEASURES} -q -o one.xml"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let log = place.read("one.xml");
    assert!(log.contains("_encbd_8_ench_180_encw_320=\""), "{log}");
}

#[test]
fn merged_shards_of_a_ladder_equal_the_whole_run() {
    let place = ladder();
    let files = ENCODES.join(" ");
    for shard in ["1/2", "2/2"] {
        let output = format!("-o part{}.vmafpart", &shard[..1]);
        let ran = place.vmaf(&format!("score ref.mp4 {files} {MEASURES} --shard {shard} {output}"));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }
    let ran = place.vmaf("merge part1.vmafpart part2.vmafpart -q -o merged.json");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let document = serde_json::from_str(&place.read("merged.json")).expect("JSON");
    assert_each_as_alone(&document);
}

/// Metrics of light, which read several earlier frames of each encode, or none.
#[test]
fn metrics_of_light_are_the_same_alone_in_shards_and_in_a_batch() {
    let place = ladder();
    let encodes = &ENCODES[..2];
    let files = encodes.join(" ");
    let measures =
        "--no-model --metric butteraugli --metric cvvdp --metric ssimulacra2 --frames 3..6";
    let alone: Vec<Value> = encodes
        .iter()
        .map(|name| place.score(&format!("ref.mp4 {name} {measures}"))["distorted"][0].take())
        .collect();
    let compare = |document: &Value, what: &str| {
        let found = document["distorted"].as_array().expect("a list");
        assert_eq!(found, &alone, "{what}");
    };
    compare(&place.score(&format!("ref.mp4 {files} {measures}")), "a ladder");
    for shard in 1..=2 {
        let part = format!("--shard {shard}/2 -o light{shard}.vmafpart");
        let ran = place.vmaf(&format!("score ref.mp4 {files} {measures} {part}"));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }
    let ran = place.vmaf("merge light1.vmafpart light2.vmafpart -q -o light.json");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    compare(&place.json("light.json"), "shards");
    place.file("light.csv", format!("reference,distorted\nref.mp4,{}\n", encodes.join(";")));
    let ran = place.vmaf(&format!("batch light.csv -o light.jsonl {measures}"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    for (line, alone) in place.read("light.jsonl").lines().zip(&alone) {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        for member in ["metrics", "aggregates"] {
            assert!(line[member].is_object());
            assert_eq!(line[member], alone[member], "{member}");
        }
    }
    let mean = |index: usize, metric: &str| alone[index]["metrics"][metric]["mean"].as_f64();
    assert!(mean(0, "ssimulacra2") < mean(1, "ssimulacra2"));
    assert!(mean(0, "butteraugli") > mean(1, "butteraugli"));
}

#[test]
fn a_batch_measures_a_ladder_in_one_pass() {
    let place = ladder();
    place.file("list.csv", format!("reference,distorted\nref.mp4,{}\n", ENCODES.join(";")));
    let ran = place.vmaf(&format!("batch list.csv -o out.jsonl {MEASURES}"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    // One pass reads each frame of the reference once.
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("\n9 frames in "), "{ran:?}");
    let text = place.read("out.jsonl");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!(lines.len(), 4);
    for (line, alone) in lines.iter().zip(alone()) {
        for member in ["scores", "metrics", "aggregates", "alignment"] {
            assert_eq!(line[member], alone["distorted"][0][member], "{member}");
        }
        for member in ["models", "measured"] {
            assert_eq!(line[member], alone[member], "{member}");
        }
        assert_eq!(line["reference_video"]["conformed"], alone["reference"]["conformed"]);
        assert_eq!(line["distorted_video"]["conformed"], alone["distorted"][0]["conformed"]);
    }
}
