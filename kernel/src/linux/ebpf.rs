//! The eBPF classifier in the place that the border has for one.

use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;

use pleach_tc::{ClassifierState, ClassifierVersion, Interface, MapSizes, MapWrite, PortIndex, Statistics};

use super::{classifier, sysfs};
use crate::bpf;
use crate::error::KernelError;
use crate::netlink::filter::AttachedProgram;

/// The instance that writes go to: the one loaded last, or the one that was found attached.
#[derive(Debug, Default)]
pub(super) struct Ebpf {
    instance: Option<bpf::Classifier>,
}

impl Ebpf {
    fn instance(&self) -> Result<&bpf::Classifier, KernelError> {
        self.instance.as_ref().ok_or_else(|| KernelError::Refused {
            operation: "bpftool map update".to_owned(),
            errno: rustix::io::Errno::NOENT.raw_os_error(),
            message: Some("no classifier is loaded or attached".to_owned()),
        })
    }
}

impl classifier::Classifier for Ebpf {
    fn load(&mut self, version: ClassifierVersion, sizes: MapSizes) -> Result<(), KernelError> {
        if version != bpf::embedded_version() {
            return Err(KernelError::Refused {
                operation: "bpftool prog load".to_owned(),
                errno: rustix::io::Errno::NOENT.raw_os_error(),
                message: Some("this release does not have that version of the classifier".to_owned()),
            });
        }
        self.instance = Some(bpf::Classifier::load(sizes)?);
        Ok(())
    }

    fn program(&mut self, port: PortIndex) -> Result<BorrowedFd<'_>, KernelError> {
        self.instance()?.program_fd(port)
    }

    /// Where interfaces have different instances, as after a replacement that was cut short, the older one is adopted: it is
    /// what has to be replaced again.
    fn observe(
        &mut self,
        attached: &BTreeMap<Interface, AttachedProgram>,
    ) -> Result<Option<ClassifierState>, KernelError> {
        let mut oldest = None;
        for program in attached.values() {
            let Some((instance, _)) = bpf::Classifier::from_program_id(program.program)? else { continue };
            let is_current = instance.version()? == bpf::embedded_version();
            let age = (is_current, program.program);
            if oldest.as_ref().is_none_or(|(other, _)| age < *other) {
                oldest = Some((age, instance));
            }
        }
        self.instance = oldest.map(|(_, instance)| instance);
        let Some(instance) = &self.instance else { return Ok(None) };
        let mut names = BTreeMap::new();
        for interface in attached.keys() {
            names.insert(sysfs::index(interface)?, interface.clone());
        }
        instance.observe(|index| names.get(&index).cloned()).map(Some)
    }

    fn write(&mut self, writes: &[&MapWrite]) -> Result<(), (usize, KernelError)> {
        let writes: Vec<MapWrite> = writes.iter().map(|write| (*write).clone()).collect();
        let instance = self.instance().map_err(|error| (0, error))?;
        match instance.write(&writes, sysfs::index).refused.into_iter().next() {
            Some(refused) => Err(refused),
            None => Ok(()),
        }
    }

    fn statistics(&mut self, statistics: &mut Statistics) -> Result<(), KernelError> {
        let Some(instance) = &self.instance else { return Ok(()) };
        let bpf::Counters { slots, reasons, unknown } = instance.counters()?;
        statistics.slots.extend(slots);
        statistics.reasons.extend(reasons);
        statistics.unknown.extend(unknown);
        Ok(())
    }
}
