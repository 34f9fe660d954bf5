//! Containers that lack timestamps: an AVI does not have one for the last frame of an encode with
//! B-frames.

use crate::common::Place;
use crate::real_files::{ENCODE, LOSSLESS, make, moving};

#[test]
fn a_missing_timestamp_does_not_change_windows() {
    let place = Place::new();
    make(&place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mkv", moving("25", 60)));
    make(&place, &format!("-i ref.mkv {ENCODE} -bf 2 enc.avi"));
    make(&place, "-i enc.avi -c:v ffv1 worse.mkv");
    // The reference's times are what counts.
    let document = place.score("enc.avi worse.mkv --pool window(1s) --gate window(1s)>=20");
    let encode = &document["distorted"][0];
    let times = encode["frame_times"].as_array().expect("times");
    assert_eq!(times.len(), 60);
    // Recent programs know all.
    let lacks = times.iter().any(serde_json::Value::is_null);
    assert!(lacks || !cfg!(feature = "ffmpeg"), "this FFmpeg knows all: {times:?}");
    let score = &encode["scores"]["vmaf_v0.6.1"];
    assert!(score["window(1s)"].is_number() && score["worst_second"]["time"].is_number());
    assert_eq!(encode["gates"][0]["held"], true);
}
