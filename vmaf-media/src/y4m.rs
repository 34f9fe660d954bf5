//! YUV4MPEG2, the format in which tools pass each other uncompressed video.
//!
//! A header line states the size, frame rate and chroma; each frame is a line that begins with
//! `FRAME`, followed by its planes. An alpha plane is skipped, and interlaced frames are read as
//! whole frames. The header's extension tags `XYSCSS=` (the chroma of old writers) and
//! `XCOLORRANGE=` (FFmpeg's) are understood, all others ignored.

use std::io::{BufRead, BufReader, Read};

use vmaf_core::color::ChromaSiting;
use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame};

use crate::input::{Input, InputBytes};
use crate::message::Message;
use crate::planar::{BUFFER, Layout, ReadFailure};
use crate::{ColorRange, Error, Frames, Rational, ReadPlan, Result, Source, StreamInfo};

/// The longest header line that is read: real ones have some hundred bytes.
const MAX_LINE: u64 = 4096;

/// The line before a frame, if it has no parameters.
const FRAME_LINE: &[u8] = b"FRAME\n";

/// Reads y4m.
pub(crate) struct Y4mSource {
    info: StreamInfo,
    layout: Layout,
    reader: BufReader<InputBytes>,
    line: Vec<u8>,
    recycler: Recycler,
    next: u64,
}

/// Contents of a header.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Header {
    pub(crate) format: Format,
    pub(crate) alpha: bool,
    pub(crate) frame_rate: Option<Rational>,
    pub(crate) range: Option<ColorRange>,
    pub(crate) interlaced: bool,
    pub(crate) sample_aspect: Option<Rational>,
    pub(crate) siting: Option<ChromaSiting>,
}

impl Y4mSource {
    pub(crate) fn new(input: Input) -> Result<Self> {
        let Input { path, reader, size, .. } = input;
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        let mut line = Vec::new();
        let ended = read_line(&mut reader, &mut line).map_err(|source| Error::io(&path, source))?;
        let not_video = |reason: String| Error::not_video(&path, format!("y4m header: {reason}"));
        if !ended {
            let reason = match line.len() as u64 {
                MAX_LINE => format!("is longer than {MAX_LINE} bytes"),
                _ => "the file ends in the middle of it".to_owned(),
            };
            return Err(not_video(reason));
        }
        let header = Header::parse(&line).map_err(not_video)?;
        let layout = Layout::new(header.format, header.alpha).ok_or_else(|| {
            not_video(format!("a frame of {} does not fit in memory", header.format))
        })?;
        // Frame lines may have parameters; if the sizes divide evenly, none has.
        let frame_bytes = (FRAME_LINE.len() + layout.bytes()) as u64;
        let frames = size
            .and_then(|size| size.checked_sub(line.len() as u64 + 1))
            .filter(|after| after % frame_bytes == 0)
            .map(|after| after / frame_bytes);
        let info = StreamInfo {
            frame_rate: header.frame_rate,
            frames,
            range: header.range,
            interlaced: header.interlaced,
            sample_aspect: header.sample_aspect,
            siting: header.siting,
            ..StreamInfo::new(&path, header.format, "rawvideo")
        };
        Ok(Self { info, layout, reader, line, recycler: Recycler::default(), next: 0 })
    }

    /// Sets the form of the frames to that of `plan`.
    pub(crate) fn plan(&mut self, plan: &ReadPlan) {
        self.layout.plan(plan);
    }

    fn bad_frame(&self, reason: impl Into<Message>) -> Error {
        Error::frame(&self.info.path, self.next, reason)
    }

    /// Returns the error of a frame whose samples can't be read.
    fn read_error(&self, failure: ReadFailure) -> Error {
        let ends = |read| {
            let bytes = self.layout.bytes();
            self.bad_frame(format!(
                "the file ends in the middle of it, after {read} of {bytes} bytes"
            ))
        };
        match failure {
            ReadFailure::Io(source) => Error::io(&self.info.path, source),
            ReadFailure::End => ends(0),
            ReadFailure::Truncated(read) => ends(read),
            ReadFailure::Invalid(reason) => self.bad_frame(reason),
        }
    }

    /// Reads the line before a frame; returns false at the end of the file.
    fn frame_line(&mut self) -> Result<bool> {
        let ended = read_line(&mut self.reader, &mut self.line)
            .map_err(|source| Error::io(&self.info.path, source))?;
        match self.line.as_slice() {
            [] if !ended => Ok(false),
            b"FRAME" if ended => Ok(true),
            [b'F', b'R', b'A', b'M', b'E', b' ', ..] if ended => Ok(true),
            line if !ended && FRAME_LINE.starts_with(&line[..line.len().min(5)]) => {
                Err(self.bad_frame("the file ends in the middle of its header"))
            }
            line => {
                let found = String::from_utf8_lossy(&line[..line.len().min(8)]).into_owned();
                let format = self.info.format;
                Err(self.bad_frame(format!(
                    "begins with {found:?} instead of FRAME: the file is damaged, or its frames are \
                     not {format} as its header states"
                )))
            }
        }
    }
}

impl Source for Y4mSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(mut self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        self.plan(plan);
        Ok(self)
    }
}

impl Frames for Y4mSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        if !self.frame_line()? {
            return Ok(None);
        }
        let read = self.layout.read(&mut self.reader, &self.recycler);
        let mut frame = read.map_err(|failure| self.read_error(failure))?;
        frame.time = self.info.frame_rate.map(|rate| rate.time_of(self.next));
        self.next += 1;
        Ok(Some(frame))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        for passed in 0..count {
            if !self.frame_line()? {
                return Ok(passed);
            }
            let skipped = self.layout.skip(&mut self.reader);
            skipped.map_err(|failure| self.read_error(failure))?;
            self.next += 1;
        }
        Ok(count)
    }
}

/// Reads a line of at most [`MAX_LINE`] bytes, and returns true if its newline was found. The
/// newline is not part of `line`.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    reader.take(MAX_LINE).read_until(b'\n', line)?;
    let ended = line.last() == Some(&b'\n');
    if ended {
        line.pop();
    }
    Ok(ended)
}

impl Header {
    /// Parses a header line; the error says what is wrong with it.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, String> {
        let line = std::str::from_utf8(line).map_err(|_| "is not text".to_owned())?;
        let mut tags = line.trim_end_matches('\r').split(' ');
        if tags.next() != Some("YUV4MPEG2") {
            return Err("does not begin with YUV4MPEG2 and a space".to_owned());
        }
        let (mut width, mut height) = (None, None);
        let (mut colour, mut old_colour) = (None, None);
        let (mut frame_rate, mut sample_aspect) = (None, None);
        let (mut range, mut interlaced) = (None, false);
        let mut siting = None;
        for tag in tags {
            let mut letters = tag.chars();
            let (name, value) = (letters.next(), letters.as_str());
            match name {
                Some('W') => width = Some(number("width", value)?),
                Some('H') => height = Some(number("height", value)?),
                Some('C') => {
                    colour = Some(colour_of(value)?);
                    siting = siting_of(value);
                }
                Some('F') => {
                    let (num, den) = value
                        .split_once(':')
                        .ok_or_else(|| format!("frame rate {value:?} is not a fraction"))?;
                    frame_rate =
                        Rational::rate(number("frame rate", num)?, number("frame rate", den)?);
                }
                Some('A') => {
                    let parts = value.split_once(':');
                    let parts = parts.and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
                    sample_aspect = parts.and_then(|(x, y)| Rational::rate(x, y));
                }
                Some('I') => interlaced = matches!(value, "i" | "t" | "b" | "m"),
                Some('X') => match value.split_once('=') {
                    Some(("YSCSS", value)) => {
                        old_colour = Some(colour_of(&value.to_ascii_lowercase())?);
                    }
                    Some(("COLORRANGE", "FULL")) => range = Some(ColorRange::Full),
                    Some(("COLORRANGE", "LIMITED")) => range = Some(ColorRange::Limited),
                    _ => {}
                },
                _ => {}
            }
        }
        let width = width.ok_or("has no width")?;
        let height = height.ok_or("has no height")?;
        let (chroma, bit_depth, alpha) =
            colour.or(old_colour).unwrap_or((Chroma::Yuv420, 8, false));
        let format =
            Format::new(width, height, chroma, bit_depth).map_err(|error| error.to_string())?;
        Ok(Self { format, alpha, frame_rate, range, interlaced, sample_aspect, siting })
    }
}

fn number(what: &str, value: &str) -> Result<u32, String> {
    value.parse().map_err(|_| format!("{what} {value:?} is not a valid number"))
}

/// Returns the position of chroma from a `C` tag. Programs write `420jpeg` for video whose siting
/// they don't know, so it states none.
fn siting_of(value: &str) -> Option<ChromaSiting> {
    match value {
        "420mpeg2" => Some(ChromaSiting::Left),
        "420paldv" => Some(ChromaSiting::TopLeft),
        _ => None,
    }
}

/// Returns chroma, bit depth and true if there is alpha, from a `C` tag.
fn colour_of(value: &str) -> Result<(Chroma, u8, bool), String> {
    let unknown = || format!("chroma {value:?} is not known");
    let (chroma, rest) = match value {
        "420jpeg" | "420mpeg2" | "420paldv" => return Ok((Chroma::Yuv420, 8, false)),
        "444alpha" => return Ok((Chroma::Yuv444, 8, true)),
        _ if value.starts_with("411") => {
            let advice = "chroma 4:1:1 can't be scored: convert both videos to 4:2:2 or 4:2:0 \
                          first (ffmpeg -i IN -pix_fmt yuv422p OUT.y4m)";
            return Err(advice.to_owned());
        }
        _ => match (value.strip_prefix("mono"), value.split_at_checked(3)) {
            (Some(depth), _) => (Chroma::Mono, Some(depth).filter(|depth| !depth.is_empty())),
            (None, Some((chroma, depth))) => {
                let chroma = match chroma {
                    "420" => Chroma::Yuv420,
                    "422" => Chroma::Yuv422,
                    "444" => Chroma::Yuv444,
                    _ => return Err(unknown()),
                };
                let depth = match depth {
                    "" => None,
                    _ => Some(depth.strip_prefix('p').ok_or_else(unknown)?),
                };
                (chroma, depth)
            }
            (None, None) => return Err(unknown()),
        },
    };
    let depth = match rest {
        None => 8,
        Some(depth) => {
            depth.parse().ok().filter(|depth| (9..=16).contains(depth)).ok_or_else(unknown)?
        }
    };
    Ok((chroma, depth, false))
}

#[cfg(test)]
mod tests;
