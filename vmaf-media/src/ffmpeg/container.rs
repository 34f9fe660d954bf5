//! Presentation properties stated by containers, which FFmpeg applies or ignores depending on its
//! version and on the caller: a crop (MP4's clean aperture, Matroska's PixelCrop) and an
//! orientation (MP4's display matrix, Matroska's pose).
//!
//! Only headers are read, in a few small steps. Damaged or unknown data count as absent here:
//! FFmpeg, which reads the file too, reports them.

mod matroska;
mod mp4;

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};

use crate::conform::Rect;
use crate::{Orientation, Rational, is_remote};

/// Presentation properties of a video track.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Presentation {
    /// The track's number, if FFmpeg reports it too.
    id: Option<u32>,
    pub(super) orientation: Orientation,
    pub(super) crop: Option<Crop>,
}

/// The part of the frames that is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crop {
    /// The size of the frames.
    pub(super) frame_size: (u32, u32),
    pub(super) part: Rect,
    /// The sample aspect ratio, if the container states it. FFmpeg may report another, computed
    /// with the cropped samples included.
    pub(super) sample_aspect: Option<Rational>,
}

impl Crop {
    /// Creates the crop that leaves out columns on the left and right, and rows at the top and
    /// bottom. `None` if nothing or everything is left out.
    fn new(frame_size: (u32, u32), across: [u64; 2], down: [u64; 2]) -> Option<Self> {
        let kept = |whole: u32, [before, after]: [u64; 2]| {
            let kept = u64::from(whole).checked_sub(before.checked_add(after)?)?;
            Some((u32::try_from(before).ok()?, u32::try_from(kept).ok().filter(|kept| *kept > 0)?))
        };
        let (x, width) = kept(frame_size.0, across)?;
        let (y, height) = kept(frame_size.1, down)?;
        let part = Rect { width, height, x, y };
        ((width, height) != frame_size).then_some(Self { frame_size, part, sample_aspect: None })
    }
}

/// Returns the presentation properties that the container of the file at `path`, in the format that
/// FFmpeg calls `format`, states of the video stream with number `id`, or else of the one at
/// `place` among its video streams that are no cover art. `None` for unsupported containers, and if
/// it can't be read.
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

/// Returns the video tracks of the file at a URL.
#[cfg(feature = "ffmpeg")]
fn remote_tracks(url: &str, format: &str) -> Option<Vec<Presentation>> {
    /// The number of bytes read from a server that can't seek.
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

/// Without FFmpeg's libraries, URLs can't be read here.
#[cfg(not(feature = "ffmpeg"))]
fn remote_tracks(_: &str, _: &str) -> Option<Vec<Presentation>> {
    None
}

/// Returns the video tracks of a file in the format that FFmpeg calls `format`.
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

/// Returns the orientation of the first video track of an MP4 file in memory.
pub(super) fn orientation_of_copy(bytes: &[u8]) -> Option<Orientation> {
    let tracks = mp4::tracks(&mut Reader(Cursor::new(bytes)), bytes.len() as u64)?;
    Some(tracks.first()?.orientation)
}

fn choose(mut tracks: Vec<Presentation>, id: Option<u32>, place: usize) -> Option<Presentation> {
    let by_id = tracks.iter().position(|track| track.id.is_some() && track.id == id);
    let place = by_id.unwrap_or(place);
    (place < tracks.len()).then(|| tracks.swap_remove(place))
}

/// A file with random access.
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
