//! One shaper's part of the configuration.

use std::path::PathBuf;

use pleach_graph::{Capacity, Dialect, Limit, Projection, Rate};
use pleach_shaper::{Control, LeafSettings, RootSpread, Settings, Share, Unknown};
use serde::{Deserialize, Serialize};

use super::Bytes;
use super::interfaces::{Interfaces, InterfacesError};
use super::queues::{self, CircuitOptions, CircuitTwice};

/// A shaper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shaper {
    /// Its name, and that of its folder.
    pub name: String,
    /// The node it stands at: a typed id or a unique name. The top of the network if not given.
    #[serde(default)]
    pub root: Option<String>,
    /// What its own uplink carries.
    #[serde(default)]
    pub uplink: Uplink,
    /// How much of the tree its files show.
    #[serde(default)]
    pub projection: Projection,
    /// Which readers its files are for.
    #[serde(default)]
    pub dialect: Dialect,
    /// Which circuits it holds.
    #[serde(default)]
    pub scope: Scope,
    /// A folder that its two files are also written to; it must be there.
    #[serde(default)]
    pub publish: Option<PathBuf>,
    /// Where its traffic leaves; none: it writes files only.
    #[serde(default)]
    pub interfaces: Option<Interfaces>,
    /// Whether a sync applies each new generation to this host's kernel.
    #[serde(default)]
    pub apply: bool,
    /// Who shares a full node.
    #[serde(default)]
    pub share: Share,
    /// What is done where the uplink can fill and there are several transmit queues.
    #[serde(default)]
    pub root_spread: RootSpread,
    /// Queues of circuits.
    #[serde(default)]
    pub leaf: LeafSettings,
    /// Circuits with settings of their own.
    #[serde(default)]
    pub circuit: Vec<CircuitOptions>,
    /// What the network itself runs on.
    #[serde(default)]
    pub control: Control,
    /// Traffic of addresses that nobody has.
    #[serde(default)]
    pub unknown: Unknown,
    /// Bytes that the link adds to each frame.
    #[serde(default)]
    pub overhead: u16,
    /// The smallest frame of the link in bytes.
    #[serde(default)]
    pub mpu: u16,
    /// The most kernel memory that all queues may take.
    #[serde(default)]
    pub memory_limit: Option<Bytes>,
}

/// What is wrong with how a shaper is to shape.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Its interfaces cannot be.
    #[error("`interfaces`")]
    Interfaces(#[from] InterfacesError),
    /// It is to be applied by a sync, and has no interfaces.
    #[error("`apply = true` needs `[shaper.interfaces]`")]
    NothingToApplyTo,
    /// The settings of a circuit cannot be.
    #[error("`circuit`")]
    Circuit(#[from] CircuitTwice),
}

impl Shaper {
    /// How it shapes; none where it has no interfaces and only writes files. Everything else is checked all the same.
    pub fn settings(&self) -> Result<Option<Settings>, SettingsError> {
        let circuits = queues::by_circuit(&self.circuit, &self.leaf)?;
        let Some(interfaces) = &self.interfaces else {
            return if self.apply { Err(SettingsError::NothingToApplyTo) } else { Ok(None) };
        };
        Ok(Some(Settings {
            ports: interfaces.ports()?,
            share: self.share,
            root_spread: self.root_spread,
            leaf: self.leaf.clone(),
            circuits,
            control: self.control.clone(),
            unknown: self.unknown.clone(),
            overhead: self.overhead,
            mpu: self.mpu,
            tunnels: pleach_shaper::Tunnels::default(),
            memory_limit: self.memory_limit.map(|bytes| bytes.0),
        }))
    }

    /// A shaper with nothing but a name and a root.
    pub fn named(name: &str, root: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            root,
            uplink: Uplink::default(),
            projection: Projection::default(),
            dialect: Dialect::default(),
            scope: Scope::default(),
            publish: None,
            interfaces: None,
            apply: false,
            share: Share::default(),
            root_spread: RootSpread::default(),
            leaf: LeafSettings::default(),
            circuit: Vec::new(),
            control: Control::default(),
            unknown: Unknown::default(),
            overhead: 0,
            mpu: 0,
            memory_limit: None,
        }
    }
}

/// What an uplink carries, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uplink {
    /// Towards subscribers.
    #[serde(serialize_with = "pleach_graph::rate_text::write_option")]
    pub down: Option<Rate>,
    /// From subscribers.
    #[serde(serialize_with = "pleach_graph::rate_text::write_option")]
    pub up: Option<Rate>,
}

impl Uplink {
    /// As a capacity.
    pub fn capacity(self) -> Capacity {
        Capacity { down: Limit::from(self.down), up: Limit::from(self.up) }
    }
}

/// Which circuits a shaper holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every circuit.
    #[default]
    All,
    /// Those that are nearer to it than to any other shaper of this scope.
    Nearest,
}
