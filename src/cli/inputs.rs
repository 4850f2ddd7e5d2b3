//! Where the network is read from: a configuration, or files named on the command line.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use pleach_graph::{Code, Dialect, Problem, Projection, Severity};

use crate::config::{Config, SEARCHED, Shaper};
use crate::exit::{Exit, Failure};
use crate::load;
use crate::progress::Progress;
use crate::survey::Survey;

/// The network to work on.
#[derive(Debug, Args)]
pub(super) struct Inputs {
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// ShapedDevices.csv: works without a configuration, and replaces the configured file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Nodes: a table with a header, or network.json
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// Links between nodes: from,to,download,upload,cost
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
    /// How much of the tree files show, for every shaper
    #[arg(long, value_name = "STRATEGY", value_parser = projection)]
    strategy: Option<Projection>,
    /// Which readers files are for, for every shaper: libreqos-1.4, libreqos-2.0 or libreqos-2.2
    #[arg(long, value_name = "DIALECT", value_parser = dialect)]
    dialect: Option<Dialect>,
}

fn projection(text: &str) -> Result<Projection, String> {
    match text {
        "full" => Ok(Projection::Full),
        "ap_site" => Ok(Projection::ApSite),
        "ap_only" => Ok(Projection::ApOnly),
        "flat" => Ok(Projection::Flat),
        _ => Err("expected full, ap_site, ap_only or flat".to_owned()),
    }
}

fn dialect(text: &str) -> Result<Dialect, String> {
    let known = Dialect::ALL.into_iter().find(|dialect| dialect.as_str() == text);
    known.ok_or_else(|| "expected libreqos-1.4, libreqos-2.0 or libreqos-2.2".to_owned())
}

impl Inputs {
    /// The configuration, with what the command line says put over it.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        let mut config = match self.config_path() {
            Some(path) => Config::read(&path).map_err(Failure::usage)?,
            None => Config::default(),
        };
        if self.csv.is_some() {
            // Files named here are a network of their own, not a mixture with the configured one.
            config.csv.shaped_devices.clone_from(&self.csv);
            config.csv.nodes = None;
            config.csv.links = None;
        }
        if self.nodes.is_some() {
            config.csv.nodes.clone_from(&self.nodes);
        }
        if self.links.is_some() {
            config.csv.links.clone_from(&self.links);
        }
        if config.csv.shaped_devices.is_none() {
            return Err(Failure::usage(anyhow!(
                "no network to read: there is no `{}` and no `{}`\nhint: start with `pleach init`, or name a file with `--csv ShapedDevices.csv`",
                SEARCHED[0],
                SEARCHED[1]
            )));
        }
        if config.shaper.is_empty() {
            config.shaper.push(Shaper::named("default", None));
        }
        self.apply_to_shapers(&mut config.shaper);
        Ok(config)
    }

    /// Puts `--strategy` and `--dialect` over what shapers say.
    pub(super) fn apply_to_shapers(&self, shapers: &mut [Shaper]) {
        for shaper in shapers {
            shaper.projection = self.strategy.unwrap_or(shaper.projection);
            shaper.dialect = self.dialect.unwrap_or(shaper.dialect);
        }
    }

    /// The named configuration, else the first that stands where one is looked for. A network named on the command line
    /// needs none, but one that stands here still says the rest.
    fn config_path(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| SEARCHED.iter().map(PathBuf::from).find(|path| path.exists()))
    }
}

/// Reads the network and takes its census.
pub(super) fn survey(config: &Config, progress: &Progress) -> Result<Survey, Failure> {
    progress.stage("reading the network");
    let loaded = load::load(&config.csv)?;
    progress.stage("joining the network");
    Ok(Survey::new(loaded, config))
}

/// Whether every problem counts.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Strictness {
    /// Treat any error or warning as a failure: exit code 3, and nothing is written
    #[arg(long)]
    strict: bool,
}

impl Strictness {
    /// The exit code of a run that went through, and whether it may write.
    pub(super) fn judge(self, survey: &Survey, problems: &[Problem]) -> (Exit, MayWrite) {
        let matters = |problem: &Problem| Code::severity(problem.code) != Severity::Note;
        if self.strict && problems.iter().any(matters) {
            return (Exit::NotShaped, MayWrite::No);
        }
        let exit = if survey.census.counts().quarantined > 0 { Exit::NotShaped } else { Exit::Done };
        (exit, MayWrite::Yes)
    }
}

/// Whether a run may write files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MayWrite {
    Yes,
    No,
}
