//! An overlay's file, in whichever of the two languages.

use std::path::Path;

use pleach_graph::Problems;
use pleach_overlay::lsctl::{Action, Interpreter, Runner, ScriptError, Session};
use pleach_overlay::{Change, Model, Origin, Place, Reading, SyntaxError, read};

/// Why a file cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// It is no TOML.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// A directive stops.
    #[error(transparent)]
    Script(#[from] ScriptError),
}

/// Whether a file holds directives, else it is TOML.
pub fn holds_directives(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "lsctl")
}

/// Reads a file's text; a script is run with these arguments, and what it asks for is not done.
pub fn reading(file: &Path, text: &str, arguments: &[String]) -> Result<Reading, ReadingError> {
    let document = file.display().to_string();
    if !holds_directives(file) {
        return Ok(read(text, &document)?);
    }
    let mut interpreter = Interpreter::new(arguments.iter().map(String::as_str));
    let mut runner = Silent::default();
    interpreter.run(text, &document, &mut runner)?;
    let Session { model, origins } = runner.model.unwrap_or_else(|| interpreter.session().clone());
    Ok(Reading { model, origins, problems: Problems::default() })
}

/// A phys that a model does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no phys `{0}`")]
pub struct NoSuchPhys(pub String);

/// Makes a phys the local one, beside none.
pub fn claim(model: &mut Model, phys: &str) -> Result<(), NoSuchPhys> {
    let Some((name, _)) = model.physes().get_key_value(phys) else { return Err(NoSuchPhys(phys.to_owned())) };
    let name = name.clone();
    let others: Vec<_> = model.local_physes().map(|(name, _)| name.clone()).collect();
    let places = others.into_iter().map(|other| (other, Place::Remote)).chain([(name, Place::Local)]);
    for (name, place) in places {
        model.apply(Change::PhysPlace(name, place)).expect("invariant: these are there");
    }
    Ok(())
}

/// Lets a script run without doing what it asks for. What it has made by its first `free` or `cleanup` is its model.
#[derive(Default)]
struct Silent {
    model: Option<Session>,
}

impl Runner for Silent {
    fn act(&mut self, action: Action, session: &Session, _: &Origin) -> Result<(), String> {
        if matches!(action, Action::Free | Action::Cleanup) && self.model.is_none() {
            self.model = Some(session.clone());
        }
        Ok(())
    }
}
