//! A run in parts: what was measured is kept in a file, to be joined with other parts later.
//!
//! - [`measure`] measures one of N parts;
//! - [`merge`] makes the result of all of them;
//! - [`identity`] tells the parts of a run from those of others, for the names of files;
//! - `file` is the form of the files.

pub(crate) mod file;
mod identity;
mod merge;
mod shard;

pub use self::identity::{identity, video_digest};
pub use self::merge::{merge, merge_with};
pub use self::shard::{PartSummary, measure};
pub use crate::request::values::Shard;
