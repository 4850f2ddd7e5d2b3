//! What a first generation holds: all of it is new, so it is counted and not listed.

use std::fmt;

use serde::Serialize;

use super::render::counts;
use super::side::Side;
use super::{links, nodes};

/// How much there is of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Everything {
    /// Circuits that were read and have an id.
    pub circuits: usize,
    /// Sites, access points, and devices that belong to no circuit.
    pub nodes: usize,
    /// Links that their source states.
    pub links: usize,
}

impl Everything {
    /// What a generation holds.
    pub fn of(side: &Side<'_>) -> Self {
        let Side { network, .. } = side;
        Self { circuits: side.circuits().len(), nodes: nodes::count(network), links: links::count(network) }
    }
}

impl fmt::Display for Everything {
    /// The line of counts that a difference ends with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let added = |count| [0, count, 0, 0];
        f.write_str(&counts(added(self.circuits), added(self.nodes), added(self.links)))
    }
}
