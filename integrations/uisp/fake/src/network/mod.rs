//! The network that is meant: sites, devices, links and clients, without any of the ways in which answers tell of them.

mod access;
mod backbone;
mod client;
mod groups;
mod service;
mod truth;

use crate::family::Model;
use crate::ids::Uuid;
use crate::options::Options;

pub(crate) use client::{Client, PLANS, ServicePlan};
pub(crate) use groups::Index;
pub(crate) use service::{Service, Shaping};
pub use truth::{Access, ClientTruth, ServiceTruth, Speeds, Standing};

/// A network of towers in rings, access points of every family, and clients; the same for the same options.
#[derive(Debug)]
pub struct Network {
    pub(crate) options: Options,
    pub(crate) sites: Vec<Site>,
    pub(crate) devices: Vec<Device>,
    pub(crate) links: Vec<Link>,
    pub(crate) clients: Vec<Client>,
}

/// A site; the number is its position.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) id: Uuid,
    pub(crate) name: Box<str>,
    /// The client that it is of.
    pub(crate) client: Option<usize>,
    pub(crate) parent: Option<usize>,
    /// Latitude and longitude.
    pub(crate) place: (f64, f64),
}

/// A device; the number is its position.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) id: Uuid,
    pub(crate) name: Box<str>,
    pub(crate) site: usize,
    pub(crate) model: &'static Model,
    pub(crate) role: &'static str,
    pub(crate) radio: Option<Radio>,
    /// The access point, OLT or far end that it is connected to.
    pub(crate) upstream: Option<usize>,
    pub(crate) wan: Wan,
}

/// What a radio is set to, and what it carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Radio {
    /// `overview.wirelessMode`.
    pub(crate) mode: &'static str,
    /// In bit/s, toward the station.
    pub(crate) down: u64,
    /// In bit/s, from the station.
    pub(crate) up: u64,
    /// In bit/s, both directions together, and what percentage of it is downlink, where a ratio divides the frame.
    pub(crate) frame: Option<(u64, u8)>,
}

/// The addresses of a device.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wan {
    /// None at all.
    Nothing,
    /// Only an address of the network's own.
    Management,
    /// A subscriber's host, given by DHCP, and maybe an IPv6 prefix; by the numbers of [`crate::addresses`].
    Dhcp(usize, Option<usize>),
    /// A subscriber's host on a PPPoE interface, beside an address of the network's own.
    Pppoe(usize),
    /// A subscriber's host, or a subnet, in the list of a black box.
    Listed { host: Option<usize>, subnet: Option<usize> },
}

/// A data link between two devices; the number is its position.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) id: Uuid,
    /// Devices.
    pub(crate) ends: [usize; 2],
    /// `type`.
    pub(crate) kind: LinkKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkKind {
    /// A gateway's way into the internet: both ends are the gateway, and it cannot be deleted.
    Internet,
    Ethernet,
    Pon,
    Wireless,
}

impl Network {
    /// Generates a network. A million clients are the most; more are cut.
    pub fn generate(options: &Options) -> Self {
        let options = Options { clients: options.clients.min(crate::addresses::MOST_CLIENTS), ..options.clone() };
        let nothing = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (sites, devices, links, clients) = nothing;
        let mut network = Self { options, sites, devices, links, clients };
        let towers = network.add_backbone();
        let access_points = network.add_access_points(&towers);
        network.add_clients(&access_points);
        network
    }

    /// What was meant of each client, in the order they were made in.
    pub fn truth(&self) -> impl Iterator<Item = ClientTruth> + '_ {
        (0..self.clients.len()).map(|client| truth::of(self, client))
    }

    /// What it was generated from.
    pub fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn add_site(
        &mut self,
        name: String,
        client: Option<usize>,
        parent: Option<usize>,
        place: (f64, f64),
    ) -> usize {
        let id = Uuid::of(self.options.seed, "site", self.sites.len());
        self.sites.push(Site { id, name: name.into(), client, parent, place });
        self.sites.len() - 1
    }

    /// Adds a device without radio and connection, with a management address.
    pub(crate) fn add_device(&mut self, name: String, site: usize, model: &'static Model, role: &'static str) -> usize {
        let id = Uuid::of(self.options.seed, "device", self.devices.len());
        let (radio, upstream, wan) = (None, None, Wan::Management);
        self.devices.push(Device { id, name: name.into(), site, model, role, radio, upstream, wan });
        self.devices.len() - 1
    }

    pub(crate) fn add_link(&mut self, kind: LinkKind, from: usize, to: usize) {
        let id = Uuid::of(self.options.seed, "link", self.links.len());
        self.links.push(Link { id, ends: [from, to], kind });
    }
}
