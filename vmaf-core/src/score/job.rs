//! What is to be scored: models, features and how.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;

use super::part::Fingerprint;
use super::worker::{Planned, Registered, Shared};
use super::{Depth, Lookback, Sampling, Scorer};
use crate::feature::{self, Feature, MapSink, Neighbours, Options, Plan};
use crate::model::Model;
use crate::{Chroma, Error, Format, Level, Result};

/// What is wanted of a video and its encodes.
///
/// Models and features share: a feature that several of them need with the same options is
/// measured once, and options of one feature share what does not depend on them.
#[derive(Debug, Clone)]
pub struct Job {
    format: Format,
    encodes: usize,
    models: Vec<Model>,
    features: Vec<(&'static Feature, Options)>,
    threads: usize,
    level: Level,
    frames: Range<u64>,
    every: u64,
    sampling: Option<Sampling>,
    part: Range<u64>,
    maps: Option<Arc<dyn MapSink>>,
}

/// A feature to be measured, with its options, at a bit depth.
struct Wanted {
    feature: &'static Feature,
    options: Options,
    bit_depth: u8,
}

impl Job {
    /// A job on frames of `format`, with `encodes` encodes of one reference.
    #[must_use]
    pub fn new(format: Format, encodes: usize) -> Self {
        Self {
            format,
            encodes,
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

    fn wanted(&self) -> Result<Vec<Wanted>> {
        let mut all: Vec<Wanted> = Vec::new();
        let mut want = |feature: &'static Feature, options: &Options, bit_depth: Option<u8>| {
            let same = |other: &&mut Wanted| {
                std::ptr::eq(other.feature, feature) && other.options.suffix() == options.suffix()
            };
            match all.iter_mut().find(same) {
                Some(other) if bit_depth.is_some_and(|depth| depth != other.bit_depth) => {
                    return Err(Error::Job(format!(
                        "two models look at {}{}, one at {} bits and one at {}: score them in \
                         separate runs",
                        feature.name,
                        options.suffix(),
                        other.bit_depth,
                        bit_depth.unwrap_or_default()
                    )));
                }
                Some(other) if !other.options.measures_as(options, |f| feature.is_needed(f)) => {
                    return Err(Error::Job(format!(
                        "{} is asked for twice, with options that differ but name no column: score \
                         one of them in a run of its own",
                        feature.name
                    )));
                }
                // The same measurement, of which one side may want to see more.
                Some(other) => {
                    other.options.add_outputs_of(options, |flag| feature.is_needed(flag));
                }
                None => {
                    let bit_depth = bit_depth.unwrap_or(self.format.bit_depth);
                    all.push(Wanted { feature, options: options.clone(), bit_depth });
                }
            }
            Ok(())
        };
        for model in &self.models {
            let bit_depth = model.bit_depth_for(&self.format);
            for (feature, options) in model.features()? {
                want(feature, &options, Some(bit_depth))?;
            }
        }
        for (feature, options) in &self.features {
            want(feature, options, None)?;
        }
        Ok(all)
    }

    /// Plans the job and starts its threads.
    ///
    /// # Errors
    /// [`Error::Job`] where nothing is asked for or two models have one label; what planning a
    /// feature gives, as [`Error::TooSmall`] or [`Error::Unsupported`].
    pub fn start(self) -> Result<Scorer> {
        if self.encodes == 0 {
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
        let mut depths: Vec<u8> = wanted.iter().map(|wanted| wanted.bit_depth).collect();
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
        let looked_at = Format {
            chroma: if reads_chroma { self.format.chroma } else { Chroma::Mono },
            bit_depth: if let [only] = depths[..] { only } else { self.format.bit_depth },
            ..self.format
        };
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
        let shared =
            Shared::new(self.format, self.encodes, threads, planned, registered, self.models);
        let mut scorer = Scorer {
            shared: Arc::new(shared),
            threads: pool,
            wanted,
            fingerprint,
            looked_at,
            depths: depths.into_iter().zip(lookback_at).map(|(b, l)| Depth::new(b, l)).collect(),
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
            format!("{:?} {} {:?} {}", self.format, self.encodes, self.frames, self.every),
        ];
        lines.extend(self.sampling.map(|sampling| format!("{sampling:?}")));
        lines.extend(self.models.iter().map(Model::identity));
        lines.extend(wanted.iter().map(|wanted| {
            let Wanted { feature, options, bit_depth } = wanted;
            format!("{} {:?} {bit_depth}", feature.name, options.given())
        }));
        Fingerprint::of(&lines)
    }

    /// Plans each feature once at each bit depth, for all its variants, and lays out the values of
    /// a frame.
    fn plan(&self, wanted: &[Wanted], depths: &[u8]) -> Result<(Vec<Planned>, Vec<Registered>)> {
        let mut planned = Vec::new();
        let mut places: Vec<Option<Registered>> = vec![None; wanted.len()];
        let mut start = 0;
        let each = feature::FEATURES.iter().flat_map(|feature| {
            depths.iter().enumerate().map(move |(depth, bits)| (*feature, depth, *bits))
        });
        for (feature, depth, bit_depth) in each {
            let is_it = |&i: &usize| {
                std::ptr::eq(wanted[i].feature, feature) && wanted[i].bit_depth == bit_depth
            };
            let indices: Vec<usize> = (0..wanted.len()).filter(is_it).collect();
            if indices.is_empty() {
                continue;
            }
            let variants: Vec<Options> =
                indices.iter().map(|&i| wanted[i].options.clone()).collect();
            let format = Format { bit_depth, ..self.format };
            let maps = self.maps.clone();
            let plan = Plan { format, level: self.level, variants: &variants, maps };
            let extractor = feature.plan(&plan)?;
            let mut variants_at = Vec::new();
            for (variant, (&index, options)) in indices.iter().zip(&variants).enumerate() {
                let (place, at) = Registered::new(
                    feature,
                    options,
                    self.format.chroma,
                    (planned.len(), variant),
                    start,
                );
                start += at.there.len();
                variants_at.push(at);
                places[index] = Some(place);
            }
            planned.push(Planned { extractor, variants: variants_at, depth });
        }
        Ok((planned, places.into_iter().flatten().collect()))
    }
}
