//! `vmaf maps`: where the quality of one frame went, in files.
//!
//! The frame is read from both videos as `vmaf score` reads it. All features are mapped before the
//! first file is written, so that what is wrong with one leaves no half of a folder.

mod files;
mod roi;

use std::sync::Arc;

use vmaf_core::feature::{Feature, Options};
use vmaf_core::maps::{Maps, Value};
use vmaf_core::{Frame, FrameGroup, Job};

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
    let size = pair.reference.format().plane_size(0);
    let weights = arguments.roi.as_ref().map(|roi| roi.weights(size)).transpose()?;
    let mapped: Vec<Mapped> = if asked.is_empty() {
        all(&pair)?
    } else {
        asked.into_iter().map(|metric| Mapped::of(metric, &pair)).collect::<Result<_>>()?
    };
    let mapped: Vec<_> = mapped
        .into_iter()
        .map(|mapped| {
            let within = weights.as_ref().map(|weights| mapped.maps.values_within(weights));
            let within = within.transpose()?;
            if within == Some(None) {
                failure::warning(format!(
                    "nothing of what --roi marks counts in {}, which leaves out a tenth at each \
                     border",
                    mapped.name
                ));
            }
            Ok(Mapped { within: within.flatten(), ..mapped })
        })
        .collect::<Result<_>>()?;
    let about = files::About { arguments, inputs: &inputs, pair: &pair };
    files::write(&about, &mapped)?;
    if arguments.quiet {
        return Ok(());
    }
    output::print(&(lines(arguments, &inputs, &pair, &mapped).join("\n") + "\n"))
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
        monitor: Monitor::default(),
    })
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

/// A feature's maps, with its values.
struct Mapped {
    /// The feature's name, with what its options add to names of columns.
    name: String,
    maps: Maps,
    /// Its options that are not at their defaults.
    options: Vec<(&'static str, String)>,
    /// What the feature measures, in the order of its columns.
    values: Vec<Value>,
    /// What the maps pool to within the weights, if that is asked for and anything is left.
    within: Option<Vec<Value>>,
}

impl Mapped {
    fn of((feature, options): Metric, pair: &Pair) -> Result<Self> {
        let maps = Maps::of(feature, &options, &pair.reference, &pair.distorted)?;
        let job = Job::new(*pair.reference.format(), 1).threads(1);
        let mut scorer = job.feature(feature, options.clone()).start()?;
        scorer.push(FrameGroup::pair(pair.reference.clone(), pair.distorted.clone()))?;
        let scored = scorer.finish()?;
        let columns = scored.iter().flat_map(|scored| scored.columns());
        let values = columns.filter_map(|column| {
            let (column, value) = (column.name.clone(), *column.values.first()?);
            Some(Value { column, value })
        });
        Ok(Self {
            name: name(feature, &options),
            maps,
            values: values.collect(),
            options: options.iter().collect(),
            within: None,
        })
    }
}

/// The maps of all features that are defined for frames like these; of the others people are told.
fn all(pair: &Pair) -> Result<Vec<Mapped>> {
    let mut mapped = Vec::new();
    let mut failures = Vec::new();
    for feature in vmaf_core::maps::features() {
        match Mapped::of((feature, feature.options()), pair) {
            Ok(maps) => mapped.push(maps),
            Err(failure) => failures.push(failure),
        }
    }
    if mapped.is_empty()
        && let Some(failure) = failures.pop()
    {
        return Err(failure);
    }
    failures.iter().for_each(failure::warning);
    Ok(mapped)
}

/// What was found and written, for people.
fn lines(arguments: &MapsArgs, inputs: &Inputs, pair: &Pair, mapped: &[Mapped]) -> Vec<String> {
    let with_roi = arguments.roi.is_some();
    let mut header = ["column", "value"].map(String::from).to_vec();
    header.extend(with_roi.then(|| "within --roi".to_owned()));
    let mut rows = vec![header];
    for mapped in mapped {
        for (index, Value { column, value }) in mapped.values.iter().enumerate() {
            let mut row = vec![column.clone(), format!("{value:.6}")];
            let within = mapped.within.as_ref().and_then(|within| within.get(index));
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
    let [of_reference, of_encode] = inputs.pair_steps();
    let videos = [(&arguments.reference, of_reference), (&arguments.distorted, of_encode)];
    let conformed = videos.into_iter().filter(|(_, steps)| !steps.is_empty());
    lines.extend(conformed.map(|(path, steps)| format!("{path}: {}", steps.join(", "))));
    lines.push(String::new());
    lines.extend(table(&[Align::Left, Align::Right, Align::Right], &rows));
    lines.push(String::new());
    for mapped in mapped {
        lines.push(format!(
            "{}: {} and {} maps",
            mapped.name,
            arguments.output.join(files::heat_name(mapped)).display(),
            mapped.maps.planes().len()
        ));
    }
    lines.push(format!("described in {}", arguments.output.join(files::INDEX).display()));
    lines
}
