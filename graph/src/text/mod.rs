//! The bytes of an input as text: read with bounded memory, decoded by what they turn out to be.

mod bounded;
mod decode;

pub use bounded::{LONG_LINE_HEAD, LONGEST_LINE, MOST_DOCUMENT_BYTES, MOST_TABLE_BYTES, read_document, read_table};
pub use decode::{Decoded, SourceEncoding};

/// An input as it was read: its bytes, and which of its lines were too long to keep.
///
/// UTF-16 has become UTF-8 on the way in; other encodings are settled by [`RawText::decode`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawText {
    pub(crate) bytes: Vec<u8>,
    pub(crate) long_lines: Vec<u32>,
    pub(crate) was_utf16: bool,
}

impl RawText {
    /// The text of a table that is in memory already, whatever its encoding.
    pub fn table(bytes: &[u8]) -> Self {
        bounded::table_in_memory(bytes)
    }

    /// The text of a document that is in memory already and whose lines may have any length.
    pub fn document(bytes: &[u8]) -> Self {
        bounded::document_in_memory(bytes)
    }

    /// The lines, from 1, that were longer than [`LONGEST_LINE`]; only the head of each was kept. In ascending order.
    pub fn long_lines(&self) -> &[u32] {
        &self.long_lines
    }

    /// How many bytes were kept.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}
