//! Doing a plan: record, execute, drain, verify, and take it all back when something fails.
//!
//! ```text
//! record ─► phases ─► verify ─► done
//!              │         │
//!              └─ fails ─┴─► undo: observe, target, diff, phases, verify ─► undone
//!                                   └─ fails ─► bypass, and a report of what is left
//! ```

mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::Duration;

use pleach_tc::{
    Handle, Interface, KernelState, MapWrite, Operation, PacketCount, Phase, Plan, Port, PortMode, Refused, TakeOver,
    UndoRecord, compare, diff,
};

use crate::{Executed, Kernel, KernelError};

pub use error::{ApplyError, Bypass, Failure, RefusedOperation, UndoFailure};

/// The longest that a drain waits for classes to be empty; what is left then is dropped, counted and reported.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(1);
/// How long a drain waits between two looks.
pub const DRAIN_PAUSE: Duration = Duration::from_millis(10);
/// How often what was done is read back before it counts as different.
pub const VERIFY_ATTEMPTS: usize = 3;
/// How long verifying waits before it reads again.
pub const VERIFY_PAUSE: Duration = Duration::from_millis(100);
/// How often undoing is tried: what is refused once, for want of memory perhaps, may be granted later.
pub const UNDO_ATTEMPTS: usize = 3;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many operations.
    pub operations: usize,
    /// What was still queued in a class when its drain ended; it was dropped with the class.
    pub left: Vec<Left>,
    /// How long drains took altogether, as asked of [`Kernel::wait`].
    pub drained: Duration,
}

/// What was still queued in a class when its drain ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where.
    pub interface: Interface,
    /// In which class.
    pub class: Handle,
    /// What.
    pub backlog: PacketCount,
}

/// Writes a record down; gives the one to go back by.
pub type Persist<'p> = dyn FnMut(UndoRecord) -> Result<UndoRecord, Box<dyn Error + Send + Sync>> + 'p;

/// Does `plan`, which leads from `observed` to `desired`.
///
/// `persist` is called once, before the first write, with what is needed to take this plan back; if it fails, nothing is
/// done. It answers with the record to go back by: the same, or, where an earlier plan was cut short, the same behind that
/// one's ([`UndoRecord::behind`]), so that a failure leads back to before both. It is not called for an empty plan.
pub fn apply(
    kernel: &mut dyn Kernel,
    plan: &Plan,
    desired: &KernelState,
    observed: &KernelState,
    persist: &mut Persist<'_>,
) -> Result<Applied, ApplyError> {
    let mut record = UndoRecord::of(plan, observed);
    if !plan.is_empty() {
        record = persist(record).map_err(ApplyError::NotRecorded)?;
    }
    match execute(kernel, plan).and_then(|applied| verify(kernel, desired).map(|()| applied)) {
        Ok(applied) => Ok(applied),
        Err(failure) => Err(take_back(kernel, &record, observed, failure)),
    }
}

/// Takes back what a record tells of, however far it came. Doing so twice does nothing the second time.
///
/// An interface that is gone took everything with it: it is left out.
pub fn undo(
    kernel: &mut dyn Kernel,
    record: &UndoRecord,
    interfaces: &[Interface],
) -> Result<Applied, Box<UndoFailure>> {
    let (record, interfaces) = present(kernel, record, interfaces);
    let undone = persevere(UNDO_ATTEMPTS, |before| {
        pause(kernel, before);
        undo_once(kernel, &record, &interfaces)
    });
    undone.map_err(|failure| Box::new(bypass(kernel, &record, &interfaces, failure)))
}

/// Waits, unless nothing was tried before.
fn pause(kernel: &mut dyn Kernel, before: usize) {
    if before > 0 {
        kernel.wait(VERIFY_PAUSE);
    }
}

/// Tries something a few times, and ends with what comes of the last time. It is told how often it was tried before.
pub(crate) fn persevere<T, E>(attempts: usize, mut attempt: impl FnMut(usize) -> Result<T, E>) -> Result<T, E> {
    for before in 0..attempts - 1 {
        if let Ok(done) = attempt(before) {
            return Ok(done);
        }
    }
    attempt(attempts - 1)
}

/// The interfaces that are there, and the record of those.
fn present(kernel: &mut dyn Kernel, record: &UndoRecord, interfaces: &[Interface]) -> (UndoRecord, Vec<Interface>) {
    let (mut record, mut interfaces) = (record.clone(), interfaces.to_vec());
    while let Err(KernelError::NoInterface(gone)) = kernel.observe(&interfaces) {
        interfaces.retain(|interface| *interface != gone);
        record = record.without(&gone);
    }
    (record, interfaces)
}

fn undo_once(kernel: &mut dyn Kernel, record: &UndoRecord, interfaces: &[Interface]) -> Result<Applied, Failure> {
    let now = kernel.observe(interfaces).map_err(Failure::Kernel)?;
    let target = record.target(&now);
    let plan = diff(&target, &now, TakeOver::No).map_err(|Refused(foreign)| Failure::Foreign(foreign))?;
    let applied = execute(kernel, &plan)?;
    verify(kernel, &target)?;
    Ok(applied)
}

/// The last resort: traffic passes unshaped rather than through half a tree.
fn bypass(kernel: &mut dyn Kernel, record: &UndoRecord, interfaces: &[Interface], failure: Failure) -> UndoFailure {
    let now = match kernel.observe(interfaces) {
        Ok(now) => now,
        Err(error) => return UndoFailure { failure, left: None, bypass: Bypass::Failed(error) },
    };
    let ports = now.classifier.iter().flat_map(|classifier| &classifier.ports);
    let shaped = ports.filter(|(_, port)| port.mode == PortMode::Shape);
    let operations: Vec<Operation> = shaped
        .map(|(&index, &port)| {
            Operation::Map(MapWrite::SetPort { index, port: Port { mode: PortMode::Bypass, ..port } })
        })
        .collect();
    let mut executed = kernel.execute(&operations);
    let bypass = match executed.refused.pop() {
        Some((_, error)) => Bypass::Failed(error),
        None => Bypass::Done,
    };
    let now = kernel.observe(interfaces).unwrap_or(now);
    UndoFailure { failure, left: Some(compare(&record.target(&now), &now)), bypass }
}

fn take_back(kernel: &mut dyn Kernel, record: &UndoRecord, before: &KernelState, failure: Failure) -> ApplyError {
    let interfaces: BTreeSet<Interface> = before.interfaces.keys().chain(record.interfaces.keys()).cloned().collect();
    let interfaces: Vec<Interface> = interfaces.into_iter().collect();
    match undo(kernel, record, &interfaces) {
        Ok(applied) => {
            let lost = kernel.observe(&interfaces).map_or_else(|_| Vec::new(), |now| record.lost(&now));
            if applied.operations == 0 && lost.is_empty() {
                return ApplyError::Unchanged(failure);
            }
            ApplyError::Undone { failure, applied: Box::new(applied), lost }
        }
        Err(undo) => ApplyError::UndoIncomplete { failure, undo },
    }
}

/// Does the phases of a plan in order; stops at the first that is not wholly done.
pub fn execute(kernel: &mut dyn Kernel, plan: &Plan) -> Result<Applied, Failure> {
    let mut applied = Applied::default();
    for phase in &plan.phases {
        match phase {
            Phase::Operations(operations) => {
                applied.operations += all_done(operations, kernel.execute(operations)).map_err(Failure::Refused)?;
            }
            Phase::Drain(classes) => {
                let (left, time) = drain(kernel, classes)?;
                applied.left.extend(left);
                applied.drained += time;
            }
        }
    }
    Ok(applied)
}

/// How many operations were done, if all were; else those that were refused.
pub(crate) fn all_done<O: Clone>(operations: &[O], executed: Executed) -> Result<usize, Vec<RefusedOperation<O>>> {
    if executed.is_complete(operations.len()) {
        return Ok(executed.sent);
    }
    let refused = executed.refused.into_iter();
    Err(refused.map(|(at, error)| RefusedOperation { operation: operations[at].clone(), error }).collect())
}

/// Waits until nothing is queued in these classes, at most [`DRAIN_LIMIT`].
fn drain(kernel: &mut dyn Kernel, classes: &[(Interface, Handle)]) -> Result<(Vec<Left>, Duration), Failure> {
    let mut waiting: BTreeMap<&Interface, Vec<Handle>> = BTreeMap::new();
    for (interface, class) in classes {
        waiting.entry(interface).or_default().push(*class);
    }
    // A packet that was classified just before the map was switched may not be in its queue yet.
    kernel.wait(DRAIN_PAUSE);
    let mut waited = DRAIN_PAUSE;
    loop {
        let mut left = Vec::new();
        for (&interface, classes) in &mut waiting {
            let backlogs = kernel.backlog(interface, classes).map_err(Failure::Kernel)?;
            let full = classes.iter().zip(backlogs).filter(|(_, backlog)| backlog.packets > 0);
            let full = full.map(|(&class, backlog)| Left { interface: interface.clone(), class, backlog });
            let before = left.len();
            left.extend(full);
            *classes = left[before..].iter().map(|left| left.class).collect();
        }
        waiting.retain(|_, classes| !classes.is_empty());
        if left.is_empty() || waited >= DRAIN_LIMIT {
            return Ok((left, waited));
        }
        kernel.wait(DRAIN_PAUSE);
        waited += DRAIN_PAUSE;
    }
}

/// Reads back and compares, a few times: what another process changes meanwhile may settle.
pub fn verify(kernel: &mut dyn Kernel, desired: &KernelState) -> Result<(), Failure> {
    let interfaces: Vec<Interface> = desired.interfaces.keys().cloned().collect();
    persevere(VERIFY_ATTEMPTS, |before| {
        pause(kernel, before);
        let found = kernel.observe(&interfaces).map_err(Failure::Kernel)?;
        let differences = compare(desired, &found);
        if differences.is_empty() { Ok(()) } else { Err(Failure::Different(differences)) }
    })
}
