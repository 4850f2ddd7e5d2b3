//! Policers. Source: `struct tc_police` in `include/uapi/linux/pkt_cls.h`, `net/sched/act_police.c` (6.12).

use pleach_graph::Rate;
use pleach_overlay::links::POLICED_MTU;
use pleach_overlay::{Bytes, Policer};
use pleach_tc::Ticks;

use super::constants::{
    TC_ACT_PIPE, TC_ACT_SHOT, TC_LINKLAYER_ETHERNET, TCA_POLICE_PEAKRATE, TCA_POLICE_PEAKRATE64, TCA_POLICE_RATE,
    TCA_POLICE_RATE64, TCA_POLICE_RESULT, TCA_POLICE_TBF,
};
use super::wire::{Attributes, Messages, u32_at, u64_at};

/// A table of rates, which the kernel does not read where the link layer is stated, and refuses to do without
/// (`qdisc_get_rtab`).
const RATE_TABLE: [u8; 1024] = [0; 1024];
/// What a cell of that table would be; the kernel refuses 0.
const CELL_LOG: u8 = 10;

/// The rate that the kernel counts in: whole bytes a second.
const fn bytes_a_second(rate: Rate) -> u64 {
    rate.bit() / 8
}

/// `struct tc_ratespec`.
fn put_rate(messages: &mut Messages, rate: Option<Rate>) {
    let bytes = rate.map_or(0, bytes_a_second);
    let [cell, layer] = if rate.is_some() { [CELL_LOG, TC_LINKLAYER_ETHERNET] } else { [0; 2] };
    messages.put(&[cell, layer, 0, 0, 0, 0, 0, 0]); // overhead, alignment, mpu
    messages.put(&u32::try_from(bytes).unwrap_or(u32::MAX).to_ne_bytes());
}

/// Lays out a policer's options: what is beyond the limit is dropped, the rest goes on to the next action.
pub fn put(messages: &mut Messages, limit: &Policer) {
    let average = Rate::from_bit(bytes_a_second(limit.average) * 8);
    let parameters = messages.begin_nest(TCA_POLICE_TBF);
    for field in [0, TC_ACT_SHOT, 0, Ticks::of_bytes(limit.burst.0, average).0, POLICED_MTU] {
        messages.put(&field.to_ne_bytes());
    }
    put_rate(messages, Some(limit.average));
    put_rate(messages, limit.burst_rate);
    messages.put(&[0; 12]); // how many hold it, how many use it, capabilities
    messages.end_nest(parameters);
    messages.attribute(TCA_POLICE_RATE, &RATE_TABLE);
    if limit.burst_rate.is_some() {
        messages.attribute(TCA_POLICE_PEAKRATE, &RATE_TABLE);
    }
    for (kind, rate) in [(TCA_POLICE_RATE64, Some(limit.average)), (TCA_POLICE_PEAKRATE64, limit.burst_rate)] {
        // Only what 32 bits do not hold.
        if let Some(bytes) = rate.map(bytes_a_second).filter(|bytes| u32::try_from(*bytes).is_err()) {
            messages.attribute_u64(kind, bytes);
        }
    }
    messages.attribute_u32(TCA_POLICE_RESULT, TC_ACT_PIPE);
}

/// Reads a policer; none where it is not as ours are.
pub fn parse(options: &[u8]) -> Option<Policer> {
    let (mut parameters, mut wide, mut wide_peak, mut result) = (None, None, None, None);
    for (kind, value) in Attributes(options) {
        match kind {
            TCA_POLICE_TBF => parameters = Some(value),
            TCA_POLICE_RATE64 => wide = u64_at(value, 0),
            TCA_POLICE_PEAKRATE64 => wide_peak = u64_at(value, 0),
            TCA_POLICE_RESULT => result = u32_at(value, 0),
            _ => {}
        }
    }
    let field = |at| u32_at(parameters?, at);
    let is_ours = field(4)? == TC_ACT_SHOT && field(16)? == POLICED_MTU && result? == TC_ACT_PIPE;
    let rate = |wide: Option<u64>, narrow: u32| Rate::from_bit(wide.unwrap_or(narrow.into()).saturating_mul(8));
    let average = rate(wide, field(28)?);
    let peak = rate(wide_peak, field(40)?);
    let burst = Bytes(Ticks(field(12)?).bytes_for_tc(average));
    is_ours.then_some(Policer { average, burst, burst_rate: Some(peak).filter(|peak| *peak > Rate::ZERO) })
}
