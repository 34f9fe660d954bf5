//! The sample of a source: clips that stand for all of it.
//!
//! Scenes, and the parts of long ones, are divided into strata of similar content and about as many
//! frames: by detail and change, of which the scores at a setting depend most. Each stratum is
//! sampled by its typical part, which stands for the others: a frame that is not sampled has the
//! value of a frame of that clip. So every pool and every window can be estimated, not only the
//! mean.
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
const MIN_SECONDS: f64 = 18.0;
const SHARE: f64 = 0.04;

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
        let strata = strata(parts(&scenes, length, analysis), count);
        let mut clips: Vec<Range<u64>> = strata.iter().map(|of| of.clip.clone()).collect();
        clips.sort_by_key(|clip| clip.start);
        Self { frames, extents: extents(&clips, &scenes), strata }
    }

    /// The plan that encodes all frames.
    pub(super) fn whole(frames: u64) -> Self {
        Self { frames, extents: std::iter::once(0..frames).collect(), strata: Vec::new() }
    }

    /// The plan that encodes these frames alone.
    pub(super) fn of_frames(frames: Range<u64>) -> Self {
        let count = frames.end - frames.start;
        Self { frames: count, extents: vec![frames], strata: Vec::new() }
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

    /// Returns the same for each stratum with neighbours on both sides, with their clips, frame by
    /// frame in turns, in place of its own. Neighbours are similar, so that the differences are the
    /// errors that the choice of a clip makes.
    pub(super) fn replicates<'a, T: Copy>(
        &'a self,
        encoded: &'a [T],
    ) -> impl Iterator<Item = Vec<T>> + 'a {
        (1..self.strata.len().saturating_sub(1))
            .map(|changed| self.spread_with(encoded, Some(changed)))
    }

    /// Returns the number of strata to each that [`replicates`](Self::replicates) changes.
    pub(super) fn strata_per_replicate(&self) -> f64 {
        let count = self.strata.len() as f64;
        count / (count - 2.0).max(1.0)
    }

    fn spread_with<T: Copy>(&self, encoded: &[T], changed: Option<usize>) -> Vec<T> {
        if self.is_whole() {
            return encoded.to_vec();
        }
        let Some(first) = encoded.first() else { return Vec::new() };
        let clip = |stratum: usize| {
            let clip = &self.strata[stratum].clip;
            let start = self.place_of(clip.start);
            &encoded[start..start + (clip.end - clip.start) as usize]
        };
        let mut values = vec![*first; self.frames as usize];
        for (place, stratum) in self.strata.iter().enumerate() {
            let [even, odd] = match changed {
                Some(changed) if changed == place => [clip(place - 1), clip(place + 1)],
                _ => [clip(place); 2],
            };
            for part in &stratum.parts {
                let part = &mut values[part.start as usize..part.end as usize];
                for (index, value) in part.iter_mut().enumerate() {
                    let of = if index % 2 == 0 { even } else { odd };
                    *value = of[index % of.len()];
                }
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

/// A part of a scene, and where it lies among others by content.
#[derive(Debug, Clone)]
struct Part {
    frames: Range<u64>,
    /// Its content, each number with a deviation of 1 over all parts.
    content: [f64; 2],
}

impl Part {
    /// Returns the number of frames.
    fn length(&self) -> f64 {
        (self.frames.end - self.frames.start) as f64
    }
}

/// Divides scenes into parts of about `length` frames.
fn parts(scenes: &[Range<u64>], length: f64, analysis: &SourceAnalysis) -> Vec<Part> {
    let of_scene = |scene: &Range<u64>| {
        let (start, frames) = (scene.start, scene.end - scene.start);
        let count = (frames as f64 / length).round().max(1.0) as u64;
        (0..count).map(move |part| {
            let own = start + frames * part / count..start + frames * (part + 1) / count;
            let content = analysis.content(&own, part == 0);
            Part { frames: own, content }
        })
    };
    let mut parts: Vec<Part> = scenes.iter().flat_map(of_scene).collect();
    for index in 0..2 {
        let deviation = deviation(&parts, index).max(1e-9);
        parts.iter_mut().for_each(|part| part.content[index] /= deviation);
    }
    parts
}

/// Returns the mean of a number of the content, of all frames.
fn mean(parts: &[Part], index: usize) -> f64 {
    let all: f64 = parts.iter().map(Part::length).sum();
    parts.iter().map(|part| part.content[index] * part.length()).sum::<f64>() / all
}

/// Returns the standard deviation of a number of the content, of all frames.
fn deviation(parts: &[Part], index: usize) -> f64 {
    let mean = mean(parts, index);
    let all: f64 = parts.iter().map(Part::length).sum();
    let squares = parts.iter().map(|part| (part.content[index] - mean).powi(2) * part.length());
    (squares.sum::<f64>() / all).sqrt()
}

/// Divides parts into at most `count` strata of about as many frames: in halves by the number of
/// their content that varies most, and so on.
fn strata(mut parts: Vec<Part>, count: usize) -> Vec<Stratum> {
    if count <= 1 || parts.len() <= 1 {
        return stratum(parts).into_iter().collect();
    }
    let index = usize::from(deviation(&parts, 1) > deviation(&parts, 0));
    parts.sort_by(|a, b| {
        let by_content = a.content[index].total_cmp(&b.content[index]);
        by_content.then(a.frames.start.cmp(&b.frames.start))
    });
    let first = count / 2;
    let wanted = parts.iter().map(Part::length).sum::<f64>() * first as f64 / count as f64;
    let mut passed = 0.0;
    let is_before = |part: &Part| {
        let middle = passed + part.length() / 2.0;
        passed += part.length();
        middle < wanted
    };
    let at = parts.iter().map(is_before).take_while(|is_before| *is_before).count();
    let rest = parts.split_off(at.clamp(1, parts.len() - 1));
    let mut all = strata(parts, first);
    all.extend(strata(rest, count - first));
    all
}

/// Returns the stratum of these parts, sampled by the one nearest to their mean content.
fn stratum(mut parts: Vec<Part>) -> Option<Stratum> {
    let means = [mean(&parts, 0), mean(&parts, 1)];
    let distance = |part: &&Part| {
        let squares = part.content.iter().zip(means).map(|(of, mean)| (of - mean).powi(2));
        squares.sum::<f64>()
    };
    // A clip of a few frames tells little of the others.
    let longest = parts.iter().map(Part::length).fold(0.0, f64::max);
    let long_enough = parts.iter().filter(|part| part.length() >= longest / 2.0);
    let clip = long_enough.min_by(|a, b| distance(a).total_cmp(&distance(b)))?.frames.clone();
    parts.sort_by_key(|part| part.frames.start);
    Some(Stratum { parts: parts.into_iter().map(|part| part.frames).collect(), clip })
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
    fn a_sample_has_its_share_and_covers_all_contents() {
        let analysis = minute();
        let plan = SamplePlan::new(&analysis);
        assert!((0.3..0.4).contains(&plan.share()), "{}", plan.share());
        assert_eq!(plan.clips(), 10);
        assert!(plan.encoded_frames() < 750, "{}", plan.encoded_frames());
        // The estimate of something that follows content is near its mean.
        let detail = |frame: u64| f64::from(analysis.detail(frame));
        let encoded: Vec<f64> =
            plan.extents().iter().flat_map(|extent| extent.clone().map(detail)).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let estimate = mean(&plan.spread(&encoded));
        assert!((estimate - 7.0).abs() < 0.5, "{estimate}");
        let replicates: Vec<f64> = plan.replicates(&encoded).map(|values| mean(&values)).collect();
        assert_eq!(replicates.len(), 8);
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
