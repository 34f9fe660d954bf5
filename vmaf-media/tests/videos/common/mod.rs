//! Helpers shared by the tests of whole files.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vmaf_core::frame::Pixels;
use vmaf_core::{Chroma, Format, Frame};
use vmaf_media::{
    Error, Frames, Interrupt, OpenOptions, ReadPlan, Result, Source, StreamInfo, open, read_ahead,
};

/// A folder that goes when the test ends.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("a path of text").to_owned()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("the file can be written");
        path
    }
}

/// A picture made for tests, its chroma rounded up as in files.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) chroma: Chroma,
    pub(crate) bit_depth: u8,
    pub(crate) seed: usize,
}

impl Picture {
    pub(crate) fn new(
        width: usize,
        height: usize,
        chroma: Chroma,
        bit_depth: u8,
        seed: usize,
    ) -> Self {
        Self { width, height, chroma, bit_depth, seed }
    }

    /// The size of a plane in files.
    fn plane_size(&self, plane: usize) -> (usize, usize) {
        let (x, y) = if plane == 0 { (0, 0) } else { self.chroma.shifts() };
        (self.width.div_ceil(1 << x), self.height.div_ceil(1 << y))
    }

    fn sample(&self, plane: usize, x: usize, y: usize) -> u16 {
        let value = x * 7 + y * 1013 + plane * 31_337 + self.seed * 5003;
        (value % (1 << self.bit_depth)) as u16
    }

    /// Its bytes in a file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for plane in 0..self.chroma.planes() {
            let (width, height) = self.plane_size(plane);
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let sample = self.sample(plane, x, y);
                match self.bit_depth {
                    8 => bytes.push(sample as u8),
                    _ => bytes.extend(sample.to_le_bytes()),
                }
            }
        }
        bytes
    }

    /// Fails unless `frame` shows it.
    pub(crate) fn assert_shown(&self, frame: &Frame) {
        let (width, height) = (self.width as u32, self.height as u32);
        let format = Format::new(width, height, self.chroma, self.bit_depth).expect("a format");
        assert_eq!(*frame.format(), format);
        for (index, plane) in planes(frame).into_iter().enumerate() {
            let (width, height) = format.plane_size(index);
            let rows: Vec<Vec<u16>> = (0..height)
                .map(|y| (0..width).map(|x| self.sample(index, x, y)).collect())
                .collect();
            assert!(plane == rows, "plane {index} of {format}");
        }
    }
}

/// The rows of each plane.
pub(crate) fn planes(frame: &Frame) -> Vec<Vec<Vec<u16>>> {
    match frame.pixels() {
        Pixels::U8(planes) => planes
            .iter()
            .map(|plane| plane.rows().map(|row| row.iter().map(|&s| s.into()).collect()).collect())
            .collect(),
        Pixels::U16(planes) => {
            planes.iter().map(|plane| plane.rows().map(<[u16]>::to_vec).collect()).collect()
        }
    }
}

/// All frames of a source, as they are stored.
pub(crate) fn drain(source: Box<dyn Source>) -> Result<Vec<Frame>> {
    collect(source.frames(&ReadPlan::default())?)
}

/// The frames that are left.
pub(crate) fn collect(mut frames: Box<dyn Frames>) -> Result<Vec<Frame>> {
    let mut all = Vec::new();
    while let Some(frame) = frames.read()? {
        all.push(frame);
    }
    Ok(all)
}

/// All frames of a source as planned, read ahead.
pub(crate) fn drain_ahead(source: Box<dyn Source>, plan: &ReadPlan) -> Result<Vec<Frame>> {
    collect(read_ahead(source.frames(plan)?, plan, &Interrupt::default()))
}

/// The facts of a file, and its frames.
pub(crate) fn read_with(path: &str, options: &OpenOptions) -> Result<(StreamInfo, Vec<Frame>)> {
    let source = open(path, options)?;
    Ok((source.info().clone(), drain(source)?))
}

pub(crate) fn read(path: &str) -> Result<(StreamInfo, Vec<Frame>)> {
    read_with(path, &OpenOptions::default())
}

/// Skips up to ten frames of a file, and asserts that as many are there, or that it fails, as when
/// they are read with the `result`.
pub(crate) fn assert_skipped_like(
    path: &str,
    options: &OpenOptions,
    result: &Result<(StreamInfo, Vec<Frame>)>,
) {
    let skipped =
        open(path, options).and_then(|source| source.frames(&ReadPlan::default())?.skip(10));
    match (skipped, result) {
        (Ok(count), Ok((_, frames))) => assert_eq!(count, frames.len() as u64),
        (Err(skipped), Err(read)) => assert_eq!(skipped.to_string(), read.to_string()),
        (skipped, _) => panic!("{skipped:?}"),
    }
}

/// The reason why a file is no video.
pub(crate) fn not_video(result: Result<(StreamInfo, Vec<Frame>)>) -> String {
    match result {
        Err(Error::NotVideo { reason, .. }) => reason.to_string(),
        other => unexpected(other),
    }
}

/// The frame that a file breaks in, and the reason.
pub(crate) fn bad_frame(result: Result<(StreamInfo, Vec<Frame>)>) -> (u64, String) {
    match result {
        Err(Error::Frame { frame, reason, .. }) => (frame, reason.to_string()),
        other => unexpected(other),
    }
}

fn unexpected(result: Result<(StreamInfo, Vec<Frame>)>) -> ! {
    match result {
        Ok((info, frames)) => panic!("{} frames of {info:?}", frames.len()),
        Err(error) => panic!("{error}"),
    }
}

/// The `ffmpeg` that makes clips, named by the environment.
pub(crate) fn ffmpeg() -> Option<PathBuf> {
    let named = std::env::var_os("VMAF_FFMPEG").filter(|name| !name.is_empty());
    if named.is_none() {
        eprintln!("skipped: VMAF_FFMPEG names no ffmpeg to make clips with");
    }
    named.map(|name| Path::new(&name).to_owned())
}
