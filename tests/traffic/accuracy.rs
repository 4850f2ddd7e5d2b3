//! A plan's rate is what TCP gets, frames counted with their 14-byte header.

use std::time::Duration;

use crate::changes::started_alone;
use crate::measure::{ATTEMPTS, Window, mbit};
use crate::network::{Circuit, Network, Node};

const PLANS_MBIT: [u32; 3] = [10, 100, 500];
const WINDOW: Window = Window { warm_up: Duration::from_secs(2), measured: Duration::from_secs(10) };
/// How far from the plan it may be on a quiet machine: the goal, and what is hoped for until it is given up.
const GOAL: f64 = 0.01;
/// How far below it may stay on a busy one, where a timer that comes late costs a bucket's worth. Above it may never be.
const BUSY: f64 = 0.05;

#[test]
fn plans_are_what_tcp_gets() {
    let nodes = vec![Node { name: "Site", parent: "", mbit: 2_000, kind: "site" }];
    let circuits =
        (1..).zip(PLANS_MBIT).map(|(number, mbit)| Circuit { number, parent: "Site", mbit, sqm: "" }).collect();
    let network = Network { nodes, circuits, leaf: "pfifo", more: 0, shaper: String::new() };
    let Some(lab) = started_alone(4, &network) else { return };
    let mut best = [f64::INFINITY; PLANS_MBIT.len()];
    for _ in 0..ATTEMPTS {
        for ((found, plan), best) in mbit(&lab, &network, WINDOW).into_iter().zip(PLANS_MBIT).zip(&mut best) {
            let error = found / f64::from(plan) - 1.0;
            println!("plan {plan} Mbit/s: {found:.2} Mbit/s, {:+.2} %", error * 100.0);
            assert!(error <= GOAL, "plan {plan} Mbit/s is exceeded: {found:.2}");
            *best = best.min(error.abs());
        }
        if best.iter().all(|best| *best <= GOAL) {
            return;
        }
    }
    assert!(best.iter().all(|best| *best <= BUSY), "of {PLANS_MBIT:?} Mbit/s missed by {best:?}");
}
