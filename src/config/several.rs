//! A table that may be there once, or several times.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// A table that may be there once (`[uisp]`), or several times (`[[uisp]]`), or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Several<T>(pub Vec<T>);

impl<T> Several<T> {
    /// Whether it is not there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reads<T> {
            type Value = Vec<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table, or several of them in double brackets")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| vec![one])
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq))
            }
        }
        deserializer.deserialize_any(Reads(PhantomData)).map(Self)
    }
}

impl<T: Serialize> Serialize for Several<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Named {
        name: String,
    }

    #[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct File {
        #[serde(skip_serializing_if = "Several::is_empty")]
        uisp: Several<Named>,
    }

    #[test]
    fn none_one_or_several() {
        for (text, names) in [
            ("", &[][..]),
            ("[uisp]\nname = \"a\"", &["a"]),
            ("[[uisp]]\nname = \"a\"\n[[uisp]]\nname = \"b\"", &["a", "b"]),
        ] {
            let file: File = toml::from_str(text).expect("a file");
            assert_eq!(file.uisp.0.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), names);
            assert_eq!(toml::from_str::<File>(&toml::to_string(&file).expect("text")), Ok(file));
        }
        let error = toml::from_str::<File>("[[uisp]]\nnam = \"a\"").expect_err("unknown").to_string();
        assert!(error.contains("line 2") && error.contains("unknown field `nam`"), "{error}");
    }
}
