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
use crate::parts::file::{self, Contents, Header, Kept};
use crate::request::Options;
use crate::run::OpenRun;
use crate::run::models::Measurements;
use crate::run::plan::{Found, PlannedJob, RunPlan, RunStats};

/// The extension of files of parts.
const EXTENSION: &str = "vmafpart";

/// Entries measured in one pass.
pub(super) struct Group<'a> {
    pub(super) asked: &'a Measurements,
    pub(super) reference: &'a str,
    pub(super) distorted: Vec<String>,
    /// Digests of what the videos hold.
    pub(super) digests: (String, Vec<String>),
    /// The encodes' keys.
    pub(super) keys: Vec<String>,
}

/// The results of a group.
pub(super) struct Findings {
    pub(super) plan: RunPlan,
    pub(super) planned: PlannedJob,
    pub(super) found: Vec<Found>,
    pub(super) stats: RunStats,
}

/// Why a group was not measured.
pub(super) enum Trouble {
    /// Before its first frame: its encodes may be measured by themselves.
    AtStart(Error),
    /// Later on: no encode can be measured.
    Later(Error),
    /// A measurement can't be kept.
    Keeping(Error),
}

/// The folder for parts, and the interval at which they are written.
pub(super) struct Keeping<'a> {
    pub(super) folder: &'a Path,
    pub(super) every: Duration,
}

impl Group<'_> {
    /// Measurements the group. `progress` sees how many frames were kept, how many are measured since,
    /// and how many there are if that is known.
    pub(super) fn measure(
        &self,
        options: &Options,
        handle: &RunHandle,
        keeping: &Keeping<'_>,
        progress: &mut dyn FnMut(u64, u64, Option<u64>),
    ) -> Result<Findings, Trouble> {
        let asked = self.asked.clone();
        let begun = OpenRun::open(asked, self.reference, &self.distorted, options, handle);
        let begun = begun.and_then(OpenRun::start).map_err(Trouble::AtStart)?;
        let (mut begun, mut scorer) = begun;
        let header = Header::of_batch(self.digests.clone(), self.keys.clone(), begun.plan.clone());
        let path = keeping.folder.join(format!("{}.{EXTENSION}", self.id()));
        let total = begun.expected(&scorer);
        let mut parts = Parts::open(path, header);
        let before = parts.resume(&mut scorer).map_err(Trouble::Keeping)?;
        let done = total.map_or(0, |total| total - begun.expected(&scorer).unwrap_or(total));
        let mut keep = Ok(());
        let mut last = (Instant::now(), 0);
        let mut count = 0;
        let read = begun.read_with(&mut scorer, |inputs, scorer| {
            count += 1;
            progress(done, scorer.measured_groups(), total);
            let (since, counted) = last;
            if since.elapsed() >= keeping.every {
                keep = parts.keep(inputs, scorer, count - counted, since.elapsed());
                last = (Instant::now(), count);
                if keep.is_err() {
                    return Err(Error::Stopped);
                }
            }
            Ok(())
        });
        if let Err(failure) = keep {
            return Err(Trouble::Keeping(failure));
        }
        let (ends, mut stats) = read.map_err(Trouble::Later)?;
        progress(done, count, total);
        let ends = StreamEnds::joined(before.iter().map(|kept| &kept.ends).chain([&ends]));
        before.iter().for_each(|kept| stats.took(kept.frames, kept.elapsed));
        let found = begun.plan.conclude(&ends, scorer).map_err(Trouble::Later)?;
        Ok(Findings { plan: begun.plan, planned: begun.planned, found, stats })
    }

    /// Forgets what was kept, once it is of no more use.
    pub(super) fn forget(&self, keeping: &Keeping<'_>) {
        let _ = std::fs::remove_file(keeping.folder.join(format!("{}.{EXTENSION}", self.id())));
        // Only an empty folder goes.
        let _ = std::fs::remove_dir(keeping.folder);
    }

    fn id(&self) -> String {
        digest::of_bytes(self.keys.join("\n").as_bytes())[..32].to_owned()
    }
}

/// The encodes of which parts are kept in `folder`, by key, a group each.
pub(super) fn kept_in(folder: &Path) -> Vec<Vec<String>> {
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
pub(super) fn forget_all(folder: &Path) {
    for path in files(folder) {
        let _ = std::fs::remove_file(path);
    }
    let _ = std::fs::remove_dir(folder);
}

/// The files of parts in `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|found| found == EXTENSION)).collect();
    paths.sort();
    paths
}

/// The file of a group's parts.
struct Parts {
    path: PathBuf,
    header: Header,
    /// Open once something was kept.
    file: Option<File>,
}

impl Parts {
    fn open(path: PathBuf, header: Header) -> Self {
        Self { path, header, file: None }
    }

    /// Adds what is kept to `scorer`, and gives it. What is not of this group any more is left
    /// alone, and written over.
    fn resume(&mut self, scorer: &mut Scorer) -> Result<Vec<Kept>> {
        let fail = |path: &Path, error| Error::output(path.to_string_lossy(), error);
        let mut file = match OpenOptions::new().read(true).write(true).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fail(&self.path, error)),
        };
        let Ok(contents) = file::read(BufReader::new(&file)) else { return Ok(Vec::new()) };
        let Contents { header, mut kept, sound, .. } = contents;
        if !header.is_same(&self.header) {
            return Ok(Vec::new());
        }
        let added = kept.iter().take_while(|kept| scorer.add(kept.part.clone()).is_ok()).count();
        if added < kept.len() {
            kept.truncate(added);
            return Ok(kept);
        }
        file.set_len(sound).map_err(|error| fail(&self.path, error))?;
        file.seek(SeekFrom::End(0)).map_err(|error| fail(&self.path, error))?;
        self.file = Some(file);
        Ok(kept)
    }

    /// Keeps what was measured since the last time, on disk.
    fn keep(
        &mut self,
        inputs: &InputReader,
        scorer: &mut Scorer,
        frames: u64,
        elapsed: Duration,
    ) -> Result<()> {
        let part = scorer.part()?;
        let kept = Kept { part, ends: inputs.ends(), threads: 1, frames, elapsed };
        self.write(&kept).map_err(|error| Error::output(self.path.to_string_lossy(), error))
    }

    fn write(&mut self, kept: &Kept) -> io::Result<()> {
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
