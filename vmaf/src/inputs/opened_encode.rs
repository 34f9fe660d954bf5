//! Encodes that were opened, as they are compared with the reference.

use vmaf_core::Format;
use vmaf_media::conform::{Plan, Rect};
use vmaf_media::{Source, StreamInfo};

use super::open_settings::OpenSettings;
use crate::conform::{ConformedReference, Conformer};
use crate::error::Result;
use crate::failure::EncodeFailure;

/// An encode that was opened, or why it can't be scored.
pub(super) struct OpenedEncode {
    pub(super) info: Option<StreamInfo>,
    pub(super) source: Result<Box<dyn Source>, EncodeFailure>,
    pub(super) plan: Option<Plan>,
}

impl OpenedEncode {
    /// An encode that must match the reference, except in bit depth if depths may differ.
    pub(super) fn plain(source: Box<dyn Source>, format: &Format, mixed_bit_depths: bool) -> Self {
        let info = source.info().clone();
        let own = info.format;
        let own = if mixed_bit_depths { own.with_bit_depth_of(format) } else { own };
        let source = mismatch(&info.path, &own, format)
            .map_or(Ok(source), |message| Err(EncodeFailure::other(message)));
        Self { info: Some(info), source, plan: None }
    }

    /// An encode that is made comparable with the reference; `crop` is the part to keep.
    pub(super) fn conformed(
        source: Box<dyn Source>,
        crop: Option<Rect>,
        conformer: &Conformer,
        measure: &ConformedReference<'_>,
        open_settings: &OpenSettings,
    ) -> Self {
        let info = source.info().clone();
        let plan = conformer.of_encode(&info, crop, measure, open_settings);
        let (source, plan) = match plan {
            Ok(plan) => (Ok(plan.clone().apply(source)), Some(plan)),
            Err(error) => (Err(error.into()), None),
        };
        Self { info: Some(info), source, plan }
    }
}

/// Describes the differences between an encode's format and the reference's, if there are any.
fn mismatch(path: &str, encode: &Format, reference: &Format) -> Option<String> {
    let size = |format: &Format| format!("{}x{}", format.width(), format.height());
    let depth = |format: &Format| format!("{}-bit", format.bit_depth());
    let chroma = |format: &Format| format.chroma().to_string();
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
