//! The files of `vmaf maps`: samples, pictures, and the index that describes them. `docs/maps.md`
//! documents them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;
use vmaf_core::maps::{Map, MapPlane, Maps, Rect, Value, Weights};

use super::{FeatureMaps, MappedFrame, MeasuredFeature, PooledValues, Roi};
use crate::error::{Error, Result};
use crate::handle::RunHandle;
use crate::pictures;

/// The name of the index file.
pub(super) const INDEX_FILE: &str = "maps.json";

/// The number of samples written at once.
const CHUNK: usize = 1 << 18;

/// Maps each feature, within `weights` as well, and writes everything into the folder, which is
/// created. The index comes last.
pub(super) fn write(
    mapped_frame: &MappedFrame<'_>,
    measured: Vec<MeasuredFeature>,
    weights: Option<&Weights>,
    handle: &RunHandle,
) -> Result<Vec<FeatureMaps>> {
    let folder = &mapped_frame.request.folder;
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let picture = pictures::rgb(&mapped_frame.pair.distorted, &mapped_frame.reference);
    let (mut features, mut maps_of_all) = (Vec::new(), Vec::new());
    let mut all = Vec::new();
    // The heat map of the preceding feature, written while the next feature is mapped.
    let mut unwritten: Option<(PathBuf, RgbImage)> = None;
    for measured in measured {
        let map = || {
            let (maps, pooled) = measured.mapped(&mapped_frame.pair, weights, handle)?;
            let (written, heat) = rayon::join(
                || write_samples_of(folder, &measured, &maps),
                || pictures::heat_over(&picture, &maps.heat()),
            );
            written.map(|()| (maps, pooled, heat))
        };
        let (written, mapped) = rayon::join(|| write_picture(unwritten.take()), map);
        written?;
        let (maps, pooled, heat) = mapped?;
        let heat_path = folder.join(heat_name(&measured));
        unwritten = Some((heat_path.clone(), heat));
        features.push(FeatureEntry::new(&measured, &maps, &pooled));
        maps_of_all.extend(maps.planes().iter().map(|plane| MapEntry::new(&measured, plane)));
        all.push(FeatureMaps {
            picture: heat_path,
            count: maps.planes().len(),
            name: measured.name,
            values: measured.values,
            within: pooled.within,
        });
    }
    write_picture(unwritten)?;
    let path = folder.join(INDEX_FILE);
    let index = MapIndex::new(mapped_frame, features, maps_of_all);
    let write = || {
        let mut out = BufWriter::new(File::create(&path)?);
        serde_json::to_writer_pretty(&mut out, &index)?;
        writeln!(out)?;
        out.flush()
    };
    write().map_err(|error| failed(&path, error))?;
    Ok(all)
}

/// Writes a feature's maps, a file for each.
fn write_samples_of(folder: &Path, measured: &MeasuredFeature, maps: &Maps) -> Result<()> {
    maps.planes().par_iter().try_for_each(|plane| {
        let path = folder.join(map_name(measured, plane));
        write_samples(&path, &plane.map).map_err(|error| failed(&path, error))
    })
}

/// Writes a picture, if there is one.
fn write_picture(picture: Option<(PathBuf, RgbImage)>) -> Result<()> {
    let Some((path, picture)) = picture else { return Ok(()) };
    picture.save_with_format(&path, ImageFormat::Png).map_err(|error| match error {
        image::ImageError::IoError(error) => failed(&path, error),
        other => Error::input(format!("can't write {}: {other}", path.display())),
    })
}

/// Writes samples, little-endian.
fn write_samples(path: &Path, map: &Map) -> io::Result<()> {
    let mut file = File::create(path)?;
    let mut bytes = Vec::new();
    for samples in map.values().chunks(CHUNK) {
        bytes.resize(4 * samples.len(), 0);
        for (bytes, sample) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(samples) {
            *bytes = sample.to_le_bytes();
        }
        file.write_all(&bytes)?;
    }
    Ok(())
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::output(path.display().to_string(), error)
}

/// The name of a feature's picture.
pub(super) fn heat_name(measured: &MeasuredFeature) -> String {
    format!("{}_heat.png", measured.name)
}

/// The name of a map's file.
fn map_name(measured: &MeasuredFeature, plane: &MapPlane) -> String {
    let (width, height) = (plane.map.width(), plane.map.height());
    format!("{}_{plane}_{width}x{height}.f32", measured.name)
}

#[derive(Serialize)]
struct MapIndex<'a> {
    version: &'static str,
    reference: &'a str,
    distorted: &'a str,
    conformed: Conversions<'a>,
    frame: u64,
    /// In seconds.
    time: Option<f64>,
    width: usize,
    height: usize,
    bit_depth: u8,
    roi: Option<RoiEntry<'a>>,
    features: Vec<FeatureEntry>,
    maps: Vec<MapEntry>,
}

#[derive(Serialize)]
struct Conversions<'a> {
    reference: &'a [String],
    distorted: &'a [String],
}

#[derive(Serialize)]
#[serde(untagged)]
enum RoiEntry<'a> {
    Rect(Area),
    Image { image: &'a str },
}

/// A part of a plane.
#[derive(Serialize)]
struct Area {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl From<Rect> for Area {
    fn from(rect: Rect) -> Self {
        let Rect { x, y, width, height } = rect;
        Self { x, y, width, height }
    }
}

#[derive(Serialize)]
struct FeatureEntry {
    name: String,
    feature: &'static str,
    options: serde_json::Map<String, serde_json::Value>,
    constants: serde_json::Map<String, serde_json::Value>,
    heat: String,
    columns: Vec<ColumnEntry>,
}

#[derive(Serialize)]
struct ColumnEntry {
    name: String,
    /// The feature's value, the pooled value of its maps, and that within the region.
    value: f64,
    pooled: Option<f64>,
    roi: Option<f64>,
}

#[derive(Serialize)]
struct MapEntry {
    name: String,
    file: String,
    feature: String,
    scale: usize,
    width: usize,
    height: usize,
    dtype: &'static str,
    counted: Area,
}

impl<'a> MapIndex<'a> {
    fn new(
        mapped_frame: &'a MappedFrame<'_>,
        features: Vec<FeatureEntry>,
        maps: Vec<MapEntry>,
    ) -> Self {
        let MappedFrame { request, pair, steps: [reference, distorted], .. } = mapped_frame;
        let format = pair.distorted.format();
        let (width, height) = format.plane_size(0);
        Self {
            version: vmaf_core::VERSION,
            reference: &request.reference,
            distorted: &request.distorted,
            conformed: Conversions { reference, distorted },
            frame: request.frame,
            time: pair.reference.time,
            width,
            height,
            bit_depth: format.bit_depth(),
            roi: request.roi.as_ref().map(|roi| match roi {
                Roi::Rect(rect) => RoiEntry::Rect((*rect).into()),
                Roi::Image(image) => RoiEntry::Image { image },
            }),
            features,
            maps,
        }
    }
}

impl MapEntry {
    fn new(measured: &MeasuredFeature, plane: &MapPlane) -> Self {
        Self {
            name: format!("{}_{plane}", measured.name),
            file: map_name(measured, plane),
            feature: measured.name.clone(),
            scale: plane.scale,
            width: plane.map.width(),
            height: plane.map.height(),
            dtype: "<f4",
            counted: plane.counted.into(),
        }
    }
}

impl FeatureEntry {
    fn new(measured: &MeasuredFeature, maps: &Maps, pooled: &PooledValues) -> Self {
        let value = |values: &[Value], column: &str| {
            values.iter().find(|value| value.column == column).map(|value| value.value)
        };
        let columns = measured.values.iter().map(|Value { column, value: measured }| ColumnEntry {
            name: column.clone(),
            value: *measured,
            pooled: value(&pooled.all, column),
            roi: pooled.within.as_ref().and_then(|within| value(within, column)),
        });
        let options = measured.options.iter();
        let constants = maps.constants().into_iter();
        Self {
            name: measured.name.clone(),
            feature: measured.feature.name,
            options: options.map(|(name, value)| (name.to_owned(), value.into())).collect(),
            constants: constants.map(|(name, value)| (name.to_owned(), value.into())).collect(),
            heat: heat_name(measured),
            columns: columns.collect(),
        }
    }
}
