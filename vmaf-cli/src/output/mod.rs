//! Results on their way out: the report and its formats, and the places they are written to.

pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod log;
pub(crate) mod report;
pub(crate) mod table;
pub(crate) mod target;
pub(crate) mod text;
pub(crate) mod timeline;
pub(crate) mod verdicts;

use std::io;

use crate::failure::{Failure, Result};

/// Prints `text`, for people who may stop reading.
pub(crate) fn print(text: &str) -> Result<()> {
    match target::write_stdout(|out| out.write_all(text.as_bytes())) {
        Err(Failure::Output { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
