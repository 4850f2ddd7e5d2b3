//! The command line: one file a verb.

mod check;
mod completions;
mod demo;
mod explain;
mod export;
mod graph;
mod init;
mod inputs;
mod lookup;
mod man;
mod outcome;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::{Exit, Failure, HELP};
use crate::terminal::{self, Lines};

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
    Check(check::Check),
    Export(export::Export),
    Graph(graph::Graph),
    Explain(explain::Explain),
    Lookup(lookup::Lookup),
    Demo(demo::Demo),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs a command line; its first word is the command's own name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = Cli::parse_from(arguments);
    let mut out = Lines::new(BufWriter::new(io::stdout().lock()));
    let result = run(&cli, &mut out).and_then(|exit| Ok(out.flush().map(|()| exit)?));
    match result {
        Ok(exit) => exit.into(),
        Err(failure) if is_closed_pipe(&failure) => Exit::Done.into(),
        Err(failure) => {
            let _ = out.flush(); // what was found out before the failure; the failure itself is what matters
            terminal::say(format!("{}\n", terminal::several_lines(&failure.to_string())).as_bytes());
            failure.exit.into()
        }
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> Result<Exit, Failure> {
    match &cli.verb {
        Verb::Init(verb) => verb.run(out),
        Verb::Check(verb) => verb.run(out),
        Verb::Export(verb) => verb.run(out),
        Verb::Graph(verb) => verb.run(out),
        Verb::Explain(verb) => verb.run(out),
        Verb::Lookup(verb) => verb.run(out),
        Verb::Demo(verb) => verb.run(out),
        Verb::Completions(verb) => verb.run(out),
        Verb::Man(verb) => verb.run(out),
    }
}

/// Whoever reads our output has seen enough: `pleach check | head`.
fn is_closed_pipe(failure: &Failure) -> bool {
    failure.error.chain().any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let kind =
            kind.or_else(|| cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind));
        kind == Some(io::ErrorKind::BrokenPipe)
    })
}
