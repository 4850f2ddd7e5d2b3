//! The classifier of this program: the instance that was loaded last, or that was found attached.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use pleach_tc::{ClassifierVersion, Interface, MapSizes, MapWrite, PortIndex, Statistics};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, netdevice, socket};

use super::{Adopted, Attachable};
use crate::bpf::{Classifier, embedded_version};
use crate::error::KernelError;
use crate::netlink::filter::AttachedProgram;

/// The classifier of this program.
pub(super) struct Instance {
    /// Any socket of the network namespace: it knows the interfaces' numbers.
    names: OwnedFd,
    current: Option<Classifier>,
    /// Whether identities of interfaces that are gone were seen; the next write removes them.
    has_gone: Cell<bool>,
}

impl Instance {
    pub(super) fn new() -> io::Result<Self> {
        let names = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
        Ok(Self { names, current: None, has_gone: Cell::new(false) })
    }

    fn current(&self, what: &str) -> Result<&Classifier, KernelError> {
        self.current.as_ref().ok_or_else(|| KernelError::Refused {
            operation: what.to_owned(),
            errno: Errno::NOENT.raw_os_error(),
            message: Some("no classifier was loaded, and none is attached".to_owned()),
        })
    }
}

impl Attachable for Instance {
    fn load(&mut self, version: ClassifierVersion, sizes: MapSizes) -> Result<(), KernelError> {
        let embedded = embedded_version();
        if version != embedded {
            return Err(KernelError::Malformed {
                operation: "loading the classifier".to_owned(),
                what: format!("version {:02x?} is asked for, and this program has {:02x?}", version.0, embedded.0),
            });
        }
        self.current = Some(Classifier::load(sizes)?);
        Ok(())
    }

    fn program(&mut self, port: PortIndex) -> Result<BorrowedFd<'_>, KernelError> {
        self.current("attaching the classifier")?.program_fd(port)
    }

    fn observe(&mut self, attached: &BTreeMap<Interface, AttachedProgram>) -> Result<Option<Adopted>, KernelError> {
        self.current = None;
        let mut interfaces = BTreeSet::new();
        for (interface, program) in attached {
            let Some((classifier, port)) = Classifier::from_program_id(program.program)? else { continue };
            match &self.current {
                None => self.current = Some(classifier),
                Some(current) if current.is_same_instance(&classifier)? => current.adopt_program(classifier, port),
                Some(_) => continue,
            }
            interfaces.insert(interface.clone());
        }
        let Some(current) = &self.current else { return Ok(None) };
        let names = RefCell::new(HashMap::new());
        let name = |index| netdevice::index_to_name(&self.names, index).ok()?.parse::<Interface>().ok();
        let name_of = |index| {
            let name = names.borrow_mut().entry(index).or_insert_with(|| name(index)).clone();
            self.has_gone.set(self.has_gone.get() || name.is_none());
            name
        };
        let state = current.observe(name_of)?;
        Ok(Some(Adopted { state, interfaces }))
    }

    fn write(&mut self, writes: &[&MapWrite]) -> Result<(), (usize, KernelError)> {
        let indices = RefCell::new(HashMap::new());
        let index_of = |interface: &Interface| {
            if let Some(&index) = indices.borrow().get(interface) {
                return Ok(index);
            }
            let found = netdevice::name_to_index(&self.names, interface.as_str());
            let index = found.map_err(|_| KernelError::NoInterface(interface.clone()))?;
            indices.borrow_mut().insert(interface.clone(), index);
            Ok(index)
        };
        let classifier = self.current("writing to the classifier's maps").map_err(|error| (0, error))?;
        if self.has_gone.replace(false) {
            let name = |index| netdevice::index_to_name(&self.names, index).ok()?.parse().ok();
            classifier.forget_gone(name).map_err(|error| (0, error))?;
        }
        let writes: Vec<MapWrite> = writes.iter().map(|&write| write.clone()).collect();
        let mut executed = classifier.write(&writes, index_of);
        if executed.refused.is_empty() { Ok(()) } else { Err(executed.refused.swap_remove(0)) }
    }

    fn statistics(&mut self, statistics: &mut Statistics) -> Result<(), KernelError> {
        if let Some(classifier) = &self.current {
            let counters = classifier.counters()?;
            statistics.slots = counters.slots;
            statistics.reasons = counters.reasons;
            statistics.unknown = counters.unknown;
        }
        Ok(())
    }
}
