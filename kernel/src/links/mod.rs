//! What an overlay asks of a kernel: links, forwarding entries and filters.

mod addresses;
mod commit;
mod counters;
mod execute;
mod observe;
mod qdiscs;
mod release;
mod simulated;

use std::time::Duration;

use pleach_overlay::links::{Found, Operation};

use crate::{Executed, KernelError, Linux};

pub use commit::{CommitError, LinkFailure, LinksLeft, commit};
pub use release::counting;
pub use simulated::SimulatedLinks;

/// What an overlay asks of a kernel.
pub trait LinkKernel {
    /// Reads all interfaces, and what of them is an overlay's.
    fn observe_links(&mut self) -> Result<Found, KernelError>;

    /// Does these operations in order, as [`Kernel::execute`](crate::Kernel::execute) does: in batches, behind whose first
    /// refused operation some may have been done too.
    fn execute_links(&mut self, operations: &[Operation]) -> Executed;

    /// Lets time pass.
    fn pause(&mut self, time: Duration);
}

impl LinkKernel for Linux {
    fn observe_links(&mut self) -> Result<Found, KernelError> {
        observe::observe(self)
    }

    fn execute_links(&mut self, operations: &[Operation]) -> Executed {
        execute::Run::new(self, operations).run()
    }

    fn pause(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}
