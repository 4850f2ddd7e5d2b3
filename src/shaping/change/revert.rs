//! Going back to what was there before.

use pleach_kernel::{Kernel, undo};
use pleach_tc::{Handle, Interface};

use super::Session;
use super::error::RevertError;
use super::pending::Pending;

/// What is not as it was, though all was taken back that can be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct NotAsBefore {
    /// What a take-over had removed: it cannot be brought back.
    pub lost: Vec<(Interface, String, Handle)>,
    /// Interfaces that were made anew meanwhile: what hung in them then is gone.
    pub anew: Vec<Interface>,
    /// Interfaces that are gone.
    pub gone: Vec<Interface>,
}

impl NotAsBefore {
    /// Whether everything is as it was.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Goes back: kernel first, then the files of the state folder. Doing it twice does nothing the second time.
pub fn revert(session: &mut Session<'_>, pending: &Pending) -> Result<NotAsBefore, RevertError> {
    undo(session.kernel, &pending.undo, &pending.interfaces).map_err(RevertError::Kernel)?;
    pending.files.put_back(session.folder)?;
    let (gone, there): (Vec<Interface>, Vec<Interface>) =
        pending.interfaces.iter().cloned().partition(|interface| (session.number)(interface).is_none());
    let lost = lost(session.kernel, pending, &there);
    let is_new = |interface: &Interface| {
        let before = pending.numbers.get(interface);
        before.is_some_and(|&before| (session.number)(interface) != Some(before))
    };
    Ok(NotAsBefore { lost, anew: there.into_iter().filter(is_new).collect(), gone })
}

fn lost(kernel: &mut dyn Kernel, pending: &Pending, there: &[Interface]) -> Vec<(Interface, String, Handle)> {
    let lost = kernel.observe(there).map_or_else(|_| Vec::new(), |now| pending.undo.lost(&now));
    lost.into_iter().map(|(interface, kind, handle)| (interface, kind.to_string(), handle)).collect()
}
