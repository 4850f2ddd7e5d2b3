//! HTB: its qdisc and its classes on the wire. Source: `net/sched/sch_htb.c` and `include/uapi/linux/pkt_sched.h`.

use pleach_graph::Rate;
use pleach_tc::{Class, Handle, Ticks};

use super::constants::{
    TC_LINKLAYER_ETHERNET, TCA_HTB_CEIL64, TCA_HTB_DIRECT_QLEN, TCA_HTB_INIT, TCA_HTB_OFFLOAD, TCA_HTB_PARMS,
    TCA_HTB_RATE64, TCA_OPTIONS,
};
use super::wire::{Attributes, Messages, u16_at, u32_at, u64_at};

/// The version that `htb_init` asks for, of which it compares the upper half of `HTB_VER`.
const VERSION: u32 = 3;
/// What `tc` sends; it plays no part where every class states its quantum.
const RATE_TO_QUANTUM: u32 = 10;
/// How many packets pass unclassified at a time. Stated, because the kernel takes the interface's own queue length, and
/// an interface whose length somebody set to 0 would drop all of them.
const DIRECT_PACKETS_LIMIT: u32 = 1_000;
/// Where `struct tc_htb_opt` has what is behind its two rates.
const AFTER_RATES: usize = 24;
/// The bytes of `struct tc_ratespec`.
const RATE_SPEC: usize = 12;

/// What an HTB is, as far as it is not in its classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HtbQdisc {
    /// The minor of the class that takes what no one classified; 0 for none.
    pub default_minor: u32,
    /// How many packets no class took.
    pub direct_packets: u32,
    /// Whether a card does its work.
    pub is_offloaded: bool,
}

impl HtbQdisc {
    /// Reads a qdisc's options.
    pub fn parse(options: &[u8]) -> Option<Self> {
        let mut qdisc = None;
        let mut is_offloaded = false;
        for (kind, value) in Attributes(options) {
            match kind {
                TCA_HTB_INIT => qdisc = Some((u32_at(value, 8)?, u32_at(value, 16)?)),
                TCA_HTB_OFFLOAD => is_offloaded = true,
                _ => {}
            }
        }
        qdisc.map(|(default_minor, direct_packets)| Self { default_minor, direct_packets, is_offloaded })
    }
}

/// Lays out the options of an HTB; of `qdisc`, those count that can be told.
pub fn put_qdisc(messages: &mut Messages, qdisc: HtbQdisc) {
    let options = messages.begin_nest(TCA_OPTIONS);
    let init = messages.begin_nest(TCA_HTB_INIT);
    for field in [VERSION, RATE_TO_QUANTUM, qdisc.default_minor, 0, 0] {
        messages.put(&field.to_ne_bytes());
    }
    messages.end_nest(init);
    messages.attribute_u32(TCA_HTB_DIRECT_QLEN, DIRECT_PACKETS_LIMIT);
    messages.end_nest(options);
}

/// Lays out the options of a class. Its link layer is Ethernet, so that the kernel asks for no table of rates.
pub fn put_class(messages: &mut Messages, class: &Class) {
    let (rate, ceil) = (class.rate.bit() / 8, class.ceil.bit() / 8);
    let options = messages.begin_nest(TCA_OPTIONS);
    for (kind, bytes) in [(TCA_HTB_RATE64, rate), (TCA_HTB_CEIL64, ceil)] {
        if u32::try_from(bytes).is_err() {
            messages.attribute_u64(kind, bytes);
        }
    }
    let parameters = messages.begin_nest(TCA_HTB_PARMS);
    for bytes in [rate, ceil] {
        messages.put(&rate_spec(class, bytes));
    }
    let level = 0; // the kernel's own affair
    for field in [class.burst.0, class.cburst.0, class.quantum, level, class.priority.into()] {
        messages.put(&field.to_ne_bytes());
    }
    messages.end_nest(parameters);
    messages.end_nest(options);
}

fn rate_spec(class: &Class, bytes_per_second: u64) -> [u8; RATE_SPEC] {
    let mut spec = [0; RATE_SPEC];
    spec[1] = TC_LINKLAYER_ETHERNET;
    spec[2..4].copy_from_slice(&class.overhead.to_ne_bytes());
    spec[6..8].copy_from_slice(&class.mpu.to_ne_bytes());
    let rate = u32::try_from(bytes_per_second).unwrap_or(u32::MAX);
    spec[8..12].copy_from_slice(&rate.to_ne_bytes());
    spec
}

/// A rate that the kernel gives in bytes; at most what 64 bits hold.
pub(super) fn rate(bytes_per_second: u64) -> Rate {
    Rate::from_bit(bytes_per_second.min(u64::MAX / 8) * 8)
}

/// Reads a class's options; none where they are not a class's.
pub fn parse_class(parent: Handle, options: &[u8]) -> Option<Class> {
    let (mut rate64, mut ceil64, mut parameters) = (0, 0, None);
    for (kind, value) in Attributes(options) {
        match kind {
            TCA_HTB_PARMS => parameters = Some(value),
            TCA_HTB_RATE64 => rate64 = u64_at(value, 0)?,
            TCA_HTB_CEIL64 => ceil64 = u64_at(value, 0)?,
            _ => {}
        }
    }
    let parameters = parameters?;
    // As `psched_ratecfg_precompute` has it: the larger of the two.
    let rate_at = |at, wide: u64| Some(rate(u64::from(u32_at(parameters, at)?).max(wide)));
    let field = |index: usize| u32_at(parameters, AFTER_RATES + 4 * index);
    Some(Class {
        parent,
        rate: rate_at(8, rate64)?,
        ceil: rate_at(RATE_SPEC + 8, ceil64)?,
        burst: Ticks(field(0)?),
        cburst: Ticks(field(1)?),
        quantum: field(2)?,
        priority: u8::try_from(field(4)?).ok()?,
        overhead: u16_at(parameters, 2)?,
        mpu: u16_at(parameters, 6)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::netlink::wire::Attributes;

    fn options(put: impl FnOnce(&mut Messages)) -> Vec<u8> {
        let mut messages = Messages::default();
        put(&mut messages);
        Attributes(messages.as_bytes()).next().expect("options").1.to_vec()
    }

    proptest! {
        #[test]
        fn a_class_reads_back(
            (rate, ceil) in (1..1_u64 << 40, 1..1_u64 << 40),
            (burst, cburst, quantum) in any::<(u32, u32, u32)>(),
            (priority, overhead, mpu) in any::<(u8, u16, u16)>(),
        ) {
            let class = Class {
                parent: Handle::new(1, 1),
                rate: Rate::from_bit(rate * 8),
                ceil: Rate::from_bit(ceil * 8),
                burst: Ticks(burst),
                cburst: Ticks(cburst),
                quantum,
                priority,
                overhead,
                mpu,
            };
            prop_assert_eq!(parse_class(class.parent, &options(|messages| put_class(messages, &class))), Some(class));
        }
    }

    #[test]
    fn a_qdisc_reads_back() {
        assert_eq!(
            HtbQdisc::parse(&options(|messages| put_qdisc(messages, HtbQdisc::default()))),
            Some(HtbQdisc::default())
        );
        let default = HtbQdisc { default_minor: 1, ..HtbQdisc::default() };
        assert_eq!(HtbQdisc::parse(&options(|messages| put_qdisc(messages, default))), Some(default));
        assert_eq!(HtbQdisc::parse(&[]), None);
    }
}
