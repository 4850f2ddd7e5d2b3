//! Clients: where they hang, what they have at home, what they pay for.

use super::access::{AccessPoint, radio_of};
use super::backbone::place_near;
use super::truth::Standing;
use super::{LinkKind, Network, Radio, Wan};
use crate::chance::Chance;
use crate::family::{BLACK_BOX, FAMILIES, Family, HOME_ROUTER, HOME_WIFI, Medium, Model, RELAY};
use crate::names;

/// A client site, the person behind it, and what it pays for.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) site: usize,
    pub(crate) standing: Standing,
    pub(crate) plan: Plan,
    pub(crate) addressing: Addressing,
    /// The access points it is connected to, the first one first.
    pub(crate) access_points: Vec<usize>,
    /// The switch it is connected to by cable.
    pub(crate) switch: Option<usize>,
    /// The client whose account this one is on: its own, or the one before it.
    pub(crate) account: usize,
    /// An IPv6 prefix, a subnet: numbers of [`crate::addresses`].
    pub(crate) delegated: bool,
    pub(crate) subnet: usize,
}

/// What a client has, by who holds its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressing {
    /// No usable address.
    Nothing,
    /// The radio or ONU is a router and has it by DHCP.
    Routed,
    /// The radio or ONU is a router and has it by PPPoE.
    Pppoe,
    /// A router behind it has it by DHCP.
    Behind,
    /// A black box behind it has it.
    BlackBox,
    /// A black box behind it has a whole subnet.
    Subnet,
}

const ADDRESSINGS: [(Addressing, u64); 5] = [
    (Addressing::Routed, 45),
    (Addressing::Pppoe, 20),
    (Addressing::Behind, 20),
    (Addressing::BlackBox, 10),
    (Addressing::Subnet, 5),
];

/// What a client pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// A plan of [`PLANS`], by position.
    Of(usize),
    /// Nobody set one: the speeds are `null`.
    Unset,
    /// The speeds are 0.
    Zero,
}

/// A plan: speeds in kbit/s.
#[derive(Debug)]
pub(crate) struct ServicePlan {
    pub(crate) name: &'static str,
    pub(crate) down: u64,
    pub(crate) up: u64,
}

/// The plans that are sold.
pub(crate) const PLANS: [ServicePlan; 8] = [
    ServicePlan { name: "Basic 2.5", down: 2_500, up: 512 },
    ServicePlan { name: "Home 7.5", down: 7_500, up: 1_500 },
    ServicePlan { name: "Home 25", down: 25_000, up: 5_000 },
    ServicePlan { name: "Home 50", down: 50_000, up: 10_000 },
    ServicePlan { name: "Home 100", down: 100_000, up: 20_000 },
    ServicePlan { name: "Home 250", down: 250_000, up: 50_000 },
    ServicePlan { name: "Fibre 500", down: 500_000, up: 100_000 },
    ServicePlan { name: "Fibre 1000", down: 1_000_000, up: 1_000_000 },
];

/// How often each plan is sold: to clients on radio, and on fibre.
const RADIO_SALES: [(usize, u64); 6] = [(0, 1), (1, 1), (2, 4), (3, 5), (4, 5), (5, 2)];
const FIBRE_SALES: [(usize, u64); 4] = [(4, 3), (5, 3), (6, 3), (7, 1)];

/// How clients of one access point come in: some through a relay.
struct Relay {
    access_point: usize,
    left: usize,
}

impl Network {
    /// Clients, in turn along the access points; one in fifty is a relay for one to three after it.
    pub(crate) fn add_clients(&mut self, access_points: &[AccessPoint]) {
        let (count, mut relay, mut subnets) = (self.options.clients, None::<Relay>, 0);
        for number in 0..count {
            let at = number * access_points.len() / count;
            let mut chance = Chance::of(self.options.seed, "client", number);
            let standing = *chance.weighted(&STANDINGS);
            relay = relay.filter(|relay| relay.left > 0);
            let site = self.add_client_site(number, &access_points[at], &mut chance);
            let client = self.new_client(number, site, standing, &access_points[at], &mut chance);
            self.clients.push(client);
            if standing == Standing::Inactive {
                continue; // no devices
            }
            if let Some(relay) = &mut relay {
                relay.left -= 1;
                self.attach(number, relay.access_point, &FAMILIES[0].0, &mut chance);
                self.furnish(number, &mut subnets, &mut chance);
                continue;
            }
            self.connect_client(number, at, access_points, &mut chance);
            self.furnish(number, &mut subnets, &mut chance);
            if standing == Standing::Active && !self.clients[number].access_points.is_empty() && chance.per_mille(20) {
                relay = Some(Relay { access_point: self.add_relay(number, &mut chance), left: 1 + chance.below(3) });
            }
        }
    }

    fn add_client_site(&mut self, number: usize, access_point: &AccessPoint, chance: &mut Chance) -> usize {
        let tower = access_point.tower.site;
        let place = place_near(self.sites[tower].place, 0.05, chance);
        self.add_site(names::client(self.options.seed, number).shown, Some(number), Some(tower), place)
    }

    fn new_client(
        &self,
        number: usize,
        site: usize,
        standing: Standing,
        at: &AccessPoint,
        chance: &mut Chance,
    ) -> Client {
        let fibre = at.family.medium == Medium::Fibre;
        let plan = match chance.below(1_000) {
            0..25 => Plan::Unset,
            25..30 => Plan::Zero,
            _ => Plan::Of(*chance.weighted(if fibre { &FIBRE_SALES[..] } else { &RADIO_SALES[..] })),
        };
        let addressless = match standing {
            Standing::Inactive => 1_000,
            Standing::Disconnected => 300,
            Standing::Active | Standing::Suspended | Standing::Unknown => 2,
        };
        let addressing =
            if chance.per_mille(addressless) { Addressing::Nothing } else { *chance.weighted(&ADDRESSINGS) };
        let shares_account = chance.per_mille(25) && number > 0;
        let account = if shares_account { self.clients[number - 1].account } else { number };
        let delegated = chance.per_mille(200);
        let (access_points, switch, subnet) = (Vec::new(), None, 0);
        Client { site, standing, plan, addressing, access_points, switch, account, delegated, subnet }
    }

    /// By the access point's medium; some by cable, some in no known way, some twice.
    fn connect_client(&mut self, number: usize, at: usize, access_points: &[AccessPoint], chance: &mut Chance) {
        let point = access_points[at];
        match chance.below(1_000) {
            0..15 => {} // nothing tells where it hangs
            15..25 => self.clients[number].switch = Some(point.tower.switch),
            25..35 => {
                self.attach(number, point.device, point.family, chance);
                let other = access_points[(at + access_points.len() / 2) % access_points.len()];
                if other.device != point.device {
                    self.attach(number, other.device, other.family, chance);
                }
            }
            _ => self.attach(number, point.device, point.family, chance),
        }
    }

    /// Puts a radio or an ONU at the client and connects it to an access point.
    fn attach(&mut self, number: usize, access_point: usize, family: &'static Family, chance: &mut Chance) {
        let site = self.clients[number].site;
        let name = format!("{} {}", self.sites[site].name, family.station.short);
        let device = self.add_device(name, site, &family.station, "station");
        self.devices[device].upstream = Some(access_point);
        self.devices[device].radio = self.devices[access_point].radio.map(|radio| {
            let heard = chance.between(50, 100);
            Radio { mode: "sta-ptmp", down: radio.down * heard / 100, up: radio.up * heard / 100, frame: None }
        });
        let kind = if family.medium == Medium::Fibre { LinkKind::Pon } else { LinkKind::Wireless };
        self.add_link(kind, access_point, device);
        self.clients[number].access_points.push(access_point);
    }

    /// Gives the client's devices their addresses, with a router or a black box behind them where there is one.
    fn furnish(&mut self, number: usize, subnets: &mut usize, chance: &mut Chance) {
        let site = self.clients[number].site;
        let first = self.devices.iter().rposition(|device| device.site != site).map_or(0, |before| before + 1);
        let edges: Vec<_> = (first..self.devices.len()).collect();
        let prefix = self.clients[number].delegated.then_some(number);
        // A client that nothing radio or fibre leads to has a router of its own.
        let addressing = match (self.clients[number].addressing, edges.is_empty()) {
            (Addressing::Routed | Addressing::Pppoe, true) => Addressing::Behind,
            (addressing, _) => addressing,
        };
        self.clients[number].addressing = addressing;
        let (wan, behind): (_, Option<(&'static Model, &'static str, _)>) = match addressing {
            Addressing::Nothing if edges.is_empty() => (Wan::Nothing, Some((&BLACK_BOX, "other", Wan::Nothing))),
            Addressing::Nothing => (Wan::Nothing, None),
            Addressing::Routed => (Wan::Dhcp(number, prefix), None),
            Addressing::Pppoe => (Wan::Pppoe(number), None),
            Addressing::Behind => {
                let (model, role) = *chance.pick(&[(&HOME_ROUTER, "router"), (&HOME_WIFI, "homeWiFi")]);
                (Wan::Management, Some((model, role, Wan::Dhcp(number, prefix))))
            }
            Addressing::BlackBox => {
                (Wan::Management, Some((&BLACK_BOX, "other", Wan::Listed { host: Some(number), subnet: None })))
            }
            Addressing::Subnet => {
                *subnets += 1;
                self.clients[number].subnet = *subnets;
                (Wan::Management, Some((&BLACK_BOX, "other", Wan::Listed { host: None, subnet: Some(*subnets) })))
            }
        };
        for (way, &edge) in edges.iter().enumerate() {
            self.devices[edge].wan = second_way(wan, way, self.options.clients);
        }
        let mut cable = edges.first().copied();
        if let Some((model, role, wan)) = behind {
            let name = format!("{} {}", self.sites[site].name, model.short);
            let device = self.add_device(name, site, model, role);
            self.devices[device].wan = wan;
            cable = Some(device);
        }
        if let (Some(switch), Some(device)) = (self.clients[number].switch, cable) {
            self.add_link(LinkKind::Ethernet, switch, device);
        }
    }

    /// An access point on the client's roof, for its neighbours.
    fn add_relay(&mut self, number: usize, chance: &mut Chance) -> usize {
        let site = self.clients[number].site;
        let name = format!("{} {}", self.sites[site].name, RELAY.short);
        let device = self.add_device(name, site, &RELAY, "ap");
        self.devices[device].radio = radio_of(&FAMILIES[0].0, chance);
        let edge = (0..device).rev().find(|&other| self.devices[other].upstream.is_some());
        self.add_link(LinkKind::Ethernet, edge.expect("invariant: a relay is connected to an access point"), device);
        device
    }
}

/// The second radio of a client with two ways has a host address of its own.
fn second_way(wan: Wan, way: usize, clients: usize) -> Wan {
    match wan {
        Wan::Dhcp(host, prefix) => Wan::Dhcp(host + way * clients, prefix.filter(|_| way == 0)),
        Wan::Pppoe(host) => Wan::Pppoe(host + way * clients),
        other => other,
    }
}

const STANDINGS: [(Standing, u64); 5] = [
    (Standing::Active, 915),
    (Standing::Suspended, 30),
    (Standing::Disconnected, 30),
    (Standing::Inactive, 20),
    (Standing::Unknown, 5),
];
