//! Patterns that name numbered files, as FFmpeg knows them: `%d`, or `%05d` for five digits.

use std::path::{Path, is_separator};

/// A pattern, and the number of its first file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    before: String,
    digits: usize,
    after: String,
    start: u64,
}

impl Pattern {
    /// Returns the pattern in `path`, if there is one and it is not itself a file's name.
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

    /// Finds the first file, whatever its number, and counts the files that follow without a gap.
    ///
    /// # Errors
    /// Fails if there is no file, or if one in between is missing.
    pub(crate) fn count(&mut self) -> Result<u64, String> {
        let mut numbers = self.numbers();
        numbers.sort_unstable();
        let Some(&first) = numbers.first() else {
            return Err(format!("no file matches this pattern, such as {}", self.file(1)));
        };
        self.start = first;
        let counted = || numbers.iter().zip(first..);
        match counted().find(|(number, expected)| **number != *expected) {
            Some((next, missing)) => Err(format!(
                "{} is missing, but {} exists: keep each sequence in a folder of its own",
                self.name(missing),
                self.name(*next)
            )),
            None => Ok(numbers.len() as u64),
        }
    }

    /// Returns the numbers of all existing files.
    fn numbers(&self) -> Vec<u64> {
        // The number may be in the name of a folder.
        let (folder, before) = match self.before.rfind(is_separator) {
            Some(place) => self.before.split_at(place + 1),
            None => ("", &self.before[..]),
        };
        let after = self.after.split(is_separator).next().unwrap_or_default();
        let listed = if folder.is_empty() { "." } else { folder };
        let Ok(entries) = std::fs::read_dir(listed) else { return Vec::new() };
        let number = |name: &str| -> Option<u64> {
            let digits = name.strip_prefix(before)?.strip_suffix(after)?;
            let number = digits.bytes().all(|digit| digit.is_ascii_digit()).then_some(digits)?;
            let number = number.parse().ok()?;
            // Only names as the pattern writes them count: 7 is not 007.
            (digits == format!("{number:0width$}", width = self.digits)).then_some(number)
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let numbers = names.filter_map(|name| number(&name));
        numbers.filter(|number| Path::new(&self.name(*number)).is_file()).collect()
    }

    /// Returns the name of file `index`, starting at 0.
    pub(crate) fn file(&self, index: u64) -> String {
        self.name(self.start + index)
    }

    /// Returns the name of the file with a number.
    fn name(&self, number: u64) -> String {
        format!("{}{number:0digits$}{}", self.before, self.after, digits = self.digits)
    }
}

#[cfg(test)]
mod tests;
