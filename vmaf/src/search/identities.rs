//! Identities of what probes depend on: the content of sources, and the version and settings of
//! encoders. Searches that belong together, of the scenes of a source or the heights of a ladder,
//! share them, so that each is determined once.

use std::cell::RefCell;
use std::collections::HashMap;

use vmaf_media::StreamInfo;

use super::encoder::{Encoder, PreparedEncoder};
use super::{program, store};
use crate::digest;
use crate::error::{Error, Result};

/// The identities that were determined so far.
#[derive(Default)]
pub(super) struct Identities {
    /// The digest of each source, by its path.
    sources: RefCell<HashMap<String, String>>,
    /// The identity of each encoder, by its settings and what it encodes.
    encoders: RefCell<HashMap<String, String>>,
}

impl Identities {
    /// Returns the digest of the source at `path`, which must not change meanwhile.
    pub(super) fn source(&self, path: &str) -> Result<String> {
        remembered(&self.sources, path.to_owned(), || digest::of_video(path))
    }

    /// Returns a text that changes with the version of an encoder. `encoder` are the settings of
    /// `prepared`, and `source` is what it encodes.
    ///
    /// # Errors
    /// Fails if the encoder doesn't exist, or refuses its settings.
    pub(super) fn encoder(
        &self,
        prepared: &PreparedEncoder,
        encoder: &Encoder,
        source: &StreamInfo,
    ) -> Result<String> {
        let size = (source.format.width(), source.format.height());
        let key = store::key(&(encoder, prepared.scale, prepared.crop, size))?;
        remembered(&self.encoders, key, || {
            let Some(command) = prepared.identity_command(size) else {
                return Ok(program_identity(encoder));
            };
            let digest = program::output(command).map_err(|reason| Error::Encoder {
                encoder: prepared.name().to_owned(),
                setting: "a test of its settings".to_owned(),
                reason,
            })?;
            Ok(String::from_utf8_lossy(&digest).into_owned())
        })
    }
}

/// Returns the value of `key`, which `determine` returns if it is not known.
fn remembered(
    known: &RefCell<HashMap<String, String>>,
    key: String,
    determine: impl FnOnce() -> Result<String>,
) -> Result<String> {
    if let Some(value) = known.borrow().get(&key) {
        return Ok(value.clone());
    }
    let value = determine()?;
    known.borrow_mut().insert(key, value.clone());
    Ok(value)
}

/// Returns the size and age of the program of a command line, if it can be found.
fn program_identity(encoder: &Encoder) -> String {
    let Encoder::Command(line) = encoder else { return String::new() };
    let program = line.split_whitespace().next().unwrap_or_default();
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&folders).map(|folder| folder.join(program));
    let file = candidates.filter_map(|path| std::fs::metadata(path).ok()).find(|of| of.is_file());
    file.map_or_else(String::new, |file| format!("{} {:?}", file.len(), file.modified().ok()))
}
