//! Where everything of a picture is: an own tidy tree, linear in the number of things drawn.

use super::block::{BLOCK_GAP, Block, CHANNEL, GAP, Packing, Shape, Stance};
use super::card::{Card, ENTRY_HEIGHT};
use super::model::Picture;

/// A tidy tree higher than this, px, about two screens, is packed more closely.
const HIGHEST_TIDY: i64 = 2_000;

/// A rectangle, px.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

impl Rect {
    pub(super) fn right(&self) -> i64 {
        self.left + self.width
    }

    pub(super) fn bottom(&self) -> i64 {
        self.top + self.height
    }
}

/// The line from an item's parent to it: through points, horizontal and vertical in turn.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) item: usize,
    pub(super) points: Vec<(i64, i64)>,
}

/// Positions of all items, and of the lines between cards.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// By item.
    pub(super) rects: Vec<Rect>,
    pub(super) wires: Vec<Wire>,
    pub(super) width: i64,
    pub(super) height: i64,
}

impl Layout {
    pub(super) fn of(picture: &Picture) -> Self {
        let cards = cards(picture);
        let blocks = best_blocks(picture, &cards);
        let mut rects = vec![Rect::default(); picture.items.len()];
        let mut wires = Vec::new();
        let mut origins = vec![(0, 0); picture.items.len()];
        for item in 0..picture.items.len() {
            let (Some(card), Some(block)) = (cards[item], blocks[item]) else { continue };
            let (left, top) = origins[item];
            let rect = Rect { left, top: top + block.card_top, width: card.width, height: card.height };
            rects[item] = rect;
            for (at, &entry) in picture.entries.of(item).iter().enumerate() {
                let (x, y, width) = card.entry(at);
                rects[entry] = Rect { left: left + x, top: rect.top + y, width, height: ENTRY_HEIGHT };
            }
            place_children(picture, &blocks, item, &mut origins, rect, &mut wires);
        }
        let root = blocks[0].expect("invariant: the root has a card");
        Self { rects, wires, width: root.width, height: root.height }
    }
}

/// Cards by item; entries have none.
fn cards(picture: &Picture) -> Vec<Option<Card>> {
    let card = |item: usize| {
        let entries: Vec<_> = picture.entries.of(item).iter().map(|&entry| &picture.items[entry]).collect();
        (!picture.is_entry[item]).then(|| Card::new(&picture.items[item], &entries))
    };
    (0..picture.items.len()).map(card).collect()
}

/// A tidy tree, or the closest packing where that is too high.
fn best_blocks(picture: &Picture, cards: &[Option<Card>]) -> Vec<Option<Block>> {
    let tidy = blocks(picture, cards, Packing::Tidy);
    if tidy[0].is_none_or(|root| root.height <= HIGHEST_TIDY) {
        return tidy;
    }
    let close = Shape::TRIED.map(|shape| blocks(picture, cards, Packing::Close(shape)));
    let cost = |blocks: &Vec<Option<Block>>| blocks[0].map(|root| root.cost(Shape::SCREEN));
    close.into_iter().min_by_key(cost).unwrap_or(tidy)
}

/// Blocks by item, from the leaves up.
fn blocks(picture: &Picture, cards: &[Option<Card>], packing: Packing) -> Vec<Option<Block>> {
    let mut blocks = vec![None; cards.len()];
    for (item, card) in cards.iter().enumerate().rev() {
        blocks[item] = card.map(|card| Block::new(&card, &blocks_of(picture, &blocks, item), packing));
    }
    blocks
}

fn blocks_of(picture: &Picture, blocks: &[Option<Block>], item: usize) -> Vec<Block> {
    let block = |&child: &usize| blocks[child].expect("invariant: a branch has a block, children before parents");
    picture.branches.of(item).iter().map(block).collect()
}

/// Gives the children of `item` their origins and draws the lines to them.
fn place_children(
    picture: &Picture,
    blocks: &[Option<Block>],
    item: usize,
    origins: &mut [(i64, i64)],
    card: Rect,
    wires: &mut Vec<Wire>,
) {
    let Some(block) = blocks[item] else { return };
    let top = origins[item].1;
    let channel = top + block.children_top - CHANNEL / 2;
    let (port, first_left) = match block.stance {
        Stance::Beside => ((card.right(), top + block.port()), card.right() + GAP),
        Stance::Above => ((card.left + GAP / 2, card.bottom()), card.left + GAP),
    };
    let first_trunk = first_left - GAP / 2;
    let child_blocks = blocks_of(picture, blocks, item);
    let mut children = picture.branches.of(item).iter().zip(&child_blocks);
    let mut x = first_left;
    for (number, column) in block.columns(&child_blocks).into_iter().enumerate() {
        let mut y = top + block.children_top;
        for (&child, child_block) in children.by_ref().take(column.len) {
            origins[child] = (x, y);
            let end = (x, y + child_block.port());
            let trunk = x - GAP / 2;
            let mut points = vec![port];
            if block.stance == Stance::Beside {
                points.push((first_trunk, port.1));
            }
            if number > 0 {
                points.extend([(first_trunk, channel), (trunk, channel)]);
            }
            points.extend([(trunk, end.1), end]);
            wires.push(Wire { item: child, points });
            y += child_block.height + BLOCK_GAP;
        }
        x += column.width + GAP;
    }
}
