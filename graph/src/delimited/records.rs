//! Records of a delimited text, one by one, with recovery from quotes that are never closed.
//!
//! `csv_core` is fed line by line. If it wants more after a line, a quote is open there; so a record never costs more
//! than [`MOST_RECORD_LINES`] lines or [`LONGEST_LINE`](crate::text::LONGEST_LINE) bytes, after which its first line is
//! set aside and reading resumes at the second. Each line is therefore looked at a bounded number of times.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::sniff::{Delimiter, count_outside_quotes};
use crate::problem::{Code, Problem};
use crate::text::LONGEST_LINE;

/// The most lines that a record spans. Addresses and comments typed with Alt-Enter have a handful.
pub const MOST_RECORD_LINES: u32 = 50;

/// Reads records; the fields of the last one are held until the next.
pub struct Records<'t> {
    text: &'t str,
    delimiter: Delimiter,
    long_lines: &'t [u32],
    core: Reader,
    /// The next line to be read: where it starts, and its number.
    next: Position,
    /// The first line of the record just read, and the one after it.
    first: Position,
    second: Position,
    buffer: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    count: usize,
}

#[derive(Clone, Copy)]
struct Position {
    at: usize,
    line: u32,
}

/// What was found at a place in the text; the lines are those the record starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A record.
    Record {
        /// Its first line, from 1.
        line: u32,
        /// How many lines it spans.
        lines: u32,
    },
    /// A line longer than any row can be; the fields are those of its head.
    LongLine {
        /// The line, from 1.
        line: u32,
    },
    /// A line that opens a quote and does not close it; the fields are those of the line alone.
    UnclosedQuote {
        /// The line, from 1.
        line: u32,
    },
}

impl Outcome {
    /// The line it starts at, from 1.
    pub fn line(self) -> u32 {
        match self {
            Self::Record { line, .. } | Self::LongLine { line } | Self::UnclosedQuote { line } => line,
        }
    }

    /// Whether it is a record of several lines.
    pub fn spans_lines(self) -> bool {
        matches!(self, Self::Record { lines: 2.., .. })
    }

    /// The problem of a line that is no record; the caller says in which document.
    pub fn problem(self) -> Option<Problem> {
        match self {
            Self::Record { .. } => None,
            Self::LongLine { .. } => Some(
                Problem::new(Code::LongLine, "the line is longer than 1 MiB and is set aside")
                    .hint("see whether line breaks were lost when the file was made"),
            ),
            Self::UnclosedQuote { .. } => {
                let message =
                    "a quote is opened in this line and not closed; the line is set aside, the others are read";
                let hint = "close the quote, or write a quote inside a field twice (`\"\"`)";
                Some(Problem::new(Code::UnclosedQuote, message).hint(hint))
            }
        }
    }
}

/// The fields of a record.
#[derive(Clone, Copy)]
pub struct Fields<'r> {
    text: &'r str,
    ends: &'r [usize],
}

impl<'r> Fields<'r> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The field at `index`, trimmed; empty where the record has ended.
    pub fn get(&self, index: usize) -> &'r str {
        let Some(&end) = self.ends.get(index) else { return "" };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        trimmed(self.text.get(start..end).unwrap_or(""))
    }

    /// All fields, trimmed.
    pub fn iter(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let fields = *self;
        (0..fields.len()).map(move |index| fields.get(index))
    }

    /// Whether nothing stands in any field, as in the rows a spreadsheet leaves below a table.
    pub fn are_blank(&self) -> bool {
        self.iter().all(str::is_empty)
    }
}

/// `text.trim()`, at a glance where its ends are ASCII and visible.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [first, .., last] | [first @ last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

impl<'t> Records<'t> {
    /// The records of `text`; `long_lines` are those of the [`RawText`](crate::text::RawText) it was decoded from.
    pub fn new(text: &'t str, long_lines: &'t [u32]) -> Self {
        let (delimiter, at) = Delimiter::of(text);
        let next = Position { at, line: 1 + u32::from(at > 0) };
        Self {
            text,
            delimiter,
            long_lines,
            core: ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            next,
            first: next,
            second: next,
            buffer: Vec::new(),
            written: 0,
            ends: vec![0; 32],
            count: 0,
        }
    }

    /// What separates the fields.
    pub fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// Reads the next record; blank lines and lines that start with `#` are passed over.
    pub fn advance(&mut self) -> Option<Outcome> {
        let bytes = self.text.as_bytes();
        loop {
            self.first = self.next;
            let (start, end) = self.take_line()?;
            if end > start && bytes[start] != b'#' {
                break;
            }
        }
        self.second = self.next;
        let line = self.first.line;
        if self.is_long(line) {
            self.read_first_line_alone();
            return Some(Outcome::LongLine { line });
        }
        self.begin();
        let mut fed = self.first.at;
        while !self.feed(fed, self.next.at) {
            fed = self.next.at;
            let too_large = self.next.line - line >= MOST_RECORD_LINES || fed - self.first.at > LONGEST_LINE;
            if too_large || self.is_long(self.next.line) || self.take_line().is_none() {
                return Some(self.split_lines());
            }
        }
        let lines = self.next.line - line;
        if lines > 1 && !is_well_quoted(&bytes[self.first.at..self.next.at], self.delimiter.byte()) {
            return Some(self.split_lines());
        }
        Some(Outcome::Record { line, lines })
    }

    /// Takes the record just read back: its first line stands alone, and the next record starts at its second.
    ///
    /// For a reader that finds a record of several lines to be no row, and so its quote to be a stray one.
    pub fn split_lines(&mut self) -> Outcome {
        self.next = self.second;
        self.read_first_line_alone();
        Outcome::UnclosedQuote { line: self.first.line }
    }

    /// Whether the record just read spans lines of which two, the first among them, have all the fields a row needs.
    ///
    /// A line break typed into a cell divides a row; a stray quote joins rows. Only the latter leaves whole rows behind.
    pub fn joins_rows(&self, needed: usize) -> bool {
        let delimiter = self.delimiter.byte();
        let is_whole = |line: &str| count_outside_quotes(line, delimiter) + 1 >= needed;
        let mut lines = self.text[self.first.at..self.next.at].split(['\n', '\r']);
        lines.next().is_some_and(is_whole) && lines.any(is_whole)
    }

    /// The fields of what was read last.
    pub fn fields(&self) -> Fields<'_> {
        let ends = &self.ends[..self.count];
        let length = ends.last().copied().unwrap_or(0);
        let text = std::str::from_utf8(&self.buffer[..length]).expect("invariant: fields are cut at ASCII characters");
        Fields { text, ends }
    }

    fn is_long(&self, line: u32) -> bool {
        !self.long_lines.is_empty() && self.long_lines.binary_search(&line).is_ok()
    }

    /// Moves past the next line and returns where its content starts and ends.
    fn take_line(&mut self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let start = self.next.at;
        if start == bytes.len() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        let past = match bytes.get(end..) {
            Some([b'\r', b'\n', ..]) => end + 2,
            Some([_, ..]) => end + 1,
            _ => end,
        };
        self.next = Position { at: past, line: self.next.line + 1 };
        Some((start, end))
    }

    fn begin(&mut self) {
        self.core.reset();
        (self.count, self.written) = (0, 0);
    }

    fn read_first_line_alone(&mut self) {
        self.begin();
        if !self.feed(self.first.at, self.second.at) {
            self.feed_bytes(&[]);
        }
    }

    /// Feeds a line and says whether the record ends with it. The text's last line is fed with a line end, so that an
    /// open quote shows there too.
    fn feed(&mut self, start: usize, end: usize) -> bool {
        let line = &self.text.as_bytes()[start..end];
        self.feed_bytes(line) || (!line.ends_with(b"\n") && !line.ends_with(b"\r") && self.feed_bytes(b"\n"))
    }

    fn feed_bytes(&mut self, mut input: &[u8]) -> bool {
        loop {
            if self.buffer.len() < self.written + input.len() {
                self.buffer.resize((self.written + input.len()).max(2 * self.buffer.len()), 0);
            }
            let (result, taken, written, ends) =
                self.core.read_record(input, &mut self.buffer[self.written..], &mut self.ends[self.count..]);
            input = &input[taken..];
            self.written += written;
            self.count += ends;
            match result {
                ReadRecordResult::Record => return true,
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::OutputFull => self.buffer.resize(2 * self.buffer.len() + 1, 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return false,
            }
        }
    }
}

/// Whether every quote that opens a field is closed at the field's end. Where it is not, the quote that seemed to close
/// it was opening a field of a later row.
fn is_well_quoted(record: &[u8], delimiter: u8) -> bool {
    let mut rest = record;
    loop {
        if rest.first() == Some(&b'"') {
            rest = &rest[1..];
            loop {
                let Some(quote) = memchr::memchr(b'"', rest) else { return false };
                rest = &rest[quote + 1..];
                if rest.first() != Some(&b'"') {
                    break;
                }
                rest = &rest[1..];
            }
            let after = rest.iter().find(|&&byte| byte != b' ');
            if !after.is_none_or(|&byte| byte == delimiter || byte == b'\r' || byte == b'\n') {
                return false;
            }
        }
        match memchr::memchr3(delimiter, b'\n', b'\r', rest) {
            Some(at) if rest[at] == delimiter => rest = &rest[at + 1..],
            _ => return true,
        }
    }
}
