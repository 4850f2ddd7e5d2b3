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
    let text: &[u8; UUID_LENGTH] = text.try_into().ok()?;
    if HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    let mut worst = 0;
    for (byte, at) in bytes.iter_mut().zip(PAIRS) {
        let [high, low] = [text[at], text[at + 1]].map(|digit| DIGIT_OF[usize::from(digit)]);
        worst |= high | low;
        *byte = high << 4 | (low & 15);
    }
    (worst & NO_DIGIT == 0).then_some(bytes)
}

/// Where the pairs of digits stand.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// Marks what is no hexadecimal digit, or one in upper case.
const NO_DIGIT: u8 = 0x80;

/// By character: its value as a digit.
const DIGIT_OF: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values
};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn write_uuid(bytes: [u8; 16], buffer: &mut IdBuffer) {
    buffer.fill(b'-');
    for (byte, at) in bytes.into_iter().zip(PAIRS) {
        buffer[at] = DIGITS[usize::from(byte >> 4)];
        buffer[at + 1] = DIGITS[usize::from(byte & 15)];
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
        let by_index: Vec<u64> = ids.map(|id| hasher.hash_one(id)).collect();
        for (index, &hash) in (0..).zip(&by_index) {
            table.insert_unique(hash, index, |&other: &u32| by_index[other as usize]);
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
