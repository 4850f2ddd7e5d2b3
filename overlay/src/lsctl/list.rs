//! Tcl's lists: elements separated by white space, in braces or quotes where they need them.

use super::error::{Outcome, Stop};
use super::syntax::{Parser, Part};

/// The elements of a list.
pub(super) fn split(text: &str, line: u32) -> Outcome<Vec<String>> {
    const WHITE: [char; 6] = [' ', '\t', '\n', '\r', '\u{b}', '\u{c}'];
    let mut elements = Vec::new();
    let mut rest = text.trim_start_matches(WHITE);
    while !rest.is_empty() {
        let (element, after) = match rest.as_bytes()[0] {
            b'{' => {
                let mut parser = Parser::new(rest, line);
                let inside = parser.braces().map_err(|_| Stop::at(line, "unmatched open brace in list"))?;
                (inside, parser.rest())
            }
            b'"' => {
                let (inside, after) = plain(&rest[1..], |c| c == '"');
                let after = after.strip_prefix('"').ok_or_else(|| Stop::at(line, "unmatched open quote in list"))?;
                (inside, after)
            }
            _ => plain(rest, |c| WHITE.contains(&c)),
        };
        if !after.is_empty() && !after.starts_with(WHITE) {
            return Err(Stop::at(line, "list element in braces or quotes is followed by something other than a space"));
        }
        elements.push(element);
        rest = after.trim_start_matches(WHITE);
    }
    Ok(elements)
}

/// Text up to the end, with backslashes replaced by what they stand for.
fn plain(text: &str, is_end: impl Fn(char) -> bool) -> (String, &str) {
    let mut end = text.len();
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if is_end(c) {
            end = at;
            break;
        }
    }
    let (raw, after) = text.split_at(end);
    (unescaped(raw), after)
}

fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let mut parser = Parser::new(&rest[at..], 1);
        let start = parser.rest().len();
        // One escape, as the syntax of words has it.
        let parts =
            parser.parts(|parser| parser.rest().len() < start).expect("invariant: an escape is no substitution");
        if let [Part::Text(escape)] = parts.as_slice() {
            text.push_str(escape);
        }
        rest = parser.rest();
    }
    text.push_str(rest);
    text
}

/// An element as it is written in a list, and as a word of a command.
pub(super) fn quoted(element: &str) -> String {
    let is_special = |c: char| c.is_whitespace() || c.is_control() || "\"\\$[]{};#".contains(c);
    if !element.is_empty() && !element.contains(is_special) {
        return element.to_owned();
    }
    if can_be_braced(element) {
        return format!("{{{element}}}");
    }
    let mut text = String::with_capacity(element.len() * 2);
    for c in element.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            c if is_special(c) && c.is_ascii() && !c.is_ascii_control() => {
                text.push('\\');
                text.push(c);
            }
            c => text.push(c),
        }
    }
    text
}

/// Whether braces around it keep it as it is: its own are in pairs, and no backslash is in it.
fn can_be_braced(element: &str) -> bool {
    let mut open = 0_u32;
    for c in element.chars() {
        match c {
            '\\' => return false,
            '{' => open += 1,
            '}' => match open.checked_sub(1) {
                Some(left) => open = left,
                None => return false,
            },
            _ => {}
        }
    }
    open == 0
}

/// A list of elements.
pub(super) fn join<'e>(elements: impl IntoIterator<Item = &'e str>) -> String {
    elements.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn elements(text: &str) -> Vec<String> {
        split(text, 1).expect("a list")
    }

    #[test]
    fn as_tcl_splits_them() {
        assert_eq!(elements(" a {b c} \"d e\" f\\ g {h {i j}} \\$k \n"), ["a", "b c", "d e", "f g", "h {i j}", "$k"]);
        assert_eq!(elements(""), Vec::<String>::new());
        assert_eq!(elements("{} a"), ["", "a"]);
        for text in ["{a", "\"a", "{a}b", "\"a\"b"] {
            assert!(split(text, 1).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_joined_splits_as_it_was(list in proptest::collection::vec("[ a-c{}\\[\\]$\\\\\"#;\n*\u{1}é]{0,6}", 0..6)) {
            prop_assert_eq!(elements(&join(list.iter().map(String::as_str))), list);
        }
    }
}
