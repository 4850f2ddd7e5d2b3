//! `pleach overlay status`: whether this host has its part of a model, and what happened to frames.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::IpAddr;

use anyhow::anyhow;
use clap::Args;
use pleach_kernel::LinkKernel;
use pleach_overlay::links::{Condition, Found, LinkPlan, LinkStatus, NetStatus, VirtStatus, WayStatus, statuses};
use pleach_overlay::{Host, Model, Name, Phys};
use pleach_tc::{Interface, PacketCount};
use serde::Serialize;

use super::change::failure;
use super::plan::say_problems;
use super::source::{Read, Source, State, checked, claim, host, needed};
use crate::cli::change::open_kernel_to_look;
use crate::colour::Colour;
use crate::exit::{Exit, Failure, HELP};
use crate::overlay::{Acceptance, ChangeError, Mode, change, physes_here};
use crate::report;

/// Show each net of this host: whether it is as the model says (exit code 7 if not), what passed, and what was dropped why
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Status {
    #[command(flatten)]
    source: Source,
    /// The phys that is this host's [default: the configured one, or those that are claimed local]
    #[arg(long, value_name = "NAME")]
    phys: Option<String>,
    /// Print the facts as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    state: State,
}

#[derive(Serialize)]
struct Facts {
    /// How many operations a commit would do.
    differences: usize,
    /// What is not ours and keeps a commit from doing anything; then it is not known what it would do.
    in_the_way: Vec<String>,
    physes: Vec<PhysFacts>,
    nets: Vec<NetStatus>,
}

/// The underlay of this host.
#[derive(Serialize)]
struct PhysFacts {
    phys: Name,
    interface: Interface,
    condition: Condition,
    /// What its interface has; none where that is not there.
    mtu: Option<u32>,
    ip: Option<IpAddr>,
    /// Whether this host has that address; none where none is stated.
    has_ip: Option<bool>,
}

impl PhysFacts {
    fn are_good(&self) -> bool {
        self.condition == Condition::Up && self.has_ip != Some(false)
    }
}

impl Facts {
    fn are_good(&self) -> bool {
        let virts = || self.nets.iter().flat_map(|net| &net.virts);
        self.differences == 0
            && self.in_the_way.is_empty()
            && self.physes.iter().all(PhysFacts::are_good)
            && virts().all(|virt| virt.condition == Condition::Up)
    }
}

fn physes(model: &Model, found: &Found, host: &Host) -> Vec<PhysFacts> {
    let facts = |(name, phys): (&Name, &Phys)| {
        let interface = phys.interface.clone()?;
        let other = found.others.get(&interface);
        let condition = match other {
            Some(other) if other.is_up => Condition::Up,
            Some(_) => Condition::Down,
            None => Condition::Missing,
        };
        let has_ip = phys.ip.and_then(|ip| Some(host.addresses.as_ref()?.contains(&ip)));
        Some(PhysFacts {
            phys: name.clone(),
            interface,
            condition,
            mtu: other.map(|other| other.mtu),
            ip: phys.ip,
            has_ip,
        })
    };
    model.local_physes().filter_map(facts).collect()
}

impl Status {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let Read { mut reading, phys, .. } = self.source.read()?;
        if let Some(phys) = self.phys.as_deref().or(phys.as_deref()) {
            claim(&mut reading.model, phys)?;
        }
        let local = self.state.local(self.source.config(), Acceptance::Everything)?;
        let mut kernel = open_kernel_to_look()?;
        let found = kernel.observe_links()?;
        let host = host(&found, kernel.addresses()?, local.counting);
        // What this host lacks is told, and hides nothing of the rest.
        say_problems(&checked(&reading, &host).1)?;
        let Some(checked) = checked(&reading, Host::unknown()).0 else {
            return Err(Failure::from(anyhow!("the model has errors, so it is not known what should be here")));
        };
        let checked = checked.on(&host);
        let wanted = needed(checked, None, local.mark)?;
        let (plan, in_the_way) =
            match change(&mut kernel, &local.folder, (&wanted, &physes_here(checked)), Mode::DryRun) {
                Ok(changed) => (changed.decision.plan, Vec::new()),
                Err(ChangeError::InTheWay(all)) => (LinkPlan::default(), all.iter().map(ToString::to_string).collect()),
                Err(error) => return Err(failure(error)),
            };
        let counters = kernel.link_counters(&found)?;
        let nets = statuses(checked, local.mark, (&found, &plan), &counters).map_err(Failure::usage)?;
        let physes = physes(checked.model(), &found, &host);
        let facts = Facts { differences: plan.operations.len(), in_the_way, physes, nets };
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &facts)?;
            writeln!(out)?;
        } else {
            write(out, &facts, Colour::of_stdout())?;
        }
        Ok(if facts.are_good() { Exit::Done } else { Exit::Differences })
    }
}

fn write(out: &mut dyn Write, facts: &Facts, colour: Colour) -> io::Result<()> {
    for phys in &facts.physes {
        write_phys(out, phys, colour)?;
    }
    for net in &facts.nets {
        write_net(out, net, colour)?;
    }
    for what in &facts.in_the_way {
        colour.red_line(out, &format!("NOT COMMITTED: {what}"))?;
    }
    if !facts.in_the_way.is_empty() {
        return Ok(());
    }
    if facts.differences > 0 {
        let count = report::count(facts.differences, "operation");
        colour.red_line(out, &format!("NOT COMMITTED: {count}; `pleach overlay commit --dry-run` lists them"))?;
    } else if facts.are_good() {
        writeln!(out, "everything is as the model says")?;
    } else {
        colour.red_line(out, "committed as far as it can be: something is missing or down")?;
    }
    Ok(())
}

fn write_phys(out: &mut dyn Write, phys: &PhysFacts, colour: Colour) -> io::Result<()> {
    let mut text = format!("phys {} on {} {}", phys.phys, phys.interface, condition(phys.condition));
    if let Some(mtu) = phys.mtu {
        let _ = write!(text, ", MTU {mtu}");
    }
    if let (Some(ip), Some(has_ip)) = (phys.ip, phys.has_ip) {
        let _ = write!(text, ", {ip}{}", if has_ip { "" } else { " is NOT THIS HOST'S" });
    }
    if phys.are_good() { writeln!(out, "{text}") } else { colour.red_line(out, &text) }
}

fn write_net(out: &mut dyn Write, net: &NetStatus, colour: Colour) -> io::Result<()> {
    let title = format!("net {} ({} {}) at {}", net.net, net.technology, net.id, net.phys);
    match net.differences {
        0 => writeln!(out, "{title}: committed")?,
        differences => {
            let count = report::count(differences, "operation");
            colour.red_line(out, &format!("{title}: NOT COMMITTED, {count}"))?;
        }
    }
    for link in &net.links {
        write_link(out, link, colour)?;
    }
    if let Some(unknown) = net.unknown_stations {
        writeln!(
            out,
            "  to unknown stations: {} from virts, {} from hosts",
            unknown.from_virts.packets, unknown.from_hosts.packets
        )?;
    }
    for virt in &net.virts {
        write_virt(out, virt, colour)?;
    }
    Ok(())
}

fn write_link(out: &mut dyn Write, link: &LinkStatus, colour: Colour) -> io::Result<()> {
    let mut text = format!("  link {} {}", link.link, condition(link.condition));
    if link.condition != Condition::Missing {
        let (received, sent) = (words(link.received), words(link.sent));
        let _ = write!(text, ", received {received}, sent {sent}, not sent {}", link.unsent);
        if let Some(strangers) = link.strangers {
            let _ = write!(text, ", from strangers {}", strangers.packets);
        }
    }
    write_line(out, &text, link.condition, colour)
}

fn write_virt(out: &mut dyn Write, virt: &VirtStatus, colour: Colour) -> io::Result<()> {
    let line = format!("  virt {} on {} {}", virt.virt, virt.interface, condition(virt.condition));
    write_line(out, &line, virt.condition, colour)?;
    write_way(out, "in", &virt.into)?;
    write_way(out, "out", &virt.out)
}

fn write_way(out: &mut dyn Write, name: &str, way: &WayStatus) -> io::Result<()> {
    writeln!(out, "    {name:<3} passed {}", words(way.passed))?;
    for rule in &way.rules {
        let matches = if rule.matches.is_empty() { "everything" } else { &rule.matches };
        let done = if rule.action == "drop" { "dropped" } else { "accepted" };
        writeln!(out, "        rule {} {done} {}: {matches}", rule.priority, words(rule.applied))?;
    }
    if let Some(policed) = way.policed {
        writeln!(out, "        limit dropped {}", words(policed))?;
    }
    if let Some(queue) = way.queue {
        let waiting = report::count(usize::try_from(queue.backlog.packets).unwrap_or(usize::MAX), "packet");
        writeln!(out, "        queue dropped {}, {waiting} in it", queue.dropped)?;
    }
    Ok(())
}

fn write_line(out: &mut dyn Write, line: &str, condition: Condition, colour: Colour) -> io::Result<()> {
    if condition == Condition::Up { writeln!(out, "{line}") } else { colour.red_line(out, line) }
}

const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Up => "up",
        Condition::Down => "DOWN",
        Condition::Missing => "MISSING",
    }
}

fn words(count: PacketCount) -> String {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    format!("{} ({} bytes)", report::count(number(count.packets), "packet"), report::number(number(count.bytes)))
}
