//! The steps that make one stream comparable with another.

use vmaf_core::{Chroma, Format};

use super::options::{ASPECT_TOLERANCE, PlanOptions, Resizing};
use super::scale::Scale;
use super::size::{is_near, looks_cropped};
use crate::accepted::Accepted;
use crate::message::Message;
use crate::rect::Rect;
use crate::setting::Setting;
use crate::{ColorRange, Error, Mismatch, Orientation, Result, StreamInfo};

/// The steps that make a stream comparable.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub(super) crop: Option<Rect>,
    pub(super) scale: Option<Scale>,
    pub(super) range: Option<[ColorRange; 2]>,
    /// The output format, at the stream's own bit depth.
    pub(super) format: Format,
    /// The input format.
    pub(super) from: Format,
    /// The reason why only luma can be compared, if so.
    pub(super) luma_only: Option<String>,
    /// The conversion of frames of other sizes than the first; `None` if they are errors.
    pub(super) resizing: Option<Resizing>,
}

impl Plan {
    /// Creates the plan for the reference itself: cropped, and scaled if requested.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if it is interlaced and that was not accepted, or if the crop is not
    /// within the picture.
    pub fn for_reference(
        reference: &StreamInfo,
        crop: Option<Rect>,
        options: &PlanOptions,
    ) -> Result<Self> {
        let mut plan = Self::cropped(reference, crop)?;
        check_interlaced(reference, options)?;
        // The reference keeps the size of its first frame.
        plan.resizing = options.resizing(true);
        if let Some((width, height)) = options.score_at {
            let to = plan.format.with_size(width, height).map_err(|error| {
                let reason = format!("can't be scaled to {width}x{height}: {error}");
                mismatch(reference, Mismatch::Size, reason)
            })?;
            plan.scale_to(to, options);
        }
        Ok(plan)
    }

    /// Creates the plan that makes an encode comparable with `reference`, which is itself prepared
    /// by `reference_plan`; `crop` is the part of the encode that is kept.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if the two can't be compared, or only after the user says what is meant.
    pub fn new(
        encode: &StreamInfo,
        crop: Option<Rect>,
        reference: &StreamInfo,
        reference_plan: &Self,
        options: &PlanOptions,
    ) -> Result<Self> {
        let mut plan = Self::cropped(encode, crop)?;
        check_interlaced(encode, options)?;
        check_rotation(encode, reference)?;
        plan.resizing = options.resizing(options.score_at.is_some());
        plan.luma_only = check_color(encode, reference, options)?;
        plan.check_size(encode, reference, reference_plan, options)?;
        let wanted = reference_plan.format;
        let mut chroma = wanted.chroma();
        if plan.format.chroma() == Chroma::Mono && wanted.chroma() != Chroma::Mono {
            plan.luma_only = Some(format!("has no chroma, the reference is {}", wanted.chroma()));
            chroma = Chroma::Mono;
        }
        plan.scale_to(plan.format.with_size_of(&wanted).with_chroma(chroma), options);
        plan.range = range_conversion(encode, reference, options)?;
        Ok(plan)
    }

    /// Creates a plan that only crops.
    pub(super) fn cropped(info: &StreamInfo, crop: Option<Rect>) -> Result<Self> {
        let from = info.format;
        let mut format = from;
        let crop = crop.filter(|crop| *crop != Rect::whole(&format));
        if let Some(crop) = crop {
            let (x, y) = from.chroma().shifts();
            let is_even =
                [(crop.x, x), (crop.y, y)].iter().all(|(at, shift)| at % (1 << shift) == 0);
            let ends = |at: u32, length: u32, limit: u32| {
                length > 0 && at.checked_add(length).is_some_and(|end| end <= limit)
            };
            if !ends(crop.x, crop.width, from.width()) || !ends(crop.y, crop.height, from.height())
            {
                let size = size_of(&from);
                let reason = format!("is {size}: there is no {crop} (W:H:X:Y) in it to crop to");
                return Err(mismatch(info, Mismatch::Crop, reason));
            }
            if !is_even {
                let reason =
                    format!("is {}: X and Y of the crop {crop} must be even", from.chroma());
                return Err(mismatch(info, Mismatch::Crop, reason));
            }
            let cropped = format.with_size(crop.width, crop.height);
            format = cropped.map_err(|error| mismatch(info, Mismatch::Crop, error.to_string()))?;
        }
        Ok(Self { crop, scale: None, range: None, format, from, luma_only: None, resizing: None })
    }

    /// Adds a step that scales the cropped picture to the size of `to`, and resamples its chroma.
    pub(super) fn scale_to(&mut self, to: Format, options: &PlanOptions) {
        if to != self.format {
            self.scale = Some(Scale { from: self.format, to, scaler: options.scaler });
            self.format = to;
        }
    }

    /// Fails if the encode can't be scaled to the reference's size.
    fn check_size(
        &self,
        encode: &StreamInfo,
        reference: &StreamInfo,
        reference_plan: &Self,
        options: &PlanOptions,
    ) -> Result<()> {
        let (ours, theirs) = (&self.format, reference_plan.coded());
        let shapes = [display_aspect(ours, encode), display_aspect(&theirs, reference)];
        if (shapes[0] / shapes[1] - 1.0).abs() > ASPECT_TOLERANCE {
            let reason = Message::from(format!(
                "is {} and the reference {}: their display aspect ratios differ ({:.3} and {:.3}); ",
                described_size(ours, encode),
                described_size(&theirs, reference),
                shapes[0],
                shapes[1],
            ));
            let reason = if shapes[0] * shapes[1] > 0.97 && shapes[0] * shapes[1] < 1.03 {
                reason.text("one of them may be rotated")
            } else {
                reason
                    .text("if one has black bars, pass ")
                    .remedy(Setting::CropAuto)
                    .text(" to crop them")
            };
            return Err(mismatch(encode, Mismatch::Shape, reason));
        }
        let is_cropped = !options.any_size
            && looks_cropped([&theirs, ours], [reference, encode].map(sample_aspect_of));
        if is_cropped {
            let reason = Message::from(format!(
                "is {} and the reference {}, as if rows or columns were cropped or padded: pass the \
                 crop, ",
                size_of(ours),
                size_of(&theirs)
            ))
            .remedy(Setting::Crop(None))
            .text(" of the reference or ")
            .remedy(Setting::CropEncode(None))
            .text(", or ")
            .remedy(Setting::GeometryUnchecked)
            .text(" to scale it");
            return Err(mismatch(encode, Mismatch::Geometry, reason));
        }
        let target = reference_plan.format;
        let is_larger = ours.width() > target.width() || ours.height() > target.height();
        let may_shrink = options.score_at.is_some() || (options.fit && is_near(ours, &theirs));
        if is_larger && !may_shrink {
            let reason = Message::from(format!(
                "is {}, larger than the reference's {}: pass ",
                size_of(ours),
                size_of(&target)
            ))
            .remedy(score_at(&target))
            .text(" to scale it down, or ")
            .remedy(score_at(ours))
            .text(" to scale the reference up");
            return Err(mismatch(encode, Mismatch::Size, reason));
        }
        let differs = (ours.width(), ours.height()) != (target.width(), target.height());
        if differs && options.no_scale {
            let (ours, theirs) = (size_of(ours), size_of(&target));
            let reason = Message::from(format!("is {ours}, the reference {theirs}: "))
                .remedy(Setting::Scale)
                .text(" it is scaled");
            return Err(mismatch(encode, Mismatch::Size, reason));
        }
        Ok(())
    }

    /// Returns the part of the stream's own frames that is kept.
    #[must_use]
    pub fn area(&self) -> Rect {
        self.crop.unwrap_or_else(|| Rect::whole(&self.from))
    }

    /// Returns the format of the stream's own frames.
    #[must_use]
    pub fn stream(&self) -> Format {
        self.from
    }

    /// Returns the format after cropping and before scaling: the size in which the picture was
    /// coded.
    #[must_use]
    pub fn coded(&self) -> Format {
        self.scale.as_ref().map_or(self.format, |scale| scale.from)
    }

    /// Returns the output format: the stream's own bit depth, the reference's size and chroma.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the reason why only luma can be compared with the reference's, in words that follow
    /// the encode's name; `None` if chroma can be compared too.
    #[must_use]
    pub fn luma_only(&self) -> Option<&str> {
        self.luma_only.as_deref()
    }

    /// Returns true if the plan changes nothing.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.crop.is_none() && self.scale.is_none() && self.range.is_none()
    }

    /// Returns the steps in words, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        if let Some(crop) = &self.crop {
            let from = size_of(&self.from);
            steps.push(format!("cropped from {from} to {crop}"));
        }
        if let Some(Scale { from, to, scaler }) = &self.scale {
            if size_of(from) != size_of(to) {
                steps.push(format!("scaled from {} to {} ({scaler})", size_of(from), size_of(to)));
            }
            if from.chroma() != to.chroma() {
                steps.push(format!("chroma converted from {} to {}", from.chroma(), to.chroma()));
            }
        }
        if let Some([from, to]) = self.range {
            steps.push(format!("converted from {from} to {to} range"));
        }
        if let Some(reason) = &self.luma_only {
            steps.push(format!("compared by luma only: it {reason}"));
        }
        steps
    }
}

pub(super) fn mismatch(info: &StreamInfo, what: Mismatch, reason: impl Into<Message>) -> Error {
    Error::Mismatch { path: info.path.clone(), what, reason: reason.into() }
}

/// Returns the setting that scales both videos to a size.
pub(super) fn score_at(size: &Format) -> Setting {
    Setting::ScoreAt { width: size.width(), height: size.height() }
}

pub(super) fn size_of(format: &Format) -> String {
    format!("{}x{}", format.width(), format.height())
}

/// Returns the display aspect ratio of a picture: width divided by height.
fn display_aspect(format: &Format, info: &StreamInfo) -> f64 {
    f64::from(format.width()) * sample_aspect_of(info) / f64::from(format.height())
}

/// Returns the sample aspect ratio; 1 if the file doesn't state it.
fn sample_aspect_of(info: &StreamInfo) -> f64 {
    info.sample_aspect.map_or(1.0, vmaf_core::Rational::as_f64)
}

/// Formats a size, with the sample aspect ratio if pixels aren't square, and the rotation applied.
fn described_size(format: &Format, info: &StreamInfo) -> String {
    let pixel = info.sample_aspect.filter(|aspect| aspect.num != aspect.den);
    let pixel = pixel
        .map_or(String::new(), |aspect| format!(" with pixels of {}:{}", aspect.num, aspect.den));
    let moved = if info.applied_rotation == Orientation::UPRIGHT {
        String::new()
    } else {
        format!(" {} for display", info.applied_rotation)
    };
    format!("{}{pixel}{moved}", size_of(format))
}

fn check_interlaced(info: &StreamInfo, options: &PlanOptions) -> Result<()> {
    if !info.interlaced || options.accepts(Accepted::Interlaced) {
        return Ok(());
    }
    let reason = Message::from("is interlaced: deinterlace it first (ffmpeg -vf bwdif), or pass ")
        .remedy(Setting::Accept(Accepted::Interlaced))
        .text(" to score its frames as they are");
    Err(mismatch(info, Mismatch::Interlaced, reason))
}

fn check_rotation(encode: &StreamInfo, reference: &StreamInfo) -> Result<()> {
    if encode.orientation == reference.orientation {
        return Ok(());
    }
    let reason = format!(
        "is to be {} for display, the reference {}: rotate both the same way first (ffmpeg does so \
         when it converts)",
        encode.orientation, reference.orientation
    );
    Err(mismatch(encode, Mismatch::Rotation, reason))
}

/// Fails if the samples of the two don't mean the same colours. A property that one file doesn't
/// state is taken to be the other's.
///
/// Returns the reason why only luma can be compared, if the matrices differ but one is stated by a
/// codec that knows no other, whatever the samples are.
fn check_color(
    encode: &StreamInfo,
    reference: &StreamInfo,
    options: &PlanOptions,
) -> Result<Option<String>> {
    if options.accepts(Accepted::Color) {
        return Ok(None);
    }
    let (ours, theirs) = (&encode.color, &reference.color);
    // A file of high dynamic range says so; next to one, a file that says nothing is ambiguous.
    if ours.is_hdr() != theirs.is_hdr() {
        let of = |color: &crate::Color| match color.transfer.as_deref() {
            _ if color.is_dolby_vision() => "of high dynamic range (Dolby Vision)".to_owned(),
            Some("smpte2084") => "of high dynamic range (PQ)".to_owned(),
            Some("arib-std-b67") => "of high dynamic range (HLG)".to_owned(),
            Some(transfer) => format!("of standard range ({transfer})"),
            None => "not marked as such".to_owned(),
        };
        let reason = Message::from(format!(
            "is {}, the reference {}: convert one to the other's dynamic range first, or pass ",
            of(ours),
            of(theirs)
        ));
        return Err(mismatch(encode, Mismatch::Color, reason.then(accepted_color())));
    }
    let traits = [
        ("primaries", &ours.primaries, &theirs.primaries),
        ("transfer", &ours.transfer, &theirs.transfer),
        ("matrix", &ours.matrix, &theirs.matrix),
    ];
    for (what, ours, theirs) in traits {
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && canonical_name(what, ours) != canonical_name(what, theirs)
        {
            let one_sided =
                [encode, reference].into_iter().find(|info| has_fixed_matrix(&info.codec));
            if let Some(info) = one_sided.filter(|_| what == "matrix") {
                let codec = &info.codec;
                return Ok(Some(format!(
                    "has matrix {ours}, the reference {theirs}, and {codec} can't state another"
                )));
            }
            let reason = Message::from(format!(
                "has {what} {ours}, the reference {theirs}: convert one first, or pass "
            ));
            return Err(mismatch(encode, Mismatch::Color, reason.then(accepted_color())));
        }
    }
    Ok(None)
}

/// Returns the end of a message: the remedy if samples differ in meaning.
fn accepted_color() -> Message {
    Message::default()
        .remedy(Setting::Accept(Accepted::Color))
        .text(" to compare samples as they are")
}

/// Returns true if a codec can't state a matrix, so that decoders report the same one for all its
/// streams.
fn has_fixed_matrix(codec: &str) -> bool {
    matches!(codec, "vp8" | "mjpeg")
}

/// Returns one name for properties that differ in name only: H.273 has several names for one
/// function or matrix.
pub(crate) fn canonical_name<'a>(what: &str, name: &'a str) -> &'a str {
    match (what, name) {
        ("transfer", "smpte170m" | "bt2020-10" | "bt2020-12") => "bt709",
        ("matrix", "bt470bg") | ("primaries", "smpte240m") => "smpte170m",
        (_, name) => name,
    }
}

/// Returns the ranges that the encode is converted from and to, if it is converted.
fn range_conversion(
    encode: &StreamInfo,
    reference: &StreamInfo,
    options: &PlanOptions,
) -> Result<Option<[ColorRange; 2]>> {
    let (ours, theirs) = (options.range(encode), options.range(reference));
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => Ok((ours != theirs).then_some([ours, theirs])),
        // An unstated range is limited, as in nearly all video, unless the other's is full.
        (Some(ColorRange::Full), None) | (None, Some(ColorRange::Full)) => {
            let which = if ours.is_some() {
                "has full range, and the reference does not state its range"
            } else {
                "does not state its range, and the reference has full range"
            };
            let reason = Message::from(format!("{which}: pass "))
                .remedy(Setting::AssumeRange(ColorRange::Limited))
                .text(" or ")
                .remedy(Setting::AssumeRange(ColorRange::Full));
            Err(mismatch(encode, Mismatch::Range, reason))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
