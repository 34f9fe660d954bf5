//! Timestamps of the frames that an `ffmpeg` program decodes.
//!
//! The program's filter `metadata` writes a line for each frame that has metadata, so each frame is
//! given some. The lines go into a separate file, because on standard error other threads' messages
//! would break them up. They are written before the frame is passed on, without a buffer: the line
//! of a received frame is always there.
//!
//! If the video's size changes, the program rebuilds its filters, which truncates the file and
//! restarts the frame count. On systems with named pipes the file is one, so that unread lines
//! stay; and the count shows which frame is the first of the new size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tempfile::TempDir;

/// The filters that write [`FILE`].
pub(super) const FILTERS: &str =
    "metadata=mode=add:key=vmaf:value=1,metadata=mode=print:direct=1:file=times";

/// The file, in a folder of its own in which the program runs: no path needs escaping.
const FILE: &str = "times";

/// Reads the file as it grows.
pub(super) struct TimestampReader {
    folder: TempDir,
    file: File,
    unread: String,
    /// The number of frames whose lines were read.
    frames: u64,
}

impl TimestampReader {
    pub(super) fn new() -> io::Result<Self> {
        let folder = TempDir::new()?;
        let file = create(&folder.path().join(FILE))?;
        Ok(Self { folder, file, unread: String::new(), frames: 0 })
    }

    /// The folder that the program must run in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the timestamp of the next frame, `Some(None)` if it has none; `None` if the program
    /// wrote no line for that frame, or has rebuilt its filters.
    pub(super) fn next(&mut self) -> Option<Option<i64>> {
        loop {
            if let Some((line, rest)) = self.unread.split_once('\n') {
                let told = parse(line);
                self.unread = rest.to_owned();
                if let Some((frame, timestamp)) = told {
                    let expected = self.frames;
                    self.frames += 1;
                    return (frame == expected).then_some(timestamp);
                }
            } else if !self.read_on() {
                return None;
            }
        }
    }

    /// Reads what has been written since; false if there is nothing.
    fn read_on(&mut self) -> bool {
        let mut written = [0; 4096];
        // An error means that the pipe is empty.
        let count = self.file.read(&mut written).unwrap_or(0);
        self.unread.push_str(&String::from_utf8_lossy(&written[..count]));
        count > 0
    }
}

/// Creates the file, and opens it so that reading never blocks.
#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use nix::fcntl::OFlag;
    use nix::sys::stat::Mode;

    nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?;
    // Held open for writing too, the pipe keeps its lines while the program reopens it.
    File::options().read(true).write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)
}

/// Creates the file, and opens it.
#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create_new(true).open(path)
}

/// Parses a line such as `frame:12   pts:6144    pts_time:0.48`: the frame's number and timestamp.
fn parse(line: &str) -> Option<(u64, Option<i64>)> {
    let (frame, after) = line.strip_prefix("frame:")?.split_once(" pts:")?;
    Some((frame.trim().parse().ok()?, after.split_whitespace().next()?.parse().ok()))
}

#[cfg(test)]
mod tests;
