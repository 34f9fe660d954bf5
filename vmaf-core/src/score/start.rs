//! Starting a scorer from a job.

use std::num::NonZero;
use std::sync::Arc;

use super::job::Job;
use super::part::Fingerprint;
use super::plan::{EncodeSettings, FeatureRequest};
use super::pool::Pool;
use super::worker::SharedState;
use super::{AcceptedFormats, DepthFrames, Sampling, Scorer};
use crate::error::JobError;
use crate::feature::{Feature, Lookback, Neighbours, Options};
use crate::model::Model;
use crate::scene::Changes;
use crate::{Chroma, Error, Format, Result};

impl Job {
    /// The features to be measured, in the order of their columns; those of the models come first.
    ///
    /// # Errors
    /// [`Error::Model`] if a model uses a feature that does not exist.
    pub fn features(&self) -> Result<Vec<(&'static Feature, Options)>> {
        let requests = self.requests()?.into_iter();
        Ok(requests.map(|request| (request.feature, request.options)).collect())
    }

    /// The features to be measured for encode `encode`, with that encode's options, in the order of
    /// [`features`](Self::features).
    ///
    /// # Errors
    /// As in [`features`](Self::features), and [`Error::Job`] if there is no such encode.
    pub fn features_of(&self, encode: usize) -> Result<Vec<(&'static Feature, Options)>> {
        self.check_encode(encode)?;
        let of_encode = |mut request: FeatureRequest| {
            (request.feature, request.of_encodes.swap_remove(encode).options)
        };
        Ok(self.requests()?.into_iter().map(of_encode).collect())
    }

    /// Plans the job and starts its threads.
    ///
    /// # Errors
    /// [`Error::Job`] if the job requests nothing ([`JobError::NothingRequested`]), two models have
    /// the same label ([`JobError::SameLabel`]), or the requests contradict each other.
    /// [`Error::TooSmall`], [`Error::Unsupported`] or [`Error::BadOption`] if a feature is not
    /// defined for the job.
    pub fn start(self) -> Result<Scorer> {
        if self.encodes.is_empty() {
            return Err(Error::Job(JobError::NoEncode));
        }
        for (i, model) in self.models.iter().enumerate() {
            if self.models[..i].iter().any(|other| other.label() == model.label()) {
                return Err(Error::Job(JobError::SameLabel { label: model.label().to_owned() }));
            }
        }
        let requests = self.requests()?;
        if requests.is_empty() {
            return Err(Error::Job(JobError::NothingRequested));
        }
        let depth = |settings: &EncodeSettings| settings.bit_depth;
        let depths_of = |encode: usize| {
            let mut depths: Vec<u8> =
                requests.iter().map(|request| depth(&request.of_encodes[encode])).collect();
            depths.sort_unstable();
            depths.dedup();
            depths
        };
        let depths_of: Vec<Vec<u8>> = (0..self.encodes.len()).map(depths_of).collect();
        let mut depths = depths_of.concat();
        depths.sort_unstable();
        depths.dedup();
        let (plans, variants) = self.plan(&requests, &depths)?;
        let fingerprint = self.fingerprint(&requests);
        let neighbours = plans
            .iter()
            .map(|plan| plan.requirements.neighbours)
            .fold(Neighbours::default(), Neighbours::union);
        let mut lookback_at = vec![Lookback::default(); depths.len()];
        for plan in &plans {
            let lookback = &mut lookback_at[plan.depth];
            *lookback = lookback.union(plan.requirements.lookback);
        }
        let furthest =
            lookback_at.iter().map(|lookback| lookback.reference.max(lookback.distorted));
        let reads_chroma = plans.iter().any(|plan| plan.requirements.chroma);
        let reads_rgb = plans.iter().any(|plan| plan.requirements.rgb);
        let chroma = if reads_chroma { self.format.chroma } else { Chroma::Mono };
        let accepted = |format: Format, depths: &[u8]| {
            let bit_depth = depths.first().copied().unwrap_or(format.bit_depth);
            AcceptedFormats { format, required: Format { chroma, bit_depth, ..format } }
        };
        let own = self.encodes.iter().map(|encode| self.format_of(encode));
        let encodes: Vec<AcceptedFormats> =
            own.zip(&depths_of).map(|(format, depths)| accepted(format, depths)).collect();
        let least = encodes.iter().map(|encode| encode.format).min_by_key(|it| it.bit_depth);
        let reference = accepted(least.unwrap_or(self.format), &depths);
        let threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        };
        let has_pool = threads > 1 || self.background;
        let pool = has_pool.then(|| Pool::new(threads)).transpose()?;
        let selection = super::FrameSelection {
            frames: self.frames,
            every: self.every,
            sampling: self.sampling,
            part: self.part,
            neighbours,
            // The change of a part's first frame needs the frame before it.
            lookback: furthest.max().unwrap_or(0).max(self.detects_scenes.into()),
        };
        let at_depth = depths.iter().zip(lookback_at).map(|(bits, lookback)| {
            let measured = depths_of.iter().map(|depths| depths.contains(bits)).collect();
            DepthFrames::new(*bits, lookback, measured)
        });
        let at_depth = at_depth.collect();
        let shared = SharedState::new(self.encodes.len(), threads, plans, variants, self.models);
        let mut scorer = Scorer {
            shared: Arc::new(shared),
            pool,
            selection,
            fingerprint,
            reference,
            encodes,
            reads_rgb,
            depths: at_depth,
            changes: self.detects_scenes.then(Changes::default),
            next: 0,
            parted: 0,
        };
        scorer.next = scorer.frames_to_push().start;
        Ok(scorer)
    }

    /// A fingerprint that differs between jobs whose parts are not interchangeable.
    fn fingerprint(&self, requests: &[FeatureRequest]) -> Fingerprint {
        let mut lines = vec![
            crate::VERSION.to_owned(),
            self.format.to_string(),
            format!("encodes {}", self.encodes.len()),
            format!("frames {} {} {}", self.frames.start, self.frames.end, self.every),
        ];
        lines.extend(self.detects_scenes.then(|| "scenes".to_owned()));
        lines.extend(self.sampling.map(Sampling::identity));
        lines.extend(self.models.iter().flat_map(Model::identity));
        for FeatureRequest { feature, options, of_encodes } in requests {
            lines.push(format!("feature {}", feature.name));
            lines.extend(options.identity());
            for EncodeSettings { bit_depth, options } in of_encodes {
                lines.push(format!("bit depth {bit_depth}"));
                lines.extend(options.identity());
            }
        }
        Fingerprint::from_lines(&lines)
    }
}
