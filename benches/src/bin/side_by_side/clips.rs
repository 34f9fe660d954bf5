//! The files that both are run on: 1080p y4m, made once.
//!
//! From a real clip where there is one and an FFmpeg to scale and encode it; generated otherwise.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;

use vmaf_benches::Clip;

use crate::Result;

/// How many frames each file has.
pub(crate) const FRAMES: u32 = 48;

/// A reference and its encodes.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) reference: PathBuf,
    pub(crate) encodes: Vec<PathBuf>,
}

/// All files.
#[derive(Debug)]
pub(crate) struct Clips {
    pub(crate) eight: Pair,
    pub(crate) ten: Pair,
    /// Where they come from, in words.
    pub(crate) origin: String,
}

/// Makes what is not there yet.
pub(crate) fn prepare(
    folder: &Path,
    ffmpeg: Option<PathBuf>,
    source: Option<&Path>,
) -> Result<Clips> {
    let real = ffmpeg.zip(source.filter(|source| source.is_file()));
    let maker = match &real {
        Some((ffmpeg, source)) => Maker::Encoder { ffmpeg, source },
        None => Maker::Generator,
    };
    let name =
        |depth: u8, what: &str| folder.join(format!("{}_{depth}bit_{what}.y4m", maker.name()));
    let pair = |depth: u8, encodes: u32| -> Result<Pair> {
        let reference = name(depth, "reference");
        maker.make(&reference, depth, 0)?;
        let encode = |damage| {
            let path = name(depth, &format!("encode{damage}"));
            maker.make(&path, depth, damage).map(|()| path)
        };
        Ok(Pair { reference, encodes: (1..=encodes).map(encode).collect::<Result<_>>()? })
    };
    let origin = match maker {
        Maker::Encoder { source, .. } => {
            let name = source.file_name().unwrap_or_default().to_string_lossy();
            format!("{name} scaled, encoded with x264")
        }
        Maker::Generator => "generated content".to_owned(),
    };
    Ok(Clips { eight: pair(8, 4)?, ten: pair(10, 1)?, origin })
}

#[derive(Clone, Copy)]
enum Maker<'a> {
    Encoder { ffmpeg: &'a Path, source: &'a Path },
    Generator,
}

impl Maker<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Encoder { .. } => "real",
            Self::Generator => "generated",
        }
    }

    /// Makes `path`, with `damage` 0 for the reference, unless it is there.
    fn make(self, path: &Path, bit_depth: u8, damage: u32) -> Result<()> {
        if path.is_file() {
            return Ok(());
        }
        eprintln!("making {} ...", path.display());
        // Under another name until it is whole.
        let part = path.with_extension("part");
        match self {
            Self::Generator => {
                let clip = Clip { width: 1920, height: 1080, bit_depth };
                clip.write_y4m(BufWriter::new(File::create(&part)?), FRAMES, damage)?;
            }
            Self::Encoder { ffmpeg, source } => encode(ffmpeg, source, &part, bit_depth, damage)?,
        }
        std::fs::rename(part, path)?;
        Ok(())
    }
}

/// Scales the source, and for an encode takes it through x264 on the way.
fn encode(ffmpeg: &Path, source: &Path, to: &Path, bit_depth: u8, damage: u32) -> Result<()> {
    let format = if bit_depth == 8 { "yuv420p" } else { "yuv420p10le" };
    let scale = format!("scale=1920:1080:flags=bicubic,format={format}");
    let frames = FRAMES.to_string();
    let y4m = ["-strict", "-1", "-f", "yuv4mpegpipe"];
    if damage == 0 {
        let mut command = Command::new(ffmpeg);
        command.args(["-nostdin", "-v", "error", "-y", "-i"]).arg(source);
        command.args(["-an", "-vf", &scale, "-frames:v", &frames]).args(y4m).arg(to);
        return run(&mut command);
    }
    let encoded = to.with_extension("mkv");
    let crf = (18 + 5 * damage).to_string();
    let mut command = Command::new(ffmpeg);
    command.args(["-nostdin", "-v", "error", "-y", "-i"]).arg(source);
    command.args(["-an", "-vf", &scale, "-frames:v", &frames]);
    command.args(["-c:v", "libx264", "-preset", "veryfast", "-crf", &crf]).arg(&encoded);
    run(&mut command)?;
    let mut command = Command::new(ffmpeg);
    command.args(["-nostdin", "-v", "error", "-y", "-i"]).arg(&encoded);
    command.args(["-fps_mode", "passthrough", "-pix_fmt", format]).args(y4m).arg(to);
    run(&mut command)?;
    std::fs::remove_file(encoded)?;
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
