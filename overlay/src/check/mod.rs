//! What is wrong with a model, all of it at once: each problem once, in stable order.
//!
//! The rules are those of LSDN's manual, also the ones that LSDN never checks, and what Linux would refuse or do wrong.
//! A host is what shares interfaces and UDP ports: the local physes are one, every other phys is one by itself.

mod addresses;
mod bindings;
mod interfaces;
mod limits;
mod mtus;
mod nets;
mod ports;
mod rules;
mod tables;
mod virts;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pleach_graph::{Code, Problem, Problems, Severity};
use pleach_tc::Interface;

use crate::counting::Counting;
use crate::model::{Model, Phys, Place};
use crate::mtu::Mtu;
use crate::name::Name;
use crate::origin::{Origins, Subject};

/// What is known of this host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// All its interfaces with their MTUs; nothing where they are not known, and then they are not checked.
    pub interfaces: Option<BTreeMap<Interface, Mtu>>,
    /// All its addresses; nothing where they are not known, and then they are not checked.
    pub addresses: Option<BTreeSet<IpAddr>>,
    /// How it counts aggregates of a tunnel's packets, where it shapes them.
    pub counting: Counting,
}

impl Host {
    /// A host of which nothing is known.
    pub fn unknown() -> &'static Self {
        static UNKNOWN: Host = Host { interfaces: None, addresses: None, counting: Counting::AsPackets };
        &UNKNOWN
    }
}

/// A model without errors: what can be planned.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'m> {
    model: &'m Model,
    host: &'m Host,
}

impl<'m> Checked<'m> {
    /// The model.
    pub const fn model(self) -> &'m Model {
        self.model
    }

    /// The same on a host that it was not checked against.
    #[must_use]
    pub const fn on(self, host: &'m Host) -> Self {
        Self { host, ..self }
    }

    /// How the host counts aggregates of a tunnel's packets.
    pub(crate) const fn counting(self) -> Counting {
        self.host.counting
    }

    /// Whether the host has this interface, or it is not known which ones it has.
    pub(crate) fn may_have(self, interface: &Interface) -> bool {
        self.host.interfaces.as_ref().is_none_or(|interfaces| interfaces.contains_key(interface))
    }
}

/// Checks a model. `read` are the problems found while it was read; they are among those returned.
pub fn check<'m>(
    model: &'m Model,
    origins: &Origins,
    host: &'m Host,
    read: Problems,
) -> (Option<Checked<'m>>, Vec<Problem>) {
    let mut checks = Checks { model, origins, host, problems: read };
    checks.addresses();
    checks.bindings();
    checks.interfaces();
    checks.limits();
    checks.mtus();
    checks.nets();
    checks.ports();
    checks.rules();
    checks.tables();
    checks.virts();
    let problems = checks.problems.into_sorted();
    let is_whole = problems.iter().all(|problem| problem.code.severity() != Severity::Error);
    (is_whole.then_some(Checked { model, host }), problems)
}

/// The checks, each kind in a file of its own, and what they found.
struct Checks<'a> {
    model: &'a Model,
    origins: &'a Origins,
    host: &'a Host,
    problems: Problems,
}

impl<'a> Checks<'a> {
    /// Reports something; `field` is the key it is about.
    fn report(&mut self, code: Code, subject: &Subject, field: &str, message: String, hint: &str) {
        if code == Code::MissingAttribute && self.origins.is_spoiled(subject, field) {
            return;
        }
        let problem = self.origins.problem(code, subject, message).hint(hint);
        self.problems.push(if field.is_empty() { problem } else { problem.field(field) });
    }

    /// The physes host by host.
    fn hosts(&self) -> Vec<Vec<(&'a Name, &'a Phys)>> {
        let (local, remote): (Vec<_>, Vec<_>) =
            self.model.physes().iter().partition(|(_, phys)| phys.place == Place::Local);
        std::iter::once(local).chain(remote.into_iter().map(|phys| vec![phys])).collect()
    }
}
