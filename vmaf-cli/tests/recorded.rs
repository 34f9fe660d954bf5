//! The drop-in form against recorded figures of libvmaf, to the last printed digit.
//!
//! `testdata/README.md` says where the figures come from.

#[path = "support/bound.rs"]
mod bound;
#[path = "support/clips.rs"]
mod clips;
#[path = "support/log.rs"]
mod log;

use indexmap::IndexMap;
use serde::Deserialize;

use bound::Bound;
use log::Log;

/// What libvmaf printed in one run.
#[derive(Deserialize)]
struct Recorded {
    arguments: Vec<String>,
    frames: IndexMap<String, Vec<Option<f64>>>,
    pooled: IndexMap<String, IndexMap<String, Option<f64>>>,
    #[serde(default)]
    aggregate: IndexMap<String, f64>,
}

impl Recorded {
    fn bound(&self, column: &str) -> Bound {
        match &self.arguments[..] {
            [flag, model] if flag == "-m" => Bound::of_model(model, column),
            [.., feature] => Bound::of_feature(feature),
            [] => unreachable!("a run has arguments"),
        }
    }
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
                let bound = run.bound(column);
                bound.check(&found.values(column), expected, &format!("{column} of {what}"));
                let pooled = |pools: &IndexMap<String, Option<f64>>| -> Vec<Option<f64>> {
                    pools.values().copied().collect()
                };
                let (found, expected_pools) = (&found.pooled[column], &run.pooled[column]);
                assert!(found.keys().eq(expected_pools.keys()), "{column} of {what}");
                let what = format!("{column} pooled of {what}");
                bound.check(&pooled(found), &pooled(expected_pools), &what);
                numbers += expected.len() + found.len();
            }
            assert_eq!(found.aggregate, run.aggregate, "{what}");
        }
    }
    println!("{numbers} numbers are libvmaf's");
    assert!(numbers > 10_000);
}
