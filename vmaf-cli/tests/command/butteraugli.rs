//! Butteraugli against recorded figures.
//!
//! `testdata/README.md` says where the figures come from.

use serde::Deserialize;

use crate::common::Place;
use crate::support::clips;
use crate::support::light::{Recorded, for_each_run};

/// The greatest difference and the mean of norms of the first frames.
#[derive(Deserialize)]
struct Differences {
    /// The figure of libjxl's program.
    libjxl: Vec<[f64; 2]>,
    /// The figure of the definition, in double precision.
    definition: Vec<[f64; 2]>,
}

const COLUMNS: [&str; 2] = ["butteraugli", "butteraugli_3norm"];

fn recorded() -> Recorded<Differences> {
    let text = include_str!("../../../testdata/butteraugli.json");
    serde_json::from_str(text).expect("valid")
}

#[test]
fn every_recorded_clip_has_its_recorded_differences() {
    for_each_run("butteraugli", &recorded(), |differences: &Differences, frames, run| {
        for (index, expected) in differences.definition.iter().enumerate() {
            for (column, expected) in COLUMNS.iter().zip(expected) {
                let found = frames[column][index].as_f64().expect("a difference");
                // Single precision shows where both pictures are flat; libjxl's program is off by
                // up to 0.006 there.
                let bound = 1e-4 * expected + if run.starts_with("flat") { 1e-3 } else { 1e-5 };
                assert!(
                    (found - expected).abs() < bound,
                    "{run} {column} {index}: {found}, not {expected}"
                );
            }
        }
    });
}

/// The definition is that of libjxl, whose sums of single precision are noisy where a picture is
/// flat or a gradient.
#[test]
fn the_recorded_definition_is_libjxls() {
    for (clip, runs) in recorded() {
        for (options, Differences { libjxl, definition }) in runs {
            for (program, definition) in libjxl.iter().flatten().zip(definition.iter().flatten()) {
                let bound = match () {
                    () if clip.starts_with("flat") => 0.006,
                    () if clip.starts_with("gradient") => 4e-3 * definition,
                    () => 3e-4 * definition + 1e-5,
                };
                let difference = (program - definition).abs();
                assert!(difference < bound, "{clip} {options}: {program} {definition}");
            }
        }
    }
}

#[test]
fn gates_judge_it() {
    let place = Place::new();
    let raw = clips::CLIPS[0].write_raw(&place.path("")).expect("written");
    let run = |gate: &str| {
        let metric = "--no-model --metric butteraugli --gate";
        place.vmaf(&format!("score r.yuv d.yuv {raw} {metric} {gate}")).status
    };
    assert_eq!((run("butteraugli_3norm:mean<=4"), run("butteraugli:max<=1")), (0, 1));
}
