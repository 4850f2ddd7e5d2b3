//! `pleach status`: how syncs are going.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::inputs::read_config;
use crate::colour::Colour;
use crate::config::Config;
use crate::exit::{Exit, Failure, HELP};
use crate::generations::Store;
use crate::report;
use crate::sources;
use crate::sync::{Delivery, Pin, Refusal, Report, Running, Status as Remembered, Step, in_words};

/// Show how syncs are going: the last run, how fresh each source is, refusals, the current generation
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Status {
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the facts as JSON
    #[arg(long)]
    json: bool,
}

/// How syncs are going.
#[derive(Serialize)]
struct Facts {
    generation: Option<u64>,
    /// The run that is in progress.
    running: Option<Running>,
    /// The last one that was begun, if it was killed; the next one writes that into the history.
    killed: Option<Running>,
    pinned: Option<Pin>,
    delivery: Option<Delivery>,
    last_run: Option<Report>,
    last_success: Option<Timestamp>,
    sources: Vec<SourceFacts>,
    refusals: Vec<Refusal>,
}

/// How fresh a source is.
#[derive(Serialize)]
struct SourceFacts {
    name: String,
    last_success: Option<Timestamp>,
    age_seconds: Option<i64>,
    is_stale: bool,
}

impl Status {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let config = read_config(self.config.as_deref())?;
        let now = Timestamp::now();
        let facts = facts(&config, now)?;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &facts)?;
            writeln!(out)?;
        } else {
            write(out, &facts, now, Colour::of_stdout())?;
        }
        Ok(Exit::Done)
    }
}

fn facts(config: &Config, now: Timestamp) -> Result<Facts, Failure> {
    let state = &config.state;
    let status = Remembered::read(state)?;
    let generation = Store::at(state).current()?;
    let (running, killed) = Running::or_killed(state)?;
    let source = |name: String| {
        let last_success = status.sources.get(&name).map(|source| source.last_success);
        let age = last_success.map(|last| now.duration_since(last));
        SourceFacts {
            name,
            last_success,
            age_seconds: age.map(|age| age.as_secs()),
            is_stale: age.is_none_or(|age| age > config.sync.interval * 2),
        }
    };
    Ok(Facts {
        generation,
        running,
        killed,
        pinned: Pin::read(state)?,
        delivery: generation.map(|number| Delivery::of(state, number)).transpose()?,
        sources: sources::names(config).into_iter().map(source).collect(),
        refusals: Refusal::all(state)?,
        last_success: status.last_success,
        last_run: status.last_run,
    })
}

fn ago(moment: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(moment).max(SignedDuration::ZERO);
    format!("{} ago ({})", in_words(age), moment.strftime("%Y-%m-%d %H:%M:%S UTC"))
}

fn write(out: &mut dyn Write, facts: &Facts, now: Timestamp, colour: Colour) -> io::Result<()> {
    match facts.generation {
        Some(number) => writeln!(out, "generation    {number}")?,
        None => writeln!(out, "generation    none yet: `pleach sync` makes the first")?,
    }
    if let Some(pin) = &facts.pinned {
        colour.red_line(
            out,
            &format!(
                "pinned        since {}: syncs change nothing until `pleach rollback --resume`",
                ago(pin.since, now)
            ),
        )?;
    }
    if let Some(delivery) = &facts.delivery {
        write_delivery(out, delivery, colour)?;
    }
    if let Some(running) = &facts.running {
        let Running { verb, pid, since, step, step_since, .. } = running;
        let step = step.map_or("beginning", Step::as_str);
        let time = in_words(now.duration_since(*step_since).max(SignedDuration::ZERO));
        writeln!(out, "running       {verb}, process {pid}, begun {}", ago(*since, now))?;
        writeln!(out, "              {step}, for {time}")?;
    }
    if let Some(Running { verb, pid, since, step, .. }) = &facts.killed {
        let step = step.map_or("beginning", Step::as_str);
        colour
            .red_line(out, &format!("killed        {verb}, process {pid}, begun {}, while {step}", ago(*since, now)))?;
        writeln!(out, "              the next sync does what it did not come to")?;
    }
    match &facts.last_run {
        Some(run) => write_run(out, run, now, colour)?,
        None => writeln!(out, "last run      never")?,
    }
    match facts.last_success {
        Some(last) => writeln!(out, "last success  {}", ago(last, now))?,
        None => writeln!(out, "last success  never")?,
    }
    for source in &facts.sources {
        let fresh =
            source.last_success.map_or_else(|| "never read".to_owned(), |last| format!("read {}", ago(last, now)));
        let line = format!("source        {}: {fresh}", source.name);
        if source.is_stale { colour.red_line(out, &format!("{line}, STALE"))? } else { writeln!(out, "{line}")? }
    }
    for refusal in &facts.refusals {
        colour.red_line(out, &format!("refused       {} {}", refusal.hash, ago(refusal.time, now)))?;
        for reason in &refusal.reasons {
            writeln!(out, "              {reason}")?;
        }
        writeln!(out, "              `pleach sync --accept-changes {}` accepts it", refusal.hash)?;
    }
    Ok(())
}

fn write_delivery(out: &mut dyn Write, delivery: &Delivery, colour: Colour) -> io::Result<()> {
    if !delivery.published {
        colour.red_line(out, "files         NOT PUBLISHED: the next sync tries again")?;
    }
    for (shaper, done) in &delivery.applied {
        match &done.error {
            None => writeln!(out, "applied       by shaper {shaper}, {}", done.at.strftime("%Y-%m-%d %H:%M:%S UTC"))?,
            Some(error) => colour.red_line(out, &format!("NOT APPLIED   by shaper {shaper}: {error}"))?,
        }
    }
    if let Some(error) = delivery.hook.as_ref().and_then(|done| done.error.as_ref()) {
        colour.red_line(out, &format!("hook          FAILED: {error}"))?;
    }
    Ok(())
}

fn write_run(out: &mut dyn Write, run: &Report, now: Timestamp, colour: Colour) -> io::Result<()> {
    let Report { outcome, exit, seconds, .. } = run;
    let line = format!("last run      {}, {}, exit code {exit}, {seconds:.2} s", outcome.as_str(), ago(run.time, now));
    if outcome.is_success() {
        writeln!(out, "{line}")?;
    } else {
        colour.red_line(out, &line)?;
    }
    if let Some(error) = &run.error {
        for line in error.lines() {
            writeln!(out, "              {line}")?;
        }
    }
    if let Some(changes) = &run.changes {
        writeln!(out, "              {changes}")?;
    }
    if let Some(counts) = &run.counts {
        write!(out, "              ")?;
        report::write_sum(out, counts)?;
    }
    for source in run.sources.iter().filter(|source| source.fell_back.is_some()) {
        colour.red_line(
            out,
            &format!(
                "              source {} could not be read; its answers of {} are used",
                source.name, source.taken
            ),
        )?;
    }
    Ok(())
}
