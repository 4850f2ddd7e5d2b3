//! Numbers that grow, over all processes that use a key and whatever becomes of them.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::hex;

/// The nonces of one key, for one process at a time.
///
/// A file says up to which number nonces may have been used. It is on disk before the first of them is given out, so a process
/// that dies wastes numbers and never leaves one to be used again.
#[derive(Debug)]
pub struct Nonces {
    path: PathBuf,
    unit: NonceUnit,
    last: u64,
    reserved: u64,
    /// Holds the lock as long as this lives.
    _lock: File,
}

/// What a nonce counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceUnit {
    /// Hundredths of a second: for signed requests.
    Hundredths,
    /// Seconds: for logins.
    Seconds,
}

/// Why there are no nonces.
#[derive(Debug, thiserror::Error)]
pub enum NonceError {
    /// Another process has them.
    #[error("another process uses the key (`{}` is locked)", path.display())]
    Locked {
        /// The lock.
        path: PathBuf,
    },
    /// The file cannot be read or written, or holds no number.
    #[error("`{}`", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl NonceUnit {
    /// The number of a moment.
    pub fn at(self, moment: SystemTime) -> u64 {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        match self {
            Self::Hundredths => since.as_secs() * 100 + u64::from(since.subsec_millis()) / 10,
            Self::Seconds => since.as_secs(),
        }
    }

    /// How many are reserved at a time. A sync of 50 000 services signs fewer than 200 requests, which then cost one write;
    /// what is left over puts the next process no more than two seconds before its clock.
    const fn reserve(self) -> u64 {
        match self {
            Self::Hundredths => 200,
            Self::Seconds => 1,
        }
    }
}

impl Nonces {
    /// Takes the nonces of `key`, whose file is in `folder`. Fails at once where another process has them.
    pub fn open(folder: &Path, key: &str, unit: NonceUnit) -> Result<Self, NonceError> {
        let hash = hex::digits(&Sha256::digest(key.as_bytes())[..8]); // tells keys apart, and does not tell the key
        let path = folder.join(format!("nonce-{hash}"));
        let lock_path = path.with_extension("lock");
        let failed = |path: &Path, source| NonceError::File { path: path.to_owned(), source };
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let lock = private().append(true).open(&lock_path).map_err(|source| failed(&lock_path, source))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => NonceError::Locked { path: lock_path.clone() },
            TryLockError::Error(source) => failed(&lock_path, source),
        })?;
        let last = read(&path).map_err(|source| failed(&path, source))?;
        Ok(Self { path, unit, last, reserved: last, _lock: lock })
    }

    /// The next nonce: that of the clock, or the one after the last where the clock is not beyond it.
    pub fn next(&mut self, now: SystemTime) -> Result<u64, NonceError> {
        let nonce = self.unit.at(now).max(self.last + 1);
        if nonce > self.reserved {
            let reserved = nonce + self.unit.reserve() - 1;
            write(&self.path, reserved).map_err(|source| NonceError::File { path: self.path.clone(), source })?;
            self.reserved = reserved;
        }
        self.last = nonce;
        Ok(nonce)
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

fn read(path: &Path) -> io::Result<u64> {
    match fs::read_to_string(path) {
        Ok(text) => text.trim().parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "holds no number")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

/// Replaces the file, so that a crash leaves the old number or the new one.
fn write(path: &Path, number: u64) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = private().write(true).truncate(true).open(&new)?;
    writeln!(file, "{number}")?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(hundredths: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(hundredths * 10)
    }

    fn on_disk(folder: &Path) -> u64 {
        let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("listed").path());
        let file = files.into_iter().find(|path| path.extension().is_none()).expect("the number's file");
        read(&file).expect("a number")
    }

    #[test]
    fn nonces_follow_the_clock_and_never_go_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut nonces = Nonces::open(folder.path(), "k", NonceUnit::Hundredths).expect("free");
        let mut next = |now| nonces.next(at(now)).expect("written");
        assert_eq!([next(1000), next(1000), next(900), next(2000)], [1000, 1001, 1002, 2000]);
    }

    #[test]
    fn a_nonce_is_on_disk_before_it_is_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut nonces = Nonces::open(folder.path(), "k", NonceUnit::Hundredths).expect("free");
        for now in (0..1000).map(|step| 1000 + step / 3) {
            let nonce = nonces.next(at(now)).expect("written");
            assert!(on_disk(folder.path()) >= nonce, "a crash now would leave {nonce} to be used again");
        }
        fs::remove_dir_all(folder.path()).expect("removed");
        let error =
            (0..1000).find_map(|_| nonces.next(at(1000)).err()).expect("what cannot be written is not given out");
        assert!(matches!(error, NonceError::File { .. }));
    }

    #[test]
    fn a_process_that_died_leaves_nothing_to_be_used_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut highest = 0;
        for unit in [NonceUnit::Hundredths, NonceUnit::Hundredths, NonceUnit::Seconds, NonceUnit::Seconds] {
            let mut nonces = Nonces::open(folder.path(), "k", unit).expect("free");
            for _ in 0..3 {
                let nonce = nonces.next(at(1000)).expect("written");
                assert!(nonce > highest, "{nonce} after {highest}");
                highest = nonce;
            }
            // Nothing is written when it goes: as if the process had been killed here.
        }
    }

    #[test]
    fn one_process_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Nonces::open(folder.path(), "k", NonceUnit::Seconds).expect("free");
        let second = Nonces::open(folder.path(), "k", NonceUnit::Seconds).expect_err("taken");
        assert!(matches!(second, NonceError::Locked { .. }));
        Nonces::open(folder.path(), "another", NonceUnit::Seconds).expect("another key has nonces of its own");
        drop(first);
        Nonces::open(folder.path(), "k", NonceUnit::Seconds).expect("free again");
    }

    #[test]
    fn a_damaged_file_is_said_and_not_guessed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut nonces = Nonces::open(folder.path(), "k", NonceUnit::Seconds).expect("free");
        nonces.next(at(1000)).expect("written");
        let path = nonces.path.clone();
        drop(nonces);
        fs::write(&path, "12x").expect("written");
        let error = Nonces::open(folder.path(), "k", NonceUnit::Seconds).expect_err("damaged");
        assert!(matches!(error, NonceError::File { source, .. } if source.to_string() == "holds no number"));
    }
}
