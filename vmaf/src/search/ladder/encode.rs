//! The encodes of the rungs. Each is made by a [`Search`] for its score at the height that was chosen
//! for it, which begins with the probes of the ladder: so it is scored completely, and encoded once
//! more if it misses the score or exceeds it by much.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vmaf_core::Gate;

use super::{Ladder, LadderObserver, LadderPoint, Rung};
use crate::error::{Error, Result};
use crate::handle::RunHandle;
use crate::output::target::Target;
use crate::search::event::SearchEvent;
use crate::search::identities::Identities;
use crate::search::result::SearchResult;
use crate::search::run::SearchRun;
use crate::search::{Search, SearchOutcome};

/// The container of encodes, unless another is chosen.
const CONTAINER: &str = "mkv";

impl Ladder {
    /// Encodes a rung into `folder` and scores it, unless no height reaches its score. Returns the
    /// number of frames encoded. The source's picture has the height `own`.
    pub(super) fn encode_rung(
        &self,
        rung: &mut Rung,
        folder: &Path,
        own: u32,
        identities: &Identities,
        handle: &RunHandle,
        observer: LadderObserver<'_>,
    ) -> Result<u64> {
        let Some(LadderPoint { height, .. }) = rung.encode else { return Ok(0) };
        let output = self.output_path(folder, height, rung.target);
        let search = Search {
            targets: vec![Gate::mean_at_least(rung.target)],
            output: Some(output.to_string_lossy().into_owned()),
            ..self.search_of(height, own)
        };
        let observe = |event: SearchEvent<'_>| {
            // What the search knows from the ladder was shown there.
            let is_known = match event {
                SearchEvent::Probed(probe) => probe.encoded_frames == 0,
                SearchEvent::Planned { .. } | SearchEvent::Predicted { .. } => true,
                _ => false,
            };
            if !is_known {
                observer(height, event);
            }
        };
        let found = SearchRun::new(&search, identities, handle, &observe)?.run()?;
        let encoded_frames = found.encoded_frames;
        set_measured(rung, height, found);
        Ok(encoded_frames)
    }

    /// Fails if the encodes can't be written to `folder`, which is created if need be.
    pub(super) fn check_output(&self, folder: &Path) -> Result<()> {
        let scores: BTreeSet<String> = self.scores.iter().map(|score| name_of(*score)).collect();
        if scores.len() < self.scores.len() {
            return Err(Error::input(
                "two rungs have the same score, and so would their encodes have the same name",
            ));
        }
        std::fs::create_dir_all(folder)
            .map_err(|error| Error::output(folder.to_string_lossy(), error))?;
        let first = self.scores.first().copied().unwrap_or_default();
        Target::open(&self.output_path(folder, 0, first).to_string_lossy()).map(drop)
    }

    /// Returns the path of the encode of a rung: "FOLDER/source-720p-90.mkv".
    fn output_path(&self, folder: &Path, height: u32, score: f64) -> PathBuf {
        let stem = Path::new(&self.source).file_stem().unwrap_or_default().to_string_lossy();
        let container = self.container.as_deref().unwrap_or(CONTAINER).trim_start_matches('.');
        folder.join(format!("{stem}-{height}p-{}.{container}", name_of(score)))
    }
}

/// Returns a score as it is in names of files: with at most two decimals.
fn name_of(score: f64) -> String {
    ((score * 100.0).round() / 100.0).to_string()
}

/// Replaces the estimate of a rung by what was found.
fn set_measured(rung: &mut Rung, height: u32, found: SearchResult) {
    let SearchResult { quality, ref encodes, .. } = found;
    let encode = encodes.iter().rev().find(|encode| encode.quality == quality);
    let encode = encode.filter(|_| found.outcome == SearchOutcome::Found);
    let measured = encode.and_then(|encode| {
        let score = encode.targets.first()?.value;
        let kilobits = found.source.kilobits(encode.bytes);
        Some(LadderPoint { height, quality, score, kilobits })
    });
    rung.encode = measured;
    (rung.command, rung.output) = match measured {
        Some(_) => (found.command, found.output),
        None => (String::new(), None),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::NamedEncoder;

    #[test]
    fn encodes_are_named_by_height_and_score() {
        let mut ladder = Ladder::new("films/a.b.mkv", NamedEncoder::new("x264"), vec![720]);
        let path = ladder.output_path(Path::new("out"), 720, 95.0 - 35.0 / 3.0);
        assert_eq!(path, Path::new("out/a.b-720p-83.33.mkv"));
        ladder.container = Some(".mp4".to_owned());
        assert_eq!(ladder.output_path(Path::new(""), 360, 70.0), Path::new("a.b-360p-70.mp4"));
        let same = ladder.scores([80.001, 80.002]).check_output(Path::new("out"));
        assert!(same.expect_err("refused").to_string().contains("same score"));
    }
}
