//! Searches the worst setting of an encoder, that of the smallest file, whose encode still meets
//! quality targets.
//!
//! ```no_run
//! use vmaf::search::{Encoder, NamedEncoder, Search};
//!
//! let encoder = Encoder::Named(NamedEncoder::new("x265"));
//! let search = Search::new("source.mkv", encoder)
//!     .target("mean>=93".parse()?)
//!     .output("encode.mkv");
//! let result = search.run()?;
//! println!("{} {}: {:?}", result.setting, result.quality, result.outcome);
//! # Ok::<(), vmaf::Error>(())
//! ```
//!
//! 1. The source is analysed once: scenes, and how difficult each is (`analysis`).
//! 2. A sample of it is planned and cut by frame number; short sources are taken whole (`samples`,
//!    `clips`).
//! 3. Settings are probed: several are encoded at once, exactly as the answer will be, and scored in
//!    one pass (`probing`). Curves through the probes say what comes next (`curve`, `strategy`).
//! 4. The whole source is encoded and scored completely. If the encode misses the targets, or
//!    exceeds them by more than half a point, the estimate is corrected, and it is encoded once more
//!    (`finishing`).
//!
//! `per_scene` does this for each scene, and joins the encodes. A [`Ladder`] does it for several
//! heights.
//!
//! Probes are stored: an interrupted search resumes, and another target is answered from those that
//! exist (`store`).

mod analysis;
mod clips;
mod content;
mod correction;
mod curve;
mod encoder;
mod event;
mod finishing;
mod identities;
mod known;
mod ladder;
mod per_scene;
mod probing;
mod program;
mod refusal;
mod result;
mod run;
mod samples;
mod scale;
mod store;
mod strategy;
mod target;

use std::num::NonZero;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vmaf_core::Gate;

pub use self::encoder::{Encoder, NamedEncoder};
pub use self::event::{SearchEvent, SearchObserver};
use self::identities::Identities;
pub use self::known::encoder_names;
pub use self::ladder::{HeightResult, Ladder, LadderObserver, LadderPoint, LadderResult, Rung};
pub use self::result::{
    Prediction, Probe, SceneEncode, SearchOutcome, SearchResult, SearchSource, TargetValue,
    VerifiedEncode,
};
pub use self::scale::QualityRange;
use crate::error::{Error, Result};
use crate::handle::RunHandle;
use crate::request::{Options, Pairing};

/// The number of processors that an encoder is assumed to keep busy, and the smallest number of
/// settings encoded at once: encodes of small pictures leave even two processors idle.
const PROCESSORS_PER_JOB: usize = 4;
const MIN_JOBS: usize = 2;

/// A search for the setting whose encode just meets its targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Search {
    /// The path of the source.
    pub source: String,
    /// The encoder.
    pub encoder: Encoder,
    /// The range of settings; `None` is the encoder's own.
    #[serde(default)]
    pub quality: Option<QualityRange>,
    /// The targets, all of which the encode has to meet.
    #[serde(default, with = "crate::request::gates")]
    pub targets: Vec<Gate>,
    /// Models, metrics, and how videos are made comparable. All frames are scored. A crop is
    /// applied to the source before it is encoded.
    #[serde(default)]
    pub options: Options,
    /// The encode to write; without it, the setting is only estimated.
    #[serde(default)]
    pub output: Option<String>,
    /// True if every scene has its own setting, so that each meets the targets. Needs an output.
    #[serde(default)]
    pub per_scene: bool,
    /// The folder for stored probes; `None` is `vmaf` in the user's folder for caches.
    #[serde(default)]
    pub cache: Option<PathBuf>,
    /// The number of settings encoded at once; `None` depends on the number of processors.
    #[serde(default)]
    pub jobs: Option<NonZero<usize>>,
    /// True if the clips that probes encode stay in the cache, for further searches. They are large.
    #[serde(default)]
    pub keep_clips: bool,
}

impl Search {
    /// Creates a search without targets.
    #[must_use]
    pub fn new(source: impl Into<String>, encoder: Encoder) -> Self {
        Self {
            source: source.into(),
            encoder,
            quality: None,
            targets: Vec::new(),
            options: Options::default(),
            output: None,
            per_scene: false,
            cache: None,
            jobs: None,
            keep_clips: false,
        }
    }

    /// Adds a target.
    #[must_use]
    pub fn target(mut self, target: Gate) -> Self {
        self.targets.push(target);
        self
    }

    /// Sets the encode to write.
    #[must_use]
    pub fn output(mut self, path: impl Into<String>) -> Self {
        self.output = Some(path.into());
        self
    }

    /// Searches.
    ///
    /// # Errors
    /// Fails if a setting is wrong, the source can't be read, the encoder fails, or an encode can't
    /// be scored. Probes that were finished before are stored.
    pub fn run(&self) -> Result<SearchResult> {
        self.run_with(&RunHandle::default(), &|_| {})
    }

    /// Searches as [`run`](Self::run) does. `handle` shows the progress of each step and can stop
    /// the search; `observer` is called for each step.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does, and if the search was stopped.
    pub fn run_with(
        &self,
        handle: &RunHandle,
        observer: SearchObserver<'_>,
    ) -> Result<SearchResult> {
        let run = run::SearchRun::new(self, &Identities::default(), handle, observer);
        let search =
            run.and_then(|run| if self.per_scene { run.run_per_scene() } else { run.run() });
        handle.outcome(search)
    }

    /// Checks what can be checked without opening the source.
    fn check(&self) -> Result<()> {
        if self.targets.is_empty() {
            return Err(Error::input("a search needs a target, such as mean>=93"));
        }
        let Options { frames, every, sample, shortest, align, offset, raw, frame_rate, .. } =
            &self.options;
        let is_part = frames.is_some() || every.get() != 1 || sample.is_some() || *shortest;
        if is_part || *offset != 0 || *align == Pairing::Content {
            return Err(Error::input(
                "a search scores all frames of its encodes, in order: a part of the frames, an \
                 offset and pairing by content are for encodes that exist",
            ));
        }
        if raw.is_some() || frame_rate.is_some() {
            return Err(Error::input(
                "a search encodes the source itself, and encoders can't know the layout of raw \
                 video: convert it to y4m or Matroska",
            ));
        }
        if self.per_scene && (self.output.is_none() || matches!(self.encoder, Encoder::Command(_)))
        {
            return Err(Error::input(
                "settings for each scene need an output, and an encoder that FFmpeg runs",
            ));
        }
        if let Some(output) = &self.output {
            let is_source = |path: &Path| {
                let [output, source] = [path, Path::new(&self.source)].map(Path::canonicalize);
                output.is_ok_and(|output| source.is_ok_and(|source| source == output))
            };
            let path = Path::new(output);
            if is_source(path) {
                return Err(Error::input(format!("{output} is the source: name another output")));
            }
            if path.extension().is_none() {
                return Err(Error::input(format!(
                    "{output} has no extension, which tells the encoder the format: name it \
                     {output}.mkv, for example"
                )));
            }
            // An output that can't be written should not take an hour to find.
            drop(crate::output::target::Target::open(output)?);
        }
        Ok(())
    }

    /// Returns the number of settings that are encoded at once.
    fn jobs(&self) -> usize {
        self.jobs.map_or_else(
            || {
                let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
                (processors / PROCESSORS_PER_JOB).max(MIN_JOBS)
            },
            NonZero::get,
        )
    }

    /// Returns true if two encodes are taken to need no more time than one: there are processors for
    /// both, or the number of jobs says so.
    fn is_parallel(&self) -> bool {
        self.jobs.map_or_else(
            || {
                let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
                processors >= 2 * PROCESSORS_PER_JOB
            },
            |jobs| jobs.get() > 1,
        )
    }

    /// Returns the folder for stored probes.
    fn cache_folder(&self) -> Result<PathBuf> {
        use etcetera::BaseStrategy;

        if let Some(folder) = &self.cache {
            return Ok(folder.clone());
        }
        let strategy = etcetera::choose_base_strategy().map_err(|_| {
            Error::input("there is no home folder for a cache: name a cache folder")
        })?;
        Ok(strategy.cache_dir().join("vmaf"))
    }
}
