//! Maps of one frame, in files: where its quality was lost.
//!
//! The frame is read from both videos as a run reads it. All features are measured before the first
//! is mapped and written, so that an error leaves no incomplete folder. Maps of large frames are
//! large: those of one feature are written and dropped before the next is mapped, while its picture
//! is compressed in the background.

mod files;
mod roi;

use std::path::PathBuf;
use std::sync::Arc;

use rayon::iter::{Either, IntoParallelIterator, ParallelIterator};
use vmaf_core::feature::{Feature, Options as FeatureOptions};
pub use vmaf_core::maps::Value;
use vmaf_core::maps::{Maps, Weights};
use vmaf_core::{Format, Frame, FrameGroup, Job};

pub use self::roi::Roi;
use crate::error::{Error, Result};
use crate::handle::{Event, RunHandle};
use crate::inputs::{Encode, InputReader, OpenInputs, OpenSettings, State};
use crate::request::{ConformOptions, Metric, MetricSpec, Pairing, StreamChoice};
use crate::run::light::Light;
use vmaf_media::{Rational, RawVideo, ReadPlan, StreamInfo};

/// A request for the maps of one frame.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MapsRequest {
    /// The path of the reference.
    pub reference: String,
    /// The path of the encode.
    pub distorted: String,
    /// The frame, counted from 0.
    pub frame: u64,
    /// The folder that the files are written to, which is created.
    pub folder: PathBuf,
    /// The number of frames to skip at the start of the encode or, negative, of the reference.
    pub offset: i32,
    /// The features to map; if there are none, all of luma that are defined for frames of the size.
    pub features: Vec<MetricSpec>,
    /// The region to give values for as well.
    pub roi: Option<Roi>,
    /// Conversions that make different videos comparable.
    pub conform: ConformOptions,
    /// The layout of raw video.
    pub raw: Option<RawVideo>,
    /// The frame rate of raw video.
    pub frame_rate: Option<Rational>,
    /// The streams to read of files that have several.
    pub streams: StreamChoice,
}

/// Maps that were written.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WrittenMaps {
    /// The format of the frames.
    pub format: Format,
    /// The conversions of the reference's frame and of the encode's.
    pub steps: [Vec<String>; 2],
    /// The features, in order.
    pub features: Vec<FeatureMaps>,
    /// The index file.
    pub index: PathBuf,
}

/// The maps of one feature.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FeatureMaps {
    /// The feature's name, with the suffix of its options.
    pub name: String,
    /// The values of the frame, in the order of the feature's columns.
    pub values: Vec<Value>,
    /// The values within the region; `None` if there is no region, or nothing in it counts.
    pub within: Option<Vec<Value>>,
    /// The picture of lost quality.
    pub picture: PathBuf,
    /// The number of maps.
    pub count: usize,
}

impl MapsRequest {
    /// Returns a request for the maps of one frame.
    #[must_use]
    pub fn new(
        reference: impl Into<String>,
        distorted: impl Into<String>,
        frame: u64,
        folder: impl Into<PathBuf>,
    ) -> Self {
        Self {
            reference: reference.into(),
            distorted: distorted.into(),
            frame,
            folder: folder.into(),
            offset: 0,
            features: Vec::new(),
            roi: None,
            conform: ConformOptions::default(),
            raw: None,
            frame_rate: None,
            streams: StreamChoice::default(),
        }
    }

    /// Writes the maps.
    ///
    /// # Errors
    /// Fails if there is no such frame, a feature has no maps, or a file can't be read or written.
    pub fn write(&self, handle: &RunHandle) -> Result<WrittenMaps> {
        handle.outcome(self.write_all(handle))
    }

    fn write_all(&self, handle: &RunHandle) -> Result<WrittenMaps> {
        let metrics = self.features.iter().map(MetricSpec::resolve);
        let metrics = metrics.collect::<Result<Vec<_>>>()?;
        check_names(&metrics)?;
        let encodes = std::slice::from_ref(&self.distorted);
        let mut inputs = OpenInputs::open(&self.reference, encodes, &open_settings(self, handle))?;
        // A single frame gives no proof.
        inputs.skip_verification();
        inputs.require_chroma();
        let format = inputs.format();
        let light = VideoLight::new(self, &inputs);
        let rgb = metrics.iter().any(|(feature, _)| feature.measures_light());
        let plan = ReadPlan { rgb, ..ReadPlan::new(&format) };
        let mut inputs = inputs.start_ahead(&plan, |_| plan.clone())?;
        let pair = read(&mut inputs, self, handle)?;
        let mapped_frame = MappedFrame::new(self, inputs, pair);
        let size = mapped_frame.pair.reference.format().plane_size(0);
        let weights = self.roi.as_ref().map(|roi| roi.weights(size)).transpose()?;
        let metrics: Vec<Metric> =
            metrics.into_iter().map(|metric| light.describe(metric)).collect::<Result<_>>()?;
        let measured: Vec<MeasuredFeature> = if metrics.is_empty() {
            all(&mapped_frame.pair, handle)?
        } else {
            let measured = metrics
                .into_par_iter()
                .map(|metric| MeasuredFeature::new(metric, &mapped_frame.pair));
            measured.collect::<Result<_>>()?
        };
        let features = files::write(&mapped_frame, measured, weights.as_ref(), handle)?;
        Ok(WrittenMaps {
            format: *mapped_frame.pair.distorted.format(),
            steps: mapped_frame.steps,
            features,
            index: self.folder.join(files::INDEX_FILE),
        })
    }
}

/// Returns the name of a feature's files.
fn name(feature: &Feature, options: &FeatureOptions) -> String {
    format!("{}{}", feature.name, options.suffix())
}

/// Fails if a feature has no maps, or files of two features would have one name.
fn check_names(metrics: &[Metric]) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for (feature, options) in metrics {
        if !vmaf_core::maps::features().any(|mapped| mapped.name == feature.name) {
            let names: Vec<&str> = vmaf_core::maps::features().map(|mapped| mapped.name).collect();
            let known = names.join(", ");
            return Err(Error::input(format!(
                "{} has no maps; these features have: {known}",
                feature.name
            )));
        }
        let name = name(feature, options);
        if names.contains(&name) {
            return Err(Error::input(format!(
                "two sets of maps would be called '{name}': map them in separate runs"
            )));
        }
        names.push(name);
    }
    Ok(())
}

fn open_settings(request: &MapsRequest, handle: &RunHandle) -> OpenSettings {
    OpenSettings {
        raw: request.raw,
        all_raw: false,
        streams: request.streams.clone(),
        frame_rate: request.frame_rate,
        threads: 0,
        mixed_bit_depths: true,
        conform: Some(request.conform.clone()),
        pairing: Pairing::Unchecked,
        offset: request.offset,
        indexed: false,
        handle: handle.clone(),
    }
}

/// The description of both videos for features that measure light.
struct VideoLight {
    light: Light,
    reference: StreamInfo,
    format: Format,
}

impl VideoLight {
    fn new(request: &MapsRequest, inputs: &OpenInputs) -> Self {
        let reference = inputs.reference().clone();
        let encodes = inputs.encodes().iter().filter_map(|encode| encode.info.as_ref());
        let light = Light::new(&reference, encodes, request.conform.assume_range);
        Self { light, reference, format: inputs.format() }
    }

    fn describe(&self, metric: Metric) -> Result<Metric> {
        self.light.describe(metric, &self.reference, &self.format)
    }
}

/// The mapped frames and facts about their videos, which are closed.
struct MappedFrame<'a> {
    request: &'a MapsRequest,
    /// Facts about the reference.
    reference: StreamInfo,
    /// Conversions of the frames of the reference and of the encode.
    steps: [Vec<String>; 2],
    pair: FramePair,
}

impl<'a> MappedFrame<'a> {
    /// Closes the videos that `pair` was read from.
    fn new(request: &'a MapsRequest, inputs: InputReader, pair: FramePair) -> Self {
        Self { request, reference: inputs.reference().clone(), steps: inputs.pair_steps(), pair }
    }
}

/// The frame of both videos, at one bit depth.
struct FramePair {
    reference: Arc<Frame>,
    distorted: Arc<Frame>,
}

/// Reads up to the requested frame.
fn read(inputs: &mut InputReader, request: &MapsRequest, handle: &RunHandle) -> Result<FramePair> {
    let wanted = request.frame;
    handle.start_progress(wanted.checked_add(1));
    let group = loop {
        check(inputs, wanted)?;
        let index = inputs.read();
        let Some(group) = inputs.next_group()? else {
            return Err(Error::input(format!(
                "{} has {index} frames: there is no frame {wanted}",
                request.reference
            )));
        };
        if index == wanted {
            break group;
        }
        handle.set_progress(inputs.read());
    };
    check(inputs, wanted)?;
    handle.event(Event::Done);
    let FrameGroup { reference, distorted } = group.promoted(inputs.format().bit_depth());
    let distorted = distorted.into_iter().next().flatten();
    let distorted = distorted
        .ok_or_else(|| Error::input(format!("{} has no frame {wanted}", request.distorted)))?;
    Ok(FramePair { reference, distorted })
}

/// Fails if the encode did.
fn check(inputs: &InputReader, wanted: u64) -> Result<()> {
    match inputs.encodes().first() {
        Some(Encode { state: State::Failed(failure), .. }) => Err(failure.clone().into()),
        Some(Encode { state: State::Shorter(frames), path, .. }) => {
            Err(Error::input(format!("{path} has {frames} frames: there is no frame {wanted}")))
        }
        _ => Ok(()),
    }
}

/// A feature, and its values of the frame.
struct MeasuredFeature {
    feature: &'static Feature,
    options: FeatureOptions,
    /// The feature's name, with the suffix of its options.
    name: String,
    /// In the order of its columns.
    values: Vec<Value>,
}

impl MeasuredFeature {
    fn new((feature, options): Metric, pair: &FramePair) -> Result<Self> {
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
    fn mapped(
        &self,
        pair: &FramePair,
        weights: Option<&Weights>,
        handle: &RunHandle,
    ) -> Result<(Maps, PooledValues)> {
        let maps = Maps::new(self.feature, &self.options, &pair.reference, &pair.distorted)?;
        let within = weights.map(|weights| maps.values_within(weights)).transpose()?;
        if within == Some(None) {
            handle.warn(format!(
                "no pixel of the region counts in {}, which ignores a tenth of the picture at each \
                 border",
                self.name
            ));
        }
        let pooled = PooledValues { all: maps.values(), within: within.flatten() };
        Ok((maps, pooled))
    }
}

/// The pooled values of a feature's maps, in the order of its columns.
struct PooledValues {
    all: Vec<Value>,
    /// Within the region, if there is one and anything in it counts.
    within: Option<Vec<Value>>,
}

/// Measures all features of luma that are defined for such frames, and warns of the others.
fn all(pair: &FramePair, handle: &RunHandle) -> Result<Vec<MeasuredFeature>> {
    let features = vmaf_core::maps::features().filter(|feature| !feature.measures_light());
    let features: Vec<_> = features.collect();
    let measured = features.into_par_iter();
    let measured = measured.map(|feature| MeasuredFeature::new((feature, feature.options()), pair));
    let (measured, mut failures): (Vec<_>, Vec<_>) =
        measured.partition_map(|measured| match measured {
            Ok(measured) => Either::Left(measured),
            Err(failure) => Either::Right(failure),
        });
    if measured.is_empty()
        && let Some(failure) = failures.pop()
    {
        return Err(failure);
    }
    failures.iter().for_each(|failure| handle.warn(failure.message()));
    Ok(measured)
}
