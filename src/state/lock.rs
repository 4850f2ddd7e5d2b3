//! One change of a shaper's kernel state at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::replace::PRIVATE_FILE;

/// The kernel's lock on a file: it goes with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Who holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// When it took the lock, in seconds of Unix time.
    pub since: u64,
}

/// Why a lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error("{}", held(holder.as_ref()))]
    Held {
        /// Who; none if it has not said yet.
        holder: Option<Holder>,
    },
    /// The file cannot be used.
    #[error("cannot lock `{}`", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn held(holder: Option<&Holder>) -> String {
    match holder {
        Some(Holder { pid, since }) => {
            let seconds = unix_now().saturating_sub(*since);
            format!("another apply is running (pid {pid}, for {seconds} s)")
        }
        None => "another apply is running".to_owned(),
    }
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        let mut file = open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Self::sign(file).map_err(failed),
            Err(TryLockError::WouldBlock) => Err(LockError::Held { holder: read_holder(&mut file) }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Takes the lock as soon as it is free.
    pub fn wait(path: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        let file = open(path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Self::sign(file).map_err(failed)
    }

    /// Whether somebody has it; a file that is not there nobody has.
    pub fn is_held(path: &Path) -> bool {
        let Ok(file) = OpenOptions::new().read(true).open(path) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    fn sign(mut file: File) -> io::Result<Self> {
        let holder = Holder { pid: std::process::id(), since: unix_now() };
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(serde_json::to_string(&holder)?.as_bytes())?;
        Ok(Self { _file: file })
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(PRIVATE_FILE).open(path)
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        assert!(!Lock::is_held(&path));
        let lock = Lock::take(&path).expect("free");
        assert!(Lock::is_held(&path));
        let error = Lock::take(&path).expect_err("held").to_string();
        assert_eq!(error, format!("another apply is running (pid {}, for 0 s)", std::process::id()));
        drop(lock);
        assert!(!Lock::is_held(&path));
        let _again = Lock::wait(&path).expect("free again, though its file still names who had it");
    }

    #[test]
    fn a_dead_holder_holds_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        std::fs::write(&path, r#"{"pid":1,"since":0}"#).expect("written");
        Lock::take(&path).expect("whoever wrote that is gone");
    }
}
