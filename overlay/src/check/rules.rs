//! Firewall rules: a decision each, whatever order they are asked in.

use std::collections::BTreeSet;

use pleach_graph::Code;

use super::Checks;
use crate::model::VirtKey;
use crate::origin::Subject;
use crate::rule::{Match, Protocol, Rule};

impl Checks<'_> {
    pub(super) fn rules(&mut self) {
        for (net, _, name, virt) in self.model.virts() {
            let subject = Subject::Virt(VirtKey { net: net.clone(), virt: name.clone() });
            for rules in virt.rules().chunk_by(|a, b| (a.direction, a.priority) == (b.direction, b.priority)) {
                let field = format!("rule {} {}", rules[0].direction, rules[0].priority.get());
                let reasons: BTreeSet<&str> = rules.iter().filter_map(|rule| impossible(&rule.matches)).collect();
                for why in reasons {
                    let message = format!("{field} of virt `{name}`: {why}");
                    self.report(Code::BadRule, &subject, &field, message, "");
                }
                if let Some(why) = conflict(rules) {
                    let message = format!("{field} of virt `{name}`: {why}");
                    let hint = "give rules of different kinds different priorities";
                    self.report(Code::RuleConflict, &subject, &field, message, hint);
                }
            }
        }
    }
}

/// Why no packet can match, or the kernel cannot look.
fn impossible(matches: &Match) -> Option<&'static str> {
    let is_ipv4 = matches.is_ipv4();
    if matches.prefixes().any(|prefix| Some(prefix.is_ipv4()) != is_ipv4) {
        return Some("source and destination are of different address families");
    }
    let has_ports = matches.source_ports.is_some() || matches.destination_ports.is_some();
    if has_ports && !matches.protocol.is_some_and(Protocol::has_ports) {
        return Some("ports are stated without a protocol that has them: `tcp`, `udp` or `sctp`");
    }
    if matches.protocol.is_some_and(Protocol::has_ports) && is_ipv4.is_none() {
        return Some("a protocol of both address families is stated without an address: add `0.0.0.0/0` or `::/0`");
    }
    match (matches.protocol, is_ipv4) {
        (Some(Protocol::Icmp), Some(false)) => Some("`icmp` is of IPv4, but the addresses are IPv6"),
        (Some(Protocol::Icmpv6), Some(true)) => Some("`icmpv6` is of IPv6, but the addresses are IPv4"),
        _ => None,
    }
}

/// Why rules of one priority do not go together.
fn conflict(rules: &[Rule]) -> Option<String> {
    let shape = rules[0].matches.shape();
    if rules.iter().any(|rule| rule.matches.shape() != shape) {
        return Some("rules of one priority look at different parts of a packet, or under different masks".to_owned());
    }
    // Sorted by match: equal ones are neighbours.
    let is_twice = rules.windows(2).any(|pair| pair[0].matches == pair[1].matches);
    is_twice.then(|| "two rules of one priority match the same packets".to_owned())
}
