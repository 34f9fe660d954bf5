//! Parses the standard error of an `ffmpeg` program run with `-loglevel level+info` or more.
//!
//! Each line is `[context @ address] [level] message`, with any number of contexts. The relevant
//! lines describe the input, describe what enters the filters, or report errors. Messages written
//! in pieces, as many filters write them, can't be used: other threads' messages come in between.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use vmaf_core::color::ChromaSiting;

use super::properties::Properties;
use super::tracks::Track;
use crate::{Color, ColorRange, Orientation, Rational};

/// The program's description of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Probe {
    /// The container, by its demuxer's name; `None` if the file could not be opened.
    pub(super) container: Option<String>,
    /// The video streams, including cover art.
    pub(super) videos: Vec<VideoStream>,
    /// The errors, first to last.
    pub(super) errors: Vec<String>,
}

/// The program's description of a video stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VideoStream {
    pub(super) track: Track,
    /// Its number in the container, if the container has one.
    pub(super) id: Option<u16>,
    pub(super) pixel_format: String,
    pub(super) range: Option<ColorRange>,
    pub(super) color: Color,
    pub(super) siting: Option<ChromaSiting>,
    pub(super) interlaced: bool,
    /// As far as the program reports it: without mirroring. `None` if it reports nothing.
    pub(super) orientation: Option<Orientation>,
}

/// Messages of the program while it decodes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// The format of the frames that follow.
    Frames(FrameFacts),
    /// An error; `input` is true if the file is at fault.
    Error { message: String, input: bool },
    /// A damaged frame.
    Damaged,
}

/// Format and properties of frames as they come from the decoder.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FrameFacts {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The unit of their timestamps, in seconds.
    pub(super) time_base: Rational,
    pub(super) frame_rate: Option<Rational>,
    /// The properties of their samples, as far as the program reports them.
    pub(super) properties: Properties,
}

impl Probe {
    pub(super) fn parse(text: &str) -> Self {
        let mut probe = Self::default();
        // True if lines describe the latest video stream.
        let mut in_video = false;
        for line in text.lines().map(Line::parse) {
            let message = line.message.trim();
            if line.is_error() {
                probe.errors.push(message.to_owned());
            } else if let Some(input) = message.strip_prefix("Input #0, ") {
                probe.container = input.split(", from ").next().map(str::to_owned);
            } else if message.starts_with("Stream #") {
                let video = VideoStream::parse(message);
                in_video = video.is_some();
                probe.videos.extend(video);
            } else if let Some(video) = probe.videos.last_mut().filter(|_| in_video)
                && let Some(angle) = message.strip_prefix("displaymatrix: rotation of ")
            {
                let angle = angle.split_whitespace().next().and_then(|angle| angle.parse().ok());
                let turned = |angle: f64| Orientation::new([false; 2], angle);
                video.orientation = angle.map(turned);
            } else if let Some(video) = probe.videos.last_mut().filter(|_| in_video)
                && let Some(record) = message.strip_prefix("DOVI configuration record: ")
                && is_dolby_vision_alone(record)
            {
                video.color = Color::dolby_vision();
            }
        }
        probe
    }
}

impl VideoStream {
    /// Parses a line such as `Stream #0:1[0x2](und): Video: h264 (High), 1 reference frame (avc1 /
    /// 0x31637661), yuv420p(tv, bt709, progressive, left), 1280x720, 25 fps (default)`. Less verbose
    /// programs leave out the reference frames and the siting of chroma.
    fn parse(message: &str) -> Option<Self> {
        let (place, description) = message.strip_prefix("Stream #0:")?.split_once(": Video: ")?;
        let digits = place.find(|c: char| !c.is_ascii_digit()).unwrap_or(place.len());
        let mut depth = 0;
        let mut parts = description.split(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0
        });
        let codec = parts.next()?.split_whitespace().next()?;
        let is_frame_count = |part: &&str| part.contains(" reference frame");
        let pixel_format = parts.find(|part| !is_frame_count(part))?.trim();
        let (pixel_format, traits) = pixel_format.split_once('(').unwrap_or((pixel_format, ""));
        let traits = traits.trim_end_matches(')');
        let (width, height) = parts.find_map(size).unwrap_or_default();
        let range = traits.split(", ").find_map(range);
        let is_order = |word: &str| word.ends_with(" first") || word.ends_with(" coded");
        let id = place.split_once("[0x").and_then(|(_, id)| id.split_once(']'));
        Some(Self {
            id: id.and_then(|(id, _)| u16::from_str_radix(id, 16).ok()),
            track: Track {
                index: place[..digits].parse().ok()?,
                codec: codec.to_owned(),
                width,
                height,
                is_default: description.contains("(default)"),
                is_cover: description.contains("(attached pic)"),
                is_still: description.contains("(still image)"),
            },
            pixel_format: pixel_format.to_owned(),
            range,
            color: traits.split(", ").find_map(color).unwrap_or_default(),
            siting: traits.split(", ").find_map(siting),
            interlaced: traits.split(", ").any(is_order),
            orientation: None,
        })
    }
}

impl Event {
    /// Parses a line of a program that reads a file of the container `container`.
    fn parse(line: &str, container: &str) -> Option<Self> {
        let line = Line::parse(line);
        if line.is_error() {
            let message = line.message.trim();
            let input = line.context.starts_with("in#")
                || line.context == container
                || super::is_damage_message(message);
            return Some(Self::Error { message: message.to_owned(), input });
        }
        if line.message.trim() == "corrupt decoded frame" {
            return Some(Self::Damaged);
        }
        if !line.context.starts_with("graph ") {
            return None;
        }
        let field = |name| line.message.split_whitespace().find_map(|word| word.strip_prefix(name));
        Some(Self::Frames(FrameFacts {
            width: field("w:")?.parse().ok()?,
            height: field("h:")?.parse().ok()?,
            time_base: fraction(field("tb:")?)?,
            frame_rate: field("fr:").and_then(fraction),
            properties: Properties {
                range: field("range:").and_then(range),
                color: Color { matrix: field("csp:").and_then(known), ..Color::default() },
                ..Properties::default()
            },
        }))
    }
}

/// Returns the events in `standard_error`, as they come. The channel closes at its end.
///
/// # Errors
/// If no thread can be started to read them.
pub(super) fn events(
    standard_error: impl Read + Send + 'static,
    container: String,
) -> io::Result<Receiver<Event>> {
    let (sender, receiver) = channel();
    thread::Builder::new().spawn(move || {
        let mut reader = BufReader::new(standard_error);
        let mut line = Vec::new();
        // Read to the end even if no one listens: a full pipe would stop the program.
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if let Some(event) = Event::parse(&String::from_utf8_lossy(&line), &container) {
                let _ = sender.send(event);
            }
            line.clear();
        }
    })?;
    Ok(receiver)
}

/// The parts of a line: the last of its contexts, its level and its message.
struct Line<'a> {
    context: &'a str,
    level: &'a str,
    message: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Self {
        let bracketed = |text: &'a str| text.strip_prefix('[')?.split_once("] ");
        let mut parsed = Self { context: "", level: "", message: line.trim_end() };
        while let Some((inside, rest)) = bracketed(parsed.message) {
            parsed.message = rest;
            match inside.split_once(" @ ") {
                Some((context, _)) => parsed.context = context,
                None => {
                    parsed.level = inside;
                    break;
                }
            }
        }
        parsed
    }

    fn is_error(&self) -> bool {
        matches!(self.level, "error" | "fatal" | "panic")
    }
}

/// Parses the size in a part such as `1280x720 [SAR 1:1 DAR 16:9]`.
fn size(part: &str) -> Option<(u32, u32)> {
    let (width, height) = part.split_whitespace().next()?.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// Returns true if a record such as `version: 1.0, profile: 5, level: 4, rpu flag: 1, el flag: 0,
/// bl flag: 1, compatibility id: 0` describes video without a base layer that can be shown on its
/// own.
fn is_dolby_vision_alone(record: &str) -> bool {
    let field = |name: &str| {
        let value = record.split(", ").find_map(|field| field.strip_prefix(name))?;
        value.split_whitespace().next()?.parse().ok()
    };
    field("profile: ").is_some_and(|profile| {
        super::is_dolby_vision_alone(profile, field("compatibility id: ").unwrap_or(u8::MAX))
    })
}

/// Parses `matrix/primaries/transfer`, which is a single word if all three have the same name.
fn color(words: &str) -> Option<Color> {
    let parts: Vec<&str> = words.split('/').collect();
    let [matrix, primaries, transfer] = match parts[..] {
        [matrix, primaries, transfer] => [matrix, primaries, transfer],
        [one] if one.starts_with("bt") || one.starts_with("smpte") => [one; 3],
        _ => return None,
    };
    let [primaries, transfer, matrix] = [primaries, transfer, matrix].map(known);
    Some(Color { primaries, transfer, matrix })
}

/// Returns the position of chroma by the program's name for it.
fn siting(word: &str) -> Option<ChromaSiting> {
    match word {
        "left" => Some(ChromaSiting::Left),
        "center" => Some(ChromaSiting::Center),
        "topleft" => Some(ChromaSiting::TopLeft),
        _ => None,
    }
}

/// Returns a name, unless it is "unknown".
fn known(name: &str) -> Option<String> {
    (name != "unknown").then(|| name.to_owned())
}

/// Returns the range by the program's name for it.
pub(super) fn range(word: &str) -> Option<ColorRange> {
    match word {
        "tv" => Some(ColorRange::Limited),
        "pc" => Some(ColorRange::Full),
        _ => None,
    }
}

fn fraction(text: &str) -> Option<Rational> {
    let (num, den) = text.split_once('/')?;
    Rational::rate(num.parse().ok()?, den.parse().ok()?)
}

#[cfg(test)]
mod tests;
