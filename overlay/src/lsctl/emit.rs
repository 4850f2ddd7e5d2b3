//! From a model to directives.

use std::fmt::Write;

use pleach_tc::LeafKind;

use super::list::{join, quoted};
use crate::limit::Limit;
use crate::model::{Model, Net, Place, Virt};
use crate::name::Name;
use crate::rule::{Direction, Match, Rule};
use crate::technology::Df;

/// The model as an lsctl file, which reads back as the same model.
pub fn to_lsctl(model: &Model) -> String {
    let mut text = "namespace import lsdn::*\n".to_owned();
    for (name, technology) in model.settings() {
        let _ = write!(text, "settings {} -name {}", technology.type_name(), quoted(name.as_str()));
        option(&mut text, "-port", technology.port());
        option(&mut text, "-df", technology.unusual_df().map(Df::as_str));
        option(&mut text, "-mcastIp", technology.group().map(crate::technology::MulticastGroup::address));
        text.push('\n');
    }
    for (name, phys) in model.physes() {
        let _ = write!(text, "phys -name {}", quoted(name.as_str()));
        option(&mut text, "-if", phys.interface.as_ref().map(|interface| quoted(interface.as_str())));
        option(&mut text, "-ip", phys.ip);
        option(&mut text, "-mtu", phys.mtu);
        text.push('\n');
        if phys.place == Place::Local {
            let _ = writeln!(text, "claimLocal -phys {}", quoted(name.as_str()));
        }
    }
    for (name, net) in model.nets() {
        write_net(&mut text, name, net);
    }
    text
}

fn option(text: &mut String, name: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        let _ = write!(text, " {name} {value}");
    }
}

fn write_net(text: &mut String, name: &Name, net: &Net) {
    text.push_str("net");
    // A direct net that states no number has none.
    let number = net.id().number();
    option(text, "-vid", (number > 0).then_some(number));
    option(text, "-settings", Some(quoted(net.settings().as_str())));
    option(text, "-mtu", net.mtu);
    option(text, "-table", net.table.as_ref().map(|table| quoted(table.as_str())));
    option(text, "-at", net.at.as_ref().map(|node| quoted(node.as_str())));
    let prefixes: Vec<String> = net.prefixes.iter().map(ToString::to_string).collect();
    let prefixes = join(prefixes.iter().map(String::as_str));
    option(text, "-prefixes", (!prefixes.is_empty()).then(|| quoted(&prefixes)));
    let end_of_options = if name.as_str().starts_with('-') { " --" } else { "" };
    let _ = writeln!(text, "{end_of_options} {} {{", quoted(name.as_str()));
    for phys in net.attached() {
        let _ = writeln!(text, "    attach -phys {}", quoted(phys.as_str()));
    }
    for (name, virt) in net.virts() {
        write_virt(text, name, virt);
    }
    text.push_str("}\n");
}

fn write_virt(text: &mut String, name: &Name, virt: &Virt) {
    let _ = write!(text, "    virt -name {}", quoted(name.as_str()));
    option(text, "-mac", virt.mac);
    if let Some(connection) = &virt.connection {
        option(text, "-phys", Some(quoted(connection.phys.as_str())));
        option(text, "-if", connection.interface.as_ref().map(|interface| quoted(interface.as_str())));
    }
    let limits = Direction::BOTH.into_iter().filter_map(|direction| Some((direction, virt.limit(direction)?)));
    let limits: Vec<_> = limits.collect();
    if virt.rules().is_empty() && limits.is_empty() {
        text.push('\n');
        return;
    }
    text.push_str(" {\n");
    for rule in virt.rules() {
        write_rule(text, rule);
    }
    for (direction, limit) in limits {
        write_limit(text, direction, &limit);
    }
    text.push_str("    }\n");
}

fn write_rule(text: &mut String, rule: &Rule) {
    let Rule { direction, priority, matches, action } = rule;
    let _ = write!(text, "        rule {direction} {} {}", priority.get(), action.as_str());
    let Match { source_mac, destination_mac, source, destination, protocol, source_ports, destination_ports } = matches;
    option(text, "-srcMac", *source_mac);
    option(text, "-dstMac", *destination_mac);
    option(text, "-srcIp", *source);
    option(text, "-dstIp", *destination);
    option(text, "-protocol", protocol.map(crate::rule::Protocol::as_str));
    option(text, "-srcPort", *source_ports);
    option(text, "-dstPort", *destination_ports);
    text.push('\n');
}

fn write_limit(text: &mut String, direction: Direction, limit: &Limit) {
    let speed = |rate: pleach_graph::Rate| match rate.bit() {
        bits if bits.is_multiple_of(8) => (bits / 8).to_string(),
        bits => format!("{bits}bit"),
    };
    let _ = write!(text, "        rate {direction} -avg {}", speed(limit.average()));
    option(text, "-burst", limit.burst().map(|burst| burst.0));
    option(text, "-burstRate", limit.burst_rate().map(speed));
    option(text, "-leaf", limit.leaf().map(LeafKind::as_str));
    text.push('\n');
}
