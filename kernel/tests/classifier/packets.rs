//! Frames, built from the inside out.

use std::net::{IpAddr, Ipv6Addr};

/// What comes behind IP.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload {
    Tcp(u16, u16),
    Udp(u16, u16),
    Ospf,
    /// `ICMPv6` of a type, with a hop limit.
    Icmp6(u8, u8),
    /// UDP that is not the first fragment.
    Fragment,
    /// IPv6: hop-by-hop options before UDP.
    Extended,
}

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const IPV6: u16 = 0x86dd;

/// The ethertype, and the packet from the IP header on.
pub(crate) fn ip(from: &str, to: &str, payload: Payload) -> (u16, Vec<u8>) {
    let (from, to): (IpAddr, IpAddr) = (from.parse().expect("an address"), to.parse().expect("an address"));
    let (protocol, body) = body(payload);
    let length = u16::try_from(body.len()).expect("short");
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut packet = vec![0x45, 0];
            packet.extend((20 + length).to_be_bytes());
            packet.extend([0, 0]);
            packet.extend(if matches!(payload, Payload::Fragment) { [0x20, 0xb9] } else { [0, 0] });
            packet.extend([64, protocol, 0, 0]);
            packet.extend(from.octets());
            packet.extend(to.octets());
            let sum = checksum(&packet);
            packet[10..12].copy_from_slice(&sum);
            packet.extend(body);
            (IPV4, packet)
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => (IPV6, ip6(from, to, payload, protocol, &body)),
        _ => panic!("one family"),
    }
}

/// How an underlay's packet is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outer {
    #[default]
    Plain,
    /// IPv4 with so many words of options.
    Options(u8),
    /// A first fragment.
    FirstFragment,
    /// A fragment that is not the first: there is no UDP header.
    LaterFragment,
}

/// The ethertype, and a UDP packet with this body to that port.
pub(crate) fn carrier(from: &str, to: &str, port: u16, outer: Outer, body: &[u8]) -> (u16, Vec<u8>) {
    let (from, to): (IpAddr, IpAddr) = (from.parse().expect("an address"), to.parse().expect("an address"));
    let length = u16::try_from(8 + body.len()).expect("short");
    let udp = [0xc000_u16, port, length, 0].map(u16::to_be_bytes).concat();
    let udp = if outer == Outer::LaterFragment { Vec::new() } else { udp };
    let offset: u16 = if outer == Outer::LaterFragment { 0xb9 } else { 0 };
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let words = if let Outer::Options(words) = outer { words } else { 0 };
            let total = u16::try_from(20 + 4 * usize::from(words) + udp.len() + body.len()).expect("short");
            let more: u16 = if outer == Outer::FirstFragment { 0x2000 } else { 0 };
            let mut packet = vec![0x45 + words, 0];
            packet.extend([total, 7, more | offset].map(u16::to_be_bytes).concat());
            packet.extend([64, 17, 0, 0]);
            packet.extend([from.octets(), to.octets()].concat());
            packet.extend(vec![1; 4 * usize::from(words)]);
            (IPV4, [packet, udp, body.to_vec()].concat())
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let fragment: &[u8] = match outer {
                Outer::FirstFragment => &[17, 0, 0, 1, 0, 0, 0, 7],
                Outer::LaterFragment => &[17, 0, 5, 0xb8, 0, 0, 0, 7],
                _ => &[],
            };
            let total = u16::try_from(fragment.len() + udp.len() + body.len()).expect("short").to_be_bytes();
            let next = if fragment.is_empty() { 17 } else { 44 };
            let header = [&[0x60, 0, 0, 0, total[0], total[1], next, 64][..], &from.octets(), &to.octets()].concat();
            (IPV6, [&header, fragment, &udp, body].concat())
        }
        _ => panic!("one family"),
    }
}

/// A VXLAN header (RFC 7348) and the frame in it.
pub(crate) fn vxlan(flags: u8, net: u32, frame: &[u8]) -> Vec<u8> {
    [&[flags, 0, 0, 0], &(net << 8).to_be_bytes()[..], frame].concat()
}

/// A Geneve header (RFC 8926) with so many words of options, and what it carries.
pub(crate) fn geneve(version: u8, words: u8, protocol: u16, net: u32, carried: &[u8]) -> Vec<u8> {
    let header = [&[version << 6 | words, 0], &protocol.to_be_bytes()[..], &(net << 8).to_be_bytes()].concat();
    [&header, &vec![0xab; 4 * usize::from(words)][..], carried].concat()
}

/// Of an IPv4 header; a bridge with netfilter drops what is wrong.
fn checksum(header: &[u8]) -> [u8; 2] {
    let sum: u32 = header.chunks_exact(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1])).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = u16::try_from((folded & 0xffff) + (folded >> 16)).expect("folded to 16 bits");
    (!folded).to_be_bytes()
}

fn ip6(from: Ipv6Addr, to: Ipv6Addr, payload: Payload, protocol: u8, body: &[u8]) -> Vec<u8> {
    let hop_limit = if let Payload::Icmp6(_, limit) = payload { limit } else { 64 };
    let extension: &[u8] = match payload {
        Payload::Extended => &[protocol, 0, 1, 4, 0, 0, 0, 0],
        Payload::Fragment => &[protocol, 0, 5, 0xb8, 0, 0, 0, 1],
        _ => &[],
    };
    let next_header = match payload {
        Payload::Extended => 0,
        Payload::Fragment => 44,
        _ => protocol,
    };
    let length = u16::try_from(extension.len() + body.len()).expect("short").to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, length[0], length[1], next_header, hop_limit];
    packet.extend(from.octets());
    packet.extend(to.octets());
    packet.extend(extension);
    packet.extend(body);
    packet
}

fn body(payload: Payload) -> (u8, Vec<u8>) {
    let ports = |from: u16, to: u16| [from.to_be_bytes(), to.to_be_bytes()].concat();
    match payload {
        Payload::Tcp(from, to) => (6, [ports(from, to), vec![0; 16]].concat()),
        Payload::Udp(from, to) => (17, [ports(from, to), vec![0, 8, 0, 0]].concat()),
        // The ports of a DHCP request, if they were ports.
        Payload::Fragment => (17, [ports(67, 67), vec![0; 4]].concat()),
        Payload::Extended => (17, [ports(4000, 4001), vec![0; 4]].concat()),
        Payload::Ospf => (89, vec![2; 24]),
        Payload::Icmp6(kind, _) => (58, vec![kind, 0, 0, 0, 0, 0, 0, 0]),
    }
}

/// What a packet is wrapped in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wrap {
    /// A tag: its ethertype and its contents, with priority bits.
    Tag(u16, u16),
    /// A `PPPoE` session with this PPP protocol.
    Pppoe(u16),
    /// So many MPLS labels.
    Mpls(usize),
    /// So many MPLS labels, a control word, and an Ethernet header.
    Pseudowire(usize),
}

/// A frame: the wraps from the outside in, then what has this ethertype.
pub(crate) fn frame(wraps: &[Wrap], (ethertype, packet): (u16, Vec<u8>)) -> Vec<u8> {
    let mut inner = (ethertype, packet);
    for wrap in wraps.iter().rev() {
        inner = wrapped(*wrap, inner);
    }
    ethernet(&inner)
}

fn ethernet((ethertype, packet): &(u16, Vec<u8>)) -> Vec<u8> {
    let mut frame = vec![0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2];
    frame.extend(ethertype.to_be_bytes());
    frame.extend(packet);
    frame
}

fn wrapped(wrap: Wrap, inner: (u16, Vec<u8>)) -> (u16, Vec<u8>) {
    match wrap {
        Wrap::Tag(kind, contents) => {
            let mut bytes = contents.to_be_bytes().to_vec();
            bytes.extend(inner.0.to_be_bytes());
            bytes.extend(inner.1);
            (kind, bytes)
        }
        Wrap::Pppoe(protocol) => {
            let length = u16::try_from(inner.1.len() + 2).expect("short").to_be_bytes();
            let mut bytes = vec![0x11, 0, 0, 1, length[0], length[1]];
            bytes.extend(protocol.to_be_bytes());
            bytes.extend(inner.1);
            (0x8864, bytes)
        }
        Wrap::Mpls(labels) => (0x8847, [stack(labels), inner.1].concat()),
        Wrap::Pseudowire(labels) => (0x8847, [stack(labels), vec![0; 4], ethernet(&inner)].concat()),
    }
}

/// Labels whose traffic class and low bits are set everywhere, so that only the true bottom-of-stack bit tells the last.
fn stack(labels: usize) -> Vec<u8> {
    let label = |at| [0x12, 0x34, if at + 1 == labels { 0x5f } else { 0x5e }, 0xff];
    (0..labels).flat_map(label).collect()
}
