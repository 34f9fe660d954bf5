//! The drop-in form: libvmaf's flags and log formats.
//!
//! It scores one encode as libvmaf's tool does, with two differences that do not break scripts: it
//! reads any file that can be decoded, and a video that breaks off within a frame is an error
//! without a log instead of a log of the preceding frames.

mod presets;

use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use vmaf::heatmaps::Heatmaps;
use vmaf::inputs::{InputReader, Inputs, OpenInputs, OpenSettings, State};
use vmaf::output::target::Target;
use vmaf::{MetricSpec, ModelSpec, Pairing, RunHandle, StreamChoice, check_labels, model_warning};
use vmaf_core::feature::{Feature, Options};
use vmaf_core::log::Log;
use vmaf_core::pool;
use vmaf_core::score::Column;
use vmaf_core::{Format, Job, Level, Model, ScoreTable, Scorer};

use crate::args;
use crate::args::dropin::{DropInArgs, LogFormat};
use crate::failure::{self, Failure, Result};
use crate::progress::Progress;
use crate::signals::ReceivedSignal;

/// Runs the drop-in form on the whole command line.
pub(crate) fn run(arguments: &[std::ffi::OsString]) -> Result<()> {
    // libvmaf's -h is the height, so help only has its long name.
    if arguments.iter().any(|argument| argument == "--help") {
        return args::print_help::<DropInArgs>();
    }
    match DropInArgs::try_parse_from(arguments) {
        Ok(arguments) => score(&arguments),
        Err(error) => args::usage(&error),
    }
}

/// A feature with its options.
type Metric = (&'static Feature, Options);

/// A model, and its name on the terminal.
struct LoadedModel {
    model: Model,
    name: String,
}

fn score(arguments: &DropInArgs) -> Result<()> {
    let handle = RunHandle::default();
    let received = ReceivedSignal::stop(&handle, false);
    received.outcome(score_with(arguments, handle))
}

fn score_with(arguments: &DropInArgs, handle: RunHandle) -> Result<()> {
    let DropInRequest { models, features, mixed_bit_depths } = request(arguments)?;
    let open_settings = OpenSettings {
        raw: arguments.layout()?,
        all_raw: true,
        streams: StreamChoice::default(),
        frame_rate: None,
        threads: threads(arguments),
        mixed_bit_depths,
        conform: None,
        pairing: Pairing::Unchecked,
        offset: 0,
        indexed: false,
        handle,
    };
    let target = arguments.output.as_deref().map(Target::open).transpose()?;
    let encodes = std::slice::from_ref(&arguments.distorted);
    let inputs = OpenInputs::open(&arguments.reference, encodes, &open_settings)?;
    check_encode(&inputs)?;
    // Notes go to standard error because logs have libvmaf's members only.
    let encodes_info = inputs.encodes().iter().filter_map(|encode| encode.info.as_ref());
    for info in std::iter::once(inputs.reference()).chain(encodes_info) {
        info.notes.iter().for_each(|note| failure::warning(format!("{}: {note}", info.path)));
    }
    let format = inputs.format();
    let mut job = job(format, arguments, &models, &features)?;
    let measured = job.features()?;
    if let Some(heatmaps) = Heatmaps::new(&measured, None, encodes, 0)? {
        job = job.maps(Arc::new(heatmaps));
    }
    let mut scorer = job.start()?;
    let mut inputs = inputs.start(&scorer)?;
    for loaded in models.iter().filter(|_| !arguments.no_prediction) {
        if let Some(warning) = model_warning(&loaded.model, &format) {
            failure::warning(warning);
        }
    }

    let started = Instant::now();
    let frames = read(&mut inputs, &mut scorer, arguments)?;
    if frames == 0 {
        return Err(Failure::usage(format!(
            "{} and {} have no frame in common to score",
            arguments.reference, arguments.distorted
        )));
    }
    let mut scored = scorer.finish()?;
    // The clock may not advance during a short run.
    let frames_per_second = (frames as f64 / started.elapsed().as_secs_f64()).min(1e9);
    let Some(scored) = scored.pop() else {
        return Err(Failure::usage("no frame was scored"));
    };

    let on_terminal = console::Term::stderr().is_term();
    if target.is_none() || (on_terminal && !arguments.quiet) {
        print_scores(&scored, if arguments.no_prediction { &[] } else { &models });
    }
    let Some(target) = target else { return Ok(()) };
    let plain = adm_column(&scored, &measured);
    let mut columns = log_order(&scored, &models);
    if let Some((name, plain)) = &plain {
        columns.iter_mut().filter(|column| column.name == *name).for_each(|column| *column = plain);
    }
    let aggregates = scored.aggregates();
    let log = Log {
        version: vmaf_core::VERSION,
        frames: scored.frames(),
        columns: columns.into_iter().map(Into::into).collect(),
        aggregates,
        size: format.size(),
        frames_per_second,
    };
    target.write(|out| match arguments.log_format() {
        LogFormat::Xml => log.xml(out),
        LogFormat::Json => log.json(out),
        LogFormat::Csv => log.csv(out),
        LogFormat::Sub => log.sub(out),
    })?;
    Ok(())
}

/// The models and features of a run.
struct DropInRequest {
    models: Vec<LoadedModel>,
    features: Vec<Metric>,
    mixed_bit_depths: bool,
}

/// Collects the models and features of the arguments and their presets.
fn request(arguments: &DropInArgs) -> Result<DropInRequest> {
    let mut models: Vec<&str> = arguments.model.iter().map(String::as_str).collect();
    let mut features: Vec<&str> = arguments.feature.iter().map(String::as_str).collect();
    let aom_ctc = arguments.aom_ctc.as_deref().map(presets::aom_ctc).transpose()?;
    let nflx_ctc = arguments.nflx_ctc.as_deref().map(presets::nflx_ctc).transpose()?;
    let mut mixed_bit_depths = false;
    for preset in aom_ctc.into_iter().chain(nflx_ctc) {
        mixed_bit_depths |= preset.mixed_bit_depths;
        models.extend(preset.models);
        features.extend(preset.features);
    }
    if models.is_empty() && !arguments.no_prediction {
        models.push("version=vmaf_v0.6.1");
    }
    let load = |text: &&str| {
        let spec = text.parse::<ModelSpec>()?;
        Ok(LoadedModel { model: spec.load(Some("vmaf"))?, name: spec.requested_name().to_owned() })
    };
    let specs = models;
    let models = specs.iter().map(load).collect::<Result<Vec<_>>>()?;
    check_labels(models.iter().map(|loaded| loaded.model.label()).zip(specs))?;
    let features = features
        .iter()
        .map(|text| text.parse::<MetricSpec>()?.resolve())
        .collect::<vmaf::Result<Vec<_>>>()?;
    Ok(DropInRequest { models, features, mixed_bit_depths })
}

/// The number of threads to use, limited to 1024.
fn threads(arguments: &DropInArgs) -> usize {
    arguments.threads.min(1024) as usize
}

/// Fails if the encode cannot be scored.
fn check_encode<V>(inputs: &Inputs<V>) -> Result<()> {
    match &inputs.encodes()[0].state {
        State::Failed(of_encode) => Err(vmaf::Error::from(of_encode.clone()).into()),
        _ => Ok(()),
    }
}

fn job(
    format: Format,
    arguments: &DropInArgs,
    models: &[LoadedModel],
    features: &[Metric],
) -> Result<Job> {
    let mut job = Job::new(format, 1)
        .threads(threads(arguments).max(1))
        .level(Level::masked(arguments.cpumask))
        .every(u64::from(arguments.subsample));
    for loaded in models {
        if arguments.no_prediction {
            for (feature, options) in loaded.model.features()? {
                job = job.feature(feature, options);
            }
        } else {
            job = job.model(loaded.model.clone());
        }
    }
    for (feature, options) in features {
        // Features that are measured already are not added: libvmaf adds no outputs to them.
        let same = |(other, set): &(&'static Feature, Options)| {
            std::ptr::eq(*other, *feature) && set.suffix() == options.suffix()
        };
        if !job.features()?.iter().any(same) {
            job = job.feature(feature, options.clone());
        }
    }
    Ok(job)
}

/// Reads and pushes the frames that both videos have, and returns their number.
fn read(inputs: &mut InputReader, scorer: &mut Scorer, arguments: &DropInArgs) -> Result<u64> {
    let limit = match arguments.frame_cnt {
        0 => u64::MAX,
        count => u64::from(count),
    };
    inputs.skip(arguments.frame_skip_ref, arguments.frame_skip_dist)?;
    check_encode(inputs)?;
    let skipped = u64::from(arguments.frame_skip_ref.max(arguments.frame_skip_dist));
    let expected = inputs.frames().map(|frames| frames.saturating_sub(skipped).min(limit));
    let progress = Progress::labelled("", expected, arguments.quiet);
    let (reference, distorted) = (&arguments.reference, &arguments.distorted);
    let ended = |first: &str, second: &str, frames: u64| {
        // An error is reported if no frame is scored.
        if frames == 0 {
            return;
        }
        failure::warning(format!(
            "\"{first}\" ended before \"{second}\": only the first {frames} frames are scored"
        ));
    };
    let mut frames = 0;
    while frames < limit {
        let group = inputs.next_group()?;
        check_encode(inputs)?;
        match (&inputs.encodes()[0].state, group) {
            (State::Active(_), Some(group)) => scorer.push(group)?,
            (State::Shorter(_), _) => {
                ended(distorted, reference, frames);
                break;
            }
            (State::Longer, _) => {
                ended(reference, distorted, frames);
                break;
            }
            _ => break,
        }
        frames += 1;
        progress.at(scorer.measured_groups());
    }
    Ok(frames)
}

/// The columns in the order of libvmaf's log: features, each model's score, then the other columns
/// of bootstrap models.
fn log_order<'a>(scored: &'a ScoreTable, models: &[LoadedModel]) -> Vec<&'a Column> {
    let labels: Vec<&str> = models.iter().map(|loaded| loaded.model.label()).collect();
    let bootstrap_columns: Vec<String> =
        models.iter().flat_map(|loaded| loaded.model.columns().split_off(1)).collect();
    let rank = |name: &str| match name {
        name if bootstrap_columns.iter().any(|column| column == name) => 2,
        name if labels.contains(&name) => 1,
        _ => 0,
    };
    let mut columns: Vec<_> = scored.columns().iter().collect();
    columns.sort_by_key(|column| rank(&column.name));
    columns
}

/// The column of `float_adm` that libvmaf names `adm` whatever its options: its name here, and the
/// column as written to logs. If there are several, it is the first.
fn adm_column(scored: &ScoreTable, measured: &[Metric]) -> Option<(String, Column)> {
    const ADM: &str = "adm";
    let mut all = measured.iter().filter(|(feature, _)| feature.name == "float_adm");
    let found = all.find_map(|(feature, options)| {
        let output = feature.outputs.iter().find(|output| output.column == ADM)?;
        let name = feature.column(output, options);
        let values = scored.column(&name)?.to_vec();
        Some((name, Column { name: ADM.to_owned(), values }))
    });
    found.filter(|_| scored.column(ADM).is_none())
}

/// Prints each model's mean score, then the bootstrap models' intervals.
fn print_scores(scored: &ScoreTable, models: &[LoadedModel]) {
    let mean = |column: &str| scored.column(column).and_then(pool::mean).unwrap_or(f64::NAN);
    let terminal = console::Term::stderr();
    // Errors are ignored: standard error may be closed.
    for LoadedModel { model, name } in models {
        let _ = terminal.write_line(&format!("{name}: {:.6}", mean(model.label())));
    }
    for LoadedModel { model, name } in models.iter().filter(|loaded| loaded.model.is_bootstrap()) {
        let of = |suffix: &str| mean(&format!("{}_{suffix}", model.label()));
        let _ = terminal.write_line(&format!(
            "{name}: {:.6}, ci.p95: [{:.6}, {:.6}], stddev: {:.6}",
            of("bagging"),
            of("ci_p95_lo"),
            of("ci_p95_hi"),
            of("stddev")
        ));
    }
}
