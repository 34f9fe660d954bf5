//! Opens files, choosing the reader by their content.

use std::path::Path;

use vmaf_core::Frame;

use crate::ffmpeg;
use crate::input::{FileKind, Input};
use crate::name::{is_remote, local_path};
use crate::raw::RawSource;
use crate::still::{self, Pattern, StillSource};
use crate::y4m::Y4mSource;
use crate::{Error, Frames, OpenOptions, ReadPlan, Result, Source, StreamInfo};

/// Opens `path`, whatever its format; `-` is standard input, and URLs are `file:`, `http:` or
/// `https:`.
///
/// # Errors
/// Fails if the file can't be read, or is no video.
pub fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    Ok(Box::new(TaggedSource(reader(&local_path(path), options)?)))
}

/// Returns the files that `path` is read from: itself, or the numbered stills that it names, in
/// order.
///
/// # Errors
/// Fails if it names stills of which the first, or one in between, is missing.
pub fn files(path: &str) -> Result<Vec<String>> {
    let path = local_path(path);
    let Some(mut pattern) = Pattern::find(&path) else { return Ok(vec![path.into_owned()]) };
    let count = pattern.count().map_err(|reason| Error::not_video(&path, reason))?;
    Ok((0..count).map(|index| pattern.file(index)).collect())
}

/// A source whose frames carry the frame rate and the range of their stream.
struct TaggedSource(Box<dyn Source>);

impl Source for TaggedSource {
    fn info(&self) -> &StreamInfo {
        self.0.info()
    }

    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        Ok(Box::new(TaggedFrames(self.0.frames(plan)?)))
    }
}

/// The frames of a [`TaggedSource`].
struct TaggedFrames(Box<dyn Frames>);

impl Frames for TaggedFrames {
    fn info(&self) -> &StreamInfo {
        self.0.info()
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let mut frame = self.0.read()?;
        if let Some(frame) = &mut frame {
            let info = self.0.info();
            (frame.frame_rate, frame.range) = (info.frame_rate, info.range);
        }
        Ok(frame)
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        self.0.skip(count)
    }
}

/// Returns the reader for `path`.
fn reader(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    if is_remote(path) {
        return remote(path, options);
    }
    if let Some(pattern) = Pattern::find(path).filter(|_| options.raw.is_none()) {
        check_stream(path, options)?;
        return still::numbered(path, pattern, options);
    }
    let input = Input::open(path)?;
    if !matches!(input.kind, FileKind::Container(_) | FileKind::Unknown) {
        check_stream(path, options)?;
    }
    match (input.kind, options.raw) {
        (FileKind::Y4m, _) => Ok(Box::new(Y4mSource::new(input)?)),
        (FileKind::Png | FileKind::Jpeg | FileKind::Tiff | FileKind::WebP, _) => {
            Ok(Box::new(StillSource::single(input)?))
        }
        // A file of a recognised format is never read as raw samples.
        (FileKind::Unknown, Some(raw)) => {
            check_stream(path, options)?;
            Ok(Box::new(RawSource::new(input, raw, options)?))
        }
        (FileKind::Unknown, None) if is_named_raw(path) => Err(Error::not_video(
            path,
            "raw video does not state its layout: give its width, height, chroma sampling and \
             bit depth",
        )),
        (FileKind::Unknown, None) if input.size.is_none() => Err(Error::not_video(
            path,
            "the pipe does not carry y4m: pipe y4m, or raw video whose layout is given",
        )),
        (kind, _) if input.size.is_none() => {
            let reason = format!(
                "the pipe carries {}, neither y4m nor raw video: pass the file itself, or have ffmpeg \
                 write y4m into the pipe (-f yuv4mpegpipe)",
                kind.name()
            );
            Err(Error::not_video(path, reason))
        }
        _ => ffmpeg::open(path, options),
    }
}

/// Returns the reader for a URL, which is always FFmpeg's.
fn remote(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    if options.raw.is_some() {
        let reason = "raw video is not read over the network: copy it to a file, or pipe it in";
        return Err(Error::not_video(path, reason));
    }
    ffmpeg::open(path, options).map_err(|error| match error {
        // The container promised data that can't be reached.
        Error::Frame { path, frame, reason } => {
            let reason =
                reason.text("; if the server does not support range requests, copy the file first");
            Error::Frame { path, frame, reason }
        }
        error => error,
    })
}

/// Fails if another stream than 0 is requested from a file that has only one.
fn check_stream(path: &str, options: &OpenOptions) -> Result<()> {
    match options.stream {
        None | Some(0) => Ok(()),
        Some(stream) => {
            Err(Error::not_video(path, format!("has no stream {stream}: its only stream is 0")))
        }
    }
}

/// Returns true if a file's extension marks it as raw video: .yuv, .raw or .i420.
#[must_use]
pub fn is_named_raw(path: &str) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    ["yuv", "raw", "i420"].iter().any(|raw| extension.eq_ignore_ascii_case(raw))
}
