//! How records of another shape become records of the schema.

use std::collections::BTreeMap;
use std::fmt;

use pleach_graph::RateUnit;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::field::{Field, RecordKind};

/// What of each row, or each element, makes a record of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// The kind of record that is made.
    pub record: RecordKind,
    /// From which rows one is made. Without it: from all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Where [`Field::Id`] comes from; and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Mapping>,
    /// See [`Field::Name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Mapping>,
    /// See [`Field::Kind`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Mapping>,
    /// See [`Field::Parent`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Mapping>,
    /// See [`Field::OfCircuit`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circuit: Option<Mapping>,
    /// See [`Field::Down`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Mapping>,
    /// See [`Field::Up`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<Mapping>,
    /// See [`Field::MinDown`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_down: Option<Mapping>,
    /// See [`Field::MinUp`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_up: Option<Mapping>,
    /// See [`Field::Status`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Mapping>,
    /// See [`Field::Sqm`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sqm: Option<Mapping>,
    /// See [`Field::Addresses`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Mapping>,
    /// See [`Field::Mac`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mapping>,
    /// See [`Field::Comment`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Mapping>,
    /// See [`Field::From`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Mapping>,
    /// See [`Field::To`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Mapping>,
    /// See [`Field::Cost`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Mapping>,
    /// See [`Field::Latitude`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Mapping>,
    /// See [`Field::Longitude`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Mapping>,
}

/// Rows whose value in `from` is one of `is`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// A column, or a JSON pointer.
    pub from: String,
    /// The values.
    pub is: Vec<String>,
}

/// Where a field comes from. In a configuration: the name of a column or a JSON pointer, a table of [`Take`], or a list of
/// these: the first that says anything counts, and of addresses all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping(pub Vec<Take>);

/// One place that a field comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Take {
    /// A column, or a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The same value for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// The unit that a number is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What a value stands for; `*` for all that are not named. One that is not named stays as it is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

/// What stands for every value in [`Take::values`].
pub(crate) const ANY: &str = "*";

/// The unit of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// 1 bit/s.
    #[serde(rename = "bit/s")]
    Bit,
    /// 1 000 bit/s.
    #[serde(rename = "kbit/s")]
    Kilobit,
    /// 1 000 000 bit/s.
    #[serde(rename = "Mbit/s")]
    Megabit,
    /// 1 000 000 000 bit/s.
    #[serde(rename = "Gbit/s")]
    Gigabit,
}

impl From<Unit> for RateUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Bit => Self::Bit,
            Unit::Kilobit => Self::Kilobit,
            Unit::Megabit => Self::Megabit,
            Unit::Gigabit => Self::Gigabit,
        }
    }
}

/// What is wrong with a mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Records of this kind have no such field.
    #[error("a {} has no `{}`", .0.as_str(), .1.name())]
    Misplaced(RecordKind, Field),
    /// Nothing says what the record is called by.
    #[error("the mapping of a {} needs `{}`", .0.as_str(), .1.name())]
    Needed(RecordKind, Field),
    /// It says neither where a value comes from nor what it is.
    #[error("`{}` has neither `from` nor `constant`", .0.name())]
    Nothing(Field),
    /// It says both.
    #[error("`{}` has both `from` and `constant`", .0.name())]
    Both(Field),
    /// Only rates have a unit.
    #[error("`{}` has a `unit`, and is no rate", .0.name())]
    Unit(Field),
}

impl Map {
    /// A field's place in it.
    pub fn get(&self, field: Field) -> Option<&Mapping> {
        match field {
            Field::Id => &self.id,
            Field::Name => &self.name,
            Field::Kind => &self.kind,
            Field::Parent => &self.parent,
            Field::OfCircuit => &self.circuit,
            Field::Down => &self.down,
            Field::Up => &self.up,
            Field::MinDown => &self.min_down,
            Field::MinUp => &self.min_up,
            Field::Status => &self.status,
            Field::Sqm => &self.sqm,
            Field::Addresses => &self.addresses,
            Field::Mac => &self.mac,
            Field::Comment => &self.comment,
            Field::From => &self.from,
            Field::To => &self.to,
            Field::Cost => &self.cost,
            Field::Latitude => &self.latitude,
            Field::Longitude => &self.longitude,
        }
        .as_ref()
    }

    /// The fields that it maps.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Field, &Mapping)> {
        Field::ALL.iter().filter_map(|field| Some((*field, self.get(*field)?)))
    }

    /// The columns or pointers that it looks at.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        let of_fields = self.fields().flat_map(|(_, mapping)| &mapping.0).filter_map(|take| take.from.as_deref());
        self.when.iter().map(|when| when.from.as_str()).chain(of_fields)
    }

    /// Checks what its types cannot say.
    pub(crate) fn check(&self) -> Result<(), MapError> {
        for (field, mapping) in self.fields() {
            if !field.is_of(self.record) {
                return Err(MapError::Misplaced(self.record, field));
            }
            for take in &mapping.0 {
                match (&take.from, &take.constant) {
                    (None, None) => return Err(MapError::Nothing(field)),
                    (Some(_), Some(_)) => return Err(MapError::Both(field)),
                    _ => {}
                }
                let is_rate = matches!(field, Field::Down | Field::Up | Field::MinDown | Field::MinUp);
                if take.unit.is_some() && !is_rate {
                    return Err(MapError::Unit(field));
                }
            }
        }
        let needed: &[Field] = match self.record {
            RecordKind::Node | RecordKind::Circuit => &[Field::Id],
            RecordKind::Link => &[Field::From, Field::To],
            RecordKind::Device => &[Field::Id, Field::OfCircuit],
        };
        needed.iter().try_for_each(|field| match self.get(*field) {
            Some(_) => Ok(()),
            None => Err(MapError::Needed(self.record, *field)),
        })
    }
}

impl<'de> Deserialize<'de> for Mapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyMapping)
    }
}

struct AnyMapping;

impl<'de> Visitor<'de> for AnyMapping {
    type Value = Mapping;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column or a JSON pointer, or a table with `from` or `constant`, or a list of these")
    }
    fn visit_str<E: de::Error>(self, from: &str) -> Result<Mapping, E> {
        Ok(Mapping(vec![Take { from: Some(from.to_owned()), ..Take::default() }]))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Mapping, A::Error> {
        Take::deserialize(MapAccessDeserializer::new(map)).map(|take| Mapping(vec![take]))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Mapping, A::Error> {
        let all = Vec::<Self::Value>::deserialize(SeqAccessDeserializer::new(seq))?;
        Ok(Mapping(all.into_iter().flat_map(|mapping| mapping.0).collect()))
    }
}

impl Serialize for Mapping {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [Take { from: Some(from), constant: None, unit: None, values }] if values.is_empty() => {
                from.serialize(serializer)
            }
            [take] => take.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}
