//! Metrics of light on RGB, which they read as such: video, and pictures that are scaled, rotated or
//! cropped, beside stills of the same pictures.

use crate::common::Place;
use crate::real_files::make;
use serde_json::Value;

const SIZE: (u32, u32) = (80, 56);

/// The metrics, and their columns.
const METRICS: &str = "--no-model --metric ssimulacra2 --metric butteraugli --metric cvvdp \
                       --align unchecked --geometry unchecked";
const COLUMNS: [&str; 4] = ["ssimulacra2", "butteraugli", "butteraugli_3norm", "cvvdp_frame"];

/// The metrics for planes of green, blue and red.
fn metrics_of_planes() -> String {
    ["ssimulacra2", "butteraugli", "cvvdp"].iter().fold(METRICS.to_owned(), |options, metric| {
        let described = format!("--metric {metric}=matrix=rgb:range=full:transfer=srgb");
        options.replace(&format!("--metric {metric}"), &described)
    })
}

/// The values of an encode.
fn values_of(document: &Value, encode: usize) -> Vec<Value> {
    let frames = &document["distorted"][encode]["frames"];
    COLUMNS.iter().map(|column| frames[column].clone()).collect()
}

fn values(place: &Place, arguments: &str) -> Vec<Value> {
    values_of(&place.score(&format!("{arguments} {METRICS}")), 0)
}

/// A place with two frames of a reference, `r0.png` and `r1.png`, and of an encode, `d0.png` and
/// `d1.png`.
fn stills() -> Place {
    let place = Place::new();
    let (width, height) = SIZE;
    let picture = format!("testsrc2=s={width}x{height}:rate=25,format=gbrp");
    for (name, filter) in [("r", ""), ("d", ",noise=alls=24:all_seed=7")] {
        let stills = format!("-frames:v 2 -start_number 0 -pix_fmt rgb24 {name}%d.png");
        make(&place, &format!("-f lavfi -i \"{picture}{filter}\" {stills}"));
    }
    place
}

/// A still as y4m of 16 bits, its planes green, blue and red.
fn planes(place: &Place, name: &str) {
    let picture = image::open(place.path(&format!("{name}.png"))).expect("a still").into_rgb8();
    let (width, height) = picture.dimensions();
    let mut bytes = format!("YUV4MPEG2 W{width} H{height} F25:1 C444p16\nFRAME\n").into_bytes();
    for channel in [1, 2, 0] {
        let samples = picture.pixels().map(|pixel| u16::from(pixel.0[channel]) * 257);
        bytes.extend(samples.flat_map(u16::to_le_bytes));
    }
    place.file(&format!("{name}.y4m"), bytes);
}

/// The values of two stills whose planes are scaled as they are.
fn values_of_planes(place: &Place, [reference, encode]: [&str; 2]) -> Vec<Value> {
    [reference, encode].iter().for_each(|name| planes(place, name));
    let pair = format!("{reference}.y4m {encode}.y4m");
    values_of(&place.score(&format!("{pair} {}", metrics_of_planes())), 0)
}

#[test]
fn lossless_video_has_the_values_of_its_stills() {
    let place = stills();
    let expected = values(&place, "r%d.png d%d.png");
    for (name, codec) in [
        ("ffv1.mkv", "ffv1 -pix_fmt bgr0"),
        ("x264.mkv", "libx264rgb -qp 0"),
        ("png.mov", "png -pix_fmt rgb24"),
        ("huffyuv.avi", "huffyuv -pix_fmt rgb24"),
        ("planar.nut", "rawvideo -pix_fmt gbrp"),
    ] {
        for side in ["r", "d"] {
            make(&place, &format!("-i {side}%d.png -c:v {codec} {side}_{name}"));
        }
        assert_eq!(values(&place, &format!("r_{name} d_{name}")), expected, "{name}");
        assert_eq!(values(&place, &format!("r%d.png d_{name}")), expected, "{name}");
    }
    // Beside an encode that is not RGB, each has the values of a run of its own.
    make(&place, "-i d_ffv1.mkv -c:v libx264 -crf 20 -pix_fmt yuv420p yuv.mp4");
    let yuv = values(&place, "r_ffv1.mkv yuv.mp4");
    let together = place.score(&format!("r_ffv1.mkv yuv.mp4 d_ffv1.mkv {METRICS}"));
    assert_eq!([0, 1].map(|encode| values_of(&together, encode)), [yuv, expected]);
}

#[test]
fn deep_rgb_video_has_the_values_of_its_planes() {
    let place = stills();
    for side in ["r", "d"] {
        let video = format!("{side}.mkv");
        make(&place, &format!("-i {side}%d.png -c:v ffv1 -pix_fmt gbrp10le {video}"));
        make(&place, &format!("-i {video} -f rawvideo {side}.yuv"));
    }
    let size = format!("{}x{}", SIZE.0, SIZE.1);
    let raw = format!("r.yuv d.yuv --size {size} --pix-fmt yuv444p10le {}", metrics_of_planes());
    let expected = values_of(&place.score(&raw), 0);
    let found = values(&place, "r.mkv d.mkv");
    for ((found, expected), column) in found.iter().zip(&expected).zip(COLUMNS) {
        for frame in 0..2 {
            let of = |values: &Value| values[frame].as_f64().expect("a value");
            let (found, expected) = (of(found), of(expected));
            assert!(
                (found - expected).abs() < 2e-4 * expected.abs(),
                "{column}: {found} {expected}"
            );
        }
    }
}

#[test]
fn scaled_rgb_is_scaled_plane_by_plane() {
    let place = stills();
    make(&place, "-i d0.png -vf scale=40:28 small.png");
    make(&place, "-i small.png -c:v ffv1 -pix_fmt bgr0 small.mkv");
    let expected = values_of_planes(&place, ["r0", "small"]);
    assert_eq!(values(&place, "r0.png small.png"), expected);
    assert_eq!(values(&place, "r0.png small.mkv"), expected);
    // Several frames go through the scaler, and each keeps its own.
    make(&place, "-i d%d.png -vf scale=40:28 small%d.png");
    make(&place, "-start_number 1 -i small%d.png -c:v ffv1 -pix_fmt bgr0 small2.mkv");
    let stills = values(&place, "r%d.png small%d.png");
    assert_eq!(values(&place, "r%d.png small2.mkv"), stills);
    assert_ne!(stills[0][0], stills[0][1]);
}

#[test]
fn rotated_and_cropped_rgb_has_the_values_of_upright_and_small_stills() {
    let place = stills();
    let expected = values(&place, "r0.png d0.png");
    // Stored on its side, and rotated back by its display matrix.
    make(&place, "-i d0.png -vf transpose=clock -c:v png -pix_fmt rgb24 side.mov");
    make(&place, "-display_rotation 90 -i side.mov -c copy turned.mov");
    assert_eq!(values(&place, "r0.png turned.mov"), expected);
    for side in ["r", "d"] {
        make(&place, &format!("-i {side}0.png -vf crop=64:40:8:6 {side}c.png"));
        make(&place, &format!("-i {side}0.png -c:v ffv1 -pix_fmt bgr0 {side}w.mkv"));
    }
    let expected = values(&place, "rc.png dc.png");
    for pair in ["r0.png d0.png", "rw.mkv dw.mkv"] {
        assert_eq!(values(&place, &format!("{pair} --crop 64:40:8:6")), expected, "{pair}");
    }
}
