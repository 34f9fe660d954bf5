//! A run in parts: measurements are stored in part files, to be merged later.
//!
//! - [`measure`] measures one of N parts;
//! - [`merge`] makes the result of all of them;
//! - [`identity`] identifies the run that parts belong to, for the names of files;
//! - `file` is the format of part files.

pub(crate) mod file;
mod identity;
mod merge;
mod shard;

pub use self::identity::{identity, video_digest};
pub use self::merge::{merge, merge_with};
pub use self::shard::{PartSummary, measure};
pub use crate::request::values::Shard;
