//! What an operator can set about shaping, and what is known of the host.

use std::collections::BTreeMap;

use compact_str::CompactString;
use pleach_graph::{Prefix, Rate};
use pleach_tc::{
    Cake, Carried, ClassifierVersion, Endpoint, FqCodel, Interface, LeafKind, MarkField, PerDirection, Pfifo, Sfq,
};
use serde::{Deserialize, Serialize};

use crate::memory::HeldMemory;

/// What an operator can set about one shaper's shaping.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where traffic leaves.
    pub ports: Ports,
    /// Who shares a full node.
    pub share: Share,
    /// What is done where the root's ceiling can bind and there are several transmit queues.
    pub root_spread: RootSpread,
    /// Queues of circuits.
    pub leaf: LeafSettings,
    /// Circuits with settings of their own, by Circuit ID.
    pub circuits: BTreeMap<CompactString, CircuitSettings>,
    /// What the network itself runs on.
    pub control: Control,
    /// Traffic of addresses that nobody has.
    pub unknown: Unknown,
    /// Tunnels whose packets are looked up by what is in them.
    pub tunnels: Tunnels,
    /// Bytes that the link adds to each frame; not 0 needs aggregates split.
    pub overhead: u16,
    /// The smallest frame of the link in bytes.
    pub mpu: u16,
    /// The most kernel memory that all queues may take, in bytes; none: what the host has available.
    pub memory_limit: Option<u64>,
}

/// Tunnels whose packets are looked up by what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tunnels {
    /// Where they end, at most [`Endpoint::MOST`].
    pub endpoints: BTreeMap<Endpoint, Carried>,
    /// Where an upload that came out of one on this host says its net.
    pub mark: MarkField,
}

/// Where traffic leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// A bridge or router with an interface on each side.
    Two(PerDirection<Interface>),
    /// One interface; the outgoing VLAN says which direction it is.
    Stick {
        /// The physical interface.
        interface: Interface,
        /// The VLAN towards subscribers, and the one towards the internet.
        vlan: PerDirection<u16>,
    },
}

/// Who shares a full node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// The subscribers below it, wherever they are.
    #[default]
    Subscriber,
    /// The nodes right below it, each with its part.
    Node,
}

/// What is done where the root's ceiling can bind and there are several transmit queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RootSpread {
    /// The whole direction goes under one HTB, which holds the ceiling.
    #[default]
    One,
    /// Each queue's HTB gets a share of the ceiling by plan weight; what one leaves another cannot borrow.
    Shares,
}

/// Queues of circuits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeafSettings {
    /// What a circuit gets whose `sqm` cell is empty.
    pub kind: LeafKind,
    /// Circuits that state no queue and whose plan is at least this get `fq_codel` where the default is CAKE.
    #[serde(serialize_with = "pleach_graph::rate_text::write_option")]
    pub fq_codel_from: Option<Rate>,
    /// Options of CAKE.
    pub cake: Cake,
    /// Options of `fq_codel`.
    pub fq_codel: FqCodel,
    /// Options of `sfq`.
    pub sfq: Sfq,
    /// Options of `pfifo`.
    pub pfifo: Pfifo,
}

impl Default for LeafSettings {
    fn default() -> Self {
        Self {
            kind: LeafKind::default(),
            fq_codel_from: Some(Rate::from_gbit(1)), // where CAKE's cost per packet begins to limit a core
            cake: Cake::default(),
            fq_codel: FqCodel::default(),
            sfq: Sfq::default(),
            pfifo: Pfifo::default(),
        }
    }
}

/// Settings of one circuit; what is not given is as for all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CircuitSettings {
    /// Its kind of queue, before the `sqm` cell.
    pub kind: Option<LeafKind>,
    /// Its options of CAKE.
    pub cake: Option<Cake>,
    /// Its options of `fq_codel`.
    pub fq_codel: Option<FqCodel>,
}

/// What the network itself runs on, in a class beside the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Control {
    /// What it gets when all is full.
    #[serde(serialize_with = "pleach_graph::rate_text::write")]
    pub rate: Rate,
    /// What it gets at most.
    #[serde(serialize_with = "pleach_graph::rate_text::write")]
    pub ceil: Rate,
    /// Addresses of the network's own equipment: their packets are never throttled by a subscriber's plan.
    pub prefixes: Vec<Prefix>,
}

impl Default for Control {
    fn default() -> Self {
        Self { rate: Rate::from_mbit(1), ceil: Rate::from_mbit(100), prefixes: Vec::new() }
    }
}

/// Traffic of addresses that nobody has, in one class per direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unknown {
    /// What it gets at most; none: the root's ceiling where one HTB holds it, a tenth of it where several do.
    #[serde(serialize_with = "pleach_graph::rate_text::write_option")]
    pub down: Option<Rate>,
    /// The same from subscribers.
    #[serde(serialize_with = "pleach_graph::rate_text::write_option")]
    pub up: Option<Rate>,
    /// Networks whose unknown addresses are recorded for `show`.
    pub watch: Vec<Prefix>,
}

/// Whether what stands on the wrong queue, or under the wrong layout, is put right at the price of moving it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rebalance {
    /// Nobody moves who need not; what could be better is said.
    #[default]
    Never,
    /// Queues and layout are decided afresh.
    Afresh,
}

/// What is known of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// How many transmit queues each shaped interface uses.
    pub queues: BTreeMap<Interface, u16>,
    /// How much memory is available, in bytes.
    pub memory_available: u64,
    /// What the kernel holds already.
    pub held: HeldMemory,
    /// How many CPUs the kernel keeps counters for (`/sys/devices/system/cpu/possible`); 0 counts as 1.
    pub possible_cpus: u32,
    /// The classifier that this program brings along.
    pub classifier: ClassifierVersion,
}
