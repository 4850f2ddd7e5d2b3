//! `pleach overlay run`: runs a file of directives, and does what they ask for.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use pleach_overlay::lsctl::Interpreter;

use super::runner;
use super::source::{Accept, State, text};
use crate::exit::{Exit, Failure, HELP};
use crate::terminal;

/// Run a file of directives and do what they ask for: `commit` and `cleanup` change the kernel
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Run {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What its `$argv` holds
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    accept: Accept,
    #[command(flatten)]
    state: State,
}

impl Run {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let script = text(&self.file)?;
        let document = self.file.display().to_string();
        let mut interpreter = Interpreter::new(self.arguments.iter().map(String::as_str));
        let mut local = || self.state.local(self.config.as_deref(), self.accept.acceptance());
        runner::run(&mut interpreter, (&script, &document), out, &mut terminal::say, &mut local)
    }
}
