//! Writes to the classifier's maps: runs of the same sort become one batch, and the order stays.

use pleach_tc::wire::{About, Bytes, MapName, RawWrite};
use pleach_tc::{Interface, MapWrite};

use super::classifier::{Classifier, refused};
use crate::Executed;
use crate::error::KernelError;

/// Whether entries are put or removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Put,
    Remove,
}

impl Classifier {
    /// Does these writes in order, and stops at the first that is refused: everything before it is done, nothing behind
    /// it. Removing what is not there is as good as done. `index_of` is the number of an interface.
    pub fn write(&self, writes: &[MapWrite], index_of: impl Fn(&Interface) -> Result<u32, KernelError>) -> Executed {
        let mut raw = Vec::with_capacity(writes.len());
        let mut first_error = None;
        for write in writes {
            match encode(write, &index_of) {
                Ok(one) => raw.push(one),
                Err(error) => {
                    first_error = Some(error);
                    break;
                }
            }
        }
        let (done, error) = match self.clear_hints(&writes[..raw.len()]) {
            Ok(()) => self.write_raw(&raw, writes),
            Err(error) => (0, Some(error)),
        };
        match error.or(first_error) {
            None => Executed { sent: done, refused: Vec::new() },
            Some(error) => Executed { sent: done + 1, refused: vec![(done, error)] },
        }
    }

    /// Before entries of a sort are put that none was of: the program must look for them from now on.
    fn clear_hints(&self, writes: &[MapWrite]) -> Result<(), KernelError> {
        let cleared = writes.iter().fold(0, |bits, write| bits | About::cleared_by(write));
        if cleared == 0 {
            return Ok(());
        }
        let about = self.about()?;
        if about.absent & cleared == 0 {
            return Ok(());
        }
        self.write_about(About { absent: about.absent & !cleared, ..about })
    }

    fn write_raw(&self, raw: &[RawWrite], writes: &[MapWrite]) -> (usize, Option<KernelError>) {
        let mut done = 0;
        for run in raw.chunk_by(|one, next| sort_of(one) == sort_of(next)) {
            let (map, act) = sort_of(&run[0]);
            let (count, error) = match act {
                Act::Put => {
                    let value = |write: &RawWrite| write.value.expect("invariant: it is put");
                    let entries: Vec<_> = run.iter().map(|write| (write.key, value(write))).collect();
                    self.map(map).put(&entries)
                }
                Act::Remove => {
                    let keys: Vec<Bytes> = run.iter().map(|write| write.key).collect();
                    self.map(map).remove(&keys)
                }
            };
            done += count;
            if let Some(error) = error {
                let operation = writes.get(done).map_or_else(|| map.to_string(), in_words);
                return (done, Some(refused(operation, &error)));
            }
        }
        (done, None)
    }
}

fn sort_of(write: &RawWrite) -> (MapName, Act) {
    (write.map, if write.value.is_some() { Act::Put } else { Act::Remove })
}

fn encode(
    write: &MapWrite,
    index_of: impl Fn(&Interface) -> Result<u32, KernelError>,
) -> Result<RawWrite, KernelError> {
    let index = match write {
        MapWrite::Identify { key, .. } | MapWrite::Forget(key) => index_of(&key.interface)?,
        _ => 0,
    };
    write.to_raw(index).ok_or_else(|| KernelError::Refused {
        operation: in_words(write),
        errno: libc::EINVAL,
        message: Some("an exact map has no keys of this prefix length".to_owned()),
    })
}

/// A write in `bpftool`'s words, with the key as people read it.
fn in_words(write: &MapWrite) -> String {
    match write {
        MapWrite::PutDevice { store, key, .. } => {
            format!(
                "bpftool map update name {} key {} {}",
                MapName::of_store(*store, key.prefix),
                key.scope,
                key.prefix
            )
        }
        MapWrite::RemoveDevice { store, key } => {
            format!(
                "bpftool map delete name {} key {} {}",
                MapName::of_store(*store, key.prefix),
                key.scope,
                key.prefix
            )
        }
        MapWrite::SetPort { index, .. } => format!("bpftool map update name ports key {}", *index as u32),
        MapWrite::Watch(prefix) => format!("bpftool map update name watched key {prefix}"),
        MapWrite::Unwatch(prefix) => format!("bpftool map delete name watched key {prefix}"),
        MapWrite::SetEndpoint { endpoint, .. } => format!("bpftool map update name endpoints key {endpoint}"),
        MapWrite::RemoveEndpoint(endpoint) => format!("bpftool map delete name endpoints key {endpoint}"),
        MapWrite::Identify { key, .. } => {
            format!("bpftool map update name identities key {} {}", key.interface, key.class)
        }
        MapWrite::Forget(key) => format!("bpftool map delete name identities key {} {}", key.interface, key.class),
    }
}
