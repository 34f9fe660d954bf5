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
  The encodes of a list, with a line for each in a file:
    vmaf batch list.csv -o results.jsonl
  The same command goes on where it was killed, tries again what failed, and measures what is new
  in the list, or in the files.
  A gate for all that have none of their own, and a model:
    vmaf batch list.csv -o results.jsonl --gate 'mean>=93' --model vmaf_v0.6.1neg
  Four references at once, on a machine of many processors:
    vmaf batch list.csv -o results.jsonl --jobs 4
  The worst ten so far:
    jq -r 'select(.scores) | [.scores[].mean, .distorted] | @tsv' results.jsonl | sort -g | head

A list in csv: its first line names the columns, of which only the first two must be there.
  reference,distorted,name,model,metric,gate
  film.mp4,film/1080p.mp4,top,,psnr,mean>=95;p5>=90
  film.mp4,film/360p*.mp4,,vmaf_v0.6.1neg;vmaf_v0.6.1,,mean>=70

The same in jsonl, a line an entry; several values are a list:
  {\"reference\": \"film.mp4\", \"distorted\": \"film/1080p.mp4\", \"gate\": [\"mean>=95\"]}

Paths are relative to the list's folder. Patterns (*, ?, [...]) stand for all files that they match.

Exit status: 0 all measured, and all gates held; 1 a gate failed; 2 something was not measured.";

#[derive(Debug, Args)]
#[command(after_help = BATCH_EXAMPLES)]
pub(crate) struct BatchArgs {
    /// The list of encodes and their references: csv or jsonl
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: String,

    /// Where results go: a line of JSON an encode, on disk as soon as it is measured. What is there
    /// is not measured again
    #[arg(short, long, value_name = "FILE.jsonl")]
    pub(crate) output: String,

    /// The folder that paths in the list are relative to, instead of the list's own
    #[arg(long, value_name = "FOLDER")]
    pub(crate) relative_to: Option<PathBuf>,

    /// How many references to work on at once; they share the threads
    #[arg(long, value_name = "N", default_value = "1", value_parser = values::jobs)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) jobs: NonZero<u16>,

    /// How often to keep what was measured of an encode that takes long, beside the results; a run
    /// that was killed goes on from there
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = values::seconds)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) checkpoint: Duration,

    /// Nothing but errors: no progress, no summary
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
  Three parts of a film, each on a machine of its own, and what they make:
    vmaf score source.mp4 a.mp4 --shard 1/3 -o a-1.vmafpart
    vmaf score source.mp4 a.mp4 --shard 2/3 -o a-2.vmafpart
    vmaf score source.mp4 a.mp4 --shard 3/3 -o a-3.vmafpart
    vmaf merge a-*.vmafpart -o a.json --gate 'mean>=93'
  A task of a Slurm array, and of one of AWS Batch or Kubernetes, which count from 0:
    vmaf score source.mp4 a.mp4 -o a-$SLURM_ARRAY_TASK_ID.vmafpart \\
        --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT
    vmaf score source.mp4 a.mp4 -o a-$AWS_BATCH_JOB_ARRAY_INDEX.vmafpart \\
        --shard $((AWS_BATCH_JOB_ARRAY_INDEX + 1))/16";

#[derive(Debug, Args)]
#[command(after_help = MERGE_EXAMPLES)]
pub(crate) struct MergeArgs {
    /// The parts, in any order; all of them
    #[arg(value_name = "PART", required = true)]
    pub(crate) parts: Vec<String>,

    #[command(flatten)]
    pub(crate) results: ResultArgs,
}
