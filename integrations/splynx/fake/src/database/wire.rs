//! Values as they are written.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::options::Types;

/// Writes the values of one record.
pub(crate) struct Wire {
    types: Types,
    chance: Chance,
}

impl Wire {
    pub(crate) fn new(types: Types, seed: u64, table: &str, id: u64) -> Self {
        Self { types, chance: Chance::of(seed ^ 0x77, table, id) }
    }

    fn shape(&mut self, shapes: u64) -> u64 {
        match self.types {
            Types::Documented => 0,
            Types::Mixed => self.chance.below(shapes),
        }
    }

    /// A number: of its own record, or one that means something.
    pub(crate) fn number(&mut self, number: u64) -> Value {
        if self.shape(2) == 0 { json!(number) } else { json!(number.to_string()) }
    }

    /// The id of another record, or none.
    pub(crate) fn reference(&mut self, id: Option<u64>) -> Value {
        match (id, self.shape(5)) {
            (Some(id), _) => self.number(id),
            (None, 0 | 1) => json!(0),
            (None, 2) => json!("0"),
            (None, 3) => json!(""),
            (None, _) => Value::Null,
        }
    }

    pub(crate) fn flag(&mut self, flag: bool) -> Value {
        match self.shape(3) {
            0 => json!(flag),
            1 => json!(u8::from(flag)),
            _ => json!(u8::from(flag).to_string()),
        }
    }

    /// An address or a list of them, or none.
    pub(crate) fn address(&mut self, address: &str) -> Value {
        match (address, self.shape(4)) {
            ("", 1) => Value::Null,
            ("", 2) => json!("0"),
            (address, _) => json!(address),
        }
    }
}
