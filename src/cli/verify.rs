//! `pleach verify`: whether the kernel holds what it should.

use std::io::Write;

use clap::Args;
use pleach_tc::compare;
use serde::Serialize;

use super::change::open_kernel;
use super::shaping::Shaped;
use crate::colour::Colour;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::report;
use crate::shaping::flows::{Unshaped, unshaped};

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

#[derive(Serialize)]
struct Report {
    differences: Vec<DifferenceFacts>,
    unshaped: Vec<Unshaped>,
}

#[derive(Serialize)]
struct DifferenceFacts {
    path: String,
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
        let found = compare(&planned.state, &observed);
        let facts = |difference: pleach_tc::Difference| DifferenceFacts {
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
    for difference in &report.differences {
        let (desired, found) = (&difference.desired, &difference.found);
        writeln!(out, "{}", difference.path)?;
        writeln!(out, "  should be  {}", desired.clone().unwrap_or_else(nothing))?;
        writeln!(out, "  is         {}", found.clone().unwrap_or_else(nothing))?;
    }
    match report.differences.len() {
        0 => writeln!(out, "the kernel holds what it should")?,
        count => writeln!(out, "{}; `pleach apply` puts that right", report::count(count, "difference"))?,
    }
    Ok(())
}
