//! The matrix for converting RGB stills: that of the video that they are compared with.
//!
//! FFmpeg converts PNG by BT.601 without stating it, cameras and editors use BT.709; by the wrong
//! matrix the colours of a good encode look wrong.

use vmaf_core::Chroma;
use vmaf_media::conform::{converted, estimate_matrix};
use vmaf_media::{Matrix, Source, StreamInfo};

use super::OpenSettings;
use crate::error::Result;
use crate::failure::EncodeFailure;

/// An encode's path, and its source if it could be opened.
pub(super) type EncodeSource<'a> = (&'a str, Result<Box<dyn Source>, EncodeFailure>);

/// The conversions of RGB, as text: of the reference and of each encode.
pub(super) struct Conversions {
    pub(super) reference: Option<String>,
    pub(super) encodes: Vec<Option<String>>,
}

/// The source of a conversion's matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
enum MatrixSource {
    Stated,
    Estimated,
    Assumed,
}

/// Sets the matrix of RGB stills among the videos to that of the videos they are compared with. An
/// encode fails if its matrix differs from the one that the reference is converted by for an
/// earlier encode.
pub(super) fn convert_rgb(
    reference: Box<dyn Source>,
    encodes: &mut [EncodeSource<'_>],
    open_settings: &OpenSettings,
) -> (Box<dyn Source>, Conversions) {
    let mut conversions = Conversions { reference: None, encodes: vec![None; encodes.len()] };
    if open_settings.conform.is_none() {
        return (reference, conversions);
    }
    let info = reference.info().clone();
    if !info.rgb {
        for ((_, source), conversions) in encodes.iter_mut().zip(&mut conversions.encodes) {
            let Some(own) = source.as_ref().ok().map(|source| source.info()).filter(|own| own.rgb)
            else {
                continue;
            };
            let (matrix, basis) = choose_matrix(own, &info, open_settings);
            convert(source, matrix);
            *conversions = Some(describe_conversion(matrix, basis, "the reference's"));
        }
        return (reference, conversions);
    }
    // A stated matrix takes precedence over one estimated from pictures.
    let videos = encodes.iter().filter_map(|(_, source)| source.as_ref().ok());
    let videos: Vec<StreamInfo> = videos
        .map(|source| source.info())
        .filter(|info| !info.rgb && info.format.chroma() != Chroma::Mono)
        .cloned()
        .collect();
    let stating = videos.iter().find(|video| states_matrix(video));
    let Some(first) = stating.or(videos.first()) else {
        return (reference, conversions);
    };
    let (matrix, basis) = choose_matrix(&info, first, open_settings);
    conversions.reference = Some(describe_conversion(matrix, basis, "the encode's"));
    for (path, source) in encodes {
        convert(source, matrix);
        let Ok(opened) = source else { continue };
        let encode_info = opened.info();
        if encode_info.rgb
            || states_matrix(encode_info)
            || encode_info.format.chroma() == Chroma::Mono
        {
            continue;
        }
        if let (other, MatrixSource::Estimated) = choose_matrix(&info, encode_info, open_settings)
            && other != matrix
        {
            let reason = format!(
                "{path} has matrix {other}, estimated from its chroma, but the reference is \
                 converted from RGB by {matrix} for another encode: score it in a separate run"
            );
            *source = Err(EncodeFailure::other(reason));
        }
    }
    (converted(reference, matrix), conversions)
}

/// Sets the `matrix` of an encode, if it is RGB.
fn convert(encode: &mut Result<Box<dyn Source>, EncodeFailure>, matrix: Matrix) {
    // The failure is reported elsewhere.
    let source = std::mem::replace(encode, Err(EncodeFailure::other("")));
    *encode = source.map(|source| converted(source, matrix));
}

/// Returns true if a video states a matrix between it and RGB.
fn states_matrix(video: &StreamInfo) -> bool {
    !matches!(video.color.matrix.as_deref(), None | Some("gbr" | "rgb"))
}

/// Returns the matrix by which the stills `rgb` are converted to compare with `video`, and how it
/// is known.
fn choose_matrix(
    rgb: &StreamInfo,
    video: &StreamInfo,
    open_settings: &OpenSettings,
) -> (Matrix, MatrixSource) {
    if states_matrix(video) {
        // RGB can't be converted by an unknown matrix; comparing the videos reports that.
        let matrix = video.color.matrix.as_deref().and_then(Matrix::by_name);
        return (matrix.unwrap_or_default(), MatrixSource::Stated);
    }
    let can_be_opened_again = rgb.path != "-" && video.path != "-";
    let open = |info: &StreamInfo| open_settings.reopen(info).ok();
    let estimated = can_be_opened_again.then(|| estimate_matrix(open(rgb)?, open(video)?).ok()?);
    match estimated.flatten() {
        Some(matrix) => (matrix, MatrixSource::Estimated),
        None => (Matrix::default(), MatrixSource::Assumed),
    }
}

fn describe_conversion(matrix: Matrix, basis: MatrixSource, whose: &str) -> String {
    let why = match basis {
        MatrixSource::Stated => format!("{whose} matrix"),
        MatrixSource::Estimated => "estimated from chroma".to_owned(),
        MatrixSource::Assumed => "assumed".to_owned(),
    };
    format!("converted from RGB by {matrix} ({why})")
}
