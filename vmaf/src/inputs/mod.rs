//! The videos of a run: a reference and its encodes, opened, compared and read side by side.
//!
//! [`Inputs::next_group`] gives one [`FrameGroup`] after the other. An encode that ends or fails, or whose
//! frames turn out to be others than the reference's, drops out: its place in the groups stays empty
//! and [`Inputs::encodes`] says why, while the others go on. What ends the reference ends the run.

mod ends;
pub(crate) mod expanded;
mod matrix;
mod opened;
pub(crate) mod opening;
mod picked;
mod turned;

use std::cmp::Ordering;
use std::sync::Arc;

use vmaf_core::{Format, Frame, FrameGroup};
use vmaf_media::align::{Finding, Path, Votes};
use vmaf_media::conform::Plan;
use vmaf_media::{Source, StreamInfo};

pub use self::ends::{End, StreamEnds};
use self::opened::Opened;
pub use self::opening::Opening;
pub use self::picked::Trace;
use crate::conform::{self, Conforming, Measure};
use crate::error::{Error, Result};
use crate::failure::EncodeFailure;
use crate::geometry;
use crate::pairing::{self, Alignment, Watch};
use crate::request::Pairing;

/// A reference and its encodes, read side by side.
pub struct Inputs {
    reference: Box<dyn Source>,
    /// What is known of the reference's stream, and what is done to its frames.
    reference_info: StreamInfo,
    reference_steps: Vec<String>,
    encodes: Vec<Encode>,
    /// What the videos are, at the bit depth of the deepest.
    format: Format,
    /// How frames are paired, and what compares them while they are read.
    pairing: Pairing,
    offset: i32,
    watch: Option<Watch>,
    /// What proves that pictures are in their places, where that is asked for.
    geometry: Option<geometry::Watch>,
    /// The pairs that show the same, where that is how frames are paired: all encodes have a frame
    /// for each of these frames of the reference.
    pairs: Option<Path>,
    /// How many frames of the reference were passed over or paired.
    position: u64,
    /// How many groups were read.
    read: u64,
    /// Whether the reference has ended.
    ended: bool,
}

/// An encode, and how far it got.
pub struct Encode {
    /// The path, as given.
    pub path: String,
    /// What is known of the stream, once it was opened.
    pub info: Option<StreamInfo>,
    /// How its picture was coded, before it was made comparable.
    pub coded: Option<Format>,
    /// What is done to its frames before they get the bits that they are scored at.
    pub steps: Vec<String>,
    /// Why luma alone can be compared with the reference's, if it is so.
    luma_only: Option<String>,
    /// How its frames are paired with the reference's.
    pub alignment: Alignment,
    /// The pairs that show the same, where that is how frames are paired, and how many frames were
    /// passed over or paired.
    pairs: Option<Path>,
    position: u64,
    pub state: State,
    /// What is left of it where it goes on behind the reference's end.
    rest: Option<Box<dyn Source>>,
}

/// How far an encode got.
pub enum State {
    /// It goes on.
    Reading(Box<dyn Source>),
    /// It ended before the reference, after this many frames.
    Shorter(u64),
    /// It had frames left when the reference ended.
    Longer,
    /// It can't be scored.
    Failed(EncodeFailure),
}

impl Inputs {
    /// Opens `reference` and `encodes`, and compares what they are. An encode that can't be opened
    /// or made comparable has failed; the run has only if the reference can't be opened.
    pub fn open(reference: &str, encodes: &[String], opening: &Opening) -> Result<Self> {
        let paths = encodes.iter().map(String::as_str).chain([reference]);
        if paths.filter(|path| *path == "-").count() > 1 {
            return Err(Error::input("standard input can't be two of the videos"));
        }
        let streams = &opening.streams;
        streams.check(encodes.len())?;
        let source = opening.open(reference, streams.of_reference())?;
        let open = |(place, path): (usize, &String)| opening.open(path, streams.of_encode(place));
        let opened = encodes.iter().enumerate().map(|encode| (&encode.1[..], open(encode)));
        Self::of(source, opened, opening)
    }

    /// Opens the videos, and finds their pairs where frames are paired by content.
    pub(crate) fn open_paired(
        reference: &str,
        encodes: &[String],
        opening: &Opening,
    ) -> Result<Self> {
        let open = || Self::open(reference, encodes, opening);
        if opening.pairing != Pairing::Content {
            return open();
        }
        if opening.offset != 0 {
            return Err(Error::input(
                "pairing by content finds the offset itself: leave the offset out",
            ));
        }
        let mut paths = encodes.iter().map(String::as_str).chain([reference]);
        if paths.any(|path| path == "-") {
            return Err(Error::input(
                "pairing by content reads the videos twice, which standard input can't be: give a file",
            ));
        }
        open()?.paired_by(open()?)
    }

    /// A reference that is open, and `encodes`, each with its path, that are if they can be.
    pub fn of<'a>(
        mut source: Box<dyn Source>,
        encodes: impl Iterator<Item = (&'a str, Result<Box<dyn Source>>)>,
        opening: &Opening,
    ) -> Result<Self> {
        let failed = |source: Result<_>| source.map_err(EncodeFailure::from);
        let mut encodes: Vec<matrix::Opened<'_>> =
            encodes.map(|(path, source)| (path, failed(source))).collect();
        source = turned::settle(source, &mut encodes, opening)?;
        let conversions = matrix::settle(&mut source, &mut encodes, opening);
        let reference_info = source.info().clone();
        let mut measure = None;
        let mut crops = Vec::new();
        let conforming = opening.conforming.as_ref().map(Conforming::of);
        if let Some(conforming) = &conforming {
            let infos = encodes.iter().map(|(_, source)| Some(source.as_ref().ok()?.info()));
            let found = conforming.crops(&reference_info, infos, opening)?;
            crops = found.encodes;
            let plan = conforming.of_reference(&reference_info, found.reference)?;
            source = plan.clone().apply(source)?;
            measure = Some((conforming, Measure { reference: &reference_info, plan }));
        }
        let mut format = source.info().format;
        let crops = crops.into_iter().chain(std::iter::repeat_with(|| Ok(None)));
        let opened = encodes.into_iter().zip(crops).map(|((path, source), crop)| {
            let opened = match (source, crop, &measure) {
                (Ok(source), Ok(crop), Some((conforming, measure))) => {
                    Opened::conformed(source, crop, conforming, measure, opening)
                }
                (Ok(source), Err(reason), _) => {
                    Opened { info: Some(source.info().clone()), source: Err(reason), plan: None }
                }
                (Ok(source), _, None) => Opened::plain(source, &format, opening.mixed_bit_depths),
                (Err(failure), ..) => Opened { info: None, source: Err(failure), plan: None },
            };
            (path.to_owned(), opened)
        });
        let opened: Vec<(String, Opened)> = opened.collect();
        let ready = opened.iter().filter_map(|(_, opened)| opened.source.as_ref().ok());
        let formats = ready.map(|source| source.info().format).chain([format]);
        let deepest = formats.max_by_key(Format::bit_depth);
        format = format.with_bit_depth_of(&deepest.unwrap_or(format));
        let checked = measure.as_ref().filter(|(conforming, _)| conforming.is_checked());
        let geometry = checked.map(|(_, measure)| {
            geometry::Watch::new(
                &measure.plan,
                opened
                    .iter()
                    .map(|(_, opened)| opened.plan.clone().filter(|_| opened.source.is_ok())),
            )
        });
        let noted = |info: &StreamInfo, plan: Option<&Plan>, converted: Option<String>| {
            let steps = plan.map(Plan::steps).unwrap_or_default();
            info.notes.iter().cloned().chain(converted).chain(steps).collect::<Vec<String>>()
        };
        let reference_plan = measure.as_ref().map(|(_, measure)| &measure.plan);
        let reference_steps = noted(&reference_info, reference_plan, conversions.reference);
        let conversions = conversions.encodes.into_iter().chain(std::iter::repeat(None));
        let encodes = opened.into_iter().zip(conversions).map(|((path, opened), converted)| {
            let plan = opened.plan.as_ref();
            Encode {
                path,
                steps: opened
                    .info
                    .as_ref()
                    .map_or_else(Vec::new, |info| noted(info, plan, converted)),
                coded: plan.map(Plan::coded),
                luma_only: plan.and_then(Plan::luma_only).map(str::to_owned),
                info: opened.info,
                alignment: Alignment {
                    pairing: opening.pairing,
                    offset: opening.offset,
                    votes: Votes::default(),
                    changes: Vec::new(),
                },
                pairs: None,
                position: 0,
                rest: None,
                state: opened.source.map_or_else(State::Failed, State::Reading),
            }
        });
        let encodes = encodes.collect();
        Ok(Self {
            reference: source,
            reference_info,
            reference_steps,
            encodes,
            format,
            pairing: opening.pairing,
            offset: opening.offset,
            watch: None,
            geometry,
            pairs: None,
            position: 0,
            read: 0,
            ended: false,
        })
    }

    /// Finds the pairs of frames that show the same, where that is how they are paired: from
    /// `survey`, the same videos opened once more, which are read to their ends.
    pub fn paired_by(mut self, survey: Self) -> Result<Self> {
        let readers = survey.encodes.into_iter().zip(&self.encodes);
        let readers = readers.map(|(survey, encode)| match (survey.state, &encode.state) {
            (State::Reading(source), State::Reading(_)) => Some(source),
            _ => None,
        });
        let all = pairing::aligned(survey.reference, readers.collect())?;
        let mut first: Option<(Path, String)> = None;
        for (encode, aligned) in self.encodes.iter_mut().zip(all) {
            let Some(aligned) = aligned else { continue };
            let aligned = match aligned {
                Ok(aligned) => aligned,
                Err(problem) => {
                    encode.state = State::Failed(problem);
                    continue;
                }
            };
            if let Some(finding) = aligned.finding {
                encode.disagrees(finding);
                continue;
            }
            encode.alignment.changes = aligned.path.changes.clone();
            encode.alignment.votes = aligned.votes;
            let path = &encode.path;
            if aligned.path.is_empty() {
                encode.state = State::Failed(EncodeFailure::other(format!(
                    "{path} has no frame of the reference"
                )));
                continue;
            }
            // In a ladder each frame of the reference has one in every encode.
            let (pairs, other) = first.get_or_insert_with(|| (aligned.path.clone(), path.clone()));
            let of_reference = |path: &Path| path.pairs().map(|pair| pair[0]).collect::<Vec<_>>();
            if *pairs == aligned.path || of_reference(pairs) == of_reference(&aligned.path) {
                encode.pairs = Some(aligned.path);
            } else {
                encode.state = State::Failed(EncodeFailure::other(format!(
                    "{path} has other frames of the reference than {other}: score it in a run of \
                     its own"
                )));
            }
        }
        self.pairs = Some(first.map(|(pairs, _)| pairs).unwrap_or_default());
        Ok(self)
    }

    /// Lets encodes drop out of which luma alone can be compared, where that is not enough.
    pub fn need_chroma(&mut self) {
        for encode in &mut self.encodes {
            if let (State::Reading(_), Some(reason)) = (&encode.state, &encode.luma_only) {
                let reason = format!("{} {reason}: measure what looks at luma alone", encode.path);
                encode.state = State::Failed(EncodeFailure::other(reason));
            }
        }
    }

    /// Leaves the proof that frames belong together, and that pictures are in their places, to others,
    /// who read all frames.
    pub fn trust(&mut self) {
        self.pairing = Pairing::Unchecked;
        self.geometry = None;
    }

    /// Begins to read what is looked at of the reference, and of each encode, behind what is left out
    /// at the start.
    pub fn begun(
        mut self,
        looked_at: Format,
        looked_at_of: impl Fn(usize) -> Format,
    ) -> Result<Self> {
        self.skip_offset()?;
        let readers = self.encodes.iter_mut().map(|encode| {
            match std::mem::replace(&mut encode.state, State::Longer) {
                State::Reading(source) => Some(source),
                other => {
                    encode.state = other;
                    None
                }
            }
        });
        let readers = readers.collect();
        let (reference, readers, watch) = Watch::begin(self.pairing, self.reference, readers);
        self.reference = vmaf_media::read_ahead(reference, looked_at);
        self.watch = watch;
        for (index, (encode, reader)) in self.encodes.iter_mut().zip(readers).enumerate() {
            if let Some(reader) = reader {
                let source = vmaf_media::read_ahead(reader, looked_at_of(index));
                encode.state = State::Reading(source);
            }
        }
        Ok(self)
    }

    /// What the videos are. Where bit depths differ, it has that of the deepest.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What is known of the reference.
    pub fn reference(&self) -> &StreamInfo {
        &self.reference_info
    }

    /// What is done to the reference's frames before they get the bits that they are scored at.
    pub fn reference_steps(&self) -> &[String] {
        &self.reference_steps
    }

    /// All that is done to the frames of a pair, of the reference and of its encode.
    pub fn pair_steps(&self) -> [Vec<String>; 2] {
        let to = self.format.bit_depth();
        let reference = &self.reference_info.format;
        let encode = self.encodes.first().map(|encode| {
            let from = encode.coded.map_or(to, |coded| coded.bit_depth());
            conform::steps(&encode.steps, from, to)
        });
        [
            conform::steps(&self.reference_steps, reference.bit_depth(), to),
            encode.unwrap_or_default(),
        ]
    }

    /// The encodes, in the order given.
    pub fn encodes(&self) -> &[Encode] {
        &self.encodes
    }

    /// How many groups were read, those skipped by [`next_group`](Self::next_group)'s caller included.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// How far the videos got.
    pub fn ends(&self) -> StreamEnds {
        let encodes = self.encodes.iter().map(|encode| match &encode.state {
            State::Reading(_) => End::Open,
            State::Shorter(frames) => End::Shorter(*frames),
            State::Longer => End::Longer,
            State::Failed(reason) => End::Failed(reason.clone()),
        });
        let votes = self.encodes.iter().map(|encode| encode.alignment.votes);
        let incidents = self.encodes.iter().map(|encode| {
            encode.info.as_ref().map(|info| info.incidents.steps()).unwrap_or_default()
        });
        StreamEnds {
            read: self.read,
            ended: self.ended,
            encodes: encodes.collect(),
            votes: votes.collect(),
            incidents: (self.reference_info.incidents.steps(), incidents.collect()),
        }
    }

    /// Whether an encode goes on.
    pub fn any_reading(&self) -> bool {
        self.encodes.iter().any(|encode| matches!(encode.state, State::Reading(_)))
    }

    /// How many frames the videos share, where that is known without reading them.
    pub fn frames(&self) -> Option<u64> {
        if let Some(pairs) = &self.pairs {
            return Some(pairs.len());
        }
        let encodes = self.encodes.iter().filter_map(|encode| encode.info.as_ref()?.frames);
        // The longest encode decides how long the run takes, the reference how long it can.
        let longest = encodes.max();
        let reference = self.reference().frames;
        longest.into_iter().chain(reference).min()
    }

    /// Leaves out the first `reference` frames of the reference and `encodes` of each encode.
    pub fn skip(&mut self, reference: u32, encodes: u32) -> Result<()> {
        pass_over(&mut *self.reference, reference)?;
        for encode in &mut self.encodes {
            let State::Reading(source) = &mut encode.state else { continue };
            if let Err(error) = pass_over(&mut **source, encodes) {
                encode.state = State::Failed(error.into());
            }
        }
        Ok(())
    }

    /// Leaves out what the offset says, of which there have to be more frames.
    fn skip_offset(&mut self) -> Result<()> {
        let Self { offset, reference, encodes, .. } = self;
        let offset = *offset;
        let count = offset.unsigned_abs();
        let beyond =
            |path: &str, frames| Error::OffsetBeyondEnd { path: path.to_owned(), frames, offset };
        if offset < 0 {
            let ended = pass_over(&mut **reference, count)?;
            let path = &self.reference_info.path;
            return ended.map_or(Ok(()), |frames| Err(beyond(path, frames)));
        }
        for encode in encodes {
            let State::Reading(source) = &mut encode.state else { continue };
            let problem = match pass_over(&mut **source, count) {
                Ok(None) => continue,
                Ok(Some(frames)) => beyond(&encode.path, frames).into(),
                Err(error) => error.into(),
            };
            encode.state = State::Failed(problem);
        }
        Ok(())
    }

    /// The next group, or `None` once the reference has ended, or all pairs were read.
    pub fn next_group(&mut self) -> Result<Option<FrameGroup>> {
        let paired = self.pairs.as_ref().map(|pairs| pairs.get(self.read).map(|pair| pair[0]));
        if self.ended || paired == Some(None) {
            self.ended = true;
            return Ok(None);
        }
        let wanted = paired.flatten();
        let reference = frame_at(&mut *self.reference, &mut self.position, wanted)?;
        let read = self.read;
        let goes_on = reference.is_some();
        let mut distorted: Vec<Option<Arc<Frame>>> =
            self.encodes.iter_mut().map(|encode| encode.next(read, goes_on)).collect();
        if let Some(watch) = &mut self.watch {
            let has_frame: Vec<bool> = distorted.iter().map(Option::is_some).collect();
            for (index, finding) in watch.compare(goes_on, &has_frame) {
                self.encodes[index].disagrees(finding);
                distorted[index] = None;
            }
        }
        let Some(reference) = reference else {
            self.ended = true;
            return Ok(None);
        };
        self.compare_geometry(&reference, &mut distorted);
        self.read += 1;
        Ok(Some(FrameGroup { reference: Arc::new(reference), distorted }))
    }

    /// Lets encodes drop out whose pictures are not in their places.
    fn compare_geometry(&mut self, reference: &Frame, distorted: &mut [Option<Arc<Frame>>]) {
        let Some(geometry) = &mut self.geometry else { return };
        let watch = self.watch.as_ref();
        let is_paired = |index| watch.is_none_or(|watch| watch.is_proved(index));
        let frames = distorted.iter().map(Option::as_deref);
        for (index, finding) in geometry.compare(self.read, reference, frames, is_paired) {
            let encode = &mut self.encodes[index];
            encode.state = State::Failed(EncodeFailure::picture(&encode.path, finding));
            distorted[index] = None;
        }
    }

    /// Says that no more is read, and lets encodes drop out whose frames are other ones, or whose
    /// pictures are not in their places.
    pub fn finish(&mut self) {
        self.finish_pairs();
        let Some(mut geometry) = self.geometry.take() else { return };
        for (index, encode) in self.encodes.iter_mut().enumerate() {
            if !matches!(encode.state, State::Failed(_))
                && let Some(finding) = geometry.finish(index)
            {
                encode.state = State::Failed(EncodeFailure::picture(&encode.path, finding));
            }
        }
    }

    /// Lets encodes drop out whose frames are other ones.
    fn finish_pairs(&mut self) {
        let Some(mut watch) = self.watch.take() else { return };
        self.read_on(&mut watch);
        for (index, encode) in self.encodes.iter_mut().enumerate() {
            let length = match encode.state {
                State::Failed(_) => continue,
                State::Shorter(_) => Ordering::Less,
                State::Longer => Ordering::Greater,
                State::Reading(_) => Ordering::Equal,
            };
            match watch.finish(index, length) {
                Ok(votes) => encode.alignment.votes = votes,
                Err(finding) => encode.disagrees(finding),
            }
        }
    }

    /// Reads on where one video has ended and the other goes on, for what that shows then: only so
    /// it turns out that the shorter one lacks frames within. What can't be read any more is not
    /// scored either.
    fn read_on(&mut self, watch: &mut Watch) {
        let shorter = |encode: &Encode| matches!(encode.state, State::Shorter(_));
        let count = self.encodes.len();
        if !self.ended && !self.any_reading() && self.encodes.iter().any(shorter) {
            let reach = (0..count).filter_map(|index| watch.reach(index)).max().unwrap_or_default();
            for _ in 0..reach {
                let Ok(Some(_)) = self.reference.read() else { break };
                self.disagree(watch.compare(true, &vec![false; count]));
            }
        }
        for index in 0..count {
            let Some(mut rest) = self.encodes[index].rest.take() else { continue };
            for _ in 0..watch.reach(index).unwrap_or_default() {
                let Ok(Some(_)) = rest.read() else { break };
                watch.follow(index);
            }
        }
    }

    /// Lets encodes drop out whose frames are other ones.
    fn disagree(&mut self, findings: Vec<(usize, Finding)>) {
        for (index, finding) in findings {
            self.encodes[index].disagrees(finding);
        }
    }
}

/// Passes over `count` frames of `source`; where it ends before, how many there were.
fn pass_over(source: &mut dyn Source, count: u32) -> vmaf_media::Result<Option<u64>> {
    let passed = source.skip(u64::from(count))?;
    Ok((passed < u64::from(count)).then_some(passed))
}

/// The next frame of `source`, or its frame `wanted`; `position` counts its frames.
fn frame_at(
    source: &mut dyn Source,
    position: &mut u64,
    wanted: Option<u64>,
) -> vmaf_media::Result<Option<Frame>> {
    loop {
        let Some(frame) = source.read()? else { return Ok(None) };
        *position += 1;
        if wanted.is_none_or(|wanted| *position > wanted) {
            return Ok(Some(frame));
        }
    }
}

impl Encode {
    /// The encode's frame number `index`, unless it has dropped out.
    fn next(&mut self, index: u64, reference_goes_on: bool) -> Option<Arc<Frame>> {
        let State::Reading(source) = &mut self.state else { return None };
        let wanted = self.pairs.as_ref().and_then(|pairs| pairs.get(index)).map(|pair| pair[1]);
        match frame_at(&mut **source, &mut self.position, wanted) {
            Ok(Some(frame)) => {
                if !reference_goes_on
                    && let State::Reading(rest) = std::mem::replace(&mut self.state, State::Longer)
                {
                    self.rest = Some(rest);
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
                self.state = State::Failed(error.into());
                None
            }
        }
    }

    /// Drops out, since its frames are others than the reference's.
    fn disagrees(&mut self, finding: Finding) {
        self.state = State::Failed(EncodeFailure::frames(&self.path, finding));
    }
}
