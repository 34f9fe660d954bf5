//! What is to be scored: models, features and how.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;

use super::part::Fingerprint;
use super::plan::{Encode, Measurement, OwnOption, Wanted};
use super::worker::Shared;
use super::{Depth, Lookback, Pushed, Sampling, Scorer};
use crate::feature::{Feature, MapSink, Neighbours, OptionSpec, Options};
use crate::model::Model;
use crate::{Chroma, Error, Format, Level, Result};

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
    threads: usize,
    pub(super) level: Level,
    frames: Range<u64>,
    every: u64,
    sampling: Option<Sampling>,
    part: Range<u64>,
    pub(super) maps: Option<Arc<dyn MapSink>>,
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
            return Err(Error::Job(format!(
                "{name} of {} decides which columns there are, which is the same for all encodes",
                feature.name
            )));
        }
        let (name, value) = (name.to_owned(), value.to_owned());
        self.encode_mut(encode)?.options.push(OwnOption { feature: feature.name, name, value });
        Ok(self)
    }

    fn encode_mut(&mut self, encode: usize) -> Result<&mut Encode> {
        self.check_encode(encode)?;
        Ok(&mut self.encodes[encode])
    }

    fn check_encode(&self, encode: usize) -> Result<()> {
        let count = self.encodes.len();
        if encode < count {
            return Ok(());
        }
        Err(Error::Job(format!("there is no encode {encode} in a job of {count}, counted from 0")))
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
    /// whole video. [`Scorer::wanted`] then says which frames to push.
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

    /// The features that will be measured, in the order of their columns: those of the models
    /// first.
    ///
    /// # Errors
    /// [`Error::Model`] where a model asks for a feature that does not exist.
    pub fn registered(&self) -> Result<Vec<(&'static Feature, Options)>> {
        let wanted = self.wanted()?.into_iter();
        Ok(wanted.map(|wanted| (wanted.feature, wanted.options)).collect())
    }

    /// The features as they will be measured of encode `encode`, in the order of
    /// [`registered`](Self::registered): with the options that are its own.
    ///
    /// # Errors
    /// As there, and [`Error::Job`] where there is no such encode.
    pub fn registered_of(&self, encode: usize) -> Result<Vec<(&'static Feature, Options)>> {
        self.check_encode(encode)?;
        let of_encode =
            |mut wanted: Wanted| (wanted.feature, wanted.of_encodes.swap_remove(encode).options);
        Ok(self.wanted()?.into_iter().map(of_encode).collect())
    }

    /// Plans the job and starts its threads.
    ///
    /// # Errors
    /// [`Error::Job`] where nothing is asked for or two models have one label; what planning a
    /// feature gives, as [`Error::TooSmall`] or [`Error::Unsupported`].
    pub fn start(self) -> Result<Scorer> {
        if self.encodes.is_empty() {
            return Err(Error::Job("a job needs an encode to score".to_owned()));
        }
        for (i, model) in self.models.iter().enumerate() {
            if self.models[..i].iter().any(|other| other.label() == model.label()) {
                let label = model.label();
                return Err(Error::Job(format!(
                    "two models are called '{label}': give one another name"
                )));
            }
        }
        let wanted = self.wanted()?;
        if wanted.is_empty() {
            return Err(Error::Job("no model and no feature is asked for".to_owned()));
        }
        let depth = |measurement: &Measurement| measurement.bit_depth;
        let depths_of = |encode: usize| {
            let mut depths: Vec<u8> =
                wanted.iter().map(|wanted| depth(&wanted.of_encodes[encode])).collect();
            depths.sort_unstable();
            depths.dedup();
            depths
        };
        let depths_of: Vec<Vec<u8>> = (0..self.encodes.len()).map(depths_of).collect();
        let mut depths = depths_of.concat();
        depths.sort_unstable();
        depths.dedup();
        let (planned, registered) = self.plan(&wanted, &depths)?;
        let fingerprint = self.fingerprint(&wanted);
        let neighbours = planned
            .iter()
            .map(|planned| planned.extractor.neighbours())
            .fold(Neighbours::default(), Neighbours::union);
        let mut lookback_at = vec![Lookback::default(); depths.len()];
        for planned in &planned {
            let extractor = &planned.extractor;
            let lookback = &mut lookback_at[planned.depth];
            *lookback = lookback.union(Lookback {
                reference: extractor.lookback(),
                distorted: extractor.lookback_distorted(),
                chroma: extractor.looks_back_at_chroma(),
            });
        }
        let furthest =
            lookback_at.iter().map(|lookback| lookback.reference.max(lookback.distorted));
        let reads_chroma = planned.iter().any(|planned| planned.extractor.reads_chroma());
        let chroma = if reads_chroma { self.format.chroma } else { Chroma::Mono };
        let pushed = |format: Format, depths: &[u8]| {
            let bit_depth = depths.first().copied().unwrap_or(format.bit_depth);
            Pushed { format, looked_at: Format { chroma, bit_depth, ..format } }
        };
        let own = self.encodes.iter().map(|encode| self.format_of(encode));
        let encodes: Vec<Pushed> =
            own.zip(&depths_of).map(|(format, depths)| pushed(format, depths)).collect();
        let least = encodes.iter().map(|encode| encode.format).min_by_key(|it| it.bit_depth);
        let reference = pushed(least.unwrap_or(self.format), &depths);
        let threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        };
        let pool = (threads > 1)
            .then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build())
            .transpose()
            .map_err(|error| Error::Job(format!("can't start {threads} threads: {error}")))?;
        let wanted = super::Wanted {
            frames: self.frames,
            every: self.every,
            sampling: self.sampling,
            part: self.part,
            neighbours,
            lookback: furthest.max().unwrap_or(0),
        };
        let at_depth = depths.iter().zip(lookback_at).map(|(bits, lookback)| {
            let measured = depths_of.iter().map(|depths| depths.contains(bits)).collect();
            Depth::new(*bits, lookback, measured)
        });
        let at_depth = at_depth.collect();
        let shared = Shared::new(self.encodes.len(), threads, planned, registered, self.models);
        let mut scorer = Scorer {
            shared: Arc::new(shared),
            threads: pool,
            wanted,
            fingerprint,
            reference,
            encodes,
            depths: at_depth,
            next: 0,
            parted: 0,
        };
        scorer.next = scorer.wanted().start;
        Ok(scorer)
    }

    /// What tells this job from others whose parts are not its own.
    fn fingerprint(&self, wanted: &[Wanted]) -> Fingerprint {
        let mut lines = vec![
            crate::VERSION.to_owned(),
            format!("{:?} {} {:?} {}", self.format, self.encodes.len(), self.frames, self.every),
        ];
        lines.extend(self.sampling.map(|sampling| format!("{sampling:?}")));
        lines.extend(self.models.iter().map(Model::identity));
        for Wanted { feature, options, of_encodes } in wanted {
            lines.push(format!("{} {:?}", feature.name, options.given()));
            lines.extend(of_encodes.iter().map(|Measurement { bit_depth, options }| {
                format!("{bit_depth} {:?}", options.given())
            }));
        }
        Fingerprint::of(&lines)
    }
}
