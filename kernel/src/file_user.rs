//! As whom a thread touches files: `setfsuid(2)`, which leaves everything else it may do as it is.
#![allow(unsafe_code)] // two system calls that take numbers

use std::io;

/// Makes this thread, and those that it starts from here on, touch files as this user and group; what it makes is theirs. Its
/// capabilities over files (`CAP_DAC_OVERRIDE` and its like) go, the others stay (capabilities(7)). A program that is started is
/// as it would have been.
pub fn touch_files_as(user: u32, group: u32) -> io::Result<()> {
    // The calls cannot fail in a way that they tell: they return what was before, so that the second one shows the first's.
    let before_and_after = |set: unsafe extern "C" fn(u32) -> i32, id: u32| {
        // SAFETY: both take a number, and neither touches memory.
        unsafe {
            set(id);
            set(id)
        }
    };
    let groups = before_and_after(libc::setfsgid, group);
    let users = before_and_after(libc::setfsuid, user);
    let is_done = groups.cast_unsigned() == group && users.cast_unsigned() == user;
    if is_done { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// The user as whom this thread touches files.
pub fn file_user() -> u32 {
    const NOBODY: u32 = u32::MAX; // not an id: nothing is changed, and what is is returned
    // SAFETY: as above.
    let user = unsafe { libc::setfsuid(NOBODY) }.cast_unsigned();
    // Where the call is filtered out, as in a service's sandbox, it did not change anything before either.
    if user == NOBODY { rustix::process::geteuid().as_raw() } else { user }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::thread;

    use super::*;

    #[test]
    fn what_is_made_is_theirs() {
        const NOBODY: u32 = 65_534;
        let folder = tempfile::tempdir().expect("a folder");
        if fs::metadata(folder.path()).expect("there").uid() != 0 {
            println!("skipped: needs root");
            return assert_eq!(
                touch_files_as(NOBODY, NOBODY).expect_err("not allowed").kind(),
                io::ErrorKind::PermissionDenied
            );
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("set");
        let (theirs, ours) = (folder.path().join("theirs"), folder.path().join("ours"));
        fs::write(&ours, "").expect("written");
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o600)).expect("set");
        let other = thread::spawn(move || {
            touch_files_as(NOBODY, NOBODY).expect("allowed");
            fs::write(&theirs, "").expect("written");
            let made = fs::metadata(&theirs).expect("there");
            (file_user(), made.uid(), made.gid(), fs::read(&ours).map_err(|error| error.kind()))
        });
        let denied = Err(io::ErrorKind::PermissionDenied);
        assert_eq!(other.join().expect("it ends"), (NOBODY, NOBODY, NOBODY, denied));
        assert_eq!(file_user(), 0, "of that thread only");
    }
}
