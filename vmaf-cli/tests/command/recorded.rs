//! The drop-in form against recorded figures of libvmaf, to the last printed digit.
//!
//! `testdata/README.md` says where the figures come from.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use indexmap::IndexMap;
use serde::Deserialize;

use crate::support::bound::Bound;
use crate::support::clips;
use crate::support::log::Log;

/// The output of one run of libvmaf.
#[derive(Deserialize)]
struct Recorded {
    arguments: Vec<String>,
    frames: IndexMap<String, Vec<Option<f64>>>,
    #[serde(default)]
    pooled: IndexMap<String, IndexMap<String, Option<f64>>>,
    #[serde(default)]
    aggregate: IndexMap<String, Option<f64>>,
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
fn every_recorded_run_has_its_recorded_output() {
    let text = include_str!("../../../testdata/libvmaf.json");
    let recorded: IndexMap<String, Vec<Recorded>> = serde_json::from_str(text).expect("valid");
    assert_eq!(recorded.len(), clips::CLIPS.len());
    let next = AtomicUsize::new(0);
    let numbers = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some(clip) = clips::CLIPS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let compared = compare(clip, &recorded[clip.name]);
                    numbers.fetch_add(compared, Ordering::Relaxed);
                }
            });
        }
    });
    let numbers = numbers.into_inner();
    println!("{numbers} numbers are libvmaf's");
    assert!(numbers > 10_000);
}

/// Compares the runs on one clip, and gives the number of numbers that were compared.
fn compare(clip: &clips::Clip, runs: &[Recorded]) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let [reference, distorted] = clip.write(folder.path()).expect("written");
    let mut numbers = 0;
    for run in runs {
        let what = format!("{} {}", clip.name, run.arguments.join(" "));
        let mut arguments = clip.raw_options();
        arguments.extend(run.arguments.iter().cloned());
        let found = Log::of(&reference, &distorted, &arguments, folder.path());
        assert!(found.columns().eq(run.frames.keys()), "the columns of {what}");
        for (column, expected) in &run.frames {
            let bound = run.bound(column);
            bound.check(&found.values(column), expected, &format!("{column} of {what}"));
            numbers += expected.len();
        }
        for (column, expected) in &run.pooled {
            let values = |pools: &IndexMap<String, Option<f64>>| -> Vec<Option<f64>> {
                pools.values().copied().collect()
            };
            let found = &found.pooled[column];
            assert!(found.keys().eq(expected.keys()), "{column} of {what}");
            let what = format!("{column} pooled of {what}");
            run.bound(column).check(&values(found), &values(expected), &what);
            numbers += expected.len();
        }
        assert_eq!(found.aggregate, run.aggregate, "{what}");
        numbers += run.aggregate.len();
    }
    numbers
}
