//! Replacing files so that nobody ever sees half of one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Files that are written beside those they will replace. All are on disk before the first one replaces anything;
/// dropped before [`Staged::publish`], nothing has changed.
#[derive(Debug, Default)]
pub struct Staged {
    files: Vec<(PathBuf, PathBuf)>,
    /// Folders that were made for them, the outer ones first.
    folders: Vec<PathBuf>,
    published: usize,
}

/// Whether a file had to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new or differs.
    Written,
    /// It holds these bytes already and is not touched.
    Unchanged,
}

/// A file that cannot be written, and why.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", path.display())]
pub struct WriteError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl Staged {
    /// Writes `bytes` beside `path` and brings them to disk; a file that holds them already is left alone. A file that is
    /// replaced keeps its permissions.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<Change, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        let standing = fs::metadata(path).ok();
        if standing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if holds(path, standing.as_ref(), bytes) {
            return Ok(Change::Unchanged);
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        self.make_folder(folder).map_err(failed)?;
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.new", std::process::id()));
        let beside = folder.join(name);
        self.files.push((beside.clone(), path.to_owned()));
        let mut file = File::create(&beside).map_err(failed)?;
        if let Some(standing) = standing {
            file.set_permissions(standing.permissions()).map_err(failed)?;
        }
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(Change::Written)
    }

    /// Makes a folder and those above it, and remembers which of them were not there.
    fn make_folder(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).collect();
        fs::create_dir_all(folder)?;
        self.folders.extend(missing.into_iter().rev().map(Path::to_owned));
        Ok(())
    }

    /// Moves every file into place, in the order they were added, and brings the folders to disk.
    ///
    /// A failure leaves the files before it new and the others old; each by itself is whole.
    pub fn publish(mut self) -> Result<(), WriteError> {
        let mut folders: Vec<PathBuf> = Vec::new();
        for (beside, path) in &self.files {
            fs::rename(beside, path).map_err(|source| WriteError { path: path.clone(), source })?;
            self.published += 1;
            let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        for folder in folders {
            let synced = File::open(&folder).and_then(|file| file.sync_all());
            synced.map_err(|source| WriteError { path: folder, source })?;
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for (beside, _) in &self.files[self.published..] {
            let _ = fs::remove_file(beside); // what cannot be removed is named `.….new` and harms nobody
        }
        if self.published == 0 {
            for folder in self.folders.iter().rev() {
                let _ = fs::remove_dir(folder); // only if it is empty, which is when nobody needs it
            }
        }
    }
}

fn holds(path: &Path, standing: Option<&fs::Metadata>, bytes: &[u8]) -> bool {
    let same_length = standing.is_some_and(|data| data.is_file() && data.len() == bytes.len() as u64);
    same_length && fs::read(path).is_ok_and(|old| old == bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_all_or_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (first, second) = (folder.path().join("a"), folder.path().join("deep/b"));
        fs::write(&first, "old").expect("written");
        let mut staged = Staged::default();
        assert_eq!(staged.add(&first, b"new").expect("staged"), Change::Written);
        drop(staged);
        assert_eq!(fs::read(&first).expect("read"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing is left beside it");
        let mut staged = Staged::default();
        staged.add(&first, b"new").expect("staged");
        staged.add(&second, b"b").expect("staged");
        staged.publish().expect("published");
        assert_eq!(
            (fs::read(&first).expect("read"), fs::read(&second).expect("read")),
            (b"new".to_vec(), b"b".to_vec())
        );
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 2);
    }

    #[test]
    fn an_unchanged_file_is_not_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        fs::write(&path, "same").expect("written");
        let before = fs::metadata(&path).expect("there").modified().expect("a time");
        let mut staged = Staged::default();
        assert_eq!(staged.add(&path, b"same").expect("staged"), Change::Unchanged);
        staged.publish().expect("published");
        assert_eq!(fs::metadata(&path).expect("there").modified().expect("a time"), before);
    }

    #[test]
    fn a_folder_in_the_way_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        fs::create_dir_all(path.join("child")).expect("made");
        let mut staged = Staged::default();
        assert_eq!(staged.add(&path, b"new").expect_err("a folder is in the way").path, path);
    }

    #[test]
    fn what_is_dropped_leaves_no_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut staged = Staged::default();
        staged.add(&folder.path().join("out/main/a"), b"a").expect("staged");
        drop(staged);
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 0);
    }

    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        let mut staged = Staged::default();
        staged.add(&path, b"new").expect("staged");
        staged.publish().expect("published");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
    }
}
