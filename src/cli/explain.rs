//! `pleach explain`: why a subscriber is where it is, at the rates it has.

use std::io::{self, Write};
use std::net::IpAddr;

use anyhow::anyhow;
use clap::Args;
use pleach_graph::{FindError, NodeIndex, Rate, suggest};

use super::inputs::Inputs;
use super::lookup::described;
use crate::exit::{Exit, Failure, HELP};
use crate::explain::{
    CeilingFacts, CircuitFacts, Explanation, Hop, InnerFacts, NetFacts, OriginFacts, PrefixFacts, RateFacts,
    ReasonFacts, SeenBy, explain, explain_set_aside,
};
use crate::lookup::lookup;
use crate::progress::Progress;
use crate::report;
use crate::survey::Survey;

/// Say why a circuit or node is as it is: its record, its path to the root, its rates, its addresses, its problems
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Explain {
    /// Circuit ID, IP address, name of a customer or node, or typed id such as csv:circuit:1001
    subject: String,
    #[command(flatten)]
    inputs: Inputs,
    /// Print the facts as JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let config = self.inputs.config()?;
        let survey = self.inputs.survey(&config, &progress)?;
        let facts = match self.find(&survey) {
            Ok(node) => {
                progress.stage("growing the shapers' trees");
                let (shapers, holders) = self.inputs.shapers(&survey, &config.shaper)?;
                explain(&survey, &shapers, &holders, node)
            }
            Err(failure) => explain_set_aside(&survey, self.subject.trim()).ok_or(failure)?,
        };
        drop(progress);
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &facts)?;
            writeln!(out)?;
        } else {
            write(out, &facts)?;
        }
        Ok(Exit::Done)
    }

    fn find(&self, survey: &Survey) -> Result<NodeIndex, Failure> {
        let network = &survey.network;
        if let Ok(address) = self.subject.trim().parse::<IpAddr>() {
            let (facts, node) = lookup(survey, address, None);
            return node.ok_or_else(|| match facts.matched {
                Some(found) => anyhow!("{address} is in {}", described(&found)).into(),
                None => Failure::from(anyhow!("{address} is in no shaped prefix"))
                    .hint("`pleach check` lists the rows and addresses that were set aside"),
            });
        }
        let circuits = network.circuits();
        if let Some(&client) =
            circuits.clients().iter().find(|&&client| circuits.id(network, client) == self.subject.trim())
        {
            return Ok(client);
        }
        network.find_named(&self.subject).map_err(|error| match error {
            FindError::Unknown { name, mut suggestions } => {
                let names = network.nodes().map(|(_, node)| node.name.as_str());
                suggestions.extend(suggest::nearest(&name, names).into_iter().map(str::to_owned));
                suggestions.sort_unstable();
                suggestions.dedup();
                let failure = Failure::usage(FindError::Unknown { name, suggestions });
                failure.hint("name a Circuit ID, an IP address, the name of a customer or node, or a typed id")
            }
            ambiguous @ FindError::Ambiguous { .. } => Failure::usage(ambiguous),
        })
    }
}

/// Writes the facts for a person.
pub(super) fn write(out: &mut dyn Write, facts: &Explanation) -> io::Result<()> {
    writeln!(out, "{} {} ({})", facts.kind, facts.name, facts.id)?;
    if let Some(origin) = &facts.origin {
        writeln!(out, "  read from   {}", place(origin))?;
    }
    for id in &facts.other_ids {
        writeln!(out, "  also        {id}")?;
    }
    for ReasonFacts { record, reason } in &facts.reasons {
        let of = if *record == facts.id { String::new() } else { format!(" of {record}") };
        writeln!(out, "  {:<11} {}{of}", reason.aspect.as_str(), reason.text)?;
    }
    for net in &facts.nets {
        write_net(out, net)?;
    }
    if let Some(circuit) = &facts.circuit {
        write_circuit(out, circuit)?;
    }
    for seen in &facts.shapers {
        writeln!(out)?;
        write_seen(out, seen)?;
    }
    writeln!(out)?;
    if facts.problems.is_empty() {
        writeln!(out, "no problems")
    } else {
        writeln!(out, "problems")?;
        report::write_problems(out, &facts.problems)
    }
}

fn place(origin: &OriginFacts) -> String {
    if origin.line == 0 { origin.document.clone() } else { format!("{} line {}", origin.document, origin.line) }
}

fn write_net(out: &mut dyn Write, net: &NetFacts) -> io::Result<()> {
    let prefixes: Vec<String> = net.prefixes.iter().map(ToString::to_string).collect();
    let taken = if prefixes.is_empty() { "all addresses below".to_owned() } else { prefixes.join(", ") };
    writeln!(out, "  net         {} ({}): {taken}", net.name, net.told_by)?;
    for virt in &net.virts {
        let at = virt.phys.as_ref().map_or_else(|| ", not connected".to_owned(), |phys| format!(" at {phys}"));
        writeln!(out, "    virt      {}{at}", virt.name)?;
    }
    Ok(())
}

fn write_circuit(out: &mut dyn Write, circuit: &CircuitFacts) -> io::Result<()> {
    writeln!(out, "  fate        {}", circuit.fate)?;
    for (direction, rate) in [("download", &circuit.download), ("upload", &circuit.upload)] {
        writeln!(out, "  {direction:<11} {}", rate_words(rate))?;
    }
    for inner in &circuit.inner {
        let InnerFacts { net, told_by, packet, down_bit, up_bit } = inner;
        writeln!(
            out,
            "  in net      {net} ({told_by}): at most {down_bit} down, {up_bit} up of inner frames, at packets of {packet} bytes"
        )?;
    }
    for device in &circuit.devices {
        let origin = device.origin.as_ref().map(|origin| format!(", {}", place(origin))).unwrap_or_default();
        writeln!(out, "  device      {}{origin}", device.id)?;
        for prefix in &device.prefixes {
            write_prefix(out, prefix)?;
        }
    }
    Ok(())
}

fn rate_words(rate: &RateFacts) -> String {
    match &rate.shaped {
        Some(shaped) => format!("{} to {}: {}", shaped.min_bit, shaped.max_bit, shaped.because),
        None => format!("not shaped; stated {}", limit(rate.stated_max_bit, "nothing")),
    }
}

/// How many longer prefixes are shown: as many as problems of one code.
const SHOWN: usize = 5;

fn write_prefix(out: &mut dyn Write, facts: &PrefixFacts) -> io::Result<()> {
    if !facts.is_shaped {
        let instead = facts.inside_of.last().map(|found| format!("; it is in {}", described(found)));
        return writeln!(out, "    {} is set aside{}", facts.prefix, instead.unwrap_or_default());
    }
    let net = facts.net.as_ref().map(|net| format!(" in net {net}")).unwrap_or_default();
    writeln!(out, "    {}{net}", facts.prefix)?;
    for wider in &facts.inside_of {
        writeln!(out, "      wins over {}", described(wider))?;
    }
    for longer in facts.shadowed_by.iter().take(SHOWN) {
        writeln!(out, "      loses to {}", described(longer))?;
    }
    if facts.shadowed_by.len() > SHOWN {
        writeln!(out, "      … and {} more", facts.shadowed_by.len() - SHOWN)?;
    }
    Ok(())
}

fn write_seen(out: &mut dyn Write, seen: &SeenBy) -> io::Result<()> {
    let held = if seen.holds_circuit == Some(false) { ", which leaves it to a nearer one" } else { "" };
    writeln!(out, "seen by shaper {}{held}", seen.shaper)?;
    let parent = if seen.parent_in_files.is_empty() { "none, at the top" } else { &seen.parent_in_files };
    writeln!(out, "  parent in files  {parent}")?;
    let CeilingFacts { down_bit, down_because, up_bit, up_because } = &seen.ceiling;
    writeln!(out, "  ceiling down     {}: {down_because}", limit(*down_bit, "no limit"))?;
    writeln!(out, "  ceiling up       {}: {up_because}", limit(*up_bit, "no limit"))?;
    writeln!(out, "  path")?;
    let width = seen.path.iter().map(|hop| hop.name.chars().count()).max().unwrap_or(0);
    for hop in &seen.path {
        writeln!(out, "    {:width$}  {}", hop.name, hop_words(hop))?;
    }
    Ok(())
}

/// The capacities of a hop, what it costs to get there, why this way, and the link's id last: it is long and rarely read.
fn hop_words(hop: &Hop) -> String {
    let sector = pair(hop.sector_down_bit, hop.sector_up_bit).map(|pair| format!("sector {pair}"));
    let Some(link) = &hop.link else {
        return sector.into_iter().chain([hop.because.clone()]).collect::<Vec<_>>().join("; ");
    };
    let carries = pair(hop.link_down_bit, hop.link_up_bit).map(|pair| format!("link {pair}"));
    let cost = format!("cost {}", hop.cost);
    let words: Vec<String> = carries.into_iter().chain(sector).chain([cost, hop.because.clone()]).collect();
    format!("{} ({link})", words.join("; "))
}

/// `450 Mbit/s down, 150 Mbit/s up`, or nothing where neither is limited.
fn pair(down: Option<Rate>, up: Option<Rate>) -> Option<String> {
    let is_limited = down.is_some() || up.is_some();
    is_limited.then(|| format!("{} down, {} up", limit(down, "unlimited"), limit(up, "unlimited")))
}

fn limit(rate: Option<Rate>, none: &str) -> String {
    rate.map_or_else(|| none.to_owned(), |rate| rate.to_string())
}
