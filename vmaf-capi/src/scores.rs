//! Scores by name and index, in the order in which they were first written.

use std::collections::BTreeMap;

use crate::{Errno, Result, message};

/// The values of one feature or model, by index.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) values: BTreeMap<u32, f64>,
}

/// All written values. Each is written once.
#[derive(Debug, Default)]
pub(crate) struct Scores {
    series: Vec<Series>,
}

impl Scores {
    /// The series in order.
    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    /// The value of `name` at `index`, if it is written.
    pub(crate) fn get(&self, name: &str, index: u32) -> Option<f64> {
        let series = self.series.iter().find(|series| series.name == name)?;
        series.values.get(&index).copied()
    }

    /// Writes a value.
    ///
    /// # Errors
    /// [`Errno::INVALID`] if there is one already.
    pub(crate) fn write(&mut self, name: &str, index: u32, value: f64) -> Result<()> {
        let found = self.series.iter().position(|series| series.name == name);
        let place = found.unwrap_or_else(|| {
            self.series.push(Series { name: name.to_owned(), values: BTreeMap::new() });
            self.series.len() - 1
        });
        let values = &mut self.series[place].values;
        if values.contains_key(&index) {
            message::warning(format_args!(
                "feature \"{name}\" cannot be overwritten at index {index}"
            ));
            return Err(Errno::INVALID);
        }
        values.insert(index, value);
        Ok(())
    }
}
