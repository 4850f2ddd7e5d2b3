//! Whether a generation may take the place of the one before it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::limits::{GuardLimits, Limits};
use super::tally::{Loss, Tally};
use crate::diff::{Named, Side, pairs};

/// What the guard says of a generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Why it may not take its place: what is true of all circuits, then by source.
    pub refusals: Vec<Refusal>,
}

/// A loss that is too large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Whose circuits: those of this source, as their ids name it; none for all circuits.
    pub source: Option<String>,
    /// What they lose.
    pub loss: Loss,
    /// How many of them.
    pub circuits: usize,
    /// Of how many that are shaped now.
    pub of: usize,
    /// What it exceeds; none where no limit allows it.
    pub limits: Option<GuardLimits>,
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
    Judgement { refusals }
}

impl Refusal {
    /// Whether it is about the same circuits, of as many.
    fn is_as(&self, other: &Self) -> bool {
        (self.loss, self.circuits, self.of) == (other.loss, other.circuits, other.of)
    }
}

/// Every circuit is lost.
fn everything(source: Option<&str>, mut tally: Tally) -> Refusal {
    let lost = tally.lost.remove(&Loss::Vanished).unwrap_or_default();
    Refusal {
        source: source.map(str::to_owned),
        loss: Loss::Everything,
        circuits: tally.before,
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
        let limits = match loss {
            Loss::Everything | Loss::Vanished => limits.vanished,
            Loss::Slowed => limits.slowed,
            Loss::Orphaned => limits.orphaned,
            Loss::Together => limits.together,
        };
        let is_said = loss == Loss::Together && refusals.iter().any(|refusal| refusal.circuits == lost.circuits);
        if limits.are_exceeded(lost.circuits, before) && !is_said {
            refusals.push(Refusal {
                source: source.map(str::to_owned),
                loss,
                circuits: lost.circuits,
                of: before,
                limits: Some(limits),
                first: lost.first,
            });
        }
    }
    refusals
}
