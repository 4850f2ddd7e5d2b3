//! Whether a generation may take the place of the one before it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::limits::{Limits, Most};
use super::tally::{Loss, Lost, Tally};
use super::topology::{self, Counted};
use crate::diff::{Named, Side, pairs};

/// What the guard says of a generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Why it may not take its place: what is true of all circuits, then by source; then of nodes and links.
    pub refusals: Vec<Refusal>,
}

/// A loss that is too large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Whose circuits, nodes or links: those of this source, as their ids name it; none for all.
    pub source: Option<String>,
    /// What they lose.
    pub loss: Loss,
    /// How many of them.
    pub lost: usize,
    /// Of how many that are shaped now; of nodes and links, that there are.
    pub of: usize,
    /// What it exceeds; none where no limit allows it.
    pub limits: Option<Most>,
    /// The first few of them, by id.
    pub first: Vec<Named>,
}

impl Judgement {
    /// Whether it may take its place.
    pub fn is_accepted(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// Judges whether `after` may take the place of `before`, which is none the first time.
///
/// Each kind of loss counts apart and all together, in each source and in all of them: what is nothing in a large network
/// may be all that a small source has. A result without a circuit to shape is never accepted.
///
/// Of nodes and links what sources state counts: that a path failed over is no loss, nor are other ids for the same places.
pub fn judge(before: Option<&Side<'_>>, after: &Side<'_>, limits: &Limits) -> Judgement {
    let mut all = Tally::default();
    let mut sources: BTreeMap<&str, Tally> = BTreeMap::new();
    if let Some(before) = before {
        for pair in pairs(before.circuits(), after.circuits(), |circuit| circuit.id) {
            all.add(pair, before, after);
            sources.entry(pair.first().id.source()).or_default().add(pair, before, after);
        }
    } else {
        all.after = after.census.circuits().len();
    }
    if all.after == 0 {
        return Judgement { refusals: vec![everything(None, all)] };
    }
    let of_sources: Vec<Refusal> = sources
        .into_iter()
        .flat_map(|(source, tally)| match tally {
            Tally { before: 1.., after: 0, .. } => vec![everything(Some(source), tally)],
            _ => exceeding(Some(source), tally, limits),
        })
        .collect();
    // Of all circuits nothing is said that is true of one source alone.
    let is_said = |all: &Refusal| of_sources.iter().any(|one| one.is_as(all));
    let mut refusals: Vec<Refusal> = exceeding(None, all, limits).into_iter().filter(|all| !is_said(all)).collect();
    refusals.extend(of_sources);
    if let Some(before) = before {
        refusals.extend(uprooted(
            topology::nodes(before.network, after.network),
            Loss::Uprooted,
            limits.uprooted.into(),
        ));
        refusals.extend(uprooted(
            topology::links(before.network, after.network),
            Loss::Unlinked,
            limits.unlinked.into(),
        ));
    }
    Judgement { refusals }
}

/// The refusals for nodes or for links: of all of them, unless it is true of one source alone, then by source.
fn uprooted(sources: BTreeMap<&str, Counted>, loss: Loss, limits: Most) -> Vec<Refusal> {
    let mut all = Counted::default();
    let mut refusals: Vec<Refusal> = Vec::new();
    for (source, counted) in sources {
        all.add(&counted);
        refusals.extend(exceeded(Some(source), loss, counted.before, counted.lost, limits));
    }
    let of_all = exceeded(None, loss, all.before, all.lost, limits);
    let of_all = of_all.filter(|all| !refusals.iter().any(|one| one.is_as(all)));
    of_all.into_iter().chain(refusals).collect()
}

/// A loss, if it exceeds its limits.
fn exceeded(source: Option<&str>, loss: Loss, of: usize, Lost { count, first }: Lost, limits: Most) -> Option<Refusal> {
    let source = source.map(str::to_owned);
    limits.is_exceeded(count, of).then(|| Refusal { source, loss, lost: count, of, limits: Some(limits), first })
}

impl Refusal {
    /// Whether it is about the same circuits, of as many.
    fn is_as(&self, other: &Self) -> bool {
        (self.loss, self.lost, self.of) == (other.loss, other.lost, other.of)
    }
}

/// Every circuit is lost.
fn everything(source: Option<&str>, mut tally: Tally) -> Refusal {
    let lost = tally.lost.remove(&Loss::Vanished).unwrap_or_default();
    Refusal {
        source: source.map(str::to_owned),
        loss: Loss::Everything,
        lost: tally.before,
        of: tally.before,
        limits: None,
        first: lost.first,
    }
}

/// The losses that exceed their limits. Of all together nothing is said where it is one kind that is said already.
fn exceeding(source: Option<&str>, tally: Tally, limits: &Limits) -> Vec<Refusal> {
    let Tally { before, lost, .. } = tally;
    let mut refusals: Vec<Refusal> = Vec::new();
    for (loss, lost) in lost {
        let limits: Most = match loss {
            Loss::Everything | Loss::Vanished => limits.vanished.into(),
            Loss::Slowed => limits.slowed.into(),
            Loss::Orphaned => limits.orphaned.into(),
            Loss::Together => limits.together.into(),
            Loss::Uprooted => limits.uprooted.into(),
            Loss::Unlinked => limits.unlinked.into(),
        };
        let is_said = loss == Loss::Together && refusals.iter().any(|refusal| refusal.lost == lost.count);
        if !is_said {
            refusals.extend(exceeded(source, loss, before, lost, limits));
        }
    }
    refusals
}
