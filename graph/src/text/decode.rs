//! From bytes to text: UTF-8 where it is UTF-8, and line by line Windows-1252 where it is not.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use super::RawText;
use crate::problem::{Code, Problem};

/// An input's text, and how it was encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// How it was encoded.
    pub encoding: SourceEncoding,
}

/// The encoding an input was found to be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceEncoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16 of either byte order.
    Utf16,
    /// UTF-8 but for some lines, which were read as Windows-1252.
    Windows1252 {
        /// The first such line, from 1.
        first_line: u32,
    },
}

impl RawText {
    /// The text: borrowed where nothing has to change.
    pub fn decode(&self) -> Decoded<'_> {
        let encoding = if self.was_utf16 { SourceEncoding::Utf16 } else { SourceEncoding::Utf8 };
        let bytes = self.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Decoded { text: Cow::Borrowed(text), encoding },
            Err(error) => line_by_line(bytes, error.valid_up_to()),
        }
    }
}

impl Decoded<'_> {
    /// The note that says in which encoding `document` was read, if it was not UTF-8.
    pub fn problem(&self, document: &str) -> Option<Problem> {
        let (found, line) = match self.encoding {
            SourceEncoding::Utf8 => return None,
            SourceEncoding::Utf16 => ("the file is UTF-16".to_owned(), 0),
            SourceEncoding::Windows1252 { first_line } => {
                (format!("line {first_line} is not UTF-8 and was read as Windows-1252"), first_line)
            }
        };
        let hint = "save the file as UTF-8 (in Excel: `CSV UTF-8`)";
        Some(Problem::new(Code::Encoding, found).at(document, line).hint(hint))
    }
}

/// Lines that are UTF-8 stay, so that one line pasted from elsewhere does not garble the names on all others.
fn line_by_line(bytes: &[u8], valid_up_to: usize) -> Decoded<'static> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    let first_line = 1 + memchr::memchr_iter(b'\n', &bytes[..valid_up_to]).count();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match std::str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => text.push_str(&WINDOWS_1252.decode_without_bom_handling(line).0),
        }
    }
    let first_line = u32::try_from(first_line).unwrap_or(u32::MAX);
    Decoded { text: Cow::Owned(text), encoding: SourceEncoding::Windows1252 { first_line } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(bytes: &[u8]) -> (String, SourceEncoding) {
        let raw = RawText::table(bytes);
        let decoded = raw.decode();
        (decoded.text.into_owned(), decoded.encoding)
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn utf8_is_borrowed_and_loses_its_mark() {
        let raw = RawText::table("\u{feff}Circuit ID,é".as_bytes());
        let decoded = raw.decode();
        assert!(matches!(decoded.text, Cow::Borrowed("Circuit ID,é")));
        assert_eq!((decoded.encoding, decoded.problem("a.csv")), (SourceEncoding::Utf8, None));
    }

    #[test]
    fn utf16_of_both_orders_with_and_without_mark() {
        // U+0A05 and U+0D0A hold the bytes of line ends
        for text in ["Circuit ID\r\n1,Łódź \u{a05}\u{d0a}\n", "\u{feff}Circuit ID\r\n1,Łódź \u{a05}\u{d0a}\n"] {
            let plain = text.trim_start_matches('\u{feff}').to_owned();
            let long = plain.repeat(50);
            let marked = text.replacen(&plain, &long, 1);
            assert_eq!(decoded(&utf16(&marked, u16::to_le_bytes)), (long.clone(), SourceEncoding::Utf16));
            assert_eq!(decoded(&utf16(&marked, u16::to_be_bytes)), (long, SourceEncoding::Utf16));
        }
    }

    #[test]
    fn only_lines_that_are_not_utf8_are_windows_1252() {
        let (text, encoding) = decoded(b"a\r\n\xC5\x81\xC3\xB3d\xC5\xBA\r\ncaf\xE9 \x80\n");
        assert_eq!(text, "a\r\nŁódź\r\ncafé €\n");
        assert_eq!(encoding, SourceEncoding::Windows1252 { first_line: 3 });
        let problem = RawText::table(b"\xE9").decode().problem("a.csv").expect("a note");
        assert_eq!((problem.code, problem.line), (Code::Encoding, Some(1)));
    }

    #[test]
    fn zeros_alone_are_not_utf16() {
        assert_eq!(decoded(&[0; 9]).1, SourceEncoding::Utf8);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            RawText::table(&bytes).decode();
            RawText::document(&bytes).decode();
        }
    }
}
