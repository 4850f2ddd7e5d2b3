//! Which shaper a verb is about, and what it shapes.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use pleach_graph::{Net, Problem, suggest};
use pleach_kernel::Kernel;
use pleach_kernel::bpf::embedded_version;
use pleach_shaper::{Hierarchy, QueuePlan, Settings};
use pleach_tc::{Interface, KernelState};

use super::change::undecided;
use super::inputs::Inputs;
use crate::config::{Config, Interfaces, Scope, Shaper};
use crate::exit::Failure;
use crate::nets::tunnels;
use crate::progress::Progress;
use crate::report;
use crate::shaping::decide::{Allowed, Decided, decide, decide_only};
use crate::state::StateFolder;
use crate::survey::Survey;
use crate::terminal;

/// Which shaper.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Shaper of the configuration [default: the one with interfaces]
    #[arg(long, value_name = "NAME")]
    shaper: Option<String>,
    /// Interface towards subscribers, instead of the configured one
    #[arg(long, value_name = "IF", requires = "toward_internet")]
    toward_subscribers: Option<Interface>,
    /// Interface towards the internet, instead of the configured one
    #[arg(long, value_name = "IF", requires = "toward_subscribers")]
    toward_internet: Option<Interface>,
    /// Folder for what must be remembered between runs [default: the configured one, or /var/lib/pleach]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// A shaper that can shape.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Its position among the configured ones.
    pub(super) position: usize,
    /// How it shapes.
    pub(super) settings: Settings,
    /// What it remembers.
    pub(super) folder: StateFolder,
}

impl Chosen {
    fn configured(config: &Config, position: usize) -> Result<Self, Failure> {
        let shaper = &config.shaper[position];
        let name = &shaper.name;
        let settings = shaper.settings();
        let settings =
            settings.map_err(|error| Failure::usage(anyhow::Error::from(error).context(format!("shaper `{name}`"))))?;
        let settings = settings.ok_or_else(|| {
            let error = anyhow!("shaper `{name}` has no interfaces, so it only writes files");
            Failure::usage(error).hint(HOW_TO_NAME_INTERFACES)
        })?;
        Ok(Self { position, settings, folder: StateFolder::of(&config.state, name) })
    }
}

impl Which {
    /// The shaper that is meant, with what the command line says put over it.
    pub(super) fn choose(&self, config: &mut Config) -> Result<Chosen, Failure> {
        let has_flags = self.toward_subscribers.is_some();
        let position = self.position(config, has_flags)?;
        let shaper = &mut config.shaper[position];
        if has_flags {
            let (toward_subscribers, toward_internet) = (self.toward_subscribers.clone(), self.toward_internet.clone());
            shaper.interfaces = Some(Interfaces { toward_subscribers, toward_internet, ..Interfaces::default() });
        }
        self.put_over_state(config);
        Chosen::configured(config, position)
    }

    /// Puts `--state` over the configured folder.
    fn put_over_state(&self, config: &mut Config) {
        if let Some(state) = &self.state {
            config.state.clone_from(state);
        }
    }

    fn position(&self, config: &Config, has_flags: bool) -> Result<usize, Failure> {
        let shapers = &config.shaper;
        let names = || shapers.iter().map(|shaper| format!("`{}`", shaper.name)).collect::<Vec<_>>().join(", ");
        if let Some(name) = &self.shaper {
            let found = shapers.iter().position(|shaper| shaper.name == *name);
            let error = || Failure::usage(anyhow!("there is no shaper `{name}`; there are: {}", names()));
            return found.ok_or_else(error);
        }
        let can_shape = |shaper: &&(usize, &Shaper)| has_flags || shaper.1.interfaces.is_some();
        let able: Vec<_> = shapers.iter().enumerate().collect();
        let able: Vec<_> = able.iter().filter(can_shape).collect();
        match able.as_slice() {
            [(position, _)] => Ok(*position),
            [] => Err(Failure::usage(anyhow!("no shaper has interfaces, so all of them only write files"))
                .hint(HOW_TO_NAME_INTERFACES)),
            _ => {
                Err(Failure::usage(anyhow!("several shapers could be meant: {}", names())).hint("say `--shaper NAME`"))
            }
        }
    }
}

const HOW_TO_NAME_INTERFACES: &str = "set `[shaper.interfaces]`, or say `--toward-subscribers IF --toward-internet IF`";

/// A shaper, and the network it shapes.
#[derive(Debug, Args)]
pub(super) struct Shaped {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder that `pleach export` wrote for the shaper: replaces the configured network
    #[arg(long, value_name = "DIR", conflicts_with_all = ["csv", "nodes", "links"])]
    folder: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// What is to be shaped.
pub(super) struct Wanted {
    /// Which shaper, and how.
    pub(super) chosen: Chosen,
    /// What it shapes.
    pub(super) hierarchy: Hierarchy,
    /// The nets that carry subscribers.
    nets: Vec<Net>,
    /// What was found on the way.
    pub(super) problems: Vec<Problem>,
    /// How many circuits cannot be shaped.
    pub(super) quarantined: usize,
}

impl Wanted {
    /// What a shaper of the configuration, by its position, shapes of this network.
    pub(super) fn of(config: &Config, survey: &Survey, position: usize) -> Result<Self, Failure> {
        let mut chosen = Chosen::configured(config, position)?;
        chosen.settings.tunnels = tunnels(survey.network.nets(), config.overlay.mark);
        let (rooted, holders) = survey.shapers(&config.shaper).map_err(Failure::usage)?;
        let view = rooted[position].view(&survey.census, &survey.nodes);
        let hierarchy = Hierarchy::from_view(&view, &survey.census, |circuit| holders.holds(position, circuit));
        let problems = survey.problems(&[view]);
        let nets = survey.network.nets().to_vec();
        Ok(Self { chosen, hierarchy, nets, problems, quarantined: survey.census.counts().quarantined })
    }

    /// The net of this name.
    pub(super) fn net(&self, name: &str) -> Result<&Net, Failure> {
        net_named(&self.nets, name)
    }

    /// What the kernel should hold, and what it holds.
    pub(super) fn compare(&self, kernel: &mut dyn Kernel) -> Result<(QueuePlan, KernelState), Failure> {
        let Chosen { folder, settings, .. } = &self.chosen;
        let compared = decide_only(kernel, folder, &self.hierarchy, settings, embedded_version()).map_err(undecided)?;
        say_rebuilt(compared.rebuilt.as_deref());
        Ok((compared.planned, compared.observed))
    }

    /// Writes every problem, those of the plan too, to standard error, as `check` does; gives them all.
    pub(super) fn say_problems(&self, decided: &Decided) -> Result<Vec<Problem>, Failure> {
        say_rebuilt(decided.rebuilt.as_deref());
        let mut problems = self.problems.clone();
        problems.extend(decided.problems());
        let mut said = Vec::new();
        report::write_problems(&mut said, &problems)?;
        terminal::say(&said);
        Ok(problems)
    }

    /// What to change so that the kernel shapes this.
    pub(super) fn decide(&self, kernel: &mut dyn Kernel, allowed: Allowed) -> Result<Decided, Failure> {
        let Chosen { folder, settings, .. } = &self.chosen;
        decide(kernel, folder, &self.hierarchy, settings, embedded_version(), allowed).map_err(undecided)
    }
}

/// The net of this name among those that carry subscribers.
pub(super) fn net_named<'n>(nets: &'n [Net], name: &str) -> Result<&'n Net, Failure> {
    nets.iter().find(|net| net.name == name).ok_or_else(|| {
        let names: Vec<&str> = nets.iter().map(|net| net.name.as_str()).collect();
        let failure = Failure::usage(anyhow!("no net `{name}` is bound to the network"));
        let known = if names.is_empty() { "there is none".to_owned() } else { suggest::list(&names) };
        failure.hint(format!("bound nets have `at` in the overlay's file: {known}"))
    })
}

fn say_rebuilt(rebuilt: Option<&str>) {
    if let Some(rebuilt) = rebuilt {
        terminal::say(format!("warning: {rebuilt}\n").as_bytes());
    }
}

impl Shaped {
    /// Reads the network as the chosen shaper sees it.
    pub(super) fn load(&self, progress: &Progress) -> Result<Wanted, Failure> {
        let mut config = self.config()?;
        let chosen = self.which.choose(&mut config)?;
        if self.folder.is_some() {
            let shaper = &mut config.shaper[chosen.position];
            shaper.root = None; // the folder's files are the network as this shaper sees it already
            shaper.scope = Scope::All;
        }
        let survey = self.inputs.survey(&config, progress)?;
        progress.stage("growing the shapers' trees");
        self.inputs.shapers(&survey, &config.shaper)?; // which says in whose configuration a root is wrong
        Wanted::of(&config, &survey, chosen.position)
    }

    fn config(&self) -> Result<Config, Failure> {
        let Some(folder) = &self.folder else { return self.inputs.config() };
        let file = |name: &str| Some(folder.join(name)).filter(|path: &PathBuf| path.exists());
        let mut config = self.inputs.config_without_network()?;
        config.csv.shaped_devices = Some(folder.join("ShapedDevices.csv"));
        config.csv.nodes = file("network.json");
        config.csv.links = None;
        Ok(config)
    }
}

/// A shaper of a configuration whose network plays no part.
#[derive(Debug, Args)]
pub(super) struct Configured {
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

impl Configured {
    /// The configuration, with what the command line says put over it.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        let mut config = super::inputs::read_config(self.config.as_deref())?;
        self.which.put_over_state(&mut config);
        Ok(config)
    }

    /// The shaper that is meant.
    pub(super) fn choose(&self) -> Result<Chosen, Failure> {
        let mut config = super::inputs::read_config(self.config.as_deref())?;
        self.which.choose(&mut config)
    }

    /// The folder of the shaper that is meant: enough for verbs that need to know nothing else.
    pub(super) fn folder(&self) -> Result<StateFolder, Failure> {
        let mut config = super::inputs::read_config(self.config.as_deref())?;
        let state: &Path = self.which.state.as_deref().unwrap_or(&config.state);
        match &self.which.shaper {
            Some(name) => Ok(StateFolder::of(state, name)),
            None if config.shaper.len() == 1 => Ok(StateFolder::of(state, &config.shaper[0].name)),
            None => self.which.choose(&mut config).map(|chosen| chosen.folder),
        }
    }
}
