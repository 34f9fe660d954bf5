//! Matroska and WebM: nested elements, each preceded by its identifier and size.

use std::io::{Read, Seek};

use super::{Crop, Presentation, Reader};
use crate::{Orientation, Rational};

const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const DISPLAY_WIDTH: u32 = 0x54b0;
const DISPLAY_HEIGHT: u32 = 0x54ba;
const DISPLAY_UNIT: u32 = 0x54b2;
const CROP_BOTTOM: u32 = 0x54aa;
const CROP_TOP: u32 = 0x54bb;
const CROP_LEFT: u32 = 0x54cc;
const CROP_RIGHT: u32 = 0x54dd;
const PROJECTION: u32 = 0x7670;
const PROJECTION_TYPE: u32 = 0x7671;
const YAW: u32 = 0x7673;
const PITCH: u32 = 0x7674;
const ROLL: u32 = 0x7675;

/// The type of a video track.
const IS_VIDEO: u64 = 1;

/// The unit of a display size that states nothing about it.
const UNKNOWN_UNIT: u64 = 4;

/// The start and end of an element's content.
type Bounds = (u64, u64);

impl<R: Read + Seek> Reader<R> {
    /// Returns the identifier and the content of the element at `place`, inside one that ends at
    /// `end`.
    fn element(&mut self, place: u64, end: u64) -> Option<(u32, Bounds)> {
        let (id, id_length) = self.number(place, 4)?;
        let (size, size_length) = self.number(place + id_length, 8)?;
        let inside = place + id_length + size_length;
        let all = (1 << (7 * size_length)) - 1;
        let size = size & all;
        // All ones mean an unknown size: the element ends where its parent ends.
        let element_end = if size == all { end } else { inside.checked_add(size)?.min(end) };
        Some((u32::try_from(id).ok()?, (inside, element_end.max(inside))))
    }

    /// Reads the variable-length number at `place` and returns it with its length in bytes: one
    /// more than the leading zeros of its first byte, but at most `limit`. The marker bit is kept.
    fn number(&mut self, place: u64, limit: u32) -> Option<(u64, u64)> {
        let [first] = self.at::<1>(place)?;
        let length = u64::from(first.leading_zeros()) + 1;
        if length > u64::from(limit) {
            return None;
        }
        Some((self.unsigned((place, place + length))?, length))
    }

    /// Returns the elements between two positions.
    fn elements(&mut self, (mut place, end): Bounds) -> Vec<(u32, Bounds)> {
        let mut elements = Vec::new();
        while place < end {
            let Some((id, inside)) = self.element(place, end) else { break };
            elements.push((id, inside));
            place = inside.1;
        }
        elements
    }

    /// Returns the content of the first element with an identifier.
    fn child(&mut self, wanted: u32, (mut place, end): Bounds) -> Option<Bounds> {
        while place < end {
            let (id, inside) = self.element(place, end)?;
            if id == wanted {
                return Some(inside);
            }
            place = inside.1;
        }
        None
    }

    /// Reads an unsigned integer.
    fn unsigned(&mut self, (from, to): Bounds) -> Option<u64> {
        let mut value = 0;
        for place in from..to.min(from + 8) {
            let [byte] = self.at::<1>(place)?;
            value = value << 8 | u64::from(byte);
        }
        Some(value)
    }

    /// Reads a number of single or double precision.
    fn float(&mut self, (from, to): Bounds) -> Option<f64> {
        match to - from {
            0 => Some(0.0),
            4 => self.at(from).map(f32::from_be_bytes).map(f64::from),
            8 => self.at(from).map(f64::from_be_bytes),
            _ => None,
        }
    }
}

/// Returns the video tracks of a file.
pub(super) fn tracks<R: Read + Seek>(
    reader: &mut Reader<R>,
    length: u64,
) -> Option<Vec<Presentation>> {
    let segment = reader.child(SEGMENT, (0, length))?;
    let tracks = reader.child(TRACKS, segment)?;
    let entries = reader.elements(tracks).into_iter().filter(|(id, _)| *id == TRACK_ENTRY);
    Some(entries.filter_map(|(_, entry)| track(reader, entry)).collect())
}

/// Returns a track, if it is a video track.
fn track<R: Read + Seek>(reader: &mut Reader<R>, entry: Bounds) -> Option<Presentation> {
    let kind = reader.child(TRACK_TYPE, entry)?;
    if reader.unsigned(kind)? != IS_VIDEO {
        return None;
    }
    let unknown = Presentation { id: None, orientation: Orientation::UPRIGHT, crop: None };
    let Some(video) = reader.child(VIDEO, entry) else { return Some(unknown) };
    let elements = reader.elements(video);
    let orientation = orientation(reader, &elements).unwrap_or_default();
    Some(Presentation { orientation, crop: crop(reader, &elements), ..unknown })
}

fn find(elements: &[(u32, Bounds)], wanted: u32) -> Option<Bounds> {
    elements.iter().find(|(id, _)| *id == wanted).map(|(_, inside)| *inside)
}

fn crop<R: Read + Seek>(reader: &mut Reader<R>, elements: &[(u32, Bounds)]) -> Option<Crop> {
    let mut value = |wanted| find(elements, wanted).and_then(|inside| reader.unsigned(inside));
    let of = (u32::try_from(value(PIXEL_WIDTH)?).ok()?, u32::try_from(value(PIXEL_HEIGHT)?).ok()?);
    let [left, right, top, bottom] =
        [CROP_LEFT, CROP_RIGHT, CROP_TOP, CROP_BOTTOM].map(|id| value(id).unwrap_or(0));
    let crop = Crop::new(of, [left, right], [top, bottom])?;
    // The display size applies to the cropped picture.
    let mut sample_aspect = None;
    if value(DISPLAY_UNIT).unwrap_or(0) < UNKNOWN_UNIT
        && let (Some(width), Some(height)) = (value(DISPLAY_WIDTH), value(DISPLAY_HEIGHT))
    {
        let num = width.checked_mul(u64::from(crop.part.height))?;
        let den = height.checked_mul(u64::from(crop.part.width))?;
        let common = greatest_divisor(num, den).max(1);
        let parts = [num / common, den / common].map(|part| u32::try_from(part).ok());
        sample_aspect = Rational::rate(parts[0]?, parts[1]?);
    }
    Some(Crop { sample_aspect, ..crop })
}

fn greatest_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

/// Returns the pose of a flat picture, if it has one: rotated around its own axis, and maybe seen
/// from behind.
fn orientation<R: Read + Seek>(
    reader: &mut Reader<R>,
    elements: &[(u32, Bounds)],
) -> Option<Orientation> {
    let elements = reader.elements(find(elements, PROJECTION)?);
    if let Some(kind) = find(&elements, PROJECTION_TYPE)
        && reader.unsigned(kind)? != 0
    {
        return None;
    }
    let mut angle = |wanted| match find(&elements, wanted) {
        Some(inside) => reader.float(inside),
        None => Some(0.0),
    };
    let (yaw, pitch, roll) = (angle(YAW)?, angle(PITCH)?, angle(ROLL)?);
    let is_behind = yaw.abs() == 180.0;
    ((yaw == 0.0 || is_behind) && pitch == 0.0 && roll.is_finite())
        .then(|| Orientation::new([is_behind, false], roll))
}
