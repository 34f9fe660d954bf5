//! The matrix that stills of RGB are converted by: that of the video beside them.
//!
//! FFmpeg makes BT.601 of a PNG and does not say so, cameras and editors make BT.709; by the wrong
//! one a good encode looks as if its colours were off.

use vmaf_core::Chroma;
use vmaf_media::conform::{converted, estimate_matrix};
use vmaf_media::{Matrix, Source, StreamInfo};

use super::Opening;
use crate::error::Result;
use crate::failure::EncodeFailure;

/// An encode's path, and its source where it could be opened.
pub(super) type Opened<'a> = (&'a str, Result<Box<dyn Source>, EncodeFailure>);

/// The conversions of RGB, in words: of the reference and of each encode.
pub(super) struct Conversions {
    pub(super) reference: Option<String>,
    pub(super) encodes: Vec<Option<String>>,
}

/// The source of a conversion's matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Basis {
    Stated,
    Estimated,
    Assumed,
}

/// Has stills of RGB among the videos converted by the matrix of what they are beside. An encode that
/// is of another matrix than the one that the reference is converted by for an earlier one, has
/// failed.
pub(super) fn settle(
    reference: Box<dyn Source>,
    encodes: &mut [Opened<'_>],
    opening: &Opening,
) -> (Box<dyn Source>, Conversions) {
    let mut told = Conversions { reference: None, encodes: vec![None; encodes.len()] };
    if opening.conforming.is_none() {
        return (reference, told);
    }
    let info = reference.info().clone();
    if !info.rgb {
        for ((_, source), told) in encodes.iter_mut().zip(&mut told.encodes) {
            let Some(own) = source.as_ref().ok().map(|source| source.info()).filter(|own| own.rgb)
            else {
                continue;
            };
            let (matrix, basis) = known(own, &info, opening);
            convert(source, matrix);
            *told = Some(words(matrix, basis, "the reference's"));
        }
        return (reference, told);
    }
    // What states its matrix decides before what has to be looked at.
    let videos = encodes.iter().filter_map(|(_, source)| source.as_ref().ok());
    let videos: Vec<StreamInfo> = videos
        .map(|source| source.info())
        .filter(|info| !info.rgb && info.format.chroma() != Chroma::Mono)
        .cloned()
        .collect();
    let stating = videos.iter().find(|video| states(video));
    let Some(first) = stating.or(videos.first()) else {
        return (reference, told);
    };
    let (matrix, basis) = known(&info, first, opening);
    told.reference = Some(words(matrix, basis, "the encode's"));
    for (path, source) in encodes {
        convert(source, matrix);
        let Ok(opened) = source else { continue };
        let info_of = opened.info();
        if info_of.rgb || states(info_of) || info_of.format.chroma() == Chroma::Mono {
            continue;
        }
        if let (other, Basis::Estimated) = known(&info, info_of, opening)
            && other != matrix
        {
            let reason = format!(
                "{path} is of {other}, as its chroma tells, and the reference is converted from \
                 RGB by {matrix} for another encode: score it in a run of its own"
            );
            *source = Err(EncodeFailure::other(reason));
        }
    }
    (converted(reference, matrix), told)
}

/// Has an encode converted by `matrix` if it is RGB.
fn convert(encode: &mut Result<Box<dyn Source>, EncodeFailure>, matrix: Matrix) {
    // Others find the failure in its place.
    let taken = std::mem::replace(encode, Err(EncodeFailure::other("")));
    *encode = taken.map(|source| converted(source, matrix));
}

/// Returns true if a video states a matrix between it and RGB.
fn states(video: &StreamInfo) -> bool {
    !matches!(video.color.matrix.as_deref(), None | Some("gbr" | "rgb"))
}

/// The matrix by which the stills `rgb` are converted beside `video`, and how it is known.
fn known(rgb: &StreamInfo, video: &StreamInfo, opening: &Opening) -> (Matrix, Basis) {
    if states(video) {
        // By one that is not known here they can't be converted; comparing the videos tells.
        let matrix = video.color.matrix.as_deref().and_then(Matrix::by_name);
        return (matrix.unwrap_or_default(), Basis::Stated);
    }
    let can_be_opened_again = rgb.path != "-" && video.path != "-";
    let open = |info: &StreamInfo| opening.again(info).ok();
    let estimated = can_be_opened_again.then(|| estimate_matrix(open(rgb)?, open(video)?).ok()?);
    match estimated.flatten() {
        Some(matrix) => (matrix, Basis::Estimated),
        None => (Matrix::default(), Basis::Assumed),
    }
}

fn words(matrix: Matrix, basis: Basis, whose: &str) -> String {
    let why = match basis {
        Basis::Stated => format!("{whose} matrix"),
        Basis::Estimated => "estimated from chroma".to_owned(),
        Basis::Assumed => "assumed".to_owned(),
    };
    format!("converted from RGB by {matrix} ({why})")
}
