//! What a former apply left: confirmed, gone back on, or taken up again.

use super::{ChangeError, NotAsBefore, Pending, Session, revert};
use crate::state::{Name, Standing};

/// What was found of a former apply.
#[derive(Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing.
    Clean,
    /// One was cut short that nobody has to confirm: what follows goes on from there.
    CutShort(Box<Pending>),
    /// One was not confirmed in time, or its watcher is gone: the kernel is as it was before it.
    Reverted,
    /// One was before a reboot: nothing of it is left in the kernel, and its record is gone now too.
    BeforeReboot,
}

/// What came of a confirmation.
#[derive(Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The apply stays.
    Stays,
    /// It came too late: the kernel is as it was before the apply.
    TooLate,
}

/// Settles what a former apply left, before anything else is changed.
pub fn settle(session: &mut Session<'_>) -> Result<Settled, ChangeError> {
    let Some(pending) = Pending::read(session.folder, Name::Undo)? else { return Ok(Settled::Clean) };
    match pending.standing(session.folder, &(session.clock)()?) {
        Standing::CutShort => Ok(Settled::CutShort(Box::new(pending))),
        Standing::Waiting(left) => Err(ChangeError::Waiting(left)),
        Standing::Unwatched(_) | Standing::Overdue => go_back(session, &pending).map(|()| Settled::Reverted),
        Standing::OtherBoot => {
            if pending.deadline.is_some() {
                pending.files.put_back(session.folder)?;
            }
            session.folder.remove(Name::Undo)?;
            Ok(Settled::BeforeReboot)
        }
    }
}

/// Confirms the apply that waits for it.
pub fn confirm(session: &mut Session<'_>) -> Result<Confirmed, ChangeError> {
    let Some(pending) = Pending::read(session.folder, Name::Undo)? else { return Err(ChangeError::NothingToConfirm) };
    match pending.standing(session.folder, &(session.clock)()?) {
        Standing::Waiting(_) | Standing::Unwatched(_) if !pending.is_complete => Err(ChangeError::HalfDone),
        Standing::Waiting(_) | Standing::Unwatched(_) => {
            session.folder.keep_undo_as_previous()?;
            Ok(Confirmed::Stays)
        }
        Standing::Overdue => go_back(session, &pending).map(|()| Confirmed::TooLate),
        Standing::CutShort | Standing::OtherBoot => Err(ChangeError::NothingToConfirm),
    }
}

/// Goes back if the time to confirm is over; says whether it was. What the watcher does.
pub fn overdue(session: &mut Session<'_>) -> Result<bool, ChangeError> {
    let Some(pending) = Pending::read(session.folder, Name::Undo)? else { return Ok(false) };
    let is_over = pending.standing(session.folder, &(session.clock)()?) == Standing::Overdue;
    if is_over {
        go_back(session, &pending)?;
    }
    Ok(is_over)
}

/// Goes back by hand: from the apply that waits, or was cut short, or else from the last one that was finished.
pub fn rollback(session: &mut Session<'_>) -> Result<NotAsBefore, ChangeError> {
    const NOTHING: &str = "there is nothing to go back to: no apply is remembered";
    const BEFORE_REBOOT: &str = "the last apply was before a reboot, and the kernel holds nothing of it";
    let now = (session.clock)()?;
    for name in [Name::Undo, Name::Previous] {
        let Some(pending) = Pending::read(session.folder, name)? else { continue };
        if pending.standing(session.folder, &now) == Standing::OtherBoot {
            return Err(ChangeError::NothingToGoBackTo(BEFORE_REBOOT));
        }
        return revert_and_forget(session, &pending, name);
    }
    Err(ChangeError::NothingToGoBackTo(NOTHING))
}

fn go_back(session: &mut Session<'_>, pending: &Pending) -> Result<(), ChangeError> {
    revert_and_forget(session, pending, Name::Undo).map(|_| ())
}

fn revert_and_forget(session: &mut Session<'_>, pending: &Pending, name: Name) -> Result<NotAsBefore, ChangeError> {
    let not_as_before = revert(session, pending).map_err(ChangeError::NotReverted)?;
    session.folder.remove(name)?;
    Ok(not_as_before)
}
