//! Why a script stopped.

use std::fmt;

use compact_str::CompactString;

/// A script that stopped: at which line, why, inside of what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The file.
    pub document: CompactString,
    /// The line of the command that failed, from 1.
    pub line: u32,
    /// What went wrong.
    pub message: String,
    /// The commands around it, the innermost first: line and first word.
    pub inside: Vec<(u32, String)>,
    /// What to do, where the message does not say it.
    pub hint: Option<String>,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` line {}: {}", self.document, self.line, self.message)?;
        for (line, command) in &self.inside {
            write!(f, "\n  inside `{command}` of line {line}")?;
        }
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {hint}"))
    }
}

impl std::error::Error for ScriptError {}

/// What went wrong in a line, before it is known in which file. Boxed: every result of the interpreter has room for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop(Box<Failure>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    line: u32,
    message: String,
    inside: Vec<(u32, String)>,
    hint: Option<String>,
}

impl Stop {
    pub(super) fn at(line: u32, message: impl Into<String>) -> Self {
        Self(Box::new(Failure { line, message: message.into(), inside: Vec::new(), hint: None }))
    }

    /// Says what to do.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says that it happened inside of this command, unless it is the command itself.
    pub(super) fn inside(mut self, line: u32, command: &str) -> Self {
        /// How many commands around a failed one are told, and how much of their names.
        const MOST: usize = 20;
        if self.0.line != line && self.0.inside.len() < MOST {
            self.0.inside.push((line, command.chars().take(MOST).collect()));
        }
        self
    }

    /// The error that whoever runs the script sees.
    pub(super) fn into_error(self, document: &str) -> ScriptError {
        let Failure { line, message, inside, hint } = *self.0;
        ScriptError { document: document.into(), line, message, inside, hint }
    }
}

/// The result of everything that a script does.
pub(super) type Outcome<T> = Result<T, Stop>;
