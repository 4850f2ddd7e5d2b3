//! An instance of the classifier: its maps, and the programs that name them.

use std::cell::OnceCell;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use pleach_tc::wire::{About, MapName};
use pleach_tc::{ClassifierVersion, MapSizes, PortIndex};

use super::map::Map;
use super::object::{Program, embedded_version, program_name};
use super::sys;
use crate::error::KernelError;

/// What the verifier may say about a program it refuses. The end is what matters, and it is kept.
const LOG_ROOM: usize = 1 << 20;
/// How often a load is tried that a signal interrupts: loading takes milliseconds, and signals do not come that often.
const LOAD_ATTEMPTS: usize = 20;
/// The license as the kernel reads it: helpers ask whether it is compatible with theirs.
const LICENSE: &std::ffi::CStr = c"Dual MIT/GPL";

/// An instance of the classifier: one set of maps, shared by up to three programs.
#[derive(Debug)]
pub struct Classifier {
    maps: Vec<Map>,
    programs: [OnceCell<OwnedFd>; 3],
}

impl Classifier {
    /// Makes a new instance with empty maps of these sizes, and loads its three programs. It is attached nowhere.
    pub fn load(sizes: MapSizes) -> Result<Self, KernelError> {
        let create = |name: MapName| {
            Map::create(name, sizes).map_err(|error| refused(format!("bpftool map create name {name}"), &error))
        };
        let maps = MapName::ALL.into_iter().map(create).collect::<Result<_, _>>()?;
        let classifier = Self { maps, programs: Default::default() };
        classifier.write_about(About { absent: About::ALL, slots: sizes.slots, version: embedded_version() })?;
        for port in [PortIndex::Download, PortIndex::Upload, PortIndex::Stick] {
            classifier.program_fd(port)?;
        }
        Ok(classifier)
    }

    /// Opens the instance that a program belongs to, and says which entry point the program is. The number is that of an
    /// attached filter (`TCA_BPF_ID`). None where the program is not one of ours, whatever it is called.
    pub fn from_program_id(id: u32) -> Result<Option<(Self, PortIndex)>, KernelError> {
        let show = |error: io::Error| refused(format!("bpftool prog show id {id}"), &error);
        let program = sys::program_by_id(id).map_err(show)?;
        let info = sys::program_info(program.as_fd()).map_err(show)?;
        let ports = [PortIndex::Download, PortIndex::Upload, PortIndex::Stick];
        let Some(port) = ports.into_iter().find(|&port| program_name(port) == info.name) else { return Ok(None) };
        let mut found = Vec::new();
        for id in info.map_ids {
            let map = Map::by_id(id).map_err(|error| refused(format!("bpftool map show id {id}"), &error))?;
            found.extend(map);
        }
        let mut maps = Vec::new();
        for name in MapName::ALL {
            let Some(at) = found.iter().position(|map: &Map| map.name() == name) else { return Ok(None) };
            maps.push(found.swap_remove(at));
        }
        let classifier = Self { maps, programs: Default::default() };
        classifier.programs[port as usize].set(program).expect("invariant: made just now");
        Ok(Some((classifier, port)))
    }

    /// The program of an entry point, to be attached. Where the instance was found through another of its programs, this
    /// one is loaded again with the same maps, if the embedded program is the instance's version.
    pub fn program_fd(&self, port: PortIndex) -> Result<BorrowedFd<'_>, KernelError> {
        let cell = &self.programs[port as usize];
        if let Some(program) = cell.get() {
            return Ok(program.as_fd());
        }
        let (found, embedded) = (self.version()?, embedded_version());
        if found != embedded {
            return Err(KernelError::Malformed {
                operation: format!("bpftool prog load {}", program_name(port)),
                what: format!(
                    "the maps belong to version {found:02x?} of the program, and this one is {embedded:02x?}"
                ),
            });
        }
        let program = load_program(port, |name| self.map(name).descriptor())?;
        Ok(cell.get_or_init(|| program).as_fd())
    }

    /// Whether two handles are of one set of maps. The maps of ports stand for all: no two instances share one.
    pub(crate) fn is_same_instance(&self, other: &Self) -> Result<bool, KernelError> {
        let id = |classifier: &Self| {
            let map = classifier.map(MapName::Ports);
            map.id().map_err(|error| refused(format!("bpftool map show name {}", MapName::Ports), &error))
        };
        Ok(id(self)? == id(other)?)
    }

    /// Takes over a program of the same instance, so that it need not be loaded again to be attached elsewhere.
    pub(crate) fn adopt_program(&self, other: Self, port: PortIndex) {
        let [download, upload, stick] = other.programs;
        let program = match port {
            PortIndex::Download => download,
            PortIndex::Upload => upload,
            PortIndex::Stick => stick,
        };
        if let Some(program) = program.into_inner() {
            self.programs[port as usize].get_or_init(|| program);
        }
    }

    /// The kernel's number of a program, as dumps of filters have it (`TCA_BPF_ID`).
    pub fn program_id(&self, port: PortIndex) -> Result<u32, KernelError> {
        let program = self.program_fd(port)?;
        let info = sys::program_info(program).map_err(|error| refused("bpftool prog show".to_owned(), &error))?;
        Ok(info.id)
    }

    /// Which program the maps belong to. All zero where another tool loaded it.
    pub fn version(&self) -> Result<ClassifierVersion, KernelError> {
        Ok(self.about()?.version)
    }

    /// How much the maps can hold.
    pub fn sizes(&self) -> Result<MapSizes, KernelError> {
        Ok(MapSizes {
            devices: self.map(MapName::Exact4).max_entries(),
            identities: self.map(MapName::Identities).max_entries(),
            slots: self.about()?.slots,
        })
    }

    /// One of the maps.
    pub(crate) fn map(&self, name: MapName) -> &Map {
        &self.maps[name as usize]
    }

    pub(crate) fn about(&self) -> Result<About, KernelError> {
        let operation = || format!("bpftool map lookup name {}", MapName::About);
        let value = self.map(MapName::About).get(&About::default().to_raw().key);
        let value = value.map_err(|error| refused(operation(), &error))?;
        value.and_then(|value| About::from_raw(&value)).ok_or_else(|| KernelError::Malformed {
            operation: operation(),
            what: "the only entry is missing".to_owned(),
        })
    }

    pub(crate) fn write_about(&self, about: About) -> Result<(), KernelError> {
        let raw = about.to_raw();
        let value = raw.value.expect("invariant: it is put, not removed");
        match self.map(raw.map).put(&[(raw.key, value)]).1 {
            None => Ok(()),
            Some(error) => Err(refused(format!("bpftool map update name {}", raw.map), &error)),
        }
    }
}

fn load_program(port: PortIndex, descriptor_of: impl Fn(MapName) -> i32) -> Result<OwnedFd, KernelError> {
    let of_name = |name: &str| MapName::ALL.into_iter().find(|map| map.as_str() == name).map(&descriptor_of);
    let instructions = Program::of_port(port).link(of_name).expect("invariant: a test knows every map of the object");
    load_instructions(program_name(port), &instructions)
}

/// Loads a program; a refusal says what the verifier objects to.
pub(crate) fn load_instructions(name: &str, instructions: &[u8]) -> Result<OwnedFd, KernelError> {
    // Without a log at first: writing one costs more than the verification. The verifier gives up with EAGAIN when a signal
    // arrives, any signal, that of a child's end too (seen on 6.18).
    for _ in 0..LOAD_ATTEMPTS {
        match sys::load_program(name, instructions, LICENSE, &mut []) {
            Ok(program) => return Ok(program),
            Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => {}
            Err(_) => break,
        }
    }
    let mut log = vec![0; LOG_ROOM];
    let error = match sys::load_program(name, instructions, LICENSE, &mut log) {
        Ok(program) => return Ok(program), // what it was short of passed
        Err(error) => error,
    };
    let end = log.iter().position(|&byte| byte == 0).unwrap_or(log.len());
    let text = String::from_utf8_lossy(&log[..end]);
    Err(KernelError::Refused {
        operation: format!("bpftool prog load {name}"),
        errno: error.raw_os_error().unwrap_or(libc::EIO),
        message: (!text.is_empty()).then(|| last_lines(&text)),
    })
}

/// The end of the verifier's log, where it says what it objects to.
fn last_lines(log: &str) -> String {
    const SHOWN: usize = 12;
    let lines: Vec<_> = log.trim_end().lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

/// A refusal in `bpftool`'s words.
pub(crate) fn refused(operation: String, error: &io::Error) -> KernelError {
    KernelError::Refused { operation, errno: error.raw_os_error().unwrap_or(libc::EIO), message: None }
}
