//! Runs commands: substitutes their words, and does what the first of them says.

use std::collections::BTreeMap;

use super::error::{Outcome, ScriptError, Stop};
use super::syntax::{Parser, Part, Word};
use super::{Action, DEEPEST_NESTING, MOST_HELD, MOST_WORK, Runner, Session, control, directives, list};
use crate::change::Change;
use crate::model::VirtKey;
use crate::name::Name;
use crate::origin::{Origin, Subject};

/// What one command costs beside the bytes that are read for it.
pub(super) const COMMAND_COST: usize = 256;

/// Reads scripts one after the other: variables and model stay between them.
#[derive(Debug, Default)]
pub struct Interpreter {
    session: Session,
    variables: BTreeMap<String, String>,
}

impl Interpreter {
    /// One that knows nothing yet; `$argv` is the list of these arguments.
    pub fn new<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let arguments: Vec<&str> = arguments.into_iter().collect();
        let mut variables = BTreeMap::new();
        variables.insert("argc".to_owned(), arguments.len().to_string());
        variables.insert("argv".to_owned(), list::join(arguments));
        Self { session: Session::default(), variables }
    }

    /// What the scripts so far have made.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Runs a script; `document` is its name in messages. What was done before an error stays done.
    pub fn run(&mut self, script: &str, document: &str, runner: &mut dyn Runner) -> Result<(), ScriptError> {
        self.variables.insert("argv0".to_owned(), document.to_owned());
        let mut run = Run {
            document,
            session: &mut self.session,
            held: self.variables.iter().map(|(name, value)| name.len() + value.len()).sum(),
            variables: &mut self.variables,
            runner,
            scopes: Vec::new(),
            depth: 0,
            work: 0,
        };
        run.script(script, 1).map(|_| ()).map_err(|stop| stop.into_error(document))
    }
}

/// What a nested directive is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Net(Name),
    Phys(Name),
    Virt(VirtKey),
}

/// A word after substitution.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) line: u32,
    /// As it stands in the file, where that is in braces: what is run of it has the right lines.
    pub(super) braced: Option<String>,
}

impl Value {
    /// The value as a script.
    pub(super) fn script(&self) -> &str {
        self.braced.as_deref().unwrap_or(&self.text)
    }
}

/// A script that is running.
pub(super) struct Run<'a> {
    document: &'a str,
    pub(super) session: &'a mut Session,
    variables: &'a mut BTreeMap<String, String>,
    runner: &'a mut dyn Runner,
    pub(super) scopes: Vec<Scope>,
    depth: usize,
    /// Bytes of all variables.
    held: usize,
    work: usize,
}

impl Run<'_> {
    /// Runs a script; its result is that of its last command.
    pub(super) fn script(&mut self, script: &str, line: u32) -> Outcome<String> {
        if self.depth == DEEPEST_NESTING {
            return Err(Stop::at(line, format!("commands are nested more than {DEEPEST_NESTING} deep here")));
        }
        self.charge(script.len(), line)?;
        self.depth += 1;
        let result = self.commands(script, line);
        self.depth -= 1;
        result
    }

    fn commands(&mut self, script: &str, line: u32) -> Outcome<String> {
        let mut parser = Parser::new(script, line);
        let mut result = String::new();
        while let Some(command) = parser.command()? {
            self.charge(COMMAND_COST, command.line)?;
            let words: Outcome<Vec<Value>> = command.words.iter().map(|word| self.word(word)).collect();
            let words = words?;
            let [name, arguments @ ..] = words.as_slice() else { continue };
            result = self.command(name, arguments).map_err(|stop| stop.inside(name.line, &name.text))?;
        }
        Ok(result)
    }

    fn command(&mut self, name: &Value, arguments: &[Value]) -> Outcome<String> {
        let bare = name.text.strip_prefix("::").unwrap_or(&name.text);
        let bare = bare.strip_prefix("lsdn::").unwrap_or(bare);
        if let Some(result) = directives::run(self, bare, name.line, arguments) {
            return result.map(|()| String::new());
        }
        control::run(self, bare, name.line, arguments)
    }

    fn word(&mut self, word: &Word) -> Outcome<Value> {
        let text = self.substitute(&word.parts, word.line)?;
        Ok(Value { text, line: word.line, braced: word.braced.clone() })
    }

    /// Puts values in the place of variables and brackets.
    pub(super) fn substitute(&mut self, parts: &[Part], line: u32) -> Outcome<String> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Variable(name) => text.push_str(self.variable(name, line)?),
                Part::Script(script, line) => {
                    let result = self.script(script, *line)?;
                    text.push_str(&result);
                }
            }
        }
        self.charge(text.len(), line)?;
        Ok(text)
    }

    pub(super) fn variable(&self, name: &str, line: u32) -> Outcome<&str> {
        let name = name.strip_prefix("::").unwrap_or(name);
        self.variables.get(name).map(String::as_str).ok_or_else(|| {
            let known = self.variables.keys().map(String::as_str);
            let alike = pleach_graph::suggest::nearest(name, known);
            Stop::at(line, format!("there is no variable `{name}`")).hint(match alike.first() {
                Some(alike) => format!("did you mean `${alike}`?"),
                None => format!("set it before: `set {name} …`; a `$` that begins no variable stands in braces"),
            })
        })
    }

    pub(super) fn set(&mut self, name: &str, value: String, line: u32) -> Outcome<()> {
        let name = name.strip_prefix("::").unwrap_or(name);
        if name.contains('(') {
            return Err(Stop::at(line, format!("arrays such as `{name}` are not part of this language")));
        }
        let before = self.variables.get(name).map_or(0, |value| name.len() + value.len());
        self.held = self.held + name.len() + value.len() - before;
        if self.held > MOST_HELD {
            return Err(Stop::at(line, format!("the variables hold more than {} MiB", MOST_HELD >> 20)));
        }
        self.variables.insert(name.to_owned(), value);
        Ok(())
    }

    /// Counts work, so that every script ends.
    pub(super) fn charge(&mut self, work: usize, line: u32) -> Outcome<()> {
        self.work = self.work.saturating_add(work);
        if self.work > MOST_WORK {
            return Err(Stop::at(line, "the script takes too long: is there a loop that does not end?"));
        }
        Ok(())
    }

    fn origin(&self, line: u32) -> Origin {
        Origin { document: self.document.into(), line }
    }

    /// Makes a change of the model.
    pub(super) fn change(&mut self, line: u32, change: Change) -> Outcome<()> {
        self.runner.changed(&self.origin(line), &change);
        self.session.model.apply(change).map_err(|error| Stop::at(line, error.to_string()))
    }

    /// Says where an object was last stated.
    pub(super) fn stated(&mut self, line: u32, subject: Subject) {
        let origin = self.origin(line);
        self.session.origins.put(subject, origin);
    }

    /// Where an object was last stated, for messages.
    pub(super) fn line_of(&self, subject: &Subject) -> Option<String> {
        let Origin { document, line } = self.session.origins.place(subject)?;
        Some(if document == self.document { format!("line {line}") } else { format!("`{document}` line {line}") })
    }

    /// Hands an action to whoever runs the script.
    pub(super) fn act(&mut self, line: u32, action: Action) -> Outcome<()> {
        let origin = self.origin(line);
        self.runner.act(action, self.session, &origin).map_err(|message| Stop::at(line, message))?;
        if matches!(action, Action::Cleanup | Action::Free) {
            *self.session = Session::default();
        }
        Ok(())
    }

    /// Runs a body inside of a scope.
    pub(super) fn inside(&mut self, scope: Scope, body: &Value) -> Outcome<()> {
        self.scopes.push(scope);
        let result = self.script(body.script(), body.line);
        self.scopes.pop();
        result.map(|_| ())
    }
}
