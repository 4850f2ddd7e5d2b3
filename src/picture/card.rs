//! The size of a card: a name, a line about it, and the entries listed below.

use super::item::{Circuits, Item, Kind, Mark};
use super::text::{Font, Weight, counted, one_line, short_capacity, shortened, width};

/// The font of a card's name.
const NAME: Font = Font(Weight::Bold, 14);
/// The font of the rest: the smallest that reads well on a screen.
pub(super) const SMALL: Font = Font(Weight::Regular, 11);
/// Height of a card without entries, px: two lines of text.
pub(super) const HEADER_HEIGHT: i64 = 42;
/// Below a card's top, where lines arrive and leave, px.
pub(super) const PORT: i64 = HEADER_HEIGHT / 2;
/// Height of an entry, px.
pub(super) const ENTRY_HEIGHT: i64 = 18;
/// From the top of an entry to the next, px.
const ENTRY_PITCH: i64 = ENTRY_HEIGHT + 3;
/// Between columns of entries, and from them to the card's edge, px.
const ENTRY_GAP: i64 = 6;
/// Left of a card's text, px: the coloured edge and the symbol.
pub(super) const TEXT_LEFT: i64 = 30;
/// Right of a card's text, px.
const TEXT_RIGHT: i64 = 10;
/// Left of an entry's name, px.
pub(super) const ENTRY_TEXT_LEFT: i64 = 14;
/// Room for the mark of a problem, px.
pub(super) const MARK_ROOM: i64 = 20;
/// Names wider than this are cut, px; the whole name is in the tooltip.
const WIDEST_NAME: i64 = 240;
const WIDEST_ENTRY_NAME: i64 = 150;
/// A card is as wide as this at least, px, so that neighbours look alike.
const NARROWEST: i64 = 130;

/// A card's size, and how its entries are laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card {
    pub(super) width: i64,
    pub(super) height: i64,
    entry_width: i64,
    entry_rows: usize,
}

impl Card {
    /// The card of `item` with these entries.
    pub(super) fn new(item: &Item, entries: &[&Item]) -> Self {
        let text = width(&name(item), NAME) + mark_room(item);
        let text = text.max(width(&about(item), SMALL));
        let narrowest = (TEXT_LEFT + text + TEXT_RIGHT).max(NARROWEST);
        if entries.is_empty() {
            return Self { width: narrowest, height: HEADER_HEIGHT, entry_width: 0, entry_rows: 1 };
        }
        let entry_width = entries.iter().map(|entry| entry_width(entry)).max().unwrap_or(0);
        let rows = entries.len().div_ceil(entry_columns(entries.len(), entry_width));
        let columns = pixels(entries.len().div_ceil(rows)); // fewer than wanted, where the last would stay empty
        let entry_width = entry_width.max((narrowest - ENTRY_GAP) / columns - ENTRY_GAP);
        let grid = ENTRY_GAP + columns * (entry_width + ENTRY_GAP);
        Self {
            width: grid.max(narrowest),
            height: HEADER_HEIGHT + pixels(rows) * ENTRY_PITCH + ENTRY_GAP + ENTRY_HEIGHT - ENTRY_PITCH,
            entry_width,
            entry_rows: rows,
        }
    }

    /// Where entry number `at` is: left and top on the card, and its width.
    pub(super) fn entry(&self, at: usize) -> (i64, i64, i64) {
        let (column, row) = (at / self.entry_rows, at % self.entry_rows);
        let left = ENTRY_GAP + pixels(column) * (self.entry_width + ENTRY_GAP);
        (left, HEADER_HEIGHT + pixels(row) * ENTRY_PITCH, self.entry_width)
    }
}

fn pixels(count: usize) -> i64 {
    i64::try_from(count).expect("invariant: what is counted is in memory")
}

/// So many columns that many entries make a wide card, and few stay one below the other.
fn entry_columns(entries: usize, entry_width: i64) -> usize {
    const SHAPE: i64 = 6; // what gives eight access points two columns
    let area = pixels(entries) * ENTRY_PITCH * SHAPE;
    usize::try_from((area / entry_width.max(1)).isqrt()).unwrap_or(1).max(1)
}

fn entry_width(entry: &Item) -> i64 {
    let about = width(&entry_about(entry), SMALL);
    ENTRY_TEXT_LEFT + width(&entry_name(entry), SMALL) + mark_room(entry) + ENTRY_GAP + about + ENTRY_GAP
}

fn mark_room(item: &Item) -> i64 {
    match item.mark {
        Some(Mark::Error | Mark::Warning) => MARK_ROOM,
        None => 0,
    }
}

/// The name on a card.
pub(super) fn name(item: &Item) -> String {
    shortened(&one_line(&item.name), NAME, WIDEST_NAME).into_owned()
}

/// The line below the name: `site · ↓1G ↑200M · 12 circuits`.
pub(super) fn about(item: &Item) -> String {
    let kind =
        if item.parent.is_none() { format!("root · {}", item.kind.name()) } else { item.kind.name().to_owned() };
    let Circuits { own, total } = item.circuits;
    let circuits = match (own, total) {
        (0, 0) => String::new(),
        (own, total) if own == 0 || own == total => counted(total, "circuit"),
        (own, total) => format!("{}, {own} here", counted(total, "circuit")),
    };
    let parts = [kind, short_capacity(item.ceiling), circuits];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The name of an entry.
pub(super) fn entry_name(entry: &Item) -> String {
    shortened(&one_line(&entry.name), SMALL, WIDEST_ENTRY_NAME).into_owned()
}

/// At the right of an entry: its ceiling and how many circuits it has.
pub(super) fn entry_about(entry: &Item) -> String {
    let ceiling = short_capacity(entry.ceiling);
    match (entry.kind, ceiling.is_empty()) {
        (Kind::Client | Kind::Virt, _) => ceiling,
        (_, true) => entry.circuits.total.to_string(),
        (_, false) => format!("{ceiling} · {}", entry.circuits.total),
    }
}
