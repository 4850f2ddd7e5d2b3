//! The file that a model is read from, and what it says of this host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use pleach_graph::Problem;
use pleach_kernel::counting;
use pleach_overlay::links::{Found, LinkState, wanted, wanted_here};
use pleach_overlay::{Checked, Counting, Host, Model, Mtu, Reading, check};
use pleach_tc::MarkField;

use crate::cli::inputs::read_config;
use crate::exit::Failure;
use crate::overlay::{self, Acceptance, NoSuchPhys, holds_directives, reading};
use crate::state::{StateFolder, act_as_owner};

/// A model's file.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The overlay: directives where the name ends in .lsctl, else TOML [default: the configured one]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// What the file's `$argv` holds, for directives
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
    /// Configuration file [default: ./pleach.toml, then /etc/pleach/pleach.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A model with the phys that the configuration says is this host's.
pub(super) struct Read {
    pub(super) reading: Reading,
    pub(super) phys: Option<String>,
    /// Where packets say which net they came out of.
    pub(super) mark: MarkField,
}

/// Where it is remembered what interfaces were like.
#[derive(Debug, Args)]
pub(super) struct State {
    /// Folder for what must be remembered between runs [default: the configured one, or /var/lib/pleach]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// What a commit needs beside a model.
pub(super) struct Local {
    /// Where it is remembered what interfaces were like.
    pub(super) folder: StateFolder,
    /// Where packets say which net they came out of.
    pub(super) mark: MarkField,
    /// Whether it may replace all that is here.
    pub(super) acceptance: Acceptance,
    /// How this host's kernel counts aggregates of a tunnel's packets, if it shapes.
    pub(super) counting: Counting,
}

/// Whether a commit may replace all that is here.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Accept {
    /// Go on even if this host was committed as another phys, or nothing of the overlay that is on it would remain
    #[arg(long)]
    accept_changes: bool,
}

impl Accept {
    pub(super) const fn acceptance(self) -> Acceptance {
        if self.accept_changes { Acceptance::Everything } else { Acceptance::Guarded }
    }
}

impl State {
    /// Reads the configuration. From here on files are touched as the state folder's owner.
    pub(super) fn local(&self, config: Option<&Path>, acceptance: Acceptance) -> Result<Local, Failure> {
        let config = read_config(config)?;
        let state = self.state.as_ref().unwrap_or(&config.state);
        act_as_owner(state)?;
        // Who shapes nothing counts nothing.
        let shapes = config.shaper.iter().any(|shaper| shaper.interfaces.is_some());
        let counting = if shapes { counting() } else { Counting::AsPackets };
        Ok(Local { folder: StateFolder::of_overlays(state), mark: config.overlay.mark, acceptance, counting })
    }
}

impl Source {
    /// The configuration file that is named.
    pub(super) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// Reads the file; a script is run, and what it asks for is not done.
    pub(super) fn read(&self) -> Result<Read, Failure> {
        let overlay = read_config(self.config())?.overlay;
        if let Some(file) = &self.file {
            return Ok(Read { reading: self.read_file(file)?, phys: None, mark: overlay.mark });
        }
        let file = overlay.file.ok_or_else(|| {
            Failure::usage(anyhow!("no overlay is named"))
                .hint("name its file, or set `file` under `[overlay]` in pleach.toml")
        })?;
        Ok(Read { reading: self.read_file(&file)?, phys: overlay.phys, mark: overlay.mark })
    }

    fn read_file(&self, file: &Path) -> Result<Reading, Failure> {
        let text = text(file)?;
        if !holds_directives(file) && !self.arguments.is_empty() {
            let document = file.display();
            let error = anyhow!("arguments are for files of directives, and `{document}` is not called `.lsctl`");
            return Err(Failure::usage(error));
        }
        reading(file, &text, &self.arguments).map_err(Failure::usage)
    }
}

/// The text of a file.
pub(super) fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display())).map_err(Failure::usage)
}

/// Checks what was read.
pub(super) fn checked<'r>(reading: &'r Reading, host: &'r Host) -> (Option<Checked<'r>>, Vec<Problem>) {
    check(&reading.model, &reading.origins, host, reading.problems.clone())
}

/// The interfaces of this host that an overlay may stand on, all that it did not make, and the host's addresses.
pub(super) fn host(found: &Found, addresses: BTreeSet<IpAddr>, counting: Counting) -> Host {
    let mtu = |bytes: u32| Mtu::new(bytes.min(u16::MAX.into()).into()).unwrap_or(Mtu::LEAST);
    let interfaces: BTreeMap<_, _> = found.others.iter().map(|(name, other)| (name.clone(), mtu(other.mtu))).collect();
    Host { interfaces: Some(interfaces), addresses: Some(addresses), counting }
}

/// Makes this phys the local one, beside none.
pub(super) fn claim(model: &mut Model, phys: &str) -> Result<(), Failure> {
    overlay::claim(model, phys).map_err(|_| no_such_phys(model, phys))
}

fn no_such_phys(model: &Model, phys: &str) -> Failure {
    let hint = match model.physes().len() {
        0 => "the file has no phys at all".to_owned(),
        _ => format!("there are {}", known(model)),
    };
    Failure::usage(NoSuchPhys(phys.to_owned())).hint(hint)
}

fn known(model: &Model) -> String {
    let names: Vec<&str> = model.physes().keys().map(pleach_overlay::Name::as_str).collect();
    pleach_graph::suggest::list(&names)
}

/// What this host needs, or that of a phys.
pub(super) fn needed(checked: Checked<'_>, phys: Option<&str>, mark: MarkField) -> Result<LinkState, Failure> {
    let model = checked.model();
    let state = match phys {
        Some(phys) => match model.physes().get_key_value(phys) {
            Some((name, _)) => wanted(checked, name, mark),
            None => return Err(no_such_phys(model, phys)),
        },
        None if model.local_physes().next().is_none() => {
            let error = anyhow!("no phys is claimed local, so it is not known which host this is");
            let hint = match model.physes().len() {
                0 => "the file has no phys at all".to_owned(),
                _ => format!(
                    "say so in the file (`local = true`, `claimLocal`), or name one with `--phys`: {}",
                    known(model)
                ),
            };
            return Err(Failure::usage(error).hint(hint));
        }
        None => wanted_here(checked, mark),
    };
    state.map_err(Failure::usage)
}
