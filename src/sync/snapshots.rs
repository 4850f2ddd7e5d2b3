//! The archives of what sources answered.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use pleach_source::{Archive, Snapshot};
use sha2::{Digest, Sha256};

use crate::exit::Failure;
use crate::export::hex;

/// Customers' names and addresses are in it: for its owner, and whoever is in its group.
const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;

/// The folder of archives.
#[derive(Clone, Debug)]
pub(super) struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    pub(super) fn at(state: &Path) -> Self {
        Self { folder: state.join("snapshots") }
    }

    /// Writes an archive, unless it is there; its name.
    pub(super) fn keep(&self, archive: &Archive) -> Result<String, Failure> {
        let name = name(archive);
        let path = self.folder.join(&name);
        if path.exists() {
            return Ok(name);
        }
        write(&self.folder, &path, archive).with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(name)
    }

    /// Where an archive is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads an archive by its name.
    pub(super) fn open(&self, name: &str) -> Result<Archive, Failure> {
        read(&self.folder.join(name))
    }

    /// The last archive that was kept.
    pub(super) fn latest(&self) -> Result<Option<PathBuf>, Failure> {
        Ok(self.names()?.pop().map(|name| self.folder.join(name)))
    }

    /// Removes the archives that nothing refers to, but never the last one.
    pub(super) fn retire(&self, is_used: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let mut names = self.names()?;
        names.pop();
        for name in names.iter().filter(|name| !is_used(name)) {
            let path = self.folder.join(name);
            fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
        }
        Ok(())
    }

    /// The names of all archives, the oldest first.
    fn names(&self) -> Result<Vec<String>, Failure> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.with_context(|| format!("cannot list `{}`", self.folder.display()))?,
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| is_archive(name))
            .collect();
        names.sort_unstable();
        Ok(names)
    }
}

fn is_archive(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "tar")
}

/// The time to the millisecond, so that names sort by it, and a hash, so that the same answers have one name.
fn name(archive: &Archive) -> String {
    const HASH_DIGITS: usize = 12;
    let mut hash = Sha256::new();
    archive.snapshots.iter().for_each(|snapshot: &Snapshot| hash.update(snapshot.hash()));
    let hash = hex(&hash.finalize());
    let time = archive.clock.strftime("%Y-%m-%dT%H-%M-%S%.3fZ");
    format!("{time}-{}.tar", &hash[..HASH_DIGITS])
}

fn write(folder: &Path, path: &Path, archive: &Archive) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    let new = folder.join(".new");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&new)?;
    let mut out = BufWriter::new(file);
    archive.write(&mut out)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    fs::rename(&new, path)?;
    File::open(folder)?.sync_all()
}

/// Reads an archive.
pub(super) fn read(path: &Path) -> Result<Archive, Failure> {
    let opened = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let read = Archive::read(BufReader::new(opened));
    let what = || format!("`{}` is no snapshot that can be used", path.display());
    Ok(read.with_context(what)?)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use pleach_source::{Body, Part};

    use super::*;

    fn archive(second: i64, bytes: &[u8]) -> Archive {
        let taken = Timestamp::from_second(second).expect("a moment");
        let part = Part {
            name: "nodes".into(),
            address: "nodes.csv".into(),
            status: None,
            records: None,
            body: Body::plain(bytes.to_vec()),
        };
        let snapshot = Snapshot { source: "csv".into(), kind: "csv".into(), taken, parts: vec![part] };
        Archive { clock: taken, snapshots: vec![snapshot] }
    }

    #[test]
    fn kept_until_nobody_needs_them() {
        let state = tempfile::tempdir().expect("a folder");
        let snapshots = Snapshots::at(state.path());
        assert_eq!(snapshots.latest().expect("none"), None);
        let names = [archive(10, b"a"), archive(10, b"b"), archive(70, b"a")]
            .map(|archive| snapshots.keep(&archive).expect("written"));
        assert!(names[2].starts_with("1970-01-01T00-01-10.000Z-"), "{}", names[2]);
        assert_eq!(snapshots.keep(&archive(10, b"a")).expect("it is there"), names[0]);
        assert_eq!(snapshots.open(&names[1]).expect("read"), archive(10, b"b"));
        snapshots.retire(|name| name == names[0]).expect("removed");
        assert!(snapshots.open(&names[1]).is_err());
        assert_eq!(
            snapshots.latest().expect("there").as_deref(),
            Some(&*state.path().join("snapshots").join(&names[2]))
        );
        assert!(snapshots.open(&names[0]).is_ok());
    }
}
