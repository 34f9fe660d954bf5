//! What is measured, and the command lines for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use vmaf_core::feature::FEATURES;

use crate::clips::{self, Clips};
use crate::{Result, log};

/// A bit mask for both tools: no AVX-512.
const NO_AVX512: &str = "48";

/// What is asked of the files.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What {
    Model(&'static str),
    Feature(&'static str),
    /// The AOM common test conditions of a version.
    AomCtc(&'static str),
    /// Model v0.6.1 of several encodes: for us one run, for libvmaf one each.
    Ladder,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) name: String,
    pub(crate) what: What,
    reference: PathBuf,
    pub(crate) encodes: Vec<PathBuf>,
    avx512: bool,
    /// How many frames of the files.
    pub(crate) frames: u32,
}

/// What libvmaf takes its time for is measured on fewer frames.
const SLOW: [&str; 4] = ["ciede", "float_ms_ssim", "float_vif", "float_adm"];
const FRAMES_OF_SLOW: u32 = 12;

impl Work {
    /// All rows.
    pub(crate) fn all(clips: &Clips) -> Vec<Self> {
        let mut works = Vec::new();
        for avx512 in [true, false] {
            for (depth, pair) in [("8-bit", &clips.eight), ("10-bit", &clips.ten)] {
                let without = if avx512 { "" } else { ", without AVX-512" };
                let mut add = |what: What, name: &str, encodes: usize| {
                    works.push(Self {
                        name: format!("{name}, {depth}{without}"),
                        what,
                        reference: pair.reference.clone(),
                        encodes: pair.encodes[..encodes].to_vec(),
                        avx512,
                        frames: if SLOW.iter().any(|slow| name.contains(slow)) {
                            FRAMES_OF_SLOW
                        } else {
                            clips::FRAMES
                        },
                    });
                };
                for model in ["vmaf_v0.6.1", "vmaf_v1.0.16_3d0h"] {
                    add(What::Model(model), model, 1);
                }
                for feature in FEATURES.iter().filter(|feature| feature.name != "xpsnr") {
                    add(What::Feature(feature.name), feature.name, 1);
                }
                add(What::AomCtc("v3.0"), "AOM CTC v3.0 (ciede and others)", 1);
                // `vmaf score` takes no CPU mask.
                if avx512 && pair.encodes.len() > 1 {
                    add(What::Ladder, "vmaf_v0.6.1 of 4 encodes", pair.encodes.len());
                }
            }
        }
        works
    }

    /// The flags that our drop-in form and libvmaf's tool share.
    fn drop_in(&self, program: &Path, encode: &Path, log: PathBuf) -> Command {
        let mut command = Command::new(program);
        command.arg("-r").arg(&self.reference).arg("-d").arg(encode).arg("-o").arg(log);
        command.args(["--json", "-q", "--threads", "1"]);
        if self.frames < clips::FRAMES {
            command.args(["--frame_cnt", &self.frames.to_string()]);
        }
        if !self.avx512 {
            command.args(["--cpumask", NO_AVX512]);
        }
        match self.what {
            What::Model(name) => command.args(["-m", &format!("version={name}")]),
            What::Feature(name) => command.args(["-n", "--feature", name]),
            What::AomCtc(version) => command.args(["--aom_ctc", version]),
            What::Ladder => command.args(["-m", "version=vmaf_v0.6.1"]),
        };
        command
    }
}

/// Our command for a work.
pub(crate) fn ours(program: &Path, work: &Work, folder: &Path) -> Command {
    if work.what == What::Ladder {
        let mut command = Command::new(program);
        command.arg("score").arg(&work.reference).args(&work.encodes);
        command.args(["--model", "vmaf_v0.6.1", "--threads", "1", "-o"]);
        command.arg(folder.join("ladder.json"));
        return command;
    }
    work.drop_in(program, &work.encodes[0], folder.join(log::OURS))
}

/// Who libvmaf is.
#[derive(Debug)]
pub(crate) enum Rival {
    /// libvmaf's own tool.
    Tool(PathBuf),
    /// An FFmpeg with the `libvmaf` filter.
    Ffmpeg(PathBuf),
}

impl Rival {
    pub(crate) fn find() -> Result<Self> {
        if let Some(tool) = std::env::var_os("LIBVMAF").filter(|tool| !tool.is_empty()) {
            let tool = std::path::absolute(&tool)?;
            if !tool.is_file() {
                return Err(format!("LIBVMAF={}: there is no such file", tool.display()).into());
            }
            return Ok(Self::Tool(tool));
        }
        let ffmpeg = ffmpeg().filter(|ffmpeg| has_libvmaf(ffmpeg));
        ffmpeg.map(Self::Ffmpeg).ok_or_else(|| {
            "there is no libvmaf to compare with: set LIBVMAF to its tool, or VMAF_FFMPEG to an \
             FFmpeg with the libvmaf filter"
                .into()
        })
    }

    /// Whether it can do a work. FFmpeg's filter always runs a model, and takes no CPU mask.
    pub(crate) fn can(&self, work: &Work) -> bool {
        match self {
            Self::Tool(_) => work.avx512 || cfg!(target_arch = "x86_64"),
            Self::Ffmpeg(_) => work.avx512 && matches!(work.what, What::Model(_) | What::Ladder),
        }
    }

    /// The commands for a work, to be run one after the other.
    pub(crate) fn commands(&self, work: &Work, folder: &Path) -> Vec<Command> {
        let log = folder.join(log::THEIRS);
        let command = |encode: &PathBuf| match self {
            Self::Tool(tool) => work.drop_in(tool, encode, log.clone()),
            Self::Ffmpeg(ffmpeg) => {
                let model = if let What::Model(name) = work.what { name } else { "vmaf_v0.6.1" };
                let filter = format!(
                    "[0:v][1:v]libvmaf=n_threads=1:model=version={model}:log_fmt=json:log_path={}",
                    log::THEIRS
                );
                let mut command = Command::new(ffmpeg);
                command.args(["-nostdin", "-v", "error", "-filter_complex_threads", "1"]);
                command.args(["-threads", "1", "-i"]).arg(encode);
                command.args(["-threads", "1", "-i"]).arg(&work.reference);
                command.args(["-lavfi", &filter, "-f", "null", "-"]);
                // A path in a filter needs escapes: the log goes to the working folder.
                command.current_dir(folder);
                command
            }
        };
        work.encodes.iter().map(command).collect()
    }

    /// What it is, with the version that its last log states.
    pub(crate) fn describe(&self, folder: &Path) -> String {
        let version = log::version(&folder.join(log::THEIRS));
        match self {
            Self::Tool(tool) => format!("libvmaf {version}, its own tool ({})", name(tool)),
            Self::Ffmpeg(ffmpeg) => format!("libvmaf {version} in {} (filter)", name(ffmpeg)),
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The FFmpeg to make clips with.
pub(crate) fn ffmpeg() -> Option<PathBuf> {
    let named = std::env::var_os("VMAF_FFMPEG").filter(|path| !path.is_empty());
    let ffmpeg = PathBuf::from(named.unwrap_or_else(|| "ffmpeg".into()));
    let runs = Command::new(&ffmpeg).arg("-version").output().is_ok_and(|out| out.status.success());
    runs.then_some(ffmpeg)
}

fn has_libvmaf(ffmpeg: &Path) -> bool {
    let filters = Command::new(ffmpeg).args(["-v", "quiet", "-filters"]).output();
    filters.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains(" libvmaf "))
}
