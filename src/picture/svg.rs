//! Draws a picture for any browser: one file, no script, no font or style from elsewhere.

use super::card::{ENTRY_TEXT_LEFT, MARK_ROOM, PORT, SMALL, TEXT_LEFT, about, entry_about, entry_name, name};
use super::item::{Item, Joint, Mark};
use super::layout::{Layout, Rect, Wire};
use super::legend::Legend;
use super::model::Picture;
use super::style::{SYMBOLS, decimal, line_width_tenths, sheet};
use super::text::{Font, Weight, escaped, one_line, shortened, width};

/// Around everything, px.
const MARGIN: i64 = 28;
/// The narrowest page, px: title and legend need it.
const NARROWEST_PAGE: i64 = 900;
/// Legend rows end here on a wide page, px, so that they can be read without scrolling.
const WIDEST_LEGEND: i64 = 1_400;
/// From the top of the page to the legend, px.
const TITLE_HEIGHT: i64 = 62;
/// The radius of a line's bends, px.
const BEND: i64 = 8;
/// How far below the line to its parent a standby link meets a card, px.
const STANDBY_OFFSET: i64 = 10;
/// A standby line is drawn no wider than this, in tenths of a px: wider dashes look like boxes.
const WIDEST_STANDBY: u32 = 30;

/// Draws `picture` as an SVG document.
pub fn svg(picture: &Picture) -> String {
    let layout = Layout::of(picture);
    let (standby, standby_right) = standby(picture, &layout);
    let page_width = (layout.width.max(standby_right) + 2 * MARGIN).max(NARROWEST_PAGE);
    let legend = Legend::new(picture, (page_width - 2 * MARGIN).min(WIDEST_LEGEND));
    let tree_top = TITLE_HEIGHT + legend.height + MARGIN;
    let page_height = tree_top + layout.height + MARGIN;
    let title = one_line(&picture.census.title);
    let shown_title = shortened(&title, Font(Weight::Bold, 22), page_width - 2 * MARGIN);
    let (title, shown_title, counts) = (escaped(&title), escaped(&shown_title), escaped(&picture.census.counts));
    let sheet = sheet();
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{page_width}" height="{page_height}" viewBox="0 0 {page_width} {page_height}" role="img">
<title>{title}</title>
<style>
{sheet}</style>
<defs>
{SYMBOLS}</defs>
<rect class="ground" width="100%" height="100%"/>
<text class="title" x="{MARGIN}" y="38">{shown_title}</text>
<text class="counts pale" x="{MARGIN}" y="58">{counts}</text>
<g transform="translate({MARGIN},{TITLE_HEIGHT})"><g transform="translate(0,10)">
{}</g></g>
<g transform="translate({MARGIN},{tree_top})">
"#,
        legend.svg
    );
    out.push_str("<g class=\"wires\" stroke-linecap=\"round\">\n");
    for wire in &layout.wires {
        push_wire(&mut out, picture, wire);
    }
    out.push_str("</g>\n<g class=\"standby\">\n");
    out.push_str(&standby);
    out.push_str("</g>\n");
    push_items(&mut out, picture, &layout);
    out.push_str("</g>\n</svg>\n");
    out
}

fn push_wire(out: &mut String, picture: &Picture, wire: &Wire) {
    let item = &picture.items[wire.item];
    let parent = item.parent.map_or("", |parent| &picture.items[parent].name);
    let (class, width) = match item.joint {
        Joint::Link => ("", decimal(line_width_tenths(item.line.smaller()))),
        Joint::None => (" class=\"severed\"", "2".to_owned()),
    };
    let tooltip = match item.joint {
        Joint::Link => escaped(&format!("{parent} to {}\n{}", item.name, item.line)),
        Joint::None => escaped(&format!("no path to {}", item.name)),
    };
    let path = rounded(&wire.points);
    push!(*out, "<path{class} stroke-width=\"{width}\" d=\"{path}\"><title>{tooltip}</title></path>\n");
}

/// A path through `points` with round bends.
fn rounded(points: &[(i64, i64)]) -> String {
    let mut path = format!("M{} {}", points[0].0, points[0].1);
    let towards = |(fx, fy): (i64, i64), (tx, ty): (i64, i64), by: i64| {
        (fx + (tx - fx).clamp(-by, by), fy + (ty - fy).clamp(-by, by))
    };
    let length = |(fx, fy): (i64, i64), (tx, ty): (i64, i64)| (tx - fx).abs() + (ty - fy).abs();
    for corner in points.windows(3) {
        let [before, at, after] = [corner[0], corner[1], corner[2]];
        let radius = BEND.min(length(before, at) / 2).min(length(at, after) / 2);
        if radius == 0 {
            continue;
        }
        let ((ax, ay), (bx, by)) = (towards(at, before, radius), towards(at, after, radius));
        push!(path, "L{ax} {ay}Q{} {} {bx} {by}", at.0, at.1);
    }
    let end = points[points.len() - 1];
    push!(path, "L{} {}", end.0, end.1);
    path
}

/// The standby links, and how far right they reach.
fn standby(picture: &Picture, layout: &Layout) -> (String, i64) {
    let (mut out, mut right) = (String::new(), 0);
    for link in &picture.standby {
        let [first, second] = link.ends.map(|end| layout.rects[end]);
        let (path, reach) = standby_path(first, second);
        right = right.max(reach);
        let width = decimal(line_width_tenths(link.capacity.smaller()).min(WIDEST_STANDBY));
        let tooltip = escaped(&link.tooltip);
        push!(out, "<path class=\"dashed\" stroke-width=\"{width}\" d=\"{path}\"><title>{tooltip}</title></path>\n");
    }
    (out, right)
}

/// A curve from card to card: across the gap between them, else around the right. Cards are drawn over it.
fn standby_path(first: Rect, second: Rect) -> (String, i64) {
    let (left, right) = if first.left <= second.left { (first, second) } else { (second, first) };
    let port = |rect: Rect| rect.top + (PORT + STANDBY_OFFSET).min(rect.height / 2);
    let (from, to) = (port(left), port(right));
    if left.right() < right.left {
        let (start, end) = (left.right(), right.left);
        let bend = (end - start) / 2;
        (format!("M{start} {from}C{} {from} {} {to} {end} {to}", start + bend, end - bend), end)
    } else {
        let edge = left.right().max(right.right());
        let bulge = edge + 24 + ((to - from).abs() / 5).min(160);
        let path = format!("M{} {from}C{bulge} {from} {bulge} {to} {} {to}", left.right(), right.right());
        (path, bulge)
    }
}

/// Each card, then its entries on top of it.
fn push_items(out: &mut String, picture: &Picture, layout: &Layout) {
    for (at, item) in picture.items.iter().enumerate() {
        if picture.is_entry[at] {
            continue;
        }
        push_card(out, item, layout.rects[at]);
        for &entry in picture.entries.of(at) {
            push_entry(out, &picture.items[entry], layout.rects[entry]);
        }
    }
}

fn mark_class(item: &Item) -> &'static str {
    match item.mark {
        Some(Mark::Error) => " failed",
        Some(Mark::Warning) => " warned",
        None => "",
    }
}

fn push_mark(out: &mut String, item: &Item, right: i64, top: i64) {
    if item.mark.is_some() {
        let (class, x) = (mark_class(item).trim_start(), right - MARK_ROOM + 2);
        push!(*out, "<use href=\"#{class}-mark\" x=\"{x}\" y=\"{top}\" width=\"14\" height=\"14\"/>");
    }
}

fn push_card(out: &mut String, item: &Item, rect: Rect) {
    let Rect { left, top, width, height } = rect;
    let (class, mark) = (item.kind.class(), mark_class(item));
    let root = if item.parent.is_none() { " root" } else { "" };
    let (symbol_left, text_left) = (left + 8, left + TEXT_LEFT);
    let (symbol_top, name_base, about_base) = (top + 5, top + 18, top + 34);
    let (tooltip, name, about) = (escaped(&item.tooltip), escaped(&name(item)), escaped(&about(item)));
    push!(
        *out,
        "<g class=\"item {class}{root}{mark}\"><title>{tooltip}</title>\
         <rect class=\"card\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>\
         <use class=\"symbol\" href=\"#{class}\" x=\"{symbol_left}\" y=\"{symbol_top}\" width=\"16\" height=\"16\"/>\
         <text class=\"name\" x=\"{text_left}\" y=\"{name_base}\">{name}</text>\
         <text class=\"pale\" x=\"{text_left}\" y=\"{about_base}\">{about}</text>",
    );
    push_mark(out, item, rect.right(), top + 5);
    out.push_str("</g>\n");
}

fn push_entry(out: &mut String, item: &Item, rect: Rect) {
    let Rect { left, top, width, height } = rect;
    push!(
        *out,
        "<g class=\"item entry {}{}\"><title>{}</title>\
         <rect class=\"card\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>",
        item.kind.class(),
        mark_class(item),
        escaped(&item.tooltip),
    );
    let bar = line_width_tenths(item.line.smaller());
    push!(
        *out,
        "<rect class=\"edge\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{height}\"/>\
         <text x=\"{}\" y=\"{}\">{}</text>",
        decimal(bar),
        left + ENTRY_TEXT_LEFT,
        top + 13,
        escaped(&entry_name(item)),
    );
    let about = entry_about(item);
    let right = rect.right() - 6;
    push!(*out, "<text class=\"pale end\" x=\"{right}\" y=\"{}\">{}</text>", top + 13, escaped(&about));
    let about_left = right - self::width(&about, SMALL);
    push_mark(out, item, about_left, top + 2);
    out.push_str("</g>\n");
}
