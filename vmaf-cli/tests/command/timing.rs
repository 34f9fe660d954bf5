//! Encodes that lack many frames, or whose frame rate was converted: which frames are paired, and
//! what is refused.

use crate::common::Place;
use crate::real_files::{ENCODE, LOSSLESS, make, mean, moving};

/// The greatest difference from the score of the same frames of the clean pair.
const NEAR: f64 = 0.1;

/// Frames that are paired beside others than in the clean pair have other motion.
const NEAR_ELSEWHERE: f64 = 0.6;

/// A place with a source and its encode, of so many frames.
fn place(frames: u32) -> Place {
    let place = Place::new();
    make(&place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mp4", moving("25", frames)));
    make(&place, &format!("-i ref.mp4 {ENCODE} enc.mp4"));
    place
}

fn assert_refused(place: &Place, arguments: &str, parts: &[&str]) {
    let ran = place.vmaf(&format!("score {arguments}"));
    assert_eq!(ran.status, 2, "{arguments}: {}", ran.stdout);
    for part in parts {
        assert!(ran.stderr.contains(part), "{arguments}: '{part}' is not in: {}", ran.stderr);
    }
}

#[test]
fn many_dropped_frames_are_skipped() {
    let place = place(100);
    let select = |name: &str, frames: &str| {
        let filter = format!("select='not(between(n\\,{frames}))',setpts=N/25/TB");
        make(
            &place,
            &format!("-i enc.mp4 -vf \"{filter}\" -fps_mode passthrough -c:v ffv1 {name}"),
        );
    };
    select("late.mkv", "0\\,39");
    select("gap.mkv", "30\\,59");
    // The first forty frames are lacking.
    let rest = mean(&place.score("ref.mp4 late.mkv --offset -40"));
    let late = place.score("ref.mp4 late.mkv --align content");
    let found = mean(&late);
    assert!((found - rest).abs() <= NEAR, "{found}, not {rest}");
    let alignment = &late["distorted"][0]["alignment"];
    assert_eq!(alignment["changes"][0]["lacking"], 40, "{alignment}");
    assert!(alignment["agreeing"].as_u64().is_some_and(|votes| votes >= 3), "{alignment}");
    // Thirty in the middle.
    let clean = mean(&place.score("ref.mp4 enc.mp4"));
    let gap = place.score("ref.mp4 gap.mkv --align content");
    let found = mean(&gap);
    assert!((found - clean).abs() <= NEAR_ELSEWHERE, "{found}, not {clean}");
    let changes = &gap["distorted"][0]["alignment"]["changes"];
    assert_eq!(changes.as_array().map(Vec::len), Some(1), "{changes}");
    assert_eq!([&changes[0]["reference_frame"], &changes[0]["lacking"]], [30, 30], "{changes}");
    // That both have as much does not make them the same.
    let lacks = ["lacks 30 frames", "--align content"];
    assert_refused(&place, "ref.mp4 gap.mkv --shortest", &lacks);
    assert_refused(&place, "ref.mp4 gap.mkv", &lacks);
    assert_refused(&place, "gap.mkv enc.mp4 --shortest", &["30 frames more"]);
    // One that only ends sooner is scored.
    make(&place, "-i enc.mp4 -frames:v 60 -c:v ffv1 short.mkv");
    let short = mean(&place.score("ref.mp4 short.mkv --shortest"));
    let clean = mean(&place.score("ref.mp4 enc.mp4 --frames ..60"));
    assert!((short - clean).abs() <= NEAR, "{short}, not {clean}");
}

#[test]
fn conversions_to_a_constant_rate_are_reported_and_paired() {
    let place = place(75);
    let odd = "settb=1/1000,setpts='(N+0.6*sin(N*1.7))*40'";
    make(&place, &format!("-i ref.mp4 -vf \"{odd}\" -fps_mode passthrough -c:v ffv1 vfr.mkv"));
    make(&place, &format!("-i vfr.mkv -vf fps=25 {ENCODE} cfr.mp4"));
    // The frames of the source that are shown, each where it is shown first, and their score.
    make(&place, "-i vfr.mkv -vf fps=25 -c:v ffv1 lossless.mkv");
    let of_source = frames(&place, "-i vfr.mkv -fps_mode passthrough");
    let shown = frames(&place, "-i lossless.mkv");
    let is_first = |at: &usize| !shown[..*at].contains(&shown[*at]);
    let firsts: Vec<usize> = (0..shown.len()).filter(is_first).collect();
    let sources = firsts.iter().map(|at| of_source.iter().position(|frame| *frame == shown[*at]));
    let shown: Vec<usize> = sources.map(|source| source.expect("a frame of the source")).collect();
    select(&place, "vfr.mkv", &shown, "matched_ref.mkv");
    select(&place, "cfr.mp4", &firsts, "matched.mkv");
    let matched = mean(&place.score("matched_ref.mkv matched.mkv"));
    for reference in ["ref.mp4", "vfr.mkv"] {
        let words = ["out of place", "it repeats", "--align content", "--align unchecked"];
        assert_refused(&place, &format!("{reference} cfr.mp4"), &words);
        let document = place.score(&format!("{reference} cfr.mp4 --align content"));
        let found = mean(&document);
        assert!((found - matched).abs() <= NEAR, "{found}, not {matched}");
        let count = document["distorted"][0]["frame_count"].as_u64().expect("a count");
        assert_eq!(count, shown.len() as u64);
    }
    // The same frames at odd times are no conversion.
    let clean = mean(&place.score("ref.mp4 enc.mp4"));
    let found = mean(&place.score("vfr.mkv enc.mp4 --align frames"));
    assert!((found - clean).abs() <= NEAR, "{found}, not {clean}");
}

/// The digests of a video's frames.
fn frames(place: &Place, input: &str) -> Vec<String> {
    make(place, &format!("{input} -f framemd5 frames.md5"));
    let text = place.read("frames.md5");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.rsplit_once(',')?.1.trim().to_owned())).collect()
}

/// Makes a video of some frames of another.
fn select(place: &Place, from: &str, frames: &[usize], to: &str) {
    let chosen: Vec<String> = frames.iter().map(|frame| format!("eq(n\\,{frame})")).collect();
    let filter = format!("select='{}',setpts=N/25/TB", chosen.join("+"));
    make(place, &format!("-i {from} -vf \"{filter}\" -r 25 -c:v ffv1 {to}"));
}
