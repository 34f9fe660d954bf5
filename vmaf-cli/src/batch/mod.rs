//! `vmaf batch`: scores all encodes that a manifest names.
//!
//! A batch may be killed at any moment: the same command then does what is missing. Whether an
//! encode is done its key tells, which depends on what the videos hold, on the models and options,
//! and on the version, but on no name. Other gates are judged by what was measured.
//!
//! - [`manifest`] reads the list;
//! - [`entry`] has an encode of it, and its key;
//! - [`group`] measures encodes of one reference in one pass, and keeps what it has so far;
//! - [`results`] is the file that results go to; [`rejudge`] judges a line of it by other gates;
//! - [`tally`] counts what came of them, for people.

mod entry;
mod group;
pub(crate) mod manifest;
mod members;
mod rejudge;
mod results;
mod tally;

use std::collections::{HashMap, VecDeque};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use self::entry::Wanted;
use self::group::{Findings, Group, Keeping, Trouble};
use self::results::Results;
use self::tally::Tally;
use crate::args::{AlignName, BatchArgs, MeasureArgs};
use crate::digest;
use crate::failure::{self, Failure, Result};
use crate::gates;
use crate::output::json::{self, InBatch};

/// How many encodes are measured in one pass at most, which bounds the memory that they take.
const MOST_TOGETHER: usize = 8;

/// Runs `vmaf batch`.
pub(crate) fn run(arguments: &BatchArgs) -> Result<gates::Outcome> {
    let entries = manifest::read(&arguments.manifest, arguments.relative_to.as_deref())?;
    let wanted = Wanted::all(entries, arguments)?;
    let results = Results::open(&arguments.output)?;
    let jobs = usize::from(arguments.jobs.get());
    let threads = match arguments.measure.threads {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        threads => usize::from(threads),
    };
    let threads = u16::try_from(threads.div_ceil(jobs)).unwrap_or(u16::MAX);
    let folder = PathBuf::from(format!("{}.parts", arguments.output));
    let measure = MeasureArgs { threads, ..arguments.measure.clone() };
    measure.streams.check_list()?;
    let batch = Batch {
        options: entry::options(&measure, &arguments.judge.pool),
        measure,
        arguments,
        keeping: Keeping { folder: &folder, every: arguments.checkpoint },
        kept: group::kept_in(&folder),
        results: Mutex::new(results),
        digests: Mutex::default(),
        tally: Tally::new(wanted.len(), arguments.quiet),
    };
    let queue = Mutex::new(together(wanted));
    let stopped = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while locked(&stopped).is_none() {
                    let Some(next) = locked(&queue).pop_front() else { return };
                    if let Err(failure) = batch.work(&next) {
                        locked(&stopped).get_or_insert(failure);
                    }
                }
            });
        }
    });
    match locked(&stopped).take() {
        Some(failure) => {
            batch.tally.clear();
            Err(failure)
        }
        None => {
            group::forget_all(&folder);
            batch.tally.conclude(&arguments.output)
        }
    }
}

/// The entries by what can be measured together, in the order of the manifest.
fn together(wanted: Vec<Wanted>) -> VecDeque<Vec<Wanted>> {
    let mut all: Vec<Vec<Wanted>> = Vec::new();
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for entry in wanted {
        let candidates = places.entry(entry.reference.path.clone()).or_default();
        match candidates.iter().find(|place| all[**place][0].shares_with(&entry)) {
            Some(place) => all[*place].push(entry),
            None => {
                candidates.push(all.len());
                all.push(vec![entry]);
            }
        }
    }
    all.into()
}

/// A batch at work.
struct Batch<'a> {
    arguments: &'a BatchArgs,
    /// How entries are measured, with the threads that each job has.
    measure: MeasureArgs,
    options: String,
    keeping: Keeping<'a>,
    /// The keys of encodes of which parts are kept, a group each.
    kept: Vec<Vec<String>>,
    results: Mutex<Results>,
    /// What files hold, by path.
    digests: Mutex<HashMap<String, Result<String, String>>>,
    tally: Tally,
}

/// An entry that is to be measured.
struct Missing<'a> {
    wanted: &'a Wanted,
    digest: String,
    key: String,
}

/// An error's line where nothing more is known than that.
#[derive(Serialize)]
struct ErrorLine<'a> {
    reference: &'a str,
    distorted: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    error: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

impl Batch<'_> {
    /// Sees to entries that share a reference, models and metrics. Fails where results can't be
    /// written.
    fn work(&self, entries: &[Wanted]) -> Result<()> {
        let reference = self.digest(&entries[0].reference.path);
        let mut missing: Vec<Missing<'_>> = Vec::new();
        // Entries of what another one measures.
        let mut again = Vec::new();
        for wanted in entries {
            let digests = reference.clone();
            let digests = digests.and_then(|r| Ok((r, self.digest(&wanted.distorted.path)?)));
            let (reference, digest) = match digests {
                Ok(digests) => digests,
                Err(error) => {
                    self.failed(wanted, None, &error)?;
                    continue;
                }
            };
            let key = wanted.key(&reference, &digest, &self.options);
            if self.settle(wanted, &key)? {
                self.tally.known();
                continue;
            }
            let is_there = missing.iter().any(|other| other.key == key);
            let list = if is_there { &mut again } else { &mut missing };
            list.push(Missing { wanted, digest, key });
        }
        let reference = reference.unwrap_or_default();
        for group in self.groups(missing) {
            self.measure(&reference, &group)?;
        }
        for one in again {
            if !locked(&self.results).has(&one.key) {
                self.failed(
                    one.wanted,
                    Some(&one.key),
                    "another entry of the same content failed",
                )?;
            } else if !self.settle(one.wanted, &one.key)? {
                self.measure(&reference, &[one])?;
            }
        }
        Ok(())
    }

    /// What is measured in one pass: first what was begun so, then what may be. No encode's values
    /// depend on which are beside it.
    fn groups<'b>(&self, mut missing: Vec<Missing<'b>>) -> Vec<Vec<Missing<'b>>> {
        let mut groups = Vec::new();
        for keys in &self.kept {
            let place = |key: &String| missing.iter().position(|one| one.key == *key);
            if keys.is_empty() || !keys.iter().all(|key| place(key).is_some()) {
                continue;
            }
            let of_key = |key: &String| {
                let place = missing.iter().position(|one| one.key == *key)?;
                Some(missing.remove(place))
            };
            groups.push(keys.iter().filter_map(of_key).collect());
        }
        // Pairs that are found by what frames show are those of all encodes of a run.
        let is_found = self.measure.align.align == AlignName::Content;
        let most = if is_found { 1 } else { MOST_TOGETHER };
        while !missing.is_empty() {
            let rest = missing.split_off(most.min(missing.len()));
            groups.push(std::mem::replace(&mut missing, rest));
        }
        groups
    }

    /// Measures a group, and writes a line for each of its encodes.
    fn measure(&self, reference: &str, missing: &[Missing<'_>]) -> Result<()> {
        let first = missing[0].wanted;
        let group = Group {
            asked: &first.asked,
            reference: &first.reference.path,
            distorted: missing.iter().map(|one| one.wanted.distorted.path.clone()).collect(),
            digests: (reference.to_owned(), missing.iter().map(|one| one.digest.clone()).collect()),
            keys: missing.iter().map(|one| one.key.clone()).collect(),
        };
        let mut progress = self.tally.of(missing.len());
        let mut show = |kept, measured, total| progress.at(kept, measured, total);
        let findings = match group.measure(&self.measure, &self.keeping, &mut show) {
            Ok(findings) => findings,
            Err(Trouble::AtStart(_)) if missing.len() > 1 => {
                drop(progress);
                return missing.chunks(1).try_for_each(|one| self.measure(reference, one));
            }
            Err(Trouble::AtStart(failure) | Trouble::Later(failure)) => {
                drop(progress);
                let error = failure::plain(failure);
                group.forget(&self.keeping);
                let mut each = missing.iter();
                return each.try_for_each(|one| self.failed(one.wanted, Some(&one.key), &error));
            }
            Err(Trouble::Keeping(failure)) => return Err(failure),
        };
        drop(progress);
        self.write(missing, findings)?;
        group.forget(&self.keeping);
        Ok(())
    }

    /// Writes what was found of a group.
    fn write(&self, missing: &[Missing<'_>], findings: Findings) -> Result<()> {
        let Findings { known, planned, found, went } = findings;
        let pools = &self.arguments.judge.pool[..];
        for (index, (one, found)) in missing.iter().zip(found).enumerate() {
            let Missing { wanted, key, .. } = one;
            let labels = &wanted.labels;
            let known = known.only(index, &labels.reference, &labels.distorted);
            let error = found.as_ref().err().cloned();
            let gates = (&wanted.gates[..], pools);
            let report = match known.report(planned.only(index), vec![found], gates, went) {
                Ok(report) => report,
                // A gate of a column that there is not.
                Err(failure) => {
                    self.failed(wanted, Some(key), &failure::plain(failure))?;
                    continue;
                }
            };
            let batch = InBatch { name: labels.name.as_deref(), key };
            let line = json::line(&report, &report.encodes[0], batch);
            let line =
                line.map_err(|error| Failure::output(&self.arguments.output, error.into()))?;
            match error {
                Some(error) => {
                    locked(&self.results).add_error(labels, &error, &line)?;
                    self.tally.unmeasured(labels, &error);
                }
                None => {
                    locked(&self.results).append(&line)?;
                    self.tally.measured(labels, &report);
                }
            }
        }
        Ok(())
    }

    /// Takes note of an entry that was measured, if it was and nothing is missing to judge it.
    fn settle(&self, wanted: &Wanted, key: &str) -> Result<bool> {
        let settled = locked(&self.results).settled(key, &wanted.labels, &wanted.gates)?;
        let Some((outcome, problems)) = settled else { return Ok(false) };
        self.tally.done(&wanted.labels, outcome, &problems);
        Ok(true)
    }

    /// Writes that an entry can't be measured.
    fn failed(&self, wanted: &Wanted, key: Option<&str>, error: &str) -> Result<()> {
        let labels = &wanted.labels;
        let line = ErrorLine {
            reference: &labels.reference,
            distorted: &labels.distorted,
            name: labels.name.as_deref(),
            error,
            key,
        };
        let line = serde_json::to_string(&line)
            .map_err(|error| Failure::output(&self.arguments.output, error.into()))?;
        locked(&self.results).add_error(labels, error, &line)?;
        self.tally.unmeasured(labels, error);
        Ok(())
    }

    /// The digest of what the video at `path` holds.
    fn digest(&self, path: &str) -> Result<String, String> {
        if let Some(known) = locked(&self.digests).get(path) {
            return known.clone();
        }
        let digest = digest::of_video(path).map_err(failure::plain);
        locked(&self.digests).insert(path.to_owned(), digest.clone());
        digest
    }
}

/// What a mutex holds, whatever became of the thread that had it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
