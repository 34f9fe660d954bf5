//! `vmaf maps`: where the quality of one frame went, in files.
//!
//! The frame is read from both videos as `vmaf score` reads it. All features are measured before the
//! first is mapped and written, so that what is wrong with one leaves no half of a folder. Maps of
//! large frames are large: those of one feature are written and dropped before the next is mapped.

mod files;
mod roi;

use std::sync::Arc;

use vmaf_core::feature::{Feature, Options};
use vmaf_core::maps::{Maps, Value, Weights};
use vmaf_core::{Frame, FrameGroup, Job};
use vmaf_media::StreamInfo;

pub(crate) use self::roi::Roi;
use crate::args::maps::MapsArgs;
use crate::conform::Conforming;
use crate::failure::{self, Failure, Result};
use crate::inputs::{self, Inputs, Opening, State};
use crate::monitor::Monitor;
use crate::output;
use crate::output::text::{Align, table};
use crate::pairing::Pairing;
use crate::progress::Progress;
use crate::spec::{self, Metric};

/// Runs `vmaf maps`.
pub(crate) fn run(arguments: &MapsArgs) -> Result<()> {
    let asked = arguments.feature.iter().map(|text| spec::metric(text));
    let asked = asked.collect::<Result<Vec<_>>>()?;
    check_names(&asked)?;
    let mut inputs = Inputs::open(
        &arguments.reference,
        std::slice::from_ref(&arguments.distorted),
        &opening(arguments)?,
    )?;
    // Of one frame there is no proof.
    inputs.trust();
    inputs.need_chroma();
    let format = inputs.format();
    let mut inputs = inputs.begun(format, |_| format)?;
    let pair = read(&mut inputs, arguments)?;
    let about = About::new(arguments, inputs, pair);
    let size = about.pair.reference.format().plane_size(0);
    let weights = arguments.roi.as_ref().map(|roi| roi.weights(size)).transpose()?;
    let measured: Vec<Measured> = if asked.is_empty() {
        all(&about.pair)?
    } else {
        let measured = asked.into_iter().map(|metric| Measured::new(metric, &about.pair));
        measured.collect::<Result<_>>()?
    };
    let mapped = files::write(&about, measured, weights.as_ref())?;
    if arguments.quiet {
        return Ok(());
    }
    output::print(&(lines(&about, &mapped).join("\n") + "\n"))
}

/// What a feature's files are called.
fn name(feature: &Feature, options: &Options) -> String {
    format!("{}{}", feature.name, options.suffix())
}

/// Fails where a feature has no maps, or files of two features would have one name.
fn check_names(asked: &[Metric]) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for (feature, options) in asked {
        if !vmaf_core::maps::features().any(|mapped| mapped.name == feature.name) {
            return Err(Failure::input(format!(
                "--feature {}: there are maps of vif, adm and cambi",
                feature.name
            )));
        }
        let name = name(feature, options);
        if names.contains(&name) {
            return Err(Failure::input(format!(
                "--feature: two sets of maps would be called '{name}': map them in runs of their own"
            )));
        }
        names.push(name);
    }
    Ok(())
}

fn opening(arguments: &MapsArgs) -> Result<Opening> {
    Ok(Opening {
        raw: arguments.raw.layout()?,
        all_raw: false,
        streams: arguments.streams.clone(),
        frame_rate: arguments.raw.fps,
        threads: 0,
        layout_options: "--size, --pix-fmt and --bit-depth",
        mixed_bit_depths: true,
        conforming: Some(Conforming::of(&arguments.conform)),
        pairing: Pairing::Unchecked,
        offset: arguments.offset,
        indexed: false,
        monitor: Monitor::default(),
    })
}

/// What is mapped, once the videos are closed.
struct About<'a> {
    arguments: &'a MapsArgs,
    /// What is known of the reference.
    reference: StreamInfo,
    /// What was done to the frames of the reference and of the encode.
    steps: [Vec<String>; 2],
    pair: Pair,
}

impl<'a> About<'a> {
    /// Closes the videos that `pair` was read from.
    fn new(arguments: &'a MapsArgs, inputs: Inputs, pair: Pair) -> Self {
        Self { arguments, reference: inputs.reference().clone(), steps: inputs.pair_steps(), pair }
    }
}

/// The frame of both videos, at one bit depth.
struct Pair {
    reference: Arc<Frame>,
    distorted: Arc<Frame>,
}

/// Reads up to the frame asked for.
fn read(inputs: &mut Inputs, arguments: &MapsArgs) -> Result<Pair> {
    let wanted = arguments.frame;
    let progress = Progress::new(wanted.checked_add(1), arguments.quiet);
    let group = loop {
        check(inputs, wanted)?;
        let index = inputs.read();
        let Some(group) = inputs.next()? else {
            return Err(Failure::input(format!(
                "{} has {index} frames: there is no frame {wanted}",
                arguments.reference
            )));
        };
        if index == wanted {
            break group;
        }
        progress.at(inputs.read());
    };
    check(inputs, wanted)?;
    let FrameGroup { reference, distorted } = group.promoted(inputs.format().bit_depth);
    let distorted = distorted.into_iter().next().flatten();
    let distorted = distorted
        .ok_or_else(|| Failure::input(format!("{} has no frame {wanted}", arguments.distorted)))?;
    Ok(Pair { reference, distorted })
}

/// Fails where the encode has.
fn check(inputs: &Inputs, wanted: u64) -> Result<()> {
    match inputs.encodes().first() {
        Some(inputs::Encode { state: State::Failed(reason), .. }) => {
            Err(Failure::input(reason.clone()))
        }
        Some(inputs::Encode { state: State::Shorter(frames), path, .. }) => {
            Err(Failure::input(format!("{path} has {frames} frames: there is no frame {wanted}")))
        }
        _ => Ok(()),
    }
}

/// A feature, and what it measures of the frame.
struct Measured {
    feature: &'static Feature,
    options: Options,
    /// The feature's name, with what its options add to names of columns.
    name: String,
    /// In the order of its columns.
    values: Vec<Value>,
}

impl Measured {
    fn new((feature, options): Metric, pair: &Pair) -> Result<Self> {
        let job = Job::new(*pair.reference.format(), 1).threads(1);
        let mut scorer = job.feature(feature, options.clone()).start()?;
        scorer.push(FrameGroup::pair(pair.reference.clone(), pair.distorted.clone()))?;
        let scored = scorer.finish()?;
        let columns = scored.iter().flat_map(|scored| scored.columns());
        let values = columns.filter_map(|column| {
            let (column, value) = (column.name.clone(), *column.values.first()?);
            Some(Value { column, value })
        });
        let values = values.collect();
        Ok(Self { feature, name: name(feature, &options), options, values })
    }

    /// Maps the feature.
    fn mapped(&self, pair: &Pair, weights: Option<&Weights>) -> Result<(Maps, Pooled)> {
        let maps = Maps::of(self.feature, &self.options, &pair.reference, &pair.distorted)?;
        let within = weights.map(|weights| maps.values_within(weights)).transpose()?;
        if within == Some(None) {
            failure::warning(format!(
                "nothing of what --roi marks counts in {}, which leaves out a tenth at each border",
                self.name
            ));
        }
        let pooled = Pooled { all: maps.values(), within: within.flatten() };
        Ok((maps, pooled))
    }
}

/// What a feature's maps pool to, in the order of its columns.
struct Pooled {
    all: Vec<Value>,
    /// Within the weights, if that is asked for and anything is left.
    within: Option<Vec<Value>>,
}

/// All features that are defined for frames like these; of the others people are told.
fn all(pair: &Pair) -> Result<Vec<Measured>> {
    let mut measured = Vec::new();
    let mut failures = Vec::new();
    for feature in vmaf_core::maps::features() {
        match Measured::new((feature, feature.options()), pair) {
            Ok(feature) => measured.push(feature),
            Err(failure) => failures.push(failure),
        }
    }
    if measured.is_empty()
        && let Some(failure) = failures.pop()
    {
        return Err(failure);
    }
    failures.iter().for_each(failure::warning);
    Ok(measured)
}

/// A feature whose maps are written.
struct Mapped {
    measured: Measured,
    pooled: Pooled,
    /// How many maps it has.
    count: usize,
}

/// What was found and written, for people.
fn lines(about: &About<'_>, mapped: &[Mapped]) -> Vec<String> {
    let About { arguments, steps, pair, .. } = about;
    let with_roi = arguments.roi.is_some();
    let mut header = ["column", "value"].map(String::from).to_vec();
    header.extend(with_roi.then(|| "within --roi".to_owned()));
    let mut rows = vec![header];
    for Mapped { measured, pooled, .. } in mapped {
        for (index, Value { column, value }) in measured.values.iter().enumerate() {
            let mut row = vec![column.clone(), format!("{value:.6}")];
            let within = pooled.within.as_ref().and_then(|within| within.get(index));
            row.extend(with_roi.then(|| {
                within.map_or_else(|| "-".to_owned(), |within| format!("{:.6}", within.value))
            }));
            rows.push(row);
        }
    }
    let title = format!(
        "frame {} of {}: {}",
        arguments.frame,
        arguments.distorted,
        pair.distorted.format()
    );
    let mut lines = vec![title];
    let videos = [&arguments.reference, &arguments.distorted].into_iter().zip(steps);
    let conformed = videos.filter(|(_, steps)| !steps.is_empty());
    lines.extend(conformed.map(|(path, steps)| format!("{path}: {}", steps.join(", "))));
    lines.push(String::new());
    lines.extend(table(&[Align::Left, Align::Right, Align::Right], &rows));
    lines.push(String::new());
    for mapped in mapped {
        lines.push(format!(
            "{}: {} and {} maps",
            mapped.measured.name,
            arguments.output.join(files::heat_name(&mapped.measured)).display(),
            mapped.count
        ));
    }
    lines.push(format!("described in {}", arguments.output.join(files::INDEX).display()));
    lines
}
