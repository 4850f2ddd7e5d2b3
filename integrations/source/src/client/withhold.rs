//! Values of an answer that are not kept: secrets that an API gives away along with everything else.

use memchr::{memchr, memchr2};

use crate::secret::MASK;

/// Replaces the values of some keys by `"***"`, wherever they stand in a JSON document that comes piece by piece. Arrays and
/// objects are gone into, not replaced.
#[derive(Debug)]
pub(crate) struct Withhold {
    keys: &'static [&'static str],
    place: Place,
    /// The string that it is in or after, as far as it can be a key.
    string: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Outside,
    String,
    Escape,
    /// After a string that is one of the keys.
    AfterKey,
    /// After one of the keys and its colon.
    BeforeValue,
    /// In a value that is replaced.
    WithheldString,
    WithheldEscape,
    WithheldWord,
}

impl Withhold {
    pub(crate) fn new(keys: &'static [&'static str]) -> Self {
        Self { keys, place: Place::Outside, string: Vec::new() }
    }

    /// Puts what becomes of the next bytes into `out`.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while let Some(&byte) = bytes.first() {
            let count = match self.place {
                Place::Outside => self.outside(bytes, out),
                Place::String => self.string(bytes, out),
                Place::Escape => {
                    self.place = Place::String;
                    self.keep(&bytes[..1], out)
                }
                Place::AfterKey => {
                    self.place = match byte {
                        b':' => Place::BeforeValue,
                        b' ' | b'\t' | b'\r' | b'\n' => Place::AfterKey,
                        _ => Place::Outside, // a string that only looks like a key
                    };
                    if self.place == Place::Outside { 0 } else { keep_all(&bytes[..1], out) }
                }
                Place::BeforeValue => self.before_value(byte, out),
                Place::WithheldString => match memchr2(b'"', b'\\', bytes) {
                    None => bytes.len(),
                    Some(at) => {
                        self.place = if bytes[at] == b'"' { Place::Outside } else { Place::WithheldEscape };
                        at + 1
                    }
                },
                Place::WithheldEscape => {
                    self.place = Place::WithheldString;
                    1
                }
                Place::WithheldWord => {
                    let end = bytes.iter().position(|byte| b",]} \t\r\n".contains(byte));
                    if end.is_some() {
                        self.place = Place::Outside;
                    }
                    end.unwrap_or(bytes.len())
                }
            };
            bytes = &bytes[count..];
        }
    }

    fn outside(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let Some(at) = memchr(b'"', bytes) else { return keep_all(bytes, out) };
        self.string.clear();
        self.place = Place::String;
        keep_all(&bytes[..=at], out)
    }

    fn string(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let Some(at) = memchr2(b'"', b'\\', bytes) else { return self.keep(bytes, out) };
        self.keep(&bytes[..at], out);
        if bytes[at] == b'\\' {
            self.place = Place::Escape;
            self.keep(&bytes[at..=at], out);
        } else {
            let is_key = self.keys.iter().any(|key| key.as_bytes() == self.string);
            self.place = if is_key { Place::AfterKey } else { Place::Outside };
            out.push(b'"');
        }
        at + 1
    }

    fn before_value(&mut self, byte: u8, out: &mut Vec<u8>) -> usize {
        self.place = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return keep_all(&[byte], out),
            b'[' | b'{' => Place::Outside,
            b'"' => Place::WithheldString,
            _ => Place::WithheldWord,
        };
        if self.place == Place::Outside {
            return 0;
        }
        out.extend_from_slice(format!("\"{MASK}\"").as_bytes());
        usize::from(byte == b'"')
    }

    /// Bytes of a string that go through, and are remembered as far as they can be a key.
    fn keep(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let longest = self.keys.iter().map(|key| key.len()).max().unwrap_or_default();
        let room = (longest + 1).saturating_sub(self.string.len());
        self.string.extend_from_slice(&bytes[..bytes.len().min(room)]);
        keep_all(bytes, out)
    }
}

fn keep_all(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(bytes);
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const KEYS: &[&str] = &["radius_secret", "k"];

    fn withheld(text: &str, size: usize) -> String {
        let mut withhold = Withhold::new(KEYS);
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            withhold.feed(piece, &mut out);
        }
        String::from_utf8(out).expect("UTF-8 went in")
    }

    #[test]
    fn values_of_these_keys_are_not_kept() {
        for (text, expected) in [
            (
                r#"[{"id":1,"radius_secret":"s\"3\\","ip":"10.0.0.1"}]"#,
                r#"[{"id":1,"radius_secret":"***","ip":"10.0.0.1"}]"#,
            ),
            (r#"{"k" : 12 , "k":null}"#, r#"{"k" : "***" , "k":"***"}"#),
            (r#"{"k":[{"k":-1.5e3}],"kk":"k"}"#, r#"{"k":[{"k":"***"}],"kk":"k"}"#),
            (r#"["k","radius_secret",":"]"#, r#"["k","radius_secret",":"]"#),
            (
                r#"{"radius_secret_2":"a","\"k":"b","a\\":{"k":""}}"#,
                r#"{"radius_secret_2":"a","\"k":"b","a\\":{"k":"***"}}"#,
            ),
        ] {
            for size in 1..=text.len() {
                assert_eq!(withheld(text, size), expected, "by {size}");
            }
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "[k\"\\\\:]*".prop_map(Value::from)];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let key = prop_oneof![Just("k".to_owned()), Just("radius_secret".to_owned()), "[k\"\\\\]*"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    /// The same, by a parser of the whole.
    fn withhold_from(value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(withhold_from),
            Value::Object(values) => {
                for (key, value) in values {
                    if KEYS.contains(&key.as_str()) && !value.is_array() && !value.is_object() {
                        *value = MASK.into();
                    }
                    withhold_from(value);
                }
            }
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn is_what_a_parser_of_the_whole_would_do(mut value in json(), size in 1usize..9) {
            let found = withheld(&value.to_string(), size);
            withhold_from(&mut value);
            prop_assert_eq!(serde_json::from_str::<Value>(&found).expect("it is JSON still"), value);
        }

        #[test]
        fn bytes_that_are_no_json_do_no_harm(text in any::<String>(), size in 1usize..9) {
            withheld(&text, size);
        }
    }
}
