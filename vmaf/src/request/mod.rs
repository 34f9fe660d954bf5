//! Requests: what to score, by which models and metrics, and how to judge it, as plain data.
//!
//! A [`Request`] can be stored, sent and compared. Its serialised form has a version; other
//! versions are refused.

mod metric;
mod model;
mod options;
pub mod values;

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use vmaf_core::Gate;

pub(crate) use self::metric::Metric;
pub use self::metric::{MetricSpec, find_feature};
pub use self::model::ModelSpec;
pub use self::model::check_labels;
pub use self::options::{ConformOptions, Crop, DEFAULT_MODEL, Options, Pairing, StreamChoice};
use self::values::NamedPool;

/// The version of the serialised form of requests.
pub const VERSION: u32 = 1;

/// A reference, its encodes, and how they are scored and judged.
///
/// ```no_run
/// let run = vmaf::Request::new("source.mp4")
///     .encodes(["low.mp4", "high.mp4"])
///     .model("v1".parse()?)
///     .metric("psnr".parse()?)
///     .gate("mean>=93".parse()?)
///     .run()?;
/// for encode in run.encodes() {
///     println!("{}: {:?}", encode.distorted(), encode.score());
/// }
/// # Ok::<(), vmaf::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Request {
    version: FormVersion,
    /// The path of the reference; `-` is standard input.
    pub reference: String,
    /// The paths of the encodes.
    pub encodes: Vec<String>,
    /// Options of the measurement.
    #[serde(default)]
    pub options: Options,
    /// Conditions that scores have to meet.
    #[serde(default, with = "gates")]
    pub gates: Vec<Gate>,
    /// Pools in addition to those that every column has.
    #[serde(default)]
    pub pools: Vec<NamedPool>,
    /// The folder for maps of banding: a picture for each frame and scale, and libvmaf's files.
    #[serde(default)]
    pub heatmaps: Option<PathBuf>,
    /// True if a report will be written: the run then records the positions of frames in their
    /// files, so that the report's pictures are found by seeking.
    #[serde(default)]
    pub pictures: bool,
}

impl Request {
    /// Returns a request to score encodes of `reference` by the default model.
    #[must_use]
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            version: FormVersion,
            reference: reference.into(),
            encodes: Vec::new(),
            options: Options::default(),
            gates: Vec::new(),
            pools: Vec::new(),
            heatmaps: None,
            pictures: false,
        }
    }

    /// Adds an encode.
    #[must_use]
    pub fn encode(mut self, path: impl Into<String>) -> Self {
        self.encodes.push(path.into());
        self
    }

    /// Adds encodes, which are scored in the same pass.
    #[must_use]
    pub fn encodes(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.encodes.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Adds a model; the first one replaces the default.
    #[must_use]
    pub fn model(mut self, model: ModelSpec) -> Self {
        self.options.models.get_or_insert_default().push(model);
        self
    }

    /// Removes the default model: only metrics are measured.
    #[must_use]
    pub fn without_models(mut self) -> Self {
        self.options.models = Some(Vec::new());
        self
    }

    /// Adds a metric in addition to those of the models.
    #[must_use]
    pub fn metric(mut self, metric: MetricSpec) -> Self {
        self.options.metrics.push(metric);
        self
    }

    /// Adds a condition that scores have to meet.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gates.push(gate);
        self
    }

    /// Replaces the options.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }
}

/// The version of the serialised form, which is checked when a request is read.
#[derive(Debug, Clone, Copy, PartialEq)]
struct FormVersion;

impl Serialize for FormVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(VERSION)
    }
}

impl<'de> Deserialize<'de> for FormVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            VERSION => Ok(Self),
            other => Err(de::Error::custom(format!(
                "a request of version {other}; this library reads version {VERSION}"
            ))),
        }
    }
}

/// Gates as text.
pub(crate) mod gates {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use vmaf_core::Gate;

    pub(crate) fn serialize<S: Serializer>(
        gates: &[Gate],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(gates.iter().map(ToString::to_string))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Gate>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request::new("source.mp4")
            .encodes(["a.mp4", "b.mp4"])
            .model("v1:name=mine".parse().expect("a model"))
            .metric("vif=debug=true".parse().expect("a metric"))
            .gate("psnr_y:p5>=38.5".parse().expect("a gate"))
    }

    #[test]
    fn requests_survive_serialisation() {
        let mut request = request();
        request.options.frames = Some(10..20);
        request.options.conform.crop = Some(Crop::Auto);
        let text = serde_json::to_string(&request).expect("serialisable");
        let read: Request = serde_json::from_str(&text).expect(&text);
        assert_eq!(read, request);
    }

    #[test]
    fn another_version_is_refused() {
        let text = serde_json::to_string(&request()).expect("serialisable");
        let other = text.replace("\"version\":1", "\"version\":2");
        let error = serde_json::from_str::<Request>(&other).expect_err("refused").to_string();
        assert!(error.contains("version 2"), "{error}");
        let unknown = text.replace("\"encodes\"", "\"encode_s\"");
        serde_json::from_str::<Request>(&unknown).expect_err("an unknown field");
    }

    #[test]
    fn chosen_models_replace_the_default() {
        let default = Request::new("a").options.models();
        assert_eq!(default, [ModelSpec::builtin(DEFAULT_MODEL)]);
        assert_eq!(request().options.models().len(), 1);
        assert_eq!(Request::new("a").without_models().options.models(), []);
    }
}
