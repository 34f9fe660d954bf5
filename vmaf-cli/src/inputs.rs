//! The videos of a run: a reference and its encodes, opened, compared and read side by side.
//!
//! [`Inputs::next`] gives one [`FrameGroup`] after the other. An encode that ends or fails drops
//! out: its place in the groups stays empty and [`Inputs::encodes`] says why, while the others go
//! on. What ends the reference ends the run.

use std::sync::Arc;

use vmaf_core::{Format, Frame, FrameGroup};
use vmaf_media::{OpenOptions, Rational, RawVideo, Source, StreamInfo};

use crate::failure::{self, Failure, Result};

/// A reference and its encodes, read side by side.
pub(crate) struct Inputs {
    reference: Box<dyn Source>,
    encodes: Vec<Encode>,
    /// What the videos are, at the bit depth of the deepest.
    format: Format,
    /// How many groups were read.
    read: u64,
    /// Whether the reference has ended.
    ended: bool,
}

/// An encode, and how far it got.
pub(crate) struct Encode {
    /// The path, as given.
    pub(crate) path: String,
    /// What is known of the stream, once it was opened.
    pub(crate) info: Option<StreamInfo>,
    pub(crate) state: State,
}

/// How far an encode got.
pub(crate) enum State {
    /// It goes on.
    Reading(Box<dyn Source>),
    /// It ended before the reference, after this many frames.
    Shorter(u64),
    /// It had frames left when the reference ended.
    Longer,
    /// It can't be scored, and why.
    Failed(String),
}

/// How a run opens its videos.
pub(crate) struct Opening {
    /// The layout of raw video, where it is given.
    pub(crate) raw: Option<RawVideo>,
    /// Whether all files are raw, whatever their names.
    pub(crate) all_raw: bool,
    pub(crate) frame_rate: Option<Rational>,
    /// Threads for a decoder; 0 lets it choose.
    pub(crate) threads: usize,
    /// The options that give the layout of raw video.
    pub(crate) layout_options: &'static str,
    /// Whether bit depths may differ: then all frames get as many bits as the deepest has.
    pub(crate) mixed_bit_depths: bool,
}

impl Opening {
    fn open(&self, path: &str) -> Result<Box<dyn Source>> {
        let raw = self.raw.filter(|_| self.all_raw || is_named_raw(path));
        let options = OpenOptions {
            raw,
            frame_rate: self.frame_rate,
            threads: self.threads,
            ..OpenOptions::default()
        };
        vmaf_media::open(path, &options).map_err(|error| match error {
            vmaf_media::Error::NotVideo { .. } if raw.is_none() && is_named_raw(path) => {
                Failure::input(format!(
                    "{path}: raw video does not tell its layout; {} do",
                    self.layout_options
                ))
            }
            error => error.into(),
        })
    }
}

/// Whether a file's name says that it is raw video.
pub(crate) fn is_named_raw(path: &str) -> bool {
    let extension = std::path::Path::new(path).extension().unwrap_or_default();
    ["yuv", "raw"].iter().any(|raw| extension.eq_ignore_ascii_case(raw))
}

impl Inputs {
    /// Opens `reference` and `encodes`, and compares their formats. An encode that can't be opened
    /// or differs has failed; the run has only if the reference can't be opened.
    pub(crate) fn open(reference: &str, encodes: &[String], opening: &Opening) -> Result<Self> {
        let paths = encodes.iter().map(String::as_str).chain([reference]);
        if paths.filter(|path| *path == "-").count() > 1 {
            return Err(Failure::input("standard input can't be two of the videos"));
        }
        let source = opening.open(reference)?;
        let opened: Vec<_> = encodes.iter().map(|path| (path, opening.open(path))).collect();
        let mut format = source.info().format;
        if opening.mixed_bit_depths {
            let depths = opened.iter().filter_map(|(_, opened)| opened.as_ref().ok());
            let deepest = depths.map(|source| source.info().format.bit_depth).max();
            format.bit_depth = format.bit_depth.max(deepest.unwrap_or_default());
        }
        let encodes = opened.into_iter().map(|(path, opened)| match opened {
            Err(failure) => Encode {
                path: path.clone(),
                info: None,
                state: State::Failed(failure::plain(failure)),
            },
            Ok(source) => {
                let info = source.info().clone();
                let mut own = info.format;
                if opening.mixed_bit_depths {
                    own.bit_depth = format.bit_depth;
                }
                let state = match mismatch(path, &own, &format) {
                    None => State::Reading(source),
                    Some(reason) => State::Failed(reason),
                };
                Encode { path: path.clone(), info: Some(info), state }
            }
        });
        let encodes = encodes.collect();
        Ok(Self { reference: source, encodes, format, read: 0, ended: false })
    }

    /// Begins to read what is looked at.
    #[must_use]
    pub(crate) fn begun(mut self, looked_at: Format) -> Self {
        let ahead = |source| vmaf_media::read_ahead(source, looked_at);
        self.reference = ahead(self.reference);
        for encode in &mut self.encodes {
            encode.state = match std::mem::replace(&mut encode.state, State::Longer) {
                State::Reading(source) => State::Reading(ahead(source)),
                other => other,
            };
        }
        self
    }

    /// What the videos are. Where bit depths differ, it has that of the deepest.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// What is known of the reference.
    pub(crate) fn reference(&self) -> &StreamInfo {
        self.reference.info()
    }

    /// The encodes, in the order given.
    pub(crate) fn encodes(&self) -> &[Encode] {
        &self.encodes
    }

    /// How many groups were read, those skipped by [`next`](Self::next)'s caller included.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// Whether the reference has ended.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether an encode goes on.
    pub(crate) fn any_reading(&self) -> bool {
        self.encodes.iter().any(|encode| matches!(encode.state, State::Reading(_)))
    }

    /// How many frames the videos share, where that is known without reading them.
    pub(crate) fn frames(&self) -> Option<u64> {
        let encodes = self.encodes.iter().filter_map(|encode| encode.info.as_ref()?.frames);
        // The longest encode decides how long the run takes, the reference how long it can.
        let longest = encodes.max();
        let reference = self.reference().frames;
        longest.into_iter().chain(reference).min()
    }

    /// Leaves out the first `reference` frames of the reference and `encodes` of each encode.
    pub(crate) fn skip(&mut self, reference: u32, encodes: u32) -> Result<()> {
        for _ in 0..reference {
            if self.reference.read()?.is_none() {
                break;
            }
        }
        for encode in &mut self.encodes {
            for _ in 0..encodes {
                let State::Reading(source) = &mut encode.state else { break };
                match source.read() {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(error) => encode.state = State::Failed(failure::plain(error)),
                }
            }
        }
        Ok(())
    }

    /// The next group, or `None` once the reference has ended.
    pub(crate) fn next(&mut self) -> Result<Option<FrameGroup>> {
        if self.ended {
            return Ok(None);
        }
        let reference = self.reference.read()?;
        let read = self.read;
        let distorted =
            self.encodes.iter_mut().map(|encode| encode.next(read, reference.is_some())).collect();
        let Some(reference) = reference else {
            self.ended = true;
            return Ok(None);
        };
        self.read += 1;
        Ok(Some(FrameGroup { reference: Arc::new(reference), distorted }))
    }
}

impl Encode {
    /// The encode's frame number `index`, unless it has dropped out.
    fn next(&mut self, index: u64, reference_goes_on: bool) -> Option<Arc<Frame>> {
        let State::Reading(source) = &mut self.state else { return None };
        match source.read() {
            Ok(Some(frame)) => {
                if !reference_goes_on {
                    self.state = State::Longer;
                }
                Some(Arc::new(frame))
            }
            Ok(None) => {
                if reference_goes_on {
                    self.state = State::Shorter(index);
                }
                None
            }
            Err(error) => {
                self.state = State::Failed(failure::plain(error));
                None
            }
        }
    }
}

/// How an encode's format differs from the reference's, if it does.
fn mismatch(path: &str, encode: &Format, reference: &Format) -> Option<String> {
    let size = |format: &Format| format!("{}x{}", format.width, format.height);
    let depth = |format: &Format| format!("{}-bit", format.bit_depth);
    let chroma = |format: &Format| format.chroma.to_string();
    let mut differ: Vec<(String, String)> = Vec::new();
    for of in [&size as &dyn Fn(&Format) -> String, &chroma, &depth] {
        let (ours, theirs) = (of(encode), of(reference));
        if ours != theirs {
            differ.push((ours, theirs));
        }
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = differ.into_iter().unzip();
    (!ours.is_empty())
        .then(|| format!("{path} is {}, the reference {}", ours.join(" "), theirs.join(" ")))
}

#[cfg(test)]
mod tests {
    use vmaf_core::Chroma;

    use super::*;

    #[test]
    fn mismatches_name_both_sides() {
        let format = |width, height, chroma, depth| {
            Format::new(width, height, chroma, depth).expect("valid")
        };
        let reference = format(1920, 1080, Chroma::Yuv420, 8);
        let of = |encode: Format| mismatch("enc.mp4", &encode, &reference);
        assert_eq!(of(reference), None);
        let size = of(format(1280, 720, Chroma::Yuv420, 8));
        assert_eq!(size.as_deref(), Some("enc.mp4 is 1280x720, the reference 1920x1080"));
        let both = of(format(1920, 1080, Chroma::Yuv444, 10));
        assert_eq!(both.as_deref(), Some("enc.mp4 is 4:4:4 10-bit, the reference 4:2:0 8-bit"));
    }
}
