//! Red for what must not be overlooked. Words say the same: colour is never the only carrier.

use std::env;
use std::io::{self, IsTerminal, Write};

use crate::terminal::one_line;

/// Whether text may be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// It may: a terminal reads it.
    Ansi,
    /// It may not.
    Plain,
}

impl Colour {
    /// For standard output: coloured on a terminal, unless `NO_COLOR` says no (no-color.org).
    pub fn of_stdout() -> Self {
        let is_unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if is_unwanted || !io::stdout().is_terminal() { Self::Plain } else { Self::Ansi }
    }

    /// Writes one line in red.
    pub fn red_line(self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        const RED: &str = "\u{1b}[1;31m";
        const RESET: &str = "\u{1b}[0m";
        let text = one_line(text);
        let line = match self {
            Self::Ansi => format!("{RED}{text}{RESET}\n"),
            Self::Plain => format!("{text}\n"),
        };
        out.write_all(line.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_same_and_obeys_nobody() {
        let mut out = Vec::new();
        Colour::Plain.red_line(&mut out, "bypassed\u{1b}[2J").expect("written");
        Colour::Ansi.red_line(&mut out, "bypassed").expect("written");
        assert_eq!(String::from_utf8(out).expect("text"), "bypassed\\u{1b}[2J\n\u{1b}[1;31mbypassed\u{1b}[0m\n");
    }
}
