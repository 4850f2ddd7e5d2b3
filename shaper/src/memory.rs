//! How much kernel memory the queues take.

use crate::shape::LeafShape;

/// What a CAKE takes, whatever its options: measured on 6.12.
pub const CAKE_BYTES: u64 = 1_066 << 10;
/// What an `fq_codel` of 1 024 flows takes: measured on 6.12.
pub const FQ_CODEL_BYTES: u64 = 77 << 10;
/// What an `sfq` takes: measured on 6.12.
pub const SFQ_BYTES: u64 = 19 << 10;
/// What a class takes with the queue that HTB gives it: measured on 6.18.
pub const CLASS_BYTES: u64 = 3_686;
/// What a `pfifo` takes: it has no memory besides the qdisc itself, as the queue that HTB makes.
pub const PFIFO_BYTES: u64 = 1 << 10;

/// How much kernel memory the queues of a plan take, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct MemoryEstimate {
    /// What the queues of the ledger take, those there are before.
    pub before: u64,
    /// What those of the plan take, when all is done.
    pub after: u64,
    /// The most that is taken meanwhile: what moves is there twice, and what goes away goes last.
    pub peak: u64,
    /// The most that may be taken.
    pub limit: u64,
}

/// The queues would take more memory than they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the queues would take {} MiB at the peak ({} MiB now, {} MiB when done), and may take {} MiB",
    .0.peak >> 20, .0.before >> 20, .0.after >> 20, .0.limit >> 20
)]
pub struct MemoryRefused(pub MemoryEstimate);

impl MemoryEstimate {
    /// Refuses, with the numbers, where the peak is above the limit.
    pub fn check(self) -> Result<(), MemoryRefused> {
        if self.peak <= self.limit { Ok(()) } else { Err(MemoryRefused(self)) }
    }
}

/// What a class takes with its leaf.
pub(crate) const fn class_bytes(leaf: Option<LeafShape>) -> u64 {
    CLASS_BYTES
        + match leaf {
            Some(LeafShape::Cake { .. }) => CAKE_BYTES,
            Some(LeafShape::FqCodel { .. }) => FQ_CODEL_BYTES,
            Some(LeafShape::Sfq { .. }) => SFQ_BYTES,
            Some(LeafShape::Pfifo) => PFIFO_BYTES,
            None => 0,
        }
}
