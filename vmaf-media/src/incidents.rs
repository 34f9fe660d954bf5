//! Incidents of decoding: facts about a stream that are known only once its frames were read.

use std::sync::{Arc, Mutex, PoisonError};

/// Record of the incidents while a stream was decoded. Clones share it: the holder of a stream's
/// [`StreamInfo`](crate::StreamInfo) sees the incidents of its source.
#[derive(Debug, Clone, Default)]
pub struct Incidents(Arc<Mutex<IncidentCounts>>);

#[derive(Debug, Default)]
struct IncidentCounts {
    /// Frames of which the decoder concealed parts.
    concealed: u64,
    /// The number of frames of other sizes than the first, and those sizes.
    resized: u64,
    sizes: Vec<(u32, u32)>,
    /// Places where timestamps restart.
    joins: u64,
    /// The treatment of film grain, if the stream describes any.
    grain: Option<Grain>,
}

/// Treatment of the film grain that a stream describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    Added,
    LeftOut,
}

/// Incidents don't make two streams different.
impl PartialEq for Incidents {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Incidents {
    fn change(&self, change: impl FnOnce(&mut IncidentCounts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes the number of frames so far of which the decoder concealed parts.
    pub(crate) fn conceal(&self, frames: u64) {
        self.change(|counts| counts.concealed = counts.concealed.max(frames));
    }

    /// Counts a frame of another size than the first.
    #[cfg(feature = "ffmpeg")]
    pub(crate) fn resize(&self, size: (u32, u32)) {
        self.change(|counts| {
            counts.resized += 1;
            if !counts.sizes.contains(&size) {
                counts.sizes.push(size);
            }
        });
    }

    /// Counts a place where timestamps restart.
    pub(crate) fn join(&self) {
        self.change(|counts| counts.joins += 1);
    }

    /// Notes that the stream describes film grain, and its treatment.
    pub(crate) fn grain(&self, grain: Grain) {
        self.change(|counts| counts.grain = Some(grain));
    }

    /// Returns the incidents so far, in words.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps = Vec::new();
        match counts.grain {
            Some(Grain::Added) => steps.push("film grain synthesised by the decoder".to_owned()),
            Some(Grain::LeftOut) => steps.push("film grain left out".to_owned()),
            None => {}
        }
        if counts.joins > 0 {
            steps.push(format!("continued where timestamps restart ({})", times(counts.joins)));
        }
        if counts.resized > 0 {
            let sizes: Vec<String> =
                counts.sizes.iter().map(|(width, height)| format!("{width}x{height}")).collect();
            let frames = frames(counts.resized);
            steps.push(format!("size changes: {frames} of {} scaled", sizes.join(" and ")));
        }
        if counts.concealed > 0 {
            steps.push(format!("damaged: {} concealed by the decoder", frames(counts.concealed)));
        }
        steps
    }
}

fn frames(count: u64) -> String {
    if count == 1 { "1 frame".to_owned() } else { format!("{count} frames") }
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{count} times"),
    }
}

// Only the decoder in process scales frames that change their size.
#[cfg(all(test, feature = "ffmpeg"))]
mod tests {
    use super::*;

    #[test]
    fn clones_share_their_incidents() {
        let incidents = Incidents::default();
        let seen = incidents.clone();
        assert!(seen.steps().is_empty());
        incidents.conceal(1);
        incidents.resize((320, 180));
        incidents.resize((320, 180));
        incidents.grain(Grain::Added);
        let expected = [
            "film grain synthesised by the decoder",
            "size changes: 2 frames of 320x180 scaled",
            "damaged: 1 frame concealed by the decoder",
        ];
        assert_eq!(seen.steps(), expected);
    }
}
