//! An apply that is killed at any step, under traffic: nothing is lost, and the next one finishes the work.

use std::process::Command;

use pleach_tc::Direction;

use crate::changes::started;
use crate::lab::{Host, Lab, Run, binary};
use crate::network::Network;
use crate::stream::{Stream, finish};

/// What an apply writes with: netlink, BPF, and its own files. Kinds are counted apart, as strace counts.
const CALLS: [&str; 4] = ["sendto", "bpf", "fsync", "rename"];

/// Runs `pleach apply` and kills it as it enters its `step`-th call of a kind, counted from 1. None where there are fewer.
fn killed_at(lab: &Lab, call: &str, step: u32) -> Option<Run> {
    let output = lab
        .on(Host::Shaper, "strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={step}")])
        .args([&binary(), "apply"])
        .output()
        .expect("strace runs");
    let run = Run::new("pleach apply, killed", &output);
    (run.code != Some(0)).then_some(run)
}

fn has_strace() -> bool {
    let has = Command::new("strace").arg("-V").output().is_ok();
    if !has {
        assert!(std::env::var_os("CI").is_none(), "strace is missing");
        eprintln!("skipped: there is no strace to kill at a chosen step with");
    }
    has
}

/// Kills an apply of `to` at every step, finishes it, and goes back by `back`. Returns how many steps there were.
fn at_every_step(lab: &Lab, to: &Network, stride: usize, back: impl Fn()) -> u32 {
    let mut steps = 0;
    for call in CALLS {
        for step in (1..).step_by(stride) {
            to.write(lab);
            if killed_at(lab, call, step).is_none() {
                back();
                break;
            }
            lab.pleach(&["apply"]).returned(0);
            lab.pleach(&["verify"]).returned(0);
            back();
            steps += 1;
        }
    }
    println!("killed at {steps} calls to the kernel");
    assert!(steps >= 5, "only {steps} steps were found");
    steps
}

#[test]
fn an_apply_killed_at_every_step_loses_nothing() {
    let from = Network::small();
    let mut to = from.clone();
    to.circuit(1).parent = "AP South";
    to.circuit(2).mbit = 30;
    if !has_strace() {
        return;
    }
    let Some(lab) = started(4, &from) else { return };
    let streams =
        [1, 2, 8].map(|number| Stream::start(&lab, from.clone().circuit(number).address(), Direction::Download));
    at_every_step(&lab, &to, 1, || {
        from.write(&lab);
        lab.pleach(&["apply"]).returned(0);
    });
    for (number, outcome) in [1, 2, 8].into_iter().zip(finish(streams)) {
        outcome.assert_whole(&format!("killed at every step, c{number}"));
    }
}

/// Queues are made and removed here, and what waits in them goes; but traffic passes, and half a first apply is taken up.
#[test]
fn a_first_apply_killed_at_any_step_passes_traffic() {
    const STRIDE: usize = 3;
    if !has_strace() {
        return;
    }
    let network = Network::small();
    let Some(lab) = started(4, &network) else { return };
    lab.pleach(&["stop"]).returned(0);
    let stream = Stream::start(&lab, network.circuits[0].address(), Direction::Download);
    at_every_step(&lab, &network, STRIDE, || {
        lab.pleach(&["stop"]).returned(0);
    });
    let outcome = stream.finish();
    println!("first apply killed at many steps: {outcome}");
    assert!(outcome.lost * 20 < outcome.sent, "a black hole: {outcome}");
}
