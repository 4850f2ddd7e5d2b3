//! Services on the billing side.

use super::Network;
use super::client::{PLANS, Plan};
use super::truth::{ServiceTruth, Speeds, Standing};
use crate::chance::Chance;
use crate::options::Billing;
use crate::quirk::{Defects, Quirk};

/// A CRM service of a client site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) id: usize,
    /// 0 to 8, as the documentation counts them.
    pub(crate) status: u8,
    /// A plan of [`PLANS`], by position, or none that tells speeds.
    pub(crate) plan: Option<usize>,
    pub(crate) shaping: Shaping,
}

/// At which speeds a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shaping {
    /// At those of its plan.
    Planned,
    /// At others, in Mbit/s: `trafficShapingOverrideEnabled`.
    At { down: u64, up: u64 },
    /// At no limit: the same, with `null` for the speeds.
    Unlimited,
}

/// The most services that a site has: so many numbers are kept for each.
const SERVICES_A_CLIENT: usize = 4;
const FIRST_SERVICE: usize = 1_000;
/// One client in so many has several services in force, where the quirk is on.
const ONE_WITH_SEVERAL_IN: usize = 100;

impl Network {
    /// The services that are bound to a client's site: the one in force first, an ended one and others after it.
    pub(crate) fn services(&self, number: usize) -> Vec<Service> {
        if self.options.billing == Billing::None {
            return Vec::new();
        }
        let mut chance = Chance::of(self.options.seed, "service", number);
        let client = &self.clients[number];
        let plan = match client.plan {
            Plan::Of(plan) => Some(plan),
            Plan::Unset | Plan::Zero => None,
        };
        let status = match client.standing {
            Standing::Suspended => 3,
            Standing::Inactive => *chance.pick(&[0, 2, 4, 5, 6, 7, 8]),
            Standing::Active | Standing::Disconnected | Standing::Unknown => 1,
        };
        let shaping = match chance.below(1_000) {
            0..20 => Shaping::At { down: 200, up: 40 },
            20..30 => Shaping::Unlimited,
            _ => Shaping::Planned,
        };
        let id = FIRST_SERVICE + number * SERVICES_A_CLIENT;
        let mut services = vec![Service { id, status, plan, shaping }];
        if chance.per_mille(80) {
            services.push(Service { id: id + 1, status: 2, plan: Some(2), shaping: Shaping::Planned });
        }
        if status == 1 && self.has_several(number) {
            services.push(Service { id: id + 2, status: 1, plan: Some(4), shaping: Shaping::Planned });
            if chance.per_mille(500) {
                services.push(Service { id: id + 3, status: 1, plan: Some(1), shaping: Shaping::Planned });
            }
        }
        services
    }

    fn has_several(&self, number: usize) -> bool {
        let quirk = Quirk::SeveralServices;
        self.defects().of(quirk, "client", number, self.clients.len(), ONE_WITH_SEVERAL_IN).is_some()
    }

    pub(crate) fn defects(&self) -> Defects {
        Defects { quirks: self.options.quirks, seed: self.options.seed }
    }
}

impl Service {
    pub(super) fn truth(&self) -> ServiceTruth {
        let speeds = match self.shaping {
            Shaping::Planned => self.plan.map(|plan| (PLANS[plan].down * 1_000, PLANS[plan].up * 1_000)),
            Shaping::At { down, up } => Some((down * 1_000_000, up * 1_000_000)),
            Shaping::Unlimited => None,
        };
        let speeds = Speeds { down: speeds.map(|(down, _)| down), up: speeds.map(|(_, up)| up) };
        ServiceTruth { id: self.id as u64, status: self.status, speeds }
    }
}
