//! Where the elements of a top-level array begin and end, found in bytes that come piece by piece.

use std::fmt;

use memchr::memchr2;

/// What an answer has to be at its top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// `[…]`: records.
    Array,
    /// `{…}`: one record, or an envelope.
    Object,
    /// `{…}` in each line: records. Only the beginning is looked at.
    Lines,
    /// A table of rows and columns. Only the beginning is looked at: it is no page for people.
    Table,
}

/// Finds the elements of one JSON document (RFC 8259): brackets and strings are followed, all else is left to whoever decodes
/// an element. Its memory does not grow with the depth.
#[derive(Clone, Debug)]
pub(crate) struct Splitter {
    top: Expect,
    place: Place,
    /// Open brackets, the top-level one included.
    depth: u64,
    /// Bytes so far.
    offset: u64,
    elements: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Before the document, after so many bytes of [`MARK`].
    Before { mark: usize },
    /// After the bracket that opens the array.
    First,
    /// After a comma of the array.
    Next,
    /// In an element (in an object: after its bracket), outside of strings.
    Element,
    /// In a string of an element.
    String,
    /// After a backslash in a string.
    Escape,
    /// At the comma or the bracket that ends an element.
    Delimiter,
    /// In a document of which only the beginning is looked at.
    Unseen,
    /// After the document.
    After,
}

/// What bytes of the document are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// So many that belong to no element.
    Between(usize),
    /// So many of an element that goes on.
    Inside(usize),
    /// So many of an element that ends with them.
    Ended(usize),
}

/// Why bytes are not one JSON document of the kind expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {what}")]
pub struct BrokenJson {
    /// Where, counted from 0.
    pub at: u64,
    /// What is wrong there.
    pub what: Wrong,
}

/// What can be wrong with the outline of a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It begins with something else, or is empty.
    Start {
        /// What it should have been.
        expected: Expect,
        /// Its first byte.
        found: Option<u8>,
    },
    /// It ends before everything that was opened is closed.
    Open {
        /// How many brackets are open.
        brackets: u64,
    },
    /// Something stands where an element should.
    NoElement(u8),
    /// What was opened is closed with another bracket.
    Bracket(u8),
    /// Something follows the document.
    Trailing(u8),
}

/// The byte order mark, which files saved by an editor begin with, and so the output of programs that have one among theirs.
const MARK: &[u8; 3] = b"\xef\xbb\xbf";

impl Splitter {
    pub(crate) fn new(top: Expect) -> Self {
        Self { top, place: Place::Before { mark: 0 }, depth: 0, offset: 0, elements: 0 }
    }

    /// How many elements of a top-level array began so far; 0 for an object.
    pub(crate) fn elements(&self) -> u64 {
        self.elements
    }

    /// How many bytes were looked at.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Looks at the next bytes up to where an element begins or ends.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Result<Step, BrokenJson> {
        let step = match self.place {
            Place::Element | Place::String | Place::Escape => self.inside(bytes)?,
            Place::Unseen => Step::Between(bytes.len()),
            _ => Step::Between(self.between(bytes)?),
        };
        let (Step::Between(count) | Step::Inside(count) | Step::Ended(count)) = step;
        self.offset += count as u64;
        Ok(step)
    }

    /// Looks at bytes for their outline only.
    pub(crate) fn skip(&mut self, mut bytes: &[u8]) -> Result<(), BrokenJson> {
        while !bytes.is_empty() {
            let (Step::Between(count) | Step::Inside(count) | Step::Ended(count)) = self.step(bytes)?;
            bytes = &bytes[count..];
        }
        Ok(())
    }

    /// There are no more bytes.
    pub(crate) fn finish(&self) -> Result<(), BrokenJson> {
        match self.place {
            Place::After | Place::Unseen => Ok(()),
            Place::Before { .. } => Err(self.broken(0, Wrong::Start { expected: self.top, found: None })),
            _ => Err(self.broken(0, Wrong::Open { brackets: self.depth })),
        }
    }

    fn broken(&self, at: usize, what: Wrong) -> BrokenJson {
        BrokenJson { at: self.offset + at as u64, what }
    }

    /// How many bytes belong to no element.
    fn between(&mut self, bytes: &[u8]) -> Result<usize, BrokenJson> {
        for (at, &byte) in bytes.iter().enumerate() {
            self.place = match (self.place, byte) {
                (place, b' ' | b'\t' | b'\r' | b'\n') => place,
                (Place::Before { mark }, _)
                    if self.offset + at as u64 == mark as u64 && MARK.get(mark) == Some(&byte) =>
                {
                    Place::Before { mark: mark + 1 }
                }
                (Place::Before { mark }, _) => {
                    let opened = if mark == 0 || mark == MARK.len() { self.opened(byte) } else { None };
                    opened.ok_or_else(|| self.broken(at, Wrong::Start { expected: self.top, found: Some(byte) }))?
                }
                (Place::First | Place::Delimiter, b']') => {
                    self.depth = 0;
                    Place::After
                }
                (Place::Delimiter, _) => Place::Next, // it ends an element, so it is a comma or the bracket
                (Place::First | Place::Next, b',' | b':' | b']' | b'}') => {
                    return Err(self.broken(at, Wrong::NoElement(byte)));
                }
                (Place::First | Place::Next, _) => {
                    self.place = Place::Element;
                    self.elements += 1;
                    return Ok(at);
                }
                (_, byte) => return Err(self.broken(at, Wrong::Trailing(byte))),
            };
            if matches!(self.place, Place::Element | Place::Unseen) {
                return Ok(at + 1);
            }
        }
        Ok(bytes.len())
    }

    /// Where the first byte of a document leads.
    fn opened(&mut self, byte: u8) -> Option<Place> {
        let place = match (self.top, byte) {
            (Expect::Array, b'[') => Place::First,
            (Expect::Object, b'{') => Place::Element,
            (Expect::Lines, b'{') => return Some(Place::Unseen),
            (Expect::Table, byte) => return (byte != b'<').then_some(Place::Unseen),
            _ => return None,
        };
        self.depth = 1;
        Some(place)
    }

    fn inside(&mut self, bytes: &[u8]) -> Result<Step, BrokenJson> {
        let mut at = 0;
        while at < bytes.len() {
            match self.place {
                Place::Escape => {
                    self.place = Place::String;
                    at += 1;
                }
                Place::String => {
                    let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) else { return Ok(Step::Inside(bytes.len())) };
                    at += found + 1;
                    self.place = if bytes[at - 1] == b'"' { Place::Element } else { Place::Escape };
                }
                _ => {
                    let Some(found) = bytes[at..].iter().position(|byte| STRUCTURE[usize::from(*byte)]) else { break };
                    at += found;
                    if let Some(step) = self.structure(bytes[at], at)? {
                        return Ok(step);
                    }
                    at += 1;
                }
            }
        }
        Ok(Step::Inside(bytes.len()))
    }

    /// Follows one byte of [`STRUCTURE`], and says where it ends something.
    fn structure(&mut self, byte: u8, at: usize) -> Result<Option<Step>, BrokenJson> {
        match (byte, self.top) {
            (b'"', _) => self.place = Place::String,
            (b'[' | b'{', _) => self.depth += 1,
            (b']' | b'}', _) if self.depth > 1 => self.depth -= 1,
            (b',' | b']', Expect::Array) if self.depth == 1 => {
                self.place = Place::Delimiter;
                return Ok(Some(Step::Ended(at)));
            }
            (b'}', Expect::Object) => {
                (self.place, self.depth) = (Place::After, 0);
                return Ok(Some(Step::Inside(at + 1)));
            }
            (b']' | b'}', _) => return Err(self.broken(at, Wrong::Bracket(byte))),
            _ => {}
        }
        Ok(None)
    }
}

/// The bytes that mean something outside of strings.
const STRUCTURE: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"\"[]{},";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
};

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Lines => "JSON lines",
            Self::Table => "a table",
        })
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Start { expected, found: Some(byte) } => {
                write!(f, "`{}` where {expected} should begin", byte.escape_ascii())
            }
            Self::Start { expected, found: None } => write!(f, "nothing where {expected} should be"),
            Self::Open { brackets: 1 } => f.write_str("it ends, and its last bracket is missing"),
            Self::Open { brackets } => write!(f, "it ends inside of a record, and {brackets} brackets are open"),
            Self::NoElement(byte) => write!(f, "`{}` where a record should be", byte.escape_ascii()),
            Self::Bracket(byte) => write!(f, "`{}` closes what another bracket opened", byte.escape_ascii()),
            Self::Trailing(byte) => write!(f, "`{}` after the end", byte.escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The elements, found in pieces of `size` bytes.
    fn split(text: &str, size: usize) -> Result<Vec<String>, BrokenJson> {
        let mut splitter = Splitter::new(Expect::Array);
        let (mut found, mut element) = (Vec::new(), Vec::new());
        for mut piece in text.as_bytes().chunks(size) {
            while !piece.is_empty() {
                let step = splitter.step(piece)?;
                let (Step::Between(count) | Step::Inside(count) | Step::Ended(count)) = step;
                if !matches!(step, Step::Between(_)) {
                    element.extend_from_slice(&piece[..count]);
                }
                if let Step::Ended(_) = step {
                    found.push(String::from_utf8(std::mem::take(&mut element)).expect("UTF-8 went in"));
                }
                piece = &piece[count..];
            }
        }
        splitter.finish()?;
        assert_eq!(splitter.elements(), found.len() as u64);
        Ok(found)
    }

    #[test]
    fn elements_are_found_in_pieces_of_any_size() {
        for (text, elements) in [
            ("[]", vec![]),
            (" [ ]\n", vec![]),
            ("\u{feff}[1]", vec!["1"]),
            ("[1,-2.5e3 , true]", vec!["1", "-2.5e3 ", "true"]),
            (r#"[{"a":[1,2],"b":"]},{"},"x,\"y\\",[[]]]"#, vec![r#"{"a":[1,2],"b":"]},{"}"#, r#""x,\"y\\""#, "[[]]"]),
            ("[\n  {\"é\": \"\u{1f5fc}\"}\n]", vec!["{\"é\": \"\u{1f5fc}\"}\n"]),
        ] {
            for size in 1..=text.len() {
                assert_eq!(
                    split(text, size),
                    Ok(elements.iter().map(ToString::to_string).collect()),
                    "{text} by {size}"
                );
            }
        }
    }

    #[test]
    fn says_where_the_outline_breaks() {
        for (text, says) in [
            ("", "at byte 0: nothing where an array should be"),
            ("  ", "at byte 2: nothing where an array should be"),
            ("{\"error\":1}", "at byte 0: `{` where an array should begin"),
            ("<html>", "at byte 0: `<` where an array should begin"),
            ("[", "at byte 1: it ends, and its last bracket is missing"),
            ("[1,2", "at byte 4: it ends, and its last bracket is missing"),
            ("[1,{\"a\":\"b", "at byte 10: it ends inside of a record, and 2 brackets are open"),
            ("[1,,2]", "at byte 3: `,` where a record should be"),
            ("[,1]", "at byte 1: `,` where a record should be"),
            ("[1,]", "at byte 3: `]` where a record should be"),
            ("[1}", "at byte 2: `}` closes what another bracket opened"),
            ("[1]]", "at byte 3: `]` after the end"),
            ("[1] [2]", "at byte 4: `[` after the end"),
            ("\u{fec0}[]", "at byte 2: `\\x80` where an array should begin"),
            ("\u{feff}\u{feff}[]", "at byte 3: `\\xef` where an array should begin"),
        ] {
            for size in 1..=text.len().max(1) {
                assert_eq!(
                    split(text, size).map_err(|error| error.to_string()),
                    Err(says.to_owned()),
                    "{text} by {size}"
                );
            }
        }
    }

    #[test]
    fn of_lines_and_tables_only_the_beginning_is_looked_at() {
        let skip = |top, text: &str| {
            let mut splitter = Splitter::new(top);
            text.bytes().try_for_each(|byte| splitter.skip(&[byte]))?;
            splitter.finish()
        };
        assert_eq!(skip(Expect::Lines, "\u{feff}\n{\"pleach\":1}\n{]"), Ok(()));
        assert_eq!(skip(Expect::Table, "\u{feff}id,name\n1,\"["), Ok(()));
        for (top, text) in
            [(Expect::Lines, "[{}]"), (Expect::Lines, ""), (Expect::Table, " <html>"), (Expect::Table, " ")]
        {
            assert!(skip(top, text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_object_is_one_from_brace_to_brace() {
        let skip = |text: &str| {
            let mut splitter = Splitter::new(Expect::Object);
            text.bytes().try_for_each(|byte| splitter.skip(&[byte]))?;
            splitter.finish().map(|()| splitter.elements())
        };
        assert_eq!(skip(r#" {"a":{"b":[1,2]},"c":"}"} "#), Ok(0));
        assert_eq!(skip("{}"), Ok(0));
        assert_eq!(
            skip("[]"),
            Err(BrokenJson { at: 0, what: Wrong::Start { expected: Expect::Object, found: Some(b'[') } })
        );
        assert_eq!(skip("{]"), Err(BrokenJson { at: 1, what: Wrong::Bracket(b']') }));
        assert_eq!(skip("{\"a\":1"), Err(BrokenJson { at: 6, what: Wrong::Open { brackets: 1 } }));
        assert_eq!(skip("{}}"), Err(BrokenJson { at: 2, what: Wrong::Trailing(b'}') }));
    }
}
