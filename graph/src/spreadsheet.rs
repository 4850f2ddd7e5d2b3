//! Texts that a spreadsheet would run as a formula, written so that it does not.
//!
//! A text of the form `^'*[=+@\t\r-]` gets one more `'` in front when it is written, and loses one when it is read; every
//! other text stays as it is. Applied to names and comments, which subscribers may choose; never to ids, which must stay
//! what the source has.

use std::borrow::Cow;

/// The text as it is written into a table.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(["'", text].concat()) } else { Cow::Borrowed(text) }
}

/// The text that was written as `text`.
pub fn unescape(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(inner) if is_formula(inner) => inner,
        _ => text,
    }
}

/// Whether a spreadsheet would run `text`, at the latest after some leading `'` are taken off.
fn is_formula(text: &str) -> bool {
    let first = text.bytes().find(|&byte| byte != b'\'');
    matches!(first, Some(b'=' | b'+' | b'@' | b'\t' | b'\r' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_get_one_more_quote() {
        for (text, written) in
            [("=1+1", "'=1+1"), ("'=1", "''=1"), ("-5", "'-5"), ("@a", "'@a"), ("\tb", "'\tb"), ("+4", "'+4")]
        {
            assert_eq!(escape(text), written);
        }
        for text in ["", "'", "''", "O'Brien", "'t Hooft", "a=b", "1-2"] {
            assert_eq!((&*escape(text), unescape(text)), (text, text));
        }
    }

    proptest! {
        #[test]
        fn reading_takes_off_what_writing_adds(text in "['=+@\\t\\r\\-a ]{0,6}") {
            let written = escape(&text);
            prop_assert_eq!(unescape(&written), text.as_str());
            prop_assert!(!matches!(written.bytes().next(), Some(b'=' | b'+' | b'@' | b'\t' | b'\r' | b'-')));
        }
    }
}
