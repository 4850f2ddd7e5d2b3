//! The kernel that this program runs on.

mod attachable;
mod ethtool;
mod execute;
mod facts;
mod instance;
mod observe;
mod statistics;
mod sysfs;
mod words;

use std::collections::HashMap;
use std::time::Duration;

use pleach_tc::{Handle, Interface, KernelState, Operation, PacketCount, Statistics};

use crate::error::KernelError;
use crate::netlink::constants::RTM_GETLINK;
use crate::netlink::link::{self, Link};
use crate::netlink::refusal::Answer;
use crate::netlink::{RouteSocket, SocketError};
use crate::{Executed, Kernel};

pub use attachable::{Adopted, Attachable};
pub use facts::LinkFacts;

/// The kernel that this program runs on, in the network namespace that the thread was in when it opened this.
pub struct Linux {
    pub(crate) socket: RouteSocket,
    /// The numbers of interfaces as they were observed last; whoever uses them takes them.
    pub(crate) observed_numbers: HashMap<Interface, u32>,
    classifier: Box<dyn Attachable>,
}

impl Linux {
    /// Opens the border to the kernel.
    pub fn open() -> Result<Self, KernelError> {
        let failed = |source| KernelError::Io { operation: "opening a socket".to_owned(), source };
        let classifier = Box::new(instance::Instance::new().map_err(failed)?);
        let socket = RouteSocket::open().map_err(failed)?;
        Ok(Self { socket, observed_numbers: HashMap::new(), classifier })
    }

    /// The same with another program to attach than the classifier of this one.
    #[must_use]
    pub fn attaching(self, classifier: Box<dyn Attachable>) -> Self {
        Self { classifier, ..self }
    }

    pub(crate) fn link(&mut self, interface: &Interface) -> Result<Link, KernelError> {
        let mut found = None;
        let asked = self.socket.get(
            RTM_GETLINK,
            |messages, header| link::put_get(messages, header, interface.as_str()),
            |payload| found = found.or(link::parse(payload).map(|message| message.link)),
        );
        match (asked, found) {
            (Ok(()), Some(link)) => Ok(link),
            (Ok(()), None) => Err(KernelError::Malformed {
                operation: format!("ip link show dev {interface}"),
                what: "no interface in it".to_owned(),
            }),
            (Err(SocketError::Refused(Answer::Refused { errno, .. })), _) if errno == NO_DEVICE => {
                Err(KernelError::NoInterface(interface.clone()))
            }
            (Err(error), _) => Err(asked_in_vain(format!("ip link show dev {interface}"), error)),
        }
    }
}

const NO_DEVICE: i32 = rustix::io::Errno::NODEV.raw_os_error();

pub(crate) fn asked_in_vain(operation: String, error: SocketError) -> KernelError {
    match error {
        SocketError::Refused(answer) => refused(operation, answer),
        SocketError::Io(source) => KernelError::Io { operation, source },
        SocketError::AnswersLost => KernelError::Io { operation, source: rustix::io::Errno::NOBUFS.into() },
    }
}

pub(crate) fn refused(operation: String, answer: Answer) -> KernelError {
    match answer {
        Answer::Refused { errno, message } => KernelError::Refused { operation, errno, message },
        Answer::Done => KernelError::Malformed { operation, what: "an acknowledgement before the end".to_owned() },
    }
}

impl Kernel for Linux {
    fn observe(&mut self, interfaces: &[Interface]) -> Result<KernelState, KernelError> {
        observe::observe(self, interfaces)
    }

    fn execute(&mut self, operations: &[Operation]) -> Executed {
        execute::Run::new(self, operations).run()
    }

    fn backlog(&mut self, interface: &Interface, classes: &[Handle]) -> Result<Vec<PacketCount>, KernelError> {
        statistics::backlog(self, interface, classes)
    }

    fn statistics(&mut self, interfaces: &[Interface]) -> Result<Statistics, KernelError> {
        statistics::statistics(self, interfaces)
    }

    fn wait(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}
