//! `pleach rollback`: one step back, whatever the last step was.

use std::io::Write;

use clap::Args;
use jiff::Timestamp;

use super::change::{failure, lock, not_as_before, open_kernel, recorded, session};
use super::said::say_ended;
use super::shaping::Configured;
use super::sync::{Saying, World};
use crate::config::Config;
use crate::exit::{Exit, Failure, HELP};
use crate::generations::Store;
use crate::shaping::change::rollback;
use crate::state::{Name, StateFolder, act_as_owner};
use crate::sync::{self, From, Pin, Request};

/// Go back: undo an apply that waits to be confirmed, else return to an earlier generation and stay there
///
/// An earlier generation is published, applied and told to the hook as a new one is, and no sync changes anything until
/// `--resume`. Where there are no generations, the last apply is undone.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Rollback {
    /// The generation to go back to [default: the one before the current one]
    generation: Option<u64>,
    /// Let syncs follow the sources again
    #[arg(long, conflicts_with_all = ["generation", "kernel"])]
    resume: bool,
    /// Undo the last apply to this host's kernel, confirmed or not, and leave generations alone
    #[arg(long, conflicts_with = "generation")]
    kernel: bool,
    #[command(flatten)]
    configured: Configured,
    #[command(flatten)]
    saying: Saying,
}

impl Rollback {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let config = self.configured.config()?;
        if self.resume {
            return resume(out, &config);
        }
        let has_generations = || Ok::<_, Failure>(Store::at(&config.state).current()?.is_some());
        if self.generation.is_some() || (!self.kernel && !self.is_pending() && has_generations()?) {
            return self.to_generation(out, &config);
        }
        self.undo_apply(out)
    }

    /// Whether an apply waits to be confirmed, or was cut short.
    fn is_pending(&self) -> bool {
        self.configured.folder().is_ok_and(|folder| folder.file(Name::Undo).exists())
    }

    fn to_generation(&self, out: &mut dyn Write, config: &Config) -> Result<Exit, Failure> {
        let request = Request {
            now: Timestamp::now(),
            from: From::LatestArchive, // which nobody asks for: the network is in the generation
            is_dry: false,
            is_strict: false,
            verb: "rollback",
        };
        let mut world = World::new(config);
        let ended = sync::rollback(&request, config, self.generation, &mut world)?;
        drop(world);
        say_ended(out, &ended, self.saying)
    }

    fn undo_apply(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let folder: StateFolder = self.configured.folder()?;
        let mut kernel = open_kernel()?;
        let lock = lock(&folder, &recorded(&folder, Name::Previous))?;
        let done = rollback(&mut session(&mut kernel, &folder)).map_err(|error| failure(&folder, error));
        drop(lock);
        let left = done?;
        if left.is_empty() {
            writeln!(out, "undone: the kernel is as it was before the last apply or stop")?;
            return Ok(Exit::Done);
        }
        writeln!(out, "undone as far as that can be; not as it was before:{}", not_as_before(&left))?;
        Ok(Exit::UndoIncomplete)
    }
}

fn resume(out: &mut dyn Write, config: &Config) -> Result<Exit, Failure> {
    act_as_owner(&config.state)?;
    if Pin::remove(&config.state)? {
        writeln!(out, "not pinned any more: the next sync follows the sources")?;
    } else {
        writeln!(out, "nothing was pinned: syncs follow the sources")?;
    }
    Ok(Exit::Done)
}
