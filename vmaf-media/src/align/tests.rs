//! Videos made up of signatures: a moving texture, and everything that can happen to its frames.

use std::cmp::Ordering;

use super::*;
use crate::StreamInfo;
use vmaf_core::{Chroma, Format, Frame, Rational};

const RATE: u32 = 25;

/// A picture that changes from frame to frame, with the encode's noise.
fn signature(frame: f64, noise: u64) -> Signature {
    let mut state = noise;
    let parts = std::array::from_fn(|part| {
        let (x, y) = ((part % 16) as f64, (part / 16) as f64);
        let phase = 0.23 * frame + 0.7 * x + 1.3 * y + (0.11 * frame + 0.3 * y).sin();
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let off = if noise == 0 { 0.0 } else { (state >> 40) as f64 / f64::from(1 << 24) - 0.5 };
        let level = 100.0 + 20.0 * phase.sin() + 12.0 * (0.37 * frame + 2.1 * x).cos() + 2.0 * off;
        (level * 64.0) as u16
    });
    Signature(parts)
}

/// Returns observations of frames that show moments of a scene.
fn fingerprints(moments: impl IntoIterator<Item = f64>, noise: u64) -> Vec<FrameFingerprint> {
    let moments = moments.into_iter().enumerate();
    moments
        .map(|(index, moment)| FrameFingerprint {
            signature: signature(moment, noise * 1000 + noise.min(1) * index as u64),
            time: Some(index as f64 / f64::from(RATE)),
            black_edges: None,
        })
        .collect()
}

fn numbers(range: std::ops::Range<u32>) -> impl Iterator<Item = f64> {
    range.map(f64::from)
}

fn info(rate: Rational) -> StreamInfo {
    let format = Format::new(64, 36, Chroma::Mono, 8).expect("valid");
    StreamInfo { frame_rate: Some(rate), ..StreamInfo::new("clip", format, "test") }
}

fn rate(num: u32, den: u32) -> Rational {
    Rational::rate(num, den).expect("a rate")
}

/// Returns the matcher's finding, and the votes.
fn found(
    reference: &[FrameFingerprint],
    encode: &[FrameFingerprint],
    rates: [Rational; 2],
) -> (Option<Finding>, Votes) {
    let mut matcher = Matcher::new(&info(rates[0]), &info(rates[1]));
    for index in 0..reference.len().max(encode.len()) {
        matcher.push(reference.get(index), encode.get(index));
        if matcher.finding().is_some() {
            break;
        }
    }
    let finding = matcher.finish(encode.len().cmp(&reference.len()));
    (finding, matcher.votes())
}

fn found_at_25(
    reference: &[FrameFingerprint],
    encode: &[FrameFingerprint],
) -> (Option<Finding>, Votes) {
    found(reference, encode, [rate(RATE, 1); 2])
}

#[test]
fn aligned_videos_are_found_aligned() {
    let (finding, votes) =
        found_at_25(&fingerprints(numbers(0..200), 0), &fingerprints(numbers(0..200), 1));
    assert_eq!(finding, None);
    assert!(votes.telling >= 20 && votes.agreeing == votes.telling, "{votes:?}");
}

#[test]
fn an_offset_is_reported() {
    for offset in [-60, -2, -1, 1, 2, 7, 100] {
        let (reference_from, encode_from) = (offset.max(0) as u32, (-offset).max(0) as u32);
        let reference = fingerprints(numbers(reference_from..reference_from + 300), 0);
        let encode = fingerprints(numbers(encode_from..encode_from + 300), 1);
        let (finding, _) = found_at_25(&reference, &encode);
        let Some(Finding::Offset { frames, votes }) = &finding else {
            panic!("{offset}: {finding:?}")
        };
        assert_eq!(*frames, i64::from(offset));
        assert!(votes.agreeing >= 4 && votes.agreeing == votes.telling, "{votes:?}");
        let text = finding.expect("it is there").to_string();
        assert!(text.contains(&format!("pass an offset of {offset} to skip")), "{text}");
    }
}

/// The moments of 300 frames, some missing or repeated.
fn without(range: std::ops::Range<u32>) -> Vec<f64> {
    numbers(0..300).filter(|moment| !range.contains(&(*moment as u32))).collect()
}

fn twice(frame: u32) -> Vec<f64> {
    numbers(0..frame + 1).chain(numbers(frame..300)).collect()
}

#[test]
fn dropped_and_added_frames_are_located() {
    let reference = fingerprints(numbers(0..300), 0);
    for (moments, expected) in [(without(150..151), -1), (without(150..153), -3), (twice(150), 1)] {
        let (finding, _) = found_at_25(&reference, &fingerprints(moments, 1));
        let Some(Finding::Slip { shift, frames: [from, to], .. }) = finding else {
            panic!("{expected}: {finding:?}")
        };
        assert_eq!(shift, expected);
        assert!(from <= 152 && to >= 144 && to - from <= 24, "{from} to {to}");
    }
}

#[test]
fn changes_near_the_end_are_decided_by_the_lengths() {
    let reference = fingerprints(numbers(0..300), 0);
    let encode = fingerprints(without(270..271), 1);
    let (finding, _) = found_at_25(&reference, &encode);
    assert!(matches!(finding, Some(Finding::Slip { shift: -1, .. })), "{finding:?}");
    // An encode that only ends early is not reported to lack frames in the middle.
    let (finding, _) = found_at_25(&reference, &fingerprints(numbers(0..270), 1));
    assert_eq!(finding, None);
}

#[test]
fn still_and_repeating_content_is_not_refused() {
    let still = || std::iter::repeat_n(5.0, 200);
    // Whatever was left out of it.
    assert_eq!(found_at_25(&fingerprints(still(), 0), &fingerprints(still().skip(3), 1)).0, None);
    // A loop of a second, and slides.
    let looped = || (0..300).map(|frame| f64::from(frame % 25));
    assert_eq!(found_at_25(&fingerprints(looped(), 0), &fingerprints(looped(), 1)).0, None);
    let slides = || (0..400).map(|frame| f64::from(frame / 50 * 7));
    assert_eq!(found_at_25(&fingerprints(slides(), 0), &fingerprints(slides(), 1)).0, None);
    // Frames that are frozen for a while are damage, not another time.
    let frozen =
        numbers(0..300).map(|moment| if (100.0..112.0).contains(&moment) { 99.0 } else { moment });
    assert_eq!(found_at_25(&fingerprints(numbers(0..300), 0), &fingerprints(frozen, 1)).0, None);
}

/// The observations at other timestamps.
fn at(mut fingerprints: Vec<FrameFingerprint>, time: impl Fn(f64) -> f64) -> Vec<FrameFingerprint> {
    for (index, fingerprint) in fingerprints.iter_mut().enumerate() {
        fingerprint.time = Some(time(index as f64));
    }
    fingerprints
}

#[test]
fn different_frame_rates_are_reported() {
    let rates = [rate(24_000, 1001), rate(24, 1)];
    let reference = at(fingerprints(numbers(0..900), 0), |index| index * 1001.0 / 24_000.0);
    let encode = at(fingerprints(numbers(0..900), 1), |index| index / 24.0);
    let (finding, _) = found(&reference, &encode, rates);
    let finding = finding.expect("a finding");
    assert!(matches!(finding, Finding::Rate { .. }), "{finding:?}");
    let text = finding.to_string();
    assert!(text.starts_with("runs at 24.000 frames/s, the reference at 23.976"), "{text}");
    assert!(text.contains("pairing by number"), "{text}");
    // In ten seconds they are not half a frame apart.
    assert_eq!(found(&reference[..240], &encode[..240], rates).0, None);
    // Every second frame, at half the rate.
    let half =
        at(fingerprints((0..150).map(|frame| f64::from(2 * frame)), 1), |index| index / 12.0);
    let reference = at(fingerprints(numbers(0..300), 0), |index| index / 24.0);
    let (finding, _) = found(&reference, &half, [rate(24, 1), rate(12, 1)]);
    assert!(matches!(finding, Some(Finding::Rate { rates: [24.0, 12.0], .. })), "{finding:?}");
}

#[test]
fn timestamp_jumps_are_reported_unless_the_pictures_explain_them() {
    let reference = fingerprints(numbers(0..300), 0);
    let late = |index: f64| (if index < 100.0 { index } else { index + 3.0 }) / 25.0;
    let encode = at(fingerprints(numbers(0..300), 1), late);
    let (finding, _) = found_at_25(&reference, &encode);
    let Some(Finding::Jump { frame: 100, seconds, .. }) = finding else { panic!("{finding:?}") };
    assert!((seconds - 0.12).abs() < 1e-9);
    // A frame was dropped, and timestamps confirm it.
    let dropped = at(fingerprints(without(100..103), 1), late);
    let (finding, _) = found_at_25(&reference, &dropped);
    assert!(matches!(finding, Some(Finding::Slip { shift: -3, .. })), "{finding:?}");
    // Variable rates are fine if both videos have them.
    let variable = |index: f64| (index + 0.4 * (index * 0.7).sin()) / 25.0;
    let pair = [0, 1].map(|noise| at(fingerprints(numbers(0..300), noise), variable));
    assert_eq!(found_at_25(&pair[0], &pair[1]).0, None);
}

#[test]
fn black_bars_of_one_video_are_found() {
    let format = Format::new(320, 180, Chroma::Mono, 8).expect("valid");
    let frame = |bar: usize, brightness: u8| {
        let samples: Vec<u8> = (0..180 * 320)
            .map(|at| {
                let y = at / 320;
                let is_bar = y < bar || y >= 180 - bar;
                if is_bar { 16 } else { brightness + (at % 7) as u8 }
            })
            .collect();
        Frame::from_luma(format, &samples).expect("a frame")
    };
    let fingerprint = |frame: &Frame| FrameFingerprint {
        signature: Signature::from_frame(frame),
        time: None,
        black_edges: crate::conform::black_edges_of(frame),
    };
    let found = |reference: &Frame, encode: &Frame| {
        let info = StreamInfo { format, ..info(rate(25, 1)) };
        let mut matcher = Matcher::new(&info, &info);
        for _ in 0..40 {
            matcher.push(Some(&fingerprint(reference)), Some(&fingerprint(encode)));
        }
        matcher.finish(Ordering::Equal)
    };
    let finding = found(&frame(0, 90), &frame(20, 90));
    let Some(Finding::Bars { encode, .. }) = finding else { panic!("{finding:?}") };
    assert_eq!((encode.height, encode.y), (140, 20));
    assert_eq!(found(&frame(20, 90), &frame(20, 80)), None, "both");
    assert_eq!(found(&frame(0, 20), &frame(20, 20)), None, "too dark to tell");
}

/// Aligns videos that are read side by side.
fn aligned(reference: &[FrameFingerprint], encode: &[FrameFingerprint]) -> AlignmentResult {
    let info = info(rate(RATE, 1));
    let mut aligner = Aligner::new(&info, &info);
    let mut rest = encode.iter();
    for fingerprint in reference.iter().map(Some).chain([None]) {
        aligner.push_reference(fingerprint);
        while aligner.wants_encode() {
            aligner.push_encode(rest.next());
        }
    }
    assert_eq!(rest.next(), None);
    aligner.finish()
}

/// Returns the number of pairs of a path that show another moment.
fn wrong(path: &AlignmentPath, reference: &[f64], encode: &[f64]) -> usize {
    let differ =
        |pair: &[u64; 2]| (reference[pair[0] as usize] - encode[pair[1] as usize]).abs() > 0.5;
    path.pairs().filter(differ).count()
}

#[test]
fn paths_skip_frames_without_counterpart() {
    let all: Vec<f64> = numbers(0..300).collect();
    let mut both = without(100..101);
    both.insert(200, both[200]);
    let mut paused = all.clone();
    paused.splice(150..150, [149.0; 30]);
    for (encode, changes) in [
        (all.clone(), vec![]),
        (without(150..153), vec![(150, 3, 0)]),
        (twice(150), vec![(151, 0, 1)]),
        (both, vec![(100, 1, 0), (201, 0, 1)]),
        (paused, vec![(150, 0, 30)]),
        (without(0..2), vec![(0, 2, 0)]),
        (without(0..100), vec![(0, 100, 0)]),
        (without(120..210), vec![(120, 90, 0)]),
        // More than is within reach.
        (without(80..240), vec![(80, 160, 0)]),
        (without(200..300), vec![(200, 100, 0)]),
    ] {
        let AlignmentResult { path, finding, .. } =
            aligned(&fingerprints(all.clone(), 0), &fingerprints(encode.clone(), 1));
        assert_eq!(finding, None, "{changes:?}");
        let found = path.changes.iter().map(|(c, _)| (c.at[0], c.lacking, c.added));
        let found: Vec<_> = found.collect();
        assert_eq!(found.len(), changes.len(), "{found:?}");
        for (found, expected) in found.iter().zip(&changes) {
            assert_eq!((found.1, found.2), (expected.1, expected.2));
            assert!(found.0.abs_diff(expected.0) <= 1, "{found:?} for {expected:?}");
        }
        assert!(wrong(&path, &all, &encode) <= 1);
        for (index, pair) in (0..).zip(path.pairs()) {
            assert_eq!(path.get(index), Some(pair));
        }
        assert_eq!(path.get(path.len()), None);
    }
}

#[test]
fn damaged_frames_stay_paired() {
    let all: Vec<f64> = numbers(0..300).collect();
    let frozen = |moment: &f64| if (100.0..130.0).contains(moment) { 99.0 } else { *moment };
    let frozen = fingerprints(all.iter().map(frozen), 1);
    let mut ruined = fingerprints(all.clone(), 1);
    for (level, fingerprint) in (40..).zip(&mut ruined[100..130]) {
        fingerprint.signature.0.fill(level * 64);
    }
    for damaged in [frozen, ruined] {
        let AlignmentResult { path, finding, .. } =
            aligned(&fingerprints(all.clone(), 0), &damaged);
        assert_eq!(path.changes, []);
        assert_eq!((path.len(), finding), (300, None));
    }
}

#[test]
fn paths_follow_timestamps_far_from_the_start() {
    let all: Vec<f64> = numbers(0..600).collect();
    let half: Vec<f64> = (0..300).map(|frame| f64::from(2 * frame)).collect();
    let encode = at(fingerprints(half.clone(), 1), |index| index * 2.0 / 25.0);
    let AlignmentResult { path, finding, .. } = aligned(&fingerprints(all.clone(), 0), &encode);
    assert!(path.len() >= 298, "{}", path.len());
    assert_eq!((wrong(&path, &all, &half), finding), (0, None));
    // Nothing moves: all are paired, in order.
    let still = fingerprints(std::iter::repeat_n(3.0, 100), 0);
    let AlignmentResult { path, finding, .. } = aligned(&still, &still);
    assert_eq!((path.len(), finding), (100, None));
    assert!(aligned(&still, &[]).path.is_empty());
    assert!(aligned(&[], &still).path.is_empty());
}

#[test]
fn an_aligner_keeps_a_few_seconds_of_frames() {
    // Frames are lacking again and again, and in the end many more than are within reach.
    let all: Vec<f64> = numbers(0..2000).collect();
    let is_lacking = |frame: u32| (300..1900).contains(&frame) && frame % 200 < 40;
    let encode: Vec<f64> = (0..2000).filter(|frame| !is_lacking(*frame)).map(f64::from).collect();
    let info = info(rate(RATE, 1));
    let mut aligner = Aligner::new(&info, &info);
    let (mut shown, mut most) = (fingerprints(encode.clone(), 1).into_iter(), 0);
    for fingerprint in fingerprints(all.clone(), 0).iter().map(Some).chain([None]) {
        aligner.push_reference(fingerprint);
        while aligner.wants_encode() {
            aligner.push_encode(shown.next().as_ref());
        }
        most = most.max(aligner.frames_kept());
    }
    let AlignmentResult { path, finding, .. } = aligner.finish();
    assert_eq!((path.changes.len(), finding), (8, None));
    assert!(wrong(&path, &all, &encode) <= 8);
    assert!(most <= 12 * reach(Some(f64::from(RATE))), "{most}");
}

/// The moments of a video with irregular timestamps, converted to a constant rate: each frame shows
/// the latest one whose time has come.
fn converted(count: u32) -> Vec<f64> {
    let time = |frame: u32| (f64::from(frame) + 0.6 * (f64::from(frame) * 1.7).sin()).round();
    let latest = |now: u32| (0..count).rfind(|frame| time(*frame) <= f64::from(now));
    (0..count).map(|now| f64::from(latest(now).expect("one is shown"))).collect()
}

#[test]
fn displaced_frames_are_reported_and_paired_by_content() {
    let all: Vec<f64> = numbers(0..300).collect();
    let encode = converted(300);
    let differ = all.iter().zip(&encode).filter(|(a, b)| a != b).count() as u64;
    let (finding, _) = found_at_25(&fingerprints(all.clone(), 0), &fingerprints(encode.clone(), 1));
    let Some(Finding::Displaced { frames, compared, .. }) = finding else { panic!("{finding:?}") };
    assert!(
        frames.abs_diff(differ) <= 8 && compared >= 290,
        "{frames} of {compared}, not {differ}"
    );
    let text = finding.expect("it is there").to_string();
    assert!(text.contains("pairing by content") && text.contains("unchecked pairing"), "{text}");
    let AlignmentResult { path, finding, .. } =
        aligned(&fingerprints(all.clone(), 0), &fingerprints(encode.clone(), 1));
    assert_eq!((wrong(&path, &all, &encode), finding), (0, None));
    let mut shown = encode;
    shown.dedup();
    assert!(path.len().abs_diff(shown.len() as u64) <= 3, "{} of {}", path.len(), shown.len());
}

#[test]
fn pairs_that_cannot_be_proved_are_refused() {
    let all: Vec<f64> = numbers(0..900).collect();
    let refused = |encode: Vec<f64>| {
        let AlignmentResult { finding, .. } =
            aligned(&fingerprints(all.clone(), 0), &fingerprints(encode, 1));
        let text = finding.expect("a finding").to_string();
        assert!(text.contains("unchecked pairing"), "{text}");
    };
    // Something else, all the time or for a while.
    refused(numbers(0..900).map(|moment| moment * 1.37 + 5000.0).collect());
    let is_other = |moment: &f64| (300.0..600.0).contains(moment);
    let other = |moment: f64| if is_other(&moment) { moment * 0.61 + 5000.0 } else { moment };
    refused(numbers(0..900).map(other).collect());
}

#[test]
fn frames_dropped_within_a_shorter_video_are_reported() {
    // Most of the part after the gap lies beyond the end of the shorter video.
    let all = fingerprints(numbers(0..100), 0);
    let moments = || numbers(0..100).filter(|moment| !(30.0..70.0).contains(moment));
    let (finding, _) = found_at_25(&all, &fingerprints(moments(), 1));
    assert!(matches!(finding, Some(Finding::Slip { shift: -40, .. })), "{finding:?}");
    let (finding, _) = found_at_25(&fingerprints(moments(), 0), &fingerprints(numbers(0..100), 1));
    assert!(matches!(finding, Some(Finding::Slip { shift: 40, .. })), "{finding:?}");
}
