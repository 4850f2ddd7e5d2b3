//! What is wrong with a TOML file, where, and what was probably meant.

use std::fmt::Write;

use pleach_graph::suggest;

/// Says where and why a text is not the TOML that is wanted, with the line shown, and the nearest known word where one is not
/// known. `text` is what was read.
///
/// A value is not shown where its key is not known or names a secret.
pub fn describe(error: &toml::de::Error, text: &str) -> String {
    let unknown = Unknown::of(error.message());
    let message = unknown.as_ref().map_or_else(|| in_words_of_toml(error.message()), Unknown::describe);
    let Some(span) = error.span() else { return message };
    let start = text.floor_char_boundary(span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let (number, column) = (text[..line_start].matches('\n').count() + 1, text[line_start..start].chars().count());
    let end = text.floor_char_boundary(span.end).clamp(start, line_start + line.len());
    let is_key = unknown.is_some_and(|unknown| unknown.what == What::Key);
    let shown = match line.split_once('=') {
        _ if is_key => format!("{} …", &text[line_start..end]),
        Some((key, _)) if may_be_secret(key) => format!("{key}= …"),
        _ => line.to_owned(),
    };
    let carets = "^".repeat(text[start..end].chars().count().max(1));
    let margin = " ".repeat(number.to_string().len());
    let mut described = format!("line {number}, column {}\n", column + 1);
    let indent = " ".repeat(column);
    let _ = write!(described, "{margin} |\n{number} | {shown}\n{margin} | {indent}{carets}\n{message}"); // to a String
    described
}

/// Of what serde calls a struct a reader of TOML knows no name.
fn in_words_of_toml(message: &str) -> String {
    let is_struct = message.split_once("expected struct ");
    is_struct
        .map_or_else(|| message.to_owned(), |(before, _)| format!("{before}expected a table, as in `{{ key = … }}`"))
}

fn may_be_secret(key: &str) -> bool {
    ["token", "secret", "password", "key"].iter().any(|name| key.contains(name))
}

/// A word that is not known, and those that are: what serde says of a struct's fields and of an enum's variants.
struct Unknown<'m> {
    what: What,
    word: &'m str,
    known: Vec<&'m str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Key,
    Value,
}

impl<'m> Unknown<'m> {
    /// From serde's own words for it: ``unknown field `a`, expected one of `b`, `c` ``.
    fn of(message: &'m str) -> Option<Self> {
        let key = message.strip_prefix("unknown field `").map(|rest| (What::Key, rest));
        let value = || message.strip_prefix("unknown variant `").map(|rest| (What::Value, rest));
        let (what, rest) = key.or_else(value)?;
        let (word, expected) = rest.rsplit_once("`, expected ")?;
        Some(Self { what, word, known: expected.split('`').skip(1).step_by(2).collect() })
    }

    fn describe(&self) -> String {
        let what = match self.what {
            What::Key => "field",
            What::Value => "word",
        };
        let nearest = suggest::nearest(self.word, self.known.iter().copied());
        let (question, end, names) =
            if nearest.is_empty() { ("known here:", "", &self.known) } else { ("did you mean", "?", &nearest) };
        format!("unknown {what} `{}`; {question} {}{end}", self.word, suggest::list(names))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only how it is read matters")]
    struct Table {
        colour: Option<Colour>,
        shape: Option<String>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {}

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        DarkBlue,
    }

    fn described(text: &str) -> String {
        describe(&toml::from_str::<Table>(text).expect_err(text), text)
    }

    #[test]
    fn what_was_meant() {
        assert_eq!(
            described("# é\n  color = \"hunter2\" # é"),
            "line 2, column 3\n  |\n2 |   color …\n  |   ^^^^^\nunknown field `color`; did you mean `colour`?"
        );
        assert_eq!(
            described("colour = \"dark-blue\"\n"),
            "line 1, column 10\n  |\n1 | colour = \"dark-blue\"\n  |          ^^^^^^^^^^^\nunknown word `dark-blue`; did you mean \
             `dark_blue`?"
        );
        assert_eq!(described("token = \"abc").lines().nth(2), Some("1 | token = …"));
        let text = described("inner = 50");
        assert!(text.ends_with("\ninvalid type: integer `50`, expected a table, as in `{ key = … }`"), "{text}");
        let text = described("size = 1");
        assert!(text.ends_with("unknown field `size`; known here: `colour`, `shape` or `inner`"), "{text}");
        let text = described("\"a`, expected `shape\" = 1");
        assert!(text.contains("unknown field `a`, expected `shape`; "), "{text}");
    }

    #[test]
    fn every_place_can_be_shown() {
        for text in
            ["shape = 1", "shape = \"é", "[é", "shape = \"\"\"\né", "é", "=", "shape = \"a\"\r\nshape = 3", "\u{feff}x"]
        {
            let text = described(text);
            assert!(text.starts_with("line ") && text.contains('^'), "{text}");
        }
    }
}
