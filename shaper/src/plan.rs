//! The plan: everything that the kernel should hold.

use pleach_graph::{NodeId, Problems};
use pleach_tc::{Interface, KernelState};

use crate::hierarchy::Hierarchy;
use crate::ledger::Ledger;
use crate::memory::MemoryEstimate;
use crate::settings::{Host, Rebalance, Settings};
use crate::subjects::Subjects;

/// What the kernel should hold, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct QueuePlan {
    /// What the kernel should hold.
    pub state: KernelState,
    /// The input of the next plan.
    pub ledger: Ledger,
    /// Whose class each class is.
    pub subjects: Subjects,
    /// What was found.
    pub problems: Problems,
    /// How much kernel memory it takes.
    pub memory: MemoryEstimate,
}

/// Why there can be no plan at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The configured interface is not on this host.
    #[error("there is no interface `{0}` on this host")]
    NoInterface(Interface),
    /// Both directions leave by one interface, and nothing says how they are told apart.
    #[error("`{0}` is named for both directions: give each its own interface, or the VLANs of a shaper on a stick")]
    SameInterface(Interface),
    /// A stick's VLANs are not two numbers from 1 to 4094.
    #[error("the VLANs {0} and {1} are not two different ones from 1 to 4094")]
    Vlans(u16, u16),
    /// The interface has more transmit queues than HTBs are provided for.
    #[error("`{0}` has {1} transmit queues, and {most} can be used: lower them with `ethtool -L`", most = pleach_tc::layout::MOST_QUEUES)]
    TooManyQueues(Interface, u16),
    /// A node stands before its parent.
    #[error("node `{0}` stands before its parent")]
    Order(NodeId),
    /// Two nodes or two circuits have one id.
    #[error("the id `{0}` is used twice")]
    DuplicateId(NodeId),
}

/// Plans what the kernel should hold so that `hierarchy` is shaped as `settings` say.
///
/// Pure, and the same for the same input, in whatever order circuits and nodes of one parent come. Numbers stay as `ledger`
/// has them. What is wrong with single circuits and nodes is in [`QueuePlan::problems`]; errors are what makes any plan
/// impossible.
pub fn plan(
    hierarchy: &Hierarchy,
    settings: &Settings,
    host: &Host,
    ledger: &Ledger,
    rebalance: Rebalance,
) -> Result<QueuePlan, PlanError> {
    crate::build::build(hierarchy, settings, host, ledger, rebalance)
}
