//! Addresses of this host. Source: `struct ifaddrmsg` in `include/uapi/linux/if_addr.h`, `inet_fill_ifaddr` in
//! `net/ipv4/devinet.c`, `inet6_fill_ifaddr` in `net/ipv6/addrconf.c`.

use std::net::IpAddr;

use super::constants::{IFA_ADDRESS, IFA_LOCAL};
use super::wire::{Attributes, MessageHeader, Messages, address};

/// The bytes of `struct ifaddrmsg`.
const HEADER: usize = 8;

/// Lays out a request for all addresses of all interfaces.
pub fn put_dump(messages: &mut Messages, header: MessageHeader) {
    let message = messages.begin(header);
    messages.put(&[0; HEADER]);
    messages.end(message);
}

/// Reads an address of this host. Where there is a far end, its address is the other one.
pub fn parse(payload: &[u8]) -> Option<IpAddr> {
    let of = |wanted| Attributes(payload.get(HEADER..)?).find(|(kind, _)| *kind == wanted).map(|(_, value)| value);
    address(of(IFA_LOCAL).or_else(|| of(IFA_ADDRESS))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_near_end_is_this_hosts() {
        let mut messages = Messages::default();
        messages.put(&[0; HEADER]);
        messages.attribute(IFA_ADDRESS, &[172, 16, 0, 2]);
        assert_eq!(parse(messages.as_bytes()), Some([172, 16, 0, 2].into()));
        messages.attribute(IFA_LOCAL, &[172, 16, 0, 1]);
        assert_eq!(parse(messages.as_bytes()), Some([172, 16, 0, 1].into()));
        assert_eq!(parse(&messages.as_bytes()[..HEADER]), None);
    }
}
