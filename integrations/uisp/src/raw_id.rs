//! Ids as UISP has them: nearly always a UUID in lower case, of which sixteen bytes say all.

use std::cmp::Ordering;
use std::hash::Hash;

use compact_str::CompactString;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// An id as its record has it. Ordered as its text is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RawId {
    /// A UUID as RFC 9562 writes it, in lower case.
    Uuid([u8; 16]),
    /// Anything else.
    Text(CompactString),
}

/// Room for the text of a UUID.
pub(crate) type IdBuffer = [u8; UUID_LENGTH];
pub(crate) const ID_BUFFER: IdBuffer = [0; UUID_LENGTH];

const UUID_LENGTH: usize = 36;
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl RawId {
    pub(crate) fn new(text: &str) -> Self {
        uuid(text.as_bytes()).map_or_else(|| Self::Text(text.into()), Self::Uuid)
    }

    /// Its text, written into `buffer` where it is a UUID.
    pub(crate) fn text<'b>(&'b self, buffer: &'b mut IdBuffer) -> &'b str {
        match self {
            Self::Text(text) => text,
            Self::Uuid(bytes) => {
                write_uuid(*bytes, buffer);
                std::str::from_utf8(buffer).expect("invariant: hexadecimal digits and hyphens are text")
            }
        }
    }

    pub(crate) fn to_text(&self) -> CompactString {
        self.text(&mut { ID_BUFFER }).into()
    }
}

impl Ord for RawId {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b), // digits ascend, and the hyphens are in the same places
            _ => self.text(&mut { ID_BUFFER }).cmp(other.text(&mut ID_BUFFER.clone())),
        }
    }
}

impl PartialOrd for RawId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != UUID_LENGTH || HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    let mut digits = 0;
    for (at, &byte) in text.iter().enumerate() {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'-' if HYPHENS.contains(&at) => continue,
            _ => return None,
        };
        bytes[digits / 2] |= digit << (4 * (1 - digits % 2));
        digits += 1;
    }
    Some(bytes)
}

fn write_uuid(bytes: [u8; 16], buffer: &mut IdBuffer) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut at = 0;
    for byte in bytes {
        if HYPHENS.contains(&at) {
            buffer[at] = b'-';
            at += 1;
        }
        buffer[at] = DIGITS[usize::from(byte >> 4)];
        buffer[at + 1] = DIGITS[usize::from(byte & 15)];
        at += 2;
    }
}

/// Finds records by id; the ids stay in the records.
#[derive(Debug, Default)]
pub(crate) struct IdTable {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl IdTable {
    /// A table of records that have different ids, by their index.
    pub(crate) fn new<'r>(ids: impl ExactSizeIterator<Item = &'r RawId> + Clone) -> Self {
        let hasher = DefaultHashBuilder::default();
        let mut table = HashTable::with_capacity(ids.len());
        let hashes: Vec<u64> = ids.map(|id| hasher.hash_one(id)).collect();
        for (index, &hash) in (0..).zip(&hashes) {
            table.insert_unique(hash, index, |&other: &u32| hashes[other as usize]);
        }
        Self { table, hasher }
    }

    /// The index of the record with this id; `id_of` says which id a record has.
    pub(crate) fn find<'r>(&self, id: &RawId, id_of: impl Fn(u32) -> &'r RawId) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |&index| id_of(index) == id).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_a_uuid_in_its_one_form_is_packed() {
        let uuid = "11111111-0000-4000-8000-0000000000aa";
        assert!(matches!(RawId::new(uuid), RawId::Uuid(_)));
        for text in [&uuid.to_uppercase(), "42", "", "11111111-0000-4000-8000-0000000000a", &uuid.replace('-', "0")] {
            assert_eq!(RawId::new(text), RawId::Text(text.into()));
            assert_eq!(RawId::new(text).to_text(), text);
        }
        let misplaced = "1111111-10000-4000-8000-0000000000aa";
        assert_eq!(RawId::new(misplaced), RawId::Text(misplaced.into()));
    }

    #[test]
    fn each_id_finds_its_record() {
        let ids: Vec<RawId> = (0..1_000).map(|number: u32| RawId::new(&number.to_string())).collect();
        let table = IdTable::new(ids.iter());
        for (index, id) in (0..).zip(&ids) {
            assert_eq!(table.find(id, |at| &ids[at as usize]), Some(index));
        }
        assert_eq!(table.find(&RawId::new("1000"), |at| &ids[at as usize]), None);
    }

    proptest! {
        #[test]
        fn ids_are_ordered_as_their_texts(
            a in "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f-]{1,37})",
            b in "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f-]{1,37})",
        ) {
            let (first, second) = (RawId::new(&a), RawId::new(&b));
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            prop_assert_eq!(first.to_text(), a);
        }
    }
}
