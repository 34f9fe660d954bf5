//! The way in which the videos of a run are made comparable: by its options, and by each video's
//! black bars.

use vmaf_core::Format;
use vmaf_media::conform::{Accepted, Plan, PlanOptions, Rect, picture_area};
use vmaf_media::geometry::{self, Finding, SharedAreas, Verdict};
use vmaf_media::{Message, Mismatch, ReadPlan, Setting, Source, StreamInfo};

use crate::error::{Error, Result};
use crate::failure::EncodeFailure;
use crate::inputs::opening::Opening;
use crate::request::{ConformOptions, Crop};

/// The user's settings for making videos comparable.
#[derive(Debug, Clone)]
pub(crate) struct Conforming {
    pub(crate) plan_options: PlanOptions,
    crop: Option<Crop>,
    crop_encode: Option<Rect>,
    is_checked: bool,
}

/// The reference, ready, by which encodes are measured.
pub(crate) struct Measure<'a> {
    pub(crate) reference: &'a StreamInfo,
    pub(crate) plan: Plan,
}

/// The crops of a run's videos.
#[derive(Default)]
pub(crate) struct Crops {
    pub(crate) reference: Option<Rect>,
    /// The crop of each encode, or the reason why it can't be scored beside the others.
    pub(crate) encodes: Vec<Result<Option<Rect>, EncodeFailure>>,
}

impl Conforming {
    /// Reads the options.
    pub(crate) fn of(options: &ConformOptions) -> Self {
        let plan_options = PlanOptions {
            scaler: options.scaler,
            no_scale: options.no_scale,
            score_at: options.score_at,
            any_size: !options.check_geometry,
            fit: options.crop == Some(Crop::Auto),
            assumed_range: options.assume_range,
            accepted: options.accept.clone(),
        };
        Self {
            plan_options,
            crop: options.crop,
            crop_encode: options.crop_encode,
            is_checked: options.check_geometry,
        }
    }

    /// Returns true if pictures have to prove their geometry.
    pub(crate) fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// Returns the crops of the reference and of each encode that was opened.
    pub(crate) fn crops<'a>(
        &self,
        reference: &StreamInfo,
        encodes: impl Iterator<Item = Option<&'a StreamInfo>>,
        opening: &Opening,
    ) -> Result<Crops> {
        let size = |format: &Format| (format.width(), format.height());
        match self.crop {
            Some(Crop::Auto) => self.found(reference, encodes, opening),
            None => {
                let of_encode = |_| Ok(self.crop_encode);
                Ok(Crops { reference: None, encodes: encodes.map(of_encode).collect() })
            }
            Some(Crop::At(part)) => {
                let of_encode = |info: Option<&StreamInfo>| {
                    let follows =
                        info.is_some_and(|info| size(&info.format) == size(&reference.format));
                    Ok(self.crop_encode.or(follows.then_some(part)))
                };
                Ok(Crops { reference: Some(part), encodes: encodes.map(of_encode).collect() })
            }
        }
    }

    /// The part of the reference that all encodes show, and where each shows it.
    fn found<'a>(
        &self,
        reference: &StreamInfo,
        encodes: impl Iterator<Item = Option<&'a StreamInfo>>,
        opening: &Opening,
    ) -> Result<Crops> {
        let whole = picture_of(reference, opening)?;
        let mut shown = whole;
        let mut areas = Vec::new();
        for encode in encodes {
            let Some(info) = encode else {
                areas.push(Ok(None));
                continue;
            };
            let found = self.shared(reference, whole, info, opening).map_err(EncodeFailure::from);
            if let Ok(areas) = &found {
                shown = areas.reference.shared(shown).unwrap_or(shown);
            }
            areas.push(found.map(|areas| Some((areas, &info.path))));
        }
        let of_encode = |found: Option<(SharedAreas, &String)>| {
            let Some((areas, path)) = found else { return Ok(None) };
            areas.encode_of(shown).map(Some).ok_or_else(|| {
                EncodeFailure::other(format!(
                    "{path} does not show {shown} of the reference, which the other encodes show, in \
                     whole samples: score it in a run of its own"
                ))
            })
        };
        let encodes = areas.into_iter().map(|found| found.and_then(of_encode)).collect();
        Ok(Crops { reference: Some(shown), encodes })
    }

    /// The part of the reference's picture, which is `whole`, that an encode shows, and where.
    fn shared(
        &self,
        reference: &StreamInfo,
        whole: Rect,
        encode: &StreamInfo,
        opening: &Opening,
    ) -> Result<SharedAreas> {
        let own = match self.crop_encode {
            Some(part) => part,
            None => picture_of(encode, opening)?,
        };
        let bounds = [whole, own];
        // A crop that is not within the picture is told when it is made.
        if own.shared(Rect::whole(&encode.format)) != Some(own) {
            return Ok(SharedAreas { reference: whole, encode: own });
        }
        let verdict = surveyed([reference, encode], bounds, opening)?;
        match Finding::of_survey(verdict, bounds, [reference.format, encode.format]) {
            None => Ok(SharedAreas { reference: whole, encode: own }),
            Some(finding) => {
                Ok(finding.crops().ok_or_else(|| EncodeFailure::picture(&encode.path, finding))?)
            }
        }
    }

    /// Returns the plan for the reference, cropped to `crop`.
    pub(crate) fn of_reference(&self, info: &StreamInfo, crop: Option<Rect>) -> Result<Plan> {
        Ok(Plan::for_reference(info, crop, &self.plan_options)?)
    }

    /// Returns the plan for an encode, cropped to `crop`. If the sizes suggest a crop, pictures
    /// decide.
    pub(crate) fn of_encode(
        &self,
        info: &StreamInfo,
        crop: Option<Rect>,
        measure: &Measure<'_>,
        opening: &Opening,
    ) -> Result<Plan> {
        let Measure { reference, plan } = measure;
        let error = match Plan::new(info, crop, reference, plan, &self.plan_options) {
            Ok(plan) => return Ok(plan),
            Err(error) => error,
        };
        let vmaf_media::Error::Mismatch { what, .. } = &error else { return Err(error.into()) };
        let is_told = matches!(what, Mismatch::Geometry | Mismatch::Shape) && self.is_checked;
        if !is_told || [info, *reference].iter().any(|info| info.path == "-") {
            return Err(error.into());
        }
        let bounds = [plan.area(), crop.unwrap_or_else(|| Rect::whole(&info.format))];
        let verdict = surveyed([*reference, info], bounds, opening)?;
        let formats = [reference.format, info.format];
        if let Some(finding) = Finding::of_survey(verdict, bounds, formats) {
            return Err(EncodeFailure::picture(&info.path, finding).into());
        }
        if verdict == Verdict::Alike && *what == Mismatch::Geometry {
            let plan_options = PlanOptions { any_size: true, ..self.plan_options.clone() };
            return Ok(Plan::new(info, crop, reference, plan, &plan_options)?);
        }
        Err(error.into())
    }

    /// Fails where a model is made for other video than this, and nobody said that this is fine.
    pub(crate) fn check_models(&self, reference: &StreamInfo, any_model: bool) -> Result<()> {
        if !any_model || !reference.color.is_hdr() || self.plan_options.accepted.contains(&Accepted::Hdr)
        {
            return Ok(());
        }
        let kind = if reference.color.is_dolby_vision() {
            "Dolby Vision"
        } else {
            reference.color.transfer.as_deref().unwrap_or_default()
        };
        Err(Error::HighDynamicRange { path: reference.path.clone(), kind: kind.to_owned() })
    }
}

/// Returns the picture area of a video without its black bars; opens the video once more.
fn picture_of(info: &StreamInfo, opening: &Opening) -> Result<Rect> {
    Ok(picture_area(again(info, opening)?)?.unwrap_or_else(|| Rect::whole(&info.format)))
}

/// Locates an area of the reference's picture in that of an encode; opens both once more.
fn surveyed(infos: [&StreamInfo; 2], areas: [Rect; 2], opening: &Opening) -> Result<Verdict> {
    let mut videos = Vec::new();
    for (info, skipped) in infos.into_iter().zip([-opening.offset, opening.offset]) {
        let mut frames = again(info, opening)?.frames(&ReadPlan::luma())?;
        frames.skip(u64::try_from(skipped).unwrap_or_default())?;
        videos.push(frames);
    }
    let [reference, encode] = &mut videos[..] else { return Ok(Verdict::Unknown) };
    Ok(geometry::survey(&mut **reference, &mut **encode, areas)?)
}

fn again(info: &StreamInfo, opening: &Opening) -> Result<Box<dyn Source>> {
    if info.path == "-" {
        let message = Message::default()
            .setting(Setting::CropAuto)
            .text(" looks at the beginning of a video first, and standard input can't be read twice: give ");
        return Err(Error::input(message.remedy(Setting::Crop(None))));
    }
    opening.again(info)
}

/// Returns the conversions of a video: `steps`, and the promotion from `from` to `to` bits.
pub(crate) fn steps(steps: &[String], from: u8, to: u8) -> Vec<String> {
    let promoted = (from < to).then(|| format!("promoted from {from} to {to} bits"));
    steps.iter().cloned().chain(promoted).collect()
}

/// Returns the conversions of a reference: `steps`, and the promotions from `from` bits to each of
/// the `depths` of its encodes, in order.
pub(crate) fn reference_steps(steps_before: &[String], from: u8, depths: &[u8]) -> Vec<String> {
    if let [only] = depths {
        return steps(steps_before, from, *only);
    }
    let deeper = depths.iter().filter(|to| from < **to);
    let deeper: Vec<String> = deeper.map(ToString::to_string).collect();
    let promoted = (!deeper.is_empty()).then(|| {
        format!("promoted from {from} to {} bits beside deeper encodes", deeper.join(" and "))
    });
    steps_before.iter().cloned().chain(promoted).collect()
}
