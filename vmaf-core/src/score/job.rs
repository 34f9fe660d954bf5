//! What is to be scored: models, features and how.

use std::ops::Range;
use std::sync::Arc;

use super::Sampling;
use crate::error::JobError;
use crate::feature::{Feature, MapSink, OptionSpec, Options};
use crate::model::Model;
use crate::{Error, Format, Level, Result};

/// What is wanted of a video and its encodes.
///
/// Models and features share: a feature that several of them need with the same options is
/// measured once, and options of one feature share what does not depend on them.
#[derive(Debug, Clone)]
pub struct Job {
    pub(super) format: Format,
    pub(super) encodes: Vec<Encode>,
    pub(super) models: Vec<Model>,
    pub(super) features: Vec<(&'static Feature, Options)>,
    pub(super) threads: usize,
    pub(super) level: Level,
    pub(super) frames: Range<u64>,
    pub(super) every: u64,
    pub(super) sampling: Option<Sampling>,
    pub(super) part: Range<u64>,
    pub(super) maps: Option<Arc<dyn MapSink>>,
}

/// What describes one encode, and the features measured of it for models.
#[derive(Debug, Clone, Default)]
pub(super) struct Encode {
    /// The bit depth that it is measured at, and the reference beside it; the job's if `None`.
    pub(super) bit_depth: Option<u8>,
    /// Options of models' features, for this encode.
    pub(super) options: Vec<OwnOption>,
}

/// An option of a feature, for one encode.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OwnOption {
    pub(super) feature: &'static str,
    pub(super) name: String,
    pub(super) value: String,
}

impl Encode {
    /// The options of `feature` for this encode, where a model wants `options`. What the model
    /// itself sets stays.
    pub(super) fn options_of(&self, feature: &Feature, options: &Options) -> Result<Options> {
        let mut own = options.clone();
        for OwnOption { name, value, .. } in
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
    /// A job on frames of `format`, with `encodes` encodes of one reference.
    #[must_use]
    pub fn new(format: Format, encodes: usize) -> Self {
        Self {
            format,
            encodes: vec![Encode::default(); encodes],
            models: Vec::new(),
            features: Vec::new(),
            threads: 1,
            level: Level::best(),
            frames: 0..u64::MAX,
            every: 1,
            sampling: None,
            part: 0..u64::MAX,
            maps: None,
        }
    }

    /// Adds a model; its score is in the column of its [label](Model::label).
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.models.push(model);
        self
    }

    /// Adds a feature. What a model of this job already asks for is not measured twice.
    #[must_use]
    pub fn feature(mut self, feature: &'static Feature, options: Options) -> Self {
        self.features.push((feature, options));
        self
    }

    /// Measures encode `encode`, and the reference beside it, in samples of `bit_depth` bits, where
    /// that of the job's format is the deepest encode's. Its values are those it has alone.
    ///
    /// # Errors
    /// [`Error::Job`] where there is no such encode, [`Error::Format`] where the bit depth is not 8
    /// to 16.
    pub fn encode_bit_depth(mut self, encode: usize, bit_depth: u8) -> Result<Self> {
        let Format { width, height, chroma, .. } = self.format;
        Format::new(width, height, chroma, bit_depth)?;
        self.encode_mut(encode)?.bit_depth = Some(bit_depth);
        Ok(self)
    }

    /// Sets an option of `feature` for encode `encode` where a model looks at the feature and does
    /// not set the option itself: what describes an encode, as cambi's `enc_width`, is its own.
    /// Columns are called as they are without.
    ///
    /// # Errors
    /// [`Error::Unknown`] or [`Error::BadOption`] where there is no such option or the value is
    /// wrong; [`Error::Job`] where there is no such encode, or outputs depend on the option, which
    /// all encodes have alike.
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
        self.encode_mut(encode)?.options.push(OwnOption { feature: feature.name, name, value });
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

    /// Uses `threads` threads; 0 stands for all processors, 1 (the default) for the caller's own.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Uses the instruction set `level` instead of the best. The results are the same.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Scores only the frames with these numbers, in context: with the values they have in the
    /// whole video. [`Scorer::wanted`](super::Scorer::wanted) then says which frames to push.
    #[must_use]
    pub fn frames(mut self, frames: Range<u64>) -> Self {
        self.frames = frames;
        self
    }

    /// Scores only every `every`-th frame, in context, those whose number is a multiple of it.
    #[must_use]
    pub fn every(mut self, every: u64) -> Self {
        self.every = every.max(1);
        self
    }

    /// Scores only the frames that `sampling` takes of those asked for, in context, whatever
    /// [`every`](Self::every) says.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = Some(sampling);
        self
    }

    /// Measures only what of the job lies among the frames with these numbers, for a
    /// [`Part`](super::Part). Together the parts of a job have to cover all frames from 0 to
    /// `u64::MAX`; the neighbours that a part's frames need are pushed as for an excerpt.
    #[must_use]
    pub fn part(mut self, frames: Range<u64>) -> Self {
        self.part = frames;
        self
    }

    /// Hands the maps of features that make some (cambi) to `sink`, from the threads that measure.
    #[must_use]
    pub fn maps(mut self, sink: Arc<dyn MapSink>) -> Self {
        self.maps = Some(sink);
        self
    }

    /// The format that encode `encode` and the reference beside it are measured in, unless a model
    /// wants more bits.
    pub(super) fn format_of(&self, encode: &Encode) -> Format {
        Format { bit_depth: encode.bit_depth.unwrap_or(self.format.bit_depth), ..self.format }
    }
}
