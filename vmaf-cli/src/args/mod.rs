//! The command line of `vmaf score` and the other subcommands, and its help.
//!
//! The drop-in form, with libvmaf's flags, is in [`dropin`]; the first argument selects the form.
//! Usage errors of both are reported in one line.

mod batch;
pub(crate) mod dropin;
pub(crate) mod maps;
mod search;
mod shared;
mod streams;
pub(crate) mod values;
mod videos;

use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use vmaf::Request;
use vmaf::parts::Shard;

pub(crate) use self::batch::{BatchArgs, MergeArgs};
pub(crate) use self::search::{LadderArgs, SearchArgs};
pub(crate) use self::shared::{JudgeArgs, MeasureArgs, ResultArgs};
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
    /// Find the setting of the smallest encode that meets a target
    Search(Box<SearchArgs>),
    /// Find the heights and settings of an encoding ladder
    Ladder(Box<LadderArgs>),
    /// Map the quality lost in a frame: vif, adm and cambi
    Maps(Box<maps::MapsArgs>),
    /// Score all encodes of a list; resumes after an interruption
    Batch(Box<BatchArgs>),
    /// Merge the parts of a run that 'vmaf score --shard' measured
    Merge(MergeArgs),
    /// List the built-in models and what each is for
    Models,
    /// List the metrics, their columns and options
    Metrics {
        /// A metric to describe in full
        #[arg(value_name = "METRIC")]
        name: Option<String>,
    },
    /// Print the script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page, or write the pages of all commands to a folder
    Man {
        /// Write vmaf.1 and a page for each command, such as vmaf-score.1, to this folder
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

const SCORE_EXAMPLES: &str = "\
Examples:
  A table of two encodes, with confidence intervals:
    vmaf score source.mp4 a.mp4 b.mp4 --model vmaf_b_v0.6.3
  Two models and another metric, written to a JSON file:
    vmaf score source.mp4 a.mp4 --model vmaf_v0.6.1 --model vmaf_v0.6.1neg \\
        --metric vif=debug=true -o a.json
  The score on a phone beside the usual one:
    vmaf score source.mp4 a.mp4 --model vmaf_v0.6.1 \\
        --model vmaf_v0.6.1:enable_transform:name=phone
  Frames 240 to 479, and their worst two seconds:
    vmaf score source.mp4 a.mp4 --frames 240..480 --pool 'window(2s)'
  Only the mean score, for a script:
    vmaf score source.mp4 a.mp4 -o - | jq '.distorted[0].scores[].mean'
  Fail a build if the encode is not good enough, as a whole or in any second:
    vmaf score source.mp4 a.mp4 --gate 'mean>=93' --gate 'window(1s)>=80'
  An HTML report with the worst moments of each encode:
    vmaf score source.mp4 a.mp4 b.mp4 --report report.html
  An encode that starts two frames late, and one that lost frames:
    vmaf score source.mp4 a.mp4 --offset 2
    vmaf score source.mp4 a.mp4 --align content
  A smaller encode of a source with black bars:
    vmaf score source.mp4 720p.mp4 --crop auto
  Raw video:
    vmaf score source.yuv a.yuv --size 1920x1080 --pix-fmt yuv420p10le --fps 24
  From a pipe:
    ffmpeg -i a.mp4 -f yuv4mpegpipe - | vmaf score source.y4m -";

#[derive(Debug, Args)]
#[command(after_help = SCORE_EXAMPLES)]
pub(crate) struct ScoreArgs {
    /// The reference: the source of the encodes; - is standard input
    #[arg(value_name = "REF")]
    pub(crate) reference: String,

    /// The encodes; smaller ones are scaled to the size of the reference
    #[arg(value_name = "DIST", required = true)]
    pub(crate) distorted: Vec<String>,

    #[command(flatten)]
    pub(crate) measure: MeasureArgs,

    #[command(flatten)]
    pub(crate) results: ResultArgs,

    /// Write maps of banding to FOLDER: a grey PNG for each frame and scale, and libvmaf's files.
    /// Requires cambi, as a metric or in a model. Each of several encodes has its own folder
    #[arg(long, value_name = "FOLDER", help_heading = shared::RESULTS)]
    pub(crate) heatmaps: Option<PathBuf>,

    /// Score part I of N parts of the frames, counted from 1, and write it to the file of -o;
    /// 'vmaf merge' joins all parts
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

/// Prints the requested help or version, or fails with the usage error.
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

/// Converts a command-line error to a failure.
pub(crate) fn problem(error: &clap::Error) -> Failure {
    Failure::usage(one_line(error))
}

/// Prints the help of a command.
pub(crate) fn print_help<C: CommandFactory>() -> Result<()> {
    print(&C::command().render_help())
}

/// Prints the version, the instruction set that kernels use, and the decoder.
pub(crate) fn print_version() -> Result<()> {
    terminal::print(&format!(
        "vmaf {}\ninstruction set: {}\ndecoder: {}\n",
        env!("CARGO_PKG_VERSION"),
        vmaf::Level::best().name(),
        vmaf::decoder_version()
    ))
}

/// Prints text that the user requested. A closed pipe is not an error.
fn print(text: &StyledStr) -> Result<()> {
    let styled = console::Term::stdout().is_term() && console::colors_enabled();
    let text = if styled { text.ansi().to_string() } else { text.to_string() };
    terminal::print(&text)
}

/// The message of a usage error, in one line.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut parts: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        // A misspelt option is not meant as a value, so the tip for that is omitted.
        let is_relevant = |line: &&str| !line.trim_start().starts_with("tip: to pass ");
        let words: Vec<&str> =
            paragraph.lines().filter(is_relevant).flat_map(str::split_whitespace).collect();
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
    fn the_command_line_definition_is_valid() {
        Cli::command().debug_assert();
        dropin::DropInArgs::command().debug_assert();
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
