//! Timestamps of the frames that an `ffmpeg` program decodes.
//!
//! The program's filter `metadata` writes a line for each frame that has metadata, so each is given
//! some. The lines go into a file of their own, for on standard error they would be torn by what
//! other threads say. They are written before the frame goes on, without a buffer: whoever has
//! the frame finds its line.
//!
//! Where the video's size changes, the program makes its filters anew, which truncates the file and
//! counts frames from 0 again. The file is a named pipe where there are such, so that lines not yet
//! read stay; and the count tells which frame is the first of the new size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tempfile::TempDir;

/// The filters that write [`FILE`].
pub(super) const FILTERS: &str =
    "metadata=mode=add:key=vmaf:value=1,metadata=mode=print:direct=1:file=times";

/// The file, in a folder of its own, which the program runs in: no path needs escaping.
const FILE: &str = "times";

/// Reads the file as it grows.
pub(super) struct Times {
    folder: TempDir,
    file: File,
    unread: String,
    /// How many frames were told of.
    frames: u64,
}

impl Times {
    pub(super) fn new() -> io::Result<Self> {
        let folder = TempDir::new()?;
        let file = create(&folder.path().join(FILE))?;
        Ok(Self { folder, file, unread: String::new(), frames: 0 })
    }

    /// The folder that the program must run in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The timestamp of the next frame, `Some(None)` where it has none; `None` where the program
    /// wrote nothing of that frame, or has made its filters anew.
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
        // An error is that the pipe is empty.
        let count = self.file.read(&mut written).unwrap_or(0);
        self.unread.push_str(&String::from_utf8_lossy(&written[..count]));
        count > 0
    }
}

/// Makes the file, and opens it so that reading never waits.
#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use nix::fcntl::OFlag;
    use nix::sys::stat::Mode;

    nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?;
    // Held open for writing too, the pipe keeps its lines while the program reopens it.
    File::options().read(true).write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)
}

/// Makes the file, and opens it.
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
