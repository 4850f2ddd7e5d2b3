//! The filter on clsact's egress that runs the classifier. Source: `net/sched/cls_bpf.c`.

use pleach_overlay::links::Side;
use pleach_tc::layout::{FILTER_HANDLE, FILTER_PREFERENCE};
use pleach_tc::{Handle, PortIndex};

use super::constants::{
    ETH_P_ALL, TCA_BPF_FD, TCA_BPF_FLAG_ACT_DIRECT, TCA_BPF_FLAGS, TCA_BPF_ID, TCA_BPF_NAME, TCA_KIND, TCA_OPTIONS,
};
use super::tc::{TcHeader, TcMessage};
use super::wire::{Attributes, MessageHeader, Messages, text, u32_at};

const KIND: &str = "bpf";
/// Of `u32`, whose hash tables are listed like filters: what is set in the number of a filter, and in no table's.
const U32_KIND: &str = "u32";
const U32_NODE: u32 = 0x000f_ffff;

/// A program on clsact's egress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachedProgram {
    /// Which entry point it is.
    pub port: PortIndex,
    /// The program's id.
    pub program: u32,
}

/// A filter in clsact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A program of ours, at our place.
    Ours(AttachedProgram),
    /// A filter of somebody else's at our place.
    InOurPlace,
    /// A filter of somebody else's.
    Elsewhere,
}

/// A side of clsact, as what a filter hangs in.
pub const fn parent(side: Side) -> Handle {
    match side {
        Side::Ingress => Handle::CLSACT_INGRESS,
        Side::Egress => Handle::CLSACT_EGRESS,
    }
}

/// The header of requests about our filter.
fn header(index: u32) -> TcHeader {
    let info = u32::from(FILTER_PREFERENCE) << 16 | u32::from(ETH_P_ALL.to_be());
    TcHeader { index, handle: FILTER_HANDLE, parent: Handle::CLSACT_EGRESS.raw(), info }
}

/// Lays out a request that puts a loaded program there, in place of the one that is there.
pub fn put_attach(messages: &mut Messages, message: MessageHeader, index: u32, port: PortIndex, program: u32) {
    let message = header(index).begin(messages, message);
    messages.attribute_text(TCA_KIND, KIND);
    let options = messages.begin_nest(TCA_OPTIONS);
    messages.attribute_u32(TCA_BPF_FD, program);
    messages.attribute_text(TCA_BPF_NAME, port.filter_name());
    messages.attribute_u32(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
    messages.end_nest(options);
    messages.end(message);
}

/// Lays out a request that takes the filter away.
pub fn put_detach(messages: &mut Messages, message: MessageHeader, index: u32) {
    let message = header(index).begin(messages, message);
    messages.attribute_text(TCA_KIND, KIND);
    messages.end(message);
}

/// Lays out a request for all filters on one side of clsact.
pub fn put_dump(messages: &mut Messages, message: MessageHeader, index: u32, side: Side) {
    let message = TcHeader::new(index, Handle::NONE, parent(side)).begin(messages, message);
    messages.end(message);
}

/// Reads a filter of this side. None for what is listed like a filter and is none.
pub fn parse(filter: &TcMessage<'_>, side: Side) -> Option<Found> {
    let number = filter.header.handle;
    // Every preference is listed once by itself, with number 0, before its filters.
    if number == 0 || filter.kind == U32_KIND && number & U32_NODE == 0 {
        return None;
    }
    if side != Side::Egress || filter.header.info >> 16 != u32::from(FILTER_PREFERENCE) {
        return Some(Found::Elsewhere);
    }
    let (mut port, mut program) = (None, None);
    for (kind, value) in Attributes(filter.options) {
        match kind {
            TCA_BPF_NAME => port = text(value).and_then(port_named),
            TCA_BPF_ID => program = u32_at(value, 0),
            _ => {}
        }
    }
    match (filter.kind, number, port, program) {
        (KIND, FILTER_HANDLE, Some(port), Some(program)) => Some(Found::Ours(AttachedProgram { port, program })),
        _ => Some(Found::InOurPlace),
    }
}

/// Which program a filter's name means. `tc` puts a section or `[*fsobj]` behind the name, after a colon.
fn port_named(text: &str) -> Option<PortIndex> {
    let name = text.split(':').next()?;
    [PortIndex::Download, PortIndex::Upload, PortIndex::Stick].into_iter().find(|port| port.filter_name() == name)
}
