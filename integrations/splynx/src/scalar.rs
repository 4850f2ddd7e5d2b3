//! A field as Splynx sends it: a number may come as a text, a flag as a number, nothing as almost anything.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A field of a record, read without any idea of what it should be, so that no field can lose its record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// Missing, or `null`.
    #[default]
    Absent,
    Flag(bool),
    Whole(u64),
    /// A number that is no whole one, or below zero.
    Number(f64),
    Text(Cow<'a, str>),
    /// A list: its texts and numbers, separated by commas.
    List(String),
    /// An object, or a list of such.
    Object,
}

/// A field holds what it cannot mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl Scalar<'_> {
    /// An id of another record. `0`, `"0"`, `""`, `false` and `null` are none.
    pub(crate) fn id(&self) -> Result<Option<u64>, Unreadable> {
        let number = match self {
            Self::Absent | Self::Flag(false) => 0,
            Self::Whole(number) => *number,
            Self::Text(text) if text.trim().is_empty() => 0,
            Self::Text(text) => text.trim().parse().map_err(|_| Unreadable)?,
            Self::List(list) if list.is_empty() => 0, // how PHP writes an object with nothing in it
            _ => return Err(Unreadable),
        };
        Ok((number != 0).then_some(number))
    }

    /// A flag; nothing where it is not stated.
    pub(crate) fn flag(&self) -> Result<Option<bool>, Unreadable> {
        match self {
            Self::Absent => Ok(None),
            Self::Flag(flag) => Ok(Some(*flag)),
            Self::Whole(number @ (0 | 1)) => Ok(Some(*number == 1)),
            Self::Text(text) => match text.trim() {
                "" => Ok(None),
                "0" | "false" => Ok(Some(false)),
                "1" | "true" => Ok(Some(true)),
                _ => Err(Unreadable),
            },
            _ => Err(Unreadable),
        }
    }

    /// A number as it is written in decimal; nothing where it is not stated. A flag is no number, but for `false`.
    pub(crate) fn number(&self) -> Result<Option<Cow<'_, str>>, Unreadable> {
        match self {
            Self::Absent | Self::Flag(false) => Ok(None),
            Self::Text(text) if text.trim().is_empty() => Ok(None),
            Self::Text(text) => Ok(Some(text.trim().into())),
            Self::Whole(number) => Ok(Some(number.to_string().into())),
            Self::Number(number) => Ok(Some(number.to_string().into())),
            Self::Flag(true) | Self::List(_) | Self::Object => Err(Unreadable),
        }
    }

    /// What it holds as a text, trimmed; nothing for what is no text.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(text.trim().into()),
            Self::Whole(number) => Some(number.to_string().into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::List(list) => Some(list.as_str().into()),
            Self::Absent | Self::Flag(_) | Self::Object => None,
        }
    }

    /// A list of addresses or the like as one text. Where nothing is stated, `0` is, alone or as a text.
    pub(crate) fn list(&self) -> Result<Option<Cow<'_, str>>, Unreadable> {
        match self {
            Self::Flag(true) | Self::Object | Self::Number(_) => Err(Unreadable),
            Self::Whole(number) if *number != 0 => Err(Unreadable),
            Self::Absent | Self::Flag(false) | Self::Whole(_) => Ok(None),
            Self::Text(_) | Self::List(_) => Ok(self.text().filter(|text| !matches!(&**text, "" | "0"))),
        }
    }
}

impl fmt::Display for Scalar<'_> {
    /// As a problem quotes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("null"),
            Self::Flag(flag) => flag.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(list) => write!(f, "[{list}]"),
            Self::Object => f.write_str("{…}"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Absent)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Whole(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number below zero is only quoted")]
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(number).map_or(Scalar::Number(number as f64), Scalar::Whole))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "what is cast is whole, and between 0 and 2^53"
    )]
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        const EXACT: f64 = (1_u64 << 53) as f64;
        let is_whole = number.fract() == 0.0 && (0.0..EXACT).contains(&number);
        Ok(if is_whole { Scalar::Whole(number as u64) } else { Scalar::Number(number) })
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut texts = String::new();
        let mut holds_objects = false;
        while let Some(element) = list.next_element::<Scalar<'de>>()? {
            match element.text() {
                Some(text) => {
                    if !texts.is_empty() {
                        texts.push_str(", ");
                    }
                    texts.push_str(&text);
                }
                None => holds_objects = true,
            }
        }
        Ok(if holds_objects { Scalar::Object } else { Scalar::List(texts) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scalar<'_> {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn ids_and_what_means_none() {
        for text in ["0", "\"0\"", "\"\"", "null", "false", "[]", "0.0", "\"00\""] {
            assert_eq!(read(text).id(), Ok(None), "{text}");
        }
        for text in ["11", "\"11\"", "\" 11 \"", "11.0", "\"011\""] {
            assert_eq!(read(text).id(), Ok(Some(11)), "{text}");
        }
        for text in ["-1", "1.5", "\"x\"", "true", "{}", "[1]", "1e300", "\"11a\""] {
            assert_eq!(read(text).id(), Err(Unreadable), "{text}");
        }
    }

    #[test]
    fn flags() {
        for (text, flag) in
            [("true", true), ("1", true), ("\"1\"", true), ("0", false), ("\"0\"", false), ("false", false)]
        {
            assert_eq!(read(text).flag(), Ok(Some(flag)), "{text}");
        }
        assert_eq!([read("null").flag(), read("\"\"").flag()], [Ok(None), Ok(None)]);
        assert_eq!([read("2").flag(), read("[]").flag(), read("\"on\"").flag()], [Err(Unreadable); 3]);
    }

    #[test]
    fn numbers_keep_their_fraction() {
        let number = |text| read(text).number().map(|number| number.map(Cow::into_owned));
        assert_eq!(number("10240"), Ok(Some("10240".into())));
        assert_eq!(number("\"512.5\""), Ok(Some("512.5".into())));
        assert_eq!(number("512.5"), Ok(Some("512.5".into())));
        assert_eq!([number("null"), number("\"\""), number("false")], [const { Ok(None) }; 3]);
        assert_eq!(number("{}"), Err(Unreadable));
    }

    #[test]
    fn lists_of_addresses() {
        let list = |text| read(text).list().map(|list| list.map(Cow::into_owned));
        assert_eq!(list("\"10.0.0.1/29, 10.0.1.0/30\""), Ok(Some("10.0.0.1/29, 10.0.1.0/30".into())));
        assert_eq!(list("[\"10.0.0.1\", \"10.0.0.2\"]"), Ok(Some("10.0.0.1, 10.0.0.2".into())));
        for none in ["null", "\"\"", "\"0\"", "0", "false", "[]"] {
            assert_eq!(list(none), Ok(None), "{none}");
        }
        assert_eq!([list("7"), list("true"), list("{\"a\":1}"), list("[{}]")], [const { Err(Unreadable) }; 4]);
    }

    #[test]
    fn depth_is_the_parsers_to_refuse() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(serde_json::from_str::<Scalar<'_>>(&deep).is_err(), "and not a stack that overflows");
    }
}
