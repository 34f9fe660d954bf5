//! The videos of a run: a reference and its encodes, opened, compared and read side by side.
//!
//! [`Inputs::next`] gives one [`FrameGroup`] after the other. An encode that ends or fails drops
//! out: its place in the groups stays empty and [`Inputs::encodes`] says why, while the others go
//! on. What ends the reference ends the run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vmaf_core::{Format, Frame, FrameGroup};
use vmaf_media::conform::Plan;
use vmaf_media::{OpenOptions, Rational, RawVideo, Source, StreamInfo};

use crate::conform::{self, Conforming, Measure};
use crate::failure::{self, Failure, Result};

/// A reference and its encodes, read side by side.
pub(crate) struct Inputs {
    reference: Box<dyn Source>,
    /// What is known of the reference's stream, and what is done to its frames.
    reference_info: StreamInfo,
    reference_steps: Vec<String>,
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
    /// How its picture was coded, before it was made comparable.
    pub(crate) coded: Option<Format>,
    /// What is done to its frames before they are scored.
    pub(crate) steps: Vec<String>,
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

/// How far an encode got, once nothing more is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// As far as it was read.
    Open,
    /// It ended before the reference, after this many frames.
    Shorter(u64),
    /// It had frames left when the reference ended.
    Longer,
    /// It can't be scored, and why.
    Failed(String),
}

/// How far a run's videos got.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ends {
    /// How many frames were read.
    pub(crate) read: u64,
    /// Whether the reference ended there.
    pub(crate) ended: bool,
    pub(crate) encodes: Vec<End>,
}

impl Ends {
    /// How far videos got of which these tell, parts of a run in order: the first failure is an
    /// encode's failure, and where it ended it ended.
    pub(crate) fn joined<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let count = all.clone().map(|ends| ends.encodes.len()).max().unwrap_or_default();
        let encodes = (0..count).map(|encode| {
            let of_encode = || all.clone().filter_map(|ends| ends.encodes.get(encode));
            let failed = of_encode().find(|end| matches!(end, End::Failed(_)));
            let shorter = || of_encode().find(|end| matches!(end, End::Shorter(_)));
            failed.or_else(shorter).or(of_encode().last()).cloned().unwrap_or(End::Open)
        });
        Self {
            read: all.clone().map(|ends| ends.read).max().unwrap_or_default(),
            ended: all.clone().any(|ends| ends.ended),
            encodes: encodes.collect(),
        }
    }
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
    /// How videos are made comparable; otherwise they have to be.
    pub(crate) conforming: Option<Conforming>,
}

impl Opening {
    pub(crate) fn open(&self, path: &str) -> Result<Box<dyn Source>> {
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
    /// Opens `reference` and `encodes`, and compares what they are. An encode that can't be opened
    /// or made comparable has failed; the run has only if the reference can't be opened.
    pub(crate) fn open(reference: &str, encodes: &[String], opening: &Opening) -> Result<Self> {
        let paths = encodes.iter().map(String::as_str).chain([reference]);
        if paths.filter(|path| *path == "-").count() > 1 {
            return Err(Failure::input("standard input can't be two of the videos"));
        }
        let mut source = opening.open(reference)?;
        let reference_info = source.info().clone();
        let mut measure = None;
        if let Some(conforming) = &opening.conforming {
            let plan = conforming.of_reference(&reference_info, opening)?;
            source = plan.clone().apply(source)?;
            measure = Some((conforming, Measure { reference: &reference_info, plan }));
        }
        let mut format = source.info().format;
        let opened: Vec<Opened> = encodes
            .iter()
            .map(|path| match (opening.open(path), &measure) {
                (Ok(source), Some((conforming, measure))) => {
                    Opened::conformed(source, conforming, measure, opening)
                }
                (Ok(source), None) => Opened::plain(source, &format, opening.mixed_bit_depths),
                (Err(failure), _) => {
                    Opened { info: None, source: Err(failure::plain(failure)), plan: None }
                }
            })
            .collect();
        let ready = opened.iter().filter_map(|opened| opened.source.as_ref().ok());
        let deepest = ready.map(|source| source.info().format.bit_depth).max();
        format.bit_depth = format.bit_depth.max(deepest.unwrap_or_default());
        let steps = |plan: &Plan| conform::steps(plan, &format);
        let reference_steps = measure.as_ref().map(|(_, measure)| steps(&measure.plan));
        let encodes = opened.into_iter().zip(encodes).map(|(opened, path)| Encode {
            path: path.clone(),
            info: opened.info,
            coded: opened.plan.as_ref().map(Plan::coded),
            steps: opened.plan.as_ref().map(steps).unwrap_or_default(),
            state: opened.source.map_or_else(State::Failed, State::Reading),
        });
        let encodes = encodes.collect();
        let reference_steps = reference_steps.unwrap_or_default();
        let read = 0;
        Ok(Self {
            reference: source,
            reference_info,
            reference_steps,
            encodes,
            format,
            read,
            ended: false,
        })
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
        &self.reference_info
    }

    /// What is done to the reference's frames before they are scored.
    pub(crate) fn reference_steps(&self) -> &[String] {
        &self.reference_steps
    }

    /// The encodes, in the order given.
    pub(crate) fn encodes(&self) -> &[Encode] {
        &self.encodes
    }

    /// How many groups were read, those skipped by [`next`](Self::next)'s caller included.
    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// How far the videos got.
    pub(crate) fn ends(&self) -> Ends {
        let encodes = self.encodes.iter().map(|encode| match &encode.state {
            State::Reading(_) => End::Open,
            State::Shorter(frames) => End::Shorter(*frames),
            State::Longer => End::Longer,
            State::Failed(reason) => End::Failed(reason.clone()),
        });
        Ends { read: self.read, ended: self.ended, encodes: encodes.collect() }
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

/// An encode that was opened, or why it can't be scored.
struct Opened {
    info: Option<StreamInfo>,
    source: Result<Box<dyn Source>, String>,
    plan: Option<Plan>,
}

impl Opened {
    /// One that has to be as the reference is, but for the bit depth where those may be mixed.
    fn plain(source: Box<dyn Source>, format: &Format, mixed_bit_depths: bool) -> Self {
        let info = source.info().clone();
        let mut own = info.format;
        if mixed_bit_depths {
            own.bit_depth = format.bit_depth;
        }
        let source = mismatch(&info.path, &own, format).map_or(Ok(source), Err);
        Self { info: Some(info), source, plan: None }
    }

    /// One that is made comparable with the reference.
    fn conformed(
        source: Box<dyn Source>,
        conforming: &Conforming,
        measure: &Measure<'_>,
        opening: &Opening,
    ) -> Self {
        let info = source.info().clone();
        let plan = conforming.of_encode(&info, measure, opening);
        let applied = plan.and_then(|plan| Ok((plan.clone().apply(source)?, plan)));
        let (source, plan) = match applied {
            Ok((source, plan)) => (Ok(source), Some(plan)),
            Err(failure) => (Err(failure::plain(failure)), None),
        };
        Self { info: Some(info), source, plan }
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
