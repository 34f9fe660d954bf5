//! The identity of a run: what its parts depend on, as a digest.

use serde::Serialize;

use crate::digest;
use crate::error::{Error, Result};
use crate::request::{Options, Request};
use crate::run::models::Measurements;

/// The start of every identity: the version of [`IdentityFields`] and of what part files hold.
const IDENTITY_VERSION: &str = "p3-";

/// All that the parts of a run depend on. An identity is the digest of its JSON: if this struct or
/// its contents change, change [`IDENTITY_VERSION`] too.
#[derive(Serialize)]
struct IdentityFields<'a> {
    /// The version of the library.
    version: &'a str,
    /// The names of the reference and the encodes in results.
    videos: Vec<&'a str>,
    /// The digests of their contents.
    digests: &'a [String],
    #[serde(rename = "measures")]
    measurements: Measurements,
    options: Options,
}

/// Returns a digest of all that the parts of a run depend on: of the request, with the contents of
/// model files, the version, and `digests` of the reference and each encode.
///
/// # Errors
/// Fails if a model can't be loaded, or a metric does not exist.
pub fn identity(request: &Request, digests: &[String]) -> Result<String> {
    identity_for_version(vmaf_core::VERSION, request, digests)
}

fn identity_for_version(version: &str, request: &Request, digests: &[String]) -> Result<String> {
    let Request { reference, encodes, options, .. } = request;
    let measurements = Measurements::new(options)?;
    let options = Options { models: None, metrics: Vec::new(), threads: 0, ..options.clone() };
    let videos = std::iter::once(reference).chain(encodes).map(String::as_str).collect();
    let form = IdentityFields { version, videos, digests, measurements, options };
    let form = serde_json::to_vec(&form).map_err(|error| Error::input(error.to_string()))?;
    Ok(format!("{IDENTITY_VERSION}{}", &digest::of_bytes(&form)[..32]))
}

/// Returns the digest of the contents of the video at `path`.
///
/// # Errors
/// Fails if it can't be read, or is not a file that can be read twice.
pub fn video_digest(path: &str) -> Result<String> {
    digest::of_video(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_depends_on_everything_that_changes_parts() {
        let of = |request: &Request, digests: [&str; 2]| {
            identity_for_version("0.1.0", request, &digests.map(str::to_owned)).expect("known")
        };
        let base = Request::new("a").encode("b");
        let known = of(&base, ["0a", "0b"]);
        // If the format changes, change `IDENTITY_VERSION` too, and record the new identity here.
        assert_eq!(known, "p3-9e8c147796fe6959bfe3e68961f9a9ad");
        let mut threads = base.clone();
        threads.options.threads = 7;
        assert_eq!(of(&threads, ["0a", "0b"]), known);
        let mut every = base.clone();
        every.options.every = std::num::NonZero::new(2).expect("not 0");
        let others = [
            of(&base, ["0a", "0c"]),
            of(&base.clone().model("v1".parse().expect("a model")), ["0a", "0b"]),
            of(&every, ["0a", "0b"]),
            of(&Request::new("a").encode("c"), ["0a", "0b"]),
        ];
        assert!(!others.contains(&known));
    }
}
