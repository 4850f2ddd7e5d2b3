//! Texts that a spreadsheet would run as a formula.

use std::borrow::Cow;

/// Whether `text` is, behind any number of `'`, the start of a formula.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '@', '\t', '\r', '-'])
}

/// The text as it is written to a file: with one more `'` in front where a spreadsheet would run it.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(["'", text].concat()) } else { Cow::Borrowed(text) }
}

/// The text that [`escape`] wrote.
pub fn unescape(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_quote_more_and_one_less() {
        assert_eq!(escape("=1+1"), "'=1+1");
        assert_eq!(escape("'=1+1"), "''=1+1");
        assert_eq!(escape("O'Brien"), "O'Brien");
        assert_eq!(unescape("'-North"), "-North");
        assert_eq!(unescape("'quoted'"), "'quoted'");
    }

    proptest! {
        #[test]
        fn reads_back_what_was_written(text in "['=+@\\t\\r-]{0,3}\\PC{0,5}") {
            let escaped = escape(&text);
            prop_assert_eq!(unescape(&escaped), text.as_str());
        }
    }
}
