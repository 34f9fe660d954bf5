//! The opening of a run's videos, and their comparison.

use vmaf_core::Format;
use vmaf_media::align::{AlignmentPath, Votes};
use vmaf_media::conform::Plan;
use vmaf_media::{Source, StreamInfo};

use super::encode::{Encode, State};
use super::open_settings::OpenSettings;
use super::opened_encode::OpenedEncode;
use super::videos::OpenInputs;
use super::{matrix, rotation};
use crate::conform::{ConformedReference, Conformer};
use crate::error::{Error, Result};
use crate::failure::EncodeFailure;
use crate::geometry::GeometryCheck;
use crate::pairing::{self, Alignment};
use crate::request::Pairing;

impl OpenInputs {
    /// Opens `reference` and `encodes`, and compares their properties. An encode that can't be
    /// opened or made comparable has failed; the run fails only if the reference can't be opened.
    pub fn open(reference: &str, encodes: &[String], open_settings: &OpenSettings) -> Result<Self> {
        let paths = encodes.iter().map(String::as_str).chain([reference]);
        if paths.filter(|path| *path == "-").count() > 1 {
            return Err(Error::input("standard input can be only one of the videos"));
        }
        let streams = &open_settings.streams;
        streams.check(encodes.len())?;
        let source = open_settings.open(reference, streams.of_reference())?;
        let open =
            |(place, path): (usize, &String)| open_settings.open(path, streams.of_encode(place));
        let opened = encodes.iter().enumerate().map(|encode| (&encode.1[..], open(encode)));
        Self::compare(source, opened, open_settings)
    }

    /// Opens the videos, and finds their pairs if frames are paired by content.
    pub(crate) fn open_paired(
        reference: &str,
        encodes: &[String],
        open_settings: &OpenSettings,
    ) -> Result<Self> {
        let open = || Self::open(reference, encodes, open_settings);
        if open_settings.pairing != Pairing::Content {
            return open();
        }
        if open_settings.offset != 0 {
            return Err(Error::input(
                "pairing by content finds the offset itself: omit the offset",
            ));
        }
        let mut paths = encodes.iter().map(String::as_str).chain([reference]);
        if paths.any(|path| path == "-") {
            return Err(Error::input(
                "pairing by content reads the videos twice, which standard input does not allow: \
                 pass a file",
            ));
        }
        open()?.pair_by_content(open()?)
    }

    /// Compares the opened `source` of the reference with `encodes`, each with its path, opened or
    /// failed.
    pub fn compare<'a>(
        mut source: Box<dyn Source>,
        encodes: impl Iterator<Item = (&'a str, Result<Box<dyn Source>>)>,
        open_settings: &OpenSettings,
    ) -> Result<Self> {
        let failed = |source: Result<_>| source.map_err(EncodeFailure::from);
        let mut encodes: Vec<matrix::EncodeSource<'_>> =
            encodes.map(|(path, source)| (path, failed(source))).collect();
        source = rotation::unify_orientation(source, &mut encodes, open_settings)?;
        let conversions;
        (source, conversions) = matrix::convert_rgb(source, &mut encodes, open_settings);
        let reference_info = source.info().clone();
        let mut measure = None;
        let mut crops = Vec::new();
        let conformer = open_settings.conform.as_ref().map(Conformer::new);
        if let Some(conformer) = &conformer {
            let infos = encodes.iter().map(|(_, source)| Some(source.as_ref().ok()?.info()));
            let found = conformer.crops(&reference_info, infos, open_settings)?;
            crops = found.encodes;
            let plan = conformer.of_reference(&reference_info, found.reference)?;
            source = plan.clone().apply(source);
            measure = Some((conformer, ConformedReference { reference: &reference_info, plan }));
        }
        let mut format = source.info().format;
        let crops = crops.into_iter().chain(std::iter::repeat_with(|| Ok(None)));
        let opened = encodes.into_iter().zip(crops).map(|((path, source), crop)| {
            let opened = match (source, crop, &measure) {
                (Ok(source), Ok(crop), Some((conformer, measure))) => {
                    OpenedEncode::conformed(source, crop, conformer, measure, open_settings)
                }
                (Ok(source), Err(reason), _) => OpenedEncode {
                    info: Some(source.info().clone()),
                    source: Err(reason),
                    plan: None,
                },
                (Ok(source), _, None) => {
                    OpenedEncode::plain(source, &format, open_settings.mixed_bit_depths)
                }
                (Err(failure), ..) => OpenedEncode { info: None, source: Err(failure), plan: None },
            };
            (path.to_owned(), opened)
        });
        let opened: Vec<(String, OpenedEncode)> = opened.collect();
        let ready = opened.iter().filter_map(|(_, opened)| opened.source.as_ref().ok());
        let formats = ready.map(|source| source.info().format).chain([format]);
        let deepest = formats.max_by_key(Format::bit_depth);
        format = format.with_bit_depth_of(&deepest.unwrap_or(format));
        let checked = measure.as_ref().filter(|(conformer, _)| conformer.is_checked());
        let geometry_check = checked.map(|(_, measure)| {
            GeometryCheck::new(
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
                    pairing: open_settings.pairing,
                    offset: open_settings.offset,
                    votes: Votes::default(),
                    changes: Vec::new(),
                },
                pairs: None,
                position: 0,
                earlier: None,
                remaining: None,
                state: opened.source.map_or_else(State::Failed, State::Active),
            }
        });
        let encodes = encodes.collect();
        Ok(Self {
            reference: source,
            reference_info,
            reference_steps,
            encodes,
            format,
            pairing: open_settings.pairing,
            offset: open_settings.offset,
            alignment_check: None,
            geometry_check,
            pairs: None,
            earlier: None,
            position: 0,
            read: 0,
            ended: false,
            handle: open_settings.handle.clone(),
        })
    }

    /// Finds the pairs of frames by content, if they are paired so: from `survey`, the same videos
    /// opened once more, which are read to their ends.
    pub fn pair_by_content(mut self, survey: Self) -> Result<Self> {
        let readers = survey.encodes.into_iter().zip(&self.encodes);
        let readers = readers.map(|(survey, encode)| match (survey.state, &encode.state) {
            (State::Active(source), State::Active(_)) => Some(source),
            _ => None,
        });
        let interrupt = self.handle.interrupt();
        let all = pairing::align_videos(survey.reference, readers.collect(), &interrupt)?;
        let mut first: Option<(AlignmentPath, String)> = None;
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
                encode.fail_alignment(finding);
                continue;
            }
            encode.alignment.changes = aligned.path.changes.clone();
            encode.alignment.votes = aligned.votes;
            let path = &encode.path;
            if aligned.path.is_empty() {
                encode.state = State::Failed(EncodeFailure::other(format!(
                    "{path} has no frame in common with the reference"
                )));
                continue;
            }
            // All encodes of a ladder must have each paired frame of the reference.
            let (pairs, other) = first.get_or_insert_with(|| (aligned.path.clone(), path.clone()));
            let of_reference =
                |path: &AlignmentPath| path.pairs().map(|pair| pair[0]).collect::<Vec<_>>();
            if *pairs == aligned.path || of_reference(pairs) == of_reference(&aligned.path) {
                encode.pairs = Some(aligned.path);
            } else {
                encode.state = State::Failed(EncodeFailure::other(format!(
                    "{path} has different frames of the reference from {other}: score it in a \
                     separate run"
                )));
            }
        }
        self.pairs = Some(first.map(|(pairs, _)| pairs).unwrap_or_default());
        Ok(self)
    }

    /// Lets encodes drop out that can be compared only by luma, if that is not enough.
    pub fn require_chroma(&mut self) {
        for encode in &mut self.encodes {
            if let (State::Active(_), Some(reason)) = (&encode.state, &encode.luma_only) {
                let reason =
                    format!("{} {reason}: use models and metrics that need only luma", encode.path);
                encode.state = State::Failed(EncodeFailure::other(reason));
            }
        }
    }

    /// Skips the proof that frames match and pictures are not displaced: other code, which reads
    /// all frames, has proved it.
    pub fn skip_verification(&mut self) {
        self.pairing = Pairing::Unchecked;
        self.geometry_check = None;
    }
}
