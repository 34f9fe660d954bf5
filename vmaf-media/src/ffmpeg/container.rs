//! What containers say of how frames are shown, and FFmpeg applies or leaves out depending on its version
//! and on who asks: a crop (MP4's clean aperture, Matroska's PixelCrop) and an orientation (MP4's display
//! matrix, Matroska's pose).
//!
//! Only headers are read, by few and small steps. What is damaged or unknown says nothing here: FFmpeg,
//! which reads the file too, complains of it.

mod matroska;
mod mp4;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};

use crate::conform::Rect;
use crate::{Orientation, Rational, is_remote};

/// What a container says of a video track.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Presentation {
    /// The track's number, where FFmpeg tells that too.
    id: Option<u32>,
    pub(super) orientation: Orientation,
    pub(super) crop: Option<Crop>,
}

/// A part of the frames that is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crop {
    /// The size of the frames.
    pub(super) of: (u32, u32),
    pub(super) part: Rect,
    /// How wide a pixel is in units of its height, where the container says. FFmpeg may tell another
    /// shape, having counted in what is cropped.
    pub(super) sample_aspect: Option<Rational>,
}

impl Crop {
    /// Leaves so many columns and rows out: on the left and on the right, above and below. `None` where
    /// nothing or all is left out.
    fn new(of: (u32, u32), across: [u64; 2], down: [u64; 2]) -> Option<Self> {
        let kept = |whole: u32, [before, after]: [u64; 2]| {
            let kept = u64::from(whole).checked_sub(before.checked_add(after)?)?;
            Some((u32::try_from(before).ok()?, u32::try_from(kept).ok().filter(|kept| *kept > 0)?))
        };
        let (x, width) = kept(of.0, across)?;
        let (y, height) = kept(of.1, down)?;
        let part = Rect { width, height, x, y };
        ((width, height) != of).then_some(Self { of, part, sample_aspect: None })
    }
}

/// What the container of the file at `path`, of the format that FFmpeg calls `format`, says of the video
/// stream with this number in the container, or else of the one at `place` among its video streams that
/// are no covers. `None` for containers that are not known here, and for what can't be read.
pub(super) fn presentation(
    path: &str,
    format: &str,
    id: Option<u32>,
    place: usize,
) -> Option<Presentation> {
    if is_remote(path) {
        return choose(remote_tracks(path, format)?, id, place);
    }
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    choose(tracks(&mut Reader(BufReader::new(file)), format, length)?, id, place)
}

/// The video tracks of what a URL names.
#[cfg(feature = "ffmpeg")]
fn remote_tracks(url: &str, format: &str) -> Option<Vec<Presentation>> {
    /// How much is read of what a server gives from its beginning alone.
    const START: u64 = 8 << 20;
    let mut remote = super::ffi::remote::Remote::open(url)?;
    if let Some(length) = remote.length {
        return tracks(&mut Reader(remote), format, length);
    }
    let mut start = Vec::new();
    remote.by_ref().take(START).read_to_end(&mut start).ok()?;
    let length = start.len() as u64;
    tracks(&mut Reader(Cursor::new(start)), format, length)
}

/// As above: it can't be read here.
#[cfg(not(feature = "ffmpeg"))]
fn remote_tracks(_: &str, _: &str) -> Option<Vec<Presentation>> {
    None
}

/// The video tracks of a file of the format that FFmpeg calls `format`.
fn tracks<R: Read + Seek>(
    reader: &mut Reader<R>,
    format: &str,
    length: u64,
) -> Option<Vec<Presentation>> {
    let is = |name: &str| format.split(',').any(|of| of == name);
    if is("mp4") {
        mp4::tracks(reader, length)
    } else if is("matroska") {
        matroska::tracks(reader, length)
    } else {
        None
    }
}

/// The orientation of the first video track of an MP4 file in memory.
pub(super) fn orientation_of_copy(bytes: &[u8]) -> Option<Orientation> {
    let tracks = mp4::tracks(&mut Reader(Cursor::new(bytes)), bytes.len() as u64)?;
    Some(tracks.first()?.orientation)
}

fn choose(mut tracks: Vec<Presentation>, id: Option<u32>, place: usize) -> Option<Presentation> {
    let by_id = tracks.iter().position(|track| track.id.is_some() && track.id == id);
    let place = by_id.unwrap_or(place);
    (place < tracks.len()).then(|| tracks.swap_remove(place))
}

/// A file that is read here and there.
struct Reader<R>(R);

impl<R: Read + Seek> Reader<R> {
    fn at<const N: usize>(&mut self, place: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.0.seek(SeekFrom::Start(place)).ok()?;
        self.0.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    fn u32(&mut self, place: u64) -> Option<u32> {
        self.at(place).map(u32::from_be_bytes)
    }

    fn i32(&mut self, place: u64) -> Option<i32> {
        self.at(place).map(i32::from_be_bytes)
    }
}

#[cfg(test)]
mod tests;
