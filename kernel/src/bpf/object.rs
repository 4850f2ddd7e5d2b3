//! The classifier's object file, embedded: its version, and its programs with the maps they name put in.

use std::sync::LazyLock;

use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSection, ObjectSymbol, RelocationTarget};
use pleach_tc::{ClassifierVersion, PortIndex};
use sha2::{Digest, Sha256};

/// The bytes of `bpf/classifier.o`, aligned as an ELF reader wants them.
#[repr(C, align(8))]
struct Aligned<T: ?Sized>(T);
static OBJECT: &Aligned<[u8]> = &Aligned(*include_bytes!("../../../bpf/classifier.o"));
static DRIVER: &Aligned<[u8]> = &Aligned(*include_bytes!("../../../bpf/driver.o"));

/// Bytes of an instruction.
const INSTRUCTION: usize = 8;
/// Loads a 64-bit constant; two instructions long.
const LOAD_64: u8 = 0x18;
/// In the upper half of the register byte: the constant is a map's file descriptor.
const MAP_DESCRIPTOR: u8 = 1 << 4;

/// The object file as it is committed.
pub fn object_file() -> &'static [u8] {
    &OBJECT.0
}

/// The version of the embedded program: the first 8 bytes of the SHA-256 of its object file.
pub fn embedded_version() -> ClassifierVersion {
    static VERSION: LazyLock<ClassifierVersion> = LazyLock::new(|| {
        let mut version = [0; 8];
        version.copy_from_slice(&Sha256::digest(object_file())[..8]);
        ClassifierVersion(version)
    });
    *VERSION
}

/// The name of an entry point in the object and in the kernel.
pub(crate) const fn program_name(port: PortIndex) -> &'static str {
    match port {
        PortIndex::Download => "download",
        PortIndex::Upload => "upload",
        PortIndex::Stick => "stick",
    }
}

/// A program whose maps have no file descriptors yet.
pub(crate) struct Program {
    instructions: Vec<u8>,
    /// Where an instruction names a map, in bytes, and which.
    maps: Vec<(usize, String)>,
}

impl Program {
    /// Takes an entry point out of the embedded object.
    ///
    /// Panics where the object is not what `bpf/build` makes of the source: tests load every entry point of it.
    pub(crate) fn of_port(port: PortIndex) -> Self {
        Self::named(object_file(), program_name(port)).expect("invariant: the embedded object has its entry points")
    }

    /// Takes a program out of the object that measures. Panics as the other does.
    pub(crate) fn of_driver(name: &str) -> Self {
        Self::named(&DRIVER.0, name).expect("invariant: the embedded object has its entry points")
    }

    /// Takes a program out of an object. None where it has none of this name.
    fn named(object: &[u8], name: &str) -> Option<Self> {
        let file = ElfFile64::<Endianness>::parse(object).ok()?;
        let symbol = file.symbols().find(|symbol| symbol.name() == Ok(name) && symbol.size() > 0)?;
        let section = file.section_by_index(symbol.section_index()?).ok()?;
        let from = usize::try_from(symbol.address()).ok()?;
        let until = from + usize::try_from(symbol.size()).ok()?;
        let instructions = section.data().ok()?.get(from..until)?.to_vec();
        let mut maps = Vec::new();
        for (offset, relocation) in section.relocations() {
            let Ok(offset) = usize::try_from(offset) else { return None };
            let RelocationTarget::Symbol(target) = relocation.target() else { return None };
            if (from..until).contains(&offset) {
                maps.push((offset - from, file.symbol_by_index(target).ok()?.name().ok()?.to_owned()));
            }
        }
        maps.iter().all(|&(at, _)| instructions.get(at) == Some(&LOAD_64)).then_some(Self { instructions, maps })
    }

    /// The instructions with these maps' file descriptors put in. None where it names a map that has none.
    pub(crate) fn link(mut self, descriptor_of: impl Fn(&str) -> Option<i32>) -> Option<Vec<u8>> {
        for (at, map) in &self.maps {
            let instruction = &mut self.instructions[*at..at + INSTRUCTION];
            instruction[1] |= MAP_DESCRIPTOR;
            instruction[4..].copy_from_slice(&descriptor_of(map)?.to_ne_bytes());
        }
        Some(self.instructions)
    }

    /// The numbers of the helpers that it calls.
    #[cfg(test)]
    fn helpers(&self) -> std::collections::BTreeSet<i32> {
        const CALL: u8 = 0x85;
        let instructions = self.instructions.chunks_exact(INSTRUCTION).filter(|instruction| instruction[0] == CALL);
        instructions
            .map(|call| {
                assert_eq!(
                    call[1] >> 4,
                    0,
                    "neither a subprogram nor a kernel function (those change between versions)"
                );
                i32::from_le_bytes(call[4..].try_into().expect("four bytes"))
            })
            .collect()
    }
}

/// The symbols of the section that holds the maps: a test compares them with those we make.
#[cfg(test)]
fn map_symbols() -> Vec<String> {
    let file = ElfFile64::<Endianness>::parse(object_file()).expect("an ELF object");
    let section = file.section_by_name(".maps").expect("maps").index();
    let symbols = file.symbols().filter(|symbol| symbol.section_index() == Some(section) && symbol.size() > 0);
    symbols.map(|symbol| symbol.name().expect("a name").to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pleach_tc::maps::MapName;

    /// The oldest kernel that the classifier is loaded on.
    const OLDEST: (u32, u32) = (5, 15);

    /// Helpers that the source may use: number (`include/uapi/linux/bpf.h`), name, and the version that brought it.
    const ALLOWED: [(i32, &str, (u32, u32)); 4] = [
        (1, "map_lookup_elem", (3, 19)),
        (2, "map_update_elem", (3, 19)),
        (26, "skb_load_bytes", (4, 5)),
        (118, "jiffies64", (5, 5)),
    ];

    #[test]
    fn every_helper_is_as_old_as_the_oldest_kernel() {
        for port in [PortIndex::Download, PortIndex::Upload, PortIndex::Stick] {
            let helpers = Program::of_port(port).helpers();
            assert!(!helpers.is_empty());
            for number in helpers {
                let allowed = ALLOWED.iter().find(|(allowed, ..)| *allowed == number);
                let (_, name, since) = allowed.unwrap_or_else(|| panic!("{port:?} calls helper {number}"));
                assert!(*since <= OLDEST, "{name} came with {since:?}");
            }
        }
    }

    #[test]
    fn the_object_has_the_maps_that_we_make_and_no_other() {
        let mut ours: Vec<_> = MapName::ALL.iter().map(ToString::to_string).collect();
        let mut there = map_symbols();
        ours.sort();
        there.sort();
        assert_eq!(there, ours);
    }

    #[test]
    fn every_entry_point_names_every_map() {
        for port in [PortIndex::Download, PortIndex::Upload, PortIndex::Stick] {
            let named: std::collections::BTreeSet<_> =
                Program::of_port(port).maps.into_iter().map(|(_, map)| map).collect();
            assert_eq!(named.len(), MapName::ALL.len(), "{port:?}: {named:?}");
        }
    }
}
