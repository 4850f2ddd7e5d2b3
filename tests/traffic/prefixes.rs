//! Whose a packet is, with real packets: prefixes inside prefixes, the catch-all, IPv6, what passes unshaped, and strangers.

use std::net::IpAddr;

use pleach_tc::Direction;

use crate::lab::Lab;
use crate::measure::{HOUSEKEEPING, class_bytes, class_of, classes, unclassified};
use crate::network::Network;
use crate::stream::{Stream, finish};

/// Circuits by their prefixes, then addresses of them; the wide ones hold the narrow ones.
const PREFIXES: &str = "\
Circuit ID,Circuit Name,Device ID,Device Name,Parent Node,MAC,IPv4,IPv6,Download Min Mbps,Upload Min Mbps,Download Max Mbps,Upload Max Mbps,Comment,sqm
wide,,d1,,AP North,,10.0.0.0/9,2001:db8::/32,,,50,50,,
net,,d2,,AP South,,10.2.0.0/24,2001:db8:1:100::/56,,,40,40,,
host,,d3,,AP North,,10.2.0.7,2001:db8:1:180::/64,,,30,30,,
";
const OWNERS: [(&str, &str); 8] = [
    ("wide", "10.77.0.1"),
    ("net", "10.2.0.8"),
    ("host", "10.2.0.7"),
    ("wide", "2001:db8:5::1"),
    ("net", "2001:db8:1:17f::1"),
    ("host", "2001:db8:1:180::1"),
    ("nobody", "10.200.0.1"),
    ("nobody", "2001:db9::1"),
];
/// Inside `wide`, and to pass unshaped.
const BYPASSED: &str = "10.2.1.9";

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// A shaper of these prefixes, and what leads into each circuit's classes.
fn start() -> Option<Lab> {
    let lab = Lab::new(4)?;
    for (_, text) in OWNERS {
        lab.add_subscriber(address(text));
    }
    lab.add_subscriber(address(BYPASSED));
    Network::small().write(&lab);
    lab.write("ShapedDevices.csv", PREFIXES);
    let configured = std::fs::read_to_string(lab.path().join("pleach.toml")).expect("it is there");
    lab.write("pleach.toml", &format!("{configured}\n[addresses]\nignore = [\"{BYPASSED}\"]\n"));
    lab.pleach(&["apply"]).returned(0);
    Some(lab)
}

/// What streams in both directions gained for a subscriber's class and the class of strangers, in bytes, and for the direct queue,
/// in packets; with how many packets each was.
fn gained(lab: &Lab, text: &str, owner: &str) -> [(Direction, u64, [u64; 3]); 2] {
    let probe = PROBES.iter().find(|probe| probe.0 == owner).map(|probe| probe.1);
    let look = || {
        Direction::BOTH.map(|direction| {
            let of_owner =
                probe.map_or(0, |probe| class_bytes(&classes(lab, direction), &class_of(lab, probe, direction)));
            let (unknown, direct) = unclassified(lab, direction);
            [of_owner, unknown, direct]
        })
    };
    let before = look();
    let outcomes = finish(Direction::BOTH.map(|direction| Stream::start(lab, address(text), direction)));
    let after = look();
    std::array::from_fn(|way| {
        let direction = Direction::BOTH[way];
        outcomes[way].assert_whole(&format!("{text} of {owner}, {direction}"));
        (direction, outcomes[way].sent, std::array::from_fn(|at| after[way][at] - before[way][at]))
    })
}

/// An address of each circuit that lies in no other's prefix, to ask for its class by.
const PROBES: [(&str, &str); 3] = [("wide", "10.99.0.1"), ("net", "10.2.0.200"), ("host", "10.2.0.7")];

#[test]
fn packets_are_in_the_class_of_the_longest_prefix() {
    let Some(lab) = start() else { return };
    for (owner, text) in OWNERS {
        let header = if text.contains(':') { 62 } else { 42 };
        for (direction, sent, [in_class, unknown, direct]) in gained(&lab, text, owner) {
            let wanted = sent * (header + 100);
            let what = format!("{text} of {owner}, {direction}: {sent} sent; {in_class} {unknown} {direct}");
            let (expected, other) = if owner == "nobody" { (unknown, in_class) } else { (in_class, unknown) };
            assert!(expected >= wanted && expected <= wanted + HOUSEKEEPING, "{what}");
            assert!(other <= HOUSEKEEPING && direct == 0, "{what}");
        }
    }
    for (direction, sent, [in_class, unknown, direct]) in gained(&lab, BYPASSED, "wide") {
        let what = format!("what is ignored passes unshaped, {direction}: {in_class} {unknown} {direct}");
        assert!((in_class, direct) == (0, sent) && unknown <= HOUSEKEEPING, "{what}");
    }
}
