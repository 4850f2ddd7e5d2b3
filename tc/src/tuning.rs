//! What a queue is tuned to at a rate: a longer round trip on slow ones, where a packet alone takes milliseconds.

use pleach_graph::Rate;

use crate::leaf::{Cake, FqCodel, Leaf, Microseconds, Sfq};
use crate::rounding::{SFQ_DEEPEST, SFQ_MOST_FLOWS};

/// A full frame of Ethernet, in bits.
const FRAME_BITS: u64 = 1_514 * 8;
/// The longest round trip: a satellite's is below it.
const LONGEST: u64 = 1_000_000;
/// The accepted standing delay is this part of the round trip: what CAKE's own userspace takes.
pub(crate) const TARGET_PART: u32 = 20;

/// A queue's round trip and accepted standing delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tuning {
    rtt: Microseconds,
    target: Microseconds,
}

/// The tuning for a plan. `configured` is what stands for fast plans; `preset` is what it is where nobody configures it: a
/// target of the preset is not stated, and follows the round trip.
///
/// The round trip is 60 ms and 240 ms divided by the plan in Mbit/s, where that is longer than configured: 100 ms at
/// 6 Mbit/s, 300 ms at 1 Mbit/s. The target is a twentieth, and never less than one and a half frames take.
fn tune(configured: Tuning, preset: Tuning, plan: Rate) -> Tuning {
    const FLOOR: u64 = 60_000;
    const SLOPE: u64 = 240_000 * 1_000_000; // microseconds times bit/s
    let bit = plan.bit().max(1);
    let curve = (FLOOR + SLOPE / bit).min(LONGEST);
    let rtt = u32::try_from(curve).unwrap_or(u32::MAX).max(configured.rtt.0);
    let stated = if configured.target == preset.target { 0 } else { configured.target.0 };
    let follows = if stated == 0 || rtt != configured.rtt.0 { rtt / TARGET_PART } else { 0 };
    let frames = (FRAME_BITS * 3 / 2 * 1_000_000).div_ceil(bit).min(LONGEST);
    let target = stated.max(follows).max(u32::try_from(frames).unwrap_or(u32::MAX));
    Tuning { rtt: Microseconds(rtt), target: Microseconds(target) }
}

/// The nearest time that `fq_codel` reads back as it was written: it keeps units of 1 024 ns and rounds down both ways
/// (`CODEL_SHIFT` in `include/net/codel.h`), which only multiples of 128 µs survive.
fn as_codel_keeps(time: Microseconds) -> Microseconds {
    const UNIT: u32 = 128;
    Microseconds((time.0.saturating_add(UNIT / 2) / UNIT).max(1) * UNIT)
}

impl Leaf {
    /// The queue as it is put under a class of this rate: tuned to it, with options that the kernel takes and keeps. CAKE's own
    /// shaper is off: the class shapes.
    #[must_use]
    pub fn tuned(self, rate: Rate) -> Self {
        match self {
            Self::Cake(options) => Self::Cake(tuned_cake(&options, rate)),
            Self::FqCodel(options) => Self::FqCodel(tuned_fq_codel(&options, rate)),
            Self::Sfq(options) => Self::Sfq(kept_sfq(&options)),
            Self::Pfifo(_) => self,
        }
    }
}

/// CAKE keeps whole microseconds. Its own shaper stays off: the class above it shapes.
fn tuned_cake(options: &Cake, plan: Rate) -> Cake {
    let preset = Cake::default();
    let preset = Tuning { rtt: preset.rtt, target: preset.target };
    let mut tuning = tune(Tuning { rtt: options.rtt, target: options.target }, preset, plan);
    if options.target == preset.target {
        // Where nobody states a target, `tc` has no word for one either: it is a twentieth of the round trip.
        tuning.rtt = tuning.rtt.max(Microseconds(tuning.target.0.saturating_mul(TARGET_PART)));
        tuning.target = Microseconds(tuning.rtt.0 / TARGET_PART);
    }
    Cake { bandwidth: None, rtt: tuning.rtt, target: tuning.target, ..options.clone() }
}

/// The least and most that `fq_codel_change` takes (`net/sched/sch_fq_codel.c`, 6.12).
fn tuned_fq_codel(options: &FqCodel, plan: Rate) -> FqCodel {
    let preset = FqCodel::default();
    let preset = Tuning { rtt: preset.interval, target: preset.target };
    let tuning = tune(Tuning { rtt: options.interval, target: options.target }, preset, plan);
    FqCodel {
        flows: options.flows.clamp(1, 65_536),
        quantum: options.quantum.max(256),
        drop_batch: options.drop_batch.max(1),
        memory_limit: options.memory_limit.min(1 << 31),
        ce_threshold: options.ce_threshold.map(as_codel_keeps),
        interval: as_codel_keeps(tuning.rtt),
        target: as_codel_keeps(tuning.target),
        ..options.clone()
    }
}

/// What `sfq_change` makes of its options (`net/sched/sch_sfq.c`, 6.12).
fn kept_sfq(options: &Sfq) -> Sfq {
    let depth = options.depth.clamp(1, SFQ_DEEPEST);
    let flows = options.flows.clamp(1, SFQ_MOST_FLOWS);
    let limit = options.limit.clamp(2, depth * flows);
    let divisor = options.divisor.clamp(1, 65_536).next_power_of_two();
    Sfq { limit, flows: flows.min(limit), depth, divisor, ..*options }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESET: Tuning = Tuning { rtt: Microseconds(100_000), target: Microseconds(5_000) };

    fn tuned(plan: u64) -> (u32, u32) {
        let tuning = tune(PRESET, PRESET, Rate::from_bit(plan));
        (tuning.rtt.0, tuning.target.0)
    }

    #[test]
    fn slow_plans_get_longer_round_trips() {
        assert_eq!(tuned(1_000_000_000), (100_000, 5_000));
        assert_eq!(tuned(6_000_000), (100_000, 5_000));
        assert_eq!(tuned(3_000_000), (140_000, 7_000));
        assert_eq!(tuned(1_000_000), (300_000, 18_168), "one and a half frames");
        assert_eq!(tuned(100_000), (1_000_000, 181_680));
    }

    #[test]
    fn the_curve_has_no_steps() {
        let mut last = tuned(100_000);
        for plan in (101_000..20_000_000).step_by(1_000) {
            let now = tuned(plan);
            assert!(now.0 <= last.0 && now.1 <= last.1 && last.0 - now.0 <= 25_000, "{plan}: {last:?} {now:?}");
            last = now;
        }
    }

    #[test]
    fn what_is_configured_stands_for_fast_plans() {
        let configured = |rtt, target| Tuning { rtt: Microseconds(rtt), target: Microseconds(target) };
        let fast = Rate::from_mbit(100);
        assert_eq!(tune(configured(200_000, 5_000), PRESET, fast), configured(200_000, 10_000));
        assert_eq!(tune(configured(200_000, 3_000), PRESET, fast), configured(200_000, 3_000));
    }

    #[test]
    fn codel_reads_back_what_was_written() {
        let kernel = |time: Microseconds| Microseconds(time.0 * 1_000 / 1_024 * 1_024 / 1_000);
        for time in [0, 1, 4_999, 5_000, 100_000, 18_168, 1_000_000] {
            let kept = as_codel_keeps(Microseconds(time));
            assert_eq!(kernel(kept), kept);
            assert!(kept.0.abs_diff(time) <= 128);
        }
    }
}
