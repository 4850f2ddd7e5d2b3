//! A plan as JSON: the same facts as the table.

use std::collections::BTreeMap;

use pleach_tc::{Handle, Interface, Phase};
use serde::Serialize;

use crate::render::Shown;
use crate::render::rows::{Counts, Row, rows};

#[derive(Serialize)]
struct Document {
    interfaces: BTreeMap<Interface, Vec<Row>>,
    drains: Vec<Vec<Drained>>,
    notes: Vec<String>,
    counts: Counts,
}

#[derive(Serialize)]
struct Drained {
    interface: Interface,
    class: Handle,
}

/// The plan as JSON text, indented, the same bytes for the same plan.
pub fn json(shown: &Shown) -> String {
    let (interfaces, counts) = rows(shown);
    let drained = |(interface, class): &(Interface, Handle)| Drained { interface: interface.clone(), class: *class };
    let drains = shown.plan.phases.iter().filter_map(|phase| match phase {
        Phase::Drain(classes) => Some(classes.iter().map(drained).collect()),
        Phase::Operations(_) => None,
    });
    let notes = shown.plan.notes.iter().map(ToString::to_string).collect();
    let document = Document { interfaces, drains: drains.collect(), notes, counts };
    serde_json::to_string_pretty(&document).expect("invariant: texts and numbers have a JSON form")
}
