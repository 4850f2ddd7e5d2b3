//! The script of a plan, run by real `tc` in a network namespace of its own, on what this kernel has: mq, HTB, pfifo.

use std::fmt::Write;
use std::process::Command;

use pleach_graph::Rate;
use pleach_shaper::render;
use pleach_tc::{
    Class, Handle, InterfaceState, KernelState, Leaf, Pfifo, Qdisc, QdiscKind, Root, TakeOver, Ticks, diff, layout,
};

fn state(limit: u32, mbit: u64) -> KernelState {
    let mut state = InterfaceState { queues: 2, root: Root::Ours, has_clsact: true, ..InterfaceState::default() };
    state.qdiscs.insert(Handle::qdisc(layout::ROOT_MAJOR), Qdisc { parent: Handle::ROOT, kind: QdiscKind::Mq });
    for queue in 0..2 {
        let htb = layout::htb(queue).expect("an HTB");
        state.qdiscs.insert(htb, Qdisc { parent: layout::htb_parent(queue, 2), kind: QdiscKind::Htb });
        let (link, circuit) = (Handle::new(htb.major(), 1), Handle::new(htb.major(), 16));
        let class = |parent, rate: Rate| {
            let burst = Ticks::of_bytes(16_000, rate);
            Class { parent, rate, ceil: rate, burst, cburst: burst, quantum: 1_522, priority: 3, overhead: 0, mpu: 0 }
        };
        state.classes.insert(link, class(htb, Rate::from_gbit(1)));
        state.classes.insert(circuit, class(link, Rate::from_mbit(mbit)));
        let leaf = QdiscKind::Leaf(Leaf::Pfifo(Pfifo { limit }));
        let major = layout::leaf_majors().nth(queue.into()).expect("there are many");
        state.qdiscs.insert(Handle::qdisc(major), Qdisc { parent: circuit, kind: leaf });
    }
    let eth0 = "eth0".parse().expect("a name");
    KernelState { interfaces: [(eth0, state)].into(), classifier: None }
}

fn script(desired: &KernelState, observed: &KernelState) -> String {
    let plan = diff(desired, observed, TakeOver::No).expect("nothing foreign");
    let mut text = String::new();
    render::script(&plan, "classifier.o", &mut text).expect("memory takes it");
    text
}

#[test]
fn real_tc_takes_the_script() {
    let has_rights = Command::new("unshare").args(["--net", "true"]).status().is_ok_and(|status| status.success());
    if !has_rights || Command::new("tc").arg("-V").output().is_err() {
        eprintln!("skipped: needs root for a network namespace, and tc");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (nothing, first, second) = (nothing(), state(10, 20), state(30, 50));
    let scripts = [script(&first, &nothing), script(&second, &first), script(&nothing, &second)];
    let mut run =
        String::from("set -eu; ip link add eth0 numtxqueues 2 type veth peer name eth1; ip link set eth0 up\n");
    for (at, text) in scripts.iter().enumerate() {
        let path = folder.path().join(format!("{at}.sh"));
        std::fs::write(&path, text).expect("it is written");
        let shown = "tc qdisc show dev eth0; tc class show dev eth0";
        writeln!(run, "echo step {at}; bash {}; {shown}", path.display()).expect("memory takes it");
    }
    let output = Command::new("unshare").args(["--net", "bash", "-c", &run]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}\n{text}\n{}", String::from_utf8_lossy(&output.stderr), scripts[1]);
    let steps: Vec<&str> = text.split("step ").skip(1).collect();
    let htb = layout::htb(1).expect("an HTB").major();
    let circuit = format!("class htb {htb:x}:10 parent {htb:x}:1 ");
    for (step, rate, limit) in [(0, "20Mbit", "limit 10p"), (1, "50Mbit", "limit 30p")] {
        let line = steps[step].lines().find(|line| line.starts_with(&circuit)).expect("the class is there");
        let expected = format!("prio 3 rate {rate} ceil {rate} burst 16000b cburst 16000b");
        assert!(line.contains(&expected), "{line}");
        assert!(steps[step].contains(limit) && steps[step].contains("qdisc clsact"), "{}", steps[step]);
        assert!(steps[step].contains("qdisc mq ace5: root"), "{}", steps[step]);
    }
    assert!(!steps[2].contains("htb") && !steps[2].contains("clsact"), "{}", steps[2]);
}

fn nothing() -> KernelState {
    let eth0 = "eth0".parse().expect("a name");
    KernelState {
        interfaces: [(eth0, InterfaceState { queues: 2, ..InterfaceState::default() })].into(),
        classifier: None,
    }
}
