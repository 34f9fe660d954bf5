//! Settings in messages, worded as keyword arguments of `vmaf_py.score`.

use pyo3::prelude::*;
use vmaf::{ColorRange, Rect, Setting, Wording};

use crate::call::quoted;

/// The wording of Python.
pub(crate) const WORDING: Wording = Wording { setting: keyword, separator: ", " };

/// Returns a setting as a keyword argument.
fn keyword(setting: &Setting) -> String {
    match setting {
        Setting::Offset(frames) => format!("offset={frames}"),
        Setting::Frames(frames) if frames.end == u64::MAX => {
            format!("frames=({}, None)", frames.start)
        }
        Setting::Frames(frames) => format!("frames=({}, {})", frames.start, frames.end),
        Setting::Shortest => "shortest=True".to_owned(),
        Setting::AllFrames => "without sample".to_owned(),
        Setting::AlignFrames => "align=\"frames\"".to_owned(),
        Setting::AlignContent => "align=\"content\"".to_owned(),
        Setting::AlignUnchecked => "align=\"unchecked\"".to_owned(),
        Setting::Crop(area) => format!("crop={}", part(*area)),
        Setting::CropEncode(area) => format!("crop_encode={}", part(*area)),
        Setting::CropAuto => "crop=\"auto\"".to_owned(),
        Setting::NoCrop => "leave crop out".to_owned(),
        Setting::ScoreAt { width, height } => format!("score_at=({width}, {height})"),
        Setting::Scale => "with scale=True".to_owned(),
        Setting::GeometryUnchecked => "geometry=\"unchecked\"".to_owned(),
        Setting::AssumeRange(ColorRange::Limited) => "assume_range=\"limited\"".to_owned(),
        Setting::AssumeRange(ColorRange::Full) => "assume_range=\"full\"".to_owned(),
        Setting::Accept(what) => format!("accept={}", quoted(&what.to_string())),
        Setting::RawLayout => "size, pix_fmt and bit_depth".to_owned(),
        Setting::PixelFormat { name, .. } => format!("pix_fmt={}", quoted(name)),
        Setting::Metric { name, options } if options.is_empty() => {
            format!("metrics=[{}]", quoted(name))
        }
        Setting::Metric { name, options } => {
            let options = options
                .iter()
                .map(|(option, value)| format!("{}: {}", quoted(option), literal(value)));
            let options = options.collect::<Vec<_>>().join(", ");
            format!("metrics=[({}, {{{options}}})]", quoted(name))
        }
        Setting::Videos { reference, encode } => {
            format!("vq.score({}, {})", quoted(reference), quoted(encode))
        }
        // A setting without a keyword argument.
        other => other.to_string(),
    }
}

/// A part of a picture, or a placeholder.
fn part(area: Option<Rect>) -> String {
    area.map_or_else(
        || "(W, H, X, Y)".to_owned(),
        |Rect { width, height, x, y }| format!("({width}, {height}, {x}, {y})"),
    )
}

/// The Python literal of a metric option's value.
fn literal(value: &str) -> String {
    match value {
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        other => quoted(other),
    }
}

/// Returns every setting that a message may name, in Python's wording.
#[pyfunction]
pub(crate) fn worded_settings() -> Vec<String> {
    let settings = Setting::examples();
    let of_python = settings.iter().filter(|setting| **setting != Setting::Heatmaps);
    of_python.map(keyword).collect()
}
