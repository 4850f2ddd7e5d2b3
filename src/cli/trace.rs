//! `pleach trace`: what happens to the packets of one address.

use std::io::{self, Write};
use std::net::IpAddr;

use clap::Args;
use pleach_kernel::Kernel;
use pleach_shaper::scope_of;
use pleach_tc::Direction;

use super::change::open_kernel;
use super::shaping::Shaped;
use crate::colour::Colour;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::shaping::decide::interfaces;
use crate::shaping::trace::{Found, Trace as Facts, Way, trace};

/// Follow an address through the plan and through the kernel: its prefix, class, ceilings, queue and counters
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Trace {
    /// IPv4 or IPv6 address
    address: IpAddr,
    #[command(flatten)]
    shaped: Shaped,
    /// Follow it in this net of the overlay alone
    #[arg(long, value_name = "NAME")]
    net: Option<String>,
    /// Print the facts as JSON
    #[arg(long)]
    json: bool,
}

impl Trace {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let wanted = self.shaped.load(&progress)?;
        let mut kernel = open_kernel()?;
        let (planned, observed) = wanted.compare(&mut kernel)?;
        let statistics = kernel.statistics(&interfaces(&wanted.chosen.settings.ports))?;
        drop(progress);
        let whose = |interface: &_, class| planned.subjects.get(interface, class);
        let net = self.net.as_deref().map(|name| wanted.net(name)).transpose()?.map(|net| scope_of(net.tag));
        let facts = trace(self.address, &planned.state, &observed, &statistics, &whose, net);
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &facts)?;
            writeln!(out)?;
        } else {
            write(out, &facts, Colour::of_stdout())?;
        }
        Ok(if facts.agrees() { Exit::Done } else { Exit::Differences })
    }
}

fn write(out: &mut dyn Write, facts: &Facts, colour: Colour) -> io::Result<()> {
    for unshaped in &facts.unshaped {
        colour.red_line(out, &format!("NOT SHAPED: {}: {}", unshaped.interface, unshaped.why))?;
    }
    writeln!(out, "{}", facts.address)?;
    write_found(out, "plan", &facts.planned)?;
    write_found(out, "kernel", &facts.kernel)?;
    if !facts.agrees() {
        colour.red_line(out, "  the kernel's map does not say what the plan says")?;
    }
    for direction in Direction::BOTH {
        writeln!(out)?;
        match &facts.direction[direction] {
            Some(way) => write_way(out, direction, way, colour)?,
            None if facts.unshaped.is_empty() => {
                writeln!(out, "{direction}: no entry leads to a class; packets go to the class of unknown addresses")?;
            }
            None => writeln!(out, "{direction}: no entry leads to a class")?,
        }
    }
    Ok(())
}

fn write_found(out: &mut dyn Write, whose: &str, found: &[Found]) -> io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "  {whose:<7} in no prefix");
    }
    for Found { scope, prefix, store, class, slot, wider, .. } in found {
        let slot = slot.map_or_else(|| "no counters".to_owned(), |slot| format!("counters {slot}"));
        let store = format!("{store:?}").to_lowercase();
        writeln!(
            out,
            "  {whose:<7} {prefix}{} ({store}): class {} down, {} up; {slot}",
            within(scope),
            class.download,
            class.upload
        )?;
        for wider in wider {
            writeln!(out, "          also in {wider}, which is wider and does not count")?;
        }
    }
    Ok(())
}

fn within(scope: &str) -> String {
    match scope {
        "any" => String::new(),
        net if net.starts_with("net ") => format!(" in {net}"),
        vlan => format!(" in VLAN {vlan}"),
    }
}

fn write_way(out: &mut dyn Write, direction: Direction, way: &Way, colour: Colour) -> io::Result<()> {
    writeln!(out, "{direction} leaves by {}", way.interface)?;
    if way.passes {
        return writeln!(out, "  unshaped: the entry names no class");
    }
    if way.classes.is_empty() {
        return colour.red_line(out, "  the class it names is not there");
    }
    for step in &way.classes {
        let sent = step.statistics.map_or_else(String::new, |counted| {
            format!("; sent {} bytes, {} dropped, {} waiting", counted.sent.bytes, counted.drops, counted.backlog.bytes)
        });
        let (class, whose, rate, ceiling) = (step.class, &step.whose, step.rate_bit, step.ceiling_bit);
        writeln!(out, "  class {class}  {whose}: {rate} guaranteed, at most {ceiling}{sent}")?;
    }
    let leaf = way.leaf.as_deref().unwrap_or("HTB's own");
    let counted = way.leaf_statistics.as_ref().map_or_else(String::new, |counted| {
        format!(": {} dropped, {} marked, {} bytes waiting", counted.drops, counted.marks, counted.backlog.bytes)
    });
    writeln!(out, "  queue {leaf}{counted}")?;
    if let Some(classified) = way.classified {
        writeln!(out, "  classified as the circuit's: {} packets, {} bytes", classified.packets, classified.bytes)?;
    }
    Ok(())
}
