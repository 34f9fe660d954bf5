//! Scenes: gates on the worst one, the table's column, the document's list, and parts of a run.

use crate::common::{Place, Ran};
use serde_json::{Value, json};

/// Three scenes, of which the second lasts longest.
const CUTS: [usize; 4] = [0, 10, 32, 42];
const MODEL: &str = "vmaf_v0.6.1";

/// Scenes of textures that move, with noise of this strength in each scene.
fn clip(noise: [u32; 3]) -> Vec<u8> {
    let mut video = b"YUV4MPEG2 W96 H64 F25:1 C420jpeg\n".to_vec();
    let mut state = 1_u32;
    for frame in 0..CUTS[3] {
        let scene = CUTS.iter().filter(|cut| **cut <= frame).count() - 1;
        video.extend(b"FRAME\n");
        video.extend((0..96 * 64).map(|at| {
            let (x, y) = (at % 96 + 2 * frame, at / 96);
            let texture = (x * (7 + scene) + y * 5) % 64;
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let wrong = (state >> 16) % (noise[scene] + 1);
            (40 + 50 * scene + texture) as u8 + wrong as u8
        }));
        video.extend(vec![128; 96 * 64 / 2]);
    }
    video
}

fn place() -> Place {
    let place = Place::new();
    place.file("ref.y4m", clip([0, 0, 0]));
    place.file("even.y4m", clip([3, 3, 3]));
    place.file("poor.y4m", clip([3, 20, 3]));
    place
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// The mean score of each scene of an encode, from the values of frames.
fn means(encode: &Value) -> Vec<f64> {
    let scores: Vec<f64> =
        serde_json::from_value(encode["frames"][MODEL].clone()).expect("numbers");
    CUTS.windows(2)
        .map(|cut| scores[cut[0]..cut[1]].iter().sum::<f64>() / (cut[1] - cut[0]) as f64)
        .collect()
}

#[test]
fn the_document_lists_scenes_with_their_pools() {
    let place = place();
    let ran = place.vmaf("score ref.y4m poor.y4m --metric psnr --pool window(0.2s) -o -");
    let document = document(&ran);
    let encode = &document["distorted"][0];
    let scenes = encode["scenes"].as_array().expect("a list");
    let means = means(encode);
    assert_eq!(scenes.len(), 3, "{ran:?}");
    for ((scene, cut), mean) in scenes.iter().zip(CUTS.windows(2)).zip(&means) {
        assert_eq!(scene["frames"], json!(cut));
        let times = [&scene["start"], &scene["end"]].map(|time| time.as_f64().expect("seconds"));
        let expected = [cut[0], cut[1]].map(|frame| frame as f64 / 25.0);
        assert!(times.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9));
        assert_eq!(scene["scores"][MODEL]["mean"].as_f64(), Some(*mean));
        let pools = scene["metrics"]["psnr_y"].as_object().expect("pools");
        let names: Vec<&str> = pools.keys().map(String::as_str).collect();
        // A window in a scene is none of the scene's pools.
        let mut expected = ["mean", "harmonic_mean", "min", "max", "p1", "p5"];
        expected.sort_unstable();
        assert!(names.iter().all(|name| expected.contains(name)) && names.len() == 6, "{names:?}");
    }
    let worst = &encode["scores"][MODEL]["worst_scene"];
    assert_eq!((&worst["frames"], worst["mean"].as_f64()), (&json!([10, 32]), Some(means[1])));
    // The form of lines has the worst scene, but not all of them.
    let lines = place.vmaf("score ref.y4m poor.y4m -o lines.jsonl");
    assert_eq!(lines.status, 0, "{lines:?}");
    let line = place.json("lines.jsonl");
    assert_eq!(&line["scores"][MODEL]["worst_scene"], worst);
    assert_eq!(line.get("scenes"), None);
}

#[test]
fn gates_judge_the_worst_scene() {
    let place = place();
    let ran = place.vmaf("score ref.y4m even.y4m poor.y4m --gate scene(min)>=0 -o -");
    let document = document(&ran);
    let worst = |encode: usize| {
        let means = means(&document["distorted"][encode]);
        means.into_iter().reduce(f64::min).expect("scenes")
    };
    let (even, poor) = (worst(0), worst(1));
    assert!(even > poor + 5.0, "{even} and {poor}");
    let gate = &document["distorted"][1]["gates"][0];
    assert_eq!(gate["value"].as_f64(), Some(poor));
    assert_eq!((&gate["worst"]["frame"], &gate["worst"]["start"]), (&json!(10), &json!(0.4)));
    let line = format!("score ref.y4m even.y4m poor.y4m --gate scene(min)>={}", even - 0.01);
    let ran = place.vmaf(&line);
    assert_eq!(ran.status, 1);
    let failed: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("FAILED")).collect();
    assert!(matches!(failed[..], [one] if one.contains("at 00:00.400-00:01.280")), "{ran:?}");
    // Values where less is better have a scene with the highest mean.
    assert_eq!(place.vmaf("score ref.y4m poor.y4m --gate scene(max)<=1").status, 1);
}

#[test]
fn tables_show_the_worst_scene_if_there_are_cuts() {
    let place = place();
    let ran = place.vmaf("score ref.y4m poor.y4m");
    let row = ran.stdout.lines().find(|line| line.starts_with("poor.y4m")).expect("a row");
    assert!(ran.stdout.contains("worst scene") && row.ends_with("at 00:00.400"), "{ran:?}");
    let one = place.vmaf("score ref.y4m poor.y4m --frames 12..30");
    assert!(!one.stdout.contains("worst scene"), "{one:?}");
}

#[test]
fn parts_and_samples_have_the_scenes_of_the_whole_run() {
    let place = place();
    let whole = document(&place.vmaf("score ref.y4m poor.y4m --metric psnr -o -"));
    for count in [2, 5] {
        let parts: Vec<String> = (1..=count).map(|index| format!("part-{index}")).collect();
        for (index, part) in (1..).zip(&parts) {
            let line = "score ref.y4m poor.y4m --metric psnr";
            let ran = place.vmaf(&format!("{line} --shard {index}/{count} -o {part}"));
            assert_eq!(ran.status, 0, "{ran:?}");
        }
        let merged = document(&place.vmaf(&format!("merge {} -o -", parts.join(" "))));
        assert_eq!(merged["distorted"], whole["distorted"]);
    }
    let sampled = document(&place.vmaf("score ref.y4m poor.y4m --every 4 -o -"));
    let frames = |document: &Value| -> Vec<Value> {
        let scenes = document["distorted"][0]["scenes"].as_array().expect("a list");
        scenes.iter().map(|scene| scene["frames"].clone()).collect()
    };
    assert_eq!(frames(&sampled), frames(&whole));
}

#[test]
fn a_changed_bound_of_a_scene_needs_no_measuring() {
    let place = place();
    place.file("manifest.csv", "reference,distorted\nref.y4m,poor.y4m\n");
    let ran = place.vmaf("batch manifest.csv -o results.jsonl --gate mean>=0");
    assert_eq!(ran.status, 0, "{ran:?}");
    let worst = &place.json("results.jsonl")["scores"][MODEL]["worst_scene"]["mean"];
    let worst = worst.as_f64().expect("a mean");
    let gate = format!("batch manifest.csv -o results.jsonl --gate scene(min)>={}", worst + 1.0);
    let ran = place.vmaf(&gate);
    assert_eq!(ran.status, 1, "{ran:?}");
    let lines = place.read("results.jsonl");
    let judged: Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
    let gate = &judged["gates"][0];
    assert_eq!((gate["value"].as_f64(), gate["held"].as_bool()), (Some(worst), Some(false)));
    // The stretch of a verdict is that of the values that it was made from, which the line lacks.
    assert_eq!(gate["worst"], Value::Null);
}
