//! Which names and numbers are ours: the convention by which the kernel's state is read again.

use std::fmt::{self, Write};

use pleach_tc::Interface;

use super::link::LinkId;
use crate::network_id::{NetworkId, VlanId, Vni};
use crate::rule::Priority;
use crate::technology::UdpPort;

/// What the names of all our links begin with.
pub const LINK_PREFIX: &str = "pl-";
/// What `ifalias` of all our links begins with; the rest is the link's [`LinkId`].
pub const ALIAS_PREFIX: &str = "pleach:";

/// The preference of the rules with priority 0; each priority has its own. Behind the shaper's program (0xace), which lets
/// what is behind it run, and up to those that the kernel gives by itself (from 49 152 down, when nothing else is there).
pub const RULES: u16 = 0x4000;
/// The preference in chain 0 of what leads on to chain 1.
pub const ONWARDS: u16 = 0xff00;
/// The preference of a limit in chain 1.
pub const LIMIT: u16 = 0xff01;
/// The preference of frames for groups.
pub const GROUPS: u16 = 0xff02;
/// The preference of frames for one station.
pub const STATIONS: u16 = 0xff03;
/// The preference of what drops the rest.
pub const REST: u16 = 0xff04;
/// The preference in chain 0 of a tunnel of what marks all that comes out of it.
pub const MARK: u16 = 0xff05;
/// The preference of destinations by MAC address.
pub const DESTINATIONS: u16 = 10;
/// The preference of the first copies for local virts.
pub const LOCAL_COPIES: u16 = 1;
/// The preference of the first copies for remote hosts.
pub const REMOTE_COPIES: u16 = 0x1000;

/// The chain behind the rules of a virt.
pub const FORWARD_CHAIN: u32 = 1;
/// The chain in which a virt's frames are copied.
pub const COPY_CHAIN: u32 = 2;

/// How many actions the kernel keeps of a filter (`TCA_ACT_MAX_PRIO`); it says nothing about the rest.
pub const MOST_ACTIONS: usize = 32;
/// How many local virts one filter copies to: an action each, and one to continue.
pub const MOST_LOCAL_COPIES: usize = MOST_ACTIONS - 1;
/// How many remote hosts one filter copies to: two actions each, and one to continue.
pub const MOST_REMOTE_COPIES: usize = (MOST_ACTIONS - 1) / 2;

/// Whether a filter of ours may have this preference in this chain.
pub const fn is_our_place(chain: u32, preference: u16) -> bool {
    chain > 0 || preference >= RULES || preference == DESTINATIONS
}

/// The preference of a rule.
pub const fn rule_preference(priority: Priority) -> u16 {
    RULES + priority.get()
}

/// The chain of a tunnel in which a net's frames for groups are copied.
pub const fn group_chain(net: Vni) -> u32 {
    net.get()
}

/// The chain of a tunnel in which a net's frames for one station find it.
pub const fn station_chain(net: Vni) -> u32 {
    net.get() + (1 << 24)
}

/// What a link of a net is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Bridge,
    Switch,
    Tunnel,
}

/// What the ids of all our links begin with, one of these.
pub const FIRST_WORDS: [&str; 5] = ["direct", "vlan", "vxlan", "geneve", "virt"];

/// The tag of frames on their way from a virt's interface through its queue to the filters of a static net. It is gone before
/// anybody sees it.
pub const RETURN_TAG: VlanId = match VlanId::new(VlanId::MOST) {
    Some(tag) => tag,
    None => panic!("the largest is one"),
};

/// The words and the short form of a net's technology.
fn technology(id: NetworkId) -> (&'static str, &'static str) {
    match id {
        NetworkId::Direct(_) => ("direct", "d"),
        NetworkId::Vlan(_) => ("vlan", "vlan"),
        NetworkId::Vxlan(_) => ("vxlan", "vx"),
        NetworkId::Geneve(_) => ("geneve", "gn"),
    }
}

fn interface(name: &str) -> Interface {
    name.parse().expect("invariant: names of links are 15 characters at most")
}

/// The name and the id of a link that a net has once on a host: `pl-vx16777215-b`.
pub(super) fn net_link(net: NetworkId, part: Part) -> (Interface, LinkId) {
    let (words, short) = technology(net);
    let (end, what) = match part {
        Part::Bridge => ("-b", "bridge"),
        Part::Switch => ("-s", "switch"),
        Part::Tunnel => ("", "tunnel"),
    };
    let number = net.number();
    (interface(&format!("{LINK_PREFIX}{short}{number}{end}")), LinkId(format!("{words}/{number}/{what}")))
}

/// The name and the id of a direct net's bridge, which is known by the one interface to the underlay that is in it.
pub(super) fn direct_bridge(phys: &Interface) -> (Interface, LinkId) {
    let id = format!("direct/{phys}/bridge");
    (interface(&format!("{LINK_PREFIX}d{:07}-b", number_of(&id) % 10_000_000)), LinkId(id))
}

/// The name and the id of the tunnel that all static nets of a technology and port share.
pub(super) fn shared_tunnel(net: NetworkId, port: UdpPort) -> (Interface, LinkId) {
    let (words, short) = technology(net);
    (interface(&format!("{LINK_PREFIX}{short}-p{port}")), LinkId(format!("{words}/port-{port}/tunnel")))
}

/// The name and the id of a net's tunnel to one host. `attempt` counts names that were taken.
pub(super) fn host_tunnel(net: Vni, remote: std::net::IpAddr, attempt: u32) -> (Interface, LinkId) {
    let id = format!("geneve/{}/to/{remote}", net.get());
    // 36^5 is more than 2^24, and 36^6 names of hosts in a net hardly ever meet.
    let (net, host) = (digits(net.get().into(), 5), digits(number_of(&id).wrapping_add(attempt.into()), 6));
    (interface(&format!("{LINK_PREFIX}{net}{host}")), LinkId(id))
}

/// What the names of links that queue what virts send have behind [`LINK_PREFIX`]. No other link's name has a dash there.
const OUT_QUEUE: &str = "q-";
/// The same of the links by which that comes back.
const OUT_RETURN: &str = "r-";

/// Whether a link of this name queues what a virt sends.
pub fn is_out_queue(name: &Interface) -> bool {
    name.as_str().strip_prefix(LINK_PREFIX).is_some_and(|rest| rest.starts_with(OUT_QUEUE))
}

/// The name and the id of the link that queues what a virt sends. `attempt` counts names that were taken.
pub(super) fn out_queue(virt: &Interface, attempt: u32) -> (Interface, LinkId) {
    virt_link(OUT_QUEUE, format!("virt/{virt}/queue"), attempt)
}

/// The name and the id of the link by which that comes back.
pub(super) fn out_return(virt: &Interface, attempt: u32) -> (Interface, LinkId) {
    virt_link(OUT_RETURN, format!("virt/{virt}/return"), attempt)
}

fn virt_link(part: &str, id: String, attempt: u32) -> (Interface, LinkId) {
    let number = digits(number_of(&id).wrapping_add(attempt.into()), 8);
    (interface(&format!("{LINK_PREFIX}{part}{number}")), LinkId(id))
}

/// The last digits of a number to base 36.
fn digits(mut number: u64, width: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        digits.push(char::from(DIGITS[usize::try_from(number % 36).expect("invariant: below 36")]));
        number /= 36;
    }
    digits.into_iter().rev().collect()
}

/// A number that follows from a text, and hardly ever from two (FNV-1a, 64 bits).
pub(super) fn number_of(text: impl fmt::Display) -> u64 {
    let mut number = Fnv(0xcbf2_9ce4_8422_2325);
    write!(number, "{text}").expect("invariant: there is always room");
    number.0
}

struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = text.bytes().fold(self.0, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technology::{Technology, UdpTunnel};

    #[test]
    fn the_longest_names_fit() {
        let vxlan = NetworkId::new(&Technology::VxlanE2e(UdpTunnel::on(UdpPort::VXLAN)), 16_777_215).expect("an id");
        assert_eq!(net_link(vxlan, Part::Bridge).0.as_str(), "pl-vx16777215-b");
        assert_eq!(net_link(vxlan, Part::Switch).1, LinkId("vxlan/16777215/switch".to_owned()));
        let port = UdpPort::new(65_535).expect("a port");
        assert_eq!(shared_tunnel(vxlan, port).0.as_str(), "pl-vx-p65535");
        let NetworkId::Vxlan(vni) = vxlan else { unreachable!() };
        let tunnel = host_tunnel(vni, [172, 16, 0, 1].into(), 0);
        assert_eq!((tunnel.0.as_str().len(), &tunnel.0.as_str()[..8]), (14, "pl-9zldr"));
        assert!(direct_bridge(&"fifteen-letters".parse().expect("a name")).0.as_str().len() <= 15);
    }

    #[test]
    fn rules_are_behind_the_shaper_and_before_everything_else() {
        const { assert!(RULES > pleach_tc::layout::FILTER_PREFERENCE) }
        assert!(rule_preference(Priority::new(Priority::MOST.into()).expect("a priority")) < ONWARDS);
        assert_eq!((MOST_LOCAL_COPIES, MOST_REMOTE_COPIES), (31, 15));
    }
}
