//! `pleach show`: what flows now, and whether we are really shaping.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Args;
use pleach_graph::suggest;
use pleach_kernel::{Kernel, Linux};
use pleach_tc::Interface;

use super::change::{open_kernel, say_pending};
use super::shaping::Shaped;
use crate::colour::Colour;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::shaping::decide::interfaces;
use crate::shaping::flow_table::{write_details, write_nodes};
use crate::shaping::flows::{Flows, Row, Sample, flows};

/// Show what flows through each node now, the fullest first, and whether anything passes unshaped
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Show {
    /// Name or id of a node, or a Circuit ID: details of that one
    subject: Option<String>,
    #[command(flatten)]
    shaped: Shaped,
    /// Go on, once a second, until interrupted
    #[arg(long)]
    watch: bool,
    /// Print the facts as JSON; with --watch one line a second
    #[arg(long)]
    json: bool,
}

/// The time between two samples.
const INTERVAL: Duration = Duration::from_secs(1);

impl Show {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let wanted = self.shaped.load(&progress)?;
        let mut kernel = open_kernel()?;
        let interfaces = interfaces(&wanted.chosen.settings.ports);
        let (planned, observed) = wanted.compare(&mut kernel)?;
        drop(progress);
        say_pending(&wanted.chosen.folder);
        let began = Instant::now();
        let whose = |interface: &_, class| planned.subjects.get(interface, class);
        let mut before = sample(&mut kernel, &interfaces, began)?;
        if self.watch && !self.json {
            // Something to look at while the first second passes: ceilings, drops, what waits. Rates need two samples.
            self.write(out, &flows(&observed, &whose, None, &before))?;
            out.flush()?;
        }
        loop {
            kernel.wait(INTERVAL);
            let now = sample(&mut kernel, &interfaces, began)?;
            let state = kernel.observe(&interfaces)?;
            self.write(out, &flows(&state, &whose, Some(&before), &now))?;
            out.flush()?;
            if !self.watch {
                return Ok(Exit::Done);
            }
            before = now;
        }
    }

    fn write(&self, out: &mut dyn Write, flows: &Flows) -> Result<(), Failure> {
        let rows = self.subject.as_deref().map(|subject| find(flows, subject)).transpose()?;
        match (&rows, self.json) {
            (None, true) => write_json(out, flows, self.watch)?,
            (Some(rows), true) => write_json(out, rows, self.watch)?,
            (None, false) => write_nodes(out, flows, Colour::of_stdout())?,
            (Some(rows), false) => write_details(out, flows, rows, Colour::of_stdout())?,
        }
        if self.watch && !self.json {
            writeln!(out)?;
        }
        Ok(())
    }
}

fn write_json<T: serde::Serialize>(out: &mut dyn Write, facts: &T, is_line: bool) -> Result<(), Failure> {
    if is_line {
        serde_json::to_writer(&mut *out, facts)?;
    } else {
        serde_json::to_writer_pretty(&mut *out, facts)?;
    }
    Ok(writeln!(out)?)
}

fn sample(kernel: &mut Linux, interfaces: &[Interface], began: Instant) -> Result<Sample, Failure> {
    let statistics = kernel.statistics(interfaces)?;
    Ok(Sample { statistics, at: began.elapsed() })
}

/// The rows of this name or id.
fn find<'f>(flows: &'f Flows, subject: &str) -> Result<Vec<&'f Row>, Failure> {
    let all = || flows.nodes.iter().chain(&flows.circuits);
    let found: Vec<&Row> = all().filter(|row| row.id == subject || row.name == subject).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let near = suggest::nearest(subject, all().flat_map(|row| [row.name.as_str(), row.id.as_str()]));
    let failure = Failure::usage(anyhow!("no node or circuit `{subject}` has a class"));
    Err(if near.is_empty() { failure } else { failure.hint(format!("did you mean {}?", suggest::list(&near))) })
}
