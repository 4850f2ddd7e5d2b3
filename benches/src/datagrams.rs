//! Requests that are laid out beforehand and only sent: the least that could do a job.

use anyhow::{Result, ensure};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with, sockopt};

use crate::measure::Measure;

/// How much is sent at a time: as the fastest loop that was measured does.
pub(crate) const DATAGRAM: usize = 128 << 10;
/// Where an answer of rtnetlink says what it refused: behind its header (`struct nlmsgerr`).
const ERRNO: std::ops::Range<usize> = 16..20;

/// Sends them all; the last request of each is acknowledged.
pub(crate) fn send_all(datagrams: &[Vec<u8>]) -> Result<Measure> {
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_send_buffer_size(&socket, 2 * DATAGRAM)?;
    let mut outcome = Ok(());
    let measure = Measure::of(|| {
        outcome = datagrams.iter().try_for_each(|datagram| {
            send(&socket, datagram, SendFlags::empty())?;
            let mut answer = [0_u8; 4096];
            let (length, _) = recv(&socket, &mut answer[..], RecvFlags::empty())?;
            let errno = answer[..length].get(ERRNO).and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes);
            let refused = std::io::Error::from_raw_os_error(-errno.unwrap_or(-rustix::io::Errno::IO.raw_os_error()));
            ensure!(errno == Some(0), "the kernel refused one of the bare requests: {refused}");
            Ok(())
        });
    });
    outcome.map(|()| measure)
}
