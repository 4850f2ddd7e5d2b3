//! `pleach overlay show`: the model in any of its languages.

use std::io::Write;

use clap::{Args, ValueEnum};
use pleach_overlay::lsctl::to_lsctl;
use pleach_overlay::{Host, to_json, to_toml};

use super::plan::say_problems;
use super::source::{Read, Source, checked};
use crate::exit::{Exit, Failure, HELP};

/// Print a model, also one with errors
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Show {
    #[command(flatten)]
    source: Source,
    /// In which language
    #[arg(long, value_enum, default_value_t = Format::Toml)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Toml,
    Json,
    Lsctl,
}

impl Show {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let Read { reading, .. } = self.source.read()?;
        say_problems(&checked(&reading, Host::unknown()).1)?;
        let text = match self.format {
            Format::Toml => to_toml(&reading.model),
            Format::Json => to_json(&reading.model),
            Format::Lsctl => to_lsctl(&reading.model),
        };
        out.write_all(text.as_bytes())?;
        Ok(Exit::Done)
    }
}
