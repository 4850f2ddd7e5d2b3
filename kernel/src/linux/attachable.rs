//! What the border asks of a program that it attaches, and of its maps.

use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;

use pleach_tc::{ClassifierState, ClassifierVersion, Interface, MapSizes, MapWrite, PortIndex, Statistics};

use crate::error::KernelError;
use crate::netlink::filter::AttachedProgram;

/// A program with maps that the border can attach: the classifier. Filters are attached and found by netlink; what they run is found by its program's id.
pub trait Attachable {
    /// Loads the program with new, empty maps. What follows goes to these.
    fn load(&mut self, version: ClassifierVersion, sizes: MapSizes) -> Result<(), KernelError>;

    /// A descriptor of an entry point of the program loaded last, or else of the one that was attached at the last
    /// [`observe`](Self::observe).
    fn program(&mut self, port: PortIndex) -> Result<BorrowedFd<'_>, KernelError>;

    /// Adopts what is attached, by interface, and reads its maps; none where nothing is attached.
    fn observe(
        &mut self,
        attached: &BTreeMap<Interface, AttachedProgram>,
    ) -> Result<Option<ClassifierState>, KernelError>;

    /// Writes these in order. The error says which of them failed, by its position.
    fn write(&mut self, writes: &[&MapWrite]) -> Result<(), (usize, KernelError)>;

    /// Adds what the classifier counted.
    fn statistics(&mut self, statistics: &mut Statistics) -> Result<(), KernelError>;
}
