//! Rules and limits of a virt, the same in all kinds of nets.

use super::super::filter::{FilterAction, FilterMatch, Side};
use super::super::layout::{FORWARD_CHAIN, LIMIT, ONWARDS, rule_preference};
use super::LocalVirt;
use super::builder::{Builder, Spot};
use crate::rule::{Direction, RuleAction};

/// What goes into a virt is what its interface sends.
const fn side(direction: Direction) -> Side {
    match direction {
        Direction::In => Side::Egress,
        Direction::Out => Side::Ingress,
    }
}

impl Builder {
    /// Rules in chain 0, then the limit in chain 1.
    pub(super) fn virt(&mut self, virt: &LocalVirt<'_>) {
        let LocalVirt { interface, virt } = virt;
        for rule in virt.rules() {
            let preference = rule_preference(rule.priority);
            let spot = Spot { interface, side: side(rule.direction), chain: 0, preference };
            let action = match rule.action {
                RuleAction::Drop => FilterAction::Drop,
                // What is accepted still counts towards the limit, and is still forwarded.
                RuleAction::Accept => FilterAction::Goto(FORWARD_CHAIN),
            };
            self.filter(spot, FilterMatch { frame: rule.matches.clone(), tunnel: None }, vec![action]);
        }
        for direction in Direction::BOTH {
            let Some(limit) = virt.limit(direction) else { continue };
            let side = side(direction);
            let spot = Spot { interface, side, chain: FORWARD_CHAIN, preference: LIMIT };
            self.filter(spot, FilterMatch::all(), vec![FilterAction::Police(limit), FilterAction::Continue]);
            let spot = Spot { interface, side, chain: 0, preference: ONWARDS };
            self.filter(spot, FilterMatch::all(), vec![FilterAction::Goto(FORWARD_CHAIN)]);
        }
    }
}
