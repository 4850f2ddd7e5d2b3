//! HTB classes.

use std::fmt;

use pleach_graph::Rate;
use serde::{Deserialize, Serialize};

use crate::handle::Handle;

/// A tick of the packet scheduler, `PSCHED_SHIFT` 6 in `include/net/pkt_sched.h`.
pub const PSCHED_TICK_NANOSECONDS: u64 = 64;

/// A depth of a bucket as the kernel keeps it: the time it takes at the class's rate, in ticks of 64 ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticks(pub u32);

impl Ticks {
    /// How many ticks the count of `tc` may differ from ours, which is exact: `tc` counted whole microseconds, rounded
    /// down, until iproute2 6.14, and rounds up to a tick since (`tc_calc_xmittime` in `tc/tc_core.c`).
    pub const TOLERANCE: u32 = 16;

    /// How long `bytes` take at `rate`, rounded down. Of more bytes than pass in the 274 seconds that the kernel's 32 bits
    /// hold, as many as do: a number that `tc` can be given too, which up to iproute2 6.14 does not notice that it is too large.
    pub fn of_bytes(bytes: u64, rate: Rate) -> Self {
        const BIT_NANOSECONDS: u128 = 8 * 1_000_000_000;
        const LONGEST: u128 = u32::MAX as u128 * PSCHED_TICK_NANOSECONDS as u128;
        let rate = u128::from(rate.bit().max(1));
        let bytes = u128::from(bytes).min(LONGEST * rate / BIT_NANOSECONDS);
        let ticks = bytes * BIT_NANOSECONDS / rate / u128::from(PSCHED_TICK_NANOSECONDS);
        Self(u32::try_from(ticks).expect("invariant: not more bytes than pass in that time"))
    }

    /// The fewest bytes that [`Ticks::of_bytes`] turns into this, or into the next time that there is at `rate`: what `tc`
    /// has to be told. It makes of them what this is, give or take [`Ticks::TOLERANCE`].
    pub fn bytes_for_tc(self, rate: Rate) -> u64 {
        let bit_nanoseconds = u128::from(self.0) * u128::from(PSCHED_TICK_NANOSECONDS) * u128::from(rate.bit());
        u64::try_from(bit_nanoseconds.div_ceil(8_000_000_000)).unwrap_or(u64::MAX)
    }

    /// Whether a kernel that `tc` told this keeps `kept`.
    pub const fn is_kept_as(self, kept: Self) -> bool {
        self.0.abs_diff(kept.0) <= Self::TOLERANCE
    }

    /// How many bytes pass at `rate` in this time, rounded down.
    pub fn bytes(self, rate: Rate) -> u64 {
        let nanoseconds = u128::from(self.0) * u128::from(PSCHED_TICK_NANOSECONDS);
        u64::try_from(nanoseconds * u128::from(rate.bit()) / 8_000_000_000).unwrap_or(u64::MAX)
    }
}

/// A class of an HTB, in the kernel's own numbers.
///
/// `rate` and `ceil` are multiples of 8 bit/s: the kernel counts whole bytes (`net/sched/sch_htb.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// The class above, or the HTB.
    pub parent: Handle,
    /// What it may send without asking its parent.
    #[serde(serialize_with = "pleach_graph::rate_text::write")]
    pub rate: Rate,
    /// What it may send at most.
    #[serde(serialize_with = "pleach_graph::rate_text::write")]
    pub ceil: Rate,
    /// The bucket of `rate`.
    pub burst: Ticks,
    /// The bucket of `ceil`.
    pub cburst: Ticks,
    /// Bytes sent in a turn when it borrows; only leaves use it.
    pub quantum: u32,
    /// Order of borrowing: 0 first, 7 last. Only leaves use it.
    pub priority: u8,
    /// Bytes that the link adds to each frame.
    pub overhead: u16,
    /// The smallest frame of the link in bytes.
    pub mpu: u16,
}

impl Class {
    /// The least bucket in bytes: with less, a class does not reach its rate at 10 Mbit/s to 2 Gbit/s (measured on 6.18).
    const LEAST_BURST: u64 = 16_000;
    /// Buckets and turns hold this much of a second.
    pub const TURNS_PER_SECOND: u64 = 1_000;
    /// The least that a class sends in a turn: a frame of 1 500 bytes with two VLAN tags.
    pub const LEAST_QUANTUM: u32 = 1_522;

    /// The bucket of a class that states none, in bytes: a millisecond at its rate, and at least ten frames.
    pub fn usual_burst(rate: Rate) -> u64 {
        (rate.bit() / 8 / Self::TURNS_PER_SECOND).max(Self::LEAST_BURST)
    }

    /// `rate` as the kernel keeps it: whole bytes per second, and at least one.
    pub fn kernel_rate(rate: Rate) -> Rate {
        Rate::from_bit((rate.bit() / 8 * 8).max(8))
    }
}

impl fmt::Display for Class {
    /// The class in `tc`'s words, after its handle and parent: `rate 8bit ceil 100Mbit …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rate, ceil) = (self.rate.bit(), self.ceil.bit());
        let (burst, cburst) = (self.burst.bytes_for_tc(self.rate), self.cburst.bytes_for_tc(self.ceil));
        write!(f, "htb rate {rate}bit ceil {ceil}bit burst {burst}b cburst {cburst}b")?;
        write!(f, " quantum {} prio {}", self.quantum, self.priority)?;
        if self.overhead > 0 {
            write!(f, " overhead {}", self.overhead)?;
        }
        if self.mpu > 0 {
            write!(f, " mpu {}", self.mpu)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_what_the_kernel_keeps() {
        // 16 kB at 100 Mbit/s take 1.28 ms: 20 000 ticks.
        let rate = Rate::from_mbit(100);
        assert_eq!(Ticks::of_bytes(16_000, rate), Ticks(20_000));
        assert_eq!(Ticks(20_000).bytes(rate), 16_000);
        assert_eq!(Ticks::of_bytes(16_000, Rate::from_bit(8)), Ticks(274 * 15_625_000), "16 000 s do not fit, 274 do");
    }

    #[test]
    fn tc_is_told_the_bytes_that_were_meant() {
        for rate in [8, 800, 99_992, 3_333_336, 59_765_624, 100_000_000, 2_500_000_000, 100_000_000_000] {
            let rate = Rate::from_bit(rate);
            for bytes in [274, 1_600, 16_000, 12_500_000] {
                let ticks = Ticks::of_bytes(bytes, rate);
                let told = ticks.bytes_for_tc(rate);
                assert_eq!(Ticks::of_bytes(told, rate), ticks, "{bytes} bytes at {rate}");
                assert!(told <= bytes, "{told} of {bytes} bytes at {rate}");
            }
        }
        let class = Class {
            parent: Handle::qdisc(1),
            rate: Rate::from_mbit(10),
            ceil: Rate::from_bit(59_765_624),
            burst: Ticks::of_bytes(16_000, Rate::from_mbit(10)),
            cburst: Ticks::of_bytes(16_000, Rate::from_bit(59_765_624)),
            quantum: 7_470,
            priority: 3,
            overhead: 0,
            mpu: 64,
        };
        let words = "htb rate 10000000bit ceil 59765624bit burst 16000b cburst 16000b quantum 7470 prio 3 mpu 64";
        assert_eq!(class.to_string(), words);
    }

    #[test]
    fn rates_are_whole_bytes() {
        assert_eq!(Class::kernel_rate(Rate::from_bit(59_765_625)), Rate::from_bit(59_765_624));
        assert_eq!(Class::kernel_rate(Rate::ZERO), Rate::from_bit(8), "the kernel refuses 0");
    }
}
