//! The folder of one shaper.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::lock::{Holder, Lock, LockError};
use super::replace::{PRIVATE_FILE, remove, rename, replace, replace_until_boot};
use super::trial::Watcher;

/// What only its owner may enter.
const PRIVATE_FOLDER: u32 = 0o700;

/// The folder of one shaper.
#[derive(Clone, Debug)]
pub struct StateFolder {
    path: PathBuf,
}

/// The files that are replaced whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Who has which numbers.
    Ledger,
    /// How to undo the apply that runs or waits for its confirmation.
    Undo,
    /// What the interfaces were like before the first apply.
    Baseline,
    /// Which physes were committed last.
    Committed,
    /// How to undo the last apply that was finished.
    Previous,
    /// What the last undo that failed left behind, for people.
    Left,
}

impl Name {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ledger => "ledger.json",
            Self::Undo => "undo.json",
            Self::Baseline => "baseline.json",
            Self::Committed => "committed.json",
            Self::Previous => "previous.json",
            Self::Left => "left.txt",
        }
    }
}

/// Why the state folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {act} `{}`", path.display())]
pub struct StateError {
    /// What was tried.
    pub act: &'static str,
    /// With what.
    pub path: PathBuf,
    /// Why it failed.
    pub source: io::Error,
}

impl StateFolder {
    /// The folder of a shaper below the configured one. Nothing is made: for verbs that only read.
    pub fn of(state: &Path, shaper: &str) -> Self {
        Self { path: state.join("shapers").join(shaper) }
    }

    /// The folder of what overlays must remember below the configured one.
    pub fn of_overlays(state: &Path) -> Self {
        Self { path: state.join("overlay") }
    }

    /// This very folder.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Makes the folder where it is missing, and tries that it can be written: nobody wants to learn that half way.
    pub fn prepare(&self) -> Result<(), StateError> {
        self.make()?;
        let probe = self.path.join("probe.new");
        let failed = |source| StateError { act: "write to the folder", path: self.path.clone(), source };
        replace(&probe, b"").and_then(|()| remove(&probe)).map_err(failed)
    }

    /// Makes the folder where it is missing.
    pub fn make(&self) -> Result<(), StateError> {
        let failed = |source| StateError { act: "make the folder", path: self.path.clone(), source };
        DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(&self.path).map_err(failed)
    }

    /// The state folder that it is in.
    pub fn state(&self) -> &Path {
        self.path.ancestors().nth(2).unwrap_or(&self.path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the shaper's lock.
    pub fn lock(&self) -> Result<Lock, LockError> {
        Lock::take(&self.path.join("lock"))
    }

    /// Takes the shaper's lock, if need be from a holder that had so much time for its work: that one is killed, and told.
    pub fn take_lock_from(&self, patience: Duration) -> Result<(Lock, Option<Holder>), LockError> {
        Lock::take_from(&self.path.join("lock"), patience)
    }

    /// Takes the lock that says that a watcher is alive.
    pub fn lock_as_watcher(&self) -> Result<Lock, LockError> {
        Lock::take(&self.path.join("watcher"))
    }

    /// Whether a watcher is alive.
    pub fn watcher(&self) -> Watcher {
        if Lock::is_held(&self.path.join("watcher")) { Watcher::Alive } else { Watcher::Gone }
    }

    /// The file that a watcher writes what it did to.
    pub fn open_log(&self) -> Result<File, StateError> {
        let path = self.log_path();
        let opened = OpenOptions::new().create(true).append(true).mode(PRIVATE_FILE).open(&path);
        opened.map_err(|source| StateError { act: "write to", path, source })
    }

    /// Where that file is.
    pub fn log_path(&self) -> PathBuf {
        self.path.join("watcher.log")
    }

    /// The text of a file; none if it is not there.
    pub fn read(&self, name: Name) -> Result<Option<String>, StateError> {
        let path = self.file(name);
        match fs::read(&path) {
            // Bytes that are no text are no JSON either: whoever asked says so.
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StateError { act: "read", path, source }),
        }
    }

    /// Replaces a file; it is on disk when this returns. Touches nothing if it holds this text already.
    pub fn write(&self, name: Name, text: &str) -> Result<(), StateError> {
        if self.read(name).is_ok_and(|old| old.as_deref() == Some(text)) {
            return Ok(());
        }
        let path = self.file(name);
        replace(&path, text.as_bytes()).map_err(|source| StateError { act: "write", path, source })
    }

    /// The same for what is worth nothing after the next boot: it is not brought to disk, and survives this process all the same.
    pub fn write_until_boot(&self, name: Name, text: &str) -> Result<(), StateError> {
        if self.read(name).is_ok_and(|old| old.as_deref() == Some(text)) {
            return Ok(());
        }
        let path = self.file(name);
        replace_until_boot(&path, text.as_bytes()).map_err(|source| StateError { act: "write", path, source })
    }

    /// Gives a file that cannot be understood a name under which it is in nobody's way, if it is there.
    pub fn set_aside(&self, name: Name) -> Result<(), StateError> {
        let (path, aside) = (self.file(name), self.aside(name));
        match rename(&path, &aside) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(StateError { act: "rename", path, source }),
            _ => Ok(()),
        }
    }

    /// Where a file is that was set aside.
    pub fn aside(&self, name: Name) -> PathBuf {
        self.path.join(format!("{}.unreadable", name.as_str()))
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: Name) -> Result<(), StateError> {
        let path = self.file(name);
        remove(&path).map_err(|source| StateError { act: "remove", path, source })
    }

    /// Makes the record of an apply that is finished the one that `rollback` goes back by.
    pub fn keep_undo_as_previous(&self) -> Result<(), StateError> {
        let path = self.file(Name::Undo);
        rename(&path, &self.file(Name::Previous)).map_err(|source| StateError { act: "rename", path, source })
    }

    /// Where a file is.
    pub fn file(&self, name: Name) -> PathBuf {
        self.path.join(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_its_owner_can_look() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::of(&root.path().join("deep"), "main");
        assert_eq!(folder.read(Name::Ledger).expect("not there"), None);
        assert!(!folder.path().exists(), "reading makes nothing");
        folder.prepare().expect("made");
        folder.write(Name::Ledger, "{}").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(folder.path()), mode(&folder.file(Name::Ledger))), (0o700, 0o600));
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing else is left there");
        folder.write(Name::Undo, "1").expect("written");
        folder.keep_undo_as_previous().expect("renamed");
        assert_eq!(folder.read(Name::Undo).expect("read"), None);
        assert_eq!(folder.read(Name::Previous).expect("read").as_deref(), Some("1"));
        folder.remove(Name::Previous).expect("removed");
        folder.remove(Name::Previous).expect("not there is as good");
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join("state"), "").expect("written");
        let folder = StateFolder::of(&root.path().join("state"), "main");
        let error = folder.prepare().expect_err("a file is in the way").to_string();
        assert!(error.starts_with("cannot make the folder `") && error.ends_with("/state/shapers/main`"), "{error}");
    }
}
