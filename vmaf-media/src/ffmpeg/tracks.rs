//! The choice among the video streams of a file.
//!
//! Muxers mark the first stream as the default by themselves, so that says nothing; a later default
//! stream was chosen by someone. Without one the largest stream is read; of equal ones a default
//! one, and of those the first. Cover art is not video, and posters (streams of a still-image codec
//! beside a stream of another codec) are skipped. A stream that is requested is read unless it is
//! cover art.

/// Codecs of stills, by FFmpeg's names.
const STILL_CODECS: [&str; 11] =
    ["bmp", "gif", "jpeg2000", "jpegls", "jpegxl", "ljpeg", "mjpeg", "png", "tiff", "webp", "apng"];

/// A video stream of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Track {
    /// Its number among all streams of the file.
    pub(super) index: u32,
    pub(super) codec: String,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) is_default: bool,
    /// True for cover art.
    pub(super) is_cover: bool,
    /// Marked as a still, or as thumbnails.
    pub(super) is_still: bool,
}

/// The stream to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Its place in the list chosen from.
    pub(super) place: usize,
    /// Its number in the file, and the reason for the choice, if there are several.
    pub(super) selection: Option<(u32, String)>,
}

impl Choice {
    /// Returns the stream number and the notes for a stream's information.
    pub(super) fn into_parts(self) -> (Option<u32>, Vec<String>) {
        self.selection.map_or_else(Default::default, |(index, note)| (Some(index), vec![note]))
    }
}

impl Track {
    fn is_video(&self) -> bool {
        !self.is_cover
    }

    /// Returns true if it is a poster whenever another stream is not.
    fn may_be_poster(&self) -> bool {
        self.is_still || STILL_CODECS.contains(&&self.codec[..])
    }

    fn described(&self) -> String {
        let Self { index, codec, width, height, .. } = self;
        let kind = if self.is_cover { ", cover art" } else { "" };
        format!("{index} ({width}x{height} {codec}{kind})")
    }
}

/// Chooses the stream with number `wanted`, or the one that players show.
///
/// # Errors
/// Fails if there is none.
pub(super) fn choose(tracks: &[Track], wanted: Option<u32>) -> Result<Choice, String> {
    let videos: Vec<usize> = (0..tracks.len()).filter(|&place| tracks[place].is_video()).collect();
    if let Some(wanted) = wanted {
        let place = videos.iter().find(|&&place| tracks[place].index == wanted);
        let Some(&place) = place else {
            let all = tracks.iter().map(Track::described).collect::<Vec<_>>();
            let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
            return Err(format!("has no video stream {wanted}: its video streams are {all}"));
        };
        return Ok(choice(tracks, &videos, place, "as requested"));
    }
    let is_movie = |place: &&usize| !tracks[**place].may_be_poster();
    let movies: Vec<usize> = videos.iter().filter(is_movie).copied().collect();
    let all = if movies.is_empty() { &videos } else { &movies };
    let Some(first) = all.first() else {
        return Err("has no video stream, only audio or cover art".to_owned());
    };
    let mut defaults = all.iter().filter(|&&place| tracks[place].is_default);
    let by_default = match (defaults.next(), defaults.next()) {
        (Some(only), None) if only != first => Some(*only),
        _ => None,
    };
    if let Some(place) = by_default {
        return Ok(choice(tracks, &videos, place, "the default"));
    }
    let size = |place: usize| u64::from(tracks[place].width) * u64::from(tracks[place].height);
    let rank = |place: usize| (size(place), tracks[place].is_default);
    // Of equals, the first wins: only a greater one replaces it.
    let largest =
        all.iter().fold(*first, |best, &place| if rank(place) > rank(best) { place } else { best });
    let why = if all.len() == 1 {
        "the only one that is not a still"
    } else if all.iter().all(|&place| size(place) == size(*first)) {
        "the first of equal size"
    } else {
        "the largest"
    };
    Ok(choice(tracks, &videos, largest, why))
}

/// Returns the index among the container's videos of the stream at `place`: cover art doesn't
/// count.
pub(super) fn place_in_container(tracks: &[Track], place: usize) -> usize {
    tracks[..place].iter().filter(|track| track.is_video()).count()
}

fn choice(tracks: &[Track], videos: &[usize], place: usize, why: &str) -> Choice {
    if videos.len() < 2 {
        return Choice { place, selection: None };
    }
    let others = videos.iter().filter(|&&other| other != place);
    let others: Vec<String> = others.map(|&other| tracks[other].described()).collect();
    let track = &tracks[place];
    let note =
        format!("video stream {}, {why}; there is also {}", track.described(), others.join(", "));
    Choice { place, selection: Some((track.index, note)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(index: u32, codec: &str, height: u32) -> Track {
        Track {
            index,
            codec: codec.to_owned(),
            width: height * 16 / 9,
            height,
            is_default: false,
            is_cover: false,
            is_still: false,
        }
    }

    /// The number of the stream chosen.
    fn chosen(tracks: &[Track]) -> u32 {
        tracks[choose(tracks, None).expect("a choice").place].index
    }

    #[test]
    fn the_default_or_largest_stream_is_chosen() {
        let (small, large) = (track(0, "h264", 180), track(2, "h264", 360));
        let default = |track: &Track| Track { is_default: true, ..track.clone() };
        assert_eq!(chosen(&[small.clone(), large.clone()]), 2);
        // A muxer marks the first, or all.
        assert_eq!(chosen(&[default(&small), large.clone()]), 2);
        assert_eq!(chosen(&[default(&small), default(&large)]), 2);
        // Someone marks another.
        assert_eq!(chosen(&[large.clone(), default(&Track { index: 5, ..small.clone() })]), 5);
        let equal = Track { index: 3, ..large.clone() };
        assert_eq!(chosen(&[large.clone(), equal.clone()]), 2);
        assert_eq!(chosen(&[small.clone(), large.clone(), default(&equal)]), 3);
        let choice = choose(&[small, large], None).expect("a choice");
        let (index, note) = choice.selection.expect("several");
        assert_eq!(index, 2);
        assert_eq!(
            note,
            "video stream 2 (640x360 h264), the largest; there is also 0 (320x180 h264)"
        );
    }

    #[test]
    fn cover_art_is_not_chosen() {
        let video = track(1, "h264", 360);
        let poster = track(0, "mjpeg", 1080);
        let cover = Track { is_cover: true, ..poster.clone() };
        assert_eq!(chosen(&[poster.clone(), video.clone()]), 1);
        assert_eq!(chosen(&[cover.clone(), video.clone()]), 1);
        // A cover is no choice, a poster is one that people may want.
        assert_eq!(choose(&[cover.clone(), video.clone()], None).expect("video").selection, None);
        let note =
            choose(&[poster.clone(), video], None).expect("video").selection.expect("several").1;
        assert!(note.contains("not a still") && note.contains("0 (1920x1080 mjpeg)"), "{note}");
        // Motion JPEG alone is video.
        assert_eq!(chosen(&[poster]), 0);
        let none = choose(&[cover], None).expect_err("a cover alone");
        assert!(none.contains("no video stream"), "{none}");
    }

    #[test]
    fn a_requested_stream_is_chosen() {
        let tracks = [track(0, "h264", 360), track(1, "png", 90), track(4, "h264", 180)];
        let choice = choose(&tracks, Some(1)).expect("a poster");
        assert_eq!(choice.place, 1);
        let missing = choose(&tracks, Some(2)).expect_err("no such stream");
        assert!(missing.contains("4 (320x180 h264)"), "{missing}");
        choose(&[], Some(0)).expect_err("none");
    }
}
