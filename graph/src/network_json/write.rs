//! Writing network.json: the view's nodes, nested, by id.

use std::io::{self, Write};

use crate::dialect::Dialect;
use crate::spreadsheet;
use crate::view::{EntryIndex, EntryKind, View};

/// Indentation stops growing here: a chain of 100 000 sites would be 10 GB of blanks.
const DEEPEST_INDENT: usize = 32;

/// Writes the nodes of `view`; `{}` where there is none. Iterative: depth costs no stack. Errors are those of `out`.
pub fn write(view: &View<'_>, dialect: Dialect, mut out: impl Write) -> io::Result<()> {
    let mut open: Vec<std::slice::Iter<'_, EntryIndex>> = vec![view.top().iter()];
    let mut is_first = true;
    out.write_all(b"{")?;
    while let Some(siblings) = open.last_mut() {
        if let Some(&entry) = siblings.next() {
            out.write_all(if is_first { b"\n" } else { b",\n" })?;
            let children = view.children(entry);
            node(view, entry, dialect, open.len() * 2 - 1, &mut out)?;
            is_first = children.is_empty();
            if is_first {
                end_node(open.len() * 2 - 1, &mut out)?;
                is_first = false;
            } else {
                write!(out, ",\n{}\"children\": {{", indent(open.len() * 2))?;
                is_first = true;
                open.push(children.iter());
            }
            continue;
        }
        open.pop();
        if !open.is_empty() {
            write!(out, "\n{}}}", indent(open.len() * 2))?;
            end_node(open.len() * 2 - 1, &mut out)?;
            is_first = false;
        }
    }
    out.write_all(if view.top().is_empty() { b"}\n" } else { b"\n}\n" })
}

fn indent(depth: usize) -> &'static str {
    const BLANKS: &str = "                                                                ";
    &BLANKS[..2 * depth.min(DEEPEST_INDENT)]
}

/// The node's name and its own keys; the object stays open.
fn node(view: &View<'_>, entry: EntryIndex, dialect: Dialect, depth: usize, out: &mut impl Write) -> io::Result<()> {
    let entry = view.at(entry);
    let (outer, inner) = (indent(depth), indent(depth + 1));
    out.write_all(outer.as_bytes())?;
    serde_json::to_writer(&mut *out, &spreadsheet::escape(&entry.name))?;
    let down = dialect.ceiling(entry.down).mbit();
    let up = dialect.ceiling(entry.up).mbit();
    write!(out, ": {{\n{inner}\"downloadBandwidthMbps\": {down},\n{inner}\"uploadBandwidthMbps\": {up},\n")?;
    let kind = if entry.kind == EntryKind::AccessPoint { "ap" } else { "site" };
    write!(out, "{inner}\"type\": \"{kind}\",\n{inner}\"id\": ")?;
    serde_json::to_writer(&mut *out, &entry.id)?;
    if entry.kind == EntryKind::VirtualSite {
        write!(out, ",\n{inner}\"virtual\": true")?;
    }
    if let Some(position) = entry.position {
        let (latitude, longitude) = (position.latitude, position.longitude);
        write!(out, ",\n{inner}\"latitude\": {latitude},\n{inner}\"longitude\": {longitude}")?;
    }
    Ok(())
}

fn end_node(depth: usize, out: &mut impl Write) -> io::Result<()> {
    write!(out, "\n{}}}", indent(depth))
}
