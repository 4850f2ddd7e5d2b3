//! A plan's rate is what TCP gets, frames counted with their 14-byte header.

use std::time::Duration;

use crate::changes::started_alone;
use crate::measure::{ATTEMPTS, Window, mbit};
use crate::network::{Circuit, Network, Node};

const PLANS_MBIT: [u32; 3] = [10, 100, 500];
const WINDOW: Window = Window { warm_up: Duration::from_secs(2), measured: Duration::from_secs(10) };
/// How far from the plan it may be.
const TOLERANCE: f64 = 0.01;

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
            .take_while(|error| error.abs() > TOLERANCE)
            .collect();
        assert!(errors.len() < ATTEMPTS, "plan {plan} Mbit/s: {errors:?}");
    }
}
