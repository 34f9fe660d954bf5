//! Measures a group: encodes of one reference that are measured in one pass.
//!
//! The measurements so far are written to a part file next to the results at intervals. A batch
//! that is started later resumes from there; once the results are on disk, the part file is
//! removed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vmaf_core::Scorer;

use super::results::sync_folder_of;
use crate::digest;
use crate::error::{Error, Result};
use crate::handle::RunHandle;
use crate::inputs::{InputReader, StreamEnds};
use crate::parts::file::{self, Contents, Header, MeasuredPart};
use crate::request::Options;
use crate::run::OpenRun;
use crate::run::models::Measurements;
use crate::run::plan::{EncodeScores, PlannedJob, RunPlan, RunStats};

/// The extension of part files.
const EXTENSION: &str = "vmafpart";

/// Entries that are measured in one pass.
pub(super) struct Group<'a> {
    pub(super) measurements: &'a Measurements,
    pub(super) reference: &'a str,
    pub(super) distorted: Vec<String>,
    /// Digests of the contents of the videos.
    pub(super) digests: (String, Vec<String>),
    /// The encodes' keys.
    pub(super) keys: Vec<String>,
}

/// The results of a group.
pub(super) struct GroupResults {
    pub(super) plan: RunPlan,
    pub(super) planned: PlannedJob,
    pub(super) results: Vec<EncodeScores>,
    pub(super) stats: RunStats,
}

/// The reason why a group was not measured.
pub(super) enum GroupError {
    /// A failure before the first frame: the encodes may be measured separately.
    BeforeStart(Error),
    /// A failure later: no encode can be measured.
    DuringRun(Error),
    /// A measurement can't be stored.
    CheckpointOptions(Error),
}

/// The folder for part files, and the interval at which they are written.
pub(super) struct CheckpointOptions<'a> {
    pub(super) folder: &'a Path,
    pub(super) interval: Duration,
}

impl Group<'_> {
    /// Measures the group. `on_progress` gets the number of stored frames, of frames measured
    /// since, and of all frames if that is known.
    pub(super) fn measure(
        &self,
        options: &Options,
        handle: &RunHandle,
        checkpoints: &CheckpointOptions<'_>,
        on_progress: &mut dyn FnMut(u64, u64, Option<u64>),
    ) -> Result<GroupResults, GroupError> {
        let measurements = self.measurements.clone();
        let storing = handle.storing();
        let started =
            OpenRun::open(measurements, self.reference, &self.distorted, options, &storing);
        let started = started.and_then(OpenRun::start).map_err(GroupError::BeforeStart)?;
        let (mut started, mut scorer) = started;
        let header =
            Header::for_batch(self.digests.clone(), self.keys.clone(), started.plan.clone());
        let path = checkpoints.folder.join(format!("{}.{EXTENSION}", self.id()));
        let total = started.expected(&scorer);
        let mut checkpoint = CheckpointFile::open(path, header);
        let before = checkpoint.resume(&mut scorer).map_err(GroupError::CheckpointOptions)?;
        let done = total.map_or(0, |total| total - started.expected(&scorer).unwrap_or(total));
        let mut checkpoint_result = Ok(());
        let mut last = (Instant::now(), 0);
        let mut count = 0;
        let read = started.read_with(&mut scorer, |inputs, scorer| {
            count += 1;
            on_progress(done, scorer.measured_groups(), total);
            let (since, counted) = last;
            let is_last = handle.is_suspended();
            if is_last || since.elapsed() >= checkpoints.interval {
                checkpoint_result =
                    checkpoint.append(inputs, scorer, count - counted, since.elapsed());
                last = (Instant::now(), count);
                if is_last || checkpoint_result.is_err() {
                    return Err(Error::Stopped);
                }
            }
            Ok(())
        });
        let (since, counted) = last;
        if read.is_err() && handle.is_suspended() && checkpoint_result.is_ok() && count > counted {
            // It did not wait for a frame of an input that stalls.
            let inputs = &started.inputs;
            checkpoint_result =
                checkpoint.append(inputs, &mut scorer, count - counted, since.elapsed());
        }
        if let Err(failure) = checkpoint_result {
            return Err(GroupError::CheckpointOptions(failure));
        }
        let (ends, mut stats) = read.map_err(GroupError::DuringRun)?;
        on_progress(done, count, total);
        let ends = StreamEnds::joined(before.iter().map(|kept| &kept.ends).chain([&ends]));
        before.iter().for_each(|kept| stats.add_earlier(kept.frames, kept.elapsed));
        let results = started.plan.conclude(&ends, scorer).map_err(GroupError::DuringRun)?;
        Ok(GroupResults { plan: started.plan, planned: started.planned, results, stats })
    }

    /// Removes the part file once it is no longer needed.
    pub(super) fn remove_checkpoint(&self, checkpoints: &CheckpointOptions<'_>) {
        let _ = std::fs::remove_file(checkpoints.folder.join(format!("{}.{EXTENSION}", self.id())));
        // Removes the folder only if it is empty.
        let _ = std::fs::remove_dir(checkpoints.folder);
    }

    fn id(&self) -> String {
        digest::of_bytes(self.keys.join("\n").as_bytes())[..32].to_owned()
    }
}

/// The encodes that have part files in `folder`: the keys of each group.
pub(super) fn checkpointed_keys(folder: &Path) -> Vec<Vec<String>> {
    let keys = |path: PathBuf| {
        let header = File::open(&path).ok().map(BufReader::new).and_then(|f| file::header(f).ok());
        if header.is_none() {
            // It is incomplete or of another version: it can't be resumed.
            let _ = std::fs::remove_file(&path);
        }
        Some(header?.keys)
    };
    files(folder).into_iter().filter_map(keys).collect()
}

/// Removes the part files in `folder`: once all encodes are measured, none is needed.
pub(super) fn remove_all_checkpoints(folder: &Path) {
    for path in files(folder) {
        let _ = std::fs::remove_file(path);
    }
    let _ = std::fs::remove_dir(folder);
}

/// The part files in `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
        .collect();
    paths.sort();
    paths
}

/// The part file of a group.
struct CheckpointFile {
    path: PathBuf,
    header: Header,
    /// Open once something was stored.
    file: Option<File>,
}

impl CheckpointFile {
    fn open(path: PathBuf, header: Header) -> Self {
        Self { path, header, file: None }
    }

    /// Adds the stored measurements to `scorer` and returns it. A file that does not belong to this
    /// group any more is ignored and overwritten.
    fn resume(&mut self, scorer: &mut Scorer) -> Result<Vec<MeasuredPart>> {
        let fail = |path: &Path, error| Error::output(path.to_string_lossy(), error);
        let mut file = match OpenOptions::new().read(true).write(true).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fail(&self.path, error)),
        };
        let Ok(contents) = file::read(BufReader::new(&file)) else { return Ok(Vec::new()) };
        let Contents { header, mut kept, valid_bytes, .. } = contents;
        if !header.is_same(&self.header) {
            return Ok(Vec::new());
        }
        let added = kept.iter().take_while(|kept| scorer.add(kept.part.clone()).is_ok()).count();
        if added < kept.len() {
            kept.truncate(added);
            return Ok(kept);
        }
        file.set_len(valid_bytes).map_err(|error| fail(&self.path, error))?;
        file.seek(SeekFrom::End(0)).map_err(|error| fail(&self.path, error))?;
        self.file = Some(file);
        Ok(kept)
    }

    /// Writes what was measured since the last time to disk.
    fn append(
        &mut self,
        inputs: &InputReader,
        scorer: &mut Scorer,
        frames: u64,
        elapsed: Duration,
    ) -> Result<()> {
        let part = scorer.part()?;
        let kept = MeasuredPart { part, ends: inputs.ends(), threads: 1, frames, elapsed };
        self.write(&kept).map_err(|error| Error::output(self.path.to_string_lossy(), error))
    }

    fn write(&mut self, kept: &MeasuredPart) -> io::Result<()> {
        let mut bytes = Vec::new();
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                if let Some(folder) = self.path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                self.header.write(&mut bytes)?;
                let file = File::create(&self.path)?;
                sync_folder_of(&self.path.to_string_lossy());
                none.insert(file)
            }
        };
        kept.write(&mut bytes)?;
        file.write_all(&bytes)?;
        file.sync_data()
    }
}
