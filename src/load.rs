//! Reading the files of a network, at once and without a generation.

use pleach_csv::{CsvFiles, CsvSource};
use pleach_graph::{NetworkGraph, Problems};
use pleach_source::{FetchError, ReadError, Source, Timestamp};

use crate::export::hex;

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

/// Reads the files. A file that cannot be read, or a network.json that is none, is an error; a bad row is a problem.
pub fn load(files: &CsvFiles) -> Result<Loaded, LoadError> {
    let source = CsvSource::new(files.clone());
    let snapshot = source.snapshot(Timestamp::UNIX_EPOCH)?; // nothing is decided by when files were read
    let mut builder = NetworkGraph::builder();
    source.read(&snapshot, &mut builder)?;
    let hash = format!("sha256:{}", hex(&snapshot.hash()));
    let documents = snapshot.parts.iter().map(|part| part.address.clone()).collect();
    drop(snapshot); // joining needs the room
    let (network, problems) = builder.build();
    Ok(Loaded { network, problems, snapshot: hash, documents })
}
