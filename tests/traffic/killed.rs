//! An apply that is killed at any step, under traffic: nothing is lost, and the next one finishes the work.

use std::process::Command;

use pleach_tc::Direction;

use crate::changes::started;
use crate::lab::{Host, Lab, Run, binary};
use crate::network::Network;
use crate::stream::Stream;

/// Runs `pleach apply` and kills it as it enters its `step`-th write to the kernel, counted from 1. None where there are
/// fewer steps.
fn killed_at(lab: &Lab, step: u32) -> Option<Run> {
    let calls = "sendto,sendmsg,bpf";
    let output = lab
        .on(Host::Shaper, "strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")])
        .args(["-e", &format!("inject={calls}:signal=SIGKILL:when={step}")])
        .args([&binary(), "apply"])
        .output()
        .expect("strace runs");
    let run = Run::new("pleach apply, killed", &output);
    (run.code != Some(0)).then_some(run)
}

#[test]
fn an_apply_killed_at_every_step_loses_nothing() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is missing");
        eprintln!("skipped: there is no strace to kill at a chosen step with");
        return;
    }
    let from = Network::small();
    let mut to = from.clone();
    to.circuit(1).parent = "AP South";
    to.circuit(2).mbit = 30;
    let Some(lab) = started(4, &from) else { return };
    let addresses = [1, 2, 8].map(|number| from.clone().circuit(number).address());
    let streams = addresses.map(|address| Stream::start(&lab, address, Direction::Download));
    let mut steps = 0;
    for step in 1.. {
        to.write(&lab);
        let Some(_) = killed_at(&lab, step) else { break };
        lab.pleach(&["apply"]).returned(0);
        lab.pleach(&["verify"]).returned(0);
        from.write(&lab);
        lab.pleach(&["apply"]).returned(0);
        steps = step;
    }
    println!("killed at each of {steps} calls to the kernel");
    assert!(steps >= 5, "only {steps} steps were found");
    for (address, stream) in addresses.iter().zip(streams) {
        stream.finish().assert_whole(&format!("killed at every step, {address}"));
    }
}
