//! What the signs of a picture mean.

use pleach_graph::{Limit, Rate};

use super::card::SMALL;
use super::item::Kind;
use super::model::Picture;
use super::style::{decimal, line_width_tenths};
use super::text::width;

const ROW_HEIGHT: i64 = 22;
const GAP: i64 = 22;
const SAMPLE: i64 = 30;
/// Between a sign and its words.
const SPACE: i64 = 6;

/// A legend drawn with its top left corner at 0, 0.
pub(super) struct Legend {
    pub(super) svg: String,
    pub(super) height: i64,
}

enum Sign {
    Kind(Kind),
    Line(Limit),
    Standby,
    NoPath,
    Mark(&'static str),
    Words,
}

impl Legend {
    /// The legend of `picture`, in rows of at most `room` px.
    pub(super) fn new(picture: &Picture, room: i64) -> Self {
        let (mut svg, mut x, mut y) = (String::new(), 0, 0);
        for (sign, words) in entries(picture) {
            let sign_width = match sign {
                Sign::Kind(_) | Sign::Mark(_) => 14 + SPACE,
                Sign::Line(_) | Sign::Standby | Sign::NoPath => SAMPLE + SPACE,
                Sign::Words => 0,
            };
            let entry_width = sign_width + width(&words, SMALL);
            if x > 0 && x + entry_width > room {
                (x, y) = (0, y + ROW_HEIGHT);
            }
            svg.push_str(&drawn(&sign, x, y));
            let (left, base) = (x + sign_width, y + 11);
            push!(svg, "<text class=\"pale\" x=\"{left}\" y=\"{base}\">{words}</text>\n");
            x += entry_width + GAP;
        }
        Self { svg, height: y + ROW_HEIGHT }
    }
}

fn entries(picture: &Picture) -> Vec<(Sign, String)> {
    let kinds = picture.census.kinds.iter();
    let mut entries: Vec<_> = kinds.map(|&kind| (Sign::Kind(kind), kind.name().to_owned())).collect();
    for (mbit, words) in [(10, "10 Mbit/s"), (100, "100 Mbit/s"), (1_000, "1 Gbit/s"), (10_000, "10 Gbit/s")] {
        entries.push((Sign::Line(Limit::of(Rate::from_mbit(mbit))), words.to_owned()));
    }
    entries.push((Sign::Line(Limit::NONE), "no limit known".to_owned()));
    if picture.census.has_standby {
        entries.push((Sign::Standby, "standby link".to_owned()));
    }
    if picture.census.kinds.contains(&Kind::Orphans) {
        entries.push((Sign::NoPath, "no path to the root".to_owned()));
    }
    entries.push((Sign::Mark("failed-mark"), "error".to_owned()));
    entries.push((Sign::Mark("warned-mark"), "warning".to_owned()));
    let counts = if picture.lists_access_points() { ", and the number of circuits" } else { "" };
    entries.push((Sign::Words, format!("↓ ↑ the most that can pass between the root and here{counts}")));
    entries.push((Sign::Words, "point at anything for more".to_owned()));
    entries
}

fn drawn(sign: &Sign, x: i64, y: i64) -> String {
    let line = |class: &str, tenths| {
        let (end, middle, width) = (x + SAMPLE, y + 7, decimal(tenths));
        format!("<path class=\"sample{class}\" stroke-width=\"{width}\" d=\"M{x} {middle}H{end}\"/>")
    };
    match sign {
        Sign::Kind(kind) => {
            let class = kind.class();
            format!(
                "<g class=\"{class}\"><use class=\"symbol\" href=\"#{class}\" x=\"{x}\" y=\"{y}\" width=\"14\" \
                 height=\"14\"/></g>"
            )
        }
        Sign::Mark(id) => format!("<use href=\"#{id}\" x=\"{x}\" y=\"{y}\" width=\"14\" height=\"14\"/>"),
        Sign::Line(limit) => line("", line_width_tenths(*limit)),
        Sign::Standby => line(" dashed", 20),
        Sign::NoPath => line(" severed", 20),
        Sign::Words => String::new(),
    }
}
