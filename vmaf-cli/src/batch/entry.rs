//! An entry of the manifest as it will be measured, and what tells it from all others: its key.

use std::collections::HashMap;
use std::sync::Arc;

use vmaf_core::Gate;

use super::manifest::{Entry, Video};
use super::results::Labels;
use crate::args::values::NamedPool;
use crate::args::{BatchArgs, MeasureArgs};
use crate::digest;
use crate::failure::{Failure, Result};
use crate::gates;
use crate::score::asked::Asked;

/// An encode to measure.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) reference: Video,
    pub(super) distorted: Video,
    pub(super) labels: Labels,
    pub(super) asked: Arc<Asked>,
    pub(super) gates: Vec<Gate>,
}

impl Wanted {
    /// What `entries` ask for, each in addition to what the command line does.
    pub(super) fn all(entries: Vec<Entry>, arguments: &BatchArgs) -> Result<Vec<Self>> {
        let common = gates::asked(&arguments.judge);
        // Reading a model takes time, and many entries ask for the same.
        let mut known = HashMap::new();
        let wanted = entries.into_iter().map(|entry| {
            let Entry { line, reference, distorted, name, models, metrics, gates } = entry;
            let fail = |error: &dyn std::fmt::Display| {
                Failure::input(format!("{}: line {line}: {error}", arguments.manifest))
            };
            let asked = match known.get(&(models.clone(), metrics.clone())) {
                Some(asked) => Arc::clone(asked),
                None => {
                    let measure = within(arguments, &models, &metrics);
                    let asked = Arc::new(Asked::of(&measure).map_err(|error| fail(&error))?);
                    known.insert((models, metrics), Arc::clone(&asked));
                    asked
                }
            };
            let own = gates.iter().map(|gate| gate.parse::<Gate>().map_err(|error| fail(&error)));
            let mut gates = own.collect::<Result<Vec<_>>>()?;
            if gates.is_empty() {
                gates.clone_from(&common);
            }
            let labels = Labels {
                reference: reference.named.clone(),
                distorted: distorted.named.clone(),
                name,
            };
            Ok(Self { reference, distorted, labels, asked, gates })
        });
        wanted.collect()
    }

    /// Whether it can be measured beside `other`, in one pass.
    pub(super) fn shares_with(&self, other: &Self) -> bool {
        self.reference.path == other.reference.path
            && (Arc::ptr_eq(&self.asked, &other.asked) || self.asked == other.asked)
    }

    /// The key of this encode: equal for all that have equal values. The videos' digests are given,
    /// and what `options` all entries share.
    pub(super) fn key(&self, reference: &str, distorted: &str, options: &str) -> String {
        let all = (vmaf_core::VERSION, reference, distorted, self.asked.identity(), options);
        digest::of_bytes(format!("{all:?}").as_bytes())
    }
}

/// What the command line asks for, with what an entry has in place of it.
fn within(arguments: &BatchArgs, models: &[String], metrics: &[String]) -> MeasureArgs {
    let mut measure = arguments.measure.clone();
    if !models.is_empty() {
        measure.model = models.to_vec();
        measure.no_model = false;
    }
    if !metrics.is_empty() {
        measure.metric = metrics.to_vec();
    }
    measure
}

/// The options that all entries share and results depend on, in words.
pub(super) fn options(measure: &MeasureArgs, pools: &[NamedPool]) -> String {
    let measure = MeasureArgs {
        model: Vec::new(),
        no_model: false,
        metric: Vec::new(),
        threads: 0,
        ..measure.clone()
    };
    let pools: Vec<&str> = pools.iter().map(|pool| &pool.name[..]).collect();
    format!("{measure:?} {pools:?}")
}
