//! Makes the videos of a run comparable: by its options, and by the black bars of each
//! video.

use vmaf_core::Format;
use vmaf_media::conform::{Accepted, Plan, PlanOptions, Rect, picture_area};
use vmaf_media::geometry::{self, Finding, SharedAreas, Verdict};
use vmaf_media::{Message, Mismatch, ReadPlan, Setting, Source, StreamInfo};

use crate::error::{Error, Result};
use crate::failure::EncodeFailure;
use crate::inputs::open_settings::OpenSettings;
use crate::request::{ConformOptions, Crop};

/// The user's settings for making videos comparable.
#[derive(Debug, Clone)]
pub(crate) struct Conformer {
    pub(crate) plan_options: PlanOptions,
    crop: Option<Crop>,
    crop_encode: Option<Rect>,
    is_checked: bool,
}

/// The conformed reference, which encodes are compared with.
pub(crate) struct ConformedReference<'a> {
    pub(crate) reference: &'a StreamInfo,
    pub(crate) plan: Plan,
}

/// The crops of a run's videos.
#[derive(Default)]
pub(crate) struct Crops {
    pub(crate) reference: Option<Rect>,
    /// The crop of each encode, or the reason why it can't be scored with the others.
    pub(crate) encodes: Vec<Result<Option<Rect>, EncodeFailure>>,
}

impl Conformer {
    /// Reads the options.
    pub(crate) fn new(options: &ConformOptions) -> Self {
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

    /// Returns the crops of the reference and of each opened encode.
    pub(crate) fn crops<'a>(
        &self,
        reference: &StreamInfo,
        encodes: impl Iterator<Item = Option<&'a StreamInfo>>,
        open_settings: &OpenSettings,
    ) -> Result<Crops> {
        let size = |format: &Format| (format.width(), format.height());
        match self.crop {
            Some(Crop::Auto) => self.find_shared_areas(reference, encodes, open_settings),
            None => {
                let of_encode = |_| Ok(self.crop_encode);
                Ok(Crops { reference: None, encodes: encodes.map(of_encode).collect() })
            }
            Some(Crop::At(part)) => {
                let of_encode = |info: Option<&StreamInfo>| {
                    let has_reference_size =
                        info.is_some_and(|info| size(&info.format) == size(&reference.format));
                    Ok(self.crop_encode.or(has_reference_size.then_some(part)))
                };
                Ok(Crops { reference: Some(part), encodes: encodes.map(of_encode).collect() })
            }
        }
    }

    /// Returns the part of the reference that all encodes show, and where each shows it.
    fn find_shared_areas<'a>(
        &self,
        reference: &StreamInfo,
        encodes: impl Iterator<Item = Option<&'a StreamInfo>>,
        open_settings: &OpenSettings,
    ) -> Result<Crops> {
        let whole = picture_area_of(reference, open_settings)?;
        let mut shown = whole;
        let mut found = Vec::new();
        for encode in encodes {
            let Some(info) = encode else {
                found.push(Ok(None));
                continue;
            };
            let areas = self
                .shared_areas(reference, whole, info, open_settings)
                .map_err(EncodeFailure::from);
            if let Ok(areas) = &areas {
                shown = areas.reference.intersection(shown).unwrap_or(shown);
            }
            found.push(areas.map(|areas| Some((areas, &info.path))));
        }
        let crop_of = |areas: Option<(SharedAreas, &String)>| {
            let Some((areas, path)) = areas else { return Ok(None) };
            areas.encode_of(shown).map(Some).ok_or_else(|| {
                EncodeFailure::other(format!(
                    "{path} can't be cropped in whole samples to {shown} of the reference, which the \
                     other encodes show: score it in a separate run"
                ))
            })
        };
        let encodes = found.into_iter().map(|areas| areas.and_then(crop_of)).collect();
        Ok(Crops { reference: Some(shown), encodes })
    }

    /// Returns the part of the reference's picture `whole` that an encode shows, and where.
    fn shared_areas(
        &self,
        reference: &StreamInfo,
        whole: Rect,
        encode: &StreamInfo,
        open_settings: &OpenSettings,
    ) -> Result<SharedAreas> {
        let own = match self.crop_encode {
            Some(part) => part,
            None => picture_area_of(encode, open_settings)?,
        };
        let bounds = [whole, own];
        // The plan reports a crop that exceeds the picture.
        if own.intersection(Rect::whole(&encode.format)) != Some(own) {
            return Ok(SharedAreas { reference: whole, encode: own });
        }
        let verdict = survey_areas([reference, encode], bounds, open_settings)?;
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
        measure: &ConformedReference<'_>,
        open_settings: &OpenSettings,
    ) -> Result<Plan> {
        let ConformedReference { reference, plan } = measure;
        let error = match Plan::new(info, crop, reference, plan, &self.plan_options) {
            Ok(plan) => return Ok(plan),
            Err(error) => error,
        };
        let vmaf_media::Error::Mismatch { what, .. } = &error else { return Err(error.into()) };
        let is_decidable = matches!(what, Mismatch::Geometry | Mismatch::Shape) && self.is_checked;
        if !is_decidable || [info, *reference].iter().any(|info| info.path == "-") {
            return Err(error.into());
        }
        let bounds = [plan.area(), crop.unwrap_or_else(|| Rect::whole(&info.format))];
        let verdict = survey_areas([*reference, info], bounds, open_settings)?;
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

    /// Fails if a model is made for other video, unless the options accept it.
    pub(crate) fn check_models(&self, reference: &StreamInfo, any_model: bool) -> Result<()> {
        if !any_model
            || !reference.color.is_hdr()
            || self.plan_options.accepted.contains(&Accepted::Hdr)
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
fn picture_area_of(info: &StreamInfo, open_settings: &OpenSettings) -> Result<Rect> {
    Ok(picture_area(reopen(info, open_settings)?)?.unwrap_or_else(|| Rect::whole(&info.format)))
}

/// Locates an area of the reference's picture in that of an encode; opens both once more.
fn survey_areas(
    infos: [&StreamInfo; 2],
    areas: [Rect; 2],
    open_settings: &OpenSettings,
) -> Result<Verdict> {
    let mut videos = Vec::new();
    for (info, skipped) in infos.into_iter().zip([-open_settings.offset, open_settings.offset]) {
        let mut frames = reopen(info, open_settings)?.frames(&ReadPlan::luma())?;
        frames.skip(u64::try_from(skipped).unwrap_or_default())?;
        videos.push(frames);
    }
    let [reference, encode] = &mut videos[..] else { return Ok(Verdict::Unknown) };
    Ok(geometry::survey(&mut **reference, &mut **encode, areas)?)
}

fn reopen(info: &StreamInfo, open_settings: &OpenSettings) -> Result<Box<dyn Source>> {
    if info.path == "-" {
        let message = Message::default().setting(Setting::CropAuto).text(
            " reads the beginning of a video first, and standard input can't be read twice: pass ",
        );
        return Err(Error::input(message.remedy(Setting::Crop(None))));
    }
    open_settings.reopen(info)
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
        format!("promoted from {from} to {} bits for deeper encodes", deeper.join(" and "))
    });
    steps_before.iter().cloned().chain(promoted).collect()
}
