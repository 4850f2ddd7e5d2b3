//! Points of presence, towers, and the rings between them.

use super::{LinkKind, Network, Radio};
use crate::chance::Chance;
use crate::family::{BACKHAULS, GATEWAY, POWER, ROUTER, SWITCH};
use crate::names;

/// Clients for each tower.
const CLIENTS_A_TOWER: usize = 200;
/// Fewer do not make a ring with the two points of presence.
const FEWEST_TOWERS: usize = 3;
/// Towers in a ring, beside the points of presence at both of its ends.
const TOWERS_A_RING: usize = 6;

/// A site of the network's own, with the device that its links end at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tower {
    pub(crate) site: usize,
    pub(crate) switch: usize,
}

impl Network {
    /// Two points of presence with a way into the internet each, and towers in rings between them.
    pub(crate) fn add_backbone(&mut self) -> Vec<Tower> {
        let presences = [("POP North", (50.20, 14.40)), ("POP South", (49.80, 14.45))];
        let presences = presences.map(|(name, place)| self.add_presence(name, place));
        self.add_link(LinkKind::Ethernet, presences[0].switch, presences[1].switch);

        let count = (self.options.clients / CLIENTS_A_TOWER).max(FEWEST_TOWERS);
        let towers: Vec<_> = (0..count).map(|number| self.add_tower(number)).collect();
        for (number, ring) in towers.chunks(TOWERS_A_RING).enumerate() {
            let (start, end) = (presences[number % 2], presences[(number + 1) % 2]);
            let chain: Vec<_> = [start].into_iter().chain(ring.iter().copied()).chain([end]).collect();
            let half = chain.len() / 2;
            for (hop, pair) in chain.windows(2).enumerate() {
                self.connect(pair[0], pair[1]);
                let (parent, child) = if hop < half { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
                if self.sites[child.site].parent.is_none()
                    && !presences.iter().any(|presence| presence.site == child.site)
                {
                    self.sites[child.site].parent = Some(parent.site);
                }
            }
        }
        towers
    }

    fn add_presence(&mut self, name: &str, place: (f64, f64)) -> Tower {
        let site = self.add_site(name.to_owned(), None, None, place);
        let gateway = self.add_device(format!("gw-{name}"), site, &GATEWAY, "gateway");
        let switch = self.add_device(format!("sw-{name}"), site, &SWITCH, "switch");
        self.add_link(LinkKind::Internet, gateway, gateway);
        self.add_link(LinkKind::Ethernet, gateway, switch);
        Tower { site, switch }
    }

    fn add_tower(&mut self, number: usize) -> Tower {
        let mut chance = Chance::of(self.options.seed, "tower", number);
        let place = place_near((50.0, 14.42), 0.4, &mut chance);
        let name = names::tower(number);
        let site = self.add_site(name.clone(), None, None, place);
        let router = self.add_device(format!("rtr-{name}"), site, &ROUTER, "router");
        let switch = self.add_device(format!("sw-{name}"), site, &SWITCH, "switch");
        self.add_device(format!("ups-{name}"), site, &POWER, "ups");
        self.add_link(LinkKind::Ethernet, router, switch);
        Tower { site, switch }
    }

    /// Connects two sites: one hop in five is fibre from switch to switch, the others are radio, and one in four of them has a
    /// second, parallel one.
    fn connect(&mut self, from: Tower, to: Tower) {
        let mut chance = Chance::of(self.options.seed, "hop", self.links.len());
        if chance.per_mille(200) {
            self.add_link(LinkKind::Ethernet, from.switch, to.switch);
            return;
        }
        self.add_backhaul(from, to, &mut chance);
        if chance.per_mille(250) {
            self.add_backhaul(from, to, &mut chance);
        }
    }

    /// A radio link of two devices. Which end is the access point says nothing of where the internet is.
    fn add_backhaul(&mut self, from: Tower, to: Tower, chance: &mut Chance) {
        let backhaul = chance.weighted(&BACKHAULS);
        let (near, far) = if chance.per_mille(500) { (from, to) } else { (to, from) };
        let down = chance.between(backhaul.down.0, backhaul.down.1) * 1_000_000;
        let up = down * backhaul.up_percent / 100;
        let number = self.links.len();
        let end = |network: &mut Self, at: Tower, other: Tower, role, mode, upstream, heard: u64| {
            let name = format!("bh-{}-{}-{number}", network.sites[at.site].name, network.sites[other.site].name);
            let device = network.add_device(name, at.site, &backhaul.model, role);
            let radio = Radio { mode, down: down * heard / 100, up: up * heard / 100, frame: None };
            network.devices[device].radio = Some(radio);
            network.devices[device].upstream = upstream;
            network.add_link(LinkKind::Ethernet, at.switch, device);
            device
        };
        let access_point = end(self, near, far, backhaul.roles[0], "ap-ptp", None, 100);
        let station = end(self, far, near, backhaul.roles[1], "sta-ptp", Some(access_point), chance.between(90, 101));
        self.add_link(LinkKind::Wireless, access_point, station);
    }
}

/// A place within so many degrees of another.
pub(crate) fn place_near(of: (f64, f64), within: f64, chance: &mut Chance) -> (f64, f64) {
    let mut off = || (f64::from(u16::try_from(chance.below(2_001)).unwrap_or_default()) / 1_000.0 - 1.0) * within;
    let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
    (round(of.0 + off()), round(of.1 + off()))
}
