//! Doing what a plan says, step by step.

use std::time::Duration;

use pleach_kernel::Kernel;
use pleach_tc::{Handle, Interface, Phase, Plan};
use serde::Serialize;

use super::Failed;

/// How long a class that gets no more packets may take to send what it holds.
pub const DRAIN: Duration = Duration::from_secs(1);
/// How often it is looked at.
const POLL: Duration = Duration::from_millis(20);

/// What became of the packets of classes that went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drained {
    /// Classes that were waited for.
    pub classes: usize,
    /// Packets that were still there when the time was over: they are dropped with their class.
    pub dropped_packets: u64,
}

/// Does what a plan says, in its order, up to the first refusal.
pub fn carry_out(kernel: &mut dyn Kernel, plan: &Plan) -> Result<Drained, Failed> {
    let mut drained = Drained::default();
    for phase in &plan.phases {
        match phase {
            Phase::Operations(operations) => {
                let executed = kernel.execute(operations);
                let is_complete = executed.is_complete(operations.len());
                if let Some((at, error)) = executed.refused.into_iter().next() {
                    return Err(Failed::Kernel { operation: Box::new(operations[at].clone()), error });
                }
                if !is_complete {
                    return Err(Failed::Unsent { sent: executed.sent, of: operations.len() });
                }
            }
            Phase::Drain(classes) => {
                drained.classes += classes.len();
                drained.dropped_packets += drain(kernel, classes)?;
            }
        }
    }
    Ok(drained)
}

/// Waits until nothing is queued in these classes; says how many packets still are when the time is over.
fn drain(kernel: &mut dyn Kernel, classes: &[(Interface, Handle)]) -> Result<u64, Failed> {
    let mut waited = Duration::ZERO;
    loop {
        let mut packets = 0;
        for group in classes.chunk_by(|a, b| a.0 == b.0) {
            let handles: Vec<Handle> = group.iter().map(|(_, handle)| *handle).collect();
            let backlog = kernel.backlog(&group[0].0, &handles).map_err(Failed::Observe)?;
            packets += backlog.iter().map(|count| count.packets).sum::<u64>();
        }
        if packets == 0 || waited >= DRAIN {
            return Ok(packets);
        }
        kernel.wait(POLL);
        waited += POLL;
    }
}
