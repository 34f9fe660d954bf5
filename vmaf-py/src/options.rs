//! Options of a run, from keyword arguments.
//!
//! Each error states what the argument accepts, in Python syntax.

use std::fmt::Display;
use std::num::NonZero;
use std::ops::Range;

use pyo3::prelude::*;
use vmaf::{
    Accepted, ColorRange, Crop, Gate, MetricSpec, ModelSpec, Pairing, Rational, RawVideo, Rect,
    Scaler, StreamChoice, values,
};

use crate::errors::{self, VmafError};

/// The options of a run.
#[pyclass(frozen, module = "vmaf_py._native")]
pub(crate) struct Options(pub(crate) vmaf::Options);

/// A part of a picture: width, height, x, y.
type Part = (u32, u32, u32, u32);

/// A metric: the feature's name, and its options as text.
type Metric = (String, Vec<(String, String)>);

/// A value, or text to parse it from.
#[derive(FromPyObject)]
pub(crate) enum Or<T> {
    Text(String),
    Value(T),
}

#[pymethods]
impl Options {
    /// Reads the options and loads the models, to report errors in them.
    #[new]
    #[pyo3(signature = (
        *, models, metrics, frames = None, every = 1, sample = None, shortest = false, threads = 0,
        align = "time", offset = 0, fps = None, scaler = "bicubic", score_at = None, scale = true,
        crop = None, crop_encode = None, geometry = "checked", assume_range = None,
        accept = Vec::new(), film_grain = "on", size = None, pix_fmt = None, bit_depth = None,
        stream = Vec::new()
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keyword arguments")]
    fn new(
        models: Vec<String>,
        metrics: Vec<Or<Metric>>,
        frames: Option<Or<(Option<u64>, Option<u64>)>>,
        every: i64,
        sample: Option<&str>,
        shortest: bool,
        threads: i64,
        align: &str,
        offset: i32,
        fps: Option<Or<(u32, u32)>>,
        scaler: &str,
        score_at: Option<Or<(u32, u32)>>,
        scale: bool,
        crop: Option<Or<Part>>,
        crop_encode: Option<Or<Part>>,
        geometry: &str,
        assume_range: Option<&str>,
        accept: Vec<String>,
        film_grain: &str,
        size: Option<Or<(u32, u32)>>,
        pix_fmt: Option<&str>,
        bit_depth: Option<u8>,
        stream: Vec<Option<u32>>,
    ) -> PyResult<Self> {
        let mut options = vmaf::Options::default();
        let models = models.iter().map(|model| model.parse::<ModelSpec>());
        options.models = Some(models.collect::<Result<_, _>>().map_err(errors::of_run)?);
        options.metrics = metrics.into_iter().map(metric).collect::<PyResult<_>>()?;
        options.frames = frames.map(range).transpose()?;
        options.every = u64::try_from(every)
            .ok()
            .and_then(NonZero::new)
            .ok_or_else(|| wrong("every", every, "is a whole number from 1"))?;
        let drawn = |text: &str| values::sample(text).map_err(|error| named("sample", error));
        options.sample = sample.map(drawn).transpose()?;
        options.shortest = shortest;
        options.threads = usize::try_from(threads)
            .ok()
            .filter(|threads| *threads <= 1024)
            .ok_or_else(|| wrong("threads", threads, "is a whole number from 0 to 1024"))?;
        options.align = choice(
            "align",
            align,
            &[
                ("time", Pairing::Time),
                ("frames", Pairing::Frames),
                ("content", Pairing::Content),
                ("unchecked", Pairing::Unchecked),
            ],
        )?;
        options.offset = offset;
        options.frame_rate = fps.map(rate).transpose()?;
        let conform = &mut options.conform;
        conform.scaler = choice(
            "scaler",
            scaler,
            &[
                ("bilinear", Scaler::Bilinear),
                ("bicubic", Scaler::Bicubic),
                ("lanczos", Scaler::Lanczos),
            ],
        )?;
        let scaled = |text: &str| values::scaled_size(text);
        conform.score_at = score_at.map(|at| sized("score_at", at, scaled)).transpose()?;
        conform.no_scale = !scale;
        conform.crop = crop.map(cropped).transpose()?;
        let rect = |text: &str| {
            values::rect(text).ok_or_else(|| "it is (W, H, X, Y), or W:H:X:Y".to_owned())
        };
        conform.crop_encode = crop_encode
            .map(|part| match part {
                Or::Text(text) => rect(&text).map_err(|error| named("crop_encode", error)),
                Or::Value(part) => Ok(part_of(part)),
            })
            .transpose()?;
        conform.check_geometry =
            choice("geometry", geometry, &[("checked", true), ("unchecked", false)])?;
        let ranges = [("limited", ColorRange::Limited), ("full", ColorRange::Full)];
        let range = assume_range.map(|range| choice("assume_range", range, &ranges));
        conform.assume_range = range.transpose()?;
        let accepted = accept.iter().map(|what| choice("accept", what, &ACCEPTED));
        conform.accept = accepted.collect::<PyResult<_>>()?;
        conform.film_grain = choice("film_grain", film_grain, &[("on", true), ("off", false)])?;
        options.raw = raw(size, pix_fmt, bit_depth)?;
        options.streams = StreamChoice(stream);
        options.check().map_err(errors::of_run)?;
        Ok(Self(options))
    }

    /// Restores pickled options.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        let options = serde_json::from_str(text);
        options.map(Self).map_err(|error| VmafError::new_err(format!("invalid options: {error}")))
    }

    /// Returns the options as JSON. Equal options have equal text.
    fn to_json(&self) -> PyResult<String> {
        serde_json::to_string(&self.0).map_err(|error| VmafError::new_err(error.to_string()))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json()?,)))
    }
}

/// The differences and defects that can be accepted.
const ACCEPTED: [(&str, Accepted); 5] = [
    ("color", Accepted::Color),
    ("hdr", Accepted::Hdr),
    ("interlaced", Accepted::Interlaced),
    ("changes", Accepted::Changes),
    ("damage", Accepted::Damage),
];

/// Parses gates.
pub(crate) fn gates(texts: &[String]) -> PyResult<Vec<Gate>> {
    texts.iter().map(|text| text.parse().map_err(errors::of_core)).collect()
}

fn metric(metric: Or<Metric>) -> PyResult<MetricSpec> {
    let spec = match metric {
        Or::Text(text) => text.parse(),
        Or::Value((name, options)) => {
            let options = options.iter().map(|(option, value)| (&option[..], &value[..]));
            MetricSpec::new(&name, options)
        }
    };
    spec.map_err(errors::of_run)
}

fn range(frames: Or<(Option<u64>, Option<u64>)>) -> PyResult<Range<u64>> {
    match frames {
        Or::Text(text) => values::frames(&text).map_err(|error| named("frames", error)),
        Or::Value((start, end)) => {
            let range = start.unwrap_or(0)..end.unwrap_or(u64::MAX);
            if range.is_empty() {
                let (start, end) = (range.start, range.end);
                return Err(named("frames", format!("there are none from {start} to {end}")));
            }
            Ok(range)
        }
    }
}

fn rate(fps: Or<(u32, u32)>) -> PyResult<Rational> {
    match fps {
        Or::Text(text) => values::frame_rate(&text).map_err(|error| named("fps", error)),
        Or::Value((num, den)) => {
            Rational::rate(num, den).ok_or_else(|| named("fps", "a frame rate is above 0"))
        }
    }
}

fn sized(
    name: &str,
    size: Or<(u32, u32)>,
    read: impl Fn(&str) -> Result<(u32, u32), String>,
) -> PyResult<(u32, u32)> {
    let text = match size {
        Or::Text(text) => text,
        Or::Value((width, height)) => format!("{width}x{height}"),
    };
    read(&text).map_err(|error| named(name, error))
}

fn cropped(crop: Or<Part>) -> PyResult<Crop> {
    match crop {
        Or::Text(text) => values::crop(&text).map_err(|error| named("crop", error)),
        Or::Value(part) => Ok(Crop::At(part_of(part))),
    }
}

fn part_of((width, height, x, y): Part) -> Rect {
    Rect { width, height, x, y }
}

/// The layout of raw video, if its size is given.
fn raw(
    size: Option<Or<(u32, u32)>>,
    pix_fmt: Option<&str>,
    bit_depth: Option<u8>,
) -> PyResult<Option<RawVideo>> {
    let Some(size) = size else {
        if pix_fmt.is_some() || bit_depth.is_some() {
            return Err(named("pix_fmt, bit_depth", "raw video needs its size= too"));
        }
        return Ok(None);
    };
    let (width, height) = sized("size", size, values::size)?;
    let format =
        pix_fmt.map(|text| values::pixel_format(text).map_err(|error| named("pix_fmt", error)));
    let format = format.transpose()?;
    let stated = format.and_then(|format| format.bit_depth);
    if let (Some(stated), Some(given)) = (stated, bit_depth)
        && stated != given
    {
        return Err(named("bit_depth", format!("it is {given}, and pix_fmt says {stated}")));
    }
    let bit_depth = bit_depth.or(stated).unwrap_or(8);
    if !(8..=16).contains(&bit_depth) {
        return Err(wrong("bit_depth", bit_depth, "is a whole number from 8 to 16"));
    }
    let chroma = format.map_or(vmaf_core::Chroma::Yuv420, |format| format.chroma);
    Ok(Some(RawVideo { width, height, chroma, bit_depth }))
}

/// Returns the value that `text` names.
fn choice<T: Copy>(name: &str, text: &str, choices: &[(&str, T)]) -> PyResult<T> {
    let found = choices.iter().find(|(choice, _)| *choice == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("'{name}'")).collect();
        named(name, format!("it is {}, not '{text}'", names.join(", ")))
    })
}

/// Returns the error of an argument.
fn named(name: &str, error: impl Display) -> PyErr {
    VmafError::new_err(format!("{name}: {error}"))
}

fn wrong(name: &str, value: impl Display, expected: &str) -> PyErr {
    VmafError::new_err(format!("{name} {expected}, not {value}"))
}
