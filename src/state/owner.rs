//! Whose the state folder is: what root does there must not shut its owner out.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use pleach_kernel::{file_user, touch_files_as};
use rustix::process::geteuid;

use super::folder::StateError;

/// Where this process is root's and the state folder somebody else's, touches files as that somebody from here on: the ledger
/// that `sudo pleach apply` writes must be one that the service can read, and what root cannot do this way the service cannot
/// do either. Everything else that root may do stays.
pub fn act_as_owner(state: &Path) -> Result<(), StateError> {
    let Ok(folder) = fs::metadata(state) else { return Ok(()) }; // whoever makes it says what is wrong
    if !geteuid().is_root() || folder.uid() == 0 {
        return Ok(());
    }
    let failed = |source| StateError { act: "touch files as the owner of", path: state.to_owned(), source };
    touch_files_as(folder.uid(), folder.gid()).map_err(failed)
}

/// The user as whom files are touched, where that is not who this process is.
pub fn acting_as() -> Option<u32> {
    let user = file_user();
    (user != geteuid().as_raw()).then_some(user)
}
