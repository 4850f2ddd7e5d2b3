//! Going back to what was there before.

use pleach_kernel::{Kernel, undo};

use super::error::RevertError;
use super::pending::Pending;
use crate::state::StateFolder;

/// Goes back: kernel first, then the files of the state folder. Doing it twice does nothing the second time.
pub fn revert(kernel: &mut dyn Kernel, folder: &StateFolder, pending: &Pending) -> Result<(), RevertError> {
    undo(kernel, &pending.undo, &pending.interfaces).map_err(RevertError::Kernel)?;
    Ok(pending.files.put_back(folder)?)
}
