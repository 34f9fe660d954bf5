//! Text tables: columns as wide as their contents, and words wrapped to a width.

/// Formats a time as minutes, seconds and milliseconds.
pub fn clock(seconds: f64) -> String {
    let milliseconds = (seconds * 1000.0).round().max(0.0) as u64;
    let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
    format!("{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Formats rows of cells, the first row the header, as lines.
pub fn table(columns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| console::measure_text_width(cell)).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for ((cell, width), align) in row.iter().zip(&widths).zip(columns) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let space = " ".repeat(width - console::measure_text_width(cell));
            match align {
                Align::Left => line.extend([&cell[..], &space]),
                Align::Right => line.extend([&space, &cell[..]]),
            }
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Formats rows as lines, with the last cells wrapped so that lines are at most `width` wide.
pub fn wrapped_table(rows: &[Vec<String>], width: usize) -> Vec<String> {
    let columns = rows.iter().map(|row| row.len().saturating_sub(1)).max().unwrap_or(0);
    let starts: Vec<Vec<String>> =
        rows.iter().map(|row| row[..columns.min(row.len())].to_vec()).collect();
    let starts = table(&vec![Align::Left; columns], &starts);
    let indent = starts.iter().map(|start| start.chars().count()).max().unwrap_or(0);
    let room = width.saturating_sub(indent + 2).max(20);
    let mut lines = Vec::new();
    for (row, start) in rows.iter().zip(&starts) {
        let last = row.get(columns).map_or("", String::as_str);
        for (place, text) in wrap(last, room).iter().enumerate() {
            let start = if place == 0 { start } else { "" };
            lines.push(format!("{start:indent$}  {text}").trim_end().to_owned());
        }
    }
    lines
}

/// Breaks `text` between words into lines of at most `width` characters.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Shortens `text` at its start if it is longer than `width`: the end of a path says most.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let end: String = text.chars().skip(count - width.saturating_sub(3)).collect();
    format!("...{end}")
}

/// Formats a frame rate, with at most three decimals.
pub(crate) fn rate(frames_per_second: f64) -> String {
    let text = format!("{frames_per_second:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_times_are_rounded_once() {
        assert_eq!(clock(0.0), "00:00.000");
        assert_eq!(clock(59.9996), "01:00.000");
        assert_eq!(clock(3725.5), "62:05.500");
    }

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["name".to_owned(), "score".to_owned()], vec!["a".into(), "9.50".into()]];
        assert_eq!(table(&[Align::Left, Align::Right], &rows), ["name  score", "a      9.50"]);
    }

    #[test]
    fn words_wrap_and_long_paths_keep_their_end() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("", 8), [""]);
        assert_eq!(shorten("/long/path/enc.mp4", 10), "...enc.mp4");
        assert_eq!(shorten("enc.mp4", 10), "enc.mp4");
    }
}
