//! Rules and limits of a virt, the same in all kinds of nets.

use pleach_tc::Interface;

use super::super::filter::{FilterAction, FilterMatch, Side};
use super::super::layout::{FORWARD_CHAIN, LIMIT, ONWARDS, RETURN_TAG, out_queue, out_return, rule_preference};
use super::super::link::LinkKind;
use super::super::queue::Queue;
use super::LocalVirt;
use super::builder::{Builder, Spot};
use crate::limit::Limit;
use crate::rule::{Direction, RuleAction};

/// What goes into a virt is what its interface sends.
const fn side(direction: Direction) -> Side {
    match direction {
        Direction::In => Side::Egress,
        Direction::Out => Side::Ingress,
    }
}

impl Builder {
    /// Rules in chain 0, then the limit in chain 1. Says which interface the virt's frames come in by after that: its own, or in
    /// a static net the link by which they come back from a queue, since what comes back passes the filters of its own.
    pub(super) fn virt(&mut self, virt: &LocalVirt<'_>, is_static: bool) -> Interface {
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
        let mut comes_by = (*interface).clone();
        for direction in Direction::BOTH {
            let Some(limit) = virt.limit(direction) else { continue };
            let actions = match (limit, direction) {
                (Limit::Policed(policer), _) => vec![FilterAction::Police(policer), FilterAction::Continue],
                (Limit::Shaped(shaper), Direction::In) => {
                    self.queue(interface, Queue::of(&shaper));
                    continue;
                }
                (Limit::Shaped(shaper), Direction::Out) => {
                    let queue = self.link(self.free(|attempt| out_queue(interface, attempt)), LinkKind::Ifb, None);
                    self.queue(&queue, Queue::of(&shaper));
                    let mut actions = Vec::new();
                    if is_static {
                        let kind = LinkKind::Vlan { parent: (*interface).clone(), id: RETURN_TAG };
                        comes_by = self.link(self.free(|attempt| out_return(interface, attempt)), kind, None);
                        actions.push(FilterAction::Tag(RETURN_TAG));
                    }
                    actions.push(FilterAction::Redirect { to: queue, side: Side::Egress });
                    actions
                }
            };
            let side = side(direction);
            let spot = Spot { interface, side, chain: FORWARD_CHAIN, preference: LIMIT };
            self.filter(spot, FilterMatch::all(), actions);
            let spot = Spot { interface, side, chain: 0, preference: ONWARDS };
            self.filter(spot, FilterMatch::all(), vec![FilterAction::Goto(FORWARD_CHAIN)]);
        }
        comes_by
    }
}
