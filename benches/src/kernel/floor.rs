//! The least that could do the job: a loop that sends messages laid out beforehand; and what people do today, `tc -batch`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use pleach_tc::{Class, Handle, Operation, Qdisc, QdiscKind};
use tempfile::NamedTempFile;

use super::Sizes;
use super::namespace::INTERFACE;
use crate::datagrams::{DATAGRAM, send_all};
use crate::measure::Measure;

const NEW_QDISC: u16 = 36;
const NEW_CLASS: u16 = 40;
const REQUEST: u16 = 1;
const ACKNOWLEDGE: u16 = 4;
const CREATE_EXCLUSIVELY: u16 = 0x600;

/// Messages that are only sent.
pub(crate) struct Floor {
    datagrams: Vec<Vec<u8>>,
}

impl Floor {
    /// Lays out what these operations add.
    pub(crate) fn new(operations: &[Operation]) -> Result<Self> {
        let path = format!("/sys/class/net/{INTERFACE}/ifindex");
        let index: u32 = std::fs::read_to_string(path).context("there is no interface")?.trim().parse()?;
        let mut datagrams = vec![Vec::with_capacity(DATAGRAM)];
        let mut last = 0;
        for operation in operations {
            let message = match operation {
                Operation::AddQdisc { handle, qdisc, .. } => qdisc_message(index, *handle, qdisc)?,
                Operation::AddClass { handle, class, .. } => class_message(index, *handle, class),
                _ => continue,
            };
            if datagrams.last().is_some_and(|datagram| datagram.len() + message.len() > DATAGRAM) {
                acknowledge(datagrams.last_mut(), last);
                datagrams.push(Vec::with_capacity(DATAGRAM));
            }
            let datagram = datagrams.last_mut().context("invariant: there is one")?;
            last = datagram.len();
            datagram.extend(message);
        }
        acknowledge(datagrams.last_mut(), last);
        Ok(Self { datagrams })
    }

    /// Sends them all; the last of each datagram is acknowledged.
    pub(crate) fn send(&self) -> Result<Measure> {
        send_all(&self.datagrams)
    }
}

fn acknowledge(datagram: Option<&mut Vec<u8>>, message: usize) {
    if let Some(datagram) = datagram {
        datagram[message + 6..message + 8].copy_from_slice(&(REQUEST | ACKNOWLEDGE | CREATE_EXCLUSIVELY).to_ne_bytes());
    }
}

/// A message up to its attributes: `nlmsghdr`, `tcmsg`, the kind.
fn begin(kind: u16, index: u32, handle: Handle, parent: Handle, name: &str) -> Vec<u8> {
    let mut message = vec![0; 4];
    message.extend(kind.to_ne_bytes());
    message.extend((REQUEST | CREATE_EXCLUSIVELY).to_ne_bytes());
    message.extend([0; 8]);
    message.extend([0; 4]);
    for word in [index, handle.raw(), parent.raw(), 0] {
        message.extend(word.to_ne_bytes());
    }
    attribute(&mut message, 1, &[name.as_bytes(), b"\0"].concat());
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = u16::try_from(value.len() + 4).expect("invariant: values are short");
    message.extend(length.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

fn end(mut message: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("invariant: messages are short");
    message[..4].copy_from_slice(&length.to_ne_bytes());
    message
}

fn qdisc_message(index: u32, handle: Handle, qdisc: &Qdisc) -> Result<Vec<u8>> {
    let (name, options) = match &qdisc.kind {
        QdiscKind::Mq => ("mq", None),
        QdiscKind::Htb => {
            let mut init = Vec::new();
            attribute(&mut init, 2, &[3_u32, 10, 0, 0, 0].map(u32::to_ne_bytes).concat());
            ("htb", Some(init))
        }
        QdiscKind::Leaf(pleach_tc::Leaf::Pfifo(pfifo)) => ("pfifo", Some(pfifo.limit.to_ne_bytes().to_vec())),
        other => bail!("the bare loop has no {other:?}"),
    };
    let mut message = begin(NEW_QDISC, index, handle, qdisc.parent, name);
    if let Some(options) = options {
        attribute(&mut message, 2, &options);
    }
    Ok(end(message))
}

/// `tc_htb_opt`: two rates of 12 bytes, buffer, cbuffer, quantum, level, priority.
fn class_message(index: u32, handle: Handle, class: &Class) -> Vec<u8> {
    let rate = |bits: u64| {
        let mut spec = [0_u8; 12];
        spec[1] = 1; // Ethernet: no table of rates is needed
        spec[8..].copy_from_slice(&u32::try_from(bits / 8).unwrap_or(u32::MAX).to_ne_bytes());
        spec
    };
    let mut options = [rate(class.rate.bit()), rate(class.ceil.bit())].concat();
    for word in [class.burst.0, class.cburst.0, class.quantum, 0, u32::from(class.priority)] {
        options.extend(word.to_ne_bytes());
    }
    let mut nest = Vec::new();
    attribute(&mut nest, 1, &options);
    attribute(&mut nest, 6, &(class.rate.bit() / 8).to_ne_bytes());
    attribute(&mut nest, 7, &(class.ceil.bit() / 8).to_ne_bytes());
    let mut message = begin(NEW_CLASS, index, handle, class.parent, "htb");
    attribute(&mut message, 2, &nest);
    end(message)
}

/// The same number of circuits as a script for `tc -batch` has them: HTBs numbered from 1, leaves numbered by the kernel.
pub(crate) fn plain_batch(sizes: Sizes) -> Result<NamedTempFile> {
    let dev = INTERFACE;
    let mut text = format!("qdisc add dev {dev} root handle 7fff: mq\n");
    for queue in 1..=sizes.queues {
        writeln!(text, "qdisc add dev {dev} parent 7fff:{queue:x} handle {queue:x}: htb default 2")?;
        writeln!(text, "class add dev {dev} parent {queue:x}: classid {queue:x}:1 htb rate 10gbit quantum 1522")?;
    }
    for circuit in 0..sizes.circuits {
        let (queue, minor) = (circuit % usize::from(sizes.queues) + 1, circuit / usize::from(sizes.queues) + 16);
        writeln!(
            text,
            "class add dev {dev} parent {queue:x}:1 classid {queue:x}:{minor:x} htb rate 1mbit ceil 100mbit quantum 12500"
        )?;
        writeln!(text, "qdisc add dev {dev} parent {queue:x}:{minor:x} pfifo limit 1000")?;
    }
    let mut file = NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// Runs `tc -batch` on a script.
pub(crate) fn run_batch(script: &NamedTempFile) -> Result<Measure> {
    let mut status = None;
    let measure = Measure::of(|| status = Some(Command::new("tc").arg("-batch").arg(script.path()).status()));
    let status = status.context("invariant: it ran")?.context("cannot run `tc`")?;
    ensure!(status.success(), "`tc -batch` failed");
    Ok(measure)
}
