//! Pictures that are cropped, padded, shifted or zoomed: each is scored as the clean pair is, or
//! refused with the options that score it. Whatever can't tell is never refused.

use std::sync::OnceLock;

use crate::common::Place;
use crate::real_files::{ENCODE, LOSSLESS, make, mean, moving};

/// The greatest difference from the clean pair's score.
const NEAR: f64 = 0.1;

/// A place with `ref.mp4`, 480x270.
fn source() -> &'static Place {
    static SOURCE: OnceLock<Place> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let place = Place::new();
        make(&place, &format!("-f lavfi -i \"{}\" {LOSSLESS} ref.mp4", moving("25", 50)));
        place
    })
}

/// Makes `name` of the reference by a filter.
fn encode(name: &str, filter: &str) {
    make(source(), &format!("-i ref.mp4 -vf \"{filter}\" {ENCODE} {name}"));
}

fn score(arguments: &str) -> f64 {
    mean(&source().score(arguments))
}

fn assert_near(arguments: &str, clean: f64) {
    let found = score(arguments);
    assert!((found - clean).abs() <= NEAR, "{arguments}: {found}, not {clean}");
}

/// `vmaf score` with these words has to refuse, saying all of `parts`.
fn assert_refused(arguments: &str, parts: &[&str]) {
    source().assert_refused(arguments, parts);
}

#[test]
fn a_cropped_encode_is_refused_with_the_crop_to_use() {
    let place = source();
    encode("crop.mp4", "crop=480:268:0:2");
    make(place, &format!("-i ref.mp4 -vf crop=480:268:0:2 {LOSSLESS} ref_crop.mp4"));
    let clean = score("ref_crop.mp4 crop.mp4");
    let crop = "--crop 480:268:0:2";
    assert_refused("ref.mp4 crop.mp4", &["crop.mp4 shows only", crop, "--crop auto", "--geometry"]);
    assert_near(&format!("ref.mp4 crop.mp4 {crop}"), clean);
    assert_near("ref.mp4 crop.mp4 --crop auto", clean);
    let document = place.score("ref.mp4 crop.mp4 --crop auto");
    let steps = document["reference"]["conformed"].to_string();
    assert!(steps.contains("480:268:0:2"), "{steps}");
    // As it was: scaled up, since someone says so.
    assert!(score("ref.mp4 crop.mp4 --geometry unchecked") < clean - 1.0);
}

#[test]
fn a_padded_encode_is_refused_with_the_crop_to_use() {
    encode("plain.mp4", "null");
    // The same encode, in a larger frame.
    make(source(), &format!("-i plain.mp4 -vf pad=480:274:0:2 {LOSSLESS} pad.mp4"));
    let clean = score("ref.mp4 plain.mp4");
    let crop = "--crop-encode 480:270:0:2";
    assert_refused("ref.mp4 pad.mp4", &["pad.mp4 shows the reference's picture in", crop]);
    assert_near(&format!("ref.mp4 pad.mp4 {crop}"), clean);
    assert_near("ref.mp4 pad.mp4 --crop auto", clean);
    // All of a ladder is cropped to what its encodes share.
    encode("less.mp4", "crop=480:266:0:2");
    let document = source().score("ref.mp4 pad.mp4 less.mp4 --crop auto");
    let steps = |index: usize| document["distorted"][index]["conformed"].to_string();
    assert!(steps(0).contains("480:266:0:4"), "{}", steps(0));
    assert_eq!(steps(1), "[]");
}

#[test]
fn zooms_and_shifts_are_refused_with_the_crop_to_use() {
    encode("back.mp4", "crop=472:266:4:2,scale=480:270");
    let options = "--crop 472:266:4:2 --crop-encode 480:270:0:0 --score-at 480x270";
    assert_refused("ref.mp4 back.mp4", &["shows only 472:266:4:2", options, "--crop auto"]);
    let zoomed = score(&format!("ref.mp4 back.mp4 {options}"));
    let auto = score("ref.mp4 back.mp4 --crop auto");
    let wrong = score("ref.mp4 back.mp4 --geometry unchecked");
    assert!(zoomed > wrong + 10.0 && auto > wrong + 10.0, "{zoomed}, {auto}, {wrong}");
    encode("moved.mp4", "crop=476:268:4:2,pad=480:270:0:0");
    let options = "--crop 476:268:4:2 --crop-encode 476:268:0:0";
    assert_refused("ref.mp4 moved.mp4", &[options]);
    encode("plain2.mp4", "null");
    let clean = score("ref.mp4 plain2.mp4");
    let moved = score(&format!("ref.mp4 moved.mp4 {options}"));
    assert!((moved - clean).abs() < 1.0, "{moved}, not about {clean}");
}

#[test]
fn undisplaced_pictures_are_never_refused() {
    let place = source();
    let still = "mandelbrot=s=480x270:start_scale=0.4:end_scale=0.4:rate=25,trim=end_frame=1,\
        loop=loop=-1:size=1,setpts=N/25/TB,trim=end_frame=17";
    for (name, source) in [
        ("black", "color=black:s=480x270:r=25,trim=end_frame=17"),
        ("bars", "smptebars=s=480x270:r=25,trim=end_frame=17"),
        ("cartoon", "testsrc=s=480x270:r=25,trim=end_frame=17"),
        (
            "cells",
            "life=s=240x135:mold=10:r=25:ratio=0.2:seed=7,scale=480:270:flags=neighbor,trim=end_frame=17",
        ),
        ("noise", "color=gray:s=480x270:r=25,noise=alls=40:allf=t:all_seed=1,trim=end_frame=17"),
        ("still", still),
    ] {
        make(place, &format!("-f lavfi -i \"{source}\" {LOSSLESS} ok_{name}.mp4"));
        for (encoder, filter, options) in [
            ("worst", "null", "-c:v libx264 -crf 51 -preset veryfast -pix_fmt yuv420p"),
            ("rung", "gblur=sigma=3,scale=240:136", ENCODE),
        ] {
            let file = format!("ok_{name}_{encoder}.mp4");
            make(place, &format!("-i ok_{name}.mp4 -vf \"{filter}\" {options} {file}"));
            let ran = place.vmaf(&format!("score ok_{name}.mp4 {file}"));
            assert_eq!(ran.status, 0, "{file}: {}", ran.stderr);
        }
    }
    for (name, filter) in [("worst", "null"), ("rung", "scale=320:180")] {
        let worst = "-c:v libx264 -crf 51 -preset veryfast -pix_fmt yuv420p";
        make(place, &format!("-i ref.mp4 -vf {filter} {worst} moving_{name}.mp4"));
        let ran = place.vmaf(&format!("score ref.mp4 moving_{name}.mp4"));
        assert_eq!(ran.status, 0, "{name}: {}", ran.stderr);
    }
}
