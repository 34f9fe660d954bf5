//! Arguments that several commands share: measuring and results.

use std::num::NonZero;
use std::ops::Range;

use clap::{Args, ValueEnum};
use vmaf::values::{NamedPool, Sample};
use vmaf::{Gate, MetricSpec, ModelSpec, Options};

use super::streams::StreamArgs;
use super::values;
use super::videos::{AlignArgs, ConformArgs, RawArgs};
use crate::failure::Result;

/// The help heading of the options for results.
pub(super) const RESULTS: &str = "Results";

/// What is measured, and how.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Measuring")]
pub(crate) struct MeasureArgs {
    /// A model: a built-in one ('vmaf models' lists them), auto for the one that suits the
    /// reference's height and frame rate, or the path of a model file; may be repeated. Settings
    /// follow after colons: name=NAME, disable_clip, enable_transform, FEATURE.OPTION=VALUE
    /// [default: vmaf_v0.6.1]
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Vec<String>,

    /// Measure metrics only
    #[arg(long, conflicts_with = "model", requires = "metric")]
    pub(crate) no_model: bool,

    /// A metric beside the models' own ('vmaf metrics' lists them), as vif or vif=debug=true; may
    /// be repeated
    #[arg(long, value_name = "METRIC", alias = "feature")]
    pub(crate) metric: Vec<String>,

    /// Score frames A to B-1, counted from 0; either end may be left out. They get the values that
    /// they have in the whole video
    #[arg(long, value_name = "A..B", value_parser = vmaf::values::frames, allow_hyphen_values = true)]
    pub(crate) frames: Option<Range<u64>>,

    /// Score every Nth frame. Where frames differ in quality by their place in the encoder's
    /// pyramid, this is biased, and --sample is not
    #[arg(long, value_name = "N", default_value = "1", value_parser = values::step)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) every: NonZero<u64>,

    /// Score a random sample of N frames, or of a share as 10%, spread evenly over time; pools then
    /// have a 95 % interval. The draw is the same in every run
    #[arg(long, value_name = "N|SHARE", value_parser = vmaf::values::sample, conflicts_with = "every")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) sample: Option<Sample>,

    /// Where an encode and its source differ in length, score what both have
    #[arg(long)]
    pub(crate) shortest: bool,

    /// How many threads to use, 1024 at most; 0 is one for each processor. The scores are the same
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

/// How the values of all frames become numbers, and which of those are good enough.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = RESULTS)]
pub(crate) struct JudgeArgs {
    /// One more way to make one number of all frames: median, p10 (any percentile), window(2s)
    /// (the worst two seconds); may be repeated
    #[arg(long, value_name = "POOL", value_parser = vmaf::values::pool)]
    pub(crate) pool: Vec<NamedPool>,

    /// Fail, with status 1, unless a score reaches this, as 'mean>=93', 'p5>=85', 'min>=70' or
    /// 'window(2s)>=80'; of one model or column, 'psnr_y:mean>=38'. vmaf>=90 is mean>=90. May be
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

/// What becomes of the results.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = RESULTS)]
pub(crate) struct ResultArgs {
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,

    /// Write the gates' verdicts to FILE as a JUnit report, which build servers show
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<String>,

    /// Write the result to FILE, as its extension says: json, jsonl, xml or csv; - is standard
    /// output. May be repeated
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Vec<String>,

    /// Write a page for people to FILE, as report.html: scores by time, the worst moments in
    /// pictures, how to get the same again. It opens from disk and needs nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<String>,

    /// The format of what is written to standard output, or to a file whose name does not tell
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,

    /// No progress bar, and no table beside -o
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// The words of the whole command line, which the page for people shows.
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
