//! Batches: all encodes that a manifest lists, with results on disk as they are measured.
//!
//! An interrupted batch resumes when it is run again: it measures what is missing. An encode is
//! done if its key is among the results. The key depends on the contents of the videos, on the
//! models and options, and on the version, but not on names. Changed gates are judged by the stored
//! results.
//!
//! - `manifest` reads the manifest;
//! - `entry` is one encode of it, with its key;
//! - `group` measures encodes of one reference in one pass, and stores its progress;
//! - `results` is the results file; `rejudge` judges a line of it by other gates;
//! - `ordered_json` changes members of a line and keeps the others as they are;
//! - `event` defines what an observer of a batch gets.
//!
//! A batch can cover a part of a manifest, [`Batch::entries`], and reuse lines of other batches,
//! [`Batch::earlier`]: its lines are then added to the [`ResultsFile`] of the whole manifest.

mod entry;
mod event;
mod group;
mod manifest;
mod name;
mod ordered_json;
mod rejudge;
mod results;

use std::collections::{HashMap, VecDeque};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vmaf_core::pool::Pool;
use vmaf_core::{Gate, memory};
use vmaf_media::Message;

use self::entry::{EncodeTask, SharedOptions};
pub use self::event::{BatchEvent, BatchObserver};
use self::group::{CheckpointOptions, Group, GroupError, GroupResults};
pub use self::name::EntryName;
use self::results::ReusedResult;
pub use self::results::{ResultLine, ResultsFile, error_line};
use crate::digest;
use crate::error::{Error, Result};
use crate::handle::RunHandle;
use crate::jobs::in_jobs;
use crate::locks::locked;
use crate::output::json::{self, BatchMembers};
use crate::output::report::{GateResult, Report};
use crate::output::verdicts;
use crate::request::values::NamedPool;
use crate::request::{Options, Pairing};
use crate::result::Outcome;

/// The largest number of encodes that are measured in one pass, which bounds their memory.
const MAX_ENCODES_PER_PASS: usize = 8;

/// The time in which a signal that all processes of a job receive is noticed by each of them.
const SIGNAL_DELAY: Duration = Duration::from_millis(100);

/// The seconds between checkpoints by default.
const CHECKPOINT: Duration = Duration::from_secs(30);

/// A batch: a manifest of encodes, and how they are scored and judged.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Batch {
    /// The path of the manifest, CSV or JSON Lines.
    pub manifest: String,
    /// The path of the results, JSON Lines.
    pub output: String,
    /// The entries to measure instead of those of the manifest, as [`entries`] returns them.
    pub entries: Option<Vec<(u64, String)>>,
    /// Lines of results of other batches: an entry whose key is among them is not measured.
    pub earlier: Vec<String>,
    /// The folder that paths in the manifest are relative to; its own folder if `None`.
    pub relative_to: Option<PathBuf>,
    /// The number of references to work on at once; they share the threads.
    pub jobs: NonZero<usize>,
    /// The time after which the measurements of an encode are stored.
    pub checkpoint: Duration,
    /// The options of entries. Models and metrics of an entry replace these.
    pub options: Options,
    /// The gates of entries without their own.
    pub gates: Vec<Gate>,
    /// Pools in addition to those that every column has.
    pub pools: Vec<NamedPool>,
}

/// Returns the entries of the manifest at `manifest`: of each its line, from 1, and a line of JSON,
/// in which patterns are replaced by the files that they match. These lines form a manifest
/// themselves, of the same folder.
///
/// # Errors
/// Fails if the manifest can't be read, or a line is wrong.
pub fn entries(manifest: &str) -> Result<Vec<(u64, String)>> {
    let entries = manifest::read(manifest, None)?;
    Ok(entries.iter().map(|entry| (entry.line, entry.to_json())).collect())
}

impl Batch {
    /// Returns a batch of `manifest` whose results go to `output`.
    #[must_use]
    pub fn new(manifest: impl Into<String>, output: impl Into<String>) -> Self {
        Self {
            manifest: manifest.into(),
            output: output.into(),
            entries: None,
            earlier: Vec::new(),
            relative_to: None,
            jobs: NonZero::<usize>::MIN,
            checkpoint: CHECKPOINT,
            options: Options::default(),
            gates: Vec::new(),
            pools: Vec::new(),
        }
    }

    /// Measures all encodes whose results are missing. Returns the worst outcome.
    ///
    /// # Errors
    /// Fails if the manifest is wrong, or results can't be written. An encode that can't be
    /// measured is not an error; its line has one.
    pub fn run(&self, observer: BatchObserver<'_>) -> Result<Outcome> {
        self.run_with(&RunHandle::default(), observer)
    }

    /// Measures as [`run`](Self::run) does, until `handle` stops or suspends it.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does, and if the batch was stopped.
    pub fn run_with(&self, handle: &RunHandle, observer: BatchObserver<'_>) -> Result<Outcome> {
        let tasks = self.tasks()?;
        let mut results = ResultsFile::open(&self.output)?;
        results.add_earlier(&self.earlier)?;
        let threads = match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        };
        let threads = threads.div_ceil(self.jobs.get());
        let folder = PathBuf::from(format!("{}.parts", self.output));
        let options = Options { threads, ..self.options.clone() };
        observer(BatchEvent::Started { encodes: tasks.len() });
        let work = BatchRun {
            shared: SharedOptions::new(&options, &self.pools),
            options,
            batch: self,
            observer,
            handle,
            checkpoints: CheckpointOptions { folder: &folder, interval: self.checkpoint },
            kept: group::checkpointed_keys(&folder),
            results: Mutex::new(results),
            digests: Mutex::default(),
            worst: Mutex::new(Outcome::Passed),
            passes: AtomicU64::new(0),
        };
        let queue = Mutex::new(grouped_by_reference(tasks));
        let stopped = Mutex::new(None);
        in_jobs(self.jobs.get(), || {
            while locked(&stopped).is_none() {
                let Some(next) = locked(&queue).pop_front() else { return };
                if let Err(failure) = work.measure_all(&next) {
                    locked(&stopped).get_or_insert(failure);
                }
            }
        });
        let stopped = locked(&stopped).take();
        if let Some(failure) = stopped {
            return Err(failure);
        }
        group::remove_all_checkpoints(&folder);
        let worst = *locked(&work.worst);
        Ok(worst)
    }

    /// Checks the manifest, the options, and the models, metrics and gates of its entries.
    ///
    /// # Errors
    /// Returns the first error, with the manifest's line.
    pub fn check(&self) -> Result<()> {
        self.tasks().map(drop)
    }

    /// The encodes to measure.
    fn tasks(&self) -> Result<Vec<EncodeTask>> {
        self.options.streams.check_list()?;
        let folder = self.relative_to.as_deref();
        let entries = match &self.entries {
            Some(entries) => manifest::read_entries(&self.manifest, entries, folder),
            None => manifest::read(&self.manifest, folder),
        };
        EncodeTask::all(entries?, &self.manifest, &self.options, &self.gates)
    }
}

/// Returns the largest number of encodes that a batch measures in one pass under these options.
#[must_use]
pub fn max_encodes_per_pass(options: &Options) -> usize {
    // Pairing by content finds the pairs that all encodes of a run have.
    if options.align == Pairing::Content { 1 } else { MAX_ENCODES_PER_PASS }
}

/// Groups the entries by what can be measured together, in the order of the manifest.
fn grouped_by_reference(tasks: Vec<EncodeTask>) -> VecDeque<Vec<EncodeTask>> {
    let mut all: Vec<Vec<EncodeTask>> = Vec::new();
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for entry in tasks {
        let candidates = places.entry(entry.reference.path.clone()).or_default();
        match candidates.iter().find(|place| all[**place][0].can_share_pass_with(&entry)) {
            Some(place) => all[*place].push(entry),
            None => {
                candidates.push(all.len());
                all.push(vec![entry]);
            }
        }
    }
    all.into()
}

/// A running batch.
struct BatchRun<'a> {
    batch: &'a Batch,
    observer: BatchObserver<'a>,
    handle: &'a RunHandle,
    /// The options of entries, with the number of threads of each job.
    options: Options,
    shared: SharedOptions,
    checkpoints: CheckpointOptions<'a>,
    /// The keys of encodes that have part files, by group.
    kept: Vec<Vec<String>>,
    results: Mutex<ResultsFile>,
    /// Digests of file contents, by path.
    digests: Mutex<HashMap<String, Result<String, String>>>,
    /// The worst outcome so far.
    worst: Mutex<Outcome>,
    /// The number of passes so far.
    passes: AtomicU64,
}

/// An entry that is to be measured.
struct PendingTask<'a> {
    task: &'a EncodeTask,
    digest: String,
    key: String,
}

impl BatchRun<'_> {
    /// Measures entries that share a reference, models and metrics. Fails if results can't be
    /// written.
    fn measure_all(&self, entries: &[EncodeTask]) -> Result<()> {
        let reference = self.digest(&entries[0].reference.path);
        let mut pending: Vec<PendingTask<'_>> = Vec::new();
        // Entries whose content equals another one's.
        let mut duplicates = Vec::new();
        for task in entries {
            let digests = reference.clone();
            let digests = digests.and_then(|r| Ok((r, self.digest(&task.distorted.path)?)));
            let (reference, digest) = match digests {
                Ok(digests) => digests,
                Err(error) => {
                    self.write_failure(task, None, &error)?;
                    continue;
                }
            };
            let key = task.key([&reference, &digest], &self.shared)?;
            if self.reuse_result(task, &key, true)? {
                continue;
            }
            let is_there = pending.iter().any(|other| other.key == key);
            let list = if is_there { &mut duplicates } else { &mut pending };
            list.push(PendingTask { task, digest, key });
        }
        let reference = reference.unwrap_or_default();
        for group in self.groups(pending) {
            self.measure(&reference, &group)?;
        }
        for one in duplicates {
            if !locked(&self.results).has(&one.key) {
                self.write_failure(
                    one.task,
                    Some(&one.key),
                    "another entry with the same content failed",
                )?;
            } else if !self.reuse_result(one.task, &one.key, false)? {
                self.measure(&reference, &[one])?;
            }
        }
        Ok(())
    }

    /// Returns the groups to measure, in one pass each: interrupted groups come first. Grouping
    /// does not change the values of an encode.
    fn groups<'b>(&self, mut pending: Vec<PendingTask<'b>>) -> Vec<Vec<PendingTask<'b>>> {
        let mut groups = Vec::new();
        for keys in &self.kept {
            let place = |key: &String| pending.iter().position(|one| one.key == *key);
            if keys.is_empty() || !keys.iter().all(|key| place(key).is_some()) {
                continue;
            }
            let of_key = |key: &String| {
                let place = pending.iter().position(|one| one.key == *key)?;
                Some(pending.remove(place))
            };
            groups.push(keys.iter().filter_map(of_key).collect());
        }
        let most = max_encodes_per_pass(&self.options);
        while !pending.is_empty() {
            let rest = pending.split_off(most.min(pending.len()));
            groups.push(std::mem::replace(&mut pending, rest));
        }
        groups
    }

    /// Measures a group, and writes a line for each of its encodes.
    fn measure(&self, reference: &str, pending: &[PendingTask<'_>]) -> Result<()> {
        let first = pending[0].task;
        let group = Group {
            measurements: &first.measurements,
            reference: &first.reference.path,
            distorted: pending.iter().map(|one| one.task.distorted.path.clone()).collect(),
            digests: (reference.to_owned(), pending.iter().map(|one| one.digest.clone()).collect()),
            keys: pending.iter().map(|one| one.key.clone()).collect(),
        };
        if self.handle.is_suspended() {
            return Err(Error::Stopped);
        }
        let pass = self.passes.fetch_add(1, Ordering::Relaxed);
        let encodes = pending.len();
        let mut show = |kept, measured, total| {
            let progress = BatchEvent::Progress { pass, encodes, kept, measured, total };
            (self.observer)(progress);
        };
        let group_results = memory::catch(|| {
            group.measure(&self.options, self.handle, &self.checkpoints, &mut show)
        });
        let group_results =
            group_results.unwrap_or_else(|refused| Err(GroupError::BeforeStart(refused.into())));
        (self.observer)(BatchEvent::PassDone { pass });
        let has_failed = match &group_results {
            Ok(group_results) => group_results.results.iter().any(Result::is_err),
            Err(_) => true,
        };
        if has_failed && self.is_ending() {
            return match group_results {
                Err(GroupError::CheckpointOptions(failure)) => Err(failure),
                _ => Err(Error::Stopped),
            };
        }
        let group_results = match group_results {
            Ok(group_results) => group_results,
            Err(GroupError::BeforeStart(_)) if pending.len() > 1 => {
                return pending.chunks(1).try_for_each(|one| self.measure(reference, one));
            }
            Err(GroupError::BeforeStart(failure) | GroupError::DuringRun(failure)) => {
                let error = self.message_text(&failure.message());
                group.remove_checkpoint(&self.checkpoints);
                let mut each = pending.iter();
                return each
                    .try_for_each(|one| self.write_failure(one.task, Some(&one.key), &error));
            }
            Err(GroupError::CheckpointOptions(failure)) => return Err(failure),
        };
        self.write(pending, group_results)?;
        group.remove_checkpoint(&self.checkpoints);
        Ok(())
    }

    /// Returns true if the batch was stopped or suspended. Called after a failure: a signal to all
    /// processes of a job also ends its decoders, perhaps a moment before it is noticed here.
    fn is_ending(&self) -> bool {
        let is_ending = || self.handle.is_stopped() || self.handle.is_suspended();
        is_ending() || {
            std::thread::sleep(SIGNAL_DELAY);
            is_ending()
        }
    }

    /// Writes the results of a group.
    fn write(&self, pending: &[PendingTask<'_>], group_results: GroupResults) -> Result<()> {
        let GroupResults { plan, planned, results, stats } = group_results;
        let pools = &self.batch.pools[..];
        for (index, (one, scores)) in pending.iter().zip(results).enumerate() {
            let PendingTask { task, key, .. } = one;
            let entry_name = &task.entry_name;
            let plan = plan.for_encode(index, &entry_name.reference, &entry_name.distorted);
            let error = scores.as_ref().err().map(|failure| self.message_text(failure.message()));
            let gates = (&task.gates[..], pools);
            let report = match plan.report(planned.for_encode(index), vec![scores], gates, stats) {
                Ok(report) => Report { wording: self.handle.wording(), ..report },
                // A gate names a column that does not exist.
                Err(failure) => {
                    self.write_failure(task, Some(key), &self.message_text(&failure.message()))?;
                    continue;
                }
            };
            let batch = BatchMembers { name: entry_name.name.as_deref(), key };
            let line = json::line(&report, &report.encodes[0], batch);
            let line = line.map_err(|error| Error::output(&self.batch.output, error.into()))?;
            match error {
                Some(error) => {
                    locked(&self.results).add_error(entry_name, &error, &line)?;
                    self.unmeasured(task, &error, &line);
                }
                None => {
                    locked(&self.results).append(&line)?;
                    self.measured(task, &report, &line);
                }
            }
        }
        Ok(())
    }

    /// Reports an encode that was measured, the only one of `report`.
    fn measured(&self, task: &EncodeTask, report: &Report, line: &str) {
        let encode = &report.encodes[0];
        let mut outcome = Outcome::Passed;
        let mut problems = Vec::new();
        for GateResult { gate, verdict, .. } in report.gate_results(encode) {
            let (of_gate, why) = match verdict {
                Ok((verdict, _)) if verdict.held => continue,
                Ok((verdict, values)) => {
                    (Outcome::Failed, verdicts::sentence(report, gate, verdict, values))
                }
                Err(reason) => (Outcome::Unmeasured, self.message_text(&reason)),
            };
            outcome = outcome.max(of_gate);
            problems.push(format!("gate '{gate}': {why}"));
        }
        let scores = encode.result.iter().flat_map(|values| {
            report.models.iter().filter_map(|model| {
                let mean = values.pool(values.column(model.label())?, Pool::Mean)?;
                Some((model.label().to_owned(), mean))
            })
        });
        let scores: Vec<(String, f64)> = scores.collect();
        self.count(outcome);
        let (entry, place, problems) = (&task.entry_name, task.place, &problems);
        let scores = &scores;
        (self.observer)(BatchEvent::Measured { entry, place, line, scores, outcome, problems });
    }

    fn unmeasured(&self, task: &EncodeTask, error: &str, line: &str) {
        self.count(Outcome::Unmeasured);
        let (entry, place) = (&task.entry_name, task.place);
        (self.observer)(BatchEvent::Unmeasured { entry, place, line, error });
    }

    fn count(&self, outcome: Outcome) {
        let mut worst = locked(&self.worst);
        *worst = outcome.max(*worst);
    }

    /// Reports an entry that was measured before, if it was and its gates can be judged.
    fn reuse_result(&self, task: &EncodeTask, key: &str, was_known: bool) -> Result<bool> {
        let reused = locked(&self.results).reuse(key, &task.entry_name, &task.gates)?;
        let Some(ReusedResult { outcome, problems, line }) = reused else { return Ok(false) };
        self.count(outcome);
        let (entry, place) = (&task.entry_name, task.place);
        let (line, problems) = (&line[..], &problems[..]);
        (self.observer)(BatchEvent::Reused { entry, place, line, outcome, problems, was_known });
        Ok(true)
    }

    /// Writes the line of an entry that can't be measured.
    fn write_failure(&self, task: &EncodeTask, key: Option<&str>, error: &str) -> Result<()> {
        let entry_name = &task.entry_name;
        let line = error_line(entry_name, error, key)?;
        locked(&self.results).add_error(entry_name, error, &line)?;
        self.unmeasured(task, error, &line);
        Ok(())
    }

    /// Returns a message in the words of the batch's front end.
    fn message_text(&self, message: &Message) -> String {
        message.worded(&self.handle.wording())
    }

    /// Returns the digest of the contents of the video at `path`.
    fn digest(&self, path: &str) -> Result<String, String> {
        if let Some(known) = locked(&self.digests).get(path) {
            return known.clone();
        }
        let digest = digest::of_video(path).map_err(|error| self.message_text(&error.message()));
        locked(&self.digests).insert(path.to_owned(), digest.clone());
        digest
    }
}
