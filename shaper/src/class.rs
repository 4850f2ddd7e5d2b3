//! The numbers of a class that follow from its rates.

use pleach_graph::Rate;
use pleach_tc::{Class, Handle, Ticks};

/// What the kernel counts in: whole bytes.
pub(crate) const BYTE: u64 = 8;

/// The rate of a node's permanent child: the least there is.
pub(crate) const KEEPER_RATE: u64 = BYTE;

/// How many turns there are in a second.
const TURNS_PER_SECOND: u64 = Class::TURNS_PER_SECOND;

/// The least a class sends in a turn.
pub(crate) const LEAST_QUANTUM: u32 = Class::LEAST_QUANTUM;
/// The most: what the kernel warns above (`net/sched/sch_htb.c`).
pub(crate) const MOST_QUANTUM: u32 = 200_000;

/// The smallest plan that lets a [`LEAST_QUANTUM`] through in a turn's time, in bit/s.
pub(crate) const LEAST_QUANTUM_PLAN: u64 = LEAST_QUANTUM as u64 * BYTE * TURNS_PER_SECOND;
/// The largest that lets no more than a [`MOST_QUANTUM`] through.
pub(crate) const MOST_QUANTUM_PLAN: u64 = MOST_QUANTUM as u64 * BYTE * TURNS_PER_SECOND;

/// Order of borrowing of what the network itself runs on.
pub(crate) const CONTROL_PRIORITY: u8 = 0;
/// Of subscribers.
pub(crate) const CIRCUIT_PRIORITY: u8 = 3;
/// Of addresses that nobody has.
pub(crate) const UNKNOWN_PRIORITY: u8 = 5;
/// Of permanent children, which never carry anything.
pub(crate) const KEEPER_PRIORITY: u8 = 7;

/// What the link adds to frames, for every class alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Framing {
    pub(crate) overhead: u16,
    pub(crate) mpu: u16,
}

impl Framing {
    /// A class that has children. The kernel takes quantum and priority of leaf classes only and keeps what it had when
    /// the first child came (`htb_change_class`), so they are the same for all.
    pub(crate) fn inner(self, parent: Handle, rate: u64, ceil: u64) -> Class {
        self.class(parent, rate, ceil, LEAST_QUANTUM, 0)
    }

    /// A class; rates are in bit/s and whole bytes.
    pub(crate) fn class(self, parent: Handle, rate: u64, ceil: u64, quantum: u32, priority: u8) -> Class {
        let (rate, ceil) = (Class::kernel_rate(Rate::from_bit(rate)), Class::kernel_rate(Rate::from_bit(ceil)));
        Class {
            parent,
            rate,
            ceil,
            burst: burst(rate),
            cburst: burst(ceil),
            quantum,
            priority,
            overhead: self.overhead,
            mpu: self.mpu,
        }
    }

    /// The permanent child of a node's class.
    pub(crate) fn keeper(self, parent: Handle) -> Class {
        self.class(parent, KEEPER_RATE, KEEPER_RATE, LEAST_QUANTUM, KEEPER_PRIORITY)
    }
}

fn burst(rate: Rate) -> Ticks {
    Ticks::of_bytes(Class::usual_burst(rate), rate)
}

/// What a subscriber sends in a turn: what its plan lets through in a millisecond.
pub(crate) fn quantum(plan: Rate) -> Quantum {
    let wanted = plan.bit() / BYTE / TURNS_PER_SECOND;
    match u32::try_from(wanted) {
        Ok(bytes @ LEAST_QUANTUM..=MOST_QUANTUM) => Quantum { bytes, clamp: None },
        Ok(..LEAST_QUANTUM) => Quantum { bytes: LEAST_QUANTUM, clamp: Some(Clamp::Raised) },
        _ => Quantum { bytes: MOST_QUANTUM, clamp: Some(Clamp::Lowered) },
    }
}

/// What is sent in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quantum {
    pub(crate) bytes: u32,
    pub(crate) clamp: Option<Clamp>,
}

/// Why a turn is not in proportion to its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clamp {
    /// It would have been less than a frame.
    Raised,
    /// It would have been more than the kernel takes without a warning.
    Lowered,
}

/// Rounded down to whole bytes.
pub(crate) const fn whole_bytes(bit: u64) -> u64 {
    bit / BYTE * BYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_follow_the_plan_and_are_clamped() {
        assert_eq!(quantum(Rate::from_mbit(100)), Quantum { bytes: 12_500, clamp: None });
        assert_eq!(quantum(Rate::from_mbit(5)), Quantum { bytes: 1_522, clamp: Some(Clamp::Raised) });
        assert_eq!(quantum(Rate::from_gbit(10)), Quantum { bytes: 200_000, clamp: Some(Clamp::Lowered) });
        assert_eq!(quantum(Rate::from_bit(12_176_000)).clamp, None);
        assert_eq!(quantum(Rate::from_mbit(1_600)), Quantum { bytes: 200_000, clamp: None });
    }

    #[test]
    fn buckets_hold_a_millisecond_and_at_least_ten_frames() {
        let framing = Framing { overhead: 0, mpu: 0 };
        let class = framing.class(Handle::qdisc(1), 1_000_003, 1_000_000_000, 1_522, 3);
        assert_eq!(class.rate, Rate::from_bit(1_000_000));
        assert_eq!((class.burst.bytes(class.rate), class.cburst.bytes(class.ceil)), (16_000, 125_000));
        let keeper = framing.keeper(Handle::qdisc(1));
        assert_eq!(keeper.burst.bytes(keeper.rate), 274, "as many whole bytes as the kernel's number holds");
    }
}
