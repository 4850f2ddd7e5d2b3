//! Where the network is read from: a configuration, or files named on the command line.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use pleach_csv::{CsvSource, Role};
use pleach_graph::{Code, Counts, Dialect, Problem, Projection, Severity};
use pleach_source::{FetchError, Timestamp};

use crate::config::{Config, SEARCHED, Shaper};
use crate::exit::{Exit, Failure};
use crate::generations::{Generation, Store};
use crate::load::{self, LoadError};
use crate::nets::{BoundNets, OverlayError};
use crate::progress::Progress;
use crate::shapers::{Holders, Rooted};
use crate::sources;
use crate::survey::Survey;
use crate::sync::{Status, in_words, later_problems};
use crate::terminal;

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
    /// Read this generation instead of the current one
    #[arg(long, value_name = "N", conflicts_with_all = ["csv", "nodes", "links"])]
    generation: Option<u64>,
    #[arg(
        long,
        value_name = "STRATEGY",
        value_parser = projection,
        help = "How much of the tree files show, for every shaper: full, ap_site, ap_only or flat"
    )]
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
        let named = self.config_path();
        let mut config = self.config_without_network()?;
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
        let has_more = self.generation.is_some() || sources::names(&config).iter().any(|name| name != CsvSource::NAME);
        if config.csv.shaped_devices.is_none() && (self.names_files() || !has_more) {
            return Err(self.nothing_to_read(named.as_deref()));
        }
        Ok(config)
    }

    /// The configuration, for a network that is read from somewhere else.
    pub(super) fn config_without_network(&self) -> Result<Config, Failure> {
        let mut config = read_config(self.config.as_deref())?;
        self.apply_to_shapers(&mut config.shaper);
        Ok(config)
    }

    fn nothing_to_read(&self, config: Option<&Path>) -> Failure {
        match config {
            Some(path) => {
                let error = anyhow!("`{}` names no network to read", path.display());
                let hint = "set `shaped_devices` under `[csv]`, or name a file with `--csv ShapedDevices.csv`";
                Failure::usage(error).hint(hint)
            }
            None if self.nodes.is_some() || self.links.is_some() => {
                let error = anyhow!("no subscribers to read: `--nodes` and `--links` name only what they hang from");
                Failure::usage(error).hint("name their file too: `--csv ShapedDevices.csv`")
            }
            None => {
                let [here, system] = SEARCHED;
                let error = anyhow!("no network to read: there is no `{here}` here and no `{system}`");
                let hint = "start with `pleach init`, or name files: `--config FILE` or `--csv ShapedDevices.csv`";
                Failure::usage(error).hint(hint)
            }
        }
    }

    fn names_files(&self) -> bool {
        self.csv.is_some() || self.nodes.is_some() || self.links.is_some()
    }

    /// Reads the network and takes its census: of files where some are named, else of a generation; of the configured files
    /// where there is none yet.
    pub(super) fn survey(&self, config: &Config, progress: &Progress) -> Result<Survey, Failure> {
        progress.stage("reading the network");
        if let Some(generation) = self.stored(config)? {
            let mut survey = generation.survey().map_err(anyhow::Error::new)?;
            if self.generation.is_none() {
                survey.add_later(later_problems(&config.state).unwrap_or_default());
            }
            return Ok(survey);
        }
        if config.csv.shaped_devices.is_none() {
            let error = anyhow!("there is no generation yet to read the network from");
            return Err(Failure::usage(error).hint("`pleach sync` asks the sources and makes the first"));
        }
        let gathered = load::gather(&config.csv).map_err(|error| self.unreadable(config, error))?;
        let bound = BoundNets::read(config).map_err(OverlayError::failure)?;
        progress.stage("joining the network");
        let gathered = gathered.bind(bound);
        Ok(Survey::new(gathered.build(&config.network.exclude), config))
    }

    /// What the last sync counted, where it found more than the current generation has, which is what is read here.
    pub(super) fn counted_later(&self, config: &Config) -> Result<Option<Counts>, Failure> {
        if self.names_files() || self.generation.is_some() || later_problems(&config.state).is_none() {
            return Ok(None);
        }
        Ok(Status::read(&config.state)?.counts)
    }

    /// The generation to read, if one is asked for or there is a current one. Says which one it is: whoever edits a file
    /// must know that this is not it.
    fn stored(&self, config: &Config) -> Result<Option<Generation>, Failure> {
        if self.names_files() {
            return Ok(None);
        }
        let store = Store::at(&config.state);
        let Some(number) = self.generation.map_or_else(|| store.current(), |number| Ok(Some(number)))? else {
            return Ok(None);
        };
        let generation = store.open(number).map_err(|error| {
            Failure::usage(anyhow::Error::new(error)).hint("`pleach generations` lists those that there are")
        })?;
        let created = generation.manifest.created;
        let paths = config.csv.paths().chain(config.overlay.file.as_deref());
        let newer = paths.filter(|path| is_newer(path, created)).map(|path| format!("`{}`", path.display()));
        let newer: Vec<String> = newer.collect();
        let age = in_words(Timestamp::now().duration_since(created));
        terminal::say(format!("note: this is generation {number}, made {age} ago\n").as_bytes());
        if self.generation.is_none() && !newer.is_empty() {
            let newer = newer.join(", ");
            let text = format!("note: changed since: {newer}; `pleach sync --dry-run` shows what that would do\n");
            terminal::say(text.as_bytes());
        }
        Ok(Some(generation))
    }

    /// Grows the trees of the configured shapers.
    pub(super) fn shapers<'n>(
        &self,
        survey: &'n Survey,
        shapers: &[Shaper],
    ) -> Result<(Vec<Rooted<'n>>, Holders), Failure> {
        survey.shapers(shapers).map_err(|error| {
            let config = self.config_path().unwrap_or_default();
            Failure::usage(error).hint(format!("that is its `root` in `{}`", config.display()))
        })
    }

    /// A file that cannot be read, with who named it, or that is not what it should be, with what to do.
    fn unreadable(&self, config: &Config, error: LoadError) -> Failure {
        if let LoadError::Read(what) = &error
            && !what.hint.is_empty()
        {
            let hint = what.hint.clone();
            return Failure::from(error).hint(hint);
        }
        let LoadError::Fetch(FetchError::File { path, .. }) = &error else { return error.into() };
        let flags = [
            (Role::ShapedDevices, "--csv", self.csv.is_some()),
            (Role::Nodes, "--nodes", self.nodes.is_some()),
            (Role::Links, "--links", self.links.is_some()),
        ];
        let is_it = |role| config.csv.path(role).is_some_and(|named| named == Path::new(path));
        let Some((role, flag, is_flag)) = flags.into_iter().find(|(role, ..)| is_it(*role)) else {
            return error.into();
        };
        let config = self.config_path().unwrap_or_default();
        let hint = if is_flag {
            format!("it is named by `{flag}`")
        } else {
            format!("it is named by `{}` under `[csv]` in `{}`", role.as_str(), config.display())
        };
        Failure::from(error).hint(hint)
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
        config_path(self.config.as_deref())
    }
}

/// Whether a file was written after a moment.
fn is_newer(path: &Path, moment: Timestamp) -> bool {
    let modified = std::fs::metadata(path).and_then(|data| data.modified());
    modified.is_ok_and(|modified| Timestamp::try_from(modified).is_ok_and(|modified| modified > moment))
}

/// The named configuration, else the first that stands where one is looked for.
pub(super) fn config_path(named: Option<&Path>) -> Option<PathBuf> {
    let standing = || SEARCHED.iter().map(PathBuf::from).find(|path| path.symlink_metadata().is_ok());
    named.map(Path::to_owned).or_else(standing)
}

/// The named configuration, else the first that stands where one is looked for, else one with nothing but a shaper.
pub(super) fn read_config(named: Option<&Path>) -> Result<Config, Failure> {
    let mut config = match config_path(named) {
        Some(path) => Config::read(&path).map_err(Failure::usage)?,
        None => Config::default(),
    };
    if config.shaper.is_empty() {
        config.shaper.push(Shaper::named("default", None));
    }
    Ok(config)
}

/// Says if others can read a secret in the configuration.
pub(super) fn say_exposure(config: &Config) {
    if let Some(exposure) = &config.exposure {
        terminal::say(format!("warning: {exposure}\nhint: {}\n", exposure.hint()).as_bytes());
    }
}

/// Whether every problem counts.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Strictness {
    /// Treat any error or warning as a failure: exit code 3, and nothing is written
    #[arg(long)]
    strict: bool,
}

impl Strictness {
    /// The exit code of a run that went through, and whether it may write.
    pub(super) fn judge(self, quarantined: usize, problems: &[Problem]) -> (Exit, MayWrite) {
        let matters = |problem: &Problem| Code::severity(problem.code) != Severity::Note;
        if self.strict && problems.iter().any(matters) {
            return (Exit::NotShaped, MayWrite::No);
        }
        let is_unshaped = |problem: &Problem| problem.code == Code::ClassLimit;
        let all_shaped = quarantined == 0 && !problems.iter().any(is_unshaped);
        let exit = if all_shaped { Exit::Done } else { Exit::NotShaped };
        (exit, MayWrite::Yes)
    }
}

/// Whether a run may write files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MayWrite {
    Yes,
    No,
}
