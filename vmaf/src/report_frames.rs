//! The frames that a report shows: the worst of each encode, and some evenly spaced ones.
//!
//! The worst have the lowest scores and are at least a second apart, so that one bad second appears
//! once. The number of pictures is bounded: a report of many encodes shows fewer frames of each.

use crate::output::timeline::Timeline;

/// The most worst frames of an encode, and the most evenly spaced ones.
const MAX_WORST: usize = 6;
const MAX_SPACED: usize = 12;

/// The approximate limit on pictures: the reference's, and two of each encode.
const MAX_PICTURES: usize = 320;

/// The least distance between the worst frames of an encode.
const MIN_SECONDS_APART: f64 = 1.0;
/// The same if timestamps are unknown.
const MIN_FRAMES_APART: u64 = 25;

/// A frame that the report shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportFrame {
    /// The frame's number.
    pub(crate) frame: u64,
    /// The encodes that have it among their worst, each with its rank from 1.
    pub(crate) worst_of: Vec<(usize, usize)>,
    /// The encodes whose pictures of it are shown.
    pub(crate) encodes: Vec<usize>,
}

/// Chooses frames by the `scores` of each encode: a value for each frame of the timeline, `NaN` if
/// there is none, or `None` for an encode that is not shown. The result is in order of time.
pub(crate) fn choose_frames(timeline: &Timeline, scores: &[Option<Vec<f64>>]) -> Vec<ReportFrame> {
    let shown: Vec<usize> = (0..scores.len()).filter(|encode| scores[*encode].is_some()).collect();
    if shown.is_empty() || timeline.frames().is_empty() {
        return Vec::new();
    }
    let limits = FrameLimits::for_encodes(shown.len());
    let mut report_frames: Vec<ReportFrame> = Vec::new();
    for &encode in &shown {
        let Some(scores) = &scores[encode] else { continue };
        for (rank, place) in
            worst_places(timeline, scores, limits.worst_places).into_iter().enumerate()
        {
            let report_frame = entry_for(&mut report_frames, timeline.frames()[place]);
            report_frame.worst_of.push((encode, rank + 1));
            report_frame.encodes.push(encode);
        }
    }
    if limits.worst_of_all {
        report_frames.iter_mut().for_each(|report_frame| report_frame.encodes.clone_from(&shown));
    }
    for place in evenly_spaced(timeline.frames().len(), limits.evenly_spaced) {
        entry_for(&mut report_frames, timeline.frames()[place]).encodes.clone_from(&shown);
    }
    report_frames.sort_by_key(|report_frame| report_frame.frame);
    report_frames
}

/// Returns the entry of `frame`, new if there is none.
fn entry_for(report_frames: &mut Vec<ReportFrame>, frame: u64) -> &mut ReportFrame {
    let place = report_frames
        .iter()
        .position(|report_frame| report_frame.frame == frame)
        .unwrap_or(report_frames.len());
    if place == report_frames.len() {
        report_frames.push(ReportFrame { frame, worst_of: Vec::new(), encodes: Vec::new() });
    }
    &mut report_frames[place]
}

/// Limits on the number of frames.
#[derive(Debug, PartialEq, Eq)]
struct FrameLimits {
    /// The number of worst frames of each encode.
    worst_places: usize,
    /// True if the worst frames show all encodes, not only the one concerned.
    worst_of_all: bool,
    evenly_spaced: usize,
}

impl FrameLimits {
    /// Returns the limits for this many encodes.
    fn for_encodes(encodes: usize) -> Self {
        let (of_one, of_all) = (3, 1 + 2 * encodes);
        let worst_places = (MAX_PICTURES / 2 / (of_one * encodes)).clamp(1, MAX_WORST);
        let worst_of_all = worst_places * encodes * of_all <= MAX_PICTURES;
        let taken = worst_places * encodes * if worst_of_all { of_all } else { of_one };
        let evenly_spaced = (MAX_PICTURES.saturating_sub(taken) / of_all).min(MAX_SPACED);
        Self { worst_places, worst_of_all, evenly_spaced }
    }
}

/// Returns the places of the lowest scores, the lowest first, the earlier of equal ones.
fn worst_places(timeline: &Timeline, scores: &[f64], count: usize) -> Vec<usize> {
    let mut places: Vec<usize> =
        (0..scores.len()).filter(|place| !scores[*place].is_nan()).collect();
    places.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut found: Vec<usize> = Vec::new();
    for place in places {
        if found.len() == count {
            break;
        }
        if found.iter().all(|other| are_apart(timeline, place, *other)) {
            found.push(place);
        }
    }
    found
}

fn are_apart(timeline: &Timeline, place: usize, other: usize) -> bool {
    match timeline.times() {
        Some(times) => (times[place] - times[other]).abs() >= MIN_SECONDS_APART,
        None => timeline.frames()[place].abs_diff(timeline.frames()[other]) >= MIN_FRAMES_APART,
    }
}

/// Returns the places in the middle of `parts` equal parts of `count` places, or all if there are
/// fewer.
fn evenly_spaced(count: usize, parts: usize) -> Vec<usize> {
    let parts = parts.min(count);
    (0..parts).map(|part| (2 * part + 1) * count / (2 * parts)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A timeline of frames at 25 frames a second.
    fn timeline(frames: u64) -> Timeline {
        Timeline::new((0..frames).collect(), Some((0..frames).map(|i| i as f64 / 25.0).collect()))
    }

    #[test]
    fn worst_frames_are_a_second_apart() {
        let mut scores = vec![90.0; 200];
        // A bad second, worst in its middle, and one bad frame much later.
        scores[50..75].fill(30.0);
        scores[60] = 10.0;
        scores[150] = 40.0;
        let found = worst_places(&timeline(200), &scores, 4);
        assert_eq!(found[..2], [60, 150]);
        let apart = |a: &usize| found.iter().all(|b| a == b || a.abs_diff(*b) >= 25);
        assert!(found.len() == 4 && found.iter().all(apart), "{found:?}");
        // Without timestamps, frames are counted.
        let counted = Timeline::new((0..200).map(|frame| frame * 10).collect(), None);
        let found = worst_places(&counted, &scores, 4);
        assert_eq!(found, [60, 50, 53, 56]);
    }

    #[test]
    fn pictures_show_every_encode_if_there_are_few() {
        let falling: Vec<f64> = (0..500).map(|place| 100.0 - f64::from(place) / 10.0).collect();
        let rising: Vec<f64> = falling.iter().rev().copied().collect();
        let report_frames = choose_frames(&timeline(500), &[Some(falling), None, Some(rising)]);
        assert!(report_frames.windows(2).all(|pair| pair[0].frame < pair[1].frame));
        assert!(report_frames.iter().all(|report_frame| report_frame.encodes == [0, 2]));
        let of = |encode: usize, rank: usize| {
            let found = report_frames
                .iter()
                .find(|report_frame| report_frame.worst_of.contains(&(encode, rank)));
            found.map(|report_frame| report_frame.frame)
        };
        assert_eq!(
            (of(0, 1), of(0, 2), of(0, 6), of(0, 7)),
            (Some(499), Some(474), Some(374), None)
        );
        assert_eq!((of(2, 1), of(2, 6)), (Some(0), Some(125)));
        assert_eq!(of(1, 1), None);
        let evenly_spaced =
            report_frames.iter().filter(|report_frame| report_frame.worst_of.is_empty());
        assert_eq!(evenly_spaced.count(), 12);
    }

    #[test]
    fn the_number_of_pictures_is_bounded_for_any_number_of_encodes() {
        for encodes in 1..=200 {
            let limits = FrameLimits::for_encodes(encodes);
            let each = if limits.worst_of_all { 1 + 2 * encodes } else { 3 };
            let pictures =
                limits.worst_places * encodes * each + limits.evenly_spaced * (1 + 2 * encodes);
            assert!(pictures <= MAX_PICTURES.max(3 * encodes), "{encodes}: {limits:?}");
            assert!(limits.worst_places >= 1);
        }
        let most =
            FrameLimits { worst_places: MAX_WORST, worst_of_all: true, evenly_spaced: MAX_SPACED };
        assert_eq!(
            (FrameLimits::for_encodes(1), FrameLimits::for_encodes(3)),
            (FrameLimits { ..most }, most)
        );
    }

    #[test]
    fn short_and_empty_videos_have_few_or_no_pictures() {
        assert_eq!(evenly_spaced(3, 12), [0, 1, 2]);
        assert_eq!(evenly_spaced(100, 4), [12, 37, 62, 87]);
        let report_frames = choose_frames(&timeline(1), &[Some(vec![50.0])]);
        assert_eq!(report_frames.len(), 1);
        assert_eq!((report_frames[0].frame, &report_frames[0].worst_of[..]), (0, &[(0, 1)][..]));
        assert_eq!(choose_frames(&timeline(0), &[Some(Vec::new())]), []);
        assert_eq!(choose_frames(&timeline(5), &[None]), []);
        // Frames that an encode lacks are not its worst.
        let report_frames = choose_frames(&timeline(2), &[Some(vec![f64::NAN, 90.0])]);
        assert_eq!(
            report_frames
                .iter()
                .find(|report_frame| !report_frame.worst_of.is_empty())
                .map(|m| m.frame),
            Some(1)
        );
    }
}
