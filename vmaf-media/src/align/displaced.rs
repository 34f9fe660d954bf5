//! Single frames that show a neighbouring moment, as conversions of the frame rate leave them: a
//! frame is repeated, another is missing, and a little later everything is in order again.
//!
//! A frame is displaced if it fits a frame nearby far better than the one it is paired with. Frames
//! that are off by more than two are frozen: that is damage, not another moment.

/// The number of frames before and after its own that a frame is compared with.
pub(super) const NEARBY: i64 = 3;

/// The margin by which a frame's own counterpart fits worse than the best, as a factor and in
/// levels of 8 bits, squared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worse(f64, f64);

/// The margin from which pairs are reported as doubtful, and the one from which they are
/// reassigned.
pub(super) const FAR_WORSE: Worse = Worse(4.0, 0.05);
pub(super) const WORSE: Worse = Worse(1.25, 0.002);
/// The margin for frames that the encode repeats: in order, at most one of them is paired
/// correctly.
pub(super) const REPEATED: Worse = Worse(1.0, 0.0);

/// The most displaced frames in a row; more of them are a shift.
pub(super) const MOST_IN_A_ROW: usize = 64;

/// The least number of places with displaced frames, and their least share of all frames.
const PLACES: u32 = 4;
const SHARE: f64 = 0.01;

/// Returns the distance from the frame that a frame is paired with to the one that it shows; 0
/// unless its own fits `worse`. `misfit` returns the misfit of the frame at a distance, if there is
/// one.
pub(super) fn displacement(worse: Worse, misfit: impl Fn(i64) -> Option<f64>) -> i64 {
    let Worse(factor, at_least) = worse;
    let Some(own) = misfit(0).filter(|own| *own > at_least) else { return 0 };
    let others = (-NEARBY..=NEARBY).filter_map(|shift| Some((shift, misfit(shift)?)));
    let best = others.min_by(|a, b| a.1.total_cmp(&b.1));
    match best {
        Some((shift, least)) if own > factor * least + at_least => shift,
        _ => 0,
    }
}

/// Returns true if these displacements of consecutive frames are single frames out of place: not
/// frozen, and not a shift.
pub(super) fn is_out_of_place(displacements: impl ExactSizeIterator<Item = i64>) -> bool {
    let count = displacements.len();
    (1..=MOST_IN_A_ROW).contains(&count) && displacements.into_iter().all(|it| it.abs() < NEARBY)
}

/// Counts displaced frames.
#[derive(Debug, Default)]
pub(super) struct Displaced {
    /// The frame paired with the first of the current run, and the displacements of the run.
    from: u64,
    row: Vec<i64>,
    counts: Counts,
}

/// Numbers of displaced frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All frames that were compared.
    pub(super) compared: u64,
    /// Frames that show a neighbouring moment.
    pub(super) displaced: u64,
    /// The number of places with such frames.
    pub(super) places: u32,
    /// The number of frames that the encode repeats, and that it lacks.
    pub(super) repeated: u64,
    pub(super) lacking: u64,
}

impl Displaced {
    /// Adds the displacement of the frame paired with frame `index` of the reference, the next one.
    pub(super) fn push(&mut self, index: u64, displacement: i64) {
        self.counts.compared += 1;
        if displacement == 0 {
            return self.end_row();
        }
        if self.row.is_empty() {
            self.from = index;
        }
        // Longer runs don't count.
        if self.row.len() <= MOST_IN_A_ROW {
            self.row.push(displacement);
        }
    }

    /// Returns the counts, once all frames were compared.
    pub(super) fn finish(&mut self) -> Counts {
        self.end_row();
        self.counts
    }

    /// Counts the run of displaced frames that has ended.
    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if !is_out_of_place(row.iter().copied()) {
            return;
        }
        let (from, count) = (self.from as i64, row.len() as i64);
        self.counts.places += 1;
        self.counts.displaced += count as u64;
        let mut last = from - 1;
        let shown = (from..).zip(row).map(|(own, displacement)| own + displacement);
        for shown in shown.chain([from + count]) {
            self.counts.repeated += u64::from(shown <= last);
            self.counts.lacking += (shown - last - 1).max(0) as u64;
            last = last.max(shown);
        }
    }
}

impl Counts {
    /// Returns true if there are enough to doubt that pairs in order show the same.
    pub(super) fn are_many(&self) -> bool {
        let share = self.displaced as f64 / self.compared.max(1) as f64;
        self.places >= PLACES && share >= SHARE
    }
}
