//! The proof that encodes show the reference's picture where it is, while frames are scored.

use vmaf_core::Frame;
use vmaf_media::conform::Plan;
use vmaf_media::geometry::{Check, Finding, ReferenceSample};

/// The number of sampled frames that have to give a verdict before a run is over.
const MIN_CONCLUSIVE_FRAMES: usize = 4;

/// Compares the pictures of encodes with the reference's.
pub(crate) struct GeometryCheck {
    reference: Plan,
    /// For each encode that is to be scored.
    encodes: Vec<Option<(Check, Plan)>>,
}

impl GeometryCheck {
    /// For encodes that are made comparable with a reference by their plans.
    pub(crate) fn new(reference: &Plan, encodes: impl Iterator<Item = Option<Plan>>) -> Self {
        let size = reference.format();
        let encodes = encodes
            .map(|plan| plan.map(|plan| (Check::new(&size, reference.area(), plan.area()), plan)));
        Self { reference: reference.clone(), encodes: encodes.collect() }
    }

    /// Compares the frames of pair `index`, where it is one of those that are looked at. What
    /// speaks against an encode is given with its index, once its frames are known to be paired
    /// rightly: so
    /// `is_paired` says.
    pub(crate) fn compare<'a>(
        &mut self,
        index: u64,
        reference: &Frame,
        encodes: impl Iterator<Item = Option<&'a Frame>>,
        is_paired: impl Fn(usize) -> bool,
    ) -> Vec<(usize, Finding)> {
        let mut sample = None;
        let mut findings = Vec::new();
        for (encode, (check, frame)) in self.encodes.iter_mut().zip(encodes).enumerate() {
            let (Some((checker, plan)), Some(frame)) = (&mut *check, frame) else { continue };
            if !checker.examines(index) {
                continue;
            }
            let sample = sample.get_or_insert_with(|| ReferenceSample::new(reference));
            checker.push(sample, frame);
            if checker.telling() < MIN_CONCLUSIVE_FRAMES || !is_paired(encode) {
                continue;
            }
            if let Some(finding) = Finding::new(checker.verdict(), [&self.reference, plan]) {
                findings.push((encode, finding));
                *check = None;
            }
        }
        findings
    }

    /// Returns the finding against encode `index` at the end, if there is one.
    pub(crate) fn finish(&mut self, index: usize) -> Option<Finding> {
        let (check, plan) = self.encodes.get_mut(index)?.take()?;
        Finding::new(check.verdict(), [&self.reference, &plan])
    }
}
