//! Encoders: the arguments of each, and the scale of its quality setting.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use vmaf_media::Rational;
use vmaf_media::conform::Rect;

use super::known::{self, KnownEncoder};
use super::program;
use super::scale::{QualityRange, QualityScale};
use crate::error::{Error, Result};

/// An encoder, and all of its settings but the quality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Encoder {
    /// An encoder that FFmpeg runs.
    Named(NamedEncoder),
    /// A command line for the system's shell, in which `{quality}`, `{input}` and `{output}` are
    /// replaced: by the setting, the file to encode, and the file to write. Its settings need a
    /// scale.
    Command(String),
}

/// An encoder that FFmpeg runs, and its settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NamedEncoder {
    /// Its name: "x265", "svt-av1" or, as FFmpeg calls it, "libx265".
    pub name: String,
    /// Its preset, or speed.
    pub preset: Option<String>,
    /// FFmpeg's name of the pixel format to encode: "yuv420p10le".
    pub pixel_format: Option<String>,
    /// FFmpeg's filters before it, such as "scale=1280:-2".
    pub filters: Option<String>,
    /// Further arguments of FFmpeg for the encode.
    pub arguments: Vec<String>,
}

impl NamedEncoder {
    /// Creates an encoder with its default settings.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// An encoder that is known to exist, as a search uses it.
#[derive(Debug, Clone)]
pub(super) struct PreparedEncoder {
    encoder: Encoder,
    known: Option<&'static KnownEncoder>,
    pub(super) scale: QualityScale,
    /// The part of the picture to encode.
    pub(super) crop: Option<Rect>,
}

/// The video to encode, and the file to write.
pub(super) struct EncodeJob<'a> {
    pub(super) input: &'a Path,
    /// The frame rate that replaces the input's timestamps.
    pub(super) rate: Option<Rational>,
    /// The number of the video stream in the input.
    pub(super) stream: Option<u32>,
    pub(super) output: &'a Path,
    /// True if sound, subtitles and chapters are copied.
    pub(super) with_sound: bool,
}

impl PreparedEncoder {
    /// Checks an encoder's settings. `range` narrows the scale of its quality.
    pub(super) fn new(encoder: &Encoder, range: Option<QualityRange>) -> Result<Self> {
        let (known, scale) = match encoder {
            Encoder::Named(named) => {
                let known = known::find(&named.name)?;
                if named.preset.is_some() && known.preset.is_none() {
                    return Err(Error::input(format!("{} has no presets", named.name)));
                }
                check_arguments(named)?;
                (Some(known), range.map_or(known.scale, |range| known.scale.within(range)))
            }
            Encoder::Command(line) => {
                for part in ["{quality}", "{input}", "{output}"] {
                    if !line.contains(part) {
                        return Err(Error::input(format!(
                            "the command line has no {part}: it needs {{quality}}, {{input}} and \
                             {{output}}, which are replaced"
                        )));
                    }
                }
                let range = range.ok_or_else(|| {
                    Error::input(
                        "a command line needs the range of its qualities, the best first, such as \
                         16..40",
                    )
                })?;
                (None, QualityScale::of_range(range))
            }
        };
        Ok(Self { encoder: encoder.clone(), known, scale, crop: None })
    }

    /// Returns the name for messages: the encoder's, or the program's.
    pub(super) fn name(&self) -> &str {
        match &self.encoder {
            Encoder::Named(named) => &named.name,
            Encoder::Command(line) => line.split_whitespace().next().unwrap_or(line),
        }
    }

    /// Returns the name of the quality setting, for tables: "crf".
    pub(super) fn setting_name(&self) -> &'static str {
        self.known.map_or("quality", |known| known.setting_name())
    }

    /// Returns the settings at which films score about 95 and 80, if they are known.
    pub(super) fn typical(&self) -> Option<[f64; 2]> {
        self.known.map(|known| known.typical)
    }

    /// Returns the command that encodes `job` at a position of the scale. FFmpeg writes its
    /// progress to standard output.
    pub(super) fn command(&self, job: &EncodeJob<'_>, position: usize) -> Result<Command> {
        let quality = self.scale.at(position);
        Ok(match (&self.encoder, self.known) {
            (Encoder::Named(named), Some(known)) => {
                let mut command = program::ffmpeg_with_progress();
                command.args(self.arguments(named, known, job, quality));
                command
            }
            (Encoder::Command(line), _) => {
                let mut command = shell();
                command.arg(filled(line, job, quality)?);
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
                command
            }
            // `new` finds every named encoder.
            (Encoder::Named(named), None) => return Err(known::unknown(&named.name)),
        })
    }

    /// Returns the command line of `job`, for people to run themselves.
    pub(super) fn shown_command(&self, job: &EncodeJob<'_>, position: usize) -> String {
        let quality = self.scale.at(position);
        match (&self.encoder, self.known) {
            (Encoder::Named(named), Some(known)) => {
                let arguments = self.arguments(named, known, job, quality);
                let words = arguments.iter().map(|argument| quoted(&argument.to_string_lossy()));
                std::iter::once("ffmpeg".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
            }
            (Encoder::Command(line), _) => filled(line, job, quality).unwrap_or_default(),
            (Encoder::Named(named), None) => named.name.clone(),
        }
    }

    /// Returns the command that encodes two grey frames of this size and prints a digest of the
    /// packets: it fails if the encoder or a setting doesn't exist, and the digest changes with the
    /// encoder's version. `None` for a command line.
    pub(super) fn identity_command(&self, (width, height): (u32, u32)) -> Option<Command> {
        let (Encoder::Named(named), Some(known)) = (&self.encoder, self.known) else { return None };
        let grey = format!("color=c=gray:s={width}x{height}:r=25:d=1");
        let job = EncodeJob {
            input: Path::new(&grey),
            rate: None,
            stream: None,
            output: Path::new("-"),
            with_sound: false,
        };
        let quality = self.scale.at(self.scale.last() / 2);
        let mut arguments = self.arguments(named, known, &job, quality);
        let output = arguments.pop();
        let mut command = program::ffmpeg();
        command.args(["-f", "lavfi"]).args(arguments);
        command.args(["-frames:v", "2", "-f", "md5"]).args(output);
        Some(command)
    }

    /// Returns FFmpeg's arguments for `job`; the output is the last.
    fn arguments(
        &self,
        named: &NamedEncoder,
        known: &KnownEncoder,
        job: &EncodeJob<'_>,
        quality: f64,
    ) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        let mut add = |words: &[&str]| arguments.extend(words.iter().map(OsString::from));
        add(known.of_input);
        if let Some(rate) = job.rate {
            add(&["-r", &format!("{}/{}", rate.num, rate.den)]);
        }
        add(&["-i"]);
        arguments.push(job.input.into());
        let mut add = |words: &[&str]| arguments.extend(words.iter().map(OsString::from));
        match job.stream {
            Some(stream) => add(&["-map", &format!("0:{stream}")]),
            None => add(&["-map", "0:v:0"]),
        }
        if job.with_sound {
            add(&["-map", "0:a?", "-map", "0:s?", "-c:a", "copy", "-c:s", "copy"]);
        }
        add(&["-c:v", known.codec]);
        add(known.fixed);
        for option in known.quality {
            add(&[option, &quality.to_string()]);
        }
        if let (Some(option), Some(preset)) = (known.preset, &named.preset) {
            add(&[option, preset]);
        }
        if let Some(format) = &named.pixel_format {
            add(&["-pix_fmt", format]);
        }
        let crop = self.crop.map(|part| {
            let Rect { width, height, x, y } = part;
            format!("crop={width}:{height}:{x}:{y}")
        });
        let filters = [crop, named.filters.clone(), known.filters.map(str::to_owned)];
        let filters: Vec<String> = filters.into_iter().flatten().collect();
        if !filters.is_empty() {
            add(&["-vf", &filters.join(",")]);
        }
        // Each frame is encoded once, whatever its timestamps.
        add(&["-fps_mode", "passthrough"]);
        arguments.extend(named.arguments.iter().map(OsString::from));
        arguments.push(job.output.into());
        arguments
    }
}

/// Fails if an argument sets what the search itself sets.
fn check_arguments(named: &NamedEncoder) -> Result<()> {
    let clash = |argument: &&String| {
        matches!(&argument[..], "-vf" | "-filter:v" | "-i" | "-c:v" | "-vcodec" | "-pix_fmt")
    };
    match named.arguments.iter().find(clash) {
        None => Ok(()),
        Some(argument) => Err(Error::input(format!(
            "{argument} can't be among the encoder's arguments: the encoder, filters and pixel \
             format have settings of their own, which every probe shares"
        ))),
    }
}

/// Returns a command line with its parts filled in.
fn filled(line: &str, job: &EncodeJob<'_>, quality: f64) -> Result<String> {
    let path = |path: &Path| {
        let text = path.to_str();
        text.map(quoted).ok_or_else(|| {
            Error::input(format!("{}: a command line needs a path in UTF-8", path.display()))
        })
    };
    Ok(line
        .replace("{quality}", &quality.to_string())
        .replace("{input}", &path(job.input)?)
        .replace("{output}", &path(job.output)?))
}

/// Returns a word as the shell reads it.
#[cfg(not(windows))]
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}

/// Returns a word as the shell reads it.
#[cfg(windows)]
fn quoted(word: &str) -> String {
    if word.contains([' ', '&', '(', ')']) { format!("\"{word}\"") } else { word.to_owned() }
}

/// Returns the system's shell, whose next argument is a command line.
fn shell() -> Command {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.arg(option);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(with_sound: bool) -> EncodeJob<'static> {
        EncodeJob {
            input: Path::new("my source.mkv"),
            rate: None,
            stream: None,
            output: Path::new("out.mkv"),
            with_sound,
        }
    }

    #[test]
    fn named_encoders_have_their_settings_in_the_command() {
        let named = NamedEncoder {
            preset: Some("slow".to_owned()),
            pixel_format: Some("yuv420p10le".to_owned()),
            filters: Some("scale=640:-2".to_owned()),
            arguments: vec!["-tune".to_owned(), "animation".to_owned()],
            ..NamedEncoder::new("x265")
        };
        let mut encoder = PreparedEncoder::new(&Encoder::Named(named), None).expect("known");
        encoder.crop = Some(Rect { width: 640, height: 272, x: 0, y: 44 });
        let position = encoder.scale.position(23.5) as usize;
        assert_eq!(
            encoder.shown_command(&job(true), position),
            "ffmpeg -i 'my source.mkv' -map 0:v:0 -map '0:a?' -map '0:s?' -c:a copy -c:s copy \
             -c:v libx265 -crf 23.5 -preset slow -pix_fmt yuv420p10le \
             -vf 'crop=640:272:0:44,scale=640:-2' -fps_mode passthrough -tune animation out.mkv"
        );
        assert_eq!(encoder.setting_name(), "crf");
    }

    #[test]
    fn command_lines_are_filled_in() {
        let line = Encoder::Command("enc -q {quality} -o {output} {input}".to_owned());
        let encoder = PreparedEncoder::new(&line, "16..40:0.5".parse().ok()).expect("complete");
        let shown = encoder.shown_command(&job(false), 3);
        assert_eq!(shown, "enc -q 17.5 -o out.mkv 'my source.mkv'");
        assert_eq!(encoder.name(), "enc");
        let error = |line: &str, range: Option<&str>| {
            let range = range.map(|text| text.parse().expect("a range"));
            let prepared = PreparedEncoder::new(&Encoder::Command(line.to_owned()), range);
            prepared.expect_err("refused").to_string()
        };
        assert!(error("enc {input} {output}", Some("1..9")).contains("no {quality}"));
        assert!(error("e {input} {output} {quality}", None).contains("range"));
    }

    #[test]
    fn settings_that_would_be_ignored_are_refused() {
        let refused = |change: fn(&mut NamedEncoder), name: &str| {
            let mut named = NamedEncoder::new(name);
            change(&mut named);
            let prepared = PreparedEncoder::new(&Encoder::Named(named), None);
            prepared.expect_err("refused").to_string()
        };
        assert!(refused(|_| {}, "x256").contains("x265"));
        let error = refused(|named| named.arguments = vec!["-vf".to_owned()], "x264");
        assert!(error.contains("-vf"), "{error}");
        let error = refused(|named| named.preset = Some("slow".to_owned()), "h264_videotoolbox");
        assert!(error.contains("no presets"), "{error}");
    }

    #[test]
    fn a_range_narrows_that_of_the_encoder() {
        let named = Encoder::Named(NamedEncoder::new("x264"));
        let range = "30..20:0.5".parse().ok();
        let encoder = PreparedEncoder::new(&named, range).expect("known");
        assert_eq!((encoder.scale.at(0), encoder.scale.last()), (20.0, 20));
    }
}
