//! Fields of a record, each read on its own: what one of them holds cannot lose the others.
//!
//! UISP's published schema and its answers differ: what is required is null, numbers come as texts, lists as null. A record
//! here therefore has no field that must be there, and a field of the wrong kind is one that says nothing, and is named.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A field as it came.
#[derive(Debug, Default)]
pub(crate) enum Field<T> {
    /// It is missing, or null.
    #[default]
    Unstated,
    /// What it holds.
    Is(T),
    /// It holds something of another kind.
    Wrong,
}

impl<T> Field<T> {
    pub(crate) fn get(&self) -> Option<&T> {
        if let Self::Is(value) = self { Some(value) } else { None }
    }
}

impl Field<Text<'_>> {
    /// The text, unless it is blank.
    pub(crate) fn text(&self) -> Option<&str> {
        self.get().map(|text| text.0.trim()).filter(|text| !text.is_empty())
    }
}

impl Field<Number> {
    pub(crate) fn number(&self) -> Option<f64> {
        self.get().map(|number| number.0)
    }
}

impl Field<Flag> {
    pub(crate) fn flag(&self) -> Option<bool> {
        self.get().map(|flag| flag.0)
    }
}

impl<T> Field<List<T>> {
    /// The elements that hold something.
    pub(crate) fn items(&self) -> impl Iterator<Item = &T> {
        self.get().into_iter().flat_map(|list| list.0.iter().filter_map(Field::get))
    }
}

/// A text; an id that is written as a number is one too.
#[derive(Debug)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

/// A number, or a text that holds nothing but one. Exact up to 2^53, which is 9 000 Tbit/s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number(pub(crate) f64);

/// True or false.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag(pub(crate) bool);

/// A list, each element read on its own.
#[derive(Debug)]
pub(crate) struct List<T>(pub(crate) Vec<Field<T>>);

/// What a field can be read as: each method is offered what stands there.
pub(crate) trait Kind<'de>: Sized {
    fn of_text(_: Cow<'de, str>) -> Field<Self> {
        Field::Wrong
    }

    fn of_number(_: f64) -> Field<Self> {
        Field::Wrong
    }

    fn of_flag(_: bool) -> Field<Self> {
        Field::Wrong
    }

    fn of_object<A: MapAccess<'de>>(mut map: A) -> Result<Field<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Wrong)
    }

    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Wrong)
    }
}

impl<'de: 'a, 'a> Kind<'de> for Text<'a> {
    fn of_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Is(Self(text))
    }

    fn of_number(number: f64) -> Field<Self> {
        Field::Is(Self(number.to_string().into())) // a whole one without a point, as ids are
    }
}

impl<'de> Kind<'de> for Number {
    fn of_text(text: Cow<'de, str>) -> Field<Self> {
        match text.trim() {
            "" => Field::Unstated,
            digits => digits.parse().ok().filter(|n: &f64| n.is_finite()).map_or(Field::Wrong, |n| Field::Is(Self(n))),
        }
    }

    fn of_number(number: f64) -> Field<Self> {
        Field::Is(Self(number))
    }
}

impl Kind<'_> for Flag {
    fn of_flag(flag: bool) -> Field<Self> {
        Field::Is(Self(flag))
    }
}

impl<'de, T: Kind<'de>> Kind<'de> for List<T> {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Field<Self>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Field::Is(Self(elements)))
    }
}

impl<'de, T: Kind<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<'de, T: Kind<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Unstated)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(T::of_text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::of_text(Cow::Owned(text.to_owned())))
    }

    #[expect(clippy::cast_precision_loss, reason = "rates and ids are below 2^53")]
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::of_number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "rates and ids are below 2^53")]
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(T::of_number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(T::of_number(number))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(T::of_flag(flag))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::of_object(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        T::of_list(list)
    }
}

/// Where in a record something stands: `interfaces.2.addresses`.
#[derive(Clone, Copy)]
pub(crate) struct FieldPath<'p> {
    above: Option<&'p FieldPath<'p>>,
    key: Key,
}

#[derive(Clone, Copy)]
enum Key {
    Name(&'static str),
    Position(usize),
}

impl<'p> FieldPath<'p> {
    pub(crate) const RECORD: FieldPath<'static> = FieldPath { above: None, key: Key::Name("") };

    pub(crate) fn field(&'p self, name: &'static str) -> Self {
        Self { above: Some(self), key: Key::Name(name) }
    }

    fn element(&'p self, position: usize) -> Self {
        Self { above: Some(self), key: Key::Position(position) }
    }
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(above) = self.above else { return Ok(()) };
        if above.above.is_some() {
            write!(f, "{above}.")?;
        }
        match self.key {
            Key::Name(name) => f.write_str(name),
            Key::Position(position) => write!(f, "{position}"),
        }
    }
}

/// Finds the fields of a record that hold something of the wrong kind.
pub(crate) trait Inspect {
    fn inspect(&self, path: FieldPath<'_>, wrong: &mut dyn FnMut(FieldPath<'_>));
}

impl Inspect for Text<'_> {
    fn inspect(&self, _: FieldPath<'_>, _: &mut dyn FnMut(FieldPath<'_>)) {}
}

impl Inspect for Number {
    fn inspect(&self, _: FieldPath<'_>, _: &mut dyn FnMut(FieldPath<'_>)) {}
}

impl Inspect for Flag {
    fn inspect(&self, _: FieldPath<'_>, _: &mut dyn FnMut(FieldPath<'_>)) {}
}

impl<T: Inspect> Inspect for List<T> {
    fn inspect(&self, path: FieldPath<'_>, wrong: &mut dyn FnMut(FieldPath<'_>)) {
        for (position, element) in self.0.iter().enumerate() {
            element.inspect(path.element(position), wrong);
        }
    }
}

impl<T: Inspect> Inspect for Field<T> {
    fn inspect(&self, path: FieldPath<'_>, wrong: &mut dyn FnMut(FieldPath<'_>)) {
        match self {
            Self::Unstated => {}
            Self::Is(value) => value.inspect(path, wrong),
            Self::Wrong => wrong(path),
        }
    }
}

/// A record or part of one: each field with the name that the API has for it, and its kind.
macro_rules! record {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$note:meta])* $field:ident = $key:literal: $kind:ty,)+ })+) => {$(
        $(#[$doc])+
        #[derive(Debug, Default, serde::Deserialize)]
        #[allow(clippy::struct_field_names)] // the API's own names
        #[serde(default, bound(deserialize = "'de: 'a"))]
        pub(crate) struct $name<'a> {
            $($(#[$note])* #[serde(rename = $key)] pub(crate) $field: $crate::wire::field::Field<$kind>,)+
            #[serde(skip)]
            _texts: std::marker::PhantomData<&'a str>,
        }

        impl<'de: 'a, 'a> $crate::wire::field::Kind<'de> for $name<'a> {
            fn of_object<A: serde::de::MapAccess<'de>>(
                map: A,
            ) -> Result<$crate::wire::field::Field<Self>, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                serde::Deserialize::deserialize(map).map($crate::wire::field::Field::Is)
            }
        }

        impl $crate::wire::field::Inspect for $name<'_> {
            fn inspect(
                &self,
                path: $crate::wire::field::FieldPath<'_>,
                wrong: &mut dyn FnMut($crate::wire::field::FieldPath<'_>),
            ) {
                $($crate::wire::field::Inspect::inspect(&self.$field, path.field($key), wrong);)+
            }
        }
    )+};
}

pub(crate) use record;

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        /// A record.
        Outer {
            id = "id": Text<'a>,
            size = "size": Number,
            inner = "inner": Inner<'a>,
            list = "list": List<Inner<'a>>,
        }

        /// A part of it.
        Inner {
            name = "name": Text<'a>,
            is_on = "isOn": Flag,
        }
    }

    fn read(json: &str) -> (Field<Outer<'_>>, Vec<String>) {
        let record: Field<Outer<'_>> = serde_json::from_str(json).expect("JSON");
        let mut wrong = Vec::new();
        record.inspect(FieldPath::RECORD, &mut |path| wrong.push(path.to_string()));
        (record, wrong)
    }

    #[test]
    fn a_wrong_field_loses_nothing_else() {
        let (record, wrong) = read(
            r#"{"id": 7, "more": [{}], "size": "12.5", "inner": [1],
                "list": [{"name": "a\n", "isOn": true}, null, 3, {"name": {}, "isOn": "yes"}]}"#,
        );
        let outer = record.get().expect("an object");
        assert_eq!((outer.id.text(), outer.size.number()), (Some("7"), Some(12.5)));
        let items: Vec<_> = outer.list.items().map(|inner| (inner.name.text(), inner.is_on.flag())).collect();
        assert_eq!(items, [(Some("a"), Some(true)), (None, None)]);
        assert_eq!(wrong, ["inner", "list.2", "list.3.name", "list.3.isOn"]);
    }

    #[test]
    fn missing_and_null_are_not_wrong() {
        let (record, wrong) = read(r#"{"size": null, "inner": {"name": null}, "list": []}"#);
        assert!(record.get().is_some_and(|outer| outer.id.text().is_none() && outer.size.number().is_none()));
        assert!(wrong.is_empty());
    }

    #[test]
    fn what_is_no_object_is_wrong_as_a_whole() {
        for json in ["[]", "1", "true", "\"text\""] {
            assert_eq!(read(json).1, [""], "{json}");
        }
        assert!(matches!(read("null").0, Field::Unstated));
    }
}
