//! Videos whose samples mean something else than they seem to: stills of another matrix, Dolby
//! Vision, what changes in the middle, a range flag that got lost, and raw samples of two bytes.

use crate::common::Place;
use crate::real_files::{LOSSLESS, NEAR, make, mean, moving};
use serde_json::json;

/// A source with a picture in colour, of 12 frames.
fn source() -> Place {
    let place = Place::new();
    let picture = moving("25", 12);
    make(&place, &format!("-f lavfi -i \"{picture}\" -c:v ffv1 -pix_fmt bgr0 rgb.mkv"));
    make(&place, &format!("-i rgb.mkv -vf {} {LOSSLESS} ref.mp4", to("bt709", "bt709")));
    place
}

/// A filter that converts to limited range by a matrix, and tags the video as of another.
fn to(matrix: &str, tag: &str) -> String {
    format!(
        "scale=out_color_matrix={matrix}:out_range=limited:flags=accurate_rnd+full_chroma_inp,\
         format=yuv420p,setparams=range=limited:colorspace={tag}"
    )
}

#[test]
fn stills_are_converted_by_the_matrix_of_the_video() {
    let place = source();
    make(&place, "-i rgb.mkv -frames:v 1 -pix_fmt rgb24 a.png");
    let encode = "-c:v libx264 -crf 30 -preset fast";
    // As FFmpeg does by itself: BT.601, and no word of it.
    make(&place, &format!("-i a.png {encode} -pix_fmt yuv420p plain.mp4"));
    for (name, matrix, tag) in [
        ("sd.mp4", "bt601", "unknown"),
        ("hd.mp4", "bt709", "unknown"),
        ("sd_tagged.mp4", "bt601", "smpte170m"),
        ("hd_tagged.mp4", "bt709", "bt709"),
        ("uhd_tagged.mp4", "bt2020", "bt2020nc"),
    ] {
        make(&place, &format!("-i a.png -vf {} {encode} {name}", to(matrix, tag)));
    }
    let lossless = "-c:v libaom-av1 -crf 0 -cpu-used 8 -still-picture 1 -pix_fmt yuv444p";
    let tagged = "-vf scale=out_color_matrix=bt601:out_range=full -colorspace smpte170m";
    make(&place, &format!("-i a.png {tagged} -color_range pc {lossless} a.avif"));
    let by_hand = |matrix: &str| {
        let filter = to(matrix, "unknown").replace("yuv420p", "yuv444p");
        make(&place, &format!("-i a.png -vf {filter} {matrix}.y4m"));
    };
    ["bt601", "bt709", "bt2020"].iter().for_each(|matrix| by_hand(matrix));
    for (name, matrix, told) in [
        ("plain.mp4", "bt601", "BT.601 (estimated from chroma)"),
        ("sd.mp4", "bt601", "BT.601 (estimated from chroma)"),
        ("hd.mp4", "bt709", "BT.709 (estimated from chroma)"),
        ("sd_tagged.mp4", "bt601", "BT.601 (the encode's matrix)"),
        ("hd_tagged.mp4", "bt709", "BT.709 (the encode's matrix)"),
        ("uhd_tagged.mp4", "bt2020", "BT.2020 (the encode's matrix)"),
        ("a.avif", "bt601", "BT.601 (the encode's matrix)"),
    ] {
        let clean = mean(&place.score(&format!("{matrix}.y4m {name}")));
        let document = place.score(&format!("a.png {name}"));
        let found = mean(&document);
        assert!((found - clean).abs() <= NEAR, "{name}: {found}, not {clean}");
        let words = format!("converted from RGB by {told}");
        assert_eq!(document["reference"]["conformed"], json!([words]), "{name}");
    }
    // A still beside a video, of which it is an encode.
    make(&place, "-i ref.mp4 -frames:v 1 -c:v ffv1 frame.mkv");
    make(&place, "-i ref.mp4 -frames:v 1 b.png");
    let document = place.score("frame.mkv b.png");
    assert!(mean(&document) > 94.0, "{}", mean(&document));
    let words = json!(["converted from RGB by BT.709 (the reference's matrix)"]);
    assert_eq!(document["distorted"][0]["conformed"][0], words[0]);
    // One conversion can't serve two matrices.
    place.assert_refused("a.png sd.mp4 hd.mp4", &["hd.mp4", "BT.709", "BT.601", "separate run"]);
    place.assert_refused("a.png sd_tagged.mp4 hd_tagged.mp4", &["matrix bt709", "smpte170m"]);
    // A gray picture is the same by all.
    make(&place, "-i a.png -vf format=gray,format=rgb24 gray.png");
    make(&place, &format!("-i gray.png {encode} -pix_fmt yuv420p gray.mp4"));
    let document = place.score("gray.png gray.mp4");
    let words = json!(["converted from RGB by BT.709 (assumed)"]);
    assert_eq!(document["reference"]["conformed"], words);
}

#[test]
fn properties_that_change_in_the_middle_are_found() {
    let place = source();
    // Fields take a height that is a multiple of four.
    make(&place, &format!("-i ref.mp4 -vf crop=480:256 {LOSSLESS} low.mp4"));
    let bitstream = "-c copy -bsf:v h264_mp4toannexb,h264_metadata";
    let colours = "colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1";
    let limited = format!("{bitstream}={colours}:video_full_range_flag=0");
    make(&place, &format!("-i low.mp4 {limited} plain.h264"));
    let encode = "-c:v libx264 -crf 30 -preset fast -pix_fmt yuv420p";
    let ranges = "scale=in_range=limited:out_range=full,setparams=range=full";
    make(&place, &format!("-i low.mp4 -vf {ranges} {encode} -color_range pc full.mp4"));
    make(&place, &format!("-i full.mp4 {bitstream}={colours} range.h264"));
    for (name, change) in [
        ("transfer", "transfer_characteristics=16"),
        ("matrix", "matrix_coefficients=6"),
        ("aspect", "sample_aspect_ratio=4/3"),
        ("same", "transfer_characteristics=6"),
    ] {
        make(&place, &format!("-i plain.h264 {bitstream}={change} {name}.h264"));
    }
    make(&place, &format!("-i low.mp4 {encode} -x264-params tff=1 f.mp4"));
    make(&place, &format!("-i f.mp4 {limited} fields.h264"));
    let read = |name: &str| std::fs::read(place.path(&format!("{name}.h264"))).expect("a file");
    let join = |name: &str, parts: [&str; 2]| {
        place.file(&format!("{name}.h264"), parts.map(read).concat());
    };
    join("ref2", ["plain"; 2]);
    let with_libraries = cfg!(feature = "ffmpeg");
    for (name, words, accept) in [
        ("range", "has full range, the frames before it limited range", "--accept changes"),
        ("transfer", "smpte2084", "--accept color"),
        ("matrix", "matrix smpte170m, the frames before it bt709", "--accept color"),
        ("aspect", "sample aspect ratio 4:3", "--accept changes"),
        ("fields", "interlaced", "--accept interlaced"),
    ] {
        join(&format!("{name}2"), ["plain", name]);
        let pair = format!("ref2.h264 {name}2.h264");
        match name {
            // A program reports no change of the aspect, and can't decode beyond the next two.
            "aspect" if !with_libraries => continue,
            "range" | "matrix" if !with_libraries => {
                place.assert_refused(&pair, &["frame 12", words, "convert the video"]);
                continue;
            }
            // Key frames alone tell of others, of a stream without times.
            _ if !with_libraries => place.assert_refused(&pair, &[words, accept]),
            _ => place.assert_refused(&pair, &["frame 12", words, accept]),
        }
        for accept in [accept, "--accept changes"] {
            let ran = place.vmaf(&format!("score {pair} --align unchecked {accept}"));
            assert_eq!(ran.status, 0, "{name} {accept}: {}", ran.stderr);
        }
    }
    // Another name of the same function is no change, nor is anything in one stream.
    join("same2", ["plain", "same"]);
    place.score("ref2.h264 same2.h264");
}

#[test]
fn dolby_vision_without_a_base_layer_counts_as_hdr() {
    let place = source();
    let encode = "-c:v libx265 -crf 30 -preset ultrafast -pix_fmt yuv420p10le -x265-params \
                  log-level=error -tag:v hvc1";
    make(&place, &format!("-i ref.mp4 {encode} plain.mp4"));
    let plain = std::fs::read(place.path("plain.mp4")).expect("a file");
    place.score("ref.mp4 plain.mp4");
    // Profile 5 is compatible with nothing; the base layer of profile 8.2 is of standard range.
    for (name, profile, compatibility) in [("five.mp4", 5, 0), ("eight.mp4", 8, 2)] {
        let record = [1, 0, profile << 1, 1 << 3 | 0b101, compatibility << 4];
        let mut payload = record.to_vec();
        payload.resize(24, 0);
        place.file(name, with_box(&plain, b"dvcC", &payload));
    }
    place.assert_refused("ref.mp4 five.mp4", &["five.mp4", "Dolby Vision", "--accept color"]);
    place.assert_refused("five.mp4 five.mp4", &["five.mp4", "Dolby Vision", "--accept hdr"]);
    place.assert_refused("five.mp4 plain.mp4", &["five.mp4", "Dolby Vision"]);
    place.score("five.mp4 five.mp4 --accept hdr");
    place.score("ref.mp4 eight.mp4");
}

/// An MP4 with a box put behind the one that configures its HEVC decoder. Its samples come before
/// its tables, so that no place that is written down changes.
fn with_box(file: &[u8], name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let word =
        |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().expect("four bytes")) as usize;
    let find = |name: &[u8; 4]| {
        let named = file.windows(4).position(|window| window == name).expect("a box");
        named - 4
    };
    let length = payload.len() + 8;
    let behind = find(b"hvcC") + word(find(b"hvcC"));
    let mut changed = file.to_vec();
    for outer in [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hvc1"] {
        let at = if outer == b"hvc1" { find(b"stsd") + 16 } else { find(outer) };
        let size = (word(at) + length) as u32;
        changed[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    let mut inserted = (length as u32).to_be_bytes().to_vec();
    inserted.extend_from_slice(name);
    inserted.extend_from_slice(payload);
    changed.splice(behind..behind, inserted);
    changed
}

#[test]
fn a_lost_full_range_flag_is_warned_of() {
    let place = source();
    let encode = "-c:v libx264 -crf 30 -preset fast -pix_fmt yuv420p";
    let lost = "scale=in_range=limited:out_range=full,setparams=range=limited";
    make(&place, &format!("-i ref.mp4 -vf {lost} {encode} lost.mp4"));
    make(&place, &format!("-i ref.mp4 {encode} enc.mp4"));
    // More contrast, as of a filter.
    make(&place, &format!("-i ref.mp4 -vf eq=contrast=1.05 {encode} eq.mp4"));
    let words = "contrast is stretched throughout";
    let document = place.score("ref.mp4 lost.mp4");
    assert!(document["warnings"].to_string().contains(words), "{}", document["warnings"]);
    let ran = place.vmaf("score ref.mp4 lost.mp4");
    assert!(ran.stderr.contains("lost.mp4: contrast is stretched throughout"), "{}", ran.stderr);
    assert!(ran.stderr.contains("video_full_range_flag=1"), "{}", ran.stderr);
    let document = place.score("lost.mp4 ref.mp4");
    assert!(document["warnings"].to_string().contains("contrast is narrowed throughout"));
    for pair in ["ref.mp4 enc.mp4", "ref.mp4 eq.mp4"] {
        let document = place.score(pair);
        assert!(!document["warnings"].to_string().contains("throughout"), "{pair}");
    }
}

#[test]
fn raw_16_bit_samples_are_not_read_as_8_bit() {
    let place = source();
    // Black first, as films begin.
    let faded = "-vf tpad=start=2:color=black,fade=in:2:4";
    for (name, format) in [
        ("ref", "yuv420p10le"),
        ("big", "yuv420p10be"),
        ("deep", "yuv420p12le"),
        ("byte", "yuv420p"),
    ] {
        make(&place, &format!("-i ref.mp4 {faded} -pix_fmt {format} -f rawvideo {name}.yuv"));
    }
    let pair = |name: &str| format!("{name}.yuv {name}.yuv --size 480x270");
    place.assert_refused(
        &pair("ref"),
        &["every second byte", "in two bytes each", "--pix-fmt yuv420p10le"],
    );
    place.assert_refused(&pair("deep"), &["every second byte", "--pix-fmt yuv420p12le"]);
    place.assert_refused(
        &pair("big"),
        &["every second byte", "high byte first: convert", "le (ffmpeg -pix_fmt "],
    );
    place.score(&format!("{} --pix-fmt yuv420p10le", pair("ref")));
    place.score(&pair("byte"));
    let ran = place.vmaf("-r ref.yuv -d ref.yuv -w 480 -h 270 -p 420 -b 8 -o out.xml");
    assert!(ran.status != 0 && ran.stderr.contains("--bitdepth 10"), "{}", ran.stderr);
}
