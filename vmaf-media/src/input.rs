//! A file or pipe, opened and looked at.
//!
//! The first bytes tell what a file is. They are read once and put back in front of the rest, so
//! that nothing needs to seek and a pipe serves as well as a file.

use std::fs::File;
use std::io::{self, Cursor, Read};

use crate::{Error, Result};

/// The name of standard input among paths.
pub(crate) const STDIN: &str = "-";

/// How many bytes are looked at: the longest signature, RIFF....WEBP, has 12.
const PEEKED: u64 = 12;

/// What the first bytes of a file say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Y4m,
    Png,
    Jpeg,
    Tiff,
    WebP,
    /// Something else, or raw video.
    Unknown,
}

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [b'Y', b'U', b'V', b'4', b'M', b'P', b'E', b'G', b'2', ..] => Self::Y4m,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Self::Tiff,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            _ => Self::Unknown,
        }
    }
}

/// An open file or pipe that is not empty.
pub(crate) struct Input {
    /// The path, as given.
    pub(crate) path: String,
    /// What its first bytes say.
    pub(crate) kind: Kind,
    /// Its bytes, from the first.
    pub(crate) reader: Box<dyn Read + Send>,
    /// How many bytes there are, if it is a regular file.
    pub(crate) size: Option<u64>,
}

impl Input {
    /// Opens `path`; `-` is standard input.
    pub(crate) fn open(path: &str) -> Result<Self> {
        if path == STDIN {
            return Self::new(path, io::stdin(), None);
        }
        let file = File::open(path).map_err(|source| Error::io(path, source))?;
        let metadata = file.metadata().map_err(|source| Error::io(path, source))?;
        if metadata.is_dir() {
            return Err(Error::not_video(path, "is a directory, not a video"));
        }
        let size = metadata.is_file().then_some(metadata.len());
        Self::new(path, file, size)
    }

    /// Looks at the first bytes of `reader`.
    pub(crate) fn new(
        path: &str,
        mut reader: impl Read + Send + 'static,
        size: Option<u64>,
    ) -> Result<Self> {
        let mut start = Vec::new();
        reader
            .by_ref()
            .take(PEEKED)
            .read_to_end(&mut start)
            .map_err(|source| Error::io(path, source))?;
        if start.is_empty() {
            let what = if path == STDIN { "standard input" } else { "the file" };
            return Err(Error::not_video(path, format!("{what} is empty")));
        }
        let kind = Kind::of(&start);
        let reader = Box::new(Cursor::new(start).chain(reader));
        Ok(Self { path: path.to_owned(), kind, reader, size })
    }
}
