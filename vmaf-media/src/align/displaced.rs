//! Single frames that show a moment beside their own, as conversions of the frame rate leave them:
//! a frame is repeated, another one lacking, and a little later all is in order again.
//!
//! A frame is displaced where it fits a frame nearby far better than the one it is paired with.
//! Frames that lag by more than two are frozen: that is damage, and no other moment.

/// How many frames before and after its own a frame is compared with.
pub(super) const NEARBY: i64 = 3;

/// By how much a frame's own fits worse than the best, as a factor and in levels of 8 bits, squared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worse(f64, f64);

/// Where that is a reason to doubt the pairs, and where they are in doubt.
pub(super) const FAR_WORSE: Worse = Worse(4.0, 0.05);
pub(super) const WORSE: Worse = Worse(1.25, 0.002);
/// The same for frames that the encode repeats: in order, at most one of them is paired rightly.
pub(super) const REPEATED: Worse = Worse(1.0, 0.0);

/// The most displaced frames in a row; more of them are a shift.
pub(super) const MOST_IN_A_ROW: usize = 64;

/// At how many places frames have to be displaced, and what share of all frames.
const PLACES: u32 = 4;
const SHARE: f64 = 0.01;

/// By how many frames the frame that is shown is another than the one it is paired with: 0 where
/// its own doesn't fit `worse`. `misfit` gives the misfit of a frame so many frames away, where there
/// is one.
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

/// Whether frames in a row that are displaced so much are single frames out of place: not frozen,
/// and not shifted altogether.
pub(super) fn is_out_of_place(displacements: impl ExactSizeIterator<Item = i64>) -> bool {
    let count = displacements.len();
    (1..=MOST_IN_A_ROW).contains(&count) && displacements.into_iter().all(|it| it.abs() < NEARBY)
}

/// Counts displaced frames.
#[derive(Debug, Default)]
pub(super) struct Displaced {
    /// The frame paired with the first of the latest ones in a row, and by how much each is.
    from: u64,
    row: Vec<i64>,
    counts: Counts,
}

/// How many frames are displaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All frames that were compared.
    pub(super) compared: u64,
    /// Those that show a moment beside their own.
    pub(super) displaced: u64,
    /// At how many places.
    pub(super) places: u32,
    /// How often the encode repeats a frame, and how many frames it lacks.
    pub(super) repeated: u64,
    pub(super) lacking: u64,
}

impl Displaced {
    /// Takes the displacement of the frame paired with frame `index` of the reference, the next.
    pub(super) fn push(&mut self, index: u64, displacement: i64) {
        self.counts.compared += 1;
        if displacement == 0 {
            return self.end_row();
        }
        if self.row.is_empty() {
            self.from = index;
        }
        // Those that are longer don't count.
        if self.row.len() <= MOST_IN_A_ROW {
            self.row.push(displacement);
        }
    }

    /// The counts, once all frames were compared.
    pub(super) fn finish(&mut self) -> Counts {
        self.end_row();
        self.counts
    }

    /// Counts the row of displaced frames that is over.
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
    /// Whether they are a reason to doubt that pairs in order show the same.
    pub(super) fn are_many(&self) -> bool {
        let share = self.displaced as f64 / self.compared.max(1) as f64;
        self.places >= PLACES && share >= SHARE
    }
}
