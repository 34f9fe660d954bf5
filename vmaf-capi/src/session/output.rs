//! Logs of a context, in libvmaf's formats.

use std::collections::BTreeSet;
use std::io::{self, Write};

use vmaf_core::log::{Log, LogColumn};

use super::{Engine, Session};
use crate::Result;

/// A format of logs: `VmafOutputFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    Xml,
    Json,
    Csv,
    Sub,
}

/// A column, with the index of each value.
struct Values {
    name: String,
    values: Vec<(u32, f64)>,
}

impl Session {
    /// Writes the scores as a log.
    pub(crate) fn write_log(
        &self,
        version: &str,
        format: OutputFormat,
        out: &mut dyn Write,
    ) -> Result<io::Result<()>> {
        let measured = self.measured_values()?;
        let written = self.scores.series().iter().map(|series| Values {
            name: series.name.clone(),
            values: series.values.iter().map(|(index, value)| (*index, *value)).collect(),
        });
        let mut columns: Vec<Values> = written.collect();
        let rest = columns.split_off(self.imported_first.min(columns.len()));
        columns.extend(measured);
        columns.extend(rest);
        let every = self.configuration.subsample.max(1);
        let indices = columns.iter().flat_map(|column| &column.values).map(|(index, _)| *index);
        let indices: BTreeSet<u32> = indices.filter(|index| index.is_multiple_of(every)).collect();
        let column = |Values { name, values }: &Values| {
            let at = |index: &u32| {
                let found = values.binary_search_by_key(index, |(index, _)| *index);
                found.ok().map(|place| values[place].1)
            };
            (name.clone(), indices.iter().map(at).collect::<Vec<_>>())
        };
        let columns: Vec<(String, Vec<Option<f64>>)> = columns.iter().map(column).collect();
        let columns =
            columns.iter().map(|(name, values)| LogColumn { name, values: values.clone() });
        let frames: Vec<u64> = indices.iter().copied().map(u64::from).collect();
        let aggregates = match &self.engine {
            Engine::Finished(Some(table)) => table.aggregates(),
            _ => &[],
        };
        let log = Log {
            version,
            frames: &frames,
            columns: columns.collect(),
            aggregates,
            size: self.format.map_or((0, 0), |format| format.size()),
            // The clock may not advance during a short run.
            frames_per_second: (f64::from(self.read) / self.seconds).min(1e9),
        };
        Ok(match format {
            OutputFormat::Xml => log.xml(out),
            OutputFormat::Json => log.json(out),
            OutputFormat::Csv => log.csv(out),
            OutputFormat::Sub => log.sub(out),
        })
    }

    /// The columns of the features, with the values measured so far.
    fn measured_values(&self) -> Result<Vec<Values>> {
        let mut columns: Vec<Values> = Vec::new();
        for &index in &self.indices {
            let Some(row) = self.row(index)? else { continue };
            for (name, values) in row.columns() {
                let found = columns.iter().position(|column| column.name == name);
                let place = found.unwrap_or_else(|| {
                    columns.push(Values { name: name.to_owned(), values: Vec::new() });
                    columns.len() - 1
                });
                columns[place].values.push((index, values[0]));
            }
        }
        Ok(columns)
    }
}
