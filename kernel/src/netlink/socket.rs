//! A routing socket: dumps, and batches of requests with their answers.
//!
//! The kernel handles all requests of a datagram within the system call that sends it, one after the other, and goes on
//! after one that it refuses. Only the last request of a datagram asks for an acknowledgement; a refusal is reported whether
//! it was asked for or not. So what is not reported when the last acknowledgement has come was done.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use rustix::io::Errno;
use rustix::net::sockopt;

use super::refusal::Answer;
use super::wire::{MessageHeader, Messages, Received};

/// How many bytes of requests go into one datagram: hundreds of them, and below the kernel's usual limit of 208 KiB.
const BATCH_BYTES: usize = 128 << 10;
/// Room for answers. More than the kernel's own limit; only an administrator of the network may ask for it.
const RECEIVE_BYTES: usize = 4 << 20;
/// What an answer takes of that room at most, with the kernel's own overhead (measured on 6.18: 1 280 for a refusal with
/// words); so many requests go into a datagram that all of them can be refused without losing an answer.
const ANSWER_BYTES: usize = 2 << 10;
/// The kernel fills dumps into at most 32 KiB at a time (`netlink_dump` in `net/netlink/af_netlink.c`).
const READ_BYTES: usize = 64 << 10;
/// How often a dump is begun again because something changed meanwhile.
const DUMP_ATTEMPTS: usize = 10;

/// A routing socket of the network namespace that it was opened in.
#[derive(Debug)]
pub struct RouteSocket {
    socket: Socket,
    buffer: Vec<u8>,
    sequence: u32,
    most_requests: usize,
}

/// Why a dump or a batch did not come to its end.
#[derive(Debug)]
pub enum SocketError {
    /// The kernel refused the request.
    Refused(Answer),
    /// The socket failed, or something changed at every attempt.
    Io(io::Error),
    /// Answers were lost for want of room.
    AnswersLost,
}

impl From<io::Error> for SocketError {
    fn from(error: io::Error) -> Self {
        if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) { Self::AnswersLost } else { Self::Io(error) }
    }
}

impl AsFd for RouteSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl RouteSocket {
    /// Opens a socket in the calling thread's network namespace.
    pub fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        socket.set_ext_ack(true)?;
        socket.set_cap_ack(true)?;
        if sockopt::set_socket_recv_buffer_size_force(socket.as_fd(), RECEIVE_BYTES).is_err() {
            sockopt::set_socket_recv_buffer_size(socket.as_fd(), RECEIVE_BYTES)?;
        }
        sockopt::set_socket_send_buffer_size(socket.as_fd(), 2 * BATCH_BYTES)?;
        let most_requests = socket.get_rx_buf_sz()? / ANSWER_BYTES;
        Ok(Self { socket, buffer: vec![0; READ_BYTES], sequence: 0, most_requests: most_requests.max(1) })
    }

    /// Asks for all of something and calls `each` with the payload of every message of this kind. Begins again when the
    /// kernel says that something changed meanwhile; `restart` is called before that.
    pub fn dump<C>(
        &mut self,
        kind: u16,
        request: impl Fn(&mut Messages, MessageHeader),
        context: &mut C,
        restart: impl Fn(&mut C),
        mut each: impl FnMut(&mut C, &[u8]),
    ) -> Result<(), SocketError> {
        for _ in 0..DUMP_ATTEMPTS {
            restart(context);
            let header = MessageHeader { kind, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence: self.next_sequence() };
            let mut messages = Messages::with_capacity(64);
            request(&mut messages, header);
            self.socket.send(messages.as_bytes(), 0)?;
            if self.read_dump(header.sequence, |payload| each(context, payload))? {
                return Ok(());
            }
        }
        Err(SocketError::Io(io::Error::from(io::ErrorKind::Interrupted)))
    }

    /// Asks for one object and calls `each` with the payload of what is answered.
    pub fn get(
        &mut self,
        kind: u16,
        request: impl FnOnce(&mut Messages, MessageHeader),
        each: impl FnMut(&[u8]),
    ) -> Result<(), SocketError> {
        let header = MessageHeader { kind, flags: NLM_F_REQUEST | NLM_F_ACK, sequence: self.next_sequence() };
        let mut messages = Messages::with_capacity(64);
        request(&mut messages, header);
        self.socket.send(messages.as_bytes(), 0)?;
        self.read_dump(header.sequence, each).map(drop)
    }

    /// Reads a dump to its end. False: something changed meanwhile, and it may be neither the old state nor the new.
    fn read_dump(&mut self, sequence: u32, mut each: impl FnMut(&[u8])) -> Result<bool, SocketError> {
        let mut is_whole = true;
        loop {
            let length = self.receive()?;
            for (header, payload) in Received(&self.buffer[..length]) {
                if header.sequence != sequence {
                    continue; // of a dump that was given up
                }
                is_whole &= header.flags & NLM_F_DUMP_INTR == 0;
                let answer = match header.kind {
                    NLMSG_DONE => Some(Answer::of_dump(payload)),
                    NLMSG_ERROR => Answer::parse(header, payload),
                    _ => {
                        each(payload);
                        None
                    }
                };
                match answer {
                    Some(Answer::Done) => return Ok(is_whole),
                    Some(refused) => return Err(SocketError::Refused(refused)),
                    None => {}
                }
            }
        }
    }

    /// Sends a datagram of requests and calls `refused` with the sequence number of each that was refused, and why.
    pub(super) fn send(
        &mut self,
        messages: &mut Messages,
        last: u32,
        mut refused: impl FnMut(u32, Answer),
    ) -> Result<(), SocketError> {
        messages.flag_last(NLM_F_ACK);
        self.socket.send(messages.as_bytes(), 0)?;
        let mut are_lost = false;
        loop {
            let length = match self.receive().map_err(SocketError::from) {
                Ok(length) => length,
                Err(SocketError::AnswersLost) if !are_lost => {
                    are_lost = true; // the last one may have come, or not
                    self.socket.set_non_blocking(true)?;
                    continue;
                }
                Err(_) if are_lost => break,
                Err(error) => return Err(error),
            };
            let mut is_last = false;
            for (header, payload) in Received(&self.buffer[..length]) {
                is_last |= header.sequence == last;
                match Answer::parse(header, payload) {
                    Some(answer @ Answer::Refused { .. }) if header.kind == NLMSG_ERROR => {
                        refused(header.sequence, answer);
                    }
                    _ => {}
                }
            }
            if is_last {
                break;
            }
        }
        if are_lost {
            self.socket.set_non_blocking(false)?;
            return Err(SocketError::AnswersLost);
        }
        Ok(())
    }

    fn receive(&mut self) -> io::Result<usize> {
        loop {
            match self.socket.recv(&mut &mut self.buffer[..], 0) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                received => return received,
            }
        }
    }

    pub(super) fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    /// Whether a datagram of so many bytes and requests is full.
    pub(super) fn is_full(&self, bytes: usize, requests: usize) -> bool {
        bytes >= BATCH_BYTES || requests >= self.most_requests
    }
}
