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
    for plan in PLANS_MBIT {
        let nodes = vec![Node { name: "Site", parent: "", mbit: 2_000, kind: "site" }];
        let circuits = vec![Circuit { number: 1, parent: "Site", mbit: plan, sqm: "" }];
        let network = Network { nodes, circuits, leaf: "pfifo", more: 0, shaper: String::new() };
        let Some(lab) = started_alone(4, &network) else { return };
        let errors: Vec<f64> = (0..ATTEMPTS)
            .map(|_| {
                let found = mbit(&lab, &network, WINDOW)[0];
                let error = found / f64::from(plan) - 1.0;
                println!("plan {plan} Mbit/s: {found:.2} Mbit/s, {:+.2} %", error * 100.0);
                error
            })
            .take_while(|error| error.abs() > GOAL)
            .collect();
        let is_met = errors.len() < ATTEMPTS;
        let best = errors.iter().map(|error| error.abs()).fold(f64::INFINITY, f64::min);
        assert!(errors.iter().all(|error| *error <= GOAL), "plan {plan} Mbit/s is exceeded: {errors:?}");
        assert!(is_met || best <= BUSY, "plan {plan} Mbit/s: {errors:?}");
    }
}
