//! What the verbs that change the kernel have in common: the kernel, the lock, and what to say when something fails.

use std::time::Duration;

use pleach_kernel::{Kernel, Linux};
use pleach_tc::{Handle, Interface};

use super::left;
use crate::exit::{Exit, Failure};
use crate::shaping::capabilities::{self, Work};
use crate::shaping::change::{ChangeError, NotAsBefore, Pending, Session, Settled, settle};
use crate::shaping::decide::DecideError;
use crate::state::{
    InterfaceLockError, InterfaceLocks, Lock, LockError, Moment, Name, Standing, StateFolder, act_as_owner, index_of,
};
use crate::terminal;

/// Opens the border to this host's kernel, to shape.
pub(super) fn open_kernel() -> Result<Linux, Failure> {
    open_kernel_for(Work::Shaping)
}

/// Opens the border to this host's kernel, to look at it only: that needs no capability.
pub(super) fn open_kernel_to_look() -> Result<Linux, Failure> {
    Ok(Linux::open()?)
}

/// Opens the border to this host's kernel, to change it.
pub(super) fn open_kernel_for(work: Work) -> Result<Linux, Failure> {
    capabilities::check(work).map_err(|error| Failure::from(error).hint(work.hint()))?;
    Ok(Linux::open()?)
}

/// That nobody else changes this folder, or the interfaces it is about.
#[derive(Debug)]
pub(super) struct Locks {
    _folder: Lock,
    _interfaces: InterfaceLocks,
}

/// Makes the folder and takes its lock, then those of these interfaces and of those that an apply which waits or was cut
/// short is about.
pub(super) fn lock(folder: &StateFolder, interfaces: &[Interface]) -> Result<Locks, Failure> {
    let prepared = act_as_owner(folder.state()).and_then(|()| folder.prepare());
    prepared.map_err(|error| {
        Failure::from(error).hint("nothing was changed; set `state` in the configuration, or say `--state DIR`")
    })?;
    let locked_folder = folder.lock().map_err(locked)?;
    let mut interfaces = interfaces.to_vec();
    interfaces.extend(recorded(folder, Name::Undo));
    let interfaces = InterfaceLocks::take(&interfaces).map_err(interface_locked)?;
    Ok(Locks { _folder: locked_folder, _interfaces: interfaces })
}

/// Says that an apply waits for its confirmation, or was cut short, if it is so: who looks must know that what is there may go.
pub(super) fn say_pending(folder: &StateFolder) {
    let pending = match Pending::read(folder, Name::Undo) {
        Ok(None) => return,
        Ok(Some(pending)) => pending,
        Err(error) => return say_note(&format!("{:#}", anyhow::Error::from(error))),
    };
    match Moment::now() {
        Ok(now) => pending_words(&pending, pending.standing(folder, &now)).iter().for_each(|text| say_note(text)),
        Err(error) => say_note(&format!("{:#}", anyhow::Error::from(error))),
    }
}

fn say_note(text: &str) {
    terminal::say(format!("note: {text}\n").as_bytes());
}

fn pending_words(pending: &Pending, standing: Standing) -> Option<String> {
    let choice = if pending.is_complete {
        "`pleach confirm` keeps it, `pleach rollback` undoes it"
    } else {
        "it runs still, or was cut short and cannot be confirmed; `pleach rollback` undoes it"
    };
    let waits = |left: Duration| format!("an apply waits for its confirmation, for {} more seconds", left.as_secs());
    Some(match standing {
        Standing::OtherBoot => return None,
        Standing::CutShort => {
            "an apply runs, or was cut short: `pleach apply` goes on from there, `pleach rollback` undoes it".to_owned()
        }
        Standing::Waiting(left) => format!("{}: {choice}", waits(left)),
        Standing::Unwatched(left) => format!(
            "{}: {choice}; nobody watches over it any more, so that the next verb that changes the kernel undoes it first",
            waits(left)
        ),
        Standing::Overdue => {
            "an apply was not confirmed in time and is not undone yet: `pleach rollback` undoes it".to_owned()
        }
    })
}

/// The interfaces of a record. One that cannot be read has none: whoever needs it says so.
pub(super) fn recorded(folder: &StateFolder, name: Name) -> Vec<Interface> {
    Pending::read(folder, name).ok().flatten().map_or_else(Vec::new, |pending| pending.interfaces)
}

fn interface_locked(error: InterfaceLockError) -> Failure {
    match error {
        InterfaceLockError::Held(_) => {
            let failure = Failure { exit: Exit::Refused, error: error.into(), hint: None };
            failure.hint("nothing was changed; wait until it is over: the lock goes with its process")
        }
        InterfaceLockError::Io { .. } => error.into(),
    }
}

fn locked(error: LockError) -> Failure {
    match error {
        LockError::Held { .. } => {
            let failure = Failure { exit: Exit::Refused, error: error.into(), hint: None };
            failure.hint("wait until it is over; the lock goes with its process")
        }
        LockError::Io { .. } => error.into(),
    }
}

/// A session on this kernel and folder.
pub(super) fn session<'a>(kernel: &'a mut dyn Kernel, folder: &'a StateFolder) -> Session<'a> {
    Session { kernel, folder, clock: &Moment::now, number: &|interface| index_of(interface).ok().flatten() }
}

/// Settles what a former apply left, and says what that was.
pub(super) fn settled(session: &mut Session<'_>, said: &mut Vec<String>) -> Result<Settled, Failure> {
    let folder = session.folder;
    let settled = settle(session).map_err(|error| failure(folder, error))?;
    match &settled {
        Settled::Clean => {}
        Settled::CutShort(_) => said.push("a former apply was cut short".to_owned()),
        Settled::Reverted => said.push("the last apply was not confirmed and has been undone".to_owned()),
        Settled::BeforeReboot => {
            said.push("the last apply was before a reboot; nothing of it is left to undo".to_owned());
        }
    }
    Ok(settled)
}

/// An error of a change, with its exit code and what to do.
pub(super) fn failure(folder: &StateFolder, error: ChangeError) -> Failure {
    let (exit, hint) = match &error {
        ChangeError::Waiting(_) => {
            (Exit::Refused, Some("`pleach confirm` keeps it, `pleach rollback` undoes it".to_owned()))
        }
        ChangeError::HalfDone => {
            let hint = "`pleach rollback` undoes it now; otherwise that is done when the time to confirm is over";
            (Exit::Refused, Some(hint.to_owned()))
        }
        ChangeError::Unchanged(_) | ChangeError::Watcher(_) => (Exit::Failed, Some("nothing was changed".to_owned())),
        ChangeError::Undone { lost, .. } => {
            let why = if lacks_a_queue(&error) { LACKING } else { "" };
            (Exit::Undone, Some(format!("{}{why}", undone(lost))))
        }
        ChangeError::NotReverted(undo) | ChangeError::UndoIncomplete { undo, .. } => {
            (Exit::UndoIncomplete, Some(left::incomplete(folder, undo)))
        }
        ChangeError::Unreadable { .. } => {
            (Exit::Failed, Some("move it away to go on; what it would have undone stays as it is".to_owned()))
        }
        _ => (Exit::Failed, None),
    };
    Failure { exit, error: error.into(), hint }
}

/// What to do where the kernel does not know a kind of queue.
const LACKING: &str =
    "\nhint: this kernel lacks a kind of queue: load its module (`modprobe sch_cake`), or set another `kind`";

/// Whether the kernel said that it does not know a kind of queue (`net/sched/sch_api.c`, since 4.16).
fn lacks_a_queue(error: &ChangeError) -> bool {
    error.to_string().contains("qdisc kind is unknown")
}

/// What is not as it was after everything was taken back, a line each; nothing if all is.
pub(super) fn not_as_before(left: &NotAsBefore) -> String {
    let anew = left.anew.iter().map(|interface| {
        format!(
            "\n  `{interface}` was made anew since: what hung in it then is gone, and `pleach apply` makes it again"
        )
    });
    let gone = left.gone.iter().map(|interface| format!("\n  `{interface}` is not there any more"));
    format!("{}{}", irrecoverable(&left.lost), anew.chain(gone).collect::<String>())
}

fn irrecoverable(lost: &[(Interface, String, Handle)]) -> String {
    let lost = lost.iter().map(|(interface, kind, handle)| {
        format!("\n  {kind} {handle} of {interface}, which `--take-over` removed, cannot be brought back")
    });
    lost.collect()
}

fn undone(lost: &[(Interface, String, Handle)]) -> String {
    if lost.is_empty() {
        return "everything was taken back: the kernel is as it was before".to_owned();
    }
    format!("everything was taken back that can be; not as it was before:{}", irrecoverable(lost))
}

/// An error of deciding, with its exit code and what to do.
pub(super) fn undecided(error: DecideError) -> Failure {
    match error {
        DecideError::Refused(_) | DecideError::Memory(_) => {
            let hint = match error {
                DecideError::Refused(_) => "`--take-over` removes what is in the way",
                _ => "use a lighter queue for some circuits (`kind = \"fq_codel\"`), or raise `memory_limit`",
            };
            Failure { exit: Exit::Refused, error: error.into(), hint: Some(hint.to_owned()) }
        }
        DecideError::Ledger { .. } => Failure::from(error)
            .hint("use the version that wrote it, or move it away: the next run rebuilds it from the kernel"),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::shaping::change::{First, RevertError};
    use crate::state::StateError;

    #[test]
    fn every_cause_is_said_once() {
        let folder = StateFolder::at("state".as_ref());
        let full = || StateError { act: "write", path: "ledger".into(), source: io::Error::other("disk full") };
        let first = First::State(StateError { source: io::Error::other("no quota"), ..full() });
        let undone = ChangeError::UndoIncomplete { first, undo: RevertError::Files(full()) };
        for error in [ChangeError::NotReverted(RevertError::Files(full())), undone] {
            let text = failure(&folder, error).to_string();
            assert_eq!(text.matches("disk full").count(), 1, "{text}");
            assert!(text.matches("no quota").count() <= 1, "{text}");
        }
        let why = pleach_shaper::LedgerError::Version(9);
        let text = undecided(DecideError::Ledger { path: "ledger.json".to_owned(), why }).to_string();
        assert_eq!(text.matches("version 9").count(), 1, "{text}");
    }
}
