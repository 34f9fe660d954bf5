//! Maps of banding, written while frames are measured.
//!
//! They have libvmaf's format: for each scale a file with the samples of all frames, 16 bits,
//! little-endian. Frames are measured on many threads and finish in any order; each is written to
//! its place in the file, and skipped frames are zeros. Optionally there is also a picture for each
//! frame and scale.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::{ImageBuffer, ImageFormat, Luma};
use vmaf_core::feature::{Feature, FeatureMap, MapSink, Options};
use vmaf_media::{Message, Setting};

use crate::error::{Error, Result};

/// The option that names a folder for libvmaf's files.
const PATH_OPTION: &str = "heatmaps_path";

/// The maps that a job writes.
#[derive(Debug)]
pub struct Heatmaps {
    folders: Vec<MapFolder>,
    /// The first frame of the files.
    first: u64,
    /// The open files, by path.
    files: Mutex<BTreeMap<PathBuf, File>>,
}

/// The destination of a column's maps.
#[derive(Debug)]
struct MapFolder {
    column: String,
    /// The folder of each encode.
    of_encodes: Vec<PathBuf>,
    with_pictures: bool,
}

impl Heatmaps {
    /// Returns the maps of the features `measured`: in the folders that their options name, and
    /// with pictures in `folder`, if given. For several encodes or several columns, each has a
    /// subfolder. Creates the folders.
    pub fn new(
        measured: &[(&'static Feature, Options)],
        folder: Option<&Path>,
        encodes: &[String],
        first: u64,
    ) -> Result<Option<Self>> {
        let has_maps = |(feature, _): &&(&'static Feature, Options)| {
            feature.options.iter().any(|option| option.name == PATH_OPTION)
        };
        let map_features: Vec<_> = measured.iter().filter(has_maps).collect();
        if folder.is_some() && map_features.is_empty() {
            let metric = Setting::Metric { name: "cambi".to_owned(), options: Vec::new() };
            let message = Message::default()
                .setting(Setting::Heatmaps)
                .text(" writes maps of banding, but nothing measures banding: add ")
                .remedy(metric)
                .text(", or a model that uses it");
            return Err(Error::input(message));
        }
        let folder_names = folder_names(encodes);
        let mut folders = Vec::new();
        for (feature, options) in &map_features {
            let column = feature.column(&feature.outputs[0], options);
            let mut add = |root: PathBuf, with_pictures: bool| {
                let of_encode = |name: &String| match encodes {
                    [_] => root.clone(),
                    _ => root.join(name),
                };
                let of_encodes = folder_names.iter().map(of_encode).collect();
                folders.push(MapFolder { column: column.clone(), of_encodes, with_pictures });
            };
            if let Some((_, path)) = options.iter().find(|(name, _)| *name == PATH_OPTION) {
                add(PathBuf::from(path), false);
            }
            match folder {
                Some(folder) if map_features.len() > 1 => add(folder.join(&column), true),
                Some(folder) => add(folder.to_owned(), true),
                None => {}
            }
        }
        for path in folders.iter().flat_map(|folder| &folder.of_encodes) {
            std::fs::create_dir_all(path)
                .map_err(|error| Error::output(path.display().to_string(), error))?;
        }
        let files = Mutex::default();
        Ok((!folders.is_empty()).then_some(Self { folders, first, files }))
    }

    /// Writes a map to its place in its scale's file in `folder`.
    fn write_samples(&self, folder: &Path, map: &FeatureMap<'_>) -> Result<(), vmaf_core::Error> {
        // Names state the picture's size at the scale, even if the scale is measured at half of it.
        let (mut width, mut height) = map.picture;
        for _ in 0..map.scale {
            (width, height) = (width.div_ceil(2), height.div_ceil(2));
        }
        let name = format!("cambi_heatmap_scale_{}_{width}x{height}_16b.gray", map.scale);
        let path = folder.join(name);
        let bytes: Vec<u8> = map.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let place = (map.frame - self.first) * bytes.len() as u64;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut write = || {
            if !files.contains_key(&path) {
                files.insert(path.clone(), File::create(&path)?);
            }
            let file = files.get_mut(&path).ok_or(io::ErrorKind::NotFound)?;
            file.seek(SeekFrom::Start(place))?;
            file.write_all(&bytes)
        };
        write().map_err(|error| failed(&path, error))
    }
}

impl MapSink for Heatmaps {
    fn wants(&self, column: &str) -> bool {
        self.folders.iter().any(|folder| folder.column == column)
    }

    fn take(&self, map: &FeatureMap<'_>) -> Result<(), vmaf_core::Error> {
        for folder in self.folders.iter().filter(|folder| folder.column == map.column) {
            let path = &folder.of_encodes[map.encode];
            self.write_samples(path, map)?;
            if folder.with_pictures {
                let name = format!("cambi_frame_{:06}_scale_{}.png", map.frame, map.scale);
                write_picture(&path.join(name), map)?;
            }
        }
        Ok(())
    }
}

/// Writes a map as a 16-bit grey picture.
fn write_picture(path: &Path, map: &FeatureMap<'_>) -> Result<(), vmaf_core::Error> {
    let (width, height) = (map.width as u32, map.height as u32);
    let picture = ImageBuffer::<Luma<u16>, _>::from_raw(width, height, map.values.to_vec());
    let picture = picture.ok_or_else(|| failed(path, "its size does not match its samples"))?;
    picture.save_with_format(path, ImageFormat::Png).map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: impl std::fmt::Display) -> vmaf_core::Error {
    vmaf_core::Error::Sink(format!("can't write {}: {error}", path.display()))
}

/// Returns a name for the folder of each encode: its file's name, with its number if several
/// encodes have that.
fn folder_names(encodes: &[String]) -> Vec<String> {
    let stem = |path: &String| {
        let stem = Path::new(path).file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    };
    let stems: Vec<String> = encodes.iter().map(stem).collect();
    let is_shared = |stem: &String| stems.iter().filter(|other| *other == stem).count() > 1;
    let name = |(index, stem): (usize, &String)| {
        // "...mp4" has the stem "..", which is another folder.
        if matches!(&stem[..], "" | "." | "..") || is_shared(stem) {
            format!("{}_{stem}", index + 1)
        } else {
            stem.clone()
        }
    };
    stems.iter().enumerate().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encode_has_a_unique_name() {
        let named = |paths: &[&str]| {
            folder_names(&paths.iter().map(|&path| path.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(named(&["a/low.mp4", "high.mkv"]), ["low", "high"]);
        assert_eq!(named(&["a/1.mp4", "b/1.mp4", "2.mp4"]), ["1_1", "2_1", "2"]);
        assert_eq!(named(&["...mp4", "a/..", "..y4m"]), ["1_..", "2_", "3_."]);
    }
}
