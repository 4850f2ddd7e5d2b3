//! The records of an answer, one after the other.

use std::fmt;
use std::io::{self, BufRead};

use serde::de::DeserializeOwned;

use super::splitter::{BrokenJson, Expect, Splitter, Step};
use crate::body::{Body, BodyReader};

/// The elements of a top-level JSON array, one at a time, each as the bytes it is written in.
///
/// What an element holds is not looked at, so one that is no JSON inside does not stop those after it. Memory is that of the
/// largest element, up to [`JsonElements::LARGEST`]; no depth is too deep.
///
/// ```
/// use pleach_source::Body;
///
/// let body = Body::plain(br#"[{"id":1},{"id":"two"},{"id":3}]"#.to_vec());
/// #[derive(serde::Deserialize)]
/// struct Site {
///     id: u64,
/// }
///
/// let (mut good, mut bad) = (Vec::new(), Vec::new());
/// let mut elements = body.elements();
/// while let Some(element) = elements.next_element()? {
///     match element.decode::<Site>() {
///         Ok(site) => good.push(site.id),
///         Err(error) => bad.push(format!("record {}: {error}", element.index)),
///     }
/// }
/// assert_eq!(good, [1, 3]);
/// assert_eq!(bad, ["record 1: invalid type: string \"two\", expected u64 at line 1 column 11"]);
/// # Ok::<(), pleach_source::ElementsError>(())
/// ```
pub struct JsonElements<R> {
    reader: R,
    splitter: Splitter,
    largest: usize,
    element: Vec<u8>,
    /// How long the element is so far, kept or not.
    length: u64,
    ended: bool,
}

/// One element of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'e> {
    /// Which one, counted from 0.
    pub index: u64,
    /// Where it begins, in bytes from the beginning of the body.
    pub offset: u64,
    /// Its bytes, with blanks after it; only the first of them where it is too large.
    pub bytes: &'e [u8],
    /// How many bytes it has.
    pub length: u64,
}

/// Why a record cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub enum BadRecord {
    /// It is larger than a record may be.
    #[error("it has {length} bytes, and a record may have {largest}")]
    TooLarge {
        /// How many bytes it has.
        length: u64,
        /// How many it may have.
        largest: usize,
    },
    /// It is not JSON, or not of the shape expected.
    #[error(transparent)]
    Shape(#[from] serde_json::Error),
}

/// Why there are no more elements, though the array has not ended.
#[derive(Debug, thiserror::Error)]
pub enum ElementsError {
    /// The body is not an array, or ends early.
    #[error("it is not whole JSON {0}")]
    Broken(#[from] BrokenJson),
    /// The bytes cannot be read.
    #[error("it cannot be read")]
    Unreadable(#[from] io::Error),
}

impl Body {
    /// The elements of its top-level array.
    pub fn elements(&self) -> JsonElements<BodyReader<'_>> {
        JsonElements::new(self.reader())
    }
}

impl JsonElements<BodyReader<'_>> {
    /// How many bytes an element may have to be kept: a device with hundreds of interfaces has a hundredth of it.
    pub const LARGEST: usize = 16 << 20;
}

impl<R: BufRead> JsonElements<R> {
    /// The elements of the array that `reader` gives.
    pub fn new(reader: R) -> Self {
        Self::with_largest(reader, JsonElements::LARGEST)
    }

    /// The same, where an element may have `largest` bytes.
    pub fn with_largest(reader: R, largest: usize) -> Self {
        let splitter = Splitter::new(Expect::Array);
        Self { reader, splitter, largest, element: Vec::new(), length: 0, ended: false }
    }

    /// The next element; nothing after the last. After an error there is nothing more.
    pub fn next_element(&mut self) -> Result<Option<Element<'_>>, ElementsError> {
        if self.ended {
            return Ok(None);
        }
        self.element.clear();
        self.length = 0;
        let found = self.read_element();
        self.ended = !matches!(found, Ok(true));
        Ok(found?.then_some(Element {
            index: self.splitter.elements().saturating_sub(1),
            offset: self.splitter.offset() - self.length,
            bytes: &self.element,
            length: self.length,
        }))
    }

    fn read_element(&mut self) -> Result<bool, ElementsError> {
        loop {
            let bytes = self.reader.fill_buf()?;
            if bytes.is_empty() {
                self.splitter.finish()?;
                return Ok(false);
            }
            let step = self.splitter.step(bytes)?;
            let (Step::Between(count) | Step::Inside(count) | Step::Ended(count)) = step;
            if !matches!(step, Step::Between(_)) {
                let room = self.largest - self.element.len();
                self.element.extend_from_slice(&bytes[..count.min(room)]);
                self.length += count as u64;
            }
            self.reader.consume(count);
            if let Step::Ended(_) = step {
                return Ok(true);
            }
        }
    }
}

impl Element<'_> {
    /// The record it is.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, BadRecord> {
        if self.bytes.len() as u64 != self.length {
            return Err(BadRecord::TooLarge { length: self.length, largest: self.bytes.len() });
        }
        Ok(serde_json::from_slice(self.bytes)?)
    }
}

impl<R> fmt::Debug for JsonElements<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonElements").field("splitter", &self.splitter).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn decoded(mut elements: JsonElements<impl BufRead>) -> Result<Vec<Result<Value, String>>, String> {
        let mut found = Vec::new();
        while let Some(element) = elements.next_element().map_err(|error| error.to_string())? {
            assert_eq!(element.index, found.len() as u64);
            found.push(element.decode().map_err(|error| error.to_string()));
        }
        assert!(matches!(elements.next_element(), Ok(None)));
        Ok(found)
    }

    #[test]
    fn one_bad_record_costs_one_record() {
        let body = Body::plain(br#" [{"id":1}, {"id":tru}, nul, {"id":2} ]"#.to_vec());
        let found = decoded(body.elements()).expect("the outline is whole");
        assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, true]);
        let mut elements = body.elements();
        elements.next_element().expect("whole");
        let second = elements.next_element().expect("whole").expect("it is there");
        assert_eq!((second.offset, second.bytes), (12, &br#"{"id":tru}"#[..]));
    }

    #[test]
    fn a_broken_rest_is_said_after_what_is_whole() {
        let mut elements = JsonElements::new(&br#"[{"id":1},{"id":"#[..]);
        assert_eq!(elements.next_element().expect("whole").map(|element| element.index), Some(0));
        let error = elements.next_element().expect_err("it ends early").to_string();
        assert_eq!(error, "it is not whole JSON at byte 16: it ends inside of a record, and 2 brackets are open");
        assert!(matches!(elements.next_element(), Ok(None)));
    }

    #[test]
    fn damage_to_the_bytes_is_an_error_and_no_end() {
        struct Failing;
        impl io::Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::InvalidData.into())
            }
        }
        let mut elements = JsonElements::new(BufReader::new(Failing));
        assert!(matches!(elements.next_element(), Err(ElementsError::Unreadable(_))));
    }

    #[test]
    fn no_depth_is_too_deep_to_pass_over() {
        let deep = format!("[{}{},7]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        let found = decoded(JsonElements::new(deep.as_bytes())).expect("the outline is whole");
        assert!(found[0].as_ref().is_err_and(|error| error.starts_with("recursion limit exceeded")));
        assert_eq!(found[1], Ok(Value::from(7)));
    }

    #[test]
    fn a_record_may_be_too_large() {
        let text = format!(r#"["{}", 2, "{}"]"#, "a".repeat(98), "b".repeat(99));
        let found = decoded(JsonElements::with_largest(text.as_bytes(), 100)).expect("the outline is whole");
        assert_eq!(found[0], Ok(Value::from("a".repeat(98))));
        assert_eq!(found[1..], [Ok(Value::from(2)), Err("it has 101 bytes, and a record may have 100".to_owned())]);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\\\\"\\[\\]{},: ]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..5).prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn finds_what_a_parser_of_the_whole_finds(
            values in prop::collection::vec(json(), 0..6), spaced in any::<bool>(), buffer in 1usize..40,
        ) {
            let text = if spaced { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) };
            let text = text.expect("it is JSON");
            let found = decoded(JsonElements::new(BufReader::with_capacity(buffer, text.as_bytes())));
            prop_assert_eq!(found, Ok(values.into_iter().map(Ok).collect()));
        }

        #[test]
        fn a_document_cut_anywhere_is_not_whole(values in prop::collection::vec(json(), 0..4), at in any::<prop::sample::Index>()) {
            let text = serde_json::to_string(&values).expect("it is JSON");
            let cut = &text.as_bytes()[..at.index(text.len())];
            prop_assert!(decoded(JsonElements::new(cut)).is_err());
        }
    }
}
