//! The sample of a source: clips that stand for all of it.
//!
//! Scenes, and the parts of long ones, are ordered by difficulty and divided into strata of about
//! as many frames. Each stratum is sampled by its typical part, which stands for the others: a
//! frame that is not sampled has the value of a frame of that clip. So every pool and every window
//! can be estimated, not only the mean.
//!
//! A clip that begins or ends within a scene has frames before or after it that are encoded and
//! not scored: encoders and motion features look at neighbours, and an encode starts with a key
//! frame that the whole video does not have there.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::analysis::SourceAnalysis;

/// The length of a clip in seconds; it varies by half of it.
const CLIP_SECONDS: f64 = 2.0;

/// The shortest clip in frames.
const MIN_CLIP: f64 = 24.0;

/// Frames that are encoded before and after a clip within a scene.
const BEFORE: u64 = 8;
const AFTER: u64 = 12;

/// Seconds that are sampled of any source, and of each further second.
const MIN_SECONDS: f64 = 20.0;
const SHARE: f64 = 0.012;

/// A source is encoded as a whole if the sample would be more than this part of it.
const MAX_SHARE: f64 = 0.75;

/// The frames of a source that are encoded in probes, and what each stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SamplePlan {
    /// The number of the source's frames.
    frames: u64,
    /// Consecutive frames that are encoded, in order.
    extents: Vec<Range<u64>>,
    strata: Vec<Stratum>,
}

/// Parts of a source of similar difficulty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Stratum {
    parts: Vec<Range<u64>>,
    /// The one that is sampled.
    clip: Range<u64>,
}

impl SamplePlan {
    /// Plans the sample of a source: all of it if it is short.
    pub(super) fn new(analysis: &SourceAnalysis) -> Self {
        let (frames, rate) = (analysis.frames(), analysis.rate());
        let seconds = frames as f64 / rate;
        let sampled = MIN_SECONDS + SHARE * (seconds - MIN_SECONDS).max(0.0);
        if sampled > MAX_SHARE * seconds {
            return Self::whole(frames);
        }
        let length = (CLIP_SECONDS * rate).max(MIN_CLIP);
        let scenes = analysis.scenes();
        let count = (sampled * rate / length).round().max(1.0) as usize;
        let strata = strata(parts(&scenes, length), count, analysis);
        let mut clips: Vec<Range<u64>> = strata.iter().map(|of| of.clip.clone()).collect();
        clips.sort_by_key(|clip| clip.start);
        Self { frames, extents: extents(&clips, &scenes), strata }
    }

    /// The plan that encodes all frames.
    pub(super) fn whole(frames: u64) -> Self {
        Self { frames, extents: std::iter::once(0..frames).collect(), strata: Vec::new() }
    }

    /// Returns true if all frames are encoded.
    pub(super) fn is_whole(&self) -> bool {
        self.strata.is_empty()
    }

    /// Returns the number of clips.
    pub(super) fn clips(&self) -> usize {
        self.strata.len().max(1)
    }

    /// Returns the consecutive frames that are encoded, in order.
    pub(super) fn extents(&self) -> &[Range<u64>] {
        &self.extents
    }

    /// Returns the number of frames that are encoded.
    pub(super) fn encoded_frames(&self) -> u64 {
        self.extents.iter().map(|extent| extent.end - extent.start).sum()
    }

    /// Returns the share of the source's frames that are scored.
    pub(super) fn share(&self) -> f64 {
        if self.is_whole() {
            return 1.0;
        }
        let scored: u64 = self.strata.iter().map(|of| of.clip.end - of.clip.start).sum();
        scored as f64 / self.frames as f64
    }

    /// Returns the value of every frame of the source, from those of the frames that were encoded.
    pub(super) fn spread<T: Copy>(&self, encoded: &[T]) -> Vec<T> {
        self.spread_with(encoded, None)
    }

    /// Returns the same, once for each stratum that has a neighbour, with the clip of that
    /// neighbour in place of its own: the differences show how much the choice of clips matters.
    pub(super) fn replicates<'a, T: Copy>(
        &'a self,
        encoded: &'a [T],
    ) -> impl Iterator<Item = Vec<T>> + 'a {
        let count = if self.strata.len() > 1 { self.strata.len() } else { 0 };
        (0..count).map(|changed| self.spread_with(encoded, Some(changed)))
    }

    fn spread_with<T: Copy>(&self, encoded: &[T], changed: Option<usize>) -> Vec<T> {
        if self.is_whole() {
            return encoded.to_vec();
        }
        let Some(first) = encoded.first() else { return Vec::new() };
        let mut values = vec![*first; self.frames as usize];
        for (place, stratum) in self.strata.iter().enumerate() {
            let neighbour = if place + 1 < self.strata.len() { place + 1 } else { place - 1 };
            let of = if changed == Some(place) { neighbour } else { place };
            let clip = &self.strata[of].clip;
            let start = self.place_of(clip.start);
            let clip = &encoded[start..start + (clip.end - clip.start) as usize];
            for part in &stratum.parts {
                let part = &mut values[part.start as usize..part.end as usize];
                part.iter_mut().zip(clip.iter().cycle()).for_each(|(value, of)| *value = *of);
            }
        }
        values
    }

    /// Returns the place of a frame of the source among those that are encoded.
    fn place_of(&self, frame: u64) -> usize {
        let before = self.extents.iter().take_while(|extent| extent.end <= frame);
        let passed: u64 = before.map(|extent| extent.end - extent.start).sum();
        let own = self.extents.iter().find(|extent| extent.contains(&frame));
        (passed + own.map_or(0, |extent| frame - extent.start)) as usize
    }
}

/// Divides scenes into parts of about `length` frames.
fn parts(scenes: &[Range<u64>], length: f64) -> Vec<Range<u64>> {
    let of_scene = |scene: &Range<u64>| {
        let (start, frames) = (scene.start, scene.end - scene.start);
        let count = (frames as f64 / length).round().max(1.0) as u64;
        (0..count)
            .map(move |part| start + frames * part / count..start + frames * (part + 1) / count)
    };
    scenes.iter().flat_map(of_scene).collect()
}

/// Divides parts into at most `count` strata by difficulty.
fn strata(parts: Vec<Range<u64>>, count: usize, analysis: &SourceAnalysis) -> Vec<Stratum> {
    let mut parts: Vec<(f64, Range<u64>)> =
        parts.into_iter().map(|part| (analysis.difficulty(&part), part)).collect();
    parts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.start.cmp(&b.1.start)));
    let all: u64 = parts.iter().map(|(_, part)| part.end - part.start).sum();
    let mut strata: Vec<Vec<(f64, Range<u64>)>> = vec![Vec::new(); count];
    let mut passed = 0;
    for (difficulty, part) in parts {
        let length = part.end - part.start;
        let middle = passed as f64 + length as f64 / 2.0;
        let stratum = (middle * count as f64 / all as f64) as usize;
        strata[stratum.min(count - 1)].push((difficulty, part));
        passed += length;
    }
    strata.iter().filter_map(|parts| stratum(parts)).collect()
}

/// Returns the stratum of these parts, sampled by the one nearest to their mean difficulty.
fn stratum(parts: &[(f64, Range<u64>)]) -> Option<Stratum> {
    let frames = |part: &Range<u64>| (part.end - part.start) as f64;
    let all: f64 = parts.iter().map(|(_, part)| frames(part)).sum();
    let mean = parts.iter().map(|(of, part)| of * frames(part)).sum::<f64>() / all;
    // A clip of a few frames tells little of the others.
    let longest = parts.iter().map(|(_, part)| frames(part)).fold(0.0, f64::max);
    let long_enough = parts.iter().filter(|(_, part)| frames(part) >= longest / 2.0);
    let typical = long_enough
        .min_by(|a, b| (a.0 - mean).abs().total_cmp(&(b.0 - mean).abs()))
        .map(|(_, part)| part.clone())?;
    let mut parts: Vec<Range<u64>> = parts.iter().map(|(_, part)| part.clone()).collect();
    parts.sort_by_key(|part| part.start);
    Some(Stratum { parts, clip: typical })
}

/// Returns the frames to encode for `clips`, with what belongs before and after them.
fn extents(clips: &[Range<u64>], scenes: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut extents: Vec<Range<u64>> = Vec::new();
    for clip in clips {
        let scene = scenes.iter().find(|scene| scene.contains(&clip.start)).unwrap_or(clip);
        let start = clip.start.saturating_sub(BEFORE).max(scene.start);
        let end = (clip.end + AFTER).min(scene.end);
        match extents.last_mut() {
            Some(last) if last.end >= start => last.end = last.end.max(end),
            _ => extents.push(start..end),
        }
    }
    extents
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minute of scenes of four seconds, each more detailed than the one before but for noise.
    fn minute() -> SourceAnalysis {
        SourceAnalysis::of_frames((0..1500).map(|frame| {
            let scene = frame / 100;
            let change = if frame % 100 == 0 { 30.0 } else { 0.5 };
            (change, (scene * 7 % 15) as f32)
        }))
    }

    #[test]
    fn short_sources_are_encoded_whole() {
        let plan = SamplePlan::new(&SourceAnalysis::of_frames((0..400).map(|_| (0.0, 1.0))));
        assert!(plan.is_whole());
        assert_eq!((plan.encoded_frames(), plan.share()), (400, 1.0));
        assert_eq!(plan.spread(&[1, 2, 3]), [1, 2, 3]);
    }

    #[test]
    fn a_sample_has_its_share_and_covers_all_difficulties() {
        let analysis = minute();
        let plan = SamplePlan::new(&analysis);
        assert!((0.3..0.4).contains(&plan.share()), "{}", plan.share());
        assert_eq!(plan.clips(), 10);
        assert!(plan.encoded_frames() < 750, "{}", plan.encoded_frames());
        // The estimate of something that follows difficulty is near its mean.
        let detail = |frame: u64| f64::from(analysis.detail(frame));
        let encoded: Vec<f64> =
            plan.extents().iter().flat_map(|extent| extent.clone().map(detail)).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let estimate = mean(&plan.spread(&encoded));
        assert!((estimate - 7.0).abs() < 0.5, "{estimate}");
        let replicates: Vec<f64> = plan.replicates(&encoded).map(|values| mean(&values)).collect();
        assert_eq!(replicates.len(), 10);
        assert!(replicates.iter().any(|of| *of != estimate));
    }

    #[test]
    fn sampled_frames_stand_for_themselves() {
        let plan = SamplePlan::new(&minute());
        let encoded: Vec<u64> = plan.extents().iter().cloned().flatten().collect();
        let spread = plan.spread(&encoded);
        assert_eq!(spread.len(), 1500);
        for stratum in &plan.strata {
            for frame in stratum.clip.clone() {
                assert_eq!(spread[frame as usize], frame);
            }
            let sampled: Vec<u64> = stratum.clip.clone().collect();
            for frame in stratum.parts.iter().cloned().flatten() {
                assert!(sampled.contains(&spread[frame as usize]));
            }
        }
        let parts: u64 =
            plan.strata.iter().flat_map(|of| &of.parts).map(|part| part.end - part.start).sum();
        assert_eq!(parts, 1500);
    }

    #[test]
    fn clips_within_scenes_have_their_neighbours() {
        let scenes = [0..100, 100..200];
        let bounds = |clips: &[(u64, u64)]| {
            let clips: Vec<Range<u64>> = clips.iter().map(|(start, end)| *start..*end).collect();
            let extents = extents(&clips, &scenes);
            extents.iter().map(|extent| (extent.start, extent.end)).collect::<Vec<_>>()
        };
        assert_eq!(bounds(&[(0, 50)]), [(0, 62)]);
        assert_eq!(bounds(&[(50, 100)]), [(42, 100)]);
        assert_eq!(bounds(&[(120, 150), (165, 200)]), [(112, 200)]);
    }
}
