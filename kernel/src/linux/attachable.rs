//! What the border asks of a program that it attaches, and of its maps.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::BorrowedFd;

use pleach_tc::{ClassifierState, ClassifierVersion, Interface, MapSizes, MapWrite, PortIndex, Statistics};

use crate::error::KernelError;
use crate::netlink::filter::AttachedProgram;

/// An attached instance that was adopted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// What its maps hold.
    pub state: ClassifierState,
    /// The interfaces that this instance is attached to.
    pub interfaces: BTreeSet<Interface>,
}

/// A program with maps that the border can attach: the classifier. Filters are attached and found by netlink; what they run is found by its program's id.
pub trait Attachable {
    /// Loads the program with new, empty maps. What follows goes to these.
    fn load(&mut self, version: ClassifierVersion, sizes: MapSizes) -> Result<(), KernelError>;

    /// A descriptor of an entry point of the program loaded last, or else of the one that was attached at the last
    /// [`observe`](Self::observe).
    fn program(&mut self, port: PortIndex) -> Result<BorrowedFd<'_>, KernelError>;

    /// Adopts the instance that is attached to the first of these interfaces, and reads its maps; what was loaded and is not
    /// attached is given up. None where nothing of ours is attached.
    fn observe(&mut self, attached: &BTreeMap<Interface, AttachedProgram>) -> Result<Option<Adopted>, KernelError>;

    /// Writes these in order. The error says which of them failed, by its position.
    fn write(&mut self, writes: &[&MapWrite]) -> Result<(), (usize, KernelError)>;

    /// Adds what the classifier counted.
    fn statistics(&mut self, statistics: &mut Statistics) -> Result<(), KernelError>;
}
