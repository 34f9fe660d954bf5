//! Maps at other sizes.
//!
//! Place `i` of `n` along a side of `m` pixels stands for those from `i m / n` to `(i + 1) m / n`.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};

use super::plane::Map;

/// The pixels along a side that a place stands for: the first, and the covered part of each.
struct Span {
    first: usize,
    shares: Vec<f64>,
    /// The number of pixels covered.
    total: f64,
}

impl Span {
    /// The spans of each of `to` places along `from` pixels.
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
            let shares: Vec<f64> = (first..last).map(share).collect();
            let total = shares.iter().sum();
            Self { first, shares, total }
        };
        (0..to).map(span).collect()
    }
}

/// The means of `map` over the pixels that the places of a map of `width` by `height` stand for.
/// Means of ones are exactly 1.
pub(super) fn averaged(map: &Map, width: usize, height: usize) -> Map {
    if (map.width(), map.height()) == (width, height) {
        return map.clone();
    }
    let columns = Span::all(map.width(), width);
    let rows = Span::all(map.height(), height);
    let mut averaged = Map::uniform(width, height, 0.0);
    averaged.rows_mut().zip(&rows).for_each_init(
        || vec![0.0; map.width()],
        |down, (out, rows)| {
            down.fill(0.0);
            for (y, share) in (rows.first..).zip(&rows.shares) {
                add_row(down, map.row(y), *share);
            }
            average_columns(down, rows.total, &columns, |x| x, out);
        },
    );
    averaged
}

/// Adds a row's share to the sums of rows.
#[inline(always)]
fn add_row(sums: &mut [f64], row: &[f32], share: f64) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += share * f64::from(*value);
    }
}

/// Averages sums of rows, of shares of `total`, over `columns`; that of column `x` is at `place(x)`.
fn average_columns(
    sums: &[f64],
    total: f64,
    columns: &[Span],
    place: impl Fn(usize) -> usize,
    out: &mut [f32],
) {
    for (out, columns) in out.iter_mut().zip(columns) {
        let along = (columns.first..).zip(&columns.shares);
        let sum: f64 = along.map(|(x, share)| share * (sums[place(x)] / total)).sum();
        *out = (sum / columns.total) as f32;
    }
}

/// A map [averaged] row by row, so that the whole map need not be in memory.
pub(crate) struct RowAverages {
    columns: Vec<Span>,
    rows: Vec<Span>,
    /// The sums of the rows of the current place.
    sums: Vec<f64>,
    /// The number of rows so far, and of complete places.
    added: usize,
    complete: usize,
    averaged: Map,
}

impl RowAverages {
    /// Averages a map of the size `from` to a map of the size `to`, which is not larger.
    pub(crate) fn new(from: (usize, usize), to: (usize, usize)) -> Self {
        Self {
            columns: Span::all(from.0, to.0),
            rows: Span::all(from.1, to.1),
            sums: Vec::new(),
            added: 0,
            complete: 0,
            averaged: Map::uniform(to.0, to.1, 0.0),
        }
    }

    /// Adds the next row, in which column `x` is at `place(x)`, the same in all rows.
    #[inline(always)]
    pub(crate) fn add_row(&mut self, row: &[f32], place: impl Fn(usize) -> usize) {
        self.sums.resize(row.len(), 0.0);
        // A row between two places has a share in both.
        while let Some(rows) = self.rows.get(self.complete) {
            let share = self.added.checked_sub(rows.first).and_then(|k| rows.shares.get(k));
            let Some(share) = share else { break };
            add_row(&mut self.sums, row, *share);
            if self.added + 1 < rows.first + rows.shares.len() {
                break;
            }
            let out = self.averaged.row_mut(self.complete);
            average_columns(&self.sums, rows.total, &self.columns, &place, out);
            self.sums.fill(0.0);
            self.complete += 1;
        }
        self.added += 1;
    }

    /// The map, after all rows were added.
    pub(crate) fn into_map(self) -> Map {
        self.averaged
    }
}

/// Adds `map` times `factor` to `sum`, at the size of `sum`: averaged along a side that is smaller
/// there, and linearly interpolated along one that is larger.
pub(crate) fn add_resampled(map: &Map, factor: f32, sum: &mut Map) {
    let (width, height) = (map.width().min(sum.width()), map.height().min(sum.height()));
    if (width, height) == (map.width(), map.height()) {
        add_enlarged(map, factor, sum);
    } else {
        add_enlarged(&averaged(map, width, height), factor, sum);
    }
}

/// Adds `map` times `factor` to `sum`, which is not smaller, with linear interpolation.
fn add_enlarged(map: &Map, factor: f32, sum: &mut Map) {
    let columns = between(map.width(), sum.width());
    let rows = between(map.height(), sum.height());
    sum.rows_mut().zip(&rows).for_each_init(
        || vec![0.0; map.width()],
        |down, (out, &(above, below, share))| {
            let (above, below) = (map.row(above), map.row(below));
            for ((down, above), below) in down.iter_mut().zip(above).zip(below) {
                *down = factor * (above + (below - above) * share);
            }
            for (out, &(left, right, share)) in out.iter_mut().zip(&columns) {
                *out += down[left] + (down[right] - down[left]) * share;
            }
        },
    );
}

/// For each of `to` pixels, the two nearest of `from` places and its position between them.
fn between(from: usize, to: usize) -> Vec<(usize, usize, f32)> {
    let place = |pixel: usize| {
        let place = (pixel as f64 + 0.5) * from as f64 / to as f64 - 0.5;
        let place = place.clamp(0.0, (from - 1) as f64);
        let first = place as usize;
        (first, (first + 1).min(from - 1), (place - first as f64) as f32)
    };
    (0..to).map(place).collect()
}

/// For each sample the mean of `value` over the samples at most one away, as many as there are.
pub(crate) fn smoothed(map: &Map, value: impl Fn(f32) -> f32 + Sync) -> Map {
    let (width, height) = (map.width(), map.height());
    let around = |place: usize, length: usize| place.saturating_sub(1)..(place + 2).min(length);
    let mut smoothed = Map::uniform(width, height, 0.0);
    smoothed.rows_mut().enumerate().for_each_init(
        || vec![0.0; width],
        |down, (y, out)| {
            let rows = around(y, height);
            let count = rows.len() as f32;
            down.fill(0.0);
            for y in rows {
                for (sum, sample) in down.iter_mut().zip(map.row(y)) {
                    *sum += value(*sample);
                }
            }
            for x in [0, width - 1] {
                let down = &down[around(x, width)];
                out[x] = down.iter().sum::<f32>() / (down.len() as f32 * count);
            }
            for (x, out) in out.iter_mut().enumerate().take(width - 1).skip(1) {
                *out = (down[x - 1] + down[x] + down[x + 1]) / (3.0 * count);
            }
        },
    );
    smoothed
}
