//! What is measured: a row of a table each.
//!
//! A row sets two sides beside each other, each one or more commands run one after the other:
//! libvmaf and this command, or this command in two ways.

use std::path::Path;
use std::process::Command;

use vmaf_core::feature::FEATURES;

use crate::clips::{KINDS, Kind, LADDER, Maker, Videos};
use crate::command::{self, Asked, Measure};
use crate::rival::Rival;
use crate::{Result, log};

/// The table that a row is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Table {
    /// libvmaf beside this command.
    Libvmaf,
    /// This command beside itself.
    Own,
}

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) table: Table,
    /// What is compared with, and what is compared.
    pub(crate) sides: [Vec<Command>; 2],
    /// How many frames either side scores, of all encodes together.
    pub(crate) frames: u32,
    /// How many times as fast the second side is to be.
    pub(crate) target: Option<f64>,
    /// Whether peak memory is told, and how much of it is allowed, in MB.
    pub(crate) memory: Option<Option<f64>>,
    /// Whether the two sides' logs are to agree.
    pub(crate) is_compared: bool,
}

const V0: &str = "vmaf_v0.6.1";

/// How many times as fast as libvmaf everything is to be where both do without AVX-512.
const MASKED_TARGET: f64 = 3.0;

/// Whole models and sets of metrics, by the resolution: each with the name of its row, how many
/// times as fast as libvmaf it is to be, and whether a frame takes libvmaf long.
fn wholes(kind: Kind) -> [(&'static str, Measure, Option<f64>, bool); 4] {
    let (v1, v1_name): (&'static [&'static str], _) = if kind.is_4k() {
        (&["vmaf_v1.0.16_1d5h_2160"], "v1.0.16_1d5h_2160")
    } else {
        (&["vmaf_v1.0.16_3d0h"], "v1.0.16_3d0h")
    };
    [
        ("v0.6.1", Measure::Models(&[V0]), Some(3.0), false),
        (v1_name, Measure::Models(v1), Some(3.0), false),
        ("v0.6.1 and v0.6.1neg", Measure::Models(&[V0, "vmaf_v0.6.1neg"]), Some(4.0), false),
        ("AOM CTC v3.0", Measure::AomCtc("v3.0"), Some(20.0), true),
    ]
}

/// What an encode of a ladder is to cost alone, beside what it costs together with the others,
/// where videos are read as they are and where they are decoded.
const LADDER_TARGETS: [f64; 2] = [1.35, 1.5];

/// How many times as fast two threads are to be as one.
const THREADS_TARGET: f64 = 1.9;

/// The most memory a model may take of 3840x2160 at 10 bits on one thread, in MB.
const MEMORY_TARGET: f64 = 150.0;

/// Single features that libvmaf takes its time for.
const SLOW: [&str; 4] = ["ciede", "float_ms_ssim", "float_vif", "float_adm"];

/// What rows are made of.
pub(crate) struct Bench<'a> {
    pub(crate) ours: &'a Path,
    pub(crate) rival: &'a Rival,
    pub(crate) folder: &'a Path,
    pub(crate) maker: &'a Maker,
}

impl Bench<'_> {
    /// All rows whose names have `only` in them; those of single features are not among them where
    /// nothing is picked. Clips are made for what is there.
    pub(crate) fn rows(&self, only: Option<&str>) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for is_masked in [false, true] {
            for kind in KINDS {
                let wholes = wholes(kind).into_iter();
                let mut wanted: Vec<_> = wholes.map(|whole| (whole.0.to_owned(), whole)).collect();
                if only.is_some() && !kind.is_4k() {
                    let features = FEATURES.iter().filter(|feature| feature.name != "xpsnr");
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
        Ok(rows)
    }

    /// A row beside libvmaf, if it can.
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
        let asked = Asked { measure, reference, frames, is_masked, threads: 1 };
        let Some(theirs) = self.rival.command(&asked, &encodes[0], self.folder) else {
            return Ok(None);
        };
        let ours = command::drop_in(self.ours, &asked, &encodes[0], &self.folder.join(log::OURS));
        let is_model = measure.models().len() == 1;
        let most = (kind.is_4k() && is_model).then_some(MEMORY_TARGET);
        Ok(Some(Row {
            name,
            table: Table::Libvmaf,
            sides: [vec![theirs], vec![ours]],
            frames: frames.unwrap_or(kind.frames),
            target: target.map(|target| if is_masked { MASKED_TARGET } else { target }),
            memory: (!is_masked).then_some(most),
            is_compared: true,
        }))
    }

    /// Six encodes in one run, beside six runs: libvmaf's, and our own.
    fn ladders(&self, only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
        let [kind, ..] = KINDS;
        let of = |how: &str| format!("v0.6.1 of {LADDER} encodes, {}{how}", kind.name());
        let frames = kind.frames * LADDER;
        let together = |videos: &Videos| {
            let to = self.folder.join("ladder.json");
            vec![command::score(self.ours, V0, &videos.reference, &videos.encodes, &to)]
        };
        let (name, name_mp4) = (of(""), of(", from MP4"));
        if is_picked(&name, only) {
            let videos = self.maker.y4m(kind, LADDER)?;
            let reference = videos.reference.clone();
            let measure = Measure::Models(&[V0]);
            let asked = Asked { measure, reference, frames: None, is_masked: false, threads: 1 };
            let theirs = videos.encodes.iter();
            let theirs = theirs.map(|encode| self.rival.command(&asked, encode, self.folder));
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
                .map(|encode| command::score(self.ours, V0, &videos.reference, encode, &to))
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

    /// One thread and two.
    fn threads(&self, only: Option<&str>, rows: &mut Vec<Row>) -> Result<()> {
        let [kind, ..] = KINDS;
        for (whole, measure, ..) in &wholes(kind)[..2] {
            let name = format!("{whole}, {}: one thread, two threads", kind.name());
            if !is_picked(&name, only) {
                continue;
            }
            let Videos { reference, encodes } = self.maker.y4m(kind, 1)?;
            let asked = |threads| Asked {
                measure: *measure,
                reference: reference.clone(),
                frames: None,
                is_masked: false,
                threads,
            };
            let log = self.folder.join("threads.json");
            let side = |n| vec![command::drop_in(self.ours, &asked(n), &encodes[0], &log)];
            rows.push(Row {
                name,
                table: Table::Own,
                sides: [side(1), side(2)],
                frames: kind.frames,
                target: Some(THREADS_TARGET),
                memory: None,
                is_compared: false,
            });
        }
        Ok(())
    }
}

fn is_picked(name: &str, only: Option<&str>) -> bool {
    only.is_none_or(|only| name.contains(only))
}
