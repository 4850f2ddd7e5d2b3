//! An apply that waits for its confirmation: what it is worth at a given moment.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Moment;

/// Until when an apply must be confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The moment it is undone.
    pub at: Moment,
    /// How long the operator asked for.
    pub seconds: u64,
}

impl Deadline {
    /// So many seconds from now.
    pub fn from_now(now: &Moment, seconds: u64) -> Self {
        Self { at: now.after(Duration::from_secs(seconds)), seconds }
    }
}

/// What an undo record found in the state folder is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An apply was cut short that nobody had to confirm: the next one goes on from there.
    CutShort,
    /// Its time runs: it may be confirmed, and a watcher waits to undo it.
    Waiting(Duration),
    /// Its time runs, but its watcher is gone: it may be confirmed, and the next verb that changes the kernel undoes it first.
    Unwatched(Duration),
    /// Its time is over: it must be undone.
    Overdue,
    /// It was before a reboot: the kernel holds nothing of it any more.
    OtherBoot,
}

/// Whether the process that undoes an unconfirmed apply is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watcher {
    /// It is.
    Alive,
    /// It is not.
    Gone,
}

impl Standing {
    /// Of a record made at `written`, with this deadline.
    pub fn of(written: &Moment, deadline: Option<&Deadline>, now: &Moment, watcher: Watcher) -> Self {
        if written.boot != now.boot {
            return Self::OtherBoot;
        }
        let Some(deadline) = deadline else { return Self::CutShort };
        match (now.until(&deadline.at), watcher) {
            (None | Some(Duration::ZERO), _) => Self::Overdue,
            (Some(left), Watcher::Alive) => Self::Waiting(left),
            (Some(left), Watcher::Gone) => Self::Unwatched(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(boot: &str, milliseconds: u64) -> Moment {
        Moment { boot: boot.into(), milliseconds }
    }

    #[test]
    fn every_case() {
        let written = at("a", 1_000);
        let deadline = Deadline::from_now(&written, 60);
        assert_eq!(deadline.at, at("a", 61_000));
        let of = |deadline, now: &Moment, watcher| Standing::of(&written, deadline, now, watcher);
        let soon = at("a", 21_000);
        let left = Duration::from_secs(40);
        assert_eq!(of(Some(&deadline), &soon, Watcher::Alive), Standing::Waiting(left));
        assert_eq!(of(Some(&deadline), &soon, Watcher::Gone), Standing::Unwatched(left));
        assert_eq!(of(Some(&deadline), &at("a", 61_000), Watcher::Alive), Standing::Overdue);
        assert_eq!(of(None, &at("a", 99_000), Watcher::Gone), Standing::CutShort);
        for watcher in [Watcher::Alive, Watcher::Gone] {
            assert_eq!(of(Some(&deadline), &at("b", 5), watcher), Standing::OtherBoot);
            assert_eq!(of(None, &at("b", 5), watcher), Standing::OtherBoot);
        }
    }
}
