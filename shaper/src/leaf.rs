//! Which queue a circuit gets, with options as the kernel keeps them.

use pleach_graph::{QueueKind, Rate};
use pleach_tc::{Direction, Leaf, LeafKind, SplitGso};

use crate::hierarchy::Circuit;
use crate::settings::{CircuitSettings, Settings};

/// The queue of a circuit in one direction; none for the queue that HTB gives every class.
pub(crate) fn choose(circuit: &Circuit, direction: Direction, settings: &Settings) -> Option<Leaf> {
    let own = settings.circuits.get(&circuit.circuit_id);
    let plan = circuit.rates[direction].max;
    Some(match kind(own, circuit.queue[direction], plan, settings) {
        LeafKind::Cake => {
            let options = own.and_then(|own| own.cake.as_ref()).unwrap_or(&settings.leaf.cake);
            Leaf::Cake(options.clone()).tuned(plan)
        }
        LeafKind::FqCodel => {
            let options = own.and_then(|own| own.fq_codel.as_ref()).unwrap_or(&settings.leaf.fq_codel);
            Leaf::FqCodel(options.clone()).tuned(plan)
        }
        LeafKind::Sfq => Leaf::Sfq(settings.leaf.sfq).tuned(plan),
        LeafKind::Pfifo => Leaf::Pfifo(settings.leaf.pfifo.clone()),
        LeafKind::None => return None,
    })
}

/// The circuit's own settings, then its `sqm` cell, then its plan, then the default.
fn kind(own: Option<&CircuitSettings>, sqm: QueueKind, plan: Rate, settings: &Settings) -> LeafKind {
    if let Some(kind) = own.and_then(|own| own.kind) {
        return kind;
    }
    match sqm {
        QueueKind::Cake => LeafKind::Cake,
        QueueKind::FqCodel => LeafKind::FqCodel,
        QueueKind::None => LeafKind::None,
        QueueKind::Default => {
            let is_fast = settings.leaf.fq_codel_from.is_some_and(|from| plan >= from);
            match settings.leaf.kind {
                LeafKind::Cake if is_fast => LeafKind::FqCodel,
                kind => kind,
            }
        }
    }
}

/// Whether HTB sees single packets of what passes this leaf, and so can add the link's overhead to each.
pub(crate) fn splits_aggregates(leaf: Option<&Leaf>) -> bool {
    matches!(leaf, Some(Leaf::Cake(cake)) if cake.split_gso == SplitGso::Split)
}
