//! The drop-in form against recorded figures of libvmaf, to the last printed digit.
//!
//! libvmaf measured one feature or model at a time, and so do we on some clips. On the others, one
//! run measures all features whose columns differ: starting a process takes longer than measuring a
//! small clip. `testdata/README.md` says where the figures come from.

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
    /// True if both runs are of features, and all columns differ.
    fn can_join(&self, other: &Self) -> bool {
        let is_of_feature = |run: &Self| run.arguments.iter().any(|it| it == "--feature");
        let is_others =
            |name: &String| other.frames.contains_key(name) || other.aggregate.contains_key(name);
        let mut columns = self.frames.keys().chain(self.aggregate.keys());
        is_of_feature(self) && is_of_feature(other) && !columns.any(is_others)
    }

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
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(clip) = clips::CLIPS.get(index) else { break };
                    let compared = compare(clip, &recorded[clip.name], index < SEPARATE);
                    numbers.fetch_add(compared, Ordering::Relaxed);
                }
            });
        }
    });
    let numbers = numbers.into_inner();
    println!("{numbers} numbers are libvmaf's");
    assert!(numbers > 10_000);
}

/// The number of clips, the first ones, whose features are measured one at a time.
const SEPARATE: usize = 2;

/// Groups `runs` that one run of ours stands for.
fn grouped(runs: &[Recorded], separate: bool) -> Vec<Vec<&Recorded>> {
    let mut groups: Vec<Vec<&Recorded>> = Vec::new();
    for run in runs {
        let joined = |group: &&mut Vec<&Recorded>| group.iter().all(|other| other.can_join(run));
        match groups.iter_mut().filter(|_| !separate).find(joined) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups
}

/// Compares the runs on one clip, and gives the number of numbers that were compared.
fn compare(clip: &clips::Clip, runs: &[Recorded], separate: bool) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let [reference, distorted] = clip.write(folder.path()).expect("written");
    let mut numbers = 0;
    for group in grouped(runs, separate) {
        let mut arguments = clip.raw_options();
        arguments.extend(group.iter().flat_map(|run| run.arguments.iter().cloned()));
        let found = Log::of(&reference, &distorted, &arguments, folder.path());
        let columns: usize = group.iter().map(|run| run.frames.len()).sum();
        assert_eq!(found.columns().count(), columns, "{} {arguments:?}", clip.name);
        let aggregates: usize = group.iter().map(|run| run.aggregate.len()).sum();
        assert_eq!(found.aggregate.len(), aggregates, "{} {arguments:?}", clip.name);
        numbers += group.iter().map(|run| compare_run(clip, run, &found)).sum::<usize>();
    }
    numbers
}

/// Compares the part of a log that is of `run`, and gives the number of numbers that were compared.
fn compare_run(clip: &clips::Clip, run: &Recorded, found: &Log) -> usize {
    let mut numbers = 0;
    let what = format!("{} {}", clip.name, run.arguments.join(" "));
    let columns = found.columns().filter(|column| run.frames.contains_key(*column));
    assert!(columns.eq(run.frames.keys()), "the columns of {what}");
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
    for (name, expected) in &run.aggregate {
        assert_eq!(found.aggregate.get(name), Some(expected), "{name} of {what}");
    }
    numbers + run.aggregate.len()
}
