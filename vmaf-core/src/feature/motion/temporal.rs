//! From each frame's change to `motion2` and `motion3`, which depend on its neighbours. The change
//! may be bounded already, as in `motion`, or not, as in `float_motion`.

use crate::feature::Neighbours;

/// The combination of values over time.
pub(in crate::feature) struct Temporal {
    /// The distance to the earlier frame in each comparison: 1, or 2 for the five-frame window.
    pub(in crate::feature) distance: usize,
    pub(in crate::feature) blend_factor: f64,
    pub(in crate::feature) blend_offset: f64,
    pub(in crate::feature) max: f64,
    pub(in crate::feature) moving_average: bool,
}

impl Temporal {
    /// The frames whose changes `motion2` and `motion3` depend on. After a frame: the next one, and
    /// at the start of the video the first that has a frame to compare with.
    pub(in crate::feature) fn neighbours(&self) -> Neighbours {
        let averaged = u64::from(self.moving_average);
        Neighbours { before: self.distance as u64 - 1 + averaged, after: self.distance as u64 }
    }

    /// Emits `motion2` and `motion3` of each frame from the changes of frames `first` and on.
    pub(in crate::feature) fn finish(
        &self,
        first: u64,
        change: &[f64],
        emit: &mut dyn FnMut(usize, &[f64]),
    ) {
        // The change of a frame by its number; none for frames outside of the stretch.
        let change_of = |frame: u64| {
            let index = usize::try_from(frame.checked_sub(first)?).ok()?;
            change.get(index).copied()
        };
        // Frames with nothing to compare with take the first value there is.
        let settled = self.distance as u64;
        let opening = change_of(settled).map_or(0.0, |change| self.bound(change));
        let motion2 = |frame: u64| {
            if frame < settled {
                return Some(0.0);
            }
            let this = change_of(frame)?;
            let Some(next) = change_of(frame + 1) else { return Some(this) };
            let earlier = frame + 1 - settled;
            if earlier < settled {
                return Some(next);
            }
            Some(change_of(earlier)?.min(next))
        };
        let processed = |frame: u64| {
            if frame < settled { Some(opening) } else { motion2(frame).map(|m| self.bound(m)) }
        };
        for index in 0..change.len() {
            let frame = first + index as u64;
            let motion2 = motion2(frame).map_or(f64::NAN, |value| value.min(self.max));
            let current = processed(frame).unwrap_or(f64::NAN);
            let averages = self.moving_average && frame >= settled;
            let motion3 = if averages {
                let before = processed(frame - 1).unwrap_or(f64::NAN);
                (current + before) / 2.0
            } else {
                current
            };
            emit(index, &[motion2, motion3]);
        }
    }

    /// `value` with its excess over the offset blended down, and bounded.
    fn bound(&self, value: f64) -> f64 {
        let blended =
            value * self.blend_factor + (1.0 - self.blend_factor) * self.blend_offset.min(value);
        blended.min(self.max)
    }
}
