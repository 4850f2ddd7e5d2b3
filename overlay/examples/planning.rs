//! How long it takes to say what one of 100 hosts needs of 1 000 virts, and what changed when one of them moved.
//!
//! `cargo run --release -p pleach-overlay --example planning`; the goal is under 50 ms.

use std::fmt::Write;
use std::time::{Duration, Instant};

use pleach_graph::Problems;
use pleach_overlay::links::{LinkState, diff, wanted};
use pleach_overlay::{Change, Connection, Host, Model, Origins, VirtKey, check, read};
use pleach_tc::MarkField;

const HOSTS: usize = 100;
const VIRTS: usize = 1_000;
const NETS: usize = 10;
const RUNS: usize = 7;

fn model(technology: &str) -> Model {
    let mut text = format!("[overlay.settings.default]\ntype = \"{technology}\"\n");
    for host in 0..HOSTS {
        let _ = writeln!(text, "[overlay.phys.h{host}]\nip = \"10.0.{host}.1\"\ninterface = \"eth0\"");
    }
    let physes: Vec<String> = (0..HOSTS).map(|host| format!("\"h{host}\"")).collect();
    for net in 0..NETS {
        let _ = writeln!(text, "[overlay.net.n{net}]\nid = {}\nattach = [{}]", net + 1, physes.join(", "));
    }
    for virt in 0..VIRTS {
        let (net, host) = (virt % NETS, virt / NETS % HOSTS);
        let _ = writeln!(
            text,
            "[overlay.net.n{net}.virt.v{virt}]\nphys = \"h{host}\"\ninterface = \"tap{virt}\"\nmac = \"02:00:00:00:{:02x}:{:02x}\"",
            virt >> 8,
            virt & 0xff
        );
    }
    read(&text, "planning.toml").expect("it is TOML").model
}

/// The median of some runs.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn state(model: &Model) -> LinkState {
    let (checked, problems) = check(model, &Origins::default(), Host::unknown(), Problems::default());
    let checked = checked.unwrap_or_else(|| panic!("{problems:#?}"));
    wanted(checked, &"h7".parse().expect("a name"), MarkField::NONE).expect("it states an interface")
}

fn main() {
    for technology in ["vxlan/static", "geneve", "vxlan/e2e", "geneve/e2e"] {
        let before = model(technology);
        let here = state(&before);
        let mut after = before.clone();
        let key = VirtKey { net: "n3".parse().expect("a name"), virt: "v3".parse().expect("a name") };
        let there =
            Connection { phys: "h50".parse().expect("a name"), interface: Some("tap3".parse().expect("a name")) };
        after.apply(Change::Connect(key, there)).expect("a move");
        let first = diff(&LinkState::default(), &here).operations.len();
        let moved = diff(&here, &state(&after)).operations.len();
        let check_and_state = median(|| _ = state(&before));
        let plan = median(|| _ = diff(&LinkState::default(), &here));
        println!(
            "{technology:12}  check and state {check_and_state:>9.1?}  diff {plan:>9.1?}  {first:>5} operations, {moved} when a virt moved elsewhere"
        );
    }
}
