//! How the videos of a run are made comparable: what the command line says of it, and what each
//! video's black bars are.

use vmaf_core::Format;
use vmaf_media::conform::{Accepted, Plan, Rect, Wishes, picture_area};
use vmaf_media::{Source, StreamInfo};

use crate::args::ConformArgs;
use crate::failure::{Failure, Result};
use crate::inputs::Opening;

/// What is kept of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crop {
    /// What is within the black bars, found in each video by itself.
    Auto,
    /// This, of the reference and of encodes of its size.
    At(Rect),
}

/// How videos are made comparable.
#[derive(Debug, Clone)]
pub(crate) struct Conforming {
    pub(crate) wishes: Wishes,
    crop: Option<Crop>,
}

/// The reference, ready, by which encodes are measured.
pub(crate) struct Measure<'a> {
    pub(crate) reference: &'a StreamInfo,
    pub(crate) plan: Plan,
}

impl Conforming {
    pub(crate) fn of(arguments: &ConformArgs) -> Self {
        let wishes = Wishes {
            scaler: arguments.scaler.into(),
            no_scale: arguments.no_scale,
            score_at: arguments.score_at,
            assumed_range: arguments.assume_range.map(Into::into),
            accepted: arguments.accept.iter().map(|accepted| (*accepted).into()).collect(),
        };
        Self { wishes, crop: arguments.crop }
    }

    /// How the reference is made ready.
    pub(crate) fn of_reference(&self, info: &StreamInfo, opening: &Opening) -> Result<Plan> {
        let crop = match self.crop {
            Some(Crop::At(part)) => Some(part),
            Some(Crop::Auto) => found(info, opening)?,
            None => None,
        };
        Ok(Plan::of_reference(info, crop, &self.wishes)?)
    }

    /// How an encode is made comparable.
    pub(crate) fn of_encode(
        &self,
        info: &StreamInfo,
        measure: &Measure<'_>,
        opening: &Opening,
    ) -> Result<Plan> {
        let size = |format: &Format| (format.width, format.height);
        let crop = match self.crop {
            Some(Crop::At(part)) => {
                Some(part).filter(|_| size(&info.format) == size(&measure.reference.format))
            }
            Some(Crop::Auto) => found(info, opening)?,
            None => None,
        };
        Ok(Plan::new(info, crop, measure.reference, &measure.plan, &self.wishes)?)
    }

    /// Fails where a model is made for other video than this, and nobody said that this is fine.
    pub(crate) fn check_models(&self, reference: &StreamInfo, any_model: bool) -> Result<()> {
        if !any_model || !reference.color.is_hdr() || self.wishes.accepted.contains(&Accepted::Hdr)
        {
            return Ok(());
        }
        Err(Failure::input(format!(
            "{} is of high dynamic range ({}), and the models are made for standard range: map \
             both videos to standard range first, or pass --accept hdr to score them as they are",
            reference.path,
            if reference.color.is_dolby_vision() {
                "Dolby Vision"
            } else {
                reference.color.transfer.as_deref().unwrap_or_default()
            }
        )))
    }
}

/// Where the picture is in a video, which is opened once more for it.
fn found(info: &StreamInfo, opening: &Opening) -> Result<Option<Rect>> {
    if info.path == "-" {
        return Err(Failure::input(
            "--crop auto looks at the beginning of a video first, and standard input can't be read \
             twice: give --crop W:H:X:Y",
        ));
    }
    let mut source: Box<dyn Source> = opening.open(&info.path, info.stream)?;
    Ok(picture_area(&mut *source)?)
}

/// What is done to a video, `steps`, whose frames of `from` bits are then scored at `to`.
pub(crate) fn steps(steps: &[String], from: u8, to: u8) -> Vec<String> {
    let promoted = (from < to).then(|| format!("promoted from {from} to {to} bits"));
    steps.iter().cloned().chain(promoted).collect()
}

/// What is done to a reference, `steps`, whose frames of `from` bits are then scored at each of the
/// `depths` of its encodes, in order.
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
