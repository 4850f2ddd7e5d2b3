//! `pleach config`: the configuration as it is in effect, and whether what it names can be used.

use std::io::Write;
use std::path::{self, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};

use super::inputs::{config_path, read_config, say_exposure};
use crate::config::Config;
use crate::exit::{Exit, Failure, HELP};
use crate::state::act_as_owner;
use crate::terminal;
use crate::usable::{self, Finding, Verdict};

/// Print the configuration in effect, or try what it names
#[derive(Debug, Args)]
#[command(after_help = HELP, disable_help_subcommand = true)]
pub(super) struct ConfigVerb {
    #[command(subcommand)]
    act: Option<Act>,
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Try each source, folder and command that the configuration names, and say what is wrong; changes nothing
    #[command(after_help = HELP)]
    Test,
}

impl ConfigVerb {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let config = self.read()?;
        match self.act {
            None => self.print(out, &config),
            Some(Act::Test) => self.test(out, &config),
        }
    }

    /// The configuration with its paths from the root, so that it means the same wherever it is put.
    fn read(&self) -> Result<Config, Failure> {
        let Some(named) = config_path(self.config.as_deref()) else {
            terminal::say(b"pleach: no configuration file; these are the defaults\n");
            return read_config(None);
        };
        let path = path::absolute(&named).with_context(|| format!("cannot tell where `{}` is", named.display()))?;
        read_config(Some(&path))
    }

    /// Every setting, also those that are nowhere written.
    fn print(&self, out: &mut dyn Write, config: &Config) -> Result<Exit, Failure> {
        let json = || serde_json::to_string_pretty(config).map(|text| text + "\n").context("as JSON");
        let toml = || config.to_toml().context("as TOML");
        let text = if self.json { json() } else { toml() };
        out.write_all(text.context("this configuration cannot be printed")?.as_bytes())?;
        Ok(Exit::Done)
    }

    fn test(&self, out: &mut dyn Write, config: &Config) -> Result<Exit, Failure> {
        say_exposure(config);
        act_as_owner(&config.state)?; // as a sync would
        let findings = usable::examine(config).context("cannot start what asks the sources")?;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &findings)?;
            writeln!(out)?;
        } else {
            findings.iter().try_for_each(|finding| write_finding(out, finding))?;
        }
        let all_work = findings.iter().all(|finding| finding.verdict == Verdict::Works);
        Ok(if all_work { Exit::Done } else { Exit::Failed })
    }
}

fn write_finding(out: &mut dyn Write, finding: &Finding) -> std::io::Result<()> {
    let verdict = match finding.verdict {
        Verdict::Works => "works",
        Verdict::Wrong => "WRONG",
    };
    writeln!(out, "{verdict}  {}", finding.subject)?;
    for fact in &finding.facts {
        writeln!(out, "         {fact}")?;
    }
    finding.hint.as_ref().map_or(Ok(()), |hint| writeln!(out, "         hint: {hint}"))
}
