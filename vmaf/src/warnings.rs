//! Warnings about a result: the frames are unsuitable for the model, or the scores look like those
//! of wrongly paired frames.

use vmaf_core::model::BUILTINS;
use vmaf_core::pool;
use vmaf_core::{ColorRange, Format, Model};
use vmaf_media::align::Contrast;
use vmaf_media::{Message, Setting};

use crate::gates::ColumnGate;
use crate::output::report::Encode;

/// The greatest distance of the mean from the harmonic mean for correctly paired frames: a few bad
/// frames lower the latter.
const MAX_MEAN_DISTANCE: f64 = 8.0;

/// A score near zero, and the least score of its neighbours if it stands alone.
const NEAR_ZERO: f64 = 1.0;
const GOOD_SCORE: f64 = 30.0;

/// Returns a warning if `model` is not made for frames of `format`.
pub fn size(model: &Model, format: &Format) -> Option<String> {
    let builtin = BUILTINS.iter().find(|builtin| builtin.name == model.name())?;
    (format.height() > builtin.max_height).then(|| {
        format!(
            "{} is made for a {}, not for frames of {} lines; use {} for these",
            builtin.name,
            builtin.display,
            format.height(),
            builtin.larger
        )
    })
}

/// Returns warnings if the distribution of an encode's scores suggests wrongly paired frames.
pub(crate) fn score_anomalies(encode: &Encode, models: &[Model]) -> Vec<Message> {
    let Ok(values) = &encode.result else { return Vec::new() };
    let scores = models.iter().filter_map(|model| values.column(model.label()));
    let warnings = scores.filter_map(|column| {
        let anomaly = score_anomaly(&column.values)?;
        Some(Message::from(format!(
            "{}: scores of {} {anomaly}: these frames are damaged or misaligned",
            encode.path, column.name
        )))
    });
    warnings.collect()
}

/// Returns a warning if an encode has the contrast of the other range throughout.
pub(crate) fn contrast(encode: &Encode) -> Option<Message> {
    let (what, values, range) = match encode.alignment.votes.contrast? {
        Contrast::Widened => ("stretched", "16 to 235 became 0 to 255", ColorRange::Full),
        Contrast::Narrowed => ("narrowed", "0 to 255 became 16 to 235", ColorRange::Limited),
    };
    let flag = u8::from(range == ColorRange::Full);
    let stated_range = encode.info.as_ref().and_then(|info| info.range);
    let message = Message::from(format!(
        "{}: contrast is {what} throughout, as if converted to {range} range ({values}), but the \
         file is not marked so: ",
        encode.path
    ));
    let message = match stated_range {
        None => message
            .text("pass ")
            .remedy(Setting::AssumeRange(range))
            .text(" if only the encode does not state its range, or"),
        Some(_) => message.text("if its flag was lost,"),
    };
    Some(message.text(format!(
        " set the flag (ffmpeg -c copy -bsf:v h264_metadata=video_full_range_flag={flag}) and score \
         it again"
    )))
}

/// Returns warnings if a sample, a `share` of all frames, can't decide the gates of an encode.
pub(crate) fn undecided_gates(encode: &Encode, gates: &[ColumnGate], share: f64) -> Vec<Message> {
    let Ok(values) = &encode.result else { return Vec::new() };
    let warnings = gates.iter().filter_map(|gate| {
        let is_of_frames = share < 1.0 && !gate.is_of_video();
        let why = match gate.interval(values, share) {
            _ if !is_of_frames => return None,
            Some(interval) if !interval.contains(gate.gate.bound) => return None,
            Some(_) => "the bound is within the 95% interval of the sample",
            None => "a sample has no interval of this pool",
        };
        let (path, gate) = (&encode.path, &gate.gate);
        let message = format!("{path}: gate '{gate}': {why}; score all frames to be sure, ");
        Some(Message::from(message).remedy(Setting::AllFrames))
    });
    warnings.collect()
}

/// Describes an anomaly of scores, if there is one.
fn score_anomaly(scores: &[f64]) -> Option<String> {
    let (mean, harmonic) = (pool::mean(scores)?, pool::harmonic_mean(scores)?);
    let is_alone = |window: &[f64]| match window {
        [before, score, after] => *score < NEAR_ZERO && *before > GOOD_SCORE && *after > GOOD_SCORE,
        _ => false,
    };
    let alone = scores.windows(3).filter(|window| is_alone(window)).count();
    if alone > 0 {
        let frames = if alone == 1 { "frame" } else { "frames" };
        return Some(format!("are near 0 at {alone} single {frames} between good ones"));
    }
    (mean - harmonic > MAX_MEAN_DISTANCE)
        .then(|| format!("have a mean ({mean:.2}) far above the harmonic mean ({harmonic:.2})"))
}

#[cfg(test)]
mod tests {
    use vmaf_core::Chroma;

    use super::*;

    #[test]
    fn only_videos_too_large_for_the_model_are_warned_of() {
        let model = Model::builtin("vmaf_v0.6.1").expect("built in");
        let of = |width, height| Format::new(width, height, Chroma::Yuv420, 8).expect("valid");
        assert_eq!(size(&model, &of(1920, 1080)), None);
        let warning = size(&model, &of(3840, 2160)).expect("a warning");
        assert!(warning.contains("use v0-4k for these"), "{warning}");
    }

    #[test]
    fn scores_of_frames_that_do_not_match_are_anomalous() {
        let even = [90.0, 88.0, 91.0, 70.0, 89.0];
        assert_eq!(score_anomaly(&even), None);
        // Low scores throughout are only low.
        assert_eq!(score_anomaly(&[20.0; 50]), None);
        assert_eq!(score_anomaly(&[0.0; 50]), None);
        let alone = score_anomaly(&[90.0, 0.2, 88.0, 91.0]).expect("a warning");
        assert!(alone.contains("near 0 at 1 single frame between good ones"), "{alone}");
        let mut ruined = vec![90.0; 100];
        ruined[40..60].fill(5.0);
        let apart = score_anomaly(&ruined).expect("a warning");
        assert!(apart.contains("mean (73.00) far above the harmonic mean"), "{apart}");
        assert_eq!(score_anomaly(&[]), None);
    }
}
