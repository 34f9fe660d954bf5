//! `vmaf score`: what its outputs hold, and what must not change them.

use std::io::Read;
use std::process::Stdio;

use crate::common::{CLIP, Clip, Place, data};
use serde_json::{Value, json};

fn mean(document: &Value, encode: usize, model: &str) -> f64 {
    document["distorted"][encode]["scores"][model]["mean"].as_f64().expect("a score")
}

/// A column of an encode's frames.
fn column<'a>(document: &'a Value, encode: usize, name: &str) -> &'a [Value] {
    let values = &document["distorted"][encode]["frames"][name];
    values.as_array().expect("a column")
}

/// The document without what depends on the machine.
fn results(mut document: Value) -> Value {
    document["run"] = Value::Null;
    document
}

#[test]
fn the_document_is_as_documented() {
    let place = Place::with_pair();
    let document = place.score("ref.y4m enc.y4m --pool median --pool window(0.1s)");
    assert_eq!(document["schema"], 1);
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    let reference = &document["reference"];
    assert_eq!(reference["path"], "ref.y4m");
    assert_eq!((&reference["width"], &reference["height"]), (&json!(96), &json!(64)));
    assert_eq!((&reference["chroma"], &reference["bit_depth"]), (&json!("4:2:0"), &json!(8)));
    assert_eq!(reference["frame_rate"], json!({"num": 25, "den": 1}));

    let encode = &document["distorted"][0];
    assert_eq!((&encode["path"], &encode["frame_count"]), (&json!("enc.y4m"), &json!(6)));
    assert_eq!(encode["frame_numbers"], json!([0, 1, 2, 3, 4, 5]));
    assert_eq!(encode["frame_times"][1], 0.04);
    let score = encode["scores"]["vmaf_v0.6.1"].as_object().expect("the model's scores");
    let pools = ["mean", "harmonic_mean", "min", "max", "p1", "p5", "median", "window(0.1s)"];
    for pool in pools {
        assert!(score[pool].is_f64(), "{pool}");
        assert!(encode["metrics"]["integer_adm2"][pool].is_f64(), "{pool}");
    }
    assert!(score["worst_second"]["time"].is_f64());
    let frames = column(&document, 0, "vmaf_v0.6.1");
    let of_frames: f64 = frames.iter().filter_map(Value::as_f64).sum::<f64>() / 6.0;
    assert_eq!(mean(&document, 0, "vmaf_v0.6.1"), of_frames);

    let model = &document["models"][0];
    assert_eq!((&model["label"], &model["name"]), (&json!("vmaf_v0.6.1"), &json!("vmaf_v0.6.1")));
    assert_eq!(model["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(model["features"][0], json!({"feature": "adm", "options": {}}));
    assert_eq!(document["options"]["frames"], json!([0, null]));
    assert_eq!(document["options"]["pools"], json!(pools));
    assert!(document["run"]["instruction_set"].is_string());
    assert_eq!(document["warnings"], json!([]));
}

#[test]
fn scores_equal_those_of_the_drop_in_command() {
    let place = Place::with_pair();
    let document = place.score("ref.y4m enc.y4m");
    let log = data("default.csv");
    for (line, score) in log.lines().skip(1).zip(column(&document, 0, "vmaf_v0.6.1")) {
        let recorded = line.trim_end_matches(',').rsplit(',').next().expect("a score");
        assert_eq!(format!("{:.6}", score.as_f64().expect("a number")), recorded);
    }
    let ran = place.vmaf("score ref.y4m enc.y4m -q --model vmaf_v0.6.1:name=vmaf -o log.xml");
    assert_eq!((ran.status, &ran.stdout[..]), (0, ""));
    let frames = |log: &str| log[log.find("<frames>").expect("frames")..].to_owned();
    assert_eq!(frames(&place.read("log.xml")), frames(&data("default.xml")));
}

#[test]
fn the_v1_models_measure_at_10_bits_and_use_the_encodes_bit_depth() {
    let place = Place::new();
    let eight = Clip { width: 240, height: 180, frames: 3, ..CLIP };
    let ten = Clip { depth: 10, ..eight };
    for (name, clip) in [("8", eight), ("10", ten)] {
        place.file(&format!("ref{name}.y4m"), clip.y4m());
        place.file(&format!("enc{name}.y4m"), clip.noisy(25).y4m());
    }
    let document = place.score("ref8.y4m enc8.y4m --model v1 --model v0");
    let [v1, v0] = [0, 1].map(|model| &document["models"][model]);
    assert_eq!((&v1["label"], &v1["name"]), (&json!("v1"), &json!("vmaf_v1.0.16_3d0h")));
    assert_eq!((&v1["bit_depth"], &v0["bit_depth"]), (&json!(10), &json!(8)));
    assert_eq!(document["distorted"][0]["metrics"]["cambi"]["options"]["enc_bitdepth"], "8");
    assert_eq!(column(&document, 0, "cambi").len(), 3);

    // As by hand: promoted, and told.
    let told = "-m version=vmaf_v1.0.16_3d0h:cambi.enc_bitdepth=8";
    let ran = place.vmaf(&format!("-r ref10.y4m -d enc10.y4m {told} -q --csv -o log.csv"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    for (line, score) in place.read("log.csv").lines().skip(1).zip(column(&document, 0, "v1")) {
        let recorded = line.trim_end_matches(',').rsplit(',').next().expect("a score");
        assert_eq!(format!("{:.6}", score.as_f64().expect("a number")), recorded);
    }
    // Beside it, the other model is what it is alone.
    let alone = place.score("ref8.y4m enc8.y4m --model v0");
    assert_eq!(column(&document, 0, "v0"), column(&alone, 0, "v0"));
    // An encode of ten bits needs neither.
    let native = place.score("ref10.y4m enc10.y4m --model v1");
    assert_eq!(native["distorted"][0]["metrics"]["cambi"]["options"]["enc_bitdepth"], Value::Null);
}

#[test]
fn auto_selects_the_model_by_the_reference_and_reports_it() {
    let place = Place::new();
    let clip = Clip { width: 240, height: 180, frames: 2, ..CLIP };
    place.file("ref.yuv", clip.raw());
    place.file("enc.yuv", clip.noisy(25).raw());
    let files = "ref.yuv enc.yuv --size 240x180 --model auto";
    let slow = place.score(&format!("{files} --fps 30"));
    assert_eq!(slow["models"][0]["chosen_for"], "180 lines at 30 frames/s");
    assert!(mean(&slow, 0, "v1") > 0.0);
    let fast = place.score(&format!("{files} --fps 50"));
    assert_eq!(fast["models"][0]["name"], "vmaf_v1.0.16_hfr_3d0h");
    assert!(mean(&fast, 0, "v1-hfr") > 0.0);
    let ran = place.vmaf(&format!("score {files} --fps 50"));
    let said = "v1-hfr is the model vmaf_v1.0.16_hfr_3d0h, chosen for 180 lines at 50 frames/s";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    for format in ["csv", "xml"] {
        let ran = place.vmaf(&format!("score {files} --fps 50 -o - --format {format}"));
        assert!(ran.stdout.contains("v1-hfr"), "{format}");
    }
}

#[test]
fn a_ladder_has_the_scores_of_separate_runs() {
    let place = Place::with_pair();
    place.file("worse.y4m", CLIP.noisy(35).y4m());
    let models = "--model vmaf_b_v0.6.3 --model vmaf_v0.6.1neg --metric vif=debug=true";
    let ladder = place.score(&format!("ref.y4m enc.y4m worse.y4m {models}"));
    for (place_in_ladder, name) in ["enc.y4m", "worse.y4m"].iter().enumerate() {
        let alone = place.score(&format!("ref.y4m {name} {models}"));
        assert_eq!(ladder["distorted"][place_in_ladder], alone["distorted"][0]);
    }
    assert!(mean(&ladder, 0, "vmaf_v0.6.1neg") > mean(&ladder, 1, "vmaf_v0.6.1neg"));
    let interval = &ladder["distorted"][0]["scores"]["vmaf_b_v0.6.3"]["bootstrap"];
    assert!(interval["ci_p95_lo"].as_f64() < interval["ci_p95_hi"].as_f64());
    assert!(column(&ladder, 0, "integer_vif_num_scale0")[0].is_f64());
}

#[test]
fn a_failing_encode_does_not_affect_the_others() {
    let place = Place::with_pair();
    let mut cut = CLIP.noisy(9).y4m();
    cut.truncate(cut.len() * 2 / 3);
    place.file("cut.y4m", cut);
    place.file("small.y4m", Clip { width: 64, ..CLIP }.y4m());
    let ran = place.vmaf("score ref.y4m missing.y4m cut.y4m enc.y4m small.y4m -o out.json");
    assert_eq!(ran.status, 2);
    let errors: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors.iter().all(|line| line.starts_with("error: ")));
    let document = place.json("out.json");
    let encodes = document["distorted"].as_array().expect("encodes");
    let error = |encode: usize| encodes[encode]["error"].as_str().unwrap_or_default();
    assert!(error(0).contains("missing.y4m") && error(1).contains("frame 3"));
    assert!(error(3).contains("64x64"));
    assert!(encodes[1].get("scores").is_none() && encodes[1]["width"] == 96);
    let alone = place.score("ref.y4m enc.y4m");
    assert_eq!(encodes[2], alone["distorted"][0]);
}

#[test]
fn nothing_is_written_if_every_encode_fails() {
    let place = Place::with_pair();
    let before = place.names();
    let ran = place.vmaf("score ref.y4m missing.y4m gone.y4m -o out.json -o out.csv");
    assert_eq!((ran.status, ran.stderr.lines().count()), (2, 2));
    assert_eq!(place.names(), before);
}

#[test]
fn frames_of_an_excerpt_have_the_values_of_the_whole_run() {
    let place = Place::with_pair();
    let whole = place.score("ref.y4m enc.y4m --metric motion=motion_five_frame_window=true");
    let names = whole["distorted"][0]["frames"].as_object().expect("columns");
    for (range, start, end) in [("2..4", 2, 4), ("..3", 0, 3), ("4..", 4, 6), ("0..6", 0, 6)] {
        let metric = "--metric motion=motion_five_frame_window=true";
        let excerpt = place.score(&format!("ref.y4m enc.y4m {metric} --frames {range}"));
        for name in names.keys() {
            let expected = &column(&whole, 0, name)[start..end];
            assert_eq!(column(&excerpt, 0, name), expected, "{name} of {range}");
        }
        assert_eq!(excerpt["distorted"][0]["frame_numbers"][0], start);
    }
    let every = place.score("ref.y4m enc.y4m --every 2");
    assert_eq!(every["distorted"][0]["frame_numbers"], json!([0, 2, 4]));
    let (every, whole) = (column(&every, 0, "vmaf_v0.6.1"), column(&whole, 0, "vmaf_v0.6.1"));
    assert!(every.iter().eq(whole.iter().step_by(2)));
}

#[test]
fn shortest_applies_to_each_encode_separately() {
    let place = Place::with_pair();
    place.file("short.y4m", CLIP.noisy(25).frames(4).y4m());
    place.file("ref4.y4m", CLIP.frames(4).y4m());
    let cut = place.score("ref4.y4m short.y4m");
    let short = place.score("ref.y4m short.y4m --shortest");
    assert_eq!(short["distorted"], cut["distorted"]);
    let both = place.score("ref.y4m enc.y4m short.y4m --shortest");
    assert_eq!(both["distorted"][1], cut["distorted"][0]);
    assert_eq!(both["distorted"][0], place.score("ref.y4m enc.y4m")["distorted"][0]);
    let longer = place.score("ref4.y4m enc.y4m --shortest");
    assert_eq!(longer["distorted"][0]["frames"], cut["distorted"][0]["frames"]);
    // Frames that both have are no matter of length.
    place.score("ref.y4m short.y4m --frames 1..4");
}

#[test]
fn scores_do_not_depend_on_the_number_of_threads() {
    let place = Place::with_pair();
    let run = |threads: usize| {
        let more = "--model vmaf_b_v0.6.3 --metric motion=debug=true";
        results(place.score(&format!("ref.y4m enc.y4m enc.y4m {more} --threads {threads}")))
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn every_format_holds_the_same_numbers() {
    let place = Place::with_pair();
    place.file("b,\"c\".y4m", CLIP.noisy(35).y4m());
    let outputs = ["-o", "out.json", "-o", "out.csv", "-o", "out.jsonl"];
    let arguments = ["score", "ref.y4m", "enc.y4m", "b,\"c\".y4m", "-q"];
    let status = place.command(&[&arguments[..], &outputs[..]].concat()).status();
    assert!(status.expect("the command runs").success());
    let document = place.json("out.json");
    let text = place.read("out.csv");
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let header = csv.headers().expect("a header").clone();
    assert_eq!(header.iter().take(3).collect::<Vec<_>>(), ["distorted", "frame", "time"]);
    let mut rows = 0;
    for (row, record) in csv.records().map(|record| record.expect("a record")).enumerate() {
        let (encode, frame) = (row / 6, row % 6);
        assert_eq!(&record[0], document["distorted"][encode]["path"].as_str().expect("a path"));
        for (name, value) in header.iter().zip(&record).skip(3) {
            let value: f64 = value.parse().expect("a number");
            assert_eq!(column(&document, encode, name)[frame].as_f64(), Some(value));
        }
        rows += 1;
    }
    assert_eq!(rows, 12);
    for (encode, line) in place.read("out.jsonl").lines().enumerate() {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(line["scores"], document["distorted"][encode]["scores"]);
        assert_eq!(line["distorted"], document["distorted"][encode]["path"]);
        assert_eq!(line["models"], document["models"]);
    }
}

#[test]
fn the_table_shows_the_model_and_the_worst_second() {
    let place = Place::with_pair();
    let ran = place.vmaf("score ref.y4m enc.y4m --metric vif --model vmaf_v0.6.1:name=tv");
    assert_eq!((ran.status, &ran.stderr[..]), (0, ""));
    assert!(ran.stdout.contains("tv is the model vmaf_v0.6.1"), "{}", ran.stdout);
    // Six frames are too few to prove pairs by.
    assert!(ran.stdout.contains("enc.y4m: too little motion to prove"), "{}", ran.stdout);
    let row = ran.stdout.lines().find(|line| line.starts_with("enc.y4m ")).expect("a row");
    assert!(row.contains("tv") && row.contains(" at 00:00.000"), "{row}");
    assert!(ran.stdout.contains("integer_vif_scale3") && ran.stdout.contains("frames/s"));
    assert!(!ran.stdout.contains('\u{1b}'), "colours in a pipe");
}

#[test]
fn closing_standard_output_early_is_not_a_panic() {
    let place = Place::with_pair();
    // More than a pipe holds.
    place.file("long.y4m", CLIP.frames(400).y4m());
    let mut command = place.command(&["score", "long.y4m", "long.y4m", "-o", "-"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
    assert_eq!((child.wait().expect("an exit").code(), &stderr[..]), (Some(2), ""));
    let mut listing = place.command(&["metrics"]);
    let mut child = listing.stdout(Stdio::piped()).spawn().expect("started");
    drop(child.stdout.take());
    assert!(child.wait().expect("an exit").success());
}

#[test]
fn raw_video_and_pipes_are_scored() {
    let place = Place::with_pair();
    let deep = Clip { depth: 10, ..CLIP };
    place.file("ref.yuv", deep.raw());
    place.file("enc.y4m", deep.noisy(25).y4m());
    let raw = place.score("ref.yuv enc.y4m --size 96x64 --pix-fmt yuv420p10le --fps 25");
    place.file("ref10.y4m", deep.y4m());
    let y4m = place.score("ref10.y4m enc.y4m");
    assert_eq!(raw["distorted"], y4m["distorted"]);
    let file = std::fs::File::open(place.path("enc.y4m")).expect("the encode");
    let mut command = place.command(&["score", "ref10.y4m", "-", "-o", "piped.json"]);
    assert!(command.stdin(file).output().expect("the command runs").status.success());
    assert_eq!(place.json("piped.json")["distorted"][0]["frames"], y4m["distorted"][0]["frames"]);
}

#[test]
fn a_model_made_for_another_size_is_warned_of() {
    let place = Place::new();
    let large = Clip { width: 64, height: 2160, frames: 1, ..CLIP };
    place.file("ref.y4m", large.y4m());
    let ran = place.vmaf("score ref.y4m ref.y4m -o out.json");
    assert_eq!(ran.status, 0);
    assert!(ran.stderr.starts_with("warning: ") && ran.stderr.contains("v0-4k"));
    let document = place.json("out.json");
    assert!(document["warnings"][0].as_str().expect("a warning").contains("2160"));
}

#[test]
fn listings_fit_100_columns() {
    let place = Place::new();
    for listing in ["models", "metrics", "metrics adm", "metrics motion", "metrics vif"] {
        let ran = place.vmaf(listing);
        assert_eq!(ran.status, 0);
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 100, "{listing}: {line}");
        }
    }
    assert!(place.vmaf("models").stdout.contains("vmaf_4k_v0.6.1neg"));
    assert!(place.vmaf("metrics adm").stdout.contains("adm_csf_mode=0"));
}
