//! Properties of a video's key frames, read by an `ffmpeg` program that decodes nothing else.
//!
//! The program that decodes the video reports few properties of its frames: ranges and matrices
//! from FFmpeg 7 on. A second program, whose filter `showinfo` writes them, costs next to nothing,
//! since properties change at key frames. The first program can't write them: `showinfo` writes in
//! pieces, among which the first program's errors would be lost. Neither reports more about the
//! sample aspect ratio than the container does.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::properties::Properties;
use super::report::VideoStream;
use super::{command, report};
use crate::Color;
use crate::accepted::Accepted;
use crate::child_program::ChildProgram;
use crate::message::Message;

/// Codecs whose frames state their properties, and which are not made of key frames alone.
const CODECS: [&str; 7] = ["h264", "hevc", "vvc", "av1", "vp9", "mpeg2video", "mpeg4"];

/// Containers without timestamps: bare streams. FFmpeg can't determine the timestamps of their key
/// frames alone.
const BARE_STREAMS: [&str; 6] = ["h264", "hevc", "vvc", "obu", "mpegvideo", "m4v"];

/// FFmpeg's names of primaries, transfers and matrices, as `showinfo` writes them.
const NAMES: [&str; 17] = [
    "bt709",
    "bt470m",
    "bt470bg",
    "smpte170m",
    "smpte240m",
    "bt2020",
    "bt2020nc",
    "bt2020c",
    "bt2020-10",
    "bt2020-12",
    "smpte2084",
    "arib-std-b67",
    "linear",
    "iec61966-2-1",
    "smpte431",
    "smpte432",
    "ictcp",
];

/// The properties of a key frame, and its timestamp if it is known.
type KeyFrame = (Option<f64>, Properties);

/// The key frames of a video, as they are reported.
pub(super) struct KeyFrames {
    child: ChildProgram,
    frames: Receiver<KeyFrame>,
    accepted: Vec<Accepted>,
    /// The properties known so far.
    known: Option<Properties>,
    /// Changes with their timestamps, in words and with the remedy that accepts them.
    changes: VecDeque<(Option<f64>, Message)>,
    /// True if timestamps are known.
    timed: bool,
}

impl KeyFrames {
    /// Starts reading the key frames of `stream` of the file at `path`, if its codec's frames can
    /// state more than the first one does, and the program can be run.
    pub(super) fn new(
        path: &str,
        container: &str,
        stream: &VideoStream,
        accepted: &[Accepted],
    ) -> Option<Self> {
        if !CODECS.contains(&&stream.track.codec[..]) || accepted.contains(&Accepted::Changes) {
            return None;
        }
        let mut command = command::command("repeat+level+info");
        command.args(["-nostats", "-skip_frame", "nokey", "-copyts", "-threads", "1"]);
        command::add_input(&mut command, path);
        command.args(["-map", &format!("0:{}", stream.track.index)]);
        let filters = format!("showinfo=checksum=0,{}", command::RETIME);
        command.args(["-vf", &filters, "-r", command::RATE]);
        command.args(["-f", "null", "-"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = ChildProgram::spawn(command).ok()?;
        let written = child.take_stderr()?;
        let (sender, frames) = channel();
        thread::Builder::new().spawn(move || read_report(written, &sender)).ok()?;
        let accepted = accepted.to_vec();
        let timed = !BARE_STREAMS.contains(&container);
        Some(Self { child, frames, accepted, known: None, changes: VecDeque::new(), timed })
    }

    /// Returns the change at a frame shown at `time` or before, if it is known by now.
    pub(super) fn change(&mut self, time: Option<f64>) -> Option<Message> {
        while let Ok(frame) = self.frames.try_recv() {
            self.add(frame);
        }
        let (at, change) = self.changes.front()?;
        (*at.as_ref()? <= time?).then(|| change.clone())
    }

    /// Waits for all key frames, and returns the first change, or the signal that ended the program.
    pub(super) fn finish(&mut self) -> Option<Message> {
        while let Ok(frame) = self.frames.recv() {
            self.add(frame);
        }
        if let Some((_, change)) = self.changes.pop_front() {
            return Some(change);
        }
        // What it would have reported is unknown.
        let status = self.child.wait().ok().filter(|status| status.code().is_none())?;
        Some(format!("the ffmpeg that reads its key frames stopped: {status}").into())
    }

    fn add(&mut self, (time, now): KeyFrame) {
        let Some(known) = &mut self.known else {
            self.known = Some(now);
            return;
        };
        if let Some(change) = known.change(now, &self.accepted) {
            let time = time.filter(|_| self.timed);
            let at =
                time.map_or("a frame ".to_owned(), |time| format!("the frame at {time:.3} s "));
            let change = Message::from(at).then(Properties::refused(change));
            self.changes.push_back((time, change));
        }
    }
}

/// Sends the key frames described in `written`, to its end.
fn read_report(written: impl Read, frames: &Sender<KeyFrame>) {
    let mut reader = BufReader::new(written);
    let (mut line, mut frame) = (Vec::new(), None);
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line).into_owned();
        line.clear();
        if let Some(first) = first_line(&text) {
            frame = Some(first);
        } else if let Some((range, color)) = colors(&text)
            && let Some((time, properties)) = frame.take()
        {
            // If the receiver is gone, the program is about to be ended.
            let _ = frames.send((time, Properties { range, color, ..properties }));
        }
    }
}

/// Parses the first line of a frame: `n: 0 pts: 0 pts_time:0 ... s:320x180 i:P iskey:1 type:I`.
fn first_line(text: &str) -> Option<KeyFrame> {
    let (_, text) = text.split_once("pts_time:")?;
    let words = || text.split_whitespace();
    let field = |name: &str| words().find_map(|word| word.strip_prefix(name));
    let interlaced = matches!(field("i:")?, "T" | "B");
    let time = words().next()?.parse().ok();
    Some((time, Properties { interlaced, ..Properties::default() }))
}

/// Parses the last line: `color_range:tv color_space:bt709 color_primaries:bt709 color_trc:bt709`.
/// A line interrupted by other output is ignored.
fn colors(text: &str) -> Option<(Option<crate::ColorRange>, Color)> {
    let at = text.find("color_range:")?;
    let mut words = text[at..].split_whitespace();
    let mut field = |name: &str| words.next()?.strip_prefix(name);
    let range = field("color_range:")?;
    // An unknown name might be incomplete, so it is ignored.
    let mut named = |name: &str| {
        let value = field(name)?;
        Some(NAMES.contains(&value).then(|| value.to_owned()))
    };
    let (matrix, primaries, transfer) =
        (named("color_space:")?, named("color_primaries:")?, named("color_trc:")?);
    Some((report::range(range), Color { primaries, transfer, matrix }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColorRange;

    #[test]
    fn lines_of_frames_are_parsed() {
        let lines = "\
            [Parsed_showinfo_0 @ 0x55] [info] config in time_base: 1/12800, frame_rate: 25/1\n\
            [Parsed_showinfo_0 @ 0x55] [info] n:   0 pts:   1024 pts_time:0.08    duration:    512 \
            duration_time:0.04 fmt:yuv420p cl:left sar:4/3 s:320x180 i:T iskey:1 type:I \n\
            [Parsed_showinfo_0 @ 0x55] [info] color_range:tv color_space:smpte170m \
            color_primaries:unknown color_trc:bt709\n\
            [Parsed_showinfo_0 @ 0x55] [info] n:   1 pts: NOPTS pts_time:NOPTS   pos: 9 fmt:yuv420p \
            sar:0/1 s:320x180 i:P iskey:1 type:I \n\
            [Parsed_showinfo_0 @ 0x55] [info] color_range:tv color_space:bt709something torn\n";
        let (sender, frames) = channel();
        read_report(lines.as_bytes(), &sender);
        drop(sender);
        let frames: Vec<KeyFrame> = frames.iter().collect();
        let color = Color {
            primaries: None,
            transfer: Some("bt709".to_owned()),
            matrix: Some("smpte170m".to_owned()),
        };
        let properties = Properties {
            range: Some(ColorRange::Limited),
            color,
            interlaced: true,
            sample_aspect: None,
        };
        assert_eq!(frames, [(Some(0.08), properties)]);
    }
}
