//! The encode of the whole source: scored completely, and made once more with a corrected setting
//! if it misses the targets or exceeds them by much.
//!
//! An estimate from a sample is off by about the same factor of the points lost for neighbouring
//! settings, so that the difference found at one setting corrects the estimates of the others.
//!
//! Encodes are written beside the output, under names that no other search uses, and are complete
//! once they lose the ending "partial". So an interrupted search doesn't encode them again.

use std::path::{Path, PathBuf};

use super::clips;
use super::encoder::EncodeJob;
use super::event::SearchEvent;
use super::result::{Prediction, Probe, TargetValue, VerifiedEncode, margin};
use super::run::SearchRun;
use super::samples::SamplePlan;
use super::store::StoredProbe;
use super::strategy::{Curves, MAX_OVERSHOOT};
use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};
use crate::handle::Event;

/// The margin aimed at once an estimate is corrected.
const AIM: f64 = 0.08;

/// The number of encodes that a search makes if one meets the targets, if that exceeds them by more
/// than [`LARGE_OVERSHOOT`], and if none meets them.
const ENCODES: usize = 2;
const ENCODES_IF_LARGE: usize = 3;
const MAX_ENCODES: usize = 5;
const LARGE_OVERSHOOT: f64 = 0.75;

/// An encode of the whole source whose values are known, perhaps from an earlier search.
struct KnownEncode {
    position: usize,
    margins: Vec<f64>,
}

impl SearchRun<'_> {
    /// Encodes the source at the setting that samples recommend, and at corrected ones, until the
    /// targets are met. Returns the position of the encode that meets them and exceeds them least.
    pub(super) fn finish(&mut self, recommended: usize) -> Result<Option<usize>> {
        let mut known = self.known_encodes()?;
        let mut verified: Vec<usize> = Vec::new();
        let mut next = if known.is_empty() { Some(recommended) } else { self.corrected(&known) };
        while let Some(position) = next {
            let encode = self.verify(position, true)?;
            let margins = encode.targets.iter().map(|target| target.margin).collect();
            known.retain(|of| of.position != position);
            known.push(KnownEncode { position, margins });
            verified.push(position);
            let limit = match self.best().and_then(|best| self.verified_margin(best)) {
                None => MAX_ENCODES,
                Some(margin) if margin > LARGE_OVERSHOOT => ENCODES_IF_LARGE,
                Some(margin) if margin > MAX_OVERSHOOT => ENCODES,
                Some(_) => 0,
            };
            let corrected = self.corrected(&known).filter(|other| !verified.contains(other));
            next = corrected.filter(|_| verified.len() < limit);
        }
        // Results may be those of an earlier search, whose file is gone.
        while let Some(best) = self.best()
            && !self.encode_path(best).exists()
        {
            let quality = self.encoder.scale.at(best);
            self.encodes.retain(|encode| encode.quality != quality);
            self.verify(best, false)?;
        }
        Ok(self.best())
    }

    /// Verifies the encode that a probe of the whole source left. Returns its position if it meets
    /// the targets: encoded again, it may not.
    pub(super) fn finish_whole(&mut self, position: usize) -> Result<Option<usize>> {
        let quality = self.encoder.scale.at(position);
        let probe = self.probes.iter().find(|probe| probe.quality == quality);
        match probe.filter(|probe| probe.encoded_frames > 0).cloned() {
            Some(probe) => {
                let (targets, bytes) = (probe.targets, probe.bytes);
                self.report_verified(VerifiedEncode { quality, targets, bytes });
            }
            // An earlier search encoded it, and its file is gone.
            None => self.verify(position, false).map(drop)?,
        }
        Ok(self.best())
    }

    /// Returns the estimate at a position.
    pub(super) fn prediction(&self, position: usize) -> Prediction {
        let scale = &self.encoder.scale;
        let distance = |probe: &&Probe| scale.nearest(probe.quality).abs_diff(position);
        let nearest = self.probes.iter().min_by_key(distance);
        let margins = self.curves().map(|curves| curves.margins(position)).unwrap_or_default();
        let targets = nearest.iter().flat_map(|probe| &probe.targets).zip(margins);
        let targets = targets.map(|(of, margin)| {
            let change = margin - of.margin;
            let value =
                if of.margin_grows_with_value() { of.value + change } else { of.value - change };
            TargetValue { value, margin, ..of.clone() }
        });
        Prediction { targets: targets.collect(), bytes: self.predicted_bytes(position) }
    }

    /// Returns the setting that the targets' margins recommend, with the differences between
    /// estimates and `known` encodes taken into account; `None` if it lies at a known one.
    fn corrected(&self, known: &[KnownEncode]) -> Option<usize> {
        let curves = self.curves()?;
        let mut known: Vec<Correction> = known
            .iter()
            .map(|of| {
                let estimates = curves.numbers(of.position);
                let differences = self.targets.iter().zip(&of.margins).zip(estimates);
                let differences = differences
                    .map(|((target, margin), estimate)| target.to_curve(*margin) - estimate);
                let is_met = of.margins.iter().all(|margin| *margin >= 0.0);
                Correction { position: of.position, differences: differences.collect(), is_met }
            })
            .collect();
        known.sort_by_key(|of| of.position);
        let passing = known.iter().filter(|of| of.is_met).map(|of| of.position).max();
        let start = passing.map_or(0, |position| position + 1);
        let failing = known.iter().filter(|of| !of.is_met && of.position >= start);
        let failing = failing.map(|of| of.position).min();
        let end = failing.unwrap_or(self.encoder.scale.last() + 1);
        let margin = |position: usize| {
            let estimates = self.targets.iter().zip(curves.numbers(position)).enumerate();
            let corrected = estimates.map(|(index, (target, estimate))| {
                target.margin(estimate + difference(&known, index, position))
            });
            corrected.fold(f64::INFINITY, f64::min)
        };
        let found = (start..end).rev().find(|position| margin(*position) >= AIM);
        // Without a better guess, the next better setting than one that failed.
        found.or_else(|| if passing.is_none() { end.checked_sub(1) } else { None })
    }

    /// Encodes the source at a position, unless a complete encode is there, and scores it. Returns
    /// the result that an earlier search stored if `reuse` allows it.
    fn verify(&mut self, position: usize, reuse: bool) -> Result<VerifiedEncode> {
        let quality = self.encoder.scale.at(position);
        if reuse
            && let Some(stored) = self.store.probe(&self.keys.whole, quality)
            && let Some(result) = stored.result()
        {
            return self.add_verified(quality, &result, &stored.sizes);
        }
        let source = PathBuf::from(&self.search.source);
        let path = self.encode_path(position);
        let mut seconds = 0.0;
        if !path.exists() {
            (self.observer)(SearchEvent::Encoding { qualities: &[quality], is_whole: true });
            let started = std::time::Instant::now();
            self.handle.start_progress(Some(self.analysis.frames()));
            let partial = self.partial_path(position);
            let job = EncodeJob {
                input: &source,
                rate: self.rate,
                stream: self.stream,
                output: &partial,
                with_sound: true,
            };
            let encoded =
                self.run_encoder(&job, position, &|frames| self.handle.set_progress(frames));
            self.handle.event(Event::Done);
            encoded?;
            self.keep_encode(position)?;
            self.encoded_frames += self.analysis.frames();
            seconds = started.elapsed().as_secs_f64();
        }
        (self.observer)(SearchEvent::Scoring { qualities: &[quality] });
        let mut results = self.results(&source, &[&path], true)?;
        let result = results.remove(0);
        let sizes = clips::frame_sizes(&path, result.frames().len())?;
        let stored = StoredProbe::new(quality, sizes, seconds, self.purpose(), &result)?;
        self.store.add(&self.keys.whole, &stored)?;
        self.add_verified(quality, &result, &stored.sizes)
    }

    /// Adds an encode of the whole source, from its result and the sizes of its frames.
    fn add_verified(
        &mut self,
        quality: f64,
        result: &EncodeResult,
        sizes: &[u32],
    ) -> Result<VerifiedEncode> {
        let whole = SamplePlan::whole(self.analysis.frames());
        let targets = self.targets.iter();
        let targets = targets.map(|target| target.estimate(result, &whole, self.presentation()));
        let targets = targets.collect::<Result<Vec<_>>>()?;
        let bytes = sizes.iter().map(|size| u64::from(*size)).sum();
        let encode = VerifiedEncode { quality, targets, bytes };
        self.report_verified(encode.clone());
        Ok(encode)
    }

    pub(super) fn report_verified(&mut self, encode: VerifiedEncode) {
        (self.observer)(SearchEvent::Verified(&encode));
        self.encodes.push(encode);
    }

    /// Returns the encodes of the whole source that searches for other targets scored.
    fn known_encodes(&self) -> Result<Vec<KnownEncode>> {
        let whole = SamplePlan::whole(self.analysis.frames());
        let mut known = Vec::new();
        for stored in self.store.probes_of_others(&self.keys.whole, &self.purpose()) {
            let Some(result) = stored.result() else { continue };
            let position = self.encoder.scale.nearest(stored.quality);
            if self.encoder.scale.at(position) != stored.quality {
                continue;
            }
            let targets = self.targets.iter();
            let margins =
                targets.map(|of| Ok(of.estimate(&result, &whole, self.presentation())?.margin));
            known.push(KnownEncode { position, margins: margins.collect::<Result<_>>()? });
        }
        Ok(known)
    }

    /// Returns the position of the encode that meets the targets and exceeds them least.
    fn best(&self) -> Option<usize> {
        let met = self.encodes.iter().filter(|encode| encode.is_met());
        met.map(|encode| self.encoder.scale.nearest(encode.quality)).max()
    }

    /// Returns the smallest margin of the verified encode at a position.
    fn verified_margin(&self, position: usize) -> Option<f64> {
        let quality = self.encoder.scale.at(position);
        let encode = self.encodes.iter().find(|encode| encode.quality == quality);
        encode.map(|encode| margin(&encode.targets))
    }

    /// Returns the path of a complete encode of the source at a position, beside the output.
    pub(super) fn encode_path(&self, position: usize) -> PathBuf {
        self.path_beside_output(position, "")
    }

    /// Returns the path of the same encode while it is written.
    pub(super) fn partial_path(&self, position: usize) -> PathBuf {
        self.path_beside_output(position, "partial.")
    }

    fn path_beside_output(&self, position: usize, state: &str) -> PathBuf {
        let quality = self.encoder.scale.at(position);
        self.beside_output(&format!("{quality}.{state}{}", self.extension()))
    }

    /// Returns the path of a file of this search beside the output.
    pub(super) fn beside_output(&self, name: &str) -> PathBuf {
        self.output_path().with_file_name(format!("{}{name}", self.encode_prefix()))
    }

    fn output_path(&self) -> &Path {
        Path::new(self.search.output.as_deref().unwrap_or("encode.mkv"))
    }

    /// Returns the start of the names of encodes beside the output.
    fn encode_prefix(&self) -> String {
        let stem = self.output_path().file_stem().unwrap_or_default().to_string_lossy();
        format!(".{stem}.{}-", &self.keys.whole[..8])
    }

    /// Removes the encodes beside the output that were not chosen, of earlier searches too.
    pub(super) fn remove_encodes(&self) {
        let folder = self.output_path().parent().filter(|folder| !folder.as_os_str().is_empty());
        let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
        for entry in entries.into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&self.encode_prefix()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Marks the encode at a position as complete.
    pub(super) fn keep_encode(&self, position: usize) -> Result<()> {
        let path = self.encode_path(position);
        std::fs::rename(self.partial_path(position), &path)
            .map_err(|error| Error::output(path.to_string_lossy(), error))
    }

    /// Moves the encode at a position to the output.
    pub(super) fn deliver(&self, position: usize, output: &str) -> Result<()> {
        std::fs::rename(self.encode_path(position), output)
            .map_err(|error| Error::output(output, error))
    }

    fn curves(&self) -> Option<Curves<'_>> {
        Curves::new(&self.targets, &self.points(), self.typical_positions())
    }
}

/// The differences between an encode of the whole source and the curves of the targets.
struct Correction {
    position: usize,
    differences: Vec<f64>,
    /// True if the encode meets the targets.
    is_met: bool,
}

/// Returns the difference between known encodes and the curve of a target, at a position
/// between those of the encodes or beyond them. `known` is in the order of positions.
fn difference(known: &[Correction], target: usize, position: usize) -> f64 {
    let after = known.partition_point(|of| of.position <= position);
    let at = |index: usize| (known[index].position as f64, known[index].differences[target]);
    match (after.checked_sub(1), known.get(after)) {
        (None, None) => 0.0,
        (Some(before), None) => at(before).1,
        (None, Some(_)) => at(after).1,
        (Some(before), Some(_)) => {
            let ((x0, y0), (x1, y1)) = (at(before), at(after));
            y0 + (y1 - y0) * (position as f64 - x0) / (x1 - x0)
        }
    }
}
