//! Actions of a filter. Source: `include/uapi/linux/tc_act/tc_{gact,mirred,skbedit,tunnel_key,vlan}.h`, `net/sched/act_*.c` (6.12).

use std::net::IpAddr;

use pleach_overlay::links::{FilterAction, Side};
use pleach_overlay::{Df, VlanId, Vni};
use pleach_tc::{Interface, MarkField, PacketCount};

use super::constants::{
    ETH_P_8021Q, TC_ACT_GOTO_CHAIN, TC_ACT_PIPE, TC_ACT_SHOT, TC_ACT_STOLEN, TC_ACT_UNSPEC, TCA_ACT_KIND,
    TCA_ACT_OPTIONS, TCA_ACT_STATS, TCA_EGRESS_MIRROR, TCA_EGRESS_REDIR, TCA_GACT_PARMS, TCA_INGRESS_REDIR,
    TCA_MIRRED_PARMS, TCA_SKBEDIT_FLAGS, TCA_SKBEDIT_MARK, TCA_SKBEDIT_MASK, TCA_SKBEDIT_PARMS, TCA_SKBEDIT_PRIORITY,
    TCA_SKBEDIT_PTYPE, TCA_SKBEDIT_QUEUE_MAPPING, TCA_TUNNEL_KEY_ACT_SET, TCA_TUNNEL_KEY_ENC_IPV4_DST,
    TCA_TUNNEL_KEY_ENC_IPV4_SRC, TCA_TUNNEL_KEY_ENC_IPV6_DST, TCA_TUNNEL_KEY_ENC_IPV6_SRC, TCA_TUNNEL_KEY_ENC_KEY_ID,
    TCA_TUNNEL_KEY_NO_CSUM, TCA_TUNNEL_KEY_NO_FRAG, TCA_TUNNEL_KEY_PARMS, TCA_VLAN_ACT_PUSH, TCA_VLAN_PARMS,
    TCA_VLAN_PUSH_VLAN_ID, TCA_VLAN_PUSH_VLAN_PRIORITY, TCA_VLAN_PUSH_VLAN_PROTOCOL,
};
use super::police;
use super::statistics::Counters;
use super::wire::{Attributes, Messages, address, be16_at, be32_at, text, u16_at, u32_at};

/// The bits of a control action that say how it goes on, and of the chain behind them.
const GOTO_BITS: u32 = 0xf000_0000;

const SOURCE: (u16, u16) = (TCA_TUNNEL_KEY_ENC_IPV4_SRC, TCA_TUNNEL_KEY_ENC_IPV6_SRC);
const DESTINATION: (u16, u16) = (TCA_TUNNEL_KEY_ENC_IPV4_DST, TCA_TUNNEL_KEY_ENC_IPV6_DST);

/// Lays out actions, numbered from 1. `index_of` knows the numbers of interfaces.
pub fn put_all(messages: &mut Messages, actions: &[FilterAction], index_of: &dyn Fn(&Interface) -> u32) {
    for (order, action) in (1..).zip(actions) {
        let nest = messages.begin_nest(order);
        put(messages, action, index_of);
        messages.end_nest(nest);
    }
}

fn put(messages: &mut Messages, action: &FilterAction, index_of: &dyn Fn(&Interface) -> u32) {
    messages.attribute_text(TCA_ACT_KIND, kind(action));
    let options = messages.begin_nest(TCA_ACT_OPTIONS);
    match action {
        FilterAction::Drop => put_parameters(messages, TCA_GACT_PARMS, TC_ACT_SHOT, &[]),
        FilterAction::Continue => put_parameters(messages, TCA_GACT_PARMS, TC_ACT_UNSPEC, &[]),
        FilterAction::Goto(chain) => put_parameters(messages, TCA_GACT_PARMS, TC_ACT_GOTO_CHAIN | chain, &[]),
        FilterAction::Police(policer) => police::put(messages, policer),
        FilterAction::Mark { number, field } => {
            put_parameters(messages, TCA_SKBEDIT_PARMS, TC_ACT_PIPE, &[]);
            messages.attribute_u32(TCA_SKBEDIT_MARK, field.holding(number.get()));
            messages.attribute_u32(TCA_SKBEDIT_MASK, field.mask());
        }
        FilterAction::Tag(id) => {
            put_parameters(messages, TCA_VLAN_PARMS, TC_ACT_PIPE, &[TCA_VLAN_ACT_PUSH]);
            messages.attribute(TCA_VLAN_PUSH_VLAN_ID, &id.get().to_ne_bytes());
            messages.attribute_be16(TCA_VLAN_PUSH_VLAN_PROTOCOL, ETH_P_8021Q);
            messages.attribute(TCA_VLAN_PUSH_VLAN_PRIORITY, &[0]);
        }
        FilterAction::Redirect { to, side } => {
            let what = if *side == Side::Ingress { TCA_INGRESS_REDIR } else { TCA_EGRESS_REDIR };
            put_parameters(messages, TCA_MIRRED_PARMS, TC_ACT_STOLEN, &[what, index_of(to)]);
        }
        FilterAction::Mirror(to) => {
            put_parameters(messages, TCA_MIRRED_PARMS, TC_ACT_PIPE, &[TCA_EGRESS_MIRROR, index_of(to)]);
        }
        FilterAction::SetTunnel { source, destination, id, df } => {
            put_parameters(messages, TCA_TUNNEL_KEY_PARMS, TC_ACT_PIPE, &[TCA_TUNNEL_KEY_ACT_SET]);
            messages.attribute_address(SOURCE, *source);
            messages.attribute_address(DESTINATION, *destination);
            messages.attribute(TCA_TUNNEL_KEY_ENC_KEY_ID, &id.get().to_be_bytes());
            messages.attribute(TCA_TUNNEL_KEY_NO_CSUM, &[0]);
            // A kernel before 6.4 passes it over, and is told nothing about fragments.
            if *df == Some(Df::Set) {
                messages.attribute(TCA_TUNNEL_KEY_NO_FRAG, &[]);
            }
        }
    }
    messages.end_nest(options);
}

const fn kind(action: &FilterAction) -> &'static str {
    match action {
        FilterAction::Drop | FilterAction::Continue | FilterAction::Goto(_) => "gact",
        FilterAction::Police(_) => "police",
        FilterAction::Mark { .. } => "skbedit",
        FilterAction::Tag(_) => "vlan",
        FilterAction::Redirect { .. } | FilterAction::Mirror(_) => "mirred",
        FilterAction::SetTunnel { .. } => "tunnel_key",
    }
}

/// `tc_gen` of `include/uapi/linux/pkt_cls.h`, and what a kind has behind it.
fn put_parameters(messages: &mut Messages, attribute: u16, control: u32, more: &[u32]) {
    let parameters = messages.begin_nest(attribute);
    for field in [0, 0, control, 0, 0].iter().chain(more) {
        messages.put(&field.to_ne_bytes());
    }
    messages.end_nest(parameters);
}

/// What came to each action, in order.
pub fn counts(actions: &[u8]) -> Vec<PacketCount> {
    let of_one = |action| {
        let statistics = Attributes(action).find(|(attribute, _)| *attribute == TCA_ACT_STATS);
        statistics.map(|(_, statistics)| Counters::parse(statistics).sent).unwrap_or_default()
    };
    Attributes(actions).map(|(_, action)| of_one(action)).collect()
}

/// Reads all actions in order; none where one of them is none of ours. `name_of` knows interfaces by their numbers.
pub fn parse_all(actions: &[u8], name_of: &dyn Fn(u32) -> Option<Interface>) -> Option<Vec<FilterAction>> {
    Attributes(actions).map(|(_, action)| parse(action, name_of)).collect()
}

fn parse(action: &[u8], name_of: &dyn Fn(u32) -> Option<Interface>) -> Option<FilterAction> {
    let (mut kind, mut options) = ("", &[][..]);
    for (attribute, value) in Attributes(action) {
        match attribute {
            TCA_ACT_KIND => kind = text(value)?,
            TCA_ACT_OPTIONS => options = value,
            _ => {}
        }
    }
    let parameters = |which| Attributes(options).find(|(attribute, _)| *attribute == which).map(|(_, value)| value);
    let field = |bytes: &[u8], at: usize| u32_at(bytes, at * 4);
    match kind {
        "gact" => match field(parameters(TCA_GACT_PARMS)?, 2)? {
            TC_ACT_SHOT => Some(FilterAction::Drop),
            TC_ACT_UNSPEC => Some(FilterAction::Continue),
            control if control & GOTO_BITS == TC_ACT_GOTO_CHAIN => Some(FilterAction::Goto(control & !GOTO_BITS)),
            _ => None,
        },
        "police" => police::parse(options).map(FilterAction::Police),
        "skbedit" if field(parameters(TCA_SKBEDIT_PARMS)?, 2)? == TC_ACT_PIPE => mark(options),
        "vlan" => {
            let parameters = parameters(TCA_VLAN_PARMS)?;
            let is_push = (field(parameters, 2)?, field(parameters, 5)?) == (TC_ACT_PIPE, TCA_VLAN_ACT_PUSH);
            if is_push { tag(options) } else { None }
        }
        "mirred" => {
            let parameters = parameters(TCA_MIRRED_PARMS)?;
            let to = name_of(field(parameters, 6)?)?;
            match (field(parameters, 2)?, field(parameters, 5)?) {
                (TC_ACT_STOLEN, TCA_INGRESS_REDIR) => Some(FilterAction::Redirect { to, side: Side::Ingress }),
                (TC_ACT_STOLEN, TCA_EGRESS_REDIR) => Some(FilterAction::Redirect { to, side: Side::Egress }),
                (TC_ACT_PIPE, TCA_EGRESS_MIRROR) => Some(FilterAction::Mirror(to)),
                _ => None,
            }
        }
        "tunnel_key" => {
            let parameters = parameters(TCA_TUNNEL_KEY_PARMS)?;
            let is_set = (field(parameters, 2)?, field(parameters, 5)?) == (TC_ACT_PIPE, TCA_TUNNEL_KEY_ACT_SET);
            if is_set { set_tunnel(options) } else { None }
        }
        _ => None,
    }
}

fn mark(options: &[u8]) -> Option<FilterAction> {
    let (mut mark, mut bits) = (None, u32::MAX);
    for (kind, value) in Attributes(options) {
        match kind {
            TCA_SKBEDIT_MARK => mark = u32_at(value, 0),
            TCA_SKBEDIT_MASK => bits = u32_at(value, 0)?,
            // Options that Pleach does not have.
            TCA_SKBEDIT_PRIORITY | TCA_SKBEDIT_QUEUE_MAPPING | TCA_SKBEDIT_PTYPE | TCA_SKBEDIT_FLAGS => return None,
            _ => {}
        }
    }
    let field = MarkField::new(bits).ok()?;
    Some(FilterAction::Mark { number: Vni::new(field.number_in(mark?))?, field })
}

fn tag(options: &[u8]) -> Option<FilterAction> {
    let mut id = None;
    for (kind, value) in Attributes(options) {
        match kind {
            TCA_VLAN_PUSH_VLAN_ID => id = VlanId::new(u16_at(value, 0)?),
            TCA_VLAN_PUSH_VLAN_PROTOCOL if be16_at(value, 0)? != ETH_P_8021Q => return None,
            TCA_VLAN_PUSH_VLAN_PRIORITY if *value.first()? != 0 => return None,
            _ => {}
        }
    }
    id.map(FilterAction::Tag)
}

fn set_tunnel(options: &[u8]) -> Option<FilterAction> {
    let (mut source, mut destination, mut id): (Option<IpAddr>, Option<IpAddr>, _) = (None, None, None);
    let mut df = Df::Unset;
    for (kind, value) in Attributes(options) {
        match kind {
            TCA_TUNNEL_KEY_ENC_IPV4_SRC | TCA_TUNNEL_KEY_ENC_IPV6_SRC => source = address(value),
            TCA_TUNNEL_KEY_ENC_IPV4_DST | TCA_TUNNEL_KEY_ENC_IPV6_DST => destination = address(value),
            TCA_TUNNEL_KEY_ENC_KEY_ID => id = Vni::new(be32_at(value, 0)?),
            TCA_TUNNEL_KEY_NO_FRAG => df = Df::Set,
            _ => {}
        }
    }
    let destination = destination?;
    let df = Some(df).filter(|_| destination.is_ipv4());
    Some(FilterAction::SetTunnel { source: source?, destination, id: id?, df })
}
