//! One program run on one frame by hand, without any interface: for tests and measurements.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use pleach_tc::Handle;

use super::classifier::refused;
use super::sys;
use crate::error::KernelError;

/// Offsets of `mark` and `priority` in `struct __sk_buff`, and the structure's length up to what a test run takes.
const MARK: usize = 8;
const PRIORITY: usize = 32;
const CONTEXT: usize = 192;

/// What a program made of a frame. Test runs do not tell the queue, and refuse VLAN tags in metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it returned: -1 is `TC_ACT_UNSPEC`.
    pub returned: i32,
    /// The class, from `skb->priority`.
    pub class: Handle,
    /// The mean time of a run.
    pub time: Duration,
}

/// Runs a program on an Ethernet frame of more than 14 bytes, so many times (at least once).
pub fn test_run(program: BorrowedFd<'_>, frame: &[u8], repeat: u32) -> Result<Verdict, KernelError> {
    test_run_marked(program, frame, 0, repeat)
}

/// The same on a frame with this `skb->mark`.
pub fn test_run_marked(program: BorrowedFd<'_>, frame: &[u8], mark: u32, repeat: u32) -> Result<Verdict, KernelError> {
    let mut context = [0; CONTEXT];
    context[MARK..MARK + 4].copy_from_slice(&mark.to_ne_bytes());
    let run = sys::test_run(program, frame, &mut context, repeat.max(1))
        .map_err(|error| refused("bpftool prog run".to_owned(), &error))?;
    let priority = context[PRIORITY..].first_chunk::<4>().expect("invariant: the context is longer");
    Ok(Verdict {
        returned: run.verdict.cast_signed(),
        class: Handle::from_raw(u32::from_ne_bytes(*priority)),
        time: Duration::from_nanos(run.nanoseconds.into()),
    })
}
