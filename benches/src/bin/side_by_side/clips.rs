//! The files to measure, created once: y4m of two sizes and two bit depths, and MP4.
//!
//! They are made from a real clip if there is one, with an FFmpeg to scale and encode it, and are
//! generated otherwise. They are long enough that start-up time does not matter.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;

use vmaf_benches::Clip;

use crate::Result;

/// The number of encodes in a ladder.
pub(crate) const LADDER: u32 = 6;

/// The format and length of a pair of videos.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kind {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bit_depth: u8,
    /// The number of frames.
    pub(crate) frames: u32,
    /// The number of frames to score with slow measurements.
    pub(crate) few: u32,
}

impl Kind {
    /// The name used in rows.
    pub(crate) fn name(self) -> String {
        format!("{}x{} {}-bit", self.width, self.height, self.bit_depth)
    }

    pub(crate) fn is_4k(self) -> bool {
        self.height > 1080
    }
}

/// All kinds of videos to measure.
pub(crate) const KINDS: [Kind; 3] = [
    Kind { width: 1920, height: 1080, bit_depth: 8, frames: 100, few: 12 },
    Kind { width: 1920, height: 1080, bit_depth: 10, frames: 100, few: 12 },
    Kind { width: 3840, height: 2160, bit_depth: 10, frames: 48, few: 6 },
];

/// A reference and its encodes.
#[derive(Debug)]
pub(crate) struct Videos {
    pub(crate) reference: PathBuf,
    pub(crate) encodes: Vec<PathBuf>,
}

/// Creates missing files.
#[derive(Debug)]
pub(crate) struct ClipMaker {
    folder: PathBuf,
    /// An FFmpeg, and the clip to take frames from.
    real: Option<(PathBuf, PathBuf)>,
}

impl ClipMaker {
    pub(crate) fn new(folder: &Path, ffmpeg: Option<PathBuf>, source: Option<&Path>) -> Self {
        let source = source.filter(|source| source.is_file()).map(Path::to_owned);
        Self { folder: folder.to_owned(), real: ffmpeg.zip(source) }
    }

    /// A description of the source of the content.
    pub(crate) fn origin(&self) -> String {
        match &self.real {
            Some((_, source)) => {
                let name = source.file_name().unwrap_or_default().to_string_lossy();
                format!("{name} scaled, encodes of x264")
            }
            None => "generated content".to_owned(),
        }
    }

    /// The reference and `encodes` encodes as y4m.
    pub(crate) fn y4m(&self, kind: Kind, encodes: u32) -> Result<Videos> {
        let video = |damage| {
            let path = self.path(kind, damage, "y4m");
            once(&path, |part| match &self.real {
                None => {
                    let Kind { width, height, bit_depth, .. } = kind;
                    let clip = Clip { width, height, bit_depth };
                    let to = BufWriter::new(File::create(part)?);
                    Ok(clip.write_y4m(to, kind.frames, damage)?)
                }
                Some((ffmpeg, source)) => {
                    let mut command = if damage == 0 {
                        scaled(ffmpeg, source, kind)
                    } else {
                        let mut command = from(ffmpeg, &self.encode(ffmpeg, source, kind, damage)?);
                        command.args(["-fps_mode", "passthrough", "-pix_fmt", pixel_format(kind)]);
                        command
                    };
                    run(command.args(["-strict", "-1", "-f", "yuv4mpegpipe"]).arg(part))
                }
            })?;
            Ok(path)
        };
        let encodes = (1..=encodes).map(video).collect::<Result<_>>()?;
        Ok(Videos { reference: video(0)?, encodes })
    }

    /// The lightly compressed reference and `encodes` encodes as MP4; `None` without an FFmpeg or a
    /// clip.
    pub(crate) fn mp4(&self, kind: Kind, encodes: u32) -> Result<Option<Videos>> {
        let Some((ffmpeg, source)) = &self.real else { return Ok(None) };
        let video = |damage| self.encode(ffmpeg, source, kind, damage);
        let encodes = (1..=encodes).map(video).collect::<Result<_>>()?;
        Ok(Some(Videos { reference: video(0)?, encodes }))
    }

    fn encode(&self, ffmpeg: &Path, source: &Path, kind: Kind, damage: u32) -> Result<PathBuf> {
        let path = self.path(kind, damage, "mp4");
        once(&path, |part| {
            let rate_factor = if damage == 0 { 12 } else { 18 + 4 * damage };
            let mut command = scaled(ffmpeg, source, kind);
            command.args(["-c:v", "libx264", "-preset", "veryfast", "-f", "mp4", "-crf"]);
            run(command.arg(rate_factor.to_string()).arg(part))
        })?;
        Ok(path)
    }

    fn path(&self, kind: Kind, damage: u32, extension: &str) -> PathBuf {
        let maker = if self.real.is_some() { "real" } else { "generated" };
        let Kind { height, bit_depth, frames, .. } = kind;
        let what = if damage == 0 { "reference".to_owned() } else { format!("encode{damage}") };
        let name = format!("{maker}_{height}p_{bit_depth}bit_{frames}_{what}.{extension}");
        self.folder.join(name)
    }
}

/// Creates `path` with `make`, under another name until it is complete, unless it exists.
fn once(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if path.is_file() {
        return Ok(());
    }
    eprintln!("making {} ...", path.display());
    let part = path.with_extension("part");
    make(&part)?;
    Ok(std::fs::rename(part, path)?)
}

fn from(ffmpeg: &Path, source: &Path) -> Command {
    let mut command = Command::new(ffmpeg);
    command.args(["-nostdin", "-v", "error", "-y", "-i"]).arg(source).arg("-an");
    command
}

/// The source's frames in the format of `kind`, looped if there are too few.
fn scaled(ffmpeg: &Path, source: &Path, kind: Kind) -> Command {
    let Kind { width, height, frames, .. } = kind;
    let mut command = Command::new(ffmpeg);
    command.args(["-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i"]).arg(source);
    let scale = format!("scale={width}:{height}:flags=bicubic,format={}", pixel_format(kind));
    command.args(["-an", "-vf", &scale, "-frames:v", &frames.to_string()]);
    command
}

fn pixel_format(kind: Kind) -> &'static str {
    if kind.bit_depth == 8 { "yuv420p" } else { "yuv420p10le" }
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
