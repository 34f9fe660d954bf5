//! Ladders: the height and setting of each rung, from encodes of several heights.
//!
//! At low bit rates a small picture that is scaled up looks better than a large one. Each height is
//! [searched](super) for all scores of the ladder, on the same clips, and scored scaled up to the
//! source, as players show it. A rung is the smallest encode of any height that reaches its score;
//! the [convex hull](hull) of all curves shows which height is best at which rate. Rungs are
//! estimates, unless they are to be [encoded](encode).

mod curves;
mod encode;
mod hull;
mod page;

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use vmaf_core::Gate;

use self::hull::upper_hull;
use super::encoder::{Encoder, NamedEncoder};
use super::event::SearchEvent;
use super::identities::Identities;
use super::result::{Probe, SearchSource};
use super::run::SearchRun;
use super::scale::QualityRange;
use super::{Search, result};
use crate::error::{Error, Result};
use crate::handle::RunHandle;
use crate::inputs::OpenSettings;
use crate::output::target::Target;
use crate::request::{Crop, Options};

/// A search for the rungs of a ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Ladder {
    /// The path of the source.
    pub source: String,
    /// The encoder.
    pub encoder: NamedEncoder,
    /// The heights to encode, at most the source's.
    pub heights: Vec<u32>,
    /// The mean scores of the rungs by the first model.
    pub scores: Vec<f64>,
    /// The range of settings; `None` is the encoder's own.
    #[serde(default)]
    pub quality: Option<QualityRange>,
    /// Models, and how videos are made comparable, as for a [`Search`].
    #[serde(default)]
    pub options: Options,
    /// The folder for stored probes; `None` is `vmaf` in the user's folder for caches.
    #[serde(default)]
    pub cache: Option<PathBuf>,
    /// The number of settings encoded at once; `None` depends on the number of processors.
    #[serde(default)]
    pub jobs: Option<NonZero<usize>>,
    /// True if the clips that probes encode stay in the cache.
    #[serde(default)]
    pub keep_clips: bool,
    /// The folder for the encodes of the rungs, which is created if need be; without it, rungs are
    /// only estimated.
    #[serde(default)]
    pub output: Option<PathBuf>,
    /// The extension of the encodes' names, which tells FFmpeg their format; `None` is mkv.
    #[serde(default)]
    pub container: Option<String>,
}

/// The result of a ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LadderResult {
    /// The version of this form.
    pub version: u32,
    /// The source.
    pub source: SearchSource,
    /// The encoder's name.
    pub encoder: String,
    /// The name of the quality setting: "crf".
    pub setting: String,
    /// The column of scores, with its pool: "vmaf_v0.6.1:mean".
    pub score: String,
    /// The probes and curves of each height, in the order of the request.
    pub heights: Vec<HeightResult>,
    /// The corners of the convex hull over the logarithm of the bit rate, from the lowest rate.
    pub hull: Vec<LadderPoint>,
    /// The rungs, in the order of the request.
    pub rungs: Vec<Rung>,
    /// The number of frames that were encoded.
    pub encoded_frames: u64,
    /// The duration of the search in seconds.
    pub elapsed: f64,
}

/// The encodes of a height.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeightResult {
    /// The height.
    pub height: u32,
    /// The probes, from the best setting.
    pub probes: Vec<Probe>,
    /// The estimates of all settings between the best and the worst probe.
    pub curve: Vec<LadderPoint>,
}

/// An encode, estimated or measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LadderPoint {
    /// The height.
    pub height: u32,
    /// The setting.
    pub quality: f64,
    /// The score, scaled up to the source.
    pub score: f64,
    /// The bit rate of the video in kilobits per second.
    pub kilobits: f64,
}

/// A rung of a ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rung {
    /// The score that it has to reach.
    pub target: f64,
    /// The smallest encode that reaches it; `None` if none does. If it was made, its score and bit
    /// rate are measured, otherwise estimated.
    pub encode: Option<LadderPoint>,
    /// The command line that encodes it; empty if there is none.
    pub command: String,
    /// The file with the encode, if it was made.
    #[serde(default)]
    pub output: Option<String>,
}

/// A function that is called for each step, with the height.
pub type LadderObserver<'a> = &'a (dyn Fn(u32, SearchEvent<'_>) + Sync);

impl Ladder {
    /// Creates a ladder of heights without scores.
    #[must_use]
    pub fn new(source: impl Into<String>, encoder: NamedEncoder, heights: Vec<u32>) -> Self {
        Self {
            source: source.into(),
            encoder,
            heights,
            scores: Vec::new(),
            quality: None,
            options: Options::default(),
            cache: None,
            jobs: None,
            keep_clips: false,
            output: None,
            container: None,
        }
    }

    /// Sets the folder for the encodes of the rungs.
    #[must_use]
    pub fn output(mut self, folder: impl Into<PathBuf>) -> Self {
        self.output = Some(folder.into());
        self
    }

    /// Sets the scores of the rungs.
    #[must_use]
    pub fn scores(mut self, scores: impl IntoIterator<Item = f64>) -> Self {
        self.scores = scores.into_iter().collect();
        self
    }

    /// Searches the rungs, and encodes them if there is a folder for that.
    ///
    /// # Errors
    /// Fails as [`Search::run`] does.
    pub fn run(&self) -> Result<LadderResult> {
        self.run_with(&RunHandle::default(), &|_, _| {})
    }

    /// Searches the rungs as [`run`](Self::run) does. `handle` shows the progress of each step and
    /// can stop the search; `observer` is called for each step.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does, and if the search was stopped.
    pub fn run_with(
        &self,
        handle: &RunHandle,
        observer: LadderObserver<'_>,
    ) -> Result<LadderResult> {
        handle.outcome(self.search(handle, observer))
    }

    fn search(&self, handle: &RunHandle, observer: LadderObserver<'_>) -> Result<LadderResult> {
        let started = Instant::now();
        let own_height = self.check(handle)?;
        let identities = Identities::default();
        let searches: Vec<(u32, Search)> = self
            .heights
            .iter()
            .map(|height| (*height, self.search_of(*height, own_height)))
            .collect();
        let observers: Vec<_> = self
            .heights
            .iter()
            .map(|height| move |event: SearchEvent<'_>| observer(*height, event))
            .collect();
        let mut runs = Vec::new();
        for ((height, search), observe) in searches.iter().zip(&observers) {
            let mut run = SearchRun::new(search, &identities, handle, observe)?;
            run.search_curve()?;
            runs.push((*height, run));
        }
        // The rungs' own estimates become as reliable as those of searches.
        let mut candidates = candidates_of(&runs);
        for (index, target) in self.scores.iter().enumerate() {
            let Some(chosen) = rung(*target, &candidates).encode else { continue };
            if let Some((_, run)) = runs.iter_mut().find(|(height, _)| *height == chosen.height) {
                run.refine(index)?;
            }
        }
        candidates = candidates_of(&runs);
        let mut rungs: Vec<Rung> =
            self.scores.iter().map(|target| rung(*target, &candidates)).collect();
        let mut encoded_frames = runs.iter().map(|(_, run)| run.encoded_frames).sum();
        if let Some(folder) = &self.output {
            for rung in &mut rungs {
                encoded_frames +=
                    self.encode_rung(rung, folder, own_height, &identities, handle, observer)?;
            }
        }
        let Some((_, first)) = runs.first() else {
            return Err(Error::input("a ladder needs heights"));
        };
        if !self.keep_clips {
            first.remove_clips();
        }
        let points: Vec<LadderPoint> = candidates.iter().map(|(point, _)| *point).collect();
        Ok(LadderResult {
            version: result::VERSION,
            source: first.source.clone(),
            encoder: self.encoder.name.clone(),
            setting: first.encoder.setting_name().to_owned(),
            score: first.score_name(),
            heights: runs.iter().map(|(height, run)| of_height(run, *height)).collect(),
            hull: upper_hull(&points),
            rungs,
            encoded_frames,
            elapsed: started.elapsed().as_secs_f64(),
        })
    }

    /// Checks heights and scores. Returns the height of the picture that is encoded.
    fn check(&self, handle: &RunHandle) -> Result<u32> {
        if self.heights.is_empty() || self.scores.is_empty() {
            return Err(Error::input("a ladder needs heights, and the scores of its rungs"));
        }
        let settings = OpenSettings::new(&self.options, handle);
        let source = settings.open(&self.source, self.options.streams.of_reference())?;
        let own = match self.options.conform.crop {
            Some(Crop::At(part)) => part.height,
            _ => source.info().format.height(),
        };
        let is_wrong = |height: &&u32| **height > own || **height < 16 || **height % 2 == 1;
        if let Some(height) = self.heights.iter().find(is_wrong) {
            return Err(Error::input(format!(
                "{height} is no height of an encode of {}, which is {own} pixels high: it is even, \
                 from 16 to that",
                self.source
            )));
        }
        if let Some(folder) = &self.output {
            self.check_output(folder)?;
        }
        Ok(own)
    }

    /// Returns the search of a height, from a picture of `own` height.
    fn search_of(&self, height: u32, own: u32) -> Search {
        let mut encoder = self.encoder.clone();
        if height != own {
            let scale = format!("scale=-2:{height}:flags=bicubic");
            let filters = encoder.filters.into_iter().chain([scale]);
            encoder.filters = Some(filters.collect::<Vec<_>>().join(","));
        }
        Search {
            quality: self.quality,
            targets: self.scores.iter().map(|score| Gate::mean_at_least(*score)).collect(),
            options: Options { models: self.first_model(), ..self.options.clone() },
            cache: self.cache.clone(),
            jobs: self.jobs,
            keep_clips: true,
            ..Search::new(&self.source, Encoder::Named(encoder))
        }
    }

    /// Returns the first of the models, by which the rungs are chosen.
    fn first_model(&self) -> Option<Vec<crate::request::ModelSpec>> {
        let models = self.options.models.as_ref()?;
        Some(models.iter().take(1).cloned().collect())
    }
}

/// Returns the probes and the curve of a height.
fn of_height(run: &SearchRun<'_>, height: u32) -> HeightResult {
    let mut probes = run.probes.clone();
    for probe in &mut probes {
        // The targets are bounds on one value.
        probe.targets.truncate(1);
    }
    let position = |probe: &Probe| run.encoder.scale.position(probe.quality);
    probes.sort_by(|a, b| position(a).total_cmp(&position(b)));
    HeightResult { height, probes, curve: curve(run, height).map(|(_, point)| point).collect() }
}

/// Returns the estimates of a height at all positions between its outermost probes.
fn curve<'a>(
    run: &'a SearchRun<'_>,
    height: u32,
) -> impl Iterator<Item = (usize, LadderPoint)> + 'a {
    let positions = run.probes.iter().map(|probe| run.encoder.scale.nearest(probe.quality));
    let (first, last) = (positions.clone().min().unwrap_or(0), positions.max().unwrap_or(0));
    (first..=last).map(move |position| {
        let prediction = run.prediction(position);
        let score = prediction.targets.first().map_or(f64::NAN, |target| target.value);
        let kilobits = run.source.kilobits(prediction.bytes);
        let quality = run.encoder.scale.at(position);
        (position, LadderPoint { height, quality, score, kilobits })
    })
}

/// Returns the points of all curves, each with its command line.
fn candidates_of(runs: &[(u32, SearchRun<'_>)]) -> Vec<(LadderPoint, String)> {
    let of_run = |(height, run): &(u32, SearchRun<'_>)| {
        let points = curve(run, *height);
        points.map(|(position, point)| (point, run.shown_command(position))).collect::<Vec<_>>()
    };
    runs.iter().flat_map(of_run).collect()
}

/// Returns the rung of a score: the smallest of the candidates that reach it.
fn rung(target: f64, candidates: &[(LadderPoint, String)]) -> Rung {
    let reaching = candidates.iter().filter(|(point, _)| point.score >= target);
    let smallest = reaching.min_by(|a, b| a.0.kilobits.total_cmp(&b.0.kilobits));
    Rung {
        target,
        encode: smallest.map(|(point, _)| *point),
        command: smallest.map(|(_, command)| command.clone()).unwrap_or_default(),
        output: None,
    }
}

impl LadderResult {
    /// Writes the result to the file at `path`: as a page if its extension is html, else as JSON.
    ///
    /// # Errors
    /// Fails if it can't be written.
    pub fn write(&self, path: &str) -> Result<()> {
        Target::open(path)?.write(|out| {
            if crate::output::html::is_page(path) {
                return page::write(self, out);
            }
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(height: u32, kilobits: f64, score: f64) -> (LadderPoint, String) {
        (LadderPoint { height, quality: 20.0, score, kilobits }, format!("{height} {kilobits}"))
    }

    #[test]
    fn a_rung_is_the_smallest_encode_of_any_height() {
        let candidates = [
            point(1080, 5000.0, 95.0),
            point(1080, 2000.0, 80.0),
            point(540, 1500.0, 84.0),
            point(540, 700.0, 70.0),
        ];
        let of = |target: f64| rung(target, &candidates).encode.map(|of| (of.height, of.kilobits));
        assert_eq!(of(95.0), Some((1080, 5000.0)));
        assert_eq!(of(80.0), Some((540, 1500.0)));
        assert_eq!(of(60.0), Some((540, 700.0)));
        assert_eq!(of(96.0), None);
        assert_eq!(rung(70.0, &candidates).command, "540 700");
    }

    #[test]
    fn smaller_heights_are_scaled_after_the_users_filters() {
        let mut encoder = NamedEncoder::new("x264");
        encoder.filters = Some("yadif".to_owned());
        let ladder = Ladder::new("a.mkv", encoder, vec![720, 360]).scores([90.0, 70.0]);
        let filters = |height: u32| match ladder.search_of(height, 720).encoder {
            Encoder::Named(named) => named.filters,
            Encoder::Command(_) => None,
        };
        assert_eq!(filters(720).as_deref(), Some("yadif"));
        assert_eq!(filters(360).as_deref(), Some("yadif,scale=-2:360:flags=bicubic"));
    }
}
