//! The command line of `vmaf batch` and `vmaf merge`.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use vmaf::batch::Batch;

use super::shared::{JudgeArgs, MeasureArgs, ResultArgs};
use super::values;
use crate::failure::Result;

const BATCH_EXAMPLES: &str = "\
Examples:
  Score the encodes of a list, one line of results each:
    vmaf batch list.csv -o results.jsonl
  The same command resumes after an interruption, retries failed encodes, and measures new
  entries and changed files.
  A model, and a gate for all entries without one:
    vmaf batch list.csv -o results.jsonl --gate 'mean>=93' --model vmaf_v0.6.1neg
  Four references at a time, on a machine with many processors:
    vmaf batch list.csv -o results.jsonl --jobs 4
  The worst ten so far:
    jq -r 'select(.scores) | [.scores[].mean, .distorted] | @tsv' results.jsonl | sort -g | head

A CSV list: the first line names the columns; only the first two are required.
  reference,distorted,name,model,metric,gate
  film.mp4,film/1080p.mp4,top,,psnr,mean>=95;p5>=90
  film.mp4,film/360p*.mp4,,vmaf_v0.6.1neg;vmaf_v0.6.1,,mean>=70

The same as JSON Lines, an entry per line; several values are a list:
  {\"reference\": \"film.mp4\", \"distorted\": \"film/1080p.mp4\", \"gate\": [\"mean>=95\"]}

Paths are relative to the list's folder. Patterns (*, ?, [...]) match files.

Exit status: 0 all measured, and all gates held; 1 a gate failed; 2 something was not measured.";

#[derive(Debug, Args)]
#[command(after_help = BATCH_EXAMPLES)]
pub(crate) struct BatchArgs {
    /// The list of encodes and their references: CSV or JSON Lines
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: String,

    /// The results file: a line of JSON per encode, on disk as soon as it is measured. Encodes with
    /// a line are not measured again
    #[arg(short, long, value_name = "FILE.jsonl")]
    pub(crate) output: String,

    /// The folder for relative paths in the list [default: the list's folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) relative_to: Option<PathBuf>,

    /// The number of references to process at a time; they share the threads
    #[arg(long, value_name = "N", default_value = "1", value_parser = values::jobs)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) jobs: NonZero<u16>,

    /// The interval for saving the progress of long encodes, beside the results; an interrupted run
    /// resumes from there
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = values::seconds)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) checkpoint: Duration,

    /// Print only errors: no progress, no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) judge: JudgeArgs,

    #[command(flatten)]
    pub(crate) measure: MeasureArgs,
}

impl BatchArgs {
    /// Returns the batch.
    pub(crate) fn batch(&self) -> Result<Batch> {
        let mut batch = Batch::new(&self.manifest, &self.output);
        batch.relative_to.clone_from(&self.relative_to);
        batch.jobs = self.jobs.into();
        batch.checkpoint = self.checkpoint;
        batch.options = self.measure.options()?;
        batch.gates = self.judge.gates();
        batch.pools.clone_from(&self.judge.pool);
        Ok(batch)
    }
}

const MERGE_EXAMPLES: &str = "\
Examples:
  Three parts of a film, each on its own machine, and the merged result:
    vmaf score source.mp4 a.mp4 --shard 1/3 -o a-1.vmafpart
    vmaf score source.mp4 a.mp4 --shard 2/3 -o a-2.vmafpart
    vmaf score source.mp4 a.mp4 --shard 3/3 -o a-3.vmafpart
    vmaf merge a-*.vmafpart -o a.json --gate 'mean>=93'
  Tasks of a Slurm array, and of AWS Batch or Kubernetes, which count from 0:
    vmaf score source.mp4 a.mp4 -o a-$SLURM_ARRAY_TASK_ID.vmafpart \\
        --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT
    vmaf score source.mp4 a.mp4 -o a-$AWS_BATCH_JOB_ARRAY_INDEX.vmafpart \\
        --shard $((AWS_BATCH_JOB_ARRAY_INDEX + 1))/16";

#[derive(Debug, Args)]
#[command(after_help = MERGE_EXAMPLES)]
pub(crate) struct MergeArgs {
    /// All parts, in any order
    #[arg(value_name = "PART", required = true)]
    pub(crate) parts: Vec<String>,

    #[command(flatten)]
    pub(crate) results: ResultArgs,
}
