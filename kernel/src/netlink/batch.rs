//! Requests that travel together, each tied to what it was for.

use netlink_packet_core::NLM_F_REQUEST;

use super::refusal::Answer;
use super::socket::{RouteSocket, SocketError};
use super::wire::{MessageHeader, Messages};

/// Requests that are not sent yet.
#[derive(Debug, Default)]
pub struct Batch {
    messages: Messages,
    /// What each request was for.
    subjects: Vec<usize>,
    /// The number each was sent under: not one after the other, since an interface may be asked for in between.
    sequences: Vec<u32>,
}

/// What became of a batch.
#[derive(Debug)]
pub struct Outcome {
    /// What was refused, by its subject, in order.
    pub refused: Vec<(usize, Answer)>,
    /// Why the answers could not be read to the end.
    pub error: Option<SocketError>,
}

impl Outcome {
    /// Whether everything was done.
    pub fn is_done(&self) -> bool {
        self.refused.is_empty() && self.error.is_none()
    }
}

impl Batch {
    /// Adds a request for this subject; `put` lays it out after the header it is given.
    pub fn push(
        &mut self,
        socket: &mut RouteSocket,
        subject: usize,
        (kind, flags): (u16, u16),
        put: impl FnOnce(&mut Messages, MessageHeader),
    ) {
        let sequence = socket.next_sequence();
        put(&mut self.messages, MessageHeader { kind, flags: flags | NLM_F_REQUEST, sequence });
        self.subjects.push(subject);
        self.sequences.push(sequence);
    }

    /// Whether it should be sent before another is added.
    pub fn is_full(&self, socket: &RouteSocket) -> bool {
        socket.is_full(self.messages.len(), self.subjects.len())
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// The subject of the first request.
    pub fn first(&self) -> Option<usize> {
        self.subjects.first().copied()
    }

    /// Sends all of it, and is empty again.
    pub fn send(&mut self, socket: &mut RouteSocket) -> Outcome {
        let mut refused = Vec::new();
        let mut error = None;
        if let Some(&last) = self.sequences.last() {
            let sent = socket.send(&mut self.messages, last, |sequence, answer| {
                let at = self.sequences.iter().position(|&other| other == sequence);
                if let Some(&subject) = at.and_then(|at| self.subjects.get(at)) {
                    refused.push((subject, answer));
                }
            });
            error = sent.err();
        }
        self.messages.clear();
        self.subjects.clear();
        self.sequences.clear();
        Outcome { refused, error }
    }
}
