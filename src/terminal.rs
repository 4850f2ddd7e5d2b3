//! Text for people: what a terminal would obey is shown, not sent.
//!
//! Names come from customers, and a name may hold an escape sequence, a newline or a mark that turns the line around.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// What a character does to the text around it.
fn is_obeyed(c: char) -> bool {
    let turns_text_around =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns_text_around || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The text on one line, with every character that a terminal would obey as its escape: `\n`, `\u{1b}`.
pub fn one_line(text: &str) -> Cow<'_, str> {
    shown(text, is_obeyed)
}

/// The same for a text of several lines, whose newlines are meant.
pub fn several_lines(text: &str) -> Cow<'_, str> {
    shown(text, |c| c != '\n' && is_obeyed(c))
}

fn shown(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_escaped(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// A stream for people: each `writeln!` is one line, whatever the values in it hold.
///
/// Bytes that are written without formatting, such as JSON or a picture, pass as they are.
#[derive(Debug)]
pub struct Lines<W>(W);

impl<W: Write> Lines<W> {
    /// A stream on top of another.
    pub fn new(stream: W) -> Self {
        Self(stream)
    }

    /// The stream below.
    pub fn into_inner(self) -> W {
        self.0
    }
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> io::Result<()> {
        let mut text = String::new();
        text.write_fmt(arguments).map_err(io::Error::other)?;
        let (line, end) = text.strip_suffix('\n').map_or((text.as_str(), ""), |line| (line, "\n"));
        self.0.write_all(one_line(line).as_bytes())?;
        self.0.write_all(end.as_bytes())
    }
}

/// A buffer in front of a stream that forgets what could not be written: a stream that failed once is not tried again
/// with the same bytes, as `BufWriter` does.
#[derive(Debug)]
pub struct Buffered<W> {
    stream: W,
    bytes: Vec<u8>,
}

impl<W: Write> Buffered<W> {
    /// How much is gathered before it is written: few calls for a picture of megabytes.
    const FULL: usize = 1 << 16;

    /// A buffer in front of `stream`.
    pub fn new(stream: W) -> Self {
        Self { stream, bytes: Vec::new() }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let written = self.stream.write_all(&self.bytes);
        self.bytes.clear();
        written
    }
}

impl<W: Write> Write for Buffered<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= Self::FULL {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.stream.flush()
    }
}

/// Says something on standard error, if anyone reads it: that nobody does changes nothing about the run.
pub fn say(bytes: &[u8]) {
    let _ = io::stderr().write_all(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        for (text, expected) in [
            ("Jones & Söhne, 日本 نور", "Jones & Söhne, 日本 نور"),
            ("a\u{1b}[31mb\u{7}", "a\\u{1b}[31mb\\u{7}"),
            ("two\nlines\ttab", "two\\nlines\\ttab"),
            ("\u{202e}live", "\\u{202e}live"),
            ("C1 \u{9b}31m", "C1 \\u{9b}31m"),
        ] {
            assert_eq!(one_line(text), expected);
        }
        assert_eq!(several_lines("a\n\u{1b}"), "a\n\\u{1b}");
    }

    #[test]
    fn a_failed_write_is_not_repeated() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut out = Buffered::new(Full);
        out.write_all(b"lost").expect("only gathered");
        out.flush().expect_err("full");
        out.flush().expect("nothing is left to write");
    }

    #[test]
    fn a_line_stays_one_line() {
        let mut out = Lines::new(Vec::new());
        let name = "x\ny";
        writeln!(out, "name {name}").expect("written");
        out.write_all(b"{\n}\n").expect("written");
        assert_eq!(out.into_inner(), b"name x\\ny\n{\n}\n");
    }
}
