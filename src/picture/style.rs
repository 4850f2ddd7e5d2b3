//! How things look: colours, symbols and line widths.
//!
//! The hues are those of Okabe and Ito, which people with any kind of colour blindness tell apart, darkened where text
//! or thin lines need the contrast. Every kind has its own symbol as well, and is named in words on its card.

use pleach_graph::Limit;

use super::item::Kind;

/// The hue of a kind and the tint of its cards, on a light ground.
pub(super) fn colours(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Site => ("#0072b2", "#e4f0f8"),
        Kind::VirtualSite => ("#5b88a6", "#f4f8fb"),
        Kind::AccessPoint => ("#b87800", "#fdf1d9"),
        Kind::Device => ("#007a58", "#e0f4ed"),
        Kind::Relay => ("#a8457f", "#fae9f3"),
        Kind::Client => ("#3f97cc", "#f1f8fd"),
        Kind::Virt => ("#6a51a3", "#efedf5"),
        Kind::Orphans => ("#555555", "#ececec"),
    }
}

/// The same on a dark ground.
fn dark_colours(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Site => ("#56b4e9", "#12324a"),
        Kind::VirtualSite => ("#7fa3bc", "#1a2a36"),
        Kind::AccessPoint => ("#e69f00", "#3b2d0c"),
        Kind::Device => ("#2fc497", "#0e3529"),
        Kind::Relay => ("#e08fbb", "#3f2033"),
        Kind::Client => ("#8accf2", "#182b38"),
        Kind::Virt => ("#b3a5d9", "#272038"),
        Kind::Orphans => ("#b0b0b0", "#303030"),
    }
}

/// The colour of lines, in the drawing for Graphviz too.
pub(super) const LINE: &str = "#8296a8";
/// The colour of standby links.
pub(super) const STANDBY: &str = "#7a4fbf";
/// The colour of what has an error.
pub(super) const ERROR: &str = "#c8370a";
/// The colour of what has a warning.
pub(super) const WARNING: &str = "#9a7b00";

/// A line's width in tenths of a px, by the logarithm of its limit: half a px for each doubling from 1 Mbit/s on.
/// Without a known limit it is thin.
pub(super) fn line_width_tenths(limit: Limit) -> u32 {
    const NARROWEST: u32 = 8;
    const WIDEST: u32 = 90; // 64 Gbit/s and up: half the room that a channel has
    const UNKNOWN: u32 = 12;
    limit.rate().map_or(UNKNOWN, |rate| {
        let doublings = (rate.bit() / 1_000_000).max(1).ilog2();
        (NARROWEST + 5 * doublings).min(WIDEST)
    })
}

/// Tenths as a decimal: `5.3`, `2`.
pub(super) fn decimal(tenths: u32) -> String {
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, fraction) => format!("{whole}.{fraction}"),
    }
}

/// The style sheet: light, and dark where the reader's system is.
pub(super) fn sheet() -> String {
    let light = rules("#fbfcfd", "#17212b", "#4d5c6a", LINE, STANDBY, colours);
    let dark = rules("#10161c", "#eaf0f5", "#a9b8c6", "#566b7e", "#b794f0", dark_colours);
    format!("{COMMON}{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n")
}

const COMMON: &str = "\
text{font-family:Arial,'Liberation Sans',Helvetica,sans-serif;font-size:11px}
.title{font-size:22px;font-weight:700}
.counts{font-size:13px}
.name{font-size:14px;font-weight:700}
.end{text-anchor:end}
.wires path,.standby path,.sample{fill:none}
.wires path:hover,.standby path:hover{stroke:#d55e00}
.dashed{stroke-dasharray:7 5}
.severed{stroke-dasharray:0 6;stroke-linecap:round}
.card{stroke-width:1.2}
.virtual .card{stroke-dasharray:2 2}
.orphans .card{stroke-dasharray:8 3}
.warned .card,.failed .card{stroke-width:2.4}
.root .card{stroke-width:3.5}
.entry .card{stroke-width:.6}
.entry.warned .card,.entry.failed .card{stroke-width:1.6}
.item:hover .card{stroke-width:3}
";

fn rules(
    ground: &str,
    ink: &str,
    pale: &str,
    line: &str,
    standby: &str,
    colours: fn(Kind) -> (&'static str, &'static str),
) -> String {
    let mut rules = format!(
        ".ground{{fill:{ground}}}\ntext{{fill:{ink}}}\n.pale{{fill:{pale}}}\n.symbol{{color:{ink}}}\n\
         .wires path,.sample{{stroke:{line}}}\n.standby path,.sample.dashed{{stroke:{standby}}}\n"
    );
    for kind in Kind::ALL {
        let (hue, tint) = colours(kind);
        let class = kind.class();
        push!(rules, ".{class} .card{{fill:{tint};stroke:{hue}}}\n.{class} .edge,.{class} .symbol{{fill:{hue}}}\n");
    }
    push!(rules, ".warned .card{{stroke:{WARNING}}}\n.failed .card{{stroke:{ERROR}}}\n");
    rules
}

/// The symbols, 14 px square: of each kind, and of problems.
pub(super) const SYMBOLS: &str = r##"<symbol id="site" viewBox="0 0 14 14"><path d="M7 .5 12.6 13.5H10.6L7 4.6 3.4 13.5H1.4Z M4.6 8.6H9.4V10H4.6Z"/></symbol>
<symbol id="virtual" viewBox="0 0 14 14"><path d="M7 1 13 13H1Z M7 4.4 3.8 11.2H10.2Z" fill-rule="evenodd"/></symbol>
<symbol id="ap" viewBox="0 0 14 14"><path d="M1 7A6 6 0 0 1 13 7H11.2A4.2 4.2 0 0 0 2.8 7Z M4 7A3 3 0 0 1 10 7H8.4A1.4 1.4 0 0 0 5.6 7Z M6.2 7H7.8V13.5H6.2Z"/></symbol>
<symbol id="device" viewBox="0 0 14 14"><path d="M1.5 3.5H12.5V10.5H1.5Z M3 5V9H11V5Z M5 11.5H9V13H5Z" fill-rule="evenodd"/></symbol>
<symbol id="relay" viewBox="0 0 14 14"><path d="M7 .5 13.5 7 7 13.5 .5 7Z M7 4 4 7 7 10 10 7Z" fill-rule="evenodd"/></symbol>
<symbol id="client" viewBox="0 0 14 14"><path d="M7 1 13 6.6H11.4V13H8.6V9H5.4V13H2.6V6.6H1Z"/></symbol>
<symbol id="virt" viewBox="0 0 14 14"><path d="M1 2H13V9H1Z M3 4V7H11V4Z M6.2 9H7.8V11H11V12.5H3V11H6.2Z" fill-rule="evenodd"/></symbol>
<symbol id="orphans" viewBox="0 0 14 14"><path d="M1 7H3.5A3.5 3.5 0 1 1 7 10.5V13H5V8.6H7A1.5 1.5 0 1 0 5.5 7Z" /></symbol>
<symbol id="warned-mark" viewBox="0 0 14 14"><path d="M7 .6 13.7 13.2H.3Z" fill="#f0e442" stroke="#5c4a00" stroke-width=".8"/><path d="M6.3 4.8H7.7V9.2H6.3Z M6.3 10.2H7.7V11.7H6.3Z" fill="#000"/></symbol>
<symbol id="failed-mark" viewBox="0 0 14 14"><path d="M4.2.3H9.8L13.7 4.2V9.8L9.8 13.7H4.2L.3 9.8V4.2Z" fill="#c8370a"/><path d="M4.6 3.5 7 5.9 9.4 3.5 10.5 4.6 8.1 7 10.5 9.4 9.4 10.5 7 8.1 4.6 10.5 3.5 9.4 5.9 7 3.5 4.6Z" fill="#fff"/></symbol>
"##;

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_graph::Rate;

    #[test]
    fn a_wider_link_has_a_wider_line() {
        let width = |mbit| line_width_tenths(Limit::of(Rate::from_mbit(mbit)));
        assert_eq!([1, 10, 100, 1_000, 10_000].map(width), [8, 23, 38, 53, 73]);
        assert_eq!(width(1_000_000), 90);
        assert_eq!(line_width_tenths(Limit::NONE), 12);
        assert_eq!((decimal(53), decimal(20)), ("5.3".to_owned(), "2".to_owned()));
    }
}
