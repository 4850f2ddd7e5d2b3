//! `pleach diff`: what is different between two generations.

use std::io::Write;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::inputs::read_config;
use crate::exit::{Exit, Failure, HELP};
use crate::generations::{Manifest, Store};
use crate::survey::Survey;
use crate::sync::{Seen, difference};

/// Show what is different between two generations: customers, rates, places, nodes, capacities
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Diff {
    /// The earlier generation [default: the one before the current one]
    a: Option<u64>,
    /// The later generation [default: the current one]
    b: Option<u64>,
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the difference as JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let config = read_config(self.config.as_deref())?;
        let store = Store::at(&config.state);
        let none = || Failure::usage(anyhow!("there is no generation yet")).hint("`pleach sync` makes the first");
        let later = self.b.map_or_else(|| store.current()?.ok_or_else(none), Ok)?;
        let before = || {
            store.numbers()?.into_iter().rfind(|&number| number < later).ok_or_else(|| {
                Failure::usage(anyhow!("there is no generation before {later}")).hint("`pleach generations` lists them")
            })
        };
        let earlier = self.a.map_or_else(before, Ok)?;
        let [before, after] = [survey(&store, earlier)?, survey(&store, later)?];
        let [before, after] = [&before, &after].map(|(survey, manifest)| Seen::then(survey, manifest, &config));
        let difference = difference(&config, Some(&before), &after)?;
        if self.json {
            out.write_all(&difference.json()?)?;
        } else {
            out.write_all(difference.text().as_bytes())?;
            writeln!(out, "generation {earlier} -> {later}: {}", difference.in_a_line())?;
        }
        Ok(if difference.is_empty() { Exit::Done } else { Exit::Differences })
    }
}

fn survey(store: &Store, number: u64) -> Result<(Survey, Manifest), Failure> {
    let hint = "`pleach generations` lists those that there are";
    let generation = store.open(number).map_err(|error| Failure::usage(anyhow!(error)).hint(hint))?;
    Ok((generation.survey().map_err(|error| anyhow!(error))?, generation.manifest))
}
