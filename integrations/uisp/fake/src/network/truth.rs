//! What was meant of a client, in words of its own: what tests compare with what an importer made of the answers.

use super::client::{Addressing, PLANS, Plan};
use super::service::Service;
use super::{Client, Network};
use crate::addresses::{delegated, host, subnet};

/// A client site as it was meant. Quirks do not change it, but for the services that `several-services` adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTruth {
    /// The id of its site.
    pub site: String,
    /// The name of its site.
    pub name: String,
    /// Whether it is a client at all today.
    pub standing: Standing,
    /// The prefixes that are to be shaped, in CIDR form: hosts as /32, subnets, delegated prefixes. None of them is a management
    /// address.
    pub addresses: Vec<String>,
    /// What it hangs from.
    pub access: Access,
    /// The plan on the network side.
    pub plan: Speeds,
    /// The services on the billing side; none without one.
    pub services: Vec<ServiceTruth>,
}

impl ClientTruth {
    /// Whether there is an address to shape.
    pub fn has_usable_address(&self) -> bool {
        !self.addresses.is_empty()
    }
}

/// Whether a client is one today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In service.
    Active,
    /// In service, but its access to the internet is withheld.
    Suspended,
    /// Its devices have not been seen for a while.
    Disconnected,
    /// It has no devices.
    Inactive,
    /// UISP does not know.
    Unknown,
}

/// What a client hangs from, by ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Access points, OLTs and relays: the devices its own are connected to, the first one first.
    AccessPoints(Vec<String>),
    /// A switch, by cable.
    Switch(String),
    /// Nothing says more than its parent site.
    Site(String),
}

/// Speeds in bit/s; `None` is a speed that nobody set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speeds {
    /// Toward the client.
    pub down: Option<u64>,
    /// From the client.
    pub up: Option<u64>,
}

/// A service of the CRM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceTruth {
    /// Its id there.
    pub id: u64,
    /// 0 prepared, 1 active, 2 ended, 3 suspended, 4 prepared and blocked, 5 obsolete, 6 deferred, 7 quoted, 8 inactive.
    pub status: u8,
    /// Its speeds, replaced ones if they are; `None` is no limit.
    pub speeds: Speeds,
}

pub(super) fn of(network: &Network, number: usize) -> ClientTruth {
    let client = &network.clients[number];
    let site = &network.sites[client.site];
    let device = |number: usize| network.devices[number].id.to_string();
    let access = match (client.access_points.as_slice(), client.switch) {
        ([], Some(switch)) => Access::Switch(device(switch)),
        ([], None) => Access::Site(network.sites[site.parent.expect("invariant: clients have parents")].id.to_string()),
        (points, _) => Access::AccessPoints(points.iter().copied().map(device).collect()),
    };
    ClientTruth {
        site: site.id.to_string(),
        name: site.name.to_string(),
        standing: client.standing,
        addresses: addresses(network, number),
        access,
        plan: client.speeds(),
        services: network.services(number).iter().map(Service::truth).collect(),
    }
}

fn addresses(network: &Network, number: usize) -> Vec<String> {
    let client = &network.clients[number];
    let prefix = || client.delegated.then(|| format!("{}/56", delegated(number)));
    let ways = client.access_points.len().max(1);
    let hosts = |ways: usize| (0..ways).map(|way| format!("{}/32", host(number + way * network.options.clients)));
    match client.addressing {
        Addressing::Nothing => Vec::new(),
        Addressing::Routed => hosts(ways).chain(prefix()).collect(),
        Addressing::Pppoe => hosts(ways).collect(),
        Addressing::Behind => hosts(1).chain(prefix()).collect(),
        Addressing::BlackBox => hosts(1).collect(),
        Addressing::Subnet => vec![format!("{}/29", subnet(client.subnet))],
    }
}

impl Client {
    /// What `qos` says.
    pub(crate) fn speeds(&self) -> Speeds {
        match self.plan {
            Plan::Of(plan) => Speeds { down: Some(PLANS[plan].down * 1_000), up: Some(PLANS[plan].up * 1_000) },
            Plan::Unset => Speeds { down: None, up: None },
            Plan::Zero => Speeds { down: Some(0), up: Some(0) },
        }
    }
}
