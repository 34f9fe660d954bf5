//! What scaling is to be done.

use vmaf_core::Format;

use super::wishes::Scaler;

/// From which format to which, and how.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) from: Format,
    pub(super) to: Format,
    pub(super) scaler: Scaler,
}

impl Scale {
    /// The same of luma alone.
    pub(super) fn of_luma(&self) -> Self {
        let chroma = vmaf_core::Chroma::Mono;
        let luma = |format: Format| format.with_chroma(chroma);
        Self { from: luma(self.from), to: luma(self.to), ..*self }
    }

    /// Whether anything is done.
    pub(super) fn is_any(&self) -> bool {
        self.from != self.to
    }
}
