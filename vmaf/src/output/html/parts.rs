//! Tables in HTML.

use std::io::{self, Write};

use super::escape::Html;
use crate::output::text::Align;

/// A table with its header.
pub(super) struct Table {
    header: Vec<String>,
    columns: Vec<Align>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell: its text, and its formatting.
#[derive(Default)]
pub(super) struct Cell {
    text: String,
    pub(super) class: &'static str,
    /// The frame that it refers to, as a link.
    pub(super) frame: Option<u64>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

impl Table {
    /// Returns a cell of text.
    pub(super) fn new(header: Vec<String>, rows: Vec<Vec<Cell>>) -> Self {
        Self { columns: vec![Align::Left; header.len()], header, rows }
    }

    /// Returns a table from rows of text, the header first, that begin with a path.
    pub(super) fn from_rows(columns: Vec<Align>, mut rows: Vec<Vec<String>>) -> Self {
        let body = rows.split_off(rows.len().min(1));
        let header = rows.pop().unwrap_or_default();
        let cells = |row: &Vec<String>| {
            let mut cells: Vec<Cell> = row.iter().map(|cell| Cell::from(&cell[..])).collect();
            if let Some(encode) = cells.first_mut() {
                encode.class = "path";
            }
            cells
        };
        Self { header, columns, rows: body.iter().map(cells).collect() }
    }

    /// Writes the table, under a caption if there is one. If it is too wide for the screen, each
    /// row becomes a card, whose lines have the header's words as labels.
    pub(super) fn write(&self, caption: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, r#"<table class="cards">"#)?;
        if !caption.is_empty() {
            writeln!(out, "<caption>{}</caption>", Html(caption))?;
        }
        writeln!(out, "<thead><tr>")?;
        for (name, align) in self.header.iter().zip(&self.columns) {
            write!(out, r#"<th scope="col" class="{}">{}</th>"#, class(*align), Html(name))?;
        }
        writeln!(out, "</tr></thead><tbody>")?;
        for row in &self.rows {
            write!(out, "<tr>")?;
            for ((cell, name), align) in row.iter().zip(&self.header).zip(&self.columns) {
                let classes = [class(*align), cell.class].join(" ");
                write!(out, r#"<td class="{}" data-label="{}">"#, classes.trim(), Html(name))?;
                match cell.frame {
                    Some(frame) => write!(
                        out,
                        r#"<button type="button" class="jump" data-frame="{frame}">{}</button>"#,
                        Html(&cell.text)
                    )?,
                    None => write!(out, "<span>{}</span>", Html(&cell.text))?,
                }
                write!(out, "</td>")?;
            }
            // A row with fewer cells gives the reason in its last cell.
            for _ in row.len()..self.header.len() {
                write!(out, "<td></td>")?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table>")
    }
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Left => "",
        Align::Right => "number",
    }
}
