//! Patterns that name numbered files, as FFmpeg knows them: `%d`, or `%05d` for five digits.

use std::path::Path;

/// The number of the first file is sought from 0 to this.
const LAST_START: u64 = 4;

/// A pattern, and the number of its first file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    before: String,
    digits: usize,
    after: String,
    start: u64,
}

impl Pattern {
    /// The pattern in `path`, if there is one and it is not itself a file's name.
    pub(crate) fn find(path: &str) -> Option<Self> {
        let (before, rest) = path.split_once('%')?;
        let (digits, after) = rest.split_once('d')?;
        let digits = match digits {
            "" => 1,
            _ => digits.parse().ok().filter(|digits| (1..=18).contains(digits))?,
        };
        if after.contains('%') || Path::new(path).exists() {
            return None;
        }
        Some(Self { before: before.to_owned(), digits, after: after.to_owned(), start: 0 })
    }

    /// Seeks the first file and counts those that follow without a gap.
    ///
    /// # Errors
    /// Where there is no file, or one is missing among them.
    pub(crate) fn count(&mut self) -> Result<u64, String> {
        let exists = |pattern: &Self, index| Path::new(&pattern.file(index)).is_file();
        let start = (0..=LAST_START).find(|&index| exists(self, index));
        self.start = start.ok_or_else(|| {
            let (first, last) = (self.file(0), self.file(LAST_START));
            format!("there is no file from {first} to {last} for the numbers to begin with")
        })?;
        let mut count = 1;
        while exists(self, count) {
            count += 1;
        }
        let gap = count;
        match (gap + 1..=gap + 1 + LAST_START).find(|&index| exists(self, index)) {
            Some(next) => {
                Err(format!("{} is missing: {} is there", self.file(gap), self.file(next)))
            }
            None => Ok(count),
        }
    }

    /// The name of file `index`, the first being 0.
    pub(crate) fn file(&self, index: u64) -> String {
        let number = self.start + index;
        format!("{}{number:0digits$}{}", self.before, self.after, digits = self.digits)
    }
}

#[cfg(test)]
mod tests;
