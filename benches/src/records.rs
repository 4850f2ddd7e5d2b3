//! Whole syncs of records in a file: each a process of its own, from its start to both files on disk.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::lab::{Lab, report};
use crate::network::{CustomerParent, Network};
use crate::sync::run_sync;

/// What a sync of 100 000 circuits may take.
const GOAL: Duration = Duration::from_millis(500);
const GOAL_CIRCUITS: usize = 100_000;

/// Measures syncs, and prints medians.
pub fn measure_records(circuits: usize, runs: usize) -> Result<()> {
    let lab = Lab::new("[records]\n[[records.input]]\nfile = \"network.jsonl\"")?;
    let path = lab.folder().join("network.jsonl");
    write_records(&Network::generate(circuits), &path)?;
    let bytes = std::fs::metadata(&path)?.len();
    let [mut first, mut unchanged, mut replay] = [const { Vec::new() }; 3];
    for _ in 0..runs {
        lab.reset()?;
        first.push(run_sync(&lab.folder(), &[])?);
        unchanged.push(run_sync(&lab.folder(), &[])?);
        let snapshot = lab.kept_snapshot()?;
        lab.reset()?;
        replay.push(run_sync(&lab.folder(), &["--from-snapshot", &snapshot])?);
    }
    println!("{circuits} circuits as JSON lines, {} MiB, {runs} runs each", bytes >> 20);
    report("file to both files", first, (circuits == GOAL_CIRCUITS).then_some(GOAL));
    report("the same file again", unchanged, None);
    report("replay into an empty state folder", replay, None);
    Ok(())
}

/// A record a node and a circuit, whose device stands in it.
fn write_records(network: &Network, path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "{{\"pleach\": 1}}")?;
    for (number, site) in network.sites().enumerate() {
        let parent = site.parent.map_or_else(String::new, |parent| format!("s{parent}"));
        writeln!(
            out,
            "{{\"record\":\"node\",\"id\":\"s{number}\",\"name\":\"{}\",\"parent\":\"{parent}\",\"down\":\"{}M\",\"up\":\"{}M\"}}",
            site.name, site.mbit.0, site.mbit.1
        )?;
    }
    for (number, ap) in network.access_points().enumerate() {
        writeln!(
            out,
            "{{\"record\":\"node\",\"id\":\"a{number}\",\"name\":\"{}\",\"kind\":\"access point\",\"parent\":\"s{}\",\"down\":\"{}M\",\"up\":\"{}M\"}}",
            ap.name, ap.site, ap.mbit.0, ap.mbit.1
        )?;
    }
    for customer in network.customers() {
        let mut parent = customer.parent;
        let ap = loop {
            match parent {
                CustomerParent::AccessPoint(ap) => break ap,
                CustomerParent::Relay(relay) => parent = network.customer(relay).parent,
            }
        };
        let v6 = customer.address.v6.map_or_else(String::new, |v6| format!(",\"{v6}/56\""));
        writeln!(
            out,
            "{{\"record\":\"circuit\",\"id\":\"{}\",\"name\":\"{}\",\"parent\":\"a{ap}\",\"down\":\"{}M\",\"up\":\"{}M\",\
             \"mac\":\"{}\",\"addresses\":[\"{}\"{v6}]}}",
            customer.id, customer.name, customer.plan.down, customer.plan.up, customer.mac, customer.address.v4
        )?;
    }
    Ok(out.flush()?)
}
