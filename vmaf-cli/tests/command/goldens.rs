//! The drop-in form against recorded figures of libvmaf on real encodes.
//!
//! The figures and clips are large and not part of this repository: `VMAF_GOLDENS` names the folder
//! of the figures, beside which `clips/` lies. Clips are prepared with the `ffmpeg` that
//! `VMAF_FFMPEG` names. Without them this test says that it did nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::support::bound::Bound;
use crate::support::log::Log;

/// The preparation of a pair of clips, from `pairs.json`.
#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(rename = "ref")]
    reference: String,
    #[serde(rename = "dis")]
    distorted: String,
    frames: usize,
    ref_vf: Option<String>,
    dis_vf: Option<String>,
    raw: Option<Raw>,
    as_raw: Option<Raw>,
}

#[derive(Deserialize)]
struct Raw {
    w: u32,
    h: u32,
    fmt: String,
    bits: u32,
}

#[derive(Deserialize)]
struct Recorded {
    /// The program that recorded it.
    tool: String,
    features: IndexMap<String, IndexMap<String, RecordedColumn>>,
    models: IndexMap<String, RecordedModel>,
}

impl Recorded {
    /// True if columns are in libvmaf's order; FFmpeg's threads write them in any order.
    fn is_in_order(&self) -> bool {
        !self.tool.contains("FFmpeg")
    }
}

#[derive(Deserialize)]
struct RecordedModel {
    frames: IndexMap<String, Vec<Option<f64>>>,
    pooled: IndexMap<String, IndexMap<String, Option<f64>>>,
}

/// A column of a feature, or the values of the whole video.
#[derive(Deserialize)]
#[serde(untagged)]
enum RecordedColumn {
    Frames(Vec<Option<f64>>),
    Aggregate(IndexMap<String, Option<f64>>),
}

/// Pairs whose ciede differs from the formula: libvmaf swaps the directions of chroma subsampling,
/// and reads outside planes of odd sizes.
const NOT_THE_FORMULA: &[&str] = &["bikes_422", "bikes_odd_size"];

#[test]
fn every_recorded_pair_has_its_recorded_scores() {
    let Some(folder) = std::env::var_os("VMAF_GOLDENS").map(PathBuf::from) else {
        eprintln!("VMAF_GOLDENS is not set: nothing was compared");
        return;
    };
    let ffmpeg = std::env::var_os("VMAF_FFMPEG").unwrap_or_else(|| "ffmpeg".into());
    let clips = folder.join("../clips");
    let read = |path: PathBuf| std::fs::read_to_string(&path).expect("readable figures");
    let pairs: Vec<Pair> = serde_json::from_str(&read(folder.join("pairs.json"))).expect("valid");
    let work = tempfile::tempdir().expect("a folder");
    let mut worst = Worst::default();
    for pair in &pairs {
        let recorded = folder.join(format!("{}.json", pair.name));
        let recorded: Recorded = serde_json::from_str(&read(recorded)).expect("valid figures");
        let (reference, distorted, options) = pair.prepare(&clips, work.path(), ffmpeg.as_ref());
        let run = |extra: &[&str]| {
            let mut arguments = options.clone();
            arguments.extend(extra.iter().map(|&word| word.to_owned()));
            Log::of(&reference, &distorted, &arguments, work.path())
        };
        for (model, expected) in &recorded.models {
            let found = run(&["-m", &format!("version={model}")]);
            let (mut ours, mut theirs): (Vec<_>, Vec<_>) =
                (found.columns().collect(), expected.frames.keys().collect());
            if !recorded.is_in_order() {
                ours.sort();
                theirs.sort();
            }
            assert_eq!(ours, theirs, "{} {model}", pair.name);
            for (column, values) in &expected.frames {
                let bound = Bound::of_model(model, column);
                let what = format!("{} {model} {column}", pair.name);
                worst.note(model, bound.check(&found.values(column), values, &what));
                let (found, expected) = (&found.pooled[column], &expected.pooled[column]);
                assert!(found.keys().eq(expected.keys()), "{what} pooled");
                let values = |pools: &IndexMap<String, Option<f64>>| -> Vec<Option<f64>> {
                    pools.values().copied().collect()
                };
                bound.check(&values(found), &values(expected), &format!("{what} pooled"));
            }
        }
        for (feature, expected) in &recorded.features {
            let differs = feature == "ciede" && NOT_THE_FORMULA.contains(&pair.name.as_str());
            if differs {
                continue;
            }
            let found = run(&["-n", "--feature", feature]);
            let bound = Bound::of_feature(feature);
            for (column, values) in expected {
                let what = format!("{} {feature} {column}", pair.name);
                match values {
                    RecordedColumn::Frames(values) => {
                        assert_eq!(values.len(), pair.frames);
                        worst.note(feature, bound.check(&found.values(column), values, &what));
                    }
                    RecordedColumn::Aggregate(values) => {
                        assert_eq!(&found.aggregate, values, "{what}");
                    }
                }
            }
        }
        println!("{}: as recorded", pair.name);
    }
    for (name, distance) in &worst.0 {
        println!("{name}: at most {distance:.1e} away");
    }
}

/// The greatest distance of each feature and model.
#[derive(Default)]
struct Worst(IndexMap<String, f64>);

impl Worst {
    fn note(&mut self, name: &str, distance: f64) {
        let worst = self.0.entry(name.to_owned()).or_default();
        *worst = worst.max(distance);
    }
}

impl Pair {
    /// The two files as the command is given them, and the options that tell what they hold.
    fn prepare(&self, clips: &Path, work: &Path, ffmpeg: &Path) -> (PathBuf, PathBuf, Vec<String>) {
        let files = [(&self.reference, &self.ref_vf), (&self.distorted, &self.dis_vf)];
        let mut prepared = Vec::new();
        for (index, (file, filter)) in files.into_iter().enumerate() {
            let path = clips.join(file);
            let as_it_is = self.raw.is_some() || file.ends_with(".y4m");
            prepared.push(if as_it_is {
                path
            } else {
                self.decode(&path, filter.as_deref(), work, index, ffmpeg)
            });
        }
        let raw = self.raw.as_ref().or(self.as_raw.as_ref());
        let options = raw.map_or_else(Vec::new, |raw| {
            let numbers = [("-w", raw.w), ("-h", raw.h), ("-b", raw.bits)];
            let numbers = numbers.iter().flat_map(|(flag, v)| [(*flag).to_owned(), v.to_string()]);
            numbers.chain(["-p".to_owned(), raw.fmt.clone()]).collect()
        });
        let distorted = prepared.pop().expect("two files");
        (prepared.pop().expect("two files"), distorted, options)
    }

    fn decode(
        &self,
        path: &Path,
        filter: Option<&str>,
        work: &Path,
        index: usize,
        ffmpeg: &Path,
    ) -> PathBuf {
        let (extension, muxer) =
            if self.as_raw.is_some() { ("yuv", "rawvideo") } else { ("y4m", "yuv4mpegpipe") };
        let out = work.join(format!("{}_{index}.{extension}", self.name));
        let mut command = Command::new(ffmpeg);
        command.args(["-v", "error", "-y", "-i"]).arg(path);
        if let Some(filter) = filter {
            command.args(["-vf", filter]);
        }
        command.args(["-frames:v", &self.frames.to_string(), "-strict", "-1", "-f", muxer]);
        let status = command.arg(&out).status().expect("VMAF_FFMPEG names an ffmpeg");
        assert!(status.success(), "{}", path.display());
        out
    }
}
