//! From a network to a decided change: observe, plan, compare.

use std::collections::BTreeMap;
use std::fs;

use pleach_graph::Problem;
use pleach_kernel::{Kernel, KernelError};
use pleach_shaper::{
    HeldMemory, Hierarchy, Host, Ledger, LedgerError, MemoryRefused, PlanError, Ports, QueuePlan, Rebalance, Settings,
    plan,
};
use pleach_tc::{Baseline, ClassifierVersion, Interface, KernelState, Refused, TakeOver, diff};

use super::change::Change;
use crate::state::{Name, StateError, StateFolder};

/// Where Linux says how much memory is available.
const MEMORY: &str = "/proc/meminfo";

/// What an operator allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed {
    /// Whether queues are dealt out afresh.
    pub rebalance: Rebalance,
    /// Whether what is not ours may be removed.
    pub take_over: TakeOver,
}

/// What should be, and what it takes.
#[derive(Debug)]
pub struct Decided {
    /// What the planner says.
    pub planned: QueuePlan,
    /// The change that leads there.
    pub change: Change,
    /// That the ledger of the folder could not be understood, in words.
    pub rebuilt: Option<String>,
}

impl Decided {
    /// What was found while planning, in stable order.
    pub fn problems(&self) -> Vec<Problem> {
        self.planned.problems.clone().into_sorted()
    }
}

/// What should be, and what is.
#[derive(Debug)]
pub struct Compared {
    /// What the planner says.
    pub planned: QueuePlan,
    /// What the kernel holds.
    pub observed: KernelState,
    /// That the ledger of the folder could not be understood, in words.
    pub rebuilt: Option<String>,
}

/// Why nothing could be decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// The state folder cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// A file of the state folder cannot be understood.
    #[error("`{path}` {why}")]
    Ledger {
        /// Which file.
        path: String,
        /// Why.
        why: LedgerError,
    },
    /// What is remembered of the interfaces cannot be understood.
    #[error("`{path}` does not say what interfaces were like")]
    Baseline {
        /// Which file.
        path: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The kernel cannot be asked.
    #[error(transparent)]
    Observe(#[from] KernelError),
    /// There can be no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The queues would take too much memory.
    #[error(transparent)]
    Memory(#[from] MemoryRefused),
    /// Something that is not ours is in the way.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// The interfaces of a shaper.
pub fn interfaces(ports: &Ports) -> Vec<Interface> {
    match ports {
        Ports::Two(sides) => vec![sides.download.clone(), sides.upload.clone()],
        Ports::Stick { interface, .. } => vec![interface.clone()],
    }
}

/// Observes the kernel and decides what to change so that it shapes the network.
pub fn decide(
    kernel: &mut dyn Kernel,
    folder: &StateFolder,
    hierarchy: &Hierarchy,
    settings: &Settings,
    classifier: ClassifierVersion,
    allowed: Allowed,
) -> Result<Decided, DecideError> {
    let interfaces = interfaces(&settings.ports);
    let observed = kernel.observe(&interfaces)?;
    let (ledger, rebuilt) = ledger(folder, &observed)?;
    let host = host(&observed, classifier);
    let planned = plan(hierarchy, settings, &host, &ledger, allowed.rebalance)?;
    planned.memory.check()?;
    let plan = diff(&planned.state, &observed, allowed.take_over)?;
    let mut baseline = baseline(folder)?.unwrap_or_default();
    baseline.learn(&observed);
    let change = Change {
        interfaces,
        desired: planned.state.clone(),
        observed,
        plan,
        ledger: Some(planned.ledger.to_json()),
        is_ledger_rebuilt: rebuilt.is_some(),
        baseline: Some(baseline),
    };
    Ok(Decided { planned, change, rebuilt })
}

/// What the kernel should hold, and what it holds, for verbs that change nothing: nothing that is in the way keeps them.
pub fn decide_only(
    kernel: &mut dyn Kernel,
    folder: &StateFolder,
    hierarchy: &Hierarchy,
    settings: &Settings,
    classifier: ClassifierVersion,
) -> Result<Compared, DecideError> {
    let observed = kernel.observe(&interfaces(&settings.ports))?;
    let (ledger, rebuilt) = ledger(folder, &observed)?;
    let planned = plan(hierarchy, settings, &host(&observed, classifier), &ledger, Rebalance::default())?;
    Ok(Compared { planned, observed, rebuilt })
}

/// Observes the kernel and decides how to remove everything that is ours.
pub fn decide_stop(
    kernel: &mut dyn Kernel,
    folder: &StateFolder,
    interfaces: Vec<Interface>,
) -> Result<Change, DecideError> {
    let observed = kernel.observe(&interfaces)?;
    let desired = baseline(folder)?.unwrap_or_default().stopped(&observed);
    let plan = diff(&desired, &observed, TakeOver::No)?;
    Ok(Change { interfaces, observed, desired, plan, ledger: None, is_ledger_rebuilt: false, baseline: None })
}

/// The ledger of the folder; where it is lost or spoilt, what the kernel's own records of identities give, and in words
/// that it was spoilt. One of a later version is refused: that version knows better.
fn ledger(folder: &StateFolder, observed: &KernelState) -> Result<(Ledger, Option<String>), DecideError> {
    let Some(text) = folder.read(Name::Ledger)? else { return Ok((Ledger::rebuild(observed), None)) };
    let path = folder.file(Name::Ledger).display().to_string();
    match Ledger::from_json(&text) {
        Ok(ledger) => Ok((ledger.completed_from(observed), None)),
        Err(LedgerError::Syntax(error)) => {
            let aside = folder.aside(Name::Ledger);
            let said = format!(
                "`{path}` is not a ledger ({error}): class ids were rebuilt from the kernel; `apply` keeps the old file as `{}`",
                aside.display()
            );
            Ok((Ledger::rebuild(observed), Some(said)))
        }
        Err(why) => Err(DecideError::Ledger { path, why }),
    }
}

fn baseline(folder: &StateFolder) -> Result<Option<Baseline>, DecideError> {
    let Some(text) = folder.read(Name::Baseline)? else { return Ok(None) };
    let path = || folder.file(Name::Baseline).display().to_string();
    serde_json::from_str(&text).map(Some).map_err(|source| DecideError::Baseline { path: path(), source })
}

fn host(observed: &KernelState, classifier: ClassifierVersion) -> Host {
    let queues: BTreeMap<Interface, u16> =
        observed.interfaces.iter().map(|(interface, state)| (interface.clone(), state.queues)).collect();
    let memory = fs::read_to_string(MEMORY).ok().and_then(|text| memory_available(&text));
    Host {
        queues,
        memory_available: memory.unwrap_or(u64::MAX),
        held: HeldMemory::of(observed),
        possible_cpus: pleach_kernel::bpf::possible_cpus().unwrap_or(1),
        classifier,
    }
}

/// `MemAvailable` in bytes.
fn memory_available(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_in_bytes() {
        let text = "MemTotal:       16384 kB\nMemAvailable:    8192 kB\n";
        assert_eq!(memory_available(text), Some(8 << 20));
        assert_eq!(memory_available("MemTotal: 1 kB"), None);
    }
}
