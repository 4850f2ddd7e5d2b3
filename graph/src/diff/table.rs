//! A group of lines for people: a heading with a number, the first few in two columns, how many more there are.

use std::io::{self, Write};

use crate::words;

/// The widest first column. What is longer pushes what is behind it.
const WIDEST: usize = 48;

/// A line: what it is about, and what is said of it.
pub(crate) type Row = (String, String);

/// Writes a group, unless it is empty. Each call of `writeln!` is one line, so that a stream can keep it one.
pub(crate) fn write_group<T>(
    out: &mut dyn Write,
    (title, sign): (&str, char),
    items: &[T],
    most: usize,
    row: impl Fn(&T) -> Row,
) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}: {}", words::number(items.len()))?;
    let rows: Vec<Row> = items.iter().take(most).map(row).collect();
    let width = rows.iter().map(|(subject, _)| subject.chars().count()).max().unwrap_or(0).min(WIDEST);
    for (subject, details) in rows {
        if details.is_empty() {
            writeln!(out, "  {sign} {subject}")?;
        } else {
            writeln!(out, "  {sign} {subject:width$}  {details}")?;
        }
    }
    match items.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "  … and {} more; `--json` lists them all", words::number(more)),
    }
}
