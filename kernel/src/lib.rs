//! The border to the kernel: the only crate with sockets, eBPF and unsafe code.
//!
//! [`Kernel`] is what a shaper asks of a kernel, [`LinkKernel`] what an overlay does. Nothing else of this crate decides anything: what to do was decided before,
//! by the planner and the diff, in the words of `pleach-tc` and of
//! `pleach_overlay::links`.

mod apply;
pub mod bpf;
mod error;
mod faulty;
mod file_user;
mod links;
mod linux;
mod namespace;
pub mod netlink;
mod simulated;

use std::time::Duration;

use pleach_tc::{Handle, Interface, KernelState, Operation, PacketCount, Statistics};

pub use apply::{
    Applied, ApplyError, Bypass, DRAIN_LIMIT, DRAIN_PAUSE, Failure, Left, Persist, RefusedOperation, UNDO_ATTEMPTS,
    UndoFailure, VERIFY_ATTEMPTS, VERIFY_PAUSE, apply, execute, undo, verify,
};
pub use error::KernelError;
pub use faulty::{Fault, Faulty};
pub use file_user::{file_user, touch_files_as};
pub use links::{CommitError, LinkFailure, LinkKernel, LinksLeft, SimulatedLinks, commit, counting};
pub use linux::{Adopted, Attachable, LinkFacts, Linux};
pub use namespace::network_namespace;
pub use simulated::{Routed, Simulated};

/// What a shaper asks of a kernel.
pub trait Kernel {
    /// Reads what hangs in these interfaces, and the classifier that is attached to them.
    ///
    /// From here on, map writes go to the instance that is attached; one that was loaded and not attached is given up.
    fn observe(&mut self, interfaces: &[Interface]) -> Result<KernelState, KernelError>;

    /// Does these operations in order.
    ///
    /// Requests travel in batches, and the kernel goes on after one that it refuses: of the operations behind the first
    /// refused one, some may have been done too. Nothing is sent after the batch with a refusal.
    fn execute(&mut self, operations: &[Operation]) -> Executed;

    /// What is queued in these classes of an interface now, in the order asked for. A class that is not there has nothing queued.
    fn backlog(&mut self, interface: &Interface, classes: &[Handle]) -> Result<Vec<PacketCount>, KernelError>;

    /// Everything counted on these interfaces and by their classifier.
    fn statistics(&mut self, interfaces: &[Interface]) -> Result<Statistics, KernelError>;

    /// Lets time pass.
    fn wait(&mut self, time: Duration);
}

/// How far the kernel came with a list of operations.
#[derive(Debug, Default)]
pub struct Executed {
    /// How many were sent, from the first on. Those behind were not.
    pub sent: usize,
    /// Those that were refused: position in the list, and why. In order.
    pub refused: Vec<(usize, KernelError)>,
}

impl Executed {
    /// Whether all was done of a list of this length.
    pub fn is_complete(&self, length: usize) -> bool {
        self.sent == length && self.refused.is_empty()
    }
}
