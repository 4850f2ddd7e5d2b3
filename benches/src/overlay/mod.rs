//! The throughput of tunnels that `pleach overlay commit` makes, beside the same tunnels made by hand.
//!
//! Both are made anew for every run, on the same two hosts, in the order A B B A: what else the machine does meets both alike.
//! What counts is the ratio of a round's two halves.

mod bare;
pub mod commit;
mod hosts;

use anyhow::{Context, Result, ensure};

use hosts::{Hosts, Maker, Technology};

/// How far below the tunnel made by hand it may be, in hundredths.
const GOAL_PERCENT: f64 = 95.0;

/// Measures both technologies, and prints medians.
pub fn measure_throughput(rounds: usize, seconds: u32) -> Result<()> {
    ensure!(rounds > 0, "nothing to measure in no rounds");
    ensure!(crate::kernel::can_make_namespaces(), "network namespaces take root: run it as root, or with sudo");
    let hosts = Hosts::new()?;
    println!("{rounds} rounds A B B A of {seconds} s each, one TCP connection, frames of 1 450 + 14 bytes");
    for technology in [Technology::E2e, Technology::Multicast] {
        let mut ratios = Vec::new();
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            let mut round = [0.0; 2];
            for maker in [Maker::Pleach, Maker::Hand, Maker::Hand, Maker::Pleach] {
                let rate = run(&hosts, technology, maker, seconds)?;
                round[maker as usize] += rate;
                rates[maker as usize].push(rate);
            }
            ratios.push(round[Maker::Pleach as usize] / round[Maker::Hand as usize] * 100.0);
        }
        let [ours, by_hand] = rates.map(|mut rates| median(&mut rates) / 1e9);
        let middle = median(&mut ratios);
        let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
        let verdict = if middle >= GOAL_PERCENT { "met" } else { "MISSED" };
        println!(
            "{:<12} committed {ours:.2} Gbit/s, by hand {by_hand:.2} Gbit/s: {middle:.1} % ({least:.1} – {most:.1})  goal {GOAL_PERCENT} %: {verdict}",
            technology.word()
        );
    }
    Ok(())
}

/// Makes a tunnel, measures, and takes it away again: bit/s.
fn run(hosts: &Hosts, technology: Technology, maker: Maker, seconds: u32) -> Result<f64> {
    hosts.make(technology, maker)?;
    let rate = hosts.throughput(seconds);
    hosts.clear(maker)?;
    rate.with_context(|| format!("{} made by {maker:?}", technology.word()))
}

/// Sorts, and gives the middle one.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
