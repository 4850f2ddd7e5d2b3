//! `pleach verify`: whether the kernel holds what it should.

use std::io::Write;

use clap::Args;
use pleach_tc::compare;
use serde::Serialize;

use super::change::{open_kernel, say_pending};
use super::shaping::Shaped;
use crate::colour::Colour;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::report;
use crate::shaping::flows::{Unshaped, unshaped};
use crate::shaping::owner::owner;

/// Compare what the kernel holds with what it should hold
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Verify {
    #[command(flatten)]
    shaped: Shaped,
    /// Print the differences as JSON
    #[arg(long)]
    json: bool,
}

/// How many differences are shown before the rest is counted.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct Report {
    differences: Vec<DifferenceFacts>,
    unshaped: Vec<Unshaped>,
}

#[derive(Serialize)]
struct DifferenceFacts {
    path: String,
    /// Whose class it is about.
    owner: Option<String>,
    desired: Option<String>,
    found: Option<String>,
}

impl Verify {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let wanted = self.shaped.load(&progress)?;
        let mut kernel = open_kernel()?;
        progress.stage("comparing with the kernel");
        let (planned, observed) = wanted.compare(&mut kernel)?;
        drop(progress);
        say_pending(&wanted.chosen.folder);
        let found = compare(&planned.state, &observed);
        let facts = |difference: pleach_tc::Difference| DifferenceFacts {
            owner: owner(&difference, &[&planned.subjects]),
            path: difference.path,
            desired: difference.desired,
            found: difference.found,
        };
        let report = Report { differences: found.into_iter().map(facts).collect(), unshaped: unshaped(&observed) };
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
        } else {
            write(out, &report)?;
        }
        Ok(if report.differences.is_empty() { Exit::Done } else { Exit::Differences })
    }
}

fn write(out: &mut dyn Write, report: &Report) -> Result<(), Failure> {
    for unshaped in &report.unshaped {
        Colour::of_stdout().red_line(out, &format!("NOT SHAPED: {}: {}", unshaped.interface, unshaped.why))?;
    }
    let nothing = || "nothing".to_owned();
    for DifferenceFacts { path, owner, desired, found } in report.differences.iter().take(SHOWN) {
        match owner {
            Some(owner) => writeln!(out, "{path}  {owner}")?,
            None => writeln!(out, "{path}")?,
        }
        writeln!(out, "  should be  {}", desired.clone().unwrap_or_else(nothing))?;
        writeln!(out, "  is         {}", found.clone().unwrap_or_else(nothing))?;
    }
    if report.differences.len() > SHOWN {
        writeln!(out, "… and {} more; `--json` lists them all", report::number(report.differences.len() - SHOWN))?;
    }
    match report.differences.len() {
        0 => writeln!(out, "the kernel holds what it should")?,
        count => writeln!(out, "{}; `pleach apply` puts that right", report::count(count, "difference"))?,
    }
    Ok(())
}
