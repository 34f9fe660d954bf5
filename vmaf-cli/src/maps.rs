//! `vmaf maps`: files that show the quality loss across one frame.

use vmaf::maps::{FeatureMaps, Value, WrittenMaps};
use vmaf::output::text::{Align, table};

use crate::args::maps::MapsArgs;
use crate::failure::Result;
use crate::signals::ReceivedSignal;
use crate::terminal;

/// Runs `vmaf maps`.
pub(crate) fn run(arguments: &MapsArgs) -> Result<()> {
    let (handle, _) = terminal::handle(arguments.quiet);
    let request = arguments.request()?;
    let received = ReceivedSignal::stop(&handle, false);
    let written = received.outcome(request.write(&handle))?;
    if arguments.quiet {
        return Ok(());
    }
    terminal::print(&(lines(arguments, &written).join("\n") + "\n"))
}

/// Lists the values and the files as text.
fn lines(arguments: &MapsArgs, written: &WrittenMaps) -> Vec<String> {
    let with_roi = arguments.roi.is_some();
    let mut header = ["column", "value"].map(String::from).to_vec();
    header.extend(with_roi.then(|| "within --roi".to_owned()));
    let mut rows = vec![header];
    for FeatureMaps { values, within, .. } in &written.features {
        for (index, Value { column, value }) in values.iter().enumerate() {
            let mut row = vec![column.clone(), format!("{value:.6}")];
            let within = within.as_ref().and_then(|within| within.get(index));
            row.extend(with_roi.then(|| {
                within.map_or_else(|| "-".to_owned(), |within| format!("{:.6}", within.value))
            }));
            rows.push(row);
        }
    }
    let (frame, distorted) = (arguments.frame, &arguments.distorted);
    let mut lines = vec![format!("frame {frame} of {distorted}: {}", written.format)];
    let videos = [&arguments.reference, distorted].into_iter().zip(&written.steps);
    let conformed = videos.filter(|(_, steps)| !steps.is_empty());
    lines.extend(conformed.map(|(path, steps)| format!("{path}: {}", steps.join(", "))));
    lines.push(String::new());
    lines.extend(table(&[Align::Left, Align::Right, Align::Right], &rows));
    lines.push(String::new());
    for FeatureMaps { name, picture, count, .. } in &written.features {
        let maps = if *count == 1 { "map" } else { "maps" };
        lines.push(format!("{name}: {} and {count} {maps}", picture.display()));
    }
    lines.push(format!("described in {}", written.index.display()));
    lines
}
