//! What an `ffmpeg` program says on standard error, run with `-loglevel level+info`.
//!
//! Each line is `[context @ address] [level] message`, the context left out in some. Of interest
//! are the description of the input, the lines of the filter `showinfo`, and errors.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::{ColorRange, Rational};

/// What the program says of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Probe {
    /// The container, as the demuxer's name; `None` where the file could not be opened.
    pub(super) container: Option<String>,
    /// The first video stream that is not a cover picture.
    pub(super) video: Option<VideoStream>,
    /// The errors, first to last.
    pub(super) errors: Vec<String>,
}

/// What the program says of a video stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VideoStream {
    pub(super) index: u32,
    pub(super) codec: String,
    pub(super) pixel_format: String,
    pub(super) range: Option<ColorRange>,
}

/// What the program says while it decodes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// The unit of the timestamps that follow, in seconds, and the frame rate.
    Clock { time_base: Rational, frame_rate: Option<Rational> },
    /// The next frame.
    Frame { timestamp: Option<i64>, width: u32, height: u32 },
    /// An error; `input` if it was met in reading the file.
    Error { message: String, input: bool },
}

impl Probe {
    pub(super) fn parse(text: &str) -> Self {
        let mut probe = Self::default();
        for line in text.lines().map(Line::parse) {
            let message = line.message.trim();
            if line.is_error() {
                probe.errors.push(message.to_owned());
            } else if let Some(input) = message.strip_prefix("Input #0, ") {
                probe.container = input.split(", from ").next().map(str::to_owned);
            } else if probe.video.is_none() {
                probe.video = VideoStream::parse(message);
            }
        }
        probe
    }
}

impl VideoStream {
    /// Parses a line such as `Stream #0:1[0x2](und): Video: h264 (High) (avc1 / 0x31637661),
    /// yuv420p(tv, bt709), 1280x720, 25 fps (default)`.
    fn parse(message: &str) -> Option<Self> {
        let (place, description) = message.strip_prefix("Stream #0:")?.split_once(": Video: ")?;
        if description.contains("(attached pic)") {
            return None;
        }
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
        let pixel_format = parts.next()?.trim();
        let (pixel_format, traits) = pixel_format.split_once('(').unwrap_or((pixel_format, ""));
        let traits = traits.trim_end_matches(')');
        let range = traits.split(", ").find_map(|word| match word {
            "tv" => Some(ColorRange::Limited),
            "pc" => Some(ColorRange::Full),
            _ => None,
        });
        Some(Self {
            index: place[..digits].parse().ok()?,
            codec: codec.to_owned(),
            pixel_format: pixel_format.to_owned(),
            range,
        })
    }
}

impl Event {
    /// Parses a line of a program that reads a file of the container `container`.
    fn parse(line: &str, container: &str) -> Option<Self> {
        let line = Line::parse(line);
        if line.is_error() {
            let input = line.context.starts_with("in#") || line.context == container;
            return Some(Self::Error { message: line.message.trim().to_owned(), input });
        }
        if !line.context.starts_with("Parsed_showinfo") {
            return None;
        }
        if let Some(config) = line.message.strip_prefix("config in ") {
            let field = |name| fraction(value(config, name)?.trim_end_matches(','));
            let time_base = field("time_base:")?;
            return Some(Self::Clock { time_base, frame_rate: field("frame_rate:") });
        }
        line.message.strip_prefix("n:")?;
        let (width, height) = value(line.message, " s:")?.split_once('x')?;
        Some(Self::Frame {
            timestamp: value(line.message, " pts:")?.parse().ok(),
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        })
    }
}

/// The events in what comes from `standard_error`, as they come. The channel closes at its end.
pub(super) fn events(
    standard_error: impl Read + Send + 'static,
    container: String,
) -> Receiver<Event> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(standard_error);
        let mut line = Vec::new();
        // Read to the end even if no one listens: a full pipe would stop the program.
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if let Some(event) = Event::parse(&String::from_utf8_lossy(&line), &container) {
                let _ = sender.send(event);
            }
            line.clear();
        }
    });
    receiver
}

/// A line, taken apart.
struct Line<'a> {
    context: &'a str,
    level: &'a str,
    message: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Self {
        let bracketed = |text: &'a str| text.strip_prefix('[')?.split_once("] ");
        let line = line.trim_end();
        let (first, rest) = bracketed(line).unwrap_or(("", line));
        match first.split_once(" @ ") {
            Some((context, _)) => {
                let (level, message) = bracketed(rest).unwrap_or(("", rest));
                Self { context, level, message }
            }
            None => Self { context: "", level: first, message: rest },
        }
    }

    fn is_error(&self) -> bool {
        matches!(self.level, "error" | "fatal" | "panic")
    }
}

/// The word that follows `name` in `text`, blanks between them or not.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(name)?;
    after.split_whitespace().next()
}

fn fraction(text: &str) -> Option<Rational> {
    let (num, den) = text.split_once('/')?;
    Rational::rate(num.parse().ok()?, den.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_finds_the_video_behind_sound_and_cover() {
        let probe = Probe::parse(
            "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:a, b.mp4':\n\
             [info]   Duration: 00:00:01.92, start: 0.000000, bitrate: 886 kb/s\n\
             [info]   Stream #0:0[0x1](und): Audio: aac (LC), 48000 Hz, stereo\n\
             [info]   Stream #0:1[0x0]: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg), 500x500, \
             90k tbr (attached pic)\n\
             [info]   Stream #0:12[0x2](und): Video: h264 (High) (avc1 / 0x31637661), \
             yuv420p10le(tv, bt709, progressive), 1280x720 [SAR 1:1 DAR 16:9], 25 fps (default)\n\
             [fatal] At least one output file must be specified\n",
        );
        assert_eq!(probe.container.as_deref(), Some("mov,mp4,m4a,3gp,3g2,mj2"));
        let video = VideoStream {
            index: 12,
            codec: "h264".to_owned(),
            pixel_format: "yuv420p10le".to_owned(),
            range: Some(ColorRange::Limited),
        };
        assert_eq!(probe.video, Some(video));
    }

    #[test]
    fn a_stream_of_unknown_range_has_a_bare_pixel_format() {
        let line = "Stream #0:0: Video: ffv1 (FFV1 / 0x31564646), gbrp, 64x48, 25 fps, 1k tbn";
        let video = VideoStream::parse(line).expect("a stream");
        assert_eq!((video.pixel_format.as_str(), video.range), ("gbrp", None));
    }

    #[test]
    fn what_can_not_be_opened_has_errors_alone() {
        let probe = Probe::parse(
            "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5555] [error] moov atom not found\n\
             [error] file:x.mp4: Invalid data found when processing input\n",
        );
        assert_eq!((probe.container, probe.video), (None, None));
        assert_eq!(probe.errors[0], "moov atom not found");
    }

    #[test]
    fn showinfo_gives_clock_and_frames() {
        let event = |message: &str| {
            Event::parse(&format!("[Parsed_showinfo_0 @ 0x7f] [info] {message}\n"), "matroska,webm")
        };
        assert_eq!(
            event("config in time_base: 1/12800, frame_rate: 30000/1001"),
            Some(Event::Clock {
                time_base: Rational { num: 1, den: 12800 },
                frame_rate: Some(Rational { num: 30000, den: 1001 }),
            })
        );
        assert_eq!(
            event(
                "n:   1 pts:   -512 pts_time:-0.04   duration:    512 fmt:yuv420p cl:left \
                 sar:1/1 s:640x272 i:P iskey:0 type:P"
            ),
            Some(Event::Frame { timestamp: Some(-512), width: 640, height: 272 })
        );
        assert_eq!(
            event("n:   1 pts:NOPTS pts_time:NOPTS fmt:yuv420p sar:1/1 s:640x272 i:P"),
            Some(Event::Frame { timestamp: None, width: 640, height: 272 })
        );
        assert_eq!(event("config out time_base: 0/0, frame_rate: 0/0"), None);
        assert_eq!(event("color_range:tv color_space:unknown"), None);
    }

    #[test]
    fn errors_tell_whether_the_file_is_at_fault() {
        let error = |line| match Event::parse(line, "matroska,webm") {
            Some(Event::Error { message, input }) => (message, input),
            other => panic!("{other:?}"),
        };
        let early = "File ended prematurely".to_owned();
        assert_eq!(
            error("[in#0/matroska,webm @ 0x5] [error] File ended prematurely"),
            (early.clone(), true)
        );
        assert_eq!(error("[matroska,webm @ 0x5] [error] File ended prematurely"), (early, true));
        assert_eq!(error("[error] Conversion failed!"), ("Conversion failed!".to_owned(), false));
    }
}
