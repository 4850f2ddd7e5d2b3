//! What is not ours and stands in the way of what is wanted.

use compact_str::CompactString;
use pleach_tc::{Interface, Root};

use super::filter::Side;
use super::found::{Found, Other};
use super::holds::Holds;
use super::layout::RETURN_TAG;
use super::link::{Link, LinkKind, Membership};
use super::state::LinkState;

/// Something that is not ours, and that is in the way. It stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InTheWay {
    /// A link that has the name of one of ours.
    #[error("the link `{0}` has a name of ours, but not our alias: it is somebody else's")]
    Link(Interface),
    /// A link that holds what one of ours needs, and the kernel gives once.
    #[error("{}", taken(link, needed, holder))]
    Taken {
        /// Ours.
        link: Interface,
        /// What ours needs.
        needed: LinkKind,
        /// The other.
        holder: Interface,
    },
    /// An interface that is in somebody else's bridge.
    #[error("`{interface}` is in `{master}`, which is not ours")]
    Master {
        /// Which.
        interface: Interface,
        /// In what.
        master: Interface,
    },
    /// An `ingress` qdisc, which excludes clsact.
    #[error("`{0}` has an `ingress` qdisc of somebody else's, which excludes clsact")]
    Ingress(Interface),
    /// The queues of a shaper, where a rate needs one of its own.
    #[error("the shaper shapes `{0}`, and a rate that is shaped needs the place of its queues")]
    Shaped(Interface),
    /// A root qdisc where a rate needs one.
    #[error("`{interface}` has a root qdisc `{kind}` of somebody else's, and a rate that is shaped needs that place")]
    Root {
        /// Where.
        interface: Interface,
        /// Its kind.
        kind: CompactString,
    },
    /// A filter that has a preference of ours.
    #[error("`{interface}` has a filter of somebody else's on {} chain {chain} preference {preference}, which is ours", side.as_str())]
    Filter {
        /// Where.
        interface: Interface,
        /// On which side.
        side: Side,
        /// In which chain.
        chain: u32,
        /// Under which preference.
        preference: u16,
    },
    /// An interface that is to be a bridge's port, and is a bridge.
    #[error("`{0}` is a bridge, and a bridge is no port of another")]
    Bridge(Interface),
}

fn taken(link: &Interface, needed: &LinkKind, holder: &Interface) -> String {
    let what = match needed {
        LinkKind::Vlan { parent, id } => format!("the VLAN {} of `{parent}`", id.get()),
        LinkKind::Vxlan { id, port, .. } => format!("VXLAN {} on UDP port {port}", id.get()),
        LinkKind::Geneve { id, port, remote, .. } => format!("Geneve {} on UDP port {port} to {remote}", id.get()),
        LinkKind::VxlanExternal { port } => format!("VXLAN of all nets on UDP port {port}"),
        LinkKind::GeneveExternal { port } => format!("Geneve of all nets on UDP port {port}"),
        other => other.to_string(),
    };
    format!("`{holder}`, which is not ours, excludes `{link}`: {what}")
}

impl InTheWay {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Link(_) => "rename it or delete it".to_owned(),
            Self::Taken { needed: LinkKind::Vlan { id: RETURN_TAG, .. }, .. } => {
                "delete it: a rate with `leaf` out of a static net needs that VLAN; or state the rate without `leaf`"
                    .to_owned()
            }
            Self::Taken { needed: LinkKind::Vlan { .. }, .. } => "delete it, or give the net another `id`".to_owned(),
            Self::Taken { holder, .. } => {
                format!(
                    "delete it, or set it down (`ip link set dev {holder} down`), or state another `port` in the settings"
                )
            }
            Self::Master { interface, .. } => {
                format!("take it out of there (`ip link set dev {interface} nomaster`), or use another interface")
            }
            Self::Ingress(interface) => {
                format!("move its filters to a clsact (`tc qdisc replace dev {interface} clsact`)")
            }
            Self::Shaped(_) => "state the rate without `leaf`, or let the shaper hold it by a plan".to_owned(),
            Self::Root { interface, .. } => {
                format!("delete it (`tc qdisc delete dev {interface} root`), or state the rate without `leaf`")
            }
            Self::Filter { .. } => "give it another preference: below 16384 in chain 0".to_owned(),
            Self::Bridge(_) => "name the interface that leads to it".to_owned(),
        }
    }
}

/// All that is in the way of what is wanted, in stable order.
pub fn in_the_way(found: &Found, wanted: &LinkState) -> Vec<InTheWay> {
    let others = &found.others;
    let mut all: Vec<InTheWay> =
        wanted.links.keys().filter(|name| others.contains_key(*name)).cloned().map(InTheWay::Link).collect();
    all.extend(taken_from_us(found, wanted));
    for (name, membership) in wanted.members.iter().filter(|(name, _)| !wanted.links.contains_key(*name)) {
        let Some(other) = others.get(name) else { continue };
        if let Some(master) = other.master.as_ref().filter(|master| !found.state.links.contains_key(*master)) {
            all.push(InTheWay::Master { interface: name.clone(), master: master.clone() });
        }
        let is_port = matches!(membership, Membership::Bridged { .. });
        if is_port && other.kind == LinkKind::Bridge.to_string() {
            all.push(InTheWay::Bridge(name.clone()));
        }
    }
    let has_ingress = |name: &&Interface| others.get(*name).is_some_and(|other| other.has_ingress);
    all.extend(wanted.clsact.iter().filter(has_ingress).cloned().map(InTheWay::Ingress));
    for name in wanted.queues.keys() {
        match others.get(name).map(|other| &other.root) {
            None | Some(Root::KernelDefault) => {}
            Some(Root::Ours) => all.push(InTheWay::Shaped(name.clone())),
            Some(Root::Foreign { kind, .. }) => {
                all.push(InTheWay::Root { interface: name.clone(), kind: kind.clone() });
            }
        }
    }
    let mut last = None;
    for key in wanted.filters.keys() {
        let place = (key.side, key.chain, key.preference);
        let is_taken = others.get(&key.interface).is_some_and(|other| other.foreign_filters.contains(&place));
        if is_taken && last.replace((&key.interface, place)) != Some((&key.interface, place)) {
            let (side, chain, preference) = place;
            all.push(InTheWay::Filter { interface: key.interface.clone(), side, chain, preference });
        }
    }
    all
}

/// Links that are to be made, and that the kernel would refuse for what others hold.
fn taken_from_us(found: &Found, wanted: &LinkState) -> impl Iterator<Item = InTheWay> {
    let is_there =
        |name: &Interface, link: &Link| found.state.links.get(name).is_some_and(|there| there.kind == link.kind);
    let new = wanted.links.iter().filter(move |(name, link)| !is_there(name, link));
    new.filter_map(|(name, link)| {
        let needs = Holds::of(&link.kind)?;
        let excludes = |other: &Other| other.holds.as_ref().is_some_and(|holds| needs.excludes(holds, other.is_up));
        let (holder, _) = found.others.iter().find(|(_, other)| excludes(other))?;
        Some(InTheWay::Taken { link: name.clone(), needed: link.kind.clone(), holder: holder.clone() })
    })
}
