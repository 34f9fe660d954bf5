//! Outputs: the report, its formats, and their destinations.

pub(crate) mod csv;
pub(crate) mod format;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod names;
pub(crate) mod report;
pub(crate) mod table;
pub mod target;
pub mod text;
pub(crate) mod timeline;
pub(crate) mod values;
pub(crate) mod verdicts;
