//! bpf(2): the commands that the classifier needs, each as a safe function over slices whose lengths were checked.
//!
//! The layouts are those of `union bpf_attr` in `include/uapi/linux/bpf.h`. An error is the kernel's number.
#![allow(unsafe_code)] // one system call, in one function

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

/// `BPF_PROG_TYPE_SCHED_CLS`.
const PROGRAM_TYPE_CLASSIFIER: u32 = 3;
/// How often a program is handed to a verifier that was interrupted: as often as libbpf does.
const LOAD_ATTEMPTS: u32 = 5;
/// `BPF_OBJ_NAME_LEN`, with the final zero.
const NAME_LENGTH: usize = 16;

/// Commands of bpf(2), `enum bpf_cmd`.
#[derive(Clone, Copy)]
#[repr(i64)]
enum Command {
    MapCreate = 0,
    MapLookup = 1,
    MapUpdate = 2,
    MapDelete = 3,
    MapNextKey = 4,
    ProgramLoad = 5,
    ProgramTestRun = 10,
    ProgramById = 13,
    MapById = 14,
    InfoByFd = 15,
    MapLookupBatch = 24,
    MapUpdateBatch = 26,
    MapDeleteBatch = 27,
}

/// Does a command. `attributes` must be the `#[repr(C)]` structure that the command reads, and every address in it must be
/// good for as many bytes as the kernel reads or writes there: that is why this is unsafe.
unsafe fn bpf<T>(command: Command, attributes: &mut T) -> io::Result<i64> {
    // SAFETY: the caller promises that `attributes` is what the command reads, and its addresses are good.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command as i64, ptr::from_mut(attributes), size_of::<T>()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// A file descriptor that a command returned.
fn owned(fd: i64) -> OwnedFd {
    let fd = i32::try_from(fd).expect("invariant: a file descriptor is an int");
    // SAFETY: the kernel made this descriptor for us just now, and nobody else has it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

fn raw(fd: BorrowedFd) -> u32 {
    fd.as_raw_fd().cast_unsigned()
}

fn address<T: ?Sized>(of: &T) -> u64 {
    ptr::from_ref(of).cast::<()>() as u64
}

fn address_mut<T: ?Sized>(of: &mut T) -> u64 {
    ptr::from_mut(of).cast::<()>() as u64
}

fn length(of: usize) -> u32 {
    u32::try_from(of).expect("invariant: nothing handed to the kernel has 4 GiB")
}

fn name_bytes(name: &str) -> [u8; NAME_LENGTH] {
    let mut bytes = [0; NAME_LENGTH];
    let length = name.len().min(NAME_LENGTH - 1);
    bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
    bytes
}

/// What a map is made as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapShape {
    /// `enum bpf_map_type`.
    pub(crate) kind: u32,
    /// Bytes of a key.
    pub(crate) key_size: u32,
    /// Bytes of a value, of one CPU.
    pub(crate) value_size: u32,
    /// How many entries at most.
    pub(crate) max_entries: u32,
    /// `BPF_F_*`.
    pub(crate) flags: u32,
}

/// Makes a map.
pub(crate) fn create_map(name: &str, shape: MapShape) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Attributes {
        shape: [u32; 5],
        inner_map: u32,
        numa_node: u32,
        name: [u8; NAME_LENGTH],
    }
    let MapShape { kind, key_size, value_size, max_entries, flags } = shape;
    let shape = [kind, key_size, value_size, max_entries, flags];
    let mut attributes = Attributes { shape, inner_map: 0, numa_node: 0, name: name_bytes(name) };
    // SAFETY: the structure is the start of the one that MAP_CREATE reads, and has no addresses.
    unsafe { bpf(Command::MapCreate, &mut attributes) }.map(owned)
}

#[repr(C)]
struct ElementAttributes {
    map: u32,
    pad: u32,
    key: u64,
    value: u64,
    flags: u64,
}

/// Puts an entry into a map. The slices are as long as the map's key and value.
pub(crate) fn update(map: BorrowedFd, key: &[u8], value: &[u8]) -> io::Result<()> {
    let mut attributes =
        ElementAttributes { map: raw(map), pad: 0, key: address(key), value: address(value), flags: 0 };
    // SAFETY: the kernel reads a key and a value, which the slices hold (callers check against the map's sizes).
    unsafe { bpf(Command::MapUpdate, &mut attributes) }.map(drop)
}

/// Removes an entry from a map.
pub(crate) fn delete(map: BorrowedFd, key: &[u8]) -> io::Result<()> {
    let mut attributes = ElementAttributes { map: raw(map), pad: 0, key: address(key), value: 0, flags: 0 };
    // SAFETY: the kernel reads a key, which the slice holds.
    unsafe { bpf(Command::MapDelete, &mut attributes) }.map(drop)
}

/// Reads an entry of a map into `value`, which has room for the values of all CPUs where the map has one for each.
pub(crate) fn lookup(map: BorrowedFd, key: &[u8], value: &mut [u8]) -> io::Result<()> {
    let mut attributes =
        ElementAttributes { map: raw(map), pad: 0, key: address(key), value: address_mut(value), flags: 0 };
    // SAFETY: the kernel reads a key and writes a value; both fit.
    unsafe { bpf(Command::MapLookup, &mut attributes) }.map(drop)
}

/// The key behind `key`, or the first one. False at the end.
pub(crate) fn next_key(map: BorrowedFd, key: Option<&[u8]>, next: &mut [u8]) -> io::Result<bool> {
    let key = key.map_or(0, address);
    let mut attributes = ElementAttributes { map: raw(map), pad: 0, key, value: address_mut(next), flags: 0 };
    // SAFETY: the kernel reads a key (none at address 0) and writes one; both fit.
    match unsafe { bpf(Command::MapNextKey, &mut attributes) } {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

#[repr(C)]
#[derive(Default)]
struct BatchAttributes {
    in_cursor: u64,
    out_cursor: u64,
    keys: u64,
    values: u64,
    count: u32,
    map: u32,
    element_flags: u64,
    flags: u64,
}

/// How a batch went: how many entries were done, and the error that stopped it.
pub(crate) type Batch = (usize, Option<io::Error>);

fn batch(command: Command, attributes: &mut BatchAttributes) -> Batch {
    let asked = attributes.count;
    // SAFETY: keys and values are slices of `count` keys and values (checked by the callers of this function), and the
    // cursors are buffers as long as the longest key.
    let result = unsafe { bpf(command, attributes) };
    // A kernel that has not begun leaves the count as it was.
    let done = match &result {
        Err(error) if attributes.count == asked && error.raw_os_error() != Some(libc::ENOENT) => 0,
        _ => attributes.count,
    };
    (done as usize, result.err())
}

/// Puts entries into a map, one key and one value after the other.
pub(crate) fn update_batch(map: BorrowedFd, count: usize, keys: &[u8], values: &[u8]) -> Batch {
    let (keys, values) = (address(keys), address(values));
    let mut attributes = BatchAttributes { keys, values, count: length(count), map: raw(map), ..Default::default() };
    batch(Command::MapUpdateBatch, &mut attributes)
}

/// Removes entries from a map.
pub(crate) fn delete_batch(map: BorrowedFd, count: usize, keys: &[u8]) -> Batch {
    let mut attributes =
        BatchAttributes { keys: address(keys), count: length(count), map: raw(map), ..Default::default() };
    batch(Command::MapDeleteBatch, &mut attributes)
}

/// Where a batch of lookups goes on: a key, or the number of a bucket.
pub(crate) type Cursor = [u8; 64];

/// Reads the next `count` entries behind the cursor, and moves it. `ENOENT` says that these are the last.
pub(crate) fn lookup_batch(
    map: BorrowedFd,
    cursor: &mut Option<Cursor>,
    count: usize,
    keys: &mut [u8],
    values: &mut [u8],
) -> Batch {
    let mut out: Cursor = [0; 64];
    let mut attributes = BatchAttributes {
        in_cursor: cursor.as_ref().map_or(0, address),
        out_cursor: address_mut(&mut out),
        keys: address_mut(keys),
        values: address_mut(values),
        count: length(count),
        map: raw(map),
        ..Default::default()
    };
    let done = batch(Command::MapLookupBatch, &mut attributes);
    *cursor = Some(out);
    done
}

/// Loads a classifier's instructions. `log` is filled with what the verifier says, if it is not empty.
pub(crate) fn load_program(
    name: &str,
    instructions: &[u8],
    license: &std::ffi::CStr,
    log: &mut [u8],
) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Attributes {
        kind: u32,
        count: u32,
        instructions: u64,
        license: u64,
        log_level: u32,
        log_size: u32,
        log: u64,
        kernel_version: u32,
        flags: u32,
        name: [u8; NAME_LENGTH],
    }
    const INSTRUCTION: usize = 8;
    let mut attributes = Attributes {
        kind: PROGRAM_TYPE_CLASSIFIER,
        count: length(instructions.len() / INSTRUCTION),
        instructions: address(instructions),
        license: license.as_ptr() as u64,
        log_level: u32::from(!log.is_empty()),
        log_size: length(log.len()),
        log: if log.is_empty() { 0 } else { address_mut(log) },
        kernel_version: 0,
        flags: 0,
        name: name_bytes(name),
    };
    let mut attempts = 0;
    loop {
        attempts += 1;
        // SAFETY: the addresses are those of slices with the lengths given beside them, and of a string with a final zero.
        match unsafe { bpf(Command::ProgramLoad, &mut attributes) } {
            // The verifier gives up where anything wants the thread's attention, and asks to be called again (6.18).
            Err(error) if error.raw_os_error() == Some(libc::EAGAIN) && attempts < LOAD_ATTEMPTS => {}
            loaded => return loaded.map(owned),
        }
    }
}

/// What is known of a program.
pub(crate) struct ProgramInfo {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) map_ids: Vec<u32>,
}

/// Asks what is known of a program.
pub(crate) fn program_info(program: BorrowedFd) -> io::Result<ProgramInfo> {
    // The start of `struct bpf_prog_info`.
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        kind: u32,
        id: u32,
        tag: [u8; 8],
        jited_length: u32,
        translated_length: u32,
        jited: u64,
        translated: u64,
        load_time: u64,
        user: u32,
        map_count: u32,
        map_ids: u64,
        name: [u8; NAME_LENGTH],
    }
    const MOST_MAPS: usize = 64; // MAX_USED_MAPS in the kernel
    let mut map_ids = vec![0_u32; MOST_MAPS];
    let mut info =
        Info { map_count: length(MOST_MAPS), map_ids: address_mut(map_ids.as_mut_slice()), ..Default::default() };
    info_of(program, &mut info)?;
    map_ids.truncate(info.map_count as usize);
    Ok(ProgramInfo { id: info.id, name: name_of(&info.name), map_ids })
}

/// Asks for a map's number, its name and what it was made as.
pub(crate) fn map_info(map: BorrowedFd) -> io::Result<(u32, String, MapShape)> {
    // The start of `struct bpf_map_info`.
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        kind: u32,
        id: u32,
        key_size: u32,
        value_size: u32,
        max_entries: u32,
        flags: u32,
        name: [u8; NAME_LENGTH],
    }
    let mut info = Info::default();
    info_of(map, &mut info)?;
    let Info { kind, id, key_size, value_size, max_entries, flags, .. } = info;
    Ok((id, name_of(&info.name), MapShape { kind, key_size, value_size, max_entries, flags }))
}

fn info_of<T>(fd: BorrowedFd, info: &mut T) -> io::Result<()> {
    #[repr(C)]
    struct Attributes {
        fd: u32,
        length: u32,
        info: u64,
    }
    let mut attributes = Attributes { fd: raw(fd), length: length(size_of::<T>()), info: address_mut(info) };
    // SAFETY: the kernel writes at most `length` bytes to `info`, and to the addresses in it what it was told fits there.
    unsafe { bpf(Command::InfoByFd, &mut attributes) }.map(drop)
}

fn name_of(bytes: &[u8; NAME_LENGTH]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(NAME_LENGTH);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// Opens the program of this number.
pub(crate) fn program_by_id(id: u32) -> io::Result<OwnedFd> {
    by_id(Command::ProgramById, id)
}

/// Opens the map of this number.
pub(crate) fn map_by_id(id: u32) -> io::Result<OwnedFd> {
    by_id(Command::MapById, id)
}

fn by_id(command: Command, id: u32) -> io::Result<OwnedFd> {
    let mut attributes = [id, 0, 0]; // id, next id, flags
    // SAFETY: three numbers are what the command reads; none is an address.
    unsafe { bpf(command, &mut attributes) }.map(owned)
}

/// What a test run gave: the program's verdict, and the mean time of a run in nanoseconds.
pub(crate) struct TestRun {
    pub(crate) verdict: u32,
    pub(crate) nanoseconds: u32,
}

/// Runs a program on a frame, `repeat` times. `context` is a `struct __sk_buff`, read before and written behind.
pub(crate) fn test_run(program: BorrowedFd, frame: &[u8], context: &mut [u8], repeat: u32) -> io::Result<TestRun> {
    #[repr(C)]
    struct Attributes {
        program: u32,
        verdict: u32,
        data_size_in: u32,
        data_size_out: u32,
        data_in: u64,
        data_out: u64,
        repeat: u32,
        duration: u32,
        context_size_in: u32,
        context_size_out: u32,
        context_in: u64,
        context_out: u64,
    }
    let context_in = context.to_vec();
    let mut attributes = Attributes {
        program: raw(program),
        verdict: 0,
        data_size_in: length(frame.len()),
        data_size_out: 0,
        data_in: address(frame),
        data_out: 0,
        repeat,
        duration: 0,
        context_size_in: length(context_in.len()),
        context_size_out: length(context.len()),
        context_in: address(context_in.as_slice()),
        context_out: address_mut(context),
    };
    // SAFETY: each address is that of a slice with the length given beside it.
    unsafe { bpf(Command::ProgramTestRun, &mut attributes) }?;
    Ok(TestRun { verdict: attributes.verdict, nanoseconds: attributes.duration })
}
