//! Distributed work: a batch for part of a list, a part of a run, and the results file.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use vmaf::batch::{self, Batch, BatchEvent, EntryName, ResultLine};
use vmaf::values::{self, NamedPool};
use vmaf::{Error, Event, Outcome, Request, RunHandle, parts};

use crate::attend::attend;
use crate::errors::{self, VideoError, VmafError};
use crate::options::{self, Options};
use crate::wording::WORDING;

/// The names that identify an entry: reference, encode and the entry's own name.
type Labels = (String, String, Option<String>);

/// An entry of a list: its line number in the list, and the entry as JSON.
type Entry = (u64, String);

/// Returns the encodes of a batch's manifest: each with its line number and its entry as JSON.
#[pyfunction]
pub(crate) fn batch_entries(manifest: &str) -> PyResult<Vec<Entry>> {
    batch::entries(manifest).map_err(errors::of_run)
}

/// Returns the largest number of encodes that are measured in one pass.
#[pyfunction]
pub(crate) fn most_together(options: &Options) -> usize {
    batch::max_encodes_per_pass(&options.0)
}

/// Raises an error if an option is invalid, or the model, metric or gate of an entry of `manifest`.
#[pyfunction]
pub(crate) fn check_batch(
    py: Python<'_>,
    options: &Options,
    manifest: &str,
    entries: Vec<Entry>,
    gates: Vec<String>,
    pools: Vec<String>,
    checkpoint: f64,
) -> PyResult<()> {
    let batch =
        BatchArguments { options, manifest, entries, gates, pools, checkpoint }.batch("")?;
    py.detach(|| batch.check()).map_err(errors::of_run)
}

/// Scores `entries` of `manifest`, whose videos are in `folder`. Returns the results line of each,
/// in order, and writes it to the file `output`. Entries with a result in the lines `earlier` are
/// not measured again.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are keyword arguments")]
pub(crate) fn run_batch(
    py: Python<'_>,
    options: &Options,
    manifest: &str,
    entries: Vec<Entry>,
    gates: Vec<String>,
    pools: Vec<String>,
    checkpoint: f64,
    output: &str,
    folder: &str,
    threads: usize,
    earlier: Vec<String>,
) -> PyResult<Vec<String>> {
    let count = entries.len();
    let arguments = BatchArguments { options, manifest, entries, gates, pools, checkpoint };
    let mut batch = arguments.batch(output)?;
    batch.relative_to = Some(folder.into());
    batch.options.threads = threads;
    batch.earlier = earlier;
    let lines = Mutex::new(vec![None; count]);
    let observer = |event: BatchEvent<'_>| {
        let (BatchEvent::Measured { place, line, .. }
        | BatchEvent::Reused { place, line, .. }
        | BatchEvent::Unmeasured { place, line, .. }) = event
        else {
            return;
        };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lines.get_mut(place) {
            *known = Some(line.to_owned());
        }
    };
    let handle = RunHandle::default().with_wording(WORDING);
    attend(py, &handle, None, || batch.run_with(&handle, &observer))?;
    let lines = lines.into_inner().unwrap_or_else(PoisonError::into_inner);
    let all: Option<Vec<String>> = lines.into_iter().collect();
    all.ok_or_else(|| PyRuntimeError::new_err("an entry of the batch has no line"))
}

/// The arguments of a batch.
struct BatchArguments<'a> {
    options: &'a Options,
    manifest: &'a str,
    entries: Vec<Entry>,
    gates: Vec<String>,
    pools: Vec<String>,
    checkpoint: f64,
}

impl BatchArguments<'_> {
    fn batch(self, output: &str) -> PyResult<Batch> {
        let mut batch = Batch::new(self.manifest, output);
        batch.entries = Some(self.entries);
        batch.options = self.options.0.clone();
        batch.gates = options::gates(&self.gates)?;
        batch.pools = pools(&self.pools)?;
        let checkpoint = Duration::try_from_secs_f64(self.checkpoint);
        batch.checkpoint = checkpoint.map_err(|_| {
            let given = self.checkpoint;
            VmafError::new_err(format!("checkpoint must be a number of seconds, not {given}"))
        })?;
        Ok(batch)
    }
}

/// Parses pooling methods.
pub(crate) fn pools(texts: &[String]) -> PyResult<Vec<NamedPool>> {
    texts.iter().map(|text| values::pool(text).map_err(VmafError::new_err)).collect()
}

/// Returns the line of results of an entry that can't be measured.
#[pyfunction]
pub(crate) fn error_line(labels: Labels, error: &str) -> PyResult<String> {
    batch::error_line(&name_of(labels), error, None).map_err(errors::of_run)
}

fn name_of((reference, distorted, name): Labels) -> EntryName {
    EntryName::new(reference, distorted, name)
}

/// Measures a part of the frames and writes it to the file at `path`. `shard` is the part's number,
/// from 1, and the number of parts.
#[pyfunction]
pub(crate) fn measure_part(
    py: Python<'_>,
    options: &Options,
    reference: &str,
    distorted: Vec<String>,
    shard: (u32, u32),
    path: &str,
    threads: usize,
) -> PyResult<()> {
    let shard = values::shard(&format!("{}/{}", shard.0, shard.1)).map_err(VmafError::new_err)?;
    let mut request = Request::new(reference).encodes(distorted).options(options.0.clone());
    request.options.threads = threads;
    let failures = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&failures);
    let handle = RunHandle::with_observer(move |event| {
        if let Event::Failed { error, .. } = event {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(error.message().worded(&WORDING));
        }
    });
    let work = || match parts::measure(&request, shard, path, &handle) {
        Err(Error::AllFailed) => Ok(false),
        measured => measured.map(|_| true),
    };
    if attend(py, &handle, None, work)? {
        return Ok(());
    }
    // The failures say more than the error that every encode failed.
    let failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
    Err(VideoError::new_err(failures.join("; ")))
}

/// Returns a digest of everything that parts of a run depend on, given `digests` of the reference
/// and the encodes.
#[pyfunction]
pub(crate) fn part_identity(
    options: &Options,
    reference: &str,
    distorted: Vec<String>,
    digests: Vec<String>,
) -> PyResult<String> {
    let request = Request::new(reference).encodes(distorted).options(options.0.clone());
    parts::identity(&request, &digests).map_err(errors::of_run)
}

/// Returns a digest of a video's content.
#[pyfunction]
pub(crate) fn video_digest(py: Python<'_>, path: &str) -> PyResult<String> {
    py.detach(|| parts::video_digest(path)).map_err(errors::of_run)
}

/// The results file of a batch.
#[pyclass(frozen, module = "vmaf_py._native")]
pub(crate) struct ResultsFile {
    /// `None` after closing.
    file: Mutex<Option<batch::ResultsFile>>,
}

#[pymethods]
impl ResultsFile {
    /// Opens or creates the file at `path`, with exclusive access.
    #[new]
    fn new(py: Python<'_>, path: &str) -> PyResult<Self> {
        let file = py.detach(|| batch::ResultsFile::open(path)).map_err(errors::of_run)?;
        Ok(Self { file: Mutex::new(Some(file)) })
    }

    /// Returns true if an entry with these names has a result, whatever the content of its videos.
    fn has_result(&self, labels: Labels) -> PyResult<bool> {
        self.with(|file| Ok(file.has_result(&name_of(labels))))
    }

    /// Returns the result lines of entries of this reference, those of `entries` last.
    fn lines_of(&self, reference: &str, entries: Vec<Labels>) -> PyResult<Vec<String>> {
        let entries: Vec<EntryName> = entries.into_iter().map(name_of).collect();
        self.with(|file| file.lines_of(reference, &entries))
    }

    /// Returns the result lines of entries of all other references.
    fn lines_without(&self, references: Vec<String>) -> PyResult<Vec<String>> {
        self.with(|file| file.lines_without(&references))
    }

    /// Adds a line, unless the file has an equal one, and syncs it to disk.
    fn add(&self, py: Python<'_>, text: &str) -> PyResult<AddedLine> {
        py.detach(|| self.with(|file| file.add(text))).map(AddedLine)
    }

    /// Closes the file, so that another batch can open it.
    fn close(&self) {
        drop(self.file.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl ResultsFile {
    fn with<T>(
        &self,
        work: impl FnOnce(&mut batch::ResultsFile) -> vmaf::Result<T>,
    ) -> PyResult<T> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = file.as_mut();
        let file = file.ok_or_else(|| VmafError::new_err("the results file is closed"))?;
        work(file).map_err(errors::of_run)
    }
}

/// A line of a results file.
#[pyclass(frozen, module = "vmaf_py._native")]
pub(crate) struct AddedLine(ResultLine);

#[pymethods]
impl AddedLine {
    #[getter]
    fn labels(&self) -> (&str, &str, Option<&str>) {
        let entry = &self.0.entry;
        (&entry.reference, &entry.distorted, entry.name.as_deref())
    }

    /// "passed", "failed" or "unmeasured".
    #[getter]
    fn outcome(&self) -> &'static str {
        outcome(self.0.outcome)
    }

    #[getter]
    fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// A sentence for each gate that failed or couldn't be evaluated.
    #[getter]
    fn problems(&self) -> Vec<String> {
        self.0.problems.clone()
    }

    /// Start and end of the line in the file, in bytes.
    #[getter]
    fn place(&self) -> (u64, u64) {
        (self.0.place.start, self.0.place.end)
    }

    /// True if the file had the line before.
    #[getter]
    fn was_there(&self) -> bool {
        self.0.was_known
    }
}

/// The name of an outcome.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Unmeasured => "unmeasured",
    }
}
