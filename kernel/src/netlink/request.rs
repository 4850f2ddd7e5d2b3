//! Requests that change qdiscs and classes.

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use pleach_tc::{Class, Handle, Qdisc, QdiscKind};

use super::constants::{
    RTM_DELQDISC, RTM_DELTCLASS, RTM_DELTFILTER, RTM_NEWQDISC, RTM_NEWTCLASS, RTM_NEWTFILTER, TCA_KIND,
};
use super::htb::{self, HtbQdisc};
use super::leaf;
use super::leaf::Make;
use super::tc::TcHeader;
use super::wire::{MessageHeader, Messages};

/// The kind of a request and its flags.
pub type Verb = (u16, u16);

/// Makes a qdisc that is not there.
pub const ADD_QDISC: Verb = (RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
/// Changes a qdisc that is there.
pub const CHANGE_QDISC: Verb = (RTM_NEWQDISC, 0);
/// Deletes a qdisc.
pub const DELETE_QDISC: Verb = (RTM_DELQDISC, 0);
/// Makes a class that is not there.
pub const ADD_CLASS: Verb = (RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_EXCL);
/// Makes a class, or changes the one that is there.
pub const PUT_CLASS: Verb = (RTM_NEWTCLASS, NLM_F_CREATE);
/// Makes a qdisc, in place of the one that hangs there.
pub const REPLACE_QDISC: Verb = (RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
/// Changes a class that is there.
pub const CHANGE_CLASS: Verb = (RTM_NEWTCLASS, 0);
/// Deletes a class.
pub const DELETE_CLASS: Verb = (RTM_DELTCLASS, 0);
/// Puts a filter, in place of the one that is there.
pub const REPLACE_FILTER: Verb = (RTM_NEWTFILTER, NLM_F_CREATE);
/// Deletes a filter.
pub const DELETE_FILTER: Verb = (RTM_DELTFILTER, 0);

/// Lays out a qdisc to make or to change.
pub fn put_qdisc(messages: &mut Messages, header: MessageHeader, index: u32, handle: Handle, qdisc: &Qdisc) {
    let make = if header.flags & NLM_F_CREATE == 0 { Make::Change } else { Make::New };
    let message = TcHeader::new(index, handle, qdisc.parent).begin(messages, header);
    match &qdisc.kind {
        QdiscKind::Mq => messages.attribute_text(TCA_KIND, "mq"),
        QdiscKind::Htb => {
            messages.attribute_text(TCA_KIND, "htb");
            htb::put_qdisc(messages, HtbQdisc::default());
        }
        QdiscKind::Leaf(leaf) => leaf::put(messages, leaf, make),
        QdiscKind::Other(kind) => messages.attribute_text(TCA_KIND, kind),
    }
    messages.end(message);
}

/// Lays out an HTB to make at the root, which has a default class.
pub fn put_root_htb(messages: &mut Messages, header: MessageHeader, index: u32, handle: Handle, default: Handle) {
    let message = TcHeader::new(index, handle, Handle::ROOT).begin(messages, header);
    messages.attribute_text(TCA_KIND, "htb");
    htb::put_qdisc(messages, HtbQdisc { default_minor: default.minor().into(), ..HtbQdisc::default() });
    messages.end(message);
}

/// Lays out a qdisc to delete.
pub fn put_qdisc_handle(messages: &mut Messages, header: MessageHeader, index: u32, handle: Handle, parent: Handle) {
    let message = TcHeader::new(index, handle, parent).begin(messages, header);
    messages.end(message);
}

/// Lays out a class to make or to change.
pub fn put_class(messages: &mut Messages, header: MessageHeader, index: u32, handle: Handle, class: &Class) {
    let message = TcHeader::new(index, handle, class.parent).begin(messages, header);
    messages.attribute_text(TCA_KIND, "htb");
    htb::put_class(messages, class);
    messages.end(message);
}

/// Lays out a class to delete.
pub fn put_class_handle(messages: &mut Messages, header: MessageHeader, index: u32, handle: Handle) {
    let message = TcHeader::new(index, handle, Handle::NONE).begin(messages, header);
    messages.end(message);
}

/// Lays out the clsact qdisc, to make or to delete. Its kind is stated to delete it too: the `ingress` qdisc has the same
/// handle.
pub fn put_clsact(messages: &mut Messages, header: MessageHeader, index: u32) {
    let message = TcHeader::new(index, Handle::CLSACT, Handle::CLSACT_PARENT).begin(messages, header);
    messages.attribute_text(TCA_KIND, "clsact");
    messages.end(message);
}

/// Lays out a request for all qdiscs (of all interfaces) or all classes (of this one).
pub fn put_dump(messages: &mut Messages, header: MessageHeader, index: u32) {
    let message = TcHeader { index, ..TcHeader::default() }.begin(messages, header);
    messages.end(message);
}
