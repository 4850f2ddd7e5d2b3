//! How much a virt may send or receive.

use std::fmt;
use std::str::FromStr;

use pleach_graph::Rate;
use pleach_tc::Ticks;

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

/// A virt's limit in one direction: a token bucket that drops what does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it may send for long.
    pub average: Rate,
    /// How much it may send beyond that at once.
    pub burst: Bytes,
    /// How fast it may send that burst; nothing is no limit.
    pub burst_rate: Option<Rate>,
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
    #[error("a burst of {0} lasts longer than {seconds} s at {1}", seconds = Limit::LONGEST_BURST_SECONDS)]
    LongBurst(Bytes, Rate),
    /// Below a byte a second.
    #[error("the burst rate {0} is below 8 bit/s, the least that the kernel counts")]
    BurstRate(Rate),
}

impl Limit {
    /// How long a burst may last: 2^32 ticks of 64 ns (`include/net/pkt_sched.h`), in whole seconds.
    pub const LONGEST_BURST_SECONDS: u64 = 274;
    /// The Ethernet header that the kernel counts with each frame.
    const FRAME_HEADER: u64 = 14;

    /// Everything that is wrong with it.
    pub fn errors(&self) -> Vec<LimitError> {
        const BYTE: Rate = Rate::from_bit(8);
        let mut errors = Vec::new();
        if self.average < BYTE {
            errors.push(LimitError::Average(self.average));
        }
        if self.burst.0 == 0 {
            errors.push(LimitError::Burst);
        }
        let bits = u128::from(self.burst.0) * 8;
        if self.average >= BYTE && bits > u128::from(self.average.bit()) * u128::from(Self::LONGEST_BURST_SECONDS) {
            errors.push(LimitError::LongBurst(self.burst, self.average));
        }
        if let Some(rate) = self.burst_rate.filter(|rate| *rate < BYTE) {
            errors.push(LimitError::BurstRate(rate));
        }
        errors
    }

    /// Whether a policer that was told this one is kept as `kept`: rates in whole bytes a second, the burst as the time that
    /// it takes, in ticks, which `tc` may have counted in whole microseconds.
    pub fn is_kept_as(&self, kept: &Self) -> bool {
        let bytes = |rate: Rate| rate.bit() / 8;
        let ticks = |limit: &Self| Ticks::of_bytes(limit.burst.0, Rate::from_bit(bytes(self.average) * 8));
        bytes(self.average) == bytes(kept.average)
            && self.burst_rate.map(bytes) == kept.burst_rate.map(bytes)
            && ticks(self).is_kept_as(ticks(kept))
    }

    /// Whether a frame of this MTU ever passes: the bucket must hold all of it.
    pub fn passes(&self, mtu: Mtu) -> bool {
        self.burst.0 >= u64::from(mtu.get()) + Self::FRAME_HEADER
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
    fn what_no_policer_can_do() {
        let limit =
            |average, burst, burst_rate| Limit { average: Rate::from_bit(average), burst: Bytes(burst), burst_rate };
        assert!(limit(8, 1, None).errors().is_empty());
        assert_eq!(limit(7, 0, Some(Rate::ZERO)).errors().len(), 3);
        assert_eq!(limit(8000, 274_000, None).errors(), []);
        assert_eq!(limit(8000, 274_001, None).errors().len(), 1);
        assert!(!limit(8000, 1513, None).passes(Mtu::USUAL));
        assert!(limit(8000, 1514, None).passes(Mtu::USUAL));
    }
}
