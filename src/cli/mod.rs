//! The command line: one file a verb.

mod apply;
mod change;
mod check;
mod completions;
mod config;
mod confirm;
mod demo;
mod diff;
mod explain;
mod export;
mod generations;
mod graph;
mod init;
mod inputs;
mod left;
mod lookup;
mod man;
mod outcome;
mod overlay;
mod plan;
mod recover;
mod rollback;
mod said;
mod shaping;
mod show;
mod status;
mod stop;
mod sync;
mod trace;
mod verify;
mod watch_confirmation;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Exit, Failure, HELP};
use crate::terminal::{self, Buffered, Lines};

/// Shapes an ISP's subscribers: one network graph, rerooted for every shaper.
#[derive(Debug, Parser)]
#[command(name = "pleach", version, after_help = HELP, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Init),
    Config(config::ConfigVerb),
    Check(check::Check),
    Export(export::Export),
    Graph(graph::Graph),
    Explain(explain::Explain),
    Lookup(lookup::Lookup),
    Demo(demo::Demo),
    Sync(sync::Sync),
    Status(status::Status),
    Generations(generations::Generations),
    Diff(diff::Diff),
    Plan(plan::Plan),
    Apply(apply::Apply),
    Confirm(confirm::Confirm),
    Rollback(rollback::Rollback),
    Recover(recover::Recover),
    Verify(verify::Verify),
    Show(show::Show),
    Trace(trace::Trace),
    Stop(stop::Stop),
    Overlay(overlay::Overlay),
    #[command(hide = true)]
    WatchConfirmation(watch_confirmation::WatchConfirmation),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs a command line; its first word is the command's own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = Cli::parse_from(arguments);
    let mut out = Lines::new(Buffered::new(io::stdout().lock()));
    let result = run(&cli, &mut out).and_then(|exit| Ok(out.flush().map(|()| exit)?));
    let mut failure = match result {
        Ok(exit) => return exit.into(),
        Err(failure) => failure,
    };
    match output_error(&failure) {
        // Whoever reads our output has seen enough: `pleach check | head`.
        Some(io::ErrorKind::BrokenPipe) => return Exit::Done.into(),
        Some(_) => failure.error = failure.error.context("cannot write to standard output"),
        None => {}
    }
    let _ = out.flush(); // what was found out before the failure; the failure itself is what matters
    terminal::say(format!("{}\n", terminal::several_lines(&failure.to_string())).as_bytes());
    failure.exit.into()
}

fn run(cli: &Cli, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &cli.verb {
        Verb::Init(verb) => verb.run(out),
        Verb::Config(verb) => verb.run(out),
        Verb::Check(verb) => verb.run(out),
        Verb::Export(verb) => verb.run(out),
        Verb::Graph(verb) => verb.run(out),
        Verb::Explain(verb) => verb.run(out),
        Verb::Lookup(verb) => verb.run(out),
        Verb::Demo(verb) => verb.run(out),
        Verb::Sync(verb) => verb.run(out),
        Verb::Status(verb) => verb.run(out),
        Verb::Generations(verb) => verb.run(out),
        Verb::Diff(verb) => verb.run(out),
        Verb::Plan(verb) => verb.run(out),
        Verb::Apply(verb) => verb.run(out),
        Verb::Confirm(verb) => verb.run(out),
        Verb::Rollback(verb) => verb.run(out),
        Verb::Recover(verb) => verb.run(out),
        Verb::Verify(verb) => verb.run(out),
        Verb::Show(verb) => verb.run(out),
        Verb::Trace(verb) => verb.run(out),
        Verb::Stop(verb) => verb.run(out),
        Verb::Overlay(verb) => verb.run(out),
        Verb::WatchConfirmation(verb) => verb.run(out),
        Verb::Completions(verb) => verb.run(out),
        Verb::Man(verb) => verb.run(out),
    }
}

/// The error of writing the output: the only one that nothing was said about, since files say their names.
fn output_error(failure: &Failure) -> Option<io::ErrorKind> {
    let error = failure.error.chain().next()?;
    let json = || error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
    error.downcast_ref::<io::Error>().map(io::Error::kind).or_else(json)
}
