//! The filter on clsact's egress that runs the classifier. Source: `net/sched/cls_bpf.c`.

use pleach_tc::{Handle, PortIndex};

use super::constants::{
    ETH_P_ALL, TCA_BPF_FD, TCA_BPF_FLAG_ACT_DIRECT, TCA_BPF_FLAGS, TCA_BPF_ID, TCA_BPF_NAME, TCA_KIND, TCA_OPTIONS,
};
use super::tc::{TcHeader, TcMessage};
use super::wire::{Attributes, MessageHeader, Messages, text, u32_at};

/// The preference that is ours: before those that the kernel gives by itself, which go down from 49 152, and none that
/// another program is known to use.
pub const PREFERENCE: u16 = 0xace;
/// The filter's number within the preference.
pub const NUMBER: u32 = 1;
const KIND: &str = "bpf";

/// A program on clsact's egress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachedProgram {
    /// Which entry point it is.
    pub port: PortIndex,
    /// The program's id.
    pub program: u32,
}

/// What is at the place of our filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A program of ours.
    Ours(AttachedProgram),
    /// A filter of somebody else's.
    Foreign,
}

/// The name a filter of ours has.
pub const fn name(port: PortIndex) -> &'static str {
    match port {
        PortIndex::Download => "pleach-download",
        PortIndex::Upload => "pleach-upload",
        PortIndex::Stick => "pleach-stick",
    }
}

/// The header of requests about our filter.
fn header(index: u32) -> TcHeader {
    let info = u32::from(PREFERENCE) << 16 | u32::from(ETH_P_ALL.to_be());
    TcHeader { index, handle: NUMBER, parent: Handle::CLSACT_EGRESS.raw(), info }
}

/// Lays out a request that puts a loaded program there, in place of the one that is there.
pub fn put_attach(messages: &mut Messages, message: MessageHeader, index: u32, port: PortIndex, program: u32) {
    let message = header(index).begin(messages, message);
    messages.attribute_text(TCA_KIND, KIND);
    let options = messages.begin_nest(TCA_OPTIONS);
    messages.attribute_u32(TCA_BPF_FD, program);
    messages.attribute_text(TCA_BPF_NAME, name(port));
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

/// Lays out a request for all filters on clsact's egress.
pub fn put_dump(messages: &mut Messages, message: MessageHeader, index: u32) {
    let message = TcHeader::new(index, Handle::NONE, Handle::CLSACT_EGRESS).begin(messages, message);
    messages.end(message);
}

/// Reads a filter, if it is at our place.
pub fn parse(filter: &TcMessage<'_>) -> Option<Place> {
    let is_at_our_place = filter.header.info >> 16 == u32::from(PREFERENCE);
    // Every preference is listed once by itself, with number 0, before its filters.
    if !is_at_our_place || filter.header.handle == 0 {
        return None;
    }
    let (mut port, mut program) = (None, None);
    for (kind, value) in Attributes(filter.options) {
        match kind {
            TCA_BPF_NAME => port = text(value).and_then(port_named),
            TCA_BPF_ID => program = u32_at(value, 0),
            _ => {}
        }
    }
    match (filter.kind, filter.header.handle, port, program) {
        (KIND, NUMBER, Some(port), Some(program)) => Some(Place::Ours(AttachedProgram { port, program })),
        _ => Some(Place::Foreign),
    }
}

/// `tc` puts the object's section behind the name, after a colon.
fn port_named(text: &str) -> Option<PortIndex> {
    let text = text.split(':').next().unwrap_or_default();
    [PortIndex::Download, PortIndex::Upload, PortIndex::Stick].into_iter().find(|&port| name(port) == text)
}
