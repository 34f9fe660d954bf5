//! Decides what a file is.

use std::path::Path;

use vmaf_core::{Format, Frame};

use crate::ffmpeg;
use crate::input::{Input, Kind};
use crate::raw::RawSource;
use crate::still::{Pattern, StillSource};
use crate::y4m::Y4mSource;
use crate::{Error, OpenOptions, Result, Source, StreamInfo};

/// Opens `path` as whatever it is; `-` is standard input.
///
/// # Errors
/// Where the file can't be read, or is no video.
pub fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    Ok(Box::new(Told(reader(path, options)?)))
}

/// The files that `path` is read from: itself, or the numbered stills that it names, in order.
///
/// # Errors
/// Where it names stills of which the first or one in between is missing.
pub fn files(path: &str) -> Result<Vec<String>> {
    let Some(mut pattern) = Pattern::find(path) else { return Ok(vec![path.to_owned()]) };
    let count = pattern.count().map_err(|reason| Error::not_video(path, reason))?;
    Ok((0..count).map(|index| pattern.file(index)).collect())
}

/// A source whose frames carry what is known of their stream.
struct Told(Box<dyn Source>);

impl Source for Told {
    fn info(&self) -> &StreamInfo {
        self.0.info()
    }

    fn look_at(&mut self, format: &Format) {
        self.0.look_at(format);
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let mut frame = self.0.read()?;
        if let Some(frame) = &mut frame {
            let info = self.0.info();
            (frame.frame_rate, frame.range) = (info.frame_rate, info.range);
        }
        Ok(frame)
    }
}

/// The reader of `path`.
fn reader(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    if let Some(raw) = options.raw {
        return Ok(Box::new(RawSource::new(Input::open(path)?, raw, options)?));
    }
    if let Some(pattern) = Pattern::find(path) {
        return Ok(Box::new(StillSource::numbered(path, pattern, options)?));
    }
    let input = Input::open(path)?;
    match input.kind {
        Kind::Y4m => Ok(Box::new(Y4mSource::new(input)?)),
        Kind::Png | Kind::Jpeg | Kind::Tiff | Kind::WebP => {
            Ok(Box::new(StillSource::single(input)?))
        }
        _ if has_raw_extension(path) => Err(Error::not_video(
            path,
            "raw video does not tell its layout: give its width, height, chroma sampling and \
             bit depth",
        )),
        _ if input.size.is_none() => Err(Error::not_video(
            path,
            "what comes through the pipe is not y4m: a pipe can carry y4m, or raw video whose \
             layout is given",
        )),
        _ => ffmpeg::open(path, options),
    }
}

fn has_raw_extension(path: &str) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default();
    ["yuv", "raw", "i420"].iter().any(|raw| extension.eq_ignore_ascii_case(raw))
}
