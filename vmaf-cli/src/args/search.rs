//! The command line of `vmaf search` and `vmaf ladder`.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;
use vmaf::search::{Encoder, Ladder, NamedEncoder, QualityRange, Search};
use vmaf::{Gate, Options};

use super::shared::{RESULTS, chosen_models, parsed_metrics};
use super::streams::StreamArgs;
use super::values;
use super::videos::ConformArgs;
use crate::failure::Result;

const EXAMPLES: &str = "\
Examples:
  The smallest encode by x265 that scores 93 on average:
    vmaf search source.mkv --encoder x265 --preset slow --target 93 -o encode.mkv
  And at least 85 in all but 5 % of its frames, with options for FFmpeg behind --:
    vmaf search source.mkv --encoder x265 --target 93 --target 'p5>=85' -o encode.mkv \\
        -- -tune animation
  Only the setting, for AV1 at 10 bits under another model, without black bars:
    vmaf search source.mkv --encoder svt-av1 --preset 6 --pix-fmt yuv420p10le --crop auto \\
        --target 'window(2s)>=88' --model v1 --dry-run
  Any other encoder, by its command line, with qualities from the best to the worst:
    vmaf search source.mkv --command 'x264 --crf {quality} --preset slow -o {output} {input}' \\
        --quality 16..40 --target 90 -o encode.mkv
  A setting for each scene:
    vmaf search source.mkv --encoder x264 --target 90 --per-scene -o encode.mkv
  The setting alone, for a script:
    vmaf search source.mkv --encoder x264 --target 90 --dry-run --json - | jq .quality

A search resumes after an interruption, and answers another target from the probes of earlier ones.

Encoders: x264, x265, svt-av1, aom, vp9, rav1e, vvenc, and those of graphics cards by FFmpeg's names,
such as hevc_nvenc, h264_qsv, av1_vaapi, hevc_videotoolbox, h264_amf.

Exit status: 0 found, and the encode meets the targets; 1 no setting meets them; 2 the search failed.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SearchArgs {
    /// The video to encode
    #[arg(value_name = "SOURCE")]
    source: String,

    /// The encoder that FFmpeg runs: x264, x265, svt-av1, aom, vp9, ..., or FFmpeg's own name
    #[arg(short, long, value_name = "NAME", required_unless_present = "command")]
    encoder: Option<String>,

    /// The command line that encodes: {quality}, {input} and {output} are replaced. The whole
    /// source is encoded last, by its own path
    #[arg(long, value_name = "LINE", requires = "quality")]
    #[arg(conflicts_with_all = ["encoder", "preset", "pix_fmt", "filters", "arguments"])]
    command: Option<String>,

    /// A bound that the encode has to meet: 93 is 'mean>=93'; also 'p5>=85', 'window(2s)>=80',
    /// 'psnr_y:mean>=40'. May be repeated; all have to hold
    #[arg(short, long, value_name = "GATE", required = true, value_parser = target)]
    target: Vec<Gate>,

    /// The encode to write
    #[arg(short, long, value_name = "FILE", required_unless_present = "dry_run")]
    output: Option<String>,

    /// Estimate the setting, and encode no more than the probes
    #[arg(short = 'n', long, conflicts_with = "output")]
    dry_run: bool,

    /// Give every scene its own setting, so that each scene meets the targets
    #[arg(long, requires = "output", conflicts_with = "command")]
    per_scene: bool,

    #[command(flatten)]
    pub(crate) results: SearchResultArgs,

    #[command(flatten)]
    encoding: EncodingArgs,

    #[command(flatten)]
    scoring: ScoringArgs,
}

const LADDER_EXAMPLES: &str = "\
Examples:
  The heights and settings of four rungs, with a page that shows the curves:
    vmaf ladder source.mkv --encoder x264 --heights 1080,720,540,360 --targets 95,90,80,70 \\
        --report ladder.html
  Six rungs, evenly spaced in score:
    vmaf ladder source.mkv --encoder svt-av1 --preset 8 --heights 1080,720,540,360,270 \\
        --rungs 6 --between 50..95
  The encodes of the rungs, each verified, as ladder/source-1080p-93.mp4 and so on:
    vmaf ladder source.mkv -e x265 --heights 1080,540 --targets 93,80 -o ladder --container mp4
  The command lines that encode the rungs:
    vmaf ladder source.mkv -e x265 --heights 1080,540 --targets 93,80 --json - | jq -r '.rungs[].command'

Exit status: 0 all rungs found; 1 no height reaches a score; 2 the search failed.";

#[derive(Debug, Args)]
#[command(after_help = LADDER_EXAMPLES)]
pub(crate) struct LadderArgs {
    /// The video to encode
    #[arg(value_name = "SOURCE")]
    source: String,

    /// The encoder that FFmpeg runs: x264, x265, svt-av1, aom, vp9, ..., or FFmpeg's own name
    #[arg(short, long, value_name = "NAME")]
    encoder: String,

    /// The heights to encode, at most the source's
    #[arg(long, value_name = "LIST", value_delimiter = ',', required = true)]
    heights: Vec<u32>,

    /// The mean scores of the rungs
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = values::bound)]
    #[arg(required_unless_present = "rungs", conflicts_with = "rungs")]
    targets: Vec<f64>,

    /// The number of rungs, evenly spaced in score
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=50))]
    rungs: Option<u8>,

    /// The lowest and the highest score of --rungs
    #[arg(long, value_name = "LOW..HIGH", default_value = "60..95", value_parser = between)]
    between: (f64, f64),

    /// Encode the rungs into FOLDER and score them completely; without it, they are only estimated
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,

    /// The extension of the encodes' names, which tells FFmpeg their format [default: mkv]
    #[arg(long, value_name = "EXTENSION", requires = "output")]
    container: Option<String>,

    /// Write an HTML report to FILE: curves, convex hull, rungs
    #[arg(long, value_name = "FILE", help_heading = RESULTS)]
    pub(crate) report: Option<String>,

    #[command(flatten)]
    pub(crate) results: SearchResultArgs,

    #[command(flatten)]
    encoding: EncodingArgs,

    #[command(flatten)]
    scoring: ScoringArgs,
}

/// Options of the results of a search.
#[derive(Debug, Args)]
#[command(next_help_heading = RESULTS)]
pub(crate) struct SearchResultArgs {
    /// Write everything that was found to FILE as JSON; - is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<String>,

    /// No progress and no table
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

impl SearchResultArgs {
    /// Returns true if tables are printed.
    pub(crate) fn is_table(&self) -> bool {
        !self.quiet && self.json.as_deref() != Some("-")
    }
}

/// Options of encoding.
#[derive(Debug, Args)]
#[command(next_help_heading = "Encoding")]
struct EncodingArgs {
    /// The encoder's preset, or speed
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,

    /// The pixel format to encode, as FFmpeg names it, such as yuv420p10le
    #[arg(long, value_name = "FORMAT")]
    pix_fmt: Option<String>,

    /// FFmpeg's filters before the encoder, such as scale=1280:-2
    #[arg(long = "vf", value_name = "FILTERS")]
    filters: Option<String>,

    /// The range of settings, and the step between them: 16..40, or 16..40:0.5
    #[arg(long, value_name = "BEST..WORST[:STEP]")]
    quality: Option<QualityRange>,

    /// Further arguments of FFmpeg for the encode
    #[arg(last = true, value_name = "FFMPEG ARGUMENTS")]
    arguments: Vec<String>,

    /// The number of settings encoded at once [default: one for each four processors, at least 2]
    #[arg(long, value_name = "N", value_parser = values::jobs, allow_hyphen_values = true)]
    jobs: Option<NonZero<u16>>,

    /// The folder for probes [default: vmaf in the user's folder for caches]
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,

    /// Keep the clips that probes encode, for searches with other encoders. They are large
    #[arg(long)]
    keep_clips: bool,
}

impl EncodingArgs {
    /// Returns the encoder called `name` with these settings.
    fn encoder(&self, name: &str) -> NamedEncoder {
        let mut encoder = NamedEncoder::new(name);
        encoder.preset.clone_from(&self.preset);
        encoder.pixel_format.clone_from(&self.pix_fmt);
        encoder.filters.clone_from(&self.filters);
        encoder.arguments.clone_from(&self.arguments);
        encoder
    }
}

/// Options of scoring encodes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
struct ScoringArgs {
    /// A model; may be repeated [default: vmaf_v0.6.1]
    #[arg(short, long, value_name = "MODEL")]
    model: Vec<String>,

    /// Measure metrics only; targets then name columns
    #[arg(long, conflicts_with = "model", requires = "metric")]
    no_model: bool,

    /// An additional metric, which targets can name; may be repeated
    #[arg(long, value_name = "METRIC")]
    metric: Vec<String>,

    /// The display on which cvvdp shows the videos ('vmaf metrics cvvdp' lists them)
    #[arg(long, value_name = "NAME")]
    display: Option<String>,

    /// The number of threads for scoring; 0 is one per processor
    #[arg(long, value_name = "N", default_value = "0")]
    #[arg(value_parser = values::threads, allow_hyphen_values = true)]
    threads: u16,

    #[command(flatten)]
    conform: ConformArgs,

    #[command(flatten)]
    streams: StreamArgs,
}

impl ScoringArgs {
    /// Returns the options.
    fn options(&self) -> Result<Options> {
        let mut options = Options::default();
        options.models = chosen_models(&self.model, self.no_model)?;
        options.metrics = parsed_metrics(&self.metric, self.display.as_deref())?;
        options.threads = usize::from(self.threads);
        options.conform = self.conform.options();
        options.streams = self.streams.choice();
        Ok(options)
    }
}

/// Parses a target: a gate, or a number for the mean score.
fn target(text: &str) -> Result<Gate, vmaf_core::Error> {
    text.parse::<f64>().map_or_else(|_| text.parse(), |bound| Ok(Gate::mean_at_least(bound)))
}

/// Parses two scores, the lower one first.
fn between(text: &str) -> Result<(f64, f64), String> {
    let bounds = text.split_once("..").and_then(|(low, high)| {
        let (low, high) = (low.parse::<f64>().ok()?, high.parse::<f64>().ok()?);
        (low < high && low.is_finite() && high.is_finite()).then_some((low, high))
    });
    bounds.ok_or_else(|| "the lower and the higher score, as in 60..95".to_owned())
}

impl SearchArgs {
    /// Returns the search.
    pub(crate) fn search(&self) -> Result<Search> {
        let encoder = match (&self.command, &self.encoder) {
            (Some(line), _) => Encoder::Command(line.clone()),
            (None, name) => {
                Encoder::Named(self.encoding.encoder(name.as_deref().unwrap_or_default()))
            }
        };
        let mut search = Search::new(&self.source, encoder);
        search.quality = self.encoding.quality;
        search.targets.clone_from(&self.target);
        search.output.clone_from(&self.output);
        search.per_scene = self.per_scene;
        search.cache.clone_from(&self.encoding.cache);
        search.jobs = self.encoding.jobs.map(Into::into);
        search.keep_clips = self.encoding.keep_clips;
        search.options = self.scoring.options()?;
        Ok(search)
    }
}

impl LadderArgs {
    /// Returns the ladder.
    pub(crate) fn ladder(&self) -> Result<Ladder> {
        let encoder = self.encoding.encoder(&self.encoder);
        let mut ladder = Ladder::new(&self.source, encoder, self.heights.clone());
        ladder.scores = match self.rungs {
            None => self.targets.clone(),
            Some(count) => {
                let (low, high) = self.between;
                let step = (high - low) / f64::from(count - 1);
                (0..count).map(|rung| high - step * f64::from(rung)).collect()
            }
        };
        ladder.quality = self.encoding.quality;
        ladder.cache.clone_from(&self.encoding.cache);
        ladder.jobs = self.encoding.jobs.map(Into::into);
        ladder.keep_clips = self.encoding.keep_clips;
        ladder.options = self.scoring.options()?;
        ladder.output.clone_from(&self.output);
        ladder.container.clone_from(&self.container);
        Ok(ladder)
    }
}
