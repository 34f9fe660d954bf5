//! `vmaf score`: a reference and its encodes in, in one pass, a report out.
//!
//! All that can be wrong with the command line, the models and the places to write to is found
//! before the first frame is read. From then on an encode that fails drops out while the others
//! go on; only the reference's failure ends the run.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use vmaf_core::{Format, FrameGroup, Gate, Job, Level, Model, Rational, Scorer};
use vmaf_media::StreamInfo;

use crate::args::ScoreArgs;
use crate::conform::Conforming;
use crate::failure::{self, Failure, Result};
use crate::gates::{self, ColumnGate, Outcome};
use crate::heatmaps::Heatmaps;
use crate::inputs::{self, Inputs, Opening, State};
use crate::output::junit;
use crate::output::report::{self, Chosen, Encode, Judged, Report, Values};
use crate::output::target::Target;
use crate::progress::Progress;
use crate::spec::{self, ModelSpec};
use crate::warnings;
use crate::writers::Writers;

/// The model that thresholds are tuned to.
const DEFAULT_MODEL: &str = "vmaf_v0.6.1";

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

/// The models asked for.
struct Asked(Vec<ModelSpec>);

impl Asked {
    /// Those of the command line; what is wrong with one is found before any video is opened.
    fn of(arguments: &ScoreArgs) -> Result<Self> {
        if arguments.no_model {
            return Ok(Self(Vec::new()));
        }
        let default = [DEFAULT_MODEL.to_owned()];
        let asked = if arguments.model.is_empty() { &default[..] } else { &arguments.model };
        let asked: Vec<ModelSpec> =
            asked.iter().map(|text| ModelSpec::parse(text)).collect::<Result<_>>()?;
        for spec in &asked {
            let mut spec = spec.clone();
            spec.choose(0, None);
            spec.load(None)?;
        }
        Ok(Self(asked))
    }

    /// The models for `reference`, as they are measured best, and which was chosen for it.
    fn models(
        self,
        reference: &StreamInfo,
        format: &Format,
        coded: Coded,
    ) -> Result<(Vec<Model>, Option<Chosen>)> {
        let mut chosen = None;
        let mut models = Vec::new();
        let mut names = Vec::new();
        for mut spec in self.0 {
            names.push(spec.asked_for().to_owned());
            let rate = reference.frame_rate.map(Rational::as_f64);
            let why = spec.choose(format.height, rate);
            let model = as_recommended(spec.load(None)?, format, coded)?;
            if let Some(what_for) = why {
                chosen = Some(Chosen { label: model.label().to_owned(), what_for });
            }
            models.push(model);
        }
        spec::check_labels(models.iter().map(Model::label).zip(names.iter().map(String::as_str)))?;
        Ok((models, chosen))
    }
}

/// How encodes were coded, whatever is done to their frames later.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Coded {
    /// All in this format, or there are none.
    All(Option<Format>),
    Differently,
}

fn coded(inputs: &Inputs) -> Coded {
    let readable = |encode: &&inputs::Encode| matches!(encode.state, State::Reading(_));
    let readable = inputs.encodes().iter().filter(readable);
    let mut formats = readable.filter_map(|encode| encode.coded);
    let first = formats.next();
    let alike = |format: &Format, other: &Format| {
        (format.width, format.height, format.bit_depth)
            == (other.width, other.height, other.bit_depth)
    };
    if formats.all(|format| first.is_some_and(|first| alike(&format, &first))) {
        Coded::All(first)
    } else {
        Coded::Differently
    }
}

/// The model at the bit depth that is recommended for it. Its banding detector is told how the
/// encode was coded, which scaled and promoted samples don't tell.
fn as_recommended(model: Model, format: &Format, coded: Coded) -> Result<Model> {
    let Some(bit_depth) = model.recommended_bit_depth() else { return Ok(model) };
    let features = model.features()?;
    let cambi = features.iter().find(|(feature, _)| feature.name == "cambi");
    let mut model = model.at_bit_depth(bit_depth);
    let Some((_, options)) = cambi else { return Ok(model) };
    let Coded::All(coded) = coded else {
        return Err(Failure::input(format!(
            "{} looks at how each encode was coded, and these differ in size or bit depth: score \
             them in runs of their own",
            model.name()
        )));
    };
    let Some(coded) = coded else { return Ok(model) };
    let is_smaller = (coded.width, coded.height) != (format.width, format.height);
    // What the detector can be told ends here.
    let fits = (180..=7680).contains(&coded.width) && (150..=7680).contains(&coded.height);
    let is_size_told = is_smaller && fits;
    let told = [
        ("enc_width", coded.width, is_size_told),
        ("enc_height", coded.height, is_size_told),
        ("enc_bitdepth", coded.bit_depth.into(), coded.bit_depth < bit_depth),
    ];
    for (name, value, is_told) in told {
        if is_told && !options.iter().any(|(given, _)| given == name) {
            model = model.with_option("cambi", name, &value.to_string())?;
        }
    }
    Ok(model)
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

/// Which frames a run reads, and what differing lengths mean to it.
struct Reading {
    frames: Range<u64>,
    shortest: bool,
}

impl Reading {
    /// Reads what the scorer wants and pushes it, and gives the number of frames pushed.
    fn read(&self, inputs: &mut Inputs, scorer: &mut Scorer, quiet: bool) -> Result<u64> {
        let wanted = scorer.wanted();
        let end = inputs.frames().unwrap_or(u64::MAX).min(wanted.end);
        let expected = (end < u64::MAX).then(|| end.saturating_sub(wanted.start));
        let progress = Progress::new(expected, quiet);
        let mut pushed = 0;
        while inputs.read() < wanted.end && (inputs.any_reading() || self.is_served(inputs)) {
            let index = inputs.read();
            let Some(group) = inputs.next()? else { break };
            if index < wanted.start {
                continue;
            }
            if !self.is_scoring(inputs, &group) {
                break;
            }
            scorer.push(group)?;
            pushed += 1;
            progress.at(scorer.measured());
        }
        Ok(pushed)
    }

    /// Whether an encode that ended has all frames that are to be scored, so that others may still
    /// be read for their sake.
    fn is_served(&self, inputs: &Inputs) -> bool {
        let served = |state: &State| matches!(state, State::Shorter(n) if *n >= self.frames.end);
        inputs.encodes().iter().any(|encode| served(&encode.state))
    }

    /// Whether the group is any encode's.
    fn is_scoring(&self, inputs: &Inputs, group: &FrameGroup) -> bool {
        group.distorted.iter().any(Option::is_some) || self.is_served(inputs)
    }

    /// Why an encode has no score, if it has none. The reference was read for `read` frames.
    fn failure(&self, encode: &inputs::Encode, read: u64) -> Option<String> {
        let path = &encode.path;
        match &encode.state {
            State::Failed(reason) => Some(reason.clone()),
            State::Shorter(frames) if !self.shortest && *frames < self.frames.end => Some(format!(
                "{path} ends after {frames} frames, before the reference; \
                     --shortest scores what both have"
            )),
            State::Longer if !self.shortest => Some(format!(
                "{path} goes on after the {read} frames of the reference; \
                 --shortest scores what both have"
            )),
            State::Shorter(_) | State::Longer | State::Reading(_) => None,
        }
    }

    /// Fails where the reference ended before the frames to be scored did.
    fn check_reach(&self, inputs: &Inputs) -> Result<()> {
        let (start, end, frames) = (self.frames.start, self.frames.end, inputs.read());
        if inputs.ended() && frames == 0 {
            return Err(Failure::input(format!("{} has no frames", inputs.reference().path)));
        }
        let short = if self.shortest { frames <= start } else { frames < end && end < u64::MAX };
        if inputs.ended() && (short || frames <= start) {
            return Err(Failure::input(format!(
                "the reference has {frames} frames: --frames {start}..{} goes beyond its end",
                if end < u64::MAX { end.to_string() } else { String::new() }
            )));
        }
        Ok(())
    }
}
