//! The encode of the whole source: scored completely, and made once more with a corrected setting
//! if it misses the targets or exceeds them by much.
//!
//! Encodes are written beside the output, under names that no other search uses, and are complete
//! once they lose the ending "partial". So an interrupted search doesn't encode them again.

use std::path::{Path, PathBuf};

use super::clips;
use super::correction;
use super::encoder::EncodeJob;
use super::event::SearchEvent;
use super::result::{Prediction, Probe, TargetValue, VerifiedEncode};
use super::run::SearchRun;
use super::samples::SamplePlan;
use super::store::StoredProbe;
use super::strategy::{Curves, MAX_OVERSHOOT, Point};
use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};
use crate::handle::Event;

/// The number of encodes that a search makes if one meets the targets, if that exceeds them by more
/// than [`LARGE_OVERSHOOT`], and if none meets them.
const ENCODES: usize = 2;
const ENCODES_IF_LARGE: usize = 3;
const MAX_ENCODES: usize = 5;
const LARGE_OVERSHOOT: f64 = 0.75;

impl SearchRun<'_> {
    /// Encodes the source at the setting that samples recommend, and at corrected ones, until the
    /// targets are met. Returns the position of the encode that meets them and exceeds them least.
    pub(super) fn finish(&mut self, recommended: usize) -> Result<Option<usize>> {
        let mut known = self.known_encodes()?;
        let mut verified: Vec<usize> = Vec::new();
        let mut next = Some(self.first_encode(&known, recommended));
        while let Some(position) = next {
            let encode = self.verify(position, true)?;
            let margins = self.margins(&encode.targets);
            known.retain(|of| of.position != position);
            known.push(Point { position, margins });
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

    /// Returns the position to encode first, if samples recommend one and searches for other targets
    /// left `known` encodes: that of one which just meets the targets, or the corrected one.
    fn first_encode(&self, known: &[Point], recommended: usize) -> usize {
        let passing = known.iter().filter(|encode| encode.margin() >= 0.0);
        let passing = passing.max_by_key(|encode| encode.position);
        match passing {
            Some(encode) if encode.margin() <= MAX_OVERSHOOT => encode.position,
            _ if known.is_empty() => recommended,
            _ => {
                let fallback = passing.map_or(recommended, |encode| encode.position);
                self.corrected(known).unwrap_or(fallback)
            }
        }
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
        let margins = self.targets.iter().zip(margins);
        let margins = margins.map(|(target, points)| target.of_points(points));
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
    fn corrected(&self, known: &[Point]) -> Option<usize> {
        correction::corrected(&self.targets, &self.curves()?, known, self.encoder.scale.last())
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
    fn known_encodes(&self) -> Result<Vec<Point>> {
        let whole = SamplePlan::whole(self.analysis.frames());
        let mut known = Vec::new();
        for stored in self.store.probes_of_others(&self.keys.whole, &self.purpose()) {
            let Some(result) = stored.result() else { continue };
            let position = self.encoder.scale.nearest(stored.quality);
            if self.encoder.scale.at(position) != stored.quality {
                continue;
            }
            let targets = self.targets.iter();
            let values = targets.map(|of| of.estimate(&result, &whole, self.presentation()));
            let margins = self.margins(&values.collect::<Result<Vec<_>>>()?);
            known.push(Point { position, margins });
        }
        Ok(known)
    }

    /// Returns the position of the encode that meets the targets and exceeds them least.
    fn best(&self) -> Option<usize> {
        let met = self.encodes.iter().filter(|encode| encode.is_met());
        met.map(|encode| self.encoder.scale.nearest(encode.quality)).max()
    }

    /// Returns the smallest margin in points of the verified encode at a position.
    fn verified_margin(&self, position: usize) -> Option<f64> {
        let quality = self.encoder.scale.at(position);
        let encode = self.encodes.iter().find(|encode| encode.quality == quality);
        let margins = self.margins(&encode?.targets);
        margins.into_iter().reduce(f64::min)
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
