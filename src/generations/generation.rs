//! A generation that is there: what it says of itself, and the network it holds.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use pleach_graph::stored::{self, StoredError};
use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, Manifest};
use super::names;
use crate::export::{FILE_NAMES, hex};
use crate::load::Loaded;
use crate::policy::NetworkPolicy;
use crate::survey::Survey;

/// A generation.
#[derive(Clone, Debug)]
pub struct Generation {
    /// What it says of itself.
    pub manifest: Manifest,
    folder: PathBuf,
}

/// How much of the network is decompressed ahead: enough that asking for more does not show in the time.
const READ_AHEAD: usize = 128 << 10;

/// Why a generation cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GenerationError {
    /// A file of it cannot be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of it is not what it should be.
    #[error("`{}` is damaged", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Its network is not what it should be.
    #[error("`{}`", path.display())]
    Stored {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: StoredError,
    },
    /// A file of it is not the one that its manifest means.
    #[error("`{}` is not the file that was written: its hash differs", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// It was made by a version of Pleach that this one does not know.
    #[error("`{}` has the format {format}, and this version reads format {}", path.display(), Manifest::FORMAT)]
    Format {
        /// Its manifest.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
}

impl Generation {
    pub(super) fn open(folder: &Path) -> Result<Self, GenerationError> {
        let path = folder.join(names::MANIFEST);
        let bytes = read(&path)?;
        let manifest: Manifest = parse(&path, &bytes)?;
        if manifest.format != Manifest::FORMAT {
            return Err(GenerationError::Format { path, format: manifest.format });
        }
        Ok(Self { manifest, folder: folder.to_owned() })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The network it holds, with its census and its problems.
    pub fn survey(&self) -> Result<Survey, GenerationError> {
        let policy_path = self.folder.join(names::POLICY);
        let policy: NetworkPolicy = parse(&policy_path, &read(&policy_path)?)?;
        let path = self.folder.join(names::GRAPH);
        let unreadable = |source| GenerationError::Io { path: path.clone(), source };
        let file = File::open(&path).map_err(unreadable)?;
        let decoder = zstd::Decoder::new(file).map_err(unreadable)?;
        let damaged = |path: &Path| {
            let path = path.to_owned();
            |source| GenerationError::Stored { path, source }
        };
        let network = stored::read(BufReader::with_capacity(READ_AHEAD, decoder)).map_err(damaged(&path))?;
        let path = self.folder.join(names::PROBLEMS);
        let file = File::open(&path).map_err(|source| GenerationError::Io { path: path.clone(), source })?;
        let problems = stored::read_problems(BufReader::new(file)).map_err(damaged(&path))?;
        let problems = problems.into_iter().collect();
        let addresses = self.manifest.sources.iter().flat_map(|source| &source.parts);
        let documents = addresses.map(|part| part.address.clone()).collect();
        let snapshot = self.manifest.inputs.clone();
        Ok(Survey::under(policy, Loaded { network, problems, snapshot, documents }))
    }

    /// The bytes of a shaper's files, in the order of [`FILE_NAMES`], as they were written.
    pub fn shaper_files(&self, shaper: &str) -> Result<[Vec<u8>; 3], GenerationError> {
        let mut files = [const { Vec::new() }; 3];
        for (file, name) in files.iter_mut().zip(FILE_NAMES) {
            *file = self.checked(&shaper_path(shaper, name))?;
        }
        Ok(files)
    }

    /// Reads every file of it and compares it with the manifest.
    pub fn check(&self) -> Result<(), GenerationError> {
        self.manifest.files.iter().try_for_each(|entry| self.checked(&entry.path).map(drop))
    }

    fn checked(&self, name: &str) -> Result<Vec<u8>, GenerationError> {
        let path = self.folder.join(name);
        let bytes = read(&path)?;
        let is_it = |entry: &&FileEntry| entry.path == name;
        match self.manifest.files.iter().find(is_it) {
            Some(entry) if entry.sha256 == hex(&Sha256::digest(&bytes)) => Ok(bytes),
            _ => Err(GenerationError::Changed { path }),
        }
    }
}

/// The path of a shaper's file in a generation.
pub(crate) fn shaper_path(shaper: &str, name: &str) -> String {
    format!("{}/{shaper}/{name}", names::SHAPERS)
}

fn read(path: &Path) -> Result<Vec<u8>, GenerationError> {
    fs::read(path).map_err(|source| GenerationError::Io { path: path.to_owned(), source })
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, GenerationError> {
    serde_json::from_slice(bytes).map_err(|source| GenerationError::Json { path: path.to_owned(), source })
}
