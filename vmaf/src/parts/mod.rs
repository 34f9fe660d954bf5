//! A run in parts: what was measured is kept in a file, to be joined with other parts later.
//!
//! - [`measure`] measures one of N parts;
//! - [`merge`] makes the result of all of them;
//! - `file` is the form of the files.

pub(crate) mod file;
mod merge;
mod shard;

pub use self::merge::{merge, merged_by};
pub use self::shard::{PartSummary, measure};
pub use crate::request::values::Shard;
