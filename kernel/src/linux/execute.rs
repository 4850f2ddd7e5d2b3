//! Doing operations: what goes through netlink in batches, everything else between them.

use std::collections::HashMap;
use std::os::fd::AsRawFd;

use pleach_overlay::links::Side;
use pleach_tc::{Interface, MapWrite, Operation, PortIndex};
use rustix::io::Errno;

use super::words::Words;
use super::{Linux, asked_in_vain, observe, refused, sysfs};
use crate::Executed;
use crate::error::KernelError;
use crate::netlink::Batch;
use crate::netlink::filter;
use crate::netlink::request::{
    ADD_CLASS, ADD_QDISC, CHANGE_CLASS, CHANGE_QDISC, DELETE_CLASS, DELETE_FILTER, DELETE_QDISC, REPLACE_FILTER,
    put_class, put_class_handle, put_clsact, put_qdisc, put_qdisc_handle,
};

/// A list of operations being done.
pub(super) struct Run<'a> {
    linux: &'a mut Linux,
    operations: &'a [Operation],
    batch: Batch,
    indices: HashMap<&'a Interface, u32>,
    /// The interface asked for last: nearly always the next one too.
    last: Option<(&'a Interface, u32)>,
    executed: Executed,
}

/// Something was refused, and is in the list of what was: nothing more is sent.
struct Stopped;

impl<'a> Run<'a> {
    pub(super) fn new(linux: &'a mut Linux, operations: &'a [Operation]) -> Self {
        let batch = Batch::default();
        Self { linux, operations, batch, indices: HashMap::new(), last: None, executed: Executed::default() }
    }

    pub(super) fn run(mut self) -> Executed {
        let mut at = 0;
        while at < self.operations.len() {
            match self.one(at) {
                Ok(done) => at += done,
                Err(Stopped) => return self.executed,
            }
        }
        if self.flush(at).is_ok() {
            self.executed.sent = at;
        }
        self.executed
    }

    /// Does the operation at this position, or adds it to the batch; says how many that were.
    fn one(&mut self, at: usize) -> Result<usize, Stopped> {
        let operations = self.operations;
        match &operations[at] {
            Operation::Map(_) => {
                let writes = || operations[at..].iter().map_while(map_write);
                self.flush(at)?;
                let writes: Vec<&MapWrite> = writes().collect();
                self.write(at, &writes)?;
                Ok(writes.len())
            }
            Operation::LoadClassifier { version, sizes } => {
                self.flush(at)?;
                let loaded = self.linux.classifier.load(*version, *sizes);
                self.done(at, loaded)
            }
            Operation::SetXps { interface, queue, cpus } => {
                self.flush(at)?;
                let index = self.index(at, interface)?;
                let set = sysfs::check_namespace(interface, index).and_then(|()| {
                    let failed = |source| KernelError::Io { operation: Words(&operations[at]).to_string(), source };
                    sysfs::set_xps(interface, *queue, cpus).map_err(failed)
                });
                self.done(at, set)
            }
            Operation::Attach { interface, port } => {
                self.flush(at)?;
                let index = self.index(at, interface)?;
                self.check_place(at, interface, index)?;
                self.attach(at, index, *port)
            }
            Operation::Detach { interface } => {
                self.flush(at)?;
                let index = self.index(at, interface)?;
                self.check_place(at, interface, index)?;
                self.batch.push(&mut self.linux.socket, at, DELETE_FILTER, |messages, header| {
                    filter::put_detach(messages, header, index);
                });
                Ok(1)
            }
            operation => {
                if self.batch.is_full(&self.linux.socket) {
                    self.flush(at)?;
                }
                self.push(at, operation)
            }
        }
    }

    /// Adds a change of a qdisc or a class to the batch.
    fn push(&mut self, at: usize, operation: &'a Operation) -> Result<usize, Stopped> {
        let (interface, verb) = match operation {
            Operation::AddQdisc { interface, .. } | Operation::AddClsact { interface } => (interface, ADD_QDISC),
            Operation::ChangeQdisc { interface, .. } => (interface, CHANGE_QDISC),
            Operation::DeleteQdisc { interface, .. } | Operation::DeleteClsact { interface } => {
                (interface, DELETE_QDISC)
            }
            Operation::AddClass { interface, .. } => (interface, ADD_CLASS),
            Operation::ChangeClass { interface, .. } => (interface, CHANGE_CLASS),
            Operation::DeleteClass { interface, .. } => (interface, DELETE_CLASS),
            _ => return Ok(1), // done by `one`
        };
        let index = self.index(at, interface)?;
        self.batch.push(&mut self.linux.socket, at, verb, |messages, header| match operation {
            Operation::AddQdisc { handle, qdisc, .. } | Operation::ChangeQdisc { handle, qdisc, .. } => {
                put_qdisc(messages, header, index, *handle, qdisc);
            }
            Operation::DeleteQdisc { handle, parent, .. } => {
                put_qdisc_handle(messages, header, index, *handle, *parent);
            }
            Operation::AddClass { handle, class, .. } | Operation::ChangeClass { handle, class, .. } => {
                put_class(messages, header, index, *handle, class);
            }
            Operation::DeleteClass { handle, .. } => put_class_handle(messages, header, index, *handle),
            _ => put_clsact(messages, header, index),
        });
        Ok(1)
    }

    /// Sends what is in the batch: everything before position `at`.
    fn flush(&mut self, at: usize) -> Result<(), Stopped> {
        let Some(first) = self.batch.first() else { return Ok(()) };
        let outcome = self.batch.send(&mut self.linux.socket);
        self.executed.sent = at;
        if outcome.is_done() {
            return Ok(());
        }
        for (subject, answer) in outcome.refused {
            let error = refused(Words(&self.operations[subject]).to_string(), answer);
            self.executed.refused.push((subject, error));
        }
        if let Some(error) = outcome.error {
            let operation = format!("{} requests from `{}` on", at - first, Words(&self.operations[first]));
            self.executed.refused.push((first, asked_in_vain(operation, error)));
            self.executed.refused.sort_by_key(|(subject, _)| *subject);
        }
        Err(Stopped)
    }

    fn write(&mut self, at: usize, writes: &[&MapWrite]) -> Result<(), Stopped> {
        match self.linux.classifier.write(writes) {
            Ok(()) => {
                self.executed.sent = at + writes.len();
                Ok(())
            }
            Err((failed, error)) => self.done(at + failed, Err(error)).map(drop),
        }
    }

    /// Puts a loaded program on the interface. Sent at once: its descriptor is good only as long as it is borrowed.
    fn attach(&mut self, at: usize, index: u32, port: PortIndex) -> Result<usize, Stopped> {
        let Linux { socket, classifier, .. } = &mut *self.linux;
        let program = classifier.program(port).map(|program| program.as_raw_fd().cast_unsigned());
        match program {
            Ok(program) => {
                self.batch.push(socket, at, REPLACE_FILTER, |messages, header| {
                    filter::put_attach(messages, header, index, port, program);
                });
                self.flush(at + 1)?;
                Ok(1)
            }
            Err(error) => self.done(at, Err(error)),
        }
    }

    /// Refuses to touch a filter of somebody else's that has our place.
    fn check_place(&mut self, at: usize, interface: &Interface, index: u32) -> Result<(), Stopped> {
        let operation = || Words(&self.operations[at]).to_string();
        let error = match observe::filters(self.linux, interface, index, Side::Egress) {
            Ok(filters) if filters.ours.is_none() && filters.in_our_place > 0 => KernelError::Refused {
                operation: operation(),
                errno: Errno::EXIST.raw_os_error(),
                message: Some("there is a filter of somebody else's under this preference".to_owned()),
            },
            // Without a clsact there are no filters; the kernel's own words about it come with the request.
            Ok(_) | Err(KernelError::Refused { .. }) => return Ok(()),
            Err(error) => error,
        };
        self.done(at, Err(error)).map(drop)
    }

    fn index(&mut self, at: usize, interface: &'a Interface) -> Result<u32, Stopped> {
        if let Some((last, index)) = self.last
            && last == interface
        {
            return Ok(index);
        }
        let index = match self.indices.get(interface) {
            Some(&index) => index,
            None => match self.linux.link(interface) {
                Ok(link) => link.index,
                Err(error) => {
                    self.flush(at)?;
                    return self.done(at, Err(error)).and(Err(Stopped));
                }
            },
        };
        self.indices.insert(interface, index);
        self.last = Some((interface, index));
        Ok(index)
    }

    /// Notes what became of an operation that is done by itself.
    fn done(&mut self, at: usize, result: Result<(), KernelError>) -> Result<usize, Stopped> {
        self.executed.sent = at + 1;
        match result {
            Ok(()) => Ok(1),
            Err(error) => {
                self.executed.refused.push((at, error));
                Err(Stopped)
            }
        }
    }
}

fn map_write(operation: &Operation) -> Option<&MapWrite> {
    if let Operation::Map(write) = operation { Some(write) } else { None }
}
