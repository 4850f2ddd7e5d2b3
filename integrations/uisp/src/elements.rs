//! The elements of a part, one after the other.

use pleach_source::{ElementsError, Part, ReadError};

/// A record that is larger than any.
pub(crate) struct TooLarge {
    pub(crate) bytes: u64,
}

/// Calls `take` with the position of each element and its bytes, without blanks.
pub(crate) fn for_each(part: &Part, mut take: impl FnMut(u32, Result<&[u8], TooLarge>)) -> Result<(), ReadError> {
    let mut elements = part.body.elements();
    while let Some(element) = elements.next_element().map_err(|error| broken(part, &error))? {
        let position = u32::try_from(element.index).unwrap_or(u32::MAX); // only messages name it beyond that
        let is_whole = element.bytes.len() as u64 == element.length;
        let bytes = if is_whole { Ok(element.bytes.trim_ascii_end()) } else { Err(TooLarge { bytes: element.length }) };
        take(position, bytes);
    }
    Ok(())
}

fn broken(part: &Part, error: &ElementsError) -> ReadError {
    ReadError {
        address: part.address.clone(),
        reason: error.to_string(),
        hint: "the answer was cut, or damaged where it is kept: fetch it anew".to_owned(),
    }
}
