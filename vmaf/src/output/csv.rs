//! CSV of `vmaf score`: a line for each scored frame of each encode, with the encode's path, the
//! frame's number and time, and a column for each value. Undefined values are empty, and numbers
//! are written so that parsing them gives the same bits.

use std::io::{self, Write};

use super::report::Report;

/// Writes the lines of all encodes that have a result.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let scored =
        || report.encodes.iter().filter_map(|encode| Some((encode, encode.result.as_ref().ok()?)));
    let mut writer = csv::Writer::from_writer(out);
    let Some((_, first)) = scored().next() else { return Ok(()) };
    let names = first.scored.columns().iter().map(|column| report.name(&column.name));
    writer.write_record(["distorted", "frame", "time"].into_iter().chain(names))?;
    let number = |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
    for (encode, values) in scored() {
        let scored = &values.scored;
        for (row, (frame, time)) in scored.frames().iter().zip(scored.times()).enumerate() {
            let time = time.map(number).unwrap_or_default();
            let mut record = vec![encode.path.clone(), frame.to_string(), time];
            record.extend(scored.columns().iter().map(|column| number(column.values[row])));
            writer.write_record(&record)?;
        }
    }
    writer.flush()
}
