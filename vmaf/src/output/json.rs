//! The JSON document of `vmaf score`, schema 1, which `docs/json.md` describes, and its JSON Lines
//! form.
//!
//! Numbers are written so that parsing them gives the same bits; values that are not finite are
//! `null`. Objects keep their order, and arrays of numbers stay on one line.

mod scenes;

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::ser::Formatter;
use vmaf_core::Model;
use vmaf_core::pool::Interval;
use vmaf_core::score::Column;
use vmaf_media::{StreamInfo, align};

use self::scenes::{SceneEntry, WorstScene};
use super::report::{self, Encode, Report};
use super::values::Values;
use crate::pairing::Alignment;
use crate::request::Metric;
use crate::run::sample::SampleShare;

/// The schema's version.
const SCHEMA: u32 = 1;

/// Writes the document.
pub(crate) fn document(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        version: vmaf_core::VERSION,
        reference: Video::new(&report.reference, &report.reference_steps),
        distorted: report.encodes.iter().map(|encode| EncodeEntry::new(report, encode)).collect(),
        run_entry: RunEntry::new(report),
    };
    let layout = JsonLayout::default();
    document.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, layout))?;
    writeln!(out)
}

/// Members that a batch adds to an encode's line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchMembers<'a> {
    /// The name in the manifest.
    pub(crate) name: Option<&'a str>,
    /// The key that identifies the result.
    pub(crate) key: &'a str,
}

/// Writes a line for each encode: the document without the values of frames.
pub(crate) fn lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for encode in &report.encodes {
        serde_json::to_writer(&mut *out, &Line::new(report, encode, None))?;
        writeln!(out)?;
    }
    Ok(())
}

/// The line of an encode in a batch.
pub(crate) fn line(
    report: &Report,
    encode: &Encode,
    batch: BatchMembers<'_>,
) -> serde_json::Result<String> {
    serde_json::to_string(&Line::new(report, encode, Some(batch)))
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    version: &'a str,
    reference: Video<'a>,
    distorted: Vec<EncodeEntry<'a>>,
    #[serde(flatten)]
    run_entry: RunEntry<'a>,
}

#[derive(Serialize)]
struct Line<'a> {
    schema: u32,
    version: &'a str,
    reference: &'a str,
    distorted: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(flatten)]
    outcome: Outcome<'a>,
    reference_video: Video<'a>,
    distorted_video: Option<Video<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alignment: Option<AlignmentEntry>,
    #[serde(flatten)]
    run_entry: RunEntry<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

/// Members shared by all encodes of a run.
#[derive(Serialize)]
struct RunEntry<'a> {
    models: Vec<ModelEntry<'a>>,
    measured: Vec<FeatureEntry>,
    options: Options<'a>,
    warnings: Vec<String>,
    run: Run,
}

#[derive(Serialize)]
struct Video<'a> {
    path: &'a str,
    width: u32,
    height: u32,
    chroma: String,
    bit_depth: u8,
    frame_rate: Option<FrameRate>,
    color_range: Option<String>,
    codec: &'a str,
    interlaced: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    conformed: &'a [String],
}

#[derive(Serialize)]
struct FrameRate {
    num: u32,
    den: u32,
}

#[derive(Serialize)]
struct EncodeEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(flatten)]
    video: Option<Video<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alignment: Option<AlignmentEntry>,
    #[serde(flatten)]
    outcome: Outcome<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scenes: Vec<SceneEntry<'a>>,
    #[serde(flatten)]
    frames: Option<Frames<'a>>,
}

/// The pairing of an encode's frames with the reference's.
#[derive(Serialize)]
struct AlignmentEntry {
    pairing: &'static str,
    offset: i32,
    telling: u32,
    agreeing: u32,
    changes: Vec<UnpairedEntry>,
}

/// Frames that have no counterpart.
#[derive(Serialize)]
struct UnpairedEntry {
    reference_frame: u64,
    time: Option<f64>,
    encode_frame: u64,
    lacking: u64,
    added: u64,
}

/// An encode's scores, or why there are none.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome<'a> {
    Scored {
        frame_count: usize,
        scores: OrderedMap<&'a str, Score<'a>>,
        metrics: OrderedMap<&'a str, Pools<'a>>,
        aggregates: OrderedMap<&'a str, f64>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        gates: Vec<GateEntry>,
    },
    Failed {
        error: String,
    },
}

#[derive(Serialize)]
struct Frames<'a> {
    frame_numbers: &'a [u64],
    frame_times: &'a [Option<f64>],
    frames: OrderedMap<&'a str, &'a [f64]>,
}

#[derive(Serialize)]
struct ModelEntry<'a> {
    label: &'a str,
    name: &'a str,
    sha256: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen_for: Option<&'a str>,
    bit_depth: u8,
    bootstrap: bool,
    transform: bool,
    clip: Option<(f64, f64)>,
    features: Vec<FeatureEntry>,
}

#[derive(Serialize, PartialEq)]
struct FeatureEntry {
    feature: &'static str,
    options: OrderedMap<&'static str, String>,
}

#[derive(Serialize)]
struct Options<'a> {
    frames: (u64, Option<u64>),
    every: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<SampleShare>,
    shortest: bool,
    pools: Vec<&'a str>,
}

#[derive(Serialize)]
struct Run {
    threads: usize,
    instruction_set: &'static str,
    frames: u64,
    seconds: f64,
    frames_per_second: Option<f64>,
}

/// A gate and its verdict.
#[derive(Serialize)]
struct GateEntry {
    gate: String,
    held: Option<bool>,
    value: Option<f64>,
    margin: Option<f64>,
    worst: Option<WorstStretch>,
}

/// A stretch of frames.
#[derive(Serialize)]
struct WorstStretch {
    mean: f64,
    frame: u64,
    start: f64,
    end: f64,
}

/// A model's score, pooled.
struct Score<'a> {
    pools: Pools<'a>,
    model: &'a Model,
}

/// A column, pooled.
struct Pools<'a> {
    report: &'a Report,
    encode: &'a Encode,
    values: &'a Values,
    column: &'a Column,
}

#[derive(Serialize)]
struct WorstSecond {
    mean: f64,
    frame: u64,
    time: f64,
}

/// An object whose members keep their order.
#[derive(PartialEq)]
struct OrderedMap<K, V>(Vec<(K, V)>);

impl<'a> RunEntry<'a> {
    fn new(report: &'a Report) -> Self {
        let end = Some(report.frames.end).filter(|end| *end < u64::MAX);
        Self {
            models: report.models.iter().map(|model| ModelEntry::new(report, model)).collect(),
            measured: report
                .measured
                .iter()
                .map(|metric| FeatureEntry::new(report.common_options(metric)))
                .collect(),
            options: Options {
                frames: (report.frames.start, end),
                every: report.every,
                sample: report.sample,
                shortest: report.shortest,
                pools: report.pools.iter().map(|pool| &pool.name[..]).collect(),
            },
            warnings: report.warnings().collect(),
            run: Run {
                threads: report.threads,
                instruction_set: report.level.name(),
                frames: report.count,
                seconds: report.elapsed.as_secs_f64(),
                frames_per_second: report.frames_per_second(),
            },
        }
    }
}

impl<'a> Line<'a> {
    fn new(report: &'a Report, encode: &'a Encode, batch: Option<BatchMembers<'a>>) -> Self {
        Self {
            schema: SCHEMA,
            version: vmaf_core::VERSION,
            reference: &report.reference.path,
            distorted: &encode.path,
            name: batch.and_then(|batch| batch.name),
            outcome: Outcome::new(report, encode),
            reference_video: Video::new(&report.reference, &report.reference_steps),
            distorted_video: encode.info.as_ref().map(|info| Video::new(info, &encode.steps)),
            alignment: encode.result.is_ok().then(|| AlignmentEntry::new(&encode.alignment)),
            run_entry: RunEntry::new(report),
            key: batch.map(|batch| batch.key),
        }
    }
}

impl<'a> Video<'a> {
    fn new(info: &'a StreamInfo, conformed: &'a [String]) -> Self {
        Self {
            path: &info.path,
            width: info.format.width(),
            height: info.format.height(),
            chroma: info.format.chroma().to_string(),
            bit_depth: info.format.bit_depth(),
            frame_rate: info.frame_rate.map(|rate| FrameRate { num: rate.num, den: rate.den }),
            color_range: info.range.map(|range| range.to_string()),
            codec: &info.codec,
            interlaced: info.interlaced,
            stream: info.stream,
            conformed,
        }
    }
}

impl AlignmentEntry {
    fn new(alignment: &Alignment) -> Self {
        let Alignment { pairing, offset, votes, changes } = alignment;
        let change = |(change, time): &(align::UnpairedFrames, Option<f64>)| UnpairedEntry {
            reference_frame: change.at[0],
            time: *time,
            encode_frame: change.at[1],
            lacking: change.lacking,
            added: change.added,
        };
        Self {
            pairing: pairing.name(),
            offset: *offset,
            telling: votes.telling,
            agreeing: votes.agreeing,
            changes: changes.iter().map(change).collect(),
        }
    }
}

impl<'a> EncodeEntry<'a> {
    fn new(report: &'a Report, encode: &'a Encode) -> Self {
        let frames = encode.result.as_ref().ok().map(|values| {
            let columns = values.scored.columns().iter();
            let columns = columns.map(|column| (report.name(&column.name), &column.values[..]));
            Frames {
                frame_numbers: values.scored.frames(),
                frame_times: values.scored.times(),
                frames: OrderedMap(columns.collect()),
            }
        });
        let video = encode.info.as_ref().map(|info| Video::new(info, &encode.steps));
        let path = video.is_none().then_some(&encode.path[..]);
        let alignment = encode.result.is_ok().then(|| AlignmentEntry::new(&encode.alignment));
        let scenes = encode.result.iter().flat_map(|values| scenes::entries(report, values));
        let (outcome, scenes) = (Outcome::new(report, encode), scenes.collect());
        Self { path, video, alignment, outcome, scenes, frames }
    }
}

impl<'a> Outcome<'a> {
    fn new(report: &'a Report, encode: &'a Encode) -> Self {
        let values = match &encode.result {
            Ok(values) => values,
            Err(failure) => {
                return Self::Failed { error: failure.message().worded(&report.wording) };
            }
        };
        let pools = |column| Pools { report, encode, values, column };
        let scores = report.models.iter().filter_map(|model| {
            let column = values.column(model.label())?;
            Some((model.label(), Score { pools: pools(column), model }))
        });
        let of_models: Vec<String> = report.models.iter().flat_map(Model::columns).collect();
        let metrics = values.scored.columns().iter();
        let metrics = metrics.filter(|column| !of_models.contains(&column.name));
        let aggregates = values.scored.aggregates().iter();
        Self::Scored {
            frame_count: values.scored.frames().len(),
            scores: OrderedMap(scores.collect()),
            metrics: OrderedMap(
                metrics.map(|column| (report.name(&column.name), pools(column))).collect(),
            ),
            aggregates: OrderedMap(aggregates.map(|(name, value)| (&name[..], *value)).collect()),
            gates: report.gate_results(encode).map(GateEntry::new).collect(),
        }
    }
}

impl GateEntry {
    fn new(judged: report::GateResult<'_>) -> Self {
        let verdict = judged.verdict.ok();
        let worst = verdict.and_then(|(verdict, values)| {
            verdict.worst.map(|worst| WorstStretch {
                mean: worst.mean,
                frame: values.scored.frames()[worst.first],
                start: worst.start,
                end: values.end(&worst),
            })
        });
        let verdict = verdict.map(|(verdict, _)| verdict);
        Self {
            gate: judged.gate.to_string(),
            held: verdict.map(|verdict| verdict.held),
            value: verdict.map(|verdict| verdict.value),
            margin: verdict.map(|verdict| verdict.margin),
            worst,
        }
    }
}

impl<'a> ModelEntry<'a> {
    fn new(report: &'a Report, model: &'a Model) -> Self {
        let map = model.map();
        let mut features: Vec<FeatureEntry> = Vec::new();
        // A loaded model has only existing features.
        for metric in model.features().unwrap_or_default() {
            let measured = FeatureEntry::new(report.common_options(&metric));
            if !features.contains(&measured) {
                features.push(measured);
            }
        }
        Self {
            label: model.label(),
            name: model.name(),
            sha256: model.digest(),
            chosen_for: report.chosen_for(model),
            bit_depth: report.bit_depth(model),
            bootstrap: model.is_bootstrap(),
            transform: map.transform.as_ref().is_some_and(|transform| transform.enabled),
            clip: map.clip,
            features,
        }
    }
}

impl FeatureEntry {
    fn new((feature, options): &Metric) -> Self {
        Self { feature: feature.name, options: OrderedMap(options.iter().collect()) }
    }
}

impl<K, V> OrderedMap<K, V> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Serialize, V: Serialize> Serialize for OrderedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Pools<'_> {
    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for pool in &self.report.pools {
            map.serialize_entry(&pool.name, &self.values.pool(self.column, pool.pool))?;
        }
        if self.report.sample.is_some() {
            let ends = self.report.pools.iter().map(|pool| {
                let interval = self.report.interval(self.column, pool.pool);
                (&pool.name[..], interval.map(|Interval { low, high, .. }| [low, high]))
            });
            map.serialize_entry("intervals", &OrderedMap(ends.collect()))?;
        }
        Ok(())
    }
}

impl Serialize for Pools<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        if let Some(options) = self.report.unnamed_options(self.encode, &self.column.name) {
            map.serialize_entry("options", &OrderedMap(options.iter().collect()))?;
        }
        map.end()
    }
}

impl Serialize for Score<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Pools { values, column, .. } = self.pools;
        let mut map = serializer.serialize_map(None)?;
        self.pools.entries(&mut map)?;
        let worst = values.worst_second(column).map(|worst| WorstSecond {
            mean: worst.mean,
            frame: values.scored.frames()[worst.first],
            time: worst.start,
        });
        map.serialize_entry("worst_second", &worst)?;
        let worst = values.worst_scene(column);
        map.serialize_entry("worst_scene", &worst.map(|worst| WorstScene::new(values, &worst)))?;
        if self.model.is_bootstrap() {
            map.serialize_entry("bootstrap", &OrderedMap(values.interval(self.model)))?;
        }
        map.end()
    }
}

/// Formats JSON: a line for each member of an object, arrays on one line.
#[derive(Default)]
struct JsonLayout {
    depth: usize,
    /// True if the object being closed has a member.
    has_member: bool,
}

impl JsonLayout {
    fn new_line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        write!(out, "\n{:width$}", "", width = 2 * self.depth)
    }
}

impl Formatter for JsonLayout {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.has_member = false;
        out.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.new_line(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_member = true;
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.has_member {
            self.new_line(out)?;
        }
        out.write_all(b"}")
    }
}
