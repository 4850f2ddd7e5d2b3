//! The file that a model is read from.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use pleach_graph::{Problem, Problems};
use pleach_overlay::links::{LinkState, wanted, wanted_here};
use pleach_overlay::lsctl::{Action, Interpreter, Runner, Session};
use pleach_overlay::{Checked, Host, Origin, Reading, check, read};

use crate::exit::Failure;

/// A model's file.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The overlay: directives where the name ends in .lsctl, else TOML
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the file's `$argv` holds, for directives
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Lets a script run without doing what it asks for. What it has made by its first `free` or `cleanup` is its model.
#[derive(Default)]
struct Reader {
    model: Option<Session>,
}

impl Runner for Reader {
    fn act(&mut self, action: Action, session: &Session, _: &Origin) -> Result<(), String> {
        if matches!(action, Action::Free | Action::Cleanup) && self.model.is_none() {
            self.model = Some(session.clone());
        }
        Ok(())
    }
}

impl Source {
    /// Reads the file; a script is run, and what it asks for is not done.
    pub(super) fn read(&self) -> Result<Reading, Failure> {
        let text = text(&self.file)?;
        let document = self.file.display().to_string();
        if self.file.extension().is_none_or(|extension| extension != "lsctl") {
            if !self.arguments.is_empty() {
                let error = anyhow!("arguments are for files of directives, and `{document}` is not called `.lsctl`");
                return Err(Failure::usage(error));
            }
            return read(&text, &document).map_err(Failure::usage);
        }
        let mut interpreter = Interpreter::new(self.arguments.iter().map(String::as_str));
        let mut reader = Reader::default();
        interpreter.run(&text, &document, &mut reader).map_err(Failure::usage)?;
        let Session { model, origins } = reader.model.unwrap_or_else(|| interpreter.session().clone());
        Ok(Reading { model, origins, problems: Problems::default() })
    }
}

/// The text of a file.
pub(super) fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display())).map_err(Failure::usage)
}

/// Checks what was read.
pub(super) fn checked(reading: &Reading) -> (Option<Checked<'_>>, Vec<Problem>) {
    check(&reading.model, &reading.origins, &Host::default(), reading.problems.clone())
}

/// What this host needs, or that of a phys.
pub(super) fn needed(checked: Checked<'_>, phys: Option<&str>) -> Result<LinkState, Failure> {
    let known = || {
        let names: Vec<&str> = checked.model().physes().keys().map(pleach_overlay::Name::as_str).collect();
        pleach_graph::suggest::list(&names)
    };
    let state = match phys {
        Some(phys) => match checked.model().physes().get_key_value(phys) {
            Some((name, _)) => wanted(checked, name),
            None => {
                return Err(Failure::usage(anyhow!("there is no phys `{phys}`")).hint(format!("there are {}", known())));
            }
        },
        None if checked.model().local_physes().next().is_none() => {
            let error = anyhow!("no phys is claimed local, so it is not known which host this is");
            let hint =
                format!("say so in the file (`local = true`, `claimLocal`), or name one with `--phys`: {}", known());
            return Err(Failure::usage(error).hint(hint));
        }
        None => wanted_here(checked),
    };
    state.map_err(Failure::usage)
}
