//! Options of a directive: anywhere among its other arguments, and abbreviated as far as one is meant.

use std::fmt::Display;
use std::str::FromStr;

use pleach_graph::suggest::list;

use super::error::{Outcome, Stop};
use super::interpreter::Value;

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its value.
    Value,
    /// Nothing.
    Flag,
}

/// The arguments of a directive.
pub(super) struct Options<'a> {
    line: u32,
    given: Vec<(&'static str, Option<&'a Value>)>,
    /// Arguments that are no options.
    pub(super) rest: Vec<&'a Value>,
}

impl<'a> Options<'a> {
    /// Sorts arguments. After `--` nothing is an option.
    pub(super) fn of(line: u32, arguments: &'a [Value], known: &[(&'static str, Kind)]) -> Outcome<Self> {
        let mut options = Self { line, given: Vec::new(), rest: Vec::new() };
        let mut left = arguments.iter();
        while let Some(argument) = left.next() {
            let text = argument.text.as_str();
            if text == "--" {
                options.rest.extend(left);
                break;
            }
            if !text.starts_with('-') || text.len() == 1 {
                options.rest.push(argument);
                continue;
            }
            let (name, kind) = find(text, known, argument.line)?;
            let value = match kind {
                Kind::Flag => None,
                Kind::Value => {
                    Some(left.next().ok_or_else(|| Stop::at(argument.line, format!("`{name}` has no value")))?)
                }
            };
            options.given.retain(|(other, _)| *other != name);
            options.given.push((name, value));
        }
        Ok(options)
    }

    /// Whether an option is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == name)
    }

    /// Whether no option is given.
    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// The value of an option.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.given.iter().find(|(given, _)| *given == name).and_then(|(_, value)| *value)
    }

    /// The value of an option, read.
    pub(super) fn read<T, E: Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Outcome<Option<T>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let text = &value.text;
        if text.is_empty() {
            return Err(empty(value.line, format!("the value of `{name}` is empty")));
        }
        read(text).map(Some).map_err(|error| Stop::at(value.line, format!("`{name} {text}` {error}")))
    }

    /// The value of an option as what it is parsed to.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&self, name: &str) -> Outcome<Option<T>> {
        self.read(name, str::parse)
    }

    /// Refuses what is left beyond the first so many arguments.
    pub(super) fn at_most(&self, count: usize) -> Outcome<()> {
        match self.rest.get(count) {
            None => Ok(()),
            Some(value) => {
                let stop = Stop::at(value.line, format!("unrecognized argument `{}`", value.text));
                Err(match value.text.as_str() {
                    "}" => stop.hint("there is a brace too many"),
                    "{" => stop.hint("a body begins with a brace that is closed: `{ … }`"),
                    text if text.starts_with('#') => {
                        stop.hint("a comment behind a command needs a `;` before it: `; # …`")
                    }
                    _ if count == 0 => stop.hint("leave it out"),
                    _ => stop.hint("words with spaces in them, and bodies, are put in braces: `{ … }`"),
                })
            }
        }
    }

    /// Refuses two options that exclude each other.
    pub(super) fn exclude(&self, first: &str, second: &str, message: &str) -> Outcome<()> {
        if self.has(first) && self.has(second) { Err(Stop::at(self.line, message)) } else { Ok(()) }
    }
}

/// Something is empty that must not be.
pub(super) fn empty(line: u32, message: impl Into<String>) -> Stop {
    Stop::at(line, message).hint(
        "a word of `$argv` that was not given is empty: say all of them behind the file, or behind the socket of `serve`",
    )
}

fn find(text: &str, known: &[(&'static str, Kind)], line: u32) -> Outcome<(&'static str, Kind)> {
    if let Some(exact) = known.iter().find(|(name, _)| *name == text) {
        return Ok(*exact);
    }
    let alike: Vec<_> = known.iter().filter(|(name, _)| name.starts_with(text)).collect();
    let names = |options: &[&(&'static str, Kind)]| list(&options.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    match alike.as_slice() {
        [one] => Ok(**one),
        [] if known.is_empty() => {
            Err(Stop::at(line, format!("unrecognized argument `{text}`: there are no options here")))
        }
        [] => {
            let all: Vec<_> = known.iter().collect();
            Err(Stop::at(line, format!("unrecognized argument `{text}`: options are {}", names(&all))))
        }
        several => Err(Stop::at(line, format!("ambiguous option `{text}`: {}", names(several)))),
    }
}
