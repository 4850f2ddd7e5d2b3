//! JSON of another shape: an array of elements, wherever it stands.

use std::borrow::Cow;

use pleach_graph::Problems;
use pleach_source::{Body, ReadError};
use serde_json::Value;

use crate::map::Map;
use crate::mapped::{self, Places};
use crate::notes::Notes;
use crate::raw::Scalar;
use crate::record::Found;

/// More is not put into memory as a whole, which takes ten times as much.
const LARGEST_DOCUMENT: u64 = 256 << 20;

impl Places for Value {
    fn at(&self, pointer: &str) -> Scalar<'_> {
        // A name alone is that of a field at the top.
        let value =
            if pointer.is_empty() || pointer.starts_with('/') { self.pointer(pointer) } else { self.get(pointer) };
        value.map_or(Scalar::Nothing, scalar)
    }
}

fn scalar(value: &Value) -> Scalar<'_> {
    match value {
        Value::Null => Scalar::Nothing,
        Value::Bool(flag) => Scalar::Flag(*flag),
        Value::Number(number) => Scalar::Number(Cow::Owned(number.to_string())),
        Value::String(text) => Scalar::Text(Cow::Borrowed(text)),
        Value::Array(items) => Scalar::List(items.iter().map(scalar).collect()),
        Value::Object(_) => Scalar::Object,
    }
}

/// Reads the elements of an array through maps: of the one that is the document, or that `pointer` leads to.
pub(crate) fn read(
    body: &Body,
    document: &str,
    pointer: Option<&str>,
    maps: &[Map],
) -> Result<(Found, Problems), ReadError> {
    let (mut found, mut notes) = (Found::default(), Notes::new(document));
    let refuse = |reason: String, hint: &str| ReadError { address: document.to_owned(), reason, hint: hint.to_owned() };
    let mut element = |at: usize, value: Option<&Value>| {
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        match value {
            Some(value) if value.is_object() => mapped::read(maps, value, number, &mut found, &mut notes),
            _ => {
                notes.unreadable(number, "is no object", "each element is to be an object");
                found.unreadable += mapped::lost(maps);
            }
        }
    };
    if let Some(pointer) = pointer {
        if body.len() > LARGEST_DOCUMENT {
            let reason =
                format!("it has {} bytes, and where its records are inside of it {LARGEST_DOCUMENT}", body.len());
            return Err(refuse(reason, "let the records be the whole document, an array"));
        }
        let bytes = body.bytes().map_err(|error| refuse(error.to_string(), ""))?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let whole: Value = serde_json::from_slice(bytes).map_err(|error| {
            refuse(format!("it is not JSON: {error}"), "it may have been cut: the next run tries again")
        })?;
        let Some(Value::Array(elements)) = whole.pointer(pointer) else {
            return Err(refuse(
                format!("there is no array at `{pointer}`"),
                "correct `records`, the pointer to its records",
            ));
        };
        elements.iter().enumerate().for_each(|(at, value)| element(at, Some(value)));
    } else {
        let mut elements = body.elements();
        let mut at = 0;
        while let Some(each) =
            elements.next_element().map_err(|error| refuse(error.to_string(), "it is to be an array of objects"))?
        {
            element(at, each.decode::<Value>().ok().as_ref());
            at += 1;
        }
    }
    Ok((found, notes.into_problems()))
}
