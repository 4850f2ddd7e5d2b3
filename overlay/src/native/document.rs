//! From a model to TOML and JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pleach_graph::{NodeId, Prefix};
use pleach_tc::{Interface, LeafKind};
use serde::Serialize;

use super::read::DEFAULT_SETTINGS;
use crate::limit::Limit;
use crate::model::{Model, Net, Phys, Place, Virt};
use crate::mtu::Mtu;
use crate::name::Name;
use crate::network_id::NetworkId;
use crate::rule::{Direction, Protocol, Rule};
use crate::technology::{Df, Technology, UdpPort};

/// The model in TOML.
pub fn to_toml(model: &Model) -> String {
    toml::to_string(&File::of(model)).expect("invariant: texts, numbers and tables are TOML")
}

/// The model in JSON, with the keys and values that it has in TOML.
pub fn to_json(model: &Model) -> String {
    let mut text = serde_json::to_string_pretty(&File::of(model)).expect("invariant: texts, numbers and maps are JSON");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct File<'m> {
    overlay: Overlay<'m>,
}

#[derive(Serialize)]
struct Overlay<'m> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    settings: BTreeMap<&'m Name, SettingsTable>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    phys: BTreeMap<&'m Name, PhysTable<'m>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    net: BTreeMap<&'m Name, NetTable<'m>>,
}

#[derive(Serialize)]
struct SettingsTable {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<UdpPort>,
    #[serde(skip_serializing_if = "Option::is_none")]
    df: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<IpAddr>,
}

#[derive(Serialize)]
struct PhysTable<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<&'m Interface>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtu: Option<Mtu>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<bool>,
}

#[derive(Serialize)]
struct NetTable<'m> {
    #[serde(skip_serializing_if = "is_default")]
    settings: &'m Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    attach: &'m BTreeSet<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtu: Option<Mtu>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'m Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'m NodeId>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    prefixes: &'m BTreeSet<Prefix>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    virt: BTreeMap<&'m Name, VirtTable<'m>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_default(settings: &&Name) -> bool {
    settings.as_str() == DEFAULT_SETTINGS
}

#[derive(Serialize)]
struct VirtTable<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phys: Option<&'m Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<&'m Interface>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rate: BTreeMap<&'static str, LimitTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rule: Vec<RuleTable>,
}

#[derive(Serialize)]
struct LimitTable {
    average: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    burst: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    burst_rate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<&'static str>,
}

#[derive(Serialize)]
struct RuleTable {
    direction: &'static str,
    priority: u16,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_mac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_mac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Prefix>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<Prefix>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ports: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_ports: Option<String>,
}

impl<'m> File<'m> {
    fn of(model: &'m Model) -> Self {
        let settings = model.settings().iter().map(|(name, technology)| (name, SettingsTable::of(technology)));
        let physes = model.physes().iter().map(|(name, phys)| (name, PhysTable::of(phys)));
        let nets = model.nets().iter().map(|(name, net)| (name, NetTable::of(net)));
        Self { overlay: Overlay { settings: settings.collect(), phys: physes.collect(), net: nets.collect() } }
    }
}

impl SettingsTable {
    fn of(technology: &Technology) -> Self {
        let group = technology.group().map(crate::technology::MulticastGroup::address);
        let df = technology.unusual_df().map(Df::as_str);
        Self { r#type: technology.type_name(), port: technology.port(), df, group }
    }
}

impl<'m> PhysTable<'m> {
    fn of(phys: &'m Phys) -> Self {
        let local = (phys.place == Place::Local).then_some(true);
        Self { interface: phys.interface.as_ref(), ip: phys.ip, mtu: phys.mtu, local }
    }
}

impl<'m> NetTable<'m> {
    fn of(net: &'m Net) -> Self {
        Self {
            settings: net.settings(),
            id: (net.id() != NetworkId::Direct(0)).then(|| net.id().number()),
            attach: net.attached(),
            mtu: net.mtu,
            table: net.table.as_ref(),
            at: net.at.as_ref(),
            prefixes: &net.prefixes,
            virt: net.virts().iter().map(|(name, virt)| (name, VirtTable::of(virt))).collect(),
        }
    }
}

impl<'m> VirtTable<'m> {
    fn of(virt: &'m Virt) -> Self {
        let connection = virt.connection.as_ref();
        let limits = Direction::BOTH.into_iter();
        let limits = limits.filter_map(|direction| Some((direction.as_str(), LimitTable::of(&virt.limit(direction)?))));
        Self {
            mac: virt.mac.map(|mac| mac.to_string()),
            phys: connection.map(|connection| &connection.phys),
            interface: connection.and_then(|connection| connection.interface.as_ref()),
            rate: limits.collect(),
            rule: virt.rules().iter().map(RuleTable::of).collect(),
        }
    }
}

impl LimitTable {
    fn of(limit: &Limit) -> Self {
        Self {
            average: limit.average().to_string(),
            burst: limit.burst().map(|burst| burst.to_string()),
            burst_rate: limit.burst_rate().map(|rate| rate.to_string()),
            leaf: limit.leaf().map(LeafKind::as_str),
        }
    }
}

impl RuleTable {
    fn of(rule: &Rule) -> Self {
        let matches = &rule.matches;
        Self {
            direction: rule.direction.as_str(),
            priority: rule.priority.get(),
            action: rule.action.as_str(),
            source_mac: matches.source_mac.map(|range| range.to_string()),
            destination_mac: matches.destination_mac.map(|range| range.to_string()),
            source: matches.source,
            destination: matches.destination,
            protocol: matches.protocol.map(Protocol::as_str),
            source_ports: matches.source_ports.map(|ports| ports.to_string()),
            destination_ports: matches.destination_ports.map(|ports| ports.to_string()),
        }
    }
}
