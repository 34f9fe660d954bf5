//! Scenes: the stretches of a video between cuts.
//!
//! A frame is reduced to its [`Signature`], a grid of mean brightness. A scene begins where the
//! signature changes much more than around it: fast motion changes every frame, and a flash changes
//! two in succession, so that neither is a cut. Fades and dissolves are not cuts either.
//!
//! A [`Job`](crate::Job) that [detects scenes](crate::Job::detect_scenes) keeps the changes of the
//! reference with the values of its frames, so that the scenes do not depend on how a run is cut
//! into parts.

mod signature;

use std::ops::Range;

pub use signature::Signature;

use crate::Frame;

/// The number of frames before and after a change that it is compared with.
const REACH: usize = 3;

/// A cut changes the signature by this many levels of 8 bits more than [`CONTRAST`] times the
/// largest change around it.
const MIN_CHANGE: f32 = 1.5;
const CONTRAST: f32 = 2.5;

/// The shortest scene, in frames.
const MIN_LENGTH: u64 = 8;

/// The change of each frame of a video from the one before it.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    previous: Option<Signature>,
}

impl Changes {
    /// Returns the change from the previous frame to `frame`; 0 for the first one.
    pub(crate) fn next(&mut self, frame: &Frame) -> f32 {
        let signature = Signature::from_frame(frame);
        let previous = self.previous.replace(signature);
        previous.map_or(0.0, |previous| signature.distance(&previous))
    }
}

/// Returns the scenes of a video: consecutive ranges of frames that cover all of it. `changes[n]`
/// is the [distance](Signature::distance) from frame n-1 to frame n; the first is ignored.
#[must_use]
pub fn scenes(changes: &[f32]) -> Vec<Range<u64>> {
    let mut scenes = Vec::new();
    let (mut start, end) = (0, changes.len() as u64);
    for (place, change) in changes.iter().enumerate().skip(1) {
        let around = place.saturating_sub(REACH).max(1)..(place + REACH + 1).min(changes.len());
        let others = around.filter(|other| *other != place).map(|other| changes[other]);
        let largest = others.fold(0.0, f32::max);
        let at = place as u64;
        if *change >= MIN_CHANGE + CONTRAST * largest
            && at - start >= MIN_LENGTH
            && end - at >= MIN_LENGTH
        {
            scenes.push(start..at);
            start = at;
        }
    }
    if start < end {
        scenes.push(start..end);
    }
    scenes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first frames of the scenes.
    fn starts(changes: &[f32]) -> Vec<u64> {
        let scenes = scenes(changes);
        assert_eq!(scenes.last().map_or(0, |last| last.end), changes.len() as u64);
        assert!(scenes.windows(2).all(|pair| pair[0].end == pair[1].start));
        scenes.into_iter().map(|scene| scene.start).collect()
    }

    #[test]
    fn cuts_exceed_the_changes_around_them() {
        let mut changes = vec![0.4_f32; 60];
        changes[20] = 20.0;
        assert_eq!(starts(&changes), [0, 20]);
        // A flash: the picture is back after a frame.
        changes[40] = 30.0;
        changes[41] = 30.0;
        assert_eq!(starts(&changes), [0, 20]);
        // Fast motion changes all frames.
        assert_eq!(starts(&[12.0; 50]), [0]);
        // A change of slides, and one so near the end that it would be a very short scene.
        let mut changes = vec![0.0_f32; 60];
        changes[30] = 2.0;
        changes[56] = 9.0;
        assert_eq!(starts(&changes), [0, 30]);
    }

    #[test]
    fn short_videos_are_one_scene() {
        assert!(starts(&[]).is_empty());
        assert_eq!(starts(&[0.0]), [0]);
        assert_eq!(starts(&[0.0, 50.0, 0.0]), [0]);
    }
}
