//! The rows of the tables, each of which is a measurement.
//!
//! A row compares two sides, each of which is one or more commands that run one after another:
//! libvmaf and this command, or this command in two configurations.

use std::path::Path;
use std::process::Command;

use vmaf_core::feature::FEATURES;

use crate::clips::{ClipMaker, KINDS, Kind, LADDER, Videos};
use crate::command::{self, Measure, Measurement};
use crate::rival::Rival;
use crate::{Result, log};

/// The table to which a row belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Table {
    /// libvmaf compared with this command.
    Libvmaf,
    /// This command compared with itself.
    Own,
}

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) table: Table,
    /// The commands of the baseline, then those compared with it.
    pub(crate) sides: [Vec<Command>; 2],
    /// The number of frames that each side scores, over all encodes.
    pub(crate) frames: u32,
    /// The required speed-up of the second side over the first; for reports, the greatest.
    pub(crate) target: Option<f64>,
    /// `Some` if peak memory is reported, with the limit in MB if there is one.
    pub(crate) memory: Option<Option<f64>>,
    /// True if the logs of the two sides are compared.
    pub(crate) is_compared: bool,
}

const V0: &str = "vmaf_v0.6.1";

/// The required speed-ups of v0.6.1 over libvmaf, with all instruction sets and without AVX-512.
const V0_TARGETS: [f64; 2] = [2.8, 2.7];

/// The required speed-up of v1 over libvmaf.
const V1_TARGET: f64 = 3.3;

/// Whole models and sets of metrics for the resolution: each with the name of its row, the required
/// speed-up over libvmaf, and whether libvmaf takes long for a frame.
fn wholes(kind: Kind, is_masked: bool) -> [(&'static str, Measure, Option<f64>, bool); 4] {
    let (v1, v1_name): (&'static [&'static str], _) = if kind.is_4k() {
        (&["vmaf_v1.0.16_1d5h_2160"], "v1.0.16_1d5h_2160")
    } else {
        (&["vmaf_v1.0.16_3d0h"], "v1.0.16_3d0h")
    };
    [
        ("v0.6.1", Measure::Models(&[V0]), Some(V0_TARGETS[usize::from(is_masked)]), false),
        (v1_name, Measure::Models(v1), Some(V1_TARGET), false),
        ("v0.6.1 and v0.6.1neg", Measure::Models(&[V0, "vmaf_v0.6.1neg"]), Some(4.0), false),
        ("AOM CTC v3.0", Measure::AomCtc("v3.0"), Some(20.0), true),
    ]
}

/// The required speed-up of scoring a ladder in one run over one run per encode, for y4m and for
/// MP4.
const LADDER_TARGETS: [f64; 2] = [1.6, 1.9];

/// The required speed-ups of two threads over one, of v0.6.1 and of v1.
const THREADS_TARGETS: [f64; 2] = [1.9, 1.8];

/// The required speed-up over FFmpeg's filter for MP4 on all processors.
const MP4_TARGET: f64 = 2.5;

/// The number of encodes in the row of reports, their frames (ten seconds), and the most that a
/// report may multiply the time by. The pictures of a report do not grow with the video's length.
const REPORTED: u32 = 3;
const REPORTED_FRAMES: u32 = 250;
const REPORT_LIMIT: f64 = 1.25;

/// The peak memory limit in MB for a model on 3840x2160 10-bit video with one thread.
const MEMORY_TARGET: f64 = 150.0;

/// Single features that are slow in libvmaf.
const SLOW: [&str; 4] = ["ciede", "float_ms_ssim", "float_vif", "float_adm"];

/// Features that libvmaf's tool lacks: they are compared with the default model.
const NOT_IN_LIBVMAF: [&str; 4] = ["butteraugli", "cvvdp", "ssimulacra2", "xpsnr"];

/// The inputs of the rows.
pub(crate) struct Bench<'a> {
    pub(crate) ours: &'a Path,
    pub(crate) rival: &'a Rival,
    pub(crate) folder: &'a Path,
    pub(crate) maker: &'a ClipMaker,
}

impl Bench<'_> {
    /// All rows whose names contain `only`, or all rows except those of single features if it is
    /// `None`. Creates the clips that they need.
    pub(crate) fn rows(&self, only: Option<&str>) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for is_masked in [false, true] {
            for kind in KINDS {
                let wholes = wholes(kind, is_masked).into_iter();
                let mut wanted: Vec<_> = wholes.map(|whole| (whole.0.to_owned(), whole)).collect();
                if only.is_some() && !kind.is_4k() {
                    let is_in_libvmaf = |name: &str| !NOT_IN_LIBVMAF.contains(&name);
                    let features = FEATURES.iter().filter(|feature| is_in_libvmaf(feature.name));
                    wanted.extend(features.map(|feature| {
                        let is_slow = SLOW.contains(&feature.name);
                        let measure = Measure::Feature(feature.name);
                        let name = format!("feature {}", feature.name);
                        (name, (feature.name, measure, None, is_slow))
                    }));
                }
                for (name, (_, measure, target, is_slow)) in wanted {
                    let level = if is_masked { ", without AVX-512" } else { "" };
                    let name = format!("{name}, {}{level}", kind.name());
                    if is_picked(&name, only) && (!is_masked || cfg!(target_arch = "x86_64")) {
                        rows.extend(self.beside(name, kind, measure, target, is_slow, is_masked)?);
                    }
                }
            }
        }
        self.ladders(only, &mut rows)?;
        self.threads(only, &mut rows)?;
        self.mp4(only, &mut rows)?;
        self.report(only, &mut rows)?;
        if only.is_some() {
            self.own_features(only, &mut rows)?;
        }
        Ok(rows)
    }

    /// A row that compares with libvmaf, if that libvmaf supports the measurement.
    fn beside(
        &self,
        name: String,
        kind: Kind,
        measure: Measure,
        target: Option<f64>,
        is_slow: bool,
        is_masked: bool,
    ) -> Result<Option<Row>> {
        let Videos { reference, encodes } = self.maker.y4m(kind, 1)?;
        let frames = is_slow.then_some(kind.few);
        let measurement = Measurement { measure, reference, frames, is_masked, threads: 1 };
        let Some(theirs) = self.rival.command(&measurement, &encodes[0], self.folder) else {
            return Ok(None);
        };
        let ours =
            command::drop_in(self.ours, &measurement, &encodes[0], &self.folder.join(log::OURS));
        let is_model = measure.models().len() == 1;
        let most = (kind.is_4k() && is_model).then_some(MEMORY_TARGET);
        Ok(Some(Row {
            name,
            table: Table::Libvmaf,
            sides: [vec![theirs], vec![ours]],
            frames: frames.unwrap_or(kind.frames),
            target,
            memory: (!is_masked).then_some(most),
            is_compared: true,
        }))
    }

    /// Rows that compare six encodes in one run with six runs, of libvmaf and of this command.
    fn ladders(&self, only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
        let [kind, ..] = KINDS;
        let of = |how: &str| format!("v0.6.1 of {LADDER} encodes, {}{how}", kind.name());
        let frames = kind.frames * LADDER;
        let together = |videos: &Videos| {
            let to = self.folder.join("ladder.json");
            vec![command::score(self.ours, V0, &videos.reference, &videos.encodes, &to, Some(1))]
        };
        let (name, name_mp4) = (of(""), of(", from MP4"));
        if is_picked(&name, only) {
            let videos = self.maker.y4m(kind, LADDER)?;
            let reference = videos.reference.clone();
            let measure = Measure::Models(&[V0]);
            let measurement =
                Measurement { measure, reference, frames: None, is_masked: false, threads: 1 };
            let theirs = videos.encodes.iter();
            let theirs = theirs.map(|encode| self.rival.command(&measurement, encode, self.folder));
            if let Some(theirs) = theirs.collect::<Option<Vec<_>>>() {
                rows.push(Row {
                    name: name.clone(),
                    table: Table::Libvmaf,
                    sides: [theirs, together(&videos)],
                    frames,
                    target: None,
                    memory: Some(None),
                    is_compared: false,
                });
            }
        }
        for (name, is_mp4) in [(name, false), (name_mp4, true)] {
            if !is_picked(&name, only) {
                continue;
            }
            let videos = if is_mp4 {
                self.maker.mp4(kind, LADDER)?
            } else {
                Some(self.maker.y4m(kind, LADDER)?)
            };
            let Some(videos) = videos else { continue };
            let to = self.folder.join("one.json");
            let alone = videos.encodes.chunks(1);
            let alone = alone
                .map(|encode| {
                    command::score(self.ours, V0, &videos.reference, encode, &to, Some(1))
                })
                .collect();
            rows.push(Row {
                name: format!("{name}: {LADDER} runs, one run"),
                table: Table::Own,
                sides: [alone, together(&videos)],
                frames,
                target: Some(LADDER_TARGETS[usize::from(is_mp4)]),
                memory: None,
                is_compared: false,
            });
        }
        Ok(())
    }

    /// Rows that compare the features that libvmaf lacks with the default model.
    fn own_features(&self, only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
        let [kind, ..] = KINDS;
        for feature in NOT_IN_LIBVMAF {
            let name = format!("v0.6.1, feature {feature}, {}", kind.name());
            if !is_picked(&name, only) {
                continue;
            }
            let Videos { reference, encodes } = self.maker.y4m(kind, 1)?;
            let log = self.folder.join("feature.json");
            let side = |measure| {
                let reference = reference.clone();
                let measurement =
                    Measurement { measure, reference, frames: None, is_masked: false, threads: 1 };
                vec![command::drop_in(self.ours, &measurement, &encodes[0], &log)]
            };
            rows.push(Row {
                name,
                table: Table::Own,
                sides: [side(Measure::Models(&[V0])), side(Measure::Feature(feature))],
                frames: kind.frames,
                target: None,
                memory: None,
                is_compared: false,
            });
        }
        Ok(())
    }

    /// Rows that compare one thread with two.
    fn threads(&self, only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
        let [kind, ..] = KINDS;
        let wholes = wholes(kind, false);
        for ((whole, measure, ..), target) in wholes.iter().zip(THREADS_TARGETS) {
            let name = format!("{whole}, {}: one thread, two threads", kind.name());
            if !is_picked(&name, only) {
                continue;
            }
            let Videos { reference, encodes } = self.maker.y4m(kind, 1)?;
            let measurement = |threads| Measurement {
                measure: *measure,
                reference: reference.clone(),
                frames: None,
                is_masked: false,
                threads,
            };
            let log = self.folder.join("threads.json");
            let side = |n| vec![command::drop_in(self.ours, &measurement(n), &encodes[0], &log)];
            rows.push(Row {
                name,
                table: Table::Own,
                sides: [side(1), side(2)],
                frames: kind.frames,
                target: Some(target),
                memory: None,
                is_compared: false,
            });
        }
        Ok(())
    }

    /// A row that compares `vmaf score` with FFmpeg's filter, both for MP4 and with all processors.
    fn mp4(&self, only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
        let [kind, ..] = KINDS;
        let name = format!("v0.6.1, {}, from MP4, all processors", kind.name());
        if !is_picked(&name, only) {
            return Ok(());
        }
        let Some(Videos { reference, encodes }) = self.maker.mp4(kind, 1)? else { return Ok(()) };
        let processors = std::thread::available_parallelism()?.get();
        let Some(theirs) =
            Rival::filter_of_all_processors(V0, [&reference, &encodes[0]], processors, self.folder)
        else {
            return Ok(());
        };
        let log = self.folder.join("mp4.json");
        let ours = command::score(self.ours, V0, &reference, &encodes, &log, None);
        rows.push(Row {
            name,
            table: Table::Libvmaf,
            sides: [vec![theirs], vec![ours]],
            frames: kind.frames,
            target: Some(MP4_TARGET),
            memory: Some(None),
            is_compared: false,
        });
        Ok(())
    }

    /// A row that compares a run that writes a report with one that does not.
    fn report(&self, only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
        let kind = Kind { frames: REPORTED_FRAMES, ..KINDS[0] };
        let name = format!("v0.6.1 of {REPORTED} encodes, {}: with a report, without", kind.name());
        if !is_picked(&name, only) {
            return Ok(());
        }
        let Videos { reference, encodes } = self.maker.y4m(kind, REPORTED)?;
        let side = |page: Option<&str>| {
            let log = self.folder.join("report.json");
            let mut command = command::score(self.ours, V0, &reference, &encodes, &log, Some(1));
            if let Some(page) = page {
                command.arg("--report").arg(self.folder.join(page));
            }
            vec![command]
        };
        rows.push(Row {
            name,
            table: Table::Own,
            sides: [side(Some("report.html")), side(None)],
            frames: kind.frames * REPORTED,
            target: Some(REPORT_LIMIT),
            memory: None,
            is_compared: false,
        });
        Ok(())
    }
}

fn is_picked(name: &str, only: Option<&str>) -> bool {
    only.is_none_or(|only| name.contains(only))
}
