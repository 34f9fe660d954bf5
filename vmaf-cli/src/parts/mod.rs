//! A run in parts: what was measured is kept in a file, to be joined with other parts later.
//!
//! - [`shard`] measures one of N parts (`vmaf score --shard I/N`);
//! - [`merge`] makes the result of all of them (`vmaf merge`);
//! - [`mod@file`] is the form of the files.

pub(crate) mod file;
pub(crate) mod merge;
pub(crate) mod shard;
