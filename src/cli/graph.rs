//! `pleach graph`: a picture of the network.

use std::io::Write;

use clap::Args;

use crate::exit::{Exit, Failure, HELP};

/// Draw the network as seen from a shaper
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Graph {}

impl Graph {
    pub(super) fn run(&self, _out: &mut dyn Write) -> Result<Exit, Failure> {
        Ok(Exit::Done)
    }
}
