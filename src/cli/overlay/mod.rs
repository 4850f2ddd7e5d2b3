//! `pleach overlay`: virtual networks over other hosts. One file a verb.

mod change;
mod cleanup;
mod commit;
mod plan;
mod run;
mod runner;
mod send;
mod serve;
mod show;
mod source;
mod status;
mod validate;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure, HELP};

/// Virtual networks over other hosts: check, plan and commit their model
#[derive(Debug, Args)]
#[command(after_help = HELP, disable_help_subcommand = true)]
pub(super) struct Overlay {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Validate(validate::Validate),
    Plan(plan::Plan),
    Commit(commit::Commit),
    Cleanup(cleanup::Cleanup),
    Show(show::Show),
    Status(status::Status),
    Run(run::Run),
    Serve(serve::Serve),
    Send(send::Send),
}

impl Overlay {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        match &self.verb {
            Verb::Validate(verb) => verb.run(out),
            Verb::Plan(verb) => verb.run(out),
            Verb::Commit(verb) => verb.run(out),
            Verb::Cleanup(verb) => verb.run(out),
            Verb::Show(verb) => verb.run(out),
            Verb::Status(verb) => verb.run(out),
            Verb::Run(verb) => verb.run(out),
            Verb::Serve(verb) => verb.run(out),
            Verb::Send(verb) => verb.run(out),
        }
    }
}
