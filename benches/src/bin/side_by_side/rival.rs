//! The libvmaf to compare with: its own tool, or the filter of an FFmpeg.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Measurement, drop_in};
use crate::{Result, log};

/// The libvmaf to compare with.
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

    /// The command that measures `measurement` on an encode, or `None` if this libvmaf cannot.
    /// FFmpeg's filter runs a single model without a CPU mask or a frame limit.
    pub(crate) fn command(
        &self,
        measurement: &Measurement,
        encode: &Path,
        folder: &Path,
    ) -> Option<Command> {
        match self {
            Self::Tool(tool) => Some(drop_in(tool, measurement, encode, &folder.join(log::THEIRS))),
            Self::Ffmpeg(ffmpeg) => {
                let [model] = measurement.measure.models() else { return None };
                if measurement.is_masked || measurement.frames.is_some() {
                    return None;
                }
                let mut command = Command::new(ffmpeg);
                command.args(["-nostdin", "-v", "error", "-filter_complex_threads", "1"]);
                command.args(["-threads", "1", "-i"]).arg(encode);
                command.args(["-threads", "1", "-i"]).arg(&measurement.reference);
                finish_filter(&mut command, model, 1, folder);
                Some(command)
            }
        }
    }

    /// The command that scores an encode with the filter of an FFmpeg, if there is one with it, on
    /// all `processors`.
    pub(crate) fn filter_of_all_processors(
        model: &str,
        [reference, encode]: [&Path; 2],
        processors: usize,
        folder: &Path,
    ) -> Option<Command> {
        let mut command = Command::new(ffmpeg().filter(|ffmpeg| has_libvmaf(ffmpeg))?);
        command.args(["-nostdin", "-v", "error", "-i"]).arg(encode).arg("-i").arg(reference);
        finish_filter(&mut command, model, processors, folder);
        Some(command)
    }

    /// A description, with the version stated in its last log.
    pub(crate) fn describe(&self, folder: &Path) -> String {
        let version = log::version(&folder.join(log::THEIRS));
        match self {
            Self::Tool(tool) => format!("libvmaf {version}, its own tool ({})", name(tool)),
            Self::Ffmpeg(ffmpeg) => format!("libvmaf {version} in {} (filter)", name(ffmpeg)),
        }
    }
}

/// Adds the filter and its output to an FFmpeg command that has both inputs.
fn finish_filter(command: &mut Command, model: &str, threads: usize, folder: &Path) {
    let filter = format!(
        "[0:v][1:v]libvmaf=n_threads={threads}:model=version={model}:log_fmt=json:log_path={}",
        log::THEIRS
    );
    command.args(["-lavfi", &filter, "-f", "null", "-"]);
    // A path in a filter needs escapes, so the log goes to the working directory.
    command.current_dir(folder);
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The FFmpeg for making clips.
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
