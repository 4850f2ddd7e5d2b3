//! Any bytes as what the kernel answers: nothing panics, and what is read as a leaf or a class of ours is laid out and read
//! again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pleach_kernel::netlink::filter;
use pleach_kernel::netlink::leaf::{self, Make};
use pleach_kernel::netlink::refusal::Answer;
use pleach_kernel::netlink::statistics::Counters;
use pleach_kernel::netlink::tc::TcMessage;
use pleach_kernel::netlink::wire::{Attributes, MessageHeader, Messages, Received};
use pleach_kernel::netlink::{flower, forwarding, htb, link, link_kind, object};
use pleach_overlay::links::Side;
use pleach_tc::{Class, Interface, Leaf, QdiscKind};

fuzz_target!(|bytes: &[u8]| {
    for (header, payload) in Received(bytes) {
        let _ = Answer::parse(header, payload);
        let _ = Answer::of_dump(payload);
        if let Some(link) = link::parse(payload) {
            let _ = link_kind::parse(&link, &name_of);
            let _ = link_kind::holds(&link, &name_of);
        }
        let _ = forwarding::parse(payload);
        let Some(message) = TcMessage::parse(payload) else { continue };
        for side in [Side::Ingress, Side::Egress] {
            let _ = filter::parse(&message, side);
        }
        let _ = flower::parse(&message, &interface(), Side::Ingress, &name_of);
        let counters = Counters::parse(message.statistics);
        for kind in ["cake", "fq_codel", message.kind] {
            let _ = counters.of_leaf(kind);
        }
        if let QdiscKind::Leaf(leaf) = object::qdisc(&message).kind {
            leaf_reads_back(&leaf);
        }
        if let Some(class) = object::class(&message) {
            class_reads_back(&class);
        }
    }
});

fn interface() -> Interface {
    "eth0".parse().expect("a name")
}

fn name_of(number: u32) -> Option<Interface> {
    (number > 0).then(interface)
}

fn leaf_reads_back(leaf: &Leaf) {
    let read = laid_out(|messages| leaf::put(messages, leaf, Make::New), |options| leaf::parse(leaf.kind(), options));
    // fq_codel is read as the kernel reports it, rounded, and not as it is asked for: its times differ.
    match (&read, leaf) {
        (Some(Leaf::FqCodel(read)), Leaf::FqCodel(leaf)) => {
            assert_eq!((read.limit, read.flows), (leaf.limit, leaf.flows))
        }
        _ => assert_eq!(read.as_ref(), Some(leaf)),
    }
}

fn class_reads_back(class: &Class) {
    let read = laid_out(|messages| htb::put_class(messages, class), |options| htb::parse_class(class.parent, options));
    assert_eq!(read, Some(*class));
}

/// What is read of the options that are laid out.
fn laid_out<T>(put: impl FnOnce(&mut Messages), parse: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    const TCA_OPTIONS: u16 = 2;
    let mut messages = Messages::default();
    let open = messages.begin(MessageHeader { kind: 0, flags: 0, sequence: 0 });
    put(&mut messages);
    messages.end(open);
    let options = Attributes(&messages.as_bytes()[16..]).find(|(kind, _)| *kind == TCA_OPTIONS)?.1;
    parse(options)
}
