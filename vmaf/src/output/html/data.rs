//! The data of the page's script: the values of every frame, packed, and the pictures.
//!
//! A column of 200,000 frames takes 800 kB: each value is a 24-bit integer between the column's
//! least and greatest value, in four characters of base 64, so that the script can read one frame's
//! value without unpacking the others. The steps are a 16-millionth of the column's range, far
//! finer than what is shown.

use std::path::is_separator;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use vmaf_core::Model;
use vmaf_core::pool::Pool;

use crate::output::report::Report;
use crate::output::timeline::Timeline;
use crate::output::values::Values;
use crate::thumbnails::{FrameThumbnails, Thumbnails};

/// The integer for a missing value, and the greatest one for a value.
const NONE: u32 = 0xff_ffff;
const GREATEST: f64 = 0xff_fffe as f64;

/// The pools that are marked in the distribution.
const MARKS: [(&str, Pool); 3] =
    [("p1", Pool::Percentile(1.0)), ("p5", Pool::Percentile(5.0)), ("mean", Pool::Mean)];

/// All data of the script.
#[derive(Serialize)]
pub(super) struct PageData<'a> {
    frames: Numbers,
    /// The timestamps in seconds.
    times: Option<Numbers>,
    columns: Vec<Column<'a>>,
    encodes: Vec<Encode>,
    gates: Vec<Gate<'a>>,
    moments: Vec<FrameEntry>,
    /// Width and height of each picture.
    picture_size: (u32, u32),
    /// The reason why there are no pictures, if so.
    pictureless: Option<&'a str>,
}

/// Numbers, one per frame.
#[derive(Serialize)]
#[serde(untagged)]
enum Numbers {
    /// Evenly spaced.
    Even { first: f64, last: f64, count: usize },
    /// As 64-bit floats, little-endian, in base 64.
    Each { base64: String },
}

/// A column that can be charted.
#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    is_model: bool,
    /// The limits of the values, for a score.
    clip: Option<(f64, f64)>,
    /// The number of decimals shown.
    digits: u8,
}

#[derive(Serialize)]
struct Encode {
    name: String,
    /// In the order of the columns; `None` for one that this encode lacks.
    columns: Vec<Option<PackedColumn>>,
}

/// A column's values.
#[derive(Serialize)]
struct PackedColumn {
    min: f64,
    max: f64,
    base64: String,
    marks: Vec<(&'static str, f64)>,
}

/// A gate's bound on a column.
#[derive(Serialize)]
struct Gate<'a> {
    column: &'a str,
    text: String,
    bound: f64,
}

#[derive(Serialize)]
struct FrameEntry {
    frame: u64,
    worst_of: Vec<WorstRank>,
    reference: String,
    encodes: Vec<Option<Pictures>>,
}

/// An encode that has a frame among its worst.
#[derive(Serialize)]
struct WorstRank {
    encode: usize,
    rank: usize,
}

#[derive(Serialize)]
struct Pictures {
    distorted: String,
    heat: Option<String>,
}

impl<'a> PageData<'a> {
    pub(super) fn new(report: &'a Report, thumbnails: &'a Thumbnails, timeline: &Timeline) -> Self {
        let scored: Vec<(usize, &Values)> = report
            .encodes
            .iter()
            .enumerate()
            .filter_map(|(place, encode)| Some((place, encode.result.as_ref().ok()?)))
            .collect();
        let (columns, names) = columns(report, &scored);
        let encode_names = names_of(report.encodes.iter().map(|encode| &encode.path[..]));
        let encodes = scored.iter().map(|(place, values)| Encode {
            name: encode_names[*place].clone(),
            columns: names.iter().map(|name| PackedColumn::new(timeline, values, name)).collect(),
        });
        let of_shown = |encode: usize| scored.iter().position(|(place, _)| *place == encode);
        let gates = report.gates.iter().filter_map(|gate| {
            let column = gate.gate.column.as_deref()?;
            Some(Gate { column, text: gate.gate.to_string(), bound: gate.gate.bound })
        });
        let frames: Vec<f64> = timeline.frames().iter().map(|frame| *frame as f64).collect();
        Self {
            frames: Numbers::pack(&frames, 0.0),
            times: timeline.times().map(|times| Numbers::pack(times, 1e-5)),
            columns,
            encodes: encodes.collect(),
            gates: gates.collect(),
            moments: frame_entries(thumbnails, scored.len(), of_shown),
            picture_size: thumbnails.size,
            pictureless: thumbnails.reason.as_deref(),
        }
    }
}

/// The columns of all encodes, models first, with the scorer's names.
fn columns<'a>(
    report: &'a Report,
    scored: &[(usize, &'a Values)],
) -> (Vec<Column<'a>>, Vec<&'a str>) {
    let of_models: Vec<String> = report.models.iter().flat_map(Model::columns).collect();
    let mut names: Vec<&str> = report.models.iter().map(Model::label).collect();
    for (_, values) in scored {
        let has_any = |column: &&vmaf_core::score::Column| {
            !names.contains(&&column.name[..])
                && column.values.iter().any(|value| value.is_finite())
        };
        let more: Vec<&str> =
            values.scored.columns().iter().filter(has_any).map(|column| &column.name[..]).collect();
        names.extend(more);
    }
    let columns = names.iter().map(|name| {
        let model = report.models.iter().find(|model| model.label() == *name);
        Column {
            name: report.name(name),
            is_model: model.is_some(),
            clip: model.and_then(|model| model.map().clip),
            digits: if of_models.iter().any(|of_model| of_model == name) { 2 } else { 6 },
        }
    });
    (columns.collect(), names)
}

/// Returns the names of encodes in charts: their file names, or as much of their paths as
/// distinguishes them.
pub(super) fn names_of<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<String> {
    let paths: Vec<&str> = paths.collect();
    let end = |path: &str, count: usize| {
        let parts: Vec<&str> = path.split(is_separator).collect();
        parts[parts.len().saturating_sub(count)..].join("/")
    };
    let name = |path: &&str| {
        // The same file given twice has one name twice.
        let others: Vec<&&str> = paths.iter().filter(|other| *other != path).collect();
        let most = path.split(is_separator).count();
        let is_own =
            |count: &usize| others.iter().all(|other| end(other, *count) != end(path, *count));
        end(path, (1..most).find(is_own).unwrap_or(most))
    };
    paths.iter().map(name).collect()
}

/// Returns the pictures of each selected frame. `of_shown` maps an encode's index to its place
/// among the `count` shown ones.
fn frame_entries(
    thumbnails: &Thumbnails,
    count: usize,
    of_shown: impl Fn(usize) -> Option<usize>,
) -> Vec<FrameEntry> {
    let picture = |jpeg: &Vec<u8>| format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg));
    let frame_entry = |thumbnail: &FrameThumbnails| {
        let mut encodes: Vec<Option<Pictures>> = (0..count).map(|_| None).collect();
        for (encode, pictures) in &thumbnail.encodes {
            if let Some(place) = of_shown(*encode) {
                encodes[place] = Some(Pictures {
                    distorted: picture(&pictures.distorted),
                    heat: pictures.heat.as_ref().map(picture),
                });
            }
        }
        let worst_of = thumbnail.report_frame.worst_of.iter().filter_map(|(encode, rank)| {
            Some(WorstRank { encode: of_shown(*encode)?, rank: *rank })
        });
        FrameEntry {
            frame: thumbnail.report_frame.frame,
            worst_of: worst_of.collect(),
            reference: picture(&thumbnail.reference),
            encodes,
        }
    };
    thumbnails.frames.iter().map(frame_entry).collect()
}

impl Numbers {
    /// Packs numbers: as a start and a step if none deviates by more than `slack` from even
    /// spacing.
    fn pack(numbers: &[f64], slack: f64) -> Self {
        let count = numbers.len();
        if let [first, .., last] = *numbers {
            let step = (last - first) / (count - 1) as f64;
            let is_even = |(place, number): (usize, &f64)| {
                (first + place as f64 * step - number).abs() <= slack
            };
            if numbers.iter().enumerate().all(is_even) {
                return Self::Even { first, last, count };
            }
        }
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Self::Each { base64: STANDARD.encode(bytes) }
    }
}

impl PackedColumn {
    fn new(timeline: &Timeline, values: &Values, name: &str) -> Option<Self> {
        let on_line = timeline.column(values, name)?;
        let column = values.column(name)?;
        let (min, max, bytes) = pack(&on_line);
        let marks = MARKS.iter().filter_map(|(name, pool)| {
            let value = values.pool(column, *pool)?;
            Some((*name, value))
        });
        Some(Self { min, max, base64: STANDARD.encode(bytes), marks: marks.collect() })
    }
}

/// Packs values as 24-bit integers, little-endian, with the least and greatest value.
fn pack(values: &[f64]) -> (f64, f64, Vec<u8>) {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let min = finite().reduce(f64::min).unwrap_or(0.0);
    let max = finite().reduce(f64::max).unwrap_or(0.0);
    let scale = if max > min { GREATEST / (max - min) } else { 0.0 };
    let number = |value: &f64| {
        if value.is_finite() { ((value - min) * scale).round() as u32 } else { NONE }
    };
    let bytes = values.iter().flat_map(|value| {
        let [low, middle, high, _] = number(value).to_le_bytes();
        [low, middle, high]
    });
    (min, max, bytes.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_values_keep_more_digits_than_are_shown() {
        let values: Vec<f64> =
            (0..1000).map(|i| 100.0 * (f64::from(i) * 0.37).sin().abs()).collect();
        let (min, max, bytes) = pack(&values);
        assert_eq!(bytes.len(), 3000);
        for (value, bytes) in values.iter().zip(bytes.chunks(3)) {
            let number = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
            let back = min + f64::from(number) / GREATEST * (max - min);
            assert!((back - value).abs() < 5e-6, "{back} for {value}");
        }
        let (min, max, bytes) = pack(&[f64::NAN, 7.5, f64::INFINITY]);
        assert_eq!((min, max, bytes), (7.5, 7.5, vec![255, 255, 255, 0, 0, 0, 255, 255, 255]));
    }

    #[test]
    fn evenly_spaced_values_are_packed_shortly() {
        let times: Vec<f64> = (0..100).map(|frame| f64::from(frame * 1001) / 24000.0).collect();
        assert!(matches!(Numbers::pack(&times, 1e-5), Numbers::Even { count: 100, .. }));
        let mut uneven = times;
        uneven[50] += 0.01;
        assert!(matches!(Numbers::pack(&uneven, 1e-5), Numbers::Each { .. }));
        assert!(matches!(Numbers::pack(&[4.0], 0.0), Numbers::Each { .. }));
    }

    #[test]
    fn names_of_encodes_are_short_and_distinct() {
        let names = |paths: &[&str]| names_of(paths.iter().copied());
        assert_eq!(names(&["x/a.mp4", "x/b.mp4"]), ["a.mp4", "b.mp4"]);
        assert_eq!(names(&["x/a/1.mp4", "x/b/1.mp4", "2.mp4"]), ["a/1.mp4", "b/1.mp4", "2.mp4"]);
        assert_eq!(names(&["x/a.mp4", "x/a.mp4"]), ["a.mp4", "a.mp4"]);
    }
}
