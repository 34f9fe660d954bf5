//! Probes: settings are encoded, several at a time, and scored in one pass.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::clips;
use super::encoder::EncodeJob;
use super::event::SearchEvent;
use super::program;
use super::refusal;
use super::result::Probe;
use super::run::SearchRun;
use super::samples::SamplePlan;
use super::store::StoredProbe;
use super::target::Target;
use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};
use crate::handle::Event;
use crate::jobs::in_jobs;
use crate::locks::locked;
use crate::request::{Pairing, Request};

/// A finished encode.
struct EncodedFile {
    position: usize,
    path: PathBuf,
    /// The duration of encoding in seconds.
    seconds: f64,
}

impl SearchRun<'_> {
    /// Adds the probes that searches for other targets stored.
    pub(super) fn load_probes(&mut self) -> Result<()> {
        for stored in self.store.probes_of_others(&self.keys.sample, &self.purpose()) {
            let position = self.encoder.scale.nearest(stored.quality);
            let is_on_scale = position <= self.encoder.scale.last()
                && self.encoder.scale.at(position) == stored.quality;
            if is_on_scale {
                self.add_stored(&stored)?;
            }
        }
        Ok(())
    }

    /// Probes settings, unless they are stored. What was encoded before one of them fails is stored.
    pub(super) fn probe(&mut self, positions: &[usize]) -> Result<()> {
        let mut missing = Vec::new();
        for position in positions {
            let quality = self.encoder.scale.at(*position);
            let stored = self.store.probe(&self.keys.sample, quality);
            let is_known = match stored {
                Some(stored) => self.add_stored(&stored)?,
                None => false,
            };
            if !is_known {
                missing.push(*position);
            }
        }
        if missing.is_empty() { Ok(()) } else { self.probe_anew(&missing) }
    }

    /// Encodes and scores settings.
    fn probe_anew(&mut self, positions: &[usize]) -> Result<()> {
        let qualities: Vec<f64> =
            positions.iter().map(|position| self.encoder.scale.at(*position)).collect();
        let is_whole = self.plan.is_whole();
        let input = self.input()?;
        (self.observer)(SearchEvent::Encoding { qualities: &qualities, is_whole });
        let outputs: Vec<(usize, PathBuf)> =
            positions.iter().map(|position| (*position, self.probe_path(*position))).collect();
        let (encoded, failure) = self.encode_all(&input, outputs);
        self.encoded_frames += encoded.len() as u64 * self.plan.encoded_frames();
        if !encoded.is_empty() {
            (self.observer)(SearchEvent::Scoring { qualities: &qualities });
            self.score(&input, encoded)?;
        }
        failure.map_or(Ok(()), Err)
    }

    /// Adds a stored probe. Returns false if another version of this library stored it.
    fn add_stored(&mut self, stored: &StoredProbe) -> Result<bool> {
        let Some(result) = stored.result() else { return Ok(false) };
        self.add_probe(stored, &result, 0)?;
        Ok(true)
    }

    /// Returns the targets as text, for which probes are made.
    pub(super) fn purpose(&self) -> String {
        self.targets.iter().map(Target::text).collect::<Vec<_>>().join(" ")
    }

    /// Returns the path of a probe's encode. An encode of the whole source is made where it stays
    /// until it is known to be the answer, or not.
    fn probe_path(&self, position: usize) -> PathBuf {
        if self.plan.is_whole() && self.search.output.is_some() {
            return self.partial_path(position);
        }
        let quality = self.encoder.scale.at(position);
        self.store.temporary(&format!("{quality}.{}", self.extension()))
    }

    /// Encodes `input` at several positions, as many at a time as there are jobs. Returns the
    /// finished encodes, and the first failure.
    fn encode_all(
        &self,
        input: &Path,
        outputs: Vec<(usize, PathBuf)>,
    ) -> (Vec<EncodedFile>, Option<Error>) {
        let frames = self.plan.encoded_frames();
        self.handle.start_progress(Some(frames * outputs.len() as u64));
        let done: Vec<AtomicU64> = outputs.iter().map(|_| AtomicU64::new(0)).collect();
        let show = |index: usize, count: u64| {
            done[index].store(count, Ordering::Relaxed);
            self.handle.set_progress(done.iter().map(|of| of.load(Ordering::Relaxed)).sum());
        };
        let queue: Mutex<VecDeque<_>> = Mutex::new(outputs.into_iter().enumerate().collect());
        let results = Mutex::new((Vec::new(), None));
        in_jobs(self.search.jobs(), || {
            loop {
                let Some((index, (position, path))) = locked(&queue).pop_front() else { return };
                let encoded = self.encode(input, position, path, &|count| show(index, count));
                let mut results = locked(&results);
                match encoded {
                    Ok(encoded) => results.0.push(encoded),
                    Err(failure) => {
                        results.1.get_or_insert(failure);
                        locked(&queue).clear();
                    }
                }
            }
        });
        self.handle.event(Event::Done);
        results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Encodes `input` at a position.
    fn encode(
        &self,
        input: &Path,
        position: usize,
        output: PathBuf,
        show: &dyn Fn(u64),
    ) -> Result<EncodedFile> {
        let started = Instant::now();
        let is_source = self.plan.is_whole();
        let job = EncodeJob {
            input,
            // The clips have timestamps in milliseconds; those of the source are its own.
            rate: if is_source { self.rate } else { self.analysis.constant_rate() },
            stream: if is_source { self.stream } else { None },
            output: &output,
            with_sound: is_source && self.search.output.is_some(),
        };
        self.run_encoder(&job, position, show)?;
        Ok(EncodedFile { position, path: output, seconds: started.elapsed().as_secs_f64() })
    }

    /// Runs the encoder, and makes sure that it wrote something.
    pub(super) fn run_encoder(
        &self,
        job: &EncodeJob<'_>,
        position: usize,
        show: &dyn Fn(u64),
    ) -> Result<()> {
        let fail = |reason: String| Error::Encoder {
            encoder: self.encoder.name().to_owned(),
            setting: format!("{} {}", self.encoder.setting_name(), self.encoder.scale.at(position)),
            reason,
        };
        // A program that was not stopped with an earlier search may still write to the old file.
        let _ = std::fs::remove_file(job.output);
        let command = self.encoder.command(job, position)?;
        if let Err(reason) = program::run(command, self.handle, show) {
            let _ = std::fs::remove_file(job.output);
            return Err(fail(reason));
        }
        match std::fs::metadata(job.output) {
            Ok(file) if file.len() > 0 => Ok(()),
            _ => Err(fail("it wrote nothing".to_owned())),
        }
    }

    /// Scores finished encodes of `input` in one pass, and stores the results.
    fn score(&mut self, input: &Path, encoded: Vec<EncodedFile>) -> Result<()> {
        let paths: Vec<&Path> = encoded.iter().map(|encoded| encoded.path.as_path()).collect();
        let results = self.results(input, &paths, self.plan.is_whole())?;
        for (encoded, result) in encoded.into_iter().zip(results) {
            let EncodedFile { position, path, seconds } = encoded;
            let sizes = clips::frame_sizes(&path, result.frames().len())?;
            let quality = self.encoder.scale.at(position);
            let stored = StoredProbe::new(quality, sizes, seconds, self.purpose(), &result)?;
            self.store.add(&self.keys.sample, &stored)?;
            self.add_probe(&stored, &result, self.plan.encoded_frames())?;
            if path == self.partial_path(position) {
                self.keep_encode(position)?;
            } else {
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(())
    }

    /// Returns the results of encodes of `input`. Fails if one of them can't be scored.
    pub(super) fn results(
        &self,
        input: &Path,
        encodes: &[&Path],
        is_source: bool,
    ) -> Result<Vec<EncodeResult>> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut options = self.options.clone();
        if !is_source {
            // The clips are a file of their own.
            options.align = Pairing::Frames;
            options.streams.0.clear();
        }
        let encodes = encodes.iter().map(|path| text(path));
        let request = Request::new(text(input)).encodes(encodes).options(options);
        let results = request.run_with(&self.handle.part())?.into_encodes();
        match results.iter().find_map(EncodeResult::failure) {
            Some(failure) => Err(Error::input(refusal::message(self.encoder.name(), failure))),
            None => Ok(results),
        }
    }

    /// Adds a probe to those that the search knows.
    fn add_probe(
        &mut self,
        stored: &StoredProbe,
        result: &EncodeResult,
        encoded_frames: u64,
    ) -> Result<()> {
        let targets = self.targets.iter();
        let targets =
            targets.map(|target| target.estimate(result, &self.plan, self.presentation()));
        let targets = targets.collect::<Result<Vec<_>>>()?;
        let probe = Probe {
            quality: stored.quality,
            bytes: spread_bytes(&self.plan, &stored.sizes),
            encoded_frames,
            seconds: stored.seconds,
            targets,
        };
        (self.observer)(SearchEvent::Probed(&probe));
        self.probes.push(probe);
        Ok(())
    }
}

/// Returns the size of the whole source in bytes, from those of the encoded frames.
fn spread_bytes(plan: &SamplePlan, sizes: &[u32]) -> u64 {
    plan.spread(sizes).into_iter().map(u64::from).sum()
}
