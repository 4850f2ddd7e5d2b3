//! Writes a picture for Graphviz.

use super::card::about;
use super::item::{Item, Joint, Kind, Mark};
use super::model::Picture;
use super::style::{ERROR, LINE, STANDBY, WARNING, colours, decimal, line_width_tenths};
use super::text::one_line;

/// `picture` in the DOT language: a directed graph, root to leaf, standby links dashed and without direction.
pub fn dot(picture: &Picture) -> String {
    let title = quoted(&format!("{}\n{}", picture.census.title, picture.census.counts));
    let mut out = String::from("digraph network {\n");
    push!(out, "  graph [rankdir=LR, label={title}, labelloc=t, fontname=Arial, nodesep=0.12, ranksep=0.8]\n");
    push!(out, "  node [shape=box, style=\"filled,rounded\", fontname=Arial, fontsize=11, margin=\"0.1,0.05\"]\n");
    push!(out, "  edge [color=\"{LINE}\", arrowhead=none]\n");
    for (at, item) in picture.items.iter().enumerate() {
        push!(out, "  n{at} [{}]\n", node_attributes(item));
    }
    for (at, item) in picture.items.iter().enumerate() {
        if let Some(parent) = item.parent {
            let look = match item.joint {
                Joint::Link => format!("penwidth={}", decimal(line_width_tenths(item.line.smaller()))),
                Joint::None => "style=dotted".to_owned(),
            };
            push!(out, "  n{parent} -> n{at} [{look}, tooltip={}]\n", quoted(&item.line.to_string()));
        }
    }
    for link in &picture.standby {
        let [first, second] = link.ends;
        let width = decimal(line_width_tenths(link.capacity.smaller()));
        push!(
            out,
            "  n{first} -> n{second} [style=dashed, constraint=false, color=\"{STANDBY}\", penwidth={width}, tooltip={}]\n",
            quoted(&link.tooltip)
        );
    }
    out.push_str("}\n");
    out
}

fn node_attributes(item: &Item) -> String {
    let (hue, tint) = colours(item.kind);
    let (sign, colour, width) = match item.mark {
        Some(Mark::Error) => ("✖ ", ERROR, "2.5"),
        Some(Mark::Warning) => ("⚠ ", WARNING, "2.5"),
        None if item.parent.is_none() => ("", hue, "3"),
        None => ("", hue, "1"),
    };
    let label = quoted(&format!("{sign}{}\n{}", one_line(&item.name), about(item)));
    let shape = match item.kind {
        Kind::AccessPoint => ", shape=ellipse",
        Kind::Relay => ", shape=hexagon, style=filled",
        Kind::Orphans => ", style=\"filled,dashed\"",
        Kind::VirtualSite => ", style=\"filled,dotted\"",
        Kind::Virt => ", shape=component",
        Kind::Site | Kind::Device | Kind::Client => "",
    };
    let tooltip = quoted(&item.tooltip);
    format!("label={label}, color=\"{colour}\", fillcolor=\"{tint}\", penwidth={width}{shape}, tooltip={tooltip}")
}

/// A quoted string of the DOT language. Graphviz reads escapes and HTML entities in it, so both are made literal.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_would_end_or_change_a_string() {
        assert_eq!(quoted("a\"b\\N<&lt;\nc\0"), "\"a\\\"b\\\\N<&amp;lt;\\nc\u{FFFD}\"");
    }
}
