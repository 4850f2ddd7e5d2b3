//! The records of one list, as bytes that are ready to be sent.

use std::ops::Range;
use std::sync::OnceLock;

use axum::body::Bytes;
use serde_json::Value;

/// A JSON array, with the place of each record in it.
///
/// One field of each record, the tail, comes last, so that the list without it needs no parsing: UISP leaves `interfaces` of
/// devices and `ucrm` of sites out unless they are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    whole: Bytes,
    places: Vec<Place>,
    tail: Option<Tail>,
    without_tail: OnceLock<Bytes>,
}

#[derive(Clone, Debug)]
struct Place {
    range: Range<usize>,
    /// Where the record ends if its tail is left out.
    head: usize,
}

/// A field that is left out unless it is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    pub(crate) field: &'static str,
    /// What stands for it then, as JSON; nothing where the field itself is gone.
    pub(crate) instead: Option<&'static str>,
}

/// Takes records one by one.
#[derive(Debug)]
pub(crate) struct RecordsBuilder {
    whole: Vec<u8>,
    places: Vec<Place>,
    tail: Option<Tail>,
}

impl RecordsBuilder {
    pub(crate) fn new(tail: Option<Tail>) -> Self {
        Self { whole: vec![b'['], places: Vec::new(), tail }
    }

    pub(crate) fn push(&mut self, mut record: Value) {
        if !self.places.is_empty() {
            self.whole.push(b',');
        }
        let start = self.whole.len();
        let object = record.as_object_mut();
        let tail =
            self.tail.and_then(|tail| object.and_then(|object| object.remove(tail.field)).map(|value| (tail, value)));
        self.write(&record);
        let mut head = self.whole.len();
        if let Some((tail, value)) = tail {
            self.whole.pop();
            head = self.whole.len();
            begin_field(&mut self.whole, tail.field);
            self.write(&value);
            self.whole.push(b'}');
        }
        self.places.push(Place { range: start..self.whole.len(), head });
    }

    fn write(&mut self, value: &Value) {
        serde_json::to_writer(&mut self.whole, value).expect("invariant: a value is JSON, and memory takes it");
    }

    pub(crate) fn finish(mut self) -> Records {
        self.whole.push(b']');
        self.whole.shrink_to_fit();
        Records { whole: self.whole.into(), places: self.places, tail: self.tail, without_tail: OnceLock::new() }
    }
}

impl Records {
    pub(crate) fn from_values(tail: Option<Tail>, values: impl IntoIterator<Item = Value>) -> Self {
        let mut builder = RecordsBuilder::new(tail);
        values.into_iter().for_each(|value| builder.push(value));
        builder.finish()
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The whole list; no copy is made.
    pub(crate) fn whole(&self) -> Bytes {
        self.whole.clone()
    }

    /// The whole list with the tails left out, put together at the first call and kept.
    pub(crate) fn without_tail(&self) -> Bytes {
        let whole = || list((0..self.len()).map(|number| self.head(number)));
        self.without_tail.get_or_init(whole).clone()
    }

    /// A record.
    pub(crate) fn record(&self, number: usize) -> &[u8] {
        &self.whole[self.places[number].range.clone()]
    }

    /// A record with its tail left out.
    pub(crate) fn head(&self, number: usize) -> Vec<u8> {
        let place = &self.places[number];
        let mut head = self.whole[place.range.start..place.head].to_vec();
        match self.tail {
            Some(tail) if place.head < place.range.end => {
                if let Some(value) = tail.instead {
                    begin_field(&mut head, tail.field);
                    head.extend_from_slice(value.as_bytes());
                }
                head.push(b'}');
            }
            _ => {}
        }
        head
    }

    /// The records as values.
    pub(crate) fn values(&self) -> impl Iterator<Item = Value> + '_ {
        (0..self.len()).map(|number| self.value(number))
    }

    pub(crate) fn value(&self, number: usize) -> Value {
        serde_json::from_slice(self.record(number)).expect("invariant: records are written from values")
    }

    /// The records of these numbers, as a list.
    pub(crate) fn some(&self, numbers: impl IntoIterator<Item = usize>) -> Bytes {
        list(numbers.into_iter().map(|number| self.record(number)))
    }
}

/// Records as a list.
pub(crate) fn list<R: AsRef<[u8]>>(records: impl IntoIterator<Item = R>) -> Bytes {
    let mut list = vec![b'['];
    for record in records {
        if list.len() > 1 {
            list.push(b',');
        }
        list.extend_from_slice(record.as_ref());
    }
    list.push(b']');
    list.into()
}

/// Writes a field's name into an object that is not closed yet.
fn begin_field(object: &mut Vec<u8>, name: &str) {
    let comma = if object.last() == Some(&b'{') { "" } else { "," };
    object.extend_from_slice(format!("{comma}\"{name}\":").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_json_with_and_without_tails() {
        let values = [json!({"id": 1, "ucrm": {"client": 2}}), json!({"id": 3}), json!("odd"), json!({"ucrm": null})];
        let read = |bytes: Bytes| serde_json::from_slice::<Value>(&bytes).expect("it is JSON");
        for (instead, short) in [
            (None, json!([{"id": 1}, {"id": 3}, "odd", {}])),
            (Some("null"), json!([{"id": 1, "ucrm": null}, {"id": 3}, "odd", {"ucrm": null}])),
        ] {
            let records = Records::from_values(Some(Tail { field: "ucrm", instead }), values.clone());
            assert_eq!(read(records.whole()), Value::from(values.to_vec()));
            assert_eq!(read(records.without_tail()), short);
            assert_eq!(records.values().collect::<Vec<_>>(), values);
            assert_eq!(read(records.some([2, 1])), json!(["odd", {"id": 3}]));
        }
    }

    #[test]
    fn an_empty_list_is_a_list() {
        let records = Records::from_values(None, []);
        assert_eq!((records.whole(), records.without_tail(), records.len()), ("[]".into(), "[]".into(), 0));
    }
}
