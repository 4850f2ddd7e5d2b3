//! From a checked model to what the host of one phys needs.

mod bridged;
mod builder;
mod routed;
mod virts;

use std::net::IpAddr;

use pleach_tc::{Interface, MarkField};

use super::filter::FilterAction;
use super::link::Aggregates;
use super::state::LinkState;
use crate::check::Checked;
use crate::counting::Counting;
use crate::mac::Mac;
use crate::model::{Net, Phys, Place, Virt};
use crate::name::Name;
use crate::network_id::NetworkId;
use crate::technology::{Df, Technology};

use builder::Builder;

/// Why it cannot be said what a host needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RealiseError {
    /// No phys has this name.
    #[error("there is no phys `{0}`")]
    NoPhys(Name),
    /// The phys is not local, so nobody had to state its interface, but what it needs stands on that.
    #[error("phys `{phys}` states no `interface`, which net `{net}` stands on there")]
    NoInterface {
        /// The phys.
        phys: Name,
        /// The net.
        net: Name,
    },
}

/// What must be there on this host: for all local physes.
///
/// What comes out of the tunnel of a net that carries subscribers says so in `mark`, if that has room for the net's number.
pub fn wanted_here(checked: Checked<'_>, mark: MarkField) -> Result<LinkState, RealiseError> {
    let mut state = LinkState::default();
    for (name, _) in checked.model().local_physes() {
        state.extend(wanted(checked, name, mark)?);
    }
    Ok(state)
}

/// What must be there on the host of a phys, for the nets that it is attached to; `mark` as in [`wanted_here`].
pub fn wanted(checked: Checked<'_>, phys_name: &Name, mark: MarkField) -> Result<LinkState, RealiseError> {
    realise(checked, phys_name, mark, |_| true)
}

/// What one net needs there. What nets have in common is part of each.
pub(super) fn wanted_of_net(
    checked: Checked<'_>,
    phys_name: &Name,
    net: &Name,
    mark: MarkField,
) -> Result<LinkState, RealiseError> {
    realise(checked, phys_name, mark, |name| name == net)
}

fn realise(
    checked: Checked<'_>,
    phys_name: &Name,
    mark: MarkField,
    which: impl Fn(&Name) -> bool,
) -> Result<LinkState, RealiseError> {
    let model = checked.model();
    let phys = model.physes().get(phys_name).ok_or_else(|| RealiseError::NoPhys(phys_name.clone()))?;
    let mut builder = Builder::default();
    for (net_name, net) in model.nets().iter().filter(|(name, net)| which(name) && net.attached().contains(phys_name)) {
        let elsewhere = |(name, other): &(&Name, &Phys)| {
            // Physes of one host are never in one net, so another local phys is none of the far ends.
            *name != phys_name && !(phys.place == Place::Local && other.place == Place::Local)
        };
        let site = Site {
            technology: model.technology(net),
            net_name,
            net,
            phys_name,
            phys,
            checked,
            mark,
            remotes: model
                .attached(net)
                .filter(elsewhere)
                .filter_map(|(name, other)| Some((name, other.ip?)))
                .collect(),
        };
        let is_static = site.technology.is_static();
        let comes_by: Vec<_> = site.local_virts().iter().map(|virt| builder.virt(virt, is_static)).collect();
        if is_static { builder.routed(&site, &comes_by) } else { builder.bridged(&site)? }
    }
    Ok(builder.finish())
}

/// A net at one phys.
struct Site<'m> {
    technology: &'m Technology,
    net_name: &'m Name,
    net: &'m Net,
    phys_name: &'m Name,
    phys: &'m Phys,
    checked: Checked<'m>,
    /// Where packets say which net they came out of.
    mark: MarkField,
    /// The other physes of the net with their addresses.
    remotes: Vec<(&'m Name, IpAddr)>,
}

/// A virt of this host.
struct LocalVirt<'m> {
    interface: &'m Interface,
    virt: &'m Virt,
}

impl<'m> Site<'m> {
    /// The virts that are here, with an interface that is there as far as is known.
    fn local_virts(&self) -> Vec<LocalVirt<'m>> {
        let here = |virt: &'m Virt| {
            let connection = virt.connection.as_ref().filter(|connection| connection.phys == *self.phys_name)?;
            let interface = connection.interface.as_ref().filter(|interface| self.checked.may_have(interface))?;
            Some(LocalVirt { interface, virt })
        };
        self.net.virts().values().filter_map(here).collect()
    }

    /// The MAC addresses that are on other hosts, with the addresses of those.
    fn remote_virts(&self) -> Vec<(Mac, IpAddr)> {
        let there = |virt: &Virt| {
            let phys = &virt.connection.as_ref()?.phys;
            let (_, ip) = self.remotes.iter().find(|(name, _)| *name == phys)?;
            Some((virt.mac?, *ip))
        };
        self.net.virts().values().filter_map(there).collect()
    }

    /// What frames are marked with that come out of the net's tunnel; nothing where it carries no subscribers.
    fn marking(&self) -> Option<FilterAction> {
        let (NetworkId::Vxlan(number) | NetworkId::Geneve(number)) = self.net.id() else { return None };
        let is_told = self.net.at.is_some() && number.get() <= self.mark.most();
        is_told.then_some(FilterAction::Mark { number, field: self.mark })
    }

    /// What the net's tunnel does with aggregates: where subscribers are shaped by what leaves in it, they count as what they
    /// become on the wire.
    fn aggregates(&self) -> Aggregates {
        let (NetworkId::Vxlan(_) | NetworkId::Geneve(_)) = self.net.id() else { return Aggregates::Whole };
        match self.checked.counting() {
            Counting::TooSmall if self.net.at.is_some() => Aggregates::Split,
            _ => Aggregates::Whole,
        }
    }

    /// Whether what is sent to this address may be fragmented: that is said over IPv4 only.
    fn df(&self, outer: IpAddr) -> Option<Df> {
        self.technology.tunnel().map(|tunnel| tunnel.df).filter(|_| outer.is_ipv4())
    }

    /// The interface to the underlay.
    fn interface(&self) -> Result<&'m Interface, RealiseError> {
        self.phys
            .interface
            .as_ref()
            .ok_or_else(|| RealiseError::NoInterface { phys: self.phys_name.clone(), net: self.net_name.clone() })
    }
}
