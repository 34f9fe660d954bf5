//! Clips and runs of the command, shared by the command's tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A clip that the tests make up: a moving texture, with noise of a given strength.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clip {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) frames: usize,
    /// The greatest error of a sample.
    pub(crate) noise: u32,
    /// Bits a sample, 8 or more.
    pub(crate) depth: u32,
    /// The y4m name of the chroma sampling, without the depth.
    pub(crate) chroma: &'static str,
}

/// The clip that references are.
pub(crate) const CLIP: Clip =
    Clip { width: 96, height: 64, frames: 6, noise: 0, depth: 8, chroma: "420" };

impl Clip {
    /// The same clip, distorted.
    pub(crate) fn noisy(self, noise: u32) -> Self {
        Self { noise, ..self }
    }

    /// The same clip, of `frames` frames.
    pub(crate) fn frames(self, frames: usize) -> Self {
        Self { frames, ..self }
    }

    fn sample(&self, x: usize, y: usize, frame: usize, plane: usize) -> u32 {
        let (x, y, t) = (x as u32, y as u32, frame as u32);
        let texture = (x * 3 + y * 5 + t * 7 + plane as u32 * 11) % 97;
        let blocks = (x.wrapping_add(t) / 8 + y / 8) % 2 * 60;
        let mut hash = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77);
        hash ^= t.wrapping_mul(0xc2b2_ae3d);
        hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
        let noise = (hash >> 12) % (2 * self.noise + 1);
        (texture + blocks + 40 + noise - self.noise) << (self.depth - 8)
    }

    /// The planes of one frame, as y4m and raw files hold them.
    fn planes(&self, frame: usize) -> Vec<u8> {
        let (w, h) = (self.width, self.height);
        let chroma = match self.chroma {
            "444" => Some((w, h)),
            "422" => Some((w.div_ceil(2), h)),
            "420" => Some((w.div_ceil(2), h.div_ceil(2))),
            _ => None,
        };
        let mut bytes = Vec::new();
        let planes = [Some((w, h)), chroma, chroma];
        for (plane, (width, height)) in planes.into_iter().flatten().enumerate() {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let sample = self.sample(x, y, frame, plane);
                let size = if self.depth > 8 { 2 } else { 1 };
                bytes.extend_from_slice(&sample.to_le_bytes()[..size]);
            }
        }
        bytes
    }

    /// The clip as y4m, at 25 frames a second.
    pub(crate) fn y4m(&self) -> Vec<u8> {
        let depth = if self.depth > 8 { format!("p{}", self.depth) } else { String::new() };
        let (width, height, chroma) = (self.width, self.height, self.chroma);
        let mut bytes =
            format!("YUV4MPEG2 W{width} H{height} F25:1 C{chroma}{depth}\n").into_bytes();
        for frame in 0..self.frames {
            bytes.extend_from_slice(b"FRAME\n");
            bytes.extend(self.planes(frame));
        }
        bytes
    }

    /// The clip without headers.
    pub(crate) fn raw(&self) -> Vec<u8> {
        (0..self.frames).flat_map(|frame| self.planes(frame)).collect()
    }
}

/// A directory of inputs and outputs, in which the command runs.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    /// A place with `ref.y4m` and a distorted `enc.y4m`.
    pub(crate) fn with_pair() -> Self {
        let place = Self::new();
        place.file("ref.y4m", CLIP.y4m());
        place.file("enc.y4m", CLIP.noisy(25).y4m());
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("a written file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file of text")
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    /// The names of all files, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        Self::names_in(self.0.path())
    }

    /// The names of all files in a folder, in order.
    pub(crate) fn names_in(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("the directory");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The command, to be run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(vmaf());
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    /// Runs the command with the words of `arguments`.
    pub(crate) fn vmaf(&self, arguments: &str) -> Ran {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let output = self.command(&words).output().expect("the command runs");
        Ran::from(output)
    }

    /// Runs `vmaf score` with the words of `arguments`, which must refuse and say all of `parts`.
    pub(crate) fn assert_refused(&self, arguments: &str, parts: &[&str]) {
        let ran = self.vmaf(&format!("score {arguments}"));
        assert_eq!(ran.status, 2, "{arguments}: {}", ran.stdout);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        for part in parts {
            assert!(ran.stderr.contains(part), "{arguments}: '{part}' is not in: {}", ran.stderr);
        }
    }

    /// Runs `vmaf score` with JSON on standard output, which must succeed.
    pub(crate) fn score(&self, arguments: &str) -> Value {
        let ran = self.vmaf(&format!("score {arguments} -o -"));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).expect("JSON")
    }
}

/// The outcome of a run of the command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("an exit, not a signal"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

impl Ran {
    /// The one line that a failed run tells on standard error.
    pub(crate) fn error(&self) -> &str {
        assert_eq!(self.status, 2, "{self:?}");
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert_eq!(lines.len(), 1, "{self:?}");
        assert!(lines[0].starts_with("error: "), "{self:?}");
        lines[0]
    }
}

/// The command under test: this build's, or the one that the environment variable `VMAF_COMMAND`
/// names, such as the released one.
pub(crate) fn vmaf() -> PathBuf {
    std::env::var_os("VMAF_COMMAND")
        .map_or_else(|| env!("CARGO_BIN_EXE_vmaf").into(), PathBuf::from)
}

/// The folder of recorded files.
pub(crate) fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/data").join(name);
    std::fs::read_to_string(path).expect("a recorded file")
}
