//! `pleach overlay run`: runs a file of directives. It cannot commit yet, and says so.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use pleach_graph::Problems;
use pleach_overlay::links::{LinkState, diff, table};
use pleach_overlay::lsctl::{Action, Format, Interpreter, Runner, Session, to_lsctl};
use pleach_overlay::{Checked, Host, Origin, check, to_json};

use super::plan::say_problems;
use super::source::{needed, text};
use crate::exit::{Exit, Failure, HELP};

/// Run a file of directives; `commit` prints the plan and fails, since nothing can be committed yet
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Run {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What its `$argv` holds
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Does what directives ask for, as far as that can be done.
struct Here<'o> {
    out: &'o mut dyn Write,
    /// Why standard output cannot be written.
    broken: Option<io::Error>,
}

impl Here<'_> {
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.out.write_all(text.as_bytes()).map_err(|error| {
            let message = error.to_string();
            self.broken = Some(error);
            message
        })
    }

    /// The model, if it has no errors; its problems are said.
    fn validate(session: &Session) -> Result<Checked<'_>, String> {
        let (checked, problems) = check(&session.model, &session.origins, &Host::default(), Problems::default());
        say_problems(&problems).map_err(|failure| failure.to_string())?;
        checked.ok_or_else(|| "validation error".to_owned())
    }

    fn commit(&mut self, session: &Session) -> Result<(), String> {
        let checked = Self::validate(session)?;
        let state = needed(checked, None).map_err(|failure| format!("{:#}", failure.error))?;
        self.print(&table(&diff(&LinkState::default(), &state)))?;
        Err("commit: Pleach cannot put an overlay into effect yet; this is what it would make, and nothing was changed"
            .to_owned())
    }
}

impl Runner for Here<'_> {
    fn act(&mut self, action: Action, session: &Session, _: &Origin) -> Result<(), String> {
        match action {
            Action::Validate => Self::validate(session).map(|_| ()),
            Action::Commit => self.commit(session),
            Action::Show(Format::Lsctl) => self.print(&to_lsctl(&session.model)),
            Action::Show(Format::Json) => self.print(&to_json(&session.model)),
            Action::Cleanup => {
                Err("cleanup: Pleach cannot take an overlay out of the kernel yet; nothing was changed".to_owned())
            }
            Action::Free => Ok(()),
        }
    }
}

impl Run {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let script = text(&self.file)?;
        let mut interpreter = Interpreter::new(self.arguments.iter().map(String::as_str));
        let mut here = Here { out, broken: None };
        let result = interpreter.run(&script, &self.file.display().to_string(), &mut here);
        match (here.broken, result) {
            (Some(error), _) => Err(error.into()),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Ok(Exit::Done),
        }
    }
}
