//! `pleach lookup`: the longest match of an address.

use std::io::Write;
use std::net::IpAddr;

use clap::Args;

use super::inputs::Inputs;
use super::shaping::net_named;
use crate::exit::{Exit, Failure, HELP};
use crate::lookup::{self, MatchFacts};
use crate::progress::Progress;

/// Look an address up as the shaper will: the longest prefix that holds it, and its circuit
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Lookup {
    /// IPv4 or IPv6 address
    address: IpAddr,
    #[command(flatten)]
    inputs: Inputs,
    /// Look it up in this net of the overlay
    #[arg(long, value_name = "NAME")]
    net: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

impl Lookup {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let config = self.inputs.config()?;
        let survey = self.inputs.survey(&config, &progress)?;
        drop(progress);
        let nets = survey.network.nets();
        let net = self.net.as_deref().map(|name| net_named(nets, name)).transpose()?;
        let (facts, _) = lookup::lookup(&survey, self.address, net);
        let exit = if facts.matched.is_some() { Exit::Done } else { Exit::Failed };
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &facts)?;
            writeln!(out)?;
            return Ok(exit);
        }
        match &facts.matched {
            None => writeln!(out, "{} is in no shaped prefix", self.address)?,
            Some(found) => writeln!(out, "{} is in {}", self.address, described(found))?,
        }
        for wider in &facts.wider {
            writeln!(out, "  also in {}, which is wider and does not count", described(wider))?;
        }
        Ok(exit)
    }
}

/// A match in words.
pub(super) fn described(found: &MatchFacts) -> String {
    match &found.circuit {
        Some(id) => format!("{}: circuit {id} ({})", found.prefix, found.name),
        None => format!("{}: {}", found.prefix, found.name),
    }
}
