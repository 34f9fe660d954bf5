//! The cheapest path through two videos (Needleman and Wunsch 1970), row by row.
//!
//! A node is the number of the reference's frames (its row) and of the encode's that the path has
//! passed; each step pairs a frame of one with a frame of the other, or skips one. A gap has a cost
//! for its beginning and, much less, for its length (Gotoh 1982), so that many missing frames are
//! found as easily as one. The rest of one video after the other's end has a cost for its length
//! only, and so does a gap that timestamps confirm.
//!
//! Rows are kept until [`Lattice::commit`] decides the path up to one of them.

use std::collections::VecDeque;

/// The cost of a gap, and of each frame in it.
const GAP_COST: f64 = 8.0;
const SKIPPED_FRAME_COST: f64 = 0.5;

/// A step to a node, from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathStep {
    Pair,
    SkipReference,
    SkipEncode,
}

const STEPS: [PathStep; 3] = [PathStep::Pair, PathStep::SkipReference, PathStep::SkipEncode];
const CHOICE_BITS: usize = 2;

/// A node, reached by a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PathNode {
    row: usize,
    node: usize,
    step: PathStep,
}

/// The choices of a row: for each node, the step before each step that leads to it.
#[derive(Debug)]
struct RowChoices {
    first: usize,
    choices: Vec<u8>,
}

/// The examined nodes, and the costs of reaching those of the latest row.
#[derive(Debug)]
pub(super) struct Lattice {
    /// The node after the frames that are left out at the start without a cost.
    start: [usize; 2],
    /// The node up to which the path is decided.
    base: PathNode,
    /// The rows from there on.
    rows: VecDeque<RowChoices>,
    costs: Vec<[f64; 3]>,
}

impl Lattice {
    /// Starts a lattice for an encode that shows everything `shift` frames later, at its beginning.
    pub(super) fn new(shift: i64) -> Self {
        let count = shift.unsigned_abs() as usize;
        Self {
            start: if shift < 0 { [count, 0] } else { [0, count] },
            base: PathNode { row: 0, node: 0, step: PathStep::Pair },
            rows: VecDeque::new(),
            costs: Vec::new(),
        }
    }

    /// Returns the number of the next row.
    pub(super) fn next(&self) -> usize {
        self.base.row + self.rows.len()
    }

    /// Returns the number of rows kept.
    pub(super) fn rows_kept(&self) -> usize {
        self.rows.len()
    }

    /// Returns the row and the node up to which the path is decided.
    pub(super) fn decided(&self) -> [usize; 2] {
        [self.base.row, self.base.node]
    }

    /// Adds a row with the nodes `first` to `last`. `pair` returns the cost of pairing the row's
    /// frame of the reference with the encode's frame of that number. `due` is the node that
    /// timestamps suggest, and `end` the one at which the encode has ended, if it is known.
    pub(super) fn push(
        &mut self,
        [first, last]: [usize; 2],
        due: Option<usize>,
        end: Option<usize>,
        pair: impl Fn(usize) -> f64,
    ) {
        let row = self.next();
        let previous = std::mem::take(&mut self.costs);
        let above = |node: usize| {
            let first = self.rows.back()?.first;
            previous.get(node.checked_sub(first)?)
        };
        let mut costs: Vec<[f64; 3]> = Vec::with_capacity(last - first + 1);
        let mut choices = Vec::with_capacity(last - first + 1);
        for node in first..=last {
            let is_free = Some(node) == end || due.is_some_and(|due| node >= due);
            let gap = if is_free { 0.0 } else { GAP_COST };
            let encode_gap = if due.is_some_and(|due| node <= due) { 0.0 } else { GAP_COST };
            let paired = node.checked_sub(1).and_then(above).map(|costs| {
                let (cost, previous) = cheapest(costs, [0.0; 3]);
                (cost + pair(node - 1), previous)
            });
            let skipped = above(node).map(|costs| cheapest(costs, [gap, 0.0, gap]));
            let encode_skipped =
                costs.last().map(|costs| cheapest(costs, [encode_gap, encode_gap, 0.0]));
            let reached = [paired, skipped, encode_skipped];
            let mut cost =
                [0, 1, 2].map(|step| reached[step].map_or(f64::INFINITY, |entry| entry.0));
            cost[1] += SKIPPED_FRAME_COST;
            cost[2] += SKIPPED_FRAME_COST;
            if row == 0 && node == 0 {
                let left_out = (self.start[0] + self.start[1]) as f64;
                let is_start = left_out == 0.0;
                cost[0] = if is_start { 0.0 } else { GAP_COST + SKIPPED_FRAME_COST * left_out };
            } else if [row, node] == self.start {
                let step = if row > 0 { 1 } else { 2 };
                cost[step] = cost[step].min(0.0);
            }
            let choice = |step: usize| {
                reached[step].map_or(0, |entry| (entry.1 as u8) << (CHOICE_BITS * step))
            };
            costs.push(cost);
            choices.push(choice(0) | choice(1) | choice(2));
        }
        self.rows.push_back(RowChoices { first, choices });
        self.costs = costs;
    }

    /// Returns the node of the latest row that is cheapest to reach; of several, the one nearest to
    /// `expected`.
    pub(super) fn best(&self, expected: usize) -> usize {
        let first = self.rows.back().map_or(0, |row| row.first);
        let cheapest = self.costs.iter().map(|costs| cheapest(costs, [0.0; 3]).0);
        let nodes = (first..).zip(cheapest);
        let best = nodes.min_by(|(a, a_costs), (b, b_costs)| {
            let distance = |node: &usize| node.abs_diff(expected);
            a_costs.total_cmp(b_costs).then(distance(a).cmp(&distance(b)))
        });
        best.map_or(expected, |(node, _)| node)
    }

    /// Decides the path up to `row`, from where it was decided before, and returns its steps. Paths
    /// that diverge before it are dropped.
    pub(super) fn commit(&mut self, row: usize) -> Vec<PathStep> {
        let Some(best) = self.cheapest(0.0) else { return Vec::new() };
        let decided = self.walk(best, row, |_| {});
        let first = self.rows.back().map_or(0, |row| row.first);
        let last = self.next() - 1;
        let mut costs = std::mem::take(&mut self.costs);
        for (node, costs) in (first..).zip(&mut costs) {
            for (step, cost) in STEPS.into_iter().zip(costs) {
                let at = PathNode { row: last, node, step };
                if cost.is_finite() && self.walk(at, row, |_| {}) != decided {
                    *cost = f64::INFINITY;
                }
            }
        }
        self.costs = costs;
        let steps = self.steps_to(decided);
        self.rows.drain(..row - self.base.row);
        self.base = decided;
        steps
    }

    /// Decides the rest of the path, once the reference has ended.
    pub(super) fn finish(&mut self) -> Vec<PathStep> {
        // The encode's frames after the node are left over.
        self.cheapest(SKIPPED_FRAME_COST).map(|best| self.steps_to(best)).unwrap_or_default()
    }

    /// Returns the end of the cheapest path, with `discount_per_node` subtracted from the cost for
    /// each node passed.
    fn cheapest(&self, discount_per_node: f64) -> Option<PathNode> {
        let (row, first) = (self.next().checked_sub(1)?, self.rows.back()?.first);
        let nodes = (first..).zip(&self.costs);
        let ends = nodes.flat_map(|(node, costs)| {
            let at = move |step| PathNode { row, node, step };
            STEPS.map(at).into_iter().zip(costs.map(|cost| cost - discount_per_node * node as f64))
        });
        ends.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
    }

    /// Returns the steps from where the path is decided to `at`.
    fn steps_to(&self, at: PathNode) -> Vec<PathStep> {
        let mut steps = Vec::new();
        let mut at = self.walk(at, self.base.row, |step| steps.push(step));
        // The remaining steps are within the first row.
        while at.node > self.base.node {
            steps.push(at.step);
            at = self.previous(at);
        }
        steps.reverse();
        steps
    }

    /// Goes back from `at` to the row `end`, and shows each step.
    fn walk(&self, mut at: PathNode, end: usize, mut show: impl FnMut(PathStep)) -> PathNode {
        while at.row > end {
            show(at.step);
            at = self.previous(at);
        }
        at
    }

    /// Returns the previous node on the cheapest path.
    fn previous(&self, PathNode { row, node, step }: PathNode) -> PathNode {
        let rows_kept = &self.rows[row - self.base.row];
        let choice = rows_kept.choices[node - rows_kept.first] >> (CHOICE_BITS * step as usize);
        let previous = STEPS[usize::from(choice & 3).min(STEPS.len() - 1)];
        match step {
            PathStep::Pair => PathNode { row: row - 1, node: node - 1, step: previous },
            PathStep::SkipReference => PathNode { row: row - 1, node, step: previous },
            PathStep::SkipEncode => PathNode { row, node: node - 1, step: previous },
        }
    }
}

/// Returns the least of the costs, with an addend for each; of several, the first.
fn cheapest(costs: &[f64; 3], added: [f64; 3]) -> (f64, usize) {
    let mut least = (costs[0] + added[0], 0);
    for step in 1..3 {
        let cost = costs[step] + added[step];
        if cost < least.0 {
            least = (cost, step);
        }
    }
    least
}
