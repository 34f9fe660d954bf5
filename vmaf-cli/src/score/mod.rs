//! `vmaf score`: a reference and its encodes in, in one pass, a report out.
//!
//! All that can be wrong with the command line, the models and the places to write to is found
//! before the first frame is read. From then on an encode that fails drops out while the others
//! go on; only the reference's failure ends the run.

mod asked;
mod reading;

use std::num::NonZero;
use std::sync::Arc;
use std::time::Instant;

use vmaf_core::{Gate, Job, Level, Model, Scorer};

use self::asked::{Asked, coded};
use self::reading::Reading;
use crate::args::ScoreArgs;
use crate::conform::Conforming;
use crate::failure::{self, Failure, Result};
use crate::gates::{self, ColumnGate, Outcome};
use crate::heatmaps::Heatmaps;
use crate::inputs::{self, Inputs, Opening, State};
use crate::output::junit;
use crate::output::report::{self, Encode, Judged, Report, Values};
use crate::output::target::Target;
use crate::spec;
use crate::warnings;
use crate::writers::Writers;

/// Runs `vmaf score`.
pub(crate) fn run(arguments: &ScoreArgs) -> Result<Outcome> {
    let gates = gates::asked(arguments);
    if arguments.junit.is_some() && gates.is_empty() {
        return Err(Failure::input("--junit writes the verdicts of gates, and there are none"));
    }
    let verdicts = arguments.junit.as_deref().map(Target::open).transpose()?;
    let run = measured(arguments, &gates);
    let written = verdicts.map_or(Ok(()), |target| {
        // Whatever came of it: those of an earlier run must not be taken for this one's.
        target.write(|out| match &run {
            Ok(run) => junit::write(&run.report, out),
            Err(failure) => junit::failed(&arguments.distorted, &gates, &failure.to_string(), out),
        })
    });
    let outcome = run.and_then(|run| run.conclude(arguments.quiet));
    written.and(outcome)
}

/// What a run found, and where that goes.
struct Run {
    report: Report,
    writers: Writers,
    /// Which encodes could be opened; of the others people were told.
    opened: Vec<bool>,
}

/// Measures all that can be.
fn measured(arguments: &ScoreArgs, gates: &[Gate]) -> Result<Run> {
    let asked = Asked::of(arguments)?;
    let metrics = arguments.metric.iter().map(|text| spec::metric(text));
    let metrics = metrics.collect::<Result<Vec<_>>>()?;
    let opening = opening(arguments)?;
    let writers = Writers::open(arguments)?;
    let inputs = Inputs::open(&arguments.reference, &arguments.distorted, &opening)?;

    let threads = match arguments.threads {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        threads => usize::from(threads),
    };
    let reference = inputs.reference().clone();
    let format = inputs.format();
    let (models, chosen) = asked.models(&reference, &format, coded(&inputs))?;
    let conforming = Conforming::of(&arguments.conform);
    conforming.check_models(&reference, !models.is_empty())?;
    let frames = arguments.frames.clone().unwrap_or(0..u64::MAX);
    let level = Level::best();
    let mut job = Job::new(format, arguments.distorted.len())
        .threads(threads)
        .level(level)
        .frames(frames.clone())
        .every(arguments.every.get());
    job = models.iter().fold(job, |job, model| job.model(model.clone()));
    job = metrics.iter().fold(job, |job, (feature, set)| job.feature(feature, set.clone()));
    let measured = job.registered()?;
    let gates = gates::by_column(gates, &models, &measured, format.chroma)?;
    let heatmaps = Heatmaps::new(
        &measured,
        arguments.heatmaps.as_deref(),
        &arguments.distorted,
        frames.start,
    )?;
    if let Some(heatmaps) = heatmaps {
        job = job.maps(Arc::new(heatmaps));
    }
    let mut scorer = job.start()?;
    let mut inputs = inputs.begun(scorer.looked_at());
    let warnings = warnings(&models, &inputs);
    for warning in &warnings {
        failure::warning(warning);
    }
    // What fails so early is told before the others take their time.
    let opened = inputs.encodes().iter().map(|encode| match &encode.state {
        State::Failed(reason) => {
            failure::error(reason);
            false
        }
        _ => true,
    });
    let opened: Vec<bool> = opened.collect();

    let begun = Instant::now();
    let run = Reading { frames: frames.clone(), shortest: arguments.shortest };
    let count = run.read(&mut inputs, &mut scorer, arguments.quiet)?;
    let encodes = outcomes(&run, &inputs, scorer, &gates)?;
    let elapsed = begun.elapsed();
    let report = Report {
        reference,
        reference_steps: inputs.reference_steps().to_vec(),
        format,
        encodes,
        models,
        chosen,
        measured,
        metrics,
        gates,
        pools: report::pools(&arguments.pool),
        frames,
        every: arguments.every.get(),
        shortest: arguments.shortest,
        warnings,
        threads,
        level,
        count,
        elapsed,
    };
    Ok(Run { report, writers, opened })
}

/// What came of each encode once all were read.
fn outcomes(
    run: &Reading,
    inputs: &Inputs,
    scorer: Scorer,
    gates: &[ColumnGate],
) -> Result<Vec<Encode>> {
    let failures: Vec<Option<String>> =
        inputs.encodes().iter().map(|encode| run.failure(encode, inputs.read())).collect();
    let mut scored = Vec::new();
    if failures.iter().any(Option::is_none) {
        run.check_reach(inputs)?;
        scored = scorer.finish()?;
    }
    let scored = scored.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let encodes = inputs.encodes().iter().zip(failures).zip(scored);
    let encodes = encodes.map(|((encode, failure), scored)| Encode {
        path: encode.path.clone(),
        info: encode.info.clone(),
        steps: encode.steps.clone(),
        result: match (failure, scored) {
            (Some(failure), _) => Err(failure),
            (None, Some(scored)) if !scored.frames().is_empty() => Ok(Values::new(scored, gates)),
            (None, _) => Err(format!("{} has no frame to score", encode.path)),
        },
    });
    Ok(encodes.collect())
}

impl Run {
    /// Writes the results, if there are any, and tells the failures that nobody was told of.
    fn conclude(self, quiet: bool) -> Result<Outcome> {
        let Self { report, writers, opened } = self;
        let written = if report.has_results() { writers.write(&report, quiet) } else { Ok(()) };
        // After the table, where they are seen.
        for (encode, _) in report.encodes.iter().zip(opened).filter(|(_, opened)| *opened) {
            if let Err(error) = &encode.result {
                failure::error(error);
            }
        }
        written?;
        let (mut complete, mut outcome) = (report.is_complete(), Outcome::Held);
        let scored = report.encodes.iter().filter(|encode| encode.result.is_ok());
        for Judged { encode, gate, verdict } in scored.flat_map(|encode| report.judged(encode)) {
            match verdict {
                Ok((verdict, _)) if verdict.held => {}
                Ok(_) => outcome = Outcome::Failed,
                Err(reason) => {
                    complete = false;
                    failure::error(format!("{}: gate '{gate}': {reason}", encode.path));
                }
            }
        }
        if complete { Ok(outcome) } else { Err(Failure::Told) }
    }
}

fn opening(arguments: &ScoreArgs) -> Result<Opening> {
    let mut paths = arguments.distorted.iter().chain([&arguments.reference]);
    Ok(Opening {
        raw: arguments.raw.layout()?,
        all_raw: !paths.any(|path| inputs::is_named_raw(path)),
        frame_rate: arguments.raw.fps,
        threads: usize::from(arguments.threads),
        layout_options: "--size, --pix-fmt and --bit-depth",
        mixed_bit_depths: true,
        conforming: Some(Conforming::of(&arguments.conform)),
    })
}

fn warnings(models: &[Model], inputs: &Inputs) -> Vec<String> {
    let format = inputs.format();
    models.iter().filter_map(|model| warnings::size(model, &format)).collect()
}
