//! Files whose decoding takes more than reading samples: joined transport streams, rare pixel
//! formats, codecs that only a program knows, grey encodes, sizes that change, film grain, damage.
//!
//! The files are made by the FFmpeg program that `VMAF_FFMPEG` names, or the one on the path.

use std::sync::OnceLock;

use serde_json::Value;

use crate::common::Place;
use crate::real_files::{ENCODE, make, mean, moving};

/// The greatest difference from the clean pair's score.
const NEAR: f64 = 0.1;

/// True if the command is built with FFmpeg's libraries; otherwise a program decodes everything.
const WITH_LIBRARIES: bool = cfg!(feature = "ffmpeg");

const TAGGED: &str =
    "-vf setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv";

/// A place with `ref.mkv`, its encode `enc.mp4`, the same without loss as `enc.mkv`, and the score.
fn clean() -> &'static (Place, f64) {
    static CLEAN: OnceLock<(Place, f64)> = OnceLock::new();
    CLEAN.get_or_init(|| {
        let place = Place::new();
        let source = moving("25", 50);
        make(
            &place,
            &format!("-f lavfi -i \"{source}\" {TAGGED} -c:v ffv1 -pix_fmt yuv420p ref.mkv"),
        );
        make(&place, &format!("-i ref.mkv {ENCODE} -g 25 enc.mp4"));
        make(&place, "-i enc.mp4 -c:v ffv1 enc.mkv");
        let score = mean(&place.score("ref.mkv enc.mp4"));
        assert!((50.0..95.0).contains(&score), "{score}");
        (place, score)
    })
}

/// The conversions that a document reports of its encode.
fn steps(document: &Value) -> String {
    document["distorted"][0]["conformed"].to_string()
}

/// Scores `ref.mkv` and these words: near `score`, telling `step`.
fn assert_scored(arguments: &str, score: f64, near: f64, step: &str) {
    let (place, _) = clean();
    let document = place.score(&format!("ref.mkv {arguments}"));
    let found = mean(&document);
    assert!((found - score).abs() <= near, "{arguments}: {found}, not {score}");
    assert!(steps(&document).contains(step), "{arguments}: {}", steps(&document));
}

fn assert_refused(arguments: &str, parts: &[&str]) {
    clean().0.assert_refused(&format!("ref.mkv {arguments}"), parts);
}

#[test]
fn joined_transport_streams_are_scored_as_one() {
    let (place, score) = clean();
    // Segments whose timestamps restart, and segments whose timestamps continue.
    make(place, "-i enc.mp4 -c copy -f segment -segment_time 1 -reset_timestamps 1 anew%d.ts");
    make(place, "-i enc.mp4 -c copy -f segment -segment_time 1 on%d.ts");
    for (name, step) in [("anew", "timestamps restart"), ("on", "")] {
        let segments = ["0", "1"].map(|number| {
            std::fs::read(place.path(&format!("{name}{number}.ts"))).expect("a segment")
        });
        place.file(&format!("{name}.ts"), segments.concat());
        assert_scored(&format!("{name}.ts"), *score, NEAR, step);
    }
    // A packet of the video is lost.
    let mut bytes = std::fs::read(place.path("on.ts")).expect("a stream");
    bytes.drain(188 * 100..188 * 102);
    place.file("lost.ts", bytes);
    assert_refused("lost.ts", &["lost.ts"]);
}

#[test]
fn conversions_of_rare_pixel_formats_are_reported() {
    let (_, score) = clean();
    let (place, _) = clean();
    for (format, codec, step) in [
        ("uyvy422", "rawvideo", "converted from uyvy422 to yuv422p"),
        ("yuyv422", "rawvideo", "converted from yuyv422 to yuv422p"),
        ("yuv411p", "ffv1", "converted from yuv411p to yuv422p"),
        ("yuv410p", "ffv1", "converted from yuv410p to yuv420p"),
        ("yuv440p", "ffv1", "converted from yuv440p to yuv444p"),
    ] {
        make(place, &format!("-i enc.mkv -c:v {codec} -pix_fmt {format} {format}.nut"));
        assert_scored(&format!("{format}.nut"), *score, 0.0, step);
    }
    // By other people's arithmetic: libswscale takes RGB of more than 8 bits to end below white.
    let swscale = |from: &str, to: &str| {
        let ends = format!("{from}_color_matrix=bt709:{from}_range=limited");
        format!("scale={ends}:flags=accurate_rnd+full_chroma_int,format={to}")
    };
    let zimg = |from: &str, to: &str| {
        let m =
            if from == "in" { "matrixin=709:rangein=limited" } else { "matrix=709:range=limited" };
        format!("zscale={m},format={to}")
    };
    for (format, codec, yuv, filter) in [
        ("gbrp", "utvideo", "yuv444p", &swscale as &dyn Fn(&str, &str) -> String),
        ("argb", "rawvideo", "yuv444p", &swscale),
        ("gbrp10le", "ffv1", "yuv444p10le", &zimg),
    ] {
        let (to_rgb, back) = (filter("in", format), filter("out", yuv));
        make(place, &format!("-i enc.mkv -vf \"{to_rgb}\" -c:v {codec} {format}.nut"));
        make(place, &format!("-i {format}.nut -vf \"{back}\" -c:v ffv1 rgb.mkv"));
        let by_hand = mean(&place.score("ref.mkv rgb.mkv"));
        let step = format!("converted from {format} to limited-range yuv444p");
        assert_scored(&format!("{format}.nut"), by_hand, NEAR, &step);
    }
}

#[test]
fn rgb_is_converted_by_the_matrix_of_the_other_video() {
    let (place, _) = clean();
    make(place, "-i ref.mkv -frames:v 20 -c:v utvideo -pix_fmt gbrp rgb.avi");
    for (matrix, tags) in [("bt601", ""), ("bt709", ""), ("bt601", "smpte170m"), ("bt709", "bt709")]
    {
        let scale = format!("scale=out_color_matrix={matrix}:out_range=limited,format=yuv420p");
        let clear = ",setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown";
        make(place, &format!("-i rgb.avi -vf \"{scale}{clear}\" {ENCODE} from_rgb.mp4"));
        if !tags.is_empty() {
            let tag = format!(
                "-bsf:v h264_metadata=matrix_coefficients={}",
                if tags == "bt709" { 1 } else { 6 }
            );
            make(place, &format!("-i from_rgb.mp4 -c copy {tag} {tags}.mp4"));
        }
        make(place, &format!("-i rgb.avi -vf \"{scale}{clear}\" -c:v ffv1 yuv.mkv"));
        let by_hand = mean(&place.score("yuv.mkv from_rgb.mp4"));
        let name = if tags.is_empty() { "from_rgb" } else { tags };
        let document = place.score(&format!("rgb.avi {name}.mp4"));
        let found = mean(&document);
        assert!((found - by_hand).abs() < 0.3, "{matrix}, {name}: {found}, not {by_hand}");
    }
    // One conversion can't serve two matrices.
    let says = ["bt709.mp4 has matrix bt709, the reference smpte170m"];
    place.assert_refused("rgb.avi smpte170m.mp4 bt709.mp4", &says);
}

#[test]
fn the_ffmpeg_program_decodes_what_the_libraries_do_not() {
    let (place, _) = clean();
    make(
        place,
        "-i ref.mkv -frames:v 8 -c:v libvvenc -preset faster -qp 36 -pix_fmt yuv420p10le vvc.mp4",
    );
    // Decoded by hand.
    make(place, "-i vvc.mp4 -c:v ffv1 vvc.mkv");
    let by_hand = place.score("ref.mkv vvc.mkv --shortest");
    let score = mean(&by_hand);
    // Where no libraries are, there is nothing to say of it.
    let step = if WITH_LIBRARIES { "decoded by an ffmpeg program" } else { "" };
    assert_scored("vvc.mp4 --shortest", score, 0.0, step);
}

#[test]
fn grey_encodes_and_codecs_of_one_matrix_are_compared_by_luma() {
    let (place, score) = clean();
    make(place, "-i enc.mkv -vf extractplanes=y -c:v ffv1 grey.mkv");
    assert_scored("grey.mkv", *score, 0.0, "compared by luma only: it has no chroma");
    assert_refused("grey.mkv --metric psnr", &["has no chroma", "4:2:0"]);
    let document = place.score("grey.mkv enc.mkv");
    let same = mean(&place.score("grey.mkv grey.mkv"));
    assert_eq!(mean(&document), same, "{}", steps(&document));
    make(place, "-i ref.mkv -c:v libvpx -b:v 1M -crf 20 -deadline realtime vp8.webm");
    make(place, "-i vp8.webm -vf setparams=colorspace=bt709 -c:v ffv1 vp8.mkv");
    let by_hand = mean(&place.score("ref.mkv vp8.mkv"));
    // A program tells what the container says, and not the only matrix that the decoder knows.
    let of_decoder = if WITH_LIBRARIES { "bt470bg" } else { "" };
    assert_scored("vp8.webm", by_hand, 0.0, of_decoder);
    make(place, "-i ref.mkv -c:v mjpeg -q:v 8 mjpeg.avi");
    make(place, "-i mjpeg.avi -vf setparams=colorspace=bt709 -c:v ffv1 mjpeg.mkv");
    let by_hand = mean(&place.score("ref.mkv mjpeg.mkv"));
    assert_scored("mjpeg.avi", by_hand, 0.0, "bt470bg");
    if WITH_LIBRARIES {
        assert_refused("vp8.webm --metric psnr", &["matrix bt470bg", "vp8"]);
    }
}

#[test]
fn film_grain_is_reported_and_can_be_left_out() {
    let (place, _) = clean();
    make(place, "-i ref.mkv -frames:v 12 -vf noise=alls=24:allf=t -c:v ffv1 noisy.mkv");
    let svt = "-c:v libsvtav1 -preset 10 -crf 40 -svtav1-params film-grain=30";
    make(place, &format!("-i noisy.mkv {svt} -pix_fmt yuv420p10le grain.mp4"));
    let with = place.score("noisy.mkv grain.mp4");
    let without = place.score("noisy.mkv grain.mp4 --film-grain off");
    assert!(steps(&with).contains("film grain synthesised by the decoder"), "{}", steps(&with));
    assert!(steps(&without).contains("film grain left out"), "{}", steps(&without));
    assert!((mean(&without) - mean(&with)).abs() > 0.1, "{} {}", mean(&without), mean(&with));
    assert!(!steps(&place.score("ref.mkv enc.mp4")).contains("grain"));
}

#[test]
fn an_encode_of_changing_size_is_scaled_frame_by_frame() {
    let (place, _) = clean();
    let x264 = "-c:v libx264 -crf 24 -preset veryfast -pix_fmt yuv420p -bf 0 -f h264";
    let small = "-frames:v 25 -vf scale=320:180:flags=bicubic";
    make(place, &format!("-i ref.mkv {small} {x264} small.h264"));
    make(place, &format!("-ss 1 -i ref.mkv {x264} large.h264"));
    let parts =
        ["small.h264", "large.h264"].map(|name| std::fs::read(place.path(name)).expect(name));
    place.file("resized.h264", parts.concat());
    if !WITH_LIBRARIES {
        let words = ["frame 25", "to 480x270", "only FFmpeg's libraries can"];
        assert_refused("resized.h264", &words);
        return;
    }
    let scaled = "scale=480:270:flags=bicubic+accurate_rnd+full_chroma_int+bitexact";
    let joined = format!("[0]{scaled}[a];[a][1]concat");
    make(place, &format!("-i small.h264 -i large.h264 -lavfi \"{joined}\" -c:v ffv1 by_hand.mkv"));
    let by_hand = mean(&place.score("ref.mkv by_hand.mkv"));
    assert_scored("resized.h264", by_hand, NEAR, "of 480x270 scaled");
    assert_refused("resized.h264 --no-scale", &["resized.h264"]);
    // A source that does is taken in the size of its first frame.
    let scaled = "scale=320:180:flags=bicubic+accurate_rnd+full_chroma_int+bitexact";
    let joined = format!("[1]{scaled}[a];[0][a]concat");
    make(place, &format!("-i small.h264 -i large.h264 -lavfi \"{joined}\" -c:v ffv1 first.mkv"));
    make(place, &format!("-i first.mkv {ENCODE} of_first.mp4"));
    let by_hand = mean(&place.score("first.mkv of_first.mp4"));
    let document = place.score("resized.h264 of_first.mp4");
    assert!((mean(&document) - by_hand).abs() <= NEAR, "{} {by_hand}", mean(&document));
    let told = document["reference"]["conformed"].to_string();
    assert!(told.contains("of 480x270 scaled"), "{told}");
    // At more bits too, which frames get after they are scaled.
    let v1 = |reference: &str| {
        let document = place.score(&format!("{reference} of_first.mp4 --model v1"));
        document["distorted"][0]["scores"].as_object().expect("scores").values().next().cloned()
    };
    let (ours, by_hand) = (v1("resized.h264"), v1("first.mkv"));
    let score = |scores: &Option<Value>| scores.as_ref().and_then(|one| one["mean"].as_f64());
    let (ours, by_hand) = (score(&ours).expect("a score"), score(&by_hand).expect("a score"));
    assert!((ours - by_hand).abs() <= NEAR, "{ours} {by_hand}");
    place.assert_refused("resized.h264 of_first.mp4 --no-scale", &["resized.h264", "480x270"]);
}

#[test]
fn damage_is_refused_or_counted() {
    let (place, score) = clean();
    make(place, "-i enc.mp4 -c copy -f h264 whole.h264");
    let mut bytes = std::fs::read(place.path("whole.h264")).expect("a stream");
    let middle = bytes.len() * 6 / 10;
    bytes[middle..middle + 300].fill(0x5a);
    place.file("damaged.h264", bytes);
    assert_refused("damaged.h264", &["damaged.h264", "--accept damage"]);
    let document = place.score("ref.mkv damaged.h264 --accept damage --align frames");
    assert!(mean(&document) < *score, "{}", mean(&document));
    assert!(steps(&document).contains("concealed by the decoder"), "{}", steps(&document));
}

#[test]
fn the_version_names_the_instructions_and_the_decoder() {
    let place = Place::new();
    let short = place.vmaf("-V");
    let name = format!("vmaf {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((short.status, &short.stdout), (0, &name));
    let long = place.vmaf("--version");
    let lines: Vec<&str> = long.stdout.strip_prefix(&name).expect("the version").lines().collect();
    let [instructions, decoder] = lines[..] else { panic!("{long:?}") };
    let level = instructions.strip_prefix("instruction set: ").expect("a level");
    assert!(["sse2", "avx2", "avx512", "neon"].contains(&level), "{long:?}");
    let decoder = decoder.strip_prefix("decoder: ").expect("a decoder");
    let way = if WITH_LIBRARIES { "FFmpeg's libraries, libavcodec " } else { "the program " };
    let version = decoder.strip_prefix(way).expect("the way of decoding");
    assert!(version.contains(|digit: char| digit.is_ascii_digit()), "{long:?}");
}
