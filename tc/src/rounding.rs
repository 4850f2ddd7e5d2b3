//! How the kernel rounds a leaf's options, so that what is wanted and what is read back compare equal.

use pleach_graph::Rate;

use crate::leaf::{Cake, FqCodel, Leaf, Microseconds, Sfq};

/// A unit of `codel_time_t`: `CODEL_SHIFT` 10 in `include/net/codel.h`.
const CODEL_NANOSECONDS: u64 = 1 << 10;
const NANOSECONDS: u64 = 1_000;
/// `FQ_CODEL`'s smallest quantum (`fq_codel_change`).
const FQ_CODEL_SMALLEST_QUANTUM: u32 = 256;
/// The most bytes an `fq_codel` may hold (`fq_codel_change`).
const FQ_CODEL_MOST_MEMORY: u32 = 1 << 31;
/// `SFQ_MAX_FLOWS` and `SFQ_MAX_DEPTH` in `net/sched/sch_sfq.c`.
pub(crate) const SFQ_MOST_FLOWS: u32 = 65_536 - SFQ_DEEPEST - 1;
pub(crate) const SFQ_DEEPEST: u32 = 127;

impl Microseconds {
    /// The shortest time that `fq_codel` keeps as it keeps this one, in units of 1 024 ns.
    #[must_use]
    pub fn in_codel(self) -> Self {
        Self::shortest(u64::from(self.0) * NANOSECONDS / CODEL_NANOSECONDS)
    }

    /// The shortest time that `fq_codel` reports as `reported`: it rounds down again when it is asked.
    #[must_use]
    pub fn from_codel(reported: u32) -> Self {
        Self::shortest((u64::from(reported) * NANOSECONDS).div_ceil(CODEL_NANOSECONDS))
    }

    fn shortest(units: u64) -> Self {
        Self(u32::try_from((units * CODEL_NANOSECONDS).div_ceil(NANOSECONDS)).unwrap_or(u32::MAX))
    }
}

impl Leaf {
    /// The leaf as the kernel keeps it. What is wanted is said in these numbers, so that it compares equal with what is
    /// read back.
    ///
    /// The roundings, all of 6.12: `fq_codel`'s times to 1 024 ns, its quantum to at least 256, its batch to at least 1, its
    /// memory to at most 2 GiB; `sfq`'s depth to at most 127, its flows to at most 65 408 and
    /// the size of its table, its limit to at most depth times
    /// flows, its flows to at most its limit; CAKE's rate to whole bytes, its times to at least 1 µs.
    #[must_use]
    pub fn kept(&self) -> Self {
        match self {
            Self::Cake(cake) => Self::Cake(Cake {
                bandwidth: cake.bandwidth.map(|rate| Rate::from_bit(rate.bit() / 8 * 8)).filter(|rate| rate.bit() > 0),
                rtt: cake.rtt.max(Microseconds(1)),
                target: cake.target.max(Microseconds(1)),
                ..cake.clone()
            }),
            Self::FqCodel(fq_codel) => Self::FqCodel(FqCodel {
                quantum: fq_codel.quantum.max(FQ_CODEL_SMALLEST_QUANTUM),
                target: fq_codel.target.in_codel(),
                interval: fq_codel.interval.in_codel(),
                ce_threshold: fq_codel.ce_threshold.map(Microseconds::in_codel),
                memory_limit: fq_codel.memory_limit.min(FQ_CODEL_MOST_MEMORY),
                drop_batch: fq_codel.drop_batch.max(1),
                ..fq_codel.clone()
            }),
            Self::Sfq(sfq) => {
                let flows = sfq.flows.min(SFQ_MOST_FLOWS).min(sfq.divisor);
                let depth = sfq.depth.min(SFQ_DEEPEST);
                let limit = sfq.limit.min(flows.saturating_mul(depth));
                Self::Sfq(Sfq { flows: flows.min(limit), depth, limit, ..*sfq })
            }
            Self::Pfifo(_) => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As `fq_codel_change` keeps a time and `codel_time_to_us` reports it.
    fn reported(microseconds: u32) -> u32 {
        let kept = (u64::from(microseconds) * 1_000) >> 10;
        u32::try_from((kept << 10) / 1_000).expect("a time that was 32 bits")
    }

    proptest! {
        #[test]
        fn what_codel_reports_is_what_was_asked(time in any::<u32>().prop_map(Microseconds)) {
            let kept = time.in_codel();
            prop_assert_eq!(Microseconds::from_codel(reported(time.0)), kept);
            prop_assert_eq!(kept.in_codel(), kept, "rounding twice is rounding once");
            prop_assert!(kept <= time && time.0 - kept.0 <= 1);
        }
    }

    #[test]
    fn usual_times_are_not_rounded() {
        for time in [5_000, 100_000, 1_000].map(Microseconds) {
            assert_eq!(time.in_codel(), time);
        }
        assert_eq!(reported(5_000), 4_999, "though the kernel says this");
    }

    #[test]
    fn defaults_are_as_the_kernel_keeps_them() {
        for leaf in [Leaf::Cake(Cake::default()), Leaf::FqCodel(FqCodel::default()), Leaf::Sfq(Sfq::default())] {
            assert_eq!(leaf.kept(), leaf);
        }
    }
}
