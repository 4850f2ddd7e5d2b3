//! `pleach overlay validate`: every problem of a model, and the MTU of each net.

use std::io::Write;

use clap::Args;
use pleach_overlay::{Host, Reading};
use serde::Serialize;

use super::source::{Read, Source, checked};
use crate::exit::{Exit, Failure, HELP};
use crate::report;

/// Check a model, report every problem, and say the largest MTU of each net
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Validate {
    #[command(flatten)]
    source: Source,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    problems: &'a [pleach_graph::Problem],
    mtus: Vec<NetMtu<'a>>,
}

/// The largest MTU of a net at a phys; nothing where the underlay's is not stated.
#[derive(Serialize)]
struct NetMtu<'a> {
    net: &'a str,
    phys: &'a str,
    mtu: Option<u16>,
}

impl Validate {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let Read { reading, .. } = self.source.read()?;
        let (checked, problems) = checked(&reading, Host::unknown());
        let mtus = mtus(&reading);
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &Report { problems: &problems, mtus })?;
            writeln!(out)?;
        } else {
            report::write_problems(out, &problems)?;
            if !problems.is_empty() {
                writeln!(out)?;
            }
            for NetMtu { net, phys, mtu } in &mtus {
                match mtu {
                    Some(mtu) => writeln!(out, "net {net} at phys {phys}: MTU up to {mtu}")?,
                    None => writeln!(out, "net {net} at phys {phys}: MTU unknown, since the underlay's is not stated")?,
                }
            }
            let model = &reading.model;
            let counts = [(model.nets().len(), "net"), (model.physes().len(), "phys"), (model.virts().count(), "virt")];
            writeln!(out, "{}", counts.map(|(count, what)| report::count(count, what)).join(", "))?;
            report::write_totals(out, &problems)?;
        }
        Ok(if checked.is_some() { Exit::Done } else { Exit::Failed })
    }
}

fn mtus(reading: &Reading) -> Vec<NetMtu<'_>> {
    let model = &reading.model;
    let at_physes = model.nets().iter().flat_map(|(net_name, net)| {
        model.attached(net).map(move |(phys_name, phys)| NetMtu {
            net: net_name.as_str(),
            phys: phys_name.as_str(),
            mtu: model.recommended_mtu(net, phys).map(pleach_overlay::Mtu::get),
        })
    });
    at_physes.collect()
}
