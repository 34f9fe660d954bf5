//! The scored frames of all encodes on one line of time.
//!
//! Encodes may have different frames: one that ended early has fewer. A [`Timeline`] has every
//! frame that any of them has, in order, and a column on it is `NaN` where its encode has none.

use super::values::Values;

/// Frames, and when they are shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timeline {
    frames: Vec<u64>,
    /// In seconds; none where that is not known of most, or where time does not go on.
    times: Option<Vec<f64>>,
}

impl Timeline {
    /// These frames, in order, and their times, where they are known of all.
    pub(crate) fn new(frames: Vec<u64>, times: Option<Vec<f64>>) -> Self {
        let goes_on = |times: &Vec<f64>| times.windows(2).all(|pair| pair[0] < pair[1]);
        Self { frames, times: times.filter(goes_on) }
    }

    /// The frames' numbers.
    pub(crate) fn frames(&self) -> &[u64] {
        &self.frames
    }

    /// The times at which the frames are shown, in seconds.
    pub(crate) fn times(&self) -> Option<&[f64]> {
        self.times.as_deref()
    }

    /// The column called `name` of an encode's `values`, with a place for every frame.
    pub(crate) fn column(&self, values: &Values, name: &str) -> Option<Vec<f64>> {
        let column = values.column(name)?;
        if values.scored.frames() == self.frames {
            return Some(column.values.clone());
        }
        let mut on_line = vec![f64::NAN; self.frames.len()];
        for (frame, value) in values.scored.frames().iter().zip(&column.values) {
            if let Ok(place) = self.frames.binary_search(frame) {
                on_line[place] = *value;
            }
        }
        Some(on_line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_increasing_timestamps_are_kept() {
        let of = |times: &[f64]| Timeline::new((0..3).collect(), Some(times.to_vec()));
        assert_eq!(of(&[0.0, 0.04, 0.08]).times(), Some(&[0.0, 0.04, 0.08][..]));
        assert_eq!(of(&[0.0, 0.04, 0.04]).times(), None);
    }
}
