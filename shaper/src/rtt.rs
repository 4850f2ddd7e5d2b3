//! The round trip that a subscriber's queue is tuned to: longer on slow plans, where a packet alone takes milliseconds.

use pleach_graph::Rate;
use pleach_tc::Microseconds;

/// A full frame of Ethernet, in bits.
const FRAME_BITS: u64 = 1_514 * 8;
/// The longest round trip: a satellite's is below it.
const LONGEST: u64 = 1_000_000;
/// The accepted standing delay is this part of the round trip: what CAKE's own userspace takes.
const TARGET_PART: u32 = 20;

/// A queue's round trip and accepted standing delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuning {
    pub(crate) rtt: Microseconds,
    pub(crate) target: Microseconds,
}

/// The tuning for a plan. `configured` is what stands for fast plans; `preset` is what it is where nobody configures it: a
/// target of the preset is not stated, and follows the round trip.
///
/// The round trip is 60 ms and 240 ms divided by the plan in Mbit/s, where that is longer than configured: 100 ms at
/// 6 Mbit/s, 300 ms at 1 Mbit/s. The target is a twentieth, and never less than one and a half frames take.
pub(crate) fn tune(configured: Tuning, preset: Tuning, plan: Rate) -> Tuning {
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
pub(crate) fn as_codel_keeps(time: Microseconds) -> Microseconds {
    const UNIT: u32 = 128;
    Microseconds((time.0.saturating_add(UNIT / 2) / UNIT).max(1) * UNIT)
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
        let kernel = |time: Microseconds| Microseconds(((u64::from(time.0) * 1_000 >> 10 << 10) / 1_000) as u32);
        for time in [0, 1, 4_999, 5_000, 100_000, 18_168, 1_000_000] {
            let kept = as_codel_keeps(Microseconds(time));
            assert_eq!(kernel(kept), kept);
            assert!(kept.0.abs_diff(time) <= 128);
        }
    }
}
