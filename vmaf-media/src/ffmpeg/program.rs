//! Decoding with an `ffmpeg` program.
//!
//! The program is run twice: once to describe the file, and once to decode it into a y4m pipe. y4m
//! has no timestamps, so a filter writes each frame's timestamp into a separate file (see
//! [`timestamps`]). After it, frames get artificial timestamps, exactly one frame of the output's
//! rate apart and further apart than any real ones, so that none is dropped or duplicated to keep a
//! constant rate. A thread reads the program's standard error.

use std::process::Stdio;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use vmaf_core::Frame;

use super::command::{RATE, RETIME, add_input, cannot_run, command};
use super::container::{self, Crop};
use super::convert::InputFormat;
use super::display_sei;
use super::joins::{self, Clock};
use super::key_frames::KeyFrames;
use super::properties::Properties;
use super::report::{self, Event, FrameFacts, Probe};
use super::timestamps::{self, TimestampReader};
use super::tracks::{self, Track};
use crate::accepted::Accepted;
use crate::child_program::ChildProgram;
use crate::incidents::Grain;
use crate::input::Input;
use crate::message::Message;
use crate::y4m::Y4mSource;
use crate::{
    ColorRange, Error, Frames, Incidents, OpenOptions, Orientation, Rational, ReadPlan, Result,
    RgbConverter, Source, StreamInfo,
};

/// The longest time that the program takes to report rebuilt filters after it has written a frame
/// from them.
const REPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// The interval at which a program whose output is wrong is looked at, and the number of times:
/// it may be about to end.
const EXIT_INTERVAL: Duration = Duration::from_millis(5);
const EXIT_ATTEMPTS: usize = 20;

/// Reads video decoded by an `ffmpeg` program.
pub(super) struct ProgramSource {
    info: StreamInfo,
    video: Y4mSource,
    program: Program,
    times: TimestampReader,
    time_base: Rational,
    /// The properties of the first frame's samples.
    properties: Properties,
    /// The key frames, which report changes of properties.
    key_frames: Option<KeyFrames>,
    /// Continues the timestamps of transport streams, which may restart.
    clock: Option<Clock>,
    /// Converts frames if the video is RGB: their planes are red, green and blue then.
    converter: Option<RgbConverter>,
    next: u64,
}

/// The running program.
struct Program {
    child: ChildProgram,
    events: Receiver<Event>,
    /// Errors, each with true if the file is at fault.
    errors: Vec<(String, bool)>,
    accept_damage: bool,
    /// True if the file is a bare stream without a container, so that errors are the decoder's:
    /// demuxer and codec have the same name.
    is_bare: bool,
    /// The number of damaged frames.
    damaged: u64,
    incidents: Incidents,
}

impl ProgramSource {
    /// Opens a file, and returns the crop that its container states.
    pub(super) fn new(path: &str, options: &OpenOptions) -> Result<(Self, Option<Crop>)> {
        let not_video = |reason: String| Error::not_video(path, reason);
        let probe = probe(path)?;
        let Some(container) = probe.container else {
            let words = probe.errors.first().map_or("it gives no reason", String::as_str);
            return Err(not_video(format!("ffmpeg can't open it: {words}")));
        };
        let mut videos = probe.videos;
        let tracks: Vec<Track> = videos.iter().map(|video| video.track.clone()).collect();
        let choice = tracks::choose(&tracks, options.stream).map_err(not_video)?;
        let stream = videos.swap_remove(choice.place);
        let place = tracks::place_in_container(&tracks, choice.place);
        let shown = container::presentation(path, &container, stream.id.map(u32::from), place);
        let crop = shown.as_ref().and_then(|shown| shown.crop);
        let (number, notes) = choice.into_parts();
        let input_format = InputFormat::from_name(&stream.pixel_format).map_err(not_video)?;
        let pixel = input_format.pixel;
        let is_transport = container == "mpegts";
        let accept_damage = options.accepted.contains(&Accepted::Damage);
        let is_joined = is_transport
            && stream.id.is_some_and(|id| joins::is_joined(path.as_ref(), id).unwrap_or(false));

        let times = TimestampReader::new().map_err(|error| {
            not_video(format!("can't create a temporary folder for decoding it: {error}"))
        })?;
        let filters = format!("{},{RETIME}{}", timestamps::FILTERS, input_format.filters());

        let incidents = Incidents::default();
        let map = format!("0:{}", stream.track.index);
        let start = |of_input: &[&str]| {
            let mut command = command("repeat+level+verbose");
            command.current_dir(times.folder());
            command.args(["-nostats", "-copyts", "-noautorotate"]).args(of_input);
            if is_joined {
                // Frames at joins of segments count as damaged; undecodable ones are errors.
                command.args(["-max_error_rate", "0"]);
            } else if !accept_damage {
                command.arg("-xerror");
            }
            if options.no_film_grain {
                command.args(["-export_side_data", "film_grain"]);
            }
            if options.threads > 0 {
                command.args(["-threads", &options.threads.to_string()]);
            }
            add_input(&mut command, path);
            command.args(["-map", &map, "-vf", &filters, "-r", RATE]);
            command.args(["-pix_fmt", &pixel.planar_name(), "-strict", "-1"]);
            // Decoded frames are not buffered, since the pipe of timestamps may be full.
            command.args(["-flush_packets", "1", "-f", "yuv4mpegpipe", "pipe:1"]);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let child = ChildProgram::spawn(command);
            let mut child = child.map_err(|error| cannot_run(path, &error))?;
            let (Some(output), Some(report)) = (child.take_stdout(), child.take_stderr()) else {
                return Err(not_video("can't read the output of ffmpeg".to_owned()));
            };
            let events = report::events(report, container.clone());
            let program = Program {
                child,
                events: events.map_err(|error| Error::io(path, error))?,
                errors: Vec::new(),
                accept_damage,
                is_bare: container == stream.track.codec,
                damaged: 0,
                incidents: incidents.clone(),
            };
            Ok((program, Input::pipe(path, output).and_then(Y4mSource::new)))
        };
        // From version 7.1 on the program applies the container's crop unless told not to. Older
        // versions have no such option for the demuxer.
        let of_input: &[&str] = if crop.is_some() { &["-apply_cropping", "codec"] } else { &[] };
        let (mut program, mut video) = start(of_input)?;
        if video.is_err() && crop.is_some() && program.rejected_option("apply_cropping") {
            (program, video) = start(&[])?;
        }
        let key_frames = KeyFrames::new(path, &container, &stream, &options.accepted);
        // If no y4m comes, ffmpeg's messages are more informative than the parse error.
        let video = video.map_err(|error| {
            program.abandon().map_or(error, |words| Error::not_video(path, words))
        })?;
        let Some(frames) = program.frames() else {
            let words = program.abandon();
            let words = words.unwrap_or_else(|| "ffmpeg decodes no frames of it".into());
            return Err(Error::not_video(path, words));
        };
        let first = first_frame(path, &stream.track.codec, stream.track.index);
        if first.contains("film grain param") {
            incidents.grain(if options.no_film_grain { Grain::LeftOut } else { Grain::Added });
        }
        let index = stream.track.index;
        let mut orientation = match (shown, stream.orientation) {
            (Some(shown), _) => shown.orientation,
            (None, Some(angle)) => matrix_of(path, index).unwrap_or(angle),
            (None, None) => Orientation::UPRIGHT,
        };
        if orientation == Orientation::UPRIGHT && first.contains("displaymatrix") {
            let said = display_sei::orientation(path, &stream.track.codec, index);
            orientation = said.unwrap_or_default();
        }
        let rgb = input_format.is_rgb();
        let step = input_format.step();
        let mut color = stream.color;
        let mut range = stream.range.or(pixel.full_range.then_some(ColorRange::Full));
        if rgb {
            // RGB is converted to limited range, by a matrix that is chosen later.
            (color.matrix, range) = (None, Some(ColorRange::Limited));
        }
        let mut info = StreamInfo {
            frame_rate: frames.frame_rate,
            range,
            codec: stream.track.codec,
            color,
            siting: stream.siting,
            interlaced: stream.interlaced,
            orientation,
            stream: number,
            notes: notes.into_iter().chain(step).collect(),
            rgb,
            incidents,
            ..Source::info(&video).clone()
        };
        if let Some(crop) = crop {
            info.sample_aspect = crop.sample_aspect;
        }
        let FrameFacts { time_base, properties, .. } = frames;
        let clock = is_transport.then(Clock::default);
        let next = 0;
        let source = Self {
            info,
            video,
            program,
            times,
            time_base,
            properties,
            key_frames,
            clock,
            converter: None,
            next,
        };
        Ok((source, crop))
    }

    /// Adds a decoding step to the notes.
    pub(super) fn with_step(mut self, step: String) -> Self {
        self.info.notes.push(step);
        self
    }

    fn bad_frame(&self, reason: impl Into<Message>) -> Error {
        Error::frame(&self.info.path, self.next, reason)
    }
}

impl Source for ProgramSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(mut self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        // Luma is computed from all three planes of RGB.
        if self.info.rgb {
            self.converter = Some(RgbConverter::new(plan.matrix.unwrap_or_default(), plan.rgb));
        } else {
            self.video.plan(plan);
        }
        Ok(self)
    }
}

impl Frames for ProgramSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let mut frame = match self.video.read() {
            Ok(Some(frame)) => frame,
            Ok(None) => {
                self.program.finish().map_err(|reason| self.bad_frame(reason))?;
                let change = self.key_frames.as_mut().and_then(KeyFrames::finish);
                return change
                    .map_or(Ok(None), |change| Err(Error::not_video(&self.info.path, change)));
            }
            Err(error) => {
                return Err(match self.program.abandon() {
                    Some(reason) => self.bad_frame(reason),
                    None => error,
                });
            }
        };
        let Some(timestamp) = self.times.next() else {
            let reason = match self.program.frames_within(REPORT_TIMEOUT) {
                Some(FrameFacts { width, height, properties, .. }) => {
                    let format = self.info.format;
                    let change = self.properties.change(properties, &[]);
                    let of_same_size = (width, height) == (format.width(), format.height());
                    match change {
                        Some((change, _)) if of_same_size => change,
                        None if of_same_size => {
                            "properties such as the display matrix change here, which only FFmpeg's \
                             libraries can decode, not an ffmpeg program"
                                .to_owned()
                        }
                        _ => format!(
                            "the frame size changes from {format} to {width}x{height}, which only \
                             FFmpeg's libraries can decode, not an ffmpeg program"
                        ),
                    }
                }
                None => "ffmpeg reports no timestamp for it".to_owned(),
            };
            let reason = self.program.abandon().unwrap_or_else(|| reason.into());
            return Err(self.bad_frame(reason));
        };
        frame.time = timestamp.map(|timestamp| {
            timestamp as f64 * f64::from(self.time_base.num) / f64::from(self.time_base.den)
        });
        if let Some(change) = self.key_frames.as_mut().and_then(|all| all.change(frame.time)) {
            return Err(Error::not_video(&self.info.path, change));
        }
        if let (Some(clock), Some(time)) = (&mut self.clock, &mut frame.time) {
            let restarted;
            (*time, restarted) = clock.at(*time);
            if restarted {
                self.info.incidents.join();
            }
        }
        if let Some(converter) = &self.converter {
            converter.convert(&mut frame);
        }
        self.next += 1;
        Ok(Some(frame))
    }
}

impl Program {
    /// Returns the facts about the next frames, once the program reports them; errors before that
    /// are kept.
    fn frames(&mut self) -> Option<FrameFacts> {
        self.frames_within(Duration::MAX)
    }

    /// The same, but gives up if the program reports nothing for `limit`.
    fn frames_within(&mut self, limit: Duration) -> Option<FrameFacts> {
        loop {
            match self.events.recv_timeout(limit).ok()? {
                Event::Error { message, input } => self.errors.push((message, input)),
                Event::Damaged => {
                    self.damaged += 1;
                    self.incidents.conceal(self.damaged);
                }
                Event::Frames(frames) => return Some(frames),
            }
        }
    }

    /// Returns true if the program, which has failed, rejected an option.
    fn rejected_option(&mut self, option: &str) -> bool {
        while self.frames().is_some() {}
        self.errors.iter().any(|(message, _)| message.contains(option))
    }

    /// Kills the program, whose output is of no use, and returns its first error, or the signal of
    /// another process that ended it.
    fn abandon(&mut self) -> Option<Message> {
        let killed = self.killed_by_others();
        // It may have ended by itself, which is fine.
        let _ = self.child.kill();
        while self.frames().is_some() {}
        let first = self.errors.first().map(|(message, _)| message.clone());
        first.or(killed).map(|reason| self.stopped(&reason))
    }

    /// Returns the status of the program, in words, if a signal ended it: the system's, if memory
    /// is short. Its pipes close a moment before it has ended.
    fn killed_by_others(&mut self) -> Option<String> {
        let mut status = None;
        for _ in 0..EXIT_ATTEMPTS {
            status = self.child.try_wait().ok().flatten();
            if status.is_some() {
                break;
            }
            thread::sleep(EXIT_INTERVAL);
        }
        status.filter(|status| status.code().is_none()).map(|status| status.to_string())
    }

    /// Waits for the program to end; the error is the reason why it ended early.
    fn finish(&mut self) -> Result<(), Message> {
        while self.frames().is_some() {}
        let status = self.child.wait().map_err(|error| error.to_string())?;
        let at_fault = |(message, input): &&(String, bool)| {
            let is_accepted = self.accept_damage && self.is_damage_message(message);
            (*input && !is_accepted) || !status.success()
        };
        // The first error is the cause; later ones are its consequences.
        if let Some((message, _)) = self.errors.iter().find(at_fault) {
            return Err(self.stopped(message));
        }
        if !status.success() {
            return Err(self.stopped(&status.to_string()));
        }
        Ok(())
    }

    /// Returns true if a message is about damage to the video.
    fn is_damage_message(&self, message: &str) -> bool {
        self.is_bare || super::is_damage_message(message)
    }

    fn stopped(&self, why: &str) -> Message {
        let message = format!("ffmpeg stopped there: {why}");
        if self.is_damage_message(why) && !self.accept_damage {
            super::damage(&message)
        } else {
            message.into()
        }
    }
}

/// Has the program describe a file. Only at this level does it state the siting of chroma.
fn probe(path: &str) -> Result<Probe> {
    let mut command = command("level+verbose");
    add_input(&mut command, path);
    let output = ChildProgram::output(command).map_err(|error| cannot_run(path, &error))?;
    Ok(Probe::parse(&String::from_utf8_lossy(&output.stderr)))
}

/// Returns the program's description of the first frame of a stream, in lower case; empty if it
/// can't be read, or if the codec's frames state nothing needed here.
fn first_frame(path: &str, codec: &str, stream: u32) -> String {
    if !super::GRAIN_CODECS.contains(&codec) {
        return String::new();
    }
    let mut command = command("level+info");
    command.args(["-export_side_data", "film_grain", "-noautorotate"]);
    add_input(&mut command, path);
    command.args(["-map", &format!("0:{stream}"), "-frames:v", "1", "-vf", "showinfo"]);
    command.args(["-f", "null", "-"]);
    let said = ChildProgram::output(command).map(|output| output.stderr).unwrap_or_default();
    String::from_utf8_lossy(&said).to_lowercase()
}

/// Reads the orientation of a stream from a copy of its beginning, since the program reports only
/// the angle.
fn matrix_of(path: &str, stream: u32) -> Option<Orientation> {
    let mut command = command("error");
    add_input(&mut command, path);
    command.args(["-map", &format!("0:{stream}"), "-c", "copy"]);
    command.args([
        "-frames:v",
        "1",
        "-f",
        "mov",
        "-movflags",
        "frag_keyframe+empty_moov",
        "pipe:1",
    ]);
    let output = ChildProgram::output(command).ok()?;
    container::orientation_of_copy(&output.stdout)
}
