//! Records as UISP writes them: of each what an importer needs, and, where bodies are faithful, all that the documentation lists.

mod crm;
mod device;
mod interface;
mod link;
mod overview;
mod rest;
mod site;

use serde_json::Value;

pub(crate) use crm::{organizations, service_plans};

use crate::network::{Index, Network};
use crate::options::Size;

/// A network with ways to find what its records name of each other.
pub(crate) struct Scene<'n> {
    pub(crate) network: &'n Network,
    pub(crate) index: Index,
}

impl<'n> Scene<'n> {
    pub(crate) fn new(network: &'n Network) -> Self {
        Self { network, index: Index::new(network) }
    }

    fn is_faithful(&self) -> bool {
        self.network.options.size == Size::Faithful
    }

    /// The record, with the rest of its fields where bodies are faithful.
    fn with(&self, mut record: Value, rest: impl FnOnce() -> Value) -> Value {
        if self.is_faithful() {
            merge(&mut record, rest());
        }
        record
    }
}

/// An object with these fields, each `null`.
fn nulls(fields: &[&str]) -> Value {
    fields.iter().map(|&field| (field.to_owned(), Value::Null)).collect()
}

/// Puts the fields of one object into another, and those of objects in it into the object of the same name.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                match into.get_mut(&name) {
                    Some(there) => merge(there, value),
                    None => {
                        into.insert(name, value);
                    }
                }
            }
        }
        (into, from) => *into = from,
    }
}
