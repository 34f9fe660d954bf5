//! Aligns whole videos: which frame of the encode shows each frame of the reference.
//!
//! The cheapest way through both, frame by frame, in which each step pairs a frame of one with a
//! frame of the other or passes one over (Needleman and Wunsch 1970), within reach of the frame that
//! is shown at the same time. A pair costs by how much more it misfits than either frame
//! misfits any other, in units of that, and no more than passing over both does: frames that are only ruined stay paired. Where nothing moves all pairs cost the same, and none is passed over.
//!
//! Unlike the matcher's, misfits are of pictures as they are: what is around a frame differs where
//! frames are lacking. Only what the encode is brighter or darker by on the whole is subtracted.

use serde::{Deserialize, Serialize};

use super::signature::{PARTS, STEPS};
use super::trace::{Left, distance, mean_square};
use super::{Sight, reach};

/// Steps to a level of 8 bits: squares of differences, summed over a picture, then fit 31 bits.
const COARSE: f32 = 8.0;

/// What a frame costs that is passed over, one that is left at the end, and a pair at most.
const PASSED_OVER: f32 = 8.0;
const LEFT_OVER: f32 = 2.0;
const MOST: f32 = 12.0;

/// The least unit, a mean square in levels of 8 bits.
const LEAST_MISFIT: f64 = 0.02;

/// The pairs of two videos' frames that show the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The frame of the reference and that of the encode, in order.
    pub pairs: Vec<[u64; 2]>,
    /// Where frames have no counterpart.
    pub changes: Vec<Change>,
}

/// Frames without a counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The frame of the reference, and of the encode, where they would be.
    pub at: [u64; 2],
    /// How many of the reference's the encode lacks.
    pub lacking: u64,
    /// How many the encode has that the reference lacks: repeated or added ones.
    pub added: u64,
}

/// A step to a node, from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Pair,
    PassReference,
    PassEncode,
}

/// The nodes of a row that are within reach: after so many frames of the encode.
#[derive(Debug, Clone, Copy)]
struct Band {
    first: usize,
    last: usize,
}

/// Aligns the videos whose frames were seen as `reference` and `encode`; the reference has
/// `frame_rate` frames a second.
#[must_use]
pub fn path(reference: &[Sight], encode: &[Sight], frame_rate: Option<f64>) -> Path {
    let bands = bands(reference, encode, reach(frame_rate));
    let (dark, light) = (means(reference), means(encode));
    let none = [0.0; PARTS];
    let brighter: [f32; PARTS] = std::array::from_fn(|part| light[part] - dark[part]);
    let reference = without(reference, &none);
    let encode = without(encode, &brighter);
    let least = least_misfits(&reference, &encode, &bands);
    let steps = steps(&reference, &encode, &bands, &least);
    let mut path = Path { pairs: Vec::new(), changes: Vec::new() };
    let mut at = [0_u64; 2];
    let mut change = Change { at, lacking: 0, added: 0 };
    let ends = [reference.len() as u64, encode.len() as u64];
    for step in steps {
        match step {
            Step::Pair => {
                path.changes.extend(change.is_any().then_some(change));
                path.pairs.push(at);
                at = [at[0] + 1, at[1] + 1];
                change = Change { at, lacking: 0, added: 0 };
            }
            Step::PassReference => {
                at[0] += 1;
                change.lacking += 1;
            }
            Step::PassEncode => {
                at[1] += 1;
                change.added += 1;
            }
        }
    }
    // What is behind the last pair.
    change.lacking = ends[0] - change.at[0];
    change.added = ends[1] - change.at[1];
    path.changes.extend(change.is_any().then_some(change));
    path
}

impl Change {
    fn is_any(&self) -> bool {
        self.lacking > 0 || self.added > 0
    }
}

/// The mean brightness of each part of the picture, in levels of 8 bits.
fn means(sights: &[Sight]) -> [f32; PARTS] {
    let mut sums = [0.0; PARTS];
    for sight in sights {
        for (sum, part) in sums.iter_mut().zip(sight.signature.0) {
            *sum += f64::from(part);
        }
    }
    sums.map(|sum| (sum / sights.len().max(1) as f64) as f32 / STEPS)
}

/// The signatures with `brighter` subtracted from each part.
fn without(sights: &[Sight], brighter: &[f32; PARTS]) -> Vec<Left> {
    let of = |sight: &Sight| -> Left {
        std::array::from_fn(|part| {
            let level = f32::from(sight.signature.0[part]) / STEPS - brighter[part];
            (level * COARSE).round() as i16
        })
    };
    sights.iter().map(of).collect()
}

/// For each number of frames of the reference, how many of the encode may go with it.
fn bands(reference: &[Sight], encode: &[Sight], reach: usize) -> Vec<Band> {
    let times = |sights: &[Sight]| -> Option<Vec<f64>> {
        let first = sights.first()?.time?;
        sights.iter().map(|sight| Some(sight.time? - first)).collect()
    };
    let times = times(reference).zip(times(encode));
    let count = encode.len();
    let mut nearest = 0;
    let band = |index: usize| {
        let middle = match &times {
            Some((reference, encode)) if index < reference.len() => {
                while nearest + 1 < count && encode[nearest] < reference[index] {
                    nearest += 1;
                }
                nearest
            }
            Some(_) => nearest + 1,
            None => index,
        };
        let first = middle.saturating_sub(reach).min(count);
        Band { first, last: (middle + reach).min(count) }
    };
    (0..=reference.len()).map(band).collect()
}

/// How little each frame of the reference misfits any within reach, and each of the encode.
fn least_misfits(reference: &[Left], encode: &[Left], bands: &[Band]) -> [Vec<i64>; 2] {
    let mut least = [vec![i64::MAX; reference.len()], vec![i64::MAX; encode.len()]];
    for (row, (left, band)) in reference.iter().zip(bands).enumerate() {
        for node in band.first..band.last {
            let misfit = distance(left, &encode[node]);
            least[0][row] = least[0][row].min(misfit);
            least[1][node] = least[1][node].min(misfit);
        }
    }
    least
}

/// The steps of the cheapest way, from the beginning to where the first video ends.
fn steps(reference: &[Left], encode: &[Left], bands: &[Band], least: &[Vec<i64>; 2]) -> Vec<Step> {
    let level = |sum: i64| mean_square(sum, 1, COARSE);
    let mut choices: Vec<Vec<Step>> = Vec::with_capacity(bands.len());
    let mut costs: Vec<f32> = Vec::new();
    // The cheapest node at which the encode has ended, and what it costs.
    let mut best = (f32::INFINITY, 0, 0);
    for (row, band) in bands.iter().enumerate() {
        let before = std::mem::take(&mut costs);
        let above = row.checked_sub(1).map(|above| bands[above]);
        let cost_above = |node: usize| {
            let band = above.filter(|band| (band.first..=band.last).contains(&node));
            band.map_or(f32::INFINITY, |band| before[node - band.first])
        };
        let mut chosen = Vec::with_capacity(band.last - band.first + 1);
        for node in band.first..=band.last {
            let pass_encode =
                if node > band.first { costs[node - band.first - 1] } else { f32::INFINITY };
            let mut choice = (pass_encode + PASSED_OVER, Step::PassEncode);
            let pass_reference = cost_above(node) + PASSED_OVER;
            if pass_reference < choice.0 {
                choice = (pass_reference, Step::PassReference);
            }
            if row > 0 && node > 0 {
                let so_far = cost_above(node - 1);
                if so_far < choice.0 {
                    let misfit = distance(&reference[row - 1], &encode[node - 1]);
                    let unit = level(least[0][row - 1].min(least[1][node - 1])).max(LEAST_MISFIT);
                    let cost = so_far + ((level(misfit) / unit) as f32 - 1.0).clamp(0.0, MOST);
                    // Of two ways that cost the same the one that pairs is taken.
                    if cost <= choice.0 {
                        choice = (cost, Step::Pair);
                    }
                }
            }
            if row == 0 && node == 0 {
                choice.0 = 0.0;
            }
            costs.push(choice.0);
            chosen.push(choice.1);
        }
        choices.push(chosen);
        // What is left of one when the other ends costs less than what is passed over before.
        let is_last = row + 1 == bands.len();
        let ends = if is_last { band.first..band.last + 1 } else { band.last..band.last + 1 };
        for node in ends.filter(|node| is_last || *node == encode.len()) {
            let left = (bands.len() - 1 - row) + (encode.len() - node);
            let cost = costs[node - band.first] + LEFT_OVER * left as f32;
            if cost < best.0 {
                best = (cost, row, node);
            }
        }
    }
    let (_, mut row, mut node) = best;
    let mut steps = Vec::new();
    while row > 0 || node > 0 {
        let step = choices[row][node - bands[row].first];
        match step {
            Step::Pair => (row, node) = (row - 1, node - 1),
            Step::PassReference => row -= 1,
            Step::PassEncode => node -= 1,
        }
        steps.push(step);
    }
    steps.reverse();
    steps
}
