//! `pleach overlay run`: runs a file of directives, and does what they ask for.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use pleach_graph::Problems;
use pleach_overlay::lsctl::{Action, Format, Interpreter, Runner, Session, to_lsctl};
use pleach_overlay::{Host, Origin, Reading, to_json};

use super::change::{Told, cleanup, commit};
use super::plan::say_problems;
use super::source::{State, checked, text};
use crate::exit::{Exit, Failure, HELP};
use crate::overlay::Mode;
use crate::state::StateFolder;

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
    state: State,
}

/// Does what directives ask for.
struct Here<'o> {
    out: &'o mut dyn Write,
    verb: &'o Run,
    folder: Option<StateFolder>,
    /// Why standard output cannot be written.
    broken: Option<io::Error>,
    /// How the directive failed at which the script stopped.
    failed: Option<(Exit, Option<String>)>,
}

impl Here<'_> {
    fn print(&mut self, text: &str) -> Result<(), String> {
        self.out.write_all(text.as_bytes()).map_err(|error| {
            let message = error.to_string();
            self.broken = Some(error);
            message
        })
    }

    /// Reports the problems of the model; an error is a failure.
    fn validate(reading: &Reading) -> Result<(), String> {
        let (checked, problems) = checked(reading, &Host::default());
        say_problems(&problems).map_err(|failure| failure.to_string())?;
        checked.map(|_| ()).ok_or_else(|| "validation error".to_owned())
    }

    fn change(&mut self, verb: &str, change: impl FnOnce(&StateFolder) -> Result<Told, Failure>) -> Result<(), String> {
        let told = match &self.folder {
            Some(folder) => change(folder),
            None => self.verb.state.folder(self.verb.config.as_deref()).and_then(|found| {
                let folder = self.folder.insert(found);
                change(folder)
            }),
        };
        match told {
            Ok(told) => self.print(&told.text),
            Err(Failure { exit, error, hint }) => {
                self.failed = Some((exit, hint));
                Err(format!("{verb}: {error:#}"))
            }
        }
    }
}

fn reading(session: &Session) -> Reading {
    Reading { model: session.model.clone(), origins: session.origins.clone(), problems: Problems::default() }
}

impl Runner for Here<'_> {
    fn act(&mut self, action: Action, session: &Session, _: &Origin) -> Result<(), String> {
        match action {
            Action::Validate => Self::validate(&reading(session)),
            Action::Commit => self.change("commit", |folder| commit(&reading(session), folder, Mode::Do)),
            Action::Cleanup => self.change("cleanup", |folder| cleanup(folder, Mode::Do)),
            Action::Show(Format::Lsctl) => self.print(&to_lsctl(&session.model)),
            Action::Show(Format::Json) => self.print(&to_json(&session.model)),
            Action::Free => Ok(()),
        }
    }
}

impl Run {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let script = text(&self.file)?;
        let mut interpreter = Interpreter::new(self.arguments.iter().map(String::as_str));
        let mut here = Here { out, verb: self, folder: None, broken: None, failed: None };
        let result = interpreter.run(&script, &self.file.display().to_string(), &mut here);
        match (here.broken, result) {
            (Some(error), _) => Err(error.into()),
            (None, Ok(())) => Ok(Exit::Done),
            (None, Err(error)) => {
                let (exit, hint) = here.failed.unwrap_or((Exit::Failed, None));
                Err(Failure { exit, error: error.into(), hint })
            }
        }
    }
}
