//! Netlink bytes that were captured from `tc` and a kernel (`testdata/netlink/`): what the kernel said is read as what it is,
//! and what we would send for it is what `tc` sent, as far as `tc` and Pleach mean the same.

mod capture;
mod expected;
mod overlay;

use std::collections::BTreeMap;

use pleach_kernel::netlink::constants::{RTM_GETTFILTER, RTM_NEWQDISC, RTM_NEWTCLASS, TCA_KIND};
use pleach_kernel::netlink::filter::{self, Found};
use pleach_kernel::netlink::statistics::Counters;
use pleach_kernel::netlink::tc::TcMessage;
use pleach_kernel::netlink::wire::{Attributes, MessageHeader, Messages};
use pleach_kernel::netlink::{object, request};
use pleach_overlay::links::Side;
use pleach_tc::layout::FILTER_PREFERENCE;
use pleach_tc::{Handle, PortIndex, QdiscKind};

use capture::{Capture, DEVICE};
use expected::{Expected, expectations};

const HTB_RATE_TABLES: [u16; 2] = [3, 4];

#[test]
fn dumps_are_read_as_what_they_are() {
    for (case, expected) in expectations() {
        let capture = Capture::read(case);
        let found = capture.dump.iter().filter_map(|message| {
            let tc = TcMessage::parse(&message.payload).filter(|tc| tc.header.index == DEVICE)?;
            match message.kind {
                RTM_NEWQDISC => Some((tc.handle(), Expected::Qdisc(object::qdisc(&tc).kind))),
                RTM_NEWTCLASS => object::class(&tc).map(|class| (tc.handle(), Expected::Class(class))),
                _ => None,
            }
        });
        let found: BTreeMap<Handle, Expected> = found.collect();
        // A case is about one object; what it hangs in is there too.
        assert!(found.values().any(|found| *found == expected), "{case}: wanted {expected:?}, read {found:#?}");
    }
}

#[test]
fn requests_are_those_of_tc() {
    for (case, expected) in expectations() {
        let capture = Capture::read(case);
        let theirs = &capture.request;
        let Some(tc) = TcMessage::parse(&theirs.payload) else { panic!("{case}: no request") };
        let (handle, parent) = (tc.handle(), tc.parent());
        let mut messages = Messages::default();
        let header = MessageHeader { kind: theirs.kind, flags: theirs.flags, sequence: 0 };
        match &expected {
            Expected::Qdisc(QdiscKind::Other(_)) => continue, // what Pleach never sends
            Expected::Qdisc(kind) => {
                let qdisc = pleach_tc::Qdisc { parent, kind: kind.clone() };
                request::put_qdisc(&mut messages, header, DEVICE, handle, &qdisc);
            }
            Expected::Class(class) => request::put_class(&mut messages, header, DEVICE, handle, class),
        }
        let ours = TcMessage::parse(&messages.as_bytes()[16..]).expect("our own request");
        assert_eq!((ours.header, ours.kind), (tc.header, tc.kind), "{case}");
        compare_options(case, tc.kind, ours.options, tc.options);
    }
}

/// Every option that `tc` sends has the value that ours has. It may leave out what is at its default, where Pleach sends
/// everything; and it adds the rate tables of HTB, which the kernel does not read where the link layer is stated.
fn compare_options(case: &str, kind: &str, ours: &[u8], theirs: &[u8]) {
    if matches!(kind, "pfifo" | "sfq") {
        // Structs: without options `tc` sends none, and leaves out what is behind the plain ones of sfq.
        assert!(ours.len() >= theirs.len(), "{case}");
        for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            assert!(ours == theirs || *theirs == 0, "{case}: byte {at} is {ours}, and {theirs} in tc's");
        }
        return;
    }
    let ours: BTreeMap<u16, &[u8]> = Attributes(ours).collect();
    for (option, theirs) in Attributes(theirs) {
        if kind == "htb" && HTB_RATE_TABLES.contains(&option) {
            continue;
        }
        let ours = ours.get(&option).unwrap_or_else(|| panic!("{case}: option {option} is missing"));
        if kind == "htb" && option == 1 {
            assert_eq!(without_cells(ours), without_cells(theirs), "{case}: parameters");
        } else {
            assert_eq!(*ours, theirs, "{case}: option {option}");
        }
    }
}

/// A class's parameters without the size of the cells of its rate tables, which are not sent.
fn without_cells(parameters: &[u8]) -> Vec<u8> {
    let mut bytes = parameters.to_vec();
    for rate in [0, 12] {
        bytes[rate] = 0;
        bytes[rate + 4..rate + 6].fill(0);
    }
    bytes
}

#[test]
fn deletions_and_clsact_are_tcs_to_the_byte() {
    let byte_for_byte = |case: &str, put: &dyn Fn(&mut Messages, MessageHeader)| {
        let theirs = Capture::read(case).request;
        let mut messages = Messages::default();
        put(&mut messages, MessageHeader { kind: theirs.kind, flags: theirs.flags, sequence: 0 });
        assert_eq!(messages.as_bytes()[16..], theirs.payload, "{case}");
    };
    byte_for_byte("clsact/add", &|messages, header| request::put_clsact(messages, header, DEVICE));
    byte_for_byte("htb-class/delete", &|messages, header| {
        request::put_class_handle(messages, header, DEVICE, Handle::new(1, 0x10));
    });
    byte_for_byte("htb/delete", &|messages, header| {
        request::put_qdisc_handle(messages, header, DEVICE, Handle::NONE, Handle::ROOT);
    });
    byte_for_byte("mq/root", &|messages, header| {
        let mq = pleach_tc::Qdisc { parent: Handle::ROOT, kind: QdiscKind::Mq };
        request::put_qdisc(messages, header, DEVICE, Handle::qdisc(1), &mq);
    });
}

#[test]
fn filters_have_tcs_options_and_are_known_by_our_place_and_name() {
    for case in ["bpf-filter/direct-action", "bpf-filter/replace"] {
        let capture = Capture::read(case);
        let theirs = TcMessage::parse(&capture.request.payload).expect("a filter");
        let mut messages = Messages::default();
        let header = MessageHeader { kind: capture.request.kind, flags: capture.request.flags, sequence: 0 };
        filter::put_attach(&mut messages, header, DEVICE, PortIndex::Upload, 4);
        let ours = TcMessage::parse(&messages.as_bytes()[16..]).expect("our own request");
        assert_eq!((ours.header.parent, ours.header.handle, ours.kind), (theirs.header.parent, 1, "bpf"), "{case}");
        assert_eq!(ours.header.info & 0xffff, theirs.header.info & 0xffff, "{case}: all protocols");
        let kinds = |options| Attributes(options).map(|(kind, _)| kind).collect::<Vec<_>>();
        assert_eq!(kinds(ours.options), kinds(theirs.options), "{case}");
        let fixed = |options| Attributes(options).filter(|(kind, _)| [6, 8].contains(kind)).collect::<Vec<_>>();
        assert_eq!(fixed(ours.options), fixed(theirs.options), "{case}: descriptor and flags");
    }
    for case in ["bpf-filter/direct-action", "bpf-filter/replace", "bpf-filter/classic"] {
        for message in &Capture::read(case).dump {
            let Some(mut tc) = TcMessage::parse(&message.payload) else { continue };
            let is_filter = tc.header.handle == 1;
            let found = |tc: &TcMessage<'_>, side, expected: Found| {
                assert_eq!(filter::parse(tc, side), is_filter.then_some(expected), "{case}: {side:?}");
            };
            found(&tc, Side::Egress, Found::Elsewhere); // preference 1 is not ours
            tc.header.info = u32::from(FILTER_PREFERENCE) << 16;
            found(&tc, Side::Egress, Found::InOurPlace); // nor is the name
            found(&tc, Side::Ingress, Found::Elsewhere);
        }
    }
}

#[test]
fn counters_are_those_that_tc_printed() {
    let all = |case: &str, kind: &str| {
        let capture = Capture::read(case);
        let counted = capture.dump.iter().filter_map(|message| {
            let tc = TcMessage::parse(&message.payload).filter(|tc| tc.kind == kind && tc.header.index == DEVICE)?;
            Some(Counters::parse(tc.statistics).of_leaf(kind))
        });
        let counted: Vec<_> = counted.collect();
        (counted, capture.text)
    };
    for (case, kind) in
        [("cake/loaded", "cake"), ("fq_codel/loaded", "fq_codel"), ("htb/loaded", "htb"), ("htb-class/loaded", "htb")]
    {
        let (counted, text) = all(case, kind);
        assert!(!counted.is_empty(), "{case}");
        for counters in counted {
            let sent = format!(
                "Sent {} bytes {} pkt (dropped {},",
                counters.sent.bytes, counters.sent.packets, counters.drops
            );
            assert!(text.contains(&sent), "{case}: `{sent}` in\n{text}");
            let backlog = format!("{}p requeues", counters.backlog.packets);
            assert!(text.contains(&backlog), "{case}: `{backlog}` in\n{text}");
        }
    }
    let (counted, text) = all("cake/loaded", "cake");
    let tins = &counted[0].tins;
    assert_eq!(tins.len(), 4, "diffserv4");
    let packets = tins.iter().fold("pkts".to_owned(), |line, tin| line + " " + &tin.sent.packets.to_string());
    let printed: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(printed.contains(&packets), "`{packets}` in\n{text}");
    assert!(tins.iter().any(|tin| tin.sent.packets > 0), "some were sent");
}

#[test]
fn every_captured_message_is_whole() {
    let mut count = 0;
    for capture in Capture::all() {
        for message in capture.dump.iter().chain([&capture.request]) {
            let is_of_tc = (RTM_NEWQDISC..RTM_GETTFILTER).contains(&message.kind);
            if !is_of_tc || TcMessage::parse(&message.payload).is_none() {
                continue; // of another family, or the end of a dump
            }
            let kinds: Vec<u16> = Attributes(&message.payload[20..]).map(|(kind, _)| kind).collect();
            assert!(kinds.is_empty() || kinds.contains(&TCA_KIND), "{}: {kinds:?}", capture.case);
            count += 1;
        }
    }
    assert!(count > 100, "{count} messages");
}
