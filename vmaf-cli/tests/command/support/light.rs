//! Recorded figures of metrics that measure light: by clip and by description of its colour.

use indexmap::IndexMap;
use serde_json::Value;

use super::clips;
use crate::common::Place;

/// Figures by clip, then by the metric's options.
pub(crate) type Recorded<T> = IndexMap<String, IndexMap<String, T>>;

/// Measures every recorded clip under each description with `metric`, and passes what was recorded,
/// the values of frames and a text that names the run to `check`.
pub(crate) fn for_each_run<T>(
    metric: &str,
    recorded: &Recorded<T>,
    check: impl Fn(&T, &Value, &str),
) {
    let place = Place::new();
    let clips = || clips::CLIPS.iter().filter(|clip| !clip.name.starts_with("uhd"));
    assert!(clips().map(|clip| clip.name).eq(recorded.keys()));
    for clip in clips() {
        let raw = clip.write_raw(&place.path("")).expect("written");
        for (options, figures) in &recorded[clip.name] {
            let metric = format!("--no-model --metric {metric}={options} --align unchecked");
            let document = place.score(&format!("r.yuv d.yuv {raw} {metric}"));
            let frames = &document["distorted"][0]["frames"];
            check(figures, frames, &format!("{} {options}", clip.name));
        }
    }
}
