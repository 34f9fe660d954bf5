//! Timestamps of the frames that an `ffmpeg` program decodes.
//!
//! The program's filter `metadata` writes a line for each frame that has metadata, so each is given
//! some. The lines go into a file of their own, for on standard error they would be torn by what
//! other threads say. They are written before the frame goes on, without a buffer: whoever has
//! the frame finds its line.

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
    file: Option<File>,
    unread: String,
}

impl Times {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { folder: TempDir::new()?, file: None, unread: String::new() })
    }

    /// The folder that the program must run in.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The timestamp of the next frame, `Some(None)` where it has none; `None` where the program
    /// wrote nothing of that frame.
    pub(super) fn next(&mut self) -> Option<Option<i64>> {
        loop {
            if let Some((line, rest)) = self.unread.split_once('\n') {
                let timestamp = parse(line);
                self.unread = rest.to_owned();
                if timestamp.is_some() {
                    return timestamp;
                }
            } else if !self.read_on() {
                return None;
            }
        }
    }

    /// Reads what has been written since; false if there is nothing.
    fn read_on(&mut self) -> bool {
        if self.file.is_none() {
            self.file = File::open(self.folder.path().join(FILE)).ok();
        }
        let read = self.file.as_mut().map(|file| file.read_to_string(&mut self.unread));
        matches!(read, Some(Ok(1..)))
    }
}

/// Parses a line such as `frame:12   pts:6144    pts_time:0.48`.
fn parse(line: &str) -> Option<Option<i64>> {
    let (_, after) = line.strip_prefix("frame:")?.split_once(" pts:")?;
    Some(after.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests;
