//! A scaling step.

use vmaf_core::Format;

use super::options::Scaler;

/// The source and target formats of a scaling step, and its filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) from: Format,
    pub(super) to: Format,
    pub(super) scaler: Scaler,
}

impl Scale {
    /// Returns the same step for luma only.
    pub(super) fn luma_only_step(&self) -> Self {
        let chroma = vmaf_core::Chroma::Mono;
        let luma = |format: Format| format.with_chroma(chroma);
        Self { from: luma(self.from), to: luma(self.to), ..*self }
    }

    /// Returns true if the formats differ.
    pub(super) fn is_needed(&self) -> bool {
        self.from != self.to
    }
}
