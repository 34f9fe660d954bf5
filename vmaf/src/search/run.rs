//! A running search: the source is opened and analysed, its sample planned, settings probed, and
//! the answer encoded and verified.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use vmaf_core::Model;
use vmaf_core::pool::Presentation;
use vmaf_media::conform::{Rect, picture_area};
use vmaf_media::{Orientation, Rational, StreamInfo};

use super::Search;
use super::analysis::SourceAnalysis;
use super::clips;
use super::curve::FallingCurve;
use super::encoder::{EncodeJob, Encoder, PreparedEncoder};
use super::event::{SearchEvent, SearchObserver};
use super::identities::Identities;
use super::result::{
    self, Prediction, Probe, SceneEncode, SearchOutcome, SearchResult, SearchSource, TargetValue,
    VerifiedEncode,
};
use super::samples::SamplePlan;
use super::store::{self, SourceStore};
use super::strategy::{Point, Step, Strategy};
use super::target::Target;
use crate::error::Result;
use crate::handle::RunHandle;
use crate::inputs::OpenSettings;
use crate::request::{Crop, Options};
use crate::run::OpenRun;
use crate::run::models::Measurements;

/// The name of the analysis in the store.
const ANALYSIS: &str = "analysis";

/// Margins within this of the best are a plateau: the cheapest setting on it is the best available.
const PLATEAU: f64 = 0.25;

/// The points by which clips score better than the same frames of the whole encode: each begins with
/// a key frame, which encoders make better than others.
const OPTIMISM: f64 = 0.2;

/// The largest margin aimed at on a sample, in points.
const MAX_AIM: f64 = 0.5;

/// A running search.
pub(super) struct SearchRun<'a> {
    pub(super) search: &'a Search,
    pub(super) handle: &'a RunHandle,
    pub(super) observer: SearchObserver<'a>,
    pub(super) encoder: PreparedEncoder,
    /// The options of scoring, with the crop that was found.
    pub(super) options: Options,
    /// The number of the source's video stream, if it has several.
    pub(super) stream: Option<u32>,
    pub(super) analysis: SourceAnalysis,
    /// The times of the source's frames.
    pub(super) times: Vec<f64>,
    /// The scenes of the source as indices of frames.
    pub(super) scenes: Vec<Range<usize>>,
    pub(super) plan: SamplePlan,
    pub(super) targets: Vec<Target>,
    pub(super) store: SourceStore,
    pub(super) keys: Keys,
    pub(super) source: SearchSource,
    pub(super) is_upright: bool,
    is_y4m: bool,
    /// The frame rate that replaces the source's timestamps when it is encoded.
    pub(super) rate: Option<Rational>,
    /// The position at which the answer is expected, by experience with the scene before.
    pub(super) expected: Option<usize>,
    pub(super) probes: Vec<Probe>,
    pub(super) encodes: Vec<VerifiedEncode>,
    pub(super) encoded_frames: u64,
    started: Instant,
}

/// The names under which work is stored: everything that it depends on.
pub(super) struct Keys {
    /// The clips.
    clips: String,
    /// Encodes of the sample, with their scores.
    pub(super) sample: String,
    /// Encodes of the whole source, with their scores.
    pub(super) whole: String,
}

/// The fields of [`Keys`] for encodes.
#[derive(Serialize)]
struct KeyFields<'a> {
    library: &'a str,
    encoder: &'a Encoder,
    /// The digest of a small encode, or of the program of a command line.
    identity: &'a str,
    crop: Option<Rect>,
    measurements: &'a Measurements,
    options: &'a Options,
    clips: &'a str,
}

impl<'a> SearchRun<'a> {
    /// Opens and analyses the source, after checking everything that can be checked before.
    pub(super) fn new(
        search: &'a Search,
        identities: &Identities,
        handle: &'a RunHandle,
        observer: SearchObserver<'a>,
    ) -> Result<Self> {
        let started = Instant::now();
        search.check()?;
        let mut encoder = PreparedEncoder::new(&search.encoder, search.quality)?;
        let mut options = search.options.clone();
        let measurements = Measurements::new(&options)?;
        let (info, targets) = open(search, &measurements, handle)?;
        let settings = OpenSettings::new(&options, handle);
        encoder.crop = match options.conform.crop {
            None => None,
            Some(Crop::At(part)) => Some(part),
            Some(Crop::Auto) => picture_area(settings.reopen(&info)?)?,
        };
        encoder.crop = encoder.crop.filter(|part| *part != Rect::whole(&info.format));
        options.conform.crop = encoder.crop.map(Crop::At);
        let identity = identities.encoder(&encoder, &search.encoder, &info)?;

        let cache = search.cache_folder()?;
        let store = SourceStore::open(&cache, &identities.source(&search.source)?)?;
        let analysis = match store.read(ANALYSIS) {
            Some(analysis) => analysis,
            None => {
                observer(SearchEvent::Analysing);
                let analysis = SourceAnalysis::read(settings.reopen(&info)?, handle)?;
                store.write(ANALYSIS, &analysis)?;
                analysis
            }
        };
        let plan = SamplePlan::new(&analysis);
        let (clips, whole) = (store::key(&plan)?, store::key(&"whole")?);
        let key = |clips: &str| {
            let values =
                Options { threads: 0, models: None, metrics: Vec::new(), ..options.clone() };
            store::key(&KeyFields {
                library: vmaf_core::VERSION,
                encoder: &search.encoder,
                identity: &identity,
                crop: encoder.crop,
                measurements: &measurements,
                options: &values,
                clips,
            })
        };
        let sample = key(if plan.is_whole() { &whole } else { &clips })?;
        let keys = Keys { sample, whole: key(&whole)?, clips };
        let source = SearchSource {
            path: search.source.clone(),
            frames: analysis.frames(),
            seconds: analysis.seconds(),
            scenes: analysis.scenes().len(),
            clips: plan.clips(),
            share: plan.share(),
            crop: encoder.crop.map(|part| part.to_string()),
        };
        let scenes = analysis.scenes().into_iter();
        let scenes = scenes.map(|scene| scene.start as usize..scene.end as usize);
        Ok(Self {
            search,
            handle,
            observer,
            encoder,
            options,
            stream: info.stream,
            times: analysis.times(),
            scenes: scenes.collect(),
            analysis,
            plan,
            targets,
            store,
            keys,
            source,
            is_upright: info.orientation == Orientation::UPRIGHT,
            is_y4m: info.codec == "rawvideo" && !info.has_times,
            rate: None,
            expected: None,
            probes: Vec::new(),
            encodes: Vec::new(),
            encoded_frames: 0,
            started,
        })
    }

    /// Returns the times and scenes of the source's frames.
    pub(super) fn presentation(&self) -> Presentation<'_> {
        Presentation { times: &self.times, scenes: &self.scenes }
    }

    /// Searches.
    pub(super) fn run(mut self) -> Result<SearchResult> {
        let names = self.target_names();
        let setting = self.encoder.setting_name();
        let (source, targets) = (&self.source, &names[..]);
        (self.observer)(SearchEvent::Planned { source, setting, targets });
        self.load_probes()?;
        let answer = self.search_settings()?;
        let Some(position) = answer else { return Ok(self.conclude(None, names)) };
        let prediction = self.prediction(position);
        let quality = self.encoder.scale.at(position);
        (self.observer)(SearchEvent::Predicted { quality, prediction: &prediction });
        let Some(output) = &self.search.output else {
            return Ok(self.conclude(Some((position, prediction)), names));
        };
        let position = if self.plan.is_whole() {
            self.finish_whole(position)?
        } else {
            self.finish(position)?
        };
        let Some(position) = position else { return Ok(self.conclude(None, names)) };
        self.deliver(position, output)?;
        Ok(self.conclude(Some((position, prediction)), names))
    }

    /// Probes settings until one is known to meet the targets; `None` if none does.
    fn search_settings(&mut self) -> Result<Option<usize>> {
        loop {
            let (last, typical) = (self.encoder.scale.last(), self.typical_positions());
            let strategy = Strategy::new(&self.targets, last, typical, self.plan.is_whole());
            let strategy = strategy.expecting(self.expected).parallel(self.search.is_parallel());
            match strategy.next(&self.points(), self.aim()) {
                Step::Probe(positions) => self.probe(&positions)?,
                Step::Found(position) => return Ok(Some(position)),
                Step::Unreachable => return Ok(None),
            }
        }
    }

    /// Returns the margin in points aimed at: a part of the uncertainty, so that the encode hardly
    /// ever misses the targets, and exceeds them little.
    fn aim(&self) -> f64 {
        let probes = self.probes.iter().flat_map(|probe| self.targets.iter().zip(&probe.targets));
        let deviations = probes.map(|(target, of)| target.points(of.deviation));
        (deviations.fold(0.0, f64::max) / 2.0 + OPTIMISM).min(MAX_AIM)
    }

    /// Returns the positions at which films score about 95 and 80.
    pub(super) fn typical_positions(&self) -> [f64; 2] {
        let last = self.encoder.scale.last() as f64;
        match self.encoder.typical() {
            Some(settings) => settings.map(|setting| self.encoder.scale.position(setting)),
            // Of an unknown encoder, the thirds of its scale.
            None => [last / 3.0, last * 2.0 / 3.0],
        }
    }

    /// Returns the probes' margins in points by position.
    pub(super) fn points(&self) -> Vec<Point> {
        let point = |probe: &Probe| Point {
            position: self.encoder.scale.nearest(probe.quality),
            margins: self.margins(&probe.targets),
        };
        self.probes.iter().map(point).collect()
    }

    /// Returns the margins of targets in points.
    pub(super) fn margins(&self, values: &[TargetValue]) -> Vec<f64> {
        let values = self.targets.iter().zip(values);
        values.map(|(target, value)| target.points(value.margin)).collect()
    }

    /// Returns the targets as text.
    pub(super) fn target_names(&self) -> Vec<String> {
        self.targets.iter().map(Target::text).collect()
    }

    /// Returns the command line that encodes the source at a position.
    pub(super) fn shown_command(&self, position: usize) -> String {
        let job = EncodeJob {
            input: Path::new(&self.search.source),
            rate: None,
            stream: self.stream,
            output: Path::new(self.search.output.as_deref().unwrap_or("encode.mkv")),
            with_sound: true,
        };
        self.encoder.shown_command(&job, position)
    }

    /// Removes the clips from the cache.
    pub(super) fn remove_clips(&self) {
        for extension in ["y4m", "mkv"] {
            let name = format!("clips-{}.{extension}", self.keys.clips);
            let _ = std::fs::remove_file(self.store.path(&name));
        }
    }

    /// Returns the file that probes encode, which is cut from the source if need be.
    pub(super) fn input(&self) -> Result<PathBuf> {
        if self.plan.is_whole() {
            return Ok(PathBuf::from(&self.search.source));
        }
        // y4m remains y4m, for encoders that read nothing else.
        let extension = if self.is_y4m { "y4m" } else { "mkv" };
        let name = format!("clips-{}.{extension}", self.keys.clips);
        let path = self.store.path(&name);
        if path.exists() {
            return Ok(path);
        }
        (self.observer)(SearchEvent::Cutting);
        let temporary = self.store.temporary(&name);
        let source = &self.search.source;
        clips::cut(source, self.stream, &self.plan, &self.analysis, &temporary, self.handle)?;
        clips::verify(&temporary.to_string_lossy(), &self.plan, &self.analysis, self.is_upright)?;
        self.store.keep(&temporary, &name)
    }

    /// Returns the extension of encoded files.
    pub(super) fn extension(&self) -> &str {
        let output = self.search.output.as_deref().map(Path::new);
        let extension = output.and_then(Path::extension).and_then(std::ffi::OsStr::to_str);
        extension.unwrap_or("mkv")
    }

    /// Returns the estimated size in bytes at a position: between probes, sizes grow by equal
    /// factors.
    pub(super) fn predicted_bytes(&self, position: usize) -> u64 {
        let scale = &self.encoder.scale;
        let points = self.probes.iter();
        let points = points
            .map(|probe| (scale.nearest(probe.quality) as f64, (probe.bytes.max(1) as f64).ln()));
        let curve = FallingCurve::new(points.collect(), 0.0);
        curve.map_or(0, |curve| curve.at(position as f64).exp().round() as u64)
    }

    /// Returns the result: the position found, with its prediction, or the best available one.
    fn conclude(self, found: Option<(usize, Prediction)>, targets: Vec<String>) -> SearchResult {
        let outcome = match found {
            Some(_) => SearchOutcome::Found,
            None => SearchOutcome::Unreachable,
        };
        let (position, prediction) = found.unwrap_or_else(|| {
            let points = self.points();
            let best = points.iter().map(Point::margin).fold(f64::NEG_INFINITY, f64::max);
            let plateau = points.iter().filter(|point| point.margin() >= best - PLATEAU);
            let position = plateau.map(|point| point.position).max().unwrap_or(0);
            (position, self.prediction(position))
        });
        let quality = self.encoder.scale.at(position);
        let command = self.shown_command(position);
        self.conclude_at(outcome, quality, prediction, command, targets)
    }

    /// Returns the result of a search for the settings of scenes.
    pub(super) fn conclude_scenes(
        self,
        scenes: Vec<SceneEncode>,
        targets: Vec<String>,
    ) -> SearchResult {
        let last = self.encodes.last().cloned();
        let quality = last.as_ref().map_or(0.0, |encode| encode.quality);
        let (targets_met, bytes) =
            last.map_or_else(Default::default, |encode| (encode.targets, encode.bytes));
        let prediction = Prediction { targets: targets_met, bytes };
        let result =
            self.conclude_at(SearchOutcome::Found, quality, prediction, String::new(), targets);
        SearchResult { scenes, ..result }
    }

    fn conclude_at(
        self,
        outcome: SearchOutcome,
        quality: f64,
        prediction: Prediction,
        command: String,
        targets: Vec<String>,
    ) -> SearchResult {
        self.remove_encodes();
        if !self.search.keep_clips {
            self.remove_clips();
        }
        SearchResult {
            version: result::VERSION,
            encoder: self.encoder.name().to_owned(),
            setting: self.encoder.setting_name().to_owned(),
            targets,
            outcome,
            quality,
            prediction,
            command,
            scenes: Vec::new(),
            output: self.search.output.clone().filter(|_| outcome == SearchOutcome::Found),
            source: self.source,
            probes: self.probes,
            encodes: self.encodes,
            encoded_frames: self.encoded_frames,
            elapsed: self.started.elapsed().as_secs_f64(),
        }
    }
}

/// Opens the source, and returns facts about it, and the targets with their columns.
fn open(
    search: &Search,
    measurements: &Measurements,
    handle: &RunHandle,
) -> Result<(StreamInfo, Vec<Target>)> {
    // The source beside itself has the columns that its encodes will have.
    let encodes = [search.source.clone()];
    let mut options = search.options.clone();
    options.conform.crop = None;
    let opened = OpenRun::open(measurements.clone(), &search.source, &encodes, &options, handle)?;
    let gates = opened.plan.column_gates(&opened.planned, &search.targets)?;
    let models: Vec<&str> = opened.planned.models.iter().map(Model::label).collect();
    Ok((opened.inputs.reference().clone(), Target::all(gates, &models)?))
}
