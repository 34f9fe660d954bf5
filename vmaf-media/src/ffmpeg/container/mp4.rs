//! MP4 and QuickTime: nested boxes, each preceded by its size and type.

use std::io::{Read, Seek};

use super::{Crop, Presentation, Reader};
use crate::{Orientation, Rational};

/// The start and end of a box's content.
type Bounds = (u64, u64);

/// The number of bytes of fields in a video sample description before its boxes.
const FIELDS: u64 = 78;

impl<R: Read + Seek> Reader<R> {
    /// Returns the type and the content of the box at `place`, inside one that ends at `end`.
    fn boxed(&mut self, place: u64, end: u64) -> Option<([u8; 4], Bounds)> {
        let size = u64::from(self.u32(place)?);
        let kind = self.at(place + 4)?;
        let (header, size) = match size {
            0 => (8, end - place),
            1 => (16, self.at(place + 8).map(u64::from_be_bytes)?),
            size => (8, size),
        };
        (size >= header).then_some(())?;
        let box_end = place.checked_add(size)?.min(end);
        Some((kind, (place + header, box_end)))
    }

    /// Returns the contents of all boxes of a type, in order.
    fn all(&mut self, wanted: &[u8; 4], (mut place, end): Bounds) -> Vec<Bounds> {
        let mut found = Vec::new();
        while place + 8 <= end {
            let Some((kind, inside)) = self.boxed(place, end) else { break };
            if kind == *wanted {
                found.push(inside);
            }
            place = inside.1;
        }
        found
    }

    /// Returns the content of the first box of a type.
    fn find(&mut self, wanted: &[u8; 4], (mut place, end): Bounds) -> Option<Bounds> {
        while place + 8 <= end {
            let (kind, inside) = self.boxed(place, end)?;
            if kind == *wanted {
                return Some(inside);
            }
            place = inside.1;
        }
        None
    }

    /// Reads a, b, c and d of the matrix at `place`.
    fn matrix(&mut self, place: u64) -> Option<[i32; 4]> {
        let [a, b, c, d] = [0, 4, 12, 16].map(|offset| self.i32(place + offset));
        Some([a?, b?, c?, d?])
    }
}

/// Returns the video tracks of a file.
pub(super) fn tracks<R: Read + Seek>(
    reader: &mut Reader<R>,
    length: u64,
) -> Option<Vec<Presentation>> {
    let movie = reader.find(b"moov", (0, length))?;
    let header = reader.find(b"mvhd", movie)?.0;
    let is_long = reader.at::<1>(header)? == [1];
    let shown = reader.matrix(header + if is_long { 48 } else { 36 })?;
    let tracks = reader.all(b"trak", movie);
    Some(tracks.into_iter().filter_map(|bounds| track(reader, bounds, shown)).collect())
}

/// Returns a track, if it is a video track; `shown` is the matrix of the whole movie.
fn track<R: Read + Seek>(
    reader: &mut Reader<R>,
    bounds: Bounds,
    shown: [i32; 4],
) -> Option<Presentation> {
    let media = reader.find(b"mdia", bounds)?;
    let handler = reader.find(b"hdlr", media)?.0;
    if reader.at(handler + 8)? != *b"vide" {
        return None;
    }
    let header = reader.find(b"tkhd", bounds)?.0;
    let is_long = reader.at::<1>(header)? == [1];
    let (id, matrix) = if is_long { (20, 52) } else { (12, 40) };
    let id = reader.u32(header + id)?;
    let matrix = product(reader.matrix(header + matrix)?, shown);
    let orientation = Orientation::from_matrix(matrix);
    Some(Presentation { id: Some(id), orientation, crop: crop(reader, media) })
}

/// Returns the matrix that applies one matrix and then another.
fn product([a, b, c, d]: [i32; 4], [e, f, g, h]: [i32; 4]) -> [i32; 4] {
    let sum = |one: [i32; 2], other: [i32; 2]| {
        let sum = i64::from(one[0]) * i64::from(one[1]) + i64::from(other[0]) * i64::from(other[1]);
        (sum >> 16) as i32
    };
    [sum([a, e], [b, g]), sum([a, f], [b, h]), sum([c, e], [d, g]), sum([c, f], [d, h])]
}

/// Returns the crop of a track's first sample description.
fn crop<R: Read + Seek>(reader: &mut Reader<R>, media: Bounds) -> Option<Crop> {
    let path = [b"minf", b"stbl", b"stsd"];
    let (descriptions, end) = path.into_iter().try_fold(media, |at, kind| reader.find(kind, at))?;
    // The entries follow version, flags and count.
    let (_, (entry, end)) = reader.boxed(descriptions + 8, end)?;
    let inside = (entry + FIELDS, end);
    let aperture = reader.find(b"clap", inside)?.0;
    let [width, height] = [24, 26].map(|offset| reader.at(entry + offset).map(u16::from_be_bytes));
    let (width, height) = (u32::from(width?), u32::from(height?));
    let mut fractions = [[0; 2]; 4];
    for (index, number) in fractions.iter_mut().flatten().enumerate() {
        *number = i64::from(reader.i32(aperture + 4 * index as u64)?);
    }
    let [clean_width, clean_height, across, down] = fractions;
    let (across, down) =
        (left_out(width, clean_width, across)?, left_out(height, clean_height, down)?);
    let crop = Crop::new((width, height), across, down)?;
    let spacing = reader.find(b"pasp", inside).map(|(place, _)| place);
    let sample_aspect = spacing.and_then(|at| Rational::rate(reader.u32(at)?, reader.u32(at + 4)?));
    Some(Crop { sample_aspect, ..crop })
}

/// Returns the number of samples that a clean aperture leaves out at the start and end of `length`,
/// from its own length and the offset of its centre from the centre of the whole, both as
/// fractions. Samples that it covers partly are kept.
fn left_out(length: u32, clean: [i64; 2], offset: [i64; 2]) -> Option<[u64; 2]> {
    let [[clean, of], [offset, parts]] = [clean, offset].map(|fraction| fraction.map(i128::from));
    if of <= 0 || parts <= 0 || clean < 0 {
        return None;
    }
    let last = i128::from(length) - 1;
    // All quantities are scaled to a common denominator.
    let (middle, half, unit) =
        (last * of * parts + 2 * offset * of, (clean - of) * parts, 2 * of * parts);
    let [first, end] = [(middle - half) / unit, (middle + half) / unit];
    let before = u64::try_from(first).ok()?;
    Some([before, u64::try_from(last - end).ok()?])
}

#[cfg(test)]
mod tests {
    use super::left_out;

    #[test]
    fn a_clean_aperture_is_a_crop() {
        // In the middle, off it, and off by halves.
        assert_eq!(left_out(368, [360, 1], [0, 1]), Some([4, 4]));
        assert_eq!(left_out(368, [360, 1], [-4, 1]), Some([0, 8]));
        assert_eq!(left_out(368, [720, 2], [8, 2]), Some([8, 0]));
        assert_eq!(left_out(365, [360, 1], [1, 2]), Some([3, 2]));
        // Of an aperture that begins within a sample, that one is kept.
        assert_eq!(left_out(365, [360, 1], [0, 1]), Some([2, 3]));
        assert_eq!(left_out(368, [368, 1], [0, 1]), Some([0, 0]));
        // Beyond the picture, larger than it, or nonsense.
        for (clean, offset) in [
            ([360, 1], [5, 1]),
            ([360, 1], [-5, 1]),
            ([370, 1], [0, 1]),
            ([360, 0], [0, 1]),
            ([360, 1], [0, -1]),
            ([-360, 1], [0, 1]),
        ] {
            assert_eq!(left_out(368, clean, offset), None, "{clean:?} {offset:?}");
        }
        let large = i64::from(i32::MAX);
        assert_eq!(left_out(368, [large, 1], [large, large]), None);
    }
}
