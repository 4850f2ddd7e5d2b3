//! A diff for people.

use std::io::{self, Write};

use super::NetworkDiff;
use super::facts::{
    CapacityFacts, Change, CircuitFacts, Ends, Exchange, LinkFacts, Named, NodeFacts, Rates, Reach, StatedParent,
};
use super::table::{Row, write_group};
use crate::node::Position;
use crate::rate::Rate;
use crate::sqm::Sqm;
use crate::words;

/// How many prefixes or devices of a line are named.
const NAMED: usize = 3;

impl NetworkDiff {
    /// Writes the diff for people: a group a kind of change with at most `most` lines each, then the counts. Without
    /// changes it is the counts alone. Each `writeln!` is one line, whatever names hold.
    pub fn write(&self, most: usize, out: &mut dyn Write) -> io::Result<()> {
        self.write_circuits(most, out)?;
        self.write_nodes(most, out)?;
        self.write_links(most, out)?;
        let plain = |prefix: &crate::Prefix| (format!("`{prefix}`"), String::new());
        write_group(out, ("prefixes that pass unshaped now", '+'), &self.bypass.added, most, plain)?;
        write_group(out, ("prefixes that no longer pass unshaped", '-'), &self.bypass.removed, most, plain)?;
        let net = |net: &crate::Net| {
            let prefixes: Vec<String> = net.prefixes.iter().map(ToString::to_string).collect();
            let of = if prefixes.is_empty() { String::new() } else { format!(": {}", prefixes.join(", ")) };
            (format!("`{}` ({})", net.name, net.told_by()), format!("at `{}`{of}", net.at))
        };
        write_group(out, ("nets bound", '+'), &self.nets.added, most, net)?;
        write_group(out, ("nets no longer bound so", '-'), &self.nets.removed, most, net)?;
        writeln!(out, "{}", self.counts())
    }

    fn write_circuits(&self, most: usize, out: &mut dyn Write) -> io::Result<()> {
        let circuits = &self.circuits;
        write_group(out, ("circuits added", '+'), &circuits.added, most, circuit)?;
        write_group(out, ("circuits removed", '-'), &circuits.removed, most, circuit)?;
        let fate = change(|fate: &crate::Fate| fate.to_string());
        write_group(out, ("circuits with another fate", '~'), &circuits.fate, most, fate)?;
        let reach = |change: &Change<Reach>| (named(&change.of), reach(change.to).to_owned());
        write_group(out, ("circuits that came to or left the orphans", '~'), &circuits.reach, most, reach)?;
        write_group(out, ("circuits moved", '~'), &circuits.moved, most, change(parent))?;
        write_group(out, ("rates changed", '~'), &circuits.rates, most, rates_changed)?;
        write_group(out, ("addresses changed", '~'), &circuits.addresses, most, exchange)?;
        write_group(out, ("queues changed", '~'), &circuits.queue, most, change(|sqm: &Sqm| queue(*sqm)))?;
        write_group(out, ("circuits renamed", '~'), &circuits.renamed, most, change(quoted))?;
        write_group(out, ("devices changed", '~'), &circuits.devices, most, exchange)?;
        let nameless = circuits.nameless;
        if nameless.from != nameless.to {
            let (from, to) = (words::number(nameless.from), words::number(nameless.to));
            writeln!(out, "circuits set aside without an id of their own: {from} -> {to}")?;
        }
        Ok(())
    }

    fn write_nodes(&self, most: usize, out: &mut dyn Write) -> io::Result<()> {
        let nodes = &self.nodes;
        write_group(out, ("nodes added", '+'), &nodes.added, most, node)?;
        write_group(out, ("nodes removed", '-'), &nodes.removed, most, node)?;
        write_group(out, ("nodes moved", '~'), &nodes.moved, most, change(parent))?;
        write_group(out, ("capacities of nodes changed", '~'), &nodes.capacity, most, capacity_changed)?;
        write_group(out, ("nodes of another kind", '~'), &nodes.kind, most, change(|kind: &&str| (*kind).to_owned()))?;
        write_group(out, ("nodes renamed", '~'), &nodes.renamed, most, change(quoted))?;
        write_group(
            out,
            ("positions changed", '~'),
            &nodes.position,
            most,
            change(|at: &Option<Position>| position(*at)),
        )
    }

    fn write_links(&self, most: usize, out: &mut dyn Write) -> io::Result<()> {
        let links = &self.links;
        write_group(out, ("links added", '+'), &links.added, most, link)?;
        write_group(out, ("links removed", '-'), &links.removed, most, link)?;
        write_group(out, ("links moved", '~'), &links.moved, most, change(ends))?;
        write_group(out, ("capacities of links changed", '~'), &links.capacity, most, capacity_changed)?;
        let cost = |cost: &Option<u32>| cost.map_or_else(|| "by capacity".to_owned(), |cost| cost.to_string());
        write_group(out, ("costs changed", '~'), &links.cost, most, change(cost))
    }

    fn counts(&self) -> String {
        let (circuits, nodes, links) = (&self.circuits, &self.nodes, &self.links);
        counts(
            [circuits.changed, circuits.added.len(), circuits.removed.len(), circuits.unchanged],
            [nodes.changed, nodes.added.len(), nodes.removed.len(), nodes.unchanged],
            [links.changed, links.added.len(), links.removed.len(), links.unchanged],
        )
    }
}

/// `circuits: 2 changed, 1 added, 4 812 unchanged; nodes: …; links: …`, the latter two where there are any. Of each how many
/// are changed, added, removed, unchanged.
pub(super) fn counts(circuits: [usize; 4], nodes: [usize; 4], links: [usize; 4]) -> String {
    let kinds = [("circuits", circuits), ("nodes", nodes), ("links", links)];
    let there = kinds.into_iter().filter(|(what, counts)| *what == "circuits" || counts.iter().any(|n| *n > 0));
    let texts: Vec<String> = there.map(|(what, counts)| format!("{what}: {}", counted(counts))).collect();
    texts.join("; ")
}

fn counted(counts: [usize; 4]) -> String {
    let [.., unchanged] = counts;
    let words = ["changed", "added", "removed"];
    let mut texts: Vec<String> = words
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{} {word}", words::number(count)))
        .collect();
    texts.push(format!("{} unchanged", words::number(unchanged)));
    texts.join(", ")
}

/// `` `csv:circuit:10017` (`Jones`) ``; the id alone where the name says no more.
pub(crate) fn named(Named { id, name }: &Named) -> String {
    if name == id.raw() || name == id.as_str() { format!("`{id}`") } else { format!("`{id}` (`{name}`)") }
}

/// A row of what was and what is.
fn change<T>(text: impl Fn(&T) -> String) -> impl Fn(&Change<T>) -> Row {
    move |change| (named(&change.of), format!("{} -> {}", text(&change.from), text(&change.to)))
}

fn quoted(name: &crate::Text) -> String {
    format!("`{name}`")
}

fn parent(parent: &StatedParent) -> String {
    match parent {
        StatedParent::Node(node) => named(node),
        StatedParent::Unknown => "a parent that is not in the network".to_owned(),
        StatedParent::Nothing => "where its links lead".to_owned(),
    }
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Placed => "has a path to the root again",
        Reach::Orphaned => "has lost its path to the root and hangs from the orphans",
    }
}

fn queue(sqm: Sqm) -> String {
    if sqm == Sqm::default() { "the default".to_owned() } else { format!("`{sqm}`") }
}

fn position(position: Option<Position>) -> String {
    match position {
        Some(Position { latitude, longitude }) => format!("{latitude}, {longitude}"),
        None => "none".to_owned(),
    }
}

fn stated(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "none stated".to_owned(), |rate| rate.to_string())
}

fn circuit(circuit: &CircuitFacts) -> Row {
    let fate = (circuit.fate != crate::Fate::Shaped).then(|| circuit.fate.to_string());
    let under = circuit.parent.as_ref().map(|at| format!("under {}", parent(at)));
    let rates =
        circuit.rates.map(|rates| format!("{} down, {} up", stated(rates.down_max_bit), stated(rates.up_max_bit)));
    (named(&circuit.of), joined([fate, under, rates]))
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The rates that are others; maximums first.
fn rates_changed(change: &Change<Rates>) -> Row {
    let (from, to) = (&change.from, &change.to);
    let pairs = [
        ("down max", from.down_max_bit, to.down_max_bit),
        ("up max", from.up_max_bit, to.up_max_bit),
        ("down min", from.down_min_bit, to.down_min_bit),
        ("up min", from.up_min_bit, to.up_min_bit),
    ];
    let differ = pairs.into_iter().filter(|(_, from, to)| from != to);
    let texts: Vec<String> =
        differ.map(|(what, from, to)| format!("{what} {} -> {}", stated(from), stated(to))).collect();
    (named(&change.of), texts.join(", "))
}

fn capacity_changed(change: &Change<CapacityFacts>) -> Row {
    let (from, to) = (&change.from, &change.to);
    let pairs = [("down", from.down_bit, to.down_bit), ("up", from.up_bit, to.up_bit)];
    let differ = pairs.into_iter().filter(|(_, from, to)| from != to);
    let texts: Vec<String> =
        differ.map(|(what, from, to)| format!("{what} {} -> {}", limit(from), limit(to))).collect();
    (named(&change.of), texts.join(", "))
}

fn limit(rate: Option<Rate>) -> String {
    rate.map_or_else(|| "no limit".to_owned(), |rate| rate.to_string())
}

fn exchange<T: ToString>(exchange: &Exchange<T>) -> Row {
    let lists = [("- ", &exchange.removed), ("+ ", &exchange.added), ("~ ", &exchange.changed)];
    let texts: Vec<String> = lists
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(sign, list)| format!("{sign}{}", some_of(list)))
        .collect();
    (named(&exchange.of), texts.join(", "))
}

fn some_of<T: ToString>(list: &[T]) -> String {
    let named: Vec<String> = list.iter().take(NAMED).map(|item| format!("`{}`", item.to_string())).collect();
    let named = named.join(" ");
    match list.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {} more", words::number(more)),
    }
}

fn node(node: &NodeFacts) -> Row {
    let under = Some(format!("{} under {}", node.kind, parent(&node.parent)));
    (named(&node.of), joined([under, capacity(node.capacity)]))
}

fn capacity(CapacityFacts { down_bit, up_bit }: CapacityFacts) -> Option<String> {
    let is_limited = down_bit.is_some() || up_bit.is_some();
    is_limited.then(|| format!("{} down, {} up", limit(down_bit), limit(up_bit)))
}

fn ends(ends: &Ends) -> String {
    format!("from {} to {}", named(&ends.first), named(&ends.second))
}

fn link(link: &LinkFacts) -> Row {
    let cost = link.cost.map(|cost| format!("cost {cost}"));
    (format!("`{}`", link.id), joined([Some(ends(&link.ends)), capacity(link.capacity), cost]))
}
