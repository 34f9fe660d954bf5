//! Completion of missing frame times: decoders, for example, give no timestamp to the last frame of
//! an AVI with B-frames.

/// The times of `frames`, given by number, with missing times estimated from their neighbours:
/// linearly between two frames, and by extending the nearest two known times before the first and
/// after the last one. Returns `None` if at most half of the times are known, so that estimates
/// never outnumber them, or, if any time is missing, fewer than two are known.
#[must_use]
pub fn complete_times(frames: &[u64], times: &[Option<f64>]) -> Option<Vec<f64>> {
    let known: Vec<(f64, f64)> = frames
        .iter()
        .zip(times)
        .filter_map(|(frame, time)| Some((*frame as f64, (*time)?)))
        .collect();
    if known.len() == times.len() {
        return Some(known.into_iter().map(|(_, time)| time).collect());
    }
    if known.len() < 2 || known.len() * 2 <= times.len() {
        return None;
    }
    let estimate = |frame: u64| {
        let frame = frame as f64;
        let behind = known.partition_point(|(number, _)| *number < frame);
        // Before the first or after the last known time, extend the two nearest to it.
        let behind = behind.clamp(1, known.len() - 1);
        let ((before, start), (after, end)) = (known[behind - 1], known[behind]);
        start + (end - start) * (frame - before) / (after - before)
    };
    let all =
        frames.iter().zip(times).map(|(frame, time)| time.unwrap_or_else(|| estimate(*frame)));
    Some(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_at_the_surrounding_rate() {
        let complete = |times: &[Option<f64>]| {
            let frames: Vec<u64> = (0..times.len() as u64).collect();
            complete_times(&frames, times)
        };
        let all = [Some(0.0), Some(0.04), Some(0.5)];
        assert_eq!(complete(&all), Some(vec![0.0, 0.04, 0.5]));
        assert_eq!(complete(&[Some(0.0), Some(0.5), None]), Some(vec![0.0, 0.5, 1.0]));
        assert_eq!(complete(&[None, Some(1.0), Some(1.5)]), Some(vec![0.5, 1.0, 1.5]));
        assert_eq!(complete(&[Some(0.0), None, Some(3.0)]), Some(vec![0.0, 1.5, 3.0]));
        // Every tenth frame was scored.
        let sparse = complete_times(&[0, 10, 20], &[Some(0.0), Some(1.0), None]);
        assert_eq!(sparse, Some(vec![0.0, 1.0, 2.0]));
        assert_eq!(complete(&[]), Some(vec![]));
    }

    #[test]
    fn times_are_not_estimated_from_too_few() {
        let none = |times: &[Option<f64>]| {
            let frames: Vec<u64> = (0..times.len() as u64).collect();
            assert_eq!(complete_times(&frames, times), None, "{times:?}");
        };
        none(&[None, None]);
        none(&[Some(0.0), None]);
        none(&[Some(0.0), Some(1.0), None, None]);
    }
}
