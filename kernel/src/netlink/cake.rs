//! CAKE's options and tins on the wire. Source: `net/sched/sch_cake.c` (6.12).

use pleach_tc::{AckFilter, Cake, CakeTin, Diffserv, FlowIsolation, LinkLayer, Microseconds, SplitGso};

use super::constants::{
    TCA_CAKE_ACK_FILTER, TCA_CAKE_ATM, TCA_CAKE_AUTORATE, TCA_CAKE_BASE_RATE64, TCA_CAKE_DIFFSERV_MODE,
    TCA_CAKE_FLOW_MODE, TCA_CAKE_FWMARK, TCA_CAKE_INGRESS, TCA_CAKE_MEMORY, TCA_CAKE_MPU, TCA_CAKE_NAT,
    TCA_CAKE_OVERHEAD, TCA_CAKE_RAW, TCA_CAKE_RTT, TCA_CAKE_SPLIT_GSO, TCA_CAKE_STATS_TIN_STATS, TCA_CAKE_TARGET,
    TCA_CAKE_TIN_STATS_AVG_DELAY_US, TCA_CAKE_TIN_STATS_BASE_DELAY_US, TCA_CAKE_TIN_STATS_DROPPED_PACKETS,
    TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS, TCA_CAKE_TIN_STATS_PEAK_DELAY_US, TCA_CAKE_TIN_STATS_SENT_BYTES64,
    TCA_CAKE_TIN_STATS_SENT_PACKETS, TCA_CAKE_WASH,
};
use super::htb::rate;
use super::wire::{Attributes, Messages, u32_at, u64_at};

// The kernel's numbers are the positions.
const DIFFSERV: [Diffserv; 5] =
    [Diffserv::Diffserv3, Diffserv::Diffserv4, Diffserv::Diffserv8, Diffserv::Besteffort, Diffserv::Precedence];
const ISOLATION: [FlowIsolation; 8] = [
    FlowIsolation::Flowblind,
    FlowIsolation::Srchost,
    FlowIsolation::Dsthost,
    FlowIsolation::Hosts,
    FlowIsolation::Flows,
    FlowIsolation::DualSrchost,
    FlowIsolation::DualDsthost,
    FlowIsolation::TripleIsolate,
];
const ACK_FILTERS: [AckFilter; 3] = [AckFilter::Off, AckFilter::On, AckFilter::Aggressive];
const LINK_LAYERS: [LinkLayer; 3] = [LinkLayer::Noatm, LinkLayer::Atm, LinkLayer::Ptm];

fn number<T: PartialEq>(all: &[T], one: &T) -> u32 {
    let position = all.iter().position(|value| value == one).expect("invariant: the tables are whole");
    u32::try_from(position).expect("invariant: the tables are short")
}

fn named<T: Copy>(all: &[T], number: u32) -> Option<T> {
    all.get(usize::try_from(number).ok()?).copied()
}

/// Lays out all options, so that none keeps the value it had before.
pub fn put(messages: &mut Messages, cake: &Cake) {
    messages.attribute_u64(TCA_CAKE_BASE_RATE64, cake.bandwidth.map_or(0, |rate| rate.bit() / 8));
    messages.attribute_u32(TCA_CAKE_DIFFSERV_MODE, number(&DIFFSERV, &cake.diffserv));
    messages.attribute_u32(TCA_CAKE_ATM, number(&LINK_LAYERS, &cake.link_layer));
    messages.attribute_u32(TCA_CAKE_FLOW_MODE, number(&ISOLATION, &cake.flow_isolation));
    messages.attribute(TCA_CAKE_OVERHEAD, &i32::from(cake.overhead).to_ne_bytes());
    if cake.raw {
        // Behind the overhead, which ends raw mode (`cake_change`).
        messages.attribute_u32(TCA_CAKE_RAW, 0);
    }
    messages.attribute_u32(TCA_CAKE_MPU, cake.mpu.into());
    messages.attribute_u32(TCA_CAKE_RTT, cake.rtt.0);
    messages.attribute_u32(TCA_CAKE_TARGET, cake.target.0);
    messages.attribute_u32(TCA_CAKE_AUTORATE, cake.autorate_ingress.into());
    messages.attribute_u32(TCA_CAKE_MEMORY, cake.memory_limit);
    messages.attribute_u32(TCA_CAKE_NAT, cake.nat.into());
    messages.attribute_u32(TCA_CAKE_WASH, cake.wash.into());
    messages.attribute_u32(TCA_CAKE_INGRESS, cake.ingress.into());
    messages.attribute_u32(TCA_CAKE_ACK_FILTER, number(&ACK_FILTERS, &cake.ack_filter));
    messages.attribute_u32(TCA_CAKE_SPLIT_GSO, (cake.split_gso == SplitGso::Split).into());
    messages.attribute_u32(TCA_CAKE_FWMARK, cake.fwmark);
}

/// Reads options; what is not there is the kernel's default.
pub fn parse(options: &[u8]) -> Option<Cake> {
    let mut cake = Cake { raw: false, ..Cake::default() };
    for (kind, value) in Attributes(options) {
        if kind == TCA_CAKE_BASE_RATE64 {
            let bytes = u64_at(value, 0)?;
            cake.bandwidth = (bytes > 0).then(|| rate(bytes));
            continue;
        }
        let number = u32_at(value, 0);
        match kind {
            TCA_CAKE_DIFFSERV_MODE => cake.diffserv = named(&DIFFSERV, number?)?,
            TCA_CAKE_ATM => cake.link_layer = named(&LINK_LAYERS, number?)?,
            TCA_CAKE_FLOW_MODE => cake.flow_isolation = named(&ISOLATION, number?)?,
            TCA_CAKE_OVERHEAD => cake.overhead = i16::try_from(number?.cast_signed()).ok()?,
            TCA_CAKE_RAW => cake.raw = true,
            TCA_CAKE_MPU => cake.mpu = u16::try_from(number?).ok()?,
            TCA_CAKE_RTT => cake.rtt = Microseconds(number?),
            TCA_CAKE_TARGET => cake.target = Microseconds(number?),
            TCA_CAKE_AUTORATE => cake.autorate_ingress = number? != 0,
            TCA_CAKE_MEMORY => cake.memory_limit = number?,
            TCA_CAKE_NAT => cake.nat = number? != 0,
            TCA_CAKE_WASH => cake.wash = number? != 0,
            TCA_CAKE_INGRESS => cake.ingress = number? != 0,
            TCA_CAKE_ACK_FILTER => cake.ack_filter = named(&ACK_FILTERS, number?)?,
            TCA_CAKE_SPLIT_GSO => cake.split_gso = if number? == 0 { SplitGso::Keep } else { SplitGso::Split },
            TCA_CAKE_FWMARK => cake.fwmark = number?,
            _ => {}
        }
    }
    Some(cake)
}

/// Reads the tins from what a CAKE counted by itself (`TCA_STATS_APP`).
pub fn parse_tins(app: &[u8]) -> Vec<CakeTin> {
    Attributes(app)
        .filter(|(kind, _)| *kind == TCA_CAKE_STATS_TIN_STATS)
        .flat_map(|(_, tins)| Attributes(tins))
        .map(|(_, tin)| parse_tin(tin))
        .collect()
}

fn parse_tin(attributes: &[u8]) -> CakeTin {
    let mut tin = CakeTin::default();
    for (kind, value) in Attributes(attributes) {
        let number = u32_at(value, 0).unwrap_or_default();
        match kind {
            TCA_CAKE_TIN_STATS_SENT_PACKETS => tin.sent.packets = number.into(),
            TCA_CAKE_TIN_STATS_SENT_BYTES64 => tin.sent.bytes = u64_at(value, 0).unwrap_or_default(),
            TCA_CAKE_TIN_STATS_DROPPED_PACKETS => tin.drops = number.into(),
            TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS => tin.marks = number.into(),
            TCA_CAKE_TIN_STATS_PEAK_DELAY_US => tin.peak_delay = Microseconds(number),
            TCA_CAKE_TIN_STATS_AVG_DELAY_US => tin.average_delay = Microseconds(number),
            TCA_CAKE_TIN_STATS_BASE_DELAY_US => tin.base_delay = Microseconds(number),
            _ => {}
        }
    }
    tin
}

/// What all tins together are.
pub fn marks(tins: &[CakeTin]) -> u64 {
    tins.iter().map(|tin| tin.marks).sum()
}

#[cfg(test)]
mod tests {
    use pleach_graph::Rate;

    use super::*;

    #[test]
    fn every_option_reads_back() {
        let mut cakes = vec![Cake::default()];
        cakes.extend(DIFFSERV.map(|diffserv| Cake { diffserv, ..Cake::default() }));
        cakes.extend(ISOLATION.map(|flow_isolation| Cake { flow_isolation, ..Cake::default() }));
        cakes.extend(ACK_FILTERS.map(|ack_filter| Cake { ack_filter, ..Cake::default() }));
        cakes.extend(LINK_LAYERS.map(|link_layer| Cake {
            link_layer,
            raw: false,
            overhead: -4,
            mpu: 64,
            ..Cake::default()
        }));
        cakes.push(Cake { bandwidth: Some(Rate::from_gbit(40)), nat: true, wash: true, ..Cake::default() });
        cakes.push(Cake { ingress: true, autorate_ingress: true, split_gso: SplitGso::Keep, ..Cake::default() });
        cakes.push(Cake {
            rtt: Microseconds(7),
            target: Microseconds(8),
            memory_limit: 9,
            fwmark: 10,
            ..Cake::default()
        });
        for cake in cakes {
            let mut messages = Messages::default();
            put(&mut messages, &cake);
            assert_eq!(parse(messages.as_bytes()), Some(cake));
        }
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused() {
        let mut messages = Messages::default();
        messages.attribute_u32(TCA_CAKE_DIFFSERV_MODE, 99);
        assert_eq!(parse(messages.as_bytes()), None);
    }
}
