//! One map: entries in batches, and one by one where the kernel has no batches for its kind.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::OnceLock;

use pleach_tc::MapSizes;
use pleach_tc::wire::{Bytes, MapName};

use super::sys::{self, Batch, MapShape};

/// How many entries are asked for at once: enough that the system call costs nothing beside them.
const BATCH: usize = 4096;
/// The kernel's own number for "this kind of map has no such operation"; it has no name outside the kernel.
const ENOTSUPP: i32 = 524;

/// `enum bpf_map_type` and flags, `include/uapi/linux/bpf.h`; the version that brought each is 4.20 at the latest.
const HASH: u32 = 1;
const ARRAY: u32 = 2;
const PER_CPU_ARRAY: u32 = 6;
const LRU_PER_CPU_HASH: u32 = 10;
const TRIE: u32 = 11;
const NO_PREALLOCATION: u32 = 1;

/// Networks that can be watched, and unknown addresses that are counted at a time; as in `classifier.bpf.c`.
const MOST_WATCHED: u32 = 4096;
const MOST_UNKNOWN: u32 = 16_384;
/// Ends of tunnels that can be known; as in `classifier.bpf.c`.
const MOST_ENDPOINTS: u32 = pleach_tc::Endpoint::MOST;

/// A map of the classifier.
#[derive(Debug)]
pub(crate) struct Map {
    fd: OwnedFd,
    name: MapName,
    shape: MapShape,
}

/// What a map of this name is made as.
pub(crate) fn shape_of(name: MapName, sizes: MapSizes, cpus: u32) -> MapShape {
    let reasons = u32::try_from(pleach_tc::Reason::ALL.len()).expect("invariant: a handful");
    let (kind, flags, max_entries) = match name {
        MapName::Exact4 | MapName::Exact6 => (HASH, 0, sizes.devices),
        MapName::Trie4 | MapName::Trie6 => (TRIE, NO_PREALLOCATION, sizes.devices),
        MapName::Ports => (ARRAY, 0, 3),
        MapName::About => (ARRAY, 0, 1),
        MapName::Watched4 | MapName::Watched6 => (TRIE, NO_PREALLOCATION, MOST_WATCHED),
        MapName::Endpoints => (HASH, 0, MOST_ENDPOINTS),
        MapName::Identities => (HASH, 0, sizes.identities),
        MapName::Slots => (ARRAY, 0, sizes.slots.saturating_mul(2).saturating_mul(cpus)),
        MapName::Reasons => (PER_CPU_ARRAY, 0, 2 * reasons),
        MapName::Unknown => (LRU_PER_CPU_HASH, 0, MOST_UNKNOWN),
        MapName::Scratch => (PER_CPU_ARRAY, 0, 1),
    };
    let (key, value) = name.sizes();
    let size = |bytes: usize| u32::try_from(bytes).expect("invariant: at most 28");
    MapShape { kind, key_size: size(key), value_size: size(value), max_entries, flags }
}

impl Map {
    /// Makes an empty map.
    pub(crate) fn create(name: MapName, sizes: MapSizes) -> io::Result<Self> {
        let shape = shape_of(name, sizes, cpu_numbers()?);
        Ok(Self { fd: sys::create_map(name.as_str(), shape)?, name, shape })
    }

    /// Opens the map of this number. None where it is not one of ours: another name, kind or size of its entries.
    pub(crate) fn by_id(id: u32) -> io::Result<Option<Self>> {
        let fd = sys::map_by_id(id)?;
        let (_, name, shape) = sys::map_info(fd.as_fd())?;
        let Some(name) = MapName::ALL.into_iter().find(|known| known.as_str() == name) else { return Ok(None) };
        let expected = shape_of(name, MapSizes::default(), 0);
        let same = MapShape { max_entries: shape.max_entries, ..expected } == shape;
        Ok(same.then_some(Self { fd, name, shape }))
    }

    /// The kernel's number of it.
    pub(crate) fn id(&self) -> io::Result<u32> {
        Ok(sys::map_info(self.fd.as_fd())?.0)
    }

    pub(crate) fn name(&self) -> MapName {
        self.name
    }

    pub(crate) fn max_entries(&self) -> u32 {
        self.shape.max_entries
    }

    pub(crate) fn descriptor(&self) -> i32 {
        self.fd.as_raw_fd()
    }

    /// Bytes of a value as user space sees it: of all CPUs one after the other, where each has its own.
    fn value_room(&self) -> io::Result<usize> {
        let one = self.shape.value_size as usize;
        match self.shape.kind {
            PER_CPU_ARRAY | LRU_PER_CPU_HASH => Ok(one.next_multiple_of(8) * possible_cpus()? as usize),
            _ => Ok(one),
        }
    }

    fn check(&self, key: &[u8], value: Option<&[u8]>) {
        assert_eq!(key.len(), self.shape.key_size as usize, "invariant: a key of {}", self.name);
        assert!(
            value.is_none_or(|value| value.len() == self.shape.value_size as usize),
            "invariant: a value of {}",
            self.name
        );
        assert!(!matches!(self.shape.kind, PER_CPU_ARRAY | LRU_PER_CPU_HASH), "invariant: counters are only read");
    }

    /// Puts entries, in order. How many were done, and why no more.
    pub(crate) fn put(&self, entries: &[(Bytes, Bytes)]) -> Batch {
        let keys: Vec<u8> = entries.iter().flat_map(|(key, _)| key.iter().copied()).collect();
        let values: Vec<u8> = entries.iter().flat_map(|(_, value)| value.iter().copied()).collect();
        for (key, value) in entries {
            self.check(key, Some(value));
        }
        let batched = sys::update_batch(self.fd.as_fd(), entries.len(), &keys, &values);
        resume(batched, entries.len(), |at| sys::update(self.fd.as_fd(), &entries[at].0, &entries[at].1))
    }

    /// Removes entries, in order; one that is not there is as good as removed. How many were done, and why no more.
    pub(crate) fn remove(&self, keys: &[Bytes]) -> Batch {
        for key in keys {
            self.check(key, None);
        }
        let mut done = 0;
        while done < keys.len() {
            let bytes: Vec<u8> = keys[done..].iter().flat_map(|key| key.iter().copied()).collect();
            let batched = sys::delete_batch(self.fd.as_fd(), keys.len() - done, &bytes);
            let (more, error) = resume(batched, keys.len() - done, |at| sys::delete(self.fd.as_fd(), &keys[done + at]));
            done += more;
            match error {
                None => break,
                Some(error) if error.raw_os_error() == Some(libc::ENOENT) => done += 1,
                Some(error) => return (done, Some(error)),
            }
        }
        (done, None)
    }

    /// Reads one entry. None where there is none.
    pub(crate) fn get(&self, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        assert_eq!(key.len(), self.shape.key_size as usize, "invariant: a key of {}", self.name);
        let mut value = vec![0; self.value_room()?];
        match sys::lookup(self.fd.as_fd(), key, &mut value) {
            Ok(()) => Ok(Some(value)),
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads every entry, each as key and value.
    pub(crate) fn each(&self, mut take: impl FnMut(&[u8], &[u8])) -> io::Result<()> {
        let (key_size, value_size) = (self.shape.key_size as usize, self.value_room()?);
        let mut room = BATCH;
        let (mut keys, mut values) = (vec![0; room * key_size], vec![0; room * value_size]);
        let mut cursor = None;
        loop {
            let before = cursor;
            let (count, error) = sys::lookup_batch(self.fd.as_fd(), &mut cursor, room, &mut keys, &mut values);
            let errno = error.as_ref().and_then(io::Error::raw_os_error);
            match error {
                // A bucket with more entries than there is room for.
                Some(_) if errno == Some(libc::ENOSPC) => {
                    room *= 2;
                    (keys, values) = (vec![0; room * key_size], vec![0; room * value_size]);
                    cursor = before;
                    continue;
                }
                Some(error) if is_unsupported(&error) && before.is_none() => return self.each_by_one(take),
                Some(error) if errno != Some(libc::ENOENT) => return Err(error),
                _ => {}
            }
            for (key, value) in keys.chunks_exact(key_size).zip(values.chunks_exact(value_size)).take(count) {
                take(key, value);
            }
            if errno == Some(libc::ENOENT) {
                return Ok(());
            }
        }
    }

    fn each_by_one(&self, mut take: impl FnMut(&[u8], &[u8])) -> io::Result<()> {
        let mut next = vec![0; self.shape.key_size as usize];
        let mut key: Option<Vec<u8>> = None;
        while sys::next_key(self.fd.as_fd(), key.as_deref(), &mut next)? {
            if let Some(value) = self.get(&next)? {
                take(&next, &value);
            }
            key = Some(next.clone());
        }
        Ok(())
    }
}

/// Goes on one by one where the kernel has no batches for this map, or stopped in the middle for a reason that passes.
fn resume(batched: Batch, count: usize, mut one: impl FnMut(usize) -> io::Result<()>) -> Batch {
    let (mut done, error) = batched;
    match error {
        None => return (count, None),
        Some(error) if !is_unsupported(&error) && !is_passing(&error) => return (done, Some(error)),
        Some(_) => {}
    }
    while done < count {
        if let Err(error) = one(done) {
            return (done, Some(error));
        }
        done += 1;
    }
    (done, None)
}

/// Whether the kernel has no batches for a kind of map: it says so in one of three ways, by version.
fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(ENOTSUPP | libc::EOPNOTSUPP | libc::EINVAL))
}

/// Whether the same entry may succeed when asked for again.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINTR | libc::EAGAIN | libc::EBUSY))
}

/// How many CPUs the kernel keeps values of per-CPU maps for.
pub fn possible_cpus() -> io::Result<u32> {
    cpus().map(|(count, _)| count)
}

/// One more than the highest number of a CPU: numbers may have gaps.
fn cpu_numbers() -> io::Result<u32> {
    cpus().map(|(_, numbers)| numbers)
}

/// Both, from `/sys/devices/system/cpu/possible` (`0-3,8`).
fn cpus() -> io::Result<(u32, u32)> {
    static CPUS: OnceLock<(u32, u32)> = OnceLock::new();
    if let Some(&cpus) = CPUS.get() {
        return Ok(cpus);
    }
    let text = std::fs::read_to_string("/sys/devices/system/cpu/possible")?;
    let cpus = count_ranges(&text).ok_or_else(|| io::Error::other("the list of possible CPUs cannot be read"))?;
    Ok(*CPUS.get_or_init(|| cpus))
}

/// How many numbers a list of ascending ranges has, and one more than the last of them.
fn count_ranges(ranges: &str) -> Option<(u32, u32)> {
    ranges.trim().split(',').try_fold((0, 0), |(count, _), range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        Some((count + (last + 1).checked_sub(first)?, last + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_counted_and_their_numbers_may_have_gaps() {
        let lists = [("0\n", Some((1, 1))), ("0-3\n", Some((4, 4))), ("0-3,8\n", Some((5, 9))), ("\n", None)];
        for (text, count) in lists {
            assert_eq!(count_ranges(text), count, "{text:?}");
        }
    }

    /// What `resume` makes of a batch of ten that stopped like this, where the `refused` of the entries asked for alone fails.
    fn resumed(batched: Batch, refused: Option<usize>) -> (usize, Option<i32>, Vec<usize>) {
        let mut alone = Vec::new();
        let (done, error) = resume(batched, 10, |at| {
            alone.push(at);
            if refused == Some(at) { Err(io::Error::from_raw_os_error(libc::E2BIG)) } else { Ok(()) }
        });
        (done, error.and_then(|error| error.raw_os_error()), alone)
    }

    #[test]
    fn a_batch_goes_on_one_by_one_where_there_are_no_batches_or_it_was_interrupted() {
        let stopped = |done, errno| (done, Some(io::Error::from_raw_os_error(errno)));
        for errno in [ENOTSUPP, libc::EOPNOTSUPP, libc::EINVAL] {
            assert_eq!(resumed(stopped(0, errno), None), (10, None, (0..10).collect()));
        }
        for errno in [libc::EINTR, libc::EAGAIN, libc::EBUSY] {
            assert_eq!(resumed(stopped(7, errno), None), (10, None, vec![7, 8, 9]));
        }
        assert_eq!(resumed(stopped(0, ENOTSUPP), Some(4)), (4, Some(libc::E2BIG), (0..5).collect()));
    }

    #[test]
    fn a_batch_that_was_done_or_refused_is_not_tried_again() {
        assert_eq!(resumed((10, None), None), (10, None, vec![]));
        let full = (3, Some(io::Error::from_raw_os_error(libc::E2BIG)));
        assert_eq!(resumed(full, None), (3, Some(libc::E2BIG), vec![]));
    }
}
