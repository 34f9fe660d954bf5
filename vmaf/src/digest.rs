//! Digests of file contents, which identify videos whatever their paths.

use std::fs::File;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The number of bytes read at once.
const PIECE: usize = 1 << 18;

/// Returns the SHA-256 of all bytes of the video at `path`, in hexadecimal; for numbered stills
/// that of their digests.
pub(crate) fn of_video(path: &str) -> Result<String> {
    if path == "-" {
        return Err(Error::input("standard input can't be identified by its content: pass a file"));
    }
    if vmaf_media::is_remote(path) {
        return Err(Error::input(format!(
            "{path}: the content of a URL may change, so it can't identify a video: copy it to a file"
        )));
    }
    let files = vmaf_media::files(path)?;
    if let [file] = &files[..] {
        return of_file(file);
    }
    let digests = files.iter().map(|file| of_file(file)).collect::<Result<Vec<_>>>()?;
    Ok(of_bytes(digests.join("\n").as_bytes()))
}

fn of_file(path: &str) -> Result<String> {
    let fail = |source: io::Error| Error::input(format!("{path}: {source}"));
    // Pipes and devices can't be read twice; opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(fail)?.is_file() {
        return Err(Error::input(format!("{path} is not a regular file")));
    }
    let mut file = File::open(path).map_err(fail)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hexadecimal(&hash.finalize())),
            Ok(count) => hash.update(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fail(error)),
        }
    }
}

/// Returns the SHA-256 of `bytes`, in hexadecimal.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
