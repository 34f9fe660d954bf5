//! The files of `vmaf maps`: samples, pictures, and what describes them. `docs/maps.md` documents
//! them.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use image::ImageFormat;
use serde::Serialize;
use vmaf_core::maps::{MapPlane, Rect, Value};

use super::{Mapped, Pair, Roi};
use crate::args::maps::MapsArgs;
use crate::failure::{Failure, Result};
use crate::inputs::Inputs;
use crate::pictures;

/// The file that describes the others.
pub(super) const INDEX: &str = "maps.json";

/// What the maps are of.
pub(super) struct About<'a> {
    pub(super) arguments: &'a MapsArgs,
    pub(super) inputs: &'a Inputs,
    pub(super) pair: &'a Pair,
}

/// Writes everything into the folder, which is made. The description comes last.
pub(super) fn write(about: &About<'_>, mapped: &[Mapped]) -> Result<()> {
    let folder = &about.arguments.output;
    let failed = |path: &Path, error| Failure::output(path.display().to_string(), error);
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let picture = pictures::rgb(&about.pair.distorted, about.inputs.reference());
    for mapped in mapped {
        for plane in mapped.maps.planes() {
            let path = folder.join(map_name(mapped, plane));
            let bytes: Vec<u8> =
                plane.map.values().iter().flat_map(|value| value.to_le_bytes()).collect();
            fs::write(&path, bytes).map_err(|error| failed(&path, error))?;
        }
        let path = folder.join(heat_name(mapped));
        let heat = pictures::heat_over(&picture, &mapped.maps.heat());
        heat.save_with_format(&path, ImageFormat::Png).map_err(|error| match error {
            image::ImageError::IoError(error) => failed(&path, error),
            other => Failure::input(format!("can't write {}: {other}", path.display())),
        })?;
    }
    let path = folder.join(INDEX);
    let write = || {
        let mut out = BufWriter::new(fs::File::create(&path)?);
        serde_json::to_writer_pretty(&mut out, &Index::new(about, mapped))?;
        writeln!(out)?;
        out.flush()
    };
    write().map_err(|error| failed(&path, error))
}

/// The name of a feature's picture.
pub(super) fn heat_name(mapped: &Mapped) -> String {
    format!("{}_heat.png", mapped.name)
}

/// The name of a map's file.
fn map_name(mapped: &Mapped, plane: &MapPlane) -> String {
    let (width, height) = (plane.map.width(), plane.map.height());
    format!("{}_{plane}_{width}x{height}.f32", mapped.name)
}

#[derive(Serialize)]
struct Index<'a> {
    version: &'static str,
    reference: &'a str,
    distorted: &'a str,
    conformed: Conformed,
    frame: u64,
    /// In seconds.
    time: Option<f64>,
    width: usize,
    height: usize,
    bit_depth: u8,
    roi: Option<Region<'a>>,
    features: Vec<FeatureEntry<'a>>,
    maps: Vec<MapEntry<'a>>,
}

#[derive(Serialize)]
struct Conformed {
    reference: Vec<String>,
    distorted: Vec<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Region<'a> {
    Rect(Part),
    Image { image: &'a str },
}

/// A part of a plane.
#[derive(Serialize)]
struct Part {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl From<Rect> for Part {
    fn from(rect: Rect) -> Self {
        let Rect { x, y, width, height } = rect;
        Self { x, y, width, height }
    }
}

#[derive(Serialize)]
struct FeatureEntry<'a> {
    name: &'a str,
    feature: &'static str,
    options: serde_json::Map<String, serde_json::Value>,
    constants: serde_json::Map<String, serde_json::Value>,
    heat: String,
    columns: Vec<ColumnEntry<'a>>,
}

#[derive(Serialize)]
struct ColumnEntry<'a> {
    name: &'a str,
    /// What the feature measures, what its maps pool to, and to what within the region.
    value: f64,
    pooled: Option<f64>,
    roi: Option<f64>,
}

#[derive(Serialize)]
struct MapEntry<'a> {
    name: String,
    file: String,
    feature: &'a str,
    scale: usize,
    width: usize,
    height: usize,
    dtype: &'static str,
    counted: Part,
}

impl<'a> Index<'a> {
    fn new(about: &'a About<'_>, mapped: &'a [Mapped]) -> Self {
        let About { arguments, inputs, pair } = about;
        let format = pair.distorted.format();
        let (width, height) = format.plane_size(0);
        let [of_reference, of_encode] = inputs.pair_steps();
        let maps = mapped.iter().flat_map(|mapped| {
            mapped.maps.planes().iter().map(|plane| MapEntry {
                name: format!("{}_{plane}", mapped.name),
                file: map_name(mapped, plane),
                feature: &mapped.name,
                scale: plane.scale,
                width: plane.map.width(),
                height: plane.map.height(),
                dtype: "<f4",
                counted: plane.counted.into(),
            })
        });
        Self {
            version: vmaf_core::VERSION,
            reference: &arguments.reference,
            distorted: &arguments.distorted,
            conformed: Conformed { reference: of_reference, distorted: of_encode },
            frame: arguments.frame,
            time: pair.reference.time,
            width,
            height,
            bit_depth: format.bit_depth,
            roi: arguments.roi.as_ref().map(|roi| match roi {
                Roi::Rect(rect) => Region::Rect((*rect).into()),
                Roi::Image(image) => Region::Image { image },
            }),
            features: mapped.iter().map(FeatureEntry::new).collect(),
            maps: maps.collect(),
        }
    }
}

impl<'a> FeatureEntry<'a> {
    fn new(mapped: &'a Mapped) -> Self {
        let pooled = mapped.maps.values();
        let value = |values: &[Value], column: &str| {
            values.iter().find(|value| value.column == column).map(|value| value.value)
        };
        let columns = mapped.values.iter().map(|Value { column, value: measured }| ColumnEntry {
            name: column,
            value: *measured,
            pooled: value(&pooled, column),
            roi: mapped.within.as_ref().and_then(|within| value(within, column)),
        });
        let options = mapped.options.iter();
        let constants = mapped.maps.constants().into_iter();
        Self {
            name: &mapped.name,
            feature: mapped.maps.feature().name,
            options: options.map(|(name, value)| ((*name).to_owned(), value[..].into())).collect(),
            constants: constants.map(|(name, value)| (name.to_owned(), value.into())).collect(),
            heat: heat_name(mapped),
            columns: columns.collect(),
        }
    }
}
