//! Properties that frames state of their samples, where they change within a stream, by both ways
//! of decoding.

use std::path::Path;

use crate::common::{Folder, ffmpeg, read_with};
use crate::ffmpeg::{DECODERS, run};
use vmaf_media::conform::Accepted;
use vmaf_media::{Decoder, OpenOptions};

/// Makes streams of ten frames that differ in what they say, and joins each behind the first.
fn joined(program: &Path, folder: &Folder) {
    let colours = "colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1";
    let plain = folder.path("plain.h264");
    let encode = |options: &str, file: &str| {
        let mut all = vec!["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=0.4"];
        let options = format!("-c:v libx264 -preset ultrafast -pix_fmt yuv420p {options}");
        all.extend(options.split_whitespace());
        all.push(file);
        run(program, &all);
    };
    let tagged = format!("-bsf:v h264_metadata={colours}:video_full_range_flag=0");
    encode(&tagged, &plain);
    let fields = format!("-x264-params tff=1 {tagged}");
    encode(&fields, &folder.path("fields.h264"));
    for (name, change) in [
        ("range", "video_full_range_flag=1"),
        ("transfer", "transfer_characteristics=16"),
        ("matrix", "matrix_coefficients=6"),
        ("aspect", "sample_aspect_ratio=4/3"),
        ("same", "transfer_characteristics=6"),
    ] {
        let filter = format!("h264_metadata={change}");
        let file = folder.path(&format!("{name}.h264"));
        run(program, &["-i", &plain, "-c", "copy", "-bsf:v", &filter, &file]);
    }
    let read = |name: &str| std::fs::read(folder.path(&format!("{name}.h264"))).expect("a file");
    for name in ["range", "transfer", "matrix", "aspect", "fields", "same", "plain"] {
        folder.write(&format!("{name}2.h264"), [read("plain"), read(name)].concat());
    }
}

#[test]
fn both_decoders_find_changed_properties() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    joined(&program, &folder);
    for &decoder in DECODERS {
        let decode = |name: &str, accepted: &[Accepted]| {
            let accepted = accepted.to_vec();
            let options = OpenOptions { decoder, threads: 1, accepted, ..OpenOptions::default() };
            read_with(&folder.path(&format!("{name}2.h264")), &options)
        };
        for (name, words, accepted) in [
            ("range", "has full range", Accepted::Changes),
            ("transfer", "smpte2084", Accepted::Color),
            ("matrix", "smpte170m", Accepted::Color),
            ("aspect", "sample aspect ratio 4:3", Accepted::Changes),
            ("fields", "interlaced", Accepted::Interlaced),
        ] {
            // The program takes the shape of pixels from the container.
            if decoder == Decoder::Process && name == "aspect" {
                continue;
            }
            let told = decode(name, &[]).expect_err(name).to_string();
            assert!(told.contains(words), "{name} {decoder:?}: {told}");
            // The program can't decode beyond some changes, even if they are accepted.
            if decoder == Decoder::InProcess {
                let (_, frames) = decode(name, &[accepted]).expect(name);
                assert_eq!(frames.len(), 20, "{name}");
            }
        }
        for name in ["same", "plain"] {
            let (_, frames) = decode(name, &[]).expect(name);
            assert_eq!(frames.len(), 20, "{name} {decoder:?}");
        }
    }
}
