//! Starting a scorer from a job.

use std::num::NonZero;
use std::sync::Arc;

use super::job::Job;
use super::part::Fingerprint;
use super::plan::{Measurement, Wanted};
use super::worker::Shared;
use super::{Depth, Pushed, Scorer};
use crate::error::JobError;
use crate::feature::{Feature, Lookback, Neighbours, Options};
use crate::model::Model;
use crate::{Chroma, Error, Format, Result};

impl Job {
    /// The features to be measured, in the order of their columns; those of the models come first.
    ///
    /// # Errors
    /// [`Error::Model`] if a model uses a feature that does not exist.
    pub fn registered(&self) -> Result<Vec<(&'static Feature, Options)>> {
        let wanted = self.wanted()?.into_iter();
        Ok(wanted.map(|wanted| (wanted.feature, wanted.options)).collect())
    }

    /// The features to be measured for encode `encode`, with that encode's options, in the order of
    /// [`registered`](Self::registered).
    ///
    /// # Errors
    /// As in [`registered`](Self::registered), and [`Error::Job`] if there is no such encode.
    pub fn registered_of(&self, encode: usize) -> Result<Vec<(&'static Feature, Options)>> {
        self.check_encode(encode)?;
        let of_encode =
            |mut wanted: Wanted| (wanted.feature, wanted.of_encodes.swap_remove(encode).options);
        Ok(self.wanted()?.into_iter().map(of_encode).collect())
    }

    /// Plans the job and starts its threads.
    ///
    /// # Errors
    /// [`Error::Job`] if the job requests nothing ([`JobError::NothingAsked`]), two models have the
    /// same label ([`JobError::SameLabel`]), or the requests contradict each other.
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
        let wanted = self.wanted()?;
        if wanted.is_empty() {
            return Err(Error::Job(JobError::NothingAsked));
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
            .map(|planned| planned.requirements.neighbours)
            .fold(Neighbours::default(), Neighbours::union);
        let mut lookback_at = vec![Lookback::default(); depths.len()];
        for planned in &planned {
            let lookback = &mut lookback_at[planned.depth];
            *lookback = lookback.union(planned.requirements.lookback);
        }
        let furthest =
            lookback_at.iter().map(|lookback| lookback.reference.max(lookback.distorted));
        let reads_chroma = planned.iter().any(|planned| planned.requirements.chroma);
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
            .map_err(|error| JobError::Threads { count: threads, reason: error.to_string() })?;
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

    /// A fingerprint that differs between jobs whose parts are not interchangeable.
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
