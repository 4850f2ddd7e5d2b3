//! Replacing files so that nobody ever sees half of one.

mod beside;
mod publish;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use beside::{Role, beside, folder_of, remove_leftovers};
use publish::{Act, Waiting};
pub use publish::{LeftNew, PublishError, Undo};

/// Files that are written beside those they will replace. All are on disk before the first one replaces anything;
/// dropped before [`Staged::publish`], nothing has changed.
#[derive(Debug, Default)]
pub struct Staged {
    files: Vec<Waiting>,
    /// Files that must not be replaced: what the run reads.
    protected: Vec<PathBuf>,
    /// Folders that were made for them, the outer ones first.
    folders: Vec<PathBuf>,
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

/// Why a file may not be written though it could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Clash {
    #[error("this run reads it; write somewhere else")]
    IsInput,
    #[error("two shapers write it, and not the same; give each a folder of its own")]
    WrittenTwice,
}

impl Staged {
    /// Starts a run that reads `inputs`: none of them may be replaced, however its path is spelled.
    pub fn protecting<'p>(inputs: impl IntoIterator<Item = &'p Path>) -> Self {
        let protected = inputs.into_iter().filter_map(|input| fs::canonicalize(input).ok()).collect();
        Self { files: Vec::new(), protected, folders: Vec::new() }
    }

    /// Writes `bytes` beside `path` and brings them to disk; a file that holds them already is left alone. A file that is
    /// replaced keeps its permissions. What a killed run left beside it is removed.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<Change, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        let standing = fs::metadata(path).ok();
        if standing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        remove_leftovers(path);
        if holds(path, standing.as_ref(), bytes) {
            return Ok(Change::Unchanged);
        }
        let true_path = self.make_folder(folder_of(path)).and_then(|()| true_path(path)).map_err(failed)?;
        let clash = |clash: Clash| failed(io::Error::other(clash));
        if self.protected.contains(&true_path) {
            return Err(clash(Clash::IsInput));
        }
        let new = beside(&true_path, Role::New);
        if self.files.iter().any(|file| file.new == new) {
            let is_same = fs::read(&new).is_ok_and(|waiting| waiting == bytes);
            return if is_same { Ok(Change::Written) } else { Err(clash(Clash::WrittenTwice)) };
        }
        let _ = fs::remove_file(&new); // left by a killed run whose number this process has now
        let mut file = File::create_new(&new).map_err(failed)?;
        let path = if path.is_symlink() { true_path } else { path.to_owned() }; // as the operator wrote it
        self.files.push(Waiting { new, path });
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
    /// A failure puts back what was replaced before it; the error says whether that was possible.
    pub fn publish(self) -> Result<(), PublishError> {
        self.publish_with(&mut |step| step.carry_out())
    }

    fn publish_with(mut self, act: Act<'_>) -> Result<(), PublishError> {
        publish::publish(&self.files, act)?;
        self.files.clear();
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for Waiting { new, .. } in &self.files {
            let _ = fs::remove_file(new); // what cannot be removed is named `.….new` and harms nobody
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder); // only if it is empty, which is when nobody needs it
        }
    }
}

/// The same path for the same file, however its folder is spelled and whatever link leads to it: what is replaced is the
/// file, not the link.
fn true_path(path: &Path) -> io::Result<PathBuf> {
    if path.is_symlink() {
        return path.canonicalize();
    }
    Ok(folder_of(path).canonicalize()?.join(path.file_name().unwrap_or_default()))
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
    fn what_the_run_reads_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (input, link) = (folder.path().join("ShapedDevices.csv"), folder.path().join("link.csv"));
        fs::write(&input, "mine").expect("written");
        std::os::unix::fs::symlink(&input, &link).expect("linked");
        for path in [folder.path().join("./ShapedDevices.csv"), link] {
            let mut staged = Staged::protecting([input.as_path()]);
            let error = staged.add(&path, b"new").expect_err("it is an input");
            assert_eq!(error.source.to_string(), "this run reads it; write somewhere else");
        }
        assert_eq!(fs::read(&input).expect("read"), b"mine");
    }

    #[test]
    fn two_shapers_do_not_share_a_file_unless_it_is_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut staged = Staged::default();
        staged.add(&folder.path().join("a"), b"one").expect("staged");
        assert_eq!(staged.add(&folder.path().join("./a"), b"one").expect("the same"), Change::Written);
        assert!(staged.add(&folder.path().join("./a"), b"two").is_err());
        staged.publish().expect("published once");
        assert_eq!(fs::read(folder.path().join("a")).expect("read"), b"one");
    }

    #[test]
    fn a_link_stays_and_its_file_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        let mut staged = Staged::default();
        staged.add(&link, b"new").expect("staged");
        staged.publish().expect("published");
        assert!(link.is_symlink());
        assert_eq!(fs::read(&file).expect("read"), b"new");
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

    #[test]
    fn what_a_killed_run_left_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        fs::write(&path, "same").expect("written");
        let mut child = std::process::Command::new("true").spawn().expect("started");
        let (over, alive) = (child.id(), std::os::unix::process::parent_id());
        child.wait().expect("ended");
        let left = [format!(".a.{over}.new"), format!(".a.{over}.old")];
        let stay = [format!(".a.{alive}.new"), format!(".b.{over}.new"), format!(".a.{over}.csv"), "a".to_owned()];
        for name in left.iter().chain(&stay[..3]) {
            fs::write(folder.path().join(name), "half").expect("written");
        }
        let mut staged = Staged::default();
        assert_eq!(staged.add(&path, b"same").expect("compared"), Change::Unchanged);
        for name in left {
            assert!(!folder.path().join(&name).exists(), "{name} is nobody's");
        }
        for name in stay {
            assert!(folder.path().join(&name).exists(), "{name} may be somebody's");
        }
    }
}
