//! Pleach's own schema: JSON lines, a record each.
//!
//! The first line says which version of the schema it is: `{"pleach": 1}`. A line that is no record costs that line. The last
//! line ends with a line feed, or is whole: a document that was cut is refused.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr_iter, memrchr};
use pleach_graph::RateUnit;
use pleach_source::ReadError;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::field::{Field, RecordKind};
use crate::notes::Notes;
use crate::raw::{Raw, Scalar};
use crate::record::Found;
use crate::typed::{self, Units};

/// The version that is read.
const VERSION: u64 = 1;

/// The key of the first line.
const MARK: &str = "pleach";

/// A document is read in pieces of about so many bytes, as many at once as there are processors.
const PIECE: usize = 1 << 20;

/// Longer than any record: a device with thousands of prefixes has a hundredth of it.
const LONGEST_LINE: usize = 1 << 20;

/// A number is bit/s; a text has its unit with it.
struct Own;

impl Units for Own {
    fn of(&self, _: Field, value: &Scalar<'_>) -> Option<RateUnit> {
        matches!(value, Scalar::Number(_)).then_some(RateUnit::Bit)
    }
}

/// Lines that follow each other, and the number of the first.
#[derive(Clone, Copy)]
struct Piece<'t> {
    bytes: &'t [u8],
    first_line: u32,
}

/// Reads a document.
pub(crate) fn read(bytes: &[u8], document: &str) -> Result<(Found, pleach_graph::Problems), ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let refuse = |reason: String, hint: &str| ReadError { address: document.to_owned(), reason, hint: hint.to_owned() };
    let (rest, first_line) = header(bytes).map_err(|reason| refuse(reason, "begin with the line `{\"pleach\": 1}`"))?;
    if is_cut(bytes) {
        let reason = "its last line is not whole".to_owned();
        return Err(refuse(reason, "it was cut while it was written or sent: the next run tries again"));
    }
    let read: Vec<(Found, Notes<'_>)> =
        pieces(rest, first_line).into_par_iter().map(|piece| piece.read(document)).collect();
    let (mut found, mut notes) = (Found::default(), Notes::new(document));
    for (later, notes_later) in read {
        found.append(later);
        notes.append(notes_later);
    }
    Ok((found, notes.into_problems()))
}

/// Whether a document has a header that is known, and its last line is not cut.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    header(bytes).is_ok() && !is_cut(bytes)
}

/// What follows the first line that is not blank, and the number of the line it begins with.
fn header(bytes: &[u8]) -> Result<(&[u8], u32), String> {
    let (mut rest, mut number) = (bytes, 1);
    loop {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest[..end].trim_ascii();
        rest = rest.get(end + 1..).unwrap_or_default();
        number += 1;
        if !line.is_empty() {
            return version(line).map(|()| (rest, number));
        }
        if rest.is_empty() {
            return Err("it is empty".to_owned());
        }
    }
}

fn version(line: &[u8]) -> Result<(), String> {
    let header: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
    match header.get(MARK) {
        Some(version) if version.as_u64() == Some(VERSION) => Ok(()),
        Some(version) => Err(format!("its schema has the version {version}, and this Pleach reads version {VERSION}")),
        None => Err("its first line does not say which version of the schema it is".to_owned()),
    }
}

/// Whether the last line has neither a line feed nor a whole record.
fn is_cut(bytes: &[u8]) -> bool {
    let last = memrchr(b'\n', bytes).map_or(bytes, |at| &bytes[at + 1..]).trim_ascii();
    !last.is_empty() && serde_json::from_slice::<IgnoredAny>(last).is_err()
}

/// Cuts a document at line feeds.
fn pieces(mut bytes: &[u8], mut first_line: u32) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.get(PIECE..).and_then(|rest| memchr(b'\n', rest)).map_or(bytes.len(), |at| PIECE + at + 1);
        let (piece, rest) = bytes.split_at(end);
        pieces.push(Piece { bytes: piece, first_line });
        let lines = memchr_iter(b'\n', piece).count();
        first_line = first_line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        bytes = rest;
    }
    pieces
}

impl Piece<'_> {
    fn read(self, document: &str) -> (Found, Notes<'_>) {
        let (mut found, mut notes) = (Found::default(), Notes::new(document));
        let mut line = self.first_line;
        for bytes in self.bytes.split(|byte| *byte == b'\n') {
            let text = bytes.trim_ascii();
            if !text.is_empty() {
                record(text, line, &mut found, &mut notes);
            }
            line = line.saturating_add(1);
        }
        (found, notes)
    }
}

fn record(text: &[u8], line: u32, found: &mut Found, notes: &mut Notes<'_>) {
    let mut unreadable = |why: &str, hint: &str| {
        notes.unreadable(line, why, hint);
        found.unreadable += 1; // it may have been a circuit
    };
    if text.len() > LONGEST_LINE {
        return unreadable(&format!("has {} bytes, which no record has", text.len()), "write a line for each record");
    }
    let OwnRecord { kind, raw } = match pleach_source::decode(text) {
        Ok(record) => record,
        Err(error) if error.is_data() => return unreadable("is no object", "write `{…}` in each line"),
        Err(_) => return unreadable("is not JSON", "write one object in each line, and nothing else"),
    };
    let kind = match kind.text() {
        Some(word) => match RecordKind::of_name(word) {
            Some(kind) => kind,
            None => {
                return unreadable(
                    &format!("is a `{word}`, which is not known"),
                    "it can be a node, link, circuit or device",
                );
            }
        },
        None => {
            return unreadable("does not say what it is of", "add `\"record\": \"circuit\"`, or node, link, device");
        }
    };
    typed::read(kind, &raw, line, &Own, found, notes);
}

/// A line: what it is of, and what it states.
#[derive(Default)]
struct OwnRecord<'a> {
    kind: Scalar<'a>,
    raw: Raw<'a>,
}

/// The key that says what a line is of.
const KIND: &str = "record";

enum Key {
    Kind,
    Field(Field),
    Unknown(String),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }
            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match Field::of_name(name) {
                    _ if name == KIND => Key::Kind,
                    Some(field) => Key::Field(field),
                    None => Key::Unknown(name.to_owned()),
                })
            }
        }
        deserializer.deserialize_identifier(Name)
    }
}

impl<'de> Deserialize<'de> for OwnRecord<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = OwnRecord<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OwnRecord<'de>, A::Error> {
                let mut record = OwnRecord::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Kind => record.kind = map.next_value()?,
                        Key::Field(field) => record.raw.put(field, map.next_value()?),
                        Key::Unknown(name) => {
                            map.next_value::<IgnoredAny>()?;
                            record.raw.unknown.push(name);
                        }
                    }
                }
                Ok(record)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyScalar)
    }
}

struct AnyScalar;

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Nothing)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Flag(flag))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(Cow::Owned(number.to_string())))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(Cow::Owned(number.to_string())))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(Cow::Owned(number.to_string())))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Scalar::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Object)
    }
}
