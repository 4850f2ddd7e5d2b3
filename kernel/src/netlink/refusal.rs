//! What the kernel answers to a request: an acknowledgement, or a refusal with its own words. Source:
//! `include/uapi/linux/netlink.h`, `struct nlmsgerr` and what follows it under `NETLINK_EXT_ACK`.

use netlink_packet_core::NLM_F_ACK_TLVS;

use super::constants::NLMSGERR_ATTR_MSG;
use super::wire::{Attributes, MESSAGE_HEADER, MessageHeader, text, u32_at};

/// The error number of an answer, and the header of the request behind it (`NETLINK_CAP_ACK` cuts off the rest).
const ERROR: usize = 4;

/// What the kernel answers to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// It was refused.
    Refused {
        /// The error number, positive.
        errno: i32,
        /// The kernel's own words.
        message: Option<String>,
    },
}

impl Answer {
    /// Reads the payload of an `NLMSG_ERROR`; none where it is too short to be one.
    pub fn parse(header: MessageHeader, payload: &[u8]) -> Option<Self> {
        let errno = u32_at(payload, 0)?.cast_signed().wrapping_neg();
        if errno == 0 {
            return Some(Self::Done);
        }
        let has_words = header.flags & NLM_F_ACK_TLVS != 0;
        let words = payload.get(ERROR + MESSAGE_HEADER..).filter(|_| has_words).unwrap_or_default();
        let message = Attributes(words).find(|(kind, _)| *kind == NLMSGERR_ATTR_MSG);
        let message = message.and_then(|(_, value)| text(value)).map(str::to_owned);
        Some(Self::Refused { errno, message })
    }

    /// Reads the payload of an `NLMSG_DONE`, which carries the end of a dump and why it ended.
    pub fn of_dump(payload: &[u8]) -> Self {
        match u32_at(payload, 0).map_or(0, |number| number.cast_signed().wrapping_neg()) {
            errno if errno > 0 => Self::Refused { errno, message: None },
            _ => Self::Done,
        }
    }
}
