//! One change of a shaper's kernel state at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use super::replace::PRIVATE_FILE;

/// The kernel's lock on a file: it goes with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Gives it back by name: a process that was just started may hold the file open still, and closing is not enough then.
    fn drop(&mut self) {
        let _ = self.file.unlock(); // who closes the last descriptor gives it back too
    }
}

/// Who holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// When it took the lock, in seconds of Unix time.
    pub since: u64,
    /// When that process began, in the kernel's ticks since boot: another one with its number began later.
    #[serde(default)]
    pub began: u64,
}

/// Why a lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error("{}", held(holder.as_ref()))]
    Held {
        /// Who; none if it has not said yet.
        holder: Option<Holder>,
    },
    /// The file cannot be used.
    #[error("cannot lock `{}`", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn held(holder: Option<&Holder>) -> String {
    match holder {
        Some(Holder { pid, since, .. }) => {
            let seconds = unix_now().saturating_sub(*since);
            format!("another apply is running (pid {pid}, for {seconds} s)")
        }
        None => "another apply is running".to_owned(),
    }
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl Lock {
    /// Takes the lock, or says who has it.
    ///
    /// Who only looks has it for a moment, too, while the file still names whoever had it last: that is waited out.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        Self::take_within(path, LOOK)
    }

    fn take_within(path: &Path, patience: Duration) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        let mut file = open(path).map_err(failed)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Self::sign(file).map_err(failed),
                Err(TryLockError::WouldBlock) if began.elapsed() < patience => thread::sleep(LOOK_POLL),
                Err(TryLockError::WouldBlock) => return Err(LockError::Held { holder: read_holder(&mut file) }),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }

    /// Takes the lock as soon as it is free.
    pub fn wait(path: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        let file = open(path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Self::sign(file).map_err(failed)
    }

    /// Takes the lock when it is free, or when whoever has it had so much time and was killed: one that is stopped or stuck
    /// does not keep an undo waiting for ever. Its half-done work is what the undo record is for.
    ///
    /// A holder that cannot be told for certain (its process number is another's by now) is waited for.
    pub fn take_from(path: &Path, patience: Duration) -> Result<(Self, Option<Holder>), LockError> {
        let began = Instant::now();
        loop {
            match Self::take(path) {
                Err(LockError::Held { holder }) if began.elapsed() >= patience => {
                    let killed = holder.filter(|holder| kill(holder).is_ok());
                    return Ok((Self::wait(path)?, killed));
                }
                Err(LockError::Held { .. }) => thread::sleep(POLL),
                taken => return Ok((taken?, None)),
            }
        }
    }

    /// Whether somebody has it; a file that is not there nobody has.
    pub fn is_held(path: &Path) -> bool {
        let Ok(file) = OpenOptions::new().read(true).open(path) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Who has it, if somebody has and has said so.
    pub fn holder(path: &Path) -> Option<Holder> {
        let mut file = OpenOptions::new().read(true).open(path).ok()?;
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| read_holder(&mut file))?
    }

    fn sign(mut file: File) -> io::Result<Self> {
        let pid = std::process::id();
        let holder = Holder { pid, since: unix_now(), began: began(pid).unwrap_or(0) };
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(serde_json::to_string(&holder)?.as_bytes())?;
        Ok(Self { file })
    }
}

/// How often a lock is tried.
const POLL: Duration = Duration::from_millis(50);

/// How long a lock is tried before somebody is said to have it: far longer than a look at it or a signature takes, and too short
/// for people to notice.
const LOOK: Duration = Duration::from_millis(50);

/// How often it is tried meanwhile.
const LOOK_POLL: Duration = Duration::from_millis(5);

/// Kills a holder, if it is still the process that took the lock. It is held on to while that is looked at, so that its
/// number cannot become another's in between.
fn kill(holder: &Holder) -> io::Result<()> {
    let pid = i32::try_from(holder.pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidData)?;
    let process = pidfd_open(pid, PidfdFlags::empty())?;
    if holder.began == 0 || began(holder.pid) != Some(holder.began) {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(pidfd_send_signal(process, Signal::KILL)?)
}

/// When a process began, in ticks since boot (`starttime`, field 22 of `/proc/PID/stat`; its name, field 2, may hold spaces).
fn began(pid: u32) -> Option<u64> {
    const STARTTIME_AFTER_NAME: usize = 19;
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(STARTTIME_AFTER_NAME)?.parse().ok()
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(PRIVATE_FILE).open(path)
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        assert!(!Lock::is_held(&path));
        let lock = Lock::take(&path).expect("free");
        assert!(Lock::is_held(&path));
        let error = Lock::take(&path).expect_err("held").to_string();
        assert_eq!(error, format!("another apply is running (pid {}, for 0 s)", std::process::id()));
        drop(lock);
        assert!(!Lock::is_held(&path));
        let _again = Lock::wait(&path).expect("free again, though its file still names who had it");
    }

    #[test]
    fn a_look_at_it_keeps_nobody_from_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        drop(Lock::take(&path).expect("free"));
        let looking = File::open(&path).expect("opened");
        looking.try_lock_shared().expect("free");
        assert!(Lock::take(&path).is_err(), "one that looks for ever is in the way");
        thread::scope(|scope| {
            let taking = scope.spawn(|| Lock::take_within(&path, Duration::from_mins(1)).map(drop));
            thread::sleep(LOOK_POLL);
            looking.unlock().expect("given back");
            taking.join().expect("it ends").expect("taken");
        });
    }

    #[test]
    fn a_dead_holder_holds_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        std::fs::write(&path, r#"{"pid":1,"since":0}"#).expect("written");
        Lock::take(&path).expect("whoever wrote that is gone");
    }

    /// A stopped process that has the lock: it shares the open file with this one, which then closes it.
    fn held_by_a_stopped_process(path: &Path, began: impl Fn(u32) -> u64) -> std::process::Child {
        let file = open(path).expect("opened");
        file.lock().expect("free");
        let child = std::process::Command::new("sleep").arg("600").stdin(file).spawn().expect("it starts");
        let holder = Holder { pid: child.id(), since: unix_now(), began: began(child.id()) };
        std::fs::write(path, serde_json::to_string(&holder).expect("text")).expect("written");
        let pid = Pid::from_child(&child);
        rustix::process::kill_process(pid, Signal::STOP).expect("stopped");
        child
    }

    #[test]
    fn a_holder_that_is_stuck_is_killed_after_a_while() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let mut child = held_by_a_stopped_process(&path, |pid| began(pid).expect("it is there"));
        let (_lock, killed) = Lock::take_from(&path, Duration::from_millis(200)).expect("taken");
        assert_eq!(killed.map(|holder| holder.pid), Some(child.id()));
        assert!(!child.wait().expect("it ended").success());
    }

    #[test]
    fn another_process_with_the_number_of_a_holder_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let mut child = held_by_a_stopped_process(&path, |pid| began(pid).expect("it is there") + 1);
        let error = kill(&read_holder(&mut open(&path).expect("opened")).expect("it is named")).expect_err("not it");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(child.try_wait().expect("asked").is_none(), "it lives");
        child.kill().expect("killed");
        child.wait().expect("it ended");
    }

    #[test]
    fn a_holder_in_time_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let lock = Lock::take(&path).expect("free");
        let waiting = thread::spawn(move || Lock::take_from(&path, Duration::from_mins(1)).expect("taken").1);
        thread::sleep(Duration::from_millis(150));
        drop(lock);
        assert_eq!(waiting.join().expect("it ends"), None);
    }
}
