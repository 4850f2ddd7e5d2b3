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
/// For up to so many children every way to fill columns is tried: the number of ways grows with the square.
const MOST_TRIED: usize = 12;
/// For more children, how many numbers of columns around the estimated one are tried.
const COLUMN_CHOICES: i64 = 3;

/// How a picture is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// A tidy tree.
    Tidy,
    /// Columns of blocks, each block of about this shape.
    Close(Shape),
}

/// How wide a block may be: so many tenths of its height; and it should not be narrower than half of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape(i128);

impl Shape {
    /// Of a screen.
    pub(super) const SCREEN: Self = Self(20);
    /// Shapes that the blocks within a picture are tried with: which one leaves the least room empty depends on the tree.
    pub(super) const TRIED: [Self; 6] = [Self(10), Self(13), Self(16), Self::SCREEN, Self(25), Self(32)];
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
        let Packing::Close(shape) = packing else { return tidy };
        let close = limits(children)
            .flat_map(|limit| [Self::beside(card, children, limit), Self::above(card, children, limit)]);
        std::iter::once(tidy)
            .chain(close)
            .min_by_key(|block| block.cost(shape))
            .expect("invariant: there is the tidy one")
    }

    /// Its area; more than that where its shape is another one.
    pub(super) fn cost(&self, shape: Shape) -> i128 {
        let (width, height) = (i128::from(self.width), i128::from(self.height));
        let too_wide = width * 1_000 / (height * shape.0);
        let too_high = height * shape.0 * 5 / width;
        let misfit = too_wide.max(too_high).max(100);
        width * height * misfit * misfit
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

/// The heights to try to fill columns to.
fn limits(blocks: &[Block]) -> impl Iterator<Item = i64> {
    let mut limits = Vec::new();
    if blocks.len() <= MOST_TRIED {
        for first in 0..blocks.len() {
            let mut height = -BLOCK_GAP;
            for block in &blocks[first..] {
                height += BLOCK_GAP + block.height;
                limits.push(height);
            }
        }
    } else {
        let tallest = blocks.iter().map(|block| block.height).max().unwrap_or(0);
        let widest = blocks.iter().map(|block| block.width).max().unwrap_or(0);
        let height = blocks.iter().map(|block| block.height + BLOCK_GAP).sum::<i64>();
        let estimate = (height / widest.max(1)).isqrt().max(1);
        for columns in (estimate - COLUMN_CHOICES).max(1)..=estimate + COLUMN_CHOICES {
            let even = (height / columns).max(tallest);
            limits.extend([even, even + tallest / 2]);
        }
    }
    limits.sort_unstable();
    limits.dedup();
    limits.into_iter()
}

fn tallest(columns: &[Column]) -> i64 {
    columns.iter().map(|column| column.height).max().unwrap_or(0)
}
