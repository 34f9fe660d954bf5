//! The results file of a batch: one line per encode, each on disk before the next is measured.
//!
//! The file is locked, so that two batches don't measure the same twice. A line that is incomplete
//! because its batch was killed is removed. Results are identified by their [key](super::entry); of
//! several lines for one encode the last one counts.
//!
//! The file may have hundreds of megabytes, so memory holds only the places of its lines.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use vmaf_core::Gate;

use super::entry::KEY_VERSION;
use super::name::EntryName;
use super::{ordered_json, rejudge};
use crate::error::{Error, Result};
use crate::output::report::NOT_JUDGED;
use crate::output::verdicts::{self, MODEL_DIGITS};
use crate::result::Outcome;

/// The results file of a batch: the results so far, and the end to append to.
#[derive(Debug)]
pub struct ResultsFile {
    path: String,
    file: File,
    /// The number of bytes of complete lines.
    end: u64,
    /// Lines with a result, by key: the last one of each name.
    measured: HashMap<String, Vec<MeasuredLine>>,
    /// The keys of the results of each name.
    keys: BTreeMap<EntryName, Vec<String>>,
    /// The last lines of entries whose last line has an error.
    errors: HashMap<EntryName, FailedLine>,
    /// Lines of other files, by key.
    earlier_lines: HashMap<String, String>,
}

/// A line with a result.
#[derive(Debug, Clone)]
struct MeasuredLine {
    /// The line's position in bytes in the file, without its end.
    place: Range<u64>,
    entry_name: EntryName,
    outcome: Outcome,
    /// The gates that it was judged by.
    gates: Vec<String>,
    /// The gates that failed or could not be judged, with reasons.
    problems: Vec<String>,
}

/// A line with an error.
#[derive(Debug, Clone)]
struct FailedLine {
    error: String,
    place: Range<u64>,
}

/// A result that exists already.
pub(super) struct ReusedResult {
    pub(super) outcome: Outcome,
    pub(super) problems: Vec<String>,
    pub(super) line: String,
}

/// A line of a results file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultLine {
    /// The entry.
    pub entry: EntryName,
    /// The outcome of its gates.
    pub outcome: Outcome,
    /// The reason why the entry can't be measured.
    pub error: Option<String>,
    /// A sentence for each gate that failed, or could not be judged.
    pub problems: Vec<String>,
    /// The line's position in bytes in the file, without its end.
    pub place: Range<u64>,
    /// True if the line existed before it was added.
    pub was_known: bool,
}

/// The members that are read of a line.
#[derive(Deserialize)]
struct ResultMembers {
    #[serde(flatten)]
    entry_name: EntryName,
    key: Option<String>,
    error: Option<String>,
    #[serde(default)]
    gates: Vec<GateVerdict>,
}

#[derive(Deserialize)]
struct GateVerdict {
    gate: String,
    held: Option<bool>,
    value: Option<f64>,
    margin: Option<f64>,
}

impl GateVerdict {
    /// Describes the problem with the result, if there is one.
    fn problem(&self) -> Option<String> {
        let what = match (self.held, self.value, self.margin) {
            (Some(true), ..) => return None,
            (Some(false), Some(value), Some(margin)) => match self.gate.parse::<Gate>() {
                Ok(gate) => verdicts::distance_from_bound(&gate, value, margin, MODEL_DIGITS),
                Err(_) => "it did not hold".to_owned(),
            },
            (Some(false), ..) => "the value is infinite".to_owned(),
            (None, ..) => NOT_JUDGED.to_owned(),
        };
        Some(format!("gate '{}': {what}", self.gate))
    }
}

/// The content of a line.
enum LineContent {
    Result { key: String, line: MeasuredLine },
    Error { entry_name: EntryName, at: FailedLine },
}

impl LineContent {
    /// Reads the line `text`, whose bytes are at `place`.
    fn read(text: &[u8], place: Range<u64>) -> Result<Self, LineError> {
        let members_read: ResultMembers =
            serde_json::from_slice(text).map_err(|_| LineError::Foreign)?;
        let ResultMembers { entry_name, key, error, gates } = members_read;
        match (error, key) {
            (Some(error), _) => Ok(Self::Error { entry_name, at: FailedLine { error, place } }),
            (None, Some(key)) if !key.starts_with(KEY_VERSION) => Err(LineError::OlderVersion),
            (None, Some(key)) => {
                let of_gate = |gate: &GateVerdict| match gate.held {
                    Some(true) => Outcome::Passed,
                    Some(false) => Outcome::Failed,
                    None => Outcome::Unmeasured,
                };
                let outcome = gates.iter().map(of_gate).max().unwrap_or(Outcome::Passed);
                let problems = gates.iter().filter_map(GateVerdict::problem).collect();
                let gates = gates.into_iter().map(|gate| gate.gate).collect();
                let line = MeasuredLine { place, entry_name, outcome, gates, problems };
                Ok(Self::Result { key, line })
            }
            (None, None) => Err(LineError::Foreign),
        }
    }
}

impl ResultsFile {
    /// Opens the file at `path` for one batch alone, and reads its lines. A missing file is
    /// created.
    ///
    /// # Errors
    /// Fails if another batch writes to it, it has other contents, or it can't be written.
    pub fn open(path: &str) -> Result<Self> {
        let fail = |error| Error::output(path, error);
        let is_there = std::fs::metadata(path);
        if is_there.is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::input(format!(
                "{path} is not a regular file, which a batch needs to see which encodes are done"
            )));
        }
        let file =
            OpenOptions::new().read(true).append(true).create(true).open(path).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::input(format!("another batch is writing to {path}")));
            }
            // Some file systems have no locks.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        let mut results = Self {
            path: path.to_owned(),
            file,
            end: 0,
            measured: HashMap::new(),
            keys: BTreeMap::new(),
            errors: HashMap::new(),
            earlier_lines: HashMap::new(),
        };
        results.read_all()?;
        results.file.sync_all().map_err(fail)?;
        sync_folder_of(path);
        Ok(results)
    }

    /// Records all lines, and removes an incomplete last one.
    fn read_all(&mut self) -> Result<()> {
        let path = self.path.clone();
        let fail = |error| Error::output(&path, error);
        let mut reader = BufReader::new(self.file.try_clone().map_err(fail)?);
        let mut text = Vec::new();
        for number in 1.. {
            text.clear();
            reader.read_until(b'\n', &mut text).map_err(fail)?;
            if text.is_empty() {
                break;
            }
            if text.last() != Some(&b'\n') {
                if text[0] != b'{' {
                    return Err(LineError::Foreign.error(&path, number));
                }
                // A batch was killed while it wrote this line.
                self.file.set_len(self.end).map_err(fail)?;
                break;
            }
            let next = self.end + text.len() as u64;
            let line = text.trim_ascii_end();
            if !line.is_empty() {
                let place = self.end..self.end + line.len() as u64;
                let content = LineContent::read(line, place);
                self.index_line(content.map_err(|problem| problem.error(&path, number))?);
            }
            self.end = next;
        }
        Ok(())
    }

    /// Adds lines of other files, whose results are reused.
    pub(super) fn add_earlier(&mut self, lines: &[String]) -> Result<()> {
        for text in lines {
            match LineContent::read(text.as_bytes(), 0..0) {
                Ok(LineContent::Result { key, .. }) => {
                    drop(self.earlier_lines.insert(key, text.clone()))
                }
                Ok(LineContent::Error { .. }) => {}
                Err(_) => return Err(Error::input("an earlier line is not a batch result")),
            }
        }
        Ok(())
    }

    /// Returns true if an entry of this name has a result, whatever the contents of its videos.
    #[must_use]
    pub fn has_result(&self, entry: &EntryName) -> bool {
        self.keys.contains_key(entry)
    }

    /// Returns the lines with results of entries of this reference, the last of each content and
    /// name. Those of `entries` follow the others.
    ///
    /// # Errors
    /// Fails if the file can't be read.
    pub fn lines_of(&self, reference: &str, entries: &[EntryName]) -> Result<Vec<String>> {
        let first =
            EntryName { reference: reference.to_owned(), distorted: String::new(), name: None };
        let named = self.keys.range(first..).take_while(|(name, _)| name.reference == reference);
        let (last, others): (Vec<_>, Vec<_>) =
            named.map(|(name, _)| name).partition(|name| entries.contains(name));
        self.texts(others.into_iter().chain(last))
    }

    /// Returns the lines with results of entries of all references but these, the last of each
    /// content and name.
    ///
    /// # Errors
    /// Fails if the file can't be read.
    pub fn lines_without(&self, references: &[String]) -> Result<Vec<String>> {
        let known: std::collections::HashSet<&String> = references.iter().collect();
        self.texts(self.keys.keys().filter(|name| !known.contains(&name.reference)))
    }

    /// The lines with results of entries of these names.
    fn texts<'a>(&self, names: impl Iterator<Item = &'a EntryName>) -> Result<Vec<String>> {
        let keys = names
            .flat_map(|name| self.keys.get(name).into_iter().flatten().map(move |key| (name, key)));
        let lines = keys.filter_map(|(name, key)| self.line(key, name));
        lines.map(|line| self.text(&line.place)).collect()
    }

    /// The line of this key and name.
    fn line(&self, key: &str, name: &EntryName) -> Option<&MeasuredLine> {
        self.measured.get(key)?.iter().find(|line| line.entry_name == *name)
    }

    /// Returns the text of the line at `place`.
    fn text(&self, place: &Range<u64>) -> Result<String> {
        let fail = |error| Error::output(&self.path, error);
        let length = usize::try_from(place.end - place.start).unwrap_or(usize::MAX);
        let mut text = vec![0; length];
        let mut file = &self.file;
        // The file is in append mode, so seeking does not affect writing.
        file.seek(SeekFrom::Start(place.start)).map_err(fail)?;
        file.read_exact(&mut text).map_err(fail)?;
        String::from_utf8(text).map_err(|error| fail(io::Error::other(error)))
    }

    /// Returns true if the encode with this key has been measured.
    pub(super) fn has(&self, key: &str) -> bool {
        self.measured.contains_key(key)
    }

    /// Returns the result of the encode with this key and its problem, if it was measured and
    /// `gates` can be judged by its line. The file then has a line with `entry_name`.
    pub(super) fn reuse(
        &mut self,
        key: &str,
        entry_name: &EntryName,
        gates: &[Gate],
    ) -> Result<Option<ReusedResult>> {
        let lines = self.measured.get(key);
        let own = self.line(key, entry_name);
        let here = own.or_else(|| lines?.last());
        let text = match (here, self.earlier_lines.get(key)) {
            (Some(line), _) => self.text(&line.place)?,
            (None, Some(text)) => text.clone(),
            (None, None) => return Ok(None),
        };
        let Some(judged) = rejudge::rejudge(&text, gates) else { return Ok(None) };
        let judged_by = judged.iter().filter_map(|gate| gate["gate"].as_str());
        let is_judged = own.is_some_and(|own| judged_by.eq(own.gates.iter().map(String::as_str)));
        // If a later line has an error, the result has to be appended again.
        let line = if is_judged && !self.errors.contains_key(entry_name) {
            text
        } else {
            let relabelled = ordered_json::relabelled(&text, entry_name, &judged)
                .map_err(|error| Error::input(format!("{}: {error}", self.path)))?;
            self.append(&relabelled)?;
            relabelled
        };
        let of = |own: &MeasuredLine| {
            let (outcome, problems) = (own.outcome, own.problems.clone());
            ReusedResult { outcome, problems, line }
        };
        Ok(self.line(key, entry_name).map(of))
    }

    /// Appends the error of an entry, unless its last line has the same error.
    pub(super) fn add_error(
        &mut self,
        entry_name: &EntryName,
        error: &str,
        text: &str,
    ) -> Result<()> {
        if self.errors.get(entry_name).is_some_and(|known| known.error == error) {
            return Ok(());
        }
        self.append(text).map(drop)
    }

    /// Appends the line `text` of another results file, unless there is an equivalent line: of the
    /// same entry, content and gates. It is on disk afterwards.
    ///
    /// # Errors
    /// Fails if `text` is not a result line, or the file can't be written.
    pub fn add(&mut self, text: &str) -> Result<ResultLine> {
        let place = self.end..self.end + text.len() as u64;
        let content = LineContent::read(text.as_bytes(), place)
            .map_err(|_| Error::input(format!("{}: not a batch result: {text}", self.path)))?;
        let known = match &content {
            LineContent::Error { entry_name, at } => {
                let known = self.errors.get(entry_name).filter(|known| known.error == at.error);
                known.map(|known| known.place.clone())
            }
            LineContent::Result { key, line } => {
                // The last line of an entry counts, which may be an error.
                let known =
                    self.line(key, &line.entry_name).filter(|known| known.gates == line.gates);
                let known = known.filter(|_| !self.errors.contains_key(&line.entry_name));
                known.map(|known| known.place.clone())
            }
        };
        let was_known = known.is_some();
        let place = match known {
            Some(place) => place,
            None => self.append(text)?,
        };
        Ok(match content {
            LineContent::Error { entry_name: entry, at } => ResultLine {
                entry,
                outcome: Outcome::Unmeasured,
                error: Some(at.error),
                problems: Vec::new(),
                place,
                was_known,
            },
            LineContent::Result {
                line: MeasuredLine { entry_name: entry, outcome, problems, .. },
                ..
            } => ResultLine { entry, outcome, error: None, problems, place, was_known },
        })
    }

    /// Appends a line, which is on disk afterwards. Returns its place.
    pub(super) fn append(&mut self, line: &str) -> Result<Range<u64>> {
        let fail = |error| Error::output(&self.path, error);
        // One write, so that at worst its end is missing.
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(fail)?;
        self.file.sync_data().map_err(fail)?;
        let place = self.end..self.end + line.len() as u64;
        self.end = place.end + 1;
        if let Ok(content) = LineContent::read(line.as_bytes(), place.clone()) {
            self.index_line(content);
        }
        Ok(place)
    }

    /// Records a line.
    fn index_line(&mut self, content: LineContent) {
        match content {
            LineContent::Error { entry_name, at } => {
                self.errors.insert(entry_name, at);
            }
            LineContent::Result { key, line } => {
                self.errors.remove(&line.entry_name);
                let keys = self.keys.entry(line.entry_name.clone()).or_default();
                keys.retain(|known| *known != key);
                keys.push(key.clone());
                let lines = self.measured.entry(key).or_default();
                lines.retain(|known| known.entry_name != line.entry_name);
                lines.push(line);
            }
        }
    }
}

/// Returns the result line of an entry that can't be measured. `key` is known if its videos could
/// be read.
///
/// # Errors
/// Fails if it can't be written as JSON.
pub fn error_line(entry: &EntryName, error: &str, key: Option<&str>) -> Result<String> {
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
    let EntryName { reference, distorted, name } = entry;
    let line = ErrorLine { reference, distorted, name: name.as_deref(), error, key };
    serde_json::to_string(&line).map_err(|error| Error::input(error.to_string()))
}

/// The reason why a line is not a result.
enum LineError {
    /// The key has the format of an earlier version.
    OlderVersion,
    /// It is not a batch result.
    Foreign,
}

impl LineError {
    /// Returns the error of this line of the file at `path`.
    fn error(&self, path: &str, line: usize) -> Error {
        Error::input(match self {
            Self::Foreign => format!(
                "{path}: line {line} is not a batch result: pass another file, or move this one away"
            ),
            Self::OlderVersion => format!(
                "{path}: line {line} is a result of an earlier version, whose keys differ: pass \
                 another file to measure all encodes again, or use that version"
            ),
        })
    }
}

/// Makes a new file's directory entry durable.
pub(super) fn sync_folder_of(path: &str) {
    let folder = std::path::Path::new(path).parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    // Some systems can't open or sync folders, and need not.
    if let Ok(folder) = File::open(folder.unwrap_or(std::path::Path::new("."))) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(reference: &str, name: &str, key: &str) -> String {
        format!(
            r#"{{"reference":"{reference}","distorted":"b","name":"{name}","key":"{KEY_VERSION}{key}"}}"#
        )
    }

    fn name(reference: &str, name: &str) -> EntryName {
        EntryName::new(reference, "b", Some(name.to_owned()))
    }

    #[test]
    fn lines_are_appended_once_and_found_by_reference() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results.jsonl");
        let path = path.to_str().expect("text");
        let (one, two, other) = (line("a", "1", "x"), line("a", "2", "x"), line("c", "3", "y"));
        std::fs::write(path, format!("\n{one}\n{}", &two[..20])).expect("written");
        let mut results = ResultsFile::open(path).expect("opened");
        let added = results.add(&one).expect("there");
        assert!(added.was_known);
        assert_eq!(added.place, 1..one.len() as u64 + 1);
        for line in [&two, &other] {
            assert!(!results.add(line).expect("added").was_known);
        }
        assert_eq!(results.lines_of("a", &[]).expect("read"), [&one[..], &two]);
        let own = [name("a", "1")];
        assert_eq!(results.lines_of("a", &own).expect("read"), [&two[..], &one]);
        assert_eq!(results.lines_without(&["a".to_owned()]).expect("read"), [&other[..]]);
        assert!(results.has_result(&name("c", "3")) && !results.has_result(&name("c", "1")));
        // A later error counts, once; a result after it is appended again.
        let error = error_line(&name("a", "1"), "gone", None).expect("a line");
        let added = results.add(&error).expect("added");
        assert_eq!((added.outcome, added.was_known), (Outcome::Unmeasured, false));
        assert!(results.add(&error).expect("there").was_known);
        assert!(!results.add(&one).expect("added").was_known);
        drop(results);
        let text = std::fs::read_to_string(path).expect("the file");
        assert_eq!(text, format!("\n{one}\n{two}\n{other}\n{error}\n{one}\n"));
    }

    #[test]
    fn lines_of_files_with_equal_content_are_reused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("results.jsonl");
        let mut results = ResultsFile::open(path.to_str().expect("text")).expect("opened");
        results.add_earlier(&[line("a", "1", "x")]).expect("a result");
        results.add_earlier(&["{}".to_owned()]).expect_err("no result");
        let mut reused = |key: &str| {
            let result = results.reuse(&format!("{KEY_VERSION}{key}"), &name("z", "9"), &[]);
            result.expect("written").map(|result| result.line)
        };
        assert_eq!(reused("y"), None);
        // It is then a line of this file, with the entry's names.
        assert_eq!(reused("x"), Some(line("z", "9", "x")));
        assert!(results.has_result(&name("z", "9")) && !results.has_result(&name("a", "1")));
    }
}
