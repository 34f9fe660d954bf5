//! The command line of `vmaf search`.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;
use vmaf::search::{Encoder, NamedEncoder, QualityRange, Search};
use vmaf::{Gate, MetricSpec, ModelSpec, Options};

use super::shared::RESULTS;
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
    #[arg(long, value_name = "LINE", conflicts_with_all = ["encoder", "preset", "pix_fmt", "filters", "arguments"])]
    #[arg(requires = "quality")]
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

    /// The encoder's preset, or speed
    #[arg(long, value_name = "PRESET", help_heading = ENCODING)]
    preset: Option<String>,

    /// The pixel format to encode, as FFmpeg names it, such as yuv420p10le
    #[arg(long, value_name = "FORMAT", help_heading = ENCODING)]
    pix_fmt: Option<String>,

    /// FFmpeg's filters before the encoder, such as scale=1280:-2
    #[arg(long = "vf", value_name = "FILTERS", help_heading = ENCODING)]
    filters: Option<String>,

    /// The range of settings, and the step between them: 16..40, or 16..40:0.5
    #[arg(long, value_name = "BEST..WORST[:STEP]", help_heading = ENCODING)]
    quality: Option<QualityRange>,

    /// Further arguments of FFmpeg for the encode
    #[arg(last = true, value_name = "FFMPEG ARGUMENTS")]
    arguments: Vec<String>,

    /// The number of settings encoded at once [default: one for each four processors]
    #[arg(long, value_name = "N", value_parser = values::jobs, help_heading = ENCODING)]
    jobs: Option<NonZero<u16>>,

    /// The folder for probes [default: vmaf in the user's folder for caches]
    #[arg(long, value_name = "FOLDER", help_heading = ENCODING)]
    cache: Option<PathBuf>,

    /// Keep the clips that probes encode, for searches with other encoders. They are large
    #[arg(long, help_heading = ENCODING)]
    keep_clips: bool,

    /// Write everything that was found to FILE as JSON; - is standard output
    #[arg(long, value_name = "FILE", help_heading = RESULTS)]
    pub(crate) json: Option<String>,

    /// No progress and no table
    #[arg(short, long, help_heading = RESULTS)]
    pub(crate) quiet: bool,

    /// A model; may be repeated [default: vmaf_v0.6.1]
    #[arg(short, long, value_name = "MODEL", help_heading = MEASURING)]
    model: Vec<String>,

    /// Measure metrics only; targets then name columns
    #[arg(long, conflicts_with = "model", requires = "metric", help_heading = MEASURING)]
    no_model: bool,

    /// An additional metric, which targets can name; may be repeated
    #[arg(long, value_name = "METRIC", help_heading = MEASURING)]
    metric: Vec<String>,

    /// The number of threads for scoring; 0 is one per processor
    #[arg(long, value_name = "N", default_value = "0", help_heading = MEASURING)]
    #[arg(value_parser = values::threads, allow_hyphen_values = true)]
    threads: u16,

    #[command(flatten)]
    conform: ConformArgs,

    #[command(flatten)]
    streams: StreamArgs,
}

const ENCODING: &str = "Encoding";
const MEASURING: &str = "Measuring";

/// Parses a target: a gate, or a number for the mean score.
fn target(text: &str) -> Result<Gate, vmaf_core::Error> {
    text.parse::<f64>().map_or_else(|_| text.parse(), |bound| Ok(Gate::mean_at_least(bound)))
}

impl SearchArgs {
    /// Returns the search.
    pub(crate) fn search(&self) -> Result<Search> {
        let encoder = match (&self.command, &self.encoder) {
            (Some(line), _) => Encoder::Command(line.clone()),
            (None, name) => {
                let mut named = NamedEncoder::new(name.clone().unwrap_or_default());
                named.preset.clone_from(&self.preset);
                named.pixel_format.clone_from(&self.pix_fmt);
                named.filters.clone_from(&self.filters);
                named.arguments.clone_from(&self.arguments);
                Encoder::Named(named)
            }
        };
        let mut search = Search::new(&self.source, encoder);
        search.quality = self.quality;
        search.targets.clone_from(&self.target);
        search.output.clone_from(&self.output);
        search.cache.clone_from(&self.cache);
        search.jobs = self.jobs.map(Into::into);
        search.keep_clips = self.keep_clips;
        search.options = self.options()?;
        Ok(search)
    }

    /// Returns the options of scoring.
    fn options(&self) -> Result<Options> {
        let mut options = Options::default();
        options.models = if self.no_model {
            Some(Vec::new())
        } else if self.model.is_empty() {
            None
        } else {
            let models = self.model.iter().map(|text| text.parse::<ModelSpec>());
            Some(models.collect::<Result<_, _>>()?)
        };
        let metrics = self.metric.iter().map(|text| text.parse::<MetricSpec>());
        options.metrics = metrics.collect::<Result<_, _>>()?;
        options.threads = usize::from(self.threads);
        options.conform = self.conform.options();
        options.streams = self.streams.choice();
        Ok(options)
    }
}
