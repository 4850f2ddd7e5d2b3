//! Values as they stand in a line: texts that are borrowed from it, ids, lists of prefixes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use crate::id::NodeId;
use crate::prefix::{Prefix, PrefixReading};

/// A text of the line that is being read; its own where it holds an escape.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Str<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'a> Str<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text, unless it is empty.
    pub(super) fn unless_empty(text: &'a str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::of(text))
    }
}

/// An id, taken as it stands.
#[derive(Debug)]
pub(super) struct Id(pub(super) NodeId);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Str::deserialize(deserializer)?;
        NodeId::from_stored(&text.0).map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl From<&NodeId> for Id {
    fn from(id: &NodeId) -> Self {
        Self(id.clone())
    }
}

/// The prefixes of a device, in one way of assignment.
#[derive(Debug, Default)]
pub(super) struct Prefixes(pub(super) SmallVec<[Prefix; 1]>);

impl Prefixes {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Prefixes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        let mut text = Vec::with_capacity(LONGEST_PREFIX);
        for prefix in &self.0 {
            text.clear();
            prefix.push_text(&mut text);
            list.serialize_element(str::from_utf8(&text).expect("invariant: a prefix is written in ASCII"))?;
        }
        list.end()
    }
}

/// An IPv6 network in full.
const LONGEST_PREFIX: usize = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128".len();

impl<'de> Deserialize<'de> for Prefixes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Prefixes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of prefixes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Prefixes, A::Error> {
                let mut prefixes = Prefixes::default();
                while let Some(Str(text)) = seq.next_element()? {
                    prefixes.0.push(prefix(&text).map_err(A::Error::custom)?);
                }
                Ok(prefixes)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// A prefix as it is written: without host bits.
fn prefix(text: &str) -> Result<Prefix, String> {
    match Prefix::parse(text) {
        Ok(PrefixReading { prefix, other_reading: None }) => Ok(prefix),
        Ok(PrefixReading { other_reading: Some(_), .. }) => Err(format!("`{text}` has host bits set")),
        Err(error) => Err(format!("`{text}` {error}")),
    }
}
