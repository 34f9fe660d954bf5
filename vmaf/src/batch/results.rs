//! The file of a batch's results: a line an encode, each on disk before the next is measured.
//!
//! The file is locked, so that two batches don't measure the same twice. A line that was being
//! written when its batch was killed is cut off. What is there is known by its
//! [key](super::entry); of several lines for one encode the last one counts.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};

use serde::Deserialize;
use vmaf_core::Gate;

use super::entry::KEY_FORM;
use super::{EntryName, members, rejudge};
use crate::error::{Error, Result};
use crate::output::report::NOT_JUDGED;
use crate::output::verdicts::{self, MODEL_DIGITS};
use crate::result::Outcome;

/// The results so far, and where more go.
pub(super) struct Results {
    path: String,
    file: File,
    /// Lines that have a result, by key: the last one of each that it is called.
    measured: HashMap<String, Vec<Line>>,
    /// The last line's error, of entries whose last line has one.
    errors: HashMap<EntryName, String>,
}

/// A line with a result.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    labels: EntryName,
    outcome: Outcome,
    /// The gates that it was judged by.
    gates: Vec<String>,
    /// Those that did not hold, or could not be judged, and why.
    problems: Vec<String>,
}

/// What is read of a line.
#[derive(Deserialize)]
struct Told {
    #[serde(flatten)]
    labels: EntryName,
    key: Option<String>,
    error: Option<String>,
    #[serde(default)]
    gates: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    gate: String,
    held: Option<bool>,
    value: Option<f64>,
    margin: Option<f64>,
}

impl Judged {
    /// What is wrong with what came of it, if anything is.
    fn problem(&self) -> Option<String> {
        let what = match (self.held, self.value, self.margin) {
            (Some(true), ..) => return None,
            (Some(false), Some(value), Some(margin)) => match self.gate.parse::<Gate>() {
                Ok(gate) => verdicts::off(&gate, value, margin, MODEL_DIGITS),
                Err(_) => "it did not hold".to_owned(),
            },
            (Some(false), ..) => "the value is infinite".to_owned(),
            (None, ..) => NOT_JUDGED.to_owned(),
        };
        Some(format!("gate '{}': {what}", self.gate))
    }
}

impl Results {
    /// Opens the file at `path` for one batch alone, and reads what is there.
    pub(super) fn open(path: &str) -> Result<Self> {
        let fail = |error| Error::output(path, error);
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(path).map_err(fail)?;
        if !file.metadata().map_err(fail)?.is_file() {
            return Err(Error::input(format!(
                "{path} is no file: a batch writes to one, where it can see what is done"
            )));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::input(format!("another batch is writing to {path}")));
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
            if line.trim().is_empty() {
                continue;
            }
            match results.learn(line) {
                Learned::Known => {}
                Learned::Older => return Err(older(path, number)),
                Learned::Foreign => return Err(foreign(path, number)),
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

    /// Whether the encode with this key is measured.
    pub(super) fn has(&self, key: &str) -> bool {
        self.measured.contains_key(key)
    }

    /// What came of the encode with this key, and what is wrong with it, if it was measured and
    /// what is there can be judged by `gates`. It then has a line that calls it `labels`.
    pub(super) fn settled(
        &mut self,
        key: &str,
        labels: &EntryName,
        gates: &[Gate],
    ) -> Result<Option<(Outcome, Vec<String>)>> {
        let Some(lines) = self.measured.get(key) else { return Ok(None) };
        let own = lines.iter().find(|line| line.labels == *labels);
        let Some(line) = own.or(lines.last()) else { return Ok(None) };
        let Some(judged) = rejudge::rejudged(&line.text, gates) else { return Ok(None) };
        let judged_by = judged.iter().filter_map(|gate| gate["gate"].as_str());
        // What failed later and is well again has to come last.
        let has_failed_since = self.errors.contains_key(labels);
        let is_judged = judged_by.eq(line.gates.iter().map(String::as_str));
        if own.is_none() || !is_judged || has_failed_since {
            let text = members::changed(&line.text, labels, &judged)
                .map_err(|error| Error::input(format!("{}: {error}", self.path)))?;
            self.append(&text)?;
        }
        let mut lines = self.measured.get(key).into_iter().flatten();
        let own = lines.find(|line| line.labels == *labels);
        Ok(own.map(|line| (line.outcome, line.problems.clone())))
    }

    /// Adds the error of an entry, unless that was the last that was heard of it.
    pub(super) fn add_error(&mut self, labels: &EntryName, error: &str, text: &str) -> Result<()> {
        if self.errors.get(labels).is_some_and(|known| known == error) {
            return Ok(());
        }
        self.append(text)
    }

    /// Adds a line, which is on disk afterwards.
    pub(super) fn append(&mut self, line: &str) -> Result<()> {
        let fail = |error| Error::output(&self.path, error);
        // In one write, so that at worst its end is missing.
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(fail)?;
        self.file.sync_data().map_err(fail)?;
        self.learn(line);
        Ok(())
    }

    /// Takes note of a line.
    fn learn(&mut self, text: &str) -> Learned {
        let Ok(told) = serde_json::from_str::<Told>(text) else { return Learned::Foreign };
        let Told { labels, key, error, gates } = told;
        match (error, key) {
            (Some(error), _) => {
                self.errors.insert(labels, error);
            }
            (None, Some(key)) if !key.starts_with(KEY_FORM) => return Learned::Older,
            (None, Some(key)) => {
                self.errors.remove(&labels);
                let of_gate = |gate: &Judged| match gate.held {
                    Some(true) => Outcome::Passed,
                    Some(false) => Outcome::Failed,
                    None => Outcome::Unmeasured,
                };
                let outcome = gates.iter().map(of_gate).max().unwrap_or(Outcome::Passed);
                let problems = gates.iter().filter_map(Judged::problem).collect();
                let gates = gates.into_iter().map(|gate| gate.gate).collect();
                let lines = self.measured.entry(key).or_default();
                lines.retain(|line| line.labels != labels);
                lines.push(Line { text: text.to_owned(), labels, outcome, gates, problems });
            }
            (None, None) => return Learned::Foreign,
        }
        Learned::Known
    }
}

fn foreign(path: &str, line: usize) -> Error {
    Error::input(format!(
        "{path}: line {line} is no result of a batch: give another file, or move this one away"
    ))
}

fn older(path: &str, line: usize) -> Error {
    Error::input(format!(
        "{path}: line {line} is a result of an earlier version, whose keys differ: give another file \
         to measure all encodes again, or use that version"
    ))
}

/// The meaning of a line of a results file.
enum Learned {
    /// A result, or an error.
    Known,
    /// A result whose key has the form of an earlier version.
    Older,
    /// No line of a batch.
    Foreign,
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
