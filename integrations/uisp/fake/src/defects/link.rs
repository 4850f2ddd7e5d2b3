//! Data links that are odd.

use serde_json::{Value, json};

use super::device::remove_capacity;
use super::fields::Fields;
use super::{NOBODY, UNCOMMON};
use crate::chance::Chance;
use crate::ids::Uuid;
use crate::json::Scene;
use crate::network::LinkKind;
use crate::quirk::{Defects, Quirk};

const SIDES: [&str; 2] = ["from", "to"];

impl Scene<'_> {
    /// A data link as the answer has it.
    pub(crate) fn told_link(&self, number: usize) -> Value {
        let (mut record, defects) = (self.link(number), self.network.defects());
        let link = &self.network.links[number];
        for (side, end) in SIDES.into_iter().zip(link.ends) {
            if let Some(chance) = self.missing_capacity(end, defects) {
                remove_capacity(&mut record, &format!("/{side}/device/overview"), chance);
            }
        }
        match link.kind {
            // The first uplink: it is the first link there is.
            LinkKind::Internet if number == 0 && defects.quirks.has(Quirk::NullSide) => record.set("/to", empty_side()),
            LinkKind::Internet => {}
            _ => self.spoil_link(number, &mut record, defects),
        }
        record
    }

    /// A link between devices that are not there, where that quirk is on.
    pub(crate) fn odd_link(&self) -> Option<Value> {
        if !self.network.options.quirks.has(Quirk::DanglingReference) {
            return None;
        }
        let mut record = self.link(self.network.links.len().checked_sub(1)?);
        record.set("/id", Uuid::of(self.network.options.seed, "odd link", 0).to_string());
        for side in SIDES {
            record.set(&format!("/{side}/device/identification/id"), NOBODY);
        }
        Some(record)
    }

    fn spoil_link(&self, number: usize, record: &mut Value, defects: Defects) {
        let link = &self.network.links[number];
        let hit = |quirk, every| defects.of(quirk, "link", number, self.network.links.len(), every);
        let at_client = |&end: &usize| self.network.sites[self.network.devices[end].site].client.is_some();
        if let Some(chance) = hit(Quirk::NullSide, UNCOMMON) {
            remove_side(record, link.ends.iter().any(at_client), chance);
        }
        if hit(Quirk::UnknownEnum, UNCOMMON).is_some() {
            record.set(if link.kind == LinkKind::Ethernet { "/type" } else { "/state" }, "quantum");
        }
        if hit(Quirk::RequiredNull, UNCOMMON).is_some() {
            record.set("/canDelete", Value::Null);
        }
        if hit(Quirk::MissingKey, UNCOMMON).is_some() {
            record.remove("/canDelete");
        }
    }
}

fn empty_side() -> Value {
    json!({ "site": null, "device": null, "interface": null })
}

/// A link that a client hangs from keeps its devices.
fn remove_side(record: &mut Value, at_client: bool, mut chance: Chance) {
    let side = *chance.pick(&SIDES);
    match (chance.below(3), at_client) {
        (0, false) => record.set(&format!("/{side}"), Value::Null),
        (1, false) => record.set(&format!("/{side}"), empty_side()),
        (_, false) => record.set(&format!("/{side}/device"), Value::Null),
        (_, true) => record.set(&format!("/{side}/site"), Value::Null),
    }
}
