//! The model that all hosts share.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pleach_graph::{NodeId, Prefix};
use pleach_tc::Interface;

use crate::limit::Limit;
use crate::mac::Mac;
use crate::mtu::Mtu;
use crate::name::Name;
use crate::network_id::NetworkId;
use crate::rule::{Direction, Rule};
use crate::technology::{Df, Family, Technology};

/// Nets, the hosts they span and the virts in them. Every host has the same; only which physes are local differs.
///
/// It changes by [`Model::apply`], which refuses what refers to nothing: settings, nets and physes that are named are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    pub(crate) settings: BTreeMap<Name, Technology>,
    pub(crate) physes: BTreeMap<Name, Phys>,
    pub(crate) nets: BTreeMap<Name, Net>,
}

/// A host's interface to the underlay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phys {
    /// Its name on that host.
    pub interface: Option<Interface>,
    /// Its address in the underlay.
    pub ip: Option<IpAddr>,
    /// The MTU of the underlay there.
    pub mtu: Option<Mtu>,
    /// Whether it is on this host.
    pub place: Place,
}

/// Where a phys is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// On another host.
    #[default]
    Remote,
    /// On this host.
    Local,
}

/// A virtual network: what is in it is on one Ethernet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    pub(crate) settings: Name,
    pub(crate) id: NetworkId,
    pub(crate) attached: BTreeSet<Name>,
    pub(crate) virts: BTreeMap<Name, Virt>,
    /// The MTU that it shall have.
    pub mtu: Option<Mtu>,
    /// The routing table or VRF that has its addresses, if hosts route them.
    pub table: Option<Name>,
    /// The site or access point of the network below which subscribers are in it, if it carries any.
    pub at: Option<NodeId>,
    /// The addresses that its virts and subscribers have. None: nothing is said of routes, and all below the node are in it.
    pub prefixes: BTreeSet<Prefix>,
}

/// A network interface of a virtual machine, a container or a subscriber: what a net connects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Virt {
    /// The MAC address that it sends from.
    pub mac: Option<Mac>,
    /// Where it is.
    pub connection: Option<Connection>,
    /// How much may go into it.
    pub limit_in: Option<Limit>,
    /// How much may come out of it.
    pub limit_out: Option<Limit>,
    /// Firewall rules, sorted.
    pub(crate) rules: Vec<Rule>,
}

/// Where a virt is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// On which host, by which interface to the underlay.
    pub phys: Name,
    /// The virt's interface on that host.
    pub interface: Option<Interface>,
}

/// A virt by its net and its name there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VirtKey {
    /// The net.
    pub net: Name,
    /// The name in that net.
    pub virt: Name,
}

impl Model {
    /// Network types with their options, by name.
    pub const fn settings(&self) -> &BTreeMap<Name, Technology> {
        &self.settings
    }

    /// Physes by name.
    pub const fn physes(&self) -> &BTreeMap<Name, Phys> {
        &self.physes
    }

    /// Nets by name.
    pub const fn nets(&self) -> &BTreeMap<Name, Net> {
        &self.nets
    }

    /// How a net's frames reach other hosts.
    pub fn technology(&self, net: &Net) -> &Technology {
        self.settings.get(&net.settings).expect("invariant: a net's settings are there")
    }

    /// A virt.
    pub fn virt(&self, key: &VirtKey) -> Option<&Virt> {
        self.nets.get(&key.net)?.virts.get(&key.virt)
    }

    /// All virts with their nets, by net and name.
    pub fn virts(&self) -> impl Iterator<Item = (&Name, &Net, &Name, &Virt)> {
        self.nets
            .iter()
            .flat_map(|(net_name, net)| net.virts.iter().map(move |(name, virt)| (net_name, net, name, virt)))
    }

    /// The physes on this host.
    pub fn local_physes(&self) -> impl Iterator<Item = (&Name, &Phys)> {
        self.physes.iter().filter(|(_, phys)| phys.place == Place::Local)
    }

    /// The physes that are attached to a net.
    pub fn attached<'m>(&'m self, net: &'m Net) -> impl Iterator<Item = (&'m Name, &'m Phys)> {
        net.attached.iter().map(|name| (name, self.physes.get(name).expect("invariant: an attached phys is there")))
    }

    /// The family of addresses that carry a net at a phys: that of the multicast group, or of the phys's own address.
    pub fn underlay_family(&self, net: &Net, phys: &Phys) -> Option<Family> {
        let group = self.technology(net).group().map(crate::technology::MulticastGroup::address);
        group.or(phys.ip).map(Family::of)
    }

    /// Whether frames that are too long for the underlay at a phys are carried in fragments. A VXLAN that learns stands on
    /// the phys's interface, and takes no longer ones (`vxlan_change_mtu`, 6.12).
    pub(crate) fn may_fragment(&self, net: &Net, phys: &Phys) -> bool {
        let technology = self.technology(net);
        let stands_on_interface = technology.is_vxlan() && !technology.is_static();
        technology.tunnel().is_some_and(|tunnel| tunnel.df == Df::Unset)
            && !stands_on_interface
            && self.underlay_family(net, phys) == Some(Family::V4)
    }

    /// The MTU that a net can have at a phys, where the MTU of the underlay there is known and large enough.
    pub fn recommended_mtu(&self, net: &Net, phys: &Phys) -> Option<Mtu> {
        self.carried(net, phys, phys.mtu?)
    }

    /// What an underlay of this MTU carries of a net at a phys.
    pub(crate) fn carried(&self, net: &Net, phys: &Phys, underlay: Mtu) -> Option<Mtu> {
        let technology = self.technology(net);
        let family = self.underlay_family(net, phys);
        // A direct net or a VLAN has the same overhead over both.
        let family = family.or_else(|| technology.port().is_none().then_some(Family::V4))?;
        underlay.less(technology.overhead(family))
    }
}

impl Net {
    /// The name of its settings.
    pub const fn settings(&self) -> &Name {
        &self.settings
    }

    /// Its number.
    pub const fn id(&self) -> NetworkId {
        self.id
    }

    /// The names of the physes that are attached to it.
    pub const fn attached(&self) -> &BTreeSet<Name> {
        &self.attached
    }

    /// Its virts by name.
    pub const fn virts(&self) -> &BTreeMap<Name, Virt> {
        &self.virts
    }
}

impl Virt {
    /// Its firewall rules by direction, priority and match.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Its limit in a direction.
    pub const fn limit(&self, direction: Direction) -> Option<Limit> {
        match direction {
            Direction::In => self.limit_in,
            Direction::Out => self.limit_out,
        }
    }
}
