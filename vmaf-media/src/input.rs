//! A file or pipe, opened and identified by its first bytes.
//!
//! The first bytes are read once and put back in front of the rest, so that a pipe serves as well
//! as a file. Only skipping differs: a file is sought in, a pipe is read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

use crate::{Error, Result};

/// The name of standard input among paths.
pub(crate) const STDIN: &str = "-";

/// The number of bytes examined: three packets of an MPEG transport stream begin within these.
const SIGNATURE_BYTES: u64 = 2 * TS_PACKET as u64 + 1;

/// The size in bytes of a packet of an MPEG transport stream.
const TS_PACKET: usize = 188;

/// File format, as recognised by the first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Y4m,
    Png,
    Jpeg,
    Tiff,
    WebP,
    /// A container, or a still that only FFmpeg reads, by its common name.
    Container(&'static str),
    /// Any other format, or raw video.
    Unknown,
}

impl FileKind {
    fn from_bytes(bytes: &[u8]) -> Self {
        match bytes {
            [b'Y', b'U', b'V', b'4', b'M', b'P', b'E', b'G', b'2', ..] => Self::Y4m,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Self::Tiff,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            _ => container(bytes).map_or(Self::Unknown, Self::Container),
        }
    }

    /// Returns the common name of the format.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Y4m => "y4m",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF",
            Self::WebP => "WebP",
            Self::Container(name) => name,
            Self::Unknown => "of an unknown format",
        }
    }
}

/// Returns the container whose signature a file begins with. Only signatures that no picture begins
/// with count: those of elementary streams are too short to be distinguished from dark samples.
fn container(bytes: &[u8]) -> Option<&'static str> {
    let is_ts = |bytes: &[u8]| {
        let packet = |index: usize| bytes.get(index * TS_PACKET) == Some(&0x47);
        // A packet has a payload or an adaptation field; a flat picture of 0x47 sets neither bit.
        (0..3).all(packet) && bytes[3] & 0x30 != 0
    };
    match bytes {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("Matroska or WebM"),
        [0, _, _, _, b'f' | b's', b't', b'y', b'p', ..]
        | [0, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..]
        | [0, 0, 0, 8, b'w', b'i', b'd', b'e', ..] => Some("MP4 or QuickTime"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => Some("AVI"),
        [b'F', b'L', b'V', 1, ..] => Some("FLV"),
        [b'O', b'g', b'g', b'S', ..] => Some("Ogg"),
        [b'D', b'K', b'I', b'F', ..] => Some("IVF"),
        [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, ..] => Some("ASF"),
        [0x06, 0x0e, 0x2b, 0x34, ..] => Some("MXF"),
        [0, 0, 1, 0xba, ..] => Some("an MPEG program stream"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("GIF"),
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some("JPEG XL"),
        _ => is_ts(bytes).then_some("an MPEG transport stream"),
    }
}

/// An open file or pipe that is not empty.
pub(crate) struct Input {
    /// The path, as given.
    pub(crate) path: String,
    /// The format recognised by its first bytes.
    pub(crate) kind: FileKind,
    /// Its bytes, from the first.
    pub(crate) reader: InputBytes,
    /// The number of bytes, if it is a regular file.
    pub(crate) size: Option<u64>,
}

impl Input {
    /// Opens `path`; `-` is standard input.
    pub(crate) fn open(path: &str) -> Result<Self> {
        if path == STDIN {
            return Self::pipe(path, io::stdin());
        }
        let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
        let metadata = file.metadata().map_err(|source| Error::io(path, source))?;
        if metadata.is_dir() {
            return Err(Error::not_video(path, "is a directory, not a video"));
        }
        if !metadata.is_file() {
            return Self::pipe(path, file);
        }
        let start = start(path, &mut file)?;
        file.rewind().map_err(|source| Error::io(path, source))?;
        let (kind, reader) = (FileKind::from_bytes(&start), InputBytes::File(file));
        Ok(Self { path: path.to_owned(), kind, reader, size: Some(metadata.len()) })
    }

    /// Opens `pipe`, whose size is unknown.
    pub(crate) fn pipe(path: &str, mut pipe: impl Read + Send + 'static) -> Result<Self> {
        let start = start(path, &mut pipe)?;
        let kind = FileKind::from_bytes(&start);
        let reader = InputBytes::Pipe(Box::new(Cursor::new(start).chain(pipe)));
        Ok(Self { path: path.to_owned(), kind, reader, size: None })
    }
}

/// Returns the first bytes of `reader`; fails if there are none.
fn start(path: &str, reader: &mut impl Read) -> Result<Vec<u8>> {
    let mut start = Vec::new();
    let read = reader.by_ref().take(SIGNATURE_BYTES).read_to_end(&mut start);
    read.map_err(|source| Error::io(path, source))?;
    if start.is_empty() {
        let what = if path == STDIN { "standard input" } else { "the file" };
        return Err(Error::not_video(path, format!("{what} is empty")));
    }
    Ok(start)
}

/// The bytes of a regular file, or of a pipe, which can't seek.
pub(crate) enum InputBytes {
    File(File),
    Pipe(Box<dyn Read + Send>),
}

impl Read for InputBytes {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(to),
            Self::Pipe(pipe) => pipe.read(to),
        }
    }
}

/// A reader that can skip bytes.
pub(crate) trait Skip: Read {
    /// Skips `count` bytes, or as many as there are, and returns the number skipped.
    fn skip(&mut self, count: u64) -> io::Result<u64>;
}

impl Skip for InputBytes {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        match self {
            Self::File(file) => {
                // Seeking beyond the end succeeds, so the distance is limited to the current length
                // of the file.
                let left = file.metadata()?.len().saturating_sub(file.stream_position()?);
                let count = count.min(left);
                let distance = i64::try_from(count).map_err(io::Error::other)?;
                file.seek(SeekFrom::Current(distance))?;
                Ok(count)
            }
            Self::Pipe(pipe) => io::copy(&mut pipe.take(count), &mut io::sink()),
        }
    }
}

impl<R: Skip> Skip for BufReader<R> {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let buffered = self.buffer().len().min(usize::try_from(count).unwrap_or(usize::MAX));
        self.consume(buffered);
        let rest = count - buffered as u64;
        // If anything remains, the buffer is empty.
        let skipped = if rest > 0 { self.get_mut().skip(rest)? } else { 0 };
        Ok(buffered as u64 + skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_recognised_by_their_first_bytes() {
        let mut ts = [0xff; 400];
        (0..3).for_each(|packet| ts[packet * TS_PACKET] = 0x47);
        assert_eq!(FileKind::from_bytes(&ts), FileKind::Container("an MPEG transport stream"));
        let mp4 = b"\0\0\0\x20ftypisom";
        assert_eq!(FileKind::from_bytes(mp4), FileKind::Container("MP4 or QuickTime"));
        assert_eq!(
            FileKind::from_bytes(&[0x1a, 0x45, 0xdf, 0xa3]),
            FileKind::Container("Matroska or WebM")
        );
        // Flat pictures, of every value, and short files.
        for value in 0..=255 {
            assert_eq!(FileKind::from_bytes(&[value; 400]), FileKind::Unknown);
            assert_eq!(FileKind::from_bytes(&[value; 1]), FileKind::Unknown);
        }
    }

    #[test]
    fn bytes_can_be_skipped_in_files_and_pipes() {
        let content: Vec<u8> = (0..100).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, &content).expect("written");
        let file = || InputBytes::File(File::open(&path).expect("a file"));
        let pipe = || InputBytes::Pipe(Box::new(Cursor::new(content.clone())));
        for capacity in [1, 7, 200] {
            for bytes in [file(), pipe()] {
                let mut reader = BufReader::with_capacity(capacity, bytes);
                let mut one = [0; 1];
                for (skipped, found) in [(0, 0), (3, 4), (50, 55), (1, 57)] {
                    assert_eq!(reader.skip(skipped).expect("skipped"), skipped);
                    reader.read_exact(&mut one).expect("a byte");
                    assert_eq!(one[0], found);
                }
                assert_eq!(reader.skip(1000).expect("skipped"), 42);
                assert_eq!(reader.skip(1).expect("skipped"), 0);
                assert_eq!(reader.read(&mut one).expect("the end"), 0);
            }
        }
    }
}
