//! The curve of a height: settings are probed until the answers for all scores of the ladder lie on
//! it, first coarsely, then for the rungs as closely as a search does.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::search::event::SearchEvent;
use crate::search::run::SearchRun;
use crate::search::strategy::{Point, Step, Strategy};
use crate::search::target::Target;

impl SearchRun<'_> {
    /// Probes settings until there is a curve through the answers for each target alone, or it is
    /// clear that there is none.
    pub(super) fn search_curve(&mut self) -> Result<()> {
        let last = self.encoder.scale.last();
        let (names, typical) = (self.target_names(), self.typical_positions());
        let (source, setting) = (&self.source, self.encoder.setting_name());
        (self.observer)(SearchEvent::Planned { source, setting, targets: &names });
        self.load_probes()?;
        if self.probes.is_empty() {
            let expected =
                self.targets.iter().filter_map(|target| target.typical_position(typical));
            let clamped =
                expected.map(|position| position.round().clamp(0.0, last as f64) as usize);
            // The outermost and the one in the middle; what lies between follows from them.
            let all: Vec<usize> = clamped.collect::<BTreeSet<usize>>().into_iter().collect();
            let first: BTreeSet<usize> = [0, all.len() / 2, all.len().saturating_sub(1)]
                .iter()
                .filter_map(|index| all.get(*index).copied())
                .collect();
            self.probe(&first.into_iter().collect::<Vec<_>>())?;
        }
        loop {
            let steps = (0..self.targets.len()).map(|target| self.step_for(target, true));
            let wanted: BTreeSet<usize> = steps.flat_map(positions_of).collect();
            // Of several within the same gap, the one in the middle.
            let mut chosen: Vec<usize> = Vec::new();
            for group in grouped_by_gap(&wanted, &self.points()) {
                chosen.extend(group.get(group.len() / 2));
            }
            if chosen.is_empty() {
                return Ok(());
            }
            self.probe(&chosen)?;
        }
    }

    /// Probes settings until the answer for a target alone is as reliable as that of a search.
    pub(super) fn refine(&mut self, target: usize) -> Result<()> {
        loop {
            let wanted = positions_of(self.step_for(target, false));
            if wanted.is_empty() {
                return Ok(());
            }
            self.probe(&wanted)?;
        }
    }

    /// Returns the next step for one target alone.
    fn step_for(&self, index: usize, is_coarse: bool) -> Step {
        let mut points = self.points();
        points.iter_mut().for_each(|point| point.margins = vec![point.margins[index]]);
        let target = std::slice::from_ref(&self.targets[index]);
        let last = self.encoder.scale.last();
        let strategy = Strategy::new(target, last, self.typical_positions(), false);
        let strategy = if is_coarse { strategy.of_ladder() } else { strategy };
        strategy.next(&points, 0.0)
    }

    /// Returns the column of the first target, with its pool.
    pub(super) fn score_name(&self) -> String {
        self.targets.first().map(Target::name).unwrap_or_default()
    }
}

/// Returns the positions that a step probes.
fn positions_of(step: Step) -> Vec<usize> {
    match step {
        Step::Probe(positions) => positions,
        Step::Found(_) | Step::Unreachable => Vec::new(),
    }
}

/// Returns the positions in groups: those with no probe between them.
fn grouped_by_gap(positions: &BTreeSet<usize>, points: &[Point]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for position in positions {
        let before = points.iter().filter(|point| point.position < *position).count();
        match groups.last_mut() {
            Some((gap, group)) if *gap == before => group.push(*position),
            _ => groups.push((before, vec![*position])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
