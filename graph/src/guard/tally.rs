//! What the circuits of a source lose, counted.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::census::{Fate, ShapedRate};
use crate::diff::{Named, Pair, Reach, Side, SideCircuit};

/// How many circuits of a kind are named.
const NAMED: usize = 5; // as many as of a group of problems

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Every circuit that was shaped.
    Everything,
    /// Circuits: they would no longer be shaped.
    Vanished,
    /// Over half of the maximum rate, in one direction at least.
    Slowed,
    /// The path to the root: they would hang from the orphans.
    Orphaned,
    /// One of these three, each circuit counted once.
    Together,
    /// The node: it would vanish; or the one that it is stated to hang from.
    Uprooted,
    /// Links: they would vanish.
    Unlinked,
}

/// What is lost in a source, or in all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Circuits that were shaped.
    pub(super) before: usize,
    /// Circuits that would be.
    pub(super) after: usize,
    pub(super) lost: BTreeMap<Loss, Lost>,
}

/// What loses something: circuits, nodes or links.
#[derive(Debug, Default)]
pub(super) struct Lost {
    pub(super) count: usize,
    /// The first of them, by id.
    pub(super) first: Vec<Named>,
}

impl Lost {
    pub(super) fn add(&mut self, name: impl FnOnce() -> Named) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(name());
        }
    }
}

impl Tally {
    /// Counts a circuit.
    pub(super) fn add(&mut self, pair: Pair<'_, SideCircuit<'_>>, before: &Side<'_>, after: &Side<'_>) {
        let (old, new) = match pair {
            Pair::Before(old) => (Some(old), None),
            Pair::After(new) => (None, Some(new)),
            Pair::Both(old, new) => (Some(old), Some(new)),
        };
        let is_shaped = |circuit: &&SideCircuit<'_>| circuit.fate == Fate::Shaped;
        self.after += usize::from(new.is_some_and(|new| is_shaped(&new)));
        let Some(old) = old.filter(is_shaped) else { return };
        self.before += 1;
        let name = || new.map_or_else(|| before.named(old), |new| Side::newer_name((before, old), (after, new)));
        match new.filter(is_shaped) {
            None => self.lose(&[Loss::Vanished], name),
            Some(new) => self.lose(&losses(old, new, before, after), name),
        }
    }

    fn lose(&mut self, losses: &[Loss], name: impl Fn() -> Named) {
        let all = losses.iter().copied().chain((!losses.is_empty()).then_some(Loss::Together));
        for loss in all {
            self.lost.entry(loss).or_default().add(&name);
        }
    }
}

/// What a circuit loses that is shaped on both sides.
fn losses(old: &SideCircuit<'_>, new: &SideCircuit<'_>, before: &Side<'_>, after: &Side<'_>) -> Vec<Loss> {
    let (Some(old), Some(new)) = (old.place, new.place) else { return Vec::new() };
    let mut losses = Vec::new();
    if let (Some(old), Some(new)) = (before.shaped(old), after.shaped(new)) {
        let is_slowed = |old: ShapedRate, new: ShapedRate| u128::from(new.max.bit()) * 2 < u128::from(old.max.bit());
        if is_slowed(old.down, new.down) || is_slowed(old.up, new.up) {
            losses.push(Loss::Slowed);
        }
    }
    if (before.reach(old), after.reach(new)) == (Reach::Placed, Reach::Orphaned) {
        losses.push(Loss::Orphaned);
    }
    losses
}
