//! How much a virt may send or receive.

use std::fmt;
use std::str::FromStr;

use pleach_graph::Rate;
use pleach_tc::{Class, Handle, Leaf, LeafKind, Ticks};

use crate::mtu::Mtu;

/// An amount of data in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// A text that is no amount of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an amount of data: a number of bytes, or text such as `64 KiB`")]
pub struct BytesError;

impl FromStr for Bytes {
    type Err = BytesError;
    /// Digits, and perhaps `B`, `KiB` or `MiB`.
    fn from_str(text: &str) -> Result<Self, BytesError> {
        let text = text.trim();
        let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let factor = match unit.trim() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            _ => return Err(BytesError),
        };
        digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).map(Self).ok_or(BytesError)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes > 0 && bytes.is_multiple_of(1 << 20) => write!(f, "{} MiB", bytes >> 20),
            bytes if bytes > 0 && bytes.is_multiple_of(1 << 10) => write!(f, "{} KiB", bytes >> 10),
            bytes => write!(f, "{bytes} B"),
        }
    }
}

/// A virt's limit in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// What is beyond it is dropped.
    Policed(Policer),
    /// What is beyond it waits in a queue.
    Shaped(Shaper),
}

/// A token bucket that drops what does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policer {
    /// What passes for long.
    pub average: Rate,
    /// How much passes beyond that at once.
    pub burst: Bytes,
    /// How fast that burst may be; nothing is no limit.
    pub burst_rate: Option<Rate>,
}

/// A class of an HTB, with a leaf in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shaper {
    /// What passes for long.
    pub average: Rate,
    /// How much passes beyond that at once; nothing is [`Class::usual_burst`].
    pub burst: Option<Bytes>,
    /// What the rest waits in.
    pub leaf: LeafKind,
}

/// A text that is no kind of leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no leaf: `cake`, `fq_codel`, `sfq` or `pfifo`")]
pub(crate) struct LeafError;

/// The kind of leaf that a text names.
pub(crate) fn leaf(text: &str) -> Result<LeafKind, LeafError> {
    LeafKind::QUEUES.into_iter().find(|kind| kind.as_str() == text).ok_or(LeafError)
}

/// What is wrong with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// Below a byte a second, which is what the kernel counts in.
    #[error("{0} is below 8 bit/s, the least that the kernel counts")]
    Average(Rate),
    /// No burst: nothing ever passes.
    #[error("the burst is 0: nothing would pass")]
    Burst,
    /// The bucket takes longer to fill than the kernel's 32-bit count of 64 ns ticks lasts.
    #[error("a burst of {0} lasts longer than {seconds} s at {1}", seconds = LONGEST_BURST_SECONDS)]
    LongBurst(Bytes, Rate),
    /// Below a byte a second.
    #[error("the burst rate {0} is below 8 bit/s, the least that the kernel counts")]
    BurstRate(Rate),
}

/// How long a burst may last: 2^32 ticks of 64 ns (`include/net/pkt_sched.h`), in whole seconds.
const LONGEST_BURST_SECONDS: u64 = 274;
/// The Ethernet header that the kernel counts with each frame.
const FRAME_HEADER: u64 = 14;

impl Limit {
    /// What passes for long.
    pub const fn average(&self) -> Rate {
        match self {
            Self::Policed(Policer { average, .. }) | Self::Shaped(Shaper { average, .. }) => *average,
        }
    }

    /// How much passes beyond that at once, as stated.
    pub const fn burst(&self) -> Option<Bytes> {
        match self {
            Self::Policed(policer) => Some(policer.burst),
            Self::Shaped(shaper) => shaper.burst,
        }
    }

    /// How fast that burst may be, if that is limited.
    pub const fn burst_rate(&self) -> Option<Rate> {
        match self {
            Self::Policed(policer) => policer.burst_rate,
            Self::Shaped(_) => None,
        }
    }

    /// What the rest waits in, if it is not dropped.
    pub const fn leaf(&self) -> Option<LeafKind> {
        match self {
            Self::Policed(_) => None,
            Self::Shaped(shaper) => Some(shaper.leaf),
        }
    }

    /// Everything that is wrong with it.
    pub fn errors(&self) -> Vec<LimitError> {
        const BYTE: Rate = Rate::from_bit(8);
        let mut errors = Vec::new();
        let average = self.average();
        if average < BYTE {
            errors.push(LimitError::Average(average));
        }
        if let Some(burst) = self.burst() {
            let bits = u128::from(burst.0) * 8;
            if burst.0 == 0 {
                errors.push(LimitError::Burst);
            }
            if average >= BYTE && bits > u128::from(average.bit()) * u128::from(LONGEST_BURST_SECONDS) {
                errors.push(LimitError::LongBurst(burst, average));
            }
        }
        if let Some(rate) = self.burst_rate().filter(|rate| *rate < BYTE) {
            errors.push(LimitError::BurstRate(rate));
        }
        errors
    }

    /// Whether a frame of this MTU fits into the bucket. One that does not never passes a policer, and a class that has
    /// sent it pays for it late.
    pub fn passes(&self, mtu: Mtu) -> bool {
        self.burst().is_none_or(|burst| burst.0 >= u64::from(mtu.get()) + FRAME_HEADER)
    }
}

impl Policer {
    /// Whether a policer that was told this one is kept as `kept`: rates in whole bytes a second, the burst as the time that
    /// it takes, in ticks, which `tc` may have counted in whole microseconds.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        let bytes = |rate: Rate| rate.bit() / 8;
        let ticks = |limit: &Self| Ticks::of_bytes(limit.burst.0, Rate::from_bit(bytes(self.average) * 8));
        bytes(self.average) == bytes(kept.average)
            && self.burst_rate.map(bytes) == kept.burst_rate.map(bytes)
            && ticks(self).is_kept_as(ticks(kept))
    }
}

impl Shaper {
    /// The class: what the interface has beside it is nothing, so that it never borrows.
    pub(crate) fn class(&self, parent: Handle) -> Class {
        let rate = Class::kernel_rate(self.average);
        let burst = Ticks::of_bytes(self.burst.map_or_else(|| Class::usual_burst(rate), |burst| burst.0), rate);
        Class {
            parent,
            rate,
            ceil: rate,
            burst,
            cburst: burst,
            quantum: Class::LEAST_QUANTUM,
            priority: 0,
            overhead: 0,
            mpu: 0,
        }
    }

    /// What waits for the class.
    pub(crate) fn queue(&self) -> Option<Leaf> {
        self.leaf.queue().map(|leaf| leaf.tuned(self.average))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_as_they_are_read() {
        for (text, bytes) in [("40 KiB", 40_960), ("3 MiB", 3 << 20), ("1500 B", 1500), ("0 B", 0)] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)));
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        for text in ["", "KiB", "1 kb", "-1", "99999999999999999999", "18446744073709551615 KiB"] {
            assert_eq!(text.parse::<Bytes>(), Err(BytesError), "{text}");
        }
    }

    #[test]
    fn what_no_kernel_can_do() {
        let limit = |average, burst, burst_rate| {
            Limit::Policed(Policer { average: Rate::from_bit(average), burst: Bytes(burst), burst_rate })
        };
        let shaped = |average, burst| {
            let (average, burst) = (Rate::from_bit(average), Some(Bytes(burst)));
            Limit::Shaped(Shaper { average, burst, leaf: LeafKind::Cake })
        };
        assert_eq!(shaped(7, 0).errors().len(), 2);
        assert_eq!(shaped(8000, 274_001).errors().len(), 1);
        assert!(limit(8, 1, None).errors().is_empty());
        assert_eq!(limit(7, 0, Some(Rate::ZERO)).errors().len(), 3);
        assert_eq!(limit(8000, 274_000, None).errors(), []);
        assert_eq!(limit(8000, 274_001, None).errors().len(), 1);
        assert!(!limit(8000, 1513, None).passes(Mtu::USUAL));
        assert!(limit(8000, 1514, None).passes(Mtu::USUAL));
    }
}
