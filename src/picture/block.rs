//! The room that a card and all below it take, and how the children's blocks are stacked in it.
//!
//! In a small picture a card stands left of its children's blocks, which stand one below the other: a tidy tree. A large
//! one would be an endless ribbon, so there blocks may stand in several columns, and a card may stand above them. The
//! lines to the second column and later ones run through a channel above the columns; so no line ever crosses a card.

use super::card::{Card, PORT};

/// Between a card and its children, and between columns, px: room for a line's two bends.
pub(super) const GAP: i64 = 40;
/// Between a block and the next below it, px.
pub(super) const BLOCK_GAP: i64 = 14;
/// Above several columns, px: where the lines to the later ones run.
pub(super) const CHANNEL: i64 = 20;
/// A block should be about this many tenths as wide as it is high, as screens are.
const ASPECT_TENTHS: i64 = 15;
/// How many numbers of columns around the estimated one are tried.
const COLUMN_CHOICES: i64 = 3;

/// How closely a picture is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// A tidy tree.
    Tidy,
    /// Columns of blocks, about as wide and high as a screen at every level.
    Close,
}

/// Where a card stands in its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    /// Left of its children.
    Beside,
    /// Above its children, which are indented.
    Above,
}

/// A card with all below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) stance: Stance,
    /// Where in the block its card's top is, px.
    pub(super) card_top: i64,
    /// Where in the block its children's blocks begin, px: below the channel, where there is one.
    pub(super) children_top: i64,
    /// A column is filled up to this height, px.
    limit: i64,
}

/// Blocks stacked one below the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Column {
    pub(super) width: i64,
    pub(super) height: i64,
    /// How many children stand in it.
    pub(super) len: usize,
}

impl Block {
    /// The block of a card whose children have blocks of their own.
    pub(super) fn new(card: &Card, children: &[Self], packing: Packing) -> Self {
        if children.is_empty() {
            let (width, height) = (card.width, card.height);
            return Self { width, height, stance: Stance::Beside, card_top: 0, children_top: 0, limit: 0 };
        }
        let tidy = Self::beside(card, children, i64::MAX);
        if packing == Packing::Tidy {
            return tidy;
        }
        let tallest = children.iter().map(|child| child.height).max().unwrap_or(0);
        let widest = children.iter().map(|child| child.width).max().unwrap_or(0);
        let height = children.iter().map(|child| child.height + BLOCK_GAP).sum::<i64>();
        let estimate = (height * ASPECT_TENTHS / 10 / widest.max(1)).isqrt().max(1);
        let choices = (estimate - COLUMN_CHOICES).max(1)..=estimate + COLUMN_CHOICES;
        let limits = choices.flat_map(|count| {
            let even = (height / count).max(tallest);
            [even, even + tallest / 2]
        });
        let close = limits.flat_map(|limit| [Self::beside(card, children, limit), Self::above(card, children, limit)]);
        std::iter::once(tidy).chain(close).min_by_key(Self::cost).expect("invariant: there is the tidy one")
    }

    /// The side of the smallest screen-shaped area it fits in; the area itself decides between equals.
    fn cost(&self) -> (i64, i64) {
        (self.width.max(self.height * ASPECT_TENTHS / 10), self.width.saturating_mul(self.height))
    }

    fn beside(card: &Card, children: &[Self], limit: i64) -> Self {
        let columns = columns(children, limit);
        let children_top = if columns.len() > 1 { CHANNEL } else { 0 };
        let first_cards = (children[0].card_top, columns[0].height - children[columns[0].len - 1].below());
        let card_top = children_top + i64::midpoint(first_cards.0, first_cards.1);
        Self {
            width: card.width + columns.iter().map(|column| GAP + column.width).sum::<i64>(),
            height: (children_top + tallest(&columns)).max(card_top + card.height),
            stance: Stance::Beside,
            card_top,
            children_top,
            limit,
        }
    }

    fn above(card: &Card, children: &[Self], limit: i64) -> Self {
        let columns = columns(children, limit);
        let children_top = card.height + CHANNEL;
        Self {
            width: columns.iter().map(|column| GAP + column.width).sum::<i64>().max(card.width),
            height: children_top + tallest(&columns),
            stance: Stance::Above,
            card_top: 0,
            children_top,
            limit,
        }
    }

    /// From its card's top down.
    fn below(&self) -> i64 {
        self.height - self.card_top
    }

    /// The columns in which the blocks of its children stand.
    pub(super) fn columns(&self, children: &[Self]) -> Vec<Column> {
        columns(children, self.limit)
    }

    /// Where in the block lines arrive and leave, px from its top.
    pub(super) fn port(&self) -> i64 {
        self.card_top + PORT
    }
}

/// Fills columns in order, each up to `limit` unless a single block is higher.
fn columns(blocks: &[Block], limit: i64) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for block in blocks {
        match columns.last_mut() {
            Some(column) if column.height + BLOCK_GAP + block.height <= limit => {
                column.height += BLOCK_GAP + block.height;
                column.width = column.width.max(block.width);
                column.len += 1;
            }
            _ => columns.push(Column { width: block.width, height: block.height, len: 1 }),
        }
    }
    columns
}

fn tallest(columns: &[Column]) -> i64 {
    columns.iter().map(|column| column.height).max().unwrap_or(0)
}
