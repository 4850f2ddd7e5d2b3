//! Options of the kinds of links that an overlay makes. Source: `include/uapi/linux/if_link.h`,
//! `drivers/net/vxlan/vxlan_core.c`, `drivers/net/geneve.c`, `net/8021q/vlan_netlink.c` (6.12).

use pleach_overlay::links::{Carrier, Holds, LinkKind, Takes, TunnelEnd};
use pleach_overlay::{Df, UdpPort, VlanId, Vni};
use pleach_tc::Interface;

use super::constants::{
    ETH_P_8021Q, GENEVE_DF_SET, IFLA_GENEVE_COLLECT_METADATA, IFLA_GENEVE_DF, IFLA_GENEVE_ID, IFLA_GENEVE_PORT,
    IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6, IFLA_VLAN_ID, IFLA_VLAN_PROTOCOL, IFLA_VXLAN_COLLECT_METADATA,
    IFLA_VXLAN_DF, IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6, IFLA_VXLAN_ID, IFLA_VXLAN_LEARNING, IFLA_VXLAN_LINK,
    IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6, IFLA_VXLAN_PORT, VXLAN_DF_SET,
};
use super::link::LinkMessage;
use super::wire::{Attributes, Messages, address, be16_at, u16_at, u32_at};

/// What the kernel calls a kind.
pub fn name(kind: &LinkKind) -> &str {
    match kind {
        LinkKind::Bridge => "bridge",
        LinkKind::Dummy => "dummy",
        LinkKind::Ifb => "ifb",
        LinkKind::Vlan { .. } => "vlan",
        LinkKind::Vxlan { .. } | LinkKind::VxlanExternal { .. } => "vxlan",
        LinkKind::Geneve { .. } | LinkKind::GeneveExternal { .. } => "geneve",
        LinkKind::Changed { kind } => kind,
    }
}

/// The interface that a link stands on.
pub const fn parent(kind: &LinkKind) -> Option<&Interface> {
    match kind {
        LinkKind::Vlan { parent, .. } | LinkKind::Vxlan { parent, .. } => Some(parent),
        _ => None,
    }
}

/// Whether there is anything to say besides the kind.
pub const fn has_options(kind: &LinkKind) -> bool {
    !matches!(kind, LinkKind::Bridge | LinkKind::Dummy | LinkKind::Ifb | LinkKind::Changed { .. })
}

/// What a kind of tunnel says of fragments; nothing where it is told otherwise than Pleach would (`inherit`).
const fn df(raw: u8) -> Option<Df> {
    const _: () = assert!(VXLAN_DF_SET == GENEVE_DF_SET);
    match raw {
        0 => Some(Df::Unset),
        VXLAN_DF_SET => Some(Df::Set),
        _ => None,
    }
}

/// Lays out the options. `parent` is the number of the interface that it stands on.
pub fn put(messages: &mut Messages, kind: &LinkKind, parent: Option<u32>) {
    match kind {
        LinkKind::Bridge | LinkKind::Dummy | LinkKind::Ifb | LinkKind::Changed { .. } => {}
        LinkKind::Vlan { id, .. } => messages.attribute(IFLA_VLAN_ID, &id.get().to_ne_bytes()),
        LinkKind::Vxlan { id, port, df, local, group, .. } => {
            messages.attribute_u32(IFLA_VXLAN_ID, id.get());
            if let Some(parent) = parent {
                messages.attribute_u32(IFLA_VXLAN_LINK, parent);
            }
            if let Some(group) = group {
                messages.attribute_address((IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6), *group);
            }
            if let Some(local) = local {
                messages.attribute_address((IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6), *local);
            }
            messages.attribute(IFLA_VXLAN_LEARNING, &[1]);
            messages.attribute_be16(IFLA_VXLAN_PORT, port.get());
            if *df == Df::Set {
                messages.attribute(IFLA_VXLAN_DF, &[VXLAN_DF_SET]);
            }
        }
        LinkKind::VxlanExternal { port } => {
            messages.attribute(IFLA_VXLAN_LEARNING, &[0]);
            messages.attribute_be16(IFLA_VXLAN_PORT, port.get());
            messages.attribute(IFLA_VXLAN_COLLECT_METADATA, &[1]);
        }
        LinkKind::Geneve { id, port, df, remote } => {
            messages.attribute_u32(IFLA_GENEVE_ID, id.get());
            messages.attribute_address((IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6), *remote);
            messages.attribute_be16(IFLA_GENEVE_PORT, port.get());
            if *df == Df::Set {
                messages.attribute(IFLA_GENEVE_DF, &[GENEVE_DF_SET]);
            }
        }
        LinkKind::GeneveExternal { port } => {
            messages.attribute_be16(IFLA_GENEVE_PORT, port.get());
            messages.attribute(IFLA_GENEVE_COLLECT_METADATA, &[]);
        }
    }
}

/// Reads what a link is. `name_of` knows interfaces by their numbers. What is not made as ours are is
/// [`LinkKind::Changed`].
pub fn parse(link: &LinkMessage<'_>, name_of: &dyn Fn(u32) -> Option<Interface>) -> LinkKind {
    let known = match link.kind {
        "bridge" => Some(LinkKind::Bridge),
        "dummy" => Some(LinkKind::Dummy),
        "ifb" => Some(LinkKind::Ifb),
        "vlan" => vlan(link, name_of),
        "vxlan" => vxlan(link, name_of),
        "geneve" => geneve(link),
        _ => None,
    };
    known.unwrap_or_else(|| LinkKind::Changed { kind: link.kind.to_owned() })
}

/// Reads what a link holds that the kernel gives once, however it was made.
pub fn holds(link: &LinkMessage<'_>, name_of: &dyn Fn(u32) -> Option<Interface>) -> Option<Holds> {
    let carrier = match link.kind {
        "vlan" => match vlan(link, name_of)? {
            LinkKind::Vlan { parent, id } => return Some(Holds::Vlan { parent, id }),
            _ => return None,
        },
        "vxlan" => Carrier::Vxlan,
        "geneve" => Carrier::Geneve,
        _ => return None,
    };
    let (mut number, mut at, mut outer, mut is_external) = (0, None, None, false);
    for (kind, value) in Attributes(link.data) {
        match (carrier, kind) {
            (Carrier::Vxlan, IFLA_VXLAN_ID) | (Carrier::Geneve, IFLA_GENEVE_ID) => number = u32_at(value, 0)?,
            (Carrier::Vxlan, IFLA_VXLAN_PORT) | (Carrier::Geneve, IFLA_GENEVE_PORT) => at = port(value),
            (Carrier::Vxlan, IFLA_VXLAN_LOCAL | IFLA_VXLAN_LOCAL6 | IFLA_VXLAN_GROUP | IFLA_VXLAN_GROUP6)
            | (Carrier::Geneve, IFLA_GENEVE_REMOTE | IFLA_GENEVE_REMOTE6) => outer = address(value),
            (Carrier::Vxlan, IFLA_VXLAN_COLLECT_METADATA) => is_external = *value.first()? != 0,
            (Carrier::Geneve, IFLA_GENEVE_COLLECT_METADATA) => is_external = true,
            _ => {}
        }
    }
    let remote = outer.filter(|_| carrier == Carrier::Geneve);
    let takes = if is_external { Takes::All } else { Takes::Net { number, remote } };
    Some(Holds::Tunnel(TunnelEnd { carrier, port: at?, takes, is_ipv6: outer.is_some_and(|outer| outer.is_ipv6()) }))
}

fn port(value: &[u8]) -> Option<UdpPort> {
    UdpPort::new(be16_at(value, 0)?.into()).ok()
}

fn vlan(link: &LinkMessage<'_>, name_of: &dyn Fn(u32) -> Option<Interface>) -> Option<LinkKind> {
    let mut id = None;
    for (kind, value) in Attributes(link.data) {
        match kind {
            IFLA_VLAN_ID => id = VlanId::new(u16_at(value, 0)?),
            IFLA_VLAN_PROTOCOL if be16_at(value, 0)? != ETH_P_8021Q => return None,
            _ => {}
        }
    }
    Some(LinkKind::Vlan { parent: name_of(link.on)?, id: id? })
}

fn vxlan(link: &LinkMessage<'_>, name_of: &dyn Fn(u32) -> Option<Interface>) -> Option<LinkKind> {
    let (mut id, mut on, mut at, mut local, mut group) = (0, 0, None, None, None);
    let (mut learns, mut is_external, mut raw_df) = (false, false, 0);
    for (kind, value) in Attributes(link.data) {
        match kind {
            IFLA_VXLAN_ID => id = u32_at(value, 0)?,
            IFLA_VXLAN_LINK => on = u32_at(value, 0)?,
            IFLA_VXLAN_PORT => at = port(value),
            IFLA_VXLAN_LOCAL | IFLA_VXLAN_LOCAL6 => local = address(value),
            IFLA_VXLAN_GROUP | IFLA_VXLAN_GROUP6 => group = address(value),
            IFLA_VXLAN_LEARNING => learns = *value.first()? != 0,
            IFLA_VXLAN_COLLECT_METADATA => is_external = *value.first()? != 0,
            IFLA_VXLAN_DF => raw_df = *value.first()?,
            _ => {}
        }
    }
    let port = at?;
    match (is_external, learns) {
        (true, false) => Some(LinkKind::VxlanExternal { port }),
        (false, true) => {
            Some(LinkKind::Vxlan { id: Vni::new(id)?, port, df: df(raw_df)?, parent: name_of(on)?, local, group })
        }
        _ => None,
    }
}

fn geneve(link: &LinkMessage<'_>) -> Option<LinkKind> {
    let (mut id, mut at, mut remote, mut is_external, mut raw_df) = (0, None, None, false, 0);
    for (kind, value) in Attributes(link.data) {
        match kind {
            IFLA_GENEVE_ID => id = u32_at(value, 0)?,
            IFLA_GENEVE_PORT => at = port(value),
            IFLA_GENEVE_REMOTE | IFLA_GENEVE_REMOTE6 => remote = address(value),
            IFLA_GENEVE_COLLECT_METADATA => is_external = true,
            IFLA_GENEVE_DF => raw_df = *value.first()?,
            _ => {}
        }
    }
    let port = at?;
    match (is_external, remote) {
        (true, _) => Some(LinkKind::GeneveExternal { port }),
        (false, Some(remote)) => Some(LinkKind::Geneve { id: Vni::new(id)?, port, df: df(raw_df)?, remote }),
        (false, None) => None,
    }
}
