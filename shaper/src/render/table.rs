//! A plan as a table for people.

use std::fmt::{self, Write};

use pleach_tc::{Handle, Interface, Phase, PortIndex};

use crate::render::Shown;
use crate::render::rows::{Counts, Row, rows};
use crate::subjects::Subject;

/// How many classes of a drain are named; the rest is counted.
const MOST_NAMED: usize = 10;

/// Writes what changes, interface by interface, one line a class, and how much of it there is.
pub fn table(shown: &Shown, out: &mut dyn Write) -> fmt::Result {
    let (rows, counts) = rows(shown);
    for (interface, rows) in &rows {
        writeln!(out, "{interface}{}", ways(shown, interface))?;
        let names: Vec<String> = rows.iter().map(|row| row.subject.as_ref().map_or(String::new(), name)).collect();
        let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let what = widest(&mut rows.iter().map(|row| row.what.chars().count()));
        let who = widest(&mut names.iter().map(|name| name.chars().count()));
        for (Row { sign, what: text, how, .. }, name) in rows.iter().zip(&names) {
            let line = format!("  {} {text:what$}  {name:who$}  {how}", sign.symbol());
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    write_drains(shown, out)?;
    for note in &shown.plan.notes {
        writeln!(out, "note: {note}")?;
    }
    write_counts(counts, out)
}

/// The directions that leave by an interface.
fn ways(shown: &Shown, interface: &Interface) -> &'static str {
    let states = [shown.desired, shown.observed].map(|state| state.interfaces.get(interface));
    match states.into_iter().flatten().find_map(|state| state.attached) {
        Some(PortIndex::Download) => " download",
        Some(PortIndex::Upload) => " upload",
        Some(PortIndex::Stick) => " download and upload",
        None => "",
    }
}

/// Whose class it is: ``circuit `10017` (Jones, AP North)``.
pub(super) fn name(subject: &Subject) -> String {
    match subject {
        Subject::Link { direction } => format!("link, {direction}"),
        Subject::Control { direction } => format!("control, {direction}"),
        Subject::Unknown { direction } => format!("unknown addresses, {direction}"),
        Subject::Keeper { node } => format!("keeper of `{node}`"),
        Subject::Node { name, .. } => format!("node `{name}`"),
        Subject::Circuit { circuit_id, name, parent } => {
            let known: Vec<&str> = [name.as_str(), parent].into_iter().filter(|text| !text.is_empty()).collect();
            let known = known.join(", ");
            if known.is_empty() {
                format!("circuit `{circuit_id}`")
            } else {
                format!("circuit `{circuit_id}` ({known})")
            }
        }
    }
}

fn write_drains(shown: &Shown, out: &mut dyn Write) -> fmt::Result {
    let drains = shown.plan.phases.iter().filter_map(|phase| match phase {
        Phase::Drain(classes) => Some(classes),
        Phase::Operations(_) => None,
    });
    for classes in drains {
        let text_of = |(interface, class): &(Interface, Handle)| match shown.subjects.get(interface, *class) {
            Some(subject) => format!("{interface} {class} {}", name(subject)),
            None => format!("{interface} {class}"),
        };
        let names: Vec<String> = classes.iter().take(MOST_NAMED).map(text_of).collect();
        write!(out, "drain: {} classes, at most 1 s: {}", grouped(classes.len()), names.join("; "))?;
        if classes.len() > MOST_NAMED {
            write!(out, "; and {} more", grouped(classes.len() - MOST_NAMED))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_counts(counts: Counts, out: &mut dyn Write) -> fmt::Result {
    let [written, removed] = [counts.entries_written, counts.entries_removed].map(grouped);
    if counts.entries_written + counts.entries_removed > 0 {
        writeln!(out, "device map: {written} written, {removed} removed")?;
    }
    let [change, add, remove] = [counts.change, counts.add, counts.remove].map(grouped);
    writeln!(out, "{change} to change, {add} to add, {remove} to remove, {} unchanged", grouped(counts.unchanged))
}

/// `4 812`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
