//! The destination of a result: a file, written completely or not at all, or standard output.
//!
//! Whether it can be written is checked before the first frame is scored. The result then goes to a
//! temporary file in the same folder, which replaces the file in one step; until then nothing there
//! changes. Only a file that can't be replaced, since a container has it mounted, is written over.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The name of standard output among paths.
pub const STDOUT: &str = "-";

/// A writable destination.
pub struct Target {
    /// The path, as given.
    path: String,
    place: Destination,
}

enum Destination {
    Stdout,
    /// A pipe or device, which can't be replaced.
    Device(File),
    /// A file, existing or not.
    File(PathBuf),
}

impl Target {
    /// Returns the destination called `path`, after checking that it can be written.
    pub fn open(path: &str) -> Result<Self> {
        let fail = |error: io::Error| Error::output(path, error);
        let place = match path {
            STDOUT | "/dev/stdout" => Destination::Stdout,
            _ => match std::fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => {
                    return Err(fail(io::ErrorKind::IsADirectory.into()));
                }
                Ok(metadata) if !metadata.is_file() => {
                    Destination::Device(OpenOptions::new().write(true).open(path).map_err(fail)?)
                }
                Ok(_) => {
                    // A link is followed: the file that it leads to is replaced. A read-only file
                    // is not replaced, even if its directory allows it.
                    OpenOptions::new().append(true).open(path).map_err(fail)?;
                    Destination::File(Path::new(path).canonicalize().map_err(fail)?)
                }
                Err(_) => Destination::File(PathBuf::from(path)),
            },
        };
        if let Destination::File(file) = &place {
            // Nameless, so that a run killed at this moment leaves nothing.
            tempfile::tempfile_in(folder(file)).map_err(plain).map_err(fail)?;
        }
        Ok(Self { path: path.to_owned(), place })
    }

    /// Returns true for standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.place, Destination::Stdout)
    }

    /// Writes the output of `contents`.
    pub fn write(self, contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let result = match self.place {
            Destination::Stdout => {
                return write_stdout(contents);
            }
            Destination::Device(file) => write_all(file, contents),
            Destination::File(path) => replace(&path, contents),
        };
        result.map_err(|error| Error::output(self.path, error))
    }
}

/// Writes the output of `contents` to standard output.
pub fn write_stdout(contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_all(io::stdout().lock(), contents)
        .map_err(|error| Error::output("standard output", error))
}

fn write_all(
    to: impl Write,
    contents: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut writer = BufWriter::new(to);
    contents(&mut writer)?;
    writer.flush()
}

fn replace(path: &Path, contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = temporary(path)?;
    write_all(&mut file, contents)?;
    match file.persist(path) {
        Ok(_) => Ok(()),
        Err(failure) if is_mounted(&failure.error) => {
            let mut complete = failure.file.reopen()?;
            let mut mounted = OpenOptions::new().write(true).truncate(true).open(path)?;
            io::copy(&mut complete, &mut mounted).map(drop)
        }
        Err(failure) => Err(failure.error),
    }
}

/// Returns true if a file could not be replaced since it is the root of a mount, as when a
/// container is given a single file.
fn is_mounted(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices)
}

/// Creates a temporary file in the folder of `path`, with the permissions of the existing file or
/// those of a new one. It is removed unless it is persisted.
fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vmaf-");
    if let Some(permissions) = permissions(path) {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder(path)).map_err(plain)
}

/// Returns the folder that a file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Returns an error in the system's own words: the full one names the temporary file, which means
/// nothing to users.
fn plain(error: io::Error) -> io::Error {
    let text = error.to_string();
    let words = text.split(" at path ").next().unwrap_or_default();
    io::Error::new(error.kind(), words.to_owned())
}

#[cfg(unix)]
fn permissions(path: &Path) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let there = std::fs::metadata(path).ok().map(|metadata| metadata.permissions());
    // The system applies the process's umask.
    Some(there.unwrap_or_else(|| Permissions::from_mode(0o666)))
}

#[cfg(not(unix))]
fn permissions(_: &Path) -> Option<Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_completely_or_not_at_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("out.json");
        std::fs::write(&path, "before").expect("a file");
        let open = || Target::open(&path.to_string_lossy()).expect("writable");
        open()
            .write(|out| {
                out.write_all(b"half")?;
                Err(io::ErrorKind::Other.into())
            })
            .expect_err("the failure");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "before");
        open().write(|out| out.write_all(b"after")).expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), "after");
        assert_eq!(std::fs::read_dir(directory.path()).expect("the directory").count(), 1);
    }

    #[test]
    fn unwritable_outputs_are_found_before_measuring() {
        let directory = tempfile::tempdir().expect("a directory");
        let inside = directory.path().join("missing/out.json");
        for path in [directory.path(), &inside] {
            assert!(Target::open(&path.to_string_lossy()).is_err(), "{path:?}");
        }
        let failure = Target::open(&inside.to_string_lossy()).err().expect("a failure").to_string();
        assert!(!failure.contains("entity") && !failure.contains(".vmaf-"), "{failure}");
    }
}
