//! A record before anybody knows what its values mean.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::field::Field;

/// A value as it stands in a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// Missing, null, or blank.
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    /// A number as it would be written.
    Number(Cow<'a, str>),
    Flag(bool),
    List(Vec<Scalar<'a>>),
    /// `{…}`.
    Object,
}

impl Scalar<'_> {
    /// The text of it: a number and a flag as they are written.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Flag(true) => Some("true"),
            Self::Flag(false) => Some("false"),
            Self::Nothing | Self::List(_) | Self::Object => None,
        }
    }

    /// Whether it says anything.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Number(_) | Self::Flag(_) | Self::Object => false,
        }
    }

    /// As a message quotes it.
    pub(crate) fn quoted(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Object => "an object".to_owned(),
            _ => format!("`{}`", self.text().unwrap_or_default()),
        }
    }
}

/// A record: what it states, field by field.
#[derive(Debug, Default)]
pub(crate) struct Raw<'a> {
    /// In the order they came; of two of one field the later counts.
    values: SmallVec<[(Field, Scalar<'a>); 10]>,
    /// Names of fields that there are not.
    pub(crate) unknown: Vec<String>,
}

impl<'a> Raw<'a> {
    pub(crate) fn put(&mut self, field: Field, value: Scalar<'a>) {
        self.values.push((field, value));
    }

    /// What it states, each field with its value.
    pub(crate) fn stated(&self) -> impl Iterator<Item = (Field, &Scalar<'a>)> {
        self.values.iter().map(|(field, value)| (*field, value))
    }

    pub(crate) fn get(&self, field: Field) -> &Scalar<'a> {
        self.values.iter().rev().find(|(of, _)| *of == field).map_or(&Scalar::Nothing, |(_, value)| value)
    }

    /// The text of a field.
    pub(crate) fn text(&self, field: Field) -> Option<&str> {
        self.get(field).text()
    }
}
