//! Writing a file of the state folder: the old one or the new one is there whole, whatever happens.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What only its owner may read and write.
pub(super) const PRIVATE_FILE: u32 = 0o600;

/// Puts `bytes` in the place of `path`: on disk before the name changes hands, and the name with it. Only who holds the
/// shaper's lock writes, so that one name beside it is enough.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_folder(path)
}

/// The same for what is worth nothing after the next boot: it need not be on disk, since what was written survives its process.
/// After a loss of power the file may be there and empty.
pub(super) fn replace_until_boot(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    create(&new)?.write_all(bytes)?;
    fs::rename(&new, path)
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE_FILE).open(path)
}

/// Removes a file, if it is there, and brings that to disk.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.and_then(|()| sync_folder(path)),
    }
}

/// Gives a file another name, in the same folder, and brings that to disk.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
