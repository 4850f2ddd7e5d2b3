//! What is measured: the network, and what stages make of it once and share.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use petgraph::graph::UnGraph;
use pleach::config::{Config, CsvFiles, Shaper};
use pleach::load::{Loaded, load};
use pleach::survey::Survey;
use pleach_graph::{NetworkGraph, Prefix};
use tempfile::TempDir;

use crate::files::{IGNORED_FILE, NETWORK_FILE, SUBSCRIBERS_FILE, write_files, write_ignored};
use crate::floors;
use crate::graph::{ParentsBy, build};
use crate::network::Network;

/// How many prefixes are ignored where some are: as many as `LibreQoS` was measured with.
const IGNORED: usize = 64;

/// A generated network, in memory and as files. Each part is made when first asked for.
#[derive(Debug)]
pub struct Subject {
    customers: usize,
    /// Where the files are, if they were written by another process.
    inputs: Option<PathBuf>,
    folder: OnceCell<TempDir>,
    network: OnceCell<Network>,
    survey: OnceCell<Survey>,
    floor_graph: OnceCell<UnGraph<u64, u64>>,
    exported: OnceCell<[Vec<u8>; 2]>,
    stored: OnceCell<Vec<u8>>,
}

impl Subject {
    /// The generated network of so many customers; `inputs` is the folder of its files, where they are written already.
    pub fn new(customers: usize, inputs: Option<PathBuf>) -> Self {
        Self {
            customers,
            inputs,
            folder: OnceCell::new(),
            network: OnceCell::new(),
            survey: OnceCell::new(),
            floor_graph: OnceCell::new(),
            exported: OnceCell::new(),
            stored: OnceCell::new(),
        }
    }

    /// How many customers it has.
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// The records.
    pub fn network(&self) -> &Network {
        self.network.get_or_init(|| Network::generate(self.customers))
    }

    /// The network's graph.
    pub fn graph(&self) -> &NetworkGraph {
        &self.survey().network
    }

    /// What the product knows of the network before a shaper looks at it.
    pub fn survey(&self) -> &Survey {
        self.survey.get_or_init(|| {
            let (network, problems) = build(self.network(), ParentsBy::Index);
            let loaded = Loaded { network, problems, snapshot: "sha256:".to_owned(), documents: Vec::new() };
            Survey::new(loaded, &Config::default())
        })
    }

    /// The shaper files are made for: at the top, as without a configuration.
    pub fn shaper() -> Shaper {
        Shaper::named("default", None)
    }

    /// The least graph of the same shape.
    pub fn floor_graph(&self) -> &UnGraph<u64, u64> {
        self.floor_graph.get_or_init(|| floors::petgraph_build(self.network()))
    }

    /// What the product writes: network.json and ShapedDevices.csv.
    pub fn exported(&self) -> Result<&[Vec<u8>; 2]> {
        if self.exported.get().is_none() {
            let made = crate::export::contents(self.survey())?;
            let _ = self.exported.set(made); // it was empty just now
        }
        self.exported.get().context("invariant: it was just set")
    }

    /// The graph as a generation keeps it.
    pub fn stored(&self) -> Result<&[u8]> {
        if self.stored.get().is_none() {
            let mut lines = Vec::new();
            pleach_graph::stored::write(self.graph(), &mut lines)?;
            let _ = self.stored.set(lines); // it was empty just now
        }
        self.stored.get().map(Vec::as_slice).context("invariant: it was just set")
    }

    /// A folder to write into, removed at the end by the process that made it.
    pub fn folder(&self) -> Result<&Path> {
        if let Some(folder) = self.inputs.as_deref().and_then(Path::parent) {
            return Ok(folder);
        }
        if self.folder.get().is_none() {
            let made = tempfile::tempdir().context("cannot make a folder to write into")?;
            let _ = self.folder.set(made); // it was empty just now
        }
        self.folder.get().map(TempDir::path).context("invariant: it was just set")
    }

    /// The folder that stages write new files into.
    pub fn out(&self) -> Result<PathBuf> {
        Ok(self.folder()?.join("out"))
    }

    /// The same folder, with nothing in it.
    pub fn emptied_out(&self) -> Result<PathBuf> {
        let out = self.out()?;
        if out.exists() {
            std::fs::remove_dir_all(&out)?;
        }
        std::fs::create_dir(&out)?;
        Ok(out)
    }

    /// The folder of the network's files, written if they are not there yet.
    pub fn inputs(&self) -> Result<PathBuf> {
        if let Some(inputs) = &self.inputs {
            return Ok(inputs.clone());
        }
        let inputs = self.folder()?.join("inputs");
        if !inputs.exists() {
            std::fs::create_dir(&inputs)?;
            write_files(self.network(), &inputs)?;
            write_ignored(IGNORED, &inputs)?;
        }
        Ok(inputs)
    }

    /// A configuration that reads those files.
    pub fn config(&self) -> Result<Config> {
        let inputs = self.inputs()?;
        let csv = CsvFiles {
            shaped_devices: Some(inputs.join(SUBSCRIBERS_FILE)),
            nodes: Some(inputs.join(NETWORK_FILE)),
            links: None,
        };
        Ok(Config { csv, ..Config::default() })
    }

    /// The prefixes to ignore.
    pub fn ignored(&self) -> Result<Vec<Prefix>> {
        let text = std::fs::read_to_string(self.inputs()?.join(IGNORED_FILE))?;
        text.lines().map(|line| Ok(Prefix::parse(line)?.prefix)).collect()
    }

    /// Reads the files, and makes sure that all of them were understood.
    pub fn load(&self) -> Result<Loaded> {
        let loaded = load(&self.config()?.csv)?;
        anyhow::ensure!(
            loaded.problems.is_empty() && loaded.network.circuits().len() == self.customers,
            "{} customers were read as {} circuits with {} problems",
            self.customers,
            loaded.network.circuits().len(),
            loaded.problems.len()
        );
        Ok(loaded)
    }
}
