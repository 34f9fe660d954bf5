//! The drop-in form against recorded figures of libvmaf, to the last printed digit.
//!
//! `testdata/README.md` says where the figures come from.

#[path = "support/clips.rs"]
mod clips;
#[path = "support/log.rs"]
mod log;

use indexmap::IndexMap;
use serde::Deserialize;

use log::Log;

/// What libvmaf printed in one run.
#[derive(Deserialize)]
struct Recorded {
    arguments: Vec<String>,
    frames: IndexMap<String, Vec<Option<f64>>>,
    pooled: IndexMap<String, IndexMap<String, Option<f64>>>,
}

#[test]
fn every_recorded_run() {
    let text = include_str!("../../testdata/libvmaf.json");
    let recorded: IndexMap<String, Vec<Recorded>> = serde_json::from_str(text).expect("valid");
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(recorded.len(), clips::CLIPS.len());
    let mut numbers = 0;
    for clip in clips::CLIPS {
        let [reference, distorted] = clip.write(folder.path()).expect("written");
        for run in &recorded[clip.name] {
            let what = format!("{} {}", clip.name, run.arguments.join(" "));
            let mut arguments = clip.raw_options();
            arguments.extend(run.arguments.iter().cloned());
            let found = Log::of(&reference, &distorted, &arguments, folder.path());
            assert!(found.columns().eq(run.frames.keys()), "the columns of {what}");
            for (column, expected) in &run.frames {
                assert_eq!(&found.values(column), expected, "{column} of {what}");
                assert_eq!(found.pooled[column], run.pooled[column], "{column} pooled of {what}");
                numbers += expected.len() + run.pooled[column].len();
            }
        }
    }
    println!("{numbers} numbers are libvmaf's");
    assert!(numbers > 10_000);
}
