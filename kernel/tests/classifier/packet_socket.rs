//! A network namespace of this thread's own, and raw frames into it.
#![allow(unsafe_code)] // system calls that nothing wraps

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Moves this thread into a new network namespace, which goes with the thread and what it started.
pub(crate) fn enter_new_namespace() {
    // SAFETY: no memory is handed over.
    let result = unsafe { libc::unshare(libc::CLONE_NEWNET) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

/// Sends frames out of an interface.
pub(crate) struct Sender {
    socket: OwnedFd,
    interface: libc::c_int,
}

impl Sender {
    pub(crate) fn new(interface: &str) -> Self {
        let name = CString::new(interface).expect("no zero in it");
        // SAFETY: no memory is handed over.
        let socket = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        assert!(socket >= 0, "{}", io::Error::last_os_error());
        // SAFETY: the kernel made this descriptor just now, and nobody else has it.
        let socket = unsafe { OwnedFd::from_raw_fd(socket) };
        // SAFETY: the name ends with a zero.
        let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
        Self { socket, interface: index.cast_signed() }
    }

    pub(crate) fn send(&self, frame: &[u8]) {
        // SAFETY: zeros are a valid address structure.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET.cast_unsigned().try_into().expect("small");
        address.sll_ifindex = self.interface;
        address.sll_halen = 6;
        let length = libc::socklen_t::try_from(size_of_val(&address)).expect("small");
        // SAFETY: frame and address are good for the lengths beside them, and are only read.
        let sent = unsafe {
            libc::sendto(
                self.socket.as_raw_fd(),
                frame.as_ptr().cast(),
                frame.len(),
                0,
                (&raw const address).cast(),
                length,
            )
        };
        assert_eq!(usize::try_from(sent).ok(), Some(frame.len()), "{}", io::Error::last_os_error());
    }
}
