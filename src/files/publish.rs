//! Replacing several files as one: all of them, or none, or it is said exactly which.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::WriteError;
use super::beside::{Role, beside, folder_of};

/// A file that waits beside the one it will replace.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) new: PathBuf,
    pub(super) path: PathBuf,
}

/// Files that were not all replaced.
#[derive(Debug, thiserror::Error)]
#[error("{undo}")]
pub struct PublishError {
    /// What failed first.
    #[source]
    pub first: WriteError,
    /// What became of the files replaced before it.
    pub undo: Undo,
}

/// What became of the files that were replaced before a failure.
#[derive(Debug)]
pub enum Undo {
    /// There were none; nothing was changed.
    NotNeeded,
    /// All are as they were before.
    Complete,
    /// All but these are as they were before.
    Incomplete(Vec<LeftNew>),
}

/// A file that was replaced and could not be put back.
#[derive(Debug)]
pub struct LeftNew {
    /// Which file.
    pub path: PathBuf,
    /// Where its old content is; none if the file was not there before.
    pub old: Option<PathBuf>,
    /// Why.
    pub source: io::Error,
}

impl std::fmt::Display for Undo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotNeeded => f.write_str("nothing was changed"),
            Self::Complete => f.write_str("changed and undone"),
            Self::Incomplete(left) => {
                let left: Vec<String> = left.iter().map(|left| format!("`{}`", left.path.display())).collect();
                write!(f, "changed, and the undo is incomplete: left new {}", left.join(", "))
            }
        }
    }
}

/// What publishing does to the disk, one thing at a time, so that a test can let any of them fail.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// Keeps what stands at a path under a second name; `NotFound` if nothing does.
    Keep { path: &'a Path, old: &'a Path },
    /// Moves the new file into place.
    Replace { new: &'a Path, path: &'a Path },
    /// Brings the names in a folder to disk.
    Sync { folder: &'a Path },
    /// Moves the old file back into place.
    PutBack { old: &'a Path, path: &'a Path },
    /// Removes a new file where nothing stood before.
    Remove { path: &'a Path },
}

impl Step<'_> {
    pub(super) fn carry_out(&self) -> io::Result<()> {
        match self {
            Self::Keep { path, old } => keep(path, old),
            Self::Replace { new, path } => fs::rename(new, path),
            Self::Sync { folder } => sync(folder),
            Self::PutBack { old, path } => fs::rename(old, path),
            Self::Remove { path } => match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }
}

/// Carries steps out.
pub(super) type Act<'a> = &'a mut dyn FnMut(&Step<'_>) -> io::Result<()>;

/// Moves every file into place, in their order. Every old file is kept before the first is replaced, so that what is
/// likely to fail does so while nothing has changed.
pub(super) fn publish(files: &[Waiting], act: Act<'_>) -> Result<(), PublishError> {
    let mut kept = Vec::with_capacity(files.len());
    let mut replaced = 0;
    let result = keep_all(files, &mut kept, act)
        .and_then(|()| replace_all(files, &mut replaced, act))
        .and_then(|()| sync_folders(files, act));
    let left = if result.is_err() { put_back(&files[..replaced], &kept, act) } else { Vec::new() };
    for old in kept.iter().flatten().filter(|old| left.iter().all(|left| left.old.as_ref() != Some(*old))) {
        let _ = fs::remove_file(old); // the next run that stages this file removes what is left here
    }
    result.map_err(|first| {
        let undo = match (replaced, left.is_empty()) {
            (0, _) => Undo::NotNeeded,
            (_, true) => Undo::Complete,
            (_, false) => Undo::Incomplete(left),
        };
        PublishError { first, undo }
    })
}

/// Notes for each file where its old one is kept, or that there is none.
fn keep_all(files: &[Waiting], kept: &mut Vec<Option<PathBuf>>, act: Act<'_>) -> Result<(), WriteError> {
    for Waiting { path, .. } in files {
        let old = beside(path, Role::Old);
        let result = act(&Step::Keep { path, old: &old });
        let is_absent = result.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound);
        kept.push((!is_absent).then_some(old)); // after a failure too: half a copy is to be removed
        if !is_absent {
            result.map_err(|source| WriteError { path: path.clone(), source })?;
        }
    }
    Ok(())
}

fn replace_all(files: &[Waiting], replaced: &mut usize, act: Act<'_>) -> Result<(), WriteError> {
    for Waiting { new, path } in files {
        act(&Step::Replace { new, path }).map_err(|source| WriteError { path: path.clone(), source })?;
        *replaced += 1;
    }
    Ok(())
}

fn sync_folders(files: &[Waiting], act: Act<'_>) -> Result<(), WriteError> {
    let mut folders: Vec<&Path> = Vec::new();
    for folder in files.iter().map(|file| folder_of(&file.path)) {
        if !folders.contains(&folder) {
            folders.push(folder);
            act(&Step::Sync { folder }).map_err(|source| WriteError { path: folder.to_owned(), source })?;
        }
    }
    Ok(())
}

/// Puts the old files back, the last replaced first, and names those where that fails.
fn put_back(files: &[Waiting], kept: &[Option<PathBuf>], act: Act<'_>) -> Vec<LeftNew> {
    let mut left = Vec::new();
    for (Waiting { path, .. }, old) in files.iter().zip(kept).rev() {
        let step = old.as_ref().map_or(Step::Remove { path }, |old| Step::PutBack { old, path });
        if let Err(source) = act(&step) {
            left.push(LeftNew { path: path.clone(), old: old.clone(), source });
        }
    }
    let _ = sync_folders(files, act); // everybody sees the old files already; the first failure is what is reported
    left
}

/// A second name for the file, or where there can be none a copy of its bytes and permissions.
fn keep(path: &Path, old: &Path) -> io::Result<()> {
    let standing = fs::symlink_metadata(path)?;
    if standing.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let _ = fs::remove_file(old); // an earlier process with the same number may have been killed
    fs::hard_link(path, old).or_else(|_| {
        if standing.is_symlink() { symlink(fs::read_link(path)?, old) } else { fs::copy(path, old).map(drop) }
    })
}

fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|file| file.sync_all()) {
        // Some network and user-space file systems have no such thing for folders.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Staged;
    use super::*;

    /// Every file and folder below, by path; a folder has no bytes.
    fn tree(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).expect("listed") {
                let path = entry.expect("listed").path();
                found.insert(path.clone(), fs::read(&path).ok());
                if path.is_dir() {
                    open.push(path);
                }
            }
        }
        found
    }

    /// Two files that stand there and, between them, two that do not, one in a folder that does not either.
    fn staged(folder: &Path) -> Staged {
        fs::write(folder.join("a"), "old a").expect("written");
        fs::write(folder.join("d"), "old d").expect("written");
        let mut staged = Staged::default();
        for name in ["a", "b", "deep/c", "d"] {
            staged.add(&folder.join(name), format!("new {name}").as_bytes()).expect("staged");
        }
        staged
    }

    #[test]
    fn whatever_fails_is_undone_or_named() {
        let (mut undone, mut incomplete, mut first) = (0, 0, 0);
        loop {
            // `second == first`: only one step fails.
            for second in first.. {
                let folder = tempfile::tempdir().expect("a folder");
                let folder = folder.path();
                let staged = staged(folder);
                let before: BTreeMap<_, _> = [("a", "old a"), ("d", "old d")]
                    .map(|(name, text)| (folder.join(name), Some(text.as_bytes().to_vec())))
                    .into();
                let mut count = 0;
                let result = staged.publish_with(&mut |step| {
                    count += 1;
                    let fails = count - 1 == first || count - 1 == second;
                    if fails { Err(io::Error::other(format!("{step:?}"))) } else { step.carry_out() }
                });
                let Err(error) = result else {
                    assert_eq!(count, first, "every step of a whole run has failed once");
                    assert!(undone > 5 && incomplete > 5, "{undone} undone, {incomplete} incomplete");
                    assert_eq!(tree(folder).len(), 5, "four files and a folder, and nothing beside them");
                    return;
                };
                let mut expected = before;
                match error.undo {
                    Undo::NotNeeded => {}
                    Undo::Complete => undone += 1,
                    Undo::Incomplete(left) => {
                        incomplete += 1;
                        for LeftNew { path, old, .. } in left {
                            let name = path.strip_prefix(folder).expect("below").display().to_string();
                            let previous = expected.insert(path.clone(), Some(format!("new {name}").into_bytes()));
                            assert_eq!(previous.is_some(), old.is_some(), "{name} was there before");
                            expected.extend(old.map(|old| (old, previous.flatten())));
                            expected.extend(name.starts_with("deep/").then(|| (folder.join("deep"), None)));
                        }
                    }
                }
                assert_eq!(tree(folder), expected, "steps {first} and {second} fail");
                if second >= count {
                    break;
                }
            }
            first += 1;
        }
    }

    #[test]
    fn a_folder_that_came_in_the_way_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let staged = staged(folder.path());
        let late = folder.path().join("b");
        fs::create_dir_all(late.join("child")).expect("made");
        let error = staged.publish().expect_err("a folder is in the way");
        assert_eq!(error.first.path, late);
        assert!(matches!(error.undo, Undo::NotNeeded), "{error}");
        assert_eq!(tree(folder.path()).len(), 4, "a, d, the folder and its child");
    }

    #[test]
    fn a_new_file_that_vanished_is_undone() {
        let folder = tempfile::tempdir().expect("a folder");
        let staged = staged(folder.path());
        fs::remove_file(beside(&folder.path().join("d"), Role::New)).expect("removed");
        let error = staged.publish().expect_err("nothing to move into place");
        assert_eq!(error.first.path, folder.path().join("d"));
        assert_eq!(error.to_string(), "changed and undone");
        let names: Vec<_> = tree(folder.path()).into_values().flatten().collect();
        assert_eq!(names, [b"old a", b"old d"]);
    }

    #[test]
    fn a_symlink_is_put_back_as_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (target, link) = (folder.path().join("target"), folder.path().join("0"));
        fs::write(&target, "old").expect("written");
        symlink("target", &link).expect("linked");
        let mut staged = staged(folder.path());
        staged.add(&link, b"new").expect("staged");
        fs::remove_file(&target).expect("removed");
        let error = staged.publish_with(&mut |step| match step {
            Step::Sync { .. } => Err(io::Error::other("no")),
            step => step.carry_out(),
        });
        assert!(matches!(error.expect_err("not on disk").undo, Undo::Complete));
        assert_eq!(fs::read_link(&link).expect("a link"), Path::new("target"));
    }
}
