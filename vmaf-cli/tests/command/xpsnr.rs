//! XPSNR against recorded figures of FFmpeg's filter, to the last printed digit.
//!
//! `testdata/README.md` says where the figures come from. There are none of clips of 16 bits, whose
//! samples the filter takes for signed.

use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::common::Place;
use crate::support::clips::{self, Clip};

/// The filter's output: of each frame, or of the video.
#[derive(Deserialize)]
#[serde(untagged)]
enum Figures {
    Frames(Vec<String>),
    Video(String),
}

/// As the filter prints a value; what JSON can't hold is infinite.
fn printed(value: &Value) -> String {
    value.as_f64().map_or("inf".to_owned(), |value| format!("{value:.4}"))
}

/// The raw video in `path` as Y4M.
fn y4m(clip: &Clip, path: &Path, frame_rate: &str) -> Vec<u8> {
    let raw = std::fs::read(path).expect("a clip");
    let Clip { width, height, chroma, depth, frames, .. } = clip;
    let depth = if *depth == 8 { String::new() } else { format!("p{depth}") };
    let header = format!("YUV4MPEG2 W{width} H{height} F{frame_rate}:1 Ip A1:1 C{chroma}{depth}\n");
    let frames = raw.chunks(raw.len() / frames);
    let frames = frames.flat_map(|frame| [&b"FRAME\n"[..], frame]);
    header.into_bytes().into_iter().chain(frames.flatten().copied()).collect()
}

#[test]
fn every_recorded_clip_has_its_recorded_xpsnr() {
    let text = include_str!("../../../testdata/xpsnr.json");
    let recorded: IndexMap<String, IndexMap<String, IndexMap<String, Figures>>> =
        serde_json::from_str(text).expect("valid");
    let place = Place::new();
    // The filter takes samples of 16 bits for signed, and rounds odd chroma sizes up.
    let is_odd = |clip: &clips::Clip| {
        clip.chroma != "444" && !(clip.width.is_multiple_of(2) && clip.height.is_multiple_of(2))
    };
    let clips = clips::CLIPS.iter().filter(|clip| clip.depth < 16 && !is_odd(clip));
    assert!(clips.clone().map(|clip| clip.name).eq(recorded.keys()));
    for clip in clips {
        let paths = clip.write(&place.path("")).expect("written");
        for (rate, columns) in &recorded[clip.name] {
            for (path, name) in paths.iter().zip(["ref.y4m", "enc.y4m"]) {
                place.file(name, y4m(clip, path, rate));
            }
            // The file says the frame rate, then the option does, and says another one.
            let document = place.score("ref.y4m enc.y4m --no-model --metric xpsnr");
            check(&document, columns, "", clip.name);
            let other = if rate == "25" { "60" } else { "25" };
            let metric = format!("--metric xpsnr=frame_rate={other}");
            let document = place.score(&format!("ref.y4m enc.y4m --no-model {metric}"));
            check(&document, &recorded[clip.name][other], &format!("_fps_{other}"), clip.name);
        }
    }
}

/// Compares an encode's columns, whose names end in `suffix`, with what was recorded.
fn check(document: &Value, recorded: &IndexMap<String, Figures>, suffix: &str, clip: &str) {
    let encode = &document["distorted"][0];
    for (column, expected) in recorded {
        let name = format!("{column}{suffix}");
        match expected {
            Figures::Frames(expected) => {
                let found = encode["frames"][&name].as_array().expect("a column");
                let found: Vec<String> = found.iter().map(printed).collect();
                assert_eq!(&found, expected, "{name} of {clip}");
            }
            Figures::Video(expected) => {
                let found = encode["aggregates"].get(&name).expect("a value of the video");
                assert_eq!(&printed(found), expected, "{name} of {clip}");
            }
        }
    }
}
