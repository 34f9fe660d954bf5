//! Helpers shared by the fuzz targets.

use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use vmaf_core::{Chroma, Format, Frame, Sample};

thread_local! {
    static FOLDER: RefCell<Option<tempfile::TempDir>> = const { RefCell::new(None) };
}

/// Writes a file that the next call with the same name replaces, and returns its path. Files are in
/// memory where the system has a folder for that.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| {
            let memory = PathBuf::from("/dev/shm");
            let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
            tempfile::Builder::new().prefix("vmaf-fuzz").tempdir_in(parent).expect("a folder")
        });
        folder.path().join(name)
    });
    let mut file = std::fs::File::create(&path).expect("a file");
    file.write_all(bytes).expect("written");
    path
}

/// Takes a format: any chroma and bit depth, and sides of at most `most` pixels.
///
/// # Errors
/// If there are too few bytes.
pub fn format(bytes: &mut Unstructured<'_>, most: u32) -> Result<Format> {
    let chroma = *bytes.choose(&[Chroma::Mono, Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444])?;
    let bit_depth = bytes.int_in_range(8..=16)?;
    let (width, height) = (bytes.int_in_range(1..=most)?, bytes.int_in_range(1..=most)?);
    Ok(Format::new(width, height, chroma, bit_depth).expect("a format"))
}

/// Takes a frame: a pattern, or samples from the bytes, repeated.
///
/// # Errors
/// If there are too few bytes.
pub fn frame(bytes: &mut Unstructured<'_>, format: Format) -> Result<Frame> {
    let [step, base, shift] = [bytes.arbitrary::<u8>()?, bytes.arbitrary()?, bytes.arbitrary()?];
    let count = bytes.arbitrary::<u8>()? as usize;
    let samples = bytes.bytes(count.min(bytes.len()))?.to_vec();
    let max = u32::from(u16::MAX) >> (16 - u32::from(format.bit_depth()));
    let sample = |at: usize| -> u32 {
        let own = samples.get(at % samples.len().max(1)).copied().unwrap_or_default();
        let pattern = at as u32 * u32::from(step) + (at as u32 >> (shift % 16)) + u32::from(base);
        (u32::from(own) * 257 + pattern) & max
    };
    let planes = (0..format.chroma().planes()).map(|plane| format.plane_size(plane));
    if format.bit_depth() == 8 {
        Ok(filled(format, planes, |at| sample(at) as u8))
    } else {
        Ok(filled(format, planes, |at| sample(at) as u16))
    }
}

fn filled<T: Sample>(
    format: Format,
    planes: impl Iterator<Item = (usize, usize)>,
    sample: impl Fn(usize) -> T,
) -> Frame {
    let planes = planes.map(|(width, height)| {
        let samples = (0..width * height).map(&sample).collect();
        vmaf_core::Plane::from_vec(samples, width, height).expect("a plane")
    });
    Frame::from_planes(format, planes.collect()).expect("a frame")
}
