//! Jobs: the models and features to measure, and the settings.

use std::ops::Range;
use std::sync::Arc;

use super::Sampling;
use crate::error::JobError;
use crate::feature::{Feature, MapSink, OptionSpec, Options};
use crate::model::Model;
use crate::{Error, Format, Level, Result};

/// The scores to measure for a video and its encodes.
///
/// Models and features share work: a feature that several of them need with the same options is
/// measured once, and variants of one feature share everything that does not depend on their
/// options.
#[derive(Debug, Clone)]
pub struct Job {
    pub(super) format: Format,
    pub(super) encodes: Vec<Encode>,
    pub(super) models: Vec<Model>,
    pub(super) features: Vec<(&'static Feature, Options)>,
    pub(super) threads: usize,
    pub(super) background: bool,
    pub(super) level: Level,
    pub(super) frames: Range<u64>,
    pub(super) every: u64,
    pub(super) sampling: Option<Sampling>,
    pub(super) part: Range<u64>,
    pub(super) maps: Option<Arc<dyn MapSink>>,
    pub(super) detects_scenes: bool,
}

/// One encode's own settings, for its bit depth and for the features of models.
#[derive(Debug, Clone, Default)]
pub(super) struct Encode {
    /// The bit depth at which the encode and its reference are measured; the job's if `None`.
    pub(super) bit_depth: Option<u8>,
    /// Options for the features of models, for this encode.
    pub(super) options: Vec<EncodeOption>,
}

/// An option of a feature, for one encode.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EncodeOption {
    pub(super) feature: &'static str,
    pub(super) name: String,
    pub(super) value: String,
}

impl Encode {
    /// This encode's options of `feature` if a model uses it with `options`. Options that the model
    /// itself sets take precedence.
    pub(super) fn options_of(&self, feature: &Feature, options: &Options) -> Result<Options> {
        let mut own = options.clone();
        for EncodeOption { name, value, .. } in
            self.options.iter().filter(|own| own.feature == feature.name)
        {
            if !options.iter().any(|(given, _)| given == name) {
                own.set(name, value)?;
            }
        }
        Ok(own)
    }
}

impl Job {
    /// Creates a job on frames of `format`, with `encodes` encodes of one reference.
    #[must_use]
    pub fn new(format: Format, encodes: usize) -> Self {
        Self {
            format,
            encodes: vec![Encode::default(); encodes],
            models: Vec::new(),
            features: Vec::new(),
            threads: 1,
            background: false,
            level: Level::best(),
            frames: 0..u64::MAX,
            every: 1,
            sampling: None,
            part: 0..u64::MAX,
            maps: None,
            detects_scenes: false,
        }
    }

    /// Adds a model; the column of its score is named after its [label](Model::label).
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.models.push(model);
        self
    }

    /// Adds a feature. A measurement that a model of this job already needs is not repeated.
    #[must_use]
    pub fn feature(mut self, feature: &'static Feature, options: Options) -> Self {
        self.features.push((feature, options));
        self
    }

    /// Measures encode `encode`, and the reference for it, with samples of `bit_depth` bits. The
    /// job's format has the bit depth of the deepest encode. The encode's values are the same as in
    /// a job of its own.
    ///
    /// # Errors
    /// [`Error::Job`] if there is no such encode, [`Error::Format`] if the bit depth is not 8 to
    /// 16.
    pub fn encode_bit_depth(mut self, encode: usize, bit_depth: u8) -> Result<Self> {
        let Format { width, height, chroma, .. } = self.format;
        Format::new(width, height, chroma, bit_depth)?;
        self.encode_mut(encode)?.bit_depth = Some(bit_depth);
        Ok(self)
    }

    /// Sets an option of `feature` for encode `encode` if a model uses the feature without setting
    /// the option itself. Use this for options that describe an encode, such as cambi's
    /// `enc_width`. Column names do not change.
    ///
    /// # Errors
    /// [`Error::Unknown`] or [`Error::BadOption`] if there is no such option or the value is
    /// invalid. [`Error::Job`] if there is no such encode, or if the option decides which columns
    /// there are, which is the same for all encodes.
    pub fn encode_option(
        mut self,
        encode: usize,
        feature: &'static Feature,
        option: &str,
        value: &str,
    ) -> Result<Self> {
        feature.options().set(option, value)?;
        let by_alias = |spec: &&OptionSpec| !spec.alias.is_empty() && spec.alias == option;
        let mut specs = feature.options.iter();
        let is_full = specs.any(|spec| spec.name == option);
        let full = feature.options.iter().find(by_alias).filter(|_| !is_full);
        let name = full.map_or(option, |spec| spec.name);
        if feature.is_needed(name) {
            let (feature, option) = (feature.name.to_owned(), name.to_owned());
            return Err(Error::Job(JobError::SharedOption { feature, option }));
        }
        let (name, value) = (name.to_owned(), value.to_owned());
        self.encode_mut(encode)?.options.push(EncodeOption { feature: feature.name, name, value });
        Ok(self)
    }

    fn encode_mut(&mut self, encode: usize) -> Result<&mut Encode> {
        self.check_encode(encode)?;
        Ok(&mut self.encodes[encode])
    }

    pub(super) fn check_encode(&self, encode: usize) -> Result<()> {
        let count = self.encodes.len();
        if encode < count {
            return Ok(());
        }
        Err(Error::Job(JobError::UnknownEncode { encode, count }))
    }

    /// Uses `threads` threads; 0 means one per processor, 1 (the default) the calling thread.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Leaves the calling thread out: even a single thread is the scorer's own, and
    /// [`Scorer::push`](super::Scorer::push) returns while it measures.
    #[must_use]
    pub fn background(mut self) -> Self {
        self.background = true;
        self
    }

    /// Uses the instruction set `level` instead of the best one. The results are the same.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Scores only the frames with these numbers, with the values that they have in the whole
    /// video. [`Scorer::frames_to_push`](super::Scorer::frames_to_push) then returns the frames to
    /// push.
    #[must_use]
    pub fn frames(mut self, frames: Range<u64>) -> Self {
        self.frames = frames;
        self
    }

    /// Scores only frames whose number is a multiple of `every`, with their values in the whole
    /// video.
    #[must_use]
    pub fn every(mut self, every: u64) -> Self {
        self.every = every.max(1);
        self
    }

    /// Scores only those of the job's frames that `sampling` draws, with the values that they have
    /// in the whole video. This overrides [`every`](Self::every).
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = Some(sampling);
        self
    }

    /// Measures only those of the job's frames that have these numbers, for a
    /// [`Part`](super::Part). The parts of a job together have to cover all frames from 0 to
    /// `u64::MAX`. The neighbours that a part's frames need are pushed as for an excerpt.
    #[must_use]
    pub fn part(mut self, frames: Range<u64>) -> Self {
        self.part = frames;
        self
    }

    /// Passes the maps of features that produce some (cambi) to `sink`, from the measuring threads.
    #[must_use]
    pub fn maps(mut self, sink: Arc<dyn MapSink>) -> Self {
        self.maps = Some(sink);
        self
    }

    /// Detects the scenes of the reference: tables [list](crate::ScoreTable::scenes) them.
    #[must_use]
    pub fn detect_scenes(mut self) -> Self {
        self.detects_scenes = true;
        self
    }

    /// The format in which encode `encode` and its reference are measured, unless a model requires
    /// more bits.
    pub(super) fn format_of(&self, encode: &Encode) -> Format {
        Format { bit_depth: encode.bit_depth.unwrap_or(self.format.bit_depth), ..self.format }
    }
}
