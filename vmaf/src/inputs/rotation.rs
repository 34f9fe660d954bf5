//! Videos whose files state that they are displayed rotated or mirrored.
//!
//! If all are displayed with the same orientation, they are scored as they are stored. Otherwise
//! all are rotated as they are displayed. Since files may be wrong, pictures then have to prove
//! that both show the same way up.

use vmaf_media::conform::{detect_rotation, oriented};
use vmaf_media::{Error, Mismatch, Orientation, Source, StreamInfo};

use super::OpenSettings;
use super::matrix::EncodeSource;
use crate::error::Result;
use crate::failure::EncodeFailure;

/// Rotates the videos so that they have one orientation. An encode that can't be rotated has
/// failed.
pub(super) fn unify_orientation(
    mut reference: Box<dyn Source>,
    encodes: &mut [EncodeSource<'_>],
    open_settings: &OpenSettings,
) -> Result<Box<dyn Source>> {
    if open_settings.conform.is_none() {
        return Ok(reference);
    }
    let stored = reference.info().clone();
    let own = stored.orientation;
    let is_rotated_differently = |(_, encode): &EncodeSource<'_>| {
        let other = encode.as_ref().map(|encode| encode.info().orientation);
        other.is_ok_and(|other| other != own && other.is_exact())
    };
    let target = if own.is_exact() && encodes.iter().any(is_rotated_differently) {
        Orientation::UPRIGHT
    } else {
        own
    };
    reference = oriented(reference, target)?;
    for (_, encode) in encodes {
        // The failure is reported elsewhere.
        let source = std::mem::replace(encode, Err(EncodeFailure::other("")));
        *encode = source.and_then(|encode| {
            rotate_encode(encode, reference.info(), &stored, open_settings)
                .map_err(EncodeFailure::from)
        });
    }
    Ok(reference)
}

/// Returns `encode`, rotated as `reference` is; `stored` describes the reference as it is stored.
fn rotate_encode(
    encode: Box<dyn Source>,
    reference: &StreamInfo,
    stored: &StreamInfo,
    open_settings: &OpenSettings,
) -> Result<Box<dyn Source>> {
    let stated = encode.info().orientation;
    let encode = oriented(encode, reference.orientation)?;
    let info = encode.info();
    let is_checked =
        open_settings.conform.as_ref().is_some_and(|conforming| conforming.check_geometry);
    let can_be_opened_again = [info, reference].iter().all(|info| info.path != "-");
    if stated == stored.orientation || !is_checked || !can_be_opened_again {
        return Ok(encode);
    }
    let (one, other) = (open_settings.reopen(reference)?, open_settings.reopen(info)?);
    let Some(turn) = detect_rotation(one, other)? else { return Ok(encode) };
    let finding = if info.applied_rotation.then(turn) == reference.applied_rotation {
        "but its picture is stored the same way as the reference's".to_owned()
    } else {
        format!("but would then have to be {turn} to match the reference")
    };
    let reason = format!(
        "is to be {stated} for display, the reference {}, {finding}: one display matrix is wrong \
         (ffmpeg -display_rotation 0 -i IN -c copy OUT removes it)",
        stored.orientation
    );
    let (path, what) = (info.path.clone(), Mismatch::Rotation);
    Err(Error::Mismatch { path, what, reason: reason.into() }.into())
}
