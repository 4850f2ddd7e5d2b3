//! Reading the files of a network, at once and without a generation.

use pleach_csv::{CsvFiles, CsvSource};
use pleach_graph::{GraphBuilder, NetworkGraph, Problems};
use pleach_source::{FetchError, ReadError, Source, Timestamp};

use crate::export::hex;
use crate::nets::BoundNets;

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// The network.
    pub network: NetworkGraph,
    /// What was found wrong while reading.
    pub problems: Problems,
    /// The hash of all that was read, `sha256:` and 64 digits.
    pub snapshot: String,
    /// The documents, for people.
    pub documents: Vec<String>,
}

/// Why a network cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A file is not what it should be.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// What the files say, not yet joined.
#[derive(Debug)]
pub struct Gathered {
    builder: GraphBuilder,
    snapshot: String,
    documents: Vec<String>,
}

impl Gathered {
    /// Binds nets of the overlay to nodes.
    #[must_use]
    pub fn bind(mut self, bound: BoundNets) -> Self {
        bound.nets.into_iter().for_each(|net| self.builder.bind(net));
        bound.problems.as_slice().iter().for_each(|problem| self.builder.report(problem.clone()));
        self
    }

    /// Joins the network. What is excluded claims no address, so that whoever else states it keeps it; names that lead to
    /// no node are for [`Survey`](crate::survey::Survey) to report.
    pub fn build(mut self, exclude: &[String]) -> Loaded {
        for node in exclude.iter().filter_map(|name| self.builder.find_named(name).ok()).collect::<Vec<_>>() {
            self.builder.exclude(node);
        }
        let (network, problems) = self.builder.build();
        Loaded { network, problems, snapshot: self.snapshot, documents: self.documents }
    }
}

/// Reads the files and joins the network, with nothing excluded.
pub fn load(files: &CsvFiles) -> Result<Loaded, LoadError> {
    gather(files).map(|gathered| gathered.build(&[]))
}

/// Reads the files. A file that cannot be read, or a network.json that is none, is an error; a bad row is a problem.
pub fn gather(files: &CsvFiles) -> Result<Gathered, LoadError> {
    let source = CsvSource::new(files.clone());
    let snapshot = source.snapshot(Timestamp::UNIX_EPOCH)?; // nothing is decided by when files were read
    let mut builder = NetworkGraph::builder();
    source.read(&snapshot, &mut builder)?;
    let documents = snapshot.parts.iter().map(|part| part.address.clone()).collect();
    Ok(Gathered { builder, snapshot: format!("sha256:{}", hex(&snapshot.hash())), documents })
}
