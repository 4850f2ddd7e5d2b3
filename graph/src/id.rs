//! Typed ids: which table of which source a record came from, and its id there.

use std::fmt;
use std::str::FromStr;

use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

/// The id of a node: `source:table:raw`, one text everywhere (command line, overrides, `id` in network.json).
///
/// Billing systems use the same number in several tables; `splynx:router:11` and `splynx:service:11` never meet.
/// `source` and `table` are lower-case letters, digits, `-` and `_`; `raw` is the source's own text, colons included.
/// Ordered as text, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "CompactString", into = "CompactString")]
pub struct NodeId(CompactString);

/// A table of a source: what turns that table's raw ids into [`NodeId`]s. As text it is `source:table`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "CompactString", into = "CompactString")]
pub struct Table(CompactString);

/// Why a text is not an id or the name of a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Fewer than two colons, or an empty part.
    #[error("`{0}` is not of the form `source:table:id`")]
    Shape(CompactString),
    /// Not exactly two words around a colon.
    #[error("`{0}` is not of the form `source:table`")]
    TableShape(CompactString),
    /// A source or table name with a character that is not a lower-case letter, digit, `-` or `_`.
    #[error("`{0}` is not a source or table name: lower-case letters, digits, `-` and `_` only")]
    Word(CompactString),
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

impl Table {
    /// The table `table` of `source`.
    pub fn new(source: &str, table: &str) -> Result<Self, IdError> {
        match [source, table].into_iter().find(|word| !is_word(word)) {
            Some(word) => Err(IdError::Word(word.into())),
            None => Ok(Self(format_compact!("{source}:{table}:"))),
        }
    }

    /// The id of this table's record `raw`. An importer reports a record with an empty id before it comes here.
    pub fn id(&self, raw: &str) -> NodeId {
        let raw = raw.trim();
        let mut text = CompactString::with_capacity(self.0.len() + raw.len());
        text.push_str(&self.0);
        text.push_str(raw);
        NodeId(text)
    }

    /// Whether `id` is of this table.
    pub fn holds(&self, id: &NodeId) -> bool {
        id.0.starts_with(self.0.as_str())
    }

    /// The whole text, `source:table`.
    pub fn as_str(&self) -> &str {
        &self.0[..self.0.len() - 1]
    }
}

impl FromStr for Table {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        let (source, table) = text.split_once(':').ok_or_else(|| IdError::TableShape(text.into()))?;
        Self::new(source, table)
    }
}

impl TryFrom<CompactString> for Table {
    type Error = IdError;
    fn try_from(text: CompactString) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Table> for CompactString {
    fn from(table: Table) -> Self {
        table.as_str().into()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl NodeId {
    /// The id of something Pleach made itself: `pleach:<table>:<raw>`. `table` is a literal of this crate.
    pub(crate) fn own(table: &'static str, raw: &str) -> Self {
        debug_assert!(is_word(table));
        Self(format_compact!("pleach:{table}:{raw}"))
    }

    /// An id as the builder took it: what [`NodeId::as_str`] gave, letter by letter. Unlike an id that a user types, it is
    /// not trimmed, and its raw part may be empty.
    pub(crate) fn from_stored(text: &str) -> Result<Self, IdError> {
        let mut parts = text.splitn(3, ':');
        match [parts.next(), parts.next(), parts.next()] {
            [Some(source), Some(table), Some(_)] => match [source, table].into_iter().find(|word| !is_word(word)) {
                Some(word) => Err(IdError::Word(word.into())),
                None => Ok(Self(text.into())),
            },
            _ => Err(IdError::Shape(text.into())),
        }
    }

    /// The whole text, `source:table:raw`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The source's name.
    pub fn source(&self) -> &str {
        let colon = self.0.bytes().position(|b| b == b':').expect("invariant: an id has two colons");
        &self.0[..colon]
    }

    /// The source's table.
    pub fn table(&self) -> &str {
        self.parts().1
    }

    /// The source's own id.
    pub fn raw(&self) -> &str {
        self.parts().2
    }

    /// The source and table, `source:table`.
    pub(crate) fn whole_table(&self) -> &str {
        &self.0[..self.0.len() - self.raw().len() - 1]
    }

    fn parts(&self) -> (&str, &str, &str) {
        let colon = |text: &str| text.bytes().position(|b| b == b':').expect("invariant: an id has two colons");
        let first = colon(&self.0);
        let second = first + 1 + colon(&self.0[first + 1..]);
        (&self.0[..first], &self.0[first + 1..second], &self.0[second + 1..])
    }
}

impl FromStr for NodeId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        let shape = || IdError::Shape(text.into());
        let (source, rest) = text.split_once(':').ok_or_else(shape)?;
        let (table, raw) = rest.split_once(':').ok_or_else(shape)?;
        if raw.is_empty() {
            return Err(shape());
        }
        Table::new(source, table).map(|table| table.id(raw))
    }
}

impl TryFrom<CompactString> for NodeId {
    type Error = IdError;
    fn try_from(text: CompactString) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<NodeId> for CompactString {
    fn from(id: NodeId) -> Self {
        id.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_in_two_tables_never_meet() {
        let router = Table::new("splynx", "router").map(|t| t.id("11"));
        let service = Table::new("splynx", "service").map(|t| t.id("11"));
        assert_ne!(router, service);
    }

    #[test]
    fn parts_and_text() {
        let id: NodeId = "uisp:site:a:b".parse().expect("an id");
        assert_eq!((id.source(), id.table(), id.raw(), id.as_str()), ("uisp", "site", "a:b", "uisp:site:a:b"));
    }

    #[test]
    fn tables_as_text() {
        let table: Table = "uisp:site".parse().expect("a table");
        assert_eq!((table.to_string().as_str(), table.id("1").as_str()), ("uisp:site", "uisp:site:1"));
        let holds = |id: &str| table.holds(&id.parse().expect("an id"));
        assert_eq!([holds("uisp:site:1"), holds("uisp:sites:1"), holds("csv:site:1")], [true, false, false]);
        for text in ["", "uisp", "uisp:", "uisp:site:", "uisp:site:1", "Uisp:site"] {
            assert!(text.parse::<Table>().is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_id() {
        for text in ["", "a", "a:b", "a:b:", ":b:c", "a::c", "A:b:c", "a b:c:d"] {
            assert!(text.parse::<NodeId>().is_err(), "{text}");
        }
    }
}
