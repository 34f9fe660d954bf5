//! The command line of `vmaf score`, `vmaf maps`, `vmaf models` and `vmaf metrics`, and its help.
//!
//! The drop-in form, whose flags are libvmaf's, is in [`dropin`]; which form is meant, the first
//! argument tells. Usage errors of both are told in one line.

mod batch;
pub(crate) mod dropin;
pub(crate) mod maps;
mod shared;
mod streams;
pub(crate) mod values;

use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use vmaf::parts::Shard;
use vmaf::values::PixelFormat;
use vmaf::{
    Accepted, ColorRange, ConformOptions, Crop, Pairing, Rational, RawVideo, Rect, Request, Scaler,
};
use vmaf_core::Chroma;

pub(crate) use self::batch::{BatchArgs, MergeArgs};
pub(crate) use self::shared::{JudgeArgs, MeasureArgs, ResultArgs};
pub(crate) use self::streams::StreamArgs;
use crate::failure::{Failure, Result};
use crate::terminal;

const EXAMPLES: &str = "\
Examples:
  vmaf score source.mp4 encode.mp4             score an encode against its source
  vmaf score source.mp4 low.mp4 high.mp4       several encodes in one pass
  vmaf score source.y4m encode.mkv -o out.json with every frame's values in a file
  vmaf score --help                            more examples, and all options

libvmaf's own flags work too, with its log formats:
  vmaf -r source.y4m -d encode.y4m --json -o log.json
  vmaf -r source.yuv -d encode.yuv -w 1920 -h 1080 -p 420 -b 8 -o log.xml
  vmaf -r source.y4m --help                    all of them

Exit status: 0 measured, and all gates held; 1 a gate failed; 2 could not measure.";

/// Scores how good an encode looks beside its source, 0 to 100, as a viewer would.
#[derive(Debug, Parser)]
#[command(name = "vmaf", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Score one or more encodes against their source
    Score(Box<ScoreArgs>),
    /// Show where the quality of a frame went: maps of vif, adm and cambi
    Maps(Box<maps::MapsArgs>),
    /// Score the encodes that a list names; killed at any moment, it goes on where it was
    Batch(Box<BatchArgs>),
    /// Make the result of a run whose parts were measured by 'vmaf score --shard'
    Merge(MergeArgs),
    /// List the built-in models and what each is for
    Models,
    /// List the metrics, their columns and options
    Metrics {
        /// Tell all of this one
        #[arg(value_name = "METRIC")]
        name: Option<String>,
    },
}

const SCORE_EXAMPLES: &str = "\
Examples:
  A table of two encodes, with the chance of a mistake:
    vmaf score source.mp4 a.mp4 b.mp4 --model vmaf_b_v0.6.3
  Two models and one more metric, everything in a JSON file:
    vmaf score source.mp4 a.mp4 --model vmaf_v0.6.1 --model vmaf_v0.6.1neg \\
        --metric vif=debug=true -o a.json
  A phone's score beside the usual one:
    vmaf score source.mp4 a.mp4 --model vmaf_v0.6.1 \\
        --model vmaf_v0.6.1:enable_transform:name=phone
  Frames 240 to 479, and the worst two seconds of them:
    vmaf score source.mp4 a.mp4 --frames 240..480 --pool 'window(2s)'
  The mean score alone, for a script:
    vmaf score source.mp4 a.mp4 -o - | jq '.distorted[0].scores[].mean'
  Fail a build whose encode is not good enough, or ruined anywhere:
    vmaf score source.mp4 a.mp4 --gate 'mean>=93' --gate 'window(1s)>=80'
  A page to look at, with the worst moments of each encode:
    vmaf score source.mp4 a.mp4 b.mp4 --report report.html
  An encode that begins two frames late, or that lost frames:
    vmaf score source.mp4 a.mp4 --offset 2
    vmaf score source.mp4 a.mp4 --align content
  A rung of a ladder that is smaller, and a source with black bars:
    vmaf score source.mp4 720p.mp4 --crop auto
  Raw video:
    vmaf score source.yuv a.yuv --size 1920x1080 --pix-fmt yuv420p10le --fps 24
  From a pipe:
    ffmpeg -i a.mp4 -f yuv4mpegpipe - | vmaf score source.y4m -";

#[derive(Debug, Args)]
#[command(after_help = SCORE_EXAMPLES)]
pub(crate) struct ScoreArgs {
    /// The source that the encodes were made of; - is standard input
    #[arg(value_name = "REF")]
    pub(crate) reference: String,

    /// The encodes; those that are smaller are scaled up to the source's size
    #[arg(value_name = "DIST", required = true)]
    pub(crate) distorted: Vec<String>,

    #[command(flatten)]
    pub(crate) measure: MeasureArgs,

    #[command(flatten)]
    pub(crate) results: ResultArgs,

    /// Write maps of where banding is to FOLDER: a grey picture (PNG) for each frame and scale, and
    /// libvmaf's files. Takes cambi, as a metric or in a model. Several encodes get a folder each
    #[arg(long, value_name = "FOLDER", help_heading = shared::RESULTS)]
    pub(crate) heatmaps: Option<PathBuf>,

    /// Score the Ith of N parts of the frames, I from 1, and write what was measured to the file
    /// that -o names; 'vmaf merge' makes the result of all N
    #[arg(long, value_name = "I/N", value_parser = vmaf::values::shard, requires = "output")]
    #[arg(conflicts_with_all = ["pool", "gate", "fail_under", "junit", "report", "format", "heatmaps"])]
    #[arg(help_heading = shared::RESULTS)]
    pub(crate) shard: Option<Shard>,
}

impl ScoreArgs {
    /// Returns the request.
    pub(crate) fn request(&self) -> Result<Request> {
        let mut request = Request::new(&self.reference).encodes(&self.distorted);
        request.options = self.measure.options()?;
        request.gates = self.results.judge.gates();
        request.pools.clone_from(&self.results.judge.pool);
        request.heatmaps.clone_from(&self.heatmaps);
        request.pictures = self.results.report.is_some();
        Ok(request)
    }
}

/// How frames are paired.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pairing frames (proved by what they show)")]
pub(crate) struct AlignArgs {
    /// Which frame of an encode belongs to which of the reference
    #[arg(long, value_name = "HOW", default_value = "time")]
    pub(crate) align: AlignName,

    /// Leave out the first N frames of the encodes, or the first -N of the reference where N is
    /// less than 0
    #[arg(long, value_name = "N", default_value = "0", value_parser = values::offset)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) offset: i32,
}

/// How frames are paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlignName {
    /// In order, if times, counted from each file's first frame, and pictures agree with that
    Time,
    /// In order, whatever times say, if pictures agree
    Frames,
    /// Those that show the same; what has no counterpart is left out, and listed. Files are read
    /// twice
    Content,
    /// In order, and nothing is checked
    Unchecked,
}

impl From<AlignName> for Pairing {
    fn from(name: AlignName) -> Self {
        match name {
            AlignName::Time => Self::Time,
            AlignName::Frames => Self::Frames,
            AlignName::Content => Self::Content,
            AlignName::Unchecked => Self::Unchecked,
        }
    }
}

/// How videos that differ are made comparable.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Making videos comparable (what is done is told)")]
pub(crate) struct ConformArgs {
    /// How encodes are scaled to the reference's size
    #[arg(long, value_name = "FILTER", default_value = "bicubic")]
    pub(crate) scaler: ScalerName,

    /// Scale the reference and the encodes to this size; smaller encodes are scaled up to the
    /// reference's otherwise
    #[arg(long, value_name = "WxH", value_parser = vmaf::values::scaled_size)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) score_at: Option<(u32, u32)>,

    /// Refuse encodes of another size
    #[arg(long, conflicts_with = "score_at")]
    pub(crate) no_scale: bool,

    /// Score a part of the picture: W:H:X:Y is of the reference, and of encodes of its size; auto
    /// finds what reference and encodes both show, without black bars
    #[arg(long, value_name = "auto|W:H:X:Y", value_parser = vmaf::values::crop, allow_hyphen_values = true)]
    pub(crate) crop: Option<Crop>,

    /// The part of the encodes' pictures that shows what is scored of the reference: leaves out what
    /// was padded
    #[arg(long, value_name = "W:H:X:Y", value_parser = values::crop_encode, allow_hyphen_values = true)]
    pub(crate) crop_encode: Option<Rect>,

    /// Whether pictures have to prove that encodes show the reference's picture where it is, not
    /// shifted, cropped or zoomed
    #[arg(long, value_name = "HOW", default_value = "checked")]
    pub(crate) geometry: GeometryName,

    /// The range of files that don't say theirs
    #[arg(long, value_name = "RANGE")]
    pub(crate) assume_range: Option<RangeName>,

    /// Score samples as they are though the videos are of different colours, of high dynamic range
    /// under a model that is not made for it, interlaced, damaged, or change what they are
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) accept: Vec<AcceptName>,

    /// Whether decoders add the film grain that a stream describes (AV1, H.264, H.265), as players do
    #[arg(long, value_name = "WHETHER", default_value = "on")]
    pub(crate) film_grain: FilmGrain,
}

impl ConformArgs {
    /// Returns the options.
    pub(crate) fn options(&self) -> ConformOptions {
        let mut options = ConformOptions::default();
        options.scaler = self.scaler.into();
        options.score_at = self.score_at;
        options.no_scale = self.no_scale;
        options.crop = self.crop;
        options.crop_encode = self.crop_encode;
        options.check_geometry = self.geometry == GeometryName::Checked;
        options.assume_range = self.assume_range.map(Into::into);
        options.accept = self.accept.iter().map(|accepted| (*accepted).into()).collect();
        options.film_grain = self.film_grain == FilmGrain::On;
        options
    }
}

/// What becomes of film grain that a stream describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilmGrain {
    /// It is added
    On,
    /// It is left out
    Off,
}

/// Whether it is proved that pictures are in their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GeometryName {
    /// On frames sampled across the video
    Checked,
    /// Nothing is proved, and encodes of any size are scaled
    Unchecked,
}

/// A filter that scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScalerName {
    /// Two by two pixels
    Bilinear,
    /// Four by four, as most players do
    Bicubic,
    /// Six by six, sharper
    Lanczos,
}

impl From<ScalerName> for Scaler {
    fn from(name: ScalerName) -> Self {
        match name {
            ScalerName::Bilinear => Self::Bilinear,
            ScalerName::Bicubic => Self::Bicubic,
            ScalerName::Lanczos => Self::Lanczos,
        }
    }
}

/// A colour range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RangeName {
    /// 16 to 235
    Limited,
    /// 0 to 255
    Full,
}

impl From<RangeName> for ColorRange {
    fn from(name: RangeName) -> Self {
        match name {
            RangeName::Limited => Self::Limited,
            RangeName::Full => Self::Full,
        }
    }
}

/// What is fine because someone says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AcceptName {
    /// Primaries, transfers or matrices that differ
    Color,
    /// High dynamic range
    Hdr,
    /// Interlaced frames
    Interlaced,
    /// Range, colours, interlacing or pixel shapes that change within a video
    Changes,
    /// Frames of which the decoder makes up parts
    Damage,
}

impl From<AcceptName> for Accepted {
    fn from(name: AcceptName) -> Self {
        match name {
            AcceptName::Color => Self::Color,
            AcceptName::Hdr => Self::Hdr,
            AcceptName::Interlaced => Self::Interlaced,
            AcceptName::Changes => Self::Changes,
            AcceptName::Damage => Self::Damage,
        }
    }
}

/// What raw video does not tell itself.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Raw video (files named .yuv or .raw, and pipes)")]
pub(crate) struct RawArgs {
    /// Width and height, as 1920x1080
    #[arg(long, value_name = "WxH", value_parser = vmaf::values::size, allow_hyphen_values = true)]
    size: Option<(u32, u32)>,

    /// Chroma sampling 420, 422, 444 or 400, or a name such as yuv420p10le [default: 420]
    #[arg(long, value_name = "FMT", value_parser = vmaf::values::pixel_format, requires = "size")]
    pix_fmt: Option<PixelFormat>,

    /// Bits a sample; above 8, samples are two bytes, the low one first [default: 8]
    #[arg(long, value_name = "N", requires = "size")]
    #[arg(value_parser = values::bit_depth, allow_hyphen_values = true)]
    bit_depth: Option<u8>,

    /// Frames a second, as 24, 23.976 or 24000/1001 [default: 25]
    #[arg(long, value_name = "R", value_parser = vmaf::values::frame_rate)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) fps: Option<Rational>,
}

impl RawArgs {
    /// The layout of raw video, if one is given.
    pub(crate) fn layout(&self) -> Result<Option<RawVideo>> {
        let Some((width, height)) = self.size else { return Ok(None) };
        let named = self.pix_fmt.and_then(|format| format.bit_depth);
        if let (Some(named), Some(given)) = (named, self.bit_depth)
            && named != given
        {
            return Err(Failure::usage(format!(
                "--pix-fmt says {named} bits a sample, --bit-depth {given}"
            )));
        }
        Ok(Some(RawVideo {
            width,
            height,
            chroma: self.pix_fmt.map_or(Chroma::Yuv420, |format| format.chroma),
            bit_depth: self.bit_depth.or(named).unwrap_or(8),
        }))
    }
}

/// A format that results are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One document with everything
    Json,
    /// A line of JSON for each encode
    Jsonl,
    /// libvmaf's XML log, for one encode
    Xml,
    /// A line for each frame of each encode
    Csv,
}

impl From<Format> for vmaf::OutputFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
            Format::Xml => Self::Xml,
            Format::Csv => Self::Csv,
        }
    }
}

/// Ends a run whose command line asked for help, or for nothing that can be done.
pub(crate) fn usage(error: &clap::Error) -> Result<()> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => print(&error.render()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Err(Failure::Reported)
        }
        _ => Err(problem(error)),
    }
}

/// What is wrong with a command line.
pub(crate) fn problem(error: &clap::Error) -> Failure {
    Failure::usage(one_line(error))
}

/// Prints the help of a command.
pub(crate) fn print_help<C: CommandFactory>() -> Result<()> {
    print(&C::command().render_help())
}

/// Prints what people asked to read. If they stop reading, that is no failure.
fn print(text: &StyledStr) -> Result<()> {
    let styled = console::Term::stdout().is_term() && console::colors_enabled();
    let text = if styled { text.ansi().to_string() } else { text.to_string() };
    terminal::print(&text)
}

/// What a usage error says, in one line.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut parts: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        // Nobody means a value who misspells an option.
        let is_told = |line: &&str| !line.trim_start().starts_with("tip: to pass ");
        let words: Vec<&str> =
            paragraph.lines().filter(is_told).flat_map(str::split_whitespace).collect();
        let line = words.join(" ");
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            continue;
        }
        parts.extend((!line.is_empty()).then_some(line));
    }
    let line = parts.join("; ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
        dropin::DropIn::command().debug_assert();
    }

    #[test]
    fn usage_errors_are_one_line() {
        let error = Cli::try_parse_from(["vmaf", "score", "a", "b", "--framse", "1"]);
        let line = one_line(&error.expect_err("a typo"));
        assert!(line.contains("'--framse'") && line.contains("'--frames'"), "{line}");
        assert!(!line.contains('\n') && !line.contains("Usage"), "{line}");
        for arguments in ["--nonsense", "--frames -5..", "--every -1", "--fail-under -x"] {
            let words = ["vmaf", "score", "a", "b"].into_iter().chain(arguments.split(' '));
            let line = one_line(&Cli::try_parse_from(words).expect_err("wrong"));
            assert!(line.contains(arguments.split(' ').next_back().expect("a word")), "{line}");
            assert!(!line.contains("use '--"), "{line}");
        }
    }
}
