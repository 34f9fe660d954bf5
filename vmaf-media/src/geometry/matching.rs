//! Finds pieces of one signal in another, and the line on which most of them lie.

use super::Line;

/// The approximate number of samples to which signals are averaged for a far search.
const COARSE_SAMPLES: usize = 256;

/// The distance of a far search, as a fraction of the length.
const FAR_REACH: f64 = 0.12;

/// The number of samples at either end of a signal that no piece includes: there is nothing to
/// compare beyond.
const MARGIN: usize = 2;

/// The least mean square of a conclusive piece, in levels of 8 bits.
const MIN_ENERGY: f32 = 0.1;

/// The least correlation of a piece that fits.
const MIN_CORRELATION: f32 = 0.85;

/// The least margin of the best place over others at least so many samples away: their
/// dissimilarity must exceed the best one's by this factor and this addend. The first entry demands
/// precision, the second that the place is unique.
const MARGINS: [(usize, f32, f32); 2] = [(2, 1.5, 0.01), (3, 2.0, 0.08)];

/// The greatest distance of a piece from the line, in samples; the least number of pieces on a
/// line, and their least share of the conclusive ones; and the least part of the axis they span.
const MAX_DISTANCE: f64 = 0.6;
const MIN_PIECES: usize = 8;
const MIN_SHARE: f64 = 0.6;
const MIN_SPREAD: f64 = 0.4;

/// The unmoved line is preferred if it has at least this fraction of the best line's pieces.
const UNMOVED_SHARE: f64 = 0.6;

/// A conclusive piece: its position in the reference, and its distance from there in the encode,
/// in samples of the reference.
#[derive(Debug, Clone, Copy)]
struct Piece {
    position: f64,
    shift: f64,
}

/// Returns the line near `line` on which the encode's signals fit the reference's best, if it can
/// be determined; `far` extends the search to about an eighth of the length.
pub(super) fn fit_line(
    reference: &[Vec<f32>],
    encode: &[Vec<f32>],
    line: Line,
    far: bool,
) -> Option<Line> {
    let length = reference.first()?.len();
    let every = length.div_ceil(COARSE_SAMPLES).max(1);
    let mut line = line;
    if far {
        let reach = (FAR_REACH * length as f64 / every as f64).ceil() as usize;
        line = refined_line(reference, encode, line, every, reach)?;
    }
    if every > 1 || !far {
        line = refined_line(reference, encode, line, 1, 2 * every + 2)?;
    }
    Some(line)
}

/// Returns the line on which signals fit, searched within `reach` of `line`, in means of `every`
/// samples.
fn refined_line(
    reference: &[Vec<f32>],
    encode: &[Vec<f32>],
    line: Line,
    every: usize,
    reach: usize,
) -> Option<Line> {
    let mut pieces = Vec::new();
    let mut length = 0;
    for (reference, encode) in reference.iter().zip(encode) {
        let (encode, inside) = resampled(encode, line, reference.len());
        length = reference.len();
        let signals = [&reference[..], &encode[..]].map(|signal| detail(&averaged(signal, every)));
        let inside = inside.start.div_ceil(every)..inside.end / every;
        find_pieces(&signals, inside, reach, &mut pieces);
    }
    let (zoom, shift) = consensus(&pieces, length as f64 / every as f64)?;
    let shift = shift * every as f64;
    Some(Line { scale: line.scale * (1.0 - zoom), offset: line.offset - line.scale * shift })
}

/// Resamples the encode's signal to the reference's positions; the range is the part inside the
/// encode.
fn resampled(signal: &[f32], line: Line, length: usize) -> (Vec<f32>, std::ops::Range<usize>) {
    let last = signal.len().saturating_sub(1);
    let at = |index: usize| line.at(index as f64 + 0.5) - 0.5;
    let sample = |index: usize| {
        let position = at(index).clamp(0.0, last as f64);
        let left = position as usize;
        let part = (position - left as f64) as f32;
        signal[left] * (1.0 - part) + signal[(left + 1).min(last)] * part
    };
    let is_inside = |index: &usize| (-0.5..=last as f64 + 0.5).contains(&at(*index));
    let start = (0..length).find(is_inside).unwrap_or(length);
    let end = (start..length).rev().find(is_inside).map_or(start, |end| end + 1);
    ((0..length).map(sample).collect(), start..end)
}

/// Returns the means of `every` samples.
fn averaged(signal: &[f32], every: usize) -> Vec<f32> {
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    if every == 1 { signal.to_vec() } else { signal.chunks_exact(every).map(mean).collect() }
}

/// Returns a signal without its slow changes and its finest detail.
fn detail(signal: &[f32]) -> Vec<f32> {
    let (fine, slow) = (means(signal, 1), means(signal, 10));
    fine.into_iter().zip(slow).map(|(fine, slow)| fine - slow).collect()
}

/// Returns the mean around each sample, over `radius` neighbours on either side.
fn means(signal: &[f32], radius: usize) -> Vec<f32> {
    let mut sums = Vec::with_capacity(signal.len() + 1);
    sums.push(0.0_f64);
    let mut sum = 0.0;
    for sample in signal {
        sum += f64::from(*sample);
        sums.push(sum);
    }
    let mean = |index: usize| {
        let from = index.saturating_sub(radius);
        let to = (index + radius + 1).min(signal.len());
        ((sums[to] - sums[from]) / (to - from) as f64) as f32
    };
    (0..signal.len()).map(mean).collect()
}

/// Adds the pieces of the encode's signal, from `inside`, with a conclusive position in the
/// reference's.
fn find_pieces(
    [reference, encode]: &[Vec<f32>; 2],
    inside: std::ops::Range<usize>,
    reach: usize,
    pieces: &mut Vec<Piece>,
) {
    let length = reference.len();
    let long = (length / 8).clamp(24, 128);
    let (first, end) = (inside.start.max(MARGIN), inside.end.min(length.saturating_sub(MARGIN)));
    if first + long > end {
        return;
    }
    // The pieces are evenly spaced, and overlap by about half.
    let count = (2 * (end - first) / long).saturating_sub(1).max(1);
    for index in 0..count {
        let start = first + (end - long - first) * index / count.saturating_sub(1).max(1);
        let piece = &encode[start..start + long];
        let places = start.saturating_sub(reach)..(start + reach).min(length - long) + 1;
        let Some(place) = place_of(piece, reference, places) else { continue };
        let shift = place - start as f64;
        pieces.push(Piece { position: place + long as f64 / 2.0, shift });
    }
}

/// Returns the position of a piece in the reference's signal, if it is conclusive.
fn place_of(piece: &[f32], signal: &[f32], places: std::ops::Range<usize>) -> Option<f64> {
    let energy = dot(piece, piece);
    if energy < MIN_ENERGY * piece.len() as f32 {
        return None;
    }
    let fits: Vec<f32> = places
        .clone()
        .map(|place| {
            let other = &signal[place..place + piece.len()];
            dot(piece, other) / (energy * dot(other, other)).sqrt().max(f32::MIN_POSITIVE)
        })
        .collect();
    let best = (0..fits.len()).max_by(|a, b| fits[*a].total_cmp(&fits[*b]))?;
    let (Some(before), Some(after)) = (best.checked_sub(1), fits.get(best + 1)) else {
        return None;
    };
    let (before, fit, after) = (fits[before], fits[best], *after);
    let is_worse = |(apart, times, more): &(usize, f32, f32)| {
        let elsewhere = (0..fits.len()).filter(|place| place.abs_diff(best) >= *apart);
        let next = elsewhere.map(|place| fits[place]).fold(-1.0, f32::max);
        1.0 - next >= times * (1.0 - fit) + more
    };
    if fit < MIN_CORRELATION || !MARGINS.iter().all(is_worse) {
        return None;
    }
    let bend = 2.0 * fit - before - after;
    let between = if bend > f32::EPSILON { (after - before) / (2.0 * bend) } else { 0.0 };
    Some((places.start + best) as f64 + f64::from(between))
}

/// Returns the dot product, summed in lanes, which the compiler vectorises.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 8;
    let mut lanes = [0.0_f32; LANES];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Returns the zoom and the shift on which most pieces agree: `shift = zoom * position + shift`.
fn consensus(pieces: &[Piece], length: f64) -> Option<(f64, f64)> {
    let needed = MIN_PIECES.max((MIN_SHARE * pieces.len() as f64).ceil() as usize);
    if pieces.len() < needed {
        return None;
    }
    let near = |(zoom, shift): (f64, f64)| {
        pieces.iter().filter(move |piece| {
            (zoom * piece.position + shift - piece.shift).abs() <= MAX_DISTANCE
        })
    };
    let mut best: Option<(usize, (f64, f64))> = None;
    for (index, one) in pieces.iter().enumerate() {
        for other in &pieces[index + 1..] {
            let apart = other.position - one.position;
            if apart.abs() < length * MIN_SPREAD {
                continue;
            }
            let zoom = (other.shift - one.shift) / apart;
            let line = (zoom, one.shift - zoom * one.position);
            if zoom.abs() > 2.0 * FAR_REACH {
                continue;
            }
            let count = near(line).count();
            if best.is_none_or(|(most, _)| count > most) {
                best = Some((count, line));
            }
        }
    }
    // Prefer the unmoved line unless another fits clearly better.
    if let Some((most, line)) = &mut best {
        let in_place = near((0.0, 0.0)).count();
        if in_place as f64 >= UNMOVED_SHARE * *most as f64 {
            (*most, *line) = (in_place, (0.0, 0.0));
        }
    }
    let (count, line) = best.filter(|(count, _)| *count >= needed)?;
    let count = count as f64;
    let mean = |of: fn(&Piece) -> f64| near(line).map(of).sum::<f64>() / count;
    let (position, shift) = (mean(|piece| piece.position), mean(|piece| piece.shift));
    let (mut product, mut square) = (0.0, 0.0);
    for piece in near(line) {
        product += (piece.position - position) * (piece.shift - shift);
        square += (piece.position - position).powi(2);
    }
    let zoom = if square > 0.0 { product / square } else { 0.0 };
    Some((zoom, shift - zoom * position))
}
