//! What flows now, as text for people.

use std::fmt::Write as _;
use std::io::{self, Write};

use pleach_graph::Rate;
use pleach_tc::{Direction, UnknownAddress};

use super::flows::{Flow, Flows, Gap, Row};
use crate::colour::Colour;
use crate::report;

/// Above this part of a direction's bytes, addresses that nobody has are worth red.
const UNKNOWN_SHARE_IN_RED: f64 = 0.05;
/// How many gaps are listed before the rest is counted.
const GAPS_SHOWN: usize = 5;
/// How many circuits are listed where there is no node to list.
const CIRCUITS_SHOWN: usize = 40;
/// How many addresses that nobody has are listed.
const UNKNOWN_SHOWN: usize = 10;

/// Writes one line for each node, and before it whatever means that somebody is not shaped.
pub fn write_nodes(out: &mut dyn Write, flows: &Flows, colour: Colour) -> io::Result<()> {
    write_alarms(out, flows, colour)?;
    if flows.nodes.is_empty() && flows.circuits.is_empty() {
        writeln!(out, "nobody has a class: `pleach apply` makes them")?;
    } else if flows.nodes.is_empty() {
        writeln!(out, "no node has a class: every circuit hangs from the top")?;
        write_table(out, "circuit", flows.circuits.iter().take(CIRCUITS_SHOWN))?;
        write_more(out, flows.circuits.len(), CIRCUITS_SHOWN)?;
    } else {
        write_table(out, "node", flows.nodes.iter())?;
    }
    for direction in Direction::BOTH {
        let Some(share) = flows.unknown_share[direction] else { continue };
        let text = format!("{direction}: {:.1} % of the bytes belong to addresses that nobody has", share * 100.0);
        if share > UNKNOWN_SHARE_IN_RED { colour.red_line(out, &text)? } else { writeln!(out, "{text}")? }
    }
    write_unknown(out, flows)
}

fn write_unknown(out: &mut dyn Write, flows: &Flows) -> io::Result<()> {
    if flows.unknown.is_empty() {
        return Ok(());
    }
    writeln!(out, "addresses of watched networks that nobody has:")?;
    for UnknownAddress { address, count } in flows.unknown.iter().take(UNKNOWN_SHOWN) {
        let bytes = report::number(usize::try_from(count.bytes).unwrap_or(usize::MAX));
        writeln!(out, "  {address}  {bytes} bytes")?;
    }
    write_more(out, flows.unknown.len(), UNKNOWN_SHOWN)
}

fn write_more(out: &mut dyn Write, count: usize, shown: usize) -> io::Result<()> {
    match count.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(out, "… and {} more; `--json` lists them all", report::number(more)),
    }
}

/// Writes the lines of a node or a circuit, and of what hangs from it.
pub fn write_details(out: &mut dyn Write, flows: &Flows, rows: &[&Row], colour: Colour) -> io::Result<()> {
    write_alarms(out, flows, colour)?;
    for row in rows {
        writeln!(out, "{} ({})", row.name, row.id)?;
        for direction in Direction::BOTH {
            let Some(flow) = &row.flow[direction] else { continue };
            writeln!(out, "  {:<8}  {}", direction.to_string(), words(flow))?;
            for (at, tin) in flow.tins.iter().enumerate() {
                writeln!(
                    out,
                    "    tin {at}  sent {} packets, {} dropped, {} marked; delay mean {}, peak {}, sparse {}",
                    tin.sent.packets,
                    tin.drops,
                    tin.marks,
                    milliseconds(tin.average_delay.0),
                    milliseconds(tin.peak_delay.0),
                    milliseconds(tin.base_delay.0)
                )?;
            }
        }
    }
    Ok(())
}

fn words(flow: &Flow) -> String {
    let Flow { interface, class, ceiling_bit, drops, marks, backlog_bytes, .. } = flow;
    let now = flow.rate_bit.map_or_else(|| "?".to_owned(), |rate| rate.to_string());
    let waiting = report::number(usize::try_from(*backlog_bytes).unwrap_or(usize::MAX));
    format!(
        "{now} of {ceiling_bit} ({}); {drops} dropped, {marks} marked, {waiting} bytes waiting; {interface} class {class}",
        percent(flow)
    )
}

fn write_alarms(out: &mut dyn Write, flows: &Flows, colour: Colour) -> io::Result<()> {
    for unshaped in &flows.unshaped {
        colour.red_line(out, &format!("NOT SHAPED: {}: {}", unshaped.interface, unshaped.why))?;
    }
    if flows.direct_packets > 0 {
        let count = report::count(usize::try_from(flows.direct_packets).unwrap_or(usize::MAX), "packet");
        colour.red_line(out, &format!("NOT SHAPED: {count} passed outside every class"))?;
    }
    for gap in flows.gaps.iter().take(GAPS_SHOWN) {
        colour.red_line(out, &gap_words(gap))?;
    }
    if flows.gaps.len() > GAPS_SHOWN {
        let more = flows.gaps.len() - GAPS_SHOWN;
        colour.red_line(out, &format!("… and {more} more such circuits; `--json` lists them all"))?;
    }
    Ok(())
}

fn gap_words(gap: &Gap) -> String {
    let Gap { circuit_id, direction, classified_bytes, accounted_bytes } = gap;
    format!(
        "NOT SHAPED: circuit `{circuit_id}`: {classified_bytes} bytes of {direction} were classified as its, and its \
         class accounts for {accounted_bytes}"
    )
}

/// The columns of one direction.
const COLUMNS: [&str; 6] = ["now", "ceiling", "full", "drops", "marks", "waiting"];

fn write_table<'r>(out: &mut dyn Write, what: &str, rows: impl Iterator<Item = &'r Row>) -> io::Result<()> {
    let mut lines = vec![header(what)];
    for row in rows {
        let mut line = vec![row.name.clone()];
        for direction in Direction::BOTH {
            line.extend(cells(row.flow[direction].as_ref()));
        }
        lines.push(line);
    }
    write_columns(out, &lines)
}

fn header(what: &str) -> Vec<String> {
    let of = |direction: Direction| {
        let arrow = if direction == Direction::Download { "down" } else { "up" };
        COLUMNS
            .iter()
            .enumerate()
            .map(move |(at, name)| if at == 0 { format!("{arrow} {name}") } else { (*name).into() })
    };
    [what.to_owned()].into_iter().chain(Direction::BOTH.into_iter().flat_map(of)).collect()
}

fn cells(flow: Option<&Flow>) -> Vec<String> {
    let Some(flow) = flow else { return vec!["-".to_owned(); COLUMNS.len()] };
    vec![
        flow.rate_bit.map_or_else(|| "?".to_owned(), short),
        short(flow.ceiling_bit),
        percent(flow),
        flow.drops.to_string(),
        flow.marks.to_string(),
        flow.backlog_bytes.to_string(),
    ]
}

/// Names to the left, numbers to the right.
fn write_columns(out: &mut dyn Write, lines: &[Vec<String>]) -> io::Result<()> {
    let width = |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..lines[0].len()).map(|at| width(at).unwrap_or(0)).collect();
    for line in lines {
        let mut text = format!("{:<1$}", line[0], widths[0]);
        for (cell, width) in line.iter().zip(&widths).skip(1) {
            let _ = write!(text, "  {cell:>width$}");
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

fn percent(flow: &Flow) -> String {
    flow.rate_bit.map_or_else(|| "?".to_owned(), |_| format!("{:.0} %", flow.pressure() * 100.0))
}

/// A rate in at most seven characters: `940k`, `59.8M`, `2.50G`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn short(rate: Rate) -> String {
    let bits = rate.bit() as f64;
    let (value, unit) = match rate.bit() {
        0..1_000 => return rate.bit().to_string(),
        1_000..1_000_000 => (bits / 1e3, "k"),
        1_000_000..1_000_000_000 => (bits / 1e6, "M"),
        _ => (bits / 1e9, "G"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

fn milliseconds(microseconds: u32) -> String {
    format!("{:.1} ms", f64::from(microseconds) / 1e3)
}

#[cfg(test)]
mod red;
#[cfg(test)]
mod tests;
