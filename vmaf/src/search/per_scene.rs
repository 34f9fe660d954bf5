//! A setting for each scene, so that every scene just meets the targets.
//!
//! Each scene is cut out without loss and searched like a short source: its encode is scored
//! completely. The encodes of all scenes are joined, with the sound of the source, and the whole is
//! scored once more, since a scene's first frame is scored beside the scene before. A scene that
//! misses the targets there is encoded with a better setting.
//!
//! Scenes are cut some at a time, so that the space they need does not grow with the film.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Search;
use super::clips;
use super::encoder::{EncodeJob, Encoder};
use super::event::SearchEvent;
use super::identities::Identities;
use super::program;
use super::result::{SceneEncode, SearchOutcome, SearchResult, VerifiedEncode, margin};
use super::run::SearchRun;
use super::samples::SamplePlan;
use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};
use crate::handle::Event;
use crate::request::Crop;

/// The shortest scene in seconds; shorter ones are joined to the one before.
const MIN_SECONDS: f64 = 1.0;

/// The largest number of frames that are cut at once, unless a scene has more.
const MAX_FRAMES: u64 = 1500;

/// The number of times that scenes are encoded with a better setting.
const ROUNDS: usize = 4;

/// An encoded scene.
struct Scene {
    frames: Range<u64>,
    position: usize,
    path: PathBuf,
}

impl SearchRun<'_> {
    /// Searches a setting for each scene, and joins their encodes.
    pub(super) fn run_per_scene(mut self) -> Result<SearchResult> {
        let names = self.target_names();
        let (source, setting) = (&self.source, self.encoder.setting_name());
        (self.observer)(SearchEvent::Planned { source, setting, targets: &names });
        let output = self.search.output.clone().unwrap_or_default();
        let scenes = joined(&self.analysis.scenes(), MIN_SECONDS * self.analysis.rate());
        let identities = Identities::default();
        let mut encoded: Vec<Scene> = Vec::new();
        for batch in batches(&scenes) {
            let expected = encoded.last().map(|scene| scene.position);
            let found = self.search_scenes(batch, expected, &identities)?;
            encoded.extend(found);
        }
        for _ in 0..ROUNDS {
            let (result, sizes, verified) = self.join(&encoded)?;
            self.report_verified(verified);
            let scenes = self.scene_encodes(&encoded, &result, &sizes)?;
            let missed: Vec<usize> = scenes
                .iter()
                .enumerate()
                .filter(|(_, scene)| margin(&scene.targets) < 0.0)
                .map(|(index, _)| index)
                .collect();
            if missed.is_empty() {
                let joined = self.joined_path();
                std::fs::rename(&joined, &output).map_err(|error| Error::output(&output, error))?;
                return Ok(self.conclude_scenes(scenes, names));
            }
            for index in missed {
                let margins = self.margins(&scenes[index].targets);
                let deficit = -margins.into_iter().fold(0.0, f64::min);
                self.improve(&mut encoded[index], deficit, &identities)?;
            }
        }
        Err(Error::input(
            "scenes still miss the targets after several better settings: their scores depend on \
             the scenes before them; search one setting for all scenes instead",
        ))
    }

    /// Searches the settings of scenes that are cut at once. `expected` is that of the scene before.
    fn search_scenes(
        &mut self,
        scenes: &[Range<u64>],
        mut expected: Option<usize>,
        identities: &Identities,
    ) -> Result<Vec<Scene>> {
        let mut encoded = Vec::new();
        let cut = self.cut_scenes(scenes)?;
        for (frames, clip) in scenes.iter().zip(cut) {
            let path = self.scene_path(frames);
            let search = self.search_of_scene(&clip, &path);
            let mut run = SearchRun::new(&search, identities, self.handle, &|_| {})?;
            run.rate = self.analysis.constant_rate();
            run.expected = expected;
            let found = run.run()?;
            let _ = std::fs::remove_file(&clip);
            self.encoded_frames += found.encoded_frames;
            if found.outcome == SearchOutcome::Unreachable {
                return Err(Error::input(format!(
                    "no {} meets the targets in frames {} to {}: search one setting for all \
                     scenes, or lower targets",
                    found.setting,
                    frames.start,
                    frames.end - 1
                )));
            }
            let position = self.encoder.scale.nearest(found.quality);
            expected = Some(position);
            if let Some(last) = found.encodes.last() {
                (self.observer)(SearchEvent::Scene(&SceneEncode {
                    first: frames.start,
                    frames: frames.end - frames.start,
                    quality: found.quality,
                    targets: last.targets.clone(),
                    bytes: last.bytes,
                }));
            }
            encoded.push(Scene { frames: frames.clone(), position, path });
        }
        Ok(encoded)
    }

    /// Returns the search of a scene that was cut out.
    fn search_of_scene(&self, clip: &Path, output: &Path) -> Search {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut options = self.options.clone();
        options.streams.0.clear();
        // The crop is known, and scenes may be black.
        options.conform.crop = self.encoder.crop.map(Crop::At);
        let mut encoder = self.search.encoder.clone();
        if let Encoder::Named(named) = &mut encoder {
            // Each scene has its own headers within the stream, since they are joined.
            named.arguments.splice(0..0, ["-flags:v", "-global_header"].map(str::to_owned));
        }
        Search {
            source: text(clip),
            encoder,
            options,
            output: Some(text(output)),
            per_scene: false,
            ..self.search.clone()
        }
    }

    /// Encodes a scene with a better setting, by about the `deficit` in points.
    fn improve(&mut self, scene: &mut Scene, deficit: f64, identities: &Identities) -> Result<()> {
        let [good, fair] = self.typical_positions();
        // Between these settings, films lose 15 points.
        let steps = (deficit * (fair - good) / 15.0).ceil().max(1.0) as usize;
        if scene.position == 0 {
            return Err(Error::input(format!(
                "no {} meets the targets in frames {} to {}: search one setting for all scenes, or \
                 lower targets",
                self.encoder.setting_name(),
                scene.frames.start,
                scene.frames.end - 1
            )));
        }
        scene.position = scene.position.saturating_sub(steps);
        let cut = self.cut_scenes(std::slice::from_ref(&scene.frames))?;
        let Some(clip) = cut.first() else { return Ok(()) };
        let search = self.search_of_scene(clip, &scene.path);
        let run = SearchRun::new(&search, identities, self.handle, &|_| {})?;
        let job = EncodeJob {
            input: clip,
            rate: self.analysis.constant_rate(),
            stream: None,
            output: &scene.path,
            with_sound: false,
        };
        run.run_encoder(&job, scene.position, &|_| {})?;
        self.encoded_frames += scene.frames.end - scene.frames.start;
        Ok(())
    }

    /// Cuts scenes that follow one another, each into a file of its own without loss.
    fn cut_scenes(&self, scenes: &[Range<u64>]) -> Result<Vec<PathBuf>> {
        let (Some(first), Some(last)) = (scenes.first(), scenes.last()) else {
            return Ok(Vec::new());
        };
        (self.observer)(SearchEvent::Cutting);
        // Identities are known by paths, so that no two scenes may have the same.
        let name = |number: &str| format!("scenes-{:08}-{number}.mkv", first.start);
        let pattern = self.store.temporary(&name("%05d"));
        let path = |index: usize| self.store.temporary(&name(&format!("{index:05}")));
        let joins: Vec<String> =
            scenes.iter().skip(1).map(|scene| (scene.start - first.start).to_string()).collect();
        let frames = first.start..last.end;
        let files: Vec<PathBuf> = (0..scenes.len()).map(path).collect();
        // Seeking is fast, and right where timestamps are; reading from the start always is.
        for is_seeking in [true, false] {
            let mut command = program::ffmpeg_with_progress();
            if is_seeking {
                let Some(time) = self.time_before(first.start) else { continue };
                command.args(["-seek_timestamp", "1", "-ss", &time.to_string()]);
            }
            let map =
                self.stream.map_or_else(|| "0:v:0".to_owned(), |stream| format!("0:{stream}"));
            command.args(["-i", &self.search.source, "-map", &map]);
            if !is_seeking {
                let Range { start, end } = frames;
                command.args(["-vf", &format!("trim=start_frame={start}:end_frame={end}")]);
            }
            let count = (frames.end - frames.start).to_string();
            command.args(["-fps_mode", "passthrough", "-frames:v", &count]);
            command.args(["-c:v", "ffv1", "-level", "3", "-g", "1", "-f", "segment"]);
            command.args(["-segment_format", "matroska", "-reset_timestamps", "1"]);
            if joins.is_empty() {
                command.args(["-segment_time", "1000000"]);
            } else {
                command.args(["-segment_frames", &joins.join(",")]);
            }
            command.arg(&pattern);
            self.handle.start_progress(Some(frames.end - frames.start));
            let cut = program::run(command, self.handle, &|done| self.handle.set_progress(done));
            self.handle.event(Event::Done);
            let source = &self.search.source;
            cut.map_err(|reason| Error::input(format!("{source}: can't cut scenes: {reason}")))?;
            let verified = scenes.iter().zip(&files).try_for_each(|(scene, file)| {
                let plan = SamplePlan::of_frames(scene.clone());
                clips::verify(&file.to_string_lossy(), &plan, &self.analysis, self.is_upright)
            });
            match verified {
                Ok(()) => return Ok(files),
                Err(error) if !is_seeking => return Err(error),
                Err(_) => {}
            }
        }
        Ok(files)
    }

    /// Returns a time between a frame and the one before; `None` for the first frame, or if the file
    /// has no timestamps.
    fn time_before(&self, frame: u64) -> Option<f64> {
        let before = frame.checked_sub(1)?;
        let times = [self.analysis.own_time(before)?, self.analysis.own_time(frame)?];
        Some((times[0] + times[1]) / 2.0)
    }

    /// Joins the encodes of scenes with the sound of the source, and scores the whole. Returns its
    /// result, and the sizes of its frames.
    fn join(&self, scenes: &[Scene]) -> Result<(EncodeResult, Vec<u32>, VerifiedEncode)> {
        let mut list = String::from("ffconcat version 1.0\n");
        for scene in scenes {
            let path = std::path::absolute(&scene.path).unwrap_or_else(|_| scene.path.clone());
            let path = path.to_string_lossy().replace('\'', "'\\''");
            let Range { start, end } = scene.frames;
            let time = |frame: u64| self.times.get(frame as usize).copied();
            let last = self.times.last().copied().unwrap_or_default() + 1.0 / self.analysis.rate();
            let seconds = time(end).unwrap_or(last) - time(start).unwrap_or_default();
            let _ = writeln!(list, "file 'file:{path}'\nduration {seconds:.6}");
        }
        let listed = self.store.temporary("scenes.ffconcat");
        std::fs::write(&listed, list)
            .map_err(|error| Error::output(listed.to_string_lossy(), error))?;
        let joined = self.joined_path();
        let _ = std::fs::remove_file(&joined);
        let mut command = program::ffmpeg();
        command.args(["-f", "concat", "-safe", "0", "-i"]).arg(&listed);
        command.args(["-i", &self.search.source, "-map", "0:v:0", "-map", "1:a?", "-map", "1:s?"]);
        command.args(["-map_metadata", "1", "-c", "copy"]).arg(&joined);
        program::output(command)
            .map_err(|reason| Error::input(format!("can't join the scenes: {reason}")))?;
        (self.observer)(SearchEvent::Scoring { qualities: &[] });
        let source = PathBuf::from(&self.search.source);
        let result = self.results(&source, &[&joined], true)?.remove(0);
        let whole = SamplePlan::whole(self.analysis.frames());
        let targets = self.targets.iter();
        let targets = targets.map(|target| target.estimate(&result, &whole, self.presentation()));
        let sizes = clips::frame_sizes(&joined, result.frames().len())?;
        let verified = VerifiedEncode {
            quality: self.mean_quality(scenes),
            targets: targets.collect::<Result<Vec<_>>>()?,
            bytes: sizes.iter().map(|size| u64::from(*size)).sum(),
        };
        Ok((result, sizes, verified))
    }

    /// Returns the mean setting of all frames.
    fn mean_quality(&self, scenes: &[Scene]) -> f64 {
        let all = self.analysis.frames() as f64;
        let sum: f64 = scenes
            .iter()
            .map(|scene| {
                let frames = (scene.frames.end - scene.frames.start) as f64;
                self.encoder.scale.at(scene.position) * frames
            })
            .sum();
        (sum / all * 100.0).round() / 100.0
    }

    /// Returns the scenes with their values in the joined encode.
    fn scene_encodes(
        &self,
        scenes: &[Scene],
        result: &EncodeResult,
        sizes: &[u32],
    ) -> Result<Vec<SceneEncode>> {
        let of_scene = |scene: &Scene| {
            let Range { start, end } = scene.frames;
            let places = start as usize..end as usize;
            let targets = self.targets.iter();
            let targets =
                targets.map(|target| target.of_scene(result, places.clone(), &self.times));
            let sizes = sizes.get(places.clone()).unwrap_or_default();
            Ok(SceneEncode {
                first: start,
                frames: end - start,
                quality: self.encoder.scale.at(scene.position),
                targets: targets.collect::<Result<Vec<_>>>()?,
                bytes: sizes.iter().map(|size| u64::from(*size)).sum(),
            })
        };
        scenes.iter().map(of_scene).collect()
    }

    /// Returns the path of a scene's encode, beside the output.
    fn scene_path(&self, frames: &Range<u64>) -> PathBuf {
        self.beside_output(&format!("scene-{:08}.{}", frames.start, self.extension()))
    }

    /// Returns the path of the joined encode, beside the output.
    fn joined_path(&self) -> PathBuf {
        self.beside_output(&format!("joined.{}", self.extension()))
    }
}

/// Returns the scenes, of at least `shortest` frames.
fn joined(scenes: &[Range<u64>], shortest: f64) -> Vec<Range<u64>> {
    let length = |frames: &Range<u64>| (frames.end - frames.start) as f64;
    let mut all: Vec<Range<u64>> = Vec::new();
    for scene in scenes {
        match all.last_mut() {
            Some(last) if length(scene) < shortest || length(last) < shortest => {
                last.end = scene.end;
            }
            _ => all.push(scene.clone()),
        }
    }
    all
}

/// Returns the scenes in groups of at most [`MAX_FRAMES`], or of one.
fn batches(scenes: &[Range<u64>]) -> Vec<&[Range<u64>]> {
    let mut batches = Vec::new();
    let mut start = 0;
    for end in 1..=scenes.len() {
        let is_full =
            scenes.get(end).is_none_or(|next| next.end - scenes[start].start > MAX_FRAMES);
        if is_full {
            batches.push(&scenes[start..end]);
            start = end;
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(bounds: &[u64]) -> Vec<Range<u64>> {
        bounds.windows(2).map(|pair| pair[0]..pair[1]).collect()
    }

    #[test]
    fn short_scenes_join_the_one_before() {
        assert_eq!(joined(&ranges(&[0, 50, 60, 120]), 25.0), ranges(&[0, 60, 120]));
        assert_eq!(joined(&ranges(&[0, 8, 60, 120]), 25.0), ranges(&[0, 60, 120]));
        assert_eq!(joined(&ranges(&[0, 8]), 25.0), ranges(&[0, 8]));
    }

    #[test]
    fn batches_are_bounded_and_cover_all_scenes() {
        let scenes = ranges(&[0, 600, 1200, 1600, 5000, 5100]);
        let lengths: Vec<usize> = batches(&scenes).iter().map(|batch| batch.len()).collect();
        assert_eq!(lengths, [2, 1, 1, 1]);
        assert_eq!(batches(&scenes).concat(), scenes);
        assert!(batches(&[]).is_empty());
    }
}
