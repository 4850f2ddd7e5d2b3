//! Which queue a circuit gets, with options as the kernel keeps them.

use pleach_graph::{QueueKind, Rate};
use pleach_tc::{Cake, Direction, FqCodel, Leaf, Sfq, SplitGso};

use crate::hierarchy::Circuit;
use crate::rtt::{Tuning, as_codel_keeps, tune};
use crate::settings::{CircuitSettings, LeafKind, Settings};

/// The queue of a circuit in one direction; none for the queue that HTB gives every class.
pub(crate) fn choose(circuit: &Circuit, direction: Direction, settings: &Settings) -> Option<Leaf> {
    let own = settings.circuits.get(&circuit.circuit_id);
    let plan = circuit.rates[direction].max;
    Some(match kind(own, circuit.queue[direction], plan, settings) {
        LeafKind::Cake => {
            let options = own.and_then(|own| own.cake.as_ref()).unwrap_or(&settings.leaf.cake);
            Leaf::Cake(tuned_cake(options, plan))
        }
        LeafKind::FqCodel => {
            let options = own.and_then(|own| own.fq_codel.as_ref()).unwrap_or(&settings.leaf.fq_codel);
            Leaf::FqCodel(tuned_fq_codel(options, plan))
        }
        LeafKind::Sfq => Leaf::Sfq(kept_sfq(&settings.leaf.sfq)),
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

/// CAKE keeps whole microseconds. Its own shaper stays off: the class above it shapes.
fn tuned_cake(options: &Cake, plan: Rate) -> Cake {
    let preset = Cake::default();
    let preset = Tuning { rtt: preset.rtt, target: preset.target };
    let tuning = tune(Tuning { rtt: options.rtt, target: options.target }, preset, plan);
    Cake { bandwidth: None, rtt: tuning.rtt, target: tuning.target, ..options.clone() }
}

/// The least and most that `fq_codel_change` takes (`net/sched/sch_fq_codel.c`, 6.12).
fn tuned_fq_codel(options: &FqCodel, plan: Rate) -> FqCodel {
    let preset = FqCodel::default();
    let preset = Tuning { rtt: preset.interval, target: preset.target };
    let tuning = tune(Tuning { rtt: options.interval, target: options.target }, preset, plan);
    FqCodel {
        flows: options.flows.clamp(1, 65_536),
        quantum: options.quantum.max(256),
        drop_batch: options.drop_batch.max(1),
        memory_limit: options.memory_limit.min(1 << 31),
        ce_threshold: options.ce_threshold.map(as_codel_keeps),
        interval: as_codel_keeps(tuning.rtt),
        target: as_codel_keeps(tuning.target),
        ..options.clone()
    }
}

/// What `sfq_change` makes of its options (`net/sched/sch_sfq.c`, 6.12).
fn kept_sfq(options: &Sfq) -> Sfq {
    const MOST_DEPTH: u32 = 127; // SFQ_MAX_DEPTH
    const MOST_FLOWS: u32 = 0x1_0000 - MOST_DEPTH - 1; // SFQ_MAX_FLOWS
    let depth = options.depth.clamp(1, MOST_DEPTH);
    let flows = options.flows.clamp(1, MOST_FLOWS);
    let limit = options.limit.clamp(2, depth * flows);
    let divisor = options.divisor.clamp(1, 65_536).next_power_of_two();
    Sfq { limit, flows: flows.min(limit), depth, divisor, ..options.clone() }
}

/// Whether HTB sees single packets of what passes this leaf, and so can add the link's overhead to each.
pub(crate) fn splits_aggregates(leaf: Option<&Leaf>) -> bool {
    matches!(leaf, Some(Leaf::Cake(cake)) if cake.split_gso == SplitGso::Split)
}
