//! What can be done to a kernel.

use compact_str::CompactString;
use pleach_graph::Prefix;

use crate::class::Class;
use crate::classifier::{
    ClassifierVersion, DeviceKey, DeviceValue, IdentityKey, IdentityRecord, MapSizes, Port, PortIndex, Store,
};
use crate::handle::Handle;
use crate::interface::Interface;
use crate::qdisc::Qdisc;
use crate::tunnel::{Carried, Endpoint};

/// One change of a kernel's state: one netlink request, one map write, or one file in sysfs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Makes a qdisc. At the root it takes the place of the kernel's default.
    AddQdisc {
        /// Where.
        interface: Interface,
        /// Its handle.
        handle: Handle,
        /// What.
        qdisc: Qdisc,
    },
    /// Changes a leaf's options in place; its packets stay.
    ChangeQdisc {
        /// Where.
        interface: Interface,
        /// Its handle.
        handle: Handle,
        /// What it becomes; parent and kind are as they were.
        qdisc: Qdisc,
    },
    /// Deletes a qdisc with everything below it. At the root the kernel's default comes back.
    DeleteQdisc {
        /// Where.
        interface: Interface,
        /// Its handle.
        handle: Handle,
        /// What it hangs in.
        parent: Handle,
    },
    /// Makes a class.
    AddClass {
        /// Where.
        interface: Interface,
        /// Its handle.
        handle: Handle,
        /// What.
        class: Class,
    },
    /// Changes a class in place; its packets stay.
    ChangeClass {
        /// Where.
        interface: Interface,
        /// Its handle.
        handle: Handle,
        /// What it becomes; its parent is as it was.
        class: Class,
    },
    /// Deletes a class without children; its leaf goes with it.
    DeleteClass {
        /// Where.
        interface: Interface,
        /// Its handle.
        handle: Handle,
    },
    /// Makes the clsact qdisc.
    AddClsact {
        /// Where.
        interface: Interface,
    },
    /// Deletes the clsact qdisc.
    DeleteClsact {
        /// Where.
        interface: Interface,
    },
    /// Loads the program with new, empty maps. Map writes that follow go to these maps; what is attached stays until
    /// [`Operation::Attach`] replaces it.
    LoadClassifier {
        /// Which program.
        version: ClassifierVersion,
        /// How large its maps are.
        sizes: MapSizes,
    },
    /// Puts the program loaded last (or the one that is attached elsewhere) on clsact's egress, replacing ours in one step.
    Attach {
        /// Where.
        interface: Interface,
        /// Which entry point.
        port: PortIndex,
    },
    /// Takes our program away.
    Detach {
        /// Where.
        interface: Interface,
    },
    /// Writes to one of the classifier's maps.
    Map(MapWrite),
    /// Sets which CPUs a transmit queue is reserved to; `0` for none.
    SetXps {
        /// Where.
        interface: Interface,
        /// Which transmit queue, from 0.
        queue: u16,
        /// The mask as sysfs has it.
        cpus: CompactString,
    },
}

/// A write to one of the classifier's maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapWrite {
    /// Puts an entry into one store of the device map, replacing what is there whole.
    PutDevice {
        /// Which store.
        store: Store,
        /// Which addresses.
        key: DeviceKey,
        /// Where their packets go.
        value: DeviceValue,
    },
    /// Removes an entry from one store.
    RemoveDevice {
        /// Which store.
        store: Store,
        /// Which addresses.
        key: DeviceKey,
    },
    /// Says what to do on an interface.
    SetPort {
        /// Which entry.
        index: PortIndex,
        /// What.
        port: Port,
    },
    /// Records unknown addresses of this network.
    Watch(Prefix),
    /// No longer records them.
    Unwatch(Prefix),
    /// Follows tunnels that end there.
    SetEndpoint {
        /// Where.
        endpoint: Endpoint,
        /// What comes there.
        carried: Carried,
    },
    /// No longer follows them.
    RemoveEndpoint(Endpoint),
    /// Says whose class it is.
    Identify {
        /// Which class.
        key: IdentityKey,
        /// Whose.
        record: IdentityRecord,
    },
    /// Forgets whose class it was.
    Forget(IdentityKey),
}
