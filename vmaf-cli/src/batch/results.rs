//! The file of a batch's results: a line an encode, each on disk before the next is measured.
//!
//! The file is locked, so that two batches don't measure the same twice. A line that was being
//! written when its batch was killed is cut off. What is there is known by its key (see
//! [`key`](super::key)); of several lines for one encode the last one counts.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};

use serde::Deserialize;

use super::members;
use crate::failure::{Failure, Result};

/// The results so far, and where more go.
pub(super) struct Results {
    path: String,
    file: File,
    /// The last line that has a result, by key.
    measured: HashMap<String, Line>,
    /// The last line's error, of entries whose last line has one.
    errors: HashMap<Labels, String>,
}

/// What an entry is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub(super) struct Labels {
    pub(super) reference: String,
    pub(super) distorted: String,
    pub(super) name: Option<String>,
}

/// A line with a result.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    labels: Vec<Labels>,
    outcome: Outcome,
    /// The gates that did not hold, or could not be judged, and why.
    problems: Vec<String>,
}

/// What came of an encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It was measured, and reached what it had to, if anything.
    Passed,
    /// A gate failed.
    Failed,
    /// It could not be measured, or a gate could not be judged.
    Unmeasured,
}

/// What is read of a line.
#[derive(Deserialize)]
struct Told {
    #[serde(flatten)]
    labels: Labels,
    key: Option<String>,
    error: Option<String>,
    #[serde(default)]
    gates: Vec<Gate>,
}

#[derive(Deserialize)]
struct Gate {
    gate: String,
    held: Option<bool>,
    value: Option<f64>,
}

impl Gate {
    /// What is wrong with what came of it, if anything is.
    fn problem(&self) -> Option<String> {
        let what = match (self.held, self.value) {
            (Some(true), _) => return None,
            (Some(false), Some(value)) => format!("{value} failed it"),
            _ => "not all values are finite".to_owned(),
        };
        Some(format!("gate '{}': {what}", self.gate))
    }
}

impl Results {
    /// Opens the file at `path` for one batch alone, and reads what is there.
    pub(super) fn open(path: &str) -> Result<Self> {
        let fail = |error| Failure::output(path, error);
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(path).map_err(fail)?;
        if !file.metadata().map_err(fail)?.is_file() {
            return Err(Failure::input(format!(
                "{path} is no file: a batch writes to one, where it can see what is done"
            )));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::input(format!("another batch is writing to {path}")));
            }
            // Some file systems have no locks.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => foreign(path, 1),
            _ => fail(error),
        })?;
        let mut results =
            Self { path: path.to_owned(), file, measured: HashMap::new(), errors: HashMap::new() };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        for (line, number) in text[..whole].lines().zip(1..) {
            if !line.trim().is_empty() && !results.learn(line) {
                return Err(foreign(path, number));
            }
        }
        if whole < text.len() {
            // A batch was killed while it wrote this.
            if !text[whole..].starts_with('{') {
                return Err(foreign(path, text.lines().count()));
            }
            results.file.set_len(whole as u64).map_err(fail)?;
            results.file.seek(SeekFrom::End(0)).map_err(fail)?;
        }
        results.file.sync_all().map_err(fail)?;
        sync_folder_of(path);
        Ok(results)
    }

    /// What came of the encode with this key, if that is known, and its gates' problems.
    pub(super) fn outcome(&self, key: &str) -> Option<(Outcome, Vec<String>)> {
        self.measured.get(key).map(|line| (line.outcome, line.problems.clone()))
    }

    /// Whether the encode with this key is measured.
    pub(super) fn has(&self, key: &str) -> bool {
        self.measured.contains_key(key)
    }

    /// Sees to it that the measured encode with this key has a line that calls it `labels`.
    pub(super) fn label(&mut self, key: &str, labels: &Labels) -> Result<()> {
        let Some(line) = self.measured.get(key) else { return Ok(()) };
        if line.labels.contains(labels) {
            return Ok(());
        }
        let text = members::relabelled(&line.text, labels)
            .map_err(|error| Failure::input(format!("{}: {error}", self.path)))?;
        self.append(&text)
    }

    /// Adds the error of an entry, unless that was the last that was heard of it.
    pub(super) fn add_error(&mut self, labels: &Labels, error: &str, text: &str) -> Result<()> {
        if self.errors.get(labels).is_some_and(|known| known == error) {
            return Ok(());
        }
        self.append(text)
    }

    /// Adds a line, which is on disk afterwards.
    pub(super) fn append(&mut self, line: &str) -> Result<()> {
        let fail = |error| Failure::output(&self.path, error);
        // In one write, so that at worst its end is missing.
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(fail)?;
        self.file.sync_data().map_err(fail)?;
        self.learn(line);
        Ok(())
    }

    /// Takes note of a line. Gives whether it is one of a batch.
    fn learn(&mut self, text: &str) -> bool {
        let Ok(told) = serde_json::from_str::<Told>(text) else { return false };
        let Told { labels, key, error, gates } = told;
        match (error, key) {
            (Some(error), _) => {
                self.errors.insert(labels, error);
            }
            (None, Some(key)) => {
                self.errors.remove(&labels);
                let of_gate = |gate: &Gate| match gate.held {
                    Some(true) => Outcome::Passed,
                    Some(false) => Outcome::Failed,
                    None => Outcome::Unmeasured,
                };
                let outcome = gates.iter().map(of_gate).max().unwrap_or(Outcome::Passed);
                let problems = gates.iter().filter_map(Gate::problem).collect();
                let mut labels = vec![labels];
                if let Some(earlier) = self.measured.remove(&key) {
                    labels.extend(earlier.labels);
                }
                let line = Line { text: text.to_owned(), labels, outcome, problems };
                self.measured.insert(key, line);
            }
            (None, None) => return false,
        }
        true
    }
}

fn foreign(path: &str, line: usize) -> Failure {
    Failure::input(format!(
        "{path}: line {line} is no result of 'vmaf batch': give another file, or move this one away"
    ))
}

/// Makes a file's place in its folder last.
pub(super) fn sync_folder_of(path: &str) {
    let folder = std::path::Path::new(path).parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    // Where folders can't be opened or synced, the system sees to it.
    if let Ok(folder) = File::open(folder.unwrap_or(std::path::Path::new("."))) {
        let _ = folder.sync_all();
    }
}
