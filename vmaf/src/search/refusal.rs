//! The reasons why an encode can't be scored, in the terms of a search. Those of a run name settings
//! of scoring, such as the end of the shorter video; here it is the encoder that has to be set so
//! that its encodes have the frames of the source.

use vmaf_media::{Message, Setting, align};

use crate::failure::{EncodeFailure, Finding};

/// Returns the message about an encode by `encoder` that can't be scored.
pub(super) fn message(encoder: &str, failure: &EncodeFailure) -> Message {
    let of_encode = |says: String| Message::from(format!("the encode by {encoder} {says}"));
    let of_frames = |says: String| {
        of_encode(says).text(
            ": a search compares frame by frame, so leave out the filters and arguments that change \
             the number, order or times of frames",
        )
    };
    match failure.finding() {
        Finding::Shorter { frames } => {
            of_frames(format!("has {}, fewer than the source", count(*frames)))
        }
        Finding::Longer { frames } => {
            of_frames(format!("has more than the source, which has {}", count(*frames)))
        }
        // Bars can be cropped in a search too.
        Finding::Frames(align::Finding::Bars { .. }) => failure.message().clone(),
        Finding::Frames(finding) => of_frames(frames(finding)),
        Finding::Picture(_) => {
            of_encode("shows another part of the picture than the source: ".to_owned())
                .text("leave out the filters that crop or move it, and pass ")
                .remedy(Setting::Crop(None))
                .text(" to encode and score a part")
        }
        _ => failure.message().clone(),
    }
}

/// Returns a finding about frames in words that follow the encode.
fn frames(finding: &align::Finding) -> String {
    match finding {
        align::Finding::Offset { frames, .. } => {
            let side = if *frames > 0 { "later" } else { "earlier" };
            format!("shows everything {} {side} than the source", count(frames.unsigned_abs()))
        }
        align::Finding::Slip { shift, frames, .. } => {
            let has = if *shift > 0 { "gains" } else { "loses" };
            let shift = count(shift.unsigned_abs());
            format!("{has} {shift} between frames {} and {} of the source", frames[0], frames[1])
        }
        align::Finding::Rate { rates: [source, encode], .. } => {
            format!("runs at {encode:.3} frames/s, the source at {source:.3}")
        }
        align::Finding::Jump { frame, seconds, .. } => {
            format!("is {seconds:+.3} s off by its timestamps from frame {frame} on")
        }
        _ => "shows other frames than the source".to_owned(),
    }
}

/// Returns a number of frames in words.
fn count(frames: u64) -> String {
    format!("{frames} frame{}", if frames == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use vmaf_media::Remedy;

    use super::*;

    #[test]
    fn no_message_names_a_setting_that_a_search_lacks() {
        let votes = align::Votes::default();
        let frames = [
            align::Finding::Offset { frames: -2, votes },
            align::Finding::Slip {
                shift: 3,
                frames: [10, 20],
                times: [None; 2],
                rates: None,
                votes,
            },
            align::Finding::Rate { rates: [25.0, 30.0], votes },
            align::Finding::Jump { frame: 7, time: None, seconds: 0.5, votes },
            align::Finding::Unlike,
        ];
        let failures = frames.into_iter().map(|finding| EncodeFailure::frames("enc.mkv", finding));
        let shorter = Message::from("pass ").remedy(Setting::Shortest);
        let failures =
            failures.chain([EncodeFailure::new(Finding::Shorter { frames: 1 }, shorter)]);
        for failure in failures {
            let message = message("x264", &failure);
            assert_eq!(message.remedies().flat_map(Remedy::settings).next(), None, "{message}");
            assert!(message.to_string().contains("by x264"), "{message}");
        }
    }

    #[test]
    fn findings_are_counted() {
        let offset = align::Finding::Offset { frames: -1, votes: align::Votes::default() };
        let message = message("x264", &EncodeFailure::frames("enc.mkv", offset)).to_string();
        assert!(message.contains("shows everything 1 frame earlier"), "{message}");
    }
}
