//! `--sample`: which frames are drawn, and what pools of them tell of all.

use serde_json::{Value, json};

use crate::common::{CLIP, Place};

const FRAMES: usize = 160;

/// A place whose encode has a pyramid of eight frames: its quality goes by the place in it.
fn place() -> Place {
    let place = Place::new();
    place.file("ref.y4m", CLIP.frames(FRAMES).y4m());
    let levels = [5, 35, 25, 35, 15, 35, 25, 35];
    let clip = |noise: u32| CLIP.frames(FRAMES).noisy(noise).y4m();
    let clips: Vec<Vec<u8>> = levels.iter().map(|noise| clip(*noise)).collect();
    let header = clips[0].iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    let size = (clips[0].len() - header) / FRAMES;
    let mut encode = clips[0][..header].to_vec();
    for frame in 0..FRAMES {
        let at = header + frame * size;
        encode.extend_from_slice(&clips[frame % 8][at..at + size]);
    }
    place.file("enc.y4m", encode);
    place
}

fn numbers(document: &Value) -> Vec<u64> {
    let numbers = document["distorted"][0]["frame_numbers"].as_array().expect("numbers");
    numbers.iter().map(|number| number.as_u64().expect("a number")).collect()
}

fn score(document: &Value) -> &Value {
    &document["distorted"][0]["scores"]["vmaf_v0.6.1"]
}

fn mean(document: &Value) -> f64 {
    score(document)["mean"].as_f64().expect("a mean")
}

#[test]
fn samples_are_unbiased_and_have_confidence_intervals() {
    let place = place();
    let whole = place.score("ref.y4m enc.y4m");
    let truth = mean(&whole);
    // Every eighth frame is the best of its pyramid.
    let every = mean(&place.score("ref.y4m enc.y4m --every 8"));
    assert!(every > truth + 5.0, "{every}, {truth}");
    let sample = place.score("ref.y4m enc.y4m --sample 40 --metric psnr");
    let drawn = numbers(&sample);
    // One of each four, the same in every run, with the values of the whole.
    assert!(drawn.len() == 40 && drawn.iter().enumerate().all(|(at, n)| *n as usize / 4 == at));
    assert_eq!(drawn, numbers(&place.score("ref.y4m enc.y4m --sample 25% --threads 3")));
    let values = |document: &Value, at: usize| {
        document["distorted"][0]["frames"]["vmaf_v0.6.1"][at].as_f64().expect("a score")
    };
    for (at, number) in drawn.iter().enumerate() {
        assert_eq!(values(&sample, at), values(&whole, *number as usize));
    }
    assert_eq!(sample["options"]["sample"], json!({"count": 1, "of": 4}));
    let intervals = &score(&sample)["intervals"];
    for pool in ["mean", "harmonic_mean", "p5"] {
        let truth = score(&whole)[pool].as_f64().expect("a pool");
        let end = |end: usize| intervals[pool][end].as_f64();
        assert!(end(0).is_none_or(|low| low <= truth), "{pool}: {intervals}");
        assert!(end(1).is_some_and(|high| truth <= high), "{pool}: {intervals}");
    }
    assert!(intervals["mean"][0].as_f64().is_some_and(|low| low > truth - 6.0), "{intervals}");
    // A sample can't tell how bad the worst frame is.
    assert_eq!(intervals["min"], Value::Null);
    assert!(sample["distorted"][0]["metrics"]["psnr_y"]["intervals"]["mean"][0].is_number());
    // A run of all frames has none of this.
    assert_eq!((score(&whole).get("intervals"), whole["options"].get("sample")), (None, None));
    let table = place.vmaf("score ref.y4m enc.y4m --sample 40").stdout;
    assert!(table.contains("a random sample of 40 frames") && table.contains(" to "), "{table}");
    let all = place.score("ref.y4m enc.y4m --sample 1000");
    assert_eq!(numbers(&all).len(), FRAMES);
    assert_eq!(score(&all)["intervals"]["mean"], json!([mean(&all), mean(&all)]));
}

#[test]
fn gates_that_a_sample_leaves_undecided_are_reported() {
    let place = place();
    let sample = place.score("ref.y4m enc.y4m --sample 20");
    let estimate = mean(&sample);
    let gate = |gate: &str| place.vmaf(&format!("score ref.y4m enc.y4m --sample 20 --gate {gate}"));
    let (near, far) = (format!("mean>={}", estimate - 0.1), format!("mean>={}", estimate - 30.0));
    let ran = gate(&near);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("within the 95% interval of the sample"), "{ran:?}");
    assert!(!gate(&far).stderr.contains("warning"));
    assert!(gate("min>=1").stderr.contains("no interval of this pool"));
}

#[test]
fn parts_and_excerpts_draw_the_same_frames() {
    let place = place();
    let drawn = |line: &str| numbers(&place.score(&format!("ref.y4m enc.y4m {line}")));
    let excerpt = drawn("--frames 40..80 --sample 10");
    assert!(excerpt.len() == 10 && excerpt.iter().all(|number| (40..80).contains(number)));
    let whole = drawn("--sample 20");
    for index in 1..=3 {
        let shard = format!("score ref.y4m enc.y4m --sample 20 --shard {index}/3 -o p{index}");
        assert_eq!(place.vmaf(&shard).status, 0);
    }
    let ran = place.vmaf("merge p1 p2 p3 -o -");
    assert_eq!(numbers(&serde_json::from_str(&ran.stdout).expect("JSON")), whole);
}

#[test]
fn impossible_samples_are_refused() {
    let place = Place::with_pair();
    let error = |line: &str| {
        let ran = place.vmaf(&format!("score {line}"));
        assert_eq!(ran.status, 2, "{ran:?}");
        ran.stderr
    };
    for bad in ["0", "0%", "101%", "-3", "few"] {
        let told = error(&format!("ref.y4m enc.y4m --sample={bad}"));
        assert!(told.contains("a share above 0 and up to 100%"), "{told}");
    }
    assert!(error("ref.y4m enc.y4m --sample 3 --every 2").contains("--every"));
}
