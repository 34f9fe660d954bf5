//! An entry of the manifest as it will be measured, and the key that identifies it.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use vmaf_core::Gate;

use super::manifest::{Entry, Video};
use super::name::EntryName;
use crate::digest;
use crate::error::{Error, Result};
use crate::request::values::NamedPool;
use crate::request::{MetricSpec, ModelSpec, Options};
use crate::run::models::Measurements;

/// An encode to measure.
#[derive(Debug, Clone)]
pub(super) struct EncodeTask {
    /// The place in the manifest, from 0.
    pub(super) place: usize,
    pub(super) reference: Video,
    pub(super) distorted: Video,
    pub(super) entry_name: EntryName,
    pub(super) measurements: Arc<Measurements>,
    pub(super) gates: Vec<Gate>,
}

impl EncodeTask {
    /// Returns the encodes of `entries`. Their own models, metrics and gates replace those of the
    /// batch.
    pub(super) fn all(
        entries: Vec<Entry>,
        manifest: &str,
        options: &Options,
        common: &[Gate],
    ) -> Result<Vec<Self>> {
        // Reading a model takes time, and many entries use the same.
        let mut known = HashMap::new();
        let tasks = entries.into_iter().enumerate().map(|(place, entry)| {
            let Entry { line, reference, distorted, name, models, metrics, gates } = entry;
            let fail = |error: &dyn std::fmt::Display| {
                Error::input(format!("{manifest}: line {line}: {error}"))
            };
            let measurements = match known.get(&(models.clone(), metrics.clone())) {
                Some(measurements) => Arc::clone(measurements),
                None => {
                    let measurements = entry_options(options, &models, &metrics)
                        .and_then(|options| Measurements::new(&options));
                    let measurements = Arc::new(measurements.map_err(|error| fail(&error))?);
                    known.insert((models, metrics), Arc::clone(&measurements));
                    measurements
                }
            };
            let own = gates.iter().map(|gate| gate.parse::<Gate>().map_err(|error| fail(&error)));
            let mut gates = own.collect::<Result<Vec<_>>>()?;
            if gates.is_empty() {
                gates.extend_from_slice(common);
            }
            let entry_name = EntryName {
                reference: reference.listed_name.clone(),
                distorted: distorted.listed_name.clone(),
                name,
            };
            Ok(Self { place, reference, distorted, entry_name, measurements, gates })
        });
        tasks.collect()
    }

    /// Returns true if the entry can be measured in one pass with `other`.
    pub(super) fn can_share_pass_with(&self, other: &Self) -> bool {
        self.reference.path == other.reference.path
            && (Arc::ptr_eq(&self.measurements, &other.measurements)
                || self.measurements == other.measurements)
    }

    /// Returns the key of this encode: equal for all that have equal values. The videos' digests
    /// are given, and the options that all entries share.
    pub(super) fn key(&self, videos: [&str; 2], options: &SharedOptions) -> Result<String> {
        let [reference, distorted] = videos;
        let version = vmaf_core::VERSION;
        KeyFields { version, reference, distorted, measurements: &self.measurements, options }.key()
    }
}

/// The start of every key: the version of [`KeyFields`].
pub(super) const KEY_VERSION: &str = "k2-";

/// All that the values of an encode depend on. A key is the digest of its JSON: if this struct or
/// its contents change, change [`KEY_VERSION`] too.
#[derive(Serialize)]
struct KeyFields<'a> {
    /// The version of the library.
    version: &'a str,
    /// The digest of the reference.
    reference: &'a str,
    /// The digest of the encode.
    distorted: &'a str,
    #[serde(rename = "measures")]
    measurements: &'a Measurements,
    options: &'a SharedOptions,
}

/// The options that all entries of a batch share and that values depend on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SharedOptions {
    options: Options,
    pools: Vec<NamedPool>,
}

impl KeyFields<'_> {
    fn key(&self) -> Result<String> {
        let form = serde_json::to_vec(self).map_err(|error| Error::input(error.to_string()))?;
        Ok(format!("{KEY_VERSION}{}", digest::of_bytes(&form)))
    }
}

impl SharedOptions {
    pub(super) fn new(options: &Options, pools: &[NamedPool]) -> Self {
        let options = Options { models: None, metrics: Vec::new(), threads: 0, ..options.clone() };
        Self { options, pools: pools.to_vec() }
    }
}

/// Returns the options of a batch, with the models and metrics of an entry in place of theirs.
fn entry_options(options: &Options, models: &[String], metrics: &[String]) -> Result<Options> {
    let mut options = options.clone();
    if !models.is_empty() {
        let models = models.iter().map(|text| text.parse::<ModelSpec>());
        options.models = Some(models.collect::<Result<_>>()?);
    }
    if !metrics.is_empty() {
        let metrics = metrics.iter().map(|text| text.parse::<MetricSpec>());
        options.metrics = metrics.collect::<Result<_>>()?;
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of a fixed request, with a change.
    fn key(change: impl FnOnce(&mut Options)) -> String {
        let metrics = vec!["psnr=enable_apsnr=true".parse().expect("a metric")];
        let mut options = Options { metrics, ..Options::default() };
        change(&mut options);
        let measurements = Measurements::new(&options).expect("known");
        let pools = [crate::request::values::pool("p10").expect("a pool")];
        let form = KeyFields {
            version: "0.1.0",
            reference: "0a",
            distorted: "0b",
            measurements: &measurements,
            options: &SharedOptions::new(&options, &pools),
        };
        form.key().expect("a key")
    }

    #[test]
    fn a_key_equals_the_recorded_one() {
        // A change of the format makes every results file one of an earlier version: change
        // `KEY_VERSION` too, and record the new key here.
        assert_eq!(
            key(|_| {}),
            "k2-ef084b4c39da037200699213c69a71ef65a40d0a94de4dd6eb4a685213e798a7"
        );
    }

    #[test]
    fn a_key_depends_on_everything_that_changes_values() {
        let base = key(|_| {});
        assert_eq!(key(|options| options.threads = 7), base);
        let changes: [fn(&mut Options); 5] = [
            |options| options.metrics.clear(),
            |options| options.models = Some(vec!["v1".parse().expect("a model")]),
            |options| options.shortest = true,
            |options| options.conform.accept = vec![vmaf_media::conform::Accepted::Hdr],
            |options| options.frames = Some(3..9),
        ];
        let mut keys: Vec<String> = changes.map(key).into();
        keys.push(base);
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 6);
    }
}
