//! The matrix that stills of RGB are converted by: that of the video beside them.
//!
//! FFmpeg makes BT.601 of a PNG and does not say so, cameras and editors make BT.709; by the wrong
//! one a good encode looks as if its colours were off.

use vmaf_core::Chroma;
use vmaf_media::conform::estimate_matrix;
use vmaf_media::{Matrix, Source, StreamInfo};

use super::Opening;
use crate::error::Result;
use crate::failure::EncodeFailure;

/// An encode's path, and its source where it could be opened.
pub(super) type Opened<'a> = (&'a str, Result<Box<dyn Source>, EncodeFailure>);

/// What RGB was converted by, in words: of the reference and of each encode.
pub(super) struct Conversions {
    pub(super) reference: Option<String>,
    pub(super) encodes: Vec<Option<String>>,
}

/// How the matrix of a conversion is known.
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
    reference: &mut Box<dyn Source>,
    encodes: &mut [Opened<'_>],
    opening: &Opening,
) -> Conversions {
    let mut told = Conversions { reference: None, encodes: vec![None; encodes.len()] };
    if opening.conforming.is_none() {
        return told;
    }
    let info = reference.info().clone();
    if !info.rgb {
        for ((_, source), told) in encodes.iter_mut().zip(&mut told.encodes) {
            let Some(source) = source.as_mut().ok().filter(|source| source.info().rgb) else {
                continue;
            };
            let (matrix, basis) = known(&source.info().clone(), &info, opening);
            source.convert_with(matrix);
            *told = Some(words(matrix, basis, "the reference's"));
        }
        return told;
    }
    // What states its matrix decides before what has to be looked at.
    let videos = encodes.iter().filter_map(|(_, source)| source.as_ref().ok());
    let videos: Vec<StreamInfo> = videos
        .map(|source| source.info())
        .filter(|info| !info.rgb && info.format.chroma() != Chroma::Mono)
        .cloned()
        .collect();
    let stating = videos.iter().find(|video| states(video));
    let Some(first) = stating.or(videos.first()) else { return told };
    let (matrix, basis) = known(&info, first, opening);
    reference.convert_with(matrix);
    told.reference = Some(words(matrix, basis, "the encode's"));
    for (path, source) in encodes {
        let Ok(opened) = source else { continue };
        opened.convert_with(matrix);
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
    told
}

/// Whether a video states a matrix between it and RGB.
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
    let estimated = can_be_opened_again.then(|| {
        let (mut rgb, mut video) = (open(rgb)?, open(video)?);
        estimate_matrix(&mut *rgb, &mut *video).ok()?
    });
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
