//! Does what directives ask for, for whoever runs them here or has sent them.

use std::io::{self, Write};

use pleach_graph::Problems;
use pleach_overlay::lsctl::{self, Action, Interpreter, Runner, Session, to_lsctl};
use pleach_overlay::{Host, Origin, Reading, to_json};

use super::change::{Format, Say, Told, cleanup, commit};
use super::plan::problem_text;
use super::source::{Local, checked};
use crate::exit::{Exit, Failure};
use crate::overlay::Mode;

/// Does what directives ask for.
struct Here<'o> {
    out: &'o mut dyn Write,
    say: &'o mut Say<'o>,
    local: &'o mut dyn FnMut() -> Result<Local, Failure>,
    /// Why the output cannot be written.
    broken: Option<io::Error>,
    /// How the directive failed at which the script stopped.
    failed: Option<(Exit, Option<String>)>,
}

/// Runs a script. `local` is asked for when something is to be changed.
pub(super) fn run<'o>(
    interpreter: &mut Interpreter,
    (script, document): (&str, &str),
    out: &'o mut dyn Write,
    say: &'o mut Say<'o>,
    local: &'o mut dyn FnMut() -> Result<Local, Failure>,
) -> Result<Exit, Failure> {
    let mut here = Here { out, say, local, broken: None, failed: None };
    let result = interpreter.run(script, document, &mut here);
    match (here.broken, result) {
        (Some(error), _) => Err(error.into()),
        (None, Ok(())) => Ok(Exit::Done),
        (None, Err(error)) => {
            let (exit, hint) = here.failed.unwrap_or((Exit::Failed, None));
            Err(Failure { exit, error: error.into(), hint })
        }
    }
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
    fn validate(&mut self, reading: &Reading) -> Result<(), String> {
        let (checked, problems) = checked(reading, Host::unknown());
        (self.say)(&problem_text(&problems).map_err(|failure| failure.to_string())?);
        checked.map(|_| ()).ok_or_else(|| "validation error".to_owned())
    }

    fn told(&mut self, verb: &str, told: Result<Told, Failure>) -> Result<(), String> {
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
            Action::Validate => self.validate(&reading(session)),
            Action::Commit => {
                let told = (self.local)()
                    .and_then(|local| commit(&reading(session), &local, (Mode::Do, Format::Table), &mut *self.say));
                self.told("commit", told)
            }
            Action::Cleanup => {
                let told = (self.local)().and_then(|local| cleanup(&local.folder, Mode::Do, &mut *self.say));
                self.told("cleanup", told)
            }
            Action::Show(lsctl::Format::Lsctl) => self.print(&to_lsctl(&session.model)),
            Action::Show(lsctl::Format::Json) => self.print(&to_json(&session.model)),
            Action::Free => Ok(()),
        }
    }
}
