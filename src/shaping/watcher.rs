//! The process that undoes an apply which nobody confirms.
//!
//! It is our own program again, started before the first change of the kernel, in a session of its own and holding nothing of
//! the terminal: neither a closed connection nor a killed apply ends it. That it lives is told by a lock that it holds.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::state::{StateError, StateFolder, Watcher};

/// The hidden verb that it runs.
pub const VERB: &str = "watch-confirmation";
/// How long it may take to say that it lives: a process of ours starts in milliseconds, a busy machine takes a hundred.
const START: Duration = Duration::from_secs(10);
/// How often it is looked after.
const POLL: Duration = Duration::from_millis(10);

/// The watcher did not start.
#[derive(Debug, thiserror::Error)]
pub enum WatcherError {
    /// Its log cannot be opened.
    #[error(transparent)]
    State(#[from] StateError),
    /// Our own program cannot be started.
    #[error("cannot start the process that would undo this")]
    Start(#[from] io::Error),
    /// It ended at once.
    #[error("the process that would undo this ended at once: see `{0}`")]
    Ended(String),
    /// It says nothing.
    #[error("the process that would undo this does not answer: see `{0}`")]
    Silent(String),
}

/// Starts the watcher of a shaper's folder and waits until it lives. It is the caller's to have written the undo record.
pub fn start(folder: &StateFolder) -> Result<(), WatcherError> {
    let log = folder.open_log()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(VERB).arg(std::path::absolute(folder.path())?).current_dir(Path::new("/"));
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let mut child = command.spawn()?;
    let began = Instant::now();
    let log = folder.log_path().display().to_string();
    loop {
        if folder.watcher() == Watcher::Alive {
            return Ok(());
        }
        if child.try_wait()?.is_some() {
            return Err(WatcherError::Ended(log));
        }
        if began.elapsed() > START {
            child.kill()?;
            child.wait()?;
            return Err(WatcherError::Silent(log));
        }
        thread::sleep(POLL);
    }
}
