//! The names of an entry of a batch.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The names of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EntryName {
    /// The reference, as in the list.
    pub reference: String,
    /// The encode, as in the list, or a file that a pattern there matched.
    pub distorted: String,
    /// The entry's own name, where it has one.
    pub name: Option<String>,
}

impl EntryName {
    /// Returns the names of an encode and its reference in a list, with the entry's own name.
    #[must_use]
    pub fn new(
        reference: impl Into<String>,
        distorted: impl Into<String>,
        name: Option<String>,
    ) -> Self {
        Self { reference: reference.into(), distorted: distorted.into(), name }
    }
}

impl fmt::Display for EntryName {
    /// Writes the entry's own name, or else the encode's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_deref().unwrap_or(&self.distorted))
    }
}
