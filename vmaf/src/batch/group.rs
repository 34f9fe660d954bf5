//! Measurements a group: encodes of one reference that are measured in one pass.
//!
//! What was measured is kept in a file beside the results every so often. A batch that comes later
//! goes on from there; once the results are on disk, the file is removed.

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

/// The extension of files of parts.
const EXTENSION: &str = "vmafpart";

/// Entries measured in one pass.
pub(super) struct Group<'a> {
    pub(super) measurements: &'a Measurements,
    pub(super) reference: &'a str,
    pub(super) distorted: Vec<String>,
    /// Digests of what the videos hold.
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

/// Why a group was not measured.
pub(super) enum GroupError {
    /// Before its first frame: its encodes may be measured by themselves.
    BeforeStart(Error),
    /// Later on: no encode can be measured.
    DuringRun(Error),
    /// A measurement can't be kept.
    CheckpointOptions(Error),
}

/// The folder for parts, and the interval at which they are written.
pub(super) struct CheckpointOptions<'a> {
    pub(super) folder: &'a Path,
    pub(super) interval: Duration,
}

impl Group<'_> {
    /// Measurements the group. `on_progress` sees how many frames were kept, how many are measured since,
    /// and how many there are if that is known.
    pub(super) fn measure(
        &self,
        options: &Options,
        handle: &RunHandle,
        checkpoints: &CheckpointOptions<'_>,
        on_progress: &mut dyn FnMut(u64, u64, Option<u64>),
    ) -> Result<GroupResults, GroupError> {
        let measurements = self.measurements.clone();
        let started = OpenRun::open(measurements, self.reference, &self.distorted, options, handle);
        let started = started.and_then(OpenRun::start).map_err(GroupError::BeforeStart)?;
        let (mut started, mut scorer) = started;
        let header =
            Header::of_batch(self.digests.clone(), self.keys.clone(), started.plan.clone());
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
            if since.elapsed() >= checkpoints.interval {
                checkpoint_result =
                    checkpoint.append(inputs, scorer, count - counted, since.elapsed());
                last = (Instant::now(), count);
                if checkpoint_result.is_err() {
                    return Err(Error::Stopped);
                }
            }
            Ok(())
        });
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

    /// Forgets what was kept, once it is of no more use.
    pub(super) fn remove_checkpoint(&self, checkpoints: &CheckpointOptions<'_>) {
        let _ = std::fs::remove_file(checkpoints.folder.join(format!("{}.{EXTENSION}", self.id())));
        // Only an empty folder goes.
        let _ = std::fs::remove_dir(checkpoints.folder);
    }

    fn id(&self) -> String {
        digest::of_bytes(self.keys.join("\n").as_bytes())[..32].to_owned()
    }
}

/// The encodes of which parts are kept in `folder`, by key, a group each.
pub(super) fn checkpointed_keys(folder: &Path) -> Vec<Vec<String>> {
    let keys = |path: PathBuf| {
        let header = File::open(&path).ok().map(BufReader::new).and_then(|f| file::header(f).ok());
        if header.is_none() {
            // It was being begun, or another version wrote it: nothing can go on from it.
            let _ = std::fs::remove_file(&path);
        }
        Some(header?.keys)
    };
    files(folder).into_iter().filter_map(keys).collect()
}

/// Forgets what is kept in `folder`: when all is measured, that is of nothing any more.
pub(super) fn remove_all_checkpoints(folder: &Path) {
    for path in files(folder) {
        let _ = std::fs::remove_file(path);
    }
    let _ = std::fs::remove_dir(folder);
}

/// The files of parts in `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
        .collect();
    paths.sort();
    paths
}

/// The file of a group's parts.
struct CheckpointFile {
    path: PathBuf,
    header: Header,
    /// Open once something was kept.
    file: Option<File>,
}

impl CheckpointFile {
    fn open(path: PathBuf, header: Header) -> Self {
        Self { path, header, file: None }
    }

    /// Adds what is kept to `scorer`, and gives it. What is not of this group any more is left
    /// alone, and written over.
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

    /// Keeps what was measured since the last time, on disk.
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
