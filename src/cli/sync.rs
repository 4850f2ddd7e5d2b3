//! `pleach sync`: what the sources say becomes files and shaping.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::apply::{Allow, apply_once};
use super::inputs::read_config;
use super::said::say_ended;
use super::shaping::Wanted;
use crate::config::Config;
use crate::exit::{Exit, Failure, HELP};
use crate::progress::Progress;
use crate::sources;
use crate::survey::Survey;
use crate::sync::{self, Effects, From, LogFormat, Request, Step};

/// Read every source, and make files and shaping follow: for cron and timers
///
/// Nothing is changed where a source cannot be read, where the guard refuses, or where every file is as it was.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Sync {
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Show what would be different, and change nothing: exit code 7 if anything would
    #[arg(long)]
    dry_run: bool,
    /// Read a kept snapshot instead of the sources: a file, or `latest`
    #[arg(long, value_name = "FILE", conflicts_with = "accept_changes")]
    from_snapshot: Option<PathBuf>,
    /// Accept exactly what was refused under this hash, from its snapshot
    #[arg(long, value_name = "HASH")]
    accept_changes: Option<String>,
    /// Treat any error or warning as a failure: exit code 3, and nothing is written
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    saying: Saying,
}

/// How much is said, and how.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Saying {
    /// Say only what is new since the last run, and nothing if all is well: for cron
    #[arg(long)]
    pub(super) quiet: bool,
    /// Print what came of the run as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// How standard error is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) log: LogFormat,
}

impl Sync {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let config = read_config(self.config.as_deref())?;
        let sources = sources::configured(&config).map_err(Failure::usage)?;
        if sources.is_empty() {
            let failure = Failure::usage(anyhow::anyhow!("the configuration names no source to read"));
            return Err(failure.hint("set `shaped_devices` under `[csv]`, or another source"));
        }
        let request = Request {
            now: Timestamp::now(),
            from: self.from(),
            is_dry: self.dry_run,
            is_strict: self.strict,
            verb: "sync",
        };
        let mut world = World::new(&config);
        let ended = sync::run(&request, &config, &sources, &mut world)?;
        drop(world);
        say_ended(out, &ended, self.saying)
    }

    fn from(&self) -> From {
        match (&self.from_snapshot, &self.accept_changes) {
            (Some(path), _) if path.as_os_str() == "latest" => From::LatestArchive,
            (Some(path), _) => From::Archive(path.clone()),
            (None, Some(hash)) => From::Refused(hash.clone()),
            (None, None) => From::Sources,
        }
    }
}

/// The real world: this host's kernel, and a terminal.
pub(super) struct World<'a> {
    config: &'a Config,
    progress: Option<Progress>,
}

impl<'a> World<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        Self { config, progress: Some(Progress::start()) }
    }
}

impl Effects for World<'_> {
    fn step(&mut self, step: Step) {
        if let Some(progress) = &self.progress {
            progress.stage(step.as_str());
        }
    }

    fn apply(&mut self, shaper: usize, survey: &Survey) -> Result<String, Failure> {
        self.progress = None; // a terminal that hangs must not hold the lock
        let wanted = Wanted::of(self.config, survey, shaper)?;
        apply_once(&wanted, Allow::default())
    }
}
