//! Maps at other sizes.
//!
//! Place `i` of `n` along a side of `m` pixels stands for those from `i m / n` to `(i + 1) m / n`.

use super::plane::Map;

/// The pixels along a side that a place stands for: the first, and how much of each one.
struct Span {
    first: usize,
    shares: Vec<f64>,
}

impl Span {
    /// Those of each of `to` places along `from` pixels.
    fn all(from: usize, to: usize) -> Vec<Self> {
        let step = from as f64 / to as f64;
        let span = |place: usize| {
            let (start, end) = (place as f64 * step, (place + 1) as f64 * step);
            let first = (start as usize).min(from - 1);
            let last = (end.ceil() as usize).clamp(first + 1, from);
            let share = |pixel: usize| {
                let (left, right) = (start.max(pixel as f64), end.min((pixel + 1) as f64));
                (right - left).max(0.0)
            };
            Self { first, shares: (first..last).map(share).collect() }
        };
        (0..to).map(span).collect()
    }

    /// The mean of what `value` gives for the pixels. Of ones it is exactly 1.
    fn mean(&self, value: impl Fn(usize) -> f64) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (index, share) in self.shares.iter().enumerate() {
            sum += share * value(self.first + index);
            total += share;
        }
        sum / total
    }
}

/// The means of `map` over what the places of a map of `width` by `height` stand for.
pub(super) fn averaged(map: &Map, width: usize, height: usize) -> Map {
    if (map.width(), map.height()) == (width, height) {
        return map.clone();
    }
    let columns = Span::all(map.width(), width);
    let across: Vec<f64> = (0..map.height())
        .flat_map(|y| {
            let row = map.row(y);
            columns.iter().map(move |span| span.mean(|x| f64::from(row[x])))
        })
        .collect();
    let rows = Span::all(map.height(), height);
    let values = rows.iter().flat_map(|span| {
        let across = &across;
        (0..width).map(move |x| span.mean(|y| across[y * width + x]) as f32)
    });
    Map::from_values(width, height, values)
}

/// Adds `map` times `factor` to `sum`, which is larger: in between, values change linearly.
pub(crate) fn add_enlarged(map: &Map, factor: f32, sum: &mut Map) {
    let columns = between(map.width(), sum.width());
    let rows = between(map.height(), sum.height());
    for (y, &(above, below, down)) in rows.iter().enumerate() {
        let (above, below) = (map.row(above), map.row(below));
        for (sum, &(left, right, along)) in sum.row_mut(y).iter_mut().zip(&columns) {
            let above = above[left] + (above[right] - above[left]) * along;
            let below = below[left] + (below[right] - below[left]) * along;
            *sum += factor * (above + (below - above) * down);
        }
    }
}

/// For each of `to` pixels the two of `from` places that are nearest, and how far it is from the
/// first to the second.
fn between(from: usize, to: usize) -> Vec<(usize, usize, f32)> {
    let place = |pixel: usize| {
        let place = (pixel as f64 + 0.5) * from as f64 / to as f64 - 0.5;
        let place = place.clamp(0.0, (from - 1) as f64);
        let first = place as usize;
        (first, (first + 1).min(from - 1), (place - first as f64) as f32)
    };
    (0..to).map(place).collect()
}

/// Each sample as the mean of those at most one away, as many as there are.
pub(crate) fn smoothed(map: &Map) -> Map {
    let mean = |value: &dyn Fn(usize) -> f32, place: usize, length: usize| {
        let places = place.saturating_sub(1)..(place + 2).min(length);
        let count = places.len() as f32;
        places.map(value).sum::<f32>() / count
    };
    let (width, height) = (map.width(), map.height());
    let places = || (0..width * height).map(|i| (i % width, i / width));
    let across: Vec<f32> = places().map(|(x, y)| mean(&|x| map.row(y)[x], x, width)).collect();
    let values = places().map(|(x, y)| mean(&|y| across[y * width + x], y, height));
    Map::from_values(width, height, values)
}
