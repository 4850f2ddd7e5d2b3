//! The syntax of Tcl: commands of words, words of text, variables and commands in brackets (Tcl 8.6, `Tcl(n)`).

use super::DEEPEST_NESTING;
use super::error::{Outcome, Stop};

/// A command: its words, and the line it begins on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) line: u32,
    pub(super) words: Vec<Word>,
}

/// A word of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) line: u32,
    pub(super) parts: Vec<Part>,
    /// What stands between the braces, as it stands there: lines count in it.
    pub(super) braced: Option<String>,
}

/// A stretch of a word.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// As it is.
    Text(String),
    /// The value of a variable.
    Variable(String),
    /// The result of a script in brackets, which begins on that line.
    Script(String, u32),
}

/// Reads commands one after the other.
pub(super) struct Parser<'s> {
    text: &'s str,
    at: usize,
    line: u32,
    /// How many brackets are open.
    depth: usize,
}

impl<'s> Parser<'s> {
    /// A script, whose first line has this number.
    pub(super) fn new(text: &'s str, line: u32) -> Self {
        Self { text, at: 0, line, depth: 0 }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    pub(super) const fn line(&self) -> u32 {
        self.line
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        self.line += u32::from(next == '\n');
        Some(next)
    }

    fn is_continuation(&self) -> bool {
        self.rest().starts_with("\\\n")
    }

    /// A backslash at the end of a line, with the white space that follows, is one space.
    fn skip_continuation(&mut self) {
        self.bump();
        self.bump();
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.bump();
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        loop {
            if matches!(self.peek(), Some(' ' | '\t' | '\r' | '\u{b}' | '\u{c}')) {
                self.bump();
            } else if self.is_continuation() {
                self.skip_continuation();
            } else {
                return;
            }
        }
    }

    /// Blanks and ends of lines, which mean nothing in an expression.
    pub(super) fn skip_white(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.bump();
            self.skip_blanks();
        }
    }

    fn skip_comment(&mut self) {
        while let Some(next) = self.bump() {
            match next {
                '\\' => _ = self.bump(),
                '\n' => return,
                _ => {}
            }
        }
    }

    /// The next command; nothing at the end, or at the bracket that closes this script.
    pub(super) fn command(&mut self) -> Outcome<Option<Command>> {
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return Ok(None),
                Some(']') if self.depth > 0 => return Ok(None),
                Some('\n' | ';') => _ = self.bump(),
                Some('#') => self.skip_comment(),
                Some(_) => break,
            }
        }
        let mut command = Command { line: self.line, words: Vec::new() };
        while !self.is_at_end_of_command() {
            command.words.push(self.word()?);
            self.skip_blanks();
        }
        Ok(Some(command))
    }

    fn is_at_end_of_command(&self) -> bool {
        match self.peek() {
            None | Some('\n' | ';') => true,
            Some(']') => self.depth > 0,
            Some(_) => false,
        }
    }

    fn is_at_end_of_word(&self) -> bool {
        matches!(self.peek(), Some(' ' | '\t' | '\r' | '\u{b}' | '\u{c}'))
            || self.is_continuation()
            || self.is_at_end_of_command()
    }

    fn word(&mut self) -> Outcome<Word> {
        let line = self.line;
        match self.peek() {
            Some('{') => {
                if self.rest().starts_with("{*}") && !self.rest()[3..].starts_with([' ', '\t', '\n', ';']) {
                    return Err(Stop::at(line, "`{*}` is not part of this language"));
                }
                let braced = self.braces()?;
                self.must_end_word("close-brace")?;
                Ok(Word { line, parts: vec![Part::Text(joined_lines(&braced))], braced: Some(braced) })
            }
            Some('"') => {
                self.bump();
                let parts = self.parts(|parser| parser.peek() == Some('"'))?;
                if self.bump().is_none() {
                    return Err(Stop::at(line, "a quote is opened here and not closed"));
                }
                self.must_end_word("close-quote")?;
                Ok(Word { line, parts, braced: None })
            }
            _ => Ok(Word { line, parts: self.parts(Self::is_at_end_of_word)?, braced: None }),
        }
    }

    fn must_end_word(&self, after: &str) -> Outcome<()> {
        if self.is_at_end_of_word() {
            return Ok(());
        }
        Err(Stop::at(self.line, format!("extra characters after {after}: leave a space there")))
    }

    /// What stands between braces; the parser is at the first of them.
    pub(super) fn braces(&mut self) -> Outcome<String> {
        let line = self.line;
        self.bump();
        let (from, mut open) = (self.at, 1);
        loop {
            let before = self.at;
            match self.bump() {
                None => return Err(Stop::at(line, "a brace is opened here and not closed")),
                Some('\\') => _ = self.bump(),
                Some('{') => open += 1,
                Some('}') if open == 1 => return Ok(self.text[from..before].to_owned()),
                Some('}') => open -= 1,
                Some(_) => {}
            }
        }
    }

    /// Text with substitutions, until `is_end`.
    pub(super) fn parts(&mut self, is_end: impl Fn(&Self) -> bool) -> Outcome<Vec<Part>> {
        let mut parts = Vec::new();
        let mut text = String::new();
        while self.peek().is_some() && !is_end(self) {
            let found = match self.peek() {
                Some('\\') => {
                    self.escape(&mut text);
                    continue;
                }
                Some('$') => self.variable()?,
                Some('[') => Some(self.brackets()?),
                _ => None,
            };
            if let Some(part) = found {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(part);
            } else {
                text.extend(self.bump());
            }
        }
        if !text.is_empty() || parts.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(parts)
    }

    /// `$name` or `${name}`; nothing where the dollar sign stands for itself.
    pub(super) fn variable(&mut self) -> Outcome<Option<Part>> {
        let line = self.line;
        let rest = &self.rest()[1..];
        if let Some(inside) = rest.strip_prefix('{') {
            let Some(end) = inside.find('}') else {
                return Err(Stop::at(line, "`${` is opened here and not closed"));
            };
            let name = inside[..end].to_owned();
            self.advance(end + 3);
            return Ok(Some(Part::Variable(name)));
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | ':')).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        if rest[end..].starts_with('(') {
            return Err(Stop::at(line, format!("arrays such as `${name}(…)` are not part of this language")));
        }
        if name.is_empty() {
            return Ok(None);
        }
        self.advance(end + 1);
        Ok(Some(Part::Variable(name)))
    }

    fn advance(&mut self, bytes: usize) {
        let end = self.at + bytes;
        while self.at < end {
            self.bump();
        }
    }

    /// A script in brackets; the parser is at the first of them.
    pub(super) fn brackets(&mut self) -> Outcome<Part> {
        let line = self.line;
        if self.depth == DEEPEST_NESTING {
            return Err(Stop::at(line, format!("more than {DEEPEST_NESTING} brackets are nested here")));
        }
        self.bump();
        self.depth += 1;
        let (from, from_line) = (self.at, self.line);
        while self.command()?.is_some() {}
        self.depth -= 1;
        let script = self.text[from..self.at].to_owned();
        if self.bump() != Some(']') {
            return Err(Stop::at(line, "a bracket is opened here and not closed"));
        }
        Ok(Part::Script(script, from_line))
    }

    /// A backslash and what it stands for.
    fn escape(&mut self, text: &mut String) {
        if self.is_continuation() {
            self.skip_continuation();
            text.push(' ');
            return;
        }
        self.bump();
        match self.bump() {
            None => text.push('\\'),
            Some('a') => text.push('\u{7}'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('v') => text.push('\u{b}'),
            Some('x') => self.code(text, 'x', 16, 2),
            Some('u') => self.code(text, 'u', 16, 4),
            Some('U') => self.code(text, 'U', 16, 8),
            Some(digit @ '0'..='7') => {
                self.at -= 1;
                self.code(text, digit, 8, 3);
            }
            Some(other) => text.push(other),
        }
    }

    /// A character by its number; the letter itself where no digit follows.
    fn code(&mut self, text: &mut String, letter: char, radix: u32, most: usize) {
        let digits = self.rest().chars().take(most).take_while(|c| c.is_digit(radix)).count();
        let number = u32::from_str_radix(&self.rest()[..digits], radix);
        self.advance(digits);
        match number {
            Ok(number) => text.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)),
            Err(_) => text.push(letter),
        }
    }
}

/// Braces keep everything but a backslash at the end of a line.
fn joined_lines(braced: &str) -> String {
    let mut text = String::with_capacity(braced.len());
    let mut rest = braced;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(after) = from.strip_prefix("\\\n") {
            text.push(' ');
            rest = after.trim_start_matches([' ', '\t']);
        } else {
            let end = from.char_indices().nth(2).map_or(from.len(), |(end, _)| end);
            text.push_str(&from[..end]);
            rest = &from[end..];
        }
    }
    text.push_str(rest);
    text
}
