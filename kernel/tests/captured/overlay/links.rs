//! Links and forwarding entries.

use pleach_kernel::netlink::constants::{RTM_NEWLINK, RTM_NEWNEIGH};
use pleach_kernel::netlink::link::Ipv6;
use pleach_kernel::netlink::wire::{Attributes, MessageHeader, Messages};
use pleach_kernel::netlink::{forwarding, link, link_kind};
use pleach_overlay::links::{Aggregates, Isolation, LinkKind};
use pleach_overlay::{Df, VlanId};

use super::{PEER, TUNNEL, address, flat, index_of, laid_out, name, name_of, port, vni};
use crate::capture::Capture;

const LINK_HEADER: usize = 16;
const ENTRY_HEADER: usize = 12;
const LINK_NESTS: [&[u16]; 3] = [&[18], &[18, 2], &[18, 5]];
/// What `ip` says of a Geneve at its default: TTL, TOS, label.
const GENEVE_DEFAULTS: [u16; 3] = [3, 4, 11];

fn links() -> Vec<(&'static str, LinkKind)> {
    let vxlan = |id, at, local: Option<&str>, group: Option<&str>| LinkKind::Vxlan {
        id: vni(id),
        port: port(at),
        df: if group.or(local).is_some_and(|outer| address(outer).is_ipv4()) { Df::Set } else { Df::Unset },
        parent: name("sink"),
        local: local.map(address),
        group: group.map(address),
    };
    let geneve = |at, df, remote| LinkKind::Geneve { id: vni(42), port: port(at), df, remote: address(remote) };
    vec![
        ("bridge", LinkKind::Bridge),
        ("dummy", LinkKind::Dummy),
        ("ifb", LinkKind::Ifb),
        ("vlan", LinkKind::Vlan { parent: name("sink"), id: VlanId::new(42).expect("an id") }),
        ("vxlan-e2e", vxlan(42, 4789, Some("172.16.0.1"), None)),
        ("vxlan-e2e-ipv6", vxlan(16_777_215, 4790, Some("fd00:99::1"), None)),
        ("vxlan-mcast", vxlan(42, 4789, Some("172.16.0.1"), Some("239.1.1.1"))),
        ("vxlan-mcast-ipv6", vxlan(42, 4789, None, Some("ff05::1"))),
        ("vxlan-external", LinkKind::VxlanExternal { port: port(4789) }),
        ("geneve", geneve(6081, Df::Set, "172.16.0.2")),
        ("geneve-ipv6", geneve(6082, Df::Unset, "fd00:99::2")),
        ("geneve-external", LinkKind::GeneveExternal { port: port(6081) }),
    ]
}

#[test]
fn links_are_read_as_what_they_are_and_made_as_ip_makes_them() {
    for (case, expected) in links() {
        let capture = Capture::read(&format!("link/{case}"));
        let found = link::parse(&capture.dump[0].payload).expect("a link");
        assert_eq!((capture.dump[0].kind, found.name), (RTM_NEWLINK, "made"), "{case}");
        assert!(!found.is_up && found.alias.is_empty() && found.master == 0, "{case}");
        assert_eq!(link_kind::parse(&found, &name_of), expected, "{case}");
        assert_eq!(found.aggregates, Aggregates::Whole, "{case}");

        let mtu = (case == "bridge").then_some(1_400);
        assert!(mtu.is_none_or(|mtu| found.link.mtu == mtu), "{case}");
        let parent = link_kind::parent(&expected).map(index_of);
        let ours = laid_out(&capture, |messages, header| {
            link::put_new(messages, header, "made", &expected, (mtu, Aggregates::Whole), parent);
        });
        assert_eq!(link::ADD_LINK, (capture.request.kind, capture.request.flags & !5), "{case}");
        assert_eq!(ours[..LINK_HEADER], capture.request.payload[..LINK_HEADER], "{case}");
        let mut theirs = flat(&capture.request.payload[LINK_HEADER..], &LINK_NESTS);
        if case.starts_with("geneve") {
            theirs.retain(|place, _| place.len() < 3 || !GENEVE_DEFAULTS.contains(&place[2]));
        }
        if case == "geneve-external" {
            assert_eq!(theirs.remove(&vec![18, 2, 1]), Some(vec![0; 4]), "a number that means nothing");
        }
        assert_eq!(flat(&ours[LINK_HEADER..], &LINK_NESTS), theirs, "{case}");
    }
}

#[test]
fn changes_of_links_are_those_of_ip() {
    type Put = fn(&mut Messages, MessageHeader);
    let cases: [(&str, Put); 6] = [
        ("alias", |messages, header| link::put_alias(messages, header, PEER, "pleach:vxlan/42/bridge", Ipv6::Unknown)),
        ("mtu", |messages, header| link::put_mtu(messages, header, PEER, 1_400)),
        ("down", |messages, header| link::put_down(messages, header, PEER)),
        ("nomaster", |messages, header| link::put_master(messages, header, PEER, 0)),
        ("isolated", |messages, header| link::put_isolation_and_up(messages, header, PEER, Isolation::Isolated)),
        ("master", |messages, header| link::put_master_and_up(messages, header, PEER, 16)),
    ];
    for (case, put) in cases {
        let capture = Capture::read(&format!("link/{case}"));
        assert_eq!(capture.request.kind, link::CHANGE_LINK.0, "{case}");
        let (mut ours, theirs) = (laid_out(&capture, put), &capture.request.payload);
        if matches!(case, "isolated" | "master") {
            // `ip` needs another command to set it up.
            let up = Capture::read("link/up").request.payload;
            assert_eq!(ours[..LINK_HEADER], up[..LINK_HEADER], "{case}");
            ours[8..LINK_HEADER].fill(0);
        }
        if case == "master" {
            ours[LINK_HEADER + 4..].copy_from_slice(&theirs[LINK_HEADER + 4..]); // the bridge's number
        }
        assert_eq!(ours, *theirs, "{case}");
    }
    // With IPv6 it is followed by what `ip link set … addrgenmode none` says.
    let capture = Capture::read("link/alias-addrgenmode");
    let ours = laid_out(&capture, |messages, header| {
        link::put_alias(messages, header, PEER, "pleach:vxlan/42/bridge", Ipv6::Known);
    });
    assert_eq!(ours, capture.request.payload, "alias-addrgenmode");
    let read = |case: &str| Capture::read(&format!("link/{case}")).dump.swap_remove(0).payload;
    assert_eq!(link::parse(&read("alias")).expect("a link").alias, "pleach:vxlan/42/bridge");
    assert_eq!(link::parse(&read("mtu")).expect("a link").link.mtu, 1_400);
    assert!(link::parse(&read("up")).expect("a link").is_up && !link::parse(&read("down")).expect("a link").is_up);
    let (inside, outside) = (read("master"), read("nomaster"));
    let (inside, outside) = (link::parse(&inside).expect("a link"), link::parse(&outside).expect("a link"));
    assert_eq!((inside.isolation(), inside.master > 0, outside.master), (Isolation::Open, true, 0));
    assert_eq!(link::parse(&read("isolated")).expect("a link").isolation(), Isolation::Isolated);
}

#[test]
fn a_link_that_somebody_changed_is_none_of_ours() {
    // Whether it learns; whether its packets may be fragmented: as those inside of it.
    for (case, attribute, turned) in
        [("vxlan-e2e", 7, 0), ("vxlan-e2e", 29, 2), ("vxlan-external", 7, 1), ("geneve", 13, 2)]
    {
        let capture = Capture::read(&format!("link/{case}"));
        let found = link::parse(&capture.dump[0].payload).expect("a link");
        let mut data = Messages::default();
        for (kind, value) in Attributes(found.data) {
            data.attribute(kind, if kind == attribute { std::slice::from_ref(&turned) } else { value });
        }
        let changed = link::LinkMessage { data: data.as_bytes(), ..found };
        let expected = LinkKind::Changed { kind: found.kind.to_owned() };
        assert_eq!(link_kind::parse(&changed, &name_of), expected, "{case}: attribute {attribute}");
    }
}

#[test]
fn entries_are_those_of_bridge() {
    for (case, verb, last) in [
        ("append", forwarding::APPEND_ENTRY, "172.16.0.3"),
        ("append-ipv6", forwarding::APPEND_ENTRY, "fd00:99::2"),
        ("delete", forwarding::DELETE_ENTRY, "172.16.0.3"),
    ] {
        let capture = Capture::read(&format!("fdb/{case}"));
        assert_eq!(verb, (capture.request.kind, capture.request.flags & !5), "{case}");
        let ours = laid_out(&capture, |messages, header| forwarding::put(messages, header, TUNNEL, address(last)));
        assert_eq!(ours[..ENTRY_HEADER], capture.request.payload[..ENTRY_HEADER], "{case}");
        assert_eq!(flat(&ours[ENTRY_HEADER..], &[]), flat(&capture.request.payload[ENTRY_HEADER..], &[]), "{case}");
    }
    let read = |case: &str| {
        let dump = Capture::read(&format!("fdb/{case}")).dump;
        let entries = dump.iter().filter(|message| message.kind == RTM_NEWNEIGH);
        entries.filter_map(|message| forwarding::parse(&message.payload)).collect::<Vec<_>>()
    };
    let hosts = |hosts: &[&str]| hosts.iter().map(|host| (TUNNEL, address(host))).collect::<Vec<_>>();
    assert_eq!(read("append"), hosts(&["172.16.0.2", "172.16.0.3"]));
    assert_eq!(read("append-ipv6"), hosts(&["fd00:99::2"]));
    assert_eq!(read("append-group"), hosts(&["239.1.1.1", "172.16.0.2"]), "the group is one of them");
    assert_eq!(read("delete"), hosts(&["172.16.0.2"]));
}
