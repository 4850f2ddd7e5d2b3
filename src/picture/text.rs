//! Text as it is drawn: how wide it is, how it is cut short, how it is escaped.

use std::borrow::Cow;

use pleach_graph::{Capacity, Limit, Rate};

/// The cut of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// A font: its cut and its size in px.
#[derive(Clone, Copy, Debug)]
pub(super) struct Font(pub(super) Weight, pub(super) i64);

/// The width of `text` in px, rather a little too much than too little.
///
/// No font is at hand where a picture is made; the drawing asks for Arial or one with its widths.
pub(super) fn width(text: &str, font: Font) -> i64 {
    let hundredths: i64 = text.chars().map(|character| hundredths(character, font.0)).sum();
    (hundredths * font.1 + 99) / 100
}

/// A character's width, in hundredths of the font's size.
fn hundredths(character: char, weight: Weight) -> i64 {
    let regular = match character {
        'i' | 'j' | 'l' | '|' | '.' | ',' | ':' | ';' | '\'' | ' ' | '!' | 'I' | 'f' | 't' | '\u{202F}' => 29,
        'r' | '-' | '(' | ')' | '[' | ']' | '/' | '"' | '*' | '·' => 36,
        'm' | 'M' | 'W' | '%' | '@' | '…' => 101,
        'w' | 'A'..='Z' | '&' => 74,
        ' '..='~' => 57,
        '↓' | '↑' => 62,
        '\u{80}'..='\u{10FF}' => 80,
        _ => 105,
    };
    match weight {
        Weight::Regular => regular,
        Weight::Bold => regular + regular / 10,
    }
}

/// `text` within `most` px: cut, with an ellipsis, where it is wider.
pub(super) fn shortened(text: &str, font: Font, most: i64) -> Cow<'_, str> {
    if width(text, font) <= most {
        return Cow::Borrowed(text);
    }
    let room = most * 100 / font.1 - hundredths('…', font.0);
    let mut taken = 0;
    let fits = |character: &char| {
        taken += hundredths(*character, font.0);
        taken <= room
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    Cow::Owned(short)
}

/// `text` as XML content or attribute value; what XML 1.0 has no way to say becomes U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            '\t' | '\r' => out.push(' '),
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out
}

/// `text` on one line.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) { text.replace(char::is_control, " ").into() } else { text.into() }
}

/// `1 site`, `2 sites`.
pub(super) fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// A number with its digits in threes.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202F}');
        }
        out.push(digit);
    }
    out
}

/// A capacity in a few characters: `1G`, `↓500M ↑100M`; nothing where there is no limit.
pub(super) fn short_capacity(capacity: Capacity) -> String {
    let Capacity { down, up } = capacity;
    if down == up {
        return short_limit(down).unwrap_or_default();
    }
    let arrow = |arrow: &str, limit| short_limit(limit).map(|rate| format!("{arrow}{rate}"));
    [arrow("↓", down), arrow("↑", up)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn short_limit(limit: Limit) -> Option<String> {
    limit.rate().map(short_rate)
}

/// A rate to three digits or so: `2.5G`, `59.8M`, `940M`.
fn short_rate(rate: Rate) -> String {
    const UNITS: [(u64, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")];
    let bit = rate.bit();
    let Some((unit, letter)) = UNITS.into_iter().find(|&(unit, _)| bit >= unit) else { return format!("{bit} bit") };
    let tenths = rate.scaled(10, unit).bit();
    match (tenths / 10, tenths % 10) {
        (whole, fraction) if fraction == 0 || whole >= 100 => format!("{whole}{letter}"),
        (whole, fraction) => format!("{whole}.{fraction}{letter}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_what_is_too_wide() {
        let font = Font(Weight::Bold, 14);
        assert_eq!(shortened("Hilltop", font, 100), "Hilltop");
        let short = shortened("a tower with an exceedingly long name", font, 100);
        assert!(short.ends_with('…') && width(&short, font) <= 100, "{short}");
        assert_eq!(shortened("東京タワー東京タワー", Font(Weight::Regular, 10), 40), "東京…");
    }

    #[test]
    fn escapes_what_xml_forbids() {
        assert_eq!(escaped("<a&\"b'>\u{1}\u{FFFF}"), "&lt;a&amp;&quot;b&#39;&gt;\u{FFFD}\u{FFFD}");
        assert_eq!(one_line("a\nb\u{1}c"), "a b c");
    }

    #[test]
    fn says_capacities_briefly() {
        let mbit = |down, up| Capacity::of(Rate::from_mbit(down), Rate::from_mbit(up));
        assert_eq!(short_capacity(mbit(1_000, 1_000)), "1G");
        assert_eq!(short_capacity(mbit(2_500, 940)), "↓2.5G ↑940M");
        assert_eq!(short_capacity(Capacity { down: Limit::NONE, ..mbit(1, 20) }), "↑20M");
        assert_eq!(short_capacity(Capacity::NONE), "");
        assert_eq!(short_rate(Rate::from_bit(59_765_625)), "59.7M");
        assert_eq!(short_rate(Rate::from_bit(999)), "999 bit");
        assert_eq!(counted(1, "site"), "1 site");
        assert_eq!(counted(12_345, "circuit"), "12\u{202F}345 circuits");
    }
}
