//! Services that are odd.

use serde_json::Value;

use super::fields::Fields;
use super::{EVERYDAY, NOBODY, RARE};
use crate::json::Scene;
use crate::network::{Service, Shaping};
use crate::quirk::Quirk;

/// The first number of services that quirks add: far above the others.
const FIRST_ADDED: usize = 100_000_000;

impl Scene<'_> {
    /// The services of a client's site as the answer has them.
    pub(crate) fn told_services(&self, client: usize) -> Vec<Value> {
        let defects = self.network.defects();
        let hit = |quirk, every| defects.of(quirk, "service", client, self.network.clients.len(), every);
        let services = self.network.services(client);
        let mut records: Vec<_> = services.iter().map(|service| self.service(client, service)).collect();
        if hit(Quirk::Dates, EVERYDAY).is_some() {
            for record in &mut records {
                record.set("/activeFrom", "2025-03-05");
            }
        }
        let added =
            |id, status| self.service(client, &Service { id, status, plan: Some(0), shaping: Shaping::Planned });
        if hit(Quirk::UnknownEnum, RARE).is_some() {
            records.push(added(FIRST_ADDED + 2 * client, 9));
        }
        if let Some(mut chance) = hit(Quirk::DanglingReference, RARE) {
            let mut record = added(FIRST_ADDED + 2 * client + 1, 1);
            record.set("/unmsClientSiteId", if chance.per_mille(500) { Value::Null } else { NOBODY.into() });
            records.push(record);
        }
        records
    }
}
