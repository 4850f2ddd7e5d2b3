//! Rows with every field quoted and CRLF at their end (RFC 4180), copied field by field.
//!
//! Not by the csv crate, which looks at every byte of every field to see whether it needs quotes, and wants numbers as texts.

use std::fmt::Display;
use std::io::{self, Write};

use crate::prefix::Prefix;
use crate::rate::Rate;

/// How many bytes are gathered before they are handed on.
const GATHERED: usize = 1 << 16;

/// Takes fields one by one; [`QuotedRows::end`] ends a row.
pub(super) struct QuotedRows<W> {
    out: W,
    bytes: Vec<u8>,
}

impl<W: Write> QuotedRows<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, bytes: Vec::with_capacity(2 * GATHERED) }
    }

    /// A field; quotes in it are doubled.
    pub(super) fn text(&mut self, text: &str) {
        self.bytes.push(b'"');
        if memchr::memchr(b'"', text.as_bytes()).is_none() {
            self.bytes.extend_from_slice(text.as_bytes());
        } else {
            self.bytes.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        }
        self.close();
    }

    /// A rate in Mbit/s.
    pub(super) fn rate(&mut self, rate: Rate) {
        self.bytes.push(b'"');
        rate.push_mbit(&mut self.bytes);
        self.close();
    }

    /// Prefixes, with commas between them.
    pub(super) fn list(&mut self, prefixes: &[Prefix]) {
        self.bytes.push(b'"');
        for (position, prefix) in prefixes.iter().enumerate() {
            if position > 0 {
                self.bytes.extend_from_slice(b", ");
            }
            prefix.push_text(&mut self.bytes);
        }
        self.close();
    }

    /// A field that has no quote in it.
    pub(super) fn display(&mut self, value: impl Display) {
        self.bytes.push(b'"');
        write!(self.bytes, "{value}").expect("invariant: writing to memory does not fail");
        self.close();
    }

    fn close(&mut self) {
        self.bytes.extend_from_slice(b"\",");
    }

    /// Ends the row, which has a field at least.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.bytes.pop(); // the comma after the last field
        self.bytes.extend_from_slice(b"\r\n");
        if self.bytes.len() >= GATHERED { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.out.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    /// Hands on what is left, and gives back what it was handed to.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.hand_on()?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn writes_what_the_csv_crate_writes(rows in proptest::collection::vec(
            proptest::collection::vec("[a\",\\n é]{0,5}", 1..4), 1..4)
        ) {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            let mut writer = csv::WriterBuilder::new()
                .quote_style(csv::QuoteStyle::Always)
                .terminator(csv::Terminator::CRLF)
                .flexible(true)
                .from_writer(&mut theirs);
            let mut quoted = QuotedRows::new(&mut ours);
            for row in &rows {
                for text in row {
                    quoted.text(text);
                }
                quoted.end().expect("memory");
                writer.write_record(row).expect("memory");
            }
            quoted.finish().expect("memory");
            drop(writer);
            prop_assert_eq!(ours, theirs);
        }
    }
}
