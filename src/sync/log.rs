//! What a run says on standard error while it goes: lines for people, or lines of JSON for whoever collects them.

use jiff::Timestamp;
use pleach_graph::Severity;
use serde::Serialize;

use crate::terminal;

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// It says what was done.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something was not done.
    Error,
}

impl Level {
    /// The level of a problem.
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Info,
        }
    }
}

/// The log of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Log {
    /// How it is written.
    pub format: LogFormat,
}

#[derive(Serialize)]
struct Line<'a> {
    time: Timestamp,
    level: Level,
    message: &'a str,
}

impl Log {
    /// Says one thing; a text of several lines stays one thing.
    pub fn say(self, level: Level, message: &str) {
        match self.format {
            LogFormat::Text => {
                let shown = terminal::several_lines(message.trim_end());
                terminal::say(format!("{shown}\n").as_bytes());
            }
            LogFormat::Json => {
                let line = Line { time: Timestamp::now(), level, message: message.trim_end() };
                let mut text = serde_json::to_vec(&line).expect("invariant: a line is text");
                text.push(b'\n');
                terminal::say(&text);
            }
        }
    }
}
