//! The hidden verb that the watcher runs: waits for a confirmation, and undoes what nobody confirms.

use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Args;

use super::change::{failure, open_kernel, session};
use crate::exit::{Exit, Failure};
use crate::shaping::change::{Pending, overdue};
use crate::state::{Lock, LockError, Moment, Name, Standing, StateFolder};

/// Wait for a confirmation and undo what nobody confirms
#[derive(Debug, Args)]
pub(super) struct WatchConfirmation {
    /// The shaper's folder
    folder: PathBuf,
}

/// The longest it sleeps: so soon it sees that the apply was confirmed, or that there is more time.
const NAP: Duration = Duration::from_millis(200);
/// How long whoever holds the lock when the time to confirm is over may go on: an apply of 100 000 circuits takes about ten
/// seconds, and its drains one. Longer than this is stopped or stuck.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it tries to become the watcher: a look at whether there is one holds the lock for microseconds.
const BECOMING: Duration = Duration::from_secs(2);

impl WatchConfirmation {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let _ = rustix::process::setsid(); // fails only where there is a session of our own already
        let folder = StateFolder::at(&self.folder);
        let _alive = become_watcher(&folder)?;
        loop {
            let Some(left) = time_left(&folder)? else { return Ok(Exit::Done) };
            if !left.is_zero() {
                thread::sleep(left.min(NAP));
                continue;
            }
            let mut kernel = open_kernel()?;
            // An apply that still runs may move the deadline; one that is stuck must not keep the old state waiting.
            let (_lock, killed) = folder.take_lock_from(PATIENCE)?;
            if let Some(holder) = killed {
                let seconds = PATIENCE.as_secs();
                writeln!(
                    out,
                    "{}: pid {} held the lock for {seconds} s more, and was killed",
                    unix_seconds(),
                    holder.pid
                )?;
            }
            if overdue(&mut session(&mut kernel, &folder)).map_err(|error| failure(&folder, error))? {
                writeln!(out, "{}: not confirmed in time, and undone", unix_seconds())?;
                return Ok(Exit::Undone);
            }
        }
    }
}

fn become_watcher(folder: &StateFolder) -> Result<Lock, Failure> {
    let began = Instant::now();
    loop {
        match folder.lock_as_watcher() {
            Err(LockError::Held { .. }) if began.elapsed() < BECOMING => thread::sleep(Duration::from_millis(5)),
            Err(LockError::Held { .. }) => return Err(anyhow!("another process watches this shaper already").into()),
            taken => return Ok(taken?),
        }
    }
}

/// How long until the apply must be undone; none if there is nothing to wait for any more.
fn time_left(folder: &StateFolder) -> Result<Option<Duration>, Failure> {
    let Some(pending) = Pending::read(folder, Name::Undo).map_err(|error| failure(folder, error))? else {
        return Ok(None);
    };
    let now = Moment::now().map_err(io::Error::other)?;
    Ok(match pending.standing(folder, &now) {
        Standing::Waiting(left) | Standing::Unwatched(left) => Some(left),
        Standing::Overdue => Some(Duration::ZERO),
        Standing::CutShort | Standing::OtherBoot => None,
    })
}

fn unix_seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
