//! The socket: whose it is, and its coming and going.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use rustix::fs::{FlockOperation, Mode, flock};
use rustix::process::umask;

use crate::exit::{Exit, Failure};

/// A socket that this process made.
pub(super) struct Socket {
    path: PathBuf,
    /// Its device and its number on that.
    file: (u64, u64),
}

impl Socket {
    /// Removes it, unless it is another's by now.
    pub(super) fn remove(&self) {
        let is_ours = file(&self.path).is_ok_and(|there| there == self.file);
        if is_ours {
            let _ = fs::remove_file(&self.path); // one that stays is replaced by the next server
        }
    }
}

fn file(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|there| (there.dev(), there.ino()))
}

/// Listens on a socket that only its owner may open. One that is left of a process that ended is replaced.
pub(super) fn listen(path: &Path) -> Result<(UnixListener, Socket), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = || format!("cannot listen on `{}`", path.display());
    // Of two that find a socket left, the second would replace that of the first.
    let lock = File::open(folder).with_context(cannot)?;
    flock(&lock, FlockOperation::LockExclusive).with_context(cannot)?;
    if let Ok(there) = fs::symlink_metadata(path) {
        if !there.file_type().is_socket() {
            return Err(Failure::usage(anyhow!("`{}` is there, and is no socket", path.display())));
        }
        must_be_left(path)?;
        fs::remove_file(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    // Nobody else may open it, not even for the moment between making it and changing its mode.
    let before = umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
    let listener = UnixListener::bind(path);
    umask(before);
    let listener = listener.with_context(cannot)?;
    let file = file(path).with_context(cannot)?;
    Ok((listener, Socket { path: path.to_owned(), file }))
}

/// Refuses a socket that somebody listens on, or may.
fn must_be_left(path: &Path) -> Result<(), Failure> {
    let refused = |error| Failure { exit: Exit::Refused, error, hint: None };
    match UnixStream::connect(path) {
        Ok(_) => Err(refused(anyhow!("somebody listens on `{}` already", path.display()))),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => {
            let what = format!("it cannot be told whether somebody listens on `{}`", path.display());
            Err(refused(anyhow::Error::from(error).context(what)))
        }
    }
}
