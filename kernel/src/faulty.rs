//! A kernel that fails when it is told to, around any other.

use std::time::Duration;

use pleach_overlay::links;
use pleach_tc::{Handle, Interface, KernelState, Operation, PacketCount, Statistics};

use crate::simulated::refusal;
use crate::{Executed, Kernel, KernelError, LinkKernel};

const EIO: i32 = 5;

/// What goes wrong, counted in operations from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This operation is refused with this error number; those behind it in its batch are done.
    Refuse {
        /// Which.
        at: usize,
        /// With what.
        errno: i32,
    },
    /// This operation and every one after it is refused.
    RefuseFrom {
        /// From which on.
        at: usize,
        /// With what.
        errno: i32,
    },
    /// Whoever executes dies before this operation: nothing more is done or answered.
    Die {
        /// Which.
        at: usize,
    },
}

/// A kernel that fails when it is told to.
#[derive(Debug)]
pub struct Faulty<K> {
    inner: K,
    fault: Fault,
    batch: usize,
    done: usize,
    is_dead: bool,
}

impl<K> Faulty<K> {
    /// Wraps a kernel; requests travel in batches of this size.
    pub fn new(inner: K, fault: Fault, batch: usize) -> Self {
        Self { inner, fault, batch: batch.max(1), done: 0, is_dead: false }
    }

    /// The kernel inside.
    pub fn into_inner(self) -> K {
        self.inner
    }

    /// Whether the executor died.
    pub fn is_dead(&self) -> bool {
        self.is_dead
    }

    /// Whether the fault has struck.
    pub fn has_struck(&self) -> bool {
        let (Fault::Refuse { at, .. } | Fault::RefuseFrom { at, .. } | Fault::Die { at }) = self.fault;
        self.done > at || self.is_dead
    }

    fn refused(&self, at: usize) -> Option<i32> {
        match self.fault {
            Fault::Refuse { at: wrong, errno } if wrong == at => Some(errno),
            Fault::RefuseFrom { at: first, errno } if at >= first => Some(errno),
            _ => None,
        }
    }

    /// Does operations as the kernel inside does one of them, until the fault strikes.
    fn run<O: std::fmt::Debug>(
        &mut self,
        operations: &[O],
        mut one: impl FnMut(&mut K, &O) -> Option<KernelError>,
    ) -> Executed {
        let mut executed = Executed::default();
        for batch in operations.chunks(self.batch) {
            for operation in batch {
                self.is_dead |= self.fault == Fault::Die { at: self.done };
                if let Err(error) = self.dead() {
                    executed.refused.push((executed.sent, error));
                    return executed;
                }
                let error = match self.refused(self.done) {
                    Some(errno) => Some(refusal(operation, errno)),
                    None => one(&mut self.inner, operation),
                };
                self.done += 1;
                executed.refused.extend(error.map(|error| (executed.sent, error)));
                executed.sent += 1;
            }
            if !executed.refused.is_empty() {
                break;
            }
        }
        executed
    }

    fn dead(&self) -> Result<(), KernelError> {
        let operation = "asking after the end".to_owned();
        let source = std::io::Error::from_raw_os_error(EIO);
        if self.is_dead { Err(KernelError::Io { operation, source }) } else { Ok(()) }
    }
}

impl<K: Kernel> Kernel for Faulty<K> {
    fn observe(&mut self, interfaces: &[Interface]) -> Result<KernelState, KernelError> {
        self.dead()?;
        self.inner.observe(interfaces)
    }

    fn execute(&mut self, operations: &[Operation]) -> Executed {
        self.run(operations, |kernel, operation| {
            kernel.execute(std::slice::from_ref(operation)).refused.pop().map(|(_, error)| error)
        })
    }

    fn backlog(&mut self, interface: &Interface, classes: &[Handle]) -> Result<Vec<PacketCount>, KernelError> {
        self.dead()?;
        self.inner.backlog(interface, classes)
    }

    fn statistics(&mut self, interfaces: &[Interface]) -> Result<Statistics, KernelError> {
        self.dead()?;
        self.inner.statistics(interfaces)
    }

    fn wait(&mut self, time: Duration) {
        self.inner.wait(time);
    }
}

impl<K: LinkKernel> LinkKernel for Faulty<K> {
    fn observe_links(&mut self) -> Result<links::Found, KernelError> {
        self.dead()?;
        self.inner.observe_links()
    }

    fn execute_links(&mut self, operations: &[links::Operation]) -> Executed {
        self.run(operations, |kernel, operation| {
            kernel.execute_links(std::slice::from_ref(operation)).refused.pop().map(|(_, error)| error)
        })
    }

    fn pause(&mut self, time: Duration) {
        self.inner.pause(time);
    }
}
