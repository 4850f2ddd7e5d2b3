//! Puts a plan together from its parts.

use pleach_graph::Problems;
use pleach_tc::KernelState;

use crate::class::Framing;
use crate::frame::{self, Beside};
use crate::hierarchy::Hierarchy;
use crate::ledger::Ledger;
use crate::memory::MemoryEstimate;
use crate::plan::{PlanError, QueuePlan};
use crate::settings::{Host, Rebalance, Settings};
use crate::subjects::Subjects;
use crate::ways::ways;

pub(crate) fn build(
    hierarchy: &Hierarchy,
    settings: &Settings,
    host: &Host,
    ledger: &Ledger,
    _rebalance: Rebalance,
) -> Result<QueuePlan, PlanError> {
    let mut state = KernelState::default();
    let framing = Framing { overhead: settings.overhead, mpu: settings.mpu };
    for way in ways(settings, host)? {
        let interface =
            state.interfaces.entry(way.interface.clone()).or_insert_with(|| frame::roots(way.interface_queues));
        interface.attached = Some(way.port);
        let link = hierarchy.ceiling[way.direction].map_or(100_000_000_000, pleach_graph::Rate::bit);
        let control = (settings.control.rate.bit(), settings.control.ceil.bit());
        for queue in way.queues.clone() {
            let beside = Beside::fit(link, control, (queue == way.default_queue()).then_some(link));
            interface.classes.extend(frame::classes(&way, queue, &beside, framing));
        }
    }
    Ok(QueuePlan {
        state,
        ledger: ledger.clone(),
        subjects: Subjects::default(),
        problems: Problems::default(),
        memory: MemoryEstimate::default(),
    })
}
