//! `vmaf score`: scores a reference's encodes in one pass and writes the results.

use vmaf::output::target::Target;
use vmaf::{Outcome, Request, Run, parts, write_failed_junit};

use crate::args::{JudgeArgs, MergeArgs, ResultArgs, ScoreArgs};
use crate::failure::{self, Failure, Result};
use crate::signals::ReceivedSignal;
use crate::terminal::{self, ReportedFailures};
use crate::wording::WORDING;
use crate::writers::Writers;

/// Runs `vmaf score`.
pub(crate) fn run(arguments: &ScoreArgs) -> Result<Outcome> {
    let request = arguments.request()?;
    if let Some(shard) = arguments.shard {
        return measure_part(arguments, &request, shard).map(|()| Outcome::Passed);
    }
    let (handle, reported) = terminal::handle(arguments.results.quiet);
    let received = ReceivedSignal::stop(&handle, false);
    received.outcome(run_and_judge(&arguments.results, &request, || {
        let writers = Writers::open(&arguments.results, arguments.distorted.len())?;
        Ok((request.run_with(&handle)?, writers, reported))
    }))
}

/// Runs `vmaf merge`.
pub(crate) fn merge(arguments: &MergeArgs) -> Result<Outcome> {
    let JudgeArgs { pool, .. } = &arguments.results.judge;
    let gates = arguments.results.judge.gates();
    let merged = parts::merge_with(&arguments.parts, &gates, pool);
    let encodes = merged.iter().flat_map(Run::encodes).map(|encode| encode.distorted().to_owned());
    let mut request = Request::new("").encodes(encodes);
    request.gates = gates;
    run_and_judge(&arguments.results, &request, || {
        let run = merged?.with_wording(WORDING);
        let writers = Writers::open(&arguments.results, run.encodes().len())?;
        for warning in run.warnings() {
            failure::warning(warning.worded(&WORDING));
        }
        Ok((run, writers, ReportedFailures::default()))
    })
}

/// Calls `run` to measure encodes, and writes the results and the verdicts of the gates.
fn run_and_judge(
    arguments: &ResultArgs,
    request: &Request,
    run: impl FnOnce() -> Result<(Run, Writers, ReportedFailures)>,
) -> Result<Outcome> {
    if arguments.junit.is_some() && request.gates.is_empty() {
        return Err(Failure::usage(
            "--junit writes the verdicts of gates, but there are no gates: add --gate",
        ));
    }
    let verdicts = arguments.junit.as_deref().map(Target::open).transpose()?;
    let run = run();
    let written = verdicts.map_or(Ok(()), |target| {
        // Also replace the file if the run failed, so that old verdicts are not mistaken for new
        // ones.
        target.write(|out| match &run {
            Ok((run, ..)) => run.write_junit(out),
            Err(failure) => write_failed_junit(request, &failure.message(), out),
        })
    });
    let outcome = run
        .and_then(|(run, writers, reported)| conclude(&run, writers, &reported, arguments.quiet));
    written?;
    outcome
}

/// Writes the results, if there are any, and reports failures that have not been reported yet.
fn conclude(
    run: &Run,
    writers: Writers,
    reported: &ReportedFailures,
    quiet: bool,
) -> Result<Outcome> {
    let written = if run.has_results() { writers.write(run, quiet) } else { Ok(()) };
    // Errors follow the table, where they are noticed.
    for (place, encode) in run.encodes().iter().enumerate() {
        if let Some(of_encode) = encode.failure().filter(|_| !reported.has(place)) {
            failure::error(of_encode.message().worded(&WORDING));
        }
    }
    written?;
    run.unjudged().iter().for_each(failure::error);
    match run.outcome() {
        Outcome::Unmeasured => Err(Failure::Reported),
        outcome => Ok(outcome),
    }
}

/// Measures one of several parts of the frames.
fn measure_part(arguments: &ScoreArgs, request: &Request, shard: parts::Shard) -> Result<()> {
    let [output] = &arguments.results.output[..] else {
        return Err(Failure::usage("a shard is written to one file: pass -o once"));
    };
    let quiet = arguments.results.quiet;
    let (handle, _) = terminal::handle(quiet);
    let received = ReceivedSignal::stop(&handle, false);
    let summary = received.outcome(parts::measure(request, shard, output, &handle))?;
    if !quiet {
        let frames = summary.frames;
        let measured = match frames.end.checked_sub(1) {
            Some(last) if !frames.is_empty() => format!("frames {} to {last}", frames.start),
            _ => format!("no frames, since the videos end before frame {}", frames.start),
        };
        failure::note(format!(
            "{output}: part {shard}, {measured}; 'vmaf merge' joins all {}",
            shard.of
        ));
    }
    Ok(())
}
