//! Ceilings hold, and what is full is shared as configured: a site of 40 Mbit/s, three access points of 30.

use std::time::Duration;

use crate::changes::started_alone;
use crate::measure::{ATTEMPTS, Window, mbit};
use crate::network::{Circuit, Network, Node};

/// Access points and how many circuits each has.
const CIRCUITS: [(&str, u8); 3] = [("AP 1", 1), ("AP 2", 2), ("AP 3", 4)];
const SITE_MBIT: u32 = 40;
const WINDOW: Window = Window { warm_up: Duration::from_secs(2), measured: Duration::from_secs(8) };

fn site(share: &str) -> Network {
    let node = |name, parent, mbit, kind| Node { name, parent, mbit, kind };
    let mut nodes = vec![node("Site", "", SITE_MBIT, "site")];
    let mut circuits = Vec::new();
    for (name, count) in CIRCUITS {
        nodes.push(node(name, "Site", 30, "ap"));
        for _ in 0..count {
            let number = u8::try_from(circuits.len() + 1).expect("few");
            circuits.push(Circuit { number, parent: name, mbit: 30, sqm: "" });
        }
    }
    Network { nodes, circuits, leaf: "pfifo", more: 0, shaper: format!("share = \"{share}\"") }
}

/// Measures until `fits`, a few times.
fn holds(share: &str, fits: impl Fn(&[f64]) -> Result<(), String>) {
    let network = site(share);
    let Some(lab) = started_alone(4, &network) else { return };
    let mut told = String::new();
    for _ in 0..ATTEMPTS {
        let rates = mbit(&lab, &network, WINDOW);
        println!("share = {share}: {rates:.2?} Mbit/s, {:.2} in all", rates.iter().sum::<f64>());
        match fits(&rates) {
            Ok(()) => return,
            Err(why) => told = why,
        }
    }
    panic!("share = {share}: {told}");
}

fn within(what: &str, found: f64, wanted: f64, share: f64) -> Result<(), String> {
    let fits = (found - wanted).abs() <= wanted * share;
    if fits { Ok(()) } else { Err(format!("{what} has {found:.2} Mbit/s instead of {wanted:.2}")) }
}

fn site_holds(rates: &[f64]) -> Result<f64, String> {
    let all: f64 = rates.iter().sum();
    within("the site", all, f64::from(SITE_MBIT), 0.02).map(|()| all)
}

#[test]
fn subscribers_share_a_full_site() {
    holds("subscriber", |rates| {
        let all = site_holds(rates)?;
        rates.iter().try_for_each(|&rate| within("a circuit", rate, all / 7.0, 0.1))
    });
}

#[test]
fn nodes_share_a_full_site() {
    holds("node", |rates| {
        let all = site_holds(rates)?;
        let access_points = [rates[0], rates[1..3].iter().sum(), rates[3..].iter().sum()];
        access_points.iter().try_for_each(|&rate| within("an access point", rate, all / 3.0, 0.1))
    });
}
