//! libvmaf's command line: its flags, parsed as `getopt_long` does.
//!
//! Values may be attached or separate (`-w576`, `-w 576`, `--width=576`), long flags may be
//! abbreviated, the last occurrence of a repeated flag counts, and a value may begin with a dash.

use clap::Parser;
use vmaf::RawVideo;
use vmaf_core::Chroma;

use super::values;
use crate::failure::{Failure, Result};

/// Scores an encode against its source with libvmaf's flags and log formats.
#[derive(Debug, Parser)]
#[command(
    name = "vmaf",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    infer_long_args = true,
    args_override_self = true,
    override_usage = "vmaf -r REF -d DIST [OPTIONS]",
    after_help = "See also 'vmaf help': 'vmaf score' reads more formats and reports more."
)]
pub(crate) struct DropInArgs {
    /// The source, y4m or raw or whatever can be decoded
    #[arg(short, long, value_name = "PATH", allow_hyphen_values = true)]
    pub(crate) reference: String,

    /// The encode
    #[arg(short, long, value_name = "PATH", allow_hyphen_values = true)]
    pub(crate) distorted: String,

    /// Width of raw video
    #[arg(short, long, value_parser = values::unsigned, allow_hyphen_values = true)]
    width: Option<u32>,

    /// Height of raw video
    #[arg(short, long, value_parser = values::unsigned, allow_hyphen_values = true)]
    height: Option<u32>,

    /// Chroma sampling of raw video: 420, 422 or 444
    #[arg(short, long = "pixel_format", value_name = "FORMAT", value_parser = chroma)]
    pixel_format: Option<Chroma>,

    /// Bits a sample of raw video: 8, 10, 12 or 16
    #[arg(short, long, value_name = "BITS", value_parser = bit_depth)]
    bitdepth: Option<u8>,

    /// A model: version=NAME (built in) or path=FILE, then name=NAME, disable_clip,
    /// enable_transform, FEATURE.OPTION=VALUE, with colons between [default: version=vmaf_v0.6.1]
    #[arg(short, long, value_name = "PARAMS", allow_hyphen_values = true)]
    pub(crate) model: Vec<String>,

    /// Write a log to this file; - is standard output
    #[arg(short, long, value_name = "PATH", allow_hyphen_values = true)]
    pub(crate) output: Option<String>,

    /// Write the log as XML (the default)
    #[arg(long, overrides_with_all = ["json", "csv", "sub"])]
    xml: bool,

    /// Write the log as JSON
    #[arg(long, overrides_with_all = ["xml", "csv", "sub"])]
    json: bool,

    /// Write the log as CSV
    #[arg(long, overrides_with_all = ["xml", "json", "sub"])]
    csv: bool,

    /// Write the log as subtitles
    #[arg(long, overrides_with_all = ["xml", "json", "csv"])]
    sub: bool,

    /// How many threads to use
    #[arg(long, value_name = "N", value_parser = values::unsigned, default_value = "0")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) threads: u32,

    /// One more feature, as vif or vif=debug=true
    #[arg(long, value_name = "FEATURE", allow_hyphen_values = true)]
    pub(crate) feature: Vec<String>,

    /// Score every Nth frame
    #[arg(long, value_name = "N", value_parser = values::unsigned, default_value = "1")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) subsample: u32,

    /// Instruction sets not to use, as bits; the scores are the same
    #[arg(long, value_name = "MASK", value_parser = values::unsigned, default_value = "0")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) cpumask: u32,

    /// Has no effect
    #[arg(long, value_name = "MASK", value_parser = values::unsigned, default_value = "0")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) gpumask: u32,

    /// The models and features of the AOM common test conditions, v1.0 to v7.0
    #[arg(long = "aom_ctc", value_name = "VERSION", allow_hyphen_values = true)]
    pub(crate) aom_ctc: Option<String>,

    /// The models and features of Netflix's test conditions, v1.0
    #[arg(long = "nflx_ctc", value_name = "VERSION", allow_hyphen_values = true)]
    pub(crate) nflx_ctc: Option<String>,

    /// Score this many frames at most; 0 is all
    #[arg(long = "frame_cnt", value_name = "N", value_parser = values::unsigned)]
    #[arg(allow_hyphen_values = true, default_value = "0")]
    pub(crate) frame_cnt: u32,

    /// Skip this many frames at the source's start
    #[arg(long = "frame_skip_ref", value_name = "N", value_parser = values::unsigned)]
    #[arg(allow_hyphen_values = true, default_value = "0")]
    pub(crate) frame_skip_ref: u32,

    /// Skip this many frames at the encode's start
    #[arg(long = "frame_skip_dist", value_name = "N", value_parser = values::unsigned)]
    #[arg(allow_hyphen_values = true, default_value = "0")]
    pub(crate) frame_skip_dist: u32,

    /// Measure features only
    #[arg(short, long = "no_prediction")]
    pub(crate) no_prediction: bool,

    /// No progress on a terminal
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Print the version
    #[arg(short, long, action = clap::ArgAction::Version)]
    version: Option<bool>,
}

/// The log formats of libvmaf's tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Xml,
    Json,
    Csv,
    Sub,
}

impl DropInArgs {
    /// The log's format: the last one requested.
    pub(crate) fn log_format(&self) -> LogFormat {
        match (self.json, self.csv, self.sub) {
            (true, ..) => LogFormat::Json,
            (_, true, _) => LogFormat::Csv,
            (.., true) => LogFormat::Sub,
            _ => LogFormat::Xml,
        }
    }

    /// The layout of raw video, if the arguments specify one.
    pub(crate) fn layout(&self) -> Result<Option<RawVideo>> {
        match (self.width, self.height, self.pixel_format, self.bitdepth) {
            (None, None, None, None) => Ok(None),
            (Some(width), Some(height), Some(chroma), Some(bit_depth)) => {
                Ok(Some(RawVideo { width, height, chroma, bit_depth }))
            }
            _ => Err(Failure::usage(
                "raw video needs all of --width, --height, --pixel_format and --bitdepth",
            )),
        }
    }
}

fn chroma(text: &str) -> Result<Chroma, String> {
    match text {
        "420" => Ok(Chroma::Yuv420),
        "422" => Ok(Chroma::Yuv422),
        "444" => Ok(Chroma::Yuv444),
        _ => Err("a pixel format is 420, 422 or 444".to_owned()),
    }
}

fn bit_depth(text: &str) -> Result<u8, String> {
    match values::unsigned(text) {
        Ok(8) => Ok(8),
        Ok(10) => Ok(10),
        Ok(12) => Ok(12),
        Ok(16) => Ok(16),
        _ => Err("a bit depth is 8, 10, 12 or 16".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> DropInArgs {
        let arguments = format!("vmaf -r r.y4m -d d.y4m {arguments}");
        DropInArgs::try_parse_from(arguments.split_whitespace()).expect("valid arguments")
    }

    #[test]
    fn flags_are_parsed_as_getopt_does() {
        let joined = parse("-w576 -h 0x144 -p420 --bitdepth=10");
        let layout = RawVideo { width: 576, height: 324, chroma: Chroma::Yuv420, bit_depth: 10 };
        assert_eq!(joined.layout().expect("a layout"), Some(layout));
        let shortened = parse("--dist other.y4m --thr 3 --frame_c 5 -nq --cpumask -1");
        assert_eq!(shortened.distorted, "other.y4m");
        assert_eq!((shortened.threads, shortened.frame_cnt), (3, 5));
        assert!(shortened.no_prediction && shortened.quiet);
        assert_eq!(shortened.cpumask, u32::MAX);
    }

    #[test]
    fn a_repeated_flag_takes_its_last_value() {
        assert_eq!(parse("--json --csv").log_format(), LogFormat::Csv);
        assert_eq!(parse("--json --xml").log_format(), LogFormat::Xml);
        assert_eq!(parse("--sub --sub").log_format(), LogFormat::Sub);
        assert_eq!(parse("--threads 2 --threads 4").threads, 4);
        assert_eq!(parse("-m version=a -m version=b --model version=c").model.len(), 3);
    }

    #[test]
    fn raw_video_needs_all_four_flags() {
        parse("-w 576 -h 324").layout().expect_err("two are missing");
        assert_eq!(parse("").layout().expect("no layout"), None);
    }
}
