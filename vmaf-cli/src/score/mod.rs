//! `vmaf score`: a reference and its encodes in, in one pass, a report out.
//!
//! All that can be wrong with the command line, the models and the places to write to is found
//! before the first frame is read. From then on an encode that fails drops out while the others
//! go on; only the reference's failure ends the run.
//!
//! What is [known] before the first frame, and how far the videos got in the end, make the report
//! of what was measured, be it in one run or in [parts].

pub(crate) mod asked;
pub(crate) mod known;
mod reading;
pub(crate) mod sample;

use std::num::NonZero;
use std::sync::Arc;

use vmaf_core::{Chroma, Gate, Level, Scorer};

use self::asked::Asked;
use self::known::{Known, Planned, Went};
use self::reading::Reading;
use crate::album::Album;
use crate::args::{MeasureArgs, ResultArgs, ScoreArgs};
use crate::conform::Conforming;
use crate::failure::{self, Failure, Result};
use crate::gates::{self, Outcome};
use crate::heatmaps::Heatmaps;
use crate::inputs::{Ends, Inputs, Opening, State, expanded};
use crate::monitor::Monitor;
use crate::output::junit;
use crate::output::report::{Judged, Report};
use crate::output::target::Target;
use crate::pairing::Pairing;
use crate::parts;
use crate::progress::Progress;
use crate::writers::Writers;

/// Runs `vmaf score`.
pub(crate) fn run(arguments: &ScoreArgs) -> Result<Outcome> {
    match arguments.shard {
        Some(shard) => parts::shard::run(arguments, shard).map(|()| Outcome::Held),
        None => {
            judged(&arguments.results, &arguments.distorted, |gates| measured(arguments, gates))
        }
    }
}

/// What a run found, and where that goes.
pub(crate) struct Run {
    pub(crate) report: Report,
    pub(crate) writers: Writers,
    /// Which encodes could be opened; of the others people were told.
    pub(crate) opened: Vec<bool>,
}

/// Has `run` find something of `encodes`, judges it by the gates asked for, and writes all.
pub(crate) fn judged(
    arguments: &ResultArgs,
    encodes: &[String],
    run: impl FnOnce(&[Gate]) -> Result<Run>,
) -> Result<Outcome> {
    let gates = gates::asked(&arguments.judge);
    if arguments.junit.is_some() && gates.is_empty() {
        return Err(Failure::input("--junit writes the verdicts of gates, and there are none"));
    }
    let verdicts = arguments.junit.as_deref().map(Target::open).transpose()?;
    let run = run(&gates);
    let written = verdicts.map_or(Ok(()), |target| {
        // Whatever came of it: those of an earlier run must not be taken for this one's.
        target.write(|out| match &run {
            Ok(run) => junit::write(&run.report, out),
            Err(failure) => junit::failed(encodes, &gates, &failure.to_string(), out),
        })
    });
    let outcome = run.and_then(|run| run.conclude(arguments.quiet));
    written.and(outcome)
}

/// Measures all that can be.
fn measured(arguments: &ScoreArgs, gates: &[Gate]) -> Result<Run> {
    let asked = Asked::of(&arguments.measure)?;
    let writers = Writers::open(&arguments.results, arguments.distorted.len())?;
    if let Some(hint) = expanded::hint(&arguments.reference, &arguments.distorted) {
        failure::warning(hint);
    }
    let opening = Opening { indexed: writers.want_pictures(), ..opening(&arguments.measure)? };
    let inputs = open(&arguments.reference, &arguments.distorted, &opening)?;
    let mut begun = Begun::of_inputs(asked, inputs, &arguments.measure)?;
    begun.known.check_gates(&begun.planned, gates)?;
    let heatmaps = Heatmaps::new(
        &begun.planned.measured,
        arguments.heatmaps.as_deref(),
        &arguments.distorted,
        begun.known.frames.start,
    )?;
    if let Some(heatmaps) = heatmaps {
        begun.planned.job = begun.planned.job.maps(Arc::new(heatmaps));
    }
    let (mut begun, mut scorer) = begun.start()?;
    let opened = begun.tell();
    let (ends, went) = begun.read(&mut scorer, arguments.results.quiet)?;
    let scored = begun.known.conclude(&ends, scorer)?;
    let asked = (gates, &arguments.results.judge.pool[..]);
    let told = begun.known.warnings(&begun.planned.models).len();
    let mut report = begun.known.report(begun.planned, scored, asked, went)?;
    report.warnings[told..].iter().for_each(failure::warning);
    if writers.want_pictures() && report.has_results() {
        // Closed before they are opened again.
        let trace = begun.inputs.into_trace();
        let opening = Opening { indexed: false, ..opening };
        let again = || {
            let inputs = Inputs::open(&arguments.reference, &arguments.distorted, &opening)?;
            Ok(inputs.retraced(trace))
        };
        report.album = Album::of(&report, again, arguments.results.quiet);
    }
    Ok(Run { report, writers, opened })
}

/// A run whose videos are open.
pub(crate) struct Begun {
    pub(crate) known: Known,
    pub(crate) planned: Planned,
    pub(crate) inputs: Inputs,
    threads: usize,
    level: Level,
}

impl Begun {
    /// Opens the videos and plans what is to be done with them.
    pub(crate) fn of(
        asked: Asked,
        reference: &str,
        distorted: &[String],
        arguments: &MeasureArgs,
    ) -> Result<Self> {
        let inputs = open(reference, distorted, &opening(arguments)?)?;
        Self::of_inputs(asked, inputs, arguments)
    }

    /// Plans what is to be done with videos that are open.
    pub(crate) fn of_inputs(asked: Asked, inputs: Inputs, arguments: &MeasureArgs) -> Result<Self> {
        let known = Known::of(asked, &inputs, arguments)?;
        let planned = known.plan()?;
        let conforming = Conforming::of(&arguments.conform);
        conforming.check_models(&known.reference, !planned.models.is_empty())?;
        let threads = match arguments.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => usize::from(threads),
        };
        Ok(Self { known, planned, inputs, threads, level: Level::best() })
    }

    /// Starts the job and begins to read ahead.
    pub(crate) fn start(mut self) -> Result<(Self, Scorer)> {
        let job = self.planned.job.clone().threads(self.threads).level(self.level);
        let scorer = job.start()?;
        if scorer.looked_at().chroma != Chroma::Mono {
            self.inputs.need_chroma();
        }
        let of_encode = |encode| scorer.looked_at_of(encode);
        self.inputs = self.inputs.begun(scorer.looked_at(), of_encode)?;
        Ok((self, scorer))
    }

    /// Tells people of what they should know, and of each encode that can't be opened, before the
    /// others take their time. Gives which encodes are open.
    pub(crate) fn tell(&self) -> Vec<bool> {
        for warning in self.known.warnings(&self.planned.models) {
            failure::warning(warning);
        }
        let opened = self.inputs.encodes().iter().map(|encode| match &encode.state {
            State::Failed(reason) => {
                failure::error(reason);
                false
            }
            _ => true,
        });
        opened.collect()
    }

    /// Reads the videos into `scorer`, showing how far it is.
    pub(crate) fn read(&mut self, scorer: &mut Scorer, quiet: bool) -> Result<(Ends, Went)> {
        let progress = Progress::new(self.expected(scorer), quiet);
        self.read_with(scorer, |_, scorer| {
            progress.at(scorer.measured());
            Ok(())
        })
    }

    /// How many frames there are to read into `scorer`, where that is known.
    pub(crate) fn expected(&self, scorer: &Scorer) -> Option<u64> {
        Reading::expected(&self.inputs, scorer)
    }

    /// Reads the videos into `scorer`. `pushed` is called after each frame.
    pub(crate) fn read_with(
        &mut self,
        scorer: &mut Scorer,
        mut pushed: impl FnMut(&Inputs, &mut Scorer) -> Result<()>,
    ) -> Result<(Ends, Went)> {
        let mut went = Went::begin(self.threads, self.level);
        self.known.reading().read(&mut self.inputs, scorer, |inputs, scorer| {
            went.count += 1;
            pushed(inputs, scorer)
        })?;
        Ok((self.inputs.ends(), went))
    }
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

/// How the videos are opened.
pub(crate) fn opening(arguments: &MeasureArgs) -> Result<Opening> {
    Ok(Opening {
        raw: arguments.raw.layout()?,
        all_raw: false,
        streams: arguments.streams.clone(),
        frame_rate: arguments.raw.fps,
        threads: usize::from(arguments.threads),
        layout_options: "--size, --pix-fmt and --bit-depth",
        mixed_bit_depths: true,
        conforming: Some(Conforming::of(&arguments.conform)),
        pairing: arguments.align.align.into(),
        offset: arguments.align.offset,
        indexed: false,
        monitor: Monitor::default(),
    })
}

/// Counts the frames of the reference at `path`.
pub(crate) fn count(path: &str, arguments: &MeasureArgs) -> Result<u64> {
    let opening = opening(arguments)?;
    let mut source = opening.open(path, opening.streams.of_reference())?;
    let mut count = 0;
    while source.read()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// Opens the videos, and finds their pairs where frames are paired by what they show.
pub(crate) fn open(reference: &str, distorted: &[String], opening: &Opening) -> Result<Inputs> {
    let open = || Inputs::open(reference, distorted, opening);
    if opening.pairing != Pairing::Content {
        return open();
    }
    if opening.offset != 0 {
        return Err(Failure::input("--align content finds the offset itself: leave --offset out"));
    }
    let mut paths = distorted.iter().map(String::as_str).chain([reference]);
    if paths.any(|path| path == "-") {
        return Err(Failure::input(
            "--align content reads the videos twice, which standard input can't be: give a file",
        ));
    }
    open()?.paired_by(open()?)
}
