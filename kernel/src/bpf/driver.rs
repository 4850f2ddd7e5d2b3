//! A program measured on many packets in turn. A test run repeats one frame, whose entries are then in every cache.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use super::classifier::{load_instructions, refused};
use super::object::Program;
use super::sys::{self, MapShape};
use super::test_run::test_run;
use crate::error::KernelError;

/// Bytes of the frame that is measured with; see `bpf/driver.bpf.c`.
const FRAME: usize = 64;

const HASH: u32 = 1;
const ARRAY: u32 = 2;
const PROGRAM_ARRAY: u32 = 3;
const NO_PREALLOCATION: u32 = 1;

/// A list of packets, and a program that hands one after the other to the program that is measured.
#[derive(Debug)]
pub struct Driver {
    measured: OwnedFd,
    drive: OwnedFd,
    empty: OwnedFd,
    look_ups: [OwnedFd; 2],
}

/// How the entries of a hash are allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// All at once when the map is made, in pages of 4 KiB.
    Ahead,
    /// Each when it is put, in the kernel's own large pages.
    OnDemand,
}

impl Driver {
    /// Loads the programs, and a list of packets, of which only the destination matters: of IPv6 its first half.
    pub fn new(destinations: &[IpAddr]) -> Result<Self, KernelError> {
        let count = u32::try_from(destinations.len()).expect("invariant: fewer than 2^32 packets");
        let list = create("packets", [ARRAY, 4, 8, count, 0])?;
        let cursor = create("cursor", [ARRAY, 4, 8, 1, 0])?;
        let measured = create("measured", [PROGRAM_ARRAY, 4, 4, 1, 0])?;
        let hashes =
            [create("entries", [HASH, 8, 16, count, 0])?, create("entries", [HASH, 8, 16, count, NO_PREALLOCATION])?];
        let put = |map: &OwnedFd, key: &[u8], value: &[u8]| {
            sys::update(map.as_fd(), key, value).map_err(|error| refused("bpftool map update".to_owned(), &error))
        };
        for (index, destination) in (0_u32..).zip(destinations) {
            put(&list, &index.to_ne_bytes(), &packed(*destination))?;
        }
        // Not in the order of the packets: their entries would lie in memory as they are asked for.
        let keys: BTreeSet<_> = destinations.iter().map(|destination| packed(*destination)).collect();
        for (hash, key) in hashes.iter().flat_map(|hash| keys.iter().map(move |key| (hash, key))) {
            put(hash, key, &[1; 16])?;
        }
        put(&cursor, &0_u32.to_ne_bytes(), &[0_u32.to_ne_bytes(), count.to_ne_bytes()].concat())?;
        let load = |name, entries: &OwnedFd| {
            let linked = Program::of_driver(name).link(|name: &str| match name {
                "packets" => Some(list.as_raw_fd()),
                "cursor" => Some(cursor.as_raw_fd()),
                "measured" => Some(measured.as_raw_fd()),
                "entries" => Some(entries.as_raw_fd()),
                _ => None,
            });
            load_instructions(name, &linked.expect("invariant: these are all of its maps"))
        };
        let [ahead, on_demand] = &hashes;
        let (drive, empty) = (load("drive", ahead)?, load("empty", ahead)?);
        let look_ups = [load("look_up", ahead)?, load("look_up", on_demand)?];
        Ok(Self { measured, drive, empty, look_ups })
    }

    /// The mean time of so many runs of a program, on the packets in turn; and of an empty program in its place.
    pub fn time(&self, program: BorrowedFd<'_>, repeat: u32) -> Result<(Duration, Duration), KernelError> {
        let whole = self.time_one(program, repeat)?;
        Ok((whole, self.time_one(self.empty.as_fd(), repeat)?))
    }

    /// The mean time of a single look-up in a hash that holds the packets of the list, empty program included.
    pub fn time_look_up(&self, allocation: Allocation, repeat: u32) -> Result<Duration, KernelError> {
        self.time_one(self.look_ups[allocation as usize].as_fd(), repeat)
    }

    /// The kernel's number of the program that hands out the packets.
    pub fn program_id(&self) -> Result<u32, KernelError> {
        let info = sys::program_info(self.drive.as_fd());
        Ok(info.map_err(|error| refused("bpftool prog show".to_owned(), &error))?.id)
    }

    fn time_one(&self, program: BorrowedFd<'_>, repeat: u32) -> Result<Duration, KernelError> {
        let program = program.as_raw_fd().to_ne_bytes();
        sys::update(self.measured.as_fd(), &0_u32.to_ne_bytes(), &program)
            .map_err(|error| refused("bpftool map update name measured".to_owned(), &error))?;
        let verdict = test_run(self.drive.as_fd(), &frame(), repeat)?;
        if verdict.returned == -1 {
            return Ok(verdict.time);
        }
        Err(KernelError::Malformed {
            operation: "bpftool prog run".to_owned(),
            what: format!("the measured program did not run: {} came back", verdict.returned),
        })
    }
}

fn create(name: &str, [kind, key_size, value_size, max_entries, flags]: [u32; 5]) -> Result<OwnedFd, KernelError> {
    let shape = MapShape { kind, key_size, value_size, max_entries, flags };
    sys::create_map(name, shape).map_err(|error| refused(format!("bpftool map create name {name}"), &error))
}

/// As the list holds it: what is written into the frame, IPv4 with zeros behind it.
fn packed(destination: IpAddr) -> [u8; 8] {
    let mut bytes = [0; 8];
    match destination {
        IpAddr::V4(address) => bytes[..4].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => bytes.copy_from_slice(&address.octets()[..8]),
    }
    bytes
}

/// A frame that is UDP over IPv4, until the ethertype says that it is IPv6.
fn frame() -> [u8; FRAME] {
    const ETHERNET: usize = 14;
    const IPV4_PROTOCOL: usize = ETHERNET + 9;
    const UDP: u8 = 17;
    let mut frame = [0; FRAME];
    frame[ETHERNET] = 0x45;
    frame[IPV4_PROTOCOL] = UDP;
    frame
}
