//! Sites that are odd.

use serde_json::{Value, json};

use super::fields::Fields;
use super::{EVERYDAY, NOBODY, RARE, UNCOMMON};
use crate::chance::Chance;
use crate::ids::{Uuid, moment};
use crate::json::Scene;
use crate::network::{Network, Standing};
use crate::quirk::{Defects, Quirk};

impl Scene<'_> {
    /// A site as the answer has it, and once more where it is there twice.
    pub(crate) fn told_site(&self, number: usize) -> (Value, Option<Value>) {
        let (mut record, defects) = (self.site(number), self.network.defects());
        if let Some(mut chance) = defects.of(Quirk::DuplicateSites, "site", number, self.network.sites.len(), RARE) {
            let copy = duplicate(record.clone(), &mut chance);
            return (record, Some(copy));
        }
        self.spoil_site(number, &mut record, defects);
        self.spoil_fields(number, &mut record, defects);
        (record, None)
    }

    /// A site of a type that nobody knows, where that quirk is on. No client hangs from it.
    pub(crate) fn odd_site(&self) -> Option<Value> {
        if !self.network.options.quirks.has(Quirk::UnknownEnum) {
            return None;
        }
        let mut depot = self.site(0);
        let id = Uuid::of(self.network.options.seed, "depot", 0).to_string();
        depot.set("/id", id.as_str());
        depot.set("/identification/id", id);
        depot.set("/identification/name", "Depot");
        depot.set("/identification/type", "depot");
        Some(depot)
    }

    /// Parents and coordinates.
    fn spoil_site(&self, number: usize, record: &mut Value, defects: Defects) {
        let site = &self.network.sites[number];
        let client = site.client.map(|client| &self.network.clients[client]);
        let hit = |quirk, every| defects.of(quirk, "site", number, self.network.sites.len(), every);
        if let Some(parent) = parent_in_cycle(self.network, number, defects) {
            let parent = &self.network.sites[parent];
            record.set("/identification/parent/id", parent.id.to_string());
            record.set("/identification/parent/name", &*parent.name);
        } else if client.is_some_and(|client| !client.access_points.is_empty())
            && hit(Quirk::DanglingReference, RARE).is_some()
        {
            record.set("/identification/parent/id", NOBODY);
        }
        if hit(Quirk::SwappedCoordinates, UNCOMMON).is_some() {
            record.set("/description/location/latitude", site.place.1);
            record.set("/description/location/longitude", site.place.0);
        }
        if let Some(mut chance) = hit(Quirk::NoCoordinates, UNCOMMON) {
            match chance.below(3) {
                0 => record.set("/description/location", Value::Null),
                1 => record.remove("/description/location"),
                _ => record.set("/description/location", json!({ "latitude": null, "longitude": null })),
            }
        }
    }

    /// Words, dates, and fields that are null or missing.
    fn spoil_fields(&self, number: usize, record: &mut Value, defects: Defects) {
        let client = self.network.sites[number].client.map(|client| &self.network.clients[client]);
        let hit = |quirk, every| defects.of(quirk, "site", number, self.network.sites.len(), every);
        if let Some(mut chance) = hit(Quirk::Dates, EVERYDAY) {
            record.set("/identification/updated", odd_date(&mut chance));
            record.set("/ucrm/service/activeFrom", "2025-03-01");
        }
        let says_nothing = client.is_none_or(|client| client.standing == Standing::Unknown);
        if says_nothing && hit(Quirk::UnknownEnum, EVERYDAY).is_some() {
            record.set("/identification/status", "degraded");
        }
        let plain = client.is_none_or(|client| client.standing != Standing::Suspended);
        if let Some(mut chance) = hit(Quirk::RequiredNull, UNCOMMON) {
            record.set(null_field(client.is_some(), plain, &mut chance), Value::Null);
        }
        if let Some(mut chance) = hit(Quirk::MissingKey, UNCOMMON) {
            record.remove(missing_field(client.is_some(), plain, &mut chance));
        }
    }
}

/// What may be null of a site so that its client loses neither plan nor standing.
fn null_field(is_client: bool, plain: bool, chance: &mut Chance) -> &'static str {
    match (chance.below(6), is_client) {
        (0, false) => "/qos",
        (1, false) => "/identification/status",
        (2, _) if plain => "/identification/suspended",
        (3, _) => "/identification/name",
        (4, _) => "/description",
        (5, _) => "/identification/updated",
        _ => "/notifications",
    }
}

fn missing_field(is_client: bool, plain: bool, chance: &mut Chance) -> &'static str {
    match (chance.below(5), is_client) {
        (0, false) => "/qos",
        (1, _) if plain => "/identification/suspended",
        (2, _) => "/id",
        (3, _) => "/description",
        _ => "/notifications",
    }
}

/// A date, a number of milliseconds, or an offset from UTC, where a moment in UTC should be.
pub(super) fn odd_date(chance: &mut Chance) -> Value {
    match chance.below(3) {
        0 => "2026-01-05".into(),
        1 => 1_767_607_200_000_u64.into(),
        _ => "2026-01-05T11:00:00+01:00".into(),
    }
}

/// The record as it is, or as it was a year ago.
fn duplicate(mut record: Value, chance: &mut Chance) -> Value {
    if chance.per_mille(700) {
        record.set("/identification/updated", a_year_ago(chance));
        record.set("/identification/name", old_name(&record));
        record.set("/qos/downloadSpeed", 1_000_000);
    }
    record
}

pub(super) fn a_year_ago(chance: &mut Chance) -> String {
    moment(chance.between(0, 28 * 86_400)).replace("2026", "2025")
}

pub(super) fn old_name(record: &Value) -> String {
    format!("{} (old)", record["identification"]["name"].as_str().unwrap_or_default())
}

/// The parent of a site in a circle: of two towers, of one, of two clients that have access points.
fn parent_in_cycle(network: &Network, number: usize, defects: Defects) -> Option<usize> {
    if !defects.quirks.has(Quirk::ParentCycle) {
        return None;
    }
    match network.sites[number].client {
        None => parent_of_tower(network, number, defects),
        Some(client) => {
            let has_access_point = |client: usize| !network.clients[client].access_points.is_empty();
            let mut pairs = 0..network.clients.len().saturating_sub(1);
            let first = pairs.find(|&first| has_access_point(first) && has_access_point(first + 1))?;
            let other = if client == first { first + 1 } else { first };
            (client == first || client == first + 1).then(|| network.clients[other].site)
        }
    }
}

fn parent_of_tower(network: &Network, number: usize, defects: Defects) -> Option<usize> {
    let is_tower = |number: &usize| network.sites[*number].client.is_none() && network.sites[*number].parent.is_some();
    let towers: Vec<_> =
        (0..network.sites.len()).take_while(|&at| network.sites[at].client.is_none()).filter(is_tower).collect();
    let position = towers.iter().position(|&tower| tower == number)?;
    let start = Chance::of(defects.seed, "circle of towers", 0).below(towers.len());
    let at = |step: usize| towers[(start + step) % towers.len()];
    match (position + towers.len() - start) % towers.len() {
        0 => Some(at(1)),
        1 => Some(at(0)),
        2 => Some(at(2)),
        _ => None,
    }
}
