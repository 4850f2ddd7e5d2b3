//! Every kind of leaf with every option, given to the real `tc` on a kernel that has them all.

use std::fs;

use pleach_graph::Rate;
use pleach_shaper::Subjects;
use pleach_shaper::render::script;
use pleach_tc::{
    AckFilter, Cake, Class, Diffserv, FlowIsolation, FqCodel, Handle, Leaf, LinkLayer, Microseconds, Operation, Pfifo,
    Phase, Plan, Qdisc, QdiscKind, Sfq, SplitGso, Ticks, layout,
};

use crate::network::interface;
use crate::script::in_namespace;

/// Leaves, and what `tc qdisc show` says of them behind handle and parent.
fn leaves() -> Vec<(Leaf, &'static str)> {
    let cake = |cake| Leaf::Cake(cake);
    let millisecond = Microseconds(1_000);
    vec![
        (
            cake(Cake::default()),
            "bandwidth unlimited diffserv4 triple-isolate nonat nowash no-ack-filter split-gso rtt 100ms raw overhead 0",
        ),
        (
            cake(Cake {
                bandwidth: Some(Rate::from_mbit(20)),
                diffserv: Diffserv::Diffserv8,
                flow_isolation: FlowIsolation::DualDsthost,
                nat: true,
                wash: true,
                ingress: true,
                autorate_ingress: false,
                ack_filter: AckFilter::Aggressive,
                split_gso: SplitGso::Keep,
                rtt: Microseconds(20_000),
                target: millisecond,
                overhead: -4,
                mpu: 84,
                link_layer: LinkLayer::Ptm,
                raw: false,
                memory_limit: 32 << 20,
                fwmark: 0xff,
            }),
            "bandwidth 20Mbit diffserv8 dual-dsthost nat wash ingress ack-filter-aggressive no-split-gso rtt 20ms ptm \
             overhead -4 mpu 84 memlimit 32Mb fwmark 0xff",
        ),
        (
            cake(Cake {
                bandwidth: Some(Rate::from_mbit(8)),
                diffserv: Diffserv::Precedence,
                flow_isolation: FlowIsolation::Flowblind,
                autorate_ingress: true,
                ack_filter: AckFilter::On,
                rtt: Microseconds(20),
                target: Microseconds(1),
                overhead: 48,
                link_layer: LinkLayer::Atm,
                raw: false,
                ..Cake::default()
            }),
            "bandwidth 8Mbit autorate-ingress precedence flowblind nonat nowash ack-filter split-gso rtt 20us atm overhead 48",
        ),
        (
            Leaf::FqCodel(FqCodel::default()),
            "limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 32Mb ecn drop_batch 64",
        ),
        (
            Leaf::FqCodel(FqCodel {
                limit: 500,
                flows: 64,
                quantum: 300,
                target: Microseconds(10_240),
                interval: Microseconds(204_800),
                ecn: false,
                ce_threshold: Some(Microseconds(2_048)),
                memory_limit: 4 << 20,
                drop_batch: 8,
            }),
            "limit 500p flows 64 quantum 300 target 10.2ms ce_threshold 2.05ms interval 205ms memory_limit 4Mb drop_batch 8",
        ),
        (Leaf::Sfq(Sfq::default()), "limit 127p quantum 1514b depth 127 divisor 1024 perturb 10sec"),
        (
            Leaf::Sfq(Sfq { limit: 100, quantum: 3_028, perturb_seconds: 0, flows: 64, divisor: 256, depth: 90 }),
            "limit 100p quantum 3028b depth 90 divisor 256",
        ),
        (Leaf::Pfifo(Pfifo { limit: 7 }), "limit 7p"),
    ]
}

#[test]
fn every_option_is_taken() {
    let (eth0, htb) = (interface("eth0"), layout::htb(0).expect("an HTB"));
    let rate = Rate::from_mbit(100);
    let burst = Ticks::of_bytes(16_000, rate);
    let class = Class {
        parent: htb,
        rate,
        ceil: rate,
        burst,
        cburst: burst,
        quantum: 1_522,
        priority: 3,
        overhead: 24,
        mpu: 64,
    };
    let qdisc = |parent, kind| Qdisc { parent, kind };
    let (root, kind) = (Handle::ROOT, QdiscKind::Htb);
    let mut operations = vec![Operation::AddQdisc { interface: eth0.clone(), handle: htb, qdisc: qdisc(root, kind) }];
    let mut changes = Vec::new();
    for ((leaf, _), major) in leaves().into_iter().zip(layout::leaf_majors()) {
        let handle = Handle::new(htb.major(), 16 + major);
        let qdisc = qdisc(handle, QdiscKind::Leaf(leaf));
        operations.push(Operation::AddClass { interface: eth0.clone(), handle, class });
        let handle = Handle::qdisc(major);
        operations.push(Operation::AddQdisc { interface: eth0.clone(), handle, qdisc: qdisc.clone() });
        // An sfq cannot be changed.
        if !matches!(qdisc.kind, QdiscKind::Leaf(Leaf::Sfq(_))) {
            changes.push(Operation::ChangeQdisc { interface: eth0.clone(), handle, qdisc });
        }
    }
    let phases = vec![Phase::Operations(operations), Phase::Operations(changes)];
    let plan = Plan { phases, ..Plan::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let script = script(&plan, &pleach_tc::KernelState::default(), &Subjects::default());
    fs::write(folder.path().join("script"), script).expect("written");
    let commands = "if tc qdisc add dev eth1 root cake && tc qdisc replace dev eth1 root fq_codel &&
            tc qdisc replace dev eth1 root sfq; then bash script; tc qdisc show dev eth0; else echo without; fi 2>&1";
    let Some(text) = in_namespace(commands, folder.path()) else { return };
    if text.lines().any(|line| line == "without") {
        assert!(std::env::var_os("PLEACH_FULL_KERNEL").is_none(), "this kernel should have cake, fq_codel and sfq");
        return println!("skipped: this kernel has no cake, fq_codel or sfq; tests/vm has one that does");
    }
    for ((leaf, expected), major) in leaves().into_iter().zip(layout::leaf_majors()) {
        let parent = Handle::new(htb.major(), 16 + major);
        let start = format!("qdisc {} {} parent {parent} ", leaf.kind(), Handle::qdisc(major));
        let line = text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_else(|| panic!("{start}: {text}"));
        assert_eq!(line.trim(), expected, "{start}");
    }
}
