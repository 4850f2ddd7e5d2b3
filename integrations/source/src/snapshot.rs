//! What a source answered, byte by byte.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::body::Body;

/// Everything a source answered at one time. It never holds a secret: no header that was sent, no address with a key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The source's name.
    pub source: String,
    /// The source's kind.
    pub kind: String,
    /// When it was asked.
    pub taken: Timestamp,
    /// The answers, in an order of the source's own choosing that is always the same.
    pub parts: Vec<Part>,
}

/// One answer: a file, or the body of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the source calls it, unique within the snapshot: `devices`.
    pub name: String,
    /// Where it came from: a path, or an address without user, password and secret parameters. What problems call it.
    pub address: String,
    /// The HTTP status, where there is one.
    pub status: Option<u16>,
    /// How many records it holds, where that is known.
    pub records: Option<u64>,
    /// The bytes.
    pub body: Body,
}

impl Snapshot {
    /// The part of this name.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// A hash of what was answered: of every part's name, address and bytes. The time is not in it.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for text in [&self.source, &self.kind] {
            hash.update(text.as_bytes());
            hash.update([0]);
        }
        for part in &self.parts {
            for text in [&part.name, &part.address] {
                hash.update(text.as_bytes());
                hash.update([0]);
            }
            hash.update(part.body.sha256());
        }
        hash.finalize().into()
    }
}

impl Part {
    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }
}

impl fmt::Display for Part {
    /// `devices: 612 records, 2 104 332 bytes, status 200`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.name)?;
        if let Some(records) = self.records {
            write!(f, " {records} records,")?;
        }
        write!(f, " {} bytes", self.body.len())?;
        self.status.map_or(Ok(()), |status| write!(f, ", status {status}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_what_was_answered_and_not_of_when() {
        let part = |name: &str, bytes: &[u8]| Part {
            name: name.into(),
            address: "devices.json".into(),
            status: None,
            records: Some(2),
            body: Body::plain(bytes.to_vec()),
        };
        let snapshot = |seconds, parts| Snapshot {
            source: "noc".into(),
            kind: "csv".into(),
            taken: Timestamp::from_second(seconds).expect("a moment"),
            parts,
        };
        let first = snapshot(1, vec![part("a", b"1")]);
        assert_eq!(first.hash(), snapshot(2, vec![part("a", b"1")]).hash());
        assert_ne!(first.hash(), snapshot(1, vec![part("a", b"2")]).hash());
        assert_ne!(first.hash(), snapshot(1, vec![part("b", b"1")]).hash());
        assert_eq!(first.part("a").map(ToString::to_string).as_deref(), Some("a: 2 records, 1 bytes"));
    }
}
