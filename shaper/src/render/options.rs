//! Options of leaves in `tc`'s syntax.

use std::fmt::{self, Display, Formatter};

use pleach_tc::{AckFilter, Cake, Diffserv, FlowIsolation, FqCodel, Leaf, LinkLayer, Qdisc, QdiscKind, Sfq, SplitGso};

/// A qdisc's kind with all of its options, as `tc qdisc add … ` takes them.
pub(super) struct TcOptions<'a>(pub(super) &'a Qdisc);

impl Display for TcOptions<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            QdiscKind::Mq => f.write_str("mq"),
            QdiscKind::Htb => f.write_str("htb default 0"),
            QdiscKind::Other(name) => f.write_str(name),
            QdiscKind::Leaf(Leaf::Cake(cake)) => write_cake(cake, f),
            QdiscKind::Leaf(Leaf::FqCodel(fq_codel)) => write_fq_codel(fq_codel, f),
            QdiscKind::Leaf(Leaf::Sfq(sfq)) => write_sfq(sfq, f),
            QdiscKind::Leaf(Leaf::Pfifo(pfifo)) => write!(f, "pfifo limit {}", pfifo.limit),
        }
    }
}

/// `tc` has no word for CAKE's target: it sends a twentieth of the rtt.
pub(super) fn is_sayable(leaf: &Leaf) -> bool {
    !matches!(leaf, Leaf::Cake(cake) if cake.target.0 != (cake.rtt.0 / 20).max(1))
}

fn write_cake(cake: &Cake, f: &mut Formatter<'_>) -> fmt::Result {
    match (cake.autorate_ingress, cake.bandwidth) {
        (_, Some(rate)) => write!(f, "cake bandwidth {}bit", rate.bit())?,
        (_, None) => f.write_str("cake unlimited")?,
    }
    if cake.autorate_ingress {
        f.write_str(" autorate-ingress")?;
    }
    write!(f, " rtt {}us {} {}", cake.rtt.0, diffserv(cake.diffserv), isolation(cake.flow_isolation))?;
    write!(f, " {} {}", if cake.nat { "nat" } else { "nonat" }, if cake.wash { "wash" } else { "nowash" })?;
    f.write_str(match cake.split_gso {
        SplitGso::Split => " split-gso",
        SplitGso::Keep => " no-split-gso",
    })?;
    f.write_str(match cake.ack_filter {
        AckFilter::Off => " no-ack-filter",
        AckFilter::On => " ack-filter",
        AckFilter::Aggressive => " ack-filter-aggressive",
    })?;
    if cake.memory_limit > 0 {
        write!(f, " memlimit {}b", cake.memory_limit)?;
    }
    if cake.fwmark > 0 {
        write!(f, " fwmark {:#x}", cake.fwmark)?;
    }
    if cake.raw {
        f.write_str(" raw")?;
    } else {
        f.write_str(match cake.link_layer {
            LinkLayer::Noatm => " noatm",
            LinkLayer::Atm => " atm",
            LinkLayer::Ptm => " ptm",
        })?;
        write!(f, " overhead {}", cake.overhead)?;
        if cake.mpu > 0 {
            write!(f, " mpu {}", cake.mpu)?;
        }
    }
    f.write_str(if cake.ingress { " ingress" } else { " egress" })
}

const fn diffserv(diffserv: Diffserv) -> &'static str {
    match diffserv {
        Diffserv::Diffserv3 => "diffserv3",
        Diffserv::Diffserv4 => "diffserv4",
        Diffserv::Diffserv8 => "diffserv8",
        Diffserv::Besteffort => "besteffort",
        Diffserv::Precedence => "precedence",
    }
}

const fn isolation(isolation: FlowIsolation) -> &'static str {
    match isolation {
        FlowIsolation::Flowblind => "flowblind",
        FlowIsolation::Srchost => "srchost",
        FlowIsolation::Dsthost => "dsthost",
        FlowIsolation::Hosts => "hosts",
        FlowIsolation::Flows => "flows",
        FlowIsolation::DualSrchost => "dual-srchost",
        FlowIsolation::DualDsthost => "dual-dsthost",
        FlowIsolation::TripleIsolate => "triple-isolate",
    }
}

fn write_fq_codel(fq_codel: &FqCodel, f: &mut Formatter<'_>) -> fmt::Result {
    let FqCodel { limit, flows, quantum, target, interval, memory_limit, drop_batch, .. } = fq_codel;
    write!(
        f,
        "fq_codel limit {limit} flows {flows} quantum {quantum} target {}us interval {}us",
        target.0, interval.0
    )?;
    write!(f, " memory_limit {memory_limit}b drop_batch {drop_batch}")?;
    if let Some(threshold) = fq_codel.ce_threshold {
        write!(f, " ce_threshold {}us", threshold.0)?;
    }
    f.write_str(if fq_codel.ecn { " ecn" } else { " noecn" })
}

fn write_sfq(sfq: &Sfq, f: &mut Formatter<'_>) -> fmt::Result {
    let Sfq { limit, quantum, perturb_seconds, flows, divisor, depth } = sfq;
    write!(f, "sfq limit {limit} quantum {quantum}b perturb {perturb_seconds}")?;
    write!(f, " flows {flows} divisor {divisor} depth {depth}")
}
