//! Probes and other work on disk, so that a search resumes, and answers for another target what was
//! encoded for the first.
//!
//! Each source has a folder in the cache, named after its content. It holds the analysis, the
//! clips, and a file for each probe, named after a key: everything that its values depend on. Files
//! appear complete or not at all. Encodes are written to a folder of the running search; those of
//! searches that were killed are removed by the next one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::digest;
use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};

/// The version of the files.
const VERSION: u32 = 1;

/// The start of the names of running searches' folders, and the file that they lock.
const RUN: &str = "run-";
const LOCK: &str = "lock";

/// The number of hexadecimal digits of digests in file names.
const DIGITS: usize = 24;

/// The folder of a source in the cache.
pub(super) struct SourceStore {
    folder: PathBuf,
    run: TempDir,
    /// Locked while the search runs.
    _lock: File,
}

/// A probe on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredProbe {
    /// The setting.
    pub(super) quality: f64,
    /// The size of each frame's packet in bytes.
    pub(super) sizes: Vec<u32>,
    /// The duration of encoding in seconds.
    pub(super) seconds: f64,
    /// The targets of the search that made it.
    pub(super) purpose: String,
    /// The result, as [`EncodeResult::to_bytes`] writes it.
    result: Vec<u8>,
}

impl StoredProbe {
    /// Creates the form on disk of a probe.
    pub(super) fn new(
        quality: f64,
        sizes: Vec<u32>,
        seconds: f64,
        purpose: String,
        result: &EncodeResult,
    ) -> Result<Self> {
        Ok(Self { quality, sizes, seconds, purpose, result: result.to_bytes()? })
    }

    /// Returns the result; `None` if another version of this library wrote it.
    pub(super) fn result(&self) -> Option<EncodeResult> {
        EncodeResult::from_bytes(&self.result).ok()
    }
}

impl SourceStore {
    /// Opens the folder of the source with this digest in the cache, and creates it if need be.
    pub(super) fn open(cache: &Path, source: &str) -> Result<Self> {
        let folder =
            cache.join(format!("search-{VERSION}")).join(&source[..DIGITS.min(source.len())]);
        let fail = |error| Error::output(folder.to_string_lossy(), error);
        fs::create_dir_all(&folder).map_err(fail)?;
        remove_abandoned(&folder);
        let run = tempfile::Builder::new().prefix(RUN).tempdir_in(&folder).map_err(fail)?;
        let lock = locked_file(&run.path().join(LOCK)).map_err(fail)?;
        Ok(Self { folder, run, _lock: lock })
    }

    /// Returns the path of a file of the running search. It is removed when the search ends.
    pub(super) fn temporary(&self, name: &str) -> PathBuf {
        self.run.path().join(name)
    }

    /// Returns the path of a file that stays.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Moves a complete temporary file to its name among those that stay.
    pub(super) fn keep(&self, temporary: &Path, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::rename(temporary, &path)
            .map_err(|error| Error::output(path.to_string_lossy(), error))?;
        Ok(path)
    }

    /// Returns what [`write`](Self::write) stored under a name; `None` if there is nothing, or
    /// something of another version.
    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        rmp_serde::from_slice(&fs::read(self.path(name)).ok()?).ok()
    }

    /// Stores a value under a name.
    pub(super) fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let bytes = rmp_serde::to_vec_named(value).map_err(io::Error::other);
        let written = bytes.and_then(|bytes| {
            let mut file = tempfile::NamedTempFile::new_in(self.run.path())?;
            file.write_all(&bytes)?;
            file.as_file().sync_data()?;
            file.persist(self.path(name))?;
            Ok(())
        });
        written.map_err(|error| Error::output(self.path(name).to_string_lossy(), error))
    }

    /// Returns the probe of a setting with this key.
    pub(super) fn probe(&self, key: &str, quality: f64) -> Option<StoredProbe> {
        self.read(&probe_name(key, quality))
    }

    /// Returns the probes with this key that searches for other targets than `purpose` made. Those
    /// of the same search are found when it needs them again, so that it takes the same course
    /// after an interruption.
    pub(super) fn probes_of_others(&self, key: &str, purpose: &str) -> Vec<StoredProbe> {
        let names = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let is_probe = |name: &String| {
            name.strip_prefix(key).is_some_and(|rest| rest.starts_with('-'))
                && name.ends_with(".probe")
        };
        let mut names: Vec<String> = names.filter(is_probe).collect();
        names.sort();
        let probes = names.iter().filter_map(|name| self.read::<StoredProbe>(name));
        probes.filter(|probe| probe.purpose != purpose).collect()
    }

    /// Stores a probe.
    pub(super) fn add(&self, key: &str, probe: &StoredProbe) -> Result<()> {
        self.write(&probe_name(key, probe.quality), probe)
    }
}

fn probe_name(key: &str, quality: f64) -> String {
    format!("{key}-{quality}.probe")
}

/// Returns the name for files of everything that `fields` hold.
pub(super) fn key(fields: &impl Serialize) -> Result<String> {
    let form = serde_json::to_vec(fields).map_err(|error| Error::input(error.to_string()))?;
    let mut key = digest::of_bytes(&form);
    key.truncate(DIGITS);
    Ok(key)
}

/// Creates the file at `path`, locked. It appears there once it is locked, so that no other search
/// takes it for one that was abandoned.
fn locked_file(path: &Path) -> io::Result<File> {
    let early = path.with_extension("new");
    let file = File::create(&early)?;
    match file.lock() {
        // Some file systems have no locks; nothing is removed there.
        Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
        _ => fs::rename(early, path)?,
    }
    Ok(file)
}

/// Removes the folders of searches that no longer run.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(RUN) {
            continue;
        }
        // The system unlocks the files of a process that ends.
        let lock = File::open(entry.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_found_by_later_searches() {
        let cache = tempfile::tempdir().expect("a folder");
        let open = || SourceStore::open(cache.path(), "0123").expect("opened");
        open().write("analysis", &vec![1, 2]).expect("written");
        assert_eq!(open().read::<Vec<i32>>("analysis"), Some(vec![1, 2]));
        assert_eq!(open().read::<String>("analysis"), None);
        assert_eq!(open().read::<Vec<i32>>("other"), None);
    }

    #[test]
    fn folders_of_killed_searches_are_removed_and_of_running_ones_kept() {
        let cache = tempfile::tempdir().expect("a folder");
        let running = SourceStore::open(cache.path(), "0123").expect("opened");
        let killed = running.path("run-killed");
        fs::create_dir(&killed).expect("a folder");
        fs::write(killed.join(LOCK), "").expect("a file");
        fs::write(running.temporary("encode.mkv"), "1").expect("a file");
        let other = SourceStore::open(cache.path(), "0123").expect("opened");
        assert!(!killed.exists());
        assert!(running.temporary("encode.mkv").exists());
        let kept = other.temporary("clips");
        fs::write(&kept, "2").expect("a file");
        let kept = other.keep(&kept, "clips").expect("renamed");
        let folder = other.run.path().to_owned();
        drop(other);
        assert!(kept.exists() && !folder.exists());
    }

    #[test]
    fn keys_differ_with_their_fields() {
        let keys = [key(&("a", 1)), key(&("a", 2)), key(&("b", 1))].map(|key| key.expect("a key"));
        assert_eq!(keys[0].len(), DIGITS);
        assert!(keys[0] != keys[1] && keys[1] != keys[2]);
    }
}
