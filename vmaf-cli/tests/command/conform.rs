//! Videos that differ in size, depth, chroma, range or meaning: made comparable and told, or
//! refused with what to pass.

use crate::common::{CLIP, Clip, Place};
use serde_json::{Value, json};

/// The clip with the header's first `from` replaced by `to`.
fn with_header(clip: Clip, from: &str, to: &str) -> Vec<u8> {
    let bytes = clip.y4m();
    let end = bytes.iter().position(|byte| *byte == b'\n').expect("a header");
    let header = String::from_utf8_lossy(&bytes[..end]).replacen(from, to, 1);
    [header.as_bytes(), &bytes[end..]].concat()
}

fn conformed(document: &Value, encode: usize) -> Value {
    document["distorted"][encode]["conformed"].clone()
}

fn mean(document: &Value, encode: usize) -> f64 {
    document["distorted"][encode]["scores"]["vmaf_v0.6.1"]["mean"].as_f64().expect("a score")
}

/// `vmaf score` must refuse with status 2, saying all `words`.
fn refused(place: &Place, arguments: &str, words: &[&str]) {
    let ran = place.vmaf(&format!("score {arguments} -o out.json"));
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "'{word}' is not in: {}", ran.stderr);
    }
    assert!(!place.path("out.json").exists());
}

#[test]
fn scaling_up_a_smaller_encode_is_reported() {
    let place = Place::with_pair();
    let small = Clip { width: 48, height: 32, ..CLIP };
    place.file("small.y4m", small.y4m());
    let document = place.score("ref.y4m small.y4m");
    assert_eq!(conformed(&document, 0), json!(["scaled from 48x32 to 96x64 (bicubic)"]));
    assert_eq!(document["distorted"][0]["width"], 48);
    let lanczos = place.score("ref.y4m small.y4m --scaler lanczos");
    assert_eq!(conformed(&lanczos, 0), json!(["scaled from 48x32 to 96x64 (lanczos)"]));
    assert_ne!(mean(&document, 0), mean(&lanczos, 0));
    // At another size both are scaled.
    let at = place.score("ref.y4m small.y4m --score-at 48x32");
    assert_eq!(at["reference"]["conformed"], json!(["scaled from 96x64 to 48x32 (bicubic)"]));
    assert_eq!(conformed(&at, 0), json!([]));
    let table = place.vmaf("score ref.y4m small.y4m");
    assert!(table.stdout.contains("small.y4m: scaled from 48x32"), "{}", table.stdout);
    refused(&place, "ref.y4m small.y4m --no-scale", &["48x32", "96x64", "--no-scale"]);
    refused(&place, "small.y4m ref.y4m", &["larger", "--score-at 48x32", "--score-at 96x64"]);
}

#[test]
fn the_video_of_lower_bit_depth_is_promoted() {
    let place = Place::with_pair();
    place.file("ref10.y4m", Clip { depth: 10, ..CLIP }.y4m());
    place.file("enc10.y4m", Clip { depth: 10, ..CLIP.noisy(25) }.y4m());
    // The clip's samples at 10 bits are those at 8, shifted: all of these are the same pictures.
    let deep = mean(&place.score("ref10.y4m enc10.y4m"), 0);
    for (pair, told) in [
        ("ref.y4m enc10.y4m", json!([])),
        ("ref10.y4m enc.y4m", json!(["promoted from 8 to 10 bits"])),
    ] {
        let document = place.score(pair);
        assert_eq!(mean(&document, 0), deep, "{pair}");
        assert_eq!(conformed(&document, 0), told, "{pair}");
    }
    let document = place.score("ref.y4m enc10.y4m enc.y4m");
    let told = json!(["promoted from 8 to 10 bits for deeper encodes"]);
    assert_eq!(document["reference"]["conformed"], told);
    assert_eq!((mean(&document, 0), mean(&document, 1)), (deep, deep));
}

/// Without FFmpeg's libraries a program scales; what to do where there is none is told.
#[cfg(not(feature = "ffmpeg"))]
#[test]
fn scaling_without_an_ffmpeg_program_is_refused() {
    let place = Place::with_pair();
    place.file("small.y4m", Clip { width: 48, height: 32, ..CLIP }.y4m());
    let mut command = place.command(&["score", "ref.y4m", "small.y4m"]);
    let output = command.env("VMAF_FFMPEG", "/missing/ffmpeg").output().expect("the command runs");
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).expect("text");
    for word in ["small.y4m", "/missing/ffmpeg", "install ffmpeg"] {
        assert!(told.contains(word), "'{word}' is not in: {told}");
    }
}

#[test]
fn chroma_is_converted_to_the_references_subsampling() {
    let place = Place::with_pair();
    place.file("444.y4m", Clip { chroma: "444", ..CLIP.noisy(25) }.y4m());
    let document = place.score("ref.y4m 444.y4m --metric psnr");
    assert_eq!(conformed(&document, 0), json!(["chroma converted from 4:4:4 to 4:2:0"]));
    let psnr = &document["distorted"][0]["metrics"]["psnr_cb"]["mean"];
    assert!(psnr.as_f64().is_some_and(f64::is_finite), "{psnr}");
    // Luma is what it was.
    assert_eq!(mean(&document, 0), mean(&place.score("ref.y4m enc.y4m"), 0));
    // Without chroma luma is scored, unless something looks at chroma.
    place.file("400.y4m", Clip { chroma: "mono", ..CLIP.noisy(25) }.y4m());
    let grey = place.score("ref.y4m 400.y4m");
    assert_eq!(mean(&grey, 0), mean(&document, 0));
    refused(&place, "ref.y4m 400.y4m --metric psnr", &["400.y4m has no chroma"]);
}

#[test]
fn known_ranges_are_converted_and_unknown_ranges_refused() {
    let place = Place::with_pair();
    let of = |name: &str, clip: Clip, range: &str| {
        place.file(name, with_header(clip, " F25:1", &format!(" F25:1 XCOLORRANGE={range}")));
    };
    of("limited.y4m", CLIP, "LIMITED");
    of("full.y4m", CLIP.noisy(25), "FULL");
    let document = place.score("limited.y4m full.y4m");
    assert_eq!(conformed(&document, 0), json!(["converted from full to limited range"]));
    refused(&place, "ref.y4m full.y4m", &["full range", "--assume-range limited"]);
    let assumed = place.score("ref.y4m full.y4m --assume-range limited");
    assert_eq!(mean(&assumed, 0), mean(&document, 0));
    let alike = place.score("ref.y4m full.y4m --assume-range full");
    assert_eq!(mean(&alike, 0), mean(&place.score("ref.y4m enc.y4m"), 0));
}

#[test]
fn incomparable_videos_are_refused() {
    let place = Place::with_pair();
    place.file("fields.y4m", with_header(CLIP, " F25:1", " F25:1 It"));
    let ask = ["fields.y4m is interlaced", "--accept interlaced"];
    refused(&place, "ref.y4m fields.y4m", &ask);
    refused(&place, "fields.y4m enc.y4m", &ask);
    place.score("ref.y4m fields.y4m --accept interlaced");
    place.file("wide.y4m", Clip { height: 48, ..CLIP }.y4m());
    place.file("tall.y4m", Clip { width: 64, height: 96, ..CLIP }.y4m());
    refused(&place, "ref.y4m wide.y4m", &["96x48", "96x64", "--crop auto"]);
    refused(&place, "ref.y4m tall.y4m", &["64x96", "96x64", "rotated"]);
    // One that can't be compared does not keep the others from it.
    let ran = place.vmaf("score ref.y4m tall.y4m enc.y4m -o some.json");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    let document = place.json("some.json");
    assert!(document["distorted"][0]["error"].as_str().is_some_and(|why| why.contains("64x96")));
    assert!(mean(&document, 1) < 100.0);
}

#[test]
fn black_bars_are_cropped() {
    let place = Place::new();
    let whole = Clip { width: 96, height: 64, ..CLIP };
    place.file("ref.y4m", whole.y4m());
    // 16 black rows above and below, in each plane.
    let bytes = whole.noisy(25).y4m();
    let header = bytes.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    let mut boxed = b"YUV4MPEG2 W96 H96 F25:1 C420\n".to_vec();
    for frame in bytes[header..].chunks(6 + 96 * 64 * 3 / 2) {
        let planes = &frame[6..];
        boxed.extend_from_slice(b"FRAME\n");
        let mut at = 0;
        for (width, height, black) in [(96, 64, 16), (48, 32, 128), (48, 32, 128)] {
            let bar = vec![black; width * height / 4];
            boxed.extend_from_slice(&bar);
            boxed.extend_from_slice(&planes[at..at + width * height]);
            boxed.extend_from_slice(&bar);
            at += width * height;
        }
    }
    place.file("boxed.y4m", &boxed);
    place.file("enc.y4m", whole.noisy(25).y4m());
    refused(&place, "ref.y4m boxed.y4m", &["--crop auto"]);
    let document = place.score("ref.y4m boxed.y4m --crop auto");
    assert_eq!(conformed(&document, 0), json!(["cropped from 96x96 to 96:64:0:16"]));
    let plain = mean(&place.score("ref.y4m enc.y4m"), 0);
    assert_eq!(mean(&document, 0), plain);
    let named = place.score("boxed.y4m enc.y4m --crop 96:64:0:16");
    assert_eq!(named["reference"]["conformed"], json!(["cropped from 96x96 to 96:64:0:16"]));
    assert_eq!(mean(&named, 0), mean(&place.score("enc.y4m enc.y4m"), 0));
    refused(&place, "ref.y4m enc.y4m --crop 96:64:0:16", &["96:64:0:16"]);
}
