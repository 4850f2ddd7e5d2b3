//! What each case is, written by hand from its `command.txt`.

use pleach_graph::Rate;
use pleach_tc::{
    AckFilter, Cake, Class, Diffserv, FlowIsolation, FqCodel, Handle, Leaf, LinkLayer, Microseconds, Pfifo, QdiscKind,
    Sfq, SplitGso, Ticks,
};

/// What a case is about.
#[derive(Debug, PartialEq)]
pub(crate) enum Expected {
    Qdisc(QdiscKind),
    Class(Class),
}

fn leaf(leaf: Leaf) -> Expected {
    Expected::Qdisc(QdiscKind::Leaf(leaf))
}

fn other(kind: &str) -> Expected {
    Expected::Qdisc(QdiscKind::Other(kind.into()))
}

/// What `tc` makes where it is told nothing: the kernel's three tins, and a target of a twentieth of the round trip.
fn cake(bandwidth_kbit: u64) -> Cake {
    let bandwidth = (bandwidth_kbit > 0).then(|| Rate::from_bit(bandwidth_kbit * 1_000));
    Cake { bandwidth, diffserv: Diffserv::Diffserv3, ..Cake::default() }
}

fn rtt(mut cake: Cake, milliseconds: u32) -> Cake {
    cake.rtt = Microseconds(milliseconds * 1_000);
    cake.target = Microseconds(milliseconds * 50);
    cake
}

fn best_effort(kbit: u64, flow_isolation: FlowIsolation) -> Cake {
    Cake { diffserv: Diffserv::Besteffort, flow_isolation, ..cake(kbit) }
}

fn cakes() -> Vec<(&'static str, Cake)> {
    let framed = |cake, overhead, mpu| Cake { raw: false, overhead, mpu, ..cake };
    let atm = |cake| Cake { link_layer: LinkLayer::Atm, ..framed(cake, 48, 0) };
    vec![
        ("default", cake(0)),
        ("bandwidth", cake(20_000)),
        ("unlimited", best_effort(0, FlowIsolation::TripleIsolate)),
        ("change", rtt(cake(30_000), 20)),
        ("leaf", Cake { diffserv: Diffserv::Diffserv4, nat: true, ..cake(0) }),
        (
            "diffserv3",
            Cake {
                flow_isolation: FlowIsolation::DualSrchost,
                memory_limit: 32 << 20,
                ..framed(cake(100_000), 44, 84)
            },
        ),
        (
            "diffserv4",
            Cake {
                diffserv: Diffserv::Diffserv4,
                flow_isolation: FlowIsolation::DualDsthost,
                nat: true,
                wash: true,
                ingress: true,
                ack_filter: AckFilter::On,
                split_gso: SplitGso::Keep,
                ..rtt(cake(5_000_000), 50)
            },
        ),
        (
            "diffserv8",
            Cake {
                diffserv: Diffserv::Diffserv8,
                ack_filter: AckFilter::Aggressive,
                link_layer: LinkLayer::Ptm,
                fwmark: 0xff,
                ..framed(cake(1_500), -4, 0)
            },
        ),
        ("dsthost", rtt(framed(best_effort(0, FlowIsolation::Dsthost), 18, 64), 30)),
        ("flowblind", rtt(atm(best_effort(1_000, FlowIsolation::Flowblind)), 1_000)),
        (
            "precedence",
            rtt(
                atm(Cake { diffserv: Diffserv::Precedence, flow_isolation: FlowIsolation::Hosts, ..cake(8_000) }),
                1_000,
            ),
        ),
        ("srchost", rtt(best_effort(0, FlowIsolation::Srchost), 10)),
        // `tc` takes a stated bandwidth for the last word: autorate is off again.
        (
            "autorate",
            Cake { rtt: Microseconds(10), target: Microseconds(1), ..best_effort(50_000, FlowIsolation::Flows) },
        ),
    ]
}

fn fq_codels() -> Vec<(&'static str, Expected)> {
    let options = FqCodel {
        limit: 1_000,
        flows: 256,
        quantum: 300,
        target: Microseconds(10_000),
        interval: Microseconds(200_000),
        ecn: false,
        ce_threshold: Some(Microseconds(5_000)),
        memory_limit: 4 << 20,
        drop_batch: 32,
    };
    let changed = FqCodel { limit: 2_000, target: Microseconds(20_000), ..FqCodel::default() };
    vec![
        ("fq_codel/default", leaf(Leaf::FqCodel(FqCodel::default()))),
        ("fq_codel/loaded", leaf(Leaf::FqCodel(FqCodel::default()))),
        ("fq_codel/change", leaf(Leaf::FqCodel(changed))),
        ("fq_codel/options", leaf(Leaf::FqCodel(options))),
        ("fq_codel/ce_threshold_selector", other("fq_codel")),
    ]
}

fn class(rate: u64, ceil: u64, bursts: (u32, u32)) -> Class {
    Class {
        parent: Handle::qdisc(1),
        rate: Rate::from_bit(rate),
        ceil: Rate::from_bit(ceil),
        burst: Ticks(bursts.0),
        cburst: Ticks(bursts.1),
        quantum: 1_514,
        priority: 0,
        overhead: 0,
        mpu: 0,
    }
}

/// A class of 10 Mbit/s with `tc`'s own burst of 1 600 bytes.
fn ten(ceil: u64, cburst: u32) -> Class {
    class(10_000_000, ceil, (20_000, cburst))
}

/// Buckets are the numbers `tc` sends: it computes in floating point, some ticks beside what Pleach would say.
fn classes() -> Vec<(&'static str, Class)> {
    let under = Handle::new(1, 0x10);
    let wide = Class { quantum: 3_028, priority: 7, ..class(10_000_000, 5_000_000_000, (204_796, 15_625)) };
    vec![
        ("rate-10mbit", ten(10_000_000, 20_000)),
        ("bursts", class(10_000_000, 20_000_000, (192_000, 102_390))),
        ("ceil", wide),
        ("change", class(11_000_000, 12_000_000, (18_171, 16_656))),
        ("overhead-and-mpu", Class { overhead: 24, mpu: 84, ..ten(20_000_000, 10_000) }),
        ("quantum-and-prio", Class { quantum: 60_000, priority: 3, ..ten(10_000_000, 20_000) }),
        ("rate-8bit", class(8, 8, (3_525_163_520, 3_525_163_520))),
        ("rate-100kbit", class(100_000, 100_000, (2_000_000, 2_000_000))),
        ("rate-5gbit", class(5_000_000_000, 5_000_000_000, (31, 31))),
        ("rate-40gbit", class(40_000_000_000, 40_000_000_000, (0, 0))),
        ("replace", ten(10_000_000, 20_000)),
        ("with-a-leaf", ten(10_000_000, 20_000)),
        ("under-a-class", Class { parent: under, ..class(5_000_000, 10_000_000, (40_000, 20_000)) }),
    ]
}

/// Every case that is a qdisc or a class, but for those whose numbers are only in their bytes.
pub(crate) fn expectations() -> Vec<(&'static str, Expected)> {
    let mut all = fq_codels();
    all.extend(cakes().into_iter().map(|(name, cake)| (joined("cake", name), leaf(Leaf::Cake(cake)))));
    all.extend(classes().into_iter().map(|(name, class)| (joined("htb-class", name), Expected::Class(class))));
    // The kernel's own 128 flows, one more than its own limit: it brings the two together only where it is told them.
    let sfq = Sfq { perturb_seconds: 0, flows: 128, ..Sfq::default() };
    all.extend([
        ("sfq/default", leaf(Leaf::Sfq(sfq))),
        ("sfq/options", other("sfq")), // drops from the head
        ("pfifo/default", leaf(Leaf::Pfifo(Pfifo { limit: 1_000 }))),
        ("pfifo/limit", leaf(Leaf::Pfifo(Pfifo { limit: 200 }))),
        ("bfifo/limit", other("bfifo")),
        ("mq/root", Expected::Qdisc(QdiscKind::Mq)),
        ("htb/default-0", Expected::Qdisc(QdiscKind::Htb)),
        ("htb/default-3", other("htb")),
        ("htb/options", other("htb")),
        ("htb/under-mq", other("htb")),
    ]);
    all
}

fn joined(object: &str, name: &str) -> &'static str {
    Box::leak(format!("{object}/{name}").into_boxed_str())
}
