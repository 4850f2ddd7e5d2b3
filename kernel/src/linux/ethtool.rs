//! Whether an interface's features are on, by ioctl(2): the one system call here without a safe wrapper.
#![allow(unsafe_code)] // one ioctl, whose argument lives on the stack beside it

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use pleach_tc::Interface;

/// A feature, by the number of the command that asks for it (`include/uapi/linux/ethtool.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Feature {
    /// `ETHTOOL_GGSO`: generic segmentation offload.
    Gso = 0x23,
    /// `ETHTOOL_GGRO`: generic receive offload.
    Gro = 0x2b,
}

/// `struct ethtool_value`.
#[repr(C)]
struct Value {
    command: u32,
    data: u32,
}

/// Asks through any socket of the interface's network namespace.
pub(super) fn is_on(socket: BorrowedFd<'_>, interface: &Interface, feature: Feature) -> io::Result<bool> {
    let mut value = Value { command: feature as u32, data: 0 };
    let mut name = [0; libc::IFNAMSIZ];
    for (to, from) in name.iter_mut().zip(interface.as_str().bytes()) {
        *to = libc::c_char::from_ne_bytes([from]);
    }
    let ifr_ifru = libc::__c_anonymous_ifr_ifru { ifru_data: std::ptr::from_mut(&mut value).cast() };
    let mut request = libc::ifreq { ifr_name: name, ifr_ifru };
    // SAFETY: the request and the value it points to are whole, ours alone, and outlive the call; the kernel writes
    // `data` of the value for these two commands and nothing else.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCETHTOOL, &raw mut request) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(value.data != 0) }
}
