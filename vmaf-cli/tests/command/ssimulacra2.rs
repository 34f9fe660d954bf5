//! SSIMULACRA2 against recorded figures, and the colour that it takes from files.
//!
//! `testdata/README.md` says where the figures come from.

use serde::Deserialize;

use crate::common::Place;
use crate::support::clips;
use crate::support::light::{Recorded, for_each_run};

/// The scores of the first frames.
#[derive(Deserialize)]
struct Scores {
    /// The figure of libjxl's program.
    libjxl: Vec<f64>,
    /// The figure of the definition, in double precision.
    definition: Vec<f64>,
}

fn recorded() -> Recorded<Scores> {
    let text = include_str!("../../../testdata/ssimulacra2.json");
    serde_json::from_str(text).expect("valid")
}

#[test]
fn every_recorded_clip_has_its_recorded_score() {
    for_each_run("ssimulacra2", &recorded(), |scores: &Scores, frames, run| {
        for (index, expected) in scores.definition.iter().enumerate() {
            let found = frames["ssimulacra2"][index].as_f64().expect("a score");
            // Black beside 10,000 cd/m² scores below -100,000.
            let is_extreme = *expected < -10_000.0;
            let bound = if is_extreme { 2e-3 } else { 1e-4 } * expected.abs().max(1.0);
            assert!((found - expected).abs() < bound, "{run} {index}: {found}, not {expected}");
        }
    });
}

/// The definition is that of libjxl, whose recursive filters in single precision are noisy where
/// pictures are flat.
#[test]
fn the_recorded_definition_is_libjxls() {
    for (clip, runs) in recorded() {
        for (options, Scores { libjxl, definition }) in runs {
            for (program, definition) in libjxl.iter().zip(definition) {
                let bound = match () {
                    () if clip.starts_with("flat") => 2.3,
                    () if definition < -10_000.0 => 0.03 * definition.abs(),
                    () => 0.02 + 0.003 * (100.0 - definition),
                };
                let difference = (program - definition).abs();
                assert!(difference < bound, "{clip} {options}: {program} {definition}");
            }
        }
    }
}

#[test]
fn assumptions_about_colour_are_reported() {
    let place = Place::new();
    let clip = &clips::CLIPS[0];
    let header = "YUV4MPEG2 W176 H144 F25:1 C420mpeg2 XCOLORRANGE=FULL\n";
    for (path, name) in clip.write(&place.path("")).expect("written").iter().zip(["r", "d"]) {
        let raw = std::fs::read(path).expect("a clip");
        let frames = raw.chunks(raw.len() / clip.frames);
        let frames = frames.flat_map(|frame| [b"FRAME\n", frame].concat());
        let bytes: Vec<u8> = header.bytes().chain(frames).collect();
        place.file(&format!("{name}.y4m"), bytes);
    }
    let document = place.score("r.y4m d.y4m --no-model --metric ssimulacra2");
    let text = document.to_string();
    let assumed = "assumed for colour: matrix bt601, transfer bt1886, primaries bt709";
    assert!(text.contains(assumed), "{text}");
    let score = |metric: &str| {
        let document = place.score(&format!("r.y4m d.y4m --no-model --metric {metric}"));
        document["distorted"][0]["metrics"]["ssimulacra2"]["mean"].as_f64().expect("a mean")
    };
    let found = score("ssimulacra2");
    assert_eq!(found, score("ssimulacra2=matrix=bt601:range=full:transfer=bt1886:siting=left"));
    assert_ne!(found, score("ssimulacra2=matrix=bt709"));
    let document = place.score("r.y4m d.y4m --no-model --metric psnr");
    assert!(!document.to_string().contains("assumed for colour"));
}

#[test]
fn gates_judge_it() {
    let place = Place::new();
    let raw = clips::CLIPS[0].write_raw(&place.path("")).expect("written");
    let run = |gate: &str| {
        let metric = "--no-model --metric ssimulacra2 --gate";
        place.vmaf(&format!("score r.yuv d.yuv {raw} {metric} {gate}")).status
    };
    assert_eq!((run("ssimulacra2:mean>=50"), run("ssimulacra2:min>=90")), (0, 1));
}

/// libjxl's program reads stills as RGB; by way of Y'CbCr of 8 bits they score up to two points
/// lower.
#[test]
fn stills_are_compared_as_rgb() {
    let place = Place::new();
    let pixel = |x: u32, y: u32, seed: u32| {
        let noise = (x * 7919 + y * 104_729 + seed * 31).wrapping_mul(2_654_435_761) >> 28;
        let base = [x * 3 + y, 255 - x * 2, 128 + y].map(|level| level.min(255) as u8);
        image::Rgb(base.map(|level| level.saturating_add(noise as u8)))
    };
    for (name, seed) in [("r.png", 0), ("d.png", 1)] {
        let picture = image::RgbImage::from_fn(72, 56, |x, y| pixel(x, y, seed));
        picture.save(place.path(name)).expect("written");
    }
    // The same as raw planes of green, blue and red.
    for (name, seed) in [("r.yuv", 0), ("d.yuv", 1)] {
        let plane = |channel: usize| {
            let places = (0..72 * 56).map(|i| pixel(i % 72, i / 72, seed));
            places.map(move |pixel| pixel.0[channel]).collect::<Vec<u8>>()
        };
        place.file(name, [plane(1), plane(2), plane(0)].concat());
    }
    let score = |arguments: &str| {
        let document = place.score(&format!("{arguments} --align unchecked"));
        let encode = &document["distorted"][0];
        let of = |name: &str| encode["frames"][name][0].as_f64().expect("a score");
        [of("ssimulacra2"), of("cvvdp_frame"), of("butteraugli")]
    };
    let raw = "r.yuv d.yuv --size 72x56 --pix-fmt 444 --no-model";
    let rgb = "matrix=rgb:range=full:transfer=srgb";
    let described = ["ssimulacra2", "cvvdp", "butteraugli"];
    let described = described.map(|metric| format!("--metric {metric}={rgb}")).join(" ");
    let expected = score(&format!("{raw} {described}"));
    // Beside an encode that is no still, both have the values of runs of their own.
    let header = b"YUV4MPEG2 W72 H56 F25:1 C444\nFRAME\n";
    let samples = std::fs::read(place.path("d.yuv")).expect("written");
    place.file("d.y4m", [&header[..], &samples].concat());
    let metrics = "--no-model --metric ssimulacra2 --metric cvvdp --metric butteraugli \
                   --align unchecked --geometry unchecked --assume-range limited";
    let frames = |document: &serde_json::Value, encode: usize| {
        document["distorted"][encode]["frames"].clone()
    };
    let together = place.score(&format!("r.png d.png d.y4m {metrics}"));
    for (index, encode) in ["d.png", "d.y4m"].into_iter().enumerate() {
        let alone = place.score(&format!("r.png {encode} {metrics}"));
        assert_eq!(frames(&alone, 0), frames(&together, index), "{encode}");
    }
    // Beside a model, too.
    let stills = "r.png d.png --metric ssimulacra2 --metric cvvdp --metric butteraugli";
    for arguments in [format!("{stills} --no-model"), format!("{stills} --model v0")] {
        let found = score(&arguments);
        for ((found, expected), bound) in found.iter().zip(expected).zip([1e-4, 1e-5, 1e-4]) {
            assert!((found - expected).abs() < bound, "{found} {expected}");
        }
    }
}
