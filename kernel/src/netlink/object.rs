//! Qdiscs and classes as they are read back.

use pleach_tc::{Class, Handle, Qdisc, QdiscKind};

use super::tc::TcMessage;
use super::{htb, leaf};

/// What a message about a qdisc says it is. A kind that is not ours, or that is set up as Pleach never sets it up (an HTB
/// with a default class, or in a card), is [`QdiscKind::Other`].
pub fn qdisc(message: &TcMessage<'_>) -> Qdisc {
    let is_plain = |qdisc: htb::HtbQdisc| qdisc.default_minor == 0 && !qdisc.is_offloaded;
    let other = || QdiscKind::Other(message.kind.into());
    let kind = match message.kind {
        "mq" => QdiscKind::Mq,
        "htb" if htb::HtbQdisc::parse(message.options).is_some_and(is_plain) => QdiscKind::Htb,
        kind => leaf::parse(kind, message.options).map_or_else(other, QdiscKind::Leaf),
    };
    Qdisc { parent: message.parent(), kind }
}

/// What a message about a class says it is; none where it is no class of an HTB.
pub fn class(message: &TcMessage<'_>) -> Option<Class> {
    if message.kind != "htb" {
        return None;
    }
    // A class directly under its HTB is said to hang in the root of the interface (`htb_dump_class`).
    let parent = if message.parent() == Handle::ROOT { message.handle().of_qdisc() } else { message.parent() };
    htb::parse_class(parent, message.options)
}
