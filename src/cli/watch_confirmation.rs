//! The hidden verb that the watcher runs: waits for a confirmation, and undoes what nobody confirms.

use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Args;

use super::change::{failure, open_kernel, recorded, session};
use crate::exit::{Exit, Failure};
use crate::shaping::change::{Pending, overdue};
use crate::state::{
    InterfaceLockError, InterfaceLocks, Lock, LockError, Moment, Name, Standing, StateFolder, act_as_owner,
};

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
/// How long it waits before it tries again after the first failure; after each further one twice as long as before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest it waits before it tries again.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long it tries to go back before it leaves that to the next verb that changes the kernel.
const GIVE_UP: Duration = Duration::from_hours(1);

/// The pause behind a number of failures in a row, from 1.
fn pause(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_PAUSE)
}

impl WatchConfirmation {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let _ = rustix::process::setsid(); // fails only where there is a session of our own already
        let folder = StateFolder::at(&self.folder);
        act_as_owner(folder.state())?;
        let _alive = become_watcher(&folder)?;
        let (mut failures, mut first) = (0, None);
        loop {
            let error = match step(&folder, out) {
                Ok(Some(exit)) => return Ok(exit),
                Ok(None) => continue,
                Err(error) => error,
            };
            let began: Instant = *first.get_or_insert_with(Instant::now);
            if began.elapsed() >= GIVE_UP {
                return Err(error);
            }
            failures += 1;
            let pause = pause(failures);
            // A log on a full disk must not end the one who goes back.
            let _ =
                writeln!(out, "{}: {error}\n{}: trying again in {} s", unix_seconds(), unix_seconds(), pause.as_secs());
            let _ = out.flush();
            thread::sleep(pause);
        }
    }
}

/// Waits a while, or goes back if the time is over; how it ended, if there is nothing more to do.
fn step(folder: &StateFolder, out: &mut dyn Write) -> Result<Option<Exit>, Failure> {
    let Some(left) = time_left(folder)? else { return Ok(Some(Exit::Done)) };
    if !left.is_zero() {
        thread::sleep(left.min(NAP));
        return Ok(None);
    }
    let mut kernel = open_kernel()?;
    // An apply that still runs may move the deadline; one that is stuck must not keep the old state waiting.
    let (_lock, killed) = folder.take_lock_from(PATIENCE)?;
    if let Some(holder) = killed {
        let (now, seconds) = (unix_seconds(), PATIENCE.as_secs());
        let _ = writeln!(out, "{now}: pid {} held the lock for {seconds} s more, and was killed", holder.pid);
    }
    let _interfaces = lock_interfaces(folder, out)?;
    if overdue(&mut session(&mut kernel, folder)).map_err(|error| failure(folder, error))? {
        let _ = writeln!(out, "{}: not confirmed in time, and undone", unix_seconds());
        return Ok(Some(Exit::Undone));
    }
    Ok(None)
}

/// The locks of the interfaces; none where somebody keeps one for longer than an apply takes: anybody can, and must not keep
/// the old state waiting.
fn lock_interfaces(folder: &StateFolder, out: &mut dyn Write) -> Result<Option<InterfaceLocks>, Failure> {
    match InterfaceLocks::wait(&recorded(folder, Name::Undo), PATIENCE) {
        Err(InterfaceLockError::Held(interface)) => {
            let (now, seconds) = (unix_seconds(), PATIENCE.as_secs());
            let _ =
                writeln!(out, "{now}: another process keeps `{interface}` locked for {seconds} s: going on without");
            Ok(None)
        }
        taken => Ok(Some(taken?)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let seconds = [1, 2, 3, 6, 7, 100].map(|failures| pause(failures).as_secs());
        assert_eq!(seconds, [1, 2, 4, 32, 60, 60]);
    }
}
