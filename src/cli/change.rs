//! What the verbs that change the kernel have in common: the kernel, the lock, and what to say when something fails.

use pleach_kernel::{Kernel, Linux};
use pleach_tc::{Handle, Interface};

use super::left;
use crate::exit::{Exit, Failure};
use crate::shaping::capabilities::{self, MissingCapabilities};
use crate::shaping::change::{ChangeError, Pending, Session, Settled, settle};
use crate::shaping::decide::DecideError;
use crate::state::{InterfaceLockError, InterfaceLocks, Lock, LockError, Moment, Name, StateFolder};

/// Opens the border to this host's kernel.
pub(super) fn open_kernel() -> Result<Linux, Failure> {
    capabilities::check().map_err(|error| Failure::from(error).hint(MissingCapabilities::HINT))?;
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
    folder.prepare().map_err(|error| {
        Failure::from(error).hint("nothing was changed; set `state` in the configuration, or say `--state DIR`")
    })?;
    let locked_folder = folder.lock().map_err(locked)?;
    let mut interfaces = interfaces.to_vec();
    interfaces.extend(recorded(folder, Name::Undo));
    let interfaces = InterfaceLocks::take(&interfaces).map_err(interface_locked)?;
    Ok(Locks { _folder: locked_folder, _interfaces: interfaces })
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
    Session { kernel, folder, clock: &Moment::now }
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

fn undone(lost: &[(Interface, String, Handle)]) -> String {
    let lost = lost.iter().map(|(interface, kind, handle)| {
        format!("\n  {kind} {handle} of {interface}, which `--take-over` removed, cannot be brought back")
    });
    format!("everything was taken back: the kernel is as it was before{}", lost.collect::<String>())
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
