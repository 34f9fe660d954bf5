//! Arguments that several commands share: measuring and results.

use std::num::NonZero;
use std::ops::Range;

use clap::{Args, ValueEnum};
use vmaf::values::{NamedPool, Sample};
use vmaf::{Gate, MetricSpec, ModelSpec, Options};

use super::streams::StreamArgs;
use super::values;
use super::videos::{AlignArgs, ConformArgs, RawArgs};
use crate::failure::{Failure, Result};

/// The help heading of the options for results.
pub(super) const RESULTS: &str = "Results";

/// The option of metrics that are shown on a display.
const DISPLAY: &str = "display";

/// Options of the measurement.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Measuring")]
pub(crate) struct MeasureArgs {
    /// A model: a built-in one ('vmaf models' lists them), auto for the one that suits the
    /// reference's height and frame rate, or the path of a model file; may be repeated. Settings
    /// follow, separated by colons: name=NAME, disable_clip, enable_transform, FEATURE.OPTION=VALUE
    /// [default: vmaf_v0.6.1]
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Vec<String>,

    /// Measure metrics only
    #[arg(long, conflicts_with = "model", requires = "metric")]
    pub(crate) no_model: bool,

    /// An additional metric ('vmaf metrics' lists them), such as psnr or vif=debug=true; may be
    /// repeated
    #[arg(long, value_name = "METRIC", alias = "feature")]
    pub(crate) metric: Vec<String>,

    /// The display on which cvvdp shows the videos ('vmaf metrics cvvdp' lists them)
    #[arg(long, value_name = "NAME")]
    pub(crate) display: Option<String>,

    /// Score frames A to B-1, counted from 0; either end may be left out. Values are the same as in
    /// the whole video
    #[arg(long, value_name = "A..B", value_parser = vmaf::values::frames, allow_hyphen_values = true)]
    pub(crate) frames: Option<Range<u64>>,

    /// Score every Nth frame. Biased if frames differ in quality by their level in the encoder's
    /// pyramid; --sample is not
    #[arg(long, value_name = "N", default_value = "1", value_parser = values::step)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) every: NonZero<u64>,

    /// Score a random sample of N frames, or a share such as 10%, spread evenly over time; pools
    /// then have a 95 % interval. Every run draws the same frames
    #[arg(long, value_name = "N|SHARE", value_parser = vmaf::values::sample, conflicts_with = "every")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) sample: Option<Sample>,

    /// Score up to the end of the shorter video if lengths differ
    #[arg(long)]
    pub(crate) shortest: bool,

    /// The number of threads, at most 1024; 0 is one per processor. Does not change scores
    #[arg(long, value_name = "N", default_value = "0")]
    #[arg(value_parser = values::threads, allow_hyphen_values = true)]
    pub(crate) threads: u16,

    #[command(flatten)]
    pub(crate) align: AlignArgs,

    #[command(flatten)]
    pub(crate) conform: ConformArgs,

    #[command(flatten)]
    pub(crate) raw: RawArgs,

    #[command(flatten)]
    pub(crate) streams: StreamArgs,
}

impl MeasureArgs {
    /// Returns the options.
    pub(crate) fn options(&self) -> Result<Options> {
        let mut options = Options::default();
        options.models = chosen_models(&self.model, self.no_model)?;
        options.metrics = parsed_metrics(&self.metric, self.display.as_deref())?;
        options.frames.clone_from(&self.frames);
        options.every = self.every;
        options.sample = self.sample;
        options.shortest = self.shortest;
        options.threads = usize::from(self.threads);
        options.align = self.align.align.into();
        options.offset = self.align.offset;
        options.conform = self.conform.options();
        options.raw = self.raw.layout()?;
        options.frame_rate = self.raw.fps;
        options.streams = self.streams.choice();
        Ok(options)
    }
}

/// Returns the models of `--model` and `--no-model`; `None` is the default.
pub(super) fn chosen_models(models: &[String], no_model: bool) -> Result<Option<Vec<ModelSpec>>> {
    if models.is_empty() && !no_model {
        return Ok(None);
    }
    let models = models.iter().map(|text| text.parse::<ModelSpec>());
    Ok(Some(models.collect::<Result<_, _>>()?))
}

/// Returns the metrics of `--metric`, on the display of `--display`.
pub(super) fn parsed_metrics(metrics: &[String], display: Option<&str>) -> Result<Vec<MetricSpec>> {
    let metrics = metrics.iter().map(|text| text.parse::<MetricSpec>());
    let mut metrics: Vec<MetricSpec> = metrics.collect::<Result<_, _>>()?;
    if let Some(display) = display {
        let mut on_displays =
            metrics.iter_mut().filter(|metric| metric.has_option(DISPLAY)).peekable();
        if on_displays.peek().is_none() {
            let message = "--display needs a metric that has one: add --metric cvvdp";
            return Err(Failure::usage(message));
        }
        on_displays.try_for_each(|metric| metric.set_default(DISPLAY, display))?;
    }
    Ok(metrics)
}

/// Options of pooling and judging.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = RESULTS)]
pub(crate) struct JudgeArgs {
    /// An additional pool of the frames' values: median, p10 (any percentile), window(2s) (the
    /// worst two seconds); may be repeated
    #[arg(long, value_name = "POOL", value_parser = vmaf::values::pool)]
    pub(crate) pool: Vec<NamedPool>,

    /// Exit with status 1 unless scores meet this bound: 'mean>=93', 'p5>=85', 'min>=70',
    /// 'window(2s)>=80'; for one model or column, 'psnr_y:mean>=38'. vmaf>=90 is mean>=90. May be
    /// repeated
    #[arg(long, value_name = "GATE")]
    pub(crate) gate: Vec<Gate>,

    /// Short for --gate 'mean>=SCORE'
    #[arg(long, value_name = "SCORE", value_parser = values::bound, allow_hyphen_values = true)]
    pub(crate) fail_under: Option<f64>,
}

impl JudgeArgs {
    /// Returns the gates, in the command line's order.
    pub(crate) fn gates(&self) -> Vec<Gate> {
        let short = self.fail_under.map(Gate::mean_at_least);
        self.gate.iter().cloned().chain(short).collect()
    }
}

/// Options of outputs.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = RESULTS)]
pub(crate) struct ResultArgs {
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,

    /// Write the gates' verdicts to FILE as a JUnit report for build servers
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<String>,

    /// Write the results to FILE, in the format of its extension: json, jsonl, xml or csv; - is
    /// standard output. May be repeated
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Vec<String>,

    /// Write an HTML report to FILE: scores over time, pictures of the worst moments, settings to
    /// reproduce it. It is self-contained and opens from disk
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<String>,

    /// The format of standard output, or of a file without a known extension
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,

    /// No progress bar, and no table beside -o
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// The whole command line, which the report shows.
    #[arg(skip)]
    pub(crate) command: Vec<String>,
}

/// A format of results.
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
