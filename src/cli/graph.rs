//! `pleach graph`: a picture of the network.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::inputs::Inputs;
use crate::exit::{Exit, Failure, HELP};
use crate::picture::{Detail, Picture, dot, svg};
use crate::progress::Progress;

/// Draw the network as seen from a shaper, to standard output
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Graph {
    #[command(flatten)]
    inputs: Inputs,
    /// The node to look from (typed id or unique name) [default: the first configured shaper's]
    #[arg(long, value_name = "NODE")]
    root: Option<String>,
    /// Draw every circuit, not only how many there are
    #[arg(long)]
    clients: bool,
    /// What to write: a picture for any browser, or input for Graphviz
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Svg,
    Dot,
}

impl Graph {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let progress = Progress::start();
        let config = self.inputs.config()?;
        let survey = self.inputs.survey(&config, &progress)?;
        let mut shapers = config.shaper;
        shapers.truncate(1);
        if let Some(root) = &self.root {
            let node = survey.network.find_named(root).map_err(Failure::usage)?;
            shapers[0].root = Some(survey.network.node(node).id.to_string());
        }
        progress.stage("growing the tree");
        let (shapers, _) = self.inputs.shapers(&survey, &shapers)?;
        let problems = survey.problems(&survey.views(&shapers));
        progress.stage("drawing");
        let detail = if self.clients { Detail::Clients } else { Detail::Infrastructure };
        let picture = Picture::of(&shapers[0].tree, &problems, detail);
        let text = match self.format {
            Format::Svg => svg(&picture),
            Format::Dot => dot(&picture),
        };
        drop(progress);
        out.write_all(text.as_bytes())?;
        Ok(Exit::Done)
    }
}
