//! Single frames that show a neighbouring moment, as conversions of the frame rate leave them: a
//! frame is repeated, another is missing, and a little later everything is in order again.
//!
//! A frame is displaced if it fits a frame nearby far better than the one it is paired with. Frames
//! that are off by more than two are frozen: that is damage, not another moment.

/// The number of frames before and after its own that a frame is compared with.
pub(super) const NEARBY_FRAMES: i64 = 3;

/// The margin by which a frame's own counterpart fits worse than the best, as a factor and in
/// levels of 8 bits, squared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Margin(f64, f64);

/// The margin from which pairs are reported as doubtful, and the one from which they are
/// reassigned.
pub(super) const REPORT_MARGIN: Margin = Margin(4.0, 0.05);
pub(super) const REASSIGN_MARGIN: Margin = Margin(1.25, 0.002);
/// The margin for frames that the encode repeats: in order, at most one of them is paired
/// correctly.
pub(super) const REPEATED_FRAME_MARGIN: Margin = Margin(1.0, 0.0);

/// The most displaced frames in a row; more of them are a shift.
pub(super) const MAX_RUN: usize = 64;

/// The least number of places with displaced frames, and their least share of all frames.
const MIN_PLACES: u32 = 4;
const MIN_SHARE: f64 = 0.01;

/// Returns the distance from the frame that a frame is paired with to the one that it shows; 0
/// unless its own fits `margin`. `misfit` returns the misfit of the frame at a distance, if there
/// is one.
pub(super) fn displacement(margin: Margin, misfit: impl Fn(i64) -> Option<f64>) -> i64 {
    let Margin(factor, addend) = margin;
    let Some(own) = misfit(0).filter(|own| *own > addend) else { return 0 };
    let others = (-NEARBY_FRAMES..=NEARBY_FRAMES).filter_map(|shift| Some((shift, misfit(shift)?)));
    let best = others.min_by(|a, b| a.1.total_cmp(&b.1));
    match best {
        Some((shift, least)) if own > factor * least + addend => shift,
        _ => 0,
    }
}

/// Returns true if these displacements of consecutive frames are single frames out of place: not
/// frozen, and not a shift.
pub(super) fn is_out_of_place(displacements: impl ExactSizeIterator<Item = i64>) -> bool {
    let count = displacements.len();
    (1..=MAX_RUN).contains(&count) && displacements.into_iter().all(|it| it.abs() < NEARBY_FRAMES)
}

/// Counts displaced frames.
#[derive(Debug, Default)]
pub(super) struct DisplacementCounter {
    /// The frame paired with the first of the current run, and the displacements of the run.
    from: u64,
    run: Vec<i64>,
    counts: DisplacementCounts,
}

/// Numbers of displaced frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DisplacementCounts {
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

impl DisplacementCounter {
    /// Adds the displacement of the frame paired with frame `index` of the reference, the next one.
    pub(super) fn push(&mut self, index: u64, displacement: i64) {
        self.counts.compared += 1;
        if displacement == 0 {
            return self.end_run();
        }
        if self.run.is_empty() {
            self.from = index;
        }
        // Longer runs don't count.
        if self.run.len() <= MAX_RUN {
            self.run.push(displacement);
        }
    }

    /// Returns the counts, once all frames were compared.
    pub(super) fn finish(&mut self) -> DisplacementCounts {
        self.end_run();
        self.counts
    }

    /// Counts the run of displaced frames that has ended.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if !is_out_of_place(run.iter().copied()) {
            return;
        }
        let (from, count) = (self.from as i64, run.len() as i64);
        self.counts.places += 1;
        self.counts.displaced += count as u64;
        let mut last = from - 1;
        let shown = (from..).zip(run).map(|(own, displacement)| own + displacement);
        for shown in shown.chain([from + count]) {
            self.counts.repeated += u64::from(shown <= last);
            self.counts.lacking += (shown - last - 1).max(0) as u64;
            last = last.max(shown);
        }
    }
}

impl DisplacementCounts {
    /// Returns true if there are enough to doubt that pairs in order show the same.
    pub(super) fn are_many(&self) -> bool {
        let share = self.displaced as f64 / self.compared.max(1) as f64;
        self.places >= MIN_PLACES && share >= MIN_SHARE
    }
}
