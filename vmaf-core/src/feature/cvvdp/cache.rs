//! The light of recent frames, which neighbouring frames' measurements share.
//!
//! A measurement reads the latest frames of every picture. Each is converted to light once, by the
//! first thread that needs it, and kept until no measurement that is in progress or to come reads it:
//! measurements begin in the order of their frames.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A frame's light in the three opponent channels, row by row.
#[derive(Debug)]
pub(super) struct Light {
    pub(super) channels: [Vec<f32>; 3],
}

/// A picture (0 for the reference, then the encodes), and true for its RGB.
type Picture = (usize, bool);

/// The picture and the number of a frame.
type Key = (Picture, u64);

/// The light of recent frames.
#[derive(Debug, Default)]
pub(super) struct Cache {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    light: HashMap<Key, Arc<OnceLock<Light>>>,
    /// The earliest frame that each measurement in progress reads, and the number of such
    /// measurements.
    in_progress: BTreeMap<u64, usize>,
}

/// A measurement in progress.
pub(super) struct Reading<'a> {
    cache: &'a Cache,
    earliest: u64,
}

impl Cache {
    /// Begins a measurement that reads frames from number `earliest` on.
    pub(super) fn begin(&self, earliest: u64) -> Reading<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state.in_progress.entry(earliest).or_default() += 1;
        let first = state.in_progress.keys().next().copied().unwrap_or(earliest);
        state.light.retain(|(_, frame), _| *frame >= first);
        Reading { cache: self, earliest }
    }
}

impl Reading<'_> {
    /// The light of frame `frame` of picture `picture`, converted by `convert` if it is not there.
    pub(super) fn light(
        &self,
        picture: Picture,
        frame: u64,
        convert: impl FnOnce() -> Light,
    ) -> Arc<OnceLock<Light>> {
        let mut state = self.cache.state.lock().unwrap_or_else(PoisonError::into_inner);
        let light = state.light.entry((picture, frame)).or_default().clone();
        drop(state);
        light.get_or_init(convert);
        light
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = state.in_progress.get_mut(&self.earliest) {
            *count -= 1;
            if *count == 0 {
                state.in_progress.remove(&self.earliest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_is_converted_once_and_dropped_when_no_longer_read() {
        let (cache, mut conversions) = (Cache::default(), 0);
        for frame in 0..20_u64 {
            let reading = cache.begin(frame.saturating_sub(3));
            for earlier in frame.saturating_sub(3)..=frame {
                reading.light((0, false), earlier, || {
                    conversions += 1;
                    Light { channels: [const { Vec::new() }; 3] }
                });
            }
            assert!(cache.state.lock().expect("no panic").light.len() <= 4);
        }
        assert_eq!(conversions, 20);
        // A slow measurement keeps what it reads.
        let (slow, _fast) = (cache.begin(16), cache.begin(40));
        slow.light((0, false), 16, || unreachable!("it is still there"));
    }
}
