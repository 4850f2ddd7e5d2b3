//! Which network namespace this is.
#![allow(unsafe_code)] // one system call that writes a number

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;

/// The number of this thread's network namespace. No other of this boot ever has it, which cannot be said of the inode under
/// `/proc` (`SO_NETNS_COOKIE`, Linux 5.14).
pub fn network_namespace() -> io::Result<u64> {
    let socket = UnixDatagram::unbound()?;
    let mut cookie = 0_u64;
    let mut length = libc::socklen_t::try_from(size_of_val(&cookie)).expect("invariant: eight bytes");
    // SAFETY: the kernel writes at most `length` bytes, which is what `cookie` has; both outlive the call.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NETNS_COOKIE,
            (&raw mut cookie).cast(),
            &raw mut length,
        )
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(cookie) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_number_that_stays() {
        let cookie = network_namespace().expect("the kernel says it");
        assert!(cookie > 0);
        assert_eq!(network_namespace().expect("the kernel says it"), cookie);
    }
}
