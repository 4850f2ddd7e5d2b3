//! What can be done to a model: every language says what it has to say in these.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pleach_graph::{NodeId, Prefix};
use pleach_tc::Interface;

use crate::limit::Limit;
use crate::mac::Mac;
use crate::model::{Connection, Model, Net, Phys, Place, Virt, VirtKey};
use crate::mtu::Mtu;
use crate::name::Name;
use crate::network_id::{NetworkId, NetworkIdError};
use crate::rule::{Direction, Rule};
use crate::technology::Technology;

/// One change of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Defines a network type with its options.
    AddSettings {
        /// Under which name.
        name: Name,
        /// What.
        technology: Technology,
    },
    /// Adds a phys, remote and without attributes.
    AddPhys(Name),
    /// States a phys's interface, or no longer does.
    PhysInterface(Name, Option<Interface>),
    /// States a phys's address, or no longer does.
    PhysAddress(Name, Option<IpAddr>),
    /// States the underlay's MTU at a phys, or no longer does.
    PhysMtu(Name, Option<Mtu>),
    /// Says whether a phys is on this host.
    PhysPlace(Name, Place),
    /// Removes a phys: it is detached everywhere and its virts are disconnected.
    RemovePhys(Name),
    /// Adds a net without virts.
    AddNet {
        /// Its name.
        name: Name,
        /// The settings it is made by.
        settings: Name,
        /// Its number.
        id: u64,
    },
    /// States the MTU that a net shall have, or no longer does.
    NetMtu(Name, Option<Mtu>),
    /// Says which routing table has a net's addresses, or that none has.
    NetTable(Name, Option<Name>),
    /// States the addresses that a net's virts and subscribers have.
    NetPrefixes(Name, BTreeSet<Prefix>),
    /// Binds a net to a node of the network, or no longer does.
    NetNode(Name, Option<NodeId>),
    /// Removes a net with its virts.
    RemoveNet(Name),
    /// Says that a phys has or will have virts of a net; again is no error.
    Attach {
        /// The phys.
        phys: Name,
        /// The net.
        net: Name,
    },
    /// Takes that back; where it was not said it is no error.
    Detach {
        /// The phys.
        phys: Name,
        /// The net.
        net: Name,
    },
    /// Adds a virt that is nowhere yet.
    AddVirt(VirtKey),
    /// States a virt's MAC address, or no longer does.
    VirtMac(VirtKey, Option<Mac>),
    /// Says where a virt is: it is connected or moves.
    Connect(VirtKey, Connection),
    /// Removes a virt with its rules and limits.
    RemoveVirt(VirtKey),
    /// Limits a virt in one direction, or no longer does.
    Limit(VirtKey, Direction, Option<Limit>),
    /// Adds a rule to a virt.
    AddRule(VirtKey, Rule),
    /// Removes all rules of a virt.
    FlushRules(VirtKey),
}

/// Why a change cannot be made. The model is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// There is something of that kind and name.
    #[error("there is {0} `{1}` already")]
    Exists(&'static str, Name),
    /// There is nothing of that kind and name.
    #[error("there is no {0} `{1}`")]
    Missing(&'static str, Name),
    /// The technology has no such number.
    #[error("`{id}` {source}")]
    NetworkId {
        /// What was stated.
        id: u64,
        /// What is wrong with it.
        source: NetworkIdError,
    },
}

impl Model {
    /// Makes a change.
    pub fn apply(&mut self, change: Change) -> Result<(), ChangeError> {
        match change {
            Change::AddSettings { name, technology } => insert(&mut self.settings, "settings", name, technology),
            Change::AddPhys(name) => insert(&mut self.physes, "phys", name, Phys::default()),
            Change::PhysInterface(name, interface) => self.phys_mut(&name).map(|phys| phys.interface = interface),
            Change::PhysAddress(name, ip) => self.phys_mut(&name).map(|phys| phys.ip = ip),
            Change::PhysMtu(name, mtu) => self.phys_mut(&name).map(|phys| phys.mtu = mtu),
            Change::PhysPlace(name, place) => self.phys_mut(&name).map(|phys| phys.place = place),
            Change::RemovePhys(name) => self.remove_phys(&name),
            Change::AddNet { name, settings, id } => self.add_net(name, settings, id),
            Change::NetMtu(name, mtu) => self.net_mut(&name).map(|net| net.mtu = mtu),
            Change::NetTable(name, table) => self.net_mut(&name).map(|net| net.table = table),
            Change::NetPrefixes(name, prefixes) => self.net_mut(&name).map(|net| net.prefixes = prefixes),
            Change::NetNode(name, at) => self.net_mut(&name).map(|net| net.at = at),
            Change::RemoveNet(name) => self.nets.remove(&name).map(|_| ()).ok_or(ChangeError::Missing("net", name)),
            Change::Attach { phys, net } => {
                self.phys_mut(&phys)?;
                self.net_mut(&net).map(|net| _ = net.attached.insert(phys))
            }
            Change::Detach { phys, net } => {
                self.phys_mut(&phys)?;
                self.net_mut(&net).map(|net| _ = net.attached.remove(&phys))
            }
            Change::AddVirt(key) => insert(&mut self.net_mut(&key.net)?.virts, "virt", key.virt, Virt::default()),
            Change::VirtMac(key, mac) => self.virt_mut(&key).map(|virt| virt.mac = mac),
            Change::Connect(key, connection) => {
                self.phys_mut(&connection.phys)?;
                self.virt_mut(&key).map(|virt| virt.connection = Some(connection))
            }
            Change::RemoveVirt(key) => {
                let removed = self.net_mut(&key.net)?.virts.remove(&key.virt);
                removed.map(|_| ()).ok_or(ChangeError::Missing("virt", key.virt))
            }
            Change::Limit(key, direction, limit) => self.virt_mut(&key).map(|virt| match direction {
                Direction::In => virt.limit_in = limit,
                Direction::Out => virt.limit_out = limit,
            }),
            Change::AddRule(key, rule) => self.virt_mut(&key).map(|virt| {
                let at = virt.rules.partition_point(|other| *other <= rule);
                virt.rules.insert(at, rule);
            }),
            Change::FlushRules(key) => self.virt_mut(&key).map(|virt| virt.rules.clear()),
        }
    }

    fn add_net(&mut self, name: Name, settings: Name, id: u64) -> Result<(), ChangeError> {
        let Some(technology) = self.settings.get(&settings) else {
            return Err(ChangeError::Missing("settings", settings));
        };
        let id = NetworkId::new(technology, id).map_err(|source| ChangeError::NetworkId { id, source })?;
        let net = Net {
            settings,
            id,
            attached: BTreeSet::new(),
            virts: BTreeMap::new(),
            mtu: None,
            table: None,
            at: None,
            prefixes: BTreeSet::new(),
        };
        insert(&mut self.nets, "net", name, net)
    }

    fn remove_phys(&mut self, name: &Name) -> Result<(), ChangeError> {
        self.physes.remove(name).ok_or_else(|| ChangeError::Missing("phys", name.clone()))?;
        for net in self.nets.values_mut() {
            net.attached.remove(name);
            for virt in net.virts.values_mut() {
                virt.connection.take_if(|connection| connection.phys == *name);
            }
        }
        Ok(())
    }

    fn phys_mut(&mut self, name: &Name) -> Result<&mut Phys, ChangeError> {
        self.physes.get_mut(name).ok_or_else(|| ChangeError::Missing("phys", name.clone()))
    }

    fn net_mut(&mut self, name: &Name) -> Result<&mut Net, ChangeError> {
        self.nets.get_mut(name).ok_or_else(|| ChangeError::Missing("net", name.clone()))
    }

    fn virt_mut(&mut self, key: &VirtKey) -> Result<&mut Virt, ChangeError> {
        let net = self.net_mut(&key.net)?;
        net.virts.get_mut(&key.virt).ok_or_else(|| ChangeError::Missing("virt", key.virt.clone()))
    }
}

fn insert<T>(map: &mut BTreeMap<Name, T>, kind: &'static str, name: Name, value: T) -> Result<(), ChangeError> {
    match map.entry(name) {
        Entry::Occupied(taken) => Err(ChangeError::Exists(kind, taken.key().clone())),
        Entry::Vacant(free) => {
            free.insert(value);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    fn model() -> Model {
        let mut model = Model::default();
        let key = VirtKey { net: name("1"), virt: name("v") };
        for change in [
            Change::AddSettings { name: name("default"), technology: Technology::Vlan },
            Change::AddPhys(name("a")),
            Change::AddNet { name: name("1"), settings: name("default"), id: 1 },
            Change::Attach { phys: name("a"), net: name("1") },
            Change::AddVirt(key.clone()),
            Change::Connect(key, Connection { phys: name("a"), interface: None }),
        ] {
            model.apply(change).expect("a change");
        }
        model
    }

    #[test]
    fn what_refers_to_nothing_is_refused_and_changes_nothing() {
        let before = model();
        let mut model = before.clone();
        let key = |net: &str, virt: &str| VirtKey { net: name(net), virt: name(virt) };
        for (change, error) in [
            (Change::AddPhys(name("a")), "there is phys `a` already"),
            (Change::AddNet { name: name("2"), settings: name("none"), id: 2 }, "there is no settings `none`"),
            (
                Change::AddNet { name: name("2"), settings: name("default"), id: 4095 },
                "`4095` is not the number of a VLAN net: 1 to 4094",
            ),
            (Change::Attach { phys: name("b"), net: name("1") }, "there is no phys `b`"),
            (Change::Connect(key("1", "v"), Connection { phys: name("b"), interface: None }), "there is no phys `b`"),
            (Change::VirtMac(key("1", "w"), None), "there is no virt `w`"),
            (Change::AddVirt(key("2", "w")), "there is no net `2`"),
        ] {
            assert_eq!(model.apply(change).map_err(|error| error.to_string()), Err(error.to_owned()));
            assert_eq!(model, before);
        }
    }

    #[test]
    fn a_removed_phys_leaves_its_virts_nowhere() {
        let mut model = model();
        model.apply(Change::RemovePhys(name("a"))).expect("a change");
        let net = &model.nets()["1"];
        assert!(net.attached().is_empty());
        assert_eq!(net.virts()["v"].connection, None);
    }
}
